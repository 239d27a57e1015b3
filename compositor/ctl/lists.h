// SPDX-License-Identifier: MIT
#ifndef PH_CTL_LISTS_H
#define PH_CTL_LISTS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <systemd/sd-json.h>

/*
 * What the session says, as tables and lines. Nothing is demanded of the JSON: a
 * field that is missing is empty. Pure, but for the locale (table.h).
 */

/* The text of a field, "" without one; as long as the object lives. */
const char *lists_text(sd_json_variant *object, const char *field);
int64_t lists_number(sd_json_variant *object, const char *field);
bool lists_is(sd_json_variant *object, const char *field);

/* Tables of ListGuests' and ListOutputs' arrays. */
void lists_print_guests(sd_json_variant *guests, FILE *file);
void lists_print_outputs(sd_json_variant *outputs, FILE *file);

/* Each name, a tab, and what it is. */
void lists_print_names(sd_json_variant *list, FILE *file);

/*
 * A line for each thing that is in `now` (a state of Subscribe) otherwise than in
 * `before`; NULL: for everything.
 */
void lists_print_changes(sd_json_variant *before, sd_json_variant *now, FILE *file);

#endif
