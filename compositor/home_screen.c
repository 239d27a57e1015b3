// SPDX-License-Identifier: MIT
#include "home_screen.h"

#include <linux/input-event-codes.h>
#include <stdlib.h>
#include <wlr/types/wlr_output_layout.h>
#include <wlr/util/log.h>

#include "guest.h"
#include "guest_head.h"
#include "home.h"
#include "output.h"
#include "pixmap.h"
#include "session.h"
#include "text.h"

static const struct ph_home_key keys[] = {
    {"Super+1…0", "show that guest; starts it if it is off"},
    {"Super+H", "this screen"},
    {"Up+Down", "choose, Enter starts and shows"},
    {"Super+Shift+E", "log out; guests are shut down"},
};

bool home_screen_init(struct ph_session *session)
{
	session->home.problem_count = host_check(&session->home.problems);
	for (size_t i = 0; i < session->home.problem_count; i++) {
		wlr_log(WLR_INFO, "computer: %s %s", session->home.problems[i].text,
		    session->home.problems[i].advice);
	}
	return true;
}

void home_screen_finish(struct ph_session *session)
{
	host_check_free(session->home.problems, session->home.problem_count);
	text_finish();
}

/* Fills in what is to be shown; rows has room for every guest. */
static struct ph_home describe(struct ph_session *session, struct ph_home_guest *rows)
{
	struct ph_home home = {
	    .guests = rows,
	    .problems = session->home.problems,
	    .problem_count = session->home.problem_count,
	    .keys = keys,
	    .key_count = sizeof(keys) / sizeof(keys[0]),
	    .guests_dir = session->guests.dir,
	    .dark = true,
	};
	struct ph_guest *guest;

	wl_list_for_each(guest, &session->guests.list, link) {
		rows[home.guest_count++] = (struct ph_home_guest){
		    .number = guest->number,
		    .name = guest->title,
		    .state = guest_state_name(guest->state),
		    .reason = guest->reason,
		    .selected = guest == session->guests.selected,
		    .running = guest->state == PH_GUEST_RUNNING,
		};
	}
	return home;
}

static struct ph_home_guest *make_rows(struct ph_session *session)
{
	size_t count = (size_t)wl_list_length(&session->guests.list);
	struct ph_home_guest *rows = calloc(count + 1, sizeof(*rows));

	if (!rows) {
		abort();
	}
	return rows;
}

void home_screen_draw(struct ph_output *output)
{
	struct ph_session *session = output->session;
	struct wlr_output *wlr_output = output->wlr_output;
	bool visible = !output->head || !guest_head_has_picture(output->head);
	int width, height;

	wlr_scene_node_set_enabled(&output->home->node, visible);
	wlr_output_transformed_resolution(wlr_output, &width, &height);
	if (!visible || width <= 0 || height <= 0 ||
	    (output->home_width == width && output->home_height == height)) {
		return;
	}
	struct ph_pixmap *pixmap = pixmap_create_opaque(width, height);
	if (!pixmap) {
		wlr_log(WLR_ERROR, "home: no memory for a picture of %d x %d", width, height);
		return;
	}
	struct ph_home_guest *rows = make_rows(session);
	struct ph_home home = describe(session, rows);
	cairo_t *cr = cairo_create(pixmap->surface);
	home_draw(cr, &home, width, height, (double)wlr_output->scale);
	cairo_destroy(cr);
	cairo_surface_flush(pixmap->surface);
	free(rows);

	struct wlr_box box;
	wlr_output_layout_get_box(session->outputs.layout, wlr_output, &box);
	wlr_scene_node_set_position(&output->home->node, box.x, box.y);
	wlr_scene_buffer_set_buffer(output->home, &pixmap->base);
	wlr_scene_buffer_set_dest_size(output->home, box.width, box.height);
	wlr_buffer_drop(&pixmap->base);
	output->home_width = width;
	output->home_height = height;
}

void outputs_update_home(struct ph_session *session)
{
	struct ph_output *output;

	wl_list_for_each(output, &session->outputs.list, link) {
		home_screen_draw(output);
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

void home_screen_click(struct ph_output *output, double ox, double oy)
{
	struct ph_session *session = output->session;
	struct ph_home_guest *rows = make_rows(session);
	struct ph_home home = describe(session, rows);
	size_t hit = home_hit(&home, output->home_width, output->home_height,
	    (double)output->wlr_output->scale, ox, oy);

	if (hit < home.guest_count) {
		struct ph_guest *guest = guests_by_number(session, rows[hit].number);
		guest_start(guest);
		guests_show(session, guest);
	}
	free(rows);
}
