/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * The paging files, ordinary files of the file server.
 *
 * The first one grows as it is used.  A file that is added later has its size,
 * and must have all its blocks: to find some when memory is short may take
 * memory.  Its first page stays as it is, so that what says there that the file
 * is for paging (mkswap) is still there afterwards.
 */
#include <servers/pager/pager.h>

#include <string.h>
#include <unistd.h>

#include <mig/dir_user.h>
#include <mig/file_control_user.h>
#include <mig/file_user.h>
#include <mig/mach_port_user.h>
#include <mig/mach_user.h>

#include <servers/errors.h>
#include <servers/file_types.h>
#include <servers/lib/boot.h>
#include <servers/lib/log.h>

#define PAGING_FILE_MODE	0600
#define PAGING_FILE_MIN		9u	/* places: less is not worth it */

/* Places: how many freed ones make a shorter file worth while. */
#define PAGING_FILE_SHRINK	256u
/* This part of the disk is left to others. */
#define PAGING_DISK_PART	8u

/* A file that somebody writes to: how often to try, and microseconds between. */
#define PAGING_BUSY_TRIES	20u
#define PAGING_BUSY_PAUSE	50000u

#define PAGING_OPEN		(FILE_O_READ | FILE_O_WRITE | FILE_O_PAGING)

struct paging_file {
	struct paging_source	source;
	uint32_t		written;	/* places that it has blocks
						   for, if it grows */
};

struct space paging_space;

static struct paging_file paging_files[SPACE_FILES];

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
paging_lookup(const char *path, int flags, mach_port_t *handle)
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
	kr = dir_lookup(root, path, strlen(path), flags, PAGING_FILE_MODE,
	    handle, &result, rest, &rest_count);
	mach_port_deallocate(mach_task_self(), root);
	if (kr == KERN_SUCCESS && !MACH_PORT_VALID(*handle)) {
		/* On another file system. */
		*handle = MACH_PORT_NULL;
		kr = UNIX_EINVAL;
	}
	return kr;
}

/* Find out which file SOURCE's handle stands for, and its size. */
static kern_return_t
paging_source_stat(struct paging_source *source, uint64_t *size)
{
	struct file_stat stat;
	kern_return_t kr = file_stat(source->handle, &stat);

	if (kr == KERN_SUCCESS && (stat.mode & FILE_S_IFMT) != FILE_S_IFREG) {
		kr = UNIX_EINVAL;
	}
	if (kr == KERN_SUCCESS) {
		source->dev = stat.dev;
		source->ino = stat.ino;
		*size = stat.size;
	}
	return kr;
}

/* The bitmap for as many places as are in SIZE bytes. */
static kern_return_t
paging_source_measure(struct paging_source *source, uint64_t size)
{
	uint64_t places = size / vm_page_size;

	if (places < source->first + PAGING_FILE_MIN) {
		return UNIX_EINVAL;
	}
	places -= source->first;
	if (places > SPACE_PLACES_MAX) {
		places = SPACE_PLACES_MAX;
	}
	source->places = (uint32_t)places;
	/* Not by malloc: it would hold others up while it waits. */
	return vm_allocate(mach_task_self(), &source->bitmap,
	    store_bytes(source->places), TRUE) == KERN_SUCCESS ?
	    KERN_SUCCESS : UNIX_ENOMEM;
}

/* As much of SIZE as leaves room for files on the disk. */
static uint64_t
paging_source_limit(const struct paging_source *source, uint64_t size)
{
	struct file_statfs fs;
	uint64_t keep;
	uint64_t room;

	if (file_statfs(source->handle, &fs) != KERN_SUCCESS) {
		return size;
	}
	keep = fs.blocks / PAGING_DISK_PART;
	room = fs.bavail > keep ? (fs.bavail - keep) * fs.bsize : 0;
	return size < room ? size : room;
}

kern_return_t
paging_source_make(struct paging_source *source, uint64_t size)
{
	uint64_t empty;
	kern_return_t kr;

	source->grows = true;
	kr = paging_lookup(source->name, PAGING_OPEN | FILE_O_CREAT |
	    FILE_O_TRUNC | FILE_O_NOFOLLOW, &source->handle);
	if (kr == KERN_SUCCESS) {
		kr = paging_source_stat(source, &empty);
	}
	if (kr == KERN_SUCCESS) {
		kr = paging_source_measure(source,
		    paging_source_limit(source, size));
	}
	if (kr != KERN_SUCCESS) {
		paging_source_drop(source);
	}
	return kr;
}

/* Has SOURCE's file of SIZE bytes all its blocks? */
static kern_return_t
paging_source_check_blocks(const struct paging_source *source, uint64_t size)
{
	int64_t hole = 0;
	kern_return_t kr;

	kr = file_seek(source->handle, 0, FILE_SEEK_HOLE, &hole);
	if (kr == KERN_SUCCESS && (uint64_t)hole < size) {
		kr = UNIX_EINVAL;
	}
	return kr;
}

static kern_return_t
paging_source_open(struct paging_source *source, bool add)
{
	mach_port_t given = source->handle;
	kern_return_t kr;

	if (given == MACH_PORT_NULL) {
		return paging_lookup(source->name,
		    add ? PAGING_OPEN : FILE_O_PATH, &source->handle);
	}
	if (!add) {
		return KERN_SUCCESS;
	}
	source->handle = MACH_PORT_NULL;
	kr = file_reopen(given, PAGING_OPEN, &source->handle);
	if (kr != KERN_SUCCESS) {
		source->handle = given;
	} else {
		mach_port_deallocate(mach_task_self(), given);
	}
	return kr;
}

kern_return_t
paging_source_find(struct paging_source *source, bool add)
{
	uint64_t size = 0;
	kern_return_t kr;

	kr = paging_source_open(source, add);
	for (unsigned i = 0; kr == UNIX_ETXTBSY && i < PAGING_BUSY_TRIES;
	    i++) {
		/* Who made it may have closed it a moment ago. */
		usleep(PAGING_BUSY_PAUSE);
		kr = paging_source_open(source, add);
	}
	if (kr == KERN_SUCCESS) {
		kr = paging_source_stat(source, &size);
	}
	if (kr == KERN_SUCCESS && add) {
		source->first = 1;
		kr = paging_source_check_blocks(source, size);
		if (kr == KERN_SUCCESS) {
			kr = paging_source_measure(source, size);
		}
	}
	return kr;
}

void
paging_source_drop(struct paging_source *source)
{
	if (source->handle != MACH_PORT_NULL) {
		mach_port_deallocate(mach_task_self(), source->handle);
		source->handle = MACH_PORT_NULL;
	}
	if (source->bitmap != 0) {
		vm_deallocate(mach_task_self(), source->bitmap,
		    store_bytes(source->places));
		source->bitmap = 0;
	}
}

uint32_t
paging_file_number(const struct paging_source *source)
{
	uint32_t i = 0;

	while (i < SPACE_FILES && (!paging_space.files[i].there ||
	    paging_files[i].source.dev != source->dev ||
	    paging_files[i].source.ino != source->ino)) {
		i++;
	}
	return i;
}

kern_return_t
paging_file_check(const struct paging_source *source)
{
	uint32_t i = 0;

	if (paging_file_number(source) != SPACE_FILES) {
		return UNIX_EBUSY;
	}
	while (i < SPACE_FILES && paging_space.files[i].there) {
		i++;
	}
	return i < SPACE_FILES ? KERN_SUCCESS : UNIX_EPERM;
}

void
paging_file_add(struct paging_source *source)
{
	uint32_t file = space_add(&paging_space, source->places,
	    (void *)source->bitmap);

	paging_files[file] = (struct paging_file){ .source = *source };
	log_info("paging into %s, %s%u MiB", source->name,
	    source->grows ? "up to " : "",
	    (unsigned)((uint64_t)source->places * vm_page_size >> 20));
	source->handle = MACH_PORT_NULL;
	source->bitmap = 0;
}

const char *
paging_file_name(uint32_t file)
{
	return paging_files[file].source.name;
}

/* Make a file that grows end behind PLACES. */
static kern_return_t
paging_file_cut(struct paging_file *file, uint32_t places)
{
	struct file_attr attr = {
		.valid = FILE_ATTR_SIZE,
		.size = (uint64_t)places * vm_page_size,
	};

	return file_set_attr(file->source.handle, attr);
}

void
paging_file_remove(uint32_t number)
{
	struct paging_file *file = &paging_files[number];

	space_remove(&paging_space, number);
	if (file->source.grows) {
		(void)paging_file_cut(file, 0);
	}
	log_info("paging into %s no more", file->source.name);
	paging_source_drop(&file->source);
}

static int64_t
paging_offset(const struct paging_file *file, uint32_t slot)
{
	return ((int64_t)space_place_of(slot) + file->source.first) *
	    (int64_t)vm_page_size;
}

kern_return_t
paging_file_read(uint32_t slot, uint32_t count, vm_address_t *memoryp)
{
	const struct paging_file *file = &paging_files[space_file_of(slot)];
	uint32_t size = count * vm_page_size;
	mach_msg_type_number_t got;
	pointer_t data;
	kern_return_t kr;

	kr = file_read_ool(file->source.handle, paging_offset(file, slot), size,
	    0, &data, &got);
	if (kr != KERN_SUCCESS) {
		return kr;
	}
	if (got != size) {
		vm_deallocate(mach_task_self(), data, got);
		return UNIX_EIO;
	}
	*memoryp = data;
	return KERN_SUCCESS;
}

kern_return_t
paging_file_write(uint32_t slot, const void *memory, uint32_t count)
{
	struct paging_file *file = &paging_files[space_file_of(slot)];
	uint32_t size = count * vm_page_size;
	uint32_t end = space_place_of(slot) + count;
	uint32_t written = 0;
	kern_return_t kr;

	kr = file_write_ool(file->source.handle, paging_offset(file, slot), 0,
	    (vm_offset_t)memory, size, &written);
	if (kr != KERN_SUCCESS) {
		return kr;
	}
	if (end > file->written) {
		file->written = end;
	}
	return written == size ? KERN_SUCCESS : KERN_NO_SPACE;
}

void
paging_file_shrink(void)
{
	for (uint32_t i = 0; i < SPACE_FILES; i++) {
		struct paging_file *file = &paging_files[i];
		uint32_t end;

		if (!paging_space.files[i].there || !file->source.grows) {
			continue;
		}
		end = store_end(&paging_space.files[i].store);
		if (file->written < end + PAGING_FILE_SHRINK ||
		    paging_file_cut(file, end) != KERN_SUCCESS) {
			continue;
		}
		file->written = end;
		paging_space.files[i].full = 0;
		/* Fill the beginning first, so that it can be cut again. */
		paging_space.files[i].store.next = 0;
	}
}
