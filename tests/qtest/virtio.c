/* SPDX-License-Identifier: MIT */
#include "virtio.h"

#include <inttypes.h>
#include <string.h>

/* PCI */
#define CONFIG_ADDRESS 0xcf8
#define CONFIG_DATA 0xcfc
#define PCI_COMMAND 0x04
#define PCI_BAR0 0x10
#define PCI_CAPABILITIES 0x34
#define COMMAND_MEMORY_AND_MASTER 6
#define CAPABILITY_VENDOR 9

/* virtio's structure types in its PCI capabilities */
enum { CAP_COMMON = 1, CAP_NOTIFY = 2, CAP_ISR = 3, CAP_DEVICE = 4 };

/* struct virtio_pci_common_cfg */
enum {
	DEVICE_FEATURE_SELECT = 0,
	DEVICE_FEATURE = 4,
	DRIVER_FEATURE_SELECT = 8,
	DRIVER_FEATURE = 12,
	DEVICE_STATUS = 20,
	QUEUE_SELECT = 22,
	QUEUE_SIZE = 24,
	QUEUE_ENABLE = 28,
	QUEUE_NOTIFY_OFF = 30,
	QUEUE_DESC = 32,
	QUEUE_DRIVER = 40,
	QUEUE_DEVICE = 48,
};

enum {
	STATUS_ACKNOWLEDGE = 1,
	STATUS_DRIVER = 2,
	STATUS_DRIVER_OK = 4,
	STATUS_FEATURES_OK = 8,
};

#define FEATURE_VERSION_1 ((uint64_t)1 << 32)

enum { DESCRIPTOR_NEXT = 1, DESCRIPTOR_WRITE = 2 };

uint32_t pci_get(struct ph_qtest *qtest, unsigned int slot, unsigned int offset)
{
	qtest_out(qtest, CONFIG_ADDRESS, 4, 0x80000000u | slot << 11 | (offset & 0xfc));
	return qtest_in(qtest, CONFIG_DATA, 4) >> (offset & 3) * 8;
}

void pci_set(struct ph_qtest *qtest, unsigned int slot, unsigned int offset, uint32_t value)
{
	qtest_out(qtest, CONFIG_ADDRESS, 4, 0x80000000u | slot << 11 | offset);
	qtest_out(qtest, CONFIG_DATA, 4, value);
}

/* Gives every memory BAR an address aligned to its size. */
static void assign_bars(struct ph_qtest *qtest, unsigned int slot, uint64_t *next_bar)
{
	for (unsigned int i = 0; i < 6; i++) {
		const unsigned int offset = PCI_BAR0 + 4 * i;
		pci_set(qtest, slot, offset, 0xffffffff);
		const uint32_t mask = pci_get(qtest, slot, offset);
		if (mask == 0 || (mask & 1)) /* not there, or ports, which nobody here uses */
			continue;
		const uint64_t size = (uint32_t)(~(mask & ~(uint32_t)15) + 1);
		const uint64_t address = (*next_bar + size - 1) & ~(size - 1);
		if (size == 0 || address + size > 0xfec00000)
			qtest_die("PCI device %u: no room for BAR %u", slot, i);
		pci_set(qtest, slot, offset, (uint32_t)address);
		*next_bar = address + size;
		if (mask & 4) { /* 64 bits: the next one is its upper half */
			pci_set(qtest, slot, offset + 4, 0);
			i++;
		}
	}
	pci_set(qtest, slot, PCI_COMMAND, COMMAND_MEMORY_AND_MASTER);
}

static void read_capability(struct ph_virtio *device, unsigned int at)
{
	struct ph_qtest *qtest = device->qtest;
	const unsigned int type = pci_get(qtest, device->slot, at) >> 24;
	const unsigned int bar = pci_get(qtest, device->slot, at + 4) & 0xff;
	if (bar > 5)
		return;
	const uint64_t address =
	    (pci_get(qtest, device->slot, PCI_BAR0 + 4 * bar) & ~(uint32_t)15) +
	    (uint64_t)pci_get(qtest, device->slot, at + 8);
	switch (type) {
	case CAP_COMMON:
		device->common = address;
		break;
	case CAP_NOTIFY:
		device->notify = address;
		device->notify_multiplier = pci_get(qtest, device->slot, at + 16);
		break;
	case CAP_ISR:
		device->isr = address;
		break;
	case CAP_DEVICE:
		device->config = address;
		break;
	}
}

bool virtio_probe(
    struct ph_virtio *device, struct ph_qtest *qtest, unsigned int slot, uint64_t *next_bar)
{
	const uint32_t id = pci_get(qtest, slot, 0);
	if ((id & 0xffff) != 0x1af4 || id >> 16 < 0x1040 || id >> 16 > 0x107f)
		return false;
	memset(device, 0, sizeof(*device));
	device->qtest = qtest;
	device->slot = slot;
	device->type = (id >> 16) - 0x1040;
	assign_bars(qtest, slot, next_bar);
	for (unsigned int at = pci_get(qtest, slot, PCI_CAPABILITIES) & 0xfc, n = 0; at && n < 48;
	    n++) {
		const uint32_t head = pci_get(qtest, slot, at);
		if ((head & 0xff) == CAPABILITY_VENDOR)
			read_capability(device, at);
		at = head >> 8 & 0xfc;
	}
	if (!device->common || !device->notify || !device->isr || !device->config)
		qtest_die("PCI device %u has not all of virtio's capabilities", slot);
	return true;
}

static void set_common(
    struct ph_virtio *device, unsigned int offset, unsigned int bytes, uint64_t value)
{
	qtest_set(device->qtest, device->common + offset, bytes, value);
}

static uint64_t get_common(struct ph_virtio *device, unsigned int offset, unsigned int bytes)
{
	return qtest_get(device->qtest, device->common + offset, bytes);
}

static void set_up_queue(struct ph_virtio *device, unsigned int index)
{
	struct ph_virtqueue *queue = &device->queues[index];
	set_common(device, QUEUE_SELECT, 2, index);
	const uint64_t largest = get_common(device, QUEUE_SIZE, 2);
	if (largest == 0)
		qtest_die("PCI device %u has no queue %u", device->slot, index);
	queue->index = index;
	queue->size = (uint16_t)(largest < VIRTIO_QUEUE_MAX ? largest : VIRTIO_QUEUE_MAX);
	queue->descriptors = qtest_allocate(device->qtest, 4096);
	queue->available = qtest_allocate(device->qtest, 4096);
	queue->used = qtest_allocate(device->qtest, 4096);
	queue->next = queue->seen = queue->next_descriptor = 0;
	queue->notify =
	    device->notify + get_common(device, QUEUE_NOTIFY_OFF, 2) * device->notify_multiplier;
	set_common(device, QUEUE_SIZE, 2, queue->size);
	set_common(device, QUEUE_DESC, 8, queue->descriptors);
	set_common(device, QUEUE_DRIVER, 8, queue->available);
	set_common(device, QUEUE_DEVICE, 8, queue->used);
	set_common(device, QUEUE_ENABLE, 2, 1);
}

void virtio_start(struct ph_virtio *device, uint64_t wanted)
{
	set_common(device, DEVICE_STATUS, 1, 0);
	set_common(device, DEVICE_STATUS, 1, STATUS_ACKNOWLEDGE);
	set_common(device, DEVICE_STATUS, 1, STATUS_ACKNOWLEDGE | STATUS_DRIVER);

	device->offered = 0;
	for (unsigned int half = 0; half < 2; half++) {
		set_common(device, DEVICE_FEATURE_SELECT, 4, half);
		device->offered |= get_common(device, DEVICE_FEATURE, 4) << 32 * half;
	}
	if (!(device->offered & FEATURE_VERSION_1))
		qtest_die("PCI device %u does not offer virtio 1", device->slot);
	device->features = device->offered & (wanted | FEATURE_VERSION_1);
	for (unsigned int half = 0; half < 2; half++) {
		set_common(device, DRIVER_FEATURE_SELECT, 4, half);
		set_common(device, DRIVER_FEATURE, 4, (uint32_t)(device->features >> 32 * half));
	}
	const unsigned int agreed = STATUS_ACKNOWLEDGE | STATUS_DRIVER | STATUS_FEATURES_OK;
	set_common(device, DEVICE_STATUS, 1, agreed);
	if (get_common(device, DEVICE_STATUS, 1) != agreed)
		qtest_die("PCI device %u refuses the features 0x%" PRIx64, device->slot,
		    device->features);
	for (unsigned int i = 0; i < VIRTIO_QUEUES; i++)
		set_up_queue(device, i);
	set_common(device, DEVICE_STATUS, 1, agreed | STATUS_DRIVER_OK);
	device->started = true;
}

void virtio_stop(struct ph_virtio *device)
{
	set_common(device, DEVICE_STATUS, 1, 0);
	device->started = false;
}

static void put_le(uint8_t *out, uint64_t value, unsigned int bytes)
{
	for (unsigned int i = 0; i < bytes; i++)
		out[i] = (uint8_t)(value >> 8 * i);
}

uint16_t virtio_post(struct ph_virtio *device, unsigned int index, uint64_t out, uint32_t out_size,
    uint64_t in, uint32_t in_size)
{
	struct ph_virtqueue *queue = &device->queues[index];
	const unsigned int count = (out_size > 0) + (in_size > 0);
	uint8_t bytes[32];

	/* a chain may not cross the end of the table, for it is written at once */
	if (queue->next_descriptor + count > queue->size)
		queue->next_descriptor = 0;
	const uint16_t head = queue->next_descriptor;
	unsigned int n = 0;
	if (out_size > 0) {
		put_le(bytes, out, 8);
		put_le(bytes + 8, out_size, 4);
		put_le(bytes + 12, in_size > 0 ? DESCRIPTOR_NEXT : 0, 2);
		put_le(bytes + 14, in_size > 0 ? head + 1u : 0, 2);
		n++;
	}
	if (in_size > 0) {
		put_le(bytes + 16 * n, in, 8);
		put_le(bytes + 16 * n + 8, in_size, 4);
		put_le(bytes + 16 * n + 12, DESCRIPTOR_WRITE, 2);
		put_le(bytes + 16 * n + 14, 0, 2);
		n++;
	}
	qtest_write(device->qtest, queue->descriptors + 16u * head, bytes, 16 * n);
	queue->next_descriptor = (uint16_t)(head + n);
	qtest_set(device->qtest, queue->available + 4 + 2u * (queue->next % queue->size), 2, head);
	queue->next++;
	qtest_set(device->qtest, queue->available + 2, 2, queue->next);
	qtest_set(device->qtest, queue->notify, 2, index);
	return head;
}

bool virtio_take(struct ph_virtio *device, unsigned int index, uint16_t *number, uint32_t *written)
{
	struct ph_virtqueue *queue = &device->queues[index];
	if ((uint16_t)qtest_peek(device->qtest, queue->used + 2, 2) == queue->seen)
		return false;
	const uint64_t element = queue->used + 4 + 8u * (queue->seen % queue->size);
	*number = (uint16_t)qtest_peek(device->qtest, element, 4);
	*written = (uint32_t)qtest_peek(device->qtest, element + 4, 4);
	queue->seen++;
	return true;
}

unsigned int virtio_read_isr(struct ph_virtio *device)
{
	return (unsigned int)qtest_get(device->qtest, device->isr, 1);
}
