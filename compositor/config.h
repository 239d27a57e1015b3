// SPDX-License-Identifier: MIT
#ifndef PH_CONFIG_H
#define PH_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "chord.h"
#include "gesture.h"
#include "keys.h"
#include "layout.h"
#include "sync_policy.h"

/*
 * What session.scfg says, see phyllome-session(5). Pure: text in, struct out. All
 * strings and lists belong to the struct. What is not set has the value that is
 * noted here.
 */

/* What a monitor's scale may be. */
#define PH_OUTPUT_SCALE_MIN 0.25
#define PH_OUTPUT_SCALE_MAX 8

/* A session.scfg larger than this is refused. */
#define PH_SESSION_CONFIG_SIZE_MAX 262144
#define PH_SESSION_CONFIG_ERROR_MAX 1024

enum ph_setting {
	PH_UNSET, /* the device's or the session's own choice */
	PH_SET_ON,
	PH_SET_OFF,
};

/*
 * Settings of a monitor, for good or in one layout. name is a connector ("DP-1") or
 * "MAKE MODEL SERIAL", as the control socket's ListOutputs tells them: compare it
 * with both.
 */
struct ph_config_output {
	char *name;
	bool off;
	int width, height, refresh; /* mode; refresh in mHz, 0: the highest; width 0: preferred */
	double scale;               /* 0: from its physical size */
	bool positioned;
	int x, y;      /* layout coordinates */
	int transform; /* enum wl_output_transform, -1: unset */
	int adaptive_sync; /* enum ph_adaptive_sync, -1: unset */
};

enum ph_part {
	PH_PART_FULL,
	PH_PART_LEFT,
	PH_PART_RIGHT,
};

/* One head on one output, or on half of it. */
struct ph_config_place {
	char *output; /* connector or "MAKE MODEL SERIAL" */
	enum ph_part part;
	char *guest;   /* its id; NULL: the home screen */
	unsigned head; /* from 1 */
};

/*
 * Who is where, and the monitors' settings, for one set of monitors: exactly those
 * that its places and outputs name. It has at least one of either.
 */
struct ph_config_layout {
	struct ph_config_place *places;
	size_t count;
	struct ph_config_output *outputs;
	size_t output_count;
};

enum ph_scheme {
	PH_SCHEME_DARK, /* default */
	PH_SCHEME_LIGHT,
	PH_SCHEME_AUTO, /* what the person prefers everywhere: appearance.h */
};

#define PH_POINTER_SIZE_MIN 8
#define PH_POINTER_SIZE_MAX 256

struct ph_config_theme {
	enum ph_scheme scheme;
	uint32_t accent;    /* 0xRRGGBB, 0: the scheme's own */
	char *font;         /* family, NULL: sans */
	double text_scale;  /* 1 */
	bool high_contrast; /* false */
	char *cursor;         /* of the session's own pointer; NULL: as the environment says */
	unsigned cursor_size; /* at scale 1; 0: as the environment says */
};

enum ph_accel_profile {
	PH_ACCEL_UNSET,
	PH_ACCEL_FLAT,
	PH_ACCEL_ADAPTIVE,
};

enum ph_scroll_method {
	PH_SCROLL_UNSET,
	PH_SCROLL_NONE,
	PH_SCROLL_TWO_FINGER,
	PH_SCROLL_EDGE,
	PH_SCROLL_BUTTON,
};

enum ph_click_method {
	PH_CLICK_UNSET,
	PH_CLICK_AREAS,
	PH_CLICK_FINGERS,
};

/*
 * Settings of input devices, applied in the order of the file. match is
 * "keyboard", "pointer", "touchpad", "touch", "tablet", or the name of one device.
 */
struct ph_config_input {
	char *match;
	enum ph_setting events; /* off: the device is not used at all */
	enum ph_setting tap;
	enum ph_setting tap_drag;
	enum ph_setting natural_scroll;
	enum ph_setting left_handed;
	enum ph_setting middle_emulation;
	enum ph_setting dwt; /* a touchpad is deaf while one types */
	bool has_speed;
	double speed; /* -1 to 1 */
	enum ph_accel_profile accel_profile;
	enum ph_scroll_method scroll_method;
	enum ph_click_method click_method;
	char *output; /* of a touch screen or tablet; NULL: unset */
};

/* The keymap for our own bindings and for host programs; NULL: the system's. */
struct ph_config_keymap {
	int line; /* where in the file, 0: nowhere */
	char *layout, *variant, *options, *model;
};

enum ph_focus_policy {
	PH_FOCUS_FOLLOW, /* default */
	PH_FOCUS_CLICK,
};

/* What is said of one guest; id is the name of its directory. */
struct ph_config_guest {
	char *id;
	unsigned number; /* 0: unset */
	uint32_t colour;             /* 0xRRGGBB, 0: unset */
	enum ph_setting edge;        /* unset: as strip.edge */
	enum ph_setting tearing;     /* unset: off */
	bool has_scale;
	enum ph_guest_scale scale;
	uint32_t guest_keys;     /* enum ph_key_group: those that are not the host's */
	uint32_t guest_keys_set; /* which groups are said; of the others the session's hold */
};

struct ph_config {
	char *path; /* the file that was read, NULL: none, all defaults */

	/*
	 * The chords, the first that fits counts. Codes of letters are those of a US
	 * keyboard until config_place_letters() was called.
	 */
	struct ph_binding *bindings;
	size_t binding_count;
	struct ph_key_release release; /* the way out of a grab with one hand */

	struct ph_gesture_binding *gestures; /* the first that fits counts */
	size_t gesture_count;

	struct ph_config_output *outputs;
	size_t output_count;
	struct ph_config_layout *layouts;
	size_t layout_count;
	struct ph_config_input *inputs;
	size_t input_count;
	struct ph_config_guest *guests;
	size_t guest_count;

	struct ph_config_keymap keymap;
	struct ph_config_theme theme;
	struct {
		unsigned delay_ms; /* 300: how long Super is held before the strip comes */
		bool edge;         /* false: a thin edge in the guest's colour */
	} strip;
	enum ph_focus_policy focus;
	bool planes; /* true: several pictures may be on several planes of the graphics card */
	char *lid; /* the monitor under it; NULL or "auto": by its connector; "off": none */
	struct {
		char **command; /* argv ending with NULL, of the locker; NULL: swaylock -f */
		bool on_sleep;  /* true */
		bool on_lid;    /* true */
	} lock;
	struct {
		unsigned lock_s;       /* 0: never */
		unsigned screen_off_s; /* 0: never */
	} idle;
	uint32_t guest_keys; /* enum ph_key_group: those that go to guests; 0: none */
};

/* All defaults. To be freed with config_finish(). */
void config_init(struct ph_config *config);

/*
 * Reads text (size bytes, no NUL needed) into config, which needs no init. file
 * is the name used in messages. On failure false, error is one line
 * "FILE:LINE: key: what is wrong and what was expected", and config is zeroed:
 * nothing is ever half applied. Looks at no file.
 */
bool config_parse(struct ph_config *config, const char *file, const char *text, size_t size,
    char error[PH_SESSION_CONFIG_ERROR_MAX]);

/* Frees what the struct owns and zeroes it. Safe on zeroed memory. */
void config_finish(struct ph_config *config);

/*
 * Gives the chords with a letter the code of the key with that letter: codes has
 * one for 'a' to 'z', 0 where the keymap lacks it (it stays where it is on a US
 * keyboard).
 */
void config_place_letters(struct ph_config *config, const uint32_t codes[26]);

/* What is said of that guest, NULL: nothing. */
const struct ph_config_guest *config_guest(const struct ph_config *config, const char *id);

/* The groups of keys (enum ph_key_group) that go to that guest instead of the host. */
uint32_t config_guest_keys(const struct ph_config *config, const char *id);

#endif
