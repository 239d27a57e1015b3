// SPDX-License-Identifier: MIT
/*
 * phyllome-session: the process that a login starts. It starts the compositor,
 * starts it again when it dies, and at log out ends what the session started.
 * It does nothing else, so that there is little in it that could die.
 */
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "children.h"
#include "login.h"
#include "supervisor.h"

/* The compositor has so long to end after it was asked to. */
#define COMPOSITOR_END_MS 10000
/* Bridges power their guests off: 20 s, and a little for QEMU to write its disks. */
#define GUESTS_END_MS 25000
/* Whoever was told to hurry, or was killed. */
#define HURRY_END_MS 5000

#define say(...) (fprintf(stderr, "phyllome-session: " __VA_ARGS__), fputc('\n', stderr))

static const char usage[] =
    "usage: phyllome-session [--compositor PROGRAM] [--] [ARGUMENT…]\n"
    "\n"
    "Runs a Phyllome session until log out: starts the compositor with the given\n"
    "arguments, and again when it dies.\n"
    "\n"
    "  --compositor PROGRAM   start this; otherwise the phyllome-compositor beside this\n"
    "                         program, or else the one in PATH\n"
    "  --version              print the version\n"
    "  --help                 print this text\n";

struct session {
	const char **argv; /* of the compositor */
	struct ph_supervisor supervisor;
	struct ph_login login;
	sigset_t signals;    /* that a child has ended, or that we are to end */
	sigset_t wake;       /* those, and SIGUSR1: the compositor is ready */
	pid_t compositor;    /* 0: does not run */
	uint64_t started_ms; /* when it was started, or is to be while it does not run */
};

/* The compositor that was built or installed with us: two versions are not to be mixed. */
static const char *find_compositor(char *path, size_t size)
{
	static const char name[] = "phyllome-compositor";
	ssize_t length = readlink("/proc/self/exe", path, size - sizeof(name));

	while (length > 0 && path[length - 1] != '/')
		length--;
	if (length <= 0)
		return name;
	memcpy(path + length, name, sizeof(name));
	return access(path, X_OK) == 0 ? path : name;
}

static bool start_compositor(struct session *session)
{
	struct ph_spawn spawn = {.argv = session->argv, .keep_session = true};

	if (session->supervisor.safe_mode) {
		say("starting %s in safe mode: software rendering", session->argv[0]);
		setenv("WLR_RENDERER", "pixman", 1);
		setenv("WLR_NO_HARDWARE_CURSORS", "1", 1);
	}
	spawn.env = (const char *const *)environ;
	session->started_ms = children_now_ms();
	session->compositor = spawn_program(&spawn);
	if (session->compositor < 0)
		session->compositor = 0;
	return session->compositor > 0;
}

/* What an end of the compositor means; false: the session ends with *result. */
static bool handle_compositor_end(struct session *session, int status, int *result)
{
	uint64_t now = children_now_ms();
	uint32_t delay = 0;
	char how[128];
	enum ph_supervisor_verdict verdict =
	    supervisor_judge(&session->supervisor, status, now - session->started_ms, &delay);

	session->compositor = 0;
	supervisor_describe(status, how, sizeof(how));
	switch (verdict) {
	case PH_SUPERVISOR_LOGOUT:
		*result = EXIT_SUCCESS;
		return false;
	case PH_SUPERVISOR_START:
		say("%s %s; starting it again in %u ms", session->argv[0], how, delay);
		session->started_ms = now + delay;
		/* What --start asks for has been done. */
		setenv("PHYLLOME_RESTARTED", "1", 1);
		return true;
	case PH_SUPERVISOR_GIVE_UP:
		break;
	}
	say("%s %s; giving up. Its last lines above say why; 'journalctl --user -b' has them too",
	    session->argv[0], how);
	*result = EXIT_FAILURE;
	return false;
}

/* Ends the compositor first, because it would start bridges again that end. */
static void end_session(struct session *session)
{
	struct ph_children children = {.signals = session->signals};

	/* Services first: if the compositor still runs, they have a screen to say good-bye to. */
	login_end(&session->login, &children);
	if (session->compositor > 0)
		children_end_one(&children, session->compositor, COMPOSITOR_END_MS);
	children_end_all(&children, GUESTS_END_MS, HURRY_END_MS);
	children_finish(&children);
}

static int run(struct session *session)
{
	int result = EXIT_SUCCESS;

	if (!start_compositor(session))
		return EXIT_FAILURE;
	for (;;) {
		uint64_t wait = session->compositor ? UINT64_MAX : session->started_ms;
		int number = children_wait_signal(&session->wake, wait), status;
		pid_t pid;

		if (number == SIGTERM || number == SIGINT || number == SIGHUP)
			break;
		if (number == SIGUSR1)
			login_announce(&session->login);
		while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
			if (login_handle_end(&session->login, pid))
				continue;
			if (pid == session->compositor &&
			    !handle_compositor_end(session, status, &result))
				goto out;
		}
		/* No reason to shut guests down at once: there may be too many processes, or an upgrade. */
		if (session->compositor == 0 && children_now_ms() >= session->started_ms &&
		    !start_compositor(session) &&
		    !handle_compositor_end(session, PH_SUPERVISOR_NOT_STARTED, &result))
			break;
	}
out:
	end_session(session);
	return result;
}

static bool prepare_runtime_dir(void)
{
	const char *path = getenv("XDG_RUNTIME_DIR");
	char usual[64], *line;

	if (!path || !*path) {
		snprintf(usual, sizeof(usual), "/run/user/%u", (unsigned)getuid());
		path = usual;
	}
	line = supervisor_check_runtime_dir(path, getuid());
	if (line) {
		say("%s", line);
		free(line);
		return false;
	}
	setenv("XDG_RUNTIME_DIR", path, 1);
	return true;
}

/*
 * Keys of our terminal, which get there while no compositor has the screen: they
 * must neither stop us nor lead to what lies below us.
 */
static void block_keys(void)
{
	static const int keys[] = {SIGQUIT, SIGTSTP, SIGTTIN, SIGTTOU};
	sigset_t signals;

	sigemptyset(&signals);
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		sigaddset(&signals, keys[i]);
	sigprocmask(SIG_BLOCK, &signals, NULL);
}

static bool prepare(struct session *session)
{
	char pid[16];

	block_keys();
	sigemptyset(&session->signals);
	sigaddset(&session->signals, SIGTERM);
	sigaddset(&session->signals, SIGINT);
	sigaddset(&session->signals, SIGHUP);
	sigaddset(&session->signals, SIGCHLD);
	session->wake = session->signals;
	sigaddset(&session->wake, SIGUSR1);
	sigprocmask(SIG_BLOCK, &session->wake, NULL);
	/* Whoever started us may ignore SIGCHLD, and then children would vanish unseen. */
	signal(SIGCHLD, SIG_DFL);
	/* Bridges outlive the compositor that started them: we become their parent. */
	if (prctl(PR_SET_CHILD_SUBREAPER, 1) < 0) {
		say("cannot become the reaper of the session: %s", strerror(errno));
		return false;
	}
	if (!prepare_runtime_dir())
		return false;
	unsetenv("PHYLLOME_RESTARTED");
	setenv("XDG_CURRENT_DESKTOP", "Phyllome", 1);
	setenv("XDG_SESSION_DESKTOP", "phyllome", 1);
	setenv("XDG_SESSION_TYPE", "wayland", 1);
	/* So that it can tell us that it is ready. */
	snprintf(pid, sizeof(pid), "%d", (int)getpid());
	setenv("PHYLLOME_SUPERVISOR", pid, 1);
	session->login.nested = getenv("WAYLAND_DISPLAY") || getenv("DISPLAY");
	return true;
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
	    {"compositor", required_argument, NULL, 'c'},
	    {"version", no_argument, NULL, 'v'},
	    {"help", no_argument, NULL, 'h'},
	    {0},
	};
	struct session session = {0};
	const char *program = NULL;
	char beside[4096];
	int option, result = EXIT_FAILURE;

	while ((option = getopt_long(argc, argv, "+", options, NULL)) != -1) {
		switch (option) {
		case 'c':
			program = optarg;
			break;
		case 'v':
			puts("phyllome-session " PH_VERSION);
			return EXIT_SUCCESS;
		case 'h':
			fputs(usage, stdout);
			return EXIT_SUCCESS;
		default:
			fputs(usage, stderr);
			return PH_SUPERVISOR_USAGE;
		}
	}
	session.argv = calloc((size_t)(argc - optind) + 2, sizeof(*session.argv));
	if (!session.argv)
		abort();
	session.argv[0] = program ? program : find_compositor(beside, sizeof(beside));
	for (int i = optind; i < argc; i++)
		session.argv[i - optind + 1] = argv[i];
	if (prepare(&session))
		result = run(&session);
	login_finish(&session.login);
	free(session.argv);
	return result;
}
