// SPDX-License-Identifier: MIT
#include "backlight.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One line of a file of that backlight. False: it cannot be read. */
static bool read_line(
    const char *directory, const char *name, const char *file, char *line, size_t size)
{
	char path[512];
	bool done = false;

	if (snprintf(path, sizeof(path), "%s/%s/%s", directory, name, file) < (int)sizeof(path)) {
		FILE *stream = fopen(path, "re");
		if (stream) {
			done = fgets(line, (int)size, stream) != NULL;
			line[done ? strcspn(line, "\n") : 0] = '\0';
			fclose(stream);
		}
	}
	return done;
}

static bool read_number(const char *directory, const char *name, const char *file, unsigned *number)
{
	char line[32], *end;

	if (!read_line(directory, name, file, line, sizeof(line))) {
		return false;
	}
	unsigned long value = strtoul(line, &end, 10);
	*number = (unsigned)value;
	return end != line && *end == '\0' && value <= 1000000000;
}

static int rank(const char *type)
{
	return strcmp(type, "firmware") == 0 ? 3 : strcmp(type, "platform") == 0 ? 2 : 1;
}

bool backlight_find(const char *directory, struct ph_backlight *backlight)
{
	DIR *dir = opendir(directory);
	struct dirent *entry;
	int best = 0;

	if (!dir) {
		return false;
	}
	while ((entry = readdir(dir))) {
		struct ph_backlight found = {0};
		char type[32] = "";
		size_t length = strlen(entry->d_name);
		if (entry->d_name[0] == '.' || length >= sizeof(found.name)) {
			continue;
		}
		memcpy(found.name, entry->d_name, length + 1);
		read_line(directory, found.name, "type", type, sizeof(type));
		if (rank(type) > best &&
		    read_number(directory, found.name, "max_brightness", &found.max) &&
		    read_number(directory, found.name, "brightness", &found.now) && found.max > 0) {
			best = rank(type);
			*backlight = found;
		}
	}
	closedir(dir);
	return best > 0;
}

unsigned backlight_step(const struct ph_backlight *backlight, unsigned percent, bool up)
{
	unsigned step = (unsigned)(((unsigned long long)backlight->max * percent + 50) / 100);
	unsigned now = backlight->now < backlight->max ? backlight->now : backlight->max;

	step = step > 0 ? step : 1;
	if (up) {
		return backlight->max - now > step ? now + step : backlight->max;
	}
	return now > step ? now - step : 1;
}
