// SPDX-License-Identifier: MIT
#include "sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/dma-buf.h>
#include <linux/sockios.h>
#include <seccomp.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#define LOG_MODULE "sandbox"
#include "log.h"

/* What the event loop, libwayland-client, sd-bus, sd-json and malloc need once all is set up. */
static const char *const allowed[] = {
    /* the loop */
    "epoll_create1", "epoll_ctl", "epoll_wait", "epoll_pwait", "epoll_pwait2", "poll", "ppoll",
    "timerfd_create", "timerfd_settime", "timerfd_gettime", "signalfd4", "eventfd2", "rt_sigaction",
    "rt_sigprocmask", "rt_sigreturn", "sigreturn", "sigaltstack", "restart_syscall",
    "clock_gettime", "clock_gettime64", "clock_nanosleep", "nanosleep", "gettimeofday", "time",
    /* sockets and descriptors: those that there are; the starter makes new ones */
    "sendmsg", "recvmsg", "sendto", "recvfrom", "getsockopt", "setsockopt", "getsockname",
    "getpeername", "shutdown", "read", "write", "readv", "writev", "close", "dup", "dup3", "lseek",
    "_llseek", "fstat", "fstat64", "newfstatat", "statx", "pread64",
    /* pictures: shared memory */
    "memfd_create", "ftruncate", "ftruncate64", "mmap", "mmap2", "munmap", "mremap", "mprotect",
    "madvise", "fallocate",
    /* the starter's end */
    "wait4", "waitid",
    /* oneself */
    "brk", "getpid", "gettid", "getppid", "getuid", "geteuid", "getgid", "getegid", "getrandom",
    "futex", "futex_time64", "rseq", "sched_yield", "sched_getaffinity", "uname", "getrlimit",
    "exit", "exit_group", "membarrier", "set_robust_list"};

/*
 * A descriptor may be copied and sealed and its flags read and set; F_SETOWN and F_SETSIG would
 * send signals to other processes.
 */
static const int file_commands[] = {
    F_DUPFD, F_DUPFD_CLOEXEC, F_GETFD, F_SETFD, F_GETFL, F_SETFL, F_GET_SEALS, F_ADD_SEALS};

/* Likewise FIOSETOWN; the others are what glibc and libraries ask of a file or socket. */
static const unsigned long device_commands[] = {FIONREAD, TCGETS, SIOCOUTQ};

static bool added(const char *name, int r)
{
	if (r < 0 && r != -EDOM) {
		errno = -r;
		log_errno("system call filter: %s", name);
		return false;
	}
	return true;
}

/* A rule for one argument; a call that this computer has not is left out. */
static bool add(scmp_filter_ctx filter, const char *name, struct scmp_arg_cmp wanted)
{
	int number = seccomp_syscall_resolve_name(name);
	return number == __NR_SCMP_ERROR ||
	       added(name, seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, number, 1, &wanted));
}

static bool add_plain(scmp_filter_ctx filter)
{
	for (size_t i = 0; i < sizeof(allowed) / sizeof(allowed[0]); i++) {
		int number = seccomp_syscall_resolve_name(allowed[i]);
		/* some exist on other computers only */
		if (number != __NR_SCMP_ERROR &&
		    !added(allowed[i], seccomp_rule_add(filter, SCMP_ACT_ALLOW, number, 0))) {
			return false;
		}
	}
	return true;
}

static bool add_commands(scmp_filter_ctx filter)
{
	bool ok = true;
	for (size_t i = 0; i < sizeof(file_commands) / sizeof(file_commands[0]); i++) {
		struct scmp_arg_cmp wanted =
		    SCMP_A1_32(SCMP_CMP_EQ, (unsigned int)file_commands[i]);
		ok = ok && add(filter, "fcntl", wanted) && add(filter, "fcntl64", wanted);
	}
	for (size_t i = 0; i < sizeof(device_commands) / sizeof(device_commands[0]); i++) {
		ok = ok && add(filter, "ioctl", SCMP_A1_32(SCMP_CMP_EQ, device_commands[i]));
	}
	/* the fences of dma-bufs: whatever this type of file understands */
	return ok && add(filter, "ioctl",
			 SCMP_A1_32(SCMP_CMP_MASKED_EQ, _IOC_TYPEMASK << _IOC_TYPESHIFT,
			     DMA_BUF_BASE << _IOC_TYPESHIFT));
}

static bool add_rules(scmp_filter_ctx filter)
{
	scmp_datum_t self = (scmp_datum_t)getpid();
	/* a pair that is connected for good: a datagram can be sent to anybody */
	struct scmp_arg_cmp stream = SCMP_A1_32(SCMP_CMP_MASKED_EQ, 0xf, SOCK_STREAM);
	return add_plain(filter) && add_commands(filter) && add(filter, "socketpair", stream) &&
	       /* abort() */
	       add(filter, "tgkill", SCMP_A0_32(SCMP_CMP_EQ, self)) &&
	       /* one's own limits */
	       add(filter, "prlimit64", SCMP_A0_32(SCMP_CMP_EQ, 0));
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
