/* SPDX-License-Identifier: MIT */
/*
 * A test program is a list of cases, each run in a process of its own:
 *
 *	#include "test.h"
 *
 *	TEST(empty_file_is_refused)
 *	{
 *		check_int(guest_config_parse("", 0), PH_CONFIG_EMPTY);
 *	}
 *
 * `./test_x` runs every case, `./test_x NAME` that one, `./test_x --list`
 * names them; meson registers each as a test of its own by reading the lines
 * of the source that start with "TEST" (so keep them on one line).
 *
 * A case passes when its function returns with as many open file descriptors
 * as it had and leaves no process behind. It runs in a process group of its
 * own, which is killed when it ends, at its deadline, and on Ctrl-C. Exit
 * status: 0 passed, 1 failed, 77 skipped.
 */
#ifndef PH_TEST_H
#define PH_TEST_H

#ifdef NDEBUG
#error "tests mean nothing with assertions off: build without NDEBUG"
#endif

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ph_test_case {
	const char *name;
	void (*run)(void);
	unsigned int timeout_s;
	struct ph_test_case *next;
};

/* Adds a case to the program; only the macros below call it. */
void test_register(struct ph_test_case *entry);

/* Defines a case that may take 60 seconds (times PH_TEST_TIMEOUT_FACTOR). */
#define TEST(name_) TEST_TIMEOUT(name_, 60)

/* Defines a case that may take the given number of seconds. */
#define TEST_TIMEOUT(name_, seconds_)                                                              \
	static void test_case_##name_(void);                                                       \
	static struct ph_test_case test_entry_##name_ = {                                          \
	    .name = #name_, .run = test_case_##name_, .timeout_s = (seconds_)};                    \
	__attribute__((constructor)) static void test_register_##name_(void)                       \
	{                                                                                          \
		test_register(&test_entry_##name_);                                                \
	}                                                                                          \
	static void test_case_##name_(void)

/* Ends the case as failed, with a line that starts with where it happened. */
_Noreturn void test_fail(const char *file, int line, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Ends the case as skipped. The reason tells a person what is missing. */
_Noreturn void test_skip(const char *format, ...) __attribute__((format(printf, 1, 2)));

/*
 * An empty directory for this case, with its absolute path; the same one at
 * every call. It is removed with all that is in it when the case has ended.
 * The string belongs to the runner.
 */
const char *test_dir(void);

/*
 * The path of a file below tests/ (PH_TEST_SOURCE_DIR, which meson sets, or
 * the directory that the program was built from). To be freed by the caller.
 */
char *test_source_path(const char *relative);

/*
 * Reads a whole file and adds a NUL that *size does not count. Fails the case
 * if that cannot be done. size may be NULL. To be freed by the caller.
 */
char *test_read_file(const char *path, size_t *size);

/* Writes a whole file, made with mode 0600 if it is new; fails the case if not. */
void test_write_file(const char *path, const void *data, size_t size);

/* CLOCK_MONOTONIC in microseconds. */
uint64_t test_now_us(void);

void test_check_int(const char *file, int line, const char *what, intmax_t is, intmax_t want);
void test_check_uint(const char *file, int line, const char *what, uintmax_t is, uintmax_t want);
void test_check_double(const char *file, int line, const char *what, double is, double want);
void test_check_str(const char *file, int line, const char *what, const char *is, const char *want);
void test_check_contains(
    const char *file, int line, const char *what, const char *text, const char *part);
void test_check_mem(
    const char *file, int line, const char *what, const void *is, const void *want, size_t size);

/*
 * The checks. "0 ? 0 : x" instead of "(x)" makes an assignment written by
 * mistake, as in check(x = 1), an error of the compiler. Each argument is
 * evaluated once. Values are printed when they differ.
 */
#define check(x)                                                                                   \
	do {                                                                                       \
		if (!(0 ? 0 : x))                                                                  \
			test_fail(__FILE__, __LINE__, "check(%s)", #x);                            \
	} while (0)

/* Signed integers and enums. */
#define check_int(is, want) test_check_int(__FILE__, __LINE__, #is, (0 ? 0 : is), (0 ? 0 : want))

/* Unsigned integers; printed in decimal and hexadecimal. */
#define check_uint(is, want) test_check_uint(__FILE__, __LINE__, #is, (0 ? 0 : is), (0 ? 0 : want))

/* Exactly equal numbers. */
#define check_double(is, want)                                                                     \
	test_check_double(__FILE__, __LINE__, #is, (0 ? 0 : is), (0 ? 0 : want))

/* Strings; NULL equals only NULL. */
#define check_str(is, want)                                                                        \
	test_check_str(__FILE__, __LINE__, #is, (0 ? NULL : is), (0 ? NULL : want))

/* That "part" occurs in "text". */
#define check_contains(text, part)                                                                 \
	test_check_contains(__FILE__, __LINE__, #text, (0 ? NULL : text), (0 ? NULL : part))

/* Bytes; the first differing offset is printed with its surroundings. */
#define check_mem(is, want, size)                                                                  \
	test_check_mem(__FILE__, __LINE__, #is, (0 ? NULL : is), (0 ? NULL : want), (0 ? 0 : size))

/* Any comparison of integers that fit in 64 signed bits: check_op(n, <=, 4). */
#define check_op(is, op, want)                                                                     \
	do {                                                                                       \
		const intmax_t test_is_ = (0 ? 0 : is), test_want_ = (0 ? 0 : want);               \
		if (!(test_is_ op test_want_))                                                     \
			test_fail(__FILE__, __LINE__, "%s %s %s: %jd against %jd", #is, #op,       \
			    #want, test_is_, test_want_);                                          \
	} while (0)

#endif
