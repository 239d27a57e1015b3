// SPDX-License-Identifier: MIT
#include "near.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* Longer texts are compared by this many bytes. */
#define LENGTH_MAX 80

static char fold(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static size_t least(size_t a, size_t b, size_t c)
{
	a = a < b ? a : b;
	return a < c ? a : c;
}

/* How many bytes are to be changed, left out, added or swapped with the next one. */
static size_t measure(const char *one, const char *two)
{
	size_t rows[3][LENGTH_MAX + 1];
	size_t length_one = strnlen(one, LENGTH_MAX), length_two = strnlen(two, LENGTH_MAX);

	for (size_t j = 0; j <= length_two; j++) {
		rows[0][j] = j;
	}
	for (size_t i = 1; i <= length_one; i++) {
		size_t *row = rows[i % 3], *last = rows[(i - 1) % 3], *before = rows[(i + 1) % 3];
		row[0] = i;
		for (size_t j = 1; j <= length_two; j++) {
			size_t differs = fold(one[i - 1]) != fold(two[j - 1]);
			row[j] = least(row[j - 1] + 1, last[j] + 1, last[j - 1] + differs);
			if (i > 1 && j > 1 && fold(one[i - 1]) == fold(two[j - 2]) &&
			    fold(one[i - 2]) == fold(two[j - 1])) {
				row[j] = least(row[j], row[j], before[j - 2] + 1);
			}
		}
	}
	return rows[length_one % 3][length_two];
}

/* Whether the text begins with what was written, or it with the text; at least two bytes. */
static int is_beginning(const char *one, const char *two)
{
	size_t i = 0;

	while (one[i] && two[i] && fold(one[i]) == fold(two[i])) {
		i++;
	}
	return i >= 2 && (!one[i] || !two[i]);
}

void near_init(struct ph_near *near, const char *wanted)
{
	memset(near, 0, sizeof(*near));
	near->wanted = wanted;
}

void near_offer(struct ph_near *near, const char *name, const char *text)
{
	size_t distance = measure(near->wanted, text), length = strnlen(near->wanted, LENGTH_MAX);
	size_t at = near->count;

	if (is_beginning(near->wanted, text)) {
		distance = distance > 0;
	}
	if (distance > length / 3 + 1 || (distance > 0 && distance >= length)) {
		return;
	}
	for (size_t i = 0; i < near->count; i++) {
		if (strcmp(near->best[i].name, name) == 0) {
			return; /* by another text */
		}
	}
	while (at > 0 && near->best[at - 1].distance > distance) {
		at--;
	}
	if (at == PH_NEAR_MAX) {
		return;
	}
	size_t last = near->count < PH_NEAR_MAX ? near->count++ : PH_NEAR_MAX - 1;
	memmove(&near->best[at + 1], &near->best[at], (last - at) * sizeof(near->best[0]));
	near->best[at].name = name;
	near->best[at].distance = distance;
}

void near_format(const struct ph_near *near, char *text, size_t size)
{
	size_t used = 0;

	text[0] = '\0';
	for (size_t i = 0; i < near->count && used < size; i++) {
		const char *separator = i == 0 ? "" : i + 1 == near->count ? " or " : ", ";
		used += (size_t)snprintf(text + used, size - used, "%s%s", separator, near->best[i].name);
	}
}
