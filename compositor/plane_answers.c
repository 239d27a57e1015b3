// SPDX-License-Identifier: MIT
#include "plane_answers.h"

#include <drm_fourcc.h>
#include <string.h>

static bool equal_keys(const struct ph_plane_key *a, const struct ph_plane_key *b)
{
	return memcmp(a, b, sizeof(*a)) == 0;
}

static void add_part(struct ph_plane_key *key, const struct ph_plane_part *part, uint32_t own_format)
{
	struct wlr_dmabuf_attributes dmabuf = {
	    .width = part->box.width,
	    .height = part->box.height,
	    .format = own_format,
	    .modifier = DRM_FORMAT_MOD_LINEAR,
	};
	size_t i = key->count++;

	if (part->buffer) {
		wlr_buffer_get_dmabuf(part->buffer, &dmabuf);
	}
	key->parts[i].source = part->source;
	key->parts[i].box = part->box;
	key->parts[i].format = dmabuf.format;
	key->parts[i].modifier = dmabuf.modifier;
	key->parts[i].width = dmabuf.width;
	key->parts[i].height = dmabuf.height;
}

void plane_answers_describe(struct ph_plane_key *key, const struct ph_plane_part *parts, size_t count,
    const uint32_t *own_formats, bool cursor)
{
	memset(key, 0, sizeof(*key));
	key->cursor = cursor;
	for (size_t i = 0; i < count; i++) {
		add_part(key, &parts[i], own_formats[i]);
	}
}

const char *plane_answers_refusal(const struct ph_plane_answers *answers, const struct ph_plane_key *key)
{
	for (size_t i = 0; i < PH_PLANE_REFUSALS_MAX; i++) {
		if (answers->refused[i].reason && equal_keys(&answers->refused[i].key, key)) {
			return answers->refused[i].reason;
		}
	}
	return NULL;
}

bool plane_answers_accepted(const struct ph_plane_answers *answers, const struct ph_plane_key *key)
{
	return answers->known && equal_keys(&answers->accepted, key);
}

void plane_answers_accept(struct ph_plane_answers *answers, const struct ph_plane_key *key)
{
	answers->known = true;
	answers->accepted = *key;
}

void plane_answers_refuse(
    struct ph_plane_answers *answers, const struct ph_plane_key *key, const char *reason)
{
	answers->refused[answers->next_refused].key = *key;
	answers->refused[answers->next_refused].reason = reason;
	answers->next_refused = (answers->next_refused + 1) % PH_PLANE_REFUSALS_MAX;
	if (plane_answers_accepted(answers, key)) {
		answers->known = false;
	}
}

void plane_answers_forget_refusals(struct ph_plane_answers *answers)
{
	memset(answers->refused, 0, sizeof(answers->refused));
}
