// SPDX-License-Identifier: MIT
#include "table.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

static void *must(void *memory)
{
	if (!memory) {
		abort();
	}
	return memory;
}

/* The next character: its bytes, and its places (-1: it cannot be shown). */
static size_t next(const char *text, int *width)
{
	mbstate_t state = {0};
	wchar_t c;
	size_t size = mbrtowc(&c, text, strlen(text), &state);

	if (size == 0 || size == (size_t)-1 || size == (size_t)-2) {
		*width = -1;
		return 1;
	}
	*width = wcwidth(c);
	return size;
}

size_t table_width(const char *text)
{
	size_t places = 0;
	int width;

	while (*text) {
		text += next(text, &width);
		places += width < 0 ? 1 : (size_t)width;
	}
	return places;
}

char *table_clean(const char *text)
{
	char *clean = must(malloc(strlen(text) + 1)), *to = clean;
	int width;

	while (*text) {
		size_t size = next(text, &width);
		if (width < 0) {
			*to++ = '?';
		} else {
			memcpy(to, text, size);
			to += size;
		}
		text += size;
	}
	*to = '\0';
	return clean;
}

void table_init(struct ph_table *table, const char *const *headings, size_t columns)
{
	memset(table, 0, sizeof(*table));
	table->columns = columns;
	for (size_t i = 0; i < columns; i++) {
		table->right[i] = headings[i][0] == '>';
		table_add(table, headings[i] + table->right[i]);
	}
}

void table_finish(struct ph_table *table)
{
	for (size_t i = 0; i < table->cells; i++) {
		free(table->text[i]);
	}
	free(table->text);
	memset(table, 0, sizeof(*table));
}

void table_add(struct ph_table *table, const char *text)
{
	table->text = must(realloc(table->text, (table->cells + 1) * sizeof(*table->text)));
	table->text[table->cells++] = table_clean(text ? text : "");
}

void table_addf(struct ph_table *table, const char *format, ...)
{
	va_list arguments;
	char *text;

	va_start(arguments, format);
	if (vasprintf(&text, format, arguments) < 0) {
		abort();
	}
	va_end(arguments);
	table_add(table, text);
	free(text);
}

/* 0: the column is empty and left out. */
static size_t measure_column(const struct ph_table *table, size_t column)
{
	size_t widest = 0;
	bool empty = true;

	for (size_t i = column; i < table->cells; i += table->columns) {
		size_t width = table_width(table->text[i]);
		widest = width > widest ? width : widest;
		empty = empty && (i < table->columns || width == 0);
	}
	return empty ? 0 : widest;
}

void table_print(const struct ph_table *table, FILE *file)
{
	size_t widths[PH_TABLE_COLUMNS_MAX];

	for (size_t i = 0; i < table->columns; i++) {
		widths[i] = measure_column(table, i);
	}
	for (size_t row = 0; row < table->cells; row += table->columns) {
		size_t owed = 0; /* spaces before the next text */
		for (size_t i = 0; i < table->columns && row + i < table->cells; i++) {
			const char *text = table->text[row + i];
			size_t rest = widths[i] > 0 ? widths[i] - table_width(text) : 0;
			if (widths[i] == 0) {
				continue;
			}
			owed += table->right[i] ? rest : 0;
			if (text[0]) {
				fprintf(file, "%*s%s", (int)owed, "", text);
				owed = 0;
			} else {
				owed += table_width(text);
			}
			owed += 2 + (table->right[i] ? 0 : rest);
		}
		fputc('\n', file);
	}
}
