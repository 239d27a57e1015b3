// SPDX-License-Identifier: MIT
#include "chain.h"

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "display_channel.h"
#include "log.h"
#include "unix_socket.h"

static void on_ready(void *data)
{
	struct chain *b = data;
	b->ready = true;
}

static void on_lost(void *data, const char *reason)
{
	struct chain *b = data;
	(void)snprintf(b->lost, sizeof(b->lost), "%s", reason);
	screen_set_client(b->screen, NULL);
	wl_client_destroy(b->client);
	b->client = NULL;
}

static void on_action(void *data, uint32_t action)
{
	struct chain *b = data;
	b->action = action;
}

static void on_monitor(void *data, uint32_t console, const char *name)
{
	struct chain *b = data;
	check_uint(console, 1);
	(void)snprintf(b->monitor, sizeof(b->monitor), "%s", name);
}

const struct ph_wl_client_events chain_client_events = {
    .ready = on_ready,
    .lost = on_lost,
    .action = on_action,
    .monitor = on_monitor,
};

static void on_closed(void *data, const char *reason)
{
	struct chain *b = data;
	(void)snprintf(b->closed, sizeof(b->closed), "%s", reason);
	screen_set_display(b->screen, NULL);
	display_destroy(b->display);
	b->display = NULL;
}

void chain_settle(struct chain *b)
{
	int r;
	while ((r = sd_event_run(b->event, 20000)) > 0) {
	}
	check_int(r, 0);
}

void chain_pass_time(struct chain *b, unsigned int ms)
{
	const uint64_t end = test_now_us() + ms * UINT64_C(1000);
	for (uint64_t now; (now = test_now_us()) < end;) {
		check_op(sd_event_run(b->event, end - now), >=, 0);
	}
}

int chain_connect(const struct chain *b)
{
	const int fd = unix_socket_connect(test_dir(), "s");
	check_op(fd, >=, 0);
	return fd;
}

void chain_start_compositor(struct chain *b, const struct fake_options *options)
{
	b->fake = fake_start(b->event, b->path, options);
	b->client = wl_client_create(
	    b->event, chain_connect(b), FAKE_TOKEN, &chain_client_events, b);
	check(b->client != NULL);
	b->ready = false;
	chain_settle(b);
}

void chain_start_bare(struct chain *b)
{
	memset(b, 0, sizeof(*b));
	log_init(PH_LOG_DEBUG, "test");
	check_op(sd_event_new(&b->event), >=, 0);
	(void)snprintf(b->path, sizeof(b->path), "%s/s", test_dir());
	b->screen = screen_create(b->event, on_closed, b);
}

void chain_start_machine(struct chain *b, int consoles)
{
	const int fd = hostile_start(&b->qemu, b->event, consoles);
	b->display = display_channel_create(b->event, fd, screen_display_events(), b->screen);
	check(b->display != NULL);
	screen_set_display(b->screen, b->display);
}

void chain_start(struct chain *b, const struct fake_options *options)
{
	chain_start_bare(b);
	chain_start_machine(b, 1);
	chain_start_compositor(b, options);
	check(b->ready);
	screen_set_client(b->screen, b->client);
	chain_settle(b);
	fake_configure(b->fake, 0, 640, 480, 160, 120, true);
	chain_settle(b);
	(void)fake_said(b->fake);
	b->qemu.calls[0] = '\0';
}

void chain_finish(struct chain *b)
{
	screen_destroy(b->screen);
	wl_client_destroy(b->client);
	display_destroy(b->display);
	hostile_finish(&b->qemu);
	fake_finish(b->fake);
	check(sd_event_unref(b->event) == NULL);
}

int chain_memory(off_t size)
{
	const int fd = memfd_create("picture", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	check_op(fd, >=, 0);
	check_int(ftruncate(fd, size), 0);
	return fd;
}

uint64_t chain_inode(int fd)
{
	struct stat st;
	check_int(fstat(fd, &st), 0);
	return st.st_ino;
}

void chain_commit_text(char *text, size_t size, int fd, const char *rest)
{
	(void)snprintf(text, size, "commit 0 dmabuf %d %s; ", (int)chain_inode(fd), rest);
}
