// SPDX-License-Identifier: MIT
#include "lists.h"

#include <stdlib.h>
#include <string.h>

#include "table.h"

const char *lists_text(sd_json_variant *object, const char *field)
{
	sd_json_variant *value = object ? sd_json_variant_by_key(object, field) : NULL;

	return value && sd_json_variant_is_string(value) ? sd_json_variant_string(value) : "";
}

int64_t lists_number(sd_json_variant *object, const char *field)
{
	sd_json_variant *value = object ? sd_json_variant_by_key(object, field) : NULL;

	return value && sd_json_variant_is_integer(value) ? sd_json_variant_integer(value) : 0;
}

bool lists_is(sd_json_variant *object, const char *field)
{
	sd_json_variant *value = object ? sd_json_variant_by_key(object, field) : NULL;

	return value && sd_json_variant_is_boolean(value) && sd_json_variant_boolean(value);
}

static size_t count(sd_json_variant *list)
{
	return list && sd_json_variant_is_array(list) ? sd_json_variant_elements(list) : 0;
}

/* A text that is put together; to be freed by the caller. */
struct text {
	char *bytes;
	size_t size;
	FILE *file;
};

static FILE *begin(struct text *text)
{
	text->file = open_memstream(&text->bytes, &text->size);
	if (!text->file) {
		abort();
	}
	return text->file;
}

static char *end(struct text *text)
{
	if (fclose(text->file) != 0) {
		abort();
	}
	return text->bytes;
}

/* "DP-1, DP-2": where a guest's heads are; each output once. */
static char *format_places(sd_json_variant *guest)
{
	sd_json_variant *heads = sd_json_variant_by_key(guest, "heads");
	struct text text = {0};
	FILE *file = begin(&text);
	bool some = false;

	for (size_t i = 0; i < count(heads); i++) {
		const char *output = lists_text(sd_json_variant_by_index(heads, i), "output");
		bool again = false;
		for (size_t j = 0; j < i; j++) {
			again = again ||
				strcmp(lists_text(sd_json_variant_by_index(heads, j), "output"), output) == 0;
		}
		if (output[0] && !again) {
			fprintf(file, "%s%s", some ? ", " : "", output);
			some = true;
		}
	}
	return end(&text);
}

void lists_print_guests(sd_json_variant *guests, FILE *file)
{
	static const char *const headings[] = {"", ">N", "NAME", "TITLE", "STATE", "ON", "WHY"};
	struct ph_table table;

	table_init(&table, headings, 7);
	for (size_t i = 0; i < count(guests); i++) {
		sd_json_variant *guest = sd_json_variant_by_index(guests, i);
		const char *name = lists_text(guest, "name"), *title = lists_text(guest, "title");
		char *places = format_places(guest);
		table_add(&table, lists_is(guest, "focused") ? "*" : "");
		table_addf(&table, "%lld", (long long)lists_number(guest, "number"));
		table_add(&table, name);
		table_add(&table, strcmp(title, name) == 0 ? "" : title);
		table_add(&table, lists_text(guest, "state"));
		table_add(&table, places);
		table_add(&table, lists_text(guest, "reason"));
		free(places);
	}
	table_print(&table, file);
	table_finish(&table);
}

static void add_mode(struct ph_table *table, sd_json_variant *output)
{
	sd_json_variant *scale = sd_json_variant_by_key(output, "scale");
	const char *transform = lists_text(output, "transform");

	if (!lists_is(output, "enabled")) {
		table_add(table, "off");
		table_add(table, "");
		table_add(table, "");
		return;
	}
	table_addf(table, "%lldx%lld@%.2f", (long long)lists_number(output, "width"),
	    (long long)lists_number(output, "height"), (double)lists_number(output, "refresh") / 1000);
	table_addf(table, "%g%s%s", scale ? sd_json_variant_real(scale) : 1.0,
	    strcmp(transform, "normal") == 0 ? "" : " ", strcmp(transform, "normal") == 0 ? "" : transform);
	table_addf(table, "%lld,%lld", (long long)lists_number(output, "x"),
	    (long long)lists_number(output, "y"));
}

static void add_cell(struct ph_table *table, sd_json_variant *cell)
{
	const char *guest = lists_text(cell, "guest");
	int64_t console = lists_number(cell, "console");

	if (!guest[0]) {
		table_add(table, "home screen");
	} else if (console > 0) {
		table_addf(table, "%s, head %lld", guest, (long long)console + 1);
	} else {
		table_add(table, guest);
	}
	if (lists_number(cell, "pictureWidth") > 0) {
		table_addf(table, "%lldx%lld", (long long)lists_number(cell, "pictureWidth"),
		    (long long)lists_number(cell, "pictureHeight"));
	} else {
		table_add(table, "");
	}
}

/* ", adaptive sync", ", no tearing (WHY)" */
static void write_sync(sd_json_variant *output, const char *key, const char *no_key, const char *what, FILE *file)
{
	const char *why = lists_text(output, no_key);

	if (why[0]) {
		fprintf(file, ", no %s (%s)", what, why);
	} else if (lists_is(output, key)) {
		fprintf(file, ", %s", what);
	}
}

/* "composited: it is turned", "scanout, 3 planes, tearing"; once for each output that is on. */
static void add_path(struct ph_table *table, sd_json_variant *output, bool here)
{
	const char *reason = lists_text(output, "reason");
	int64_t planes = lists_number(output, "planes");
	struct text text = {0};

	if (!here) {
		table_add(table, "");
		return;
	}
	FILE *file = begin(&text);
	fputs(lists_text(output, "path"), file);
	if (planes > 1) {
		fprintf(file, ", %lld planes", (long long)planes);
	}
	write_sync(output, "adaptiveSync", "noAdaptiveSync", "adaptive sync", file);
	write_sync(output, "tearing", "noTearing", "tearing", file);
	if (reason[0]) {
		fprintf(file, ": %s", reason);
	}
	char *path = end(&text);
	table_add(table, path);
	free(path);
}

void lists_print_outputs(sd_json_variant *outputs, FILE *file)
{
	static const char *const headings[] = {
	    "", "OUTPUT", "MODE", "SCALE", "AT", "SHOWS", "PICTURE", "PATH"};
	struct ph_table table;

	table_init(&table, headings, 8);
	for (size_t i = 0; i < count(outputs); i++) {
		sd_json_variant *output = sd_json_variant_by_index(outputs, i);
		sd_json_variant *cells = sd_json_variant_by_key(output, "cells");
		for (size_t j = 0; j < count(cells) || j == 0; j++) {
			sd_json_variant *cell = j < count(cells) ? sd_json_variant_by_index(cells, j) : NULL;
			table_add(&table, lists_is(cell, "focused") ? "*" : "");
			table_add(&table, j == 0 ? lists_text(output, "name") : "");
			if (j == 0) {
				add_mode(&table, output);
			} else {
				table_add(&table, "");
				table_add(&table, "");
				table_add(&table, "");
			}
			if (cell) {
				add_cell(&table, cell);
			} else {
				table_add(&table, "");
				table_add(&table, "");
			}
			add_path(&table, output, j == 0 && cell);
		}
	}
	table_print(&table, file);
	table_finish(&table);
}

/* "Debian, running" of a guest; of an output its identity. */
static char *describe(sd_json_variant *object)
{
	const char *name = lists_text(object, "name"), *title = lists_text(object, "title");
	struct text text = {0};
	FILE *file = begin(&text);

	if (lists_text(object, "state")[0]) {
		fprintf(file, "%s%s%s", strcmp(title, name) == 0 ? "" : title,
		    strcmp(title, name) == 0 || !title[0] ? "" : ", ", lists_text(object, "state"));
	} else {
		fputs(lists_text(object, "identity"), file);
	}
	return end(&text);
}

void lists_print_names(sd_json_variant *list, FILE *file)
{
	for (size_t i = 0; i < count(list); i++) {
		sd_json_variant *object = sd_json_variant_by_index(list, i);
		char *text = describe(object), *clean = table_clean(text);
		fprintf(file, "%s\t%s\n", lists_text(object, "name"), clean);
		free(text);
		free(clean);
	}
}

/* One thing that is so: "guest debian" "running". */
struct fact {
	char *what;
	char *text;
};

struct facts {
	struct fact *list;
	size_t count;
};

static void add_fact(struct facts *facts, const char *kind, const char *name, char *text)
{
	facts->list = realloc(facts->list, (facts->count + 1) * sizeof(*facts->list));
	if (!facts->list || asprintf(&facts->list[facts->count].what, "%s%s%s", kind, name[0] ? " " : "", name) < 0) {
		abort();
	}
	facts->list[facts->count++].text = text;
}

static char *describe_state(sd_json_variant *guest)
{
	const char *reason = lists_text(guest, "reason");
	struct text text = {0};
	FILE *file = begin(&text);

	fprintf(file, "%s%s%s", lists_text(guest, "state"), reason[0] ? ": " : "", reason);
	return end(&text);
}

static char *describe_cells(sd_json_variant *output)
{
	sd_json_variant *cells = sd_json_variant_by_key(output, "cells");
	struct text text = {0};
	FILE *file = begin(&text);

	for (size_t i = 0; i < count(cells); i++) {
		const char *guest = lists_text(sd_json_variant_by_index(cells, i), "guest");
		fprintf(file, "%s%s", i > 0 ? " | " : "", guest[0] ? guest : "home screen");
	}
	if (!lists_is(output, "enabled")) {
		fputs("off", file);
	}
	return end(&text);
}

static char *describe_focus(sd_json_variant *state)
{
	sd_json_variant *focus = sd_json_variant_by_key(state, "focused");
	const char *guest = lists_text(focus, "guest");
	struct text text = {0};
	FILE *file = begin(&text);

	if (focus) {
		fprintf(file, "%s: %s", lists_text(focus, "output"), guest[0] ? guest : "home screen");
	} else {
		fputs("no output", file);
	}
	return end(&text);
}

static void collect(struct facts *facts, sd_json_variant *state)
{
	sd_json_variant *guests = state ? sd_json_variant_by_key(state, "guests") : NULL;
	sd_json_variant *outputs = state ? sd_json_variant_by_key(state, "outputs") : NULL;

	for (size_t i = 0; i < count(guests); i++) {
		sd_json_variant *guest = sd_json_variant_by_index(guests, i);
		add_fact(facts, "guest", lists_text(guest, "name"), describe_state(guest));
	}
	for (size_t i = 0; i < count(outputs); i++) {
		sd_json_variant *output = sd_json_variant_by_index(outputs, i);
		add_fact(facts, "output", lists_text(output, "name"), describe_cells(output));
	}
	if (state) {
		add_fact(facts, "focus", "", describe_focus(state));
		char *text = strdup(lists_is(state, "locked") ? "locked" : "unlocked");
		if (!text) {
			abort();
		}
		add_fact(facts, "session", "", text);
	}
}

static const char *find_fact(const struct facts *facts, const char *what)
{
	for (size_t i = 0; i < facts->count; i++) {
		if (strcmp(facts->list[i].what, what) == 0) {
			return facts->list[i].text;
		}
	}
	return NULL;
}

static void print_fact(const struct fact *fact, const char *text, FILE *file)
{
	char *what = table_clean(fact->what), *clean = table_clean(text);

	fprintf(file, "%s: %s\n", what, clean);
	free(what);
	free(clean);
}

static void finish_facts(struct facts *facts)
{
	for (size_t i = 0; i < facts->count; i++) {
		free(facts->list[i].what);
		free(facts->list[i].text);
	}
	free(facts->list);
}

void lists_print_changes(sd_json_variant *before, sd_json_variant *now, FILE *file)
{
	struct facts old = {0}, new = {0};

	collect(&old, before);
	collect(&new, now);
	for (size_t i = 0; i < old.count; i++) {
		if (!find_fact(&new, old.list[i].what)) {
			print_fact(&old.list[i], "gone", file);
		}
	}
	for (size_t i = 0; i < new.count; i++) {
		const char *was = find_fact(&old, new.list[i].what);
		if (!was || strcmp(was, new.list[i].text) != 0) {
			print_fact(&new.list[i], new.list[i].text, file);
		}
	}
	finish_facts(&old);
	finish_facts(&new);
}
