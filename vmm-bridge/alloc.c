// SPDX-License-Identifier: MIT
#include "alloc.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void *alloc_zero(size_t size)
{
	void *memory = calloc(1, size);
	if (!memory) {
		abort();
	}
	return memory;
}

void *alloc_array(void *old, size_t count, size_t size)
{
	void *memory = reallocarray(old, count, size);
	if (!memory) {
		abort();
	}
	return memory;
}

char *alloc_string(const char *text)
{
	char *copy = strdup(text);
	if (!copy) {
		abort();
	}
	return copy;
}

char *alloc_format(const char *fmt, ...)
{
	char *text = NULL;
	va_list args;
	va_start(args, fmt);
	int n = vasprintf(&text, fmt, args);
	va_end(args);
	if (n < 0) {
		abort();
	}
	return text;
}
