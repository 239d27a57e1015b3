// SPDX-License-Identifier: MIT
#include "hostile_qemu.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "test.h"

#define LISTENER_PATH "/org/qemu/Display1/Listener"
#define LISTENER "org.qemu.Display1.Listener"

static void note_call(struct hostile_console *console, sd_bus_message *m, const char *arguments)
{
	struct hostile_qemu *qemu = console->qemu;
	const size_t used = strlen(qemu->calls);
	const char *interface = strrchr(sd_bus_message_get_interface(m), '.') + 1;

	qemu->num_calls++;
	qemu->wanted_replies += sd_bus_message_get_expect_reply(m) != 0 ? 1 : 0;
	(void)snprintf(qemu->calls + used, sizeof(qemu->calls) - used, "%s.%s(%u: %s); ", interface,
	    sd_bus_message_get_member(m), console->number, arguments);
}

static int handle_u(sd_bus_message *m, void *data, sd_bus_error *error)
{
	uint32_t value;
	char text[32];
	check_op(sd_bus_message_read(m, "u", &value), >=, 0);
	(void)snprintf(text, sizeof(text), "%u", value);
	note_call(data, m, text);
	return sd_bus_reply_method_return(m, NULL);
}

static int handle_pair(sd_bus_message *m, void *data, sd_bus_error *error)
{
	int32_t x, y;
	char text[32];
	check_op(sd_bus_message_read(m, sd_bus_message_get_signature(m, 1), &x, &y), >=, 0);
	(void)snprintf(text, sizeof(text), "%d %d", x, y);
	note_call(data, m, text);
	return sd_bus_reply_method_return(m, NULL);
}

static int handle_touch(sd_bus_message *m, void *data, sd_bus_error *error)
{
	uint32_t kind;
	uint64_t slot;
	double x, y;
	char text[64];
	check_op(sd_bus_message_read(m, "utdd", &kind, &slot, &x, &y), >=, 0);
	(void)snprintf(text, sizeof(text), "%u %d %g %g", kind, (int)slot, x, y);
	note_call(data, m, text);
	return sd_bus_reply_method_return(m, NULL);
}

static int handle_ui_info(sd_bus_message *m, void *data, sd_bus_error *error)
{
	uint16_t mm_width, mm_height;
	int32_t x, y;
	uint32_t width, height;
	char text[64];
	check_op(sd_bus_message_read(m, "qqiiuu", &mm_width, &mm_height, &x, &y, &width, &height),
	    >=, 0);
	(void)snprintf(text, sizeof(text), "%u %u %d %d %u %u", mm_width, mm_height, x, y, width,
	    height);
	note_call(data, m, text);
	return sd_bus_reply_method_return(m, NULL);
}

static int handle_get_all(sd_bus_message *m, void *data, sd_bus_error *error)
{
	struct hostile_console *console = data;
	const char *name;

	if (sd_bus_message_is_method_error(m, NULL)) {
		return 0;
	}
	console->get_all_ok++;
	check_op(sd_bus_message_enter_container(m, 'a', "{sv}"), >, 0);
	while (sd_bus_message_enter_container(m, 'e', "sv") > 0) {
		check_op(sd_bus_message_read(m, "s", &name), >, 0);
		check_str(name, "Interfaces");
		check_op(sd_bus_message_enter_container(m, 'v', "as"), >, 0);
		check_op(sd_bus_message_enter_container(m, 'a', "s"), >, 0);
		while (sd_bus_message_read(m, "s", &name) > 0) {
			const size_t used = strlen(console->interfaces);
			(void)snprintf(console->interfaces + used,
			    sizeof(console->interfaces) - used, "%s ", name);
		}
		sd_bus_message_exit_container(m);
		sd_bus_message_exit_container(m);
		sd_bus_message_exit_container(m);
	}
	return 0;
}

static int start_bus(sd_event *event, sd_bus **bus, int fd)
{
	const sd_id128_t id = SD_ID128_MAKE(11, 22, 33, 44, 55, 66, 77, 88, 99, aa, bb, cc, dd, ee, ff, 01);
	check_int(sd_bus_new(bus), 0);
	check_op(sd_bus_set_fd(*bus, fd, fd), >=, 0);
	check_op(sd_bus_set_server(*bus, 1, id), >=, 0);
	check_op(sd_bus_negotiate_fds(*bus, 1), >=, 0);
	check_op(sd_bus_start(*bus), >=, 0);
	return sd_bus_attach_event(*bus, event, SD_EVENT_PRIORITY_NORMAL);
}

static int handle_register(sd_bus_message *m, void *data, sd_bus_error *error)
{
	struct hostile_console *console = data;
	static const char *const interfaces[] = {
	    LISTENER, LISTENER ".Unix.Map", LISTENER ".Unix.ScanoutDMABUF2"};
	int fd;

	check_op(sd_bus_message_read(m, "h", &fd), >, 0);
	if (console->qemu->refuse_listeners) {
		return sd_bus_error_set(error, "org.qemu.Display1.Error.Failed", "not today");
	}
	fd = fcntl(fd, F_DUPFD_CLOEXEC, 3);
	check_op(fd, >, 0);
	fd = console->qemu->relay ? console->qemu->relay(console->qemu, fd) : fd;
	hostile_close_listener(console->qemu, console->number);
	console->interfaces[0] = '\0';
	console->get_all_ok = 0;
	check_op(start_bus(console->qemu->event, &console->listener, fd), >=, 0);
	for (int i = 0; i < 3; i++) {
		check_op(sd_bus_call_method_async(console->listener, NULL, NULL, LISTENER_PATH,
			     "org.freedesktop.DBus.Properties", "GetAll", handle_get_all, console,
			     "s", interfaces[i]),
		    >=, 0);
	}
	return sd_bus_reply_method_return(m, NULL);
}

static int handle_property(sd_bus *bus, const char *path, const char *interface,
    const char *property, sd_bus_message *reply, void *data, sd_bus_error *error)
{
	struct hostile_console *console = data;
	if (strcmp(property, "IsAbsolute") == 0) {
		return sd_bus_message_append(reply, "b", console->absolute);
	}
	if (strcmp(property, "Modifiers") == 0) {
		return sd_bus_message_append(reply, "u", console->modifiers);
	}
	return sd_bus_message_append(reply, "s", "a label");
}

static const sd_bus_vtable console_vtable[] = {
    SD_BUS_VTABLE_START(0),
    SD_BUS_METHOD("RegisterListener", "h", "", handle_register, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_METHOD("SetUIInfo", "qqiiuu", "", handle_ui_info, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_PROPERTY("Label", "s", handle_property, 0, 0),
    SD_BUS_VTABLE_END,
};
static const sd_bus_vtable keyboard_vtable[] = {
    SD_BUS_VTABLE_START(0),
    SD_BUS_METHOD("Press", "u", "", handle_u, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_METHOD("Release", "u", "", handle_u, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_PROPERTY("Modifiers", "u", handle_property, 0, SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
    SD_BUS_VTABLE_END,
};
static const sd_bus_vtable mouse_vtable[] = {
    SD_BUS_VTABLE_START(0),
    SD_BUS_METHOD("Press", "u", "", handle_u, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_METHOD("Release", "u", "", handle_u, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_METHOD("SetAbsPosition", "uu", "", handle_pair, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_METHOD("RelMotion", "ii", "", handle_pair, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_PROPERTY("IsAbsolute", "b", handle_property, 0, SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE),
    SD_BUS_VTABLE_END,
};
static const sd_bus_vtable touch_vtable[] = {
    SD_BUS_VTABLE_START(0),
    SD_BUS_METHOD("SendEvent", "utdd", "", handle_touch, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_VTABLE_END,
};

static const struct {
	const char *name;
	const sd_bus_vtable *vtable;
} console_interfaces[] = {
    {"org.qemu.Display1.Console", console_vtable},
    {"org.qemu.Display1.Keyboard", keyboard_vtable},
    {"org.qemu.Display1.Mouse", mouse_vtable},
    {"org.qemu.Display1.MultiTouch", touch_vtable},
};

static void console_path(uint32_t console, char *path, size_t size)
{
	(void)snprintf(path, size, "/org/qemu/Display1/Console_%u", console);
}

static void export_console(struct hostile_qemu *qemu, uint32_t number)
{
	struct hostile_console *console = &qemu->consoles[number];
	char path[64];

	console_path(number, path, sizeof(path));
	console->qemu = qemu;
	console->number = number;
	console->exists = true;
	for (int i = 0; i < 4; i++) {
		check_op(sd_bus_add_object_vtable(qemu->bus, &console->slots[i], path,
			     console_interfaces[i].name, console_interfaces[i].vtable, console),
		    >=, 0);
	}
}

void hostile_add_console(struct hostile_qemu *qemu, uint32_t console)
{
	char path[64];
	export_console(qemu, console);
	console_path(console, path, sizeof(path));
	check_op(sd_bus_emit_object_added(qemu->bus, path), >=, 0);
}

void hostile_remove_console(struct hostile_qemu *qemu, uint32_t console)
{
	char path[64];
	console_path(console, path, sizeof(path));
	check_op(sd_bus_emit_object_removed(qemu->bus, path), >=, 0);
	hostile_close_listener(qemu, console);
	for (int i = 0; i < 4; i++) {
		qemu->consoles[console].slots[i] =
		    sd_bus_slot_unref(qemu->consoles[console].slots[i]);
	}
	qemu->consoles[console].exists = false;
}

void hostile_set_absolute(struct hostile_qemu *qemu, uint32_t console, bool absolute)
{
	char path[64];
	console_path(console, path, sizeof(path));
	qemu->consoles[console].absolute = absolute;
	check_op(sd_bus_emit_properties_changed(
		     qemu->bus, path, "org.qemu.Display1.Mouse", "IsAbsolute", NULL),
	    >=, 0);
}

void hostile_set_modifiers(struct hostile_qemu *qemu, uint32_t console, uint32_t modifiers)
{
	char path[64];
	console_path(console, path, sizeof(path));
	qemu->consoles[console].modifiers = modifiers;
	check_op(sd_bus_emit_properties_changed(
		     qemu->bus, path, "org.qemu.Display1.Keyboard", "Modifiers", NULL),
	    >=, 0);
}

void hostile_close_listener(struct hostile_qemu *qemu, uint32_t console)
{
	qemu->consoles[console].listener = sd_bus_close_unref(qemu->consoles[console].listener);
}

int hostile_start(struct hostile_qemu *qemu, sd_event *event, int num_consoles)
{
	int fds[2];

	memset(qemu, 0, sizeof(*qemu));
	qemu->event = event;
	check_int(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
	check_op(start_bus(event, &qemu->bus, fds[0]), >=, 0);
	check_op(sd_bus_add_object_manager(qemu->bus, &qemu->manager, "/org/qemu/Display1"), >=, 0);
	for (int i = 0; i < num_consoles; i++) {
		export_console(qemu, (uint32_t)i);
	}
	return fds[1];
}

void hostile_finish(struct hostile_qemu *qemu)
{
	for (uint32_t i = 0; i < HOSTILE_MAX_CONSOLES; i++) {
		hostile_close_listener(qemu, i);
		for (int k = 0; k < 4; k++) {
			sd_bus_slot_unref(qemu->consoles[i].slots[k]);
		}
	}
	sd_bus_slot_unref(qemu->manager);
	sd_bus_close_unref(qemu->bus);
}

static int handle_answer(sd_bus_message *m, void *data, sd_bus_error *error)
{
	struct hostile_call *call = data;

	check(!call->answered);
	call->answered = true;
	call->answered_at = test_now_us();
	if (sd_bus_message_is_method_error(m, NULL)) {
		(void)snprintf(call->error, sizeof(call->error), "%s",
		    sd_bus_message_get_error(m)->name);
	}
	return 0;
}

static void send_call(
    struct hostile_console *console, struct hostile_call *call, sd_bus_message *m)
{
	int r;
	if (call) {
		memset(call, 0, sizeof(*call));
		r = sd_bus_call_async(
		    console->listener, &call->slot, m, handle_answer, call, 5000000);
	} else {
		sd_bus_message_set_expect_reply(m, 0);
		r = sd_bus_send(console->listener, m, NULL);
	}
	check_op(r, >=, 0);
	sd_bus_message_unref(m);
}

static sd_bus_message *new_call(
    struct hostile_console *console, const char *interface, const char *method)
{
	sd_bus_message *m;
	char name[128];
	(void)snprintf(name, sizeof(name), LISTENER "%s", interface);
	check(console->listener != NULL);
	check_op(sd_bus_message_new_method_call(
		     console->listener, &m, NULL, LISTENER_PATH, name, method),
	    >=, 0);
	return m;
}

void hostile_say(struct hostile_qemu *qemu, uint32_t console, struct hostile_call *call,
    const char *interface, const char *method, const char *types, ...)
{
	sd_bus_message *m = new_call(&qemu->consoles[console], interface, method);
	va_list args;

	va_start(args, types);
	if (types[0] != '\0') {
		check_op(sd_bus_message_appendv(m, types, args), >=, 0);
	}
	va_end(args);
	send_call(&qemu->consoles[console], call, m);
}

void hostile_forget(struct hostile_call *call)
{
	call->slot = sd_bus_slot_unref(call->slot);
}

void hostile_scanout2(struct hostile_qemu *qemu, uint32_t console, int fd, uint32_t width,
    uint32_t height, uint32_t fourcc, bool y0_top)
{
	hostile_say(qemu, console, NULL, ".Unix.ScanoutDMABUF2", "ScanoutDMABUF2",
	    "ahuuuuauauuuuutb", 1, fd, 0, 0, width, height, 1, 0, 1, width * 4, 1, fourcc, width,
	    height, UINT64_C(0x00ffffffffffffff), (int)y0_top);
}

void hostile_scanout_map(struct hostile_qemu *qemu, uint32_t console, struct hostile_call *call,
    int fd, uint32_t offset, uint32_t width, uint32_t height, uint32_t stride, uint32_t pixman)
{
	hostile_say(qemu, console, call, ".Unix.Map", "ScanoutMap", "huuuuu", fd, offset, width,
	    height, stride, pixman);
}

void hostile_pixels(struct hostile_qemu *qemu, uint32_t console, bool update, int32_t x, int32_t y,
    uint32_t width, uint32_t height, uint32_t stride, uint32_t pixman, const void *data,
    size_t size)
{
	sd_bus_message *m = new_call(&qemu->consoles[console], "", update ? "Update" : "Scanout");
	if (update) {
		check_op(sd_bus_message_append(m, "ii", x, y), >=, 0);
		check_op(sd_bus_message_append(m, "iiuu", width, height, stride, pixman), >=, 0);
	} else {
		check_op(sd_bus_message_append(m, "uuuu", width, height, stride, pixman), >=, 0);
	}
	check_op(sd_bus_message_append_array(m, 'y', data, size), >=, 0);
	send_call(&qemu->consoles[console], NULL, m);
}

void hostile_update_dmabuf(struct hostile_qemu *qemu, uint32_t console, struct hostile_call *call)
{
	hostile_say(qemu, console, call, "", "UpdateDMABUF", "iiii", 0, 0, 64, 32);
}
