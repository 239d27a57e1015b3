// SPDX-License-Identifier: MIT
#include "monitor_memory.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "config_blocks.h"
#include "quoted.h"
#include "sync_policy.h"

static bool has_name(const struct ph_config_layout *layout, const char *name)
{
	for (size_t i = 0; i < layout->output_count; i++) {
		if (strcmp(layout->outputs[i].name, name) == 0) {
			return true;
		}
	}
	return false;
}

size_t monitor_memory_find(
    const struct ph_config *memory, const struct ph_config_output *outputs, size_t count)
{
	for (size_t i = 0; i < memory->layout_count; i++) {
		const struct ph_config_layout *layout = &memory->layouts[i];
		size_t same = 0;
		while (same < count && has_name(layout, outputs[same].name)) {
			same++;
		}
		if (same == count && layout->output_count == count) {
			return i;
		}
	}
	return SIZE_MAX;
}

/* Takes it out of the list; what it owns is the caller's. */
static void remove_layout(struct ph_config *memory, size_t at)
{
	memory->layout_count--;
	memmove(&memory->layouts[at], &memory->layouts[at + 1],
	    (memory->layout_count - at) * sizeof(*memory->layouts));
}

void monitor_memory_note(struct ph_config *memory, const struct ph_config_output *outputs, size_t count)
{
	struct ph_config_layout layout = {0};
	size_t old = monitor_memory_find(memory, outputs, count);

	if (old == SIZE_MAX && memory->layout_count >= PH_MONITOR_MEMORY_MAX) {
		old = memory->layout_count - 1;
	}
	if (old != SIZE_MAX) {
		config_finish_layout(&memory->layouts[old]);
		remove_layout(memory, old);
	}
	for (size_t i = 0; i < count; i++) {
		layout.outputs = config_append(layout.outputs, &layout.output_count, sizeof(*layout.outputs));
		layout.outputs[i] = outputs[i];
		layout.outputs[i].name = config_copy_text(outputs[i].name);
	}
	memory->layouts = config_append(memory->layouts, &memory->layout_count, sizeof(*memory->layouts));
	memmove(&memory->layouts[1], &memory->layouts[0],
	    (memory->layout_count - 1) * sizeof(*memory->layouts));
	memory->layouts[0] = layout;
}

static void write_output(const struct ph_config_output *output, FILE *file)
{
	/* The values are those of enum wl_output_transform. */
	static const char *const transforms[] = {
	    "normal", "90", "180", "270", "flipped", "flipped-90", "flipped-180", "flipped-270"};

	fputs("\toutput ", file);
	quoted_write(file, output->name);
	fputs(" {\n", file);
	if (output->off) {
		fputs("\t\toff\n\t}\n", file);
		return;
	}
	fprintf(file, "\t\tmode %dx%d", output->width, output->height);
	if (output->refresh > 0) {
		fprintf(file, "@%d.%03dHz", output->refresh / 1000, output->refresh % 1000);
	}
	fprintf(file, "\n\t\tscale %.4f\n\t\tposition %d %d\n", output->scale, output->x, output->y);
	if (output->transform > 0) {
		fprintf(file, "\t\ttransform %s\n", transforms[output->transform & 7]);
	}
	if (output->adaptive_sync >= 0) {
		fprintf(file, "\t\tadaptive-sync %s\n",
		    output->adaptive_sync == PH_ADAPTIVE_SYNC_ON    ? "on"
		    : output->adaptive_sync == PH_ADAPTIVE_SYNC_OFF ? "off"
								    : "fullscreen");
	}
	fputs("\t}\n", file);
}

bool monitor_memory_write(const struct ph_config *memory, FILE *file)
{
	fputs("# How tools have set the monitors. Written by the session; it may be deleted, or copied from\n"
	      "# into session.scfg, which counts more.\n",
	    file);
	for (size_t i = 0; i < memory->layout_count; i++) {
		fputs("layout {\n", file);
		for (size_t o = 0; o < memory->layouts[i].output_count; o++) {
			write_output(&memory->layouts[i].outputs[o], file);
		}
		fputs("}\n", file);
	}
	return !ferror(file);
}
