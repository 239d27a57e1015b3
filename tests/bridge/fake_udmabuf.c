// SPDX-License-Identifier: MIT
/*
 * To be preloaded into QEMU on machines without /dev/udmabuf: blobs of guest
 * memory become memory files of the right size, with nothing in them. Enough
 * to see which messages QEMU sends for them.
 */
#define open libc_open /* its prototype is in the way */
#define open64 libc_open64
#define ioctl libc_ioctl
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/udmabuf.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/types.h>
#include <unistd.h>
#undef open
#undef open64
#undef ioctl

/* QEMU closes low descriptors that are not its own when an export failed. */
#define FIRST_FD 500

int open(const char *path, int flags, ...);
int open64(const char *path, int flags, ...);
int ioctl(int fd, unsigned long request, ...);

static int device = -1;

static int open_any(const char *name, const char *path, int flags, mode_t mode)
{
	int (*next)(const char *, int, ...) = NULL;
	void *symbol = dlsym(RTLD_NEXT, name);

	if (strcmp(path, "/dev/udmabuf") == 0) {
		device = memfd_create("udmabuf", MFD_CLOEXEC);
		return device;
	}
	memcpy(&next, &symbol, sizeof(next));
	return next(path, flags, mode);
}

int open(const char *path, int flags, ...)
{
	va_list args;
	va_start(args, flags);
	const mode_t mode = (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(args, mode_t) : 0;
	va_end(args);
	return open_any("open", path, flags, mode);
}

int open64(const char *path, int flags, ...)
{
	va_list args;
	va_start(args, flags);
	const mode_t mode = (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(args, mode_t) : 0;
	va_end(args);
	return open_any("open64", path, flags, mode);
}

static int make_buffer(const struct udmabuf_create_list *list)
{
	off_t size = 0;
	for (uint32_t i = 0; i < list->count; i++) {
		size += (off_t)list->list[i].size;
	}
	const int memory = memfd_create("dmabuf", MFD_CLOEXEC);
	if (memory < 0 || ftruncate(memory, size) < 0) {
		return -1;
	}
	const int fd = fcntl(memory, F_DUPFD_CLOEXEC, FIRST_FD);
	close(memory);
	return fd;
}

int ioctl(int fd, unsigned long request, ...)
{
	int (*next)(int, unsigned long, ...) = NULL;
	void *symbol = dlsym(RTLD_NEXT, "ioctl");
	va_list args;

	va_start(args, request);
	void *argument = va_arg(args, void *);
	va_end(args);
	if (device >= 0 && request == UDMABUF_CREATE_LIST) {
		return make_buffer(argument);
	}
	memcpy(&next, &symbol, sizeof(next));
	return next(fd, request, argument);
}
