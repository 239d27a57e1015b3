// SPDX-License-Identifier: MIT
#include "monitor_plan.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "monitor_memory.h"
#include "test.h"

static const struct ph_plugged panel = {"eDP-1", "BOE 0x0719"};
static const struct ph_plugged desk = {"DP-1", "Dell U2720Q ABC"};
static const struct ph_plugged twin = {"DP-2", "Dell U2720Q ABC"};

static struct ph_config parse(const char *text)
{
	char error[PH_SESSION_CONFIG_ERROR_MAX];
	struct ph_config config;

	if (!config_parse(&config, "f", text, strlen(text), error)) {
		printf("%s\n", error);
		abort();
	}
	return config;
}

/* A plan in a few words, for tables. */
static const char *tell(const struct ph_config *config, const struct ph_config *memory,
    const struct ph_plugged *monitors, size_t count, size_t which, char text[128])
{
	struct ph_plan plan;

	monitor_plan_choose(config, memory, monitors, count, which, &plan);
	const struct ph_config_output *settings = &plan.settings;
	if (plan.source == PH_PLAN_NONE) {
		return "none";
	}
	snprintf(text, 128, "%s%s %dx%d scale %.2f at %d,%d turned %d", plan.source == PH_PLAN_FILE ? "file" : "memory",
	    settings->off ? " off" : "", settings->width, settings->height, settings->scale,
	    settings->positioned ? settings->x : -1, settings->positioned ? settings->y : -1, settings->transform);
	return text;
}

TEST(layout_counts_more_than_the_monitor_and_that_more_than_memory)
{
	struct ph_config config = parse("output DP-1 {\nscale 1.5\ntransform 90\n}\n"
					"layout {\nhome DP-1\n}\n"
					"layout {\noutput \"Dell U2720Q ABC\" {\nmode 1920x1080\n}\noutput eDP-1 {\noff\n}\n}\n");
	struct ph_config memory = parse("layout {\noutput DP-1 {\nscale 3\n}\noutput eDP-1 {\nscale 2\n}\n}\n"
					"layout {\noutput eDP-1 {\nscale 1.25\nposition 7 0\n}\n}\n");
	struct ph_plugged both[] = {panel, desk}, three[] = {panel, desk, {"HDMI-A-1", "Tv"}};
	char text[128];

	/* What the block in the layout does not say is filled in. */
	check_str(tell(&config, &memory, both, 2, 1, text), "file 1920x1080 scale 1.50 at -1,-1 turned 1");
	check_str(tell(&config, &memory, both, 2, 0, text), "file off 0x0 scale 0.00 at -1,-1 turned -1");
	/* Other monitors are another set. */
	check_str(tell(&config, &memory, &both[1], 1, 0, text), "file 0x0 scale 1.50 at -1,-1 turned 1");
	check_str(tell(&config, &memory, both, 1, 0, text), "memory 0x0 scale 1.25 at 7,0 turned -1");
	check_str(tell(&config, &memory, three, 3, 0, text), "none");
	check_str(tell(&config, &memory, three, 3, 1, text), "file 0x0 scale 1.50 at -1,-1 turned 1");
	config_finish(&config);
	config_finish(&memory);
}

TEST(monitor_that_is_off_for_good_need_not_be_named)
{
	struct ph_config config = parse("output eDP-1 {\noff\n}\n"
					"layout {\noutput DP-1 {\nscale 2\n}\n}\n"
					"layout {\noutput DP-1 {\nscale 3\n}\noutput eDP-1 {\nscale 1\n}\n}\n");
	struct ph_plugged both[] = {desk, panel};

	check(monitor_plan_fits(&config, &config.layouts[0], both, 2));
	check(monitor_plan_fits(&config, &config.layouts[0], both, 1));
	check(monitor_plan_fits(&config, &config.layouts[1], both, 2));
	check(!monitor_plan_fits(&config, &config.layouts[1], both, 1));
	check(!monitor_plan_fits(&config, &config.layouts[0], &both[1], 1));
	config_finish(&config);
}

TEST(twins_are_told_apart_by_their_connectors)
{
	struct ph_config config = {0}, memory = parse("layout {\noutput DP-1 {\nscale 1\n}\noutput DP-2 {\nscale 2\n}\n}\n");
	struct ph_plugged both[] = {desk, twin};
	char text[128];

	check_str(tell(&config, &memory, both, 2, 0, text), "memory 0x0 scale 1.00 at -1,-1 turned -1");
	check_str(tell(&config, &memory, both, 2, 1, text), "memory 0x0 scale 2.00 at -1,-1 turned -1");
	config_finish(&memory);
}

TEST(plans_are_equal_whatever_their_names)
{
	struct ph_plan a = {PH_PLAN_FILE, {.name = (char *)"a", .width = 1, .transform = -1}}, b = a;

	b.settings.name = (char *)"b";
	check(monitor_plan_equal(&a, &b));
	b.settings.scale = 2;
	check(!monitor_plan_equal(&a, &b));
	a.settings.off = true;
	check(!monitor_plan_equal(&a, &b));
	b.settings.off = true;
	check(monitor_plan_equal(&a, &b)); /* nobody sees what else they say */
	b.source = PH_PLAN_MEMORY;
	check(!monitor_plan_equal(&a, &b));
	a.source = b.source = PH_PLAN_NONE;
	b.settings.off = false;
	check(monitor_plan_equal(&a, &b));
}

static char *write(const struct ph_config *memory)
{
	char *text = NULL;
	size_t size;
	FILE *file = open_memstream(&text, &size);

	check(monitor_memory_write(memory, file));
	fclose(file);
	return text;
}

TEST(memory_comes_back_from_its_file)
{
	struct ph_config memory = {0};
	struct ph_config_output outputs[] = {
	    {(char *)"Odd \"name\" \\", .width = 2560, .height = 1440, .refresh = 59951, .scale = 1.25, .positioned = true,
		.x = -1920, .y = 30, .transform = 5, .adaptive_sync = PH_ADAPTIVE_SYNC_FULLSCREEN},
	    {(char *)"eDP-1", .off = true, .transform = -1, .adaptive_sync = -1},
	};

	monitor_memory_note(&memory, outputs, 2);
	char *text = write(&memory);
	struct ph_config again = parse(text);
	check_uint(again.layout_count, 1);
	check_uint(again.layouts[0].output_count, 2);
	for (size_t i = 0; i < 2; i++) {
		struct ph_plan a = {PH_PLAN_FILE, outputs[i]}, b = {PH_PLAN_FILE, again.layouts[0].outputs[i]};
		check_str(b.settings.name, a.settings.name);
		check(monitor_plan_equal(&a, &b));
	}
	char *twice = write(&again);
	check_str(twice, text);
	free(twice);
	free(text);
	config_finish(&memory);
	config_finish(&again);
}

TEST(memory_keeps_the_last_word_of_each_set_and_not_too_many)
{
	struct ph_config memory = {0};
	char name[16];

	for (int i = 0; i < PH_MONITOR_MEMORY_MAX + 3; i++) {
		snprintf(name, sizeof(name), "M-%d", i);
		struct ph_config_output output = {name, .scale = 1};
		monitor_memory_note(&memory, &output, 1);
	}
	check_uint(memory.layout_count, PH_MONITOR_MEMORY_MAX);
	check_str(memory.layouts[0].outputs[0].name, "M-34");
	check_str(memory.layouts[PH_MONITOR_MEMORY_MAX - 1].outputs[0].name, "M-3");
	struct ph_config_output output = {(char *)"M-3", .scale = 2};
	monitor_memory_note(&memory, &output, 1);
	check_uint(memory.layout_count, PH_MONITOR_MEMORY_MAX);
	check_str(memory.layouts[0].outputs[0].name, "M-3");
	check(memory.layouts[0].outputs[0].scale == 2);
	/* In whatever order they come. */
	struct ph_config_output ab[] = {{(char *)"A", .scale = 1}, {(char *)"B", .scale = 1}},
	    ba[] = {{(char *)"B", .scale = 3}, {(char *)"A", .scale = 3}};
	monitor_memory_note(&memory, ab, 2);
	check_uint(monitor_memory_find(&memory, ba, 2), 0);
	check_uint(monitor_memory_find(&memory, ab, 1), SIZE_MAX);
	config_finish(&memory);
}
