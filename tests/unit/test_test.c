/* SPDX-License-Identifier: MIT */
/* The runner itself: that each of its rules can make a case fail. */
#include "test.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* Cases that must fail run only when a case below asks for them by this variable. */
#define PLANTED "PH_TEST_PLANTED"

static bool is_planted(const char *what)
{
	const char *wanted = getenv(PLANTED);
	return wanted && strcmp(wanted, what) == 0;
}

/* Runs this very program for the case "planted"; returns its exit status. */
static int run_planted(const char *what, char **output)
{
	char path[256], command[512];
	const ssize_t len = readlink("/proc/self/exe", path, sizeof(path) - 1);
	check_op(len, >, 0);
	path[len] = '\0';
	snprintf(command, sizeof(command), "%s/out", test_dir());

	setenv(PLANTED, what, 1);
	const pid_t pid = fork();
	if (pid == 0) {
		const int fd = open(command, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
		dup2(fd, 1);
		dup2(fd, 2);
		/* a leak planted for LeakSanitizer must not be hidden by its options */
		execl(path, path, "planted", (char *)NULL);
		_exit(126);
	}
	int status;
	check_int(waitpid(pid, &status, 0), pid);
	check(WIFEXITED(status));
	*output = test_read_file(command, NULL);
	return WEXITSTATUS(status);
}

static void expect(const char *what, int status, const char *text)
{
	char *output;
	check_int(run_planted(what, &output), status);
	check_contains(output, text);
	free(output);
}

TEST_TIMEOUT(planted, 1)
{
	if (is_planted("int"))
		check_int(3 - 1, 3);
	if (is_planted("str"))
		check_str("ab", "ac");
	if (is_planted("mem"))
		check_mem("abcd", "abxd", 4);
	if (is_planted("bool"))
		check(getpid() < 0);
	if (is_planted("op"))
		check_op(4, <, 3);
	if (is_planted("fd"))
		check_op(open("/dev/null", O_RDONLY | O_CLOEXEC), >=, 0);
	if (is_planted("close"))
		close(0);
	if (is_planted("signal"))
		raise(SIGSEGV);
	if (is_planted("skip"))
		test_skip("no %s here", "tea");
	if (is_planted("hang"))
		pause();
	if (is_planted("process") && fork() == 0) {
		pause();
		_exit(0);
	}
}

TEST(values_are_printed)
{
	expect("int", 1, "3 - 1 is 2, want 3");
	expect("str", 1, "is \"ab\", want \"ac\"");
	expect("mem", 1, "byte 2 of 4 is 0x63, want 0x78");
	expect("bool", 1, "check(getpid() < 0)");
	expect("op", 1, "4 < 3: 4 against 3");
}

TEST(descriptors_are_counted)
{
	expect("fd", 1, "left open: /dev/null");
	expect("close", 1, "closed though not its own");
}

TEST(signals_fail)
{
	char *output;
	/* a sanitizer turns the signal into an exit status */
	check_int(run_planted("signal", &output), 1);
	check(strstr(output, "killed by Segmentation fault") || strstr(output, "SEGV"));
	free(output);
}

TEST(skip_gives_its_reason)
{
	expect("skip", 77, "# SKIP no tea here");
}

TEST_TIMEOUT(deadline_is_kept, 60)
{
	expect("hang", 1, "still running after");
}

TEST(left_process_fails)
{
	expect("process", 1, "left a process behind");
}

TEST(unplanted_passes)
{
	expect("nothing", 0, "pass planted");
}

TEST(directory_is_private_and_writable)
{
	char path[256];
	snprintf(path, sizeof(path), "%s/file", test_dir());
	test_write_file(path, "text", 4);
	size_t size;
	char *data = test_read_file(path, &size);
	check_uint(size, 4);
	check_str(data, "text");
	free(data);
}
