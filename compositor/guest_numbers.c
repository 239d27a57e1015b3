// SPDX-License-Identifier: MIT
#include "guest_numbers.h"

#include <stdlib.h>
#include <string.h>

#define KEYS 10 /* Super+1…9,0 */

void guest_numbers_finish(struct ph_guest_numbers *numbers)
{
	for (size_t i = 0; i < numbers->count; i++) {
		free(numbers->list[i].id);
	}
	free(numbers->list);
	memset(numbers, 0, sizeof(*numbers));
}

static struct ph_guest_number *find_number(struct ph_guest_numbers *numbers, unsigned number)
{
	for (size_t i = 0; i < numbers->count; i++) {
		if (numbers->list[i].number == number) {
			return &numbers->list[i];
		}
	}
	return NULL;
}

static struct ph_guest_number *find_id(struct ph_guest_numbers *numbers, const char *id)
{
	for (size_t i = 0; i < numbers->count; i++) {
		if (strcmp(numbers->list[i].id, id) == 0) {
			return &numbers->list[i];
		}
	}
	return NULL;
}

static void add(struct ph_guest_numbers *numbers, const char *id, unsigned number)
{
	struct ph_guest_number *list =
	    realloc(numbers->list, (numbers->count + 1) * sizeof(numbers->list[0]));
	char *own = strdup(id);

	if (!list || !own) {
		abort();
	}
	numbers->list = list;
	list[numbers->count++] = (struct ph_guest_number){own, number};
}

size_t guest_numbers_read(struct ph_guest_numbers *numbers, FILE *file)
{
	char line[256], *id;
	size_t wrong = 0;

	while (fgets(line, sizeof(line), file)) {
		if (line[0] == '#') {
			continue;
		}
		line[strcspn(line, "\n")] = '\0';
		/* A name may have spaces in it. */
		unsigned long number = line[0] >= '1' && line[0] <= '9' ? strtoul(line, &id, 10) : 0;
		bool right = number > 0 && number < 100000 && id[0] == ' ' && id[1] && id[1] != ' ' &&
			     !find_number(numbers, (unsigned)number) && !find_id(numbers, id + 1) &&
			     numbers->count < PH_GUEST_NUMBERS_LIMIT;
		if (right) {
			add(numbers, id + 1, (unsigned)number);
		} else {
			wrong++;
		}
	}
	return wrong;
}

bool guest_numbers_write(const struct ph_guest_numbers *numbers, FILE *file)
{
	fputs("# Numbers of guests, written by the session.\n", file);
	for (size_t i = 0; i < numbers->count; i++) {
		fprintf(file, "%u %s\n", numbers->list[i].number, numbers->list[i].id);
	}
	return !ferror(file);
}

unsigned guest_numbers_assign(struct ph_guest_numbers *numbers, const char *id,
    bool (*exists)(void *data, const char *id), void *data)
{
	struct ph_guest_number *known = find_id(numbers, id);
	unsigned number = 1;

	if (known) {
		return known->number;
	}
	while (find_number(numbers, number)) {
		number++;
	}
	for (unsigned key = 1; number > KEYS && key <= KEYS; key++) {
		struct ph_guest_number *gone = find_number(numbers, key);
		if (!exists(data, gone->id)) {
			free(gone->id);
			*gone = numbers->list[--numbers->count];
			number = key;
		}
	}
	add(numbers, id, number);
	numbers->changed = true;
	return number;
}

bool guest_numbers_has(struct ph_guest_numbers *numbers, unsigned number)
{
	return find_number(numbers, number) != NULL;
}

void guest_numbers_set(struct ph_guest_numbers *numbers, const char *id, unsigned number)
{
	struct ph_guest_number *holder = find_number(numbers, number);

	if (holder && strcmp(holder->id, id) == 0) {
		return;
	}
	if (holder) {
		free(holder->id);
		*holder = numbers->list[--numbers->count];
	}
	struct ph_guest_number *known = find_id(numbers, id);
	if (known) {
		known->number = number;
	} else {
		add(numbers, id, number);
	}
	numbers->changed = true;
}
