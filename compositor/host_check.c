// SPDX-License-Identifier: MIT
#include "host_check.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include "spawn.h"

/* Longest answer of QEMU that is looked at, bytes. */
#define ANSWER_LIMIT 65536

/* Whether a line, or a list of words, has this very word in it. */
static bool has_word(const char *text, const char *word)
{
	size_t length = strlen(word);

	for (const char *at = text; (at = strstr(at, word)); at += length) {
		bool starts = at == text || strchr(" \t\n:=\"", at[-1]);

		if (starts && (!at[length] || strchr(" \t\n\"", at[length])))
			return true;
	}
	return false;
}

static void read_cpuinfo(struct ph_host_facts *facts)
{
	FILE *file = fopen("/proc/cpuinfo", "re");
	char *line = NULL;
	size_t room = 0;

	/* All processors of a computer are alike: the first one's lines will do. */
	while (file && getline(&line, &room, file) > 1) {
		if (strncmp(line, "vendor_id", 9) == 0) {
			if (has_word(line, "GenuineIntel"))
				facts->maker = PH_MAKER_INTEL;
			else if (has_word(line, "AuthenticAMD") || has_word(line, "HygonGenuine"))
				facts->maker = PH_MAKER_AMD;
		} else if (strncmp(line, "flags", 5) == 0) {
			facts->cpu_vmx = has_word(line, "vmx");
			facts->cpu_svm = has_word(line, "svm");
			facts->inside_vm = has_word(line, "hypervisor");
		}
	}
	free(line);
	if (file)
		fclose(file);
}

static enum ph_host_family read_family(void)
{
	FILE *file = fopen("/etc/os-release", "re");
	enum ph_host_family family = PH_FAMILY_OTHER;
	char *line = NULL;
	size_t room = 0;

	while (file && getline(&line, &room, file) > 0) {
		if (strncmp(line, "ID=", 3) != 0 && strncmp(line, "ID_LIKE=", 8) != 0)
			continue;
		if (has_word(line, "debian") || has_word(line, "ubuntu"))
			family = PH_FAMILY_DEBIAN;
		else if (has_word(line, "fedora") || has_word(line, "rhel"))
			family = PH_FAMILY_FEDORA;
	}
	free(line);
	if (file)
		fclose(file);
	return family;
}

static int try_kvm(void)
{
	int fd = open("/dev/kvm", O_RDWR | O_CLOEXEC);

	if (fd < 0)
		return errno;
	close(fd);
	return 0;
}

static bool start_qemu(struct ph_host_check *check)
{
	const char *const argv[] = {check->facts.qemu_program, "-display", "help", NULL};
	struct ph_spawn spawn = {.argv = argv, .env = (const char *const *)environ};

	check->facts.qemu = PH_QEMU_BROKEN;
	check->facts.qemu_dbus = false;
	/* A file and not a pipe: however much it says, it never waits for us. */
	check->output_fd = spawn.output_fd = memfd_create("qemu-displays", MFD_CLOEXEC);
	if (spawn.output_fd < 0)
		return false;
	check->pid = spawn_program(&spawn);
	if (check->pid < 0) {
		if (errno == ENOENT)
			check->facts.qemu = PH_QEMU_MISSING;
		else if (errno == EACCES)
			check->facts.qemu = PH_QEMU_NOT_EXECUTABLE;
		check->pid = 0;
		return false;
	}
	check->pidfd = pidfd_open(check->pid, 0);
	return check->pidfd >= 0;
}

/* Without waiting for it: kills it if it still runs. */
static void read_answer(struct ph_host_check *check)
{
	char *answer = calloc(1, ANSWER_LIMIT + 1);
	siginfo_t ended = {0};
	int status = 0;
	bool silent;

	if (!answer)
		abort();
	silent = waitid(P_PID, (id_t)check->pid, &ended, WEXITED | WNOHANG | WNOWAIT) < 0 ||
		 ended.si_pid == 0;
	/* Its own session makes its pid the name of its process group. */
	if (silent)
		kill(-check->pid, SIGKILL);
	while (waitpid(check->pid, &status, 0) < 0 && errno == EINTR)
		;
	if (silent) {
		check->facts.qemu = PH_QEMU_SILENT;
	} else if (WIFEXITED(status) && WEXITSTATUS(status) == 0 &&
		   pread(check->output_fd, answer, ANSWER_LIMIT, 0) > 0) {
		check->facts.qemu = PH_QEMU_OK;
		check->facts.qemu_dbus = has_word(answer, "dbus");
	}
	free(answer);
}

static const char *default_qemu(const struct utsname *name)
{
	if (strcmp(name->machine, "aarch64") == 0)
		return "qemu-system-aarch64";
	if (strcmp(name->machine, "riscv64") == 0)
		return "qemu-system-riscv64";
	return "qemu-system-x86_64";
}

bool host_check_begin(struct ph_host_check *check, const char *qemu_program)
{
	struct utsname name = {0};

	uname(&name);
	*check = (struct ph_host_check){.pidfd = -1, .output_fd = -1};
	check->facts = (struct ph_host_facts){
	    .x86 = strcmp(name.machine, "x86_64") == 0,
	    .qemu_program = qemu_program ? qemu_program : default_qemu(&name),
	    .family = read_family(),
	    .kvm_error = try_kvm(),
	    .kvm_module = access("/sys/module/kvm", F_OK) == 0,
	    .kvm_maker_module = access("/sys/module/kvm_intel", F_OK) == 0 ||
				access("/sys/module/kvm_amd", F_OK) == 0,
	};
	read_cpuinfo(&check->facts);
	if (!start_qemu(check)) {
		host_check_end(check);
		return true;
	}
	check->facts.qemu = PH_QEMU_OK;
	check->facts.qemu_dbus = true;
	return false;
}

void host_check_end(struct ph_host_check *check)
{
	if (check->pid > 0) {
		check->facts.qemu = PH_QEMU_BROKEN;
		check->facts.qemu_dbus = false;
		read_answer(check);
		check->pid = 0;
	}
	/* 0 in memory that is only zeroed: nobody's file of ours. */
	if (check->pidfd > 0)
		close(check->pidfd);
	if (check->output_fd > 0)
		close(check->output_fd);
	check->pidfd = check->output_fd = -1;
}
