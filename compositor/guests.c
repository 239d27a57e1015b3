// SPDX-License-Identifier: MIT
#include "guests.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <wlr/util/log.h>

#include "arrange.h"
#include "bridge_process.h"
#include "guest_head.h"
#include "guest_store.h"
#include "guest_token.h"
#include "session.h"
#include "state_file.h"

static bool is_in_store(void *data, const char *id)
{
	const struct ph_session *session = data;
	char path[4096];

	snprintf(path, sizeof(path), "%s/%s", session->guests.dir, id);
	/* What cannot be read now, as on a disk that is not there, keeps its number. */
	return access(path, F_OK) == 0 || errno != ENOENT;
}

/*
 * Guests of the command line have the first numbers, and those of the folder their own. Whose
 * number is taken by the former has another one until the next login.
 */
static unsigned choose_number(struct ph_session *session, const char *id, bool named)
{
	struct ph_guest_numbers *numbers = &session->guests.numbers;
	unsigned first = (unsigned)session->options.guest_count;

	if (named) {
		return (unsigned)wl_list_length(&session->guests.list) + 1;
	}
	unsigned number = guest_numbers_assign(numbers, id, is_in_store, session);
	if (number > first && !guests_by_number(session, number)) {
		return number;
	}
	number = first + 1;
	while (guest_numbers_has(numbers, number) || guests_by_number(session, number)) {
		number++;
	}
	return number;
}

static void read_numbers(struct ph_session *session)
{
	char *path = state_file_locate("numbers", session->runtime);
	FILE *file = fopen(path, "re");

	if (file) {
		size_t wrong = guest_numbers_read(&session->guests.numbers, file);
		if (wrong > 0) {
			wlr_log(WLR_ERROR, "guests: %s: %zu lines are not NUMBER NAME, or are there twice; "
					   "they are left out",
			    path, wrong);
		}
		fclose(file);
	}
	free(path);
}

/* Those that session.scfg says; they are remembered like the others. */
static void take_said_numbers(struct ph_session *session)
{
	for (size_t i = 0; i < session->config.guest_count; i++) {
		const struct ph_config_guest *said = &session->config.guests[i];
		if (said->number > 0) {
			guest_numbers_set(&session->guests.numbers, said->id, said->number);
		}
	}
}

static void write_numbers(struct ph_session *session)
{
	struct ph_guests *guests = &session->guests;
	char *path, *text = NULL;
	size_t size;

	if (!guests->numbers.changed) {
		return;
	}
	guests->numbers.changed = false;
	path = state_file_locate("numbers", session->runtime);
	FILE *file = open_memstream(&text, &size);
	if (!file || !guest_numbers_write(&guests->numbers, file) || fclose(file) != 0) {
		abort();
	}
	/* Seldom, and with it every guest would lose its number. */
	if (!state_file_write(path, text, true)) {
		wlr_log_errno(WLR_ERROR, "guests: cannot write %s; numbers may change at the next login", path);
	}
	free(path);
	free(text);
}

void guests_apply_config(struct ph_session *session)
{
	struct ph_guest *guest;

	wl_list_for_each(guest, &session->guests.list, link) {
		guest_read_look(guest);
		guest_read_scale(guest);
	}
}

static void add_guest(struct ph_session *session, const char *id, const char *dir, bool named)
{
	struct ph_guest *guest = guest_create(session, id, dir);

	guest->number = choose_number(session, id, named);
	struct wl_list *before = session->guests.list.prev;
	while (before != &session->guests.list) {
		struct ph_guest *other = wl_container_of(before, other, link);
		if (other->number < guest->number) {
			break;
		}
		before = before->prev;
	}
	wl_list_insert(before, &guest->link);
}

/* A guest that the command line names: its directory need not be in the store. */
static bool add_named(struct ph_session *session, const char *argument)
{
	char *dir = realpath(argument, NULL);

	if (!dir) {
		wlr_log_errno(WLR_ERROR, "start: --guest %s: no such guest directory", argument);
		return false;
	}
	const char *id = strrchr(dir, '/') + 1;
	const char *wrong = guest_store_check_id(id);
	struct ph_guest *same = guests_by_id(session, id);
	bool done = false;

	if (wrong) {
		wlr_log(WLR_ERROR, "start: --guest %s: the directory's name %s; rename it", argument, wrong);
	} else if (same) {
		done = strcmp(same->dir, dir) == 0;
		if (!done) {
			wlr_log(WLR_ERROR, "start: --guest %s: %s has the same name; rename one", argument,
			    same->dir);
		}
	} else {
		add_guest(session, id, dir, true);
		done = true;
	}
	free(dir);
	return done;
}

static void handle_skipped(void *data, const char *name, const char *why)
{
	wlr_log(WLR_ERROR, "guests: %s is left out: its name %s; rename the directory", name, why);
}

/* Adds the guests of the store that are not known yet. */
static void add_stored(struct ph_session *session)
{
	struct ph_guests *guests = &session->guests;
	struct ph_guest_entry *entries = NULL;
	size_t count = 0;

	if (guests->dir && !guest_store_scan(guests->dir, &entries, &count, handle_skipped, NULL)) {
		wlr_log_errno(WLR_ERROR, "guests: cannot read %s; its guests are not shown", guests->dir);
	}
	for (size_t i = 0; i < count; i++) {
		if (!guests_by_id(session, entries[i].id)) {
			add_guest(session, entries[i].id, entries[i].dir, false);
		}
	}
	guest_store_free(entries, count);
	write_numbers(session);
	if (!guests->selected && !wl_list_empty(&guests->list)) {
		guests->selected = wl_container_of(guests->list.next, guests->selected, link);
	}
}

bool guests_init(struct ph_session *session)
{
	struct ph_guests *guests = &session->guests;

	wl_list_init(&guests->list);
	guests->dir = guest_store_locate(getenv("XDG_DATA_HOME"), getenv("HOME"));
	read_numbers(session);
	take_said_numbers(session);
	for (size_t i = 0; i < session->options.guest_count; i++) {
		if (!add_named(session, session->options.guests[i])) {
			return false;
		}
	}
	add_stored(session);
	return bridge_processes_init(session);
}

void guests_rescan(struct ph_session *session)
{
	struct ph_guest *guest;

	add_stored(session);
	guests_check_locks(session);
	wl_list_for_each(guest, &session->guests.list, link) {
		guest_read_look(guest);
	}
}

void guests_check_locks(struct ph_session *session)
{
	struct ph_guest *guest;

	wl_list_for_each(guest, &session->guests.list, link) {
		guest_check_lock(guest);
	}
}

void guests_finish(struct ph_session *session)
{
	struct ph_guest *guest, *next;

	bridge_processes_finish(session);
	if (session->guests.news) {
		wl_event_source_remove(session->guests.news);
		session->guests.news = NULL;
	}
	if (session->guests.list.next) {
		wl_list_for_each_safe(guest, next, &session->guests.list, link) {
			wl_list_remove(&guest->link);
			guest_destroy(guest);
		}
	}
	guest_numbers_finish(&session->guests.numbers);
	free(session->guests.dir);
}

struct ph_guest *guests_by_number(struct ph_session *session, unsigned number)
{
	struct ph_guest *guest;

	wl_list_for_each(guest, &session->guests.list, link) {
		if (guest->number == number) {
			return guest;
		}
	}
	return NULL;
}

struct ph_guest *guests_by_id(struct ph_session *session, const char *id)
{
	struct ph_guest *guest;

	wl_list_for_each(guest, &session->guests.list, link) {
		if (strcmp(guest->id, id) == 0) {
			return guest;
		}
	}
	return NULL;
}

struct ph_guest *guests_by_token(struct ph_session *session, const char *token)
{
	struct ph_guest *guest, *found = NULL;

	wl_list_for_each(guest, &session->guests.list, link) {
		if (guest_token_equal(guest->token, token)) {
			found = guest;
		}
	}
	return found;
}

void guests_redraw_home(struct ph_session *session)
{
	struct ph_output *output;

	wl_list_for_each(output, &session->outputs.list, link) {
		output->cells[0].home_width = output->cells[1].home_width = 0;
	}
	outputs_update_home(session);
}

bool guests_are_scaled(struct ph_session *session)
{
	struct ph_guest *guest;

	wl_list_for_each(guest, &session->guests.list, link) {
		for (unsigned console = 0; console < PH_GUEST_MAX_HEADS; console++) {
			if (guest->heads[console] && guest->heads[console]->scaled.swapchain) {
				return true;
			}
		}
	}
	return false;
}

void guests_release_scaled(struct ph_session *session)
{
	struct ph_guest *guest;

	wl_list_for_each(guest, &session->guests.list, link) {
		for (unsigned console = 0; console < PH_GUEST_MAX_HEADS; console++) {
			if (guest->heads[console]) {
				scaler_release(&guest->heads[console]->scaled);
			}
		}
	}
}

void guests_show(struct ph_session *session, struct ph_guest *guest)
{
	views_hide(session);
	if (guest) {
		session->guests.selected = guest;
		placement_show(&session->placement, guest->id, guest_head_count(guest));
	} else {
		guests_rescan(session);
		placement_show_home(&session->placement);
	}
	guests_redraw_home(session);
	arrange(session);
}

void guests_show_here(struct ph_session *session, struct ph_guest *guest)
{
	views_hide(session);
	session->guests.selected = guest;
	placement_show_here(&session->placement, guest->id);
	guests_redraw_home(session);
	arrange(session);
}

void guests_place(struct ph_session *session, struct ph_guest *guest, struct ph_output *output,
    unsigned console)
{
	if (session->outputs.pending) {
		arrange_settle(session); /* placement does not know yet which monitors there are */
	}
	placement_place(&session->placement, guest->id, console, outputs_index(output));
	guests_redraw_home(session);
	arrange(session);
}

/* The last session's guests, where they were: a bridge may be on its way here. */
static void expect_shown(struct ph_session *session, bool restarted)
{
	struct ph_guest *guest;

	wl_list_for_each(guest, &session->guests.list, link) {
		if (!placement_is_shown(&session->placement, guest->id)) {
			continue;
		}
		session->guests.selected = guest;
		if (restarted && guest->bridge == 0) {
			bridge_process_expect(guest);
		} else if (!restarted) {
			guest_start(guest);
		}
	}
}

bool guests_start_first(struct ph_session *session)
{
	struct ph_guest *guest;
	size_t named = session->options.guest_count;
	/* Guests outlive a compositor that died: what runs now is as the person left it. */
	bool restarted = getenv("PHYLLOME_RESTARTED") != NULL;

	if (session->options.start && !restarted) {
		wl_list_for_each(guest, &session->guests.list, link) {
			if (guest->number <= named) {
				guest_start(guest);
			}
		}
	}
	guest = guests_by_number(session, 1);
	bool fresh = !placement_focused(&session->placement);
	if (named > 0 && guest && (!restarted || fresh)) {
		session->guests.selected = guest;
		placement_show(&session->placement, guest->id, guest_head_count(guest));
		if (guest->bridge == 0) {
			bridge_process_expect(guest);
		}
	}
	if (named == 0 || restarted) {
		expect_shown(session, restarted);
	}
	arrange(session);
	return true;
}
