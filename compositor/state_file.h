// SPDX-License-Identifier: MIT
#ifndef PH_STATE_FILE_H
#define PH_STATE_FILE_H

#include <stdbool.h>

/* Files of the session in the user's state directory. */

/*
 * Path of a file: $XDG_STATE_HOME/phyllome/NAME, or below ~/.local/state, or in
 * `fallback` (absolute) when there is neither. The caller frees it.
 */
char *state_file_locate(const char *name, const char *fallback);

/*
 * Writes all of the text or, with errno, leaves the file as it was. Directories
 * that are missing are made. With sync, which waits for the disk, one of both is
 * there also after a power cut.
 */
bool state_file_write(const char *path, const char *text, bool sync);

#endif
