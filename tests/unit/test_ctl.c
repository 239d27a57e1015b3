// SPDX-License-Identifier: MIT
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-json.h>

#include "arguments.h"
#include "command.h"
#include "lists.h"
#include "near.h"
#include "table.h"
#include "test.h"

#define WORDS_MAX 8

static size_t split(const char *const *words)
{
	size_t count = 0;

	while (count < WORDS_MAX && words[count]) {
		count++;
	}
	return count;
}

TEST(requests_are_read)
{
	static const struct {
		const char *words[WORDS_MAX];
		enum ph_request_kind kind;
		const char *action;
		size_t word_count;
		bool json, names;
		const char *socket;
	} cases[] = {
	    {{"guests"}, PH_REQUEST_GUESTS, NULL, 1},
	    {{"--json", "guests"}, PH_REQUEST_GUESTS, NULL, 1, true},
	    {{"outputs", "--json"}, PH_REQUEST_OUTPUTS, NULL, 1, true},
	    {{"guests", "--names"}, PH_REQUEST_GUESTS, NULL, 1, false, true},
	    {{"watch", "--socket", "a b"}, PH_REQUEST_WATCH, NULL, 1, false, false, "a b"},
	    {{"--socket=x", "commands"}, PH_REQUEST_COMMANDS, NULL, 1, false, false, "x"},
	    {{"show", "Grüße an alle"}, PH_REQUEST_RUN, NULL, 2},
	    {{"show", "3"}, PH_REQUEST_RUN, NULL, 2},
	    {{"show", "--", "--json"}, PH_REQUEST_RUN, NULL, 2},
	    {{"show-here", "two"}, PH_REQUEST_RUN, NULL, 2},
	    {{"shutdown", "two"}, PH_REQUEST_ACT, "powerdown", 2},
	    {{"pause", "two"}, PH_REQUEST_ACT, "pause", 2},
	    {{"pause"}, PH_REQUEST_RUN, NULL, 1},
	    {{"resume", "2"}, PH_REQUEST_ACT, "resume", 2},
	    {{"focus", "up"}, PH_REQUEST_RUN, NULL, 2},
	    {{"focus", "DP-1"}, PH_REQUEST_FOCUS, NULL, 2},
	    {{"move", "left"}, PH_REQUEST_RUN, NULL, 2},
	    {{"send", "Ctrl+Alt+Delete"}, PH_REQUEST_RUN, NULL, 2},
	    {{"run", "ls", "--json", "--", "-x"}, PH_REQUEST_RUN, NULL, 5},
	    {{"--json", "run", "ls"}, PH_REQUEST_RUN, NULL, 2, true},
	    {{"reload"}, PH_REQUEST_RELOAD, NULL, 1},
	    {{"lock"}, PH_REQUEST_RUN, NULL, 1},
	    {{"nonsense", "--help"}, PH_REQUEST_HELP, NULL, 1},
	    {{"-V"}, PH_REQUEST_VERSION, NULL, 0},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct ph_request request;
		char error[256] = "";
		bool ok = arguments_parse(
		    (int)split(cases[i].words), cases[i].words, &request, error, sizeof(error));
		check_str(error, "");
		check(ok);
		check_int(request.kind, cases[i].kind);
		check_str(request.action, cases[i].action);
		check_uint(request.word_count, cases[i].word_count);
		check_int(request.json, cases[i].json);
		check_int(request.names, cases[i].names);
		check_str(request.socket, cases[i].socket);
		check(!request.words[request.word_count]);
		arguments_finish(&request);
	}
}

TEST(wrong_requests_are_refused)
{
	static const struct {
		const char *words[WORDS_MAX];
		const char *error;
	} cases[] = {
	    {{NULL}, "a command is missing"},
	    {{"--"}, "a command is missing"},
	    {{"shwo", "1"}, "there is no command 'shwo'; did you mean show?"},
	    {{"xyzzy"}, "there is no command 'xyzzy'; phyllomectl commands lists them"},
	    {{""}, "there is no command ''"},
	    {{"show"}, "show: expected show GUEST"},
	    {{"show", ""}, "show: expected show GUEST"},
	    {{"show", "a", "b"}, "show: expected show GUEST"},
	    {{"pause", "a", "b"}, "pause: expected pause [GUEST]"},
	    {{"guests", "all"}, "guests: expected guests"},
	    {{"move", "there"}, "move: expected move left|right|up|down"},
	    {{"home", "now"}, "home: takes nothing behind it"},
	    {{"vt", "0"}, "vt: expected a whole number from 1 to 63"},
	    {{"send", "Nokey"}, "send: 'Nokey' is no key"},
	    {{"--jsno", "guests"}, "there is no option '--jsno'"},
	    {{"--socket"}, "--socket: expected the path"},
	    {{"guests", "--socket="}, "--socket: expected the path"},
	    {{"watch", "--names"}, "--names goes with"},
	    {{"guests", "--names", "--json"}, "--names goes with"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct ph_request request;
		char error[256] = "";
		check(!arguments_parse(
		    (int)split(cases[i].words), cases[i].words, &request, error, sizeof(error)));
		check_contains(error, cases[i].error);
		check(!strchr(error, '\n'));
		arguments_finish(&request);
	}
}

/* Every command of the session can be asked for, and each verb is there once. */
TEST(verbs_are_all_there)
{
	const struct ph_command_info *info;
	struct ph_verb verb, other;
	size_t count = 0;

	while (arguments_verb(count, &verb)) {
		check(verb.help[0] && verb.help[strlen(verb.help) - 1] != '.');
		for (size_t i = 0; i < count; i++) {
			check(arguments_verb(i, &other) && strcmp(verb.name, other.name) != 0);
		}
		count++;
	}
	check(!arguments_verb(count + 1, &verb));
	for (size_t i = 0; (info = command_info(i)); i++) {
		bool found = false;
		for (size_t j = 0; arguments_verb(j, &verb); j++) {
			found = found || strcmp(verb.name, info->name) == 0;
		}
		check(found);
	}
}

TEST(near_names_are_found)
{
	static const char *const names[] = {"debian", "debian-old", "arch", "Windows 11", "Grüße", "x"};
	static const struct {
		const char *wanted, *found;
	} cases[] = {
	    {"debain", "debian"},
	    {"DEBIAN", "debian or debian-old"},
	    {"deb", "debian or debian-old"},
	    {"arhc", "arch"},
	    {"windows", "Windows 11"},
	    {"Gruße", "Grüße"},
	    {"Der Titel", "x"},
	    {"openbsd", ""},
	    {"y", ""},
	    {"", ""},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct ph_near near;
		char text[128];
		near_init(&near, cases[i].wanted);
		for (size_t j = 0; j < sizeof(names) / sizeof(names[0]); j++) {
			near_offer(&near, names[j], names[j]);
		}
		near_offer(&near, "x", "Der Titel");
		near_format(&near, text, sizeof(text));
		check_str(text, cases[i].found);
	}
}

TEST(near_keeps_the_nearest)
{
	struct ph_near near;
	char long_name[300], text[64];

	memset(long_name, 'a', sizeof(long_name) - 1);
	long_name[sizeof(long_name) - 1] = '\0';
	near_init(&near, "abcdefgh");
	near_offer(&near, "abcdeXYZ", "abcdeXYZ");
	near_offer(&near, "abcdefXY", "abcdefXY");
	near_offer(&near, "abcdefgX", "abcdefgX");
	near_offer(&near, "Xbcdefgh", "Xbcdefgh");
	near_offer(&near, long_name, long_name);
	near_format(&near, text, sizeof(text));
	check_str(text, "abcdefgX, Xbcdefgh or abcdefXY");
	near_format(&near, text, 12);
	check_str(text, "abcdefgX, X");
	near_init(&near, long_name);
	near_offer(&near, "b", long_name);
	check_uint(near.count, 1);
}

static char *print_table(const struct ph_table *table)
{
	char *text = NULL;
	size_t size;
	FILE *file = open_memstream(&text, &size);

	table_print(table, file);
	fclose(file);
	return text;
}

TEST(tables_are_straight)
{
	static const char *const headings[] = {"", ">N", "NAME", "EMPTY", "STATE"};
	struct ph_table table;

	check(setlocale(LC_CTYPE, "C.UTF-8"));
	table_init(&table, headings, 5);
	static const char *const rows[][5] = {
	    {"*", "1", "日本語", "", "running"},
	    {"", "10", "Grüße an alle", "", ""},
	    {"", "2", "e\xcc\x81t\xc3\xa9", NULL, "off"},
	    {"", "3", "bad\x1b[31m\xff", "", "off"},
	};
	for (size_t i = 0; i < 4; i++) {
		for (size_t j = 0; j < 5; j++) {
			table_add(&table, rows[i][j]);
		}
	}
	char *text = print_table(&table);
	check_str(text, "    N  NAME           STATE\n"
			"*   1  日本語         running\n"
			"   10  Grüße an alle\n"
			"    2  e\xcc\x81t\xc3\xa9            off\n"
			"    3  bad?[31m?      off\n");
	free(text);
	table_finish(&table);
}

TEST(empty_table_has_its_heading)
{
	static const char *const headings[] = {"NAME", "STATE"};
	struct ph_table table;

	table_init(&table, headings, 2);
	char *text = print_table(&table);
	check_str(text, "\n");
	free(text);
	table_finish(&table);
}

static sd_json_variant *read_json(const char *text)
{
	sd_json_variant *variant = NULL;

	check_int(sd_json_parse(text, 0, &variant, NULL, NULL), 0);
	return variant;
}

/* What one of the lists prints of a JSON text. */
static void check_print(
    void (*print)(sd_json_variant *list, FILE *file), const char *json, const char *wanted)
{
	sd_json_variant *list = read_json(json);
	char *text = NULL;
	size_t size;
	FILE *file = open_memstream(&text, &size);

	print(list, file);
	fclose(file);
	check_str(text, wanted);
	free(text);
	sd_json_variant_unref(list);
}

static const char guests[] =
    "[{\"name\":\"debian\",\"title\":\"Debian\",\"number\":1,\"state\":\"running\",\"reason\":\"\","
    "\"focused\":true,\"heads\":[{\"console\":0,\"output\":\"DP-1\"},{\"console\":1,\"output\":\"DP-2\"},"
    "{\"console\":2,\"output\":\"DP-1\"}]},"
    "{\"name\":\"arch\",\"title\":\"arch\",\"number\":2,\"state\":\"lost\",\"reason\":\"QEMU has died\","
    "\"focused\":false,\"heads\":[{\"console\":0,\"output\":\"\"}]}]";

TEST(guests_are_listed)
{
	check_print(lists_print_guests, guests,
	    "   N  NAME    TITLE   STATE    ON          WHY\n"
	    "*  1  debian  Debian  running  DP-1, DP-2\n"
	    "   2  arch            lost                 QEMU has died\n");
	check_print(lists_print_names, guests, "debian\tDebian, running\narch\tlost\n");
	/* What is not there is not missed. */
	check_print(lists_print_guests, "[{}]", "N\n0\n");
	check_print(lists_print_guests, "{}", "\n");
}

TEST(outputs_are_listed)
{
	static const char outputs[] =
	    "[{\"name\":\"DP-1\",\"identity\":\"Dell U2720Q 7\",\"enabled\":true,\"x\":0,\"y\":0,\"width\":3840,"
	    "\"height\":2160,\"refresh\":59997,\"scale\":1.5,\"transform\":\"normal\",\"path\":\"scanout\","
	    "\"planes\":2,\"adaptiveSync\":true,\"tearing\":false,\"noTearing\":\"it cannot\",\"reason\":\"\",\"cells\":[{\"guest\":\"debian\",\"console\":1,\"pictureWidth\":1920,"
	    "\"pictureHeight\":2160,\"focused\":false},{\"guest\":\"\",\"console\":-1,\"pictureWidth\":0,"
	    "\"focused\":true}]},"
	    "{\"name\":\"HDMI-A-1\",\"identity\":\"HDMI-A-1\",\"enabled\":false,\"cells\":[],\"path\":\"none\"},"
	    "{\"name\":\"eDP-1\",\"enabled\":true,\"x\":2560,\"y\":-10,\"width\":1920,\"height\":1080,"
	    "\"refresh\":0,\"scale\":1,\"transform\":\"90\",\"path\":\"composited\",\"reason\":\"it is turned\","
	    "\"cells\":[{\"guest\":\"arch\",\"console\":0,\"pictureWidth\":0,\"focused\":false}]}]";

	check_print(lists_print_outputs, outputs,
	    "   OUTPUT    MODE             SCALE  AT        SHOWS           PICTURE    PATH\n"
	    "   DP-1      3840x2160@60.00  1.5    0,0       debian, head 2  1920x2160  scanout, 2 planes, adaptive sync, no tearing (it cannot)\n"
	    "*                                              home screen\n"
	    "   HDMI-A-1  off\n"
	    "   eDP-1     1920x1080@0.00   1 90   2560,-10  arch                       composited: it is turned\n");
	check_print(lists_print_names, outputs, "DP-1\tDell U2720Q 7\nHDMI-A-1\tHDMI-A-1\neDP-1\t\n");
}

/* What watch prints of the way from one state to another. */
static void check_changes(const char *before, const char *now, const char *wanted)
{
	sd_json_variant *old = before ? read_json(before) : NULL, *new = read_json(now);
	char *text = NULL;
	size_t size;
	FILE *file = open_memstream(&text, &size);

	lists_print_changes(old, new, file);
	fclose(file);
	check_str(text, wanted);
	free(text);
	sd_json_variant_unref(old);
	sd_json_variant_unref(new);
}

TEST(changes_are_lines)
{
	static const char one[] =
	    "{\"guests\":[{\"name\":\"a\",\"state\":\"off\",\"reason\":\"\"}],"
	    "\"outputs\":[{\"name\":\"DP-1\",\"enabled\":true,\"cells\":[{\"guest\":\"\"}]}],"
	    "\"locked\":false,\"focused\":{\"output\":\"DP-1\",\"cell\":0,\"guest\":\"\"}}";
	static const char two[] =
	    "{\"guests\":[{\"name\":\"a\",\"state\":\"lost\",\"reason\":\"gone\\u001b\"}],"
	    "\"outputs\":[{\"name\":\"DP-1\",\"enabled\":true,\"cells\":[{\"guest\":\"a\"},{\"guest\":\"\"}]},"
	    "{\"name\":\"DP-2\",\"enabled\":false}],"
	    "\"locked\":true,\"focused\":{\"output\":\"DP-1\",\"cell\":0,\"guest\":\"a\"}}";

	check_changes(NULL, one,
	    "guest a: off\noutput DP-1: home screen\nfocus: DP-1: home screen\nsession: unlocked\n");
	check_changes(one, one, "");
	check_changes(one, two,
	    "guest a: lost: gone?\noutput DP-1: a | home screen\noutput DP-2: off\nfocus: DP-1: a\nsession: "
	    "locked\n");
	check_changes(two, "{\"guests\":[],\"outputs\":[],\"locked\":true}",
	    "guest a: gone\noutput DP-1: gone\noutput DP-2: gone\nfocus: no output\n");
}
