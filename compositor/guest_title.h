// SPDX-License-Identifier: MIT
#ifndef PH_GUEST_TITLE_H
#define PH_GUEST_TITLE_H

/*
 * What the guest in that directory is called: "name" in its guest.scfg, which
 * its owner wrote, or id where there is none or the file cannot be read (its
 * bridge says what is wrong with it). At most 64 bytes, no control characters.
 * Never NULL; the caller frees it.
 */
char *guest_title_read(const char *dir, const char *id);

#endif
