// SPDX-License-Identifier: MIT
#ifndef PH_FIRMWARE_H
#define PH_FIRMWARE_H

#include <stdbool.h>
#include <stddef.h>

/*
 * QEMU's firmware descriptors (docs/interop/firmware.json of QEMU): which file
 * is the code of a UEFI firmware and which the template of its variables. Pure.
 */

/* All strings belong to the struct; code NULL: none. */
struct ph_firmware {
	char *code, *code_format; /* "raw" or "qcow2" */
	char *vars, *vars_format; /* the template, to be copied for each guest */
};

enum ph_firmware_result {
	PH_FIRMWARE_FITS,
	PH_FIRMWARE_UNFIT,  /* a descriptor, but of another kind of firmware */
	PH_FIRMWARE_BROKEN, /* not a descriptor */
};

/*
 * Reads a descriptor (NUL-terminated). It fits when it is UEFI in flash with a
 * variable store for this machine of x86_64 ("pc-q35-" or "pc-i440fx-" is
 * machine_prefix), without Secure Boot and without a need for SMM. firmware is
 * filled only when it fits.
 */
enum ph_firmware_result firmware_parse(
    struct ph_firmware *firmware, const char *text, const char *machine_prefix);

/* Safe on zeroed memory, which it leaves. */
void firmware_finish(struct ph_firmware *firmware);

#endif
