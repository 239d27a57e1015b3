/* SPDX-License-Identifier: MIT */
/*
 * QEMU's qtest socket: with "-accel qtest" no CPU runs, and whoever holds this
 * socket writes memory and ports in the guest's stead. QEMU serves one
 * connection at a time and resets the machine whenever one is opened.
 *
 * These functions belong to a test tool: what must not happen (a refused
 * connection, a malformed answer, no answer within 10 seconds) ends the
 * program with exit status 1 and one line.
 */
#ifndef PH_QTEST_H
#define PH_QTEST_H

#include <stddef.h>
#include <stdint.h>

struct ph_qtest {
	int fd;
	char *in; /* bytes received and not yet consumed */
	size_t in_fill, in_room;
	uint64_t next_page;  /* guest memory is handed out from here on, never back */
	uint64_t memory_end; /* first byte after the guest's low memory */
	const uint8_t *memory; /* that memory, NULL: only QEMU has it */
	uint64_t memory_size;
};

/* Prints one line to stderr and exits with status 1. */
_Noreturn void qtest_die(const char *format, ...) __attribute__((format(printf, 1, 2)));

/*
 * Connects to the socket, waiting up to timeout_ms for it to appear. The guest
 * has memory_mib MiB, of which the first is left alone.
 */
void qtest_connect(
    struct ph_qtest *qtest, const char *path, unsigned int timeout_ms, unsigned int memory_mib);

/* Ends the connection; QEMU goes on. */
void qtest_finish(struct ph_qtest *qtest);

/* Guest memory that nobody else has, aligned to pages and zeroed; its physical address. */
uint64_t qtest_allocate(struct ph_qtest *qtest, uint64_t size);

void qtest_out(struct ph_qtest *qtest, uint16_t port, unsigned int bytes, uint32_t value);
uint32_t qtest_in(struct ph_qtest *qtest, uint16_t port, unsigned int bytes);

/* Memory and memory-mapped registers, 1, 2, 4 or 8 bytes, little endian. */
void qtest_set(struct ph_qtest *qtest, uint64_t address, unsigned int bytes, uint64_t value);
uint64_t qtest_get(struct ph_qtest *qtest, uint64_t address, unsigned int bytes);

/*
 * The file that QEMU keeps the guest's low memory in (a memfd under /proc/PID/fd): from
 * now on qtest_peek() reads there. QEMU's main loop wakes up for each question, and so
 * do all its threads with timers for each step of the clock, which none of those
 * that measure it wants to be the cause of.
 */
void qtest_map_memory(struct ph_qtest *qtest, const char *path);

/* As qtest_get(), of memory that a device may have written; without QEMU if that can be. */
uint64_t qtest_peek(struct ph_qtest *qtest, uint64_t address, unsigned int bytes);

void qtest_write(struct ph_qtest *qtest, uint64_t address, const void *data, size_t size);
void qtest_read(struct ph_qtest *qtest, uint64_t address, void *data, size_t size);
void qtest_fill(struct ph_qtest *qtest, uint64_t address, uint8_t value, size_t size);

/*
 * Sleeps, and lets the guest's clock advance by as much (ns, where given
 * apart): without these that clock stands still, and with it QEMU's timers.
 */
void qtest_wait_us(struct ph_qtest *qtest, uint64_t us);
void qtest_step_clock(struct ph_qtest *qtest, uint64_t ns);

/* CLOCK_MONOTONIC in microseconds, for deadlines. */
uint64_t qtest_now_us(void);

#endif
