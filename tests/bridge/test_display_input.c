// SPDX-License-Identifier: MIT
#include "display_bench.h"

#include <drm_fourcc.h>
#include <linux/input-event-codes.h>
#include <unistd.h>

TEST(keys_and_buttons)
{
	struct bench b;
	bench_start(&b, 2);
	const struct ph_display_impl *impl = b.display->impl;
	impl->key(b.display, 0, KEY_A, true);
	impl->key(b.display, 0, KEY_A, false);
	impl->key(b.display, 1, KEY_RIGHTCTRL, true);
	impl->key(b.display, 0, KEY_MICMUTE, true);
	impl->button(b.display, 1, BTN_RIGHT, true);
	impl->button(b.display, 1, BTN_TASK, true);
	impl->axis(b.display, 0, false, 120);
	impl->axis(b.display, 0, true, -240);
	check_calls(&b,
	    "Keyboard.Press(0: 30); Keyboard.Release(0: 30); Keyboard.Press(1: 157); "
	    "Mouse.Press(1: 2); Mouse.Press(0: 4); Mouse.Release(0: 4); Mouse.Press(0: 7); "
	    "Mouse.Release(0: 7); Mouse.Press(0: 7); Mouse.Release(0: 7); ");
	check_uint(b.qemu.wanted_replies, 0);
	bench_finish(&b);
}

TEST(the_pointer_as_the_guest_wants_it)
{
	struct bench b;
	bench_start(&b, 1);
	const struct ph_display_impl *impl = b.display->impl;
	const int fd = bench_memory(8192);
	hostile_scanout2(&b.qemu, 0, fd, 64, 32, DRM_FORMAT_XRGB8888, false);
	bench_settle(&b);
	b.said[0] = '\0';
	impl->motion_absolute(b.display, 0, 3, 4);
	impl->motion_relative(b.display, 0, 0.5, 0);
	impl->motion_relative(b.display, 0, 0.5, -2);
	check_calls(&b, "Mouse.RelMotion(0: 1 -2); ");
	hostile_set_absolute(&b.qemu, 0, true);
	bench_settle(&b);
	check_said(&b, "mode 1; ");
	impl->motion_relative(b.display, 0, 5, 5);
	impl->motion_absolute(b.display, 0, 3.9, 4.9);
	impl->motion_absolute(b.display, 0, 3.1, 4.1);
	impl->motion_absolute(b.display, 0, 64, -1);
	impl->motion_absolute(b.display, 0, 1e9, 1e9);
	check_calls(&b,
	    "Mouse.SetAbsPosition(0: 3 4); Mouse.SetAbsPosition(0: 63 0); "
	    "Mouse.SetAbsPosition(0: 63 31); ");
	hostile_set_absolute(&b.qemu, 0, false);
	hostile_set_modifiers(&b.qemu, 0, 6);
	bench_settle(&b);
	check_said(&b, "mode 2; leds 3; ");
	close(fd);
	bench_finish(&b);
}

TEST(fingers)
{
	struct bench b;
	bench_start(&b, 1);
	const struct ph_display_impl *impl = b.display->impl;
	const int fd = bench_memory(8192);
	hostile_scanout2(&b.qemu, 0, fd, 64, 32, DRM_FORMAT_XRGB8888, false);
	bench_settle(&b);
	impl->touch_down(b.display, 0, 0, 1, 2);
	impl->touch_down(b.display, 0, 0, 9, 9);
	impl->touch_down(b.display, 0, 10, 9, 9);
	impl->touch_down(b.display, 0, -1, 9, 9);
	impl->touch_motion(b.display, 0, 1, 9, 9);
	impl->touch_motion(b.display, 0, 0, 1000, 5);
	impl->touch_up(b.display, 0, 0);
	impl->touch_up(b.display, 0, 0);
	impl->touch_down(b.display, 0, 9, 3, 3);
	impl->touch_cancel(b.display, 0);
	check_calls(&b,
	    "MultiTouch.SendEvent(0: 0 0 1 2); MultiTouch.SendEvent(0: 1 0 63 5); "
	    "MultiTouch.SendEvent(0: 2 0 63 5); MultiTouch.SendEvent(0: 0 9 3 3); "
	    "MultiTouch.SendEvent(0: 3 9 3 3); ");
	close(fd);
	bench_finish(&b);
}

TEST(sizes_are_told_when_they_change)
{
	struct bench b;
	bench_start(&b, 2);
	const struct ph_display_impl *impl = b.display->impl;
	impl->set_size(b.display, 0, 1920, 1080, 520, 290, 60000);
	impl->set_size(b.display, 0, 1920, 1080, 520, 290, 75000);
	impl->set_size(b.display, 1, 800, 600, 70000, 0, 0);
	/* the second monitor can be unplugged, the first cannot */
	impl->set_size(b.display, 0, 0, 0, 0, 0, 0);
	impl->set_size(b.display, 1, 0, 0, 0, 0, 0);
	impl->set_size(b.display, 1, 800, 600, 0, 0, 0);
	impl->set_size(b.display, 0, 1000000, 1, 0, 0, 0);
	check_calls(&b,
	    "Console.SetUIInfo(0: 520 290 0 0 1920 1080); "
	    "Console.SetUIInfo(1: 65535 0 0 0 800 600); Console.SetUIInfo(1: 0 0 0 0 0 0); "
	    "Console.SetUIInfo(1: 0 0 0 0 800 600); ");
	bench_finish(&b);
}

TEST(a_machine_that_does_not_read)
{
	struct bench b;
	bench_start(&b, 1);
	const struct ph_display_impl *impl = b.display->impl;
	check_op(sd_bus_detach_event(b.qemu.bus), >=, 0);
	impl->key(b.display, 0, KEY_A, true);
	for (int i = 0; i < 200000; i++) {
		impl->motion_relative(b.display, 0, 1, 1);
		if (i % 1000 == 0) {
			(void)sd_event_run(b.event, 0);
		}
	}
	impl->key(b.display, 0, KEY_A, false);
	check_op(sd_bus_attach_event(b.qemu.bus, b.event, SD_EVENT_PRIORITY_NORMAL), >=, 0);
	bench_settle(&b);
	/* what the socket held, a bounded queue, and the release */
	check_op(b.qemu.num_calls, <, 3000);
	b.qemu.calls[0] = '\0';
	impl->key(b.display, 0, KEY_B, true);
	check_calls(&b, "Keyboard.Press(0: 48); ");
	bench_finish(&b);
}
