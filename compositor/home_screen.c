// SPDX-License-Identifier: MIT
#include "home_screen.h"

#include <linux/input-event-codes.h>
#include <stdio.h>
#include <stdlib.h>
#include <wlr/types/wlr_output_layout.h>
#include <wlr/util/log.h>

#include "guest.h"
#include "guest_head.h"
#include "home.h"
#include "output.h"
#include "pixmap.h"
#include "screens.h"
#include "session.h"
#include "text.h"

static const struct ph_home_key keys[] = {
    {"Super+1…0", "show that guest; starts it if it is off"},
    {"Super+H", "this screen"},
    {"Up+Down", "choose, Enter starts and shows"},
    {"Super+Shift+E", "log out; guests are shut down"},
};

static void judge(struct ph_home_screen *home)
{
	host_check_free(home->problems, home->problem_count);
	home->problem_count = host_check_judge(&home->check.facts, &home->problems);
}

static void log_problems(const struct ph_home_screen *home)
{
	for (size_t i = 0; i < home->problem_count; i++) {
		wlr_log(WLR_INFO, "computer: %s %s", home->problems[i].text, home->problems[i].advice);
	}
}

static void forget_check(struct ph_home_screen *home)
{
	if (home->answer) {
		wl_event_source_remove(home->answer);
	}
	if (home->deadline) {
		wl_event_source_remove(home->deadline);
	}
	home->answer = home->deadline = NULL;
	host_check_end(&home->check);
}

static void end_check(struct ph_session *session)
{
	forget_check(&session->home);
	judge(&session->home);
	log_problems(&session->home);
	guests_redraw_home(session);
}

static int handle_answer(int fd, uint32_t mask, void *data)
{
	end_check(data);
	return 0;
}

static int handle_deadline(void *data)
{
	end_check(data);
	return 0;
}

static void choose_theme(struct ph_session *session)
{
	const struct ph_config_theme *theme = &session->config.theme;

	theme_make(&session->home.theme, &(struct ph_theme_choice){
					     .light = theme->scheme == PH_SCHEME_LIGHT,
					     .contrast = theme->high_contrast,
					     .accent = theme->accent,
					     .font = theme->font,
					     .text_scale = theme->text_scale,
					 });
}

void home_screen_apply_config(struct ph_session *session)
{
	choose_theme(session);
	guests_rescan(session);
	guests_redraw_home(session);
	screens_redraw(session);
}

bool home_screen_init(struct ph_session *session)
{
	struct ph_home_screen *home = &session->home;

	choose_theme(session);
	bool known = host_check_begin(&home->check, NULL);
	judge(home);
	if (known) {
		log_problems(home);
		return true;
	}
	home->answer = wl_event_loop_add_fd(
	    session->loop, home->check.pidfd, WL_EVENT_READABLE, handle_answer, session);
	home->deadline = wl_event_loop_add_timer(session->loop, handle_deadline, session);
	if (!home->answer || !home->deadline ||
	    wl_event_source_timer_update(home->deadline, PH_HOST_CHECK_WAIT_MS) < 0) {
		wlr_log_errno(WLR_ERROR, "start: cannot wait for QEMU's list of displays");
		return false;
	}
	return true;
}

void home_screen_finish(struct ph_session *session)
{
	forget_check(&session->home);
	host_check_free(session->home.problems, session->home.problem_count);
	text_finish();
}

/* What is to be shown, and the memory that it is in. */
struct view {
	struct ph_home home;
	struct ph_home_guest *rows;
	struct ph_problem *problems; /* a card for the selected guest, and the computer's */
	char *lost;                  /* text of that card */
};

static void *allocate(size_t count, size_t size)
{
	void *memory = calloc(count + 1, size);

	if (!memory) {
		abort();
	}
	return memory;
}

/* A row has room for the beginning of a reason only; the selected guest's is said whole. */
static void add_lost_card(struct view *view, const struct ph_guest *guest)
{
	if (!guest || guest->state != PH_GUEST_LOST || !guest->reason[0]) {
		return;
	}
	if (asprintf(&view->lost, "%s is lost.", guest->title) < 0) {
		abort();
	}
	view->problems[view->home.problem_count++] = (struct ph_problem){
	    .id = "guest-lost", .text = view->lost, .advice = guest->reason, .fatal = true};
}

static void view_init(struct view *view, struct ph_session *session)
{
	struct ph_home_screen *screen = &session->home;
	struct ph_guest *guest;

	*view = (struct view){
	    .rows = allocate((size_t)wl_list_length(&session->guests.list), sizeof(*view->rows)),
	    .problems = allocate(screen->problem_count + 1, sizeof(*view->problems)),
	};
	view->home = (struct ph_home){
	    .guests = view->rows,
	    .problems = view->problems,
	    .keys = keys,
	    .key_count = sizeof(keys) / sizeof(keys[0]),
	    .guests_dir = session->guests.dir,
	    .theme = &session->home.theme,
	};
	add_lost_card(view, session->guests.selected);
	for (size_t i = 0; i < screen->problem_count; i++) {
		view->problems[view->home.problem_count++] = screen->problems[i];
	}
	wl_list_for_each(guest, &session->guests.list, link) {
		view->rows[view->home.guest_count++] = (struct ph_home_guest){
		    .number = guest->number,
		    .name = guest->title,
		    .state = guest_state_name(guest->state),
		    .reason = guest->reason,
		    .selected = guest == session->guests.selected,
		    .running = guest->state == PH_GUEST_RUNNING,
		    .colour = guest->colour,
		};
	}
}

static void view_finish(struct view *view)
{
	free(view->rows);
	free(view->problems);
	free(view->lost);
}

static void draw(struct ph_session *session, struct ph_cell *cell)
{
	int width = cell->pixels.width, height = cell->pixels.height;
	struct ph_pixmap *pixmap = pixmap_create_opaque(width, height);

	if (!pixmap) {
		wlr_log(WLR_ERROR, "home: no memory for a picture of %d x %d", width, height);
		return;
	}
	struct view view;
	view_init(&view, session);
	cairo_t *cr = cairo_create(pixmap->surface);
	home_draw(cr, &view.home, width, height, (double)cell->output->wlr_output->scale);
	cairo_destroy(cr);
	cairo_surface_flush(pixmap->surface);
	view_finish(&view);

	wlr_scene_buffer_set_buffer(cell->home, &pixmap->base);
	wlr_buffer_drop(&pixmap->base);
	cell->home_width = width;
	cell->home_height = height;
}

void home_screen_draw(struct ph_session *session, struct ph_cell *cell)
{
	bool visible = !cell_has_picture(cell) && cell->pixels.width > 0 && cell->pixels.height > 0;

	if (!visible) {
		if (cell->home) {
			wlr_scene_node_set_enabled(&cell->home->node, false);
			wlr_scene_buffer_set_buffer(cell->home, NULL); /* megabytes that nobody sees */
			cell->home_width = 0;
		}
		return;
	}
	if (!cell->home) {
		cell->home = wlr_scene_buffer_create(session->tree_home, NULL);
		if (!cell->home) {
			abort();
		}
	}
	if (cell->home_width != cell->pixels.width || cell->home_height != cell->pixels.height) {
		draw(session, cell);
	}
	wlr_scene_node_set_position(&cell->home->node, cell->box.x, cell->box.y);
	wlr_scene_buffer_set_dest_size(cell->home, cell->box.width, cell->box.height);
	wlr_scene_node_set_enabled(&cell->home->node, true);
}

void outputs_update_home(struct ph_session *session)
{
	struct ph_output *output;

	wl_list_for_each(output, &session->outputs.list, link) {
		for (size_t i = 0; i < output->cell_count; i++) {
			home_screen_draw(session, &output->cells[i]);
		}
	}
}

static void select_guest(struct ph_session *session, struct ph_guest *guest)
{
	session->guests.selected = guest;
	guests_redraw_home(session);
}

void home_screen_key(struct ph_session *session, uint32_t code)
{
	struct ph_guests *guests = &session->guests;
	struct wl_list *link = guests->selected ? &guests->selected->link : &guests->list;

	switch (code) {
	case KEY_UP:
	case KEY_DOWN:
		link = code == KEY_UP ? link->prev : link->next;
		if (link == &guests->list) {
			link = code == KEY_UP ? link->prev : link->next; /* around the end */
		}
		if (link != &guests->list) {
			struct ph_guest *guest = wl_container_of(link, guest, link);
			select_guest(session, guest);
		}
		break;
	case KEY_ENTER:
	case KEY_KPENTER:
		if (guests->selected) {
			guest_start(guests->selected);
			guests_show(session, guests->selected);
		}
		break;
	default:
		break;
	}
}

void home_screen_click(struct ph_session *session, struct ph_cell *cell, double x, double y)
{
	struct view view;
	view_init(&view, session);
	size_t hit = home_hit(&view.home, cell->home_width, cell->home_height,
	    (double)cell->output->wlr_output->scale, x, y);

	if (hit < view.home.guest_count) {
		struct ph_guest *guest = guests_by_number(session, view.rows[hit].number);
		guest_start(guest);
		guests_show(session, guest);
	}
	view_finish(&view);
}
