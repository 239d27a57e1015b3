// SPDX-License-Identifier: MIT
#ifndef PH_GUEST_CONFIG_H
#define PH_GUEST_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What a guest's directory says about it: guest.scfg, see phyllome-guest(5). Pure. */

/* A guest.scfg larger than this is refused. */
#define PH_GUEST_CONFIG_SIZE_MAX 65536

#define PH_MEMORY_MIN ((uint64_t)1 << 20)
#define PH_MEMORY_MAX ((uint64_t)1 << 44)
#define PH_CPUS_MAX 255
#define PH_HEADS_MAX 16
#define PH_GUEST_NAME_MAX 64 /* bytes */

enum ph_machine {
	PH_MACHINE_Q35,
	PH_MACHINE_PC,
	PH_MACHINE_MICROVM,
};

enum ph_firmware_kind {
	PH_FIRMWARE_BIOS,
	PH_FIRMWARE_EFI,
};

enum ph_disk_format {
	PH_DISK_QCOW2,
	PH_DISK_RAW,
};

enum ph_disk_bus {
	PH_BUS_VIRTIO,
	PH_BUS_SATA,
	PH_BUS_IDE,
	PH_BUS_SCSI,
};

enum ph_display_device {
	PH_DISPLAY_AUTO,
	PH_DISPLAY_VIRTIO,
	PH_DISPLAY_VIRTIO_GL,
	PH_DISPLAY_VGA,
	PH_DISPLAY_CIRRUS,
	PH_DISPLAY_VMWARE,
};

enum ph_choice {
	PH_AUTO,
	PH_ON,
	PH_OFF,
};

enum ph_pointer_kind {
	PH_POINTER_DEVICE_ABSOLUTE,
	PH_POINTER_DEVICE_RELATIVE,
	PH_POINTER_DEVICE_TOUCH,
};

enum ph_accel {
	PH_ACCEL_AUTO,
	PH_ACCEL_KVM,
	PH_ACCEL_TCG,
};

enum ph_network {
	PH_NETWORK_USER,
	PH_NETWORK_NONE,
};

enum ph_network_device {
	PH_NETWORK_VIRTIO,
	PH_NETWORK_E1000E,
	PH_NETWORK_E1000,
	PH_NETWORK_RTL8139,
};

/* A file that the guest needs; path is absolute if the guest's directory is, NULL: none. */
struct ph_config_file {
	char *path;
	int line; /* where in guest.scfg it is named */
};

struct ph_disk {
	struct ph_config_file file;
	enum ph_disk_format format;
	enum ph_disk_bus bus;
	bool read_only;
	bool snapshot; /* writes are forgotten when the guest ends */
};

/* All strings belong to the struct. */
struct ph_guest_config {
	char *name;
	bool edge; /* the session draws one */
	uint64_t memory; /* bytes, a multiple of 1 MiB */
	uint32_t cpus;
	enum ph_machine machine;
	enum ph_firmware_kind firmware;
	struct ph_disk *disks;
	size_t disk_count;
	struct ph_config_file *isos;
	size_t iso_count;
	struct ph_config_file kernel, initrd; /* the second only with the first */
	char *cmdline;                        /* NULL: none */
	struct {
		enum ph_display_device device;
		uint32_t heads;
		enum ph_choice gl;
		struct ph_config_file render_node; /* no path: the host's first */
	} display;
	enum ph_pointer_kind pointer;
	enum ph_accel accel;
	enum ph_choice agent; /* PH_ON or PH_OFF */
	enum ph_network network;
	enum ph_network_device network_device;
	struct ph_config_file program; /* no path: found in PATH */
	char **args;                   /* appended to the command line */
	size_t arg_count;
};

#define PH_CONFIG_ERROR_MAX 1024

/*
 * Reads text (size bytes, no NUL needed) into config. file is the name used in
 * messages, dir the guest's directory, which relative paths are joined to, id
 * the guest's default name. On failure false, error is one line "FILE:LINE:
 * key: what is wrong and what was expected", and config is empty: nothing is
 * ever half applied. Does not look at any file.
 */
bool guest_config_parse(struct ph_guest_config *config, const char *file, const char *dir,
    const char *id, const char *text, size_t size, char error[PH_CONFIG_ERROR_MAX]);

/* Frees what the struct owns and zeroes it. Safe on zeroed memory. */
void guest_config_finish(struct ph_guest_config *config);

#endif
