// SPDX-License-Identifier: MIT
#ifndef PH_CTL_ARGUMENTS_H
#define PH_CTL_ARGUMENTS_H

#include <stdbool.h>
#include <stddef.h>

/* What phyllomectl is asked for: its command line, read. Pure. */

enum ph_request_kind {
	PH_REQUEST_HELP,
	PH_REQUEST_VERSION,
	PH_REQUEST_GUESTS,   /* list them */
	PH_REQUEST_OUTPUTS,  /* list them */
	PH_REQUEST_COMMANDS, /* list what can be asked for */
	PH_REQUEST_WATCH,
	PH_REQUEST_RUN,    /* words: a command of the session */
	PH_REQUEST_ACT,    /* words[1]: the guest; action: what its machine is to do */
	PH_REQUEST_FOCUS,  /* words[1]: an output */
	PH_REQUEST_RELOAD,
};

struct ph_request {
	enum ph_request_kind kind;
	bool json;
	bool names;         /* NAME, tab, what it is; for completions and scripts */
	const char *socket; /* NULL: that of this login. Points into argv */
	const char *action; /* as ActOnGuest takes it; static */
	const char **words; /* the verb and what follows it; owned, its strings are argv's */
	size_t word_count;
};

struct ph_verb {
	const char *name;
	const char *argument; /* for a synopsis, "" for none */
	const char *help;     /* one line, without a full stop */
};

/*
 * The verbs, those of phyllomectl before those that are commands of the session.
 * False: there are not so many. Strings are static.
 */
bool arguments_verb(size_t index, struct ph_verb *verb);

/*
 * Reads the command line, without the program's name. On failure false and
 * error (of size bytes) says in one line what is wrong. Either way
 * arguments_finish() is due.
 */
bool arguments_parse(
    int count, const char *const *arguments, struct ph_request *request, char *error, size_t size);
void arguments_finish(struct ph_request *request);

#endif
