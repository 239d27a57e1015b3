// SPDX-License-Identifier: MIT
#include "firmware.h"

#include <stdlib.h>
#include <string.h>
#include <systemd/sd-json.h>

#include "alloc.h"

/* The string at key, NULL if there is none. Belongs to object. */
static const char *get_string(sd_json_variant *object, const char *key)
{
	sd_json_variant *value = sd_json_variant_by_key(object, key);
	return value && sd_json_variant_is_string(value) ? sd_json_variant_string(value) : NULL;
}

static bool array_has(sd_json_variant *object, const char *key, const char *text)
{
	sd_json_variant *array = sd_json_variant_by_key(object, key);
	if (!array || !sd_json_variant_is_array(array)) {
		return false;
	}
	for (size_t i = 0; i < sd_json_variant_elements(array); i++) {
		sd_json_variant *element = sd_json_variant_by_index(array, i);
		if (sd_json_variant_is_string(element) &&
		    strcmp(sd_json_variant_string(element), text) == 0) {
			return true;
		}
	}
	return false;
}

static bool fits_machine(sd_json_variant *root, const char *machine_prefix)
{
	sd_json_variant *targets = sd_json_variant_by_key(root, "targets");
	if (!targets || !sd_json_variant_is_array(targets)) {
		return false;
	}
	for (size_t i = 0; i < sd_json_variant_elements(targets); i++) {
		sd_json_variant *target = sd_json_variant_by_index(targets, i);
		const char *architecture = get_string(target, "architecture");
		sd_json_variant *machines = sd_json_variant_by_key(target, "machines");
		if (!architecture || strcmp(architecture, "x86_64") != 0 || !machines ||
		    !sd_json_variant_is_array(machines)) {
			continue;
		}
		for (size_t k = 0; k < sd_json_variant_elements(machines); k++) {
			sd_json_variant *machine = sd_json_variant_by_index(machines, k);
			if (sd_json_variant_is_string(machine) &&
			    strncmp(sd_json_variant_string(machine), machine_prefix,
				strlen(machine_prefix)) == 0) {
				return true;
			}
		}
	}
	return false;
}

/* Whether object names a file by absolute path in a format that QEMU can map as flash. */
static bool get_file(sd_json_variant *object, const char **path, const char **format)
{
	*path = get_string(object, "filename");
	*format = get_string(object, "format");
	return *path && (*path)[0] == '/' && *format &&
	       (strcmp(*format, "raw") == 0 || strcmp(*format, "qcow2") == 0);
}

enum ph_firmware_result firmware_parse(
    struct ph_firmware *firmware, const char *text, const char *machine_prefix)
{
	sd_json_variant *root = NULL;
	if (sd_json_parse(text, 0, &root, NULL, NULL) < 0) {
		return PH_FIRMWARE_BROKEN;
	}
	enum ph_firmware_result result = PH_FIRMWARE_BROKEN;
	sd_json_variant *mapping = sd_json_variant_by_key(root, "mapping");
	const char *device = get_string(mapping, "device");
	const char *mode = get_string(mapping, "mode");
	if (!device || !sd_json_variant_is_array(sd_json_variant_by_key(root, "interface-types"))) {
		goto out;
	}
	result = PH_FIRMWARE_UNFIT;
	if (!array_has(root, "interface-types", "uefi") || strcmp(device, "flash") != 0 ||
	    (mode && strcmp(mode, "split") != 0) || array_has(root, "features", "secure-boot") ||
	    array_has(root, "features", "requires-smm") || !fits_machine(root, machine_prefix)) {
		goto out;
	}
	const char *code, *code_format, *vars, *vars_format;
	if (!get_file(sd_json_variant_by_key(mapping, "executable"), &code, &code_format) ||
	    !get_file(sd_json_variant_by_key(mapping, "nvram-template"), &vars, &vars_format)) {
		goto out;
	}
	*firmware = (struct ph_firmware){
	    .code = alloc_string(code),
	    .code_format = alloc_string(code_format),
	    .vars = alloc_string(vars),
	    .vars_format = alloc_string(vars_format),
	};
	result = PH_FIRMWARE_FITS;
out:
	sd_json_variant_unref(root);
	return result;
}

void firmware_finish(struct ph_firmware *firmware)
{
	free(firmware->code);
	free(firmware->code_format);
	free(firmware->vars);
	free(firmware->vars_format);
	*firmware = (struct ph_firmware){0};
}
