// SPDX-License-Identifier: MIT
#include "log_cap.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include "alloc.h"
#include "qemu_start.h"

#define LOG_MODULE "log"
#include "log.h"

static const char *const names[] = {PH_QEMU_LOG, "bridge.log"};

int log_cap_watch(const char *runtime)
{
	int watch = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	if (watch < 0 || inotify_add_watch(watch, runtime, IN_MODIFY | IN_ONLYDIR) < 0) {
		log_errno("%s cannot be watched: logs in it may become large", runtime);
		if (watch >= 0) {
			close(watch);
		}
		return -1;
	}
	return watch;
}

/* By what it takes, not by its size: one that is not appended to has a hole at its beginning afterwards. */
static void cut(const char *runtime, const char *name)
{
	static const char text[] = "(what was before this line is gone: the log had become too large)\n";
	char *path = alloc_format("%s/%s", runtime, name);
	struct stat about;
	if (lstat(path, &about) == 0 && S_ISREG(about.st_mode) && (long long)about.st_blocks * 512 > PH_LOG_CAP) {
		int fd = open(path, O_WRONLY | O_TRUNC | O_APPEND | O_CLOEXEC | O_NOFOLLOW);
		if (fd < 0 || write(fd, text, strlen(text)) < 0) {
			/* once: this line may go into that very file */
			static bool said;
			if (!said) {
				log_errno("%s cannot be cut", path);
			}
			said = true;
		}
		if (fd >= 0) {
			close(fd);
		}
	}
	free(path);
}

void log_cap_handle(int watch, const char *runtime)
{
	char events[4096];
	/* which one it was does not matter: there are two. One read, as somebody may write without an end */
	if (read(watch, events, sizeof(events)) < 0) {
		return;
	}
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		cut(runtime, names[i]);
	}
}
