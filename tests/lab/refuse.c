// SPDX-License-Identifier: MIT
/*
 * In the computer: a driver whose test says yes and whose commit says no. Preloaded into
 * the session; the next frame after somebody has made the file is refused, once.
 */
#include <dlfcn.h>
#include <errno.h>
#include <stdint.h>
#include <unistd.h>

#define TEST_ONLY 0x0100
#define REFUSE "/run/user/1000/refuse"

int drmModeAtomicCommit(int fd, void *request, uint32_t flags, void *data)
{
	int (*real)(int, void *, uint32_t, void *);

	*(void **)&real = dlsym(RTLD_NEXT, "drmModeAtomicCommit");
	if (!(flags & TEST_ONLY) && unlink(REFUSE) == 0) {
		return -EINVAL;
	}
	return real(fd, request, flags, data);
}
