// SPDX-License-Identifier: MIT
#include "spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* Where programs are looked for when the session was started without PATH. */
#define DEFAULT_PATH "/usr/local/bin:/usr/bin:/bin"

/* What programs get that are started by a process which has raised its own; rlim_max 0: it has not. */
static struct rlimit usual_files;

void spawn_raise_file_limit(void)
{
	struct rlimit limit;

	if (usual_files.rlim_max == 0 && getrlimit(RLIMIT_NOFILE, &limit) == 0) {
		usual_files = limit;
		limit.rlim_cur = limit.rlim_max;
		setrlimit(RLIMIT_NOFILE, &limit);
	}
}

/* Before fork, because a process with threads may not allocate between fork and exec. */
static char *find_program(const char *name)
{
	const char *path = getenv("PATH");
	int error = ENOENT;

	if (strchr(name, '/'))
		return strdup(name);
	if (!path || !*path)
		path = DEFAULT_PATH;
	for (const char *at = path, *end; *name; at = end + 1) {
		char *full;
		struct stat st;

		end = strchrnul(at, ':');
		if (asprintf(&full, "%.*s/%s", (int)(end - at), at, name) < 0)
			abort();
		/* An empty or relative entry would mean "wherever we happen to be". */
		if (full[0] == '/' && stat(full, &st) == 0 && S_ISREG(st.st_mode)) {
			if (access(full, X_OK) == 0)
				return full;
			error = EACCES;
		}
		free(full);
		if (!*end)
			break;
	}
	errno = error;
	return NULL;
}

/*
 * Everything above 2 closes at exec, except the listed ones. The pipe that
 * tells of a failed exec is among those that close.
 */
static bool keep_fds(const int *fds, size_t count)
{
	if (close_range(3, ~0U, CLOSE_RANGE_CLOEXEC) < 0) {
		long limit = sysconf(_SC_OPEN_MAX);

		for (int fd = 3; fd < (limit > 0 ? limit : 1024); fd++)
			fcntl(fd, F_SETFD, FD_CLOEXEC);
	}
	for (size_t i = 0; i < count; i++) {
		if (fds[i] <= 2) {
			errno = EINVAL;
			return false;
		}
		if (fcntl(fds[i], F_SETFD, 0) < 0)
			return false;
	}
	return true;
}

/*
 * Makes fd the descriptor with that number, open across exec. (As dup2() does,
 * whose result gcc's analyser takes for a leak.)
 */
static bool put(int fd, int number)
{
	if (fd == number)
		return fcntl(fd, F_SETFD, 0) == 0;
	close(number);
	return fcntl(fd, F_DUPFD, number) == number;
}

/* Closes what is no standard descriptor itself. */
static void close_spare(int fd)
{
	if (fd > STDERR_FILENO)
		close(fd);
}

static bool set_stdio(const char *log_path, int output_fd)
{
	int null = open("/dev/null", O_RDONLY | O_CLOEXEC), log;
	bool done = null >= 0 && put(null, STDIN_FILENO);

	close_spare(null);
	if (!done || output_fd > 0)
		return done && put(output_fd, STDOUT_FILENO) && put(output_fd, STDERR_FILENO);
	if (!log_path)
		return true;
	log = open(log_path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
	done = log >= 0 && put(log, STDOUT_FILENO) && put(log, STDERR_FILENO);
	close_spare(log);
	return done;
}

static void reset_signals(void)
{
	struct sigaction action = {.sa_handler = SIG_DFL};
	sigset_t none;

	for (int number = 1; number < NSIG; number++)
		sigaction(number, &action, NULL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

/* In the child; only calls that are safe after fork in a process with threads. */
static void become(const struct ph_spawn *spawn, const char *program, int report)
{
	int error;

	if ((spawn->keep_session ? setpgid(0, 0) == 0 : setsid() >= 0) &&
	    set_stdio(spawn->log_path, spawn->output_fd) && keep_fds(spawn->fds, spawn->fd_count)) {
		reset_signals();
		if (spawn->keep_session)
			signal(SIGTTOU, SIG_IGN); /* or its log could stop it */
		if (usual_files.rlim_max > 0)
			setrlimit(RLIMIT_NOFILE, &usual_files);
		execve(program, (char *const *)spawn->argv, (char *const *)spawn->env);
	}
	error = errno;
	while (write(report, &error, sizeof(error)) < 0 && errno == EINTR)
		;
	_exit(127);
}

/* Waits for exec: the pipe closes without a word, or brings the errno. */
static int read_report(int fd)
{
	int error = 0;
	ssize_t got;

	do {
		got = read(fd, &error, sizeof(error));
	} while (got < 0 && errno == EINTR);
	return got == sizeof(error) ? error : 0;
}

/* A pipe whose writing end is out of the way of the child's stdio. */
static bool open_report(int report[2])
{
	int high;

	if (pipe2(report, O_CLOEXEC) < 0)
		return false;
	high = fcntl(report[1], F_DUPFD_CLOEXEC, 3);
	close(report[1]);
	if (high < 0)
		close(report[0]);
	report[1] = high;
	return high >= 0;
}

static pid_t start(const struct ph_spawn *spawn, const char *program)
{
	int report[2];
	sigset_t all, old;
	pid_t pid;
	int error;

	if (!open_report(report))
		return -1;
	/* No handler of ours may run in the child before its handlers are reset. */
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &old);
	pid = fork();
	if (pid == 0)
		become(spawn, program, report[1]);
	error = errno;
	sigprocmask(SIG_SETMASK, &old, NULL);
	close(report[1]);
	if (pid > 0) {
		error = read_report(report[0]);
		if (error) {
			while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
				;
			pid = -1;
		}
	}
	close(report[0]);
	errno = error;
	return pid;
}

pid_t spawn_program(const struct ph_spawn *spawn)
{
	char *program = find_program(spawn->argv[0]);
	pid_t pid = program ? start(spawn, program) : -1;
	int error = errno;

	free(program);
	if (pid < 0) {
		char text[512];

		spawn_explain(spawn, error, text, sizeof(text));
		fprintf(stderr, "phyllome: %s\n", text);
		errno = error;
	}
	return pid;
}

void spawn_explain(const struct ph_spawn *spawn, int error, char *text, size_t size)
{
	const char *name = spawn->argv[0];
	const char *advice = "";

	if (error == ENOENT)
		advice = strchr(name, '/')
			     ? "; install it, or check its path (or the path of its log)"
			     : "; install it, or add its directory to PATH";
	else if (error == EACCES)
		advice = "; make it (and its log file) accessible to this user: see 'ls -l'";
	else if (error == ENOEXEC)
		advice = "; the file is not a program for this computer: install it again";
	else if (error == EAGAIN || error == ENOMEM)
		advice = "; this user has too many processes, or memory has run out";
	snprintf(text, size, "cannot start %s: %s%s", name, strerror(error), advice);
}

static bool name_matches(const char *setting, const char *name)
{
	size_t length = strlen(name);

	if (length > 0 && name[length - 1] == '*')
		return strncmp(setting, name, length - 1) == 0;
	return strncmp(setting, name, length) == 0 && setting[length] == '=';
}

static bool is_listed(const char *setting, const char *const *names)
{
	for (; *names; names++)
		if (name_matches(setting, *names))
			return true;
	return false;
}

static bool is_overridden(const char *setting, const char *const *set)
{
	for (; set && *set; set++) {
		size_t length = (size_t)(strchrnul(*set, '=') - *set);

		if (strncmp(setting, *set, length) == 0 && setting[length] == '=')
			return true;
	}
	return false;
}

char **spawn_env_create(char *const *from, const char *const *names, const char *const *set)
{
	size_t room = 1, used = 0;
	char **env;

	for (char *const *at = from; *at; at++)
		room++;
	for (const char *const *at = set; at && *at; at++)
		room++;
	env = calloc(room, sizeof(*env));
	if (!env)
		abort();
	for (; *from; from++)
		if (is_listed(*from, names) && !is_overridden(*from, set))
			env[used++] = strdup(*from);
	for (; set && *set; set++)
		env[used++] = strdup(*set);
	for (size_t i = 0; i < used; i++)
		if (!env[i])
			abort();
	return env;
}

void spawn_env_destroy(char **env)
{
	for (char **at = env; at && *at; at++)
		free(*at);
	free(env);
}

uint32_t spawn_backoff_next(struct ph_backoff *backoff, uint64_t lived_ms)
{
	uint32_t wait = PH_BACKOFF_FIRST_MS;

	if (lived_ms >= PH_BACKOFF_LIFE_MS)
		backoff->deaths = 0;
	for (unsigned i = 0; i < backoff->deaths && wait < PH_BACKOFF_LAST_MS; i++)
		wait *= 2;
	if (backoff->deaths < 1000)
		backoff->deaths++;
	return wait < PH_BACKOFF_LAST_MS ? wait : PH_BACKOFF_LAST_MS;
}
