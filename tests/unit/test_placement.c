// SPDX-License-Identifier: MIT
#include "placement.h"

#include <stdlib.h>
#include <string.h>

#include "placement_file.h"
#include "placement_set.h"
#include "test.h"

/* Three monitors in a row, and one below the first. */
static const struct ph_placement_monitor left = {"Left", {0, 0, 1920, 1080}};
static const struct ph_placement_monitor right = {"Right", {1920, 0, 1920, 1080}};
static const struct ph_placement_monitor far_right = {"Far", {3840, 0, 1080, 1920}};
static const struct ph_placement_monitor below = {"Below", {0, 1080, 1920, 1080}};

static unsigned one_head(void *data, const char *guest)
{
	return 1;
}

/* Guests whose name begins with a digit have so many heads; 0: it is not there. */
static unsigned named_heads(void *data, const char *guest)
{
	return guest[0] >= '0' && guest[0] <= '9' ? (unsigned)(guest[0] - '0') : 1;
}

static void plug(struct ph_placement *placement, size_t count, const struct ph_placement_monitor *const *list)
{
	struct ph_placement_monitor monitors[PH_PLACEMENT_OUTPUTS_MAX];

	for (size_t i = 0; i < count; i++) {
		monitors[i] = *list[i];
	}
	placement_update_monitors(placement, monitors, count, named_heads, NULL);
}

#define PLUG(placement, ...)                                                                       \
	do {                                                                                       \
		const struct ph_placement_monitor *list_[] = {__VA_ARGS__};                        \
		plug(placement, sizeof(list_) / sizeof(list_[0]), list_);                          \
	} while (0)

/* What all cells show, as "debian:0 - | arch:1*": - is home, * the focus, a space parts halves. */
static const char *describe(const struct ph_placement *placement)
{
	static char text[4096];
	const struct ph_placement_set *set = placement->sets[0];
	size_t length = 0;

	text[0] = '\0';
	for (size_t i = 0; i < set->output_count; i++) {
		length += (size_t)snprintf(text + length, sizeof(text) - length, "%s", i ? " | " : "");
		for (size_t c = 0; c < placement_set_cells(&set->outputs[i]); c++) {
			const struct ph_placed *cell = &set->outputs[i].cells[c];
			bool focus = i == set->focus_output && c == set->focus_cell;
			if (cell->guest[0]) {
				length += (size_t)snprintf(text + length, sizeof(text) - length,
				    "%s%s:%u%s", c ? " " : "", cell->guest, cell->console, focus ? "*" : "");
			} else {
				length += (size_t)snprintf(text + length, sizeof(text) - length, "%s-%s",
				    c ? " " : "", focus ? "*" : "");
			}
		}
	}
	return text;
}

TEST(identities)
{
	char identity[PH_PLACEMENT_IDENTITY_SIZE];
	char large[400];

	placement_identify("Dell", "U2720Q", "ABC", "DP-1", false, identity);
	check_str(identity, "Dell U2720Q ABC");
	placement_identify("Dell", NULL, "", "DP-1", false, identity);
	check_str(identity, "Dell");
	placement_identify("Dell", "U2720Q", NULL, "DP-1", true, identity);
	check_str(identity, "Dell U2720Q DP-1");
	placement_identify(NULL, NULL, NULL, "Virtual-1", false, identity);
	check_str(identity, "Virtual-1");
	memset(large, 'x', sizeof(large) - 1);
	large[sizeof(large) - 1] = '\0';
	placement_identify(large, large, large, "DP-1", true, identity);
	check(strlen(identity) < PH_PLACEMENT_IDENTITY_SIZE);
	check(strcmp(identity + strlen(identity) - 4, "DP-1") == 0);
}

TEST(guests_go_where_the_person_looks)
{
	struct ph_placement placement;

	placement_init(&placement);
	PLUG(&placement, &left, &right);
	check_str(describe(&placement), "-* | -");
	placement_show(&placement, "debian", 1);
	check_str(describe(&placement), "debian:0* | -");
	check(placement_focus_direction(&placement, PH_DIRECTION_RIGHT));
	placement_show(&placement, "arch", 1);
	check_str(describe(&placement), "debian:0 | arch:0*");
	/* Shown already: the focus goes there. */
	placement_show(&placement, "debian", 1);
	check_str(describe(&placement), "debian:0* | arch:0");
	/* Where it was before, although the focus is elsewhere. */
	placement_show(&placement, "bsd", 1);
	check_str(describe(&placement), "bsd:0* | arch:0");
	placement_focus(&placement, 1, 0);
	placement_show(&placement, "debian", 1);
	check_str(describe(&placement), "debian:0* | arch:0");
	placement_show_home(&placement);
	check_str(describe(&placement), "-* | arch:0");
	placement_finish(&placement);
}

TEST(monitors_that_are_not_known_get_nothing)
{
	struct ph_placement placement;

	placement_init(&placement);
	check(!placement_focus(&placement, 0, 0));
	check(!placement_place(&placement, "arch", 0, 0));
	PLUG(&placement, &left, &right);
	placement_show(&placement, "debian", 1);
	/* One more has come than the caller has told of; and the first one that there is no room for. */
	for (size_t output = 2; output <= PH_PLACEMENT_OUTPUTS_MAX; output += PH_PLACEMENT_OUTPUTS_MAX - 2) {
		check(!placement_focus(&placement, output, 0));
		check(!placement_place(&placement, "arch", 0, output));
	}
	check(!placement_focus(&placement, 1, 1)); /* it is not split */
	check_str(describe(&placement), "debian:0* | -");
	check(placement_focus(&placement, 1, 0));
	placement_split(&placement, named_heads, NULL);
	check(placement_focus(&placement, 1, 1));
	check(!placement_focus(&placement, 1, 2));
	placement_finish(&placement);
}

TEST(heads_take_the_monitors_that_follow)
{
	struct ph_placement placement;

	placement_init(&placement);
	PLUG(&placement, &left, &right, &far_right);
	placement_focus(&placement, 1, 0);
	placement_show(&placement, "big", 2);
	check_str(describe(&placement), "- | big:0* | big:1");
	placement_show(&placement, "small", 1);
	check_str(describe(&placement), "- | small:0* | big:1");
	placement_show(&placement, "big", 2);
	check_str(describe(&placement), "- | big:0* | big:1");
	/* A third head appears, a fourth has no room; nothing that is shown is covered. */
	placement_add_heads(&placement, "big", 4);
	check_str(describe(&placement), "big:2 | big:0* | big:1");
	placement_show_here(&placement, "big");
	check_str(describe(&placement), "- | big:0* | -");
	placement_finish(&placement);
}

TEST(new_heads_pass_over_monitors_that_are_taken)
{
	struct ph_placement placement;

	placement_init(&placement);
	PLUG(&placement, &left, &right, &far_right);
	placement_focus(&placement, 1, 0);
	placement_show(&placement, "other", 1);
	placement_focus(&placement, 0, 0);
	placement_show(&placement, "a", 1);
	check_str(describe(&placement), "a:0* | other:0 | -");
	placement_add_heads(&placement, "a", 3);
	check_str(describe(&placement), "a:0* | other:0 | a:1");
	placement_finish(&placement);
}

TEST(placed_from_outside)
{
	struct ph_placement placement;

	placement_init(&placement);
	PLUG(&placement, &left, &right, &below);
	placement_show(&placement, "one", 1);
	check_str(describe(&placement), "one:0* | - | -");
	/* The focus stays where it is, unless it was on what is moved. */
	placement_place(&placement, "2two", 1, 1);
	check_str(describe(&placement), "one:0* | 2two:1 | -");
	placement_place(&placement, "one", 0, 2);
	check_str(describe(&placement), "- | 2two:1 | one:0*");
	/* Of a split monitor the focused half is taken, of another one the first. */
	placement_split(&placement, named_heads, NULL);
	check_str(describe(&placement), "- | 2two:1 | one:0* -");
	placement_place(&placement, "2two", 1, 2);
	check_str(describe(&placement), "- | - | 2two:1* -");
	placement_focus(&placement, 0, 0);
	placement_place(&placement, "one", 0, 2);
	check_str(describe(&placement), "-* | - | one:0 -");
	/* It is where it belongs from now on. */
	placement_focus(&placement, 2, 0);
	placement_show_home(&placement);
	placement_focus(&placement, 0, 0);
	placement_show(&placement, "one", 1);
	check_str(describe(&placement), "- | - | one:0* -");
	placement_finish(&placement);
}

TEST(directions)
{
	struct ph_placement placement;

	placement_init(&placement);
	PLUG(&placement, &right, &left, &below);
	placement_show(&placement, "a", 1);
	check_str(describe(&placement), "a:0* | - | -");
	check(!placement_focus_direction(&placement, PH_DIRECTION_RIGHT));
	check(!placement_focus_direction(&placement, PH_DIRECTION_UP));
	check(placement_focus_direction(&placement, PH_DIRECTION_LEFT));
	check_str(describe(&placement), "a:0 | -* | -");
	check(placement_focus_direction(&placement, PH_DIRECTION_DOWN));
	check_str(describe(&placement), "a:0 | - | -*");
	placement_show(&placement, "b", 1);
	check(placement_move(&placement, PH_DIRECTION_UP));
	check_str(describe(&placement), "a:0 | b:0* | -");
	check(placement_move(&placement, PH_DIRECTION_RIGHT));
	check_str(describe(&placement), "b:0* | a:0 | -");
	/* Both belong where they are now. */
	placement_show_home(&placement);
	placement_focus(&placement, 2, 0);
	placement_show(&placement, "b", 1);
	check_str(describe(&placement), "b:0* | a:0 | -");
	placement_finish(&placement);
}

TEST(split_and_back)
{
	struct ph_placement placement;

	placement_init(&placement);
	PLUG(&placement, &left);
	placement_show(&placement, "a", 1);
	placement_show(&placement, "b", 1);
	placement_split(&placement, named_heads, NULL);
	check_str(describe(&placement), "b:0* a:0");
	check(placement_focus_direction(&placement, PH_DIRECTION_RIGHT));
	placement_show(&placement, "c", 1);
	check_str(describe(&placement), "b:0 c:0*");
	check(placement_move(&placement, PH_DIRECTION_LEFT));
	check_str(describe(&placement), "c:0* b:0");
	placement_split(&placement, named_heads, NULL);
	check_str(describe(&placement), "c:0*");
	size_t output;
	bool half;
	check(placement_find_spot(&placement, "c", 0, &output, &half));
	check(!half);
	check(placement_find_spot(&placement, "b", 0, &output, &half));
	check(half);
	placement_finish(&placement);
}

TEST(split_shows_another_head_of_the_guest_first)
{
	struct ph_placement placement;

	placement_init(&placement);
	PLUG(&placement, &left);
	placement_show(&placement, "b", 1);
	placement_show(&placement, "3a", 3);
	placement_split(&placement, named_heads, NULL);
	check_str(describe(&placement), "3a:0* 3a:1");
	placement_split(&placement, named_heads, NULL);
	check_str(describe(&placement), "3a:0*");
	/* All its heads are to be seen: another guest. */
	PLUG(&placement, &left, &right);
	placement_show(&placement, "2c", 2);
	check_str(describe(&placement), "2c:0* | 2c:1");
	placement_split(&placement, named_heads, NULL);
	check_str(describe(&placement), "2c:0* 3a:0 | 2c:1");
	placement_finish(&placement);
}

TEST(recently_used)
{
	struct ph_placement placement;

	placement_init(&placement);
	PLUG(&placement, &left);
	check(!placement_recent_step(&placement, false, named_heads, NULL));
	check(!placement_last(&placement, named_heads, NULL));
	placement_show(&placement, "a", 1);
	check(!placement_recent_step(&placement, false, named_heads, NULL));
	placement_show(&placement, "b", 1);
	placement_show(&placement, "c", 1);
	check_str(placement_last(&placement, named_heads, NULL), "b");
	check_str(placement_recent_step(&placement, false, named_heads, NULL), "b");
	placement_show(&placement, "b", 1);
	check_str(placement_recent_step(&placement, false, named_heads, NULL), "a");
	placement_show(&placement, "a", 1);
	check_str(placement_recent_step(&placement, false, named_heads, NULL), "c");
	placement_show(&placement, "c", 1);
	check_str(placement_recent_step(&placement, true, named_heads, NULL), "a");
	placement_show(&placement, "a", 1);
	placement_recent_done(&placement);
	check_str(placement_last(&placement, named_heads, NULL), "c");
	/* From home, the latest guest is both the next and the last. */
	placement_show_home(&placement);
	check_str(placement_last(&placement, named_heads, NULL), "a");
	check_str(placement_recent_step(&placement, false, named_heads, NULL), "a");
	placement_finish(&placement);
}

static void use(struct ph_placement *placement, size_t count, const char *const *guests)
{
	for (size_t i = 0; i < count; i++) {
		placement_show(placement, guests[i], 1);
	}
}

/* Deleted, or on a disk that is missing today: nobody comes upon them. */
TEST(guests_that_are_not_there_are_passed_over)
{
	struct ph_placement placement;

	placement_init(&placement);
	PLUG(&placement, &left);
	use(&placement, 5, (const char *const[]){"0x", "a", "0y", "0z", "c"});
	check_str(placement_last(&placement, named_heads, NULL), "a");
	check_str(placement_recent_step(&placement, false, named_heads, NULL), "a");
	placement_show(&placement, "a", 1);
	check_str(placement_recent_step(&placement, false, named_heads, NULL), "c");
	placement_show(&placement, "c", 1);
	check_str(placement_recent_step(&placement, true, named_heads, NULL), "a");
	placement_show(&placement, "a", 1);
	placement_recent_done(&placement);
	/* The home screen stands where one of them was. */
	placement_show(&placement, "0x", 1);
	check_str(placement_last(&placement, named_heads, NULL), "a");
	check_str(placement_recent_step(&placement, false, named_heads, NULL), "a");
	placement_split(&placement, named_heads, NULL);
	check_str(describe(&placement), "0x:0* a:0");
	placement_finish(&placement);

	/* Only one is left, which is here. */
	placement_init(&placement);
	PLUG(&placement, &left);
	use(&placement, 3, (const char *const[]){"0x", "0y", "a"});
	check(!placement_last(&placement, named_heads, NULL));
	check(!placement_recent_step(&placement, false, named_heads, NULL));
	check(!placement_recent_step(&placement, true, named_heads, NULL));
	placement_split(&placement, named_heads, NULL);
	check_str(describe(&placement), "a:0* -");
	placement_finish(&placement);

	/* After a time without monitors the latest one that is there comes. */
	placement_init(&placement);
	use(&placement, 2, (const char *const[]){"a", "0x"});
	PLUG(&placement, &left);
	check_str(describe(&placement), "a:0*");
	/* One in a cell does not follow to another monitor, and has its place again where it was. */
	placement_show(&placement, "0x", 1);
	PLUG(&placement, &right);
	check_str(describe(&placement), "-*");
	PLUG(&placement, &left);
	check_str(describe(&placement), "0x:0*");
	placement_finish(&placement);
}

TEST(sets_of_monitors_come_back)
{
	struct ph_placement placement;

	placement_init(&placement);
	PLUG(&placement, &left);
	placement_show(&placement, "a", 1);
	/* Docked: the new monitors have the home screen, or more heads. */
	PLUG(&placement, &left, &right, &far_right);
	check_str(describe(&placement), "a:0* | - | -");
	placement_focus(&placement, 1, 0);
	placement_show(&placement, "2b", 2);
	check_str(describe(&placement), "a:0 | 2b:0* | 2b:1");
	/* Undocked, docked in another order: as it was, with the focus. */
	PLUG(&placement, &left);
	check_str(describe(&placement), "a:0*");
	PLUG(&placement, &far_right, &left, &right);
	check_str(describe(&placement), "2b:1 | a:0 | 2b:0*");
	/* Nothing at all, and back. */
	plug(&placement, 0, NULL);
	check(!placement_focused(&placement));
	PLUG(&placement, &left, &right, &far_right);
	check_str(describe(&placement), "a:0 | 2b:0* | 2b:1");
	placement_finish(&placement);
}

TEST(nobody_loses_the_guest_at_work)
{
	struct ph_placement placement;

	placement_init(&placement);
	PLUG(&placement, &left, &right);
	placement_focus(&placement, 1, 0);
	placement_show(&placement, "a", 1);
	PLUG(&placement, &left);
	check_str(describe(&placement), "a:0*");
	/* After a time without a monitor, a new one shows the latest guest. */
	plug(&placement, 0, NULL);
	PLUG(&placement, &below);
	check_str(describe(&placement), "a:0*");
	/* What another monitor shows is not covered. */
	PLUG(&placement, &below, &far_right);
	placement_focus(&placement, 1, 0);
	placement_show(&placement, "b", 1);
	check_str(describe(&placement), "a:0 | b:0*");
	PLUG(&placement, &below);
	check_str(describe(&placement), "a:0*");
	placement_finish(&placement);
}

TEST(declared_layouts)
{
	const struct ph_placement_wish wishes[] = {
	    {0, true, 1, "a", 0},
	    {0, true, 0, "b", 0},
	    {1, false, 0, "a", 0}, /* it is on the first one already */
	};
	struct ph_placement placement;

	placement_init(&placement);
	PLUG(&placement, &left, &right);
	placement_show(&placement, "old", 1);
	check(!placement_is_declared(&placement));
	placement_declare(&placement, wishes, 3);
	check_str(describe(&placement), "b:0 a:0* | -");
	check(placement_is_declared(&placement));
	/* From then on it is the person's. */
	placement_show(&placement, "old", 1);
	PLUG(&placement, &left);
	check(!placement_is_declared(&placement));
	PLUG(&placement, &left, &right);
	check(placement_is_declared(&placement));
	placement_renew(&placement);
	check(!placement_is_declared(&placement));
	placement_finish(&placement);
}

/* What holds whatever a person does. */
static void check_whole(const struct ph_placement *placement)
{
	const struct ph_placement_set *set = placement->sets[0];

	for (size_t i = 0; i < set->output_count; i++) {
		for (size_t c = 0; c < placement_set_cells(&set->outputs[i]); c++) {
			const struct ph_placed *cell = &set->outputs[i].cells[c];
			size_t output, at;
			bool half;
			if (!cell->guest[0]) {
				continue;
			}
			check(placement_find(placement, cell->guest, cell->console, &output, &at));
			check(output == i && at == c); /* and so in one cell only */
			check(placement_find_spot(placement, cell->guest, cell->console, &output, &half));
			check(output == i);
			check_int(half, set->outputs[i].split);
		}
	}
	if (set->output_count > 0) {
		check(set->focus_output < set->output_count);
		check(set->focus_cell < placement_set_cells(&set->outputs[set->focus_output]));
	}
}

static void check_reads_back(const struct ph_placement *placement)
{
	struct ph_placement copy;
	char *text = NULL, *again = NULL, error[200];
	size_t size, again_size;

	FILE *file = open_memstream(&text, &size);
	check(placement_write(placement, file));
	fclose(file);
	placement_init(&copy);
	file = fmemopen(text, size, "r");
	bool read = placement_read(&copy, file, error, sizeof(error));
	fclose(file);
	if (!read) {
		printf("%s\n%s\n", error, text);
	}
	check(read);
	file = open_memstream(&again, &again_size);
	check(placement_write(&copy, file));
	fclose(file);
	check_str(again, text);
	free(text);
	free(again);
	placement_finish(&copy);
}

static const char *random_guest(void)
{
	static const char *const guests[] = {"debian", "2two", "3three", "windows 11", "\"odd\\", "bsd"};
	return guests[random() % 6];
}

static void do_something(struct ph_placement *placement)
{
	static const struct ph_placement_monitor *const all[] = {&left, &right, &far_right, &below};
	const struct ph_placement_monitor *some[4];
	const char *guest = random_guest();
	size_t count = 0;

	switch (random() % 12) {
	case 0:
		for (size_t i = 0, from = (size_t)random() % 4; i < 4; i++) {
			if (random() % 3) {
				some[count++] = all[(from + i) % 4];
			}
		}
		plug(placement, count, some);
		break;
	case 1:
	case 2:
		placement_show(placement, guest, named_heads(NULL, guest));
		break;
	case 3:
		placement_show_here(placement, guest);
		break;
	case 4:
		placement_show_home(placement);
		break;
	case 5:
	case 6:
		placement_focus_direction(placement, (enum ph_direction)(random() % 4));
		break;
	case 7:
	case 8:
		placement_move(placement, (enum ph_direction)(random() % 4));
		break;
	case 9:
		placement_split(placement, named_heads, NULL);
		break;
	case 10:
		placement_add_heads(placement, guest, named_heads(NULL, guest));
		break;
	case 11:
		guest = placement_recent_step(placement, random() % 2, named_heads, NULL);
		if (guest) {
			placement_show(placement, guest, named_heads(NULL, guest));
		}
		placement_recent_done(placement);
		break;
	}
}

TEST(random_life)
{
	for (unsigned seed = 1; seed <= 50; seed++) {
		struct ph_placement placement;

		srandom(seed);
		placement_init(&placement);
		for (int step = 0; step < 600; step++) {
			do_something(&placement);
			check_whole(&placement);
			/* Unplugged and plugged in again: nothing has changed. */
			if (placement.sets[0]->output_count > 0 && random() % 8 == 0) {
				struct ph_placement_monitor monitors[PH_PLACEMENT_OUTPUTS_MAX];
				char before[4096], identities[PH_PLACEMENT_OUTPUTS_MAX][PH_PLACEMENT_IDENTITY_SIZE];
				size_t count = placement.sets[0]->output_count;
				snprintf(before, sizeof(before), "%s", describe(&placement));
				for (size_t i = 0; i < count; i++) {
					memcpy(identities[i], placement.sets[0]->outputs[i].identity, sizeof(identities[i]));
					monitors[i].identity = identities[i];
					monitors[i].box = placement.sets[0]->outputs[i].box;
				}
				plug(&placement, 0, NULL);
				placement_update_monitors(&placement, monitors, count, one_head, NULL);
				check_str(describe(&placement), before);
			}
		}
		check_reads_back(&placement);
		placement_finish(&placement);
	}
}

/* As many sets as can be remembered are written; reading them back must not forget them all. */
TEST(as_many_sets_as_there_can_be)
{
	struct ph_placement placement, copy;
	char *text = NULL, error[200] = "";
	size_t size;

	placement_init(&placement);
	for (size_t i = 0; i < 2 * PH_PLACEMENT_SETS_MAX; i++) {
		char name[32];
		snprintf(name, sizeof(name), "Beamer %zu", i);
		struct ph_placement_monitor beamer = {name, {0, 0, 1920, 1080}};
		placement_update_monitors(&placement, &beamer, 1, one_head, NULL);
		placement_show(&placement, "debian", 1);
	}
	check_int(placement.set_count, PH_PLACEMENT_SETS_MAX);
	FILE *file = open_memstream(&text, &size);
	check(placement_write(&placement, file));
	fclose(file);
	placement_init(&copy);
	file = fmemopen(text, size, "r");
	check(placement_read(&copy, file, error, sizeof(error)));
	fclose(file);
	check_str(error, "");
	/* The latest ones, beside the one for the monitors that are here now. */
	check_int(copy.set_count, PH_PLACEMENT_SETS_MAX);
	check_str(copy.sets[1]->outputs[0].identity, placement.sets[0]->outputs[0].identity);
	free(text);
	placement_finish(&placement);
	placement_finish(&copy);
}

TEST(files_that_are_wrong)
{
	static const struct {
		const char *text, *error;
	} cases[] = {
	    {"hello\n", "1: 'hello' is not recent or monitors"},
	    {"monitors {\n}\n", "1: a set without an output"},
	    {"monitors {\n\toutput A\n\toutput A\n}\n", "3: one monitor too many: A"},
	    {"monitors {\n\toutput A left\n}\n", "2: 'left' is not split or focus CELL"},
	    {"monitors {\n\toutput A focus 1\n}\n", "2: 'focus' is not split or focus CELL"},
	    {"monitors {\n\toutput A {\n\t\tcell\n\t\tcell\n\t}\n}\n", "4: expected 1 times cell [GUEST CONSOLE]"},
	    {"monitors {\n\toutput A {\n\t\tcell a -1\n\t}\n}\n", "3: '-1' is no number of a head"},
	    {"monitors {\n\toutput A split {\n\t\tcell a 0\n\t\tcell a 0\n\t}\n}\n", "1: a 0 is in two cells"},
	    {"monitors {\n\toutput A\n\tspot a 0 B\n}\n", "3: no output 'B' stands before it"},
	    {"monitors {\n\toutput A\n\tspot a\n}\n", "3: expected spot GUEST CONSOLE IDENTITY [half]"},
	    {"recent \"\"\n", "1: '' is no guest, or one too many"},
	    {"recent a\nmonitors {\n", "not written as scfg"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct ph_placement placement;
		char error[200] = "";
		FILE *file = fmemopen((void *)cases[i].text, strlen(cases[i].text), "r");

		placement_init(&placement);
		placement_show(&placement, "kept", 1);
		check(!placement_read(&placement, file, error, sizeof(error)));
		check_str(error, cases[i].error);
		check_int(placement.recent_count, 1);
		fclose(file);
		placement_finish(&placement);
	}
}
