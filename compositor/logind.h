// SPDX-License-Identifier: MIT
#ifndef PH_LOGIND_H
#define PH_LOGIND_H

#include <stdbool.h>

struct ph_session;
struct sd_bus;

/*
 * What systemd-logind does for the session besides the seat: the backlight, sleep,
 * and the moment before it. Without logind nothing of this is there, which is
 * logged once. Nothing here waits for an answer.
 */
struct ph_logind {
	struct sd_bus *bus; /* NULL: there is none */
	int delay_fd;       /* while it is open, sleep waits for us (a few seconds); -1: none */
	char *path;         /* object of our login, NULL: unknown */
};

/* Connects to the system bus. Always true. control_init() must have been called. */
bool logind_init(struct ph_session *session);
/* Safe on zeroed memory. */
void logind_finish(struct ph_session *session);

/* Whether sleep waits for us; and lets it come. */
bool logind_delays_sleep(const struct ph_session *session);
void logind_let_sleep(struct ph_session *session);

/* Tells logind whether the session is locked. */
void logind_set_locked(struct ph_session *session, bool locked);

/* Makes the computer's own screen brighter or darker. */
bool logind_brightness(struct ph_session *session, unsigned percent, bool up);

/* Puts the computer to sleep. */
bool logind_suspend(struct ph_session *session);

/* The sleep key was pressed: as logind_suspend(), unless logind handles that key itself. */
void logind_sleep_key(struct ph_session *session);

#endif
