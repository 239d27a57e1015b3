// SPDX-License-Identifier: MIT
#include "plane_kms.h"

#include <dlfcn.h>
#include <drm_fourcc.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <wlr/backend.h>
#include <wlr/backend/drm.h>
#include <wlr/util/addon.h>
#include <wlr/util/log.h>
#include <xf86drm.h>
#include <xf86drmMode.h>

#define PLANES_MAX 16 /* of one CRTC */
#define NO_PLANE "the graphics card has no plane left for it"

enum { FB_ID, CRTC_ID, SRC_X, SRC_Y, SRC_W, SRC_H, CRTC_X, CRTC_Y, CRTC_W, CRTC_H };
static const char *const property_names[PH_KMS_PROPERTIES] = {
    "FB_ID", "CRTC_ID", "SRC_X", "SRC_Y", "SRC_W", "SRC_H", "CRTC_X", "CRTC_Y", "CRTC_W", "CRTC_H"};

/* As a plane is when nobody has set them: without these, what an overlay shows may be seen through, or turned. */
enum { ALPHA, ROTATION, BLEND_MODE };
static const char *const default_names[PH_KMS_DEFAULTS] = {"alpha", "rotation", "pixel blend mode"};

/* A framebuffer of the kernel, kept for as long as its buffer lives. */
struct framebuffer {
	struct wlr_addon addon;
	int fd; /* borrowed: the card outlives its pictures */
	uint32_t id;
};

/* What wlroots' next commit takes along. */
static struct {
	const struct ph_kms_frame *frame; /* NULL: nothing */
	bool taken;
	int status; /* of that commit, as of the kernel's: 0, or an errno below 0 */
	bool broken; /* wlroots commits in another way: with a libdrm of its own */
} ride;

/* The value of an object's property; false: it has none of that name. */
static bool read_property(int fd, uint32_t object, uint32_t type, const char *name, uint64_t *value)
{
	drmModeObjectProperties *all = drmModeObjectGetProperties(fd, object, type);
	bool found = false;

	for (uint32_t i = 0; all && i < all->count_props && !found; i++) {
		drmModePropertyRes *property = drmModeGetProperty(fd, all->props[i]);
		found = property && strcmp(property->name, name) == 0;
		if (found) {
			*value = all->prop_values[i];
		}
		drmModeFreeProperty(property);
	}
	drmModeFreeObjectProperties(all);
	return found;
}

static void read_default(struct ph_kms_plane *plane, const drmModePropertyRes *property)
{
	for (size_t k = 0; k < PH_KMS_DEFAULTS; k++) {
		if (strcmp(property->name, default_names[k]) == 0) {
			plane->defaults[k] = property->prop_id;
			plane->default_values[k] = k == ALPHA ? 0xffff : k == ROTATION ? DRM_MODE_ROTATE_0 : 0;
		}
	}
	/* The numbers of these modes are each driver's own. */
	for (int i = 0; plane->defaults[BLEND_MODE] == property->prop_id && i < property->count_enums; i++) {
		if (strcmp(property->enums[i].name, "Pre-multiplied") == 0) {
			plane->default_values[BLEND_MODE] = property->enums[i].value;
		}
	}
}

static void read_plane(int fd, uint32_t id, struct ph_kms_plane *plane)
{
	drmModeObjectProperties *all = drmModeObjectGetProperties(fd, id, DRM_MODE_OBJECT_PLANE);

	*plane = (struct ph_kms_plane){.id = id, .type = DRM_PLANE_TYPE_CURSOR};
	for (uint32_t i = 0; all && i < all->count_props; i++) {
		drmModePropertyRes *property = drmModeGetProperty(fd, all->props[i]);
		if (!property) {
			continue;
		}
		for (size_t k = 0; k < PH_KMS_PROPERTIES; k++) {
			if (strcmp(property->name, property_names[k]) == 0) {
				plane->properties[k] = property->prop_id;
			}
		}
		if (strcmp(property->name, "type") == 0) {
			plane->type = all->prop_values[i];
		} else if (strcmp(property->name, "zpos") == 0) {
			plane->zpos = all->prop_values[i];
		} else {
			read_default(plane, property);
		}
		drmModeFreeProperty(property);
	}
	drmModeFreeObjectProperties(all);
}

static int find_crtc_index(int fd, uint32_t crtc)
{
	drmModeRes *resources = drmModeGetResources(fd);
	int index = -1;

	for (int i = 0; resources && i < resources->count_crtcs; i++) {
		if (resources->crtcs[i] == crtc) {
			index = i;
		}
	}
	drmModeFreeResources(resources);
	return index;
}

/*
 * The planes of a CRTC that no other one has, but the pointer's: the primary one first, then from below
 * to above. pointer_zpos: of the pointer's, 0 if there is none or planes are in no order.
 */
static size_t find_planes(
    int fd, uint32_t crtc, struct ph_kms_plane *planes, size_t max, uint64_t *pointer_zpos)
{
	int index = find_crtc_index(fd, crtc);
	drmModePlaneRes *resources = index >= 0 ? drmModeGetPlaneResources(fd) : NULL;
	size_t count = 0;

	*pointer_zpos = 0;
	for (uint32_t i = 0; resources && i < resources->count_planes && count < max; i++) {
		drmModePlane *found = drmModeGetPlane(fd, resources->planes[i]);
		bool ours = found && found->possible_crtcs & 1u << index &&
			    (found->crtc_id == 0 || found->crtc_id == crtc);
		drmModeFreePlane(found);
		struct ph_kms_plane plane;
		if (!ours) {
			continue;
		}
		read_plane(fd, resources->planes[i], &plane);
		if (plane.type == DRM_PLANE_TYPE_CURSOR) {
			*pointer_zpos = plane.zpos;
			continue;
		}
		size_t at = count++;
		while (at > 0 && planes[at - 1].type != DRM_PLANE_TYPE_PRIMARY &&
		       (plane.type == DRM_PLANE_TYPE_PRIMARY || planes[at - 1].zpos > plane.zpos)) {
			planes[at] = planes[at - 1];
			at--;
		}
		planes[at] = plane;
	}
	drmModeFreePlaneResources(resources);
	return count;
}

static void handle_addon_destroy(struct wlr_addon *addon)
{
	struct framebuffer *framebuffer = wl_container_of(addon, framebuffer, addon);

	wlr_addon_finish(addon);
	if (framebuffer->id && drmModeCloseFB(framebuffer->fd, framebuffer->id) != 0) {
		drmModeRmFB(framebuffer->fd, framebuffer->id);
	}
	free(framebuffer);
}

static const struct wlr_addon_interface addon_impl = {
    .name = "phyllome framebuffer",
    .destroy = handle_addon_destroy,
};

static uint32_t make_framebuffer(int fd, struct wlr_buffer *buffer)
{
	struct wlr_dmabuf_attributes dmabuf;
	uint32_t handles[WLR_DMABUF_MAX_PLANES] = {0}, id = 0;
	uint64_t modifiers[WLR_DMABUF_MAX_PLANES] = {0};
	int planes = 0;

	if (!wlr_buffer_get_dmabuf(buffer, &dmabuf)) {
		return 0;
	}
	while (planes < dmabuf.n_planes && planes < WLR_DMABUF_MAX_PLANES &&
	       drmPrimeFDToHandle(fd, dmabuf.fd[planes], &handles[planes]) == 0) {
		modifiers[planes++] = dmabuf.modifier;
	}
	uint32_t width = (uint32_t)dmabuf.width, height = (uint32_t)dmabuf.height;
	int status = -1;
	if (planes == dmabuf.n_planes && dmabuf.modifier != DRM_FORMAT_MOD_INVALID) {
		status = drmModeAddFB2WithModifiers(fd, width, height, dmabuf.format, handles, dmabuf.stride,
		    dmabuf.offset, modifiers, &id, DRM_MODE_FB_MODIFIERS);
	} else if (planes == dmabuf.n_planes) {
		status = drmModeAddFB2(fd, width, height, dmabuf.format, handles, dmabuf.stride, dmabuf.offset, &id, 0);
	}
	/* wlroots holds no handle between its calls, so these are ours alone. */
	for (int i = 0; i < planes; i++) {
		bool closed = false;
		for (int k = 0; k < i; k++) {
			closed = closed || handles[k] == handles[i];
		}
		if (!closed) {
			drmCloseBufferHandle(fd, handles[i]);
		}
	}
	return status == 0 ? id : 0;
}

/* The framebuffer of a buffer, 0: the card takes none of its kind. */
static uint32_t find_framebuffer(int fd, struct wlr_buffer *buffer)
{
	struct wlr_addon *addon = wlr_addon_find(&buffer->addons, &ride, &addon_impl);
	struct framebuffer *framebuffer;

	if (addon) {
		framebuffer = wl_container_of(addon, framebuffer, addon);
		return framebuffer->id;
	}
	framebuffer = calloc(1, sizeof(*framebuffer));
	if (!framebuffer) {
		abort();
	}
	framebuffer->fd = fd;
	framebuffer->id = make_framebuffer(fd, buffer);
	wlr_addon_init(&framebuffer->addon, &buffer->addons, &ride, &addon_impl);
	return framebuffer->id;
}

static bool add_plane(drmModeAtomicReq *request, const struct ph_kms_plane *plane, uint32_t crtc, uint32_t fb,
    const struct ph_plane_part *part)
{
	const uint64_t values[PH_KMS_PROPERTIES] = {
	    [FB_ID] = fb,
	    [CRTC_ID] = fb ? crtc : 0,
	    [SRC_X] = part ? (uint64_t)(part->source.x * 65536) : 0,
	    [SRC_Y] = part ? (uint64_t)(part->source.y * 65536) : 0,
	    [SRC_W] = part ? (uint64_t)(part->source.width * 65536) : 0,
	    [SRC_H] = part ? (uint64_t)(part->source.height * 65536) : 0,
	    [CRTC_X] = part ? (uint64_t)part->box.x : 0,
	    [CRTC_Y] = part ? (uint64_t)part->box.y : 0,
	    [CRTC_W] = part ? (uint64_t)part->box.width : 0,
	    [CRTC_H] = part ? (uint64_t)part->box.height : 0,
	};
	bool ok = true;

	for (size_t i = 0; i < PH_KMS_PROPERTIES && ok; i++) {
		ok = plane->properties[i] &&
		     drmModeAtomicAddProperty(request, plane->id, plane->properties[i], values[i]) >= 0;
	}
	for (size_t i = 0; i < PH_KMS_DEFAULTS && ok && fb && plane->type == DRM_PLANE_TYPE_OVERLAY; i++) {
		ok = !plane->defaults[i] || drmModeAtomicAddProperty(request, plane->id, plane->defaults[i],
						plane->default_values[i]) >= 0;
	}
	return ok;
}

static bool takes_format(int fd, const struct ph_kms_plane *plane, uint32_t format)
{
	drmModePlane *found = drmModeGetPlane(fd, plane->id);
	bool takes = false;

	for (uint32_t i = 0; found && i < found->count_formats; i++) {
		takes = takes || found->formats[i] == format;
	}
	drmModeFreePlane(found);
	return takes;
}

/* Planes below the primary one or above the pointer's are never asked for. */
static bool is_between(const struct ph_kms_plane *plane, const struct ph_kms_plane *primary, uint64_t pointer_zpos)
{
	return plane->zpos >= primary->zpos && (pointer_zpos == 0 || plane->zpos < pointer_zpos);
}

/* Gives each part a plane above that of the part before; false: there are too few. */
static bool assign(int fd, const struct ph_kms_plane *planes, size_t available, uint64_t pointer_zpos,
    const struct ph_plane_part *parts, size_t count, const struct ph_plane_part **users)
{
	size_t next = 0;

	for (size_t i = 0; i < count; i++) {
		struct wlr_dmabuf_attributes dmabuf;
		if (!wlr_buffer_get_dmabuf(parts[i].buffer, &dmabuf)) {
			return false;
		}
		while (next < available && (!is_between(&planes[next], &planes[0], pointer_zpos) ||
					       !takes_format(fd, &planes[next], dmabuf.format))) {
			next++;
		}
		if (next == available || (i == 0 && next > 0)) {
			return false;
		}
		users[next++] = &parts[i];
	}
	return true;
}

const char *plane_kms_test(
    struct wlr_output *output, const struct ph_plane_part *parts, size_t count, struct ph_kms_frame *frame)
{
	int fd = wlr_backend_get_drm_fd(output->backend);
	const struct ph_plane_part *users[PLANES_MAX] = {0};
	struct ph_kms_plane planes[PLANES_MAX];
	uint64_t crtc = 0, pointer_zpos;
	const char *reason = NULL;

	*frame = (struct ph_kms_frame){0};
	if (ride.broken) {
		return "wlroots' commits cannot be added to";
	}
	if (!read_property(fd, wlr_drm_connector_get_id(output), DRM_MODE_OBJECT_CONNECTOR, "CRTC_ID", &crtc)) {
		return NO_PLANE;
	}
	size_t available = find_planes(fd, (uint32_t)crtc, planes, PLANES_MAX, &pointer_zpos);
	if (!assign(fd, planes, available, pointer_zpos, parts, count, users)) {
		return NO_PLANE;
	}
	drmModeAtomicReq *request = drmModeAtomicAlloc();
	bool ok = request != NULL;
	frame->crtc = (uint32_t)crtc;
	for (size_t i = 0; i < available && ok && !reason; i++) {
		uint32_t fb = users[i] ? find_framebuffer(fd, users[i]->buffer) : 0;
		reason = users[i] && !fb ? "the graphics card cannot show a buffer of its kind" : NULL;
		ok = add_plane(request, &planes[i], frame->crtc, fb, users[i]);
		if (users[i] && i > 0) {
			frame->planes[frame->count++] = planes[i];
		}
	}
	if (!reason && (!ok || drmModeAtomicCommit(fd, request, DRM_MODE_ATOMIC_TEST_ONLY, NULL) != 0)) {
		reason = "the graphics card refuses to show it on its planes";
	}
	drmModeAtomicFree(request);
	return reason;
}

/* Those of the last frame that are not in this one are switched off. */
static bool add_frame(drmModeAtomicReq *request, const struct ph_kms_frame *frame)
{
	bool ok = true;

	for (size_t i = 0; i < frame->old_count && ok; i++) {
		ok = add_plane(request, &frame->old[i], 0, 0, NULL);
	}
	/* A property that is set twice has the later value. */
	for (size_t i = 0; i < frame->count && ok; i++) {
		ok = add_plane(request, &frame->planes[i], frame->crtc, frame->fbs[i], &frame->parts[i]);
	}
	return ok;
}

/*
 * libdrm's own, before which the linker puts this one: wlroots' commit of a frame is the
 * only one that can carry planes that change together with the primary one, and wlroots
 * offers no way into it.
 */
__attribute__((visibility("default"))) int drmModeAtomicCommit(
    int fd, drmModeAtomicReqPtr request, uint32_t flags, void *user_data)
{
	static int (*real)(int, drmModeAtomicReqPtr, uint32_t, void *);

	if (!real) {
		void *symbol = dlsym(RTLD_NEXT, "drmModeAtomicCommit");
		if (!symbol) {
			abort();
		}
		memcpy(&real, &symbol, sizeof(real));
	}
	if (!ride.frame || fd != ride.frame->fd || flags & DRM_MODE_ATOMIC_TEST_ONLY) {
		return real(fd, request, flags, user_data);
	}
	/* Half of it would be a picture that nobody has asked for. */
	ride.status = add_frame(request, ride.frame) ? real(fd, request, flags, user_data) : -ENOMEM;
	ride.taken = true;
	ride.frame = NULL;
	return ride.status;
}

enum ph_kms_answer plane_kms_commit(
    struct wlr_output *output, const struct wlr_output_state *state, struct ph_kms_frame *frame)
{
	frame->fd = wlr_backend_get_drm_fd(output->backend);
	for (size_t i = 0; i < frame->count; i++) {
		frame->fbs[i] = find_framebuffer(frame->fd, frame->parts[i].buffer);
		if (!frame->fbs[i]) {
			return PH_KMS_REFUSED; /* it was another buffer that was tested: without one the plane would be off */
		}
	}
	ride.frame = frame;
	ride.taken = false;
	ride.status = 0;
	bool done = wlr_output_commit_state(output, state);
	ride.frame = NULL;
	if (done && !ride.taken) {
		wlr_log(WLR_ERROR, "output %s: wlroots' commits cannot be added to; no overlay planes are used", output->name);
		ride.broken = true;
		wlr_output_schedule_frame(output);
	}
	if (done) {
		return PH_KMS_DONE;
	}
	return ride.status == -EBUSY ? PH_KMS_BUSY : PH_KMS_REFUSED;
}

void plane_kms_clear(struct wlr_output *output, const struct ph_kms_frame *frame)
{
	int fd = wlr_backend_get_drm_fd(output->backend);
	drmModeAtomicReq *request = drmModeAtomicAlloc();
	bool ok = request != NULL;

	for (size_t i = 0; i < frame->count && ok; i++) {
		ok = add_plane(request, &frame->planes[i], 0, 0, NULL);
	}
	if (!ok || drmModeAtomicCommit(fd, request, 0, NULL) != 0) {
		wlr_log_errno(WLR_INFO, "output %s: its overlay planes cannot be switched off", output->name);
	}
	drmModeAtomicFree(request);
}

static bool is_shown(uint32_t plane, const struct ph_kms_frame *const *frames, size_t count)
{
	bool shown = false;

	for (size_t i = 0; i < count; i++) {
		for (size_t k = 0; k < frames[i]->count; k++) {
			shown = shown || frames[i]->planes[k].id == plane;
		}
	}
	return shown;
}

void plane_kms_clean(int drm_fd, const struct ph_kms_frame *const *frames, size_t count)
{
	drmModePlaneRes *resources = drmModeGetPlaneResources(drm_fd);
	drmModeAtomicReq *request = drmModeAtomicAlloc();
	size_t left = 0;

	for (uint32_t i = 0; resources && request && i < resources->count_planes; i++) {
		drmModePlane *found = drmModeGetPlane(drm_fd, resources->planes[i]);
		bool on = found && found->fb_id && !is_shown(resources->planes[i], frames, count);
		drmModeFreePlane(found);
		struct ph_kms_plane plane;
		if (!on) {
			continue;
		}
		read_plane(drm_fd, resources->planes[i], &plane);
		left += plane.type == DRM_PLANE_TYPE_OVERLAY && add_plane(request, &plane, 0, 0, NULL);
	}
	if (left > 0) {
		int status = drmModeAtomicCommit(drm_fd, request, 0, NULL);
		wlr_log(WLR_INFO, "gpu: %zu overlay planes were on%s", left, status == 0 ? "" : ", and cannot be switched off");
	}
	drmModeAtomicFree(request);
	drmModeFreePlaneResources(resources);
}

bool plane_kms_has_overlays(int drm_fd)
{
	drmModePlaneRes *resources = drmModeGetPlaneResources(drm_fd);
	bool found = false;

	for (uint32_t i = 0; resources && i < resources->count_planes && !found; i++) {
		uint64_t type;
		found = read_property(drm_fd, resources->planes[i], DRM_MODE_OBJECT_PLANE, "type", &type) &&
			type == DRM_PLANE_TYPE_OVERLAY;
	}
	drmModeFreePlaneResources(resources);
	return found;
}
