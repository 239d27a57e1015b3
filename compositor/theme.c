// SPDX-License-Identifier: MIT
#include "theme.h"

#include <math.h>
#include <stddef.h>

static const struct ph_theme dark = {
    .ground = 0xff14161a,
    .panel = 0xff191c21,
    .shade = 0x66000000,
    .text = 0xffeceef1,
    .muted = 0xffa3a9b4,
    .faint = 0xff747b87,
    .card = 0x0dffffff,
    .card_selected = 0x1cffffff,
    .line = 0x24ffffff,
    .sunken = 0x40000000,
    .accent = 0xff7fcf9f,
    .good = 0xff7fcf9f,
    .warning = 0xffe8b968,
    .bad = 0xfff08a80,
    .on_badge = 0xff1b1e23,
};

static const struct ph_theme light = {
    .light = true,
    .ground = 0xfff5f6f4,
    .panel = 0xfff5f6f4,
    .shade = 0x59000000,
    .text = 0xff1b1e23,
    .muted = 0xff565d68,
    .faint = 0xff838a95,
    .card = 0x0a000000,
    .card_selected = 0xffffffff,
    .line = 0x20000000,
    .sunken = 0x0d000000,
    .accent = 0xff1f8a56,
    .good = 0xff1f8a56,
    .warning = 0xffa86a00,
    .bad = 0xffc03a30,
    .on_badge = 0xff1b1e23,
};

static const struct ph_theme dark_contrast = {
    .contrast = true,
    .ground = 0xff000000,
    .panel = 0xff000000,
    .shade = 0xa6000000,
    .text = 0xffffffff,
    .muted = 0xffffffff,
    .faint = 0xffd8dce2,
    .card = 0xff101114,
    .card_selected = 0xff2a2d33,
    .line = 0xffb8bcc4,
    .sunken = 0xff000000,
    .accent = 0xffffe14d,
    .good = 0xff7dffb0,
    .warning = 0xffffd84d,
    .bad = 0xffff9c92,
    .on_badge = 0xff000000,
};

static const struct ph_theme light_contrast = {
    .light = true,
    .contrast = true,
    .ground = 0xffffffff,
    .panel = 0xffffffff,
    .shade = 0x99000000,
    .text = 0xff000000,
    .muted = 0xff000000,
    .faint = 0xff2b2f36,
    .card = 0xffffffff,
    .card_selected = 0xffe4e7ec,
    .line = 0xff3c4048,
    .sunken = 0xffffffff,
    .accent = 0xff0047b3,
    .good = 0xff006b35,
    .warning = 0xff7a4a00,
    .bad = 0xffa80f0f,
    .on_badge = 0xff000000,
};

void theme_make(struct ph_theme *theme, const struct ph_theme_choice *choice)
{
	static const struct ph_theme_choice none;

	if (!choice)
		choice = &none;
	if (choice->contrast)
		*theme = choice->light ? light_contrast : dark_contrast;
	else
		*theme = choice->light ? light : dark;
	if (choice->accent)
		theme->accent = 0xff000000 | choice->accent;
	theme->font = choice->font && choice->font[0] ? choice->font : NULL;
	theme->text_scale = choice->text_scale > 0 ? fmin(fmax(choice->text_scale, 0.5), 4) : 1;
}

uint32_t theme_tone_colour(const struct ph_theme *theme, enum ph_theme_tone tone)
{
	switch (tone) {
	case PH_THEME_GOOD:
		return theme->good;
	case PH_THEME_BUSY:
		return theme->warning;
	case PH_THEME_BAD:
		return theme->bad;
	case PH_THEME_LOCKED:
		return theme->muted;
	case PH_THEME_IDLE:
		break;
	}
	return theme->faint;
}

uint32_t theme_guest_colour(unsigned number, uint32_t chosen)
{
	/* Quiet enough to live with. */
	static const uint32_t colours[] = {
	    0x7fcf9f,
	    0x7fb4e8,
	    0xe8b968,
	    0xc79be8,
	    0xf0958c,
	    0x73d0d0,
	    0xd6cf73,
	    0xe89bc2,
	    0x9ba7f0,
	    0xb0b8a8,
	};
	size_t count = sizeof(colours) / sizeof(colours[0]);

	return chosen ? chosen & 0xffffff : colours[(number + count - 1) % count];
}

/*
 * The output's scale alone makes text tiny on a large screen at 100 % and lets
 * a small one at 200 % overflow.
 */
double theme_unit(const struct ph_theme *theme, int width, int height, double scale,
    double least_width, double least_height)
{
	double growth, unit;

	if (!(scale >= 0.5))
		scale = 0.5;
	growth = sqrt(fmin(width / scale / 1280, height / scale / 800));
	unit = scale * fmin(fmax(growth, 1), 1.6) * theme->text_scale;
	unit = fmin(unit, width / least_width);
	unit = fmin(unit, height / least_height);
	return fmax(unit, 0.4);
}

struct ph_text theme_text(const struct ph_theme *theme, double unit, enum ph_theme_text kind)
{
	static const struct ph_text kinds[] = {
	    [PH_THEME_TITLE] = {.size = 20, .weight = 600},
	    [PH_THEME_NAME] = {.size = 17, .weight = 600},
	    [PH_THEME_STRONG] = {.size = 15, .weight = 600, .spacing = 1.2},
	    [PH_THEME_SMALL] = {.size = 14, .spacing = 1.25},
	    [PH_THEME_TINY] = {.size = 12.5, .weight = 500},
	    [PH_THEME_KEY] = {.size = 12.5, .weight = 500},
	    [PH_THEME_CODE] = {.size = 13, .mono = true, .spacing = 1.35},
	};
	struct ph_text text = kinds[kind];

	text.size *= unit;
	if (theme->contrast && text.weight < 500)
		text.weight = 500;
	if (!text.mono)
		text.font = theme->font;
	return text;
}
