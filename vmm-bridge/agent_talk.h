// SPDX-License-Identifier: MIT
#ifndef PH_AGENT_TALK_H
#define PH_AGENT_TALK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * What is said with the agent in a guest (qemu-ga) until the guest's clock is
 * right after a pause. Pure: bytes and times come in, bytes to send go out.
 *
 * The guest is asked for its time first: what is right is left alone. Then its
 * agent is told to set the clock by the guest's own hardware clock, which QEMU
 * keeps by the host's: no number that might be old by the time it is read. Not
 * every agent can (on Linux it needs the program hwclock, which Debian has in
 * another package), and Windows' says yes and asks its time server. So the
 * guest is asked again, and told the host's time where that did not help.
 * Whether an agent reports an error does not count: on Linux it sets the clock
 * and then complains that hwclock is missing. What counts is the guest's time.
 */

#define PH_AGENT_LINE_MAX 4096   /* a longer answer is none */
#define PH_AGENT_HEARD_MAX 65536 /* of one conversation */
#define PH_AGENT_SAY_MAX 160
#define PH_AGENT_TEXT_MAX 512

/* A clock that is less off than this is right, before we touch it. */
#define PH_AGENT_NEAR_NS ((int64_t)500 * 1000 * 1000)
/* And afterwards: a slow guest takes a while from hearing the time to setting its clock. */
#define PH_AGENT_FAR_NS ((int64_t)2000 * 1000 * 1000)

enum ph_agent_step {
	PH_AGENT_SYNC,     /* until the agent answers to this conversation and no other */
	PH_AGENT_ASK,      /* for the guest's time */
	PH_AGENT_SET,      /* by its hardware clock */
	PH_AGENT_CHECK,    /* ask again */
	PH_AGENT_SET_TO,   /* the host's time */
	PH_AGENT_CHECK_TO, /* ask again */
	PH_AGENT_OVER,
};

enum ph_agent_next {
	PH_AGENT_LISTEN, /* nothing to do but to wait for more */
	PH_AGENT_SAY,    /* send say[0..say_size), then wait for the answer */
	PH_AGENT_DONE,   /* text tells how it is */
	PH_AGENT_FAILED, /* text tells why */
};

struct ph_agent_talk {
	enum ph_agent_step step;
	uint64_t id;       /* of this conversation */
	bool marked;       /* SYNC: what comes now may be the answer to it */
	bool known;        /* the guest's time could be asked for */
	int64_t asked_ns;  /* the host's time at the last question for the guest's */
	int64_t behind_ns; /* the guest's clock, before it was set */
	size_t heard;      /* bytes in all */
	char line[PH_AGENT_LINE_MAX];
	size_t length;
	char say[PH_AGENT_SAY_MAX];
	size_t say_size;
	char error[PH_AGENT_TEXT_MAX / 2]; /* what the agent complained of last; "" if nothing */
	char text[PH_AGENT_TEXT_MAX];
};

/* Begins anew, whatever was before: PH_AGENT_SAY. id: one that no conversation had before. */
enum ph_agent_next agent_talk_begin(struct ph_agent_talk *talk, uint64_t id);

/*
 * The agent said that, at that time (CLOCK_REALTIME, nanoseconds). What is behind
 * an answer in data is dropped: it cannot be one to what is said only now.
 */
enum ph_agent_next agent_talk_hear(
    struct ph_agent_talk *talk, const char *data, size_t size, int64_t now_ns);

#endif
