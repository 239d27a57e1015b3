// SPDX-License-Identifier: MIT
#ifndef PH_HOST_CHECK_H
#define PH_HOST_CHECK_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* Something that is wrong with the computer, for the person in front of it. */
struct ph_problem {
	const char *id; /* short and stable, for scripts and tests; static */
	char *text;     /* what is wrong: one sentence; owned */
	char *advice;   /* what to do about it; owned */
	char *command;  /* a line to type in a terminal; owned; NULL: there is none */
	bool fatal; /* no guest can run until it is solved; otherwise guests are slow or plain */
};

enum ph_host_maker {
	PH_MAKER_OTHER,
	PH_MAKER_INTEL,
	PH_MAKER_AMD,
};

/* Which package names to speak of. */
enum ph_host_family {
	PH_FAMILY_OTHER,
	PH_FAMILY_DEBIAN,
	PH_FAMILY_FEDORA,
};

enum ph_host_qemu {
	PH_QEMU_OK,
	PH_QEMU_MISSING,        /* not in PATH */
	PH_QEMU_NOT_EXECUTABLE, /* there, but this user may not run it */
	PH_QEMU_BROKEN,         /* ended without saying which displays it has */
	PH_QEMU_SILENT,         /* did not answer in time */
};

/* What was found out about the computer. */
struct ph_host_facts {
	bool x86;                 /* firmware advice is for PCs only */
	enum ph_host_maker maker; /* of the processor */
	bool cpu_vmx, cpu_svm; /* the kernel lists hardware virtualisation among the CPU's flags */
	bool inside_vm;        /* this computer is itself a virtual machine */
	int kvm_error;         /* errno of opening /dev/kvm, 0 when it opens */
	bool kvm_module;       /* kvm is in the kernel */
	bool kvm_maker_module; /* kvm_intel or kvm_amd is, too */
	enum ph_host_family family;
	enum ph_host_qemu qemu;
	const char *qemu_program; /* name or path that was looked for */
	bool qemu_dbus;           /* it lists the display "dbus" */
};

/*
 * What is wrong, from the facts, worst first; an empty list (NULL, 0) for a
 * good computer. Pure. The caller frees the list with host_check_free().
 */
size_t host_check_judge(const struct ph_host_facts *facts, struct ph_problem **out);

/* Finding out about this computer, which takes as long as QEMU takes to answer. */
struct ph_host_check {
	struct ph_host_facts facts; /* a good QEMU is assumed until it has answered */
	pid_t pid;                  /* QEMU, 0: it has answered, or cannot be started */
	int pidfd;                  /* readable when it has; -1 with pid 0 */
	int output_fd;              /* a file that it writes to; -1 with pid 0 */
};

/*
 * Reads /proc, /sys and /etc/os-release, opens /dev/kvm for a moment, and asks
 * QEMU for its displays, without waiting for the answer. qemu_program is kept
 * as a pointer in the facts; NULL means the QEMU of this processor. True: all
 * is known already. False: host_check_end() is to be called when pidfd is
 * readable, or after PH_HOST_CHECK_WAIT_MS without that.
 */
bool host_check_begin(struct ph_host_check *check, const char *qemu_program);

/* Takes QEMU's answer, or kills it if there is none yet. Safe on zeroed memory, and twice. */
void host_check_end(struct ph_host_check *check);

#define PH_HOST_CHECK_WAIT_MS 3000

/* NULL is allowed. */
void host_check_free(struct ph_problem *problems, size_t count);

#endif
