// SPDX-License-Identifier: MIT
#include "qemu_start.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "alloc.h"
#include "guest_config.h"
#include "host.h"
#include "qemu_command.h"
#include "unix_socket.h"

#define LOG_MODULE "starter"
#include "log.h"

#define LAST_LINE_WINDOW 4096

static bool fail(char *error, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static bool fail(char *error, const char *fmt, ...)
{
	char text[2 * PH_REASON_MAX];
	va_list args;
	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	log_escape(error, PH_REASON_MAX, text, strlen(text));
	return false;
}

/* Reads and checks guest.scfg. */
static bool load_config(
    const struct ph_qemu_start *start, struct ph_guest_config *config, char *error)
{
	char *path = alloc_format("%s/guest.scfg", start->guest_dir);
	char message[PH_CONFIG_ERROR_MAX > PH_HOST_ERROR_MAX ? PH_CONFIG_ERROR_MAX
							     : PH_HOST_ERROR_MAX];
	char *text = alloc_zero(PH_GUEST_CONFIG_SIZE_MAX + 2);
	bool ok = false;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	ssize_t n = fd < 0 ? -1 : read(fd, text, PH_GUEST_CONFIG_SIZE_MAX + 1);
	if (n < 0) {
		fail(error,
		    "%s: %s; a guest is a directory with a file guest.scfg in it, see "
		    "phyllome-guest(5)",
		    path, strerror(errno));
	} else if (!guest_config_parse(
		       config, path, start->guest_dir, start->guest_id, text, (size_t)n, message)) {
		fail(error, "%s", message);
	} else if (!host_check_files(config, path, message)) {
		fail(error, "%s", message);
		guest_config_finish(config);
	} else {
		ok = true;
	}
	if (fd >= 0) {
		close(fd);
	}
	free(text);
	free(path);
	return ok;
}

/* From configuration and host to the command. Everything is finished on failure. */
static bool prepare(const struct ph_qemu_start *start, struct ph_host *host,
    struct ph_qemu_command *command, int qmp_fd, int agent_fd, char *error)
{
	struct ph_guest_config config;
	char message[PH_HOST_ERROR_MAX];
	if (!load_config(start, &config, error)) {
		return false;
	}
	bool ok = host_probe(host, &config, start->guest_dir, message);
	if (ok) {
		host->facts.compositor_dmabuf = start->compositor_dmabuf;
		host->facts.avoid_kvm = start->avoid_kvm;
		host->facts.monitors = start->monitors;
		host->facts.qmp_fd = qmp_fd;
		host->facts.agent_fd = agent_fd;
		ok = qemu_command_build(command, &config, &host->facts, message);
		if (!ok) {
			host_finish(host);
		}
	}
	if (!ok) {
		fail(error, "%s", message);
	}
	guest_config_finish(&config);
	return ok;
}

static int open_log(const char *runtime, char *error)
{
	char *path = alloc_format("%s/" PH_QEMU_LOG, runtime);
	/* appended to, so that the log stays readable if something else writes to it too */
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC | O_NOCTTY, 0600);
	if (fd < 0) {
		fail(error, "QEMU's log cannot be written: %s: %s%s", path, strerror(errno),
		    errno == ENOENT
			? "; the run-time directory is gone: start the guest's bridge again"
		    : errno == ENOSPC ? "; free some space"
				      : "; check the directory's owner and mode");
	}
	free(path);
	return fd;
}

/* what: of the line that says why there is none. */
static int bind_socket(const char *runtime, const char *name, const char *what, char *error)
{
	int fd = unix_socket_bind(runtime, name);
	if (fd < 0) {
		fail(error, "%s cannot be made: %s/%s: %s%s", what, runtime, name, strerror(errno),
		    errno == ENOSPC ? "; free some space" : "");
	}
	return fd;
}

static int open_control_socket(const char *runtime, char *error)
{
	int probe = unix_socket_connect(runtime, PH_QEMU_SOCKET);
	if (probe >= 0 || errno == EAGAIN) {
		if (probe >= 0) {
			close(probe);
		}
		fail(error,
		    "a QEMU runs for this guest already (%s/" PH_QEMU_SOCKET " answers); end "
		    "it, or use --attach",
		    runtime);
		return -1;
	}
	return bind_socket(runtime, PH_QEMU_SOCKET, "QEMU's control socket", error);
}

static bool write_all(int fd, const void *data, size_t size)
{
	return write(fd, data, size) == (ssize_t)size;
}

/*
 * When the computer shuts down, everything of the login gets SIGTERM and SIGHUP at once. QEMU
 * would end at either without a word to its guest, so it is never told of them (it unblocks
 * neither): its bridge has heard them, too. SIGINT is left for one that has no bridge any more.
 */
static void block_shutdown(void)
{
	sigset_t signals;
	sigemptyset(&signals);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGHUP);
	sigprocmask(SIG_SETMASK, &signals, NULL);
}

/* In the child: never returns. Only async-signal-safe calls are needed, and made. */
static _Noreturn void run_child(
    char *const *argv, const char *dir, int log_fd, const int sockets[2], int status_fd)
{
	for (int signal_number = 1; signal_number < NSIG; signal_number++) {
		signal(signal_number, SIG_DFL);
	}
	block_shutdown();
	setsid();
	umask(0077);
	int null_fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	bool ok = null_fd >= 0 && dup2(null_fd, 0) == 0 && dup2(log_fd, 1) == 1 &&
		  dup2(log_fd, 2) == 2 && chdir(dir) == 0 &&
		  close_range(3, ~0U, CLOSE_RANGE_CLOEXEC) == 0;
	/*
	 * Whoever connects learns the pid of the one who called listen(): a bridge
	 * that takes over while QEMU still starts must not see the starter there.
	 */
	for (int i = 0; i < 2; i++) {
		ok = ok && (sockets[i] < 0 ||
			       (fcntl(sockets[i], F_SETFD, 0) == 0 && listen(sockets[i], 1) == 0));
	}
	if (ok) {
		execv(argv[0], argv);
	}
	int error = errno;
	write_all(status_fd, &error, sizeof(error));
	_exit(127);
}

/*
 * sockets are those that QEMU listens on, -1: none. Returns the pid once exec has
 * worked, otherwise -1 and error.
 */
static pid_t launch(
    char *const *argv, const char *dir, int log_fd, const int sockets[2], char *error)
{
	int pipe_fds[2];
	if (pipe2(pipe_fds, O_CLOEXEC) < 0) {
		fail(error, "QEMU cannot be started: %s", strerror(errno));
		return -1;
	}
	pid_t pid = fork();
	if (pid == 0) {
		run_child(argv, dir, log_fd, sockets, pipe_fds[1]);
	}
	int child_error = pid < 0 ? errno : 0;
	close(pipe_fds[1]);
	if (pid > 0) {
		ssize_t n;
		do {
			n = read(pipe_fds[0], &child_error, sizeof(child_error));
		} while (n < 0 && errno == EINTR);
		if (n == (ssize_t)sizeof(child_error)) {
			waitpid(pid, NULL, 0);
			pid = -1;
		}
	}
	close(pipe_fds[0]);
	if (pid < 0) {
		const char *what = child_error == EACCES    ? "not executable"
				   : child_error == ENOEXEC ? "not a program of this computer"
				   : child_error == ENOENT
				       ? "the program, or the interpreter that it names, is missing"
				       : strerror(child_error);
		fail(error, "QEMU cannot be started: %s: %s", argv[0], what);
	}
	return pid;
}

static void log_command(const struct ph_qemu_command *command, bool explain)
{
	for (size_t i = 0; explain && i < command->option_count; i++) {
		const struct ph_qemu_option *option = &command->options[i];
		log_debug("option %s %s: %s", option->flag, option->value ? option->value : "",
		    option->reason);
	}
	for (size_t i = 0; i < command->note_count; i++) {
		log_info("%s", command->notes[i]);
	}
}

static void join_notes(const struct ph_qemu_command *command, char note[PH_REASON_MAX])
{
	char text[2 * PH_REASON_MAX] = "";
	size_t used = 0;
	for (size_t i = 0; i < command->note_count && used < sizeof(text); i++) {
		used += (size_t)snprintf(
		    &text[used], sizeof(text) - used, "%s%s", i ? "; " : "", command->notes[i]);
	}
	log_escape(note, PH_REASON_MAX, text, sizeof(text));
}

bool qemu_start(
    const struct ph_qemu_start *start, struct ph_qemu_started *started, char error[PH_REASON_MAX])
{
	struct ph_host host = {0};
	struct ph_qemu_command command = {0};
	char message[PH_HOST_ERROR_MAX];
	*started = (struct ph_qemu_started){.pid = -1};
	error[0] = '\0';
	int log_fd = -1, agent_fd = -1;
	int qmp_fd = open_control_socket(start->runtime, error);
	if (qmp_fd < 0) {
		return false;
	}
	agent_fd = bind_socket(start->runtime, PH_AGENT_SOCKET, "the agent's socket", error);
	if (agent_fd < 0 || !prepare(start, &host, &command, qmp_fd, agent_fd, error)) {
		goto out;
	}
	if (host.facts.efi.code && !host_prepare_nvram(host.facts.efi.vars, host.nvram, message)) {
		fail(error, "%s", message);
		goto out;
	}
	log_fd = open_log(start->runtime, error);
	if (log_fd < 0) {
		goto out;
	}
	log_command(&command, start->explain);
	char **argv = qemu_command_argv(&command);
	int sockets[2] = {qmp_fd, command.agent ? agent_fd : -1};
	started->pid = launch(argv, start->guest_dir, log_fd, sockets, error);
	free(argv);
	started->kvm = command.kvm;
	started->kvm_wished = command.kvm_wished;
	started->gl = command.gl;
	join_notes(&command, started->note);
out:
	close(qmp_fd);
	if (agent_fd >= 0) {
		close(agent_fd);
	}
	if (log_fd >= 0) {
		close(log_fd);
	}
	qemu_command_finish(&command);
	host_finish(&host);
	return started->pid > 0;
}

bool qemu_start_explain(const struct ph_qemu_start *start, char error[PH_REASON_MAX])
{
	struct ph_host host;
	struct ph_qemu_command command;
	if (!prepare(start, &host, &command, 3, 4, error)) {
		return false;
	}
	printf("%s\n", command.program);
	for (size_t i = 0; i < command.option_count; i++) {
		const struct ph_qemu_option *option = &command.options[i];
		printf("\t%s%s%s\t# %s\n", option->flag, option->value ? " " : "",
		    option->value ? option->value : "", option->reason);
	}
	for (size_t i = 0; i < command.note_count; i++) {
		printf("# note: %s\n", command.notes[i]);
	}
	qemu_command_finish(&command);
	host_finish(&host);
	return true;
}

/* What a line of QEMU's asks a person to do; NULL if nothing is known. */
static const char *find_hint(const char *line)
{
	static const struct {
		const char *part, *hint;
	} hints[] = {
	    {"'dbus'",
		"install QEMU's D-Bus display: the package qemu-system-modules-opengl (Debian) or "
		"qemu-ui-dbus (Fedora)"},
	    {"' is not a valid device model",
		"install QEMU's displays: the package qemu-system-modules-opengl (Debian) or "
		"qemu-device-display-virtio-vga and qemu-device-display-virtio-vga-gl (Fedora)"},
	    {"No space left on device", "free some space"},
	    {"Failed to get \"write\" lock", "another program uses this disk; end it first"},
	    {"Cannot allocate memory", "give the guest less memory"},
	    {"egl: ", "the GPU cannot be used; set gl off in the block display"},
	    {"not in qcow2 format", "the disk is of another format; see the key format"},
	};
	for (size_t i = 0; i < sizeof(hints) / sizeof(hints[0]); i++) {
		if (strstr(line, hints[i].part)) {
			return hints[i].hint;
		}
	}
	return NULL;
}

/* Skips "2026-11-21T20:30:00.123456Z " and "qemu-system-x86_64: ". */
static const char *skip_prefix(const char *line)
{
	size_t stamp = strspn(line, "0123456789-T:.Z");
	if (stamp >= 20 && line[stamp] == ' ') {
		line += stamp + 1;
	}
	if (strncmp(line, "qemu", 4) == 0) {
		size_t name = strcspn(line, ": ");
		if (strncmp(&line[name], ": ", 2) == 0) {
			line += name + 2;
		}
	}
	return line;
}

void qemu_start_last_line(const char *runtime, char line[PH_REASON_MAX])
{
	char *path = alloc_format("%s/" PH_QEMU_LOG, runtime);
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	free(path);
	line[0] = '\0';
	if (fd < 0) {
		return;
	}
	char text[LAST_LINE_WINDOW + 1];
	off_t size = lseek(fd, 0, SEEK_END);
	off_t from = size > LAST_LINE_WINDOW ? size - LAST_LINE_WINDOW : 0;
	ssize_t n = pread(fd, text, LAST_LINE_WINDOW, from);
	close(fd);
	while (n > 0 && (text[n - 1] == '\n' || text[n - 1] == ' ' || text[n - 1] == '\0')) {
		n--;
	}
	if (n <= 0) {
		return;
	}
	text[n] = '\0';
	const char *last = memrchr(text, '\n', (size_t)n);
	last = skip_prefix(last ? last + 1 : text);
	/* room for the hint, which is what helps */
	char said[700];
	log_escape(said, sizeof(said), last, strlen(last));
	const char *hint = find_hint(said);
	snprintf(line, PH_REASON_MAX, "%s%s%s", said, hint ? "; " : "", hint ? hint : "");
}
