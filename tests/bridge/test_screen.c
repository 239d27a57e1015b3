// SPDX-License-Identifier: MIT
#include "chain.h"

#include <drm_fourcc.h>
#include <linux/input-event-codes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "display_channel.h"
#include "frame.h"

static const struct fake_options usual = {0};

TEST(start_and_heads)
{
	struct chain b;
	dev_t device;
	chain_start_bare(&b);
	chain_start_machine(&b, 2);
	chain_start_compositor(&b, &usual);
	check(b.ready);
	check(wl_client_has_dmabuf(b.client));
	check(wl_client_main_device(b.client, &device));
	check_uint(device, 0x1234);
	wl_client_set_state(b.client, PHYLLOME_GUEST_V1_STATE_RUNNING, "two\nlines");
	screen_set_client(b.screen, b.client);
	check_said(&b, "state 2 two\\x0alines; mode 2; leds 0; head 0; head 1; ");
	fake_monitor(b.fake, 1, "DELL U2720Q");
	fake_action(b.fake, PHYLLOME_GUEST_V1_ACTION_PAUSE);
	chain_settle(&b);
	check_str(b.monitor, "DELL U2720Q");
	check_uint(b.action, PHYLLOME_GUEST_V1_ACTION_PAUSE);
	hostile_set_absolute(&b.qemu, 0, true);
	hostile_set_modifiers(&b.qemu, 0, 4);
	check_said(&b, "mode 1; leds 2; ");
	hostile_remove_console(&b.qemu, 1);
	check_said(&b, "head 1 destroyed; ");
	hostile_add_console(&b.qemu, 2);
	check_said(&b, "head 2; ");
	chain_finish(&b);
}

TEST(not_the_guests_socket)
{
	struct chain b;
	chain_start_bare(&b);
	chain_start_compositor(&b, &(struct fake_options){.no_manager = true});
	check(!b.ready);
	check_contains(b.lost, "does not offer phyllome_guest_manager_v1");
	chain_finish(&b);
}

TEST(a_wrong_token)
{
	struct chain b;
	chain_start_bare(&b);
	b.fake = fake_start(b.event, b.path, &usual);
	b.client = wl_client_create(
	    b.event, chain_connect(&b), "nonsense", &chain_client_events, &b);
	chain_settle(&b);
	check(!b.ready);
	check_contains(b.lost, "phyllome_guest_manager_v1, error 0");
	chain_finish(&b);
}

TEST(the_size_goes_to_the_machine)
{
	struct chain b;
	chain_start(&b, &usual);
	fake_configure(b.fake, 0, 800, 600, 200, 150, true);
	chain_settle(&b);
	fake_configure(b.fake, 0, 800, 600, 200, 150, false);
	chain_settle(&b);
	check_str(b.qemu.calls, "Console.SetUIInfo(0: 200 150 0 0 800 600); ");
	/* a console that comes later is told too */
	hostile_add_console(&b.qemu, 1);
	chain_settle(&b);
	fake_configure(b.fake, 1, 0, 0, 0, 0, false);
	chain_settle(&b);
	check_contains(b.qemu.calls, "Console.SetUIInfo(1: 0 0 0 0 0 0); ");
	chain_finish(&b);
}

TEST(the_compositor_dies_and_comes_back)
{
	struct chain b;
	struct hostile_call call;
	char want[128];
	chain_start(&b, &usual);
	const int fds[2] = {chain_memory(8192), chain_memory(8192)};
	for (int i = 0; i < 2; i++) {
		hostile_scanout2(&b.qemu, 0, fds[i], 64, 32, DRM_FORMAT_XRGB8888, true);
		hostile_say(&b.qemu, 0, NULL, "", "UpdateDMABUF", "iiii", 0, 0, 64, 32);
		chain_settle(&b);
		fake_frame(b.fake, 0);
		fake_release(b.fake, 0);
		chain_settle(&b);
	}
	fake_focus(b.fake, true, 0);
	fake_key(b.fake, KEY_LEFTSHIFT, true);
	chain_settle(&b);
	b.qemu.calls[0] = '\0';
	hostile_update_dmabuf(&b.qemu, 0, &call);
	chain_settle(&b);
	check(!call.answered);
	fake_finish(b.fake);
	b.fake = NULL;
	chain_settle(&b);
	check_str(b.lost, "the compositor closed the connection");
	/* no key stays down, and the machine goes on slowly */
	check_str(b.qemu.calls, "Keyboard.Release(0: 42); ");
	chain_pass_time(&b, PH_FRAME_HIDDEN_US / 1000 + 300);
	check(call.answered);
	hostile_forget(&call);
	chain_start_compositor(&b, &usual);
	check(b.ready);
	screen_set_client(b.screen, b.client);
	chain_settle(&b);
	fake_configure(b.fake, 0, 640, 480, 160, 120, true);
	chain_settle(&b);
	(void)snprintf(want, sizeof(want),
	    "mode 2; leds 0; head 0; import 64x32 XR24 linear; commit 0 dmabuf %d full flipped; ",
	    (int)chain_inode(fds[1]));
	check_str(fake_said(b.fake), want);
	close(fds[0]);
	close(fds[1]);
	chain_finish(&b);
}

TEST(the_machine_dies_and_comes_back)
{
	struct chain b;
	chain_start(&b, &usual);
	const int fd = chain_memory(8192);
	hostile_scanout2(&b.qemu, 0, fd, 64, 32, DRM_FORMAT_XRGB8888, false);
	hostile_say(&b.qemu, 0, NULL, "", "UpdateDMABUF", "iiii", 0, 0, 64, 32);
	chain_settle(&b);
	(void)fake_said(b.fake);
	fake_focus(b.fake, true, 0);
	fake_key(b.fake, KEY_A, true);
	chain_settle(&b);
	hostile_finish(&b.qemu);
	check_said(&b, "commit 0 none; head 0 destroyed; mode 0; ");
	check_str(b.closed, "QEMU closed the display connection");
	check_int(fake_num_buffers(b.fake), 0);
	chain_start_machine(&b, 1);
	check_said(&b, "head 0; mode 2; leds 0; ");
	/* a key that was held in the old machine is not released in the new one */
	fake_key(b.fake, KEY_A, false);
	fake_key(b.fake, KEY_B, true);
	chain_settle(&b);
	check_str(b.qemu.calls, "Keyboard.Press(0: 48); ");
	close(fd);
	chain_finish(&b);
}

TEST(cursors)
{
	struct chain b;
	static uint32_t argb[64 * 64];
	chain_start(&b, &usual);
	hostile_say(&b.qemu, 0, NULL, "", "MouseSet", "iii", 0, 0, 0);
	check_said(&b, "cursor 0 none; ");
	for (int i = 0; i < 2000; i++) {
		sd_bus_message *m;
		check_op(sd_bus_message_new_method_call(b.qemu.consoles[0].listener, &m, NULL,
			     "/org/qemu/Display1/Listener", "org.qemu.Display1.Listener",
			     "CursorDefine"),
		    >=, 0);
		check_op(sd_bus_message_append(m, "iiii", 64, 64, i % 64, 7), >=, 0);
		check_op(sd_bus_message_append_array(m, 'y', argb, sizeof(argb)), >=, 0);
		check_op(sd_bus_message_set_expect_reply(m, 0), >=, 0);
		check_op(sd_bus_send(b.qemu.consoles[0].listener, m, NULL), >=, 0);
		sd_bus_message_unref(m);
		if (i == 0) {
			hostile_say(&b.qemu, 0, NULL, "", "MouseSet", "iii", 5, 5, 1);
		}
	}
	chain_settle(&b);
	chain_pass_time(&b, 50);
	const char *text = fake_said(b.fake);
	int shown = 0;
	for (const char *at = text; (at = strstr(at, "cursor 0 ")) != NULL; at++) {
		shown++;
	}
	check_op(shown, >=, 1);
	check_op(shown, <, 500);
	/* the last one won */
	check_op(strlen(text), >, 16);
	check_contains(text + strlen(text) - 16, "cursor 0 15,7; ");
	chain_finish(&b);
}

TEST(input_reaches_the_machine)
{
	struct chain b;
	chain_start(&b, &usual);
	const int fd = chain_memory(8192);
	hostile_scanout_map(&b.qemu, 0, NULL, fd, 0, 64, 32, 256, 0x20020888);
	hostile_set_absolute(&b.qemu, 0, true);
	chain_settle(&b);
	fake_key(b.fake, KEY_A, true); /* without focus */
	fake_focus(b.fake, true, 0);
	fake_key(b.fake, KEY_LEFTCTRL, true);
	fake_key(b.fake, KEY_C, true);
	fake_key(b.fake, KEY_C, false);
	fake_motion(b.fake, 0, 10.5, 20.5);
	fake_button(b.fake, BTN_LEFT, true);
	fake_axis(b.fake, false, -120);
	fake_touch(b.fake, 0, 0, 77, 1, 2);
	fake_touch(b.fake, 1, 0, 77, 3, 4);
	fake_touch(b.fake, 0, 0, 78, 5, 6);
	fake_touch(b.fake, 2, 0, 77, 0, 0);
	fake_touch(b.fake, 3, 0, 0, 0, 0);
	fake_touch(b.fake, 0, 0, 79, 5, 6);
	chain_settle(&b);
	check_str(b.qemu.calls,
	    "Keyboard.Press(0: 29); Keyboard.Press(0: 46); Keyboard.Release(0: 46); "
	    "Mouse.SetAbsPosition(0: 10 20); Mouse.Press(0: 0); Mouse.Press(0: 3); "
	    "Mouse.Release(0: 3); MultiTouch.SendEvent(0: 0 0 1 2); "
	    "MultiTouch.SendEvent(0: 1 0 3 4); MultiTouch.SendEvent(0: 0 1 5 6); "
	    "MultiTouch.SendEvent(0: 2 0 3 4); MultiTouch.SendEvent(0: 3 1 5 6); "
	    "MultiTouch.SendEvent(0: 0 0 5 6); ");
	b.qemu.calls[0] = '\0';
	fake_focus(b.fake, false, 0);
	chain_settle(&b);
	check_str(b.qemu.calls,
	    "Mouse.Release(0: 0); Keyboard.Release(0: 29); MultiTouch.SendEvent(0: 2 0 5 6); ");
	b.qemu.calls[0] = '\0';
	hostile_set_absolute(&b.qemu, 0, false);
	chain_settle(&b);
	fake_focus(b.fake, true, 0);
	fake_motion_relative(b.fake, 3, -4);
	chain_settle(&b);
	check_str(b.qemu.calls, "Mouse.RelMotion(0: 3 -4); ");
	close(fd);
	chain_finish(&b);
}

/* Of what was read at once only the end counts, but nothing overtakes anything. */
TEST(motion_that_comes_at_once_is_sent_once)
{
	struct chain b;
	chain_start(&b, &usual);
	const int fd = chain_memory(8192);
	hostile_set_absolute(&b.qemu, 0, true);
	hostile_scanout2(&b.qemu, 0, fd, 64, 32, DRM_FORMAT_XRGB8888, false);
	fake_focus(b.fake, true, 0);
	chain_settle(&b);
	b.qemu.calls[0] = '\0';
	for (int i = 0; i < 10; i++) {
		fake_motion(b.fake, 0, i, i);
	}
	fake_key(b.fake, KEY_A, true);
	fake_motion(b.fake, 0, 30, 31);
	fake_motion(b.fake, 0, 32, 31);
	fake_key(b.fake, KEY_A, false);
	fake_motion(b.fake, 0, 33, 31);
	chain_settle(&b);
	check_str(b.qemu.calls,
	    "Mouse.SetAbsPosition(0: 9 9); Keyboard.Press(0: 30); "
	    "Mouse.SetAbsPosition(0: 32 31); Keyboard.Release(0: 30); "
	    "Mouse.SetAbsPosition(0: 33 31); ");
	b.qemu.calls[0] = '\0';
	hostile_set_absolute(&b.qemu, 0, false);
	chain_settle(&b);
	for (int i = 0; i < 10; i++) {
		fake_motion_relative(b.fake, 1, -2);
	}
	chain_settle(&b);
	check_str(b.qemu.calls, "Mouse.RelMotion(0: 10 -20); ");
	close(fd);
	chain_finish(&b);
}

/* Its pictures and cursors pile up nowhere, and it is not given up for a second of silence. */
TEST(a_compositor_that_does_not_read)
{
	struct chain b;
	static uint8_t bytes[64 * 32 * 4];
	chain_start(&b, &usual);
	hostile_pixels(&b.qemu, 0, false, 0, 0, 64, 32, 256, 0x20020888, bytes, sizeof(bytes));
	chain_settle(&b);
	fake_pause(b.fake, true);
	for (int i = 0; i < 1000; i++) {
		hostile_pixels(
		    &b.qemu, 0, true, 0, 0, 64, 32, 256, 0x20020888, bytes, sizeof(bytes));
		if (i % 10 == 0) {
			chain_pass_time(&b, 10);
		}
	}
	check_op(screen_counts(b.screen).commits, <, 10);
	fake_pause(b.fake, false);
	chain_settle(&b);
	check_str(b.lost, "");
	fake_frame(b.fake, 0);
	fake_release(b.fake, 0);
	bytes[2] = 0x77;
	hostile_pixels(&b.qemu, 0, true, 0, 0, 64, 32, 256, 0x20020888, bytes, sizeof(bytes));
	chain_settle(&b);
	fake_frame(b.fake, 0);
	chain_settle(&b);
	check_uint(fake_pixel(b.fake, 0, 0, 0), 0xff770000);
	chain_finish(&b);
}
