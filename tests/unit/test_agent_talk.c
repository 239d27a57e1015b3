// SPDX-License-Identifier: MIT
#include "agent_talk.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "test.h"

#define SECOND ((int64_t)1000000000)
#define NOW ((int64_t)1800000000 * SECOND) /* the host's time at the beginning */

#define SYNC "\xff{\"execute\":\"guest-sync-delimited\",\"arguments\":{\"id\":7}}\n"
#define ASK "{\"execute\":\"guest-get-time\"}\n"
#define SET "{\"execute\":\"guest-set-time\"}\n"
#define SYNCED "\xff{\"return\": 7}\n"
#define OK "{\"return\": {}}\n"
#define ERROR(text) "{\"error\": {\"class\": \"GenericError\", \"desc\": \"" text "\"}}\n"

/* One thing that the agent says. Half a second passes before each. */
struct answer {
	const char *text; /* NULL: the guest's time, so many ms from the host's then */
	int64_t off_ms;
	enum ph_agent_next next;
	const char
	    *said; /* SAY: what follows; DONE, FAILED: part of the text. "@": set to our time */
};

static void play(const struct answer *answers, size_t count)
{
	struct ph_agent_talk talk;
	int64_t now = NOW;
	memset(&talk, 0x55, sizeof(talk));
	check_int(agent_talk_begin(&talk, 7), PH_AGENT_SAY);
	check_uint(talk.say_size, strlen(SYNC));
	check_mem(talk.say, SYNC, strlen(SYNC));
	for (size_t i = 0; i < count; i++) {
		char time[64], want[PH_AGENT_SAY_MAX];
		now += SECOND / 2;
		snprintf(time, sizeof(time), "{\"return\": %" PRId64 "}\n",
		    now + answers[i].off_ms * 1000000);
		const char *text = answers[i].text ? answers[i].text : time;
		enum ph_agent_next next = agent_talk_hear(&talk, text, strlen(text), now);
		if (next != answers[i].next) {
			test_fail(__FILE__, __LINE__, "answer %zu (%s): next %d, want %d; '%s'", i,
			    text, next, answers[i].next, talk.text);
		}
		if (next == PH_AGENT_SAY) {
			snprintf(want, sizeof(want),
			    "{\"execute\":\"guest-set-time\",\"arguments\":{\"time\":%" PRId64
			    "}}\n",
			    now);
			check_str(talk.say, answers[i].said[0] == '@' ? want : answers[i].said);
			check_uint(talk.say_size, strlen(talk.say));
		} else if (next != PH_AGENT_LISTEN) {
			check_contains(talk.text, answers[i].said);
		}
	}
}

#define PLAY(...)                                                                                  \
	play((const struct answer[]){__VA_ARGS__},                                                 \
	    sizeof((const struct answer[]){__VA_ARGS__}) / sizeof(struct answer))

TEST(clock_that_is_right_is_left_alone)
{
	PLAY({SYNCED, 0, PH_AGENT_SAY, ASK}, {NULL, 0, PH_AGENT_DONE, "is right"});
	/* the answer was on its way for half a second */
	PLAY({SYNCED, 0, PH_AGENT_SAY, ASK}, {NULL, -990, PH_AGENT_DONE, "is right"});
	PLAY({SYNCED, 0, PH_AGENT_SAY, ASK}, {NULL, 490, PH_AGENT_DONE, "is right"});
	/* no pause makes it fast */
	PLAY({SYNCED, 0, PH_AGENT_SAY, ASK},
	    {NULL, 7200000, PH_AGENT_DONE, "7200.000 s ahead of the host's and is left so"});
}

TEST(clock_is_set_by_the_hardware_clock)
{
	PLAY({SYNCED, 0, PH_AGENT_SAY, ASK}, {NULL, -1010, PH_AGENT_SAY, SET},
	    {OK, 0, PH_AGENT_SAY, ASK},
	    {NULL, -100, PH_AGENT_DONE, "was 0.510 s behind and is right, set by its hardware"});
	PLAY({SYNCED, 0, PH_AGENT_SAY, ASK}, {NULL, -3600500, PH_AGENT_SAY, SET},
	    {OK, 0, PH_AGENT_SAY, ASK},
	    {NULL, 0, PH_AGENT_DONE, "was 3600.000 s behind and is right"});
}

/* hwclock is missing: a Debian guest; nothing happens by it: a Windows guest */
TEST(clock_is_set_to_ours_where_that_does_not_help)
{
	PLAY({SYNCED, 0, PH_AGENT_SAY, ASK}, {NULL, -9500, PH_AGENT_SAY, SET},
	    {ERROR("no hwclock"), 0, PH_AGENT_SAY, "@"},
	    {ERROR("no hwclock"), 0, PH_AGENT_SAY, ASK},
	    {NULL, -600, PH_AGENT_DONE, "was 9.000 s behind and is right, set by the host's"});
	PLAY({SYNCED, 0, PH_AGENT_SAY, ASK}, {NULL, -9500, PH_AGENT_SAY, SET},
	    {OK, 0, PH_AGENT_SAY, ASK}, {NULL, -9500, PH_AGENT_SAY, "@"},
	    {OK, 0, PH_AGENT_SAY, ASK}, {NULL, -2400, PH_AGENT_DONE, "was 9.000 s behind"});
	/* its hardware clock is in local time, and it takes it for UTC */
	PLAY({SYNCED, 0, PH_AGENT_SAY, ASK}, {NULL, -9500, PH_AGENT_SAY, SET},
	    {OK, 0, PH_AGENT_SAY, ASK}, {NULL, 3600000, PH_AGENT_SAY, "@"},
	    {OK, 0, PH_AGENT_SAY, ASK}, {NULL, 0, PH_AGENT_DONE, "was 9.000 s behind"});
}

TEST(agent_that_cannot_do_it)
{
	PLAY({SYNCED, 0, PH_AGENT_SAY, ASK}, {NULL, -9500, PH_AGENT_SAY, SET},
	    {ERROR("no"), 0, PH_AGENT_SAY, "@"}, {ERROR("not permitted"), 0, PH_AGENT_SAY, ASK},
	    {NULL, -9500, PH_AGENT_FAILED, "but it is 9.000 s behind: not permitted"});
	PLAY({SYNCED, 0, PH_AGENT_SAY, ASK}, {NULL, -9500, PH_AGENT_SAY, SET},
	    {OK, 0, PH_AGENT_SAY, ASK}, {NULL, -9500, PH_AGENT_SAY, "@"},
	    {OK, 0, PH_AGENT_SAY, ASK}, {NULL, -9500, PH_AGENT_FAILED, "but it is 9.000 s behind"});
	PLAY({SYNCED, 0, PH_AGENT_SAY, ASK}, {ERROR("disabled"), 0, PH_AGENT_SAY, SET},
	    {ERROR("disabled too"), 0, PH_AGENT_SAY, "@"},
	    {ERROR("and this"), 0, PH_AGENT_FAILED, "does not set its clock: and this"});
	/* disabled is only the question */
	PLAY({SYNCED, 0, PH_AGENT_SAY, ASK}, {ERROR("disabled"), 0, PH_AGENT_SAY, SET},
	    {OK, 0, PH_AGENT_DONE, "cannot be asked"});
	PLAY({SYNCED, 0, PH_AGENT_SAY, ASK}, {ERROR("disabled"), 0, PH_AGENT_SAY, SET},
	    {ERROR("no"), 0, PH_AGENT_SAY, "@"}, {OK, 0, PH_AGENT_DONE, "cannot be asked"});
	PLAY({SYNCED, 0, PH_AGENT_SAY, ASK}, {NULL, -9500, PH_AGENT_SAY, SET},
	    {OK, 0, PH_AGENT_SAY, ASK}, {ERROR("gone"), 0, PH_AGENT_FAILED, "clock: gone"});
}

TEST(only_the_answer_to_this_conversation_counts)
{
	PLAY({"{\"return\": 7}\n", 0, PH_AGENT_LISTEN, NULL},
	    {ERROR("Invalid JSON syntax"), 0, PH_AGENT_LISTEN, NULL},
	    {"\xff{\"return\": 6}\n", 0, PH_AGENT_LISTEN, NULL},
	    {"{\"return\": 7}\n", 0, PH_AGENT_LISTEN, NULL},
	    {"\xff{\"return\": -7}\n", 0, PH_AGENT_LISTEN, NULL},
	    {"\xff{\"return\": \"7\"}\n", 0, PH_AGENT_LISTEN, NULL},
	    {"\xff[7]\n\xffhello\n\xff\n\n", 0, PH_AGENT_LISTEN, NULL},
	    {"\xff{\"return\": 6\xff\xff{\"ret", 0, PH_AGENT_LISTEN, NULL},
	    {"urn\": 7}", 0, PH_AGENT_LISTEN, NULL}, {"\r\n", 0, PH_AGENT_SAY, ASK},
	    {NULL, 0, PH_AGENT_DONE, "is right"});
	/* what is behind an answer is none to the next question */
	PLAY({SYNCED "{\"return\": 1}\n{\"ret", 0, PH_AGENT_SAY, ASK},
	    {NULL, 0, PH_AGENT_DONE, "is right"});
}

TEST(garbage_is_survived)
{
	static const char *const lines[] = {"\n", "hello\n", "{}\n", "[]\n", "7\n", "null\n",
	    "{\"return\": \"1800000000000000000\"}\n", "{\"return\": -1}\n", "{\"return\": {}}\n",
	    "{\"return\": 9223372036854775808}\n", "{\"return\": null}\n", "{\"error\": {}}\n",
	    "{\"error\": {\"desc\": 7}}\n", "{\"error\": \"no\"}\n", "{\"return\": 7\n",
	    "\xff{\"return\": 7}\n", "{\"return\": 1.5}\n",
	    "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\n"};
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		PLAY({SYNCED, 0, PH_AGENT_SAY, ASK},
		    {lines[i], 0, PH_AGENT_FAILED, "what the guest's agent answers is"});
	}
	struct ph_agent_talk talk;
	agent_talk_begin(&talk, 7);
	check_int(agent_talk_hear(&talk, SYNCED, strlen(SYNCED), NOW), PH_AGENT_SAY);
	check_int(agent_talk_hear(&talk, "{\"return\": 7}\0\n", 15, NOW), PH_AGENT_FAILED);
	/* the ends of what a number can be */
	PLAY({SYNCED, 0, PH_AGENT_SAY, ASK}, {"{\"return\": 0}\n", 0, PH_AGENT_SAY, SET},
	    {OK, 0, PH_AGENT_SAY, ASK},
	    {"{\"return\": 9223372036854775807}\n", 0, PH_AGENT_SAY, "@"},
	    {OK, 0, PH_AGENT_SAY, ASK},
	    {"{\"return\": 9223372036854775807}\n", 0, PH_AGENT_FAILED, "s ahead"});
}

/* Byte by byte as in one piece, and never more than so many. */
TEST(answers_in_pieces_and_without_end)
{
	struct ph_agent_talk talk;
	agent_talk_begin(&talk, 7);
	const char *text = SYNCED;
	for (size_t i = 0; text[i]; i++) {
		check_int(agent_talk_hear(&talk, &text[i], 1, NOW),
		    text[i + 1] ? PH_AGENT_LISTEN : PH_AGENT_SAY);
	}
	char full[PH_AGENT_LINE_MAX];
	memset(full, 'x', sizeof(full));
	check_int(agent_talk_hear(&talk, full, sizeof(full) - 1, NOW), PH_AGENT_LISTEN);
	check_int(agent_talk_hear(&talk, full, 1, NOW), PH_AGENT_FAILED);
	check_contains(talk.text, "is not understood");

	/* before the agent has answered, anything may come, but not for ever */
	agent_talk_begin(&talk, 8);
	full[0] = '\xff';
	size_t heard = 0;
	while (heard + sizeof(full) <= PH_AGENT_HEARD_MAX) {
		check_int(agent_talk_hear(&talk, full, sizeof(full), NOW), PH_AGENT_LISTEN);
		heard += sizeof(full);
	}
	check_int(agent_talk_hear(&talk, full, sizeof(full), NOW), PH_AGENT_FAILED);
	check_contains(talk.text, "says too much");
}
