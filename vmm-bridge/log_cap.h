// SPDX-License-Identifier: MIT
#ifndef PH_LOG_CAP_H
#define PH_LOG_CAP_H

/*
 * Keeps a guest's logs small. They lie in memory (tmpfs), and a guest can make QEMU write:
 * virtio-gpu says each wrong command. A log that has become too large is begun anew. The
 * kernel tells when one is written (inotify(7)), so this costs nothing while none is.
 */

/* A log is not larger than that, in bytes. */
#define PH_LOG_CAP 4194304

/* Watches QEMU's log and the bridge's in that directory. A descriptor to poll for POLLIN; -1: logged. */
int log_cap_watch(const char *runtime);

/* The descriptor is readable. */
void log_cap_handle(int watch, const char *runtime);

#endif
