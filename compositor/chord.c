// SPDX-License-Identifier: MIT
#include "chord.h"

#include <linux/input-event-codes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

struct key_name {
	const char *name;
	uint32_t code;
};

/* The first name of a code is the one that is written. Letters and digits stand below. */
static const struct key_name keys[] = {
    {"Escape", KEY_ESC}, {"Esc", KEY_ESC}, {"Minus", KEY_MINUS}, {"Equal", KEY_EQUAL},
    {"Backspace", KEY_BACKSPACE}, {"Tab", KEY_TAB}, {"LeftBrace", KEY_LEFTBRACE},
    {"RightBrace", KEY_RIGHTBRACE}, {"Enter", KEY_ENTER}, {"Return", KEY_ENTER},
    {"Semicolon", KEY_SEMICOLON}, {"Apostrophe", KEY_APOSTROPHE}, {"Grave", KEY_GRAVE},
    {"Backslash", KEY_BACKSLASH}, {"Comma", KEY_COMMA}, {"Dot", KEY_DOT}, {"Slash", KEY_SLASH},
    {"Space", KEY_SPACE}, {"CapsLock", KEY_CAPSLOCK}, {"NumLock", KEY_NUMLOCK},
    {"ScrollLock", KEY_SCROLLLOCK}, {"102nd", KEY_102ND},

    {"LeftCtrl", KEY_LEFTCTRL}, {"RightCtrl", KEY_RIGHTCTRL}, {"LeftShift", KEY_LEFTSHIFT},
    {"RightShift", KEY_RIGHTSHIFT}, {"LeftAlt", KEY_LEFTALT}, {"RightAlt", KEY_RIGHTALT},
    {"LeftSuper", KEY_LEFTMETA}, {"RightSuper", KEY_RIGHTMETA},

    {"F1", KEY_F1}, {"F2", KEY_F2}, {"F3", KEY_F3}, {"F4", KEY_F4}, {"F5", KEY_F5},
    {"F6", KEY_F6}, {"F7", KEY_F7}, {"F8", KEY_F8}, {"F9", KEY_F9}, {"F10", KEY_F10},
    {"F11", KEY_F11}, {"F12", KEY_F12}, {"F13", KEY_F13}, {"F14", KEY_F14}, {"F15", KEY_F15},
    {"F16", KEY_F16}, {"F17", KEY_F17}, {"F18", KEY_F18}, {"F19", KEY_F19}, {"F20", KEY_F20},
    {"F21", KEY_F21}, {"F22", KEY_F22}, {"F23", KEY_F23}, {"F24", KEY_F24},

    {"Home", KEY_HOME}, {"Up", KEY_UP}, {"PageUp", KEY_PAGEUP}, {"Left", KEY_LEFT},
    {"Right", KEY_RIGHT}, {"End", KEY_END}, {"Down", KEY_DOWN}, {"PageDown", KEY_PAGEDOWN},
    {"Insert", KEY_INSERT}, {"Delete", KEY_DELETE}, {"Print", KEY_SYSRQ}, {"SysRq", KEY_SYSRQ},
    {"Pause", KEY_PAUSE}, {"Menu", KEY_COMPOSE}, {"Compose", KEY_COMPOSE},

    {"Kp0", KEY_KP0}, {"Kp1", KEY_KP1}, {"Kp2", KEY_KP2}, {"Kp3", KEY_KP3}, {"Kp4", KEY_KP4},
    {"Kp5", KEY_KP5}, {"Kp6", KEY_KP6}, {"Kp7", KEY_KP7}, {"Kp8", KEY_KP8}, {"Kp9", KEY_KP9},
    {"KpAsterisk", KEY_KPASTERISK}, {"KpMinus", KEY_KPMINUS}, {"KpPlus", KEY_KPPLUS},
    {"KpDot", KEY_KPDOT}, {"KpEnter", KEY_KPENTER}, {"KpSlash", KEY_KPSLASH},
    {"KpEqual", KEY_KPEQUAL}, {"KpComma", KEY_KPCOMMA},

    {"Ro", KEY_RO}, {"Yen", KEY_YEN}, {"Henkan", KEY_HENKAN}, {"Muhenkan", KEY_MUHENKAN},
    {"Katakana", KEY_KATAKANA}, {"Hiragana", KEY_HIRAGANA},
    {"KatakanaHiragana", KEY_KATAKANAHIRAGANA}, {"ZenkakuHankaku", KEY_ZENKAKUHANKAKU},
    {"Hangeul", KEY_HANGEUL}, {"Hanja", KEY_HANJA},

    {"Mute", KEY_MUTE}, {"VolumeDown", KEY_VOLUMEDOWN}, {"VolumeUp", KEY_VOLUMEUP},
    {"MicMute", KEY_MICMUTE}, {"PlayPause", KEY_PLAYPAUSE}, {"NextSong", KEY_NEXTSONG},
    {"PreviousSong", KEY_PREVIOUSSONG}, {"StopMedia", KEY_STOPCD}, {"Play", KEY_PLAY},
    {"PlayCd", KEY_PLAYCD}, {"PauseCd", KEY_PAUSECD}, {"Rewind", KEY_REWIND},
    {"FastForward", KEY_FASTFORWARD}, {"Record", KEY_RECORD}, {"EjectCd", KEY_EJECTCD},
    {"Media", KEY_MEDIA},

    {"BrightnessDown", KEY_BRIGHTNESSDOWN}, {"BrightnessUp", KEY_BRIGHTNESSUP},
    {"SwitchVideoMode", KEY_SWITCHVIDEOMODE}, {"KbdIllumToggle", KEY_KBDILLUMTOGGLE},
    {"KbdIllumDown", KEY_KBDILLUMDOWN}, {"KbdIllumUp", KEY_KBDILLUMUP},

    {"Power", KEY_POWER}, {"Sleep", KEY_SLEEP}, {"Suspend", KEY_SUSPEND}, {"WakeUp", KEY_WAKEUP},
    {"ScreenLock", KEY_SCREENLOCK}, {"Wlan", KEY_WLAN}, {"Bluetooth", KEY_BLUETOOTH},
    {"RfKill", KEY_RFKILL}, {"TouchpadToggle", KEY_TOUCHPAD_TOGGLE},

    {"Calc", KEY_CALC}, {"Mail", KEY_MAIL}, {"Www", KEY_WWW}, {"Search", KEY_SEARCH},
    {"HomePage", KEY_HOMEPAGE}, {"Back", KEY_BACK}, {"Forward", KEY_FORWARD},
    {"Computer", KEY_COMPUTER}, {"File", KEY_FILE}, {"Bookmarks", KEY_BOOKMARKS},
    {"Help", KEY_HELP}, {"Undo", KEY_UNDO}, {"Redo", KEY_REDO}, {"Copy", KEY_COPY},
    {"Paste", KEY_PASTE}, {"Cut", KEY_CUT}, {"Find", KEY_FIND}, {"Open", KEY_OPEN},
    {"Prog1", KEY_PROG1}, {"Prog2", KEY_PROG2}, {"Prog3", KEY_PROG3}, {"Prog4", KEY_PROG4},
};

/* By position on a US keyboard. */
static const uint32_t letters[26] = {KEY_A, KEY_B, KEY_C, KEY_D, KEY_E, KEY_F, KEY_G, KEY_H, KEY_I,
    KEY_J, KEY_K, KEY_L, KEY_M, KEY_N, KEY_O, KEY_P, KEY_Q, KEY_R, KEY_S, KEY_T, KEY_U, KEY_V, KEY_W,
    KEY_X, KEY_Y, KEY_Z};
static const char letter_names[26][2] = {"A", "B", "C", "D", "E", "F", "G", "H", "I", "J", "K", "L",
    "M", "N", "O", "P", "Q", "R", "S", "T", "U", "V", "W", "X", "Y", "Z"};
static const char digit_names[10][2] = {"1", "2", "3", "4", "5", "6", "7", "8", "9", "0"};

static const struct {
	const char *name;
	uint32_t modifier;
	uint32_t code; /* the left one */
} modifiers[] = {
    {"Super", PH_MODIFIER_SUPER, KEY_LEFTMETA},
    {"Ctrl", PH_MODIFIER_CTRL, KEY_LEFTCTRL},
    {"Alt", PH_MODIFIER_ALT, KEY_LEFTALT},
    {"Shift", PH_MODIFIER_SHIFT, KEY_LEFTSHIFT},
};
#define MODIFIER_COUNT (sizeof(modifiers) / sizeof(modifiers[0]))
#define KEY_NAME_COUNT (sizeof(keys) / sizeof(keys[0]))

static bool is_name(const char *name, const char *text, size_t length)
{
	return strlen(name) == length && strncasecmp(name, text, length) == 0;
}

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

uint32_t chord_key_code(const char *name, size_t length)
{
	if (length == 1 && is_letter(name[0])) {
		return letters[(name[0] | 0x20) - 'a'];
	}
	if (length == 1 && name[0] >= '0' && name[0] <= '9') {
		return name[0] == '0' ? KEY_0 : KEY_1 + (uint32_t)(name[0] - '1');
	}
	for (size_t i = 0; i < KEY_NAME_COUNT; i++) {
		if (is_name(keys[i].name, name, length)) {
			return keys[i].code;
		}
	}
	return 0;
}

const char *chord_key_name(uint32_t code)
{
	for (size_t i = 0; i < 26; i++) {
		if (letters[i] == code) {
			return letter_names[i];
		}
	}
	if (code >= KEY_1 && code <= KEY_0) {
		return digit_names[code - KEY_1];
	}
	for (size_t i = 0; i < KEY_NAME_COUNT; i++) {
		if (keys[i].code == code) {
			return keys[i].name;
		}
	}
	return NULL;
}

uint32_t chord_modifier(uint32_t code)
{
	switch (code) {
	case KEY_LEFTMETA:
	case KEY_RIGHTMETA:
		return PH_MODIFIER_SUPER;
	case KEY_LEFTCTRL:
	case KEY_RIGHTCTRL:
		return PH_MODIFIER_CTRL;
	case KEY_LEFTALT:
	case KEY_RIGHTALT:
		return PH_MODIFIER_ALT;
	case KEY_LEFTSHIFT:
	case KEY_RIGHTSHIFT:
		return PH_MODIFIER_SHIFT;
	default:
		return 0;
	}
}

/* The modifier of that name as an index, MODIFIER_COUNT: none. */
static size_t find_modifier(const char *name, size_t length)
{
	size_t i = 0;

	while (i < MODIFIER_COUNT && !is_name(modifiers[i].name, name, length)) {
		i++;
	}
	return i;
}

static bool refuse_key(const char *name, size_t length, char *error, size_t size)
{
	if (length == 0) {
		snprintf(error, size, "a key is missing, expected names joined with +, as Super+Shift+Left");
	} else {
		snprintf(error, size,
		    "'%.*s' is no key, expected a letter, a digit or a name as Left, Grave or VolumeUp",
		    length > 40 ? 40 : (int)length, name);
	}
	return false;
}

bool chord_parse(const char *text, struct ph_chord *chord, char *error, size_t size)
{
	*chord = (struct ph_chord){0};
	for (const char *name = text;; name++) {
		size_t length = strcspn(name, "+");
		size_t modifier = find_modifier(name, length);
		bool last = name[length] == '\0';

		if (modifier < MODIFIER_COUNT) {
			chord->modifiers |= modifiers[modifier].modifier;
			if (last) {
				snprintf(error, size, "'%s' has modifiers only, expected one more key",
				    text);
				return false;
			}
		} else {
			chord->code = chord_key_code(name, length);
			if (!chord->code) {
				return refuse_key(name, length, error, size);
			}
			if (!last || chord_modifier(chord->code)) {
				snprintf(error, size,
				    "'%s' is no chord, expected modifiers (Super, Ctrl, Alt, Shift) and "
				    "one other key at its end",
				    text);
				return false;
			}
			chord->letter = length == 1 && is_letter(name[0]) ? (char)(name[0] | 0x20) : '\0';
			return true;
		}
		name += length;
	}
}

bool chord_parse_keys(
    const char *text, uint32_t *codes, size_t max, size_t *count, char *error, size_t size)
{
	*count = 0;
	for (const char *name = text;; name++) {
		size_t length = strcspn(name, "+");
		size_t modifier = find_modifier(name, length);
		uint32_t code = modifier < MODIFIER_COUNT ? modifiers[modifier].code
							  : chord_key_code(name, length);

		if (!code) {
			return refuse_key(name, length, error, size);
		}
		for (size_t i = 0; i < *count; i++) {
			if (codes[i] == code) {
				snprintf(error, size, "'%s' names a key twice", text);
				return false;
			}
		}
		if (*count == max) {
			snprintf(error, size, "'%s' has more than %zu keys", text, max);
			return false;
		}
		codes[(*count)++] = code;
		name += length;
		if (*name == '\0') {
			return true;
		}
	}
}

void chord_format(const struct ph_chord *chord, char text[PH_CHORD_TEXT_MAX])
{
	const char *key = chord->letter ? letter_names[chord->letter - 'a'] : chord_key_name(chord->code);
	size_t used = 0;

	for (size_t i = 0; i < MODIFIER_COUNT; i++) {
		if (chord->modifiers & modifiers[i].modifier) {
			used += (size_t)snprintf(
			    text + used, PH_CHORD_TEXT_MAX - used, "%s+", modifiers[i].name);
		}
	}
	snprintf(text + used, PH_CHORD_TEXT_MAX - used, "%s", key ? key : "?");
}

void chord_format_keys(const uint32_t *codes, size_t count, char *text, size_t size)
{
	size_t used = 0;

	for (size_t i = 0; i < count && used < size; i++) {
		const char *name = chord_key_name(codes[i]);
		for (size_t m = 0; m < MODIFIER_COUNT; m++) {
			name = modifiers[m].code == codes[i] ? modifiers[m].name : name;
		}
		used += (size_t)snprintf(
		    text + used, size - used, "%s%s", i > 0 ? "+" : "", name ? name : "?");
	}
}

bool chord_equal(const struct ph_chord *a, const struct ph_chord *b)
{
	return a->modifiers == b->modifiers && a->letter == b->letter &&
	       (a->letter || a->code == b->code);
}
