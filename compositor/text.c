// SPDX-License-Identifier: MIT
#include "text.h"

#include <math.h>
#include <pango/pangocairo.h>
#include <string.h>

/* The first family that is installed wins; fontconfig fills in what a script needs. */
static const char sans_families[] = "Inter,Adwaita Sans,Cantarell,Noto Sans,DejaVu Sans,sans-serif";
static const char mono_families[] =
    "Adwaita Mono,JetBrains Mono,Noto Sans Mono,DejaVu Sans Mono,monospace";

/* Words up to here, in bytes, stay in one piece. */
#define UNBROKEN_LIMIT 30

/* A copy that pango takes as it is; to be freed with g_free(). */
static char *clean_string(const char *string, bool keep_breaks)
{
	size_t length = strnlen(string, PH_TEXT_LIMIT);
	char *clean = g_utf8_make_valid(string, (gssize)length);

	/* Bytes below 0x80 are never part of a longer UTF-8 sequence. */
	for (char *at = clean; *at; at++) {
		unsigned char byte = (unsigned char)*at;

		if ((byte < 0x20 && !(keep_breaks && byte == '\n')) || byte == 0x7f)
			*at = ' ';
	}
	return clean;
}

static PangoContext *create_context(void)
{
	PangoContext *context = pango_font_map_create_context(pango_cairo_font_map_get_default());
	cairo_font_options_t *options = cairo_font_options_create();

	/*
	 * Grey antialiasing: the picture may be turned, scaled or faded, which
	 * colour fringes do not survive. No rounding of metrics: the same text
	 * breaks in the same places at every scale.
	 */
	cairo_font_options_set_antialias(options, CAIRO_ANTIALIAS_GRAY);
	cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_SLIGHT);
	cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF);
	pango_cairo_context_set_font_options(context, options);
	pango_cairo_context_set_resolution(context, 96);
	pango_context_set_round_glyph_positions(context, FALSE);
	cairo_font_options_destroy(options);
	return context;
}

/*
 * Names of packages, files and options are not to be broken at their hyphens
 * and slashes; a longer one has to be, or it would not fit into a line at all.
 */
static PangoAttrList *keep_words(const char *text)
{
	PangoAttrList *list = pango_attr_list_new();
	size_t start = 0;

	while (text[start]) {
		size_t length = strcspn(text + start, " \n");

		if (length > 0 && length <= UNBROKEN_LIMIT &&
		    strcspn(text + start, "-/._") < length) {
			PangoAttribute *attribute = pango_attr_allow_breaks_new(FALSE);

			attribute->start_index = (guint)start;
			attribute->end_index = (guint)(start + length);
			pango_attr_list_insert(list, attribute);
		}
		start += length + strspn(text + start + length, " \n");
	}
	return list;
}

static void set_family(PangoFontDescription *font, const struct ph_text *style)
{
	char *families;

	if (style->mono || !style->font) {
		pango_font_description_set_family_static(
		    font, style->mono ? mono_families : sans_families);
		return;
	}
	families = g_strdup_printf("%s,%s", style->font, sans_families);
	pango_font_description_set_family(font, families);
	g_free(families);
}

static PangoLayout *create_layout(const struct ph_text *style, const char *string)
{
	static const PangoAlignment aligns[] = {
	    [PH_TEXT_LEFT] = PANGO_ALIGN_LEFT,
	    [PH_TEXT_CENTRE] = PANGO_ALIGN_CENTER,
	    [PH_TEXT_RIGHT] = PANGO_ALIGN_RIGHT,
	};
	PangoContext *context = create_context();
	PangoLayout *layout = pango_layout_new(context);
	PangoFontDescription *font = pango_font_description_new();
	char *clean = clean_string(string ? string : "", style->mono);

	set_family(font, style);
	pango_font_description_set_weight(
	    font, style->weight ? (PangoWeight)style->weight : PANGO_WEIGHT_NORMAL);
	pango_font_description_set_absolute_size(font, fmax(style->size, 1) * PANGO_SCALE);
	pango_layout_set_font_description(layout, font);
	/* A name in a right-to-left script stays at the left edge of its row. */
	pango_layout_set_auto_dir(layout, FALSE);
	pango_layout_set_text(layout, clean, -1);
	if (style->width > 0) {
		pango_layout_set_width(layout, (int)fmin(style->width * PANGO_SCALE, G_MAXINT / 2));
		pango_layout_set_height(layout, style->lines > 1 ? -style->lines : -1);
		pango_layout_set_ellipsize(layout, PANGO_ELLIPSIZE_END);
		pango_layout_set_wrap(layout, PANGO_WRAP_WORD_CHAR);
		pango_layout_set_alignment(layout, aligns[style->align]);
		if (style->spacing > 0)
			pango_layout_set_line_spacing(layout, (float)style->spacing);
		if (style->lines > 1) {
			PangoAttrList *list = keep_words(clean);

			pango_layout_set_attributes(layout, list);
			pango_attr_list_unref(list);
		}
	} else {
		pango_layout_set_single_paragraph_mode(layout, !style->mono);
	}
	g_free(clean);
	pango_font_description_free(font);
	g_object_unref(context);
	return layout;
}

static struct ph_text_size measure_layout(PangoLayout *layout)
{
	PangoRectangle logical;

	pango_layout_get_extents(layout, NULL, &logical);
	return (struct ph_text_size){
	    .width = (double)logical.width / PANGO_SCALE,
	    .height = (double)logical.height / PANGO_SCALE,
	    .baseline = (double)pango_layout_get_baseline(layout) / PANGO_SCALE,
	};
}

struct ph_text_size text_measure(const struct ph_text *style, const char *string)
{
	PangoLayout *layout = create_layout(style, string);
	struct ph_text_size size = measure_layout(layout);

	g_object_unref(layout);
	return size;
}

struct ph_text_size text_draw(
    cairo_t *cr, const struct ph_text *style, double x, double y, const char *string)
{
	PangoLayout *layout = create_layout(style, string);
	struct ph_text_size size = measure_layout(layout);

	cairo_save(cr);
	cairo_move_to(cr, x, y);
	cairo_set_source_rgba(cr, (style->colour >> 16 & 0xff) / 255.0,
	    (style->colour >> 8 & 0xff) / 255.0, (style->colour & 0xff) / 255.0,
	    (style->colour >> 24) / 255.0);
	pango_cairo_show_layout(cr, layout);
	cairo_restore(cr);
	g_object_unref(layout);
	return size;
}

void text_finish(void)
{
	/* No more than this: pango's threads may still use what cairo and fontconfig keep. */
	pango_cairo_font_map_set_default(NULL);
}
