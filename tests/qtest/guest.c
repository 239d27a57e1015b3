/* SPDX-License-Identifier: MIT */
/*
 * qtest-guest: a guest without a CPU. QEMU runs with
 *
 *	-accel qtest -qtest unix:SOCKET,server=on,wait=off
 *
 * and this program is its guest: it reads commands from stdin, one a line, and
 * answers each with one line on stdout, "ok ..." or "error ...", once the
 * device has done it. "help" lists them. What a script got wrong (an unknown
 * command, a resource that is not there) ends it with status 1.
 */
#include "guest.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MEMORY_MIB 128
#define CONNECT_MS 60000
#define FIRST_BAR 0xe0000000u

/* power management of the two machines: PIIX4 (pc) and ICH9 (q35) */
#define ACPI_PORT 0x600
enum { PM_STATUS = 0, PM_ENABLE = 2, PM_CONTROL = 4 };
enum { POWER_BUTTON = 1 << 8, SLEEP_TO_MEMORY = 1 << 10, SLEEP_ENABLE = 1 << 13 };

void guest_answer(const char *format, ...)
{
	va_list args;
	fputs("ok ", stdout);
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	putchar('\n');
}

void guest_refuse(const char *format, ...)
{
	va_list args;
	fputs("error ", stdout);
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	putchar('\n');
}

uint32_t guest_number(const char *word)
{
	char *end;
	errno = 0;
	const unsigned long long value = strtoull(word, &end, 0);
	if (errno || end == word || *end || value > UINT32_MAX)
		qtest_die("\"%s\" is not a number of 32 bits", word);
	return (uint32_t)value;
}

/* The word that "up" and "down" know a device by; number counts those of its kind from 1. */
static void name_device(
    struct ph_guest_machine *machine, const struct ph_virtio *device, char *name, size_t size)
{
	const char *kind = device->type == PH_VIRTIO_GPU ? "gpu" : NULL;
	unsigned int number = 0;
	for (unsigned int i = 0; i < machine->input_count; i++) {
		if (machine->inputs[i].device == device)
			kind = input_kind_name(machine->inputs[i].kind);
	}
	for (unsigned int i = 0; kind && i < machine->input_count; i++) {
		if (strcmp(input_kind_name(machine->inputs[i].kind), kind) == 0)
			number++;
		if (machine->inputs[i].device == device)
			break;
	}
	if (!kind)
		snprintf(name, size, "virtio%u", device->type);
	else if (number > 1)
		snprintf(name, size, "%s%u", kind, number);
	else
		snprintf(name, size, "%s", kind);
}

static void start_device(struct ph_guest_machine *machine, struct ph_virtio *device)
{
	if (device->type == PH_VIRTIO_GPU)
		gpu_start(&machine->gpu, device);
	for (unsigned int i = 0; i < machine->input_count; i++) {
		if (machine->inputs[i].device == device)
			input_start(&machine->inputs[i]);
	}
}

static void run_devices(struct ph_guest_machine *machine, char **words, unsigned int count)
{
	char text[GUEST_SLOTS * 24] = "", name[16];
	for (unsigned int i = 0; i < machine->device_count; i++) {
		const size_t fill = strlen(text);
		name_device(machine, &machine->devices[i], name, sizeof(name));
		snprintf(text + fill, sizeof(text) - fill, "%s%s@%u", i ? " " : "", name,
		    machine->devices[i].slot);
	}
	guest_answer("%s", text);
}

/* Starts or stops the named devices, or all. */
static void switch_devices(
    struct ph_guest_machine *machine, char **words, unsigned int count, bool up)
{
	for (unsigned int i = 0; i < count; i++) {
		bool found = strcmp(words[i], "all") == 0;
		const bool all = found;
		for (unsigned int k = 0; k < machine->device_count; k++) {
			char name[16];
			name_device(machine, &machine->devices[k], name, sizeof(name));
			if (!all && strcmp(name, words[i]) != 0)
				continue;
			found = true;
			if (up)
				start_device(machine, &machine->devices[k]);
			else
				virtio_stop(&machine->devices[k]);
		}
		if (!found) {
			guest_refuse("there is no device %s", words[i]);
			return;
		}
	}
	guest_answer("%s", "");
}

static void run_up(struct ph_guest_machine *machine, char **words, unsigned int count)
{
	switch_devices(machine, words, count, true);
}

static void run_down(struct ph_guest_machine *machine, char **words, unsigned int count)
{
	switch_devices(machine, words, count, false);
}

/* Does what firmware does: gives the power management its ports and wants its button. */
static void set_up_acpi(struct ph_guest_machine *machine)
{
	struct ph_qtest *qtest = &machine->qtest;
	if (machine->acpi)
		return;
	for (unsigned int slot = 0; slot < GUEST_SLOTS && !machine->acpi; slot++) {
		const uint32_t id = pci_get(qtest, slot, 0);
		if (id == 0x29188086) { /* ICH9, function 0 */
			pci_set(qtest, slot, 0x40, ACPI_PORT | 1);
			pci_set(qtest, slot, 0x44, 0x80);
			machine->acpi = ACPI_PORT;
		} else if (id == 0x70008086) { /* PIIX3: its function 3 manages power */
			qtest_out(qtest, 0xcf8, 4, 0x80000000u | slot << 11 | 3 << 8 | 0x40);
			qtest_out(qtest, 0xcfc, 4, ACPI_PORT | 1);
			qtest_out(qtest, 0xcf8, 4, 0x80000000u | slot << 11 | 3 << 8 | 0x80);
			qtest_out(qtest, 0xcfc, 1, 1);
			machine->acpi = ACPI_PORT;
		}
	}
	if (!machine->acpi)
		qtest_die("neither ICH9 nor PIIX4: no way to power off");
	qtest_out(qtest, (uint16_t)(machine->acpi + PM_ENABLE), 2, POWER_BUTTON);
}

static void run_acpi(struct ph_guest_machine *machine, char **words, unsigned int count)
{
	set_up_acpi(machine);
	guest_answer("%s", "");
}

static void run_wait_button(struct ph_guest_machine *machine, char **words, unsigned int count)
{
	const uint64_t deadline = qtest_now_us() + (uint64_t)guest_number(words[0]) * 1000;
	set_up_acpi(machine);
	const uint16_t port = (uint16_t)(machine->acpi + PM_STATUS);
	while (!(qtest_in(&machine->qtest, port, 2) & POWER_BUTTON)) {
		if (qtest_now_us() > deadline) {
			guest_refuse("no power button within %s ms", words[0]);
			return;
		}
		qtest_wait_us(&machine->qtest, 1000);
	}
	qtest_out(&machine->qtest, port, 2, POWER_BUTTON); /* clears it */
	guest_answer("%s", "");
}

static void run_poweroff(struct ph_guest_machine *machine, char **words, unsigned int count)
{
	set_up_acpi(machine);
	qtest_out(&machine->qtest, (uint16_t)(machine->acpi + PM_CONTROL), 2, SLEEP_ENABLE);
	guest_answer("%s", "");
}

/* What follows begins as after a reset, once somebody wakes the machine. */
static void run_suspend(struct ph_guest_machine *machine, char **words, unsigned int count)
{
	set_up_acpi(machine);
	qtest_out(&machine->qtest, (uint16_t)(machine->acpi + PM_CONTROL), 2, SLEEP_TO_MEMORY | SLEEP_ENABLE);
	machine->acpi = 0;
	guest_answer("%s", "");
}

static void run_sleep(struct ph_guest_machine *machine, char **words, unsigned int count)
{
	qtest_wait_us(&machine->qtest, (uint64_t)guest_number(words[0]) * 1000);
	guest_answer("%s", "");
}

static void run_memory(struct ph_guest_machine *machine, char **words, unsigned int count)
{
	qtest_map_memory(&machine->qtest, words[0]);
	guest_answer("%s", "");
}

static void run_help(struct ph_guest_machine *machine, char **words, unsigned int count);

static const struct ph_guest_command guest_commands[] = {
    {"help", 0, 0, "lists the commands", run_help},
    {"devices", 0, 0, "virtio devices, as NAME@SLOT", run_devices},
    {"up", 1, 16, "NAME... or all: starts the drivers", run_up},
    {"down", 1, 16, "NAME... or all: resets the devices", run_down},
    {"acpi", 0, 0, "sets up power management", run_acpi},
    {"wait-button", 1, 1, "MS: waits for the power button", run_wait_button},
    {"poweroff", 0, 0, "turns the machine off", run_poweroff},
    {"suspend", 0, 0, "to memory, until the machine is woken", run_suspend},
    {"sleep", 1, 1, "MS", run_sleep},
    {"memory", 1, 1, "FILE: the guest's memory is read there, past QEMU", run_memory},
    {NULL, 0, 0, NULL, NULL},
};

static const struct ph_guest_command *const command_tables[] = {
    guest_commands, guest_gpu_commands, guest_input_commands, guest_vga_commands};

static void run_help(struct ph_guest_machine *machine, char **words, unsigned int count)
{
	for (size_t i = 0; i < sizeof(command_tables) / sizeof(command_tables[0]); i++) {
		for (const struct ph_guest_command *command = command_tables[i]; command->name;
		    command++)
			printf("# %s: %s\n", command->name, command->usage);
	}
	guest_answer("%s", "");
}

static void run_line(struct ph_guest_machine *machine, char *line)
{
	char *words[GUEST_WORDS], *rest = NULL;
	unsigned int count = 0;
	for (char *word = strtok_r(line, " \t\n", &rest); word;
	    word = strtok_r(NULL, " \t\n", &rest)) {
		if (count == GUEST_WORDS)
			qtest_die("more than %d words", GUEST_WORDS);
		words[count++] = word;
	}
	if (count == 0 || words[0][0] == '#')
		return;
	for (size_t i = 0; i < sizeof(command_tables) / sizeof(command_tables[0]); i++) {
		for (const struct ph_guest_command *command = command_tables[i]; command->name;
		    command++) {
			if (strcmp(command->name, words[0]) != 0)
				continue;
			if (count - 1 < command->min_words || count - 1 > command->max_words)
				qtest_die("usage: %s %s", command->name, command->usage);
			command->run(machine, words + 1, count - 1);
			fflush(stdout);
			return;
		}
	}
	qtest_die("unknown command \"%s\"; \"help\" lists them", words[0]);
}

static void find_devices(struct ph_guest_machine *machine)
{
	uint64_t next_bar = FIRST_BAR;
	for (unsigned int slot = 0; slot < GUEST_SLOTS; slot++) {
		struct ph_virtio *device = &machine->devices[machine->device_count];
		if (!virtio_probe(device, &machine->qtest, slot, &next_bar))
			continue;
		machine->device_count++;
		if (device->type == PH_VIRTIO_INPUT)
			input_identify(&machine->inputs[machine->input_count++], device);
	}
}

int main(int argc, char *argv[])
{
	static struct ph_guest_machine machine;
	char *line = NULL;
	size_t room = 0;

	if (argc < 2 || argc > 3) {
		fprintf(stderr, "usage: qtest-guest SOCKET [MEMORY_MIB]\n");
		return 2;
	}
	qtest_connect(
	    &machine.qtest, argv[1], CONNECT_MS, argc > 2 ? guest_number(argv[2]) : MEMORY_MIB);
	find_devices(&machine);
	while (getline(&line, &room, stdin) >= 0)
		run_line(&machine, line);
	free(line);
	free(machine.flip_times);
	qtest_finish(&machine.qtest);
	return 0;
}
