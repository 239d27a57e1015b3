/* SPDX-License-Identifier: MIT */
#include "qtest.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define ANSWER_MS 60000
#define CHUNK (256 * 1024)

void qtest_die(const char *format, ...)
{
	va_list args;
	fputs("qtest-guest: ", stderr);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	exit(1);
}

uint64_t qtest_now_us(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

static void sleep_us(uint64_t us)
{
	const struct timespec time = {
	    .tv_sec = (time_t)(us / 1000000), .tv_nsec = (long)(us % 1000000) * 1000};
	nanosleep(&time, NULL);
}

void qtest_connect(
    struct ph_qtest *qtest, const char *path, unsigned int timeout_ms, unsigned int memory_mib)
{
	const uint64_t deadline = qtest_now_us() + (uint64_t)timeout_ms * 1000;
	struct sockaddr_un address = {.sun_family = AF_UNIX};

	memset(qtest, 0, sizeof(*qtest));
	qtest->next_page = 0x100000;
	qtest->memory_end = (uint64_t)memory_mib << 20;
	if (strlen(path) >= sizeof(address.sun_path))
		qtest_die("%s: path too long for a socket", path);
	memcpy(address.sun_path, path, strlen(path));
	for (;;) {
		qtest->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
		if (qtest->fd < 0)
			qtest_die("socket: %s", strerror(errno));
		if (connect(qtest->fd, (struct sockaddr *)&address, sizeof(address)) == 0)
			return;
		if (qtest_now_us() > deadline)
			qtest_die("%s: cannot connect: %s; is QEMU there with -qtest "
				  "unix:PATH,server=on,wait=off?",
			    path, strerror(errno));
		close(qtest->fd);
		sleep_us(10000);
	}
}

void qtest_finish(struct ph_qtest *qtest)
{
	close(qtest->fd);
	free(qtest->in);
	memset(qtest, 0, sizeof(*qtest));
	qtest->fd = -1;
}

static void send_all(struct ph_qtest *qtest, const char *data, size_t size)
{
	while (size > 0) {
		const ssize_t sent = send(qtest->fd, data, size, MSG_NOSIGNAL);
		if (sent < 0 && errno == EINTR)
			continue;
		if (sent < 0)
			qtest_die("QEMU is gone: %s", strerror(errno));
		data += sent;
		size -= (size_t)sent;
	}
}

/* The next line without its line feed, which belongs to the caller. */
static char *receive_line(struct ph_qtest *qtest)
{
	size_t searched = 0;
	for (;;) {
		char *end = NULL;
		if (qtest->in_fill > searched)
			end = memchr(qtest->in + searched, '\n', qtest->in_fill - searched);
		if (end) {
			const size_t length = (size_t)(end - qtest->in);
			char *line = strndup(qtest->in, length);
			if (!line)
				abort();
			qtest->in_fill -= length + 1;
			memmove(qtest->in, end + 1, qtest->in_fill);
			return line;
		}
		searched = qtest->in_fill;
		if (qtest->in_room - qtest->in_fill < 4096) {
			qtest->in_room = qtest->in_room ? qtest->in_room * 2 : 65536;
			qtest->in = realloc(qtest->in, qtest->in_room);
			if (!qtest->in)
				abort();
		}
		struct pollfd wait = {.fd = qtest->fd, .events = POLLIN};
		if (poll(&wait, 1, ANSWER_MS) <= 0)
			qtest_die("QEMU gave no answer within %d ms", ANSWER_MS);
		const ssize_t got =
		    recv(qtest->fd, qtest->in + qtest->in_fill, qtest->in_room - qtest->in_fill, 0);
		if (got <= 0)
			qtest_die("QEMU closed the qtest socket");
		qtest->in_fill += (size_t)got;
	}
}

/* Sends a line that ends in a line feed; returns what follows "OK", for the caller to free. */
static char *ask(struct ph_qtest *qtest, const char *line, size_t length)
{
	send_all(qtest, line, length);
	for (;;) {
		char *answer = receive_line(qtest);
		if (strncmp(answer, "IRQ ", 4) == 0) {
			free(answer);
			continue;
		}
		if (strncmp(answer, "OK", 2) != 0)
			qtest_die("QEMU refused \"%.60s\": %s", line, answer);
		memmove(answer, answer + 2, strlen(answer + 2) + 1);
		return answer;
	}
}

__attribute__((format(printf, 2, 3))) static uint64_t ask_number(
    struct ph_qtest *qtest, const char *format, ...)
{
	char line[128];
	va_list args;
	va_start(args, format);
	const int length = vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	char *answer = ask(qtest, line, (size_t)length);
	const uint64_t value = strtoull(answer, NULL, 0);
	free(answer);
	return value;
}

static char width_letter(unsigned int bytes)
{
	switch (bytes) {
	case 1:
		return 'b';
	case 2:
		return 'w';
	case 4:
		return 'l';
	case 8:
		return 'q';
	default:
		qtest_die("access of %u bytes", bytes);
	}
}

void qtest_out(struct ph_qtest *qtest, uint16_t port, unsigned int bytes, uint32_t value)
{
	ask_number(qtest, "out%c 0x%x 0x%x\n", width_letter(bytes), port, value);
}

uint32_t qtest_in(struct ph_qtest *qtest, uint16_t port, unsigned int bytes)
{
	return (uint32_t)ask_number(qtest, "in%c 0x%x\n", width_letter(bytes), port);
}

void qtest_set(struct ph_qtest *qtest, uint64_t address, unsigned int bytes, uint64_t value)
{
	ask_number(
	    qtest, "write%c 0x%" PRIx64 " 0x%" PRIx64 "\n", width_letter(bytes), address, value);
}

uint64_t qtest_get(struct ph_qtest *qtest, uint64_t address, unsigned int bytes)
{
	return ask_number(qtest, "read%c 0x%" PRIx64 "\n", width_letter(bytes), address);
}

void qtest_map_memory(struct ph_qtest *qtest, const char *path)
{
	struct stat status;
	const int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &status) < 0)
		qtest_die("%s: %s", path, strerror(errno));
	void *memory = mmap(NULL, (size_t)status.st_size, PROT_READ, MAP_SHARED, fd, 0);
	close(fd);
	if (memory == MAP_FAILED)
		qtest_die("%s: cannot be mapped: %s", path, strerror(errno));
	qtest->memory = memory;
	qtest->memory_size = (uint64_t)status.st_size;
}

uint64_t qtest_peek(struct ph_qtest *qtest, uint64_t address, unsigned int bytes)
{
	if (!qtest->memory || address + bytes > qtest->memory_size)
		return qtest_get(qtest, address, bytes);
	if (bytes == 2)
		return __atomic_load_n((const uint16_t *)(qtest->memory + address), __ATOMIC_ACQUIRE);
	if (bytes == 4)
		return __atomic_load_n((const uint32_t *)(qtest->memory + address), __ATOMIC_ACQUIRE);
	qtest_die("peek of %u bytes", bytes);
}

void qtest_fill(struct ph_qtest *qtest, uint64_t address, uint8_t value, size_t size)
{
	if (size > 0)
		ask_number(qtest, "memset 0x%" PRIx64 " 0x%zx 0x%x\n", address, size, value);
}

void qtest_step_clock(struct ph_qtest *qtest, uint64_t ns)
{
	ask_number(qtest, "clock_step %" PRIu64 "\n", ns);
}

void qtest_wait_us(struct ph_qtest *qtest, uint64_t us)
{
	sleep_us(us);
	qtest_step_clock(qtest, us * 1000);
}

uint64_t qtest_allocate(struct ph_qtest *qtest, uint64_t size)
{
	const uint64_t address = qtest->next_page;
	size = (size + 0xfff) & ~(uint64_t)0xfff;
	if (size > qtest->memory_end - address)
		qtest_die("the guest's memory is used up: %" PRIu64 " bytes wanted", size);
	qtest->next_page += size;
	qtest_fill(qtest, address, 0, size);
	return address;
}

static void encode_base64(const uint8_t *data, size_t size, char *out)
{
	static const char digits[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	for (size_t i = 0; i < size; i += 3, out += 4) {
		const uint32_t bits = (uint32_t)data[i] << 16 |
				      (i + 1 < size ? (uint32_t)data[i + 1] << 8 : 0) |
				      (i + 2 < size ? data[i + 2] : 0u);
		out[0] = digits[bits >> 18];
		out[1] = digits[bits >> 12 & 63];
		out[2] = i + 1 < size ? digits[bits >> 6 & 63] : '=';
		out[3] = i + 2 < size ? digits[bits & 63] : '=';
	}
}

void qtest_write(struct ph_qtest *qtest, uint64_t address, const void *data, size_t size)
{
	char *line = malloc(64 + (CHUNK + 2) / 3 * 4 + 2);
	if (!line)
		abort();
	for (size_t done = 0; done < size;) {
		const size_t part = size - done < CHUNK ? size - done : CHUNK;
		const size_t head = (size_t)snprintf(
		    line, 64, "b64write 0x%" PRIx64 " 0x%zx ", address + done, part);
		const size_t body = (part + 2) / 3 * 4;
		encode_base64((const uint8_t *)data + done, part, line + head);
		line[head + body] = '\n';
		line[head + body + 1] = '\0';
		free(ask(qtest, line, head + body + 1));
		done += part;
	}
	free(line);
}

static unsigned int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return (unsigned int)(c - '0');
	if (c >= 'a' && c <= 'f')
		return (unsigned int)(c - 'a' + 10);
	qtest_die("QEMU sent '%c' where a hexadecimal digit belongs", c);
}

void qtest_read(struct ph_qtest *qtest, uint64_t address, void *data, size_t size)
{
	uint8_t *out = data;
	for (size_t done = 0; done < size;) {
		const size_t part = size - done < CHUNK ? size - done : CHUNK;
		char line[64];
		const int head = snprintf(
		    line, sizeof(line), "read 0x%" PRIx64 " 0x%zx\n", address + done, part);
		char *answer = ask(qtest, line, (size_t)head);
		if (strlen(answer) != 3 + part * 2) /* " 0x" and two digits a byte */
			qtest_die("QEMU answered a read of %zu bytes with %zu characters", part,
			    strlen(answer));
		for (size_t i = 0; i < part; i++)
			out[done + i] = (uint8_t)(hex_digit(answer[3 + i * 2]) << 4 |
						  hex_digit(answer[4 + i * 2]));
		free(answer);
		done += part;
	}
}
