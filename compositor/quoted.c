// SPDX-License-Identifier: MIT
#include "quoted.h"

void quoted_write(FILE *file, const char *word)
{
	fputc('"', file);
	for (; *word; word++) {
		unsigned char byte = (unsigned char)*word;
		if (byte == '"' || byte == '\\') {
			fputc('\\', file);
		}
		fputc(byte < ' ' || byte == 0x7f ? '?' : byte, file);
	}
	fputc('"', file);
}
