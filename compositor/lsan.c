// SPDX-License-Identifier: MIT
/*
 * Only in builds with AddressSanitizer: what the leak check at exit is to leave
 * out, without saying so each time. fontconfig and pango keep caches for the
 * whole process, and threads of pango may still use them, so freeing them would
 * be less safe than leaving them.
 */
const char *__lsan_default_options(void);
const char *__lsan_default_suppressions(void);

const char *__lsan_default_options(void)
{
	return "print_suppressions=0";
}

const char *__lsan_default_suppressions(void)
{
	return "leak:libfontconfig\nleak:libpango\n";
}
