// SPDX-License-Identifier: MIT
#include "guest_token.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>
#include <wlr/util/log.h>

static bool is_token(const char *text)
{
	return strspn(text, "0123456789abcdef") == PH_TOKEN_LENGTH && text[PH_TOKEN_LENGTH] == '\0';
}

static bool read_file(const char *path, char *token)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0) {
		return false;
	}
	ssize_t length = read(fd, token, PH_TOKEN_LENGTH);
	close(fd);
	token[PH_TOKEN_LENGTH] = '\0';
	return length == PH_TOKEN_LENGTH && is_token(token);
}

static void make_token(char *token)
{
	unsigned char bytes[PH_TOKEN_LENGTH / 2];

	/* Up to 256 bytes come whole or not at all; the pool is ready long before a login. */
	while (getrandom(bytes, sizeof(bytes), 0) != (ssize_t)sizeof(bytes)) {
	}
	for (size_t i = 0; i < sizeof(bytes); i++) {
		snprintf(token + 2 * i, 3, "%02x", bytes[i]);
	}
}

bool guest_token_read(const char *runtime, char *token)
{
	char path[4096], temporary[4096];

	token[0] = '\0';
	if (mkdir(runtime, 0700) < 0 && errno != EEXIST) {
		wlr_log_errno(WLR_ERROR, "start: cannot make %s", runtime);
		return false;
	}
	snprintf(path, sizeof(path), "%s/token", runtime);
	if (read_file(path, token)) {
		return true;
	}
	/* Renamed when whole: a bridge never reads half a token. */
	snprintf(temporary, sizeof(temporary), "%s/token.new", runtime);
	make_token(token);
	int fd = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	bool done = fd >= 0 && write(fd, token, PH_TOKEN_LENGTH) == PH_TOKEN_LENGTH &&
		    rename(temporary, path) == 0;
	if (!done) {
		wlr_log_errno(WLR_ERROR, "start: cannot write %s", path);
		token[0] = '\0';
	}
	if (fd >= 0) {
		close(fd);
	}
	return done;
}

bool guest_token_equal(const char *token, const char *other)
{
	unsigned char difference = 0;

	if (strlen(other) != PH_TOKEN_LENGTH || strlen(token) != PH_TOKEN_LENGTH) {
		return false;
	}
	for (size_t i = 0; i < PH_TOKEN_LENGTH; i++) {
		difference |= (unsigned char)(token[i] ^ other[i]);
	}
	return difference == 0;
}
