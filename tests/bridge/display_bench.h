// SPDX-License-Identifier: MIT
#ifndef PH_DISPLAY_BENCH_H
#define PH_DISPLAY_BENCH_H

#include "display.h"
#include "hostile_qemu.h"
#include "picture.h"
#include "test.h"

/* What the tests of the display channel stand on. */

/* A QEMU, the display made of it, and what the display said. */
struct bench {
	sd_event *event;
	struct hostile_qemu qemu;
	struct ph_display *display;
	char said[65536]; /* "added 0; " and so on */
	struct ph_picture picture; /* of the last scanout */
	uint64_t ticket;           /* of the last update */
	bool auto_reply;
	unsigned int num_updates;
	bool destroy_when_closed;
};

/* What a display in a bench is created with. */
const struct ph_display_events *bench_events(void);

void bench_start_bare(struct bench *b, int consoles);
/* Waits until the consoles are there and forgets what was said so far. */
void bench_start(struct bench *b, int consoles);
void bench_finish(struct bench *b);

/* Runs the loop for that long; until nothing has happened for 20 ms. */
void bench_pass_time(struct bench *b, unsigned int ms);
void bench_settle(struct bench *b);

/* A memory file of that size. */
int bench_memory(off_t size);

#define check_said(b_, text_)                                                                      \
	do {                                                                                       \
		check_str((b_)->said, text_);                                                      \
		(b_)->said[0] = '\0';                                                              \
	} while (0)

#define check_calls(b_, text_)                                                                     \
	do {                                                                                       \
		bench_settle(b_);                                                                        \
		check_str((b_)->qemu.calls, text_);                                                \
		(b_)->qemu.calls[0] = '\0';                                                        \
	} while (0)

#endif
