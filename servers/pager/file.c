/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * The paging file, an ordinary file of the file server.
 */
#include <servers/pager/pager.h>

#include <string.h>

#include <mig/dir_user.h>
#include <mig/file_control_user.h>
#include <mig/file_user.h>
#include <mig/mach_port_user.h>
#include <mig/mach_user.h>

#include <servers/lib/boot.h>
#include <servers/lib/log.h>

#define PAGING_FILE_MODE	0600
#define PAGING_FILE_MIN		16u	/* slots: less is not worth it */

struct store paging_store;

/* Slots: how many freed ones make a shorter file worth while. */
#define PAGING_FILE_SHRINK	256u
/* This part of the disk is left to others. */
#define PAGING_DISK_PART	8u

static mach_port_t paging_file;
static uint32_t paging_slots;		/* that the file has blocks for */

/* A handle of the root directory with the identity of the superuser. */
static kern_return_t
paging_root(mach_port_t *root)
{
	mach_port_t control;
	kern_return_t kr;

	kr = boot_request("file-control", &control);
	if (kr != KERN_SUCCESS) {
		return kr;
	}
	kr = file_control_root(control, 0, 0, NULL, 0, 0, root);
	mach_port_deallocate(mach_task_self(), control);
	return kr;
}

static kern_return_t
paging_file_lookup(const char *path, mach_port_t *handle)
{
	mach_msg_type_number_t rest_count = FILE_PATH_MAX;
	file_lookup_t result;
	file_path_t rest;
	mach_port_t root;
	kern_return_t kr;

	kr = paging_root(&root);
	if (kr != KERN_SUCCESS) {
		return kr;
	}
	kr = dir_lookup(root, path, strlen(path),
	    FILE_O_READ | FILE_O_WRITE | FILE_O_CREAT | FILE_O_TRUNC |
		FILE_O_NOFOLLOW | FILE_O_PAGING,
	    PAGING_FILE_MODE, handle, &result, rest, &rest_count);
	mach_port_deallocate(mach_task_self(), root);
	return kr;
}

/* As much of SIZE as leaves room for files on the disk. */
static uint64_t
paging_file_limit(uint64_t size)
{
	struct file_statfs fs;
	uint64_t keep;
	uint64_t room;

	if (file_statfs(paging_file, &fs) != KERN_SUCCESS) {
		return size;
	}
	keep = fs.blocks / PAGING_DISK_PART;
	room = fs.bavail > keep ? (fs.bavail - keep) * fs.bsize : 0;
	return size < room ? size : room;
}

kern_return_t
paging_file_open(const char *path, uint64_t size)
{
	uint32_t slots;
	kern_return_t kr;

	kr = paging_file_lookup(path, &paging_file);
	if (kr != KERN_SUCCESS) {
		log_error("%s: %s", path, log_error_text(kr));
		return kr;
	}
	size = paging_file_limit(size);
	slots = (uint32_t)(size / vm_page_size);
	if (slots < PAGING_FILE_MIN || !store_init(&paging_store, slots)) {
		return KERN_RESOURCE_SHORTAGE;
	}
	log_info("paging into %s, up to %u MiB", path,
	    (unsigned)(size >> 20));
	return KERN_SUCCESS;
}

static int64_t
paging_offset(uint32_t slot)
{
	return (int64_t)slot * (int64_t)vm_page_size;
}

kern_return_t
paging_file_read(uint32_t slot, uint32_t count, vm_address_t *memoryp)
{
	uint32_t size = count * vm_page_size;
	mach_msg_type_number_t got;
	pointer_t data;
	kern_return_t kr;

	kr = file_read_ool(paging_file, paging_offset(slot), size, 0, &data,
	    &got);
	if (kr != KERN_SUCCESS) {
		return kr;
	}
	if (got != size) {
		vm_deallocate(mach_task_self(), data, got);
		return KERN_FAILURE;
	}
	*memoryp = data;
	return KERN_SUCCESS;
}

kern_return_t
paging_file_write(uint32_t slot, const void *memory, uint32_t count)
{
	uint32_t size = count * vm_page_size;
	uint32_t written = 0;
	kern_return_t kr;

	kr = file_write_ool(paging_file, paging_offset(slot), 0,
	    (vm_offset_t)memory, size, &written);
	if (kr != KERN_SUCCESS) {
		return kr;
	}
	if (slot + count > paging_slots) {
		paging_slots = slot + count;
	}
	return written == size ? KERN_SUCCESS : KERN_NO_SPACE;
}

void
paging_file_shrink(void)
{
	uint32_t end = store_end(&paging_store);
	struct file_attr attr = {
		.valid = FILE_ATTR_SIZE,
		.size = (uint64_t)end * vm_page_size,
	};

	if (paging_slots < end + PAGING_FILE_SHRINK ||
	    file_set_attr(paging_file, attr) != KERN_SUCCESS) {
		return;
	}
	paging_slots = end;
	/* Fill the beginning first, so that it can be shortened again. */
	paging_store.next = 0;
}
