// SPDX-License-Identifier: MIT
#include "supervisor.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "test.h"

#define EXIT(status) ((status) << 8)

/* To be freed by the caller. */
static char *in_dir(const char *name)
{
	char *path;

	check(asprintf(&path, "%s/%s", test_dir(), name) > 0);
	return path;
}

TEST(clean_end_is_a_logout)
{
	struct ph_supervisor supervisor = {0};
	uint32_t delay;

	check_int(supervisor_judge(&supervisor, EXIT(0), 5, &delay), PH_SUPERVISOR_LOGOUT);
}

TEST(wrong_command_line_is_not_tried_again)
{
	struct ph_supervisor supervisor = {0};
	uint32_t delay;

	check_int(supervisor_judge(&supervisor, EXIT(2), 5, &delay), PH_SUPERVISOR_GIVE_UP);
}

TEST(quick_deaths_lead_to_safe_mode_and_then_to_the_end)
{
	static const int statuses[] = {SIGSEGV, EXIT(1), SIGKILL, SIGABRT};
	static const uint32_t delays[] = {200, 400, 800, 1600};
	struct ph_supervisor supervisor = {0};
	uint32_t delay;

	for (size_t i = 0; i < 4; i++) {
		check(!supervisor.safe_mode);
		check_int(
		    supervisor_judge(&supervisor, statuses[i], 100, &delay), PH_SUPERVISOR_START);
		check_uint(delay, delays[i]);
	}
	check(supervisor.safe_mode);
	check_int(supervisor_judge(&supervisor, SIGSEGV, 100, &delay), PH_SUPERVISOR_GIVE_UP);
}

TEST(long_life_makes_up_for_deaths)
{
	struct ph_supervisor supervisor = {0};
	uint32_t delay;

	for (size_t i = 0; i < 100; i++) {
		check_int(supervisor_judge(&supervisor, SIGSEGV, i % 3 ? 10 : 60000, &delay),
		    PH_SUPERVISOR_START);
		check(!supervisor.safe_mode);
	}
}

TEST(safe_mode_lasts_as_long_as_it_works)
{
	struct ph_supervisor supervisor = {0};
	uint32_t delay;

	for (size_t i = 0; i < 4; i++)
		supervisor_judge(&supervisor, SIGSEGV, 0, &delay);
	check_int(supervisor_judge(&supervisor, SIGSEGV, 60000, &delay), PH_SUPERVISOR_START);
	check_uint(delay, 200);
	check(supervisor.safe_mode);
	check_int(supervisor_judge(&supervisor, SIGSEGV, 59999, &delay), PH_SUPERVISOR_GIVE_UP);
}

/* Too many processes: neither software rendering nor the end helps. */
TEST(starts_that_fail_are_no_deaths)
{
	struct ph_supervisor supervisor = {0};
	uint32_t delay, waited = 0;

	check_int(supervisor_judge(&supervisor, SIGSEGV, 100000, &delay), PH_SUPERVISOR_START);
	for (size_t i = 1; i < PH_SUPERVISOR_TRIES; i++) {
		check_int(supervisor_judge(&supervisor, PH_SUPERVISOR_NOT_STARTED, 0, &delay),
		    PH_SUPERVISOR_START);
		check(!supervisor.safe_mode);
		waited += delay;
	}
	check_op(waited, >, 20000);
	/* one that starts makes up for them */
	check_int(supervisor_judge(&supervisor, SIGSEGV, 1000, &delay), PH_SUPERVISOR_START);
	check(!supervisor.safe_mode);
	for (size_t i = 1; i < PH_SUPERVISOR_TRIES; i++) {
		check_int(supervisor_judge(&supervisor, PH_SUPERVISOR_NOT_STARTED, 0, &delay),
		    PH_SUPERVISOR_START);
	}
	check_int(supervisor_judge(&supervisor, PH_SUPERVISOR_NOT_STARTED, 0, &delay),
	    PH_SUPERVISOR_GIVE_UP);
}

TEST(ends_are_described)
{
	char text[128];

	supervisor_describe(EXIT(3), text, sizeof(text));
	check_str(text, "ended with status 3");
	supervisor_describe(SIGSEGV, text, sizeof(text));
	check_contains(text, "killed by signal 11");
}

/* Expects a complaint with this part, NULL for none. */
static void check_dir(const char *path, unsigned uid, const char *part)
{
	char *line = supervisor_check_runtime_dir(path, uid);

	if (part)
		check_contains(line, part);
	else
		check_str(line, NULL);
	free(line);
}

TEST(runtime_directory_is_checked)
{
	unsigned uid = getuid();
	char *dir = in_dir("run"), *file = in_dir("file"), *deep = in_dir("none/deep");

	test_write_file(file, "", 0);
	check_dir("run", uid, "absolute");
	check_dir("", uid, "absolute");
	check_dir(file, uid, "not a directory");
	check_dir(deep, uid, "cannot be made: No such file");
	check_dir(dir, uid, NULL);
	check_dir(dir, uid, NULL);
	check_dir(dir, uid + 1, "belongs to user");
	check_int(chmod(dir, 0750), 0);
	check_dir(dir, uid, "open to others (mode 750); do: chmod 700");
	free(dir);
	free(file);
	free(deep);
}

/* One run of the program with a script in the compositor's place. */
struct run {
	char *script, *log, *errors, *runtime;
	pid_t pid;
	uint64_t started_us;
};

static void write_script(struct run *run, const char *body, mode_t mode)
{
	char *text;
	int length = asprintf(&text,
	    "#!/bin/sh\ncd '%s'\nrun=$(($(cat runs 2>/dev/null || echo 0) + 1))\necho $run > runs\n"
	    "say() { echo \"$*\" >> log; }\n%s\n",
	    test_dir(), body);

	check_op(length, >, 0);
	test_write_file(run->script, text, (size_t)length);
	check_int(chmod(run->script, mode), 0);
	free(text);
}

static void start(struct run *run, const char *body, const char *argument)
{
	const char *argv[] = {PH_SUPERVISOR, "--compositor", NULL, "--", argument, NULL};
	struct ph_spawn spawn = {.argv = argv, .keep_session = true};

	run->script = in_dir("compositor");
	run->log = in_dir("log");
	run->errors = in_dir("errors");
	run->runtime = in_dir("runtime");
	argv[2] = run->script;
	if (body)
		write_script(run, body, 0700);
	test_write_file(run->log, "", 0);
	setenv("XDG_RUNTIME_DIR", run->runtime, 1);
	unsetenv("WLR_RENDERER");
	spawn.env = (const char *const *)environ;
	spawn.log_path = run->errors;
	run->started_us = test_now_us();
	run->pid = spawn_program(&spawn);
	check_op(run->pid, >, 0);
}

/* Waits until the script has said something. */
static void expect_said(const struct run *run, const char *what)
{
	for (;;) {
		char *text = test_read_file(run->log, NULL);
		bool found = strstr(text, what) != NULL;

		free(text);
		if (found)
			return;
		usleep(10000);
	}
}

/* Waits for the end, checks the status, and what was said and complained about (NULL: nothing). */
static void finish(struct run *run, int status, const char *said, const char *error)
{
	char *text;
	int is;

	check_int(waitpid(run->pid, &is, 0), run->pid);
	text = test_read_file(run->errors, NULL);
	if (error)
		check_contains(text, error);
	else
		check_str(text, "");
	free(text);
	check(WIFEXITED(is));
	check_int(WEXITSTATUS(is), status);
	text = test_read_file(run->log, NULL);
	check_str(text, said);
	free(text);
	free(run->script);
	free(run->log);
	free(run->errors);
	free(run->runtime);
}

static int64_t elapsed_ms(const struct run *run)
{
	return (int64_t)(test_now_us() - run->started_us) / 1000;
}

TEST(arguments_and_environment_reach_the_compositor)
{
	struct run run;

	setenv("XDG_SESSION_TYPE", "tty", 1);
	start(&run,
	    "say \"$1 $XDG_CURRENT_DESKTOP $XDG_SESSION_TYPE $XDG_SESSION_DESKTOP\"; "
	    "test -d \"$XDG_RUNTIME_DIR\" && say dir",
	    "--a-flag");
	finish(&run, 0, "--a-flag Phyllome wayland phyllome\ndir\n", NULL);
}

/* A program that says how it was called. */
static void write_fake(const char *name)
{
	char *path = in_dir(name), *text;
	int length = asprintf(&text, "#!/bin/sh\necho \"%s $*\" >> '%s/log'\n", name, test_dir());

	check_op(length, >, 0);
	test_write_file(path, text, (size_t)length);
	check_int(chmod(path, 0700), 0);
	free(text);
	free(path);
}

/* A compositor that is ready, and ends when the last of the login's services was told. */
#define READY                                                                                      \
	"mkdir \"$XDG_RUNTIME_DIR/phyllome\"\n"                                                     \
	"echo wayland-7 > \"$XDG_RUNTIME_DIR/phyllome/wayland-display\"\n"                          \
	"kill -USR1 $PHYLLOME_SUPERVISOR\n"
#define UPDATE                                                                                     \
	"busctl --user --quiet call org.freedesktop.DBus /org/freedesktop/DBus "                   \
	"org.freedesktop.DBus UpdateActivationEnvironment a{ss} 4 "
#define NAMES "WAYLAND_DISPLAY XDG_CURRENT_DESKTOP XDG_SESSION_DESKTOP XDG_SESSION_TYPE\n"

TEST(login_services_are_told_and_taken_back)
{
	static const char *const dirs[] = {"runtime", "runtime/systemd"};
	char *bus = in_dir("runtime/bus"), *manager = in_dir("runtime/systemd/private"), *path;
	struct run run;

	for (size_t i = 0; i < 2; i++) {
		char *dir = in_dir(dirs[i]);
		check_int(mkdir(dir, 0700), 0);
		free(dir);
	}
	test_write_file(bus, "", 0);
	test_write_file(manager, "", 0);
	write_fake("busctl");
	write_fake("systemctl");
	check_op(asprintf(&path, "%s:%s", test_dir(), getenv("PATH")), >, 0);
	setenv("PATH", path, 1);
	unsetenv("WAYLAND_DISPLAY");
	unsetenv("DISPLAY");
	start(&run, READY "while ! grep -q ' start ' log; do :; done; say end", NULL);
	finish(&run, 0,
	    UPDATE "WAYLAND_DISPLAY wayland-7 XDG_CURRENT_DESKTOP Phyllome "
		   "XDG_SESSION_DESKTOP phyllome XDG_SESSION_TYPE wayland\n"
		   "systemctl --user import-environment " NAMES
		   "systemctl --user start --no-block phyllome-session.target\n"
		   "end\n"
		   "systemctl --user stop phyllome-session.target\n" UPDATE
		   "WAYLAND_DISPLAY  XDG_CURRENT_DESKTOP  XDG_SESSION_DESKTOP  XDG_SESSION_TYPE \n"
		   "systemctl --user unset-environment " NAMES,
	    NULL);
	free(bus);
	free(manager);
	free(path);
}

TEST(without_a_user_manager_one_line_says_so)
{
	struct run run;

	unsetenv("WAYLAND_DISPLAY");
	unsetenv("DISPLAY");
	start(&run, READY "kill -USR1 $PHYLLOME_SUPERVISOR; say \"${WAYLAND_DISPLAY-none}\"", NULL);
	finish(&run, 0, "none\n", "no user manager of systemd, and so no graphical-session.target");
}

TEST(inside_another_session_nothing_is_told)
{
	struct run run;

	setenv("WAYLAND_DISPLAY", "wayland-0", 1);
	start(&run, READY "say \"$WAYLAND_DISPLAY\"", NULL);
	finish(&run, 0, "wayland-0\n", NULL);
}

TEST(missing_compositor_is_one_line)
{
	struct run run;

	start(&run, NULL, NULL);
	finish(&run, 1, "", "compositor: No such file or directory; install it");
}

TEST(compositor_that_is_no_program_is_one_line)
{
	struct run run;
	char *script = in_dir("compositor");

	test_write_file(script, "hello", 5);
	start(&run, NULL, NULL);
	finish(&run, 1, "", "compositor: Permission denied; make it");
	free(script);
}

TEST(bad_runtime_directory_is_one_line)
{
	struct run run;
	char *path = in_dir("runtime");

	test_write_file(path, "", 0);
	start(&run, "say started", NULL);
	finish(&run, 1, "", "which is not a directory");
	free(path);
}

TEST(wrong_option_of_the_compositor_is_one_try)
{
	struct run run;

	start(&run, "say run; exit 2", NULL);
	finish(&run, 1, "run\n", "ended with status 2; giving up");
}

TEST_TIMEOUT(compositor_that_always_dies_is_given_up, 20)
{
	struct run run;

	start(&run, "say \"run $run ${WLR_RENDERER-}\"; exit 1", NULL);
	finish(&run, 1, "run 1 \nrun 2 \nrun 3 \nrun 4 \nrun 5 pixman\n", "safe mode");
	check_op(elapsed_ms(&run), >=, 3000);
}

TEST(killed_compositor_is_started_again_after_200_ms)
{
	struct run run;

	setenv("PHYLLOME_RESTARTED", "1", 1);
	start(&run, "say run ${PHYLLOME_RESTARTED-}; test $run = 2 || kill -KILL $$", NULL);
	finish(&run, 0, "run\nrun 1\n", "killed by signal 9 (Killed); starting it again in 200 ms");
	check_op(elapsed_ms(&run), >=, 200);
	check_op(elapsed_ms(&run), <, 5000);
}

/* As in the middle of an upgrade: the guests are not to pay for it. */
TEST(compositor_that_cannot_be_started_again_is_tried_again)
{
	struct run run;

	start(&run,
	    "say run $run; test $run = 2 || { (sleep 0.5; mv away compositor) & mv compositor away; "
	    "kill -KILL $$; }",
	    NULL);
	finish(&run, 0, "run 1\nrun 2\n", "could not be started; starting it again in 400 ms");
}

TEST_TIMEOUT(compositor_that_is_gone_is_given_up, 60)
{
	struct run run;

	start(&run, "rm compositor; kill -KILL $$", NULL);
	finish(&run, 1, "", "could not be started; giving up");
	check_op(elapsed_ms(&run), >=, 3000);
}

/* A bridge as the compositor starts it: a session of its own, and it ends on SIGTERM. */
#define BRIDGE                                                                                     \
	"test $run = 1 && { setsid sh -c 'trap \"echo bridge told >> log; kill \\$!; exit\" "      \
	"TERM; "                                                                                   \
	"echo bridge up >> log; sleep 100 & wait' & while ! grep -q up log; do :; done; }\n"

TEST(bridges_outlive_the_compositor_and_end_with_the_session)
{
	struct run run;

	start(&run, BRIDGE "test $run = 2 || kill -SEGV $$; grep -q told log || say still there",
	    NULL);
	finish(&run, 0, "bridge up\nstill there\nbridge told\n", "killed by signal 11");
}

TEST(bridges_end_before_machines_that_lost_theirs)
{
	static const char bridge[] =
	    "#!/bin/sh\ntrap 'sleep 0.5; echo bridge done >> log; exit 0' TERM\n"
	    "echo bridge up >> log\nwhile :; do sleep 0.1; done\n";
	char *path = in_dir("phyllome-bridge");
	struct run run;

	test_write_file(path, bridge, strlen(bridge));
	check_int(chmod(path, 0700), 0);
	start(&run,
	    "setsid sh -c 'trap \"echo machine told >> log; exit\" TERM; echo machine up >> log; "
	    "while :; do sleep 0.1; done' &\n"
	    "while ! grep -q machine log; do :; done\n"
	    "setsid ./phyllome-bridge &\n"
	    "while ! grep -q bridge log; do :; done\n",
	    NULL);
	finish(&run, 0, "machine up\nbridge up\nbridge done\nmachine told\n", NULL);
	free(path);
}

TEST(end_is_passed_on_to_the_compositor_first)
{
	struct run run;

	start(&run,
	    BRIDGE "trap 'say compositor told; exit 0' TERM; say ready; sleep 100 & wait; kill $!",
	    NULL);
	expect_said(&run, "ready");
	kill(run.pid, SIGTERM);
	finish(&run, 0, "bridge up\nready\ncompositor told\nbridge told\n", NULL);
}

TEST(end_while_waiting_for_the_next_start_is_at_once)
{
	struct run run;

	start(&run, "test $run -ge 4 && say $run; exit 1", NULL);
	expect_said(&run, "4");
	kill(run.pid, SIGTERM);
	finish(&run, 0, "4\n", "starting it again in 1600 ms");
}

/* As a bridge starts its QEMU, with the bridge gone. */
TEST(machine_that_leaves_sigterm_lie_is_interrupted)
{
	struct run run;

	start(&run,
	    "env --default-signal=INT --block-signal=TERM,HUP setsid sleep 100 & say $run", NULL);
	finish(&run, 0, "1\n", NULL);
	check_op(elapsed_ms(&run), <, 10000);
}

/* A terminal that the run has, as on a console. What is written to it are a person's keys. */
static int open_terminal(struct run *run, const char *body)
{
	int keys = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC), status;
	pid_t shell = fork();

	/* The case goes on as the shell on it, because who leads a group cannot have one. */
	if (shell != 0) {
		check_int(waitpid(shell, &status, 0), shell);
		_exit(WIFEXITED(status) ? WEXITSTATUS(status) : 1);
	}
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	signal(SIGTTOU, SIG_IGN);
	check_op(setsid(), >, 0);
	check(grantpt(keys) == 0 && unlockpt(keys) == 0);
	int terminal = open(ptsname(keys), O_RDWR | O_CLOEXEC);
	check_op(terminal, >=, 0);
	start(run, body, NULL);
	check_int(tcsetpgrp(terminal, run->pid), 0);
	close(terminal);
	return keys;
}

static void press(int keys, const char *text)
{
	check_int(write(keys, text, strlen(text)), (intmax_t)strlen(text));
	usleep(100000);
}

#define CTRL_C "\003"
#define CTRL_Z "\032"
#define CTRL_BACKSLASH "\034"

TEST(keys_of_a_console_do_nothing_while_locked)
{
	struct run run;
	int keys = open_terminal(&run,
	    "mkdir -p $XDG_RUNTIME_DIR/phyllome; echo > $XDG_RUNTIME_DIR/phyllome/locked\n"
	    "say run $run; test $run = 2 || kill -KILL $$; sleep 0.5; say unharmed");

	expect_said(&run, "run 1");
	/* There is nobody but the supervisor now, and then a compositor that has no screen yet. */
	press(keys, CTRL_Z CTRL_BACKSLASH CTRL_C);
	expect_said(&run, "run 2");
	press(keys, CTRL_Z CTRL_BACKSLASH CTRL_C);
	finish(&run, 0, "run 1\nrun 2\nunharmed\n", "killed by signal 9");
	close(keys);
}

TEST(ctrl_c_logs_out)
{
	struct run run;
	int keys = open_terminal(
	    &run, "trap 'say told; exit 0' TERM; say up; while :; do sleep 0.1; done");

	expect_said(&run, "up");
	press(keys, CTRL_Z CTRL_BACKSLASH CTRL_C);
	finish(&run, 0, "up\ntold\n", NULL);
	close(keys);
}

/* What the computer's shutdown sends, and the greeter's end after it. */
TEST(only_sigint_hurries_bridges)
{
	static const char bridge[] = "#!/bin/bash\ntrap 'echo hurried >> log; exit 0' INT\n"
				     "trap 'echo told >> log; end=$((SECONDS + 2))' TERM HUP\n"
				     "echo up >> log\nwhile [ ${end-999} -gt $SECONDS ]; do sleep 0.1; "
				     "done\n";
	static const int signals[][2] = {{SIGTERM, 0}, {SIGHUP, 0}, {SIGTERM, 0}, {SIGINT, 1}};
	char *path = in_dir("phyllome-bridge");
	struct run run;

	test_write_file(path, bridge, strlen(bridge));
	check_int(chmod(path, 0700), 0);
	for (int hurry = 0; hurry < 2; hurry++) {
		start(&run,
		    "env --default-signal=INT setsid ./phyllome-bridge & "
		    "trap 'exit 0' TERM; while :; do sleep 0.1; done",
		    NULL);
		expect_said(&run, "up");
		kill(run.pid, SIGTERM);
		expect_said(&run, "told");
		for (size_t i = 0; i < 4; i++)
			if (signals[i][1] <= hurry)
				kill(run.pid, signals[i][0]);
		finish(&run, 0, hurry ? "up\ntold\nhurried\n" : "up\ntold\n", NULL);
	}
	free(path);
}

TEST_TIMEOUT(sigint_while_guests_end_hurries_them, 30)
{
	struct run run;

	/* A guest that does not care, and its disk writer that comes to us only when it is gone. */
	start(&run,
	    "(trap '' TERM; say deaf; setsid sleep 100 & exec sleep 100) & trap 'exit 0' TERM; "
	    "while :; do sleep 0.1; done",
	    NULL);
	expect_said(&run, "deaf");
	kill(run.pid, SIGTERM);
	usleep(500000);
	kill(run.pid, SIGINT);
	finish(&run, 0, "deaf\n", "killing them");
	check_op(elapsed_ms(&run), >=, 5000);
	check_op(elapsed_ms(&run), <, 22000);
}

TEST_TIMEOUT(deaf_compositor_is_killed, 30)
{
	struct run run;

	start(&run, "trap '' TERM; say deaf; while :; do sleep 0.1; done", NULL);
	expect_said(&run, "deaf");
	kill(run.pid, SIGTERM);
	finish(&run, 0, "deaf\n", NULL);
	check_op(elapsed_ms(&run), >=, 10000);
	check_op(elapsed_ms(&run), <, 20000);
}
