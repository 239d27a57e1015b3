// SPDX-License-Identifier: MIT
#ifndef PH_HOST_H
#define PH_HOST_H

#include <stdbool.h>

#include "guest_config.h"
#include "qemu_command.h"

/*
 * What this computer can do for a guest. These functions open files and may
 * block for a moment: they run in the starter, never in the bridge's loop.
 */

#define PH_HOST_ERROR_MAX 1024

struct ph_host {
	struct ph_host_facts facts; /* its strings are the ones below */
	char *program, *render_node, *nvram;
	char kvm_reason[256];
};

/*
 * Finds QEMU and looks at KVM, GPUs and firmware. False only when there is no
 * QEMU: error is one line, and host needs no finish.
 */
bool host_probe(struct ph_host *host, const struct ph_guest_config *config, const char *guest_dir,
    char error[PH_HOST_ERROR_MAX]);

/* Safe on zeroed memory, which it leaves. */
void host_finish(struct ph_host *host);

/*
 * Whether every file that config names is there and can be read or written as
 * it must be. error is "FILE:LINE: key: ..." with file as FILE.
 */
bool host_check_files(
    const struct ph_guest_config *config, const char *file, char error[PH_HOST_ERROR_MAX]);

/*
 * Makes the guest's UEFI variables from the firmware's template, if they are
 * not there yet: whole or not at all.
 */
bool host_prepare_nvram(const char *template, const char *nvram, char error[PH_HOST_ERROR_MAX]);

/*
 * Whether a virtual machine can be made with the KVM device at path. That it
 * can be opened says little: there are ones that only pretend.
 */
bool host_check_kvm(const char *path, char *reason, size_t size);

/*
 * The absolute path of QEMU: configured (NULL: looked up in the search path
 * list, as of $PATH). To be freed; NULL and error if there is none.
 */
char *host_find_qemu(
    const char *configured, const char *search_path, char error[PH_HOST_ERROR_MAX]);

#endif
