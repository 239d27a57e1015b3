// SPDX-License-Identifier: MIT
#include "qmp_codec.h"

#include <stdlib.h>
#include <string.h>

#include "test.h"

static const char greeting[] =
    "{\"QMP\": {\"version\": {\"qemu\": {\"micro\": 2, \"minor\": 1, \"major\": 11}, \"package\": "
    "\"Debian 1:11.1.2+ds-3\"}, \"capabilities\": [\"oob\"]}}";

static enum ph_qmp_kind decode(struct ph_qmp_message *message, const char *text)
{
	return qmp_codec_decode(message, text, strlen(text));
}

TEST(greeting_tells_the_version)
{
	struct ph_qmp_message message;
	check_int(decode(&message, greeting), PH_QMP_GREETING);
	check_uint(message.major, 11);
	check_uint(message.minor, 1);
	check_uint(message.micro, 2);
	qmp_codec_finish(&message);
	qmp_codec_finish(&message);
}

TEST(lines_and_their_kinds)
{
	static const struct {
		const char *text;
		enum ph_qmp_kind kind;
		uint64_t id;
	} table[] = {
	    {"{\"return\": {}, \"id\": 7}", PH_QMP_RETURN, 7},
	    {"{\"id\": 18446744073709551615, \"return\": []}", PH_QMP_RETURN, UINT64_MAX},
	    {"{\"return\": {}}", PH_QMP_RETURN, 0},
	    {"{\"return\": {}, \"id\": \"7\"}", PH_QMP_RETURN, 0},
	    {"{\"return\": {}, \"id\": -7}", PH_QMP_RETURN, 0},
	    {"{\"return\": null, \"id\": 1}", PH_QMP_RETURN, 1},
	    {"{\"error\": {\"class\": \"GenericError\", \"desc\": \"no\"}, \"id\": 3}",
		PH_QMP_ERROR, 3},
	    {"{\"event\": \"STOP\", \"timestamp\": {\"seconds\": 1, \"microseconds\": 2}}",
		PH_QMP_EVENT, 0},
	    {"  {\"return\": {}, \"id\": 7}  ", PH_QMP_RETURN, 7},
	    {"", PH_QMP_BROKEN, 0},
	    {"{}", PH_QMP_BROKEN, 0},
	    {"[]", PH_QMP_BROKEN, 0},
	    {"7", PH_QMP_BROKEN, 0},
	    {"null", PH_QMP_BROKEN, 0},
	    {"\"return\"", PH_QMP_BROKEN, 0},
	    {"hello", PH_QMP_BROKEN, 0},
	    {"{\"return\": {}, \"id\": 7", PH_QMP_BROKEN, 0},
	    {"{\"return\": {}, \"id\": 7} x", PH_QMP_BROKEN, 0},
	    {"{\"return\": {}} {\"return\": {}}", PH_QMP_BROKEN, 0},
	    {"{\"event\": 7}", PH_QMP_BROKEN, 0},
	    {"{\"error\": \"no\"}", PH_QMP_BROKEN, 0},
	    {"{\"error\": {\"desc\": 7}}", PH_QMP_BROKEN, 0},
	    {"{\"QMP\": {}}", PH_QMP_BROKEN, 0},
	    {"{\"QMP\": 1}", PH_QMP_BROKEN, 0},
	    {"{\"QMP\": {\"version\": {\"qemu\": {\"micro\": 2, \"minor\": 1}}}}", PH_QMP_BROKEN,
		0},
	    {"{\"QMP\": {\"version\": {\"qemu\": {\"micro\": 2, \"minor\": -1, \"major\": 11}}}}",
		PH_QMP_BROKEN, 0},
	    {"{\"QMP\": {\"version\": {\"qemu\": {\"micro\": 2, \"minor\": 1, \"major\": "
	     "4294967296}}}}",
		PH_QMP_BROKEN, 0},
	    {"{\"return\": \"\xff\xfe\"}", PH_QMP_BROKEN, 0},
	    {"HTTP/1.1 400 Bad Request", PH_QMP_BROKEN, 0},
	    {"SPICE", PH_QMP_BROKEN, 0},
	};
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct ph_qmp_message message;
		enum ph_qmp_kind kind = decode(&message, table[i].text);
		if (kind != table[i].kind) {
			test_fail(__FILE__, __LINE__, "%s: %d, not %d", table[i].text, kind,
			    table[i].kind);
		}
		check_int(message.kind, kind);
		check_uint(message.id, table[i].id);
		qmp_codec_finish(&message);
	}
}

TEST(events_and_what_they_say)
{
	static const struct {
		const char *text;
		enum ph_qmp_event event;
		bool guest, no_space;
		const char *reason, *device;
	} table[] = {
	    {"{\"event\":\"SHUTDOWN\",\"data\":{\"guest\":true,\"reason\":\"guest-shutdown\"}}",
		PH_QMP_EVENT_SHUTDOWN, true, false, "guest-shutdown", NULL},
	    {"{\"event\":\"SHUTDOWN\"}", PH_QMP_EVENT_SHUTDOWN, false, false, NULL, NULL},
	    {"{\"event\":\"SHUTDOWN\",\"data\":[1]}", PH_QMP_EVENT_SHUTDOWN, false, false, NULL,
		NULL},
	    {"{\"event\":\"SHUTDOWN\",\"data\":{\"guest\":\"yes\",\"reason\":5}}",
		PH_QMP_EVENT_SHUTDOWN, false, false, NULL, NULL},
	    {"{\"event\":\"RESET\",\"data\":{\"guest\":false,\"reason\":\"host-qmp-system-reset\"}"
	     "}",
		PH_QMP_EVENT_RESET, false, false, "host-qmp-system-reset", NULL},
	    {"{\"event\":\"STOP\"}", PH_QMP_EVENT_STOP, false, false, NULL, NULL},
	    {"{\"event\":\"RESUME\"}", PH_QMP_EVENT_RESUME, false, false, NULL, NULL},
	    {"{\"event\":\"POWERDOWN\"}", PH_QMP_EVENT_POWERDOWN, false, false, NULL, NULL},
	    {"{\"event\":\"SUSPEND\"}", PH_QMP_EVENT_SUSPEND, false, false, NULL, NULL},
	    {"{\"event\":\"WAKEUP\"}", PH_QMP_EVENT_WAKEUP, false, false, NULL, NULL},
	    {"{\"event\":\"GUEST_PANICKED\",\"data\":{\"action\":\"pause\"}}",
		PH_QMP_EVENT_PANICKED, false, false, NULL, NULL},
	    {"{\"event\":\"BLOCK_IO_ERROR\",\"data\":{\"device\":\"disk0\",\"nospace\":true,"
	     "\"reason\":\"No space left on device\"}}",
		PH_QMP_EVENT_IO_ERROR, false, true, "No space left on device", "disk0"},
	    {"{\"event\":\"RTC_CHANGE\",\"data\":{\"offset\":0}}", PH_QMP_EVENT_OTHER, false, false,
		NULL, NULL},
	    {"{\"event\":\"\"}", PH_QMP_EVENT_OTHER, false, false, NULL, NULL},
	};
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct ph_qmp_message message;
		check_int(decode(&message, table[i].text), PH_QMP_EVENT);
		check_int(message.event, table[i].event);
		check_int(message.guest, table[i].guest);
		check_int(message.no_space, table[i].no_space);
		check_str(message.reason, table[i].reason);
		check_str(message.device, table[i].device);
		qmp_codec_finish(&message);
	}
}

TEST(answers_to_query_status)
{
	static const struct {
		const char *text, *status;
	} table[] = {
	    {"{\"return\":{\"status\":\"running\",\"running\":true},\"id\":1}", "running"},
	    {"{\"return\":{\"status\":7},\"id\":1}", NULL},
	    {"{\"return\":{},\"id\":1}", NULL},
	    {"{\"return\":\"running\",\"id\":1}", NULL},
	    {"{\"error\":{\"desc\":\"x\"},\"id\":1}", NULL},
	};
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct ph_qmp_message message;
		decode(&message, table[i].text);
		check_str(qmp_codec_status(&message), table[i].status);
		qmp_codec_finish(&message);
	}
}

TEST(finding_lines)
{
	static const struct {
		const char *data;
		size_t size, length, used;
	} table[] = {
	    {"", 0, SIZE_MAX, 0},
	    {"abc", 3, SIZE_MAX, 0},
	    {"abc\n", 4, 3, 4},
	    {"abc\r\n", 5, 3, 5},
	    {"abc\r", 4, SIZE_MAX, 0},
	    {"\n", 1, 0, 1},
	    {"\r\n", 2, 0, 2},
	    {"a\nb\n", 4, 1, 2},
	    {"a\0b\n", 4, 3, 4},
	    {"abc\n", 3, SIZE_MAX, 0},
	};
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		size_t used = 99;
		check_uint(
		    qmp_codec_find_line(table[i].data, table[i].size, &used), table[i].length);
		check_uint(used, table[i].used);
	}
}

TEST(commands)
{
	char *text = qmp_codec_encode("qmp_capabilities", 1, NULL);
	check_str(text, "{\"execute\":\"qmp_capabilities\",\"id\":1}\n");
	free(text);
	sd_json_variant *arguments = NULL;
	check_op(
	    sd_json_buildo(&arguments, SD_JSON_BUILD_PAIR_STRING("fdname", "a\"\n\\b")), >=, 0);
	text = qmp_codec_encode("getfd", UINT64_MAX, arguments);
	check_str(text, "{\"execute\":\"getfd\",\"arguments\":{\"fdname\":\"a\\\"\\n\\\\b\"},"
			"\"id\":18446744073709551615}\n");
	sd_json_variant_unref(arguments);
	free(text);
}

TEST(bytes_that_nobody_should_send)
{
	struct ph_qmp_message message;
	/* a NUL must not hide what follows it */
	check_int(qmp_codec_decode(&message, "{\"return\":{}}\0x", 15), PH_QMP_BROKEN);
	size_t size = PH_QMP_LINE_MAX + 1;
	char *large = malloc(size);
	memset(large, '[', size);
	check_int(qmp_codec_decode(&message, large, size), PH_QMP_BROKEN);
	/* nested as deep as a line can be: refused or parsed, never a crash */
	check_int(qmp_codec_decode(&message, large, size - 1), PH_QMP_BROKEN);
	qmp_codec_finish(&message);
	memset(large, ' ', size);
	memcpy(large, "{\"return\":\"", 11);
	memcpy(large + size - 3, "\"}", 2);
	check_int(qmp_codec_decode(&message, large, size - 1), PH_QMP_RETURN);
	qmp_codec_finish(&message);
	/* cut at every place, and with one byte changed at every place */
	size = sizeof(greeting) - 1;
	for (size_t i = 0; i < size; i++) {
		check_int(qmp_codec_decode(&message, greeting, i), PH_QMP_BROKEN);
		qmp_codec_finish(&message);
		memcpy(large, greeting, size);
		for (int c = 0; c < 256; c += 5) {
			large[i] = (char)c;
			qmp_codec_decode(&message, large, size);
			qmp_codec_finish(&message);
		}
	}
	free(large);
}
