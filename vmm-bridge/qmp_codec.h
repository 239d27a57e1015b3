// SPDX-License-Identifier: MIT
#ifndef PH_QMP_CODEC_H
#define PH_QMP_CODEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <systemd/sd-json.h>

/* QEMU's machine protocol: lines of JSON to structs and back. Pure. */

/* Longer lines are not QEMU's: the longest answer that we ask for has some hundred bytes. */
#define PH_QMP_LINE_MAX ((size_t)1 << 20)

enum ph_qmp_kind {
	PH_QMP_BROKEN, /* not of this protocol */
	PH_QMP_GREETING,
	PH_QMP_RETURN,
	PH_QMP_ERROR,
	PH_QMP_EVENT,
};

enum ph_qmp_event {
	PH_QMP_EVENT_OTHER,
	PH_QMP_EVENT_SHUTDOWN,
	PH_QMP_EVENT_RESET,
	PH_QMP_EVENT_STOP,
	PH_QMP_EVENT_RESUME,
	PH_QMP_EVENT_POWERDOWN,
	PH_QMP_EVENT_SUSPEND,
	PH_QMP_EVENT_WAKEUP,
	PH_QMP_EVENT_PANICKED,
	PH_QMP_EVENT_IO_ERROR,
};

/* Strings belong to the message. */
struct ph_qmp_message {
	enum ph_qmp_kind kind;
	unsigned major, minor, micro; /* GREETING: QEMU's version */
	uint64_t id;                  /* RETURN, ERROR: of the command; 0 if it says none */
	sd_json_variant *value;       /* RETURN */
	const char *error;            /* ERROR: what QEMU says */
	enum ph_qmp_event event;      /* EVENT: */
	bool guest;                   /* SHUTDOWN, RESET: the guest did it */
	bool no_space;                /* IO_ERROR: because the disk that it lies on is full */
	const char *reason;           /* SHUTDOWN, RESET, IO_ERROR: QEMU's word; NULL if none */
	const char *device;           /* IO_ERROR; NULL if none */
	sd_json_variant *root;        /* owner of all of these */
};

/*
 * Length of the first line in data without its end, and in *used with it.
 * SIZE_MAX: there is no whole line yet.
 */
size_t qmp_codec_find_line(const char *data, size_t size, size_t *used);

/* Decodes one line. The message needs qmp_codec_finish() whatever comes out. */
enum ph_qmp_kind qmp_codec_decode(struct ph_qmp_message *message, const char *line, size_t size);

/* Safe on zeroed memory, which it leaves. */
void qmp_codec_finish(struct ph_qmp_message *message);

/*
 * The run state ("running", "paused", ...) in the answer to query-status; NULL
 * if there is none. Belongs to the message.
 */
const char *qmp_codec_status(const struct ph_qmp_message *message);

/* A command as a line with its end, to be freed. arguments may be NULL. id is not 0. */
char *qmp_codec_encode(const char *command, uint64_t id, sd_json_variant *arguments);

#endif
