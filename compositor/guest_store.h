// SPDX-License-Identifier: MIT
#ifndef PH_GUEST_STORE_H
#define PH_GUEST_STORE_H

#include <stdbool.h>
#include <stddef.h>

/* The guests that there are: each a directory with a guest.scfg in it, or one that is locked (guest_lock.h). */

/* Longest id in bytes: with it the path of a guest's socket fits into a sockaddr_un. */
#define PH_GUEST_ID_LIMIT 64
/* More guests than this are left out. */
#define PH_GUEST_LIMIT 1000

struct ph_guest_entry {
	char *id;        /* base name of the directory; passes guest_store_check_id() */
	char *dir;       /* absolute path */
	unsigned number; /* 1 and up, in the order of the ids, "vm2" before "vm10" */
};

/*
 * Path of the folder that holds all guests, from the values of XDG_DATA_HOME
 * and HOME (each may be NULL; one that is not absolute counts as not set). NULL
 * when neither helps. The caller frees it.
 */
char *guest_store_locate(const char *xdg_data_home, const char *home);

/*
 * Makes a line that a peer sent fit to be shown, logged and written as JSON: each
 * byte that is a control character (those of Unicode for lines and directions are) or
 * not of plain UTF-8 becomes '?'. Pure.
 */
void guest_store_clean_line(char *line);

/* Why a name cannot be a guest's id, to follow "its name"; NULL when it can. Pure. */
const char *guest_store_check_id(const char *id);

/* Whether that directory is a guest's, as far as can be seen. */
bool guest_store_is_guest(const char *dir);

/*
 * Lists the guests in dir, sorted. A folder that does not exist is an empty
 * list. False with errno when it cannot be read (ENOKEY: it is locked itself);
 * *guests is then NULL. A guest whose name cannot be an id is left out, and
 * `skipped` (may be NULL) is told its name and why. The caller frees the list
 * with guest_store_free().
 */
bool guest_store_scan(const char *dir, struct ph_guest_entry **guests, size_t *count,
    void (*skipped)(void *data, const char *name, const char *why), void *data);

/* NULL is allowed. */
void guest_store_free(struct ph_guest_entry *guests, size_t count);

#endif
