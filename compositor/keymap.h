// SPDX-License-Identifier: MIT
#ifndef PH_KEYMAP_H
#define PH_KEYMAP_H

#include <stdint.h>
#include <xkbcommon/xkbcommon.h>

#include "config.h"

/*
 * The keymap of this computer's own keyboards: where its letters are, for our
 * bindings, and what host programs type with. Guests have keymaps of their own.
 */

#define PH_KEYMAP_WRONG_MAX 512

/*
 * The keymap that is asked for. Where layout is NULL it is that of XKB_DEFAULT_LAYOUT
 * and the like, else the one that the first of system_files (ends with NULL; NULL: none) sets
 * with XKBLAYOUT=, as /etc/vconsole.conf does, else us. So it is us, too, where those name
 * a keymap that does not exist: a login needs one. wrong is a line that says so then,
 * otherwise "". NULL: there is no keymap with the layout that is asked for, or not even us.
 * To be unreferenced by the caller.
 */
struct xkb_keymap *keymap_create(const struct ph_config_keymap *wanted, const char *const *system_files,
    char wrong[PH_KEYMAP_WRONG_MAX]);

/*
 * The evdev codes of the keys that type a to z without a modifier, in whichever
 * of the keymap's groups has them first; 0: none does.
 */
void keymap_find_letters(struct xkb_keymap *keymap, uint32_t codes[26]);

#endif
