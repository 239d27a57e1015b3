/* SPDX-License-Identifier: MIT */
#include "input.h"

#include <linux/input-event-codes.h>
#include <linux/virtio_input.h>
#include <string.h>

#define EVENT_QUEUE 0
#define STATUS_QUEUE 1
#define STATUS_US 10000000

/* offsets in struct virtio_input_config */
enum { SELECT = 0, SUBSELECT = 1, SIZE = 2, DATA = 8 };

const char *input_kind_name(enum ph_input_kind kind)
{
	switch (kind) {
	case PH_INPUT_KEYBOARD:
		return "keyboard";
	case PH_INPUT_MOUSE:
		return "mouse";
	case PH_INPUT_TABLET:
		return "tablet";
	case PH_INPUT_TOUCH:
		return "touch";
	default:
		return "input";
	}
}

/* Returns how many bytes of data (room for 128) the device has for this selection. */
static unsigned int read_config(
    struct ph_virtio *device, unsigned int select, unsigned int subselect, uint8_t *data)
{
	qtest_set(device->qtest, device->config + SELECT, 1, select);
	qtest_set(device->qtest, device->config + SUBSELECT, 1, subselect);
	unsigned int size = (unsigned int)qtest_get(device->qtest, device->config + SIZE, 1);
	if (size > 128)
		qtest_die("virtio-input says a size of %u", size);
	/* word by word: the qtest read command is for memory */
	for (unsigned int i = 0; i < size; i++)
		data[i] = (uint8_t)qtest_get(device->qtest, device->config + DATA + i, 1);
	return size;
}

static bool has_code(struct ph_virtio *device, unsigned int type, unsigned int code)
{
	uint8_t bits[128] = {0};
	const unsigned int size = read_config(device, VIRTIO_INPUT_CFG_EV_BITS, type, bits);
	return code / 8 < size && (bits[code / 8] & 1u << code % 8);
}

void input_identify(struct ph_input *input, struct ph_virtio *device)
{
	uint8_t name[128];
	memset(input, 0, sizeof(*input));
	input->device = device;
	const unsigned int size = read_config(device, VIRTIO_INPUT_CFG_ID_NAME, 0, name);
	memcpy(input->name, name, size < sizeof(input->name) ? size : sizeof(input->name) - 1);
	if (has_code(device, EV_ABS, ABS_MT_SLOT))
		input->kind = PH_INPUT_TOUCH;
	else if (has_code(device, EV_ABS, ABS_X))
		input->kind = PH_INPUT_TABLET;
	else if (has_code(device, EV_REL, REL_X))
		input->kind = PH_INPUT_MOUSE;
	else if (has_code(device, EV_KEY, KEY_A))
		input->kind = PH_INPUT_KEYBOARD;
}

void input_start(struct ph_input *input)
{
	virtio_start(input->device, 0);
	const struct ph_virtqueue *queue = &input->device->queues[EVENT_QUEUE];
	input->events = qtest_allocate(input->device->qtest, 4096);
	input->status = qtest_allocate(input->device->qtest, 4096);
	for (unsigned int i = 0; i < queue->size; i++)
		virtio_post(input->device, EVENT_QUEUE, 0, 0,
		    input->events + i * sizeof(struct virtio_input_event),
		    sizeof(struct virtio_input_event));
}

bool input_take(struct ph_input *input, struct ph_input_event *event)
{
	struct virtio_input_event wire;
	uint16_t number;
	uint32_t written;
	if (!virtio_take(input->device, EVENT_QUEUE, &number, &written))
		return false;
	if (written != sizeof(wire))
		qtest_die("virtio-input wrote an event of %u bytes", written);
	const uint64_t address = input->events + number * sizeof(wire);
	qtest_read(input->device->qtest, address, &wire, sizeof(wire));
	*event = (struct ph_input_event){
	    .type = wire.type, .code = wire.code, .value = (int32_t)wire.value};
	virtio_post(input->device, EVENT_QUEUE, 0, 0, address, sizeof(wire));
	return true;
}

void input_send_status(struct ph_input *input, const struct ph_input_event *event)
{
	const uint64_t deadline = qtest_now_us() + STATUS_US;
	const struct virtio_input_event wire[2] = {
	    {.type = event->type, .code = event->code, .value = (uint32_t)event->value},
	    {.type = EV_SYN, .code = SYN_REPORT},
	};
	for (unsigned int i = 0; i < 2; i++) {
		uint16_t number;
		uint32_t written;
		qtest_write(input->device->qtest, input->status, &wire[i], sizeof(wire[i]));
		virtio_post(input->device, STATUS_QUEUE, input->status, sizeof(wire[i]), 0, 0);
		while (!virtio_take(input->device, STATUS_QUEUE, &number, &written)) {
			if (qtest_now_us() > deadline)
				qtest_die("virtio-input does not take a status event");
		}
	}
}

bool input_get_axis(struct ph_input *input, unsigned int axis, int32_t *min, int32_t *max)
{
	struct virtio_input_absinfo info;
	uint8_t data[128];
	if (read_config(input->device, VIRTIO_INPUT_CFG_ABS_INFO, axis, data) < sizeof(info))
		return false;
	memcpy(&info, data, sizeof(info));
	*min = (int32_t)info.min;
	*max = (int32_t)info.max;
	return true;
}
