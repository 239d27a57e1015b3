// SPDX-License-Identifier: MIT
#include "guest_title.h"

#include <scfg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

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

static char *find_title(const struct scfg_block *block)
{
	for (size_t i = 0; i < block->directives_len; i++) {
		const struct scfg_directive *directive = &block->directives[i];
		if (strcmp(directive->name, "name") == 0 && directive->params_len == 1 &&
		    is_title(directive->params[0])) {
			return strdup(directive->params[0]);
		}
	}
	return NULL;
}

char *guest_title_read(const char *dir, const char *id)
{
	struct scfg_block block = {0};
	struct stat status;
	char *path = NULL, *title = NULL;

	if (asprintf(&path, "%s/guest.scfg", dir) < 0) {
		abort();
	}
	/* Not a pipe or a device: those would keep the session waiting. */
	if (stat(path, &status) == 0 && S_ISREG(status.st_mode) && status.st_size <= FILE_MAX_SIZE &&
	    scfg_load_file(&block, path) == 0) {
		title = find_title(&block);
		scfg_block_finish(&block);
	}
	free(path);
	if (!title) {
		title = strdup(id);
	}
	if (!title) {
		abort();
	}
	return title;
}
