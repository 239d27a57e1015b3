// SPDX-License-Identifier: MIT
#include "guest_store.h"

#include <errno.h>
#include <linux/fscrypt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "guest_lock.h"
#include "test.h"

static void make_dir(const char *name)
{
	char path[4096];

	check_op(snprintf(path, sizeof(path), "%s/%s", test_dir(), name), <, (int)sizeof(path));
	check_int(mkdir(path, 0700), 0);
}

static void make_guest(const char *name)
{
	char path[4096];

	make_dir(name);
	check_op(snprintf(path, sizeof(path), "%s/%s/guest.scfg", test_dir(), name), <,
	    (int)sizeof(path));
	test_write_file(path, "", 0);
}

struct skips {
	int count;
	char name[300], why[100];
};

static void handle_skipped(void *data, const char *name, const char *why)
{
	struct skips *skips = data;

	skips->count++;
	snprintf(skips->name, sizeof(skips->name), "%s", name);
	snprintf(skips->why, sizeof(skips->why), "%s", why);
}

TEST(folder_is_where_xdg_says)
{
	static const struct {
		const char *data, *home, *want;
	} cases[] = {
	    {"/d", "/h", "/d/phyllome/guests"},
	    {NULL, "/h", "/h/.local/share/phyllome/guests"},
	    {"", "/h", "/h/.local/share/phyllome/guests"},
	    {"relative", "/h", "/h/.local/share/phyllome/guests"},
	    {NULL, NULL, NULL},
	    {NULL, "h", NULL},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char *dir = guest_store_locate(cases[i].data, cases[i].home);

		check_str(dir, cases[i].want);
		free(dir);
	}
}

TEST(ids_are_judged)
{
	char longest[PH_GUEST_ID_LIMIT + 2];
	static const char *const good[] = {"debian", "Windows 11", "a.b-c_d", "Control", "locked2",
	    "\346\227\245\346\234\254", "caf\303\251", "\360\237\220\247"};
	static const struct {
		const char *id, *why;
	} bad[] = {
	    {"", "empty"},
	    {".hidden", "dot"},
	    {"..", "dot"},
	    {"-option", "dash"},
	    {"locked", "session"},
	    {"monitors", "session"},
	    {"monitors.broken", "session"},
	    {"asleep", "session"},
	    {"control", "session"},
	    {"wayland-display", "session"},
	    {"placement.new", "session"},
	    {"a/b", "slash"},
	    {"a\nb", "control"},
	    {"a\033[2J", "control"},
	    {"a\177", "control"},
	    {"\377", "UTF-8"},
	    {"a\303", "UTF-8"},
	    {"\300\257", "UTF-8"},         /* an overlong slash */
	    {"\340\200\257", "UTF-8"},     /* another one */
	    {"\355\240\200", "UTF-8"},     /* half of a surrogate pair */
	    {"\302\205", "UTF-8"},         /* a control character above ASCII */
	    {"\364\220\200\200", "UTF-8"}, /* beyond Unicode */
	};

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		check_str(guest_store_check_id(good[i]), NULL);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		check_contains(guest_store_check_id(bad[i].id), bad[i].why);
	memset(longest, 'x', sizeof(longest));
	longest[PH_GUEST_ID_LIMIT + 1] = '\0';
	check_contains(guest_store_check_id(longest), "64 bytes");
	longest[PH_GUEST_ID_LIMIT] = '\0';
	check_str(guest_store_check_id(longest), NULL);
}

TEST(missing_folder_is_an_empty_list)
{
	struct ph_guest_entry *guests;
	size_t count = 7;
	char path[4096];

	check_op(snprintf(path, sizeof(path), "%s/none", test_dir()), <, (int)sizeof(path));
	check(guest_store_scan(path, &guests, &count, NULL, NULL));
	check_uint(count, 0);
	check(guests == NULL);
	guest_store_free(guests, count);
}

TEST(folder_that_is_a_file_is_an_error)
{
	struct ph_guest_entry *guests;
	size_t count;
	char path[4096];

	check_op(snprintf(path, sizeof(path), "%s/file", test_dir()), <, (int)sizeof(path));
	test_write_file(path, "", 0);
	check(!guest_store_scan(path, &guests, &count, NULL, NULL));
	check_int(errno, ENOTDIR);
	check(guests == NULL);
}

TEST(guests_are_sorted_and_numbered)
{
	static const char *const want[] = {"alpha", "Beta", "VM1", "vm02", "vm2", "vm2a", "vm10", "vm20"};
	struct ph_guest_entry *guests;
	size_t count;
	char path[4096], other[4096];

	make_guest("vm10");
	make_guest("vm02");
	make_guest("vm20");
	make_guest("Beta");
	make_guest("VM1");
	make_guest("vm2a");
	make_guest("vm2");
	make_guest("alpha");
	make_guest(".hidden");
	make_dir("no-config");
	make_dir("config-is-a-folder");
	make_dir("config-is-a-folder/guest.scfg");
	check_op(snprintf(path, sizeof(path), "%s/a-file", test_dir()), <, (int)sizeof(path));
	test_write_file(path, "", 0);
	check(guest_store_scan(test_dir(), &guests, &count, NULL, NULL));
	check_uint(count, 8);
	for (size_t i = 0; i < count; i++) {
		check_str(guests[i].id, want[i]);
		check_uint(guests[i].number, i + 1);
		check_op(snprintf(other, sizeof(other), "%s/%s", test_dir(), want[i]), <,
		    (int)sizeof(other));
		check_str(guests[i].dir, other);
	}
	guest_store_free(guests, count);
}

TEST(unusable_names_are_reported_and_left_out)
{
	struct ph_guest_entry *guests;
	struct skips skips = {0};
	size_t count;

	make_guest("good");
	make_guest("bad\nname");
	make_dir("also\nbad, but no guest");
	check(guest_store_scan(test_dir(), &guests, &count, handle_skipped, &skips));
	check_uint(count, 1);
	check_int(skips.count, 1);
	check_str(skips.name, "bad\nname");
	check_contains(skips.why, "control character");
	guest_store_free(guests, count);
}

TEST(lines_of_a_peer_are_cleaned)
{
	static const struct {
		const char *in, *out;
	} lines[] = {
	    {"", ""},
	    {"plain, with \xc3\xa9 and \xe2\x82\xac", "plain, with \xc3\xa9 and \xe2\x82\xac"},
	    {"\x1b[2J\n\x7f", "?[2J??"},
	    {"\xff\xfe\xc0\x80", "????"},
	    {"cut off \xe2\x82", "cut off ??"},
	    {"\xed\xa0\x80", "???"}, /* a surrogate */
	    {"exe.\xe2\x80\xaegpj", "exe.???gpj"}, /* U+202E: from here on from right to left */
	    {"a\xe2\x80\xa8\xe2\x81\xa7", "a??????"}, /* U+2028, U+2067 */
	    {"\xe2\x80\xa7\xe2\x80\xaf", "\xe2\x80\xa7\xe2\x80\xaf"}, /* their neighbours */
	};

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		char text[64];
		snprintf(text, sizeof(text), "%s", lines[i].in);
		guest_store_clean_line(text);
		check_str(text, lines[i].out);
	}
}

TEST(locks_are_judged)
{
	static const struct {
		uint8_t version;
		uint32_t status;
		bool readable, locked;
	} cases[] = {
	    {FSCRYPT_POLICY_V2, FSCRYPT_KEY_STATUS_ABSENT, false, true},
	    {FSCRYPT_POLICY_V2, FSCRYPT_KEY_STATUS_PRESENT, true, false},
	    /* Unlocked, and no guest.scfg in it. */
	    {FSCRYPT_POLICY_V2, FSCRYPT_KEY_STATUS_PRESENT, false, false},
	    /* A name that is still in the cache opens nothing. */
	    {FSCRYPT_POLICY_V2, FSCRYPT_KEY_STATUS_INCOMPLETELY_REMOVED, true, true},
	    /* The key is in a keyring of ours. */
	    {FSCRYPT_POLICY_V1, FSCRYPT_KEY_STATUS_ABSENT, true, false},
	    {FSCRYPT_POLICY_V1, FSCRYPT_KEY_STATUS_ABSENT, false, true},
	    {FSCRYPT_POLICY_V1, FSCRYPT_KEY_STATUS_PRESENT, false, false},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		check_int(guest_lock_judge(cases[i].version, cases[i].status, cases[i].readable), cases[i].locked);
	}
}

TEST(what_is_not_encrypted_is_not_locked)
{
	make_guest("plain");
	check(!guest_lock_is_locked(test_dir()));
	check(!guest_lock_is_locked("/does/not/exist"));
}
