// SPDX-License-Identifier: MIT
#ifndef PH_PACE_H
#define PH_PACE_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Wins back the refresh that a guest with a clock of its own loses for ever once
 * one of its frames came too late. Pure; time is handed in (microseconds).
 *
 * A guest that draws at the screen's rate by its own clock begins a frame at some
 * point p of each refresh. It needs d to draw it. If p + d is less than a
 * refresh, the frame can be on the screen 1 - p refreshes after it was begun; but
 * once one was late, each one that follows has to wait for it, and takes 2 - p:
 *
 * - With two buffers the next frame is drawn into the one that is still on the
 *   screen, so QEMU does the drawing only when it is answered, at the flip: frames
 *   come d after the answer, whenever they were begun. Such a frame cannot be
 *   left out: the one after it would be drawn into what is on the screen. So one
 *   answer is *held*, till just before the frame that waits for it could not be
 *   ready for the next flip any more. That frame comes to the screen when it would
 *   have anyway, but the guest's tick for the one after it has passed by then.
 *   It goes on with the next tick, and is not late.
 * - With more buffers, one, or no answers (memory), a frame comes when it is drawn,
 *   and waits in the compositor for the flip before it: it is latched late. One
 *   frame is *left out*: not committed, but answered once that is safe, so that
 *   the next one meets nobody. Its damage is in the next one's. If none comes in
 *   time it is committed for the flip at which the next one would be shown.
 *
 * A guest that draws when it is answered looks like the first kind with two
 * buffers, like the second with more. So before anything is done to a guest that is
 * answered, one answer is *probed*: given a quarter of a refresh late. The frame
 * of a guest that waits for answers comes later by that, the other's does not.
 * Such a guest never has a frame left out; one that draws when it is answered loses
 * nothing by a held one, as its next frame comes in time. What did not help is
 * tried again after twice the time.
 *
 * All that is looked at only while updates come once a refresh, all of them late in
 * the same way for PH_PACE_WINDOW frames. It costs a timer for each try, none
 * for a frame.
 */

#define PH_PACE_WINDOW 32u         /* frames */
#define PH_PACE_FIRST_US 2000000u  /* from one try to the next, then doubled */
#define PH_PACE_LAST_US 300000000u /* until that; also after one that helped */
#define PH_PACE_CALM_US 4000000u   /* a try that helped for so long is forgotten */

/* What some frames in a row had in common. */
struct ph_pace_window {
	unsigned int count;
	uint64_t gap_min, gap_max; /* from the moment of the answer to the next update */
	uint64_t wait_min;         /* from commit to latch; UINT64_MAX: none was latched */
};

enum ph_pace_step {
	PH_PACE_WATCH,
	PH_PACE_PROBE,   /* the next answer is given late */
	PH_PACE_PROBING, /* does the next update come later? */
	PH_PACE_HOLD,    /* the next answer is held */
};

struct ph_pace {
	uint64_t period; /* of a refresh; 0: unknown, nothing is done */
	enum ph_pace_step step;
	struct ph_pace_window window, seen; /* the one that goes on, the last that was complete */
	uint64_t updated;   /* the last update */
	uint64_t due;       /* the last answer, had it not been held */
	uint64_t answer_at; /* when the answer that is due may be given; 0: none is due */
	uint64_t tried, interval; /* the last try, 0: none; not again before that is over */
	/* of the last try that did something */
	uint64_t tried_gap;   /* gap_max before it */
	bool judging, helped; /* no window was complete since; that one was better */
	struct {
		uint64_t probed, held, left_out;
	} counts; /* for tests */
};

void pace_init(struct ph_pace *pace);

/* The screen's rate in mHz; 0: unknown. */
void pace_set_refresh(struct ph_pace *pace, uint32_t mhz);

/* What was seen so far means nothing any more: hidden, another compositor, another buffer size. */
void pace_restart(struct ph_pace *pace);

/*
 * An update came whose forerunners are all answered. answered: it will be, too (it has
 * a ticket); pending: the frame before it was not latched yet. Returns until when it
 * is to be left out, if nothing newer comes; 0: it is not.
 */
uint64_t pace_handle_update(struct ph_pace *pace, uint64_t now, bool answered, bool pending);

/* The frame that was committed at that time was latched. */
void pace_handle_latched(struct ph_pace *pace, uint64_t now, uint64_t committed);

/* An answer is due. Whether it may be given; if not, it may at pace->answer_at. */
bool pace_may_answer(struct ph_pace *pace, uint64_t now);

#endif
