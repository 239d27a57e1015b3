// SPDX-License-Identifier: MIT
#include "picture.h"

#include <drm_fourcc.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "formats.h"
#include "pixels.h"

const char *picture_error_text(enum ph_picture_error error)
{
	switch (error) {
	case PH_PICTURE_OK:
		return "no error";
	case PH_PICTURE_NO_FD:
		return "a plane has no file descriptor";
	case PH_PICTURE_BAD_FILE:
		return "its file descriptor is not picture memory";
	case PH_PICTURE_TOO_SMALL:
		return "its memory is smaller than the picture";
	case PH_PICTURE_GEOMETRY:
		return "its size, crop, stride or plane count is out of range";
	case PH_PICTURE_FORMAT:
		return "its pixel format is unknown";
	}
	return "unknown error";
}

void picture_init(struct ph_picture *picture)
{
	*picture = (struct ph_picture){.modifier = DRM_FORMAT_MOD_INVALID};
	for (int i = 0; i < PH_MAX_PLANES; i++) {
		picture->planes[i].fd = -1;
	}
}

void picture_finish(struct ph_picture *picture)
{
	for (int i = 0; i < PH_MAX_PLANES; i++) {
		if (picture->planes[i].fd >= 0) {
			close(picture->planes[i].fd);
		}
	}
	picture_init(picture);
}

bool picture_dup(struct ph_picture *dst, const struct ph_picture *src)
{
	*dst = *src;
	for (int i = 0; i < PH_MAX_PLANES; i++) {
		dst->planes[i].fd = -1;
	}
	for (int i = 0; i < src->num_planes; i++) {
		dst->planes[i].fd = fcntl(src->planes[i].fd, F_DUPFD_CLOEXEC, 3);
		if (dst->planes[i].fd < 0) {
			picture_finish(dst);
			return false;
		}
	}
	return true;
}

void picture_move(struct ph_picture *dst, struct ph_picture *src)
{
	*dst = *src;
	picture_init(src);
}

static bool check_geometry(const struct ph_picture *p)
{
	return p->width > 0 && p->height > 0 && p->backing_width <= PH_MAX_PICTURE_SIZE &&
	       p->backing_height <= PH_MAX_PICTURE_SIZE &&
	       (uint64_t)p->x + p->width <= p->backing_width &&
	       (uint64_t)p->y + p->height <= p->backing_height && p->num_planes >= 1 &&
	       p->num_planes <= PH_MAX_PLANES &&
	       (p->kind != PH_PICTURE_MAP || p->num_planes == 1);
}

/* Size of the memory behind fd, or -1 if it is not memory of that kind. */
static int64_t memory_size(enum ph_picture_kind kind, int fd, const struct stat *st)
{
	if (kind == PH_PICTURE_MAP) {
		/* only memory files have seals; that also tells them from files on a disk */
		const int seals = fcntl(fd, F_GET_SEALS);
		if (!S_ISREG(st->st_mode) || seals < 0 ||
		    (seals & (F_SEAL_WRITE | F_SEAL_FUTURE_WRITE)) != 0 ||
		    (fcntl(fd, F_GETFL) & O_ACCMODE) != O_RDWR) {
			return -1;
		}
		return st->st_size;
	}
	/* a dma-buf's inode has no type at all, or is called a regular file by newer kernels */
	if ((st->st_mode & S_IFMT) != 0 && !S_ISREG(st->st_mode)) {
		return -1;
	}
	return lseek(fd, 0, SEEK_END);
}

/* Which file a plane lies in. */
static enum ph_picture_error identify_plane(
    const struct ph_picture *p, int plane, struct stat *st, struct ph_picture_key *key)
{
	const int fd = p->planes[plane].fd;

	if (fd < 0) {
		return PH_PICTURE_NO_FD;
	}
	if (fstat(fd, st) < 0) {
		return PH_PICTURE_BAD_FILE;
	}
	key->planes[plane].device = st->st_dev;
	key->planes[plane].inode = st->st_ino;
	key->planes[plane].offset = p->planes[plane].offset;
	key->planes[plane].stride = p->planes[plane].stride;
	return PH_PICTURE_OK;
}

static enum ph_picture_error check_plane(
    const struct ph_picture *p, int plane, const struct stat *st)
{
	const uint64_t offset = p->planes[plane].offset, stride = p->planes[plane].stride;
	const int64_t size = memory_size(p->kind, p->planes[plane].fd, st);

	if (size < 0) {
		return PH_PICTURE_BAD_FILE;
	}
	/* further planes may be sub-sampled or metadata: one row must fit */
	const uint64_t rows = plane == 0 ? p->backing_height : 1;
	return offset + stride * rows > (uint64_t)size ? PH_PICTURE_TOO_SMALL : PH_PICTURE_OK;
}

/* memory: also whether the files are what they should be. */
static enum ph_picture_error look(
    const struct ph_picture *p, bool memory, struct ph_picture_key *key)
{
	const uint64_t row = (uint64_t)p->backing_width * formats_bytes_per_pixel(p->fourcc);
	const bool linear =
	    p->modifier == DRM_FORMAT_MOD_INVALID || p->modifier == DRM_FORMAT_MOD_LINEAR;
	struct stat st;

	*key = (struct ph_picture_key){
	    .kind = p->kind,
	    .fourcc = p->fourcc,
	    .modifier = p->modifier,
	    .backing_width = p->backing_width,
	    .backing_height = p->backing_height,
	    .num_planes = (uint32_t)p->num_planes,
	};
	if (!check_geometry(p)) {
		return PH_PICTURE_GEOMETRY;
	}
	if (p->kind == PH_PICTURE_MAP && row == 0) {
		return PH_PICTURE_FORMAT;
	}
	if (p->planes[0].stride == 0 || (linear && row > p->planes[0].stride)) {
		return PH_PICTURE_GEOMETRY;
	}
	for (int i = 0; i < p->num_planes; i++) {
		enum ph_picture_error error = identify_plane(p, i, &st, key);
		if (error == PH_PICTURE_OK && memory) {
			error = check_plane(p, i, &st);
		}
		if (error != PH_PICTURE_OK) {
			return error;
		}
	}
	return PH_PICTURE_OK;
}

enum ph_picture_error picture_identify(const struct ph_picture *p, struct ph_picture_key *key)
{
	return look(p, false, key);
}

enum ph_picture_error picture_check(const struct ph_picture *p, struct ph_picture_key *key)
{
	struct ph_picture_key found;
	const enum ph_picture_error error = look(p, true, &found);

	if (error == PH_PICTURE_OK && key) {
		*key = found;
	}
	return error;
}

bool picture_same_shape(const struct ph_picture_key *a, const struct ph_picture_key *b)
{
	return a->kind == b->kind && a->fourcc == b->fourcc && a->modifier == b->modifier &&
	       a->backing_width == b->backing_width && a->backing_height == b->backing_height &&
	       a->num_planes == b->num_planes;
}

bool picture_same_buffer(const struct ph_picture_key *a, const struct ph_picture_key *b)
{
	if (!picture_same_shape(a, b)) {
		return false;
	}
	for (uint32_t i = 0; i < a->num_planes; i++) {
		if (a->planes[i].device != b->planes[i].device ||
		    a->planes[i].inode != b->planes[i].inode ||
		    a->planes[i].offset != b->planes[i].offset ||
		    a->planes[i].stride != b->planes[i].stride) {
			return false;
		}
	}
	return true;
}

struct ph_rect picture_damage(const struct ph_picture *picture, struct ph_rect damage)
{
	damage = rect_clip(damage, picture->width, picture->height);
	damage.x += (int32_t)picture->x;
	damage.y += (int32_t)picture->y;
	if (picture->y_inverted) {
		damage.y = (int32_t)picture->backing_height - damage.y - damage.height;
	}
	return damage;
}
