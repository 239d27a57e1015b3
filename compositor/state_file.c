// SPDX-License-Identifier: MIT
#include "state_file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

char *state_file_locate(const char *name, const char *fallback)
{
	const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
	char *path;
	int length;

	if (state && state[0] == '/') {
		length = asprintf(&path, "%s/phyllome/%s", state, name);
	} else if (home && home[0] == '/') {
		length = asprintf(&path, "%s/.local/state/phyllome/%s", home, name);
	} else {
		length = asprintf(&path, "%s/%s", fallback, name);
	}
	if (length < 0) {
		abort();
	}
	return path;
}

/* Makes the directories above path, those of the XDG specification being 0700. */
static bool make_parents(const char *file)
{
	char path[4096];

	snprintf(path, sizeof(path), "%s", file);
	for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		bool done = mkdir(path, 0700) == 0 || errno == EEXIST;
		*slash = '/';
		if (!done) {
			return false;
		}
	}
	return true;
}

/* All of it or nothing: a full disk leaves what was there. */
static bool replace(const char *path, const char *text, bool sync)
{
	char new_path[4096];
	size_t length = strlen(text);

	snprintf(new_path, sizeof(new_path), "%s.new", path);
	FILE *file = fopen(new_path, "we");
	if (!file) {
		return false;
	}
	bool done = fwrite(text, 1, length, file) == length &&
		    (!sync || (fflush(file) == 0 && fdatasync(fileno(file)) == 0));
	done = fclose(file) == 0 && done && rename(new_path, path) == 0;
	if (!done) {
		int error = errno;
		unlink(new_path);
		errno = error;
	}
	return done;
}

bool state_file_write(const char *path, const char *text, bool sync)
{
	return make_parents(path) && replace(path, text, sync);
}
