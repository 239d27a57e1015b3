// SPDX-License-Identifier: MIT
#include "guest_store.h"

#include <dirent.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "guest_lock.h"

char *guest_store_locate(const char *xdg_data_home, const char *home)
{
	char *dir = NULL;
	int length = 0;

	if (xdg_data_home && xdg_data_home[0] == '/')
		length = asprintf(&dir, "%s/phyllome/guests", xdg_data_home);
	else if (home && home[0] == '/')
		length = asprintf(&dir, "%s/.local/share/phyllome/guests", home);
	if (length < 0)
		abort();
	return dir;
}

/* Line ends of Unicode's own, and what turns the direction of the text around it: both can make it read as another. */
static bool is_misleading(uint32_t point)
{
	return (point >= 0x2028 && point <= 0x202e) || (point >= 0x2066 && point <= 0x2069);
}

/* Length of the UTF-8 sequence at the start of s, 0 when there is no valid one, or one that misleads. */
static size_t sequence_length(const unsigned char *s)
{
	uint32_t point;
	size_t length;

	if (s[0] < 0x80)
		return 1;
	if (s[0] >= 0xc2 && s[0] <= 0xdf)
		length = 2;
	else if ((s[0] & 0xf0) == 0xe0)
		length = 3;
	else if (s[0] >= 0xf0 && s[0] <= 0xf4)
		length = 4;
	else
		return 0;
	point = s[0] & (0xffU >> (length + 1));
	for (size_t i = 1; i < length; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
		point = point << 6 | (s[i] & 0x3f);
	}
	/* Overlong forms, surrogates, C1 controls and what lies beyond Unicode. */
	if ((length == 3 && point < 0x800) ||
	    (length == 4 && (point < 0x10000 || point > 0x10ffff)) ||
	    (point >= 0xd800 && point <= 0xdfff) || point < 0xa0 || is_misleading(point))
		return 0;
	return length;
}

void guest_store_clean_line(char *line)
{
	for (size_t i = 0; line[i];) {
		size_t step = sequence_length((const unsigned char *)line + i);

		if (step == 0 || (unsigned char)line[i] < 0x20 || line[i] == 0x7f) {
			line[i] = '?';
			step = 1;
		}
		i += step;
	}
}

/*
 * What else lies in the session's run-time directory, where each guest has a directory of
 * its name: "locked" would lock the session at its start, "control" would keep it from one.
 */
static bool is_reserved(const char *id)
{
	static const char *const names[] = {"control", "guests.sock", "asleep", "locked", "session.lock",
	    "wayland-display", "numbers", "numbers.new", "placement", "placement.new", "placement.broken", "monitors",
	    "monitors.new", "monitors.broken"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(id, names[i]) == 0)
			return true;
	return false;
}

const char *guest_store_check_id(const char *id)
{
	size_t length = strnlen(id, PH_GUEST_ID_LIMIT + 1);

	if (length == 0)
		return "is empty";
	if (length > PH_GUEST_ID_LIMIT)
		return "is longer than 64 bytes";
	if (id[0] == '.')
		return "begins with a dot";
	if (id[0] == '-')
		return "begins with a dash, like an option";
	if (is_reserved(id))
		return "is that of a file of the session";
	for (size_t i = 0; i < length;) {
		size_t step = sequence_length((const unsigned char *)id + i);

		if (step == 0)
			return "is not plain UTF-8";
		if (id[i] == '/')
			return "has a slash in it";
		if ((unsigned char)id[i] < 0x20 || id[i] == 0x7f)
			return "has a control character in it";
		i += step;
	}
	return NULL;
}

bool guest_store_is_guest(const char *dir)
{
	struct stat st;
	char *path;
	bool found;

	if (asprintf(&path, "%s/guest.scfg", dir) < 0)
		abort();
	found = stat(path, &st) == 0 && S_ISREG(st.st_mode);
	free(path);
	/* Of what is locked no file can be seen. */
	return found || guest_lock_is_locked(dir);
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static int fold(char c)
{
	return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : (unsigned char)c;
}

/* As a person sorts: numbers by their value, letters without regard to case. */
static int compare_ids(const char *one, const char *two)
{
	while (*one && *two) {
		if (is_digit(*one) && is_digit(*two)) {
			size_t zeros_one = strspn(one, "0"), zeros_two = strspn(two, "0");
			size_t length_one, length_two;
			int order;

			one += zeros_one;
			two += zeros_two;
			length_one = strspn(one, "0123456789");
			length_two = strspn(two, "0123456789");
			if (length_one != length_two)
				return length_one < length_two ? -1 : 1;
			order = memcmp(one, two, length_one);
			if (order)
				return order;
			one += length_one;
			two += length_two;
		} else if (fold(*one) != fold(*two)) {
			return fold(*one) - fold(*two);
		} else {
			one++;
			two++;
		}
	}
	return fold(*one) - fold(*two);
}

static int compare_entries(const void *a, const void *b)
{
	const struct ph_guest_entry *one = a, *two = b;
	int order = compare_ids(one->id, two->id);

	return order ? order : strcmp(one->id, two->id);
}

static void add_entry(struct ph_guest_entry **guests, size_t *count, const char *id, char *dir)
{
	*guests = reallocarray(*guests, *count + 1, sizeof(**guests));
	if (!*guests)
		abort();
	(*guests)[*count] = (struct ph_guest_entry){.id = strdup(id), .dir = dir};
	if (!(*guests)[*count].id)
		abort();
	(*count)++;
}

bool guest_store_scan(const char *dir, struct ph_guest_entry **guests, size_t *count,
    void (*skipped)(void *data, const char *name, const char *why), void *data)
{
	DIR *stream = opendir(dir);
	struct dirent *entry;

	*guests = NULL;
	*count = 0;
	if (!stream)
		return errno == ENOENT;
	/* What can be read then are names that nobody gave. */
	if (guest_lock_is_locked(dir)) {
		closedir(stream);
		errno = ENOKEY;
		return false;
	}
	while ((entry = readdir(stream))) {
		const char *why;
		char *path;

		/* Hidden folders are where people park things; they are no mistake to report. */
		if (entry->d_name[0] == '.')
			continue;
		if (asprintf(&path, "%s/%s", dir, entry->d_name) < 0)
			abort();
		why = guest_store_check_id(entry->d_name);
		if (!why && *count >= PH_GUEST_LIMIT)
			why = "comes after 1000 others";
		if (!guest_store_is_guest(path)) {
			free(path);
		} else if (why) {
			if (skipped)
				skipped(data, entry->d_name, why);
			free(path);
		} else {
			add_entry(guests, count, entry->d_name, path);
		}
	}
	closedir(stream);
	if (*count > 0)
		qsort(*guests, *count, sizeof(**guests), compare_entries);
	for (size_t i = 0; i < *count; i++)
		(*guests)[i].number = (unsigned)i + 1;
	return true;
}

void guest_store_free(struct ph_guest_entry *guests, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		free(guests[i].id);
		free(guests[i].dir);
	}
	free(guests);
}
