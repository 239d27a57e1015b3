/* SPDX-License-Identifier: MIT */
/*
 * VGA in text mode, as firmware and boot loaders leave it: 80 x 25 characters of 9 x 16
 * dots (IBM's mode 3). A virtio-vga is a VGA as long as its driver has not started.
 */
#include "guest.h"

#include <inttypes.h>

enum {
	ATTRIBUTE = 0x3c0,
	MISC = 0x3c2,
	SEQUENCER = 0x3c4,
	DAC = 0x3c8,
	GRAPHICS = 0x3ce,
	CRTC = 0x3d4,
	STATUS = 0x3da
};
enum { COLUMNS = 80, ROWS = 25, GLYPH_ROWS = 16, GLYPH_ROOM = 32, GLYPHS = 256 };
#define TEXT_MEMORY 0xb8000u
#define PLANE_MEMORY 0xa0000u
#define WHITE_ON_BLUE 0x1f

static void set_indexed(struct ph_qtest *qtest, uint16_t port, uint8_t index, uint8_t value)
{
	qtest_out(qtest, port, 1, index);
	qtest_out(qtest, (uint16_t)(port + 1), 1, value);
}

static void set_table(
    struct ph_qtest *qtest, uint16_t port, const uint8_t *values, unsigned int count)
{
	for (unsigned int i = 0; i < count; i++)
		set_indexed(qtest, port, (uint8_t)i, values[i]);
}

/* The attribute controller has one port for both, which the status register resets to "index". */
static void set_attributes(struct ph_qtest *qtest)
{
	static const uint8_t more[] = {0x0c, 0x00, 0x0f, 0x08, 0x00};
	(void)qtest_in(qtest, STATUS, 1);
	for (unsigned int i = 0; i < 16 + sizeof(more); i++) {
		qtest_out(qtest, ATTRIBUTE, 1, i);
		qtest_out(qtest, ATTRIBUTE, 1, i < 16 ? i : more[i - 16]);
	}
	qtest_out(qtest, ATTRIBUTE, 1, 0x20); /* lets the picture be seen */
}

/* Each bit of a colour's number is one of blue, green, red and bright, of six bits each. */
static void set_palette(struct ph_qtest *qtest)
{
	qtest_out(qtest, DAC, 1, 0);
	for (unsigned int i = 0; i < 16; i++) {
		for (unsigned int part = 3; part-- > 0;)
			qtest_out(qtest, DAC + 1, 1, (i >> part & 1) * 42 + (i >> 3) * 21);
	}
}

/* Glyphs that no two characters share, and that none but 0 leaves blank, into plane 2. */
static void set_font(struct ph_qtest *qtest)
{
	uint8_t font[GLYPHS * GLYPH_ROOM] = {0};
	for (unsigned int glyph = 0; glyph < GLYPHS; glyph++) {
		for (unsigned int row = 2; row < GLYPH_ROWS - 2; row++)
			font[glyph * GLYPH_ROOM + row] =
			    (uint8_t)(row & 2 ? glyph : glyph << 4 | glyph >> 4);
	}
	set_indexed(qtest, SEQUENCER, 2, 0x04);
	set_indexed(qtest, SEQUENCER, 4, 0x06);
	set_indexed(qtest, GRAPHICS, 5, 0x00);
	set_indexed(qtest, GRAPHICS, 6, 0x04);
	qtest_write(qtest, PLANE_MEMORY, font, sizeof(font));
}

static void put_text(
    struct ph_qtest *qtest, unsigned int at, const uint8_t *text, unsigned int count)
{
	uint8_t cells[COLUMNS * 2];
	for (unsigned int i = 0; i < count; i++) {
		cells[2 * i] = text[i];
		cells[2 * i + 1] = WHITE_ON_BLUE;
	}
	qtest_write(qtest, TEXT_MEMORY + 2 * at, cells, (size_t)count * 2);
}

static void set_cursor(struct ph_qtest *qtest, unsigned int at)
{
	set_indexed(qtest, CRTC, 0x0e, (uint8_t)(at >> 8));
	set_indexed(qtest, CRTC, 0x0f, (uint8_t)at);
}

static void run_text_mode(struct ph_guest_machine *machine, char **words, unsigned int count)
{
	static const uint8_t sequencer[] = {0x03, 0x00, 0x03, 0x00, 0x02};
	static const uint8_t graphics[] = {0x00, 0x00, 0x00, 0x00, 0x00, 0x10, 0x0e, 0x00, 0xff};
	static const uint8_t crtc[] = {0x5f, 0x4f, 0x50, 0x82, 0x55, 0x81, 0xbf, 0x1f, 0x00, 0x4f,
	    0x0d, 0x0e, 0x00, 0x00, 0x00, 0x00, 0x9c, 0x8e, 0x8f, 0x28, 0x1f, 0x96, 0xb9, 0xa3,
	    0xff};
	struct ph_qtest *qtest = &machine->qtest;
	uint8_t line[COLUMNS];

	qtest_out(qtest, MISC, 1, 0x67);
	set_font(qtest);
	set_table(qtest, SEQUENCER, sequencer, sizeof(sequencer));
	set_table(qtest, GRAPHICS, graphics, sizeof(graphics));
	set_indexed(qtest, CRTC, 0x11, 0x00); /* or the first eight could not be written */
	set_table(qtest, CRTC, crtc, sizeof(crtc));
	set_palette(qtest);
	set_attributes(qtest);
	for (unsigned int row = 0; row < ROWS; row++) {
		for (unsigned int i = 0; i < COLUMNS; i++)
			line[i] = (uint8_t)(1 + (row * COLUMNS + i) % 255);
		put_text(qtest, row * COLUMNS, line, COLUMNS);
	}
	set_cursor(qtest, 0);
	guest_answer("%s", "");
}

/* A line of text grows by one character a frame, with the cursor behind it, line below line. */
static void run_text(struct ph_guest_machine *machine, char **words, unsigned int count)
{
	const uint32_t frames = guest_number(words[0]);
	const uint64_t interval = guest_number(words[1]), start = qtest_now_us();
	for (uint32_t i = 0; i < frames; i++) {
		const unsigned int at = machine->text_at++ % (COLUMNS * ROWS - 1);
		const uint8_t character = (uint8_t)(1 + machine->text_at * 7 % 255);
		put_text(&machine->qtest, at, &character, 1);
		set_cursor(&machine->qtest, at + 1);
		const uint64_t due = start + (i + 1) * interval, now = qtest_now_us();
		if (now < due)
			qtest_wait_us(&machine->qtest, due - now);
	}
	guest_answer("%" PRIu32 " characters in %" PRIu64 " us", frames, qtest_now_us() - start);
}

const struct ph_guest_command guest_vga_commands[] = {
    {"text-mode", 0, 0, "VGA's 80 x 25 characters, full of text", run_text_mode},
    {"text", 2, 2, "CHARACTERS INTERVAL_US: types on, one by one, with the cursor behind",
	run_text},
    {NULL, 0, 0, NULL, NULL},
};
