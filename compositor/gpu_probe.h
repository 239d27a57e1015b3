// SPDX-License-Identifier: MIT
#ifndef PH_GPU_PROBE_H
#define PH_GPU_PROBE_H

#include <stdbool.h>
#include <sys/types.h>
#include <wlr/render/drm_format_set.h>
#include <wlr/render/wlr_renderer.h>

struct wlr_backend;

/*
 * What a GPU can do, asked by a process of its own that makes a context, answers and
 * ends: so a driver's memory, tens of megabytes, is not ours, and we start meanwhile.
 */
struct ph_gpu_probe {
	pid_t pid; /* 0: none runs */
	int fd;    /* its answer; readable when that is there, or the process has ended */
};

struct ph_gpu_abilities {
	struct wlr_drm_format_set textures; /* dma-bufs that it reads; the caller finishes it */
	bool input_color_transform, output_color_transform, timeline; /* struct wlr_renderer.features */
};

/* Starts it. False: no memory or processes; logged. */
bool gpu_probe_start(struct ph_gpu_probe *probe, struct wlr_backend *backend);

/*
 * Takes its answer, without waiting for it, and ends it. False: none is there, or there is no GPU that
 * works; the process has said why. abilities is only then untouched.
 */
bool gpu_probe_finish(struct ph_gpu_probe *probe, struct ph_gpu_abilities *abilities);

/* Ends it, whatever it does. Safe on zeroed memory. */
void gpu_probe_cancel(struct ph_gpu_probe *probe);

#endif
