// SPDX-License-Identifier: MIT
#include "qmp_codec.h"

#include <stdlib.h>
#include <string.h>

#include "alloc.h"

static const char *get_string(sd_json_variant *object, const char *key)
{
	sd_json_variant *value = sd_json_variant_by_key(object, key);
	return value && sd_json_variant_is_string(value) ? sd_json_variant_string(value) : NULL;
}

static bool get_boolean(sd_json_variant *object, const char *key)
{
	sd_json_variant *value = sd_json_variant_by_key(object, key);
	return value && sd_json_variant_is_boolean(value) && sd_json_variant_boolean(value);
}

/* A whole number that fits; false if there is none. */
static bool get_number(sd_json_variant *object, const char *key, unsigned *out)
{
	sd_json_variant *value = sd_json_variant_by_key(object, key);
	if (!value || !sd_json_variant_is_unsigned(value) ||
	    sd_json_variant_unsigned(value) > UINT32_MAX) {
		return false;
	}
	*out = (unsigned)sd_json_variant_unsigned(value);
	return true;
}

size_t qmp_codec_find_line(const char *data, size_t size, size_t *used)
{
	const char *end = size ? memchr(data, '\n', size) : NULL;
	if (!end) {
		*used = 0;
		return SIZE_MAX;
	}
	size_t length = (size_t)(end - data);
	*used = length + 1;
	return length && data[length - 1] == '\r' ? length - 1 : length;
}

static enum ph_qmp_kind decode_greeting(struct ph_qmp_message *message, sd_json_variant *hello)
{
	sd_json_variant *version =
	    sd_json_variant_by_key(sd_json_variant_by_key(hello, "version"), "qemu");
	if (get_number(version, "major", &message->major) &&
	    get_number(version, "minor", &message->minor) &&
	    get_number(version, "micro", &message->micro)) {
		return PH_QMP_GREETING;
	}
	return PH_QMP_BROKEN;
}

static enum ph_qmp_kind decode_event(struct ph_qmp_message *message, const char *name)
{
	static const struct {
		const char *name;
		enum ph_qmp_event event;
	} names[] = {
	    {"SHUTDOWN", PH_QMP_EVENT_SHUTDOWN},
	    {"RESET", PH_QMP_EVENT_RESET},
	    {"STOP", PH_QMP_EVENT_STOP},
	    {"RESUME", PH_QMP_EVENT_RESUME},
	    {"POWERDOWN", PH_QMP_EVENT_POWERDOWN},
	    {"SUSPEND", PH_QMP_EVENT_SUSPEND},
	    {"WAKEUP", PH_QMP_EVENT_WAKEUP},
	    {"GUEST_PANICKED", PH_QMP_EVENT_PANICKED},
	    {"BLOCK_IO_ERROR", PH_QMP_EVENT_IO_ERROR},
	};
	sd_json_variant *data = sd_json_variant_by_key(message->root, "data");
	message->event = PH_QMP_EVENT_OTHER;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strcmp(name, names[i].name) == 0) {
			message->event = names[i].event;
		}
	}
	message->guest = get_boolean(data, "guest");
	message->no_space = get_boolean(data, "nospace");
	message->reason = get_string(data, "reason");
	message->device = get_string(data, "device");
	return PH_QMP_EVENT;
}

static enum ph_qmp_kind decode_root(struct ph_qmp_message *message)
{
	sd_json_variant *root = message->root;
	sd_json_variant *hello = sd_json_variant_by_key(root, "QMP");
	if (hello) {
		return decode_greeting(message, hello);
	}
	const char *event = get_string(root, "event");
	if (event) {
		return decode_event(message, event);
	}
	sd_json_variant *id = sd_json_variant_by_key(root, "id");
	if (id && sd_json_variant_is_unsigned(id)) {
		message->id = sd_json_variant_unsigned(id);
	}
	message->value = sd_json_variant_by_key(root, "return");
	if (message->value) {
		return PH_QMP_RETURN;
	}
	message->error = get_string(sd_json_variant_by_key(root, "error"), "desc");
	return message->error ? PH_QMP_ERROR : PH_QMP_BROKEN;
}

enum ph_qmp_kind qmp_codec_decode(struct ph_qmp_message *message, const char *line, size_t size)
{
	*message = (struct ph_qmp_message){0};
	if (size > PH_QMP_LINE_MAX || memchr(line, '\0', size)) {
		return message->kind;
	}
	char *text = alloc_zero(size + 1);
	memcpy(text, line, size);
	if (sd_json_parse(text, 0, &message->root, NULL, NULL) >= 0 &&
	    sd_json_variant_is_object(message->root)) {
		message->kind = decode_root(message);
	}
	free(text);
	return message->kind;
}

void qmp_codec_finish(struct ph_qmp_message *message)
{
	sd_json_variant_unref(message->root);
	*message = (struct ph_qmp_message){0};
}

const char *qmp_codec_status(const struct ph_qmp_message *message)
{
	return message->kind == PH_QMP_RETURN ? get_string(message->value, "status") : NULL;
}

char *qmp_codec_encode(const char *command, uint64_t id, sd_json_variant *arguments)
{
	sd_json_variant *root = NULL;
	char *text = NULL;
	int r = sd_json_buildo(&root, SD_JSON_BUILD_PAIR_STRING("execute", command),
	    SD_JSON_BUILD_PAIR_CONDITION(
		!!arguments, "arguments", SD_JSON_BUILD_VARIANT(arguments)),
	    SD_JSON_BUILD_PAIR_UNSIGNED("id", id));
	if (r < 0 || sd_json_variant_format(root, SD_JSON_FORMAT_NEWLINE, &text) < 0) {
		/* only memory can be missing here */
		abort();
	}
	sd_json_variant_unref(root);
	return text;
}
