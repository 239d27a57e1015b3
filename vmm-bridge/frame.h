// SPDX-License-Identifier: MIT
#ifndef PH_FRAME_H
#define PH_FRAME_H

#include <stdbool.h>
#include <stdint.h>

#include "display.h"
#include "pace.h"
#include "picture.h"

/*
 * The pictures of one console on their way to the compositor: which buffers
 * are known, when to commit, and when the machine may draw on. Events in,
 * actions out; time is handed in (CLOCK_MONOTONIC, microseconds).
 *
 * A *ticket* is an update that holds the machine's display queue until it is
 * answered. The answer says "draw the next frame", so it waits for two things:
 * that this frame was latched (the surface's frame callback came, so that it is
 * not skipped), and that the buffer the guest will draw into is no longer shown
 * (one of its other buffers was released). A guest with one buffer gets its
 * answer when the frame is latched. A console that is not visible is answered
 * PH_FRAME_HIDDEN_US after its update. Nothing waits longer than
 * PH_FRAME_DEADLINE_US. Each ticket is answered exactly once.
 *
 * What that gives on a screen of 60 Hz with a plane (test_frame.c): 60 frames a
 * second with any number of buffers while the guest needs less than a frame's
 * time to draw. If it needs longer, 30 with two buffers, as each is held for
 * two frames, and as many as it can draw with three.
 *
 * A guest with a clock of its own whose frames have come to wait for each other has
 * one answer held, or one frame left out, so that they do not any more: pace.h.
 *
 * A *scanout* is not committed until its first update: QEMU announces buffers
 * before they are drawn, and announces placeholders between two of them. If no
 * update comes, it is taken as it is after PH_FRAME_SETTLE_US: long enough that a
 * busy machine does not separate the two, as the frame would be committed twice.
 */

/* By the calls it makes, at most 2.2 % of what a picture costs that is shown 60 times a second. */
#define PH_FRAME_HIDDEN_US 850000u
#define PH_FRAME_DEADLINE_US 880000u
#define PH_FRAME_SETTLE_US 880000u /* not less than the two above: timers for nothing */
/* A buffer that was not shown for that long is given back. */
#define PH_FRAME_IDLE_US 10000000u
/* A buffer that the guest has not used in that many flips is given back. */
#define PH_FRAME_HISTORY 8

#define PH_FRAME_MAX_SLOTS 12
#define PH_FRAME_MAX_TICKETS 64
#define PH_FRAME_MAX_ACTIONS (2 * PH_FRAME_MAX_TICKETS + 4 * PH_FRAME_MAX_SLOTS)

#define PH_FRAME_NEVER UINT64_MAX

enum ph_frame_action_kind {
	PH_FRAME_IMPORT, /* make a buffer of the newest scanout, in this slot */
	PH_FRAME_DROP,   /* destroy the slot's buffer */
	PH_FRAME_COMMIT, /* show the slot's buffer; damage in console pixels */
	PH_FRAME_BLANK,  /* show nothing */
	PH_FRAME_REPLY,  /* answer the ticket */
};

struct ph_frame_action {
	enum ph_frame_action_kind kind;
	int slot;
	bool full;             /* commit: everything changed, damage says nothing */
	struct ph_rect damage; /* may be empty */
	uint32_t serial;       /* commit: for frame_handle_latched(); 0: ask for no frame callback */
	uint64_t ticket;
};

enum ph_frame_slot_state {
	PH_SLOT_EMPTY,
	PH_SLOT_IMPORTING,
	PH_SLOT_READY,
	PH_SLOT_FAILED,
};

struct ph_frame_slot {
	bool used;
	enum ph_frame_slot_state state;
	bool busy; /* committed, and not released since */
	struct ph_picture_key key;
	uint64_t last_flip; /* number of the flip that named it last */
	uint64_t last_time;
};

struct ph_frame_ticket {
	uint64_t id, arrival;
	uint32_t serial; /* of the commit that shows it; 0: not committed yet */
};

struct ph_frame {
	bool surface, visible;
	int current; /* slot of the newest scanout; -1: none */
	int shown;   /* slot of the last commit; -1: none */
	bool fresh;  /* the newest scanout has had no update yet */
	uint64_t settle_at;
	bool dirty, full;
	struct ph_rect damage;
	bool waiting; /* for the frame callback of the commit "serial" */
	struct ph_pace pace;
	uint64_t left_out_until; /* the newest update is not committed before, nor held up by that; 0: it is */
	bool held;               /* a ticket waits for pace.answer_at only */
	uint32_t serial, latched;
	uint64_t last_commit, flips;
	struct ph_frame_slot slots[PH_FRAME_MAX_SLOTS];
	struct ph_frame_ticket tickets[PH_FRAME_MAX_TICKETS];
	int num_tickets;
	struct ph_frame_action actions[PH_FRAME_MAX_ACTIONS];
	int num_actions, next_action;
	struct {
		uint64_t updates, commits, imports, late_replies;
	} counts; /* for logs and tests */
};

void frame_init(struct ph_frame *frame);

/*
 * Takes the next action; false when there is none. To be called until it is
 * false after each of the events below, and each action done before the next
 * is taken. Doing an action may report further events.
 */
bool frame_next_action(struct ph_frame *frame, struct ph_frame_action *out);

/* When frame_handle_time() is due; PH_FRAME_NEVER if not at all. */
uint64_t frame_deadline(const struct ph_frame *frame);

/* Whether one of the slots is this buffer: a scanout of it imports nothing. */
bool frame_knows_buffer(const struct ph_frame *frame, const struct ph_picture_key *key);

/* From the machine. An update with ticket 0 holds nothing up. */
void frame_handle_scanout(
    struct ph_frame *frame, uint64_t now, const struct ph_picture_key *key);
void frame_handle_update(
    struct ph_frame *frame, uint64_t now, struct ph_rect damage, uint64_t ticket);
void frame_handle_disable(struct ph_frame *frame, uint64_t now);
/* The console or the machine is gone: every ticket is answered, every buffer dropped. */
void frame_handle_removed(struct ph_frame *frame, uint64_t now);

/* From the compositor. surface: a head is there and may be given buffers, or went with all buffers. */
void frame_handle_surface(struct ph_frame *frame, uint64_t now, bool surface);
void frame_handle_visible(struct ph_frame *frame, uint64_t now, bool visible);
/* The rate of the screen on which it is, in mHz; 0: unknown. */
void frame_handle_refresh(struct ph_frame *frame, uint32_t mhz);
void frame_handle_imported(struct ph_frame *frame, uint64_t now, int slot, bool ok);
void frame_handle_released(struct ph_frame *frame, uint64_t now, int slot);
void frame_handle_latched(struct ph_frame *frame, uint64_t now, uint32_t serial);

void frame_handle_time(struct ph_frame *frame, uint64_t now);

#endif
