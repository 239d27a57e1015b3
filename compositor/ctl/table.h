// SPDX-License-Identifier: MIT
#ifndef PH_CTL_TABLE_H
#define PH_CTL_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/*
 * A table for people: columns as wide as they need to be on a terminal, where
 * some characters take two places and some none. The locale says which: it has
 * to be one of UTF-8. Otherwise pure.
 */

#define PH_TABLE_COLUMNS_MAX 8

struct ph_table {
	size_t columns;
	size_t cells; /* filled, row by row; the first row is the heading */
	char **text;  /* owned */
	bool right[PH_TABLE_COLUMNS_MAX]; /* numbers */
};

/* headings: as many as there are columns; one that begins with '>' is of numbers. */
void table_init(struct ph_table *table, const char *const *headings, size_t columns);
void table_finish(struct ph_table *table);

/*
 * Adds the next cell; NULL is an empty one. What cannot be shown (control
 * characters, what is not UTF-8) becomes '?'.
 */
void table_add(struct ph_table *table, const char *text);
void table_addf(struct ph_table *table, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Prints it without columns that are empty below their heading, nor spaces at the ends of lines. */
void table_print(const struct ph_table *table, FILE *file);

/* Places on a terminal. */
size_t table_width(const char *text);

/* A copy that is fit to be shown; to be freed by the caller. */
char *table_clean(const char *text);

#endif
