// SPDX-License-Identifier: MIT
#include "frame.h"

#include <assert.h>

#include "formats.h"
#include "pixels.h"

static void push(struct ph_frame *frame, struct ph_frame_action action)
{
	if (frame->next_action == frame->num_actions) {
		frame->next_action = frame->num_actions = 0;
	}
	assert(frame->num_actions < PH_FRAME_MAX_ACTIONS);
	frame->actions[frame->num_actions++] = action;
}

bool frame_next_action(struct ph_frame *frame, struct ph_frame_action *out)
{
	if (frame->next_action == frame->num_actions) {
		return false;
	}
	*out = frame->actions[frame->next_action++];
	return true;
}

void frame_init(struct ph_frame *frame)
{
	*frame = (struct ph_frame){.current = -1, .shown = -1};
	pace_init(&frame->pace);
}

static void drop_slot(struct ph_frame *frame, int slot)
{
	if (frame->slots[slot].state != PH_SLOT_EMPTY) {
		push(frame, (struct ph_frame_action){.kind = PH_FRAME_DROP, .slot = slot});
	}
	frame->slots[slot] = (struct ph_frame_slot){0};
	if (frame->shown == slot) {
		frame->shown = -1;
	}
}

/* A slot for a new buffer: a free one, or the one that was not needed for longest. */
static int take_slot(struct ph_frame *frame)
{
	int oldest = -1;
	for (int i = 0; i < PH_FRAME_MAX_SLOTS; i++) {
		const struct ph_frame_slot *slot = &frame->slots[i];
		if (!slot->used) {
			return i;
		}
		if (i != frame->current && i != frame->shown &&
		    (oldest < 0 || slot->last_flip < frame->slots[oldest].last_flip)) {
			oldest = i;
		}
	}
	drop_slot(frame, oldest);
	return oldest;
}

static bool may_drop(const struct ph_frame *frame, int i, uint64_t now)
{
	const struct ph_frame_slot *slot = &frame->slots[i];
	if (!slot->used || i == frame->current || i == frame->shown) {
		return false;
	}
	const bool aged = frame->flips - slot->last_flip > PH_FRAME_HISTORY;
	const bool idle = now >= slot->last_time + PH_FRAME_IDLE_US;
	/* after a change of mode the old mode's buffers do not come back */
	const bool replaced = frame->shown >= 0 && frame->shown == frame->current &&
	    !picture_same_shape(&slot->key, &frame->slots[frame->current].key);
	/* one that the compositor still shows goes when it is released */
	return (aged || idle || replaced) &&
	       (!slot->busy || frame->flips - slot->last_flip > 2 * PH_FRAME_HISTORY);
}

static void drop_unused(struct ph_frame *frame, uint64_t now)
{
	for (int i = 0; i < PH_FRAME_MAX_SLOTS; i++) {
		if (may_drop(frame, i, now)) {
			drop_slot(frame, i);
		}
	}
}

static void import_current(struct ph_frame *frame)
{
	if (frame->surface && frame->current >= 0 &&
	    frame->slots[frame->current].state == PH_SLOT_EMPTY) {
		frame->slots[frame->current].state = PH_SLOT_IMPORTING;
		frame->counts.imports++;
		push(frame,
		    (struct ph_frame_action){.kind = PH_FRAME_IMPORT, .slot = frame->current});
	}
}

/* Whether the buffer that the guest will draw into next is off the screen. */
static bool has_free_buffer(const struct ph_frame *frame)
{
	int others = 0;
	for (int i = 0; i < PH_FRAME_MAX_SLOTS; i++) {
		const struct ph_frame_slot *slot = &frame->slots[i];
		if (i == frame->current || !slot->used || slot->state != PH_SLOT_READY ||
		    frame->flips - slot->last_flip >= PH_FRAME_HISTORY ||
		    !picture_same_shape(&slot->key, &frame->slots[frame->current].key)) {
			continue;
		}
		if (!slot->busy) {
			return true;
		}
		others++;
	}
	return others == 0;
}

static bool is_held_back(const struct ph_frame *frame)
{
	return !frame->surface || !frame->visible;
}

static uint64_t ticket_due(const struct ph_frame *frame, const struct ph_frame_ticket *ticket)
{
	return ticket->arrival + (is_held_back(frame) ? PH_FRAME_HIDDEN_US : PH_FRAME_DEADLINE_US);
}

static bool may_answer(
    struct ph_frame *frame, const struct ph_frame_ticket *ticket, uint64_t now)
{
	if (frame->current < 0) {
		return true;
	}
	if (now >= ticket_due(frame, ticket)) {
		frame->counts.late_replies += is_held_back(frame) ? 0 : 1;
		return true;
	}
	if (is_held_back(frame)) {
		return false;
	}
	if (frame->slots[frame->current].state == PH_SLOT_FAILED) {
		return true;
	}
	const bool left_out = ticket->serial == 0 && now < frame->left_out_until;
	const bool latched =
	    ticket->serial != 0 && (int32_t)(frame->latched - ticket->serial) >= 0;
	if (!(left_out || latched) || !has_free_buffer(frame)) {
		return false;
	}
	const bool allowed = pace_may_answer(&frame->pace, now);
	frame->held = frame->held || !allowed;
	return allowed;
}

static void answer_tickets(struct ph_frame *frame, uint64_t now)
{
	int kept = 0;
	frame->held = false;
	for (int i = 0; i < frame->num_tickets; i++) {
		const struct ph_frame_ticket ticket = frame->tickets[i];
		if (may_answer(frame, &ticket, now)) {
			push(frame,
			    (struct ph_frame_action){.kind = PH_FRAME_REPLY, .ticket = ticket.id});
		} else {
			frame->tickets[kept++] = ticket;
		}
	}
	frame->num_tickets = kept;
}

static void commit(struct ph_frame *frame, uint64_t now)
{
	struct ph_frame_slot *slot = &frame->slots[frame->current];

	frame->serial = frame->serial == UINT32_MAX ? 1 : frame->serial + 1;
	push(frame,
	    (struct ph_frame_action){.kind = PH_FRAME_COMMIT,
		.slot = frame->current,
		.full = frame->full || frame->shown != frame->current,
		.damage = frame->damage,
		.serial = frame->visible ? frame->serial : 0});
	for (int i = 0; i < frame->num_tickets; i++) {
		if (frame->tickets[i].serial == 0) {
			frame->tickets[i].serial = frame->serial;
		}
	}
	if (!frame->visible) {
		frame->latched = frame->serial;
	}
	frame->counts.commits++;
	frame->shown = frame->current;
	frame->waiting = frame->visible;
	frame->last_commit = now;
	frame->left_out_until = 0;
	frame->dirty = frame->full = false;
	frame->damage = (struct ph_rect){0};
	slot->busy = slot->key.kind != PH_PICTURE_KEY_CANVAS;
	slot->last_time = now;
}

static uint64_t next_commit_at(const struct ph_frame *frame)
{
	if (!frame->visible) {
		return frame->shown < 0 ? 0 : frame->last_commit + PH_FRAME_HIDDEN_US;
	}
	/* a compositor that says visible and sends no callback must not stop the picture */
	return frame->waiting ? frame->last_commit + PH_FRAME_DEADLINE_US : frame->left_out_until;
}

static void run(struct ph_frame *frame, uint64_t now)
{
	if (frame->fresh && now >= frame->settle_at) {
		frame->fresh = false;
		frame->dirty = frame->full = true;
	}
	if (frame->surface && frame->current >= 0 && frame->dirty && !frame->fresh &&
	    now >= next_commit_at(frame)) {
		if (frame->slots[frame->current].state == PH_SLOT_READY) {
			commit(frame, now);
		} else if (frame->slots[frame->current].state == PH_SLOT_FAILED) {
			frame->dirty = false;
		}
	}
	answer_tickets(frame, now);
	drop_unused(frame, now);
}

static void earlier(uint64_t *deadline, uint64_t at)
{
	if (at < *deadline) {
		*deadline = at;
	}
}

uint64_t frame_deadline(const struct ph_frame *frame)
{
	uint64_t deadline = PH_FRAME_NEVER;

	if (frame->fresh) {
		earlier(&deadline, frame->settle_at);
	}
	if (frame->surface && frame->dirty && !frame->fresh && frame->current >= 0 &&
	    frame->slots[frame->current].state == PH_SLOT_READY) {
		earlier(&deadline, next_commit_at(frame));
	}
	if (frame->held) {
		earlier(&deadline, frame->pace.answer_at);
	}
	for (int i = 0; i < frame->num_tickets; i++) {
		earlier(&deadline, ticket_due(frame, &frame->tickets[i]));
	}
	for (int i = 0; i < PH_FRAME_MAX_SLOTS; i++) {
		if (frame->slots[i].used && !frame->slots[i].busy && i != frame->current &&
		    i != frame->shown) {
			earlier(&deadline, frame->slots[i].last_time + PH_FRAME_IDLE_US);
		}
	}
	return deadline;
}

/* PH_FRAME_MAX_SLOTS: it is in none. */
static int find_slot(const struct ph_frame *frame, const struct ph_picture_key *key)
{
	int slot = 0;
	while (slot < PH_FRAME_MAX_SLOTS &&
	       (!frame->slots[slot].used || !picture_same_buffer(&frame->slots[slot].key, key))) {
		slot++;
	}
	return slot;
}

bool frame_knows_buffer(const struct ph_frame *frame, const struct ph_picture_key *key)
{
	return find_slot(frame, key) < PH_FRAME_MAX_SLOTS;
}

void frame_handle_scanout(struct ph_frame *frame, uint64_t now, const struct ph_picture_key *key)
{
	int slot = find_slot(frame, key);
	if (slot == PH_FRAME_MAX_SLOTS) {
		slot = take_slot(frame);
		frame->slots[slot] = (struct ph_frame_slot){.used = true, .key = *key};
	}
	if (slot != frame->current) {
		frame->flips++;
	}
	frame->current = slot;
	frame->slots[slot].last_flip = frame->flips;
	frame->slots[slot].last_time = now;
	frame->fresh = true;
	frame->settle_at = now + PH_FRAME_SETTLE_US;
	/* what was not committed of the scanout before is lost: the next commit shows all */
	frame->full = true;
	frame->dirty = false;
	frame->left_out_until = 0;
	import_current(frame);
	run(frame, now);
}

/* Whether the newest update is like the one that is shown, and on its way there. */
static bool is_steady(const struct ph_frame *frame)
{
	return !is_held_back(frame) && frame->current >= 0 && frame->shown >= 0 &&
	       frame->slots[frame->current].state == PH_SLOT_READY &&
	       picture_same_shape(
		   &frame->slots[frame->shown].key, &frame->slots[frame->current].key);
}

/* An update whose forerunners are all answered: perhaps it is to be left out. */
static void note_pace(struct ph_frame *frame, uint64_t now, bool ticket)
{
	frame->left_out_until = 0;
	if (is_steady(frame)) {
		frame->left_out_until =
		    pace_handle_update(&frame->pace, now, ticket, frame->waiting);
	} else {
		pace_restart(&frame->pace);
	}
}

void frame_handle_update(
    struct ph_frame *frame, uint64_t now, struct ph_rect damage, uint64_t ticket)
{
	frame->counts.updates++;
	if (frame->num_tickets == 0) {
		note_pace(frame, now, ticket != 0);
	}
	if (ticket != 0 && (frame->num_tickets == PH_FRAME_MAX_TICKETS || frame->current < 0)) {
		push(frame, (struct ph_frame_action){.kind = PH_FRAME_REPLY, .ticket = ticket});
	} else if (ticket != 0) {
		frame->tickets[frame->num_tickets++] =
		    (struct ph_frame_ticket){.id = ticket, .arrival = now};
	}
	if (frame->current >= 0) {
		const struct ph_picture_key *key = &frame->slots[frame->current].key;
		const struct ph_rect all = {.width = (int32_t)key->backing_width,
		    .height = (int32_t)key->backing_height};
		frame->fresh = false;
		frame->dirty = true;
		if (damage.width >= all.width && damage.height >= all.height) {
			frame->full = true;
		}
		frame->damage = rect_union(
		    frame->damage, rect_clip(damage, PH_MAX_PICTURE_SIZE, PH_MAX_PICTURE_SIZE));
		frame->slots[frame->current].last_time = now;
	}
	run(frame, now);
}

void frame_handle_disable(struct ph_frame *frame, uint64_t now)
{
	if (frame->surface && frame->shown >= 0) {
		push(frame, (struct ph_frame_action){.kind = PH_FRAME_BLANK});
	}
	frame->current = frame->shown = -1;
	frame->fresh = frame->dirty = frame->waiting = false;
	frame->left_out_until = 0;
	pace_restart(&frame->pace);
	frame->damage = (struct ph_rect){0};
	for (int i = 0; i < PH_FRAME_MAX_SLOTS; i++) {
		if (frame->slots[i].used) {
			drop_slot(frame, i);
		}
	}
	run(frame, now);
}

void frame_handle_removed(struct ph_frame *frame, uint64_t now)
{
	frame_handle_disable(frame, now);
}

void frame_handle_surface(struct ph_frame *frame, uint64_t now, bool surface)
{
	if (frame->surface == surface) {
		return;
	}
	frame->surface = surface;
	frame->waiting = false;
	frame->left_out_until = 0;
	pace_restart(&frame->pace);
	frame->latched = frame->serial;
	frame->shown = -1;
	for (int i = 0; i < PH_FRAME_MAX_SLOTS; i++) {
		if (i != frame->current) {
			frame->slots[i] = (struct ph_frame_slot){0};
		} else {
			frame->slots[i].state = PH_SLOT_EMPTY;
			frame->slots[i].busy = false;
		}
	}
	if (!surface) {
		frame->visible = false;
	} else if (frame->current >= 0 && !frame->fresh) {
		frame->dirty = frame->full = true;
	}
	import_current(frame);
	run(frame, now);
}

void frame_handle_visible(struct ph_frame *frame, uint64_t now, bool visible)
{
	if (frame->visible == visible) {
		return;
	}
	frame->visible = visible;
	frame->waiting = false;
	frame->left_out_until = 0;
	pace_restart(&frame->pace);
	if (!visible) {
		frame->latched = frame->serial;
	} else if (frame->shown >= 0 && frame->shown == frame->current) {
		/* commit again, if only to get a frame callback: tickets wait for that one */
		frame->dirty = true;
		for (int i = 0; i < frame->num_tickets; i++) {
			frame->tickets[i].serial = 0;
		}
	}
	run(frame, now);
}

void frame_handle_refresh(struct ph_frame *frame, uint32_t mhz)
{
	pace_set_refresh(&frame->pace, mhz);
}

void frame_handle_imported(struct ph_frame *frame, uint64_t now, int slot, bool ok)
{
	if (frame->slots[slot].state == PH_SLOT_IMPORTING) {
		frame->slots[slot].state = ok ? PH_SLOT_READY : PH_SLOT_FAILED;
	}
	run(frame, now);
}

void frame_handle_released(struct ph_frame *frame, uint64_t now, int slot)
{
	frame->slots[slot].busy = false;
	run(frame, now);
}

void frame_handle_latched(struct ph_frame *frame, uint64_t now, uint32_t serial)
{
	if (frame->waiting && serial == frame->serial) {
		frame->waiting = false;
		frame->latched = serial;
		pace_handle_latched(&frame->pace, now, frame->last_commit);
	}
	run(frame, now);
}

void frame_handle_time(struct ph_frame *frame, uint64_t now)
{
	run(frame, now);
}
