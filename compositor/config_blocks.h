// SPDX-License-Identifier: MIT
#ifndef PH_CONFIG_BLOCKS_H
#define PH_CONFIG_BLOCKS_H

#include "config.h"
#include "config_values.h"

/* Parts of config.c: the directives of session.scfg that are more than values. Pure. */

/* While the file is read: what is kept of it besides its values. */
struct config_reading {
	struct ph_config config; /* first: the readers' target */
	int *binding_lines;      /* of config.bindings */
	size_t line_count;
	struct ph_chord *unbound;
	size_t unbound_count;
};

/* Appends the default bindings that the file neither binds nor unbinds. */
void config_add_defaults(struct config_reading *reading);

/* Appends the default gestures that the file does not speak of. */
void config_add_gestures(struct ph_config *config);

/* Readers of the file's own directives; target is the struct config_reading. */
bool config_read_bind(struct config_parser *parser, const struct scfg_directive *d,
    const struct config_key *key, void *target);
bool config_read_unbind(struct config_parser *parser, const struct scfg_directive *d,
    const struct config_key *key, void *target);
bool config_read_gesture(struct config_parser *parser, const struct scfg_directive *d,
    const struct config_key *key, void *target);
bool config_read_release(struct config_parser *parser, const struct scfg_directive *d,
    const struct config_key *key, void *target);
bool config_read_host_keys(struct config_parser *parser, const struct scfg_directive *d,
    const struct config_key *key, void *target);
bool config_read_output(struct config_parser *parser, const struct scfg_directive *d,
    const struct config_key *key, void *target);
bool config_read_layout(struct config_parser *parser, const struct scfg_directive *d,
    const struct config_key *key, void *target);
bool config_read_input(struct config_parser *parser, const struct scfg_directive *d,
    const struct config_key *key, void *target);

/* In the block of a guest; target is its struct ph_config_guest. */
bool config_read_guest_keys(struct config_parser *parser, const struct scfg_directive *d,
    const struct config_key *key, void *target);

/* Free what they own. */
void config_finish_layout(struct ph_config_layout *layout);
void config_finish_input(struct ph_config_input *input);
void config_finish_keymap(struct ph_config_keymap *keymap);

#endif
