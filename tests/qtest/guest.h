/* SPDX-License-Identifier: MIT */
/* The commands of qtest-guest; see guest.c for how they are used. */
#ifndef PH_QTEST_GUEST_H
#define PH_QTEST_GUEST_H

#include "gpu.h"
#include "input.h"

#define GUEST_SLOTS 32
#define GUEST_WORDS 32

struct ph_guest_machine {
	struct ph_qtest qtest;
	struct ph_virtio devices[GUEST_SLOTS]; /* the first device_count are there */
	unsigned int device_count;
	struct ph_gpu gpu; /* gpu.device NULL: not started */
	struct ph_input inputs[GUEST_SLOTS];
	unsigned int input_count;
	uint64_t *flip_times; /* us, when each frame of the last "flip" was sent */
	uint32_t flip_count;
	uint32_t text_at; /* characters typed in text mode */
	uint16_t acpi; /* port of its power management, 0 before it was set up */
};

struct ph_guest_command {
	const char *name;
	unsigned int min_words, max_words; /* after the name */
	const char *usage;
	/* Prints one line without "ok " through guest_answer, or guest_refuse. */
	void (*run)(struct ph_guest_machine *machine, char **words, unsigned int count);
};

extern const struct ph_guest_command guest_gpu_commands[];
extern const struct ph_guest_command guest_input_commands[];
extern const struct ph_guest_command guest_vga_commands[];

/* Prints "ok" and the text; "" for nothing. Each command calls one of the two once. */
void guest_answer(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* Prints "error" and the text. */
void guest_refuse(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* A number in C's notation; what is none ends the program: scripts are not to be guessed at. */
uint32_t guest_number(const char *word);

#endif
