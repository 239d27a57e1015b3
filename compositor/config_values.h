// SPDX-License-Identifier: MIT
#ifndef PH_CONFIG_VALUES_H
#define PH_CONFIG_VALUES_H

#include <scfg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Reads the directives of a block by a table of keys. Pure. Every reader returns
 * false after config_fail(), which is to end the parse: the first error counts.
 */

struct config_parser {
	const char *file;
	char *error; /* PH_SESSION_CONFIG_ERROR_MAX bytes */
};

/* One of the words that a key takes; a list of them ends with NULL. */
struct config_word {
	const char *text;
	int value;
};

/* One key of a block: how it is read, and where in the block's struct its value goes. */
struct config_key {
	const char *name;
	bool (*read)(struct config_parser *parser, const struct scfg_directive *d,
	    const struct config_key *key, void *target);
	size_t offset;
	const struct config_word *words; /* config_read_word() */
	double min, max;                 /* config_read_number(), config_read_real() */
	bool repeatable;
	const struct config_key *keys; /* config_read_block(): of the block; ends with no name */
};

/* Writes "FILE:LINE: " and the text as the error. Returns false. */
bool config_fail(struct config_parser *parser, int line, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Parses text, which is not empty, by the rules of scfg. False: the error was said; block needs no finish. */
bool config_read_text_block(
    struct config_parser *parser, struct scfg_block *block, const char *text, size_t size);

/* Reads every directive of a block; no key twice unless it may be. where: its name, "": the file. */
bool config_read_keys(struct config_parser *parser, const struct scfg_block *block, const char *where,
    const struct config_key *keys, void *target);

/* The only value of a directive; NULL after an error. Borrowed. */
const char *config_take_value(struct config_parser *parser, const struct scfg_directive *d);
/* Refuses a block behind a directive that takes none. */
bool config_refuse_block(struct config_parser *parser, const struct scfg_directive *d);
/* Whole number in decimal, min to max. No sign, no spaces, no locale. */
bool config_parse_number(const char *text, unsigned min, unsigned max, unsigned *value);
/* Decimal number with an optional sign and fraction, whatever the locale. */
bool config_parse_real(const char *text, double min, double max, double *value);
/* Sets *value to that of the word; false: there is no such word, the error was said. */
bool config_find_word(struct config_parser *parser, const struct scfg_directive *d, const char *text,
    const struct config_word *words, int *value);

/* Readers for tables. What they write is named before each. */
/* unsigned */
bool config_read_number(struct config_parser *parser, const struct scfg_directive *d,
    const struct config_key *key, void *target);
/* double */
bool config_read_real(struct config_parser *parser, const struct scfg_directive *d,
    const struct config_key *key, void *target);
/* an enum */
bool config_read_word(struct config_parser *parser, const struct scfg_directive *d,
    const struct config_key *key, void *target);
/* bool: on or off */
bool config_read_bool(struct config_parser *parser, const struct scfg_directive *d,
    const struct config_key *key, void *target);
/* enum ph_setting: on or off */
bool config_read_setting(struct config_parser *parser, const struct scfg_directive *d,
    const struct config_key *key, void *target);
/* char *, owned */
bool config_read_text(struct config_parser *parser, const struct scfg_directive *d,
    const struct config_key *key, void *target);
/* uint32_t: #RRGGBB */
bool config_read_colour(struct config_parser *parser, const struct scfg_directive *d,
    const struct config_key *key, void *target);
/* char **, owned: argv */
bool config_read_program(struct config_parser *parser, const struct scfg_directive *d,
    const struct config_key *key, void *target);
/* bool: the key alone */
bool config_read_flag(struct config_parser *parser, const struct scfg_directive *d,
    const struct config_key *key, void *target);
/* the struct at offset, by key->keys; no value */
bool config_read_block(struct config_parser *parser, const struct scfg_directive *d,
    const struct config_key *key, void *target);

/* Memory of our own sizes: running out of it ends the process. */
char *config_copy_text(const char *text);
/* One more element, zeroed, at the end of a list of *count; the list may move. */
void *config_append(void *list, size_t *count, size_t size);

#endif
