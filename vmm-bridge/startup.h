// SPDX-License-Identifier: MIT
#ifndef PH_STARTUP_H
#define PH_STARTUP_H

#include <stdbool.h>
#include <stddef.h>

/* Start-up as a table: what began is ended in the reverse order, wherever it stopped. */

struct ph_startup_step {
	const char *name;
	/* False: one line was logged, and finish is not called for this step. */
	bool (*init)(void *data);
	void (*finish)(void *data); /* NULL: nothing to undo */
};

/*
 * Runs the steps in order; on a failure undoes those before. fail_at: the
 * number of a step (from 1) that is to fail instead of being run, for tests;
 * 0: none. Returns the number of steps done: count, or less after a failure.
 */
size_t startup_run(const struct ph_startup_step *steps, size_t count, void *data, size_t fail_at);

/* Undoes the first count steps, last first. */
void startup_finish(const struct ph_startup_step *steps, size_t count, void *data);

#endif
