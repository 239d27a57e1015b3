/* SPDX-License-Identifier: MIT */
/*
 * qtest-watch: says when events of a virtio-input device came to its guest, by
 * looking at the guest's memory, so that QEMU is not disturbed. FILE is that
 * memory (a memfd under /proc/PID/fd); the numbers are what qtest-guest's
 * "queue" answers. One line for each event, "TIME TYPE CODE VALUE", the time in
 * us of CLOCK_MONOTONIC. Each buffer is given back to the device at once. Ends
 * at the end of its standard input.
 */
#include <fcntl.h>
#include <linux/virtio_ring.h>
#include <poll.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <time.h>

#define PERIOD_NS 50000

struct event {
	uint16_t type, code;
	uint32_t value;
};

static uint64_t now_us(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

int main(int argc, char *argv[])
{
	struct stat status;
	if (argc != 6) {
		fprintf(stderr, "usage: qtest-watch FILE SIZE DESCRIPTORS AVAILABLE USED\n");
		return 2;
	}
	const int fd = open(argv[1], O_RDWR | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &status) < 0) {
		perror(argv[1]);
		return 1;
	}
	uint8_t *memory =
	    mmap(NULL, (size_t)status.st_size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (memory == MAP_FAILED) {
		perror("mmap");
		return 1;
	}
	const uint16_t size = (uint16_t)strtoul(argv[2], NULL, 0);
	const struct vring_desc *descriptors = (void *)(memory + strtoull(argv[3], NULL, 0));
	struct vring_avail *available = (void *)(memory + strtoull(argv[4], NULL, 0));
	const volatile struct vring_used *used =
	    (void *)(memory + strtoull(argv[5], NULL, 0));
	const struct sched_param first = {.sched_priority = 20};
	const struct timespec period = {.tv_nsec = PERIOD_NS};
	struct pollfd end = {.fd = 0, .events = POLLIN};
	uint16_t seen = used->idx;

	sched_setscheduler(0, SCHED_FIFO, &first);
	prctl(PR_SET_TIMERSLACK, 1);
	printf("ready\n");
	fflush(stdout);
	for (unsigned int turn = 0; turn % 256 || poll(&end, 1, 0) == 0; turn++) {
		while (seen != __atomic_load_n(&used->idx, __ATOMIC_ACQUIRE)) {
			/* After it was seen: before, it may be earlier than what made it. */
			const uint64_t now = now_us();
			const uint32_t number = used->ring[seen++ % size].id;
			const struct event *event = (void *)(memory + descriptors[number].addr);
			printf("%llu %u %u %d\n", (unsigned long long)now, event->type, event->code,
			    (int)event->value);
			available->ring[available->idx % size] = (uint16_t)number;
			__atomic_store_n(
			    &available->idx, (uint16_t)(available->idx + 1), __ATOMIC_RELEASE);
		}
		nanosleep(&period, NULL);
	}
	return 0;
}
