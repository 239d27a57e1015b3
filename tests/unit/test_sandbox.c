// SPDX-License-Identifier: MIT
/* The system call filter: what must work in it and what must not. */
#include "sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/dma-buf.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "test.h"

/*
 * Runs body in a sandboxed process that ends by _exit(): a sanitizer's work at
 * a normal exit is none that the filter allows. Returns the line that failed.
 */
static int inside(int (*body)(void))
{
	pid_t pid = fork();
	check_op(pid, >=, 0);
	if (pid == 0) {
		_exit(sandbox_enter() ? body() : 255);
	}
	int status;
	check_int(waitpid(pid, &status, 0), pid);
	if (!WIFEXITED(status)) {
		test_fail(__FILE__, __LINE__, "ended by signal %d", WTERMSIG(status));
	}
	return WEXITSTATUS(status);
}

/* A numbered expectation; 0 is success. */
#define EXPECT(number, x)                                                                          \
	if (!(x)) {                                                                                \
		return number;                                                                     \
	}

static int talk(void)
{
	int fds[2], memory, loop, timer, other;
	char byte = 'x', control[64] = {0};
	EXPECT(1, socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) == 0);
	EXPECT(2, write(fds[0], &byte, 1) == 1 && read(fds[1], &byte, 1) == 1);
	memory = memfd_create("test", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	EXPECT(3, memory >= 0 && ftruncate(memory, 4096) == 0);
	EXPECT(4, fcntl(memory, F_ADD_SEALS, F_SEAL_SHRINK) == 0);
	void *map = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, memory, 0);
	EXPECT(5, map != MAP_FAILED && munmap(map, 4096) == 0);
	struct iovec iov = {&byte, 1};
	struct msghdr message = {.msg_iov = &iov,
	    .msg_iovlen = 1,
	    .msg_control = control,
	    .msg_controllen = CMSG_SPACE(sizeof(int))};
	struct cmsghdr *header = CMSG_FIRSTHDR(&message);
	header->cmsg_level = SOL_SOCKET;
	header->cmsg_type = SCM_RIGHTS;
	header->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(header), &memory, sizeof(memory));
	EXPECT(6, sendmsg(fds[0], &message, MSG_NOSIGNAL) == 1);
	EXPECT(7, recvmsg(fds[1], &message, MSG_CMSG_CLOEXEC) == 1);
	loop = epoll_create1(EPOLL_CLOEXEC);
	timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
	EXPECT(8, loop >= 0 && timer >= 0);
	EXPECT(9,
	    epoll_ctl(loop, EPOLL_CTL_ADD, fds[0], &(struct epoll_event){.events = EPOLLIN}) == 0);
	EXPECT(10, epoll_wait(loop, &(struct epoll_event){0}, 1, 0) == 0);
	other = fcntl(memory, F_DUPFD_CLOEXEC, 10);
	EXPECT(11, other >= 10 && (fcntl(other, F_GETFL) & O_ACCMODE) == O_RDWR);
	EXPECT(12, fcntl(other, F_GET_SEALS) == F_SEAL_SHRINK && fcntl(other, F_SETFD, 0) == 0);
	EXPECT(13, tgkill(getpid(), gettid(), SIGCHLD) == 0);
	struct dma_buf_sync sync = {.flags = DMA_BUF_SYNC_START | DMA_BUF_SYNC_READ};
	EXPECT(14, ioctl(memory, DMA_BUF_IOCTL_SYNC, &sync) < 0 && errno == ENOTTY);
	void *large = malloc(8 << 20);
	EXPECT(15, large != NULL);
	free(large);
	return 0;
}

static int break_out(void)
{
	char *const argv[] = {(char *)"/bin/true", NULL};
	EXPECT(1, open("/dev/null", O_RDONLY | O_CLOEXEC) < 0 && errno == EPERM);
	EXPECT(2, openat(AT_FDCWD, "/", O_PATH | O_CLOEXEC) < 0 && errno == EPERM);
	EXPECT(3, syscall(SYS_open, "/dev/null", O_RDONLY) < 0 && errno == EPERM);
	EXPECT(4, syscall(SYS_openat2, AT_FDCWD, "/", NULL, 0) < 0 && errno == EPERM);
	EXPECT(5, syscall(SYS_open_by_handle_at, 0, NULL, 0) < 0 && errno == EPERM);
	EXPECT(6, execve(argv[0], argv, NULL) < 0 && errno == EPERM);
	EXPECT(7, syscall(SYS_execveat, AT_FDCWD, argv[0], argv, NULL, 0) < 0 && errno == EPERM);
	EXPECT(8, syscall(SYS_fork) < 0 && errno == EPERM);
	EXPECT(9, syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0) < 0 && errno == EPERM);
	EXPECT(10, ptrace(PTRACE_ATTACH, getppid(), NULL, NULL) < 0 && errno == EPERM);
	EXPECT(11, socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0) < 0 && errno == EPERM);
	EXPECT(12, socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0) < 0 && errno == EPERM);
	EXPECT(13, socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, 0) < 0 && errno == EPERM);
	EXPECT(14, unlink("/nonexistent") < 0 && errno == EPERM);
	EXPECT(15, mkdir("/nonexistent/x", 0700) < 0 && errno == EPERM);
	EXPECT(16, rename("/nonexistent", "/nonexistent2") < 0 && errno == EPERM);
	EXPECT(17, kill(getppid(), 0) < 0 && errno == EPERM);
	EXPECT(18,
	    syscall(SYS_process_vm_readv, getppid(), NULL, 0, NULL, 0, 0) < 0 && errno == EPERM);
	EXPECT(19, syscall(SYS_io_uring_setup, 1, NULL) < 0 && errno == EPERM);
	EXPECT(20, syscall(SYS_mount, "a", "b", "c", 0, NULL) < 0 && errno == EPERM);
	EXPECT(21, syscall(SYS_bpf, 0, NULL, 0) < 0 && errno == EPERM);
	EXPECT(22, bind(0, NULL, 0) < 0 && errno == EPERM);
	EXPECT(24, prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) < 0 && errno == EPERM);
	EXPECT(23, syscall(SYS_seccomp, 0, 0, NULL) < 0 && errno == EPERM);
	return 0;
}

/* Neither talk to nor disturb anybody whom it is not connected to. */
static int reach_out(void)
{
	int parent = getppid(), fds[2];
	struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = "/nonexistent/socket"};
	struct rlimit limit = {0};
	EXPECT(1, socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) == 0);
	EXPECT(2, socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0) < 0 && errno == EPERM);
	EXPECT(3,
	    connect(fds[0], (struct sockaddr *)&address, sizeof(address)) < 0 && errno == EPERM);
	EXPECT(4, socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, fds) < 0 && errno == EPERM);
	EXPECT(5, pidfd_open(parent, 0) < 0 && errno == EPERM);
	EXPECT(6, pidfd_send_signal(0, 0, NULL, 0) < 0 && errno == EPERM);
	EXPECT(7, tgkill(parent, parent, 0) < 0 && errno == EPERM);
	EXPECT(8, fcntl(fds[0], F_SETOWN, parent) < 0 && errno == EPERM);
	EXPECT(9, fcntl(fds[0], F_SETSIG, SIGKILL) < 0 && errno == EPERM);
	EXPECT(10, ioctl(fds[0], FIOSETOWN, &parent) < 0 && errno == EPERM);
	EXPECT(11, prlimit(parent, RLIMIT_CORE, NULL, &limit) < 0 && errno == EPERM);
	EXPECT(12, syscall(SYS_rt_sigqueueinfo, parent, 0, NULL) < 0 && errno == EPERM);
	return 0;
}

TEST(a_bridge_can_do_its_work)
{
	check_int(inside(talk), 0);
}

TEST(nothing_else)
{
	check_int(inside(break_out), 0);
}

TEST(nobody_else)
{
	check_int(inside(reach_out), 0);
}

TEST(what_the_kernel_says)
{
	int fds[2];
	char path[64], byte;
	check_int(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
	pid_t pid = fork();
	check_op(pid, >=, 0);
	if (pid == 0) {
		bool ok = sandbox_enter();
		_exit(write(fds[1], ok ? "y" : "n", 1) == 1 && read(fds[1], &byte, 1) == 1 ? 0 : 1);
	}
	check_op(read(fds[0], &byte, 1), ==, 1);
	check_int(byte, 'y');
	snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	char *status = test_read_file(path, NULL);
	check_contains(status, "NoNewPrivs:\t1\n");
	check_contains(status, "Seccomp:\t2\n");
	free(status);
	check_op(write(fds[0], "x", 1), ==, 1);
	int end;
	check_int(waitpid(pid, &end, 0), pid);
	check_int(end, 0);
	close(fds[0]);
	close(fds[1]);
}
