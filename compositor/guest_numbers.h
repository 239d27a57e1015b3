// SPDX-License-Identifier: MIT
#ifndef PH_GUEST_NUMBERS_H
#define PH_GUEST_NUMBERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/*
 * Which guest has which number, for good: Super+3 is the same guest tomorrow,
 * whatever guests are made or removed. Pure. The file has a line "NUMBER ID" for
 * each; lines that are not so are left out.
 */

#define PH_GUEST_NUMBERS_LIMIT 2000

struct ph_guest_numbers {
	struct ph_guest_number {
		char *id;
		unsigned number; /* from 1, each once */
	} *list;
	size_t count;
	bool changed; /* set by guest_numbers_assign(), cleared by the caller who wrote them */
};

/* Frees what it holds; safe on zeroed memory. */
void guest_numbers_finish(struct ph_guest_numbers *numbers);

/* Adds the lines of a file to zeroed numbers. How many lines were left out. */
size_t guest_numbers_read(struct ph_guest_numbers *numbers, FILE *file);
/* False: writing failed. */
bool guest_numbers_write(const struct ph_guest_numbers *numbers, FILE *file);

/*
 * The guest's number; one that has none gets the lowest that nobody has. While
 * one of the ten that have a key is free only of guests that are gone (exists()
 * says no), it takes that one and the gone guest loses it.
 */
unsigned guest_numbers_assign(struct ph_guest_numbers *numbers, const char *id,
    bool (*exists)(void *data, const char *id), void *data);

/* Whether a guest has that number, be it there or not. */
bool guest_numbers_has(struct ph_guest_numbers *numbers, unsigned number);

/* Gives a guest a number that a person has chosen for it; who had it loses it. */
void guest_numbers_set(struct ph_guest_numbers *numbers, const char *id, unsigned number);

#endif
