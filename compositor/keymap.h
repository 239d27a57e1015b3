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

/*
 * The keymap that is asked for. Where layout is NULL it is that of XKB_DEFAULT_LAYOUT
 * and the like, else the one that system_file (NULL: none) sets with
 * XKBLAYOUT=, as /etc/vconsole.conf does. NULL: there is no such keymap. To be
 * unreferenced by the caller.
 */
struct xkb_keymap *keymap_create(const struct ph_config_keymap *wanted, const char *const *system_files);

/*
 * The evdev codes of the keys that type a to z without a modifier, in whichever
 * of the keymap's groups has them first; 0: none does.
 */
void keymap_find_letters(struct xkb_keymap *keymap, uint32_t codes[26]);

#endif
