// SPDX-License-Identifier: MIT
#include "host_check.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <time.h>
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

/* Waits for the program's end until the deadline, then kills it. False when it had to. */
static bool wait_for(pid_t pid, int *status)
{
	int pidfd = pidfd_open(pid, 0);
	struct pollfd poll_fd = {.fd = pidfd, .events = POLLIN};
	struct timespec now, end;
	bool ended = false;

	clock_gettime(CLOCK_MONOTONIC, &end);
	end.tv_sec += PH_HOST_CHECK_WAIT_MS / 1000;
	while (pidfd >= 0 && !ended) {
		long left;

		clock_gettime(CLOCK_MONOTONIC, &now);
		left = (end.tv_sec - now.tv_sec) * 1000 + (end.tv_nsec - now.tv_nsec) / 1000000;
		if (left <= 0)
			break;
		ended = poll(&poll_fd, 1, (int)left) > 0;
	}
	if (pidfd >= 0)
		close(pidfd);
	/* Its own session makes its pid the name of its process group. */
	if (!ended)
		kill(-pid, SIGKILL);
	while (waitpid(pid, status, 0) < 0 && errno == EINTR)
		;
	return ended;
}

static enum ph_host_qemu ask_qemu(const char *program, bool *dbus)
{
	const char *const argv[] = {program, "-display", "help", NULL};
	struct ph_spawn spawn = {.argv = argv, .env = (const char *const *)environ};
	enum ph_host_qemu result = PH_QEMU_BROKEN;
	char *answer = calloc(1, ANSWER_LIMIT + 1);
	int status = 0;
	pid_t pid;

	if (!answer)
		abort();
	/* A file and not a pipe: however much it says, it never waits for us. */
	spawn.output_fd = memfd_create("qemu-displays", MFD_CLOEXEC);
	if (spawn.output_fd < 0)
		goto out;
	pid = spawn_program(&spawn);
	if (pid < 0) {
		if (errno == ENOENT)
			result = PH_QEMU_MISSING;
		else if (errno == EACCES)
			result = PH_QEMU_NOT_EXECUTABLE;
		goto out;
	}
	if (!wait_for(pid, &status)) {
		result = PH_QEMU_SILENT;
		goto out;
	}
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0 ||
	    pread(spawn.output_fd, answer, ANSWER_LIMIT, 0) <= 0)
		goto out;
	result = PH_QEMU_OK;
	*dbus = has_word(answer, "dbus");
out:
	if (spawn.output_fd >= 0)
		close(spawn.output_fd);
	free(answer);
	return result;
}

static const char *default_qemu(const struct utsname *name)
{
	if (strcmp(name->machine, "aarch64") == 0)
		return "qemu-system-aarch64";
	if (strcmp(name->machine, "riscv64") == 0)
		return "qemu-system-riscv64";
	return "qemu-system-x86_64";
}

void host_check_gather(const char *qemu_program, struct ph_host_facts *facts)
{
	struct utsname name = {0};

	uname(&name);
	*facts = (struct ph_host_facts){
	    .x86 = strcmp(name.machine, "x86_64") == 0,
	    .qemu_program = qemu_program ? qemu_program : default_qemu(&name),
	    .family = read_family(),
	    .kvm_error = try_kvm(),
	    .kvm_module = access("/sys/module/kvm", F_OK) == 0,
	    .kvm_maker_module = access("/sys/module/kvm_intel", F_OK) == 0 ||
				access("/sys/module/kvm_amd", F_OK) == 0,
	};
	read_cpuinfo(facts);
	facts->qemu = ask_qemu(facts->qemu_program, &facts->qemu_dbus);
}

size_t host_check(struct ph_problem **out)
{
	struct ph_host_facts facts;

	host_check_gather(NULL, &facts);
	return host_check_judge(&facts, out);
}
