// SPDX-License-Identifier: MIT
#include "gpu_probe.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include <wlr/render/interface.h>
#include <wlr/render/pixman.h>
#include <wlr/util/log.h>

/* The answer is one message: one head, then as many pairs as it says. */
struct head {
	uint32_t input_color_transform, output_color_transform, timeline, pairs;
};
struct pair {
	uint32_t format, pad;
	uint64_t modifier;
};
struct answer {
	struct head head;
	struct pair pairs[];
};

static size_t answer_size(size_t pairs)
{
	return sizeof(struct answer) + pairs * sizeof(struct pair);
}

/* --- the process */

static void tell(int fd, struct wlr_renderer *gpu)
{
	const struct wlr_drm_format_set *set =
	    wlr_renderer_get_texture_formats(gpu, WLR_BUFFER_CAP_DMABUF);
	size_t count = 0;

	for (size_t i = 0; set && i < set->len; i++) {
		count += set->formats[i].len;
	}
	struct answer *answer = calloc(1, answer_size(count));
	if (!answer) {
		abort();
	}
	answer->head = (struct head){
	    .input_color_transform = gpu->features.input_color_transform,
	    .output_color_transform = gpu->features.output_color_transform,
	    .timeline = gpu->features.timeline,
	};
	for (size_t i = 0; set && i < set->len; i++) {
		for (size_t j = 0; j < set->formats[i].len; j++) {
			answer->pairs[answer->head.pairs++] = (struct pair){
			    .format = set->formats[i].format,
			    .modifier = set->formats[i].modifiers[j],
			};
		}
	}
	if (send(fd, answer, answer_size(count), MSG_NOSIGNAL) < 0) {
		wlr_log_errno(WLR_ERROR, "renderer: cannot tell what the GPU reads");
	}
	free(answer);
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
		tell(fd, gpu);
	}
	/* The kernel is faster at giving back what the driver holds. */
	_exit(0);
}

/* --- us */

bool gpu_probe_start(struct ph_gpu_probe *probe, struct wlr_backend *backend)
{
	int ends[2];

	/* Messages: when there is something to read, all of it is there. */
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0) {
		wlr_log_errno(WLR_ERROR, "start: cannot ask the GPU");
		return false;
	}
	fflush(NULL);
	pid_t pid = fork();
	if (pid == 0) {
		close(ends[0]);
		run(ends[1], backend);
	}
	close(ends[1]);
	if (pid < 0) {
		wlr_log_errno(WLR_ERROR, "start: cannot ask the GPU");
		close(ends[0]);
		return false;
	}
	probe->pid = pid;
	probe->fd = ends[0];
	return true;
}

static bool read_answer(int fd, struct ph_gpu_abilities *abilities)
{
	ssize_t size = recv(fd, NULL, 0, MSG_PEEK | MSG_TRUNC | MSG_DONTWAIT);

	if (size < (ssize_t)sizeof(struct answer)) {
		return false; /* it has ended, and said why */
	}
	struct answer *answer = calloc(1, (size_t)size);
	if (!answer) {
		abort();
	}
	bool complete = recv(fd, answer, (size_t)size, MSG_DONTWAIT) == size &&
	    (size_t)size == answer_size(answer->head.pairs);
	if (complete) {
		*abilities = (struct ph_gpu_abilities){
		    .input_color_transform = answer->head.input_color_transform,
		    .output_color_transform = answer->head.output_color_transform,
		    .timeline = answer->head.timeline,
		};
		for (uint32_t i = 0; i < answer->head.pairs; i++) {
			const struct pair *pair = &answer->pairs[i];
			wlr_drm_format_set_add(&abilities->textures, pair->format, pair->modifier);
		}
	}
	free(answer);
	return complete;
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
