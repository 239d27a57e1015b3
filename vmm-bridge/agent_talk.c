// SPDX-License-Identifier: MIT
#include "agent_talk.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-json.h>

/* In front of a request and of the answer to guest-sync-delimited; part of no JSON text. */
#define MARK '\xff'

static enum ph_agent_next say(struct ph_agent_talk *talk, enum ph_agent_step step, const char *fmt,
    ...) __attribute__((format(printf, 3, 4)));
static enum ph_agent_next end(struct ph_agent_talk *talk, enum ph_agent_next how, const char *fmt,
    ...) __attribute__((format(printf, 3, 4)));

static enum ph_agent_next say(
    struct ph_agent_talk *talk, enum ph_agent_step step, const char *fmt, ...)
{
	va_list args;
	va_start(args, fmt);
	int n = vsnprintf(talk->say, sizeof(talk->say), fmt, args);
	va_end(args);
	talk->say_size = (size_t)n;
	talk->step = step;
	talk->length = 0;
	return PH_AGENT_SAY;
}

static enum ph_agent_next end(
    struct ph_agent_talk *talk, enum ph_agent_next how, const char *fmt, ...)
{
	va_list args;
	va_start(args, fmt);
	vsnprintf(talk->text, sizeof(talk->text), fmt, args);
	va_end(args);
	talk->step = PH_AGENT_OVER;
	return how;
}

enum ph_agent_next agent_talk_begin(struct ph_agent_talk *talk, uint64_t id)
{
	*talk = (struct ph_agent_talk){.id = id & INT64_MAX};
	/* the mark ends whatever the agent may have heard half of */
	return say(talk, PH_AGENT_SYNC,
	    "%c{\"execute\":\"guest-sync-delimited\",\"arguments\":{\"id\":%" PRIu64 "}}\n", MARK,
	    talk->id);
}

static enum ph_agent_next ask_time(
    struct ph_agent_talk *talk, enum ph_agent_step step, int64_t now_ns)
{
	talk->asked_ns = now_ns;
	return say(talk, step, "{\"execute\":\"guest-get-time\"}\n");
}

static enum ph_agent_next set_to(struct ph_agent_talk *talk, int64_t now_ns)
{
	return say(talk, PH_AGENT_SET_TO,
	    "{\"execute\":\"guest-set-time\",\"arguments\":{\"time\":%" PRId64 "}}\n", now_ns);
}

/* "12.345 s" */
static const char *seconds(char text[32], int64_t ns)
{
	snprintf(text, 32, "%" PRId64 ".%03" PRId64 " s", ns / 1000000000, ns / 1000000 % 1000);
	return text;
}

/* How far the guest, whose time came at now_ns, is behind us for sure; negative: ahead. */
static int64_t compare(const struct ph_agent_talk *talk, int64_t guest_ns, int64_t now_ns)
{
	if (guest_ns < talk->asked_ns) {
		return talk->asked_ns - guest_ns;
	}
	return guest_ns > now_ns ? now_ns - guest_ns : 0;
}

static enum ph_agent_next handle_time(struct ph_agent_talk *talk, int64_t behind, int64_t now_ns)
{
	char was[32], is[32];
	int64_t off = behind < 0 ? -behind : behind;
	seconds(was, talk->behind_ns);
	seconds(is, off);
	switch (talk->step) {
	case PH_AGENT_ASK:
		if (off < PH_AGENT_NEAR_NS) {
			return end(talk, PH_AGENT_DONE, "the guest's clock is right");
		}
		if (behind < 0) {
			/* somebody wants it so: a pause makes no clock fast */
			return end(talk, PH_AGENT_DONE,
			    "the guest's clock is %s ahead of the host's and is left so", is);
		}
		talk->known = true;
		talk->behind_ns = behind;
		return say(talk, PH_AGENT_SET, "{\"execute\":\"guest-set-time\"}\n");
	case PH_AGENT_CHECK:
		if (off >= PH_AGENT_NEAR_NS) {
			return set_to(talk, now_ns);
		}
		return end(talk, PH_AGENT_DONE,
		    "the guest's clock was %s behind and is right, set by its hardware clock", was);
	default:
		if (off >= PH_AGENT_FAR_NS) {
			return end(talk, PH_AGENT_FAILED,
			    "the guest's agent was told to set the guest's clock, but it is %s "
			    "%s%s%s",
			    is, behind < 0 ? "ahead" : "behind", talk->error[0] ? ": " : "",
			    talk->error);
		}
		return end(talk, PH_AGENT_DONE,
		    "the guest's clock was %s behind and is right, set by the host's", was);
	}
}

/* An agent that cannot be asked for the time may still be able to set it. */
static enum ph_agent_next handle_error(struct ph_agent_talk *talk, int64_t now_ns)
{
	switch (talk->step) {
	case PH_AGENT_ASK:
		return say(talk, PH_AGENT_SET, "{\"execute\":\"guest-set-time\"}\n");
	case PH_AGENT_SET:
		return set_to(talk, now_ns);
	case PH_AGENT_SET_TO:
		if (talk->known) {
			return ask_time(talk, PH_AGENT_CHECK_TO, now_ns);
		}
		break;
	default:
		break;
	}
	return end(
	    talk, PH_AGENT_FAILED, "the guest's agent does not set its clock: %s", talk->error);
}

static enum ph_agent_next handle_return(
    struct ph_agent_talk *talk, sd_json_variant *value, int64_t now_ns)
{
	bool is_time = sd_json_variant_is_integer(value) && sd_json_variant_integer(value) >= 0;
	switch (talk->step) {
	case PH_AGENT_ASK:
	case PH_AGENT_CHECK:
	case PH_AGENT_CHECK_TO:
		if (!is_time) {
			break;
		}
		return handle_time(
		    talk, compare(talk, sd_json_variant_integer(value), now_ns), now_ns);
	case PH_AGENT_SET:
	case PH_AGENT_SET_TO:
		if (!talk->known) {
			return end(talk, PH_AGENT_DONE,
			    "the guest's clock was set; its agent cannot be asked for the time");
		}
		return ask_time(
		    talk, talk->step == PH_AGENT_SET ? PH_AGENT_CHECK : PH_AGENT_CHECK_TO, now_ns);
	default:
		break;
	}
	return end(talk, PH_AGENT_FAILED, "what the guest's agent answers is no time");
}

/* The line is one answer, without its end. */
static enum ph_agent_next handle_line(struct ph_agent_talk *talk, int64_t now_ns)
{
	sd_json_variant *root = NULL, *value = NULL, *error = NULL;
	talk->line[talk->length] = '\0';
	if (strlen(talk->line) == talk->length &&
	    sd_json_parse(talk->line, 0, &root, NULL, NULL) >= 0) {
		value = sd_json_variant_by_key(root, "return");
		error = sd_json_variant_by_key(sd_json_variant_by_key(root, "error"), "desc");
	}
	enum ph_agent_next next = PH_AGENT_LISTEN;
	talk->length = 0;
	if (talk->step == PH_AGENT_SYNC) {
		talk->marked = false; /* if it is another's, the mark of ours is to come */
		if (value && sd_json_variant_is_unsigned(value) &&
		    sd_json_variant_unsigned(value) == talk->id) {
			next = ask_time(talk, PH_AGENT_ASK, now_ns);
		}
	} else if (error && sd_json_variant_is_string(error)) {
		snprintf(talk->error, sizeof(talk->error), "%s", sd_json_variant_string(error));
		next = handle_error(talk, now_ns);
	} else if (value) {
		next = handle_return(talk, value, now_ns);
	} else {
		next =
		    end(talk, PH_AGENT_FAILED, "what the guest's agent answers is not understood");
	}
	sd_json_variant_unref(root);
	return next;
}

enum ph_agent_next agent_talk_hear(
    struct ph_agent_talk *talk, const char *data, size_t size, int64_t now_ns)
{
	talk->heard += size;
	if (talk->heard > PH_AGENT_HEARD_MAX) {
		return end(talk, PH_AGENT_FAILED, "the guest's agent says too much");
	}
	enum ph_agent_next next = PH_AGENT_LISTEN;
	for (size_t i = 0; i < size && next == PH_AGENT_LISTEN; i++) {
		if (talk->step == PH_AGENT_SYNC && data[i] == MARK) {
			talk->marked = true;
			talk->length = 0;
		} else if (talk->step == PH_AGENT_SYNC && !talk->marked) {
			continue;
		} else if (data[i] == '\n') {
			next = handle_line(talk, now_ns);
		} else if (talk->length + 1 < sizeof(talk->line)) {
			talk->line[talk->length++] = data[i];
		} else if (talk->step == PH_AGENT_SYNC) {
			talk->marked = false;
		} else {
			next = end(talk, PH_AGENT_FAILED,
			    "what the guest's agent answers is not understood");
		}
	}
	return next;
}
