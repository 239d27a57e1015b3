// SPDX-License-Identifier: MIT
#ifndef PH_CHORD_H
#define PH_CHORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Names of keys, and chords of them as text: "Super+Shift+Left". Pure. A key's
 * name is that of its KEY_ constant in linux/input-event-codes.h, written as a
 * person would; case does not matter.
 */

enum ph_modifier {
	PH_MODIFIER_SUPER = 1,
	PH_MODIFIER_CTRL = 2,
	PH_MODIFIER_ALT = 4,
	PH_MODIFIER_SHIFT = 8,
};

/* Modifiers and one key. */
struct ph_chord {
	uint32_t modifiers; /* enum ph_modifier */
	uint32_t code;      /* evdev code; of a letter: where it is on a US keyboard */
	char letter;        /* 'a' to 'z': the key with that letter, wherever it is; 0: by code */
};

/* Long enough for every chord as text. */
#define PH_CHORD_TEXT_MAX 64

/*
 * Reads a chord of at most four modifiers and one other key, which may stand
 * alone. False: error (of size bytes) says what was expected.
 */
bool chord_parse(const char *text, struct ph_chord *chord, char *error, size_t size);

/*
 * Reads keys that are to be pressed one after the other, modifiers being keys
 * like all others (the left ones): up to max codes, their number in count.
 * False: error says what was expected.
 */
bool chord_parse_keys(
    const char *text, uint32_t *codes, size_t max, size_t *count, char *error, size_t size);

/* Writes a chord as chord_parse() reads it. */
void chord_format(const struct ph_chord *chord, char text[PH_CHORD_TEXT_MAX]);

/* Writes keys as chord_parse_keys() reads them; cut off at size bytes. */
void chord_format_keys(const uint32_t *codes, size_t count, char *text, size_t size);

/* Whether they are the same chord. */
bool chord_equal(const struct ph_chord *a, const struct ph_chord *b);

/* The evdev code of a key's name of that length; 0: there is no such name. */
uint32_t chord_key_code(const char *name, size_t length);

/* The name of an evdev code, NULL: it has none here. Static. */
const char *chord_key_name(uint32_t code);

/* The modifier that an evdev code is, 0: none. */
uint32_t chord_modifier(uint32_t code);

#endif
