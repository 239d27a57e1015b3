// SPDX-License-Identifier: MIT
#include "driver_memory.h"

#include <link.h>
#include <malloc.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

struct walk {
	size_t first, at;
};

static int count_library(struct dl_phdr_info *info, size_t size, void *data)
{
	size_t *count = data;

	(*count)++;
	return 0;
}

size_t driver_memory_count(void)
{
	size_t count = 0;

	dl_iterate_phdr(count_library, &count);
	return count;
}

/* In the order in which they were loaded. */
static int release_library(struct dl_phdr_info *info, size_t size, void *data)
{
	struct walk *walk = data;
	uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);

	if (walk->at++ < walk->first) {
		return 0;
	}
	for (size_t i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *part = &info->dlpi_phdr[i];
		/* What was never writable is as in the file; relocated data is in parts that were. */
		if (part->p_type != PT_LOAD || part->p_flags & PF_W) {
			continue;
		}
		uintptr_t from = (info->dlpi_addr + part->p_vaddr) / page * page;
		uintptr_t to = (info->dlpi_addr + part->p_vaddr + part->p_memsz + page - 1) / page * page;
		madvise((void *)from, to - from, MADV_DONTNEED);
	}
	return 0;
}

void driver_memory_release(size_t first)
{
	struct walk walk = {.first = first};

	dl_iterate_phdr(release_library, &walk);
	malloc_trim(0);
}
