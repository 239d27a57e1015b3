// SPDX-License-Identifier: MIT
#include "strip_screen.h"

#include <linux/input-event-codes.h>
#include <math.h>
#include <stdlib.h>
#include <time.h>
#include <wlr/types/wlr_output_layout.h>
#include <wlr/util/log.h>

#include "arrange.h"
#include "chord.h"
#include "commands.h"
#include "edge.h"
#include "guest.h"
#include "guests.h"
#include "output.h"
#include "pixmap.h"
#include "pointer.h"
#include "session.h"
#include "strip_view.h"

static struct ph_output *find_output(struct ph_session *session)
{
	struct ph_output *output;

	if (session->outputs.focus) {
		return session->outputs.focus->output;
	}
	wl_list_for_each(output, &session->outputs.list, link) {
		if (output->wlr_output->enabled) {
			return output;
		}
	}
	return NULL;
}

static void note_sums(struct ph_strip_screen *screen, const struct ph_strip *strip)
{
	size_t count = strip_part_count(&screen->layout);

	free(screen->sums);
	screen->sums = calloc(count + 1, sizeof(*screen->sums));
	if (!screen->sums) {
		abort();
	}
	for (size_t i = 0; i < count; i++) {
		screen->sums[i] = strip_part_sum(strip, &screen->layout, i);
	}
}

static void drop_pixmap(struct ph_strip_screen *screen)
{
	if (screen->pixmap) {
		wlr_buffer_drop(&screen->pixmap->base);
	}
	screen->pixmap = NULL;
}

/* Puts the strip, newly arranged, on its output. */
static void draw_all(struct ph_session *session, const struct ph_strip *strip)
{
	struct ph_strip_screen *screen = &session->strip;
	const struct ph_strip_layout *layout = &screen->layout;
	struct ph_pixmap *pixmap = pixmap_create(layout->pixel_width, layout->pixel_height);
	struct wlr_box box;

	if (!pixmap) {
		wlr_log(WLR_ERROR, "strip: no memory for a picture of %d x %d", layout->pixel_width,
		    layout->pixel_height);
		return;
	}
	cairo_t *cr = cairo_create(pixmap->surface);
	strip_draw(cr, strip, layout);
	cairo_destroy(cr);
	cairo_surface_flush(pixmap->surface);
	note_sums(screen, strip);

	wlr_output_layout_get_box(session->outputs.layout, screen->output->wlr_output, &box);
	wlr_scene_node_set_position(&screen->tree->node, box.x, box.y);
	wlr_scene_node_set_position(&screen->shade->node, box.x, box.y);
	wlr_scene_rect_set_size(screen->shade, box.width, box.height);
	wlr_scene_node_set_position(&screen->node->node, layout->x, layout->y);
	wlr_scene_buffer_set_buffer(screen->node, &pixmap->base);
	wlr_scene_buffer_set_dest_size(screen->node, layout->width, layout->height);
	drop_pixmap(screen);
	screen->pixmap = pixmap;
}

/* Draws those parts again that are not as they were. */
static void draw_changes(struct ph_strip_screen *screen, const struct ph_strip *strip)
{
	pixman_region32_t damage;
	cairo_t *cr = NULL;

	pixman_region32_init(&damage);
	for (size_t i = 0; i < strip_part_count(&screen->layout); i++) {
		uint64_t sum = strip_part_sum(strip, &screen->layout, i);
		struct ph_area area = strip_part_area(&screen->layout, i);
		if (sum == screen->sums[i]) {
			continue;
		}
		screen->sums[i] = sum;
		cr = cr ? cr : cairo_create(screen->pixmap->surface);
		strip_draw_part(cr, strip, &screen->layout, i);
		pixman_region32_union_rect(&damage, &damage, (int)floor(area.x), (int)floor(area.y),
		    (unsigned)ceil(area.width) + 1, (unsigned)ceil(area.height) + 1);
	}
	if (cr) {
		cairo_destroy(cr);
		cairo_surface_flush(screen->pixmap->surface);
		pixmap_touch(screen->pixmap);
		wlr_scene_buffer_set_buffer_with_damage(
		    screen->node, &screen->pixmap->base, &damage);
	}
	pixman_region32_fini(&damage);
}

/* Arranges it on an output that may be another one, or of another size, than before. */
static void refresh(struct ph_session *session)
{
	struct ph_strip_screen *screen = &session->strip;
	struct ph_output *output = find_output(session);
	bool moved = output != screen->output;
	struct ph_strip_layout layout;
	struct ph_strip_view view;
	int width, height;

	if (!output) {
		strip_hide(session);
		return;
	}
	screen->output = output;
	wlr_output_transformed_resolution(output->wlr_output, &width, &height);
	strip_view_init(&view, session);
	strip_arrange(&layout, &view.strip, width, height, (double)output->wlr_output->scale);
	if (screen->pixmap && !moved && strip_same_layout(&layout, &screen->layout)) {
		draw_changes(screen, &view.strip);
	} else {
		screen->layout = layout;
		draw_all(session, &view.strip);
	}
	strip_view_finish(&view);
}

bool strip_is_up(const struct ph_session *session)
{
	return session->strip.tree != NULL;
}

void strip_update(struct ph_session *session)
{
	if (lock_is_locked(session)) {
		strip_hide(session);
	} else if (strip_is_up(session)) {
		refresh(session);
	}
}

void strip_redraw(struct ph_session *session)
{
	drop_pixmap(&session->strip);
	strip_update(session);
}

static void set_clock(struct ph_strip_screen *screen)
{
	time_t now = time(NULL);

	wl_event_source_timer_update(screen->clock, (int)(60 - now % 60) * 1000);
}

static int handle_clock(void *data)
{
	struct ph_session *session = data;

	set_clock(&session->strip);
	strip_update(session);
	return 0;
}

void strip_show(struct ph_session *session)
{
	struct ph_strip_screen *screen = &session->strip;
	const uint32_t shade = session->home.theme.shade;
	const float alpha = (float)(shade >> 24) / 255;
	/* Premultiplied; the shades of all themes are black. */
	const float colour[4] = {0, 0, 0, alpha};

	if (strip_is_up(session) || session->stopping || lock_is_locked(session)) {
		return;
	}
	screen->tree = wlr_scene_tree_create(session->tree_strip);
	screen->shade = wlr_scene_rect_create(session->tree_edges, 1, 1, colour);
	screen->node = screen->tree ? wlr_scene_buffer_create(screen->tree, NULL) : NULL;
	screen->clock = wl_event_loop_add_timer(session->loop, handle_clock, session);
	if (!screen->shade || !screen->node || !screen->clock) {
		abort();
	}
	wlr_scene_node_lower_to_bottom(&screen->shade->node);
	set_clock(screen);
	screen->first = SIZE_MAX;
	guests_check_locks(session);
	refresh(session);
	keyboards_consume_super(session);
	edges_update(session);
	pointer_refresh_image(session);
}

void strip_hide(struct ph_session *session)
{
	struct ph_strip_screen *screen = &session->strip;

	if (!strip_is_up(session)) {
		return;
	}
	wl_event_source_remove(screen->clock);
	wlr_scene_node_destroy(&screen->tree->node);
	wlr_scene_node_destroy(&screen->shade->node);
	drop_pixmap(screen);
	free(screen->sums);
	*screen = (struct ph_strip_screen){.down = screen->down, .delay = screen->delay};
	if (!session->stopping) {
		edges_update(session);
		pointer_refresh_image(session);
	}
}

bool strip_is_pinned(const struct ph_session *session)
{
	return session->strip.pinned;
}

void strip_unpin(struct ph_session *session)
{
	if (session->strip.pinned) {
		strip_hide(session);
		arrange(session);
	}
}

void strip_toggle(struct ph_session *session)
{
	if (session->strip.pinned) {
		strip_unpin(session);
		return;
	}
	strip_show(session);
	if (strip_is_up(session)) {
		session->strip.pinned = true;
		arrange(session); /* takes the input away from the guest */
	}
}

static void forget_delay(struct ph_strip_screen *screen)
{
	if (screen->delay) {
		wl_event_source_remove(screen->delay);
	}
	screen->delay = NULL;
}

static int handle_delay(void *data)
{
	struct ph_session *session = data;

	forget_delay(&session->strip);
	if (session->strip.down) {
		strip_show(session);
	}
	return 0;
}

void strip_super(struct ph_session *session, bool down)
{
	struct ph_strip_screen *screen = &session->strip;

	unsigned delay = session->config.strip.delay_ms;

	screen->down = down;
	if (!down) {
		forget_delay(screen);
		if (screen->pinned) {
			return;
		}
		strip_hide(session);
		return;
	}
	if (screen->delay || strip_is_up(session)) {
		return;
	}
	screen->delay = wl_event_loop_add_timer(session->loop, handle_delay, session);
	if (!screen->delay || wl_event_source_timer_update(screen->delay, delay > 0 ? (int)delay : 1) < 0) {
		wlr_log_errno(WLR_ERROR, "strip: no timer for it");
	}
}

/* What is at a place of the layout. */
static struct ph_strip_hit find_hit(struct ph_session *session, double lx, double ly)
{
	struct ph_strip_screen *screen = &session->strip;

	if (!screen->output) {
		return (struct ph_strip_hit){.target = PH_STRIP_NOTHING};
	}
	struct wlr_output *wlr_output = screen->output->wlr_output;
	double scale = (double)wlr_output->scale;

	wlr_output_layout_output_coords(session->outputs.layout, wlr_output, &lx, &ly);
	return strip_hit(
	    &screen->layout, (lx - screen->layout.x) * scale, (ly - screen->layout.y) * scale);
}

void strip_hover(struct ph_session *session, double lx, double ly)
{
	struct ph_strip_screen *screen = &session->strip;
	struct ph_strip_hit hit = find_hit(session, lx, ly);

	if (hit.target != screen->hover.target || hit.index != screen->hover.index) {
		screen->hover = hit;
		strip_update(session);
	}
}

static void scroll_to(struct ph_session *session, size_t first)
{
	session->strip.first = first;
	strip_update(session);
	session->strip.first = session->strip.layout.first;
}

void strip_scroll(struct ph_session *session, int detents)
{
	const struct ph_strip_layout *layout = &session->strip.layout;
	size_t step = layout->columns * (size_t)llabs(detents);

	if (detents > 0) {
		scroll_to(session, layout->first + step);
	} else if (detents < 0) {
		scroll_to(session, layout->first > step ? layout->first - step : 0);
	}
}

/* Of the guest with that place in the list. */
static unsigned nth_number(struct ph_session *session, size_t index)
{
	struct ph_guest *guest;

	wl_list_for_each(guest, &session->guests.list, link) {
		if (index-- == 0) {
			return guest->number;
		}
	}
	return 0;
}

/* Does what stands there; a strip that stays without Super has done its work. */
static void choose(struct ph_session *session, struct ph_strip_hit hit)
{
	struct ph_command command = {.kind = PH_COMMAND_SHOW};
	bool pinned = session->strip.pinned;

	if (hit.target == PH_STRIP_GUEST) {
		command.number = nth_number(session, hit.index);
	} else {
		command = *strip_view_command(hit.index);
	}
	strip_unpin(session);
	command_run(session, &command);
	if (pinned) {
		command_settle(session);
	}
}

/* Where there is no room for a button, nobody comes to it. */
static bool can_be_chosen(const struct ph_strip_layout *layout, size_t guests, size_t at)
{
	return at < guests || layout->buttons[at - guests].width > 0;
}

/* The guests, and behind them the buttons, are gone through in a ring. */
static void step(struct ph_session *session, bool back)
{
	struct ph_strip_screen *screen = &session->strip;
	size_t guests = (size_t)wl_list_length(&session->guests.list);
	size_t count = guests + screen->layout.button_count, at;

	if (count == 0) {
		return;
	}
	if (screen->hover.target == PH_STRIP_GUEST) {
		at = screen->hover.index;
	} else if (screen->hover.target == PH_STRIP_BUTTON) {
		at = guests + screen->hover.index;
	} else {
		at = back ? 0 : count - 1;
	}
	size_t from = at;
	do {
		at = (at + (back ? count - 1 : 1)) % count;
	} while (at != from && !can_be_chosen(&screen->layout, guests, at));
	screen->hover = at < guests ? (struct ph_strip_hit){PH_STRIP_GUEST, at}
				    : (struct ph_strip_hit){PH_STRIP_BUTTON, at - guests};
	if (at < guests && (at < screen->layout.first || at >= screen->layout.first + screen->layout.shown)) {
		screen->first = at;
	}
	strip_update(session);
	screen->first = screen->layout.first;
}

void strip_key(struct ph_session *session, uint32_t code)
{
	struct ph_strip_hit hover = session->strip.hover;

	switch (code) {
	case KEY_LEFT:
	case KEY_UP:
		step(session, true);
		return;
	case KEY_RIGHT:
	case KEY_DOWN:
	case KEY_TAB:
		step(session, false);
		return;
	case KEY_ENTER:
	case KEY_KPENTER:
	case KEY_SPACE:
		if (hover.target == PH_STRIP_GUEST || hover.target == PH_STRIP_BUTTON) {
			choose(session, hover);
			return;
		}
		break;
	default:
		if (code >= KEY_1 && code <= KEY_0 && guests_by_number(session, code - KEY_1 + 1)) {
			struct ph_command command = {.kind = PH_COMMAND_SHOW, .number = code - KEY_1 + 1};
			strip_unpin(session);
			command_run(session, &command);
			command_settle(session);
			return;
		}
		if (chord_modifier(code)) {
			return; /* more is to come */
		}
		break;
	}
	strip_unpin(session);
}

void strip_press(struct ph_session *session, double lx, double ly)
{
	struct ph_strip_screen *screen = &session->strip;
	const struct ph_strip_layout *layout = &screen->layout;
	struct ph_strip_hit hit = find_hit(session, lx, ly);

	switch (hit.target) {
	case PH_STRIP_GUEST:
	case PH_STRIP_BUTTON:
		choose(session, hit);
		break;
	case PH_STRIP_BEFORE:
		scroll_to(session, layout->first > layout->shown ? layout->first - layout->shown : 0);
		break;
	case PH_STRIP_AFTER:
		scroll_to(session, layout->first + layout->shown);
		break;
	case PH_STRIP_NOTHING:
		strip_unpin(session);
		break;
	case PH_STRIP_PANEL:
		break;
	}
}

void strip_finish(struct ph_session *session)
{
	forget_delay(&session->strip);
	strip_hide(session);
}
