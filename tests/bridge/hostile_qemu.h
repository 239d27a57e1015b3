// SPDX-License-Identifier: MIT
#ifndef PH_HOSTILE_QEMU_H
#define PH_HOSTILE_QEMU_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <systemd/sd-bus.h>
#include <systemd/sd-event.h>

/*
 * The far end of a D-Bus display connection, in the test's own process and
 * event loop: it lists consoles, takes listeners and input, and says on a
 * listener whatever the test makes it say, right or wrong.
 */

#define HOSTILE_MAX_CONSOLES 3

struct hostile_console {
	struct hostile_qemu *qemu;
	uint32_t number;
	bool exists;
	sd_bus_slot *slots[4];
	sd_bus *listener;
	char interfaces[256];    /* what GetAll gave, space after each */
	int get_all_ok;          /* answered GetAll calls, of 3 */
	bool absolute;
	uint32_t modifiers;
};

struct hostile_qemu {
	sd_event *event;
	sd_bus *bus;
	sd_bus_slot *manager;
	bool refuse_listeners;
	/* NULL, or puts something between a listener's fd, which it takes, and this QEMU */
	int (*relay)(struct hostile_qemu *qemu, int fd);
	struct hostile_console consoles[HOSTILE_MAX_CONSOLES];
	char calls[16384]; /* what came in, "Mouse.SetAbsPosition(0: 3 4); " each */
	unsigned int num_calls, wanted_replies;
};

/* A call that was sent to a listener. */
struct hostile_call {
	bool answered;
	uint64_t answered_at; /* CLOCK_MONOTONIC, microseconds */
	char error[128];      /* name of the error; empty: none */
	sd_bus_slot *slot;
};

/* Returns the client's end of the connection, which the caller owns. */
int hostile_start(struct hostile_qemu *qemu, sd_event *event, int num_consoles);
void hostile_finish(struct hostile_qemu *qemu);

void hostile_add_console(struct hostile_qemu *qemu, uint32_t console);
void hostile_remove_console(struct hostile_qemu *qemu, uint32_t console);
void hostile_set_absolute(struct hostile_qemu *qemu, uint32_t console, bool absolute);
void hostile_set_modifiers(struct hostile_qemu *qemu, uint32_t console, uint32_t modifiers);
void hostile_close_listener(struct hostile_qemu *qemu, uint32_t console);

/*
 * Sends a method call to the console's listener. interface is what follows
 * "org.qemu.Display1.Listener" ("", ".Unix.Map", ...). call: NULL for a call
 * that wants no reply; else it is filled in when the reply comes, and
 * hostile_forget() is needed.
 */
void hostile_say(struct hostile_qemu *qemu, uint32_t console, struct hostile_call *call,
    const char *interface, const char *method, const char *types, ...);
void hostile_forget(struct hostile_call *call);

/* The calls that stock QEMU makes. plane fds are not closed. */
void hostile_scanout2(struct hostile_qemu *qemu, uint32_t console, int fd, uint32_t width,
    uint32_t height, uint32_t fourcc, bool y0_top);
void hostile_scanout_map(struct hostile_qemu *qemu, uint32_t console, struct hostile_call *call,
    int fd, uint32_t offset, uint32_t width, uint32_t height, uint32_t stride, uint32_t pixman);
void hostile_pixels(struct hostile_qemu *qemu, uint32_t console, bool update, int32_t x, int32_t y,
    uint32_t width, uint32_t height, uint32_t stride, uint32_t pixman, const void *data,
    size_t size);
void hostile_update_dmabuf(
    struct hostile_qemu *qemu, uint32_t console, struct hostile_call *call);

#endif
