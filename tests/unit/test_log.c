// SPDX-License-Identifier: MIT
#include "log.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "test.h"

#define LOG_MODULE "test"

/* What the body writes to standard error, to be freed. */
static char *capture(void (*body)(void))
{
	char path[4096];
	snprintf(path, sizeof(path), "%s/log", test_dir());
	int saved = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	dup2(fd, STDERR_FILENO);
	close(fd);
	body();
	dup2(saved, STDERR_FILENO);
	close(saved);
	return test_read_file(path, NULL);
}

TEST(escapes)
{
	static const struct {
		const char *text, *want;
		size_t size; /* of the destination; 0: large */
	} table[] = {
	    {"plain text", "plain text", 0},
	    {"", "", 0},
	    {"a\nb", "a\\x0ab", 0},
	    {"\x1b]0;x\x07", "\\x1b]0;x\\x07", 0},
	    {"\x7f", "\\x7f", 0},
	    {"gr\xc3\xbc\xc3\x9f dich \xe2\x82\xac \xf0\x9f\x90\xa7",
		"gr\xc3\xbc\xc3\x9f dich \xe2\x82\xac \xf0\x9f\x90\xa7", 0},
	    {"\xff\xfe", "\\xff\\xfe", 0},
	    {"\xc3", "\\xc3", 0},
	    {"\xc3(", "\\xc3(", 0},
	    {"\xc0\xaf", "\\xc0\\xaf", 0},                   /* overlong */
	    {"\xe0\x80\x80", "\\xe0\\x80\\x80", 0},          /* overlong */
	    {"\xed\xa0\x80", "\\xed\\xa0\\x80", 0},          /* surrogate */
	    {"\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80", 0}, /* above U+10FFFF */
	    {"\xc2\x9b"
	     "31m",
		"\\xc2\\x9b31m", 0}, /* C1: CSI in one character */
	    {"a\xe2\x80\xae"
	     "b",
		"a\\xe2\\x80\\xae"
		"b",
		0}, /* right-to-left override */
	    {"a\xe2\x80\xa8"
	     "b",
		"a\\xe2\\x80\\xa8"
		"b",
		0}, /* line separator */
	    {"abcdef", "abc", 4},
	    {"abc", "abc", 4},
	    {"a\xe2\x82\xac", "a", 4}, /* no half characters */
	    {"a\n", "a", 5},
	    {"a\n", "a\\x0a", 6},
	    {"x", "", 1},
	};
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		char text[64];
		memset(text, '#', sizeof(text));
		log_escape(text, table[i].size ? table[i].size : sizeof(text), table[i].text,
		    strlen(table[i].text));
		check_str(text, table[i].want);
	}
	/* every byte, and nothing read or written behind the ends */
	for (int c = 1; c < 256; c++) {
		char byte = (char)c, text[5];
		log_escape(text, sizeof(text), &byte, 1);
		check_op((intmax_t)strlen(text), <=, 4);
	}
}

static void say_some(void)
{
	log_init(PH_LOG_INFO, "my\nguest");
	log_info("number %d", 7);
	log_debug("not this");
	log_error("two\nlines");
	errno = ENOENT;
	log_errno("%s", "/a/path");
	log_init(PH_LOG_DEBUG, NULL);
	log_debug("but this");
	char large[5000];
	memset(large, 'x', sizeof(large) - 1);
	large[sizeof(large) - 1] = '\0';
	log_info("%s", large);
}

TEST(lines)
{
	char *said = capture(say_some);
	const char *start = "phyllome-bridge[my\\x0aguest] test: number 7\n"
			    "phyllome-bridge[my\\x0aguest] test: error: two\\x0alines\n"
			    "phyllome-bridge[my\\x0aguest] test: error: /a/path: No such file or "
			    "directory\n"
			    "phyllome-bridge test: but this\n"
			    "phyllome-bridge test: xxx";
	check_op((intmax_t)strlen(said), >, (intmax_t)strlen(start));
	char *head = strndup(said, strlen(start));
	check_str(head, start);
	check_int(said[strlen(said) - 1], '\n');
	free(head);
	free(said);
}

static void say_much(void)
{
	static struct ph_log_limit limit;
	log_init(PH_LOG_INFO, NULL);
	for (int i = 0; i < 1000; i++) {
		log_limited(&limit, PH_LOG_ERROR, "line %d", i);
	}
	usleep(1100000);
	log_limited(&limit, PH_LOG_ERROR, "later");
}

TEST(a_peer_cannot_flood)
{
	char *said = capture(say_much);
	int lines = 0;
	for (const char *c = said; *c; c++) {
		lines += *c == '\n';
	}
	check_int(lines, PH_LOG_BURST + 1);
	check_contains(said, "error: later (and 995 more like it)\n");
	free(said);
}
