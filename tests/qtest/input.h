/* SPDX-License-Identifier: MIT */
/* The driver's side of one virtio-input device. */
#ifndef PH_TEST_INPUT_H
#define PH_TEST_INPUT_H

#include "virtio.h"

enum ph_input_kind {
	PH_INPUT_OTHER,
	PH_INPUT_KEYBOARD,
	PH_INPUT_MOUSE,
	PH_INPUT_TABLET,
	PH_INPUT_TOUCH,
};

struct ph_input_event {
	uint16_t type, code;
	int32_t value;
};

struct ph_input {
	struct ph_virtio *device;
	enum ph_input_kind kind;
	char name[128];
	uint64_t events; /* one page of event buffers, by number of descriptor */
	uint64_t status;
};

/* Reads what kind of device it is; the driver is not started by that. */
void input_identify(struct ph_input *input, struct ph_virtio *device);

/* Starts the driver and posts a buffer for every place of the event queue. */
void input_start(struct ph_input *input);

/* Takes the next event of the device, if there is one. */
bool input_take(struct ph_input *input, struct ph_input_event *event);

/* Tells the device something, as a guest does with its LEDs (EV_LED). */
void input_send_status(struct ph_input *input, const struct ph_input_event *event);

/* Smallest and largest value of an axis (ABS_*); false if it has none. */
bool input_get_axis(struct ph_input *input, unsigned int axis, int32_t *min, int32_t *max);

/* One word for a kind, as the commands call it. */
const char *input_kind_name(enum ph_input_kind kind);

#endif
