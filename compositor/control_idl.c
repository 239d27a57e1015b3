// SPDX-License-Identifier: MIT
#include "control_idl.h"

/* sd-varlink describes an interface by flexible array members with initialisers. */
#pragma GCC diagnostic ignored "-Wpedantic"

#define MAY(name, type) SD_VARLINK_DEFINE_FIELD(name, SD_VARLINK_##type, SD_VARLINK_NULLABLE)
#define OUT(name, type) SD_VARLINK_DEFINE_FIELD(name, SD_VARLINK_##type, 0)

static SD_VARLINK_DEFINE_STRUCT_TYPE(Cell,
    SD_VARLINK_FIELD_COMMENT("The guest that is to be seen there, empty: the home screen"),
    OUT(guest, STRING),
    SD_VARLINK_FIELD_COMMENT("Which of its virtual monitors is seen, -1: none (yet)"),
    OUT(console, INT),
    SD_VARLINK_FIELD_COMMENT("Pixels of the guest's own picture"),
    OUT(pictureWidth, INT),
    OUT(pictureHeight, INT),
    SD_VARLINK_FIELD_COMMENT("Where it is on the output, in its pixels"),
    OUT(x, INT),
    OUT(y, INT),
    OUT(width, INT),
    OUT(height, INT),
    SD_VARLINK_FIELD_COMMENT("Whether the person is there"),
    OUT(focused, BOOL));

static SD_VARLINK_DEFINE_STRUCT_TYPE(Output,
    SD_VARLINK_FIELD_COMMENT("Connector, as DP-1"),
    OUT(name, STRING),
    SD_VARLINK_FIELD_COMMENT("By which it is known again at any connector: make, model, serial"),
    OUT(identity, STRING),
    OUT(make, STRING),
    OUT(model, STRING),
    OUT(serial, STRING),
    OUT(enabled, BOOL),
    SD_VARLINK_FIELD_COMMENT("Place in the layout of all outputs, in logical pixels"),
    OUT(x, INT),
    OUT(y, INT),
    SD_VARLINK_FIELD_COMMENT("Pixels of its mode"),
    OUT(width, INT),
    OUT(height, INT),
    SD_VARLINK_FIELD_COMMENT("Millihertz, 0: unknown"),
    OUT(refresh, INT),
    OUT(scale, FLOAT),
    SD_VARLINK_FIELD_COMMENT("normal, 90, 180, 270, flipped, flipped-90, flipped-180 or flipped-270"),
    OUT(transform, STRING),
    SD_VARLINK_FIELD_COMMENT("Whether the person is there"),
    OUT(focused, BOOL),
    SD_VARLINK_FIELD_COMMENT("The guest that it shows, empty: the home screen; of two the focused one"),
    OUT(guest, STRING),
    SD_VARLINK_FIELD_COMMENT("That guest's virtual monitor, -1: none"),
    OUT(console, INT),
    SD_VARLINK_FIELD_COMMENT("Pixels of the guest's own picture"),
    OUT(pictureWidth, INT),
    OUT(pictureHeight, INT),
    SD_VARLINK_FIELD_COMMENT("Its parts: one, or two when it is split; none when it is off"),
    SD_VARLINK_DEFINE_FIELD_BY_TYPE(cells, Cell, SD_VARLINK_ARRAY),
    SD_VARLINK_FIELD_COMMENT("How the last frame came there: none, scanout or composited. "
			     "This and what follows is not in what Subscribe tells"),
    MAY(path, STRING),
    SD_VARLINK_FIELD_COMMENT("Why it was composited"),
    MAY(reason, STRING),
    SD_VARLINK_FIELD_COMMENT("Frames since the output appeared; scanouts and composited add up to it"),
    MAY(frames, INT),
    MAY(scanouts, INT),
    SD_VARLINK_FIELD_COMMENT("Render passes"),
    MAY(composited, INT),
    SD_VARLINK_FIELD_COMMENT("How many of the graphics card's planes the last frame took, but the pointer's"),
    MAY(planes, INT),
    SD_VARLINK_FIELD_COMMENT("Commits that the screen has shown"),
    MAY(presented, INT));

static SD_VARLINK_DEFINE_STRUCT_TYPE(Head,
    SD_VARLINK_FIELD_COMMENT("Which virtual monitor of the guest, from 0"),
    OUT(console, INT),
    SD_VARLINK_FIELD_COMMENT("The output that shows it, empty: none"),
    OUT(output, STRING),
    SD_VARLINK_FIELD_COMMENT("The output where it belongs, although hidden; empty: none"),
    OUT(belongs, STRING),
    SD_VARLINK_FIELD_COMMENT("Pixels that the guest was told to have there, 0: no monitor"),
    OUT(width, INT),
    OUT(height, INT),
    SD_VARLINK_FIELD_COMMENT("Whether the guest was told that it can be seen"),
    OUT(visible, BOOL));

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
    OUT(focused, BOOL),
    SD_VARLINK_FIELD_COMMENT("By which it is known on the screen, as #rrggbb"),
    OUT(colour, STRING),
    SD_VARLINK_FIELD_COMMENT("0: the guest that was used last, 1: the one before; -1: not used yet"),
    OUT(recent, INT),
    SD_VARLINK_FIELD_COMMENT("Its virtual monitors"),
    SD_VARLINK_DEFINE_FIELD_BY_TYPE(heads, Head, SD_VARLINK_ARRAY));

static SD_VARLINK_DEFINE_STRUCT_TYPE(Focus,
    SD_VARLINK_FIELD_COMMENT("Connector of the output"),
    OUT(output, STRING),
    SD_VARLINK_FIELD_COMMENT("Index of its cell"),
    OUT(cell, INT),
    SD_VARLINK_FIELD_COMMENT("The guest there, empty: the home screen"),
    OUT(guest, STRING));

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
static SD_VARLINK_DEFINE_METHOD(FocusOutput,
    SD_VARLINK_FIELD_COMMENT("Connector or identity"),
    SD_VARLINK_DEFINE_INPUT(output, SD_VARLINK_STRING, 0),
    SD_VARLINK_FIELD_COMMENT("Index of its cell, by default 0"),
    SD_VARLINK_DEFINE_INPUT(cell, SD_VARLINK_INT, SD_VARLINK_NULLABLE));
static SD_VARLINK_DEFINE_METHOD(Run,
    SD_VARLINK_FIELD_COMMENT("Its words, as in session.scfg; show and show-here take a name, too, and place an identity"),
    SD_VARLINK_DEFINE_INPUT(command, SD_VARLINK_STRING, SD_VARLINK_ARRAY));
static SD_VARLINK_DEFINE_METHOD(Reload);
static SD_VARLINK_DEFINE_METHOD_FULL(Subscribe, SD_VARLINK_REQUIRES_MORE,
    SD_VARLINK_DEFINE_OUTPUT_BY_TYPE(guests, Guest, SD_VARLINK_ARRAY),
    SD_VARLINK_DEFINE_OUTPUT_BY_TYPE(outputs, Output, SD_VARLINK_ARRAY),
    SD_VARLINK_FIELD_COMMENT("Whether the session is locked"),
    SD_VARLINK_DEFINE_OUTPUT(locked, SD_VARLINK_BOOL, 0),
    SD_VARLINK_FIELD_COMMENT("Where the person is; missing: there is no output"),
    SD_VARLINK_DEFINE_OUTPUT_BY_TYPE(focused, Focus, SD_VARLINK_NULLABLE));
static SD_VARLINK_DEFINE_ERROR(NoSuchGuest,
    SD_VARLINK_DEFINE_FIELD(name, SD_VARLINK_STRING, 0));
static SD_VARLINK_DEFINE_ERROR(NoSuchOutput,
    SD_VARLINK_DEFINE_FIELD(name, SD_VARLINK_STRING, 0));
static SD_VARLINK_DEFINE_ERROR(WrongCommand,
    SD_VARLINK_DEFINE_FIELD(message, SD_VARLINK_STRING, 0));
static SD_VARLINK_DEFINE_ERROR(NotNow,
    SD_VARLINK_DEFINE_FIELD(message, SD_VARLINK_STRING, 0));
static SD_VARLINK_DEFINE_ERROR(WrongConfiguration,
    SD_VARLINK_DEFINE_FIELD(message, SD_VARLINK_STRING, 0));
static SD_VARLINK_DEFINE_ERROR(Locked);
static SD_VARLINK_DEFINE_ERROR(TooManySubscribers);

const sd_varlink_interface control_interface = {
    .name = PH_CONTROL_INTERFACE,
    .symbols =
	{
	    SD_VARLINK_SYMBOL_COMMENT("One computer's guests on its screens"),
	    SD_VARLINK_SYMBOL_COMMENT("A part of a monitor that shows one picture"),
	    &vl_type_Cell,
	    SD_VARLINK_SYMBOL_COMMENT("A monitor"),
	    &vl_type_Output,
	    SD_VARLINK_SYMBOL_COMMENT("A virtual monitor of a guest"),
	    &vl_type_Head,
	    SD_VARLINK_SYMBOL_COMMENT("A virtual machine"),
	    &vl_type_Guest,
	    SD_VARLINK_SYMBOL_COMMENT("Where the person is"),
	    &vl_type_Focus,
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
	    SD_VARLINK_SYMBOL_COMMENT("Goes to a monitor, as the command focus does by direction"),
	    &vl_method_FocusOutput,
	    SD_VARLINK_SYMBOL_COMMENT("Does what a key can be bound to; see phyllome-session(5)"),
	    &vl_method_Run,
	    SD_VARLINK_SYMBOL_COMMENT("Reads session.scfg again; answers when that is done"),
	    &vl_method_Reload,
	    SD_VARLINK_SYMBOL_COMMENT("The whole state, at once and after each change"),
	    &vl_method_Subscribe,
	    SD_VARLINK_SYMBOL_COMMENT("There is no guest of that name or number"),
	    &vl_error_NoSuchGuest,
	    SD_VARLINK_SYMBOL_COMMENT("There is no such monitor, or it is off"),
	    &vl_error_NoSuchOutput,
	    SD_VARLINK_SYMBOL_COMMENT("It is no command; the message says what was expected"),
	    &vl_error_WrongCommand,
	    SD_VARLINK_SYMBOL_COMMENT("It makes no sense now, and nothing was done; the message says why"),
	    &vl_error_NotNow,
	    SD_VARLINK_SYMBOL_COMMENT("session.scfg is wrong and all stays as it was"),
	    &vl_error_WrongConfiguration,
	    SD_VARLINK_SYMBOL_COMMENT("The session is locked: nothing is shown until it is not"),
	    &vl_error_Locked,
	    SD_VARLINK_SYMBOL_COMMENT("Others are watching already, as many as can be"),
	    &vl_error_TooManySubscribers,
	    NULL,
	},
};
