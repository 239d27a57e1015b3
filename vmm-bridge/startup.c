// SPDX-License-Identifier: MIT
#include "startup.h"

#define LOG_MODULE "start"
#include "log.h"

size_t startup_run(const struct ph_startup_step *steps, size_t count, void *data, size_t fail_at)
{
	for (size_t i = 0; i < count; i++) {
		bool ok = i + 1 != fail_at;
		if (!ok) {
			log_error("%s: made to fail by a test", steps[i].name);
		}
		if (!ok || !steps[i].init(data)) {
			startup_finish(steps, i, data);
			return i;
		}
	}
	return count;
}

void startup_finish(const struct ph_startup_step *steps, size_t count, void *data)
{
	while (count > 0) {
		count--;
		if (steps[count].finish) {
			steps[count].finish(data);
		}
	}
}
