// SPDX-License-Identifier: MIT
#include "config_values.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config.h"

/* More than a file has that a person writes; a level of libscfg takes about 250 bytes of the stack. */
#define BRACES_MAX 1000

/* Enums are stored through an int. */
static_assert(sizeof(enum ph_scheme) == sizeof(int), "an enum is as large as an int");

bool config_fail(struct config_parser *parser, int line, const char *format, ...)
{
	int used =
	    snprintf(parser->error, PH_SESSION_CONFIG_ERROR_MAX, "%s:%d: ", parser->file, line);

	if (used > 0 && used < PH_SESSION_CONFIG_ERROR_MAX) {
		va_list arguments;
		va_start(arguments, format);
		vsnprintf(parser->error + used, (size_t)(PH_SESSION_CONFIG_ERROR_MAX - used), format,
		    arguments);
		va_end(arguments);
	}
	return false;
}

char *config_copy_text(const char *text)
{
	char *copy = strdup(text);

	if (!copy) {
		abort();
	}
	return copy;
}

void *config_append(void *list, size_t *count, size_t size)
{
	char *grown = reallocarray(list, *count + 1, size);

	if (!grown) {
		abort();
	}
	memset(grown + *count * size, 0, size);
	(*count)++;
	return grown;
}

/* libscfg calls itself for each block in a block, and without a limit our stack would be it. */
static bool check_depth(struct config_parser *parser, const char *text, size_t size)
{
	size_t count = 0;

	for (size_t i = 0; i < size; i++) {
		count += text[i] == '{';
	}
	return count <= BRACES_MAX ||
	       config_fail(parser, 1,
		   "the file has %zu opening braces, at most %d are read; take some blocks out", count,
		   BRACES_MAX);
}

/* libscfg says what is wrong on stderr and nowhere else: its line is caught there. */
bool config_read_text_block(
    struct config_parser *parser, struct scfg_block *block, const char *text, size_t size)
{
	char *said = NULL;
	size_t said_size = 0;

	*block = (struct scfg_block){0};
	if (!check_depth(parser, text, size)) {
		return false;
	}
	FILE *in = fmemopen((void *)(uintptr_t)text, size, "r");
	FILE *out = open_memstream(&said, &said_size);
	if (!in || !out) {
		abort();
	}
	FILE *saved = stderr;
	stderr = out;
	int status = scfg_parse_file(block, in);
	stderr = saved;
	fclose(in);
	fclose(out);
	if (status != 0) {
		const char *at = strstr(said, "on line ");
		const char *what = said;
		int line = 1;
		if (at) {
			char *end;
			line = (int)strtol(at + strlen("on line "), &end, 10);
			what = end + strspn(end, ": ");
		}
		what += strncmp(what, "scfg: ", 6) == 0 ? 6 : 0;
		config_fail(parser, line,
		    "syntax: %.*s; expected lines of: key value, with { at a line's end and } on "
		    "its own line",
		    (int)strcspn(what, "\n"), what);
		scfg_block_finish(block); /* what was read before the error */
	}
	free(said);
	return status == 0;
}

static bool refuse_key(struct config_parser *parser, const struct scfg_directive *d,
    const char *where, const struct config_key *keys)
{
	char list[512] = "";
	size_t used = 0;

	for (const struct config_key *key = keys; key->name && used < sizeof(list); key++) {
		used += (size_t)snprintf(
		    list + used, sizeof(list) - used, "%s%s", used ? ", " : "", key->name);
	}
	return config_fail(parser, d->lineno, "%.64s: unknown key%s%s, expected one of: %s", d->name,
	    where[0] ? " in " : "", where, list);
}

bool config_read_keys(struct config_parser *parser, const struct scfg_block *block, const char *where,
    const struct config_key *keys, void *target)
{
	uint64_t seen = 0;

	for (size_t i = 0; i < block->directives_len; i++) {
		const struct scfg_directive *d = &block->directives[i];
		const struct config_key *key = keys;
		while (key->name && strcmp(key->name, d->name) != 0) {
			key++;
		}
		if (!key->name) {
			return refuse_key(parser, d, where, keys);
		}
		uint64_t bit = (uint64_t)1 << (key - keys);
		if ((seen & bit) && !key->repeatable) {
			return config_fail(
			    parser, d->lineno, "%s: given twice; remove one of them", d->name);
		}
		seen |= bit;
		if (!key->read(parser, d, key, target)) {
			return false;
		}
	}
	return true;
}

bool config_refuse_block(struct config_parser *parser, const struct scfg_directive *d)
{
	if (d->children.directives_len > 0) {
		return config_fail(
		    parser, d->lineno, "%s: takes no block; remove the braces", d->name);
	}
	return true;
}

const char *config_take_value(struct config_parser *parser, const struct scfg_directive *d)
{
	if (d->params_len != 1) {
		config_fail(parser, d->lineno,
		    "%s: %zu values given, expected one; put quotes around a value that contains "
		    "spaces",
		    d->name, d->params_len);
		return NULL;
	}
	if (!d->params[0][0]) {
		config_fail(parser, d->lineno, "%s: the value is empty; give one or remove the line",
		    d->name);
		return NULL;
	}
	return d->params[0];
}

bool config_parse_number(const char *text, unsigned min, unsigned max, unsigned *value)
{
	uint64_t number = 0;

	if (!text[0]) {
		return false;
	}
	for (const char *c = text; *c; c++) {
		if (*c < '0' || *c > '9' || number > UINT32_MAX) {
			return false;
		}
		number = number * 10 + (uint64_t)(*c - '0');
	}
	*value = (unsigned)number;
	return number >= min && number <= max;
}

bool config_parse_real(const char *text, double min, double max, double *value)
{
	const char *c = text + (text[0] == '-');
	double number = 0, unit = 1;
	bool digits = false;

	for (; *c >= '0' && *c <= '9' && number < 1e9; c++) {
		number = number * 10 + (*c - '0');
		digits = true;
	}
	if (digits && *c == '.') {
		for (c++; *c >= '0' && *c <= '9' && unit > 1e-9; c++) {
			unit /= 10;
			number += unit * (*c - '0');
		}
	}
	*value = text[0] == '-' ? -number : number;
	return digits && *c == '\0' && *value >= min && *value <= max;
}

bool config_find_word(struct config_parser *parser, const struct scfg_directive *d, const char *text,
    const struct config_word *words, int *value)
{
	char list[256] = "";
	size_t used = 0;

	for (const struct config_word *word = words; word->text; word++) {
		if (strcmp(text, word->text) == 0) {
			*value = word->value;
			return true;
		}
		used += (size_t)snprintf(
		    list + used, sizeof(list) - used, "%s%s", used ? ", " : "", word->text);
	}
	return config_fail(parser, d->lineno, "%s: unknown value '%.64s', expected one of: %s", d->name,
	    text, list);
}

bool config_read_number(struct config_parser *parser, const struct scfg_directive *d,
    const struct config_key *key, void *target)
{
	const char *text = config_take_value(parser, d);
	unsigned *value = (void *)((char *)target + key->offset);

	if (!text || !config_refuse_block(parser, d)) {
		return false;
	}
	if (!config_parse_number(text, (unsigned)key->min, (unsigned)key->max, value)) {
		return config_fail(parser, d->lineno,
		    "%s: '%.64s' is not a whole number from %.0f to %.0f", d->name, text, key->min,
		    key->max);
	}
	return true;
}

bool config_read_real(struct config_parser *parser, const struct scfg_directive *d,
    const struct config_key *key, void *target)
{
	const char *text = config_take_value(parser, d);
	double *value = (void *)((char *)target + key->offset);

	if (!text || !config_refuse_block(parser, d)) {
		return false;
	}
	if (!config_parse_real(text, key->min, key->max, value)) {
		return config_fail(parser, d->lineno, "%s: '%.64s' is not a number from %g to %g",
		    d->name, text, key->min, key->max);
	}
	return true;
}

bool config_read_word(struct config_parser *parser, const struct scfg_directive *d,
    const struct config_key *key, void *target)
{
	const char *text = config_take_value(parser, d);
	int value;

	if (!text || !config_find_word(parser, d, text, key->words, &value)) {
		return false;
	}
	memcpy((char *)target + key->offset, &value, sizeof(value));
	return config_refuse_block(parser, d);
}

static const struct config_word on_off[] = {{"on", PH_SET_ON}, {"off", PH_SET_OFF}, {NULL}};

bool config_read_setting(struct config_parser *parser, const struct scfg_directive *d,
    const struct config_key *key, void *target)
{
	const struct config_key as_word = {.offset = key->offset, .words = on_off};

	return config_read_word(parser, d, &as_word, target);
}

bool config_read_bool(struct config_parser *parser, const struct scfg_directive *d,
    const struct config_key *key, void *target)
{
	const char *text = config_take_value(parser, d);
	int value;

	if (!text || !config_find_word(parser, d, text, on_off, &value)) {
		return false;
	}
	*(bool *)((char *)target + key->offset) = value == PH_SET_ON;
	return config_refuse_block(parser, d);
}

bool config_read_flag(struct config_parser *parser, const struct scfg_directive *d,
    const struct config_key *key, void *target)
{
	if (d->params_len > 0) {
		return config_fail(parser, d->lineno,
		    "%s: takes no value; remove '%.64s', or the whole line for the opposite", d->name,
		    d->params[0]);
	}
	*(bool *)((char *)target + key->offset) = true;
	return config_refuse_block(parser, d);
}

bool config_read_text(struct config_parser *parser, const struct scfg_directive *d,
    const struct config_key *key, void *target)
{
	const char *text = config_take_value(parser, d);
	char **value = (void *)((char *)target + key->offset);

	if (!text || !config_refuse_block(parser, d)) {
		return false;
	}
	free(*value);
	*value = config_copy_text(text);
	return true;
}

bool config_read_colour(struct config_parser *parser, const struct scfg_directive *d,
    const struct config_key *key, void *target)
{
	const char *text = config_take_value(parser, d);

	if (!text || !config_refuse_block(parser, d)) {
		return false;
	}
	if (text[0] != '#' || strlen(text) != 7 ||
	    strspn(text + 1, "0123456789abcdefABCDEF") != 6) {
		return config_fail(parser, d->lineno,
		    "%s: '%.64s' is no colour, expected six hexadecimal digits as \"#3584e4\"", d->name,
		    text);
	}
	*(uint32_t *)(void *)((char *)target + key->offset) =
	    (uint32_t)strtoul(text + 1, NULL, 16);
	return true;
}

bool config_read_program(struct config_parser *parser, const struct scfg_directive *d,
    const struct config_key *key, void *target)
{
	char ***value = (void *)((char *)target + key->offset);

	if (d->params_len == 0 || !d->params[0][0]) {
		return config_fail(
		    parser, d->lineno, "%s: expected a program and its arguments", d->name);
	}
	if (!config_refuse_block(parser, d)) {
		return false;
	}
	*value = calloc(d->params_len + 1, sizeof(**value));
	if (!*value) {
		abort();
	}
	for (size_t i = 0; i < d->params_len; i++) {
		(*value)[i] = config_copy_text(d->params[i]);
	}
	return true;
}

bool config_read_block(struct config_parser *parser, const struct scfg_directive *d,
    const struct config_key *key, void *target)
{
	if (d->params_len > 0) {
		return config_fail(parser, d->lineno,
		    "%s: takes no value '%.64s', expected a block in braces", d->name, d->params[0]);
	}
	return config_read_keys(
	    parser, &d->children, d->name, key->keys, (char *)target + key->offset);
}
