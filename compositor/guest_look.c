// SPDX-License-Identifier: MIT
#include "guest_look.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "config.h"
#include "config_file.h"
#include "config_values.h"

#define TITLE_MAX 64     /* bytes, as in phyllome-guest(5) */
#define FILE_MAX_SIZE 65536 /* a larger one is refused by the bridge as well */

static bool is_title(const char *text)
{
	for (const char *c = text; *c; c++) {
		if ((unsigned char)*c < ' ' || *c == 0x7f) {
			return false;
		}
	}
	return text[0] != '\0' && strlen(text) <= TITLE_MAX;
}

/* "#rrggbb" in either case; 0: it is something else. */
static uint32_t parse_colour(const char *text)
{
	char *end;

	if (text[0] != '#' || strlen(text) != 7 || strspn(text + 1, "0123456789abcdefABCDEF") != 6) {
		return 0;
	}
	uint32_t colour = (uint32_t)strtoul(text + 1, &end, 16);
	return colour ? colour : 0x010101;
}

static void read_directive(struct ph_guest_look *look, const struct scfg_directive *directive)
{
	const char *value = directive->params_len == 1 ? directive->params[0] : NULL;

	if (strcmp(directive->name, "name") == 0 && value && is_title(value)) {
		free(look->title);
		look->title = strdup(value);
	} else if (strcmp(directive->name, "colour") == 0 && value) {
		look->colour = parse_colour(value);
	} else if (strcmp(directive->name, "edge") == 0 && directive->params_len == 0) {
		look->edge = true;
	}
}

/* False: it cannot be read, or is not written as scfg. */
static bool read_file(const char *path, struct scfg_block *block)
{
	char error[PH_SESSION_CONFIG_ERROR_MAX]; /* said by the bridge, of its own */
	struct config_parser parser = {.file = path, .error = error};
	size_t size;
	char *text = config_file_read(path, &size);
	bool ok = text && size > 0 && config_read_text_block(&parser, block, text, size);

	free(text);
	return ok;
}

void guest_look_read(struct ph_guest_look *look, const char *dir, const char *id)
{
	struct scfg_block block = {0};
	struct stat status;
	char *path = NULL;

	*look = (struct ph_guest_look){0};
	if (asprintf(&path, "%s/guest.scfg", dir) < 0) {
		abort();
	}
	/* Not a pipe or a device: those would keep the session waiting. */
	if (stat(path, &status) == 0 && S_ISREG(status.st_mode) && status.st_size <= FILE_MAX_SIZE &&
	    read_file(path, &block)) {
		for (size_t i = 0; i < block.directives_len; i++) {
			read_directive(look, &block.directives[i]);
		}
		scfg_block_finish(&block);
	}
	free(path);
	if (!look->title) {
		look->title = strdup(id);
	}
	if (!look->title) {
		abort();
	}
}
