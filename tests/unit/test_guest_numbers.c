// SPDX-License-Identifier: MIT
#include "guest_numbers.h"

#include <stdlib.h>
#include <string.h>

#include "test.h"

/* data: the ids that are there, between spaces. */
static bool is_there(void *data, const char *id)
{
	char word[80];

	snprintf(word, sizeof(word), " %s ", id);
	return strstr(data, word) != NULL;
}

static unsigned assign(struct ph_guest_numbers *numbers, const char *id, const char *there)
{
	return guest_numbers_assign(numbers, id, is_there, (void *)there);
}

static size_t read_text(struct ph_guest_numbers *numbers, const char *text)
{
	FILE *file = fmemopen((void *)text, strlen(text), "r");
	size_t wrong = guest_numbers_read(numbers, file);

	fclose(file);
	return wrong;
}

TEST(numbers_stay)
{
	struct ph_guest_numbers numbers = {0};

	check_int(assign(&numbers, "debian", " debian "), 1);
	check_int(assign(&numbers, "arch", " arch debian "), 2);
	check_int(assign(&numbers, "debian", " arch debian "), 1);
	/* A guest that is gone keeps its number while there is another one. */
	check_int(assign(&numbers, "bsd", " bsd arch "), 3);
	guest_numbers_finish(&numbers);
}

TEST(keys_go_to_guests_that_are_there)
{
	struct ph_guest_numbers numbers = {0};
	char id[16];

	for (unsigned i = 1; i <= 10; i++) {
		snprintf(id, sizeof(id), "g%u", i);
		check_int(assign(&numbers, id, ""), i);
	}
	check_int(assign(&numbers, "new", " g1 g2 g3 g4 g6 g7 g8 g9 g10 "), 5);
	check_int(assign(&numbers, "newer", " g1 g2 g3 g4 new g6 g7 g8 g9 g10 "), 11);
	check_int(assign(&numbers, "g5", " g1 g2 g3 g4 new g6 g7 g8 g9 g10 "), 12);
	guest_numbers_finish(&numbers);
}

TEST(a_person_chooses)
{
	struct ph_guest_numbers numbers = {0};

	check_int(assign(&numbers, "a", ""), 1);
	check_int(assign(&numbers, "b", ""), 2);
	guest_numbers_set(&numbers, "b", 1);
	check_int(assign(&numbers, "b", ""), 1);
	check_int(assign(&numbers, "a", ""), 2);
	numbers.changed = false;
	guest_numbers_set(&numbers, "b", 1);
	check(!numbers.changed);
	guest_numbers_set(&numbers, "new", 7);
	check_int(assign(&numbers, "new", ""), 7);
	guest_numbers_finish(&numbers);
}

TEST(file_reads_back)
{
	struct ph_guest_numbers numbers = {0}, again = {0};
	char *text = NULL;
	size_t size;

	check_int(read_text(&numbers, "# a remark\n3 debian\n1 arch\n"), 0);
	check_int(assign(&numbers, "debian", ""), 3);
	check_int(assign(&numbers, "new", ""), 2);
	FILE *file = open_memstream(&text, &size);
	check(guest_numbers_write(&numbers, file));
	fclose(file);
	check_int(read_text(&again, text), 0);
	check_int(again.count, 3);
	check_int(read_text(&again, "7 Grüße an alle\n"), 0);
	check_int(assign(&again, "Grüße an alle", ""), 7);
	check_int(assign(&again, "Grüße", ""), 4);
	check_int(assign(&again, "new", ""), 2);
	free(text);
	guest_numbers_finish(&numbers);
	guest_numbers_finish(&again);
}

TEST(wrong_lines_are_left_out)
{
	struct ph_guest_numbers numbers = {0};

	check_int(read_text(&numbers, "0 zero\n-1 minus\nx y\n7\n2 twice\n2 other\n3 twice\n\n4 good\n"), 7);
	check_int(numbers.count, 2);
	guest_numbers_finish(&numbers);
}
