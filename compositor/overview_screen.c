// SPDX-License-Identifier: MIT
#include "overview_screen.h"

#include <linux/input-event-codes.h>
#include <math.h>
#include <stdlib.h>
#include <wlr/types/wlr_compositor.h>
#include <wlr/types/wlr_output_layout.h>
#include <wlr/types/wlr_presentation_time.h>
#include <wlr/util/log.h>

#include "arrange.h"
#include "commands.h"
#include "guest.h"
#include "guests.h"
#include "guest_head.h"
#include "listener.h"
#include "lock.h"
#include "output.h"
#include "pixmap.h"
#include "session.h"
#include "strip_view.h"

/* A head's picture in the overview. */
struct ph_mirror {
	struct wl_list link; /* ph_overview_screen.mirrors */
	struct ph_session *session;
	struct ph_guest *guest;
	struct wlr_surface *surface;
	struct wlr_scene_buffer *node;
	bool wanted;

	struct wl_listener commit;
	struct wl_listener destroy;
	struct wl_listener frame_done;
	struct wl_listener output_sample;
};

/* What is to be shown, and the memory that it is in. */
struct view {
	struct ph_overview overview;
	struct ph_strip_guest *guests;
	struct ph_overview_size *sizes;
};

bool overview_is_up(const struct ph_session *session)
{
	return session->overview.tree != NULL;
}

static void mirror_destroy(struct ph_mirror *mirror)
{
	listener_disconnect(&mirror->commit);
	listener_disconnect(&mirror->destroy);
	listener_disconnect(&mirror->frame_done);
	listener_disconnect(&mirror->output_sample);
	wlr_scene_node_destroy(&mirror->node->node);
	wl_list_remove(&mirror->link);
	free(mirror);
}

/* The buffer that the head shows: the same object, and so the same import. */
static void take_buffer(struct ph_mirror *mirror, const pixman_region32_t *damage)
{
	struct wlr_surface *surface = mirror->surface;
	struct wlr_scene_buffer_set_buffer_options options = {.damage = damage};
	struct wlr_fbox box;

	if (!surface->buffer) {
		wlr_scene_buffer_set_buffer(mirror->node, NULL);
		return;
	}
	wlr_scene_buffer_set_buffer_with_options(mirror->node, &surface->buffer->base, &options);
	wlr_surface_get_buffer_source_box(surface, &box);
	wlr_scene_buffer_set_source_box(mirror->node, &box);
	wlr_scene_buffer_set_transform(mirror->node, surface->current.transform);
}

static void handle_commit(struct wl_listener *listener, void *data)
{
	struct ph_mirror *mirror = wl_container_of(listener, mirror, commit);
	struct ph_output *output = mirror->session->overview.output;

	take_buffer(mirror, &mirror->surface->buffer_damage);
	/* A commit without damage causes no frame by itself, but may wait for one. */
	if (output && !wl_list_empty(&mirror->surface->current.frame_callback_list)) {
		wlr_output_schedule_frame(output->wlr_output);
	}
}

static void handle_surface_destroy(struct wl_listener *listener, void *data)
{
	struct ph_mirror *mirror = wl_container_of(listener, mirror, destroy);
	mirror_destroy(mirror);
}

static void handle_frame_done(struct wl_listener *listener, void *data)
{
	struct ph_mirror *mirror = wl_container_of(listener, mirror, frame_done);
	const struct wlr_scene_frame_done_event *event = data;

	wlr_surface_send_frame_done(mirror->surface, &event->when);
}

static void handle_output_sample(struct wl_listener *listener, void *data)
{
	struct ph_mirror *mirror = wl_container_of(listener, mirror, output_sample);
	const struct wlr_scene_output_sample_event *event = data;

	wlr_presentation_surface_textured_on_output(mirror->surface, event->output->output);
}

/* The first head of a guest that has a picture; NULL: there is none. */
static struct ph_guest_head *find_head(const struct ph_guest *guest)
{
	for (size_t i = 0; i < PH_GUEST_MAX_HEADS; i++) {
		if (guest->heads[i] && guest_head_has_picture(guest->heads[i])) {
			return guest->heads[i];
		}
	}
	return NULL;
}

static struct ph_mirror *find_mirror(
    struct ph_overview_screen *screen, const struct wlr_surface *surface)
{
	struct ph_mirror *mirror;

	wl_list_for_each(mirror, &screen->mirrors, link) {
		if (mirror->surface == surface) {
			return mirror;
		}
	}
	return NULL;
}

static struct ph_mirror *make_mirror(struct ph_session *session, struct ph_guest_head *head)
{
	struct ph_mirror *mirror = calloc(1, sizeof(*mirror));

	if (!mirror || !(mirror->node = wlr_scene_buffer_create(session->overview.tree, NULL))) {
		abort();
	}
	mirror->session = session;
	mirror->guest = head->guest;
	mirror->surface = head->surface;
	listener_connect(&head->surface->events.commit, &mirror->commit, handle_commit);
	listener_connect(&head->surface->events.destroy, &mirror->destroy, handle_surface_destroy);
	listener_connect(&mirror->node->events.frame_done, &mirror->frame_done, handle_frame_done);
	listener_connect(
	    &mirror->node->events.output_sample, &mirror->output_sample, handle_output_sample);
	wl_list_insert(&session->overview.mirrors, &mirror->link);
	take_buffer(mirror, NULL);
	return mirror;
}

static void view_init(struct view *view, struct ph_session *session)
{
	size_t count = (size_t)wl_list_length(&session->guests.list), i = 0;
	struct ph_guest *guest;

	*view = (struct view){
	    .guests = calloc(count + 1, sizeof(*view->guests)),
	    .sizes = calloc(count + 1, sizeof(*view->sizes)),
	};
	if (!view->guests || !view->sizes) {
		abort();
	}
	wl_list_for_each(guest, &session->guests.list, link) {
		const struct ph_guest_head *head = find_head(guest);
		strip_view_describe_guest(guest, &view->guests[i]);
		view->guests[i].focused = guest == session->overview.selected;
		if (head) {
			view->sizes[i].width = head->picture_width;
			view->sizes[i].height = head->picture_height;
		}
		i++;
	}
	view->overview = (struct ph_overview){
	    .theme = &session->home.theme,
	    .guests = view->guests,
	    .count = count,
	    .sizes = view->sizes,
	};
}

static void view_finish(struct view *view)
{
	free(view->guests);
	free(view->sizes);
}

/* Of all that the ground shows; never 0. */
static uint64_t sum_view(const struct view *view, const struct ph_overview_layout *layout)
{
	uint64_t sum = 0xcbf29ce484222325;

	sum = strip_add_number(sum, (uint64_t)layout->width << 32 | (uint32_t)layout->height);
	sum = strip_add_number(sum, (uint64_t)(layout->paint.unit * 1000));
	for (size_t i = 0; i < view->overview.count; i++) {
		sum = strip_add_guest(sum, &view->guests[i]);
		sum = strip_add_number(sum, view->sizes[i].width > 0);
	}
	return sum ? sum : 1;
}

static void draw_ground(struct ph_session *session, const struct view *view)
{
	struct ph_overview_screen *screen = &session->overview;
	struct ph_pixmap *pixmap =
	    pixmap_create_opaque(screen->layout.width, screen->layout.height);

	if (!pixmap) {
		wlr_log(WLR_ERROR, "overview: no memory for a picture of %d x %d",
		    screen->layout.width, screen->layout.height);
		return;
	}
	cairo_t *cr = cairo_create(pixmap->surface);
	overview_draw(cr, &view->overview, &screen->layout);
	cairo_destroy(cr);
	cairo_surface_flush(pixmap->surface);
	wlr_scene_buffer_set_buffer(screen->ground, &pixmap->base);
	wlr_buffer_drop(&pixmap->base);
}

/* One picture for each guest that has one, where the layout says. */
static void place_mirrors(struct ph_session *session, const struct view *view)
{
	struct ph_overview_screen *screen = &session->overview;
	double scale = (double)screen->output->wlr_output->scale;
	struct ph_mirror *mirror, *next;
	struct ph_guest *guest;
	size_t i = 0;

	wl_list_for_each(mirror, &screen->mirrors, link) {
		mirror->wanted = false;
	}
	wl_list_for_each(guest, &session->guests.list, link) {
		struct ph_guest_head *head = find_head(guest);
		struct ph_area area = overview_picture(&screen->layout, &view->overview, i++);
		if (!head) {
			continue;
		}
		mirror = find_mirror(screen, head->surface);
		mirror = mirror ? mirror : make_mirror(session, head);
		mirror->wanted = true;
		wlr_scene_node_set_position(&mirror->node->node, (int)round(area.x / scale),
		    (int)round(area.y / scale));
		wlr_scene_buffer_set_dest_size(mirror->node, (int)fmax(round(area.width / scale), 1),
		    (int)fmax(round(area.height / scale), 1));
	}
	wl_list_for_each_safe(mirror, next, &screen->mirrors, link) {
		if (!mirror->wanted) {
			mirror_destroy(mirror);
		}
	}
}

static bool output_is_there(struct ph_session *session, const struct ph_output *wanted)
{
	struct ph_output *output;

	wl_list_for_each(output, &session->outputs.list, link) {
		if (output == wanted) {
			return output->wlr_output->enabled;
		}
	}
	return false;
}

void overview_update(struct ph_session *session)
{
	struct ph_overview_screen *screen = &session->overview;
	struct wlr_box box;
	struct view view;
	int width, height;

	if (!overview_is_up(session)) {
		return;
	}
	if (lock_is_locked(session) || !output_is_there(session, screen->output)) {
		overview_hide(session);
		return;
	}
	wlr_output_transformed_resolution(screen->output->wlr_output, &width, &height);
	wlr_output_layout_get_box(session->outputs.layout, screen->output->wlr_output, &box);
	view_init(&view, session);
	overview_arrange(&screen->layout, &view.overview, width, height,
	    (double)screen->output->wlr_output->scale);
	uint64_t sum = sum_view(&view, &screen->layout);
	if (sum != screen->sum) {
		draw_ground(session, &view);
		screen->sum = sum;
	}
	wlr_scene_node_set_position(&screen->tree->node, box.x, box.y);
	wlr_scene_buffer_set_dest_size(screen->ground, box.width, box.height);
	place_mirrors(session, &view);
	view_finish(&view);
}

void overview_redraw(struct ph_session *session)
{
	session->overview.sum = 0;
	overview_update(session);
}

static void show(struct ph_session *session)
{
	struct ph_overview_screen *screen = &session->overview;
	const struct ph_cell *cell = session->outputs.focus;

	if (!cell || lock_is_locked(session)) {
		return;
	}
	screen->output = cell->output;
	screen->selected = cell->guest ? cell->guest : session->guests.selected;
	screen->tree = wlr_scene_tree_create(session->tree_overview);
	screen->ground = screen->tree ? wlr_scene_buffer_create(screen->tree, NULL) : NULL;
	if (!screen->ground) {
		abort();
	}
	wl_list_init(&screen->mirrors);
	guests_check_locks(session);
	arrange(session); /* takes the input away from the guest, and draws this */
}

void overview_hide(struct ph_session *session)
{
	struct ph_overview_screen *screen = &session->overview;
	struct ph_mirror *mirror, *next;

	if (!overview_is_up(session)) {
		return;
	}
	wl_list_for_each_safe(mirror, next, &screen->mirrors, link) {
		mirror_destroy(mirror);
	}
	wlr_scene_node_destroy(&screen->tree->node);
	*screen = (struct ph_overview_screen){0};
	if (!session->stopping) {
		arrange(session);
	}
}

void overview_toggle(struct ph_session *session)
{
	if (overview_is_up(session)) {
		overview_hide(session);
	} else {
		show(session);
	}
}

static size_t selected_index(struct ph_session *session)
{
	struct ph_guest *guest;
	size_t index = 0;

	wl_list_for_each(guest, &session->guests.list, link) {
		if (guest == session->overview.selected) {
			return index;
		}
		index++;
	}
	return SIZE_MAX;
}

static struct ph_guest *nth_guest(struct ph_session *session, size_t index)
{
	struct ph_guest *guest;

	wl_list_for_each(guest, &session->guests.list, link) {
		if (index-- == 0) {
			return guest;
		}
	}
	return NULL;
}

static void select_nth(struct ph_session *session, size_t index)
{
	struct ph_guest *guest = nth_guest(session, index);

	if (guest && guest != session->overview.selected) {
		session->overview.selected = guest;
		overview_update(session);
	}
}

/* The overview is over: that guest, which may not be there, is shown and starts. */
static void choose(struct ph_session *session, struct ph_guest *guest)
{
	overview_hide(session);
	if (guest) {
		if (guest->state == PH_GUEST_LOST) {
			guest_start(guest); /* its reason has been read */
		}
		command_run(
		    session, &(struct ph_command){.kind = PH_COMMAND_SHOW, .number = guest->number});
	}
}

void overview_key(struct ph_session *session, uint32_t code)
{
	const struct ph_overview_layout *layout = &session->overview.layout;
	size_t index = selected_index(session);

	switch (code) {
	case KEY_LEFT:
		select_nth(session, overview_step(layout, index, PH_DIRECTION_LEFT));
		break;
	case KEY_RIGHT:
	case KEY_TAB:
		select_nth(session, overview_step(layout, index, PH_DIRECTION_RIGHT));
		break;
	case KEY_UP:
		select_nth(session, overview_step(layout, index, PH_DIRECTION_UP));
		break;
	case KEY_DOWN:
		select_nth(session, overview_step(layout, index, PH_DIRECTION_DOWN));
		break;
	case KEY_ENTER:
	case KEY_KPENTER:
	case KEY_SPACE:
		choose(session, nth_guest(session, index));
		break;
	case KEY_ESC:
		overview_hide(session);
		break;
	default:
		if (code >= KEY_1 && code <= KEY_0) {
			struct ph_guest *guest = guests_by_number(session, code - KEY_1 + 1);
			if (guest) {
				choose(session, guest);
			}
		}
		break;
	}
}

/* Index of the guest there, SIZE_MAX for none. */
static size_t hit(struct ph_session *session, double lx, double ly)
{
	struct ph_overview_screen *screen = &session->overview;

	if (!screen->output) {
		return SIZE_MAX;
	}
	struct wlr_output *wlr_output = screen->output->wlr_output;
	double scale = (double)wlr_output->scale;

	wlr_output_layout_output_coords(session->outputs.layout, wlr_output, &lx, &ly);
	return overview_hit(&screen->layout, lx * scale, ly * scale);
}

void overview_hover(struct ph_session *session, double lx, double ly)
{
	select_nth(session, hit(session, lx, ly));
}

void overview_press(struct ph_session *session, double lx, double ly)
{
	choose(session, nth_guest(session, hit(session, lx, ly)));
}
