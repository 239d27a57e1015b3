/* SPDX-License-Identifier: MIT */
#include "test.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define EXIT_SKIP 77
#define MAX_FDS 1024

static struct ph_test_case *cases, **cases_end = &cases;
static const char *running;                      /* name of the case, in its own process */
static char directory[] = "/tmp/ph-test-XXXXXX"; /* made anew for each case */

void test_register(struct ph_test_case *entry)
{
	*cases_end = entry;
	cases_end = &entry->next;
}

void test_fail(const char *file, int line, const char *format, ...)
{
	va_list args;
	fprintf(stderr, "%s:%d: %s: ", file, line, running ? running : "runner");
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	fflush(NULL);
	_exit(1);
}

void test_skip(const char *format, ...)
{
	va_list args;
	fputs("# SKIP ", stdout);
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	putchar('\n');
	fflush(NULL);
	_exit(EXIT_SKIP);
}

const char *test_dir(void)
{
	return directory;
}

char *test_source_path(const char *relative)
{
	const char *root = getenv("PH_TEST_SOURCE_DIR");
	char *path = NULL;
	if (asprintf(&path, "%s/%s", root && *root ? root : PH_TEST_SOURCE_DIR, relative) < 0)
		abort();
	return path;
}

char *test_read_file(const char *path, size_t *size)
{
	FILE *file = fopen(path, "rbe");
	if (!file)
		test_fail(__FILE__, __LINE__, "%s: cannot read: %s", path, strerror(errno));
	char *data = NULL;
	size_t fill = 0, room = 0, got;
	do {
		room = room ? room * 2 : 4096;
		data = realloc(data, room + 1);
		if (!data)
			abort();
		got = fread(data + fill, 1, room - fill, file);
		fill += got;
	} while (fill == room);
	if (ferror(file))
		test_fail(__FILE__, __LINE__, "%s: read error", path);
	fclose(file);
	data[fill] = '\0';
	if (size)
		*size = fill;
	return data;
}

void test_write_file(const char *path, const void *data, size_t size)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0 || write(fd, data, size) != (ssize_t)size || close(fd) != 0)
		test_fail(__FILE__, __LINE__, "%s: cannot write: %s", path, strerror(errno));
}

uint64_t test_now_us(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

void test_check_int(const char *file, int line, const char *what, intmax_t is, intmax_t want)
{
	if (is != want)
		test_fail(file, line, "%s is %jd, want %jd", what, is, want);
}

void test_check_uint(const char *file, int line, const char *what, uintmax_t is, uintmax_t want)
{
	if (is != want)
		test_fail(
		    file, line, "%s is %ju (0x%jx), want %ju (0x%jx)", what, is, is, want, want);
}

void test_check_double(const char *file, int line, const char *what, double is, double want)
{
	if (is < want || is > want || is != is)
		test_fail(file, line, "%s is %.17g, want %.17g", what, is, want);
}

void test_check_str(const char *file, int line, const char *what, const char *is, const char *want)
{
	if (is == want || (is && want && strcmp(is, want) == 0))
		return;
	test_fail(file, line, "%s is %s%s%s, want %s%s%s", what, is ? "\"" : "", is ? is : "NULL",
	    is ? "\"" : "", want ? "\"" : "", want ? want : "NULL", want ? "\"" : "");
}

void test_check_contains(
    const char *file, int line, const char *what, const char *text, const char *part)
{
	if (!text || !part || !strstr(text, part))
		test_fail(file, line, "%s is \"%s\", which lacks \"%s\"", what,
		    text ? text : "NULL", part ? part : "NULL");
}

void test_check_mem(
    const char *file, int line, const char *what, const void *is, const void *want, size_t size)
{
	const uint8_t *a = is, *b = want;
	size_t at = 0;
	if (size == 0)
		return;
	if (!a || !b)
		test_fail(file, line, "%s: NULL where %zu bytes are wanted", what, size);
	while (at < size && a[at] == b[at])
		at++;
	if (at == size)
		return;
	const size_t from = at < 8 ? 0 : at - 8, to = size - at < 16 ? size : at + 16;
	fprintf(stderr, "  is  ");
	for (size_t i = from; i < to; i++)
		fprintf(stderr, "%s%02x", i == at ? " >" : " ", a[i]);
	fprintf(stderr, "\n  want");
	for (size_t i = from; i < to; i++)
		fprintf(stderr, "%s%02x", i == at ? " >" : " ", b[i]);
	fputc('\n', stderr);
	test_fail(
	    file, line, "%s: byte %zu of %zu is 0x%02x, want 0x%02x", what, at, size, a[at], b[at]);
}

/* Which descriptors below MAX_FDS are open; returns how many. */
static unsigned int list_open_fds(bool open_fds[MAX_FDS])
{
	unsigned int count = 0;
	memset(open_fds, 0, MAX_FDS * sizeof(open_fds[0]));
	DIR *dir = opendir("/proc/self/fd");
	if (!dir)
		test_fail(__FILE__, __LINE__, "/proc/self/fd: %s", strerror(errno));
	for (struct dirent *entry; (entry = readdir(dir));) {
		const long fd = strtol(entry->d_name, NULL, 10);
		if (entry->d_name[0] == '.' || fd == dirfd(dir))
			continue;
		count++;
		if (fd < MAX_FDS)
			open_fds[fd] = true;
	}
	closedir(dir);
	return count;
}

_Noreturn static void run_child(const struct ph_test_case *entry)
{
	static bool before[MAX_FDS], after[MAX_FDS];
	running = entry->name;
	const unsigned int count = list_open_fds(before);
	entry->run();
	if (list_open_fds(after) != count) {
		for (int fd = 0; fd < MAX_FDS; fd++) {
			char link[32], target[256];
			ssize_t len;
			if (before[fd] == after[fd])
				continue;
			snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
			len = readlink(link, target, sizeof(target) - 1);
			target[len < 0 ? 0 : len] = '\0';
			fprintf(stderr, "  fd %d %s %s\n", fd,
			    after[fd] ? "left open:" : "closed though not its own", target);
		}
		test_fail(
		    __FILE__, __LINE__, "open file descriptors differ from the %u at start", count);
	}
	/* exit, not _exit: the leak checker reports from there */
	exit(0);
}

static int remove_entry(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	return remove(path);
}

static void wait_signal(const sigset_t *set, unsigned int ms, siginfo_t *info)
{
	const struct timespec time = {.tv_sec = ms / 1000, .tv_nsec = (long)(ms % 1000) * 1000000};
	if (sigtimedwait(set, info, &time) < 0)
		info->si_signo = 0;
}

/* The runner adopts what a case leaves behind (it is a subreaper). */
static bool kill_rest(pid_t group)
{
	for (int i = 0; i < 20; i++) {
		while (waitpid(-group, NULL, WNOHANG) > 0)
			;
		if (kill(-group, 0) != 0)
			return false;
		usleep(10000);
	}
	kill(-group, SIGKILL);
	while (waitpid(-group, NULL, 0) > 0)
		;
	return true;
}

/* Waits for the case until its deadline; returns its wait status, -1 at the deadline. */
static int await_case(pid_t pid, uint64_t deadline_us, const sigset_t *set)
{
	for (;;) {
		int status;
		siginfo_t info;
		if (waitpid(pid, &status, WNOHANG) == pid)
			return status;
		if (test_now_us() >= deadline_us)
			return -1;
		wait_signal(set, 100, &info);
		if (info.si_signo == SIGINT || info.si_signo == SIGTERM ||
		    info.si_signo == SIGHUP) {
			kill(-pid, SIGKILL);
			nftw(directory, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
			_exit(128 + info.si_signo);
		}
	}
}

static unsigned int timeout_factor(void)
{
	const char *text = getenv("PH_TEST_TIMEOUT_FACTOR");
	const long factor = text ? strtol(text, NULL, 10) : 1;
	return factor >= 1 && factor <= 100 ? (unsigned int)factor : 1;
}

static int run_case(const struct ph_test_case *entry, const sigset_t *set, const sigset_t *normal)
{
	static const char template[] = "/tmp/ph-test-XXXXXX";
	const unsigned int seconds = entry->timeout_s * timeout_factor();
	const char *verdict = NULL;
	char text[80];
	int result = 1;

	memcpy(directory, template, sizeof(template));
	if (!mkdtemp(directory))
		test_fail(__FILE__, __LINE__, "%s: %s", directory, strerror(errno));
	const uint64_t start = test_now_us();
	const pid_t runner = getpid(), pid = fork();
	if (pid < 0)
		test_fail(__FILE__, __LINE__, "fork: %s", strerror(errno));
	if (pid == 0) {
		setpgid(0, 0);
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() != runner)
			_exit(1);
		sigprocmask(SIG_SETMASK, normal, NULL);
		run_child(entry);
	}
	setpgid(pid, pid);
	const int status = await_case(pid, start + (uint64_t)seconds * 1000000, set);
	if (status == -1) {
		kill(-pid, SIGKILL);
		waitpid(pid, NULL, 0);
		snprintf(text, sizeof(text), "still running after %u s", seconds);
		verdict = text;
	} else if (WIFSIGNALED(status)) {
		snprintf(text, sizeof(text), "killed by %s", strsignal(WTERMSIG(status)));
		verdict = text;
	} else {
		result = WEXITSTATUS(status);
		if (result != 0 && result != EXIT_SKIP) {
			snprintf(text, sizeof(text), "exit status %d", result);
			verdict = text;
			result = 1;
		}
	}
	if (kill_rest(pid) && status != -1 && result == 0) {
		verdict = "left a process behind";
		result = 1;
	}
	nftw(directory, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
	printf("%s %s%s%s (%.3f s)\n",
	    result == 0           ? "pass"
	    : result == EXIT_SKIP ? "skip"
				  : "FAIL",
	    entry->name, verdict ? ": " : "", verdict ? verdict : "",
	    (double)(test_now_us() - start) / 1e6);
	fflush(stdout);
	return result;
}

int main(int argc, char *argv[])
{
	unsigned int ran = 0, failed = 0, skipped = 0;
	sigset_t set, normal;
	const struct rlimit no_core = {0};

	if (argc == 2 && strcmp(argv[1], "--list") == 0) {
		for (const struct ph_test_case *entry = cases; entry; entry = entry->next)
			puts(entry->name);
		return 0;
	}
	setrlimit(RLIMIT_CORE, &no_core);
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	sigprocmask(SIG_BLOCK, &set, &normal);
	/* so that a test can count on it, whoever started the runner */
	signal(SIGPIPE, SIG_DFL);

	for (const struct ph_test_case *entry = cases; entry; entry = entry->next) {
		bool wanted = argc < 2;
		for (int i = 1; i < argc; i++)
			wanted = wanted || strcmp(argv[i], entry->name) == 0;
		if (!wanted)
			continue;
		const int result = run_case(entry, &set, &normal);
		ran++;
		failed += result == 1;
		skipped += result == EXIT_SKIP;
	}
	if (ran == 0 || (argc > 1 && ran != (unsigned int)argc - 1)) {
		fprintf(stderr, "%s: no such case, see --list\n", argv[0]);
		return 1;
	}
	if (failed > 0)
		return 1;
	return skipped == ran ? EXIT_SKIP : 0;
}
