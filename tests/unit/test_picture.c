// SPDX-License-Identifier: MIT
#include "picture.h"

#include <drm_fourcc.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "test.h"

static int memory(off_t size)
{
	const int fd = memfd_create("picture", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	check_op(fd, >=, 0);
	check_int(ftruncate(fd, size), 0);
	return fd;
}

/* 64x32, stride 256 from byte 16 on: needs 16 + 256 * 32 = 8208 bytes. */
static struct ph_picture picture(enum ph_picture_kind kind, int fd)
{
	struct ph_picture p;
	picture_init(&p);
	p.kind = kind;
	p.fourcc = DRM_FORMAT_XRGB8888;
	p.width = p.backing_width = 64;
	p.height = p.backing_height = 32;
	p.num_planes = 1;
	p.planes[0].fd = fd;
	p.planes[0].offset = 16;
	p.planes[0].stride = 256;
	return p;
}

TEST(exactly_large_enough)
{
	const enum ph_picture_kind kinds[] = {PH_PICTURE_DMABUF, PH_PICTURE_MAP};
	for (int i = 0; i < 2; i++) {
		struct ph_picture p = picture(kinds[i], memory(8208));
		struct ph_picture_key key;
		struct stat st;
		check_int(picture_check(&p, &key), PH_PICTURE_OK);
		check_int(fstat(p.planes[0].fd, &st), 0);
		check_uint(key.planes[0].inode, st.st_ino);
		check_int(ftruncate(p.planes[0].fd, 8207), 0);
		check_int(picture_check(&p, &key), PH_PICTURE_TOO_SMALL);
		picture_finish(&p);
	}
}

TEST(sizes_are_added_in_64_bits)
{
	struct ph_picture p = picture(PH_PICTURE_MAP, memory(8208));
	p.planes[0].offset = UINT32_MAX;
	check_int(picture_check(&p, NULL), PH_PICTURE_TOO_SMALL);
	p.planes[0].offset = 0;
	p.planes[0].stride = 0x80000000u; /* times 32 is 0 in 32 bits */
	check_int(picture_check(&p, NULL), PH_PICTURE_TOO_SMALL);
	picture_finish(&p);
}

TEST(files_that_are_no_memory)
{
	int pipes[2], sockets[2];
	check_int(pipe2(pipes, O_CLOEXEC), 0);
	check_int(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets), 0);
	const int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	const int zero = open("/dev/zero", O_RDWR | O_CLOEXEC);
	const int dir = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	const int files[] = {pipes[0], sockets[0], null, zero, dir};
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		struct ph_picture p = picture(PH_PICTURE_MAP, files[i]);
		check_int(picture_check(&p, NULL), PH_PICTURE_BAD_FILE);
		p.kind = PH_PICTURE_DMABUF;
		check_int(picture_check(&p, NULL), PH_PICTURE_BAD_FILE);
		picture_finish(&p);
	}
	close(pipes[1]);
	close(sockets[1]);
}

TEST(descriptors_that_are_not_open)
{
	struct ph_picture p = picture(PH_PICTURE_MAP, -1);
	check_int(picture_check(&p, NULL), PH_PICTURE_NO_FD);
	p.planes[0].fd = 1000;
	check_int(picture_check(&p, NULL), PH_PICTURE_BAD_FILE);
	p.planes[0].fd = -1;
}

TEST(a_map_must_be_a_writable_memfd)
{
	struct ph_picture p = picture(PH_PICTURE_MAP, memory(8208));
	char path[64];
	(void)!snprintf(path, sizeof(path), "/proc/self/fd/%d", p.planes[0].fd);
	const int readonly = open(path, O_RDONLY | O_CLOEXEC);
	check_op(readonly, >=, 0);
	struct ph_picture q = picture(PH_PICTURE_MAP, readonly);
	check_int(picture_check(&q, NULL), PH_PICTURE_BAD_FILE);
	picture_finish(&q);
	check_int(fcntl(p.planes[0].fd, F_ADD_SEALS, F_SEAL_WRITE), 0);
	check_int(picture_check(&p, NULL), PH_PICTURE_BAD_FILE);
	picture_finish(&p);
	/* QEMU's own seals its seals and nothing else */
	p = picture(PH_PICTURE_MAP, memory(8208));
	check_int(fcntl(p.planes[0].fd, F_ADD_SEALS, F_SEAL_SEAL), 0);
	check_int(picture_check(&p, NULL), PH_PICTURE_OK);
	picture_finish(&p);
	char *file = test_source_path("test.h");
	p = picture(PH_PICTURE_MAP, open(file, O_RDONLY | O_CLOEXEC));
	check_int(picture_check(&p, NULL), PH_PICTURE_BAD_FILE);
	picture_finish(&p);
	free(file);
}

TEST(geometry)
{
	static const struct {
		uint32_t x, y, width, height, backing_width, backing_height, stride;
		int planes;
		enum ph_picture_error want;
	} cases[] = {
	    {0, 0, 64, 32, 64, 32, 256, 1, PH_PICTURE_OK},
	    {32, 16, 32, 16, 64, 32, 256, 1, PH_PICTURE_OK},
	    {0, 0, 0, 32, 64, 32, 256, 1, PH_PICTURE_GEOMETRY},
	    {0, 0, 64, 0, 64, 32, 256, 1, PH_PICTURE_GEOMETRY},
	    {1, 0, 64, 32, 64, 32, 256, 1, PH_PICTURE_GEOMETRY},
	    {0, 1, 64, 32, 64, 32, 256, 1, PH_PICTURE_GEOMETRY},
	    {UINT32_MAX, 0, 1, 1, 64, 32, 256, 1, PH_PICTURE_GEOMETRY},
	    {0, UINT32_MAX, 2, 2, 64, 32, 256, 1, PH_PICTURE_GEOMETRY},
	    {0, 0, 64, 32, 16385, 32, 256, 1, PH_PICTURE_GEOMETRY},
	    {0, 0, 64, 32, 64, 16385, 256, 1, PH_PICTURE_GEOMETRY},
	    {0, 0, 64, 32, 64, 32, 255, 1, PH_PICTURE_GEOMETRY},
	    {0, 0, 64, 32, 64, 32, 0, 1, PH_PICTURE_GEOMETRY},
	    {0, 0, 64, 32, 64, 32, 256, 0, PH_PICTURE_GEOMETRY},
	    {0, 0, 64, 32, 64, 32, 256, 5, PH_PICTURE_GEOMETRY},
	    {0, 0, 64, 32, 64, 32, 256, -1, PH_PICTURE_GEOMETRY},
	};
	const int fd = memory(8208);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct ph_picture p = picture(PH_PICTURE_DMABUF, fd);
		p.x = cases[i].x;
		p.y = cases[i].y;
		p.width = cases[i].width;
		p.height = cases[i].height;
		p.backing_width = cases[i].backing_width;
		p.backing_height = cases[i].backing_height;
		p.planes[0].stride = cases[i].stride;
		p.num_planes = cases[i].planes;
		check_int(picture_check(&p, NULL), cases[i].want);
	}
	close(fd);
}

TEST(further_planes_need_one_row)
{
	const int fd = memory(8208), small = memory(100);
	struct ph_picture p = picture(PH_PICTURE_DMABUF, fd);
	p.modifier = 1; /* some tiling */
	p.num_planes = 2;
	p.planes[1].fd = small;
	p.planes[1].stride = 100;
	check_int(picture_check(&p, NULL), PH_PICTURE_OK);
	p.planes[1].offset = 1;
	check_int(picture_check(&p, NULL), PH_PICTURE_TOO_SMALL);
	p.planes[1].fd = -1;
	check_int(picture_check(&p, NULL), PH_PICTURE_NO_FD);
	close(fd);
	close(small);
}

TEST(a_copy_is_the_same_buffer)
{
	struct ph_picture p = picture(PH_PICTURE_DMABUF, memory(8208)), q, r;
	struct ph_picture_key a, b;
	check(picture_dup(&q, &p));
	check(q.planes[0].fd != p.planes[0].fd);
	check_int(fcntl(q.planes[0].fd, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
	check_int(picture_check(&p, &a), PH_PICTURE_OK);
	check_int(picture_check(&q, &b), PH_PICTURE_OK);
	check(picture_same_buffer(&a, &b));
	/* nor does the cheap look tell them apart, which knows nothing of its size */
	check_int(ftruncate(q.planes[0].fd, 1), 0);
	check_int(picture_identify(&q, &b), PH_PICTURE_OK);
	check(picture_same_buffer(&a, &b));
	q.planes[0].stride = 1;
	check_int(picture_identify(&q, &b), PH_PICTURE_GEOMETRY);
	q.planes[0].stride = p.planes[0].stride;
	const int fd = q.planes[0].fd;
	q.planes[0].fd = -1;
	check_int(picture_identify(&q, &b), PH_PICTURE_NO_FD);
	q.planes[0].fd = fd;
	picture_move(&r, &q);
	check_int(q.planes[0].fd, -1);
	picture_finish(&p);
	picture_finish(&p);
	picture_finish(&q);
	p = picture(PH_PICTURE_DMABUF, memory(8208));
	check_int(picture_check(&p, &b), PH_PICTURE_OK);
	check(!picture_same_buffer(&a, &b));
	check(picture_same_shape(&a, &b));
	p.planes[0].offset = 0;
	check_int(picture_check(&p, &a), PH_PICTURE_OK);
	check(!picture_same_buffer(&a, &b));
	picture_finish(&p);
	picture_finish(&r);
}

TEST(damage_in_the_buffer)
{
	struct ph_picture p = picture(PH_PICTURE_DMABUF, -1);
	const struct ph_rect damage = {2, 3, 10, 4}, plain = {2, 3, 10, 4};
	const struct ph_rect cropped = {34, 19, 10, 4}, turned = {34, 9, 10, 4};
	struct ph_rect got = picture_damage(&p, damage);
	check_mem(&got, &plain, sizeof(got));
	/* the lower right quarter */
	p.x = 32;
	p.y = 16;
	p.width = 32;
	p.height = 16;
	got = picture_damage(&p, damage);
	check_mem(&got, &cropped, sizeof(got));
	p.y_inverted = true;
	got = picture_damage(&p, damage);
	check_mem(&got, &turned, sizeof(got));
	/* what lies outside is no damage */
	const struct ph_rect outside = {32, 0, 1, 1};
	got = picture_damage(&p, outside);
	check_int(got.width, 0);
}
