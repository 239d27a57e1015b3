// SPDX-License-Identifier: MIT
#include "input.h"

#include <linux/input-event-codes.h>
#include <math.h>

/*
 * evdev code to XT set 1 scancode, with 0x80 added where the code has an 0xe0
 * prefix; the numbers that QEMU calls "qnum". The first 88 are the same.
 */
static const uint8_t qnums[240] = {
    /*   0 */ 0x00, 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08, 0x09,
    /*  10 */ 0x0a, 0x0b, 0x0c, 0x0d, 0x0e, 0x0f, 0x10, 0x11, 0x12, 0x13,
    /*  20 */ 0x14, 0x15, 0x16, 0x17, 0x18, 0x19, 0x1a, 0x1b, 0x1c, 0x1d,
    /*  30 */ 0x1e, 0x1f, 0x20, 0x21, 0x22, 0x23, 0x24, 0x25, 0x26, 0x27,
    /*  40 */ 0x28, 0x29, 0x2a, 0x2b, 0x2c, 0x2d, 0x2e, 0x2f, 0x30, 0x31,
    /*  50 */ 0x32, 0x33, 0x34, 0x35, 0x36, 0x37, 0x38, 0x39, 0x3a, 0x3b,
    /*  60 */ 0x3c, 0x3d, 0x3e, 0x3f, 0x40, 0x41, 0x42, 0x43, 0x44, 0x45,
    /*  70 */ 0x46, 0x47, 0x48, 0x49, 0x4a, 0x4b, 0x4c, 0x4d, 0x4e, 0x4f,
    /*  80 */ 0x50, 0x51, 0x52, 0x53, 0x54, 0x76, 0x56, 0x57, 0x58, 0x73,
    /*  90 */ 0x78, 0x77, 0x79, 0x70, 0x7b, 0x5c, 0x9c, 0x9d, 0xb5, 0x54,
    /* 100 */ 0xb8, 0x5b, 0xc7, 0xc8, 0xc9, 0xcb, 0xcd, 0xcf, 0xd0, 0xd1,
    /* 110 */ 0xd2, 0xd3, 0xef, 0xa0, 0xae, 0xb0, 0xde, 0x59, 0xce, 0xc6,
    /* 120 */ 0x8b, 0x7e, 0x72, 0x71, 0x7d, 0xdb, 0xdc, 0xdd, 0xe8, 0x85,
    /* 130 */ 0x86, 0x87, 0x8c, 0xf8, 0x64, 0x65, 0xc1, 0xbc, 0xf5, 0x9e,
    /* 140 */ 0xa1, 0x66, 0xdf, 0xe3, 0x67, 0x68, 0x69, 0x93, 0x9f, 0x97,
    /* 150 */ 0x82, 0x6a, 0x92, 0x6b, 0xa6, 0xec, 0xe6, 0xeb, 0xea, 0xe9,
    /* 160 */ 0xa3, 0x6c, 0xfd, 0x99, 0xa2, 0x90, 0xa4, 0xb1, 0x98, 0x63,
    /* 170 */ 0x00, 0x81, 0xb2, 0xe7, 0x00, 0x00, 0x88, 0x75, 0x8f, 0xf6,
    /* 180 */ 0xfb, 0x89, 0x8a, 0x5d, 0x5e, 0x5f, 0x55, 0x83, 0xf7, 0x84,
    /* 190 */ 0x5a, 0x74, 0xf9, 0x6d, 0x6f, 0x95, 0x96, 0x9a, 0x9b, 0xa7,
    /* 200 */ 0xa8, 0xa9, 0xab, 0xac, 0xad, 0xa5, 0xaf, 0xb3, 0xb4, 0xb6,
    /* 210 */ 0xb9, 0xba, 0xbb, 0xbd, 0xbe, 0xbf, 0xc0, 0xe5, 0xc2, 0xc3,
    /* 220 */ 0xc4, 0xc5, 0x94, 0xca, 0xcc, 0xd4, 0xed, 0xd6, 0xd7, 0xd8,
    /* 230 */ 0xd9, 0xda, 0xe4, 0x8e, 0xd5, 0xf0, 0xf1, 0xf2, 0xf3, 0xf4,
};

#define DETENT 120

uint32_t input_qnum(uint32_t code)
{
	return code < sizeof(qnums) / sizeof(qnums[0]) ? qnums[code] : 0;
}

int input_button(uint32_t code)
{
	switch (code) {
	case BTN_LEFT:
		return 0;
	case BTN_MIDDLE:
		return 1;
	case BTN_RIGHT:
		return 2;
	case BTN_SIDE:
	case BTN_BACK:
		return 5;
	case BTN_EXTRA:
	case BTN_FORWARD:
		return 6;
	default:
		return -1;
	}
}

void input_focus_in(struct ph_input *input, uint32_t console)
{
	input->focused = true;
	input->focus = console;
}

void input_focus_out(struct ph_input *input)
{
	input->focused = false;
}

bool input_release_next(struct ph_input *input, struct ph_held *out)
{
	if (input->num_held > 0) {
		/* the last pressed goes first: modifiers stay down around what they modify */
		*out = input->held[--input->num_held];
		return true;
	}
	for (int slot = 0; slot < PH_INPUT_MAX_SLOTS; slot++) {
		if (input->slots[slot].down) {
			input->slots[slot].down = false;
			*out = (struct ph_held){.kind = PH_HELD_TOUCH,
			    .console = input->slots[slot].console,
			    .code = (uint32_t)slot};
			return true;
		}
	}
	return false;
}

bool input_press(struct ph_input *input, enum ph_held_kind kind, uint32_t code, bool pressed,
    uint32_t *console)
{
	int at = 0;
	while (at < input->num_held &&
	       (input->held[at].kind != kind || input->held[at].code != code)) {
		at++;
	}
	const bool held = at < input->num_held;
	if (pressed == held) {
		return false;
	}
	if (!pressed) {
		*console = input->held[at].console;
		input->num_held--;
		for (; at < input->num_held; at++) {
			input->held[at] = input->held[at + 1];
		}
		return true;
	}
	if (!input->focused || input->num_held == PH_INPUT_MAX_HELD) {
		return false;
	}
	*console = input->focus;
	input->held[input->num_held++] =
	    (struct ph_held){.kind = kind, .console = input->focus, .code = code};
	return true;
}

bool input_touch_find(const struct ph_input *input, int32_t id, uint32_t *console, int32_t *slot)
{
	for (int i = 0; i < PH_INPUT_MAX_SLOTS; i++) {
		if (input->slots[i].down && input->slots[i].id == id) {
			*console = input->slots[i].console;
			*slot = i;
			return true;
		}
	}
	return false;
}

bool input_touch_down(struct ph_input *input, uint32_t console, int32_t id, int32_t *slot)
{
	uint32_t where;
	if (!input->focused || input_touch_find(input, id, &where, slot)) {
		return false;
	}
	for (int i = 0; i < PH_INPUT_MAX_SLOTS; i++) {
		if (!input->slots[i].down) {
			input->slots[i].down = true;
			input->slots[i].id = id;
			input->slots[i].console = console;
			*slot = i;
			return true;
		}
	}
	return false;
}

bool input_touch_up(struct ph_input *input, int32_t id, uint32_t *console, int32_t *slot)
{
	if (!input_touch_find(input, id, console, slot)) {
		return false;
	}
	input->slots[*slot].down = false;
	return true;
}

bool input_touch_cancel(struct ph_input *input, uint32_t *console)
{
	bool any = false;
	for (int i = 0; i < PH_INPUT_MAX_SLOTS; i++) {
		if (input->slots[i].down && (!any || input->slots[i].console == *console)) {
			input->slots[i].down = false;
			*console = input->slots[i].console;
			any = true;
		}
	}
	return any;
}

int wheel_add(struct ph_wheel *wheel, bool horizontal, int32_t value120)
{
	int32_t *rest = &wheel->rest[horizontal ? 1 : 0];
	const int32_t limit = PH_WHEEL_MAX_CLICKS * DETENT;

	if ((*rest > 0 && value120 < 0) || (*rest < 0 && value120 > 0)) {
		*rest = 0;
	}
	if (value120 > limit) {
		value120 = limit;
	} else if (value120 < -limit) {
		value120 = -limit;
	}
	const int32_t sum = *rest + value120;
	int clicks = sum / DETENT;
	*rest = sum % DETENT;
	if (clicks > PH_WHEEL_MAX_CLICKS) {
		clicks = PH_WHEEL_MAX_CLICKS;
	} else if (clicks < -PH_WHEEL_MAX_CLICKS) {
		clicks = -PH_WHEEL_MAX_CLICKS;
	}
	return clicks;
}

static int32_t take_whole(double *sum, double delta)
{
	if (!isfinite(delta) || fabs(delta) > 65536) {
		return 0;
	}
	*sum += delta;
	const double whole = trunc(*sum);
	*sum -= whole;
	return (int32_t)whole;
}

bool motion_add(struct ph_motion *motion, double dx, double dy, int32_t *out_x, int32_t *out_y)
{
	*out_x = take_whole(&motion->x, dx);
	*out_y = take_whole(&motion->y, dy);
	return *out_x != 0 || *out_y != 0;
}

uint32_t input_clamp(double position, uint32_t size)
{
	if (size == 0 || !(position > 0)) {
		return 0;
	}
	if (position >= size) {
		return size - 1;
	}
	return (uint32_t)position;
}
