/* SPDX-License-Identifier: MIT */
/* PCI configuration and virtio 1 transport, as a guest's driver sees them. */
#ifndef PH_TEST_VIRTIO_H
#define PH_TEST_VIRTIO_H

#include "qtest.h"

#include <stdbool.h>

enum ph_virtio_type {
	PH_VIRTIO_GPU = 16,
	PH_VIRTIO_INPUT = 18,
};

#define VIRTIO_QUEUE_MAX 64
#define VIRTIO_QUEUES 2

/* Split virtqueue. Buffers are chains of at most two descriptors, reused in order. */
struct ph_virtqueue {
	unsigned int index;
	uint16_t size;
	uint64_t descriptors, available, used, notify;
	uint16_t next, seen; /* free-running index of what was posted and what was taken */
	uint16_t next_descriptor;
};

struct ph_virtio {
	struct ph_qtest *qtest;
	unsigned int slot; /* PCI device number on bus 0 */
	unsigned int type; /* virtio device id */
	uint64_t common, isr, config, notify;
	uint32_t notify_multiplier;
	uint64_t offered, features;
	struct ph_virtqueue queues[VIRTIO_QUEUES];
	bool started;
};

uint32_t pci_get(struct ph_qtest *qtest, unsigned int slot, unsigned int offset);
void pci_set(struct ph_qtest *qtest, unsigned int slot, unsigned int offset, uint32_t value);

/*
 * If slot holds a virtio 1 device: gives its BARs addresses (*next_bar is
 * advanced), enables it, finds its registers, and returns true.
 */
bool virtio_probe(
    struct ph_virtio *device, struct ph_qtest *qtest, unsigned int slot, uint64_t *next_bar);

/*
 * Resets the device, accepts of its features those in "wanted" (and VERSION_1),
 * sets up the queues and sets DRIVER_OK. Exits if the device refuses.
 */
void virtio_start(struct ph_virtio *device, uint64_t wanted);

/* Resets the device: for it the driver is gone. */
void virtio_stop(struct ph_virtio *device);

/*
 * Posts a buffer: out_size bytes for the device to read, then in_size bytes for
 * it to write; one of them may be 0. Returns the buffer's number, which
 * virtio_take gives back. The caller never has more outstanding than fit.
 */
uint16_t virtio_post(struct ph_virtio *device, unsigned int queue, uint64_t out, uint32_t out_size,
    uint64_t in, uint32_t in_size);

/* Takes the next used buffer, if there is one: its number and how much was written. */
bool virtio_take(struct ph_virtio *device, unsigned int queue, uint16_t *number, uint32_t *written);

/* Reads and thereby clears the interrupt status: bit 0 queue, bit 1 configuration. */
unsigned int virtio_read_isr(struct ph_virtio *device);

#endif
