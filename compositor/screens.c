// SPDX-License-Identifier: MIT
#include "screens.h"

#include "cell.h"
#include "edge.h"
#include "guests.h"
#include "home_screen.h"
#include "lock.h"
#include "notice_screen.h"
#include "output.h"
#include "overview_screen.h"
#include "session.h"
#include "strip_screen.h"

bool screens_init(struct ph_session *session)
{
	return true;
}

void screens_finish(struct ph_session *session)
{
	strip_finish(session);
	notice_hide(session);
	overview_hide(session);
	edges_finish(session);
}

/* Whether a person sees there what they do; what a key does unseen may cut a guest's power. */
static bool is_lit(const struct ph_session *session)
{
	const struct ph_cell *cell = session->outputs.focus;

	return cell && cell->output->wlr_output->enabled && !session->sleep.begun &&
	       !lock_is_locked(session);
}

/* Without a focus, the picture of a guest may be there nevertheless: one that has lost its bridge. */
static bool home_is_seen(struct ph_session *session)
{
	const struct ph_cell *cell = session->outputs.focus;

	return is_lit(session) && !cell_has_picture(cell) &&
	       !views_hide_box(session,
		   &(struct wlr_box){cell->box.x, cell->box.y, cell->box.width, cell->box.height});
}

void screens_update(struct ph_session *session)
{
	/* What was asked on a screen that is left is not asked any more. */
	if (session->home.asked_guest && (session->seat.focus || !home_is_seen(session))) {
		session->home.asked_guest = NULL;
		guests_redraw_home(session);
	}
	if (lock_is_locked(session)) {
		notice_hide(session);
	}
	overview_update(session);
	edges_update(session);
	strip_update(session);
}

void screens_forget_output(struct ph_session *session, const struct ph_output *output)
{
	/* What is done about it waits for arrange(); until then they are nowhere. */
	if (session->overview.output == output) {
		session->overview.output = NULL;
	}
	if (session->strip.output == output) {
		session->strip.output = NULL;
	}
}

void screens_redraw(struct ph_session *session)
{
	overview_redraw(session);
	edges_update(session);
	strip_redraw(session);
}

bool screens_have_pointer(const struct ph_session *session)
{
	return strip_is_up(session) || overview_is_up(session);
}

bool screens_have_keys(const struct ph_session *session)
{
	return overview_is_up(session) || strip_is_pinned(session);
}

void screens_hover(struct ph_session *session, double lx, double ly)
{
	if (strip_is_up(session)) {
		strip_hover(session, lx, ly);
	} else if (overview_is_up(session)) {
		overview_hover(session, lx, ly);
	}
}

void screens_press(struct ph_session *session, double lx, double ly)
{
	if (strip_is_up(session)) {
		strip_press(session, lx, ly);
	} else if (overview_is_up(session)) {
		overview_press(session, lx, ly);
	}
}

void screens_scroll(struct ph_session *session, int detents)
{
	if (strip_is_up(session)) {
		strip_scroll(session, detents);
	}
}

void screens_key(struct ph_session *session, uint32_t code)
{
	if (!is_lit(session) || session->seat.key_wakes) {
		return;
	}
	if (strip_is_pinned(session)) {
		strip_key(session, code);
	} else if (overview_is_up(session)) {
		overview_key(session, code);
	} else if (home_is_seen(session)) {
		home_screen_key(session, code);
	}
}
