// SPDX-License-Identifier: MIT
#ifndef PH_GUEST_TOKEN_H
#define PH_GUEST_TOKEN_H

#include <stdbool.h>

#include "guest.h"

/*
 * Reads the token of the guest whose run-time directory that is, or makes
 * directory (0700) and token (0600) if they are not there. token has
 * PH_TOKEN_LENGTH + 1 bytes. False: logged, and token is empty.
 */
bool guest_token_read(const char *runtime, char *token);

/* Whether they are the same; takes the same time wherever they differ. */
bool guest_token_equal(const char *token, const char *other);

#endif
