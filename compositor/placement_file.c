// SPDX-License-Identifier: MIT
#include "placement_file.h"

#include <errno.h>
#include <scfg.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "placement_set.h"
#include "quoted.h"

static void write_placed(FILE *file, const struct ph_placed *placed)
{
	if (placed->guest[0]) {
		fputc(' ', file);
		quoted_write(file, placed->guest);
		fprintf(file, " %u", placed->console);
	}
}

static void write_set(FILE *file, const struct ph_placement_set *set)
{
	fputs("monitors {\n", file);
	for (size_t i = 0; i < set->output_count; i++) {
		const struct ph_placement_output *output = &set->outputs[i];

		fputs("\toutput ", file);
		quoted_write(file, output->identity);
		if (output->split) {
			fputs(" split", file);
		}
		if (i == set->focus_output) {
			fprintf(file, " focus %zu", set->focus_cell);
		}
		fputs(" {\n", file);
		for (size_t c = 0; c < placement_set_cells(output); c++) {
			fputs("\t\tcell", file);
			write_placed(file, &output->cells[c]);
			fputc('\n', file);
		}
		fputs("\t}\n", file);
	}
	for (size_t i = 0; i < set->spot_count; i++) {
		fputs("\tspot", file);
		write_placed(file, &set->spots[i].head);
		fputc(' ', file);
		quoted_write(file, set->spots[i].identity);
		fputs(set->spots[i].half ? " half\n" : "\n", file);
	}
	fputs("}\n", file);
}

bool placement_write(const struct ph_placement *placement, FILE *file)
{
	fputs("# Which guest was on which monitor. Written by the session; it may be deleted.\n", file);
	if (placement->recent_count > 0) {
		fputs("recent", file);
		for (size_t i = 0; i < placement->recent_count; i++) {
			fputc(' ', file);
			quoted_write(file, placement->recent[i]);
		}
		fputc('\n', file);
	}
	for (size_t i = 0; i < placement->set_count; i++) {
		if (placement->sets[i]->output_count > 0) {
			write_set(file, placement->sets[i]);
		}
	}
	return !ferror(file);
}

struct reader {
	char *error;
	size_t size;
};

__attribute__((format(printf, 3, 4))) static bool fail(
    struct reader *reader, const struct scfg_directive *directive, const char *format, ...)
{
	va_list arguments;
	int length = snprintf(reader->error, reader->size, "%d: ", directive->lineno);

	va_start(arguments, format);
	vsnprintf(reader->error + length, reader->size - (size_t)length, format, arguments);
	va_end(arguments);
	return false;
}

static bool read_number(const char *word, unsigned limit, unsigned *number)
{
	char *end;
	errno = 0;
	unsigned long value = strtoul(word, &end, 10);

	*number = (unsigned)value;
	return errno == 0 && end != word && !*end && word[0] != '-' && value < limit;
}

/* GUEST CONSOLE, two words. */
static bool read_placed(struct reader *reader, const struct scfg_directive *directive, struct ph_placed *placed)
{
	unsigned console;

	if (!directive->params[0][0] || strlen(directive->params[0]) >= PH_PLACEMENT_ID_SIZE) {
		return fail(reader, directive, "'%s' is no guest", directive->params[0]);
	}
	if (!read_number(directive->params[1], 64, &console)) {
		return fail(reader, directive, "'%s' is no number of a head", directive->params[1]);
	}
	placed_set(placed, directive->params[0], console);
	return true;
}

static bool read_cells(
    struct reader *reader, const struct scfg_directive *directive, struct ph_placement_output *output)
{
	const struct scfg_block *block = &directive->children;
	size_t cells = placement_set_cells(output);

	for (size_t i = 0; i < block->directives_len; i++) {
		const struct scfg_directive *cell = &block->directives[i];
		if (strcmp(cell->name, "cell") != 0 || i >= cells ||
		    (cell->params_len != 0 && cell->params_len != 2)) {
			return fail(reader, cell, "expected %zu times cell [GUEST CONSOLE]", cells);
		}
		if (cell->params_len == 2 && !read_placed(reader, cell, &output->cells[i])) {
			return false;
		}
	}
	return true;
}

static bool read_output(
    struct reader *reader, const struct scfg_directive *directive, struct ph_placement_set *set)
{
	unsigned cell;

	if (directive->params_len == 0 || !directive->params[0][0] ||
	    strlen(directive->params[0]) >= PH_PLACEMENT_IDENTITY_SIZE) {
		return fail(reader, directive, "expected output IDENTITY [split] [focus CELL]");
	}
	if (set->output_count == PH_PLACEMENT_OUTPUTS_MAX ||
	    placement_set_find_output(set, directive->params[0])) {
		return fail(reader, directive, "one monitor too many: %s", directive->params[0]);
	}
	struct ph_placement_output *output = &set->outputs[set->output_count++];
	text_copy(output->identity, sizeof(output->identity), directive->params[0]);
	for (size_t i = 1; i < directive->params_len; i++) {
		if (strcmp(directive->params[i], "split") == 0) {
			output->split = true;
		} else if (strcmp(directive->params[i], "focus") == 0 && i + 1 < directive->params_len &&
			   read_number(directive->params[i + 1], (unsigned)placement_set_cells(output), &cell)) {
			set->focus_output = set->output_count - 1;
			set->focus_cell = cell;
			i++;
		} else {
			return fail(reader, directive, "'%s' is not split or focus CELL", directive->params[i]);
		}
	}
	return read_cells(reader, directive, output);
}

static bool read_spot(
    struct reader *reader, const struct scfg_directive *directive, struct ph_placement_set *set)
{
	struct ph_placed head;
	bool half = directive->params_len == 4 && strcmp(directive->params[3], "half") == 0;

	if (directive->params_len < 3 || (directive->params_len > 3 && !half)) {
		return fail(reader, directive, "expected spot GUEST CONSOLE IDENTITY [half]");
	}
	if (!read_placed(reader, directive, &head)) {
		return false;
	}
	struct ph_placement_output *output = placement_set_find_output(set, directive->params[2]);
	if (!output) {
		return fail(reader, directive, "no output '%s' stands before it", directive->params[2]);
	}
	struct ph_spot *spot = placement_set_note_spot(set, &head, output);
	if (spot) {
		spot->half = half;
	}
	return true;
}

/* A head in two cells would be drawn in one only. */
static bool check_twice(
    struct reader *reader, const struct scfg_directive *directive, struct ph_placement_set *set)
{
	for (size_t i = 0; i < set->output_count; i++) {
		for (size_t c = 0; c < placement_set_cells(&set->outputs[i]); c++) {
			const struct ph_placed *placed = &set->outputs[i].cells[c];
			size_t output, cell;
			if (placed->guest[0] &&
			    placement_set_find_cell(set, placed->guest, placed->console, &output, &cell) !=
				placed) {
				return fail(reader, directive, "%s %u is in two cells", placed->guest,
				    placed->console);
			}
		}
	}
	return true;
}

static bool read_set(
    struct reader *reader, const struct scfg_directive *directive, struct ph_placement_set *set)
{
	const struct scfg_block *block = &directive->children;

	for (size_t i = 0; i < block->directives_len; i++) {
		const struct scfg_directive *line = &block->directives[i];
		bool done = strcmp(line->name, "output") == 0 ? read_output(reader, line, set)
			    : strcmp(line->name, "spot") == 0
				? read_spot(reader, line, set)
				: fail(reader, line, "'%s' is not output or spot", line->name);
		if (!done) {
			return false;
		}
	}
	if (set->output_count == 0) {
		return fail(reader, directive, "a set without an output");
	}
	return check_twice(reader, directive, set);
}

static bool read_recent(
    struct reader *reader, const struct scfg_directive *directive, struct ph_placement *placement)
{
	for (size_t i = 0; i < directive->params_len; i++) {
		const char *guest = directive->params[i];
		if (!guest[0] || strlen(guest) >= PH_PLACEMENT_ID_SIZE ||
		    placement->recent_count == PH_PLACEMENT_RECENT_MAX) {
			return fail(reader, directive, "'%s' is no guest, or one too many", guest);
		}
		text_copy(placement->recent[placement->recent_count++], PH_PLACEMENT_ID_SIZE, guest);
	}
	return true;
}

static bool read_line(
    struct reader *reader, const struct scfg_directive *directive, struct ph_placement *placement)
{
	if (strcmp(directive->name, "recent") == 0) {
		return read_recent(reader, directive, placement);
	}
	if (strcmp(directive->name, "monitors") != 0) {
		return fail(reader, directive, "'%s' is not recent or monitors", directive->name);
	}
	/* One place is for what is here now; the set that was not here for longest stands last. */
	if (placement->set_count == PH_PLACEMENT_SETS_MAX) {
		return true;
	}
	struct ph_placement_set *set = placement_set_create();
	placement->sets[placement->set_count++] = set;
	set->touched = true;
	return read_set(reader, directive, set);
}

bool placement_read(struct ph_placement *placement, FILE *file, char *error, size_t size)
{
	struct reader reader = {error, size};
	struct scfg_block block = {0};
	struct ph_placement read;

	if (scfg_parse_file(&block, file) < 0) {
		snprintf(error, size, "not written as scfg");
		scfg_block_finish(&block); /* what was read before the error */
		return false;
	}
	placement_init(&read);
	for (size_t i = 0; i < block.directives_len; i++) {
		if (!read_line(&reader, &block.directives[i], &read)) {
			placement_finish(&read);
			scfg_block_finish(&block);
			return false;
		}
	}
	scfg_block_finish(&block);
	placement_finish(placement);
	*placement = read;
	return true;
}
