// SPDX-License-Identifier: MIT
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "spawn.h"
#include "test.h"

static const char *const no_env[] = {NULL};
static const char *const path_env[] = {"PATH=/usr/bin:/bin", NULL};

/* To be freed by the caller. */
static char *in_dir(const char *name)
{
	char *path;

	check(asprintf(&path, "%s/%s", test_dir(), name) > 0);
	return path;
}

/* Runs a shell command with these settings; returns the status as of wait(). */
static int run_shell(const char *command, struct ph_spawn spawn)
{
	const char *const argv[] = {"/bin/sh", "-c", command, NULL};
	int status;
	pid_t pid;

	spawn.argv = argv;
	if (!spawn.env)
		spawn.env = path_env;
	pid = spawn_program(&spawn);
	check_op(pid, >, 0);
	check_int(waitpid(pid, &status, 0), pid);
	return status;
}

/* The same, returning what it wrote; to be freed. */
static char *ask_shell(const char *command, struct ph_spawn spawn)
{
	char *log = in_dir("log"), *text;

	spawn.log_path = log;
	check_int(run_shell(command, spawn), 0);
	text = test_read_file(log, NULL);
	unlink(log);
	free(log);
	return text;
}

TEST(environment_is_what_was_given_and_nothing_else)
{
	const char *const env[] = {"PH_ONE=1", "PH_TWO=two words", NULL};
	char *text;

	setenv("PH_SECRET", "x", 1);
	text = ask_shell("/usr/bin/env | /usr/bin/grep -v -e ^PWD= -e ^_= -e ^SHLVL= -e ^OLDPWD=",
	    (struct ph_spawn){.env = env});
	check_contains(text, "PH_ONE=1\n");
	check_contains(text, "PH_TWO=two words\n");
	check(strstr(text, "PH_SECRET") == NULL);
	free(text);
}

TEST(only_listed_descriptors_stay_open)
{
	int kept = open("/dev/zero", O_RDONLY | O_CLOEXEC);
	int other = open("/dev/full", O_RDONLY);
	char *text;

	check_op(kept, >, 2);
	check_op(other, >, 2);
	text = ask_shell("for fd in /proc/$$/fd/*; do readlink $fd; done; true",
	    (struct ph_spawn){.fds = &kept, .fd_count = 1});
	check_contains(text, "/dev/zero");
	check(strstr(text, "/dev/full") == NULL);
	check_contains(text, "/dev/null");
	free(text);
	close(kept);
	close(other);
}

TEST(standard_descriptors_cannot_be_listed)
{
	const char *const argv[] = {"/bin/true", NULL};
	const int fds[] = {1};
	struct ph_spawn spawn = {.argv = argv, .env = no_env, .fds = fds, .fd_count = 1};

	check_int(spawn_program(&spawn), -1);
	check_int(errno, EINVAL);
}

TEST(closed_descriptor_in_the_list_is_an_error)
{
	const char *const argv[] = {"/bin/true", NULL};
	const int fds[] = {777};
	struct ph_spawn spawn = {.argv = argv, .env = no_env, .fds = fds, .fd_count = 1};

	check_int(spawn_program(&spawn), -1);
	check_int(errno, EBADF);
}

TEST(stdin_is_empty)
{
	char *text = ask_shell("read line; echo $?", (struct ph_spawn){0});

	check_str(text, "1\n");
	free(text);
}

TEST(works_with_our_own_stdio_closed)
{
	char *text;
	int out = dup(1), in = dup(0);

	close(0);
	close(1);
	text = ask_shell("read line; echo read $?", (struct ph_spawn){0});
	dup2(in, 0);
	dup2(out, 1);
	close(in);
	close(out);
	check_str(text, "read 1\n");
	free(text);
}

TEST(log_is_appended_to_and_private)
{
	char *log = in_dir("log"), *text;
	struct stat st;

	check_int(run_shell("echo one", (struct ph_spawn){.log_path = log}), 0);
	check_int(run_shell("echo two >&2", (struct ph_spawn){.log_path = log}), 0);
	text = test_read_file(log, NULL);
	check_str(text, "one\ntwo\n");
	check_int(stat(log, &st), 0);
	check_uint(st.st_mode & 0777, 0600);
	free(text);
	free(log);
}

TEST(log_that_is_a_symbolic_link_is_refused)
{
	const char *const argv[] = {"/bin/true", NULL};
	char *log = in_dir("log");
	struct ph_spawn spawn = {.argv = argv, .env = no_env, .log_path = log};

	check_int(symlink("/dev/null", log), 0);
	check_int(spawn_program(&spawn), -1);
	check_int(errno, ELOOP);
	free(log);
}

TEST(output_goes_to_a_descriptor)
{
	char text[16] = "";
	int ends[2];

	check_int(pipe2(ends, O_CLOEXEC), 0);
	check_int(run_shell("echo out; echo err >&2", (struct ph_spawn){.output_fd = ends[1]}), 0);
	close(ends[1]);
	check_int(read(ends[0], text, sizeof(text) - 1), 8);
	check_str(text, "out\nerr\n");
	close(ends[0]);
}

TEST(gets_a_session_of_its_own)
{
	char *text =
	    ask_shell("read -r p c s pp g sid rest < /proc/$$/stat; test $sid = $$ && echo own",
		(struct ph_spawn){0});

	check_str(text, "own\n");
	free(text);
	check_op(run_shell("read -r p c s pp g sid rest < /proc/$$/stat; test $sid = $$",
		     (struct ph_spawn){.keep_session = true}),
	    !=, 0);
}

TEST(signals_are_back_to_their_defaults)
{
	sigset_t all;
	int status;

	signal(SIGTERM, SIG_IGN);
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	status = run_shell("kill -TERM $$; echo alive >&2", (struct ph_spawn){0});
	check(WIFSIGNALED(status));
	check_int(WTERMSIG(status), SIGTERM);
}

struct failure {
	const char *program;
	int error;
	const char *line;
};

static void check_failure(const struct failure *failure)
{
	const char *const argv[] = {failure->program, NULL};
	struct ph_spawn spawn = {.argv = argv, .env = no_env};
	char text[512], *want;

	errno = 0;
	check_int(spawn_program(&spawn), -1);
	check_int(errno, failure->error);
	spawn_explain(&spawn, failure->error, text, sizeof(text));
	check(asprintf(&want, "cannot start %s: ", failure->program) > 0);
	check_contains(text, want);
	check_contains(text, failure->line);
	/* Nothing is left to be reaped. */
	check_int(waitpid(-1, NULL, WNOHANG), -1);
	free(want);
}

TEST(failures_are_told_with_what_to_do)
{
	char *plain = in_dir("plain"), *bad = in_dir("bad"), *script = in_dir("script");
	const struct failure failures[] = {
	    {"/nonexistent/program", ENOENT, "install it"},
	    {"ph-no-such-program", ENOENT, "PATH"},
	    {"", ENOENT, ""},
	    {plain, EACCES, "accessible"},
	    {bad, ENOEXEC, "install it again"},
	    {script, ENOENT, "check its path"},
	};

	test_write_file(plain, "x", 1);
	test_write_file(bad, "\177ELFgarbage", 11);
	test_write_file(script, "#!/nonexistent/interpreter\n", 27);
	check_int(chmod(bad, 0700), 0);
	check_int(chmod(script, 0700), 0);
	for (size_t i = 0; i < sizeof(failures) / sizeof(failures[0]); i++)
		check_failure(&failures[i]);
	free(plain);
	free(bad);
	free(script);
}

TEST(program_is_looked_up_in_path)
{
	char *program = in_dir("ph-program"), *path;
	const char *const argv[] = {"ph-program", NULL};
	struct ph_spawn spawn = {.argv = argv, .env = path_env};
	int status;
	pid_t pid;

	test_write_file(program, "#!/bin/sh\nexit 7\n", 17);
	check(asprintf(&path, "relative::/nonexistent:%s", test_dir()) > 0);
	setenv("PATH", path, 1);
	/* Found, but not executable: that is what is wrong, not that it is missing. */
	check_int(chmod(program, 0600), 0);
	check_int(spawn_program(&spawn), -1);
	check_int(errno, EACCES);
	check_int(chmod(program, 0700), 0);
	pid = spawn_program(&spawn);
	check_op(pid, >, 0);
	check_int(waitpid(pid, &status, 0), pid);
	check_int(WEXITSTATUS(status), 7);
	free(program);
	free(path);
}

TEST(environment_is_chosen_by_name)
{
	const char *const from[] = {
	    "HOME=/h", "LC_ALL=C", "LC_TIME=de", "HOMEPAGE=x", "SECRET=1", "TERM", NULL};
	const char *const names[] = {"HOME", "LC_*", "TERM", NULL};
	const char *const set[] = {"LC_TIME=fr", "NEW=1", NULL};
	char **env = spawn_env_create((char *const *)from, names, set);

	check_str(env[0], "HOME=/h");
	check_str(env[1], "LC_ALL=C");
	check_str(env[2], "LC_TIME=fr");
	check_str(env[3], "NEW=1");
	check_str(env[4], NULL);
	spawn_env_destroy(env);
	env = spawn_env_create((char *const *)from, names, NULL);
	check_str(env[2], "LC_TIME=de");
	check_str(env[3], NULL);
	spawn_env_destroy(env);
	spawn_env_destroy(NULL);
}

TEST(backoff_doubles_up_to_half_a_minute)
{
	static const uint32_t want[] = {
	    200, 400, 800, 1600, 3200, 6400, 12800, 25600, 30000, 30000};
	struct ph_backoff backoff = {0};

	for (size_t i = 0; i < sizeof(want) / sizeof(want[0]); i++)
		check_uint(spawn_backoff_next(&backoff, 59999), want[i]);
	check_uint(spawn_backoff_next(&backoff, 60000), 200);
	check_uint(spawn_backoff_next(&backoff, 0), 400);
	for (int i = 0; i < 5000; i++)
		check_op(spawn_backoff_next(&backoff, 0), <=, 30000);
}
