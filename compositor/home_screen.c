// SPDX-License-Identifier: MIT
#include "home_screen.h"

#include <stdio.h>
#include <stdlib.h>
#include <wlr/types/wlr_output_layout.h>
#include <wlr/util/log.h>

#include "arrange.h"
#include "guest.h"
#include "guests.h"
#include "guest_head.h"
#include "home.h"
#include "home_view.h"
#include "lock_output.h"
#include "output.h"
#include "phyllome-guest-v1-protocol.h"
#include "pixmap.h"
#include "screens.h"
#include "session.h"
#include "strip.h"
#include "strip_view.h"
#include "text.h"

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
					     .light = theme->scheme == PH_SCHEME_LIGHT || session->appearance.light,
					     .contrast = theme->high_contrast || session->appearance.contrast,
					     .accent = theme->accent,
					     .font = theme->font,
					     .text_scale = theme->text_scale,
					 });
}

void home_screen_renew_theme(struct ph_session *session)
{
	choose_theme(session);
	guests_redraw_home(session);
	screens_redraw(session);
	lock_outputs_redraw(session);
}

void home_screen_apply_config(struct ph_session *session)
{
	guests_rescan(session);
	home_screen_renew_theme(session);
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

static void *allocate(size_t count, size_t size)
{
	void *memory = calloc(count + 1, size);

	if (!memory) {
		abort();
	}
	return memory;
}

static char locked_advice[] = "Its directory is encrypted, and its key is not here. Unlock it in a terminal of this "
			      "computer, then press Enter.";

/* Which program has its key only the owner knows; fscrypt is the usual one. */
static void add_locked_card(struct ph_home_view *view, const struct ph_guest *guest)
{
	if (asprintf(&view->lost, "%s is locked.", guest->title) < 0 ||
	    asprintf(&view->command, "fscrypt unlock '%s'", guest->dir) < 0) {
		abort();
	}
	view->problems[view->home.problem_count++] = (struct ph_problem){
	    .id = "guest-locked",
	    .text = view->lost,
	    .advice = locked_advice,
	    .command = view->command,
	};
}

/* A row has room for the beginning of a reason only; the selected guest's is said whole. */
static void add_card(struct ph_home_view *view, const struct ph_guest *guest)
{
	if (guest && guest->state == PH_GUEST_LOCKED) {
		add_locked_card(view, guest);
		return;
	}
	if (!guest || guest->state != PH_GUEST_LOST || !guest->reason[0]) {
		return;
	}
	if (asprintf(&view->lost, "%s is lost.", guest->title) < 0) {
		abort();
	}
	view->problems[view->home.problem_count++] = (struct ph_problem){
	    .id = "guest-lost", .text = view->lost, .advice = guest->reason, .fatal = true};
}

static void add_key(struct ph_home_view *view, const char *keys, const char *text, struct ph_home_deed deed)
{
	size_t i = view->home.key_count++;

	snprintf(view->chords[i], sizeof(view->chords[i]), "%s", keys);
	view->keys[i] = (struct ph_home_key){.keys = view->chords[i], .text = text};
	view->deeds[i] = deed;
}

static void add_letter(struct ph_home_view *view, const char *keys, const char *text, char letter)
{
	add_key(view, keys, text, (struct ph_home_deed){.letter = letter});
}

/* The chord that is bound to a command; none: no line. */
static void add_bound_key(struct ph_home_view *view, struct ph_session *session,
    enum ph_command_kind kind, const char *text)
{
	char chord[PH_CHORD_TEXT_MAX];

	for (size_t i = 0; i < session->config.binding_count; i++) {
		const struct ph_binding *binding = &session->config.bindings[i];
		if (binding->command.kind == kind) {
			chord_format(&binding->chord, chord);
			add_key(view, chord, text, (struct ph_home_deed){.kind = kind});
			return;
		}
	}
}

/* In the order of their importance: where there is no room, the last are left out. */
static void add_keys(struct ph_home_view *view, struct ph_session *session)
{
	const struct ph_guest *guest = session->guests.selected;
	bool runs = guest && guest->control &&
		    (guest->state == PH_GUEST_RUNNING || guest->state == PH_GUEST_PAUSED);

	if (guest) {
		add_key(view, "Arrows", "choose", (struct ph_home_deed){0});
		add_letter(view, "Enter",
		    runs					? "show"
		    : guest->state == PH_GUEST_LOCKED ? "look again"
						      : "start and show",
		    '\n');
	}
	if (runs) {
		add_letter(view, "S", "shut down", 's');
		add_letter(view, "P", guest->state == PH_GUEST_PAUSED ? "go on" : "pause", 'p');
		add_letter(view, "R", "reset", 'r');
		add_letter(view, "K", "cut its power", 'k');
	}
	if (placement_last(&session->placement, arrange_count_heads, session)) {
		add_key(view, "Esc", "back", (struct ph_home_deed){.kind = PH_COMMAND_LAST});
	}
	/* In the order of their importance: where there is no room the last ones are left out. */
	if (guest) {
		add_bound_key(view, session, PH_COMMAND_OVERVIEW, "overview");
	}
	add_bound_key(view, session, PH_COMMAND_LOGOUT, "log out; guests are shut down");
	add_bound_key(view, session, PH_COMMAND_HOME, "this screen");
}

static void add_question(struct ph_home_view *view, struct ph_session *session)
{
	const struct ph_home_screen *screen = &session->home;
	bool reset = screen->asked == PHYLLOME_GUEST_V1_ACTION_RESET;

	if (!screen->asked_guest) {
		return;
	}
	if (asprintf(&view->title, reset ? "Reset %s?" : "Cut the power of %s?",
		screen->asked_guest->title) < 0) {
		abort();
	}
	view->question = (struct ph_home_question){
	    .title = view->title,
	    .detail = "Its system is not asked, and what it has not saved is lost. To shut it down in "
		      "good order, press S.",
	    .answer = reset ? "Reset" : "Cut power",
	};
	view->home.question = &view->question;
}

void home_view_init(struct ph_home_view *view, struct ph_session *session, const struct ph_cell *cell)
{
	struct ph_home_screen *screen = &session->home;
	struct ph_guest *guest;

	*view = (struct ph_home_view){
	    .rows = allocate((size_t)wl_list_length(&session->guests.list), sizeof(*view->rows)),
	    .states = allocate((size_t)wl_list_length(&session->guests.list), sizeof(*view->states)),
	    .problems = allocate(screen->problem_count + 1, sizeof(*view->problems)),
	};
	view->home = (struct ph_home){
	    .guests = view->rows,
	    .problems = view->problems,
	    .keys = view->keys,
	    .guests_dir = session->guests.dir,
	    .theme = &session->home.theme,
	    .first = cell->home_layout.first,
	    .drawn = cell->home_width > 0 ? &cell->home_layout : NULL,
	};
	add_keys(view, session);
	add_question(view, session);
	add_card(view, session->guests.selected);
	for (size_t i = 0; i < screen->problem_count; i++) {
		view->problems[view->home.problem_count++] = screen->problems[i];
	}
	wl_list_for_each(guest, &session->guests.list, link) {
		size_t at = view->home.guest_count++;
		char places[PH_GUEST_PLACES_SIZE];
		bool shown = guest_head_describe_places(guest, NULL, places) != NULL;
		snprintf(view->states[at], sizeof(view->states[at]), "%s%s%s",
		    guest_state_name(guest->state), shown ? " on " : "", places);
		view->rows[at] = (struct ph_home_guest){
		    .number = guest->number,
		    .name = guest->title,
		    .state = view->states[at],
		    .reason = guest->reason,
		    .selected = guest == session->guests.selected,
		    .tone = strip_view_tone(guest->state),
		    .colour = guest->colour,
		};
	}
}

void home_view_finish(struct ph_home_view *view)
{
	free(view->rows);
	free(view->states);
	free(view->problems);
	free(view->lost);
	free(view->command);
	free(view->title);
}

static void draw(struct ph_session *session, struct ph_cell *cell)
{
	int width = cell->pixels.width, height = cell->pixels.height;
	struct ph_pixmap *pixmap = pixmap_create_opaque(width, height);

	if (!pixmap) {
		wlr_log(WLR_ERROR, "home: no memory for a picture of %d x %d", width, height);
		return;
	}
	struct ph_home_view view;
	home_view_init(&view, session, cell);
	cairo_t *cr = cairo_create(pixmap->surface);
	home_draw(cr, &view.home, width, height, (double)cell->output->wlr_output->scale, &cell->home_layout);
	cairo_destroy(cr);
	cairo_surface_flush(pixmap->surface);
	home_view_finish(&view);

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

/* Of where each guest is shown, as the screen says it. */
static uint64_t sum_places(struct ph_session *session)
{
	uint64_t sum = 1;
	struct ph_guest *guest;

	wl_list_for_each(guest, &session->guests.list, link) {
		for (size_t i = 0; i < PH_GUEST_MAX_HEADS; i++) {
			const struct ph_guest_head *head = guest->heads[i];
			sum = strip_add_number(
			    sum, head && head->cell ? (uintptr_t)head->cell->output : 0);
		}
	}
	return sum;
}

void outputs_update_home(struct ph_session *session)
{
	struct ph_output *output;
	uint64_t places = sum_places(session);

	if (places != session->home.places) {
		session->home.places = places;
		wl_list_for_each(output, &session->outputs.list, link) {
			output->cells[0].home_width = output->cells[1].home_width = 0;
		}
	}
	wl_list_for_each(output, &session->outputs.list, link) {
		for (size_t i = 0; i < output->cell_count; i++) {
			home_screen_draw(session, &output->cells[i]);
		}
	}
}
