// SPDX-License-Identifier: MIT
#ifndef PH_QUOTED_H
#define PH_QUOTED_H

#include <stdio.h>

/*
 * Writes a word in the quotes of scfg. Any byte may be in it, as identities come
 * from monitors; control characters become '?'.
 */
void quoted_write(FILE *file, const char *word);

#endif
