// SPDX-License-Identifier: MIT
#ifndef PH_CTL_CLIENT_H
#define PH_CTL_CLIENT_H

#include <systemd/sd-json.h>
#include <systemd/sd-varlink.h>

/* The session's control socket, from outside. Whatever fails is told in one line on stderr. */

/* How phyllomectl exits. */
enum ph_status {
	PH_STATUS_DONE = 0,
	PH_STATUS_REFUSED = 1,
	PH_STATUS_USAGE = 2,
	PH_STATUS_NO_SESSION = 3,
};

struct ph_client {
	char *path; /* of the socket; owned */
	sd_varlink *link;
};

/* path NULL: that of this login. client_finish() is due either way. */
enum ph_status client_init(struct ph_client *client, const char *path);
void client_finish(struct ph_client *client);

/*
 * Calls a method of the session. parameters (may be NULL) is let go of. *reply
 * (may be NULL) is valid until the next call.
 */
enum ph_status client_call(
    struct ph_client *client, const char *method, sd_json_variant *parameters, sd_json_variant **reply);

/* What Subscribe tells; not PH_STATUS_DONE ends it, and is what client_watch() returns. */
typedef enum ph_status (*ph_client_told)(void *data, sd_json_variant *state);

/* Subscribes and serves until the session ends or `told` ends it. */
enum ph_status client_watch(struct ph_client *client, ph_client_told told, void *data);

/* Prints the line of a failure. */
void client_complain(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
