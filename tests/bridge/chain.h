// SPDX-License-Identifier: MIT
#ifndef PH_CHAIN_H
#define PH_CHAIN_H

#include "display.h"
#include "fake_compositor.h"
#include "hostile_qemu.h"
#include "screen.h"
#include "test.h"

/* What the tests of the screen stand on. */

/* The whole chain, with both far ends played: QEMU, display, screen, client, compositor. */
struct chain {
	sd_event *event;
	char path[108];
	struct hostile_qemu qemu;
	struct ph_display *display;
	struct ph_screen *screen;
	struct ph_wl_client *client;
	struct fake_compositor *fake;
	bool ready;
	char lost[256], closed[256];
	uint32_t action;
	char monitor[32]; /* name of console 1's */
};

extern const struct ph_wl_client_events chain_client_events;

/* A screen without either side. */
void chain_start_bare(struct chain *b);
void chain_start_machine(struct chain *b, int consoles);
/* A connection to the compositor, which must have been started. */
int chain_connect(const struct chain *b);
/* The compositor and a client of it, which the screen is not told of. */
void chain_start_compositor(struct chain *b, const struct fake_options *options);
/* All of it, and console 0 configured as visible with 640x480. */
void chain_start(struct chain *b, const struct fake_options *options);
void chain_finish(struct chain *b);

/* Runs the loop for that long; until nothing has happened for 20 ms. */
void chain_pass_time(struct chain *b, unsigned int ms);
void chain_settle(struct chain *b);

/* A memory file of that size; the inode of a file. */
int chain_memory(off_t size);
uint64_t chain_inode(int fd);

/* What the compositor says of a commit of that dma-buf. */
void chain_commit_text(char *text, size_t size, int fd, const char *rest);

#define check_said(b_, text_)                                                                      \
	do {                                                                                       \
		chain_settle(b_);                                                                        \
		check_str(fake_said((b_)->fake), text_);                                           \
	} while (0)

#endif
