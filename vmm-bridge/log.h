// SPDX-License-Identifier: MIT
#ifndef PH_LOG_H
#define PH_LOG_H

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/*
 * One line on standard error for each call:
 *
 *	phyllome-bridge[GUEST] module: text
 *
 * Control characters and broken UTF-8 in the text are written as \xNN, so
 * that nothing which a guest or QEMU said can drive a terminal or forge a
 * line. Never log keystrokes, clipboard contents or pixels.
 *
 * Each .c file that logs defines LOG_MODULE before it includes this header.
 */

enum ph_log_level {
	PH_LOG_ERROR,
	PH_LOG_INFO,
	PH_LOG_DEBUG,
};

/* Lines above max are dropped. guest_id is copied; NULL: no brackets. */
void log_init(enum ph_log_level max, const char *guest_id);

void log_line(enum ph_log_level level, const char *module, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

void log_line_errno(const char *module, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/*
 * Lines that a peer can cause: of one struct at most PH_LOG_BURST lines a
 * second go out; what was held back is counted and said with the next line.
 * Zeroed memory is a ready struct; a static one for each place will do.
 */
#define PH_LOG_BURST 5
struct ph_log_limit {
	uint64_t window_start; /* CLOCK_MONOTONIC, microseconds */
	uint32_t said, held_back;
};

void log_line_limited(struct ph_log_limit *limit, enum ph_log_level level, const char *module,
    const char *fmt, ...) __attribute__((format(printf, 4, 5)));

/*
 * Copies src into dst (size bytes with the NUL, size > 0) as one printable
 * line: control characters, newlines and broken UTF-8 become \xNN. What does
 * not fit is cut at a whole character. src_len bytes are read at most, and
 * nothing after a NUL.
 */
void log_escape(char *dst, size_t size, const char *src, size_t src_len);

#define log_error(...) log_line(PH_LOG_ERROR, LOG_MODULE, __VA_ARGS__)
#define log_info(...) log_line(PH_LOG_INFO, LOG_MODULE, __VA_ARGS__)
#define log_debug(...) log_line(PH_LOG_DEBUG, LOG_MODULE, __VA_ARGS__)
/* An error with ": reason of errno" at the end. */
#define log_errno(...) log_line_errno(LOG_MODULE, __VA_ARGS__)
#define log_limited(limit, level, ...) log_line_limited(limit, level, LOG_MODULE, __VA_ARGS__)

#endif
