// SPDX-License-Identifier: MIT
#include "chain.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "display_channel.h"
#include "frame.h"
#include "real_qemu.h"

/* The chain with the QEMU that is installed, and the compositor played. */

static void start(struct chain *b, struct real_qemu *real, const char *preload,
    const char *const *arguments, const struct fake_options *options)
{
	chain_start_bare(b);
	real_qemu_start(real, b->event, preload, arguments);
	chain_start_compositor(b, options);
	check(b->ready);
	screen_set_client(b->screen, b->client);
	b->display = display_channel_create(
	    b->event, real_qemu_add_client(real), screen_display_events(), b->screen);
	check(b->display != NULL);
	screen_set_display(b->screen, b->display);
	/* QEMU on a busy machine is silent for longer than it takes to settle. */
	char said[4096] = "";
	for (int tries = 0; tries < 200 && !strstr(said, "head 0; "); tries++) {
		chain_pass_time(b, 50);
		const size_t length = strlen(said);
		snprintf(said + length, sizeof(said) - length, "%s", fake_said(b->fake));
	}
	check_contains(said, "head 0; ");
	fake_configure(b->fake, 0, 640, 480, 160, 120, true);
	chain_settle(b);
}

static void finish(struct chain *b, struct real_qemu *real)
{
	screen_destroy(b->screen);
	wl_client_destroy(b->client);
	display_destroy(b->display);
	fake_finish(b->fake);
	real_qemu_finish(real);
	check(sd_event_unref(b->event) == NULL);
}

static const char *udmabuf(void)
{
	const char *path = getenv("PH_FAKE_UDMABUF");
	if (!path) {
		test_skip("PH_FAKE_UDMABUF does not name fake_udmabuf.so: run this through meson");
	}
	return path;
}

static int count(const char *text, const char *part)
{
	int found = 0;
	for (const char *at = text; (at = strstr(at, part)) != NULL; at++) {
		found++;
	}
	return found;
}

/* A compositor at 250 frames a second that releases what is not shown. */
static int handle_vblank(sd_event_source *source, uint64_t usec, void *data)
{
	struct chain *b = data;
	fake_frame(b->fake, 0);
	fake_release(b->fake, 0);
	(void)sd_event_source_set_time_relative(source, 4000);
	(void)sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
	return 0;
}

TEST_TIMEOUT(blobs_flip_and_each_is_shown_once, 60)
{
	static const char *const arguments[] = {"-display",
	    "dbus,p2p=on,gl=on,rendernode=/dev/null", "-device", "virtio-gpu-pci,blob=on", NULL};
	struct chain b;
	struct real_qemu real;
	sd_event_source *vblank;

	start(&b, &real, udmabuf(), arguments, &(struct fake_options){0});
	check_op(sd_event_add_time_relative(
		     b.event, &vblank, CLOCK_MONOTONIC, 4000, 100, handle_vblank, &b),
	    >=, 0);
	real_qemu_tell(&real, "create-blob 1 b8g8r8x8 640 480");
	real_qemu_tell(&real, "create-blob 2 b8g8r8x8 640 480");
	const struct ph_console_counts before = screen_counts(b.screen);
	(void)fake_said(b.fake);
	real_qemu_tell(&real, "flip 0 100 0 1 2");
	chain_pass_time(&b, 50);
	const struct ph_console_counts after = screen_counts(b.screen);
	const char *text = fake_said(b.fake);

	/* QEMU's Disable with each flip was not believed, nothing was skipped or shown twice */
	check(strstr(text, "none") == NULL);
	check_int(count(text, "commit 0 dmabuf"), 100);
	check_uint(after.updates - before.updates, 100);
	/* XB24 would be QEMU's placeholder, whose export to nowhere is a random descriptor */
	check_int(count(text, "import 640x480 XR24"), 2);
	check_uint(after.late_replies, 0);
	check_str(b.lost, "");
	sd_event_source_disable_unref(vblank);
	finish(&b, &real);
}

TEST_TIMEOUT(a_hidden_guest_flips_seldom, 60)
{
	static const char *const arguments[] = {"-display",
	    "dbus,p2p=on,gl=on,rendernode=/dev/null", "-device", "virtio-gpu-pci,blob=on", NULL};
	struct chain b;
	struct real_qemu real;

	start(&b, &real, udmabuf(), arguments, &(struct fake_options){0});
	fake_configure(b.fake, 0, 640, 480, 160, 120, false);
	chain_settle(&b);
	real_qemu_tell(&real, "create-blob 1 b8g8r8x8 640 480");
	real_qemu_tell(&real, "create-blob 2 b8g8r8x8 640 480");
	real_qemu_tell(&real, "scanout 0 2");
	real_qemu_tell(&real, "flush 2");
	const uint64_t start_time = test_now_us();
	real_qemu_tell(&real, "flip 0 5 0 1 2");
	const uint64_t took = test_now_us() - start_time;
	check_op(took, >=, 4 * (uint64_t)PH_FRAME_HIDDEN_US);
	check_op(took, <=, 9 * (uint64_t)PH_FRAME_HIDDEN_US);
	/* and QEMU itself is not slow */
	check_op(real_qemu_ping(&real), <, 500000);
	finish(&b, &real);
}

/*
 * A screen of 60 Hz with a plane: a commit is latched when no flip is pending,
 * is shown at the next vblank, and then the buffer before it is free.
 */
struct screen_model {
	struct chain *b;
	uint64_t next_vblank;
	bool flip_pending;
	int shown;
};

static int handle_millisecond(sd_event_source *source, uint64_t usec, void *data)
{
	struct screen_model *model = data;

	if (test_now_us() >= model->next_vblank) {
		model->next_vblank += 16667;
		if (model->flip_pending) {
			model->flip_pending = false;
			model->shown++;
			fake_release(model->b->fake, 0);
		}
	}
	if (!model->flip_pending && fake_frame(model->b->fake, 0) > 0) {
		model->flip_pending = true;
	}
	(void)sd_event_source_set_time_relative(source, 1000);
	(void)sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
	return 0;
}

/*
 * Two buffers or three: each frame is shown once, and the guest is not faster
 * than the screen. That it is not slower either is in test_frame.c, where no
 * other load of the machine counts; the rate here is for a person to read.
 */
TEST_TIMEOUT(a_fast_guest_is_held_to_the_rate_of_the_screen, 60)
{
	static const char *const arguments[] = {"-display",
	    "dbus,p2p=on,gl=on,rendernode=/dev/null", "-device", "virtio-gpu-pci,blob=on", NULL};
	struct chain b;
	struct real_qemu real;
	sd_event_source *timer;

	start(&b, &real, udmabuf(), arguments, &(struct fake_options){0});
	struct screen_model model = {.b = &b, .next_vblank = test_now_us()};
	check_op(sd_event_add_time_relative(
		     b.event, &timer, CLOCK_MONOTONIC, 1000, 100, handle_millisecond, &model),
	    >=, 0);
	real_qemu_tell(&real, "create-blob 1 b8g8r8x8 640 480");
	real_qemu_tell(&real, "create-blob 2 b8g8r8x8 640 480");
	real_qemu_tell(&real, "create-blob 3 b8g8r8x8 640 480");
	static const char *const flips[] = {"flip 0 120 0 1 2", "flip 0 120 0 1 2 3"};
	for (int i = 0; i < 2; i++) {
		real_qemu_tell(&real, "scanout 0 3");
		real_qemu_tell(&real, "flush 3");
		do {
			chain_pass_time(&b, 50);
		} while (model.flip_pending);
		model.shown = 0;
		const uint64_t start_time = test_now_us();
		real_qemu_tell(&real, flips[i]);
		const uint64_t took = test_now_us() - start_time;
		do {
			chain_pass_time(&b, 50);
		} while (model.flip_pending);
		printf("%s: %.1f frames a second\n", flips[i], 120e6 / (double)took);
		check_int(model.shown, 120);
		check_op(took, >=, 1900000);
	}
	check_uint(screen_counts(b.screen).late_replies, 0);
	sd_event_source_disable_unref(timer);
	finish(&b, &real);
}

TEST_TIMEOUT(maps_without_a_descriptor_become_bytes, 60)
{
	/* blob=on without gl: QEMU sends its standard input as the map */
	static const char *const arguments[] = {"-display", "dbus,p2p=on", "-device",
	    "virtio-gpu-pci,blob=on", NULL};
	struct chain b;
	struct real_qemu real;

	start(&b, &real, udmabuf(), arguments, &(struct fake_options){.no_dmabuf = true});
	real_qemu_tell(&real, "create-blob 1 b8g8r8x8 640 480");
	real_qemu_tell(&real, "scanout 0 1");
	fake_frame(b.fake, 0);
	chain_pass_time(&b, 100);
	fake_frame(b.fake, 0);
	(void)fake_said(b.fake);
	real_qemu_tell(&real, "flush 1");
	chain_pass_time(&b, 200);
	check_contains(fake_said(b.fake), "commit 0 shm 640x480");
	check_str(b.lost, "");
	check_str(b.closed, "");
	finish(&b, &real);
}

TEST_TIMEOUT(maps_and_their_pixels, 60)
{
	static const char *const arguments[] = {
	    "-display", "dbus,p2p=on", "-device", "virtio-gpu-pci,max_outputs=2", NULL};
	struct chain b;
	struct real_qemu real;

	start(&b, &real, NULL, arguments, &(struct fake_options){.no_dmabuf = true});
	real_qemu_tell(&real, "create-2d 1 b8g8r8x8 640 480");
	real_qemu_tell(&real, "fill 1 0x00123456 0 0 640 480");
	real_qemu_tell(&real, "transfer 1");
	real_qemu_tell(&real, "scanout 0 1");
	real_qemu_tell(&real, "flush 1");
	chain_pass_time(&b, 100);
	fake_frame(b.fake, 0);
	chain_pass_time(&b, 100);
	check_contains(fake_said(b.fake), "commit 0 shm 640x480");
	check_uint(fake_pixel(b.fake, 0, 639, 479) & 0xffffff, 0x123456);
	finish(&b, &real);
}

/* QEMU stands still while it registers a listener; here for as long as a turn of our loop. */
TEST_TIMEOUT(registration_does_not_stop_the_machine, 60)
{
	static const char *const arguments[] = {
	    "-display", "dbus,p2p=on", "-device", "virtio-gpu-pci,max_outputs=16", NULL};
	struct chain b;
	struct real_qemu real;
	uint64_t longest = 0;

	chain_start_bare(&b);
	real_qemu_start(&real, b.event, NULL, arguments);
	chain_start_compositor(&b, &(struct fake_options){.no_dmabuf = true});
	for (int i = 0; i < 5; i++) {
		b.display = display_channel_create(
		    b.event, real_qemu_add_client(&real), screen_display_events(), b.screen);
		check(b.display != NULL);
		screen_set_display(b.screen, b.display);
		for (int k = 0; k < 10; k++) {
			const uint64_t took = real_qemu_ping(&real);
			longest = took > longest ? took : longest;
		}
		chain_settle(&b);
		screen_set_display(b.screen, NULL);
		display_destroy(b.display);
		b.display = NULL;
	}
	printf("longest answer: %.1f ms\n", (double)longest / 1000);
	check_op(longest, <, 2000000);
	finish(&b, &real);
}
