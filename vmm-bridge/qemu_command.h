// SPDX-License-Identifier: MIT
#ifndef PH_QEMU_COMMAND_H
#define PH_QEMU_COMMAND_H

#include <stdbool.h>
#include <stddef.h>

#include "firmware.h"
#include "guest_config.h"

/*
 * From what a guest wants and what the host can do to QEMU's command line,
 * each option with the reason why it is there. Pure.
 */

#define PH_MONITOR_NAME_MAX 12 /* what fits into the EDID that QEMU makes (EDID_NAME_MAX_LENGTH in its edid.h) */

/* What the guest's monitors are called, as the real ones where they belong; "": not known. */
struct ph_monitor_names {
	char heads[PH_HEADS_MAX][PH_MONITOR_NAME_MAX + 1];
};

/* Notes the name of a head's monitor: what fits of it, and what is printable. */
void monitor_names_set(struct ph_monitor_names *names, uint32_t console, const char *name);

/* What host.c found out. Strings belong to whoever filled it. */
struct ph_host_facts {
	const char *program;     /* QEMU, absolute */
	bool kvm;                /* a virtual machine could be made with it */
	const char *kvm_reason;  /* one line: why not; NULL with kvm */
	const char *render_node; /* NULL: none that can be opened */
	bool udmabuf;            /* /dev/udmabuf can be opened */
	struct ph_firmware efi;  /* for the guest's machine; code NULL: none found */
	const char *nvram;       /* the guest's own copy of efi.vars */
	bool compositor_dmabuf;  /* the compositor takes dma-bufs */
	bool avoid_kvm;          /* KVM was tried for this guest and failed */
	struct ph_monitor_names monitors;
	int qmp_fd, agent_fd;    /* the listening sockets that QEMU inherits */
};

struct ph_qemu_option {
	char *flag;         /* "-m" */
	char *value;        /* NULL: the flag stands alone */
	const char *reason; /* static: one line for a person */
};

/* Everything belongs to the struct. */
struct ph_qemu_command {
	char *program;
	struct ph_qemu_option *options;
	size_t option_count;
	char **notes; /* what the guest did not get as wished, and why; one line each */
	size_t note_count;
	bool kvm;        /* runs on KVM */
	bool kvm_wished; /* and was not forced to: TCG may be tried after it */
	bool gl;         /* pictures come as dma-bufs */
	bool agent;      /* has a port for the guest's agent, on agent_fd */
};

#define PH_COMMAND_ERROR_MAX 512

/*
 * Builds the command. False when the guest's configuration asks for what this
 * host cannot do; error is then one line and command empty.
 */
bool qemu_command_build(struct ph_qemu_command *command, const struct ph_guest_config *config,
    const struct ph_host_facts *host, char error[PH_COMMAND_ERROR_MAX]);

/*
 * The arguments for exec, ending with NULL, first the program. The array is to
 * be freed with free(), the strings belong to command.
 */
char **qemu_command_argv(const struct ph_qemu_command *command);

/* Safe on zeroed memory, which it leaves. */
void qemu_command_finish(struct ph_qemu_command *command);

#endif
