// SPDX-License-Identifier: MIT
#include "input.h"

#include <linux/input-event-codes.h>
#include <math.h>

#include "test.h"

TEST(keys_to_qnum)
{
	static const struct {
		uint32_t code, qnum;
	} cases[] = {
	    {KEY_RESERVED, 0},
	    {KEY_ESC, 0x01},
	    {KEY_A, 0x1e},
	    {KEY_ENTER, 0x1c},
	    {KEY_SPACE, 0x39},
	    {KEY_KPDOT, 0x53},
	    {KEY_ZENKAKUHANKAKU, 0x76},
	    {KEY_102ND, 0x56},
	    {KEY_F11, 0x57},
	    {KEY_F12, 0x58},
	    {KEY_RO, 0x73},
	    {KEY_KPENTER, 0x9c},
	    {KEY_RIGHTCTRL, 0x9d},
	    {KEY_SYSRQ, 0x54},
	    {KEY_RIGHTALT, 0xb8},
	    {KEY_HOME, 0xc7},
	    {KEY_UP, 0xc8},
	    {KEY_LEFT, 0xcb},
	    {KEY_RIGHT, 0xcd},
	    {KEY_DOWN, 0xd0},
	    {KEY_DELETE, 0xd3},
	    {KEY_PAUSE, 0xc6},
	    {KEY_LEFTMETA, 0xdb},
	    {KEY_RIGHTMETA, 0xdc},
	    {KEY_COMPOSE, 0xdd},
	    {KEY_YEN, 0x7d},
	    {147, 0x93},
	    {KEY_F13, 0x5d},
	    {KEY_F24, 0x6f},
	    {170, 0},
	    {239, 0xf4},
	    {240, 0},
	    {KEY_MICMUTE, 0},
	    {BTN_LEFT, 0},
	    {UINT32_MAX, 0},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		check_uint(input_qnum(cases[i].code), cases[i].qnum);
	}
	for (uint32_t code = KEY_ESC; code <= 84; code++) {
		check_uint(input_qnum(code), code);
	}
}

TEST(no_two_keys_share_a_number)
{
	int users[256] = {0};
	for (uint32_t code = 0; code < 300; code++) {
		check_op(input_qnum(code), <, 256);
		users[input_qnum(code)]++;
	}
	for (int qnum = 1; qnum < 256; qnum++) {
		/* 84 is no key of a keyboard; Print has its number */
		check_op(users[qnum], <=, qnum == 0x54 ? 2 : 1);
	}
}

TEST(buttons)
{
	check_int(input_button(BTN_LEFT), 0);
	check_int(input_button(BTN_MIDDLE), 1);
	check_int(input_button(BTN_RIGHT), 2);
	check_int(input_button(BTN_SIDE), 5);
	check_int(input_button(BTN_EXTRA), 6);
	check_int(input_button(BTN_TASK), -1);
	check_int(input_button(KEY_A), -1);
	check_int(input_button(UINT32_MAX), -1);
}

TEST(nothing_is_pressed_without_focus)
{
	struct ph_input input = {0};
	uint32_t console = 99;
	check(!input_press(&input, PH_HELD_KEY, KEY_A, true, &console));
	input_focus_in(&input, 2);
	check(input_press(&input, PH_HELD_KEY, KEY_A, true, &console));
	check_uint(console, 2);
	/* no second press, one release */
	check(!input_press(&input, PH_HELD_KEY, KEY_A, true, &console));
	check(input_press(&input, PH_HELD_KEY, KEY_A, false, &console));
	check(!input_press(&input, PH_HELD_KEY, KEY_A, false, &console));
}

TEST(focus_out_releases_all)
{
	struct ph_input input = {0};
	struct ph_held held;
	uint32_t console;
	int32_t slot;
	input_focus_in(&input, 1);
	check(input_press(&input, PH_HELD_KEY, KEY_LEFTCTRL, true, &console));
	check(input_press(&input, PH_HELD_KEY, KEY_C, true, &console));
	check(input_press(&input, PH_HELD_BUTTON, BTN_LEFT, true, &console));
	check(input_touch_down(&input, 1, 42, &slot));
	input_focus_out(&input);
	check(input_release_next(&input, &held));
	check_int(held.kind, PH_HELD_BUTTON);
	check_uint(held.code, BTN_LEFT);
	check(input_release_next(&input, &held));
	check_uint(held.code, KEY_C);
	check_uint(held.console, 1);
	check(input_release_next(&input, &held));
	check_uint(held.code, KEY_LEFTCTRL);
	check(input_release_next(&input, &held));
	check_int(held.kind, PH_HELD_TOUCH);
	check_int((int)held.code, slot);
	check(!input_release_next(&input, &held));
	/* the person lets go later: nothing more is sent */
	check(!input_press(&input, PH_HELD_KEY, KEY_C, false, &console));
	check(!input_touch_up(&input, 42, &console, &slot));
}

TEST(a_release_goes_where_the_press_went)
{
	struct ph_input input = {0};
	uint32_t console;
	input_focus_in(&input, 0);
	check(input_press(&input, PH_HELD_KEY, KEY_A, true, &console));
	input_focus_in(&input, 1);
	check(input_press(&input, PH_HELD_KEY, KEY_A, false, &console));
	check_uint(console, 0);
}

TEST(what_cannot_be_remembered_is_not_pressed)
{
	struct ph_input input = {0};
	struct ph_held held;
	uint32_t console, pressed = 0, let_go = 0;
	input_focus_in(&input, 0);
	for (uint32_t code = 1; code <= 200; code++) {
		pressed += input_press(&input, PH_HELD_KEY, code, true, &console) ? 1 : 0;
	}
	check_uint(pressed, PH_INPUT_MAX_HELD);
	input_focus_out(&input);
	while (input_release_next(&input, &held)) {
		let_go++;
	}
	check_uint(let_go, pressed);
}

TEST(fingers)
{
	struct ph_input input = {0};
	uint32_t console;
	int32_t slot;
	check(!input_touch_down(&input, 0, 1, &slot));
	input_focus_in(&input, 0);
	for (int32_t id = 0; id < PH_INPUT_MAX_SLOTS; id++) {
		check(input_touch_down(&input, 3, id * 1000 - 7, &slot));
		check_int(slot, id);
	}
	check(!input_touch_down(&input, 3, 55555, &slot));
	check(!input_touch_down(&input, 3, -7, &slot));
	check(input_touch_up(&input, 1993, &console, &slot));
	check_int(slot, 2);
	check_uint(console, 3);
	check(!input_touch_find(&input, 1993, &console, &slot));
	check(input_touch_down(&input, 4, 55555, &slot));
	check_int(slot, 2);
	check(input_touch_find(&input, 55555, &console, &slot));
	check_uint(console, 4);
	check(input_touch_cancel(&input, &console));
	check_uint(console, 3);
	check(input_touch_cancel(&input, &console));
	check_uint(console, 4);
	check(!input_touch_cancel(&input, &console));
}

TEST(wheel)
{
	struct ph_wheel wheel = {0};
	check_int(wheel_add(&wheel, false, 120), 1);
	check_int(wheel_add(&wheel, false, -120), -1);
	/* a fine wheel: eight steps of 15 */
	for (int i = 0; i < 7; i++) {
		check_int(wheel_add(&wheel, false, 15), 0);
	}
	check_int(wheel_add(&wheel, false, 15), 1);
	/* both axes apart */
	check_int(wheel_add(&wheel, true, 60), 0);
	check_int(wheel_add(&wheel, false, 60), 0);
	check_int(wheel_add(&wheel, true, 60), 1);
	/* turning back forgets what was left */
	check_int(wheel_add(&wheel, false, -60), 0);
	check_int(wheel_add(&wheel, false, -60), -1);
	check_int(wheel_add(&wheel, false, 250), 2);
	check_int(wheel_add(&wheel, false, 110), 1);
	check_int(wheel_add(&wheel, false, INT32_MAX), PH_WHEEL_MAX_CLICKS);
	check_int(wheel_add(&wheel, false, INT32_MIN), -PH_WHEEL_MAX_CLICKS);
}

TEST(parts_of_a_pixel)
{
	struct ph_motion motion = {0};
	int32_t x, y;
	check(!motion_add(&motion, 0.25, -0.25, &x, &y));
	check(!motion_add(&motion, 0.5, -0.5, &x, &y));
	check(motion_add(&motion, 0.25, -0.25, &x, &y));
	check_int(x, 1);
	check_int(y, -1);
	check(motion_add(&motion, 3.75, 0, &x, &y));
	check_int(x, 3);
	check_int(y, 0);
	check(!motion_add(&motion, NAN, INFINITY, &x, &y));
	check(!motion_add(&motion, 1e300, -1e300, &x, &y));
	check(motion_add(&motion, 0.25, 0, &x, &y));
	check_int(x, 1);
}

TEST(positions_are_clamped)
{
	check_uint(input_clamp(0, 100), 0);
	check_uint(input_clamp(99.99, 100), 99);
	check_uint(input_clamp(100, 100), 99);
	check_uint(input_clamp(1e300, 100), 99);
	check_uint(input_clamp(-0.5, 100), 0);
	check_uint(input_clamp(-1e300, 100), 0);
	check_uint(input_clamp(NAN, 100), 0);
	check_uint(input_clamp(5, 0), 0);
}
