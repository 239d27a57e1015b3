// SPDX-License-Identifier: MIT
#include "gpu_probe.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <wlr/render/interface.h>
#include <wlr/render/pixman.h>
#include <wlr/util/log.h>

/* What goes through the pipe: one head, then as many pairs as it says. */
struct head {
	uint32_t works, input_color_transform, output_color_transform, timeline, pairs;
};
struct pair {
	uint32_t format, pad;
	uint64_t modifier;
};

/* --- the process */

static void write_all(int fd, const void *data, size_t size)
{
	const char *at = data;

	while (size > 0) {
		ssize_t done = write(fd, at, size);
		if (done < 0 && errno != EINTR) {
			_exit(1);
		}
		if (done > 0) {
			at += done;
			size -= (size_t)done;
		}
	}
}

static void answer(int fd, struct wlr_renderer *gpu)
{
	const struct wlr_drm_format_set *set = wlr_renderer_get_texture_formats(gpu, WLR_BUFFER_CAP_DMABUF);
	struct head head = {
	    .works = 1,
	    .input_color_transform = gpu->features.input_color_transform,
	    .output_color_transform = gpu->features.output_color_transform,
	    .timeline = gpu->features.timeline,
	};

	for (size_t i = 0; set && i < set->len; i++) {
		head.pairs += (uint32_t)set->formats[i].len;
	}
	write_all(fd, &head, sizeof(head));
	for (size_t i = 0; set && i < set->len; i++) {
		for (size_t j = 0; j < set->formats[i].len; j++) {
			struct pair pair = {
			    .format = set->formats[i].format,
			    .modifier = set->formats[i].modifiers[j],
			};
			write_all(fd, &pair, sizeof(pair));
		}
	}
}

static void run(int fd, struct wlr_backend *backend)
{
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	wlr_log_init(WLR_ERROR, NULL);
	struct wlr_renderer *gpu = wlr_renderer_autocreate(backend);
	if (gpu && !wlr_renderer_is_pixman(gpu)) {
		answer(fd, gpu);
	}
	/* The kernel is faster at giving back what the driver holds. */
	_exit(0);
}

/* --- us */

bool gpu_probe_start(struct ph_gpu_probe *probe, struct wlr_backend *backend)
{
	int pipes[2];

	if (pipe2(pipes, O_CLOEXEC) < 0) {
		wlr_log_errno(WLR_ERROR, "start: cannot ask the GPU");
		return false;
	}
	fflush(NULL);
	pid_t pid = fork();
	if (pid == 0) {
		close(pipes[0]);
		run(pipes[1], backend);
	}
	close(pipes[1]);
	if (pid < 0) {
		wlr_log_errno(WLR_ERROR, "start: cannot ask the GPU");
		close(pipes[0]);
		return false;
	}
	probe->pid = pid;
	probe->fd = pipes[0];
	return true;
}

static int left_ms(const struct timespec *end)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	int64_t left = (end->tv_sec - now.tv_sec) * 1000 + (end->tv_nsec - now.tv_nsec) / 1000000;
	return left > 0 ? (int)left : 0;
}

static bool read_all(int fd, void *data, size_t size, const struct timespec *end)
{
	char *at = data;

	while (size > 0) {
		struct pollfd waiting = {.fd = fd, .events = POLLIN};
		int ready = poll(&waiting, 1, left_ms(end));
		if (ready == 0) {
			wlr_log(WLR_ERROR, "renderer: the GPU's driver does not answer within %d s",
			    PH_GPU_PROBE_MS / 1000);
		}
		ssize_t done = ready > 0 ? read(fd, at, size) : ready;
		if (done < 0 && errno == EINTR) {
			continue;
		}
		if (done <= 0) {
			return false;
		}
		at += done;
		size -= (size_t)done;
	}
	return true;
}

static bool read_answer(int fd, struct ph_gpu_abilities *abilities)
{
	struct timespec end;
	struct head head = {0};
	struct pair pair;

	clock_gettime(CLOCK_MONOTONIC, &end);
	end.tv_sec += PH_GPU_PROBE_MS / 1000;
	if (!read_all(fd, &head, sizeof(head), &end) || !head.works) {
		return false;
	}
	struct wlr_drm_format_set set = {0};
	for (uint32_t i = 0; i < head.pairs; i++) {
		if (!read_all(fd, &pair, sizeof(pair), &end)) {
			wlr_drm_format_set_finish(&set);
			return false;
		}
		wlr_drm_format_set_add(&set, pair.format, pair.modifier);
	}
	*abilities = (struct ph_gpu_abilities){
	    .textures = set,
	    .input_color_transform = head.input_color_transform,
	    .output_color_transform = head.output_color_transform,
	    .timeline = head.timeline,
	};
	return true;
}

bool gpu_probe_finish(struct ph_gpu_probe *probe, struct ph_gpu_abilities *abilities)
{
	bool works = probe->pid > 0 && read_answer(probe->fd, abilities);

	gpu_probe_cancel(probe);
	return works;
}

void gpu_probe_cancel(struct ph_gpu_probe *probe)
{
	if (probe->pid > 0) {
		kill(probe->pid, SIGKILL);
		while (waitpid(probe->pid, NULL, 0) < 0 && errno == EINTR) {
		}
		close(probe->fd);
	}
	probe->pid = 0;
}
