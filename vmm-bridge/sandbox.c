// SPDX-License-Identifier: MIT
#include "sandbox.h"

#include <errno.h>
#include <seccomp.h>
#include <sys/prctl.h>
#include <sys/socket.h>

#define LOG_MODULE "sandbox"
#include "log.h"

/* What the event loop, libwayland-client, sd-bus, sd-json and malloc need once all is set up. */
static const char *const allowed[] = {
    /* the loop */
    "epoll_create1", "epoll_ctl", "epoll_wait", "epoll_pwait", "epoll_pwait2", "poll", "ppoll",
    "timerfd_create", "timerfd_settime", "timerfd_gettime", "signalfd4", "eventfd2", "rt_sigaction",
    "rt_sigprocmask", "rt_sigreturn", "sigreturn", "sigaltstack", "restart_syscall",
    "clock_gettime", "clock_gettime64", "clock_nanosleep", "nanosleep", "gettimeofday", "time",
    /* sockets and descriptors */
    "connect", "socketpair", "sendmsg", "recvmsg", "sendto", "recvfrom", "getsockopt", "setsockopt",
    "getsockname", "getpeername", "shutdown", "read", "write", "readv", "writev", "close", "dup",
    "dup3", "fcntl", "fcntl64", "lseek", "_llseek", "fstat", "fstat64", "newfstatat", "statx",
    "pread64",
    /* pictures: shared memory, and the fences of dma-bufs (ioctl) */
    "memfd_create", "ftruncate", "ftruncate64", "mmap", "mmap2", "munmap", "mremap", "mprotect",
    "madvise", "ioctl", "fallocate",
    /* QEMU's end */
    "pidfd_open", "pidfd_send_signal", "wait4", "waitid",
    /* oneself */
    "brk", "getpid", "gettid", "getppid", "getuid", "geteuid", "getgid", "getegid", "getrandom",
    "futex", "futex_time64", "rseq", "sched_yield", "sched_getaffinity", "uname", "prlimit64",
    "getrlimit", "tgkill", "exit", "exit_group", "membarrier", "get_robust_list",
    "set_robust_list"};

static bool add_rules(scmp_filter_ctx filter)
{
	for (size_t i = 0; i < sizeof(allowed) / sizeof(allowed[0]); i++) {
		int number = seccomp_syscall_resolve_name(allowed[i]);
		/* some exist on other computers only */
		if (number == __NR_SCMP_ERROR) {
			continue;
		}
		int r = seccomp_rule_add(filter, SCMP_ACT_ALLOW, number, 0);
		if (r < 0 && r != -EDOM) {
			errno = -r;
			log_errno("system call filter: %s", allowed[i]);
			return false;
		}
	}
	/* the compositor's and QEMU's sockets lie in the file system; no network */
	int r = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(socket), 1,
	    SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)AF_UNIX));
	if (r < 0) {
		errno = -r;
		log_errno("system call filter: socket");
	}
	return r >= 0;
}

bool sandbox_enter(void)
{
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 || prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0) {
		log_errno("no_new_privs");
		return false;
	}
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(EPERM));
	if (!filter) {
		log_error("no system call filter: out of memory");
		return false;
	}
	bool ok = add_rules(filter);
	if (ok) {
		int r = seccomp_load(filter);
		ok = r >= 0;
		if (!ok) {
			errno = -r;
			log_errno("the kernel takes no system call filter; build with "
				  "-Dseccomp=disabled to "
				  "do without");
		}
	}
	seccomp_release(filter);
	return ok;
}
