// SPDX-License-Identifier: MIT
#include "control_idl.h"

/* sd-varlink describes an interface by flexible array members with initialisers. */
#pragma GCC diagnostic ignored "-Wpedantic"

#define OUT(name, type) SD_VARLINK_DEFINE_FIELD(name, SD_VARLINK_##type, 0)

static SD_VARLINK_DEFINE_STRUCT_TYPE(Output,
    SD_VARLINK_FIELD_COMMENT("Connector, as DP-1"),
    OUT(name, STRING),
    OUT(make, STRING),
    OUT(model, STRING),
    OUT(serial, STRING),
    SD_VARLINK_FIELD_COMMENT("Pixels of its mode"),
    OUT(width, INT),
    OUT(height, INT),
    SD_VARLINK_FIELD_COMMENT("Millihertz, 0: unknown"),
    OUT(refresh, INT),
    OUT(scale, FLOAT),
    SD_VARLINK_FIELD_COMMENT("The guest that it shows, empty: the home screen"),
    OUT(guest, STRING),
    SD_VARLINK_FIELD_COMMENT("That guest's virtual monitor, -1: none"),
    OUT(console, INT),
    SD_VARLINK_FIELD_COMMENT("Pixels of the guest's own picture"),
    OUT(pictureWidth, INT),
    OUT(pictureHeight, INT),
    SD_VARLINK_FIELD_COMMENT("How the last frame came there: none, scanout or composited"),
    OUT(path, STRING),
    SD_VARLINK_FIELD_COMMENT("Why it was composited"),
    OUT(reason, STRING),
    SD_VARLINK_FIELD_COMMENT("Frames since the output appeared; scanouts and composited add up to it"),
    OUT(frames, INT),
    OUT(scanouts, INT),
    SD_VARLINK_FIELD_COMMENT("Render passes"),
    OUT(composited, INT),
    SD_VARLINK_FIELD_COMMENT("Commits that the screen has shown"),
    OUT(presented, INT));

static SD_VARLINK_DEFINE_STRUCT_TYPE(Guest,
    SD_VARLINK_FIELD_COMMENT("Name of its directory, by which it is addressed"),
    OUT(name, STRING),
    SD_VARLINK_FIELD_COMMENT("What it is called on the screen"),
    OUT(title, STRING),
    OUT(directory, STRING),
    OUT(number, INT),
    SD_VARLINK_FIELD_COMMENT("off, starting, running, paused or lost"),
    OUT(state, STRING),
    SD_VARLINK_FIELD_COMMENT("Why it is in that state, may be empty"),
    OUT(reason, STRING),
    SD_VARLINK_FIELD_COMMENT("Whether its bridge is connected"),
    OUT(bridge, BOOL),
    OUT(shown, BOOL),
    SD_VARLINK_FIELD_COMMENT("Whether keys and pointer go to it"),
    OUT(focused, BOOL));

static SD_VARLINK_DEFINE_METHOD(ListOutputs,
    SD_VARLINK_DEFINE_OUTPUT_BY_TYPE(outputs, Output, SD_VARLINK_ARRAY));
static SD_VARLINK_DEFINE_METHOD(ListGuests,
    SD_VARLINK_DEFINE_OUTPUT_BY_TYPE(guests, Guest, SD_VARLINK_ARRAY));
static SD_VARLINK_DEFINE_METHOD(ShowGuest,
    SD_VARLINK_DEFINE_INPUT(name, SD_VARLINK_STRING, 0));
static SD_VARLINK_DEFINE_METHOD(ShowHome);
static SD_VARLINK_DEFINE_METHOD(ActOnGuest,
    SD_VARLINK_DEFINE_INPUT(name, SD_VARLINK_STRING, 0),
    SD_VARLINK_FIELD_COMMENT("start, powerdown, reset, kill, pause or resume"),
    SD_VARLINK_DEFINE_INPUT(action, SD_VARLINK_STRING, 0));
static SD_VARLINK_DEFINE_ERROR(NoSuchGuest,
    SD_VARLINK_DEFINE_FIELD(name, SD_VARLINK_STRING, 0));

const sd_varlink_interface control_interface = {
    .name = PH_CONTROL_INTERFACE,
    .symbols =
	{
	    SD_VARLINK_SYMBOL_COMMENT("One computer's guests on its screens"),
	    SD_VARLINK_SYMBOL_COMMENT("A monitor"),
	    &vl_type_Output,
	    SD_VARLINK_SYMBOL_COMMENT("A virtual machine"),
	    &vl_type_Guest,
	    SD_VARLINK_SYMBOL_COMMENT("The monitors, what they show and how it came there"),
	    &vl_method_ListOutputs,
	    SD_VARLINK_SYMBOL_COMMENT("The guests, whether or not they run"),
	    &vl_method_ListGuests,
	    SD_VARLINK_SYMBOL_COMMENT("Puts a guest on the screens; starts it if nothing serves it"),
	    &vl_method_ShowGuest,
	    SD_VARLINK_SYMBOL_COMMENT("Shows the home screen"),
	    &vl_method_ShowHome,
	    SD_VARLINK_SYMBOL_COMMENT("Asks something of a guest's machine"),
	    &vl_method_ActOnGuest,
	    SD_VARLINK_SYMBOL_COMMENT("There is no guest of that name"),
	    &vl_error_NoSuchGuest,
	    NULL,
	},
};
