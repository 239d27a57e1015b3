/* SPDX-License-Identifier: MIT */
#include "guest.h"

#include <inttypes.h>
#include <linux/input-event-codes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A started input device by its word ("keyboard", or "mouse2" for the second). */
static struct ph_input *get_input(struct ph_guest_machine *machine, const char *word)
{
	for (unsigned int i = 0, seen = 0; i < machine->input_count; i++) {
		struct ph_input *input = &machine->inputs[i];
		const char *name = input_kind_name(input->kind);
		const size_t length = strlen(name);
		if (strncmp(word, name, length) != 0)
			continue;
		seen++;
		if (seen != (word[length] ? guest_number(word + length) : 1))
			continue;
		if (!input->device->started)
			qtest_die("%s is not started: say \"up %s\" first", word, word);
		return input;
	}
	qtest_die("there is no input device %s", word);
}

/* Everything up to the first quiet 20 ms, waiting up to MS for the first event. */
static void run_events(struct ph_guest_machine *machine, char **words, unsigned int count)
{
	struct ph_input *input = get_input(machine, words[0]);
	const uint64_t wait = (uint64_t)guest_number(words[1]) * 1000;
	uint64_t deadline = qtest_now_us() + wait;
	struct ph_input_event event;
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);
	bool any = false;
	if (!out)
		abort();
	for (;;) {
		if (!input_take(input, &event)) {
			if (qtest_now_us() > deadline)
				break;
			qtest_wait_us(&machine->qtest, 500);
			continue;
		}
		fprintf(
		    out, "%s%u:%u:%" PRId32, any ? " " : "", event.type, event.code, event.value);
		any = true;
		/* a report is complete: whatever is on its way has 20 ms */
		deadline = qtest_now_us() + (event.type == EV_SYN && wait > 20000 ? 20000 : wait);
	}
	fclose(out);
	guest_answer("%s", text);
	free(text);
}

static void run_status(struct ph_guest_machine *machine, char **words, unsigned int count)
{
	const struct ph_input_event event = {.type = (uint16_t)guest_number(words[1]),
	    .code = (uint16_t)guest_number(words[2]),
	    .value = (int32_t)guest_number(words[3])};
	input_send_status(get_input(machine, words[0]), &event);
	guest_answer("%s", "");
}

static void run_axis(struct ph_guest_machine *machine, char **words, unsigned int count)
{
	int32_t min, max;
	if (input_get_axis(get_input(machine, words[0]), guest_number(words[1]), &min, &max))
		guest_answer("%" PRId32 " %" PRId32, min, max);
	else
		guest_refuse("%s has no axis %s", words[0], words[1]);
}

/* Where the event queue lies in guest memory; for qtest-watch. */
static void run_queue(struct ph_guest_machine *machine, char **words, unsigned int count)
{
	const struct ph_virtqueue *queue = &get_input(machine, words[0])->device->queues[0];
	guest_answer("%u %" PRIu64 " %" PRIu64 " %" PRIu64, queue->size, queue->descriptors,
	    queue->available, queue->used);
}

const struct ph_guest_command guest_input_commands[] = {
    {"events", 2, 2, "INPUT MS: what came, as type:code:value in decimal", run_events},
    {"status", 4, 4, "INPUT TYPE CODE VALUE: tells the device, e.g. an LED", run_status},
    {"axis", 2, 2, "INPUT AXIS: smallest and largest value", run_axis},
    {"queue", 1, 1, "INPUT: size and addresses of its event queue, for qtest-watch", run_queue},
    {NULL, 0, 0, NULL, NULL},
};
