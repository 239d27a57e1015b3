// SPDX-License-Identifier: MIT
#include "declared.h"

#include <string.h>

#include "arrange.h"
#include "session.h"

/* Index of the monitor of that name, SIZE_MAX when it is not here. */
static size_t find_monitor(struct ph_session *session, const char *name)
{
	const struct ph_placement_set *set = session->placement.sets[0];

	for (size_t i = 0; i < set->output_count; i++) {
		if (strcmp(set->outputs[i].identity, name) == 0 ||
		    strcmp(outputs_nth(session, i)->wlr_output->name, name) == 0) {
			return i;
		}
	}
	return SIZE_MAX;
}

/* Whether a layout says who is where on exactly the monitors that are on. */
static bool fits(struct ph_session *session, const struct ph_config_layout *layout)
{
	size_t count = session->placement.sets[0]->output_count, named = 0;
	bool here[PH_PLACEMENT_OUTPUTS_MAX] = {false};

	for (size_t i = 0; i < layout->count + layout->output_count; i++) {
		const struct ph_config_output *settings =
		    i < layout->count ? NULL : &layout->outputs[i - layout->count];
		size_t output = find_monitor(session, settings ? settings->name : layout->places[i].output);
		if (output == SIZE_MAX) {
			if (settings && settings->off) {
				continue; /* and so it is */
			}
			return false;
		}
		named += !here[output];
		here[output] = true;
	}
	return count > 0 && named == count;
}

void declared_apply(struct ph_session *session)
{
	const struct ph_config *config = &session->config;
	struct ph_placement_wish wishes[2 * PH_PLACEMENT_OUTPUTS_MAX];
	const struct ph_config_layout *layout = NULL;
	size_t count = 0;

	if (placement_is_declared(&session->placement)) {
		return;
	}
	for (size_t i = 0; i < config->layout_count && !layout; i++) {
		bool holds = config->layouts[i].count > 0 && fits(session, &config->layouts[i]);
		layout = holds ? &config->layouts[i] : NULL;
	}
	for (size_t i = 0; layout && i < layout->count && count < 2 * PH_PLACEMENT_OUTPUTS_MAX; i++) {
		const struct ph_config_place *place = &layout->places[i];
		wishes[count++] = (struct ph_placement_wish){
		    .output = find_monitor(session, place->output),
		    .half = place->part != PH_PART_FULL,
		    .cell = place->part == PH_PART_RIGHT,
		    .guest = place->guest,
		    .console = place->head > 0 ? place->head - 1 : 0,
		};
	}
	if (layout) {
		placement_declare(&session->placement, wishes, count);
	}
}

void declared_renew(struct ph_session *session)
{
	placement_renew(&session->placement);
	arrange(session);
}
