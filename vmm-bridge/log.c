// SPDX-License-Identifier: MIT
#include "log.h"

#include <stdarg.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#define TEXT_MAX 2048

/* The one global of the bridge: a log that had to be handed around would not be used. */
static struct {
	enum ph_log_level max;
	char guest[64];
} log_state = {.max = PH_LOG_INFO};

void log_init(enum ph_log_level max, const char *guest_id)
{
	log_state.max = max;
	log_escape(log_state.guest, sizeof(log_state.guest), guest_id ? guest_id : "",
	    guest_id ? strlen(guest_id) : 0);
}

/* Length of the UTF-8 character at s (n bytes left), 0 if it is broken. */
static size_t utf8_length(const unsigned char *s, size_t n)
{
	size_t length;
	if (s[0] < 0x80) {
		return 1;
	} else if (s[0] >= 0xc2 && s[0] <= 0xdf) {
		length = 2;
	} else if ((s[0] & 0xf0) == 0xe0) {
		length = 3;
	} else if (s[0] >= 0xf0 && s[0] <= 0xf4) {
		length = 4;
	} else {
		return 0;
	}
	if (length > n) {
		return 0;
	}
	for (size_t i = 1; i < length; i++) {
		if ((s[i] & 0xc0) != 0x80) {
			return 0;
		}
	}
	/* overlong forms, surrogates, above U+10FFFF */
	if ((s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xed && s[1] > 0x9f) ||
	    (s[0] == 0xf0 && s[1] < 0x90) || (s[0] == 0xf4 && s[1] > 0x8f)) {
		return 0;
	}
	return length;
}

/*
 * What may stand in a line: no C0, DEL or C1 (0xc2 0x80-0x9f), and none of the
 * characters that reorder or break a line (U+2028-202E, U+2066-2069).
 */
static bool is_printable(const unsigned char *s, size_t length)
{
	if (length == 1) {
		return s[0] >= 0x20 && s[0] != 0x7f;
	}
	if (length == 2 && s[0] == 0xc2 && s[1] < 0xa0) {
		return false;
	}
	if (length == 3 && s[0] == 0xe2) {
		return !(s[1] == 0x80 && s[2] >= 0xa8 && s[2] <= 0xae) &&
		       !(s[1] == 0x81 && s[2] >= 0xa6 && s[2] <= 0xa9);
	}
	return length > 0;
}

void log_escape(char *dst, size_t size, const char *src, size_t src_len)
{
	static const char hex[] = "0123456789abcdef";
	const unsigned char *s = (const unsigned char *)src;
	size_t out = 0;
	for (size_t i = 0; i < src_len && s[i];) {
		size_t length = utf8_length(&s[i], src_len - i);
		if (length && is_printable(&s[i], length)) {
			if (out + length >= size) {
				break;
			}
			memcpy(&dst[out], &s[i], length);
			out += length;
			i += length;
			continue;
		}
		size_t bytes = length ? length : 1;
		if (out + 4 * bytes >= size) {
			break;
		}
		for (size_t k = 0; k < bytes; k++, i++) {
			dst[out++] = '\\';
			dst[out++] = 'x';
			dst[out++] = hex[s[i] >> 4];
			dst[out++] = hex[s[i] & 15];
		}
	}
	dst[out] = '\0';
}

static void log_line_va(
    enum ph_log_level level, const char *module, const char *tail, const char *fmt, va_list args)
{
	char raw[TEXT_MAX], text[TEXT_MAX], line[TEXT_MAX + 512];
	int n = vsnprintf(raw, sizeof(raw), fmt, args);
	if (n < 0) {
		return;
	}
	log_escape(text, sizeof(text), raw, sizeof(raw));
	bool named = log_state.guest[0] != '\0';
	n = snprintf(line, sizeof(line), "phyllome-bridge%s%s%s %s: %s%s%s\n", named ? "[" : "",
	    log_state.guest, named ? "]" : "", module, level == PH_LOG_ERROR ? "error: " : "", text,
	    tail);
	if (n >= (int)sizeof(line)) {
		n = (int)sizeof(line) - 1;
	}
	/* one write, so that lines of several processes in one file stay whole */
	ssize_t written = write(STDERR_FILENO, line, (size_t)n);
	(void)written;
}

void log_line(enum ph_log_level level, const char *module, const char *fmt, ...)
{
	if (level > log_state.max) {
		return;
	}
	int saved = errno;
	va_list args;
	va_start(args, fmt);
	log_line_va(level, module, "", fmt, args);
	va_end(args);
	errno = saved;
}

void log_line_errno(const char *module, const char *fmt, ...)
{
	int saved = errno;
	char tail[256];
	snprintf(tail, sizeof(tail), ": %s", strerror(saved));
	va_list args;
	va_start(args, fmt);
	log_line_va(PH_LOG_ERROR, module, tail, fmt, args);
	va_end(args);
	errno = saved;
}

void log_line_limited(
    struct ph_log_limit *limit, enum ph_log_level level, const char *module, const char *fmt, ...)
{
	if (level > log_state.max) {
		return;
	}
	int saved = errno;
	struct timespec ts;
	clock_gettime(CLOCK_MONOTONIC, &ts);
	uint64_t now = (uint64_t)ts.tv_sec * 1000000 + (uint64_t)ts.tv_nsec / 1000;
	uint32_t held_back = 0;
	if (!limit->window_start || now - limit->window_start >= 1000000) {
		held_back = limit->held_back;
		*limit = (struct ph_log_limit){.window_start = now};
	}
	if (limit->said >= PH_LOG_BURST) {
		limit->held_back++;
	} else {
		limit->said++;
		char more[64] = "";
		if (held_back) {
			snprintf(more, sizeof(more), " (and %u more like it)", held_back);
		}
		va_list args;
		va_start(args, fmt);
		log_line_va(level, module, more, fmt, args);
		va_end(args);
	}
	errno = saved;
}
