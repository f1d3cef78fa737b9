/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * In place of file.c, the kernel, and servers/lib.
 */
#include "pager_pretend.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include <mig/mach4_user.h>
#include <mig/mach_port_user.h>
#include <mig/mach_user.h>

#include <servers/errors.h>
#include <servers/lib/log.h>
#include <servers/lib/server.h>

#define PRETEND_FIRST_PORT	1000u

struct space paging_space;
vm_size_t vm_page_size = PRETEND_PAGE;
mach_port_t mach_task_self_ = 1;

struct pretend_page pretend_pages[PRETEND_PAGES];
unsigned pretend_destroyed;
bool pretend_no_memory;
kern_return_t pretend_write[SPACE_FILES];
bool pretend_asker_gone;
unsigned pretend_answers;
kern_return_t pretend_answer;

static char *pretend_files[SPACE_FILES];
static mach_port_t pretend_port = PRETEND_FIRST_PORT;

void
pretend_begin(void)
{
	memset(&paging_space, 0, sizeof(paging_space));
	memset(pretend_pages, 0, sizeof(pretend_pages));
	memset(pretend_write, 0, sizeof(pretend_write));
	pretend_destroyed = 0;
	pretend_no_memory = false;
	pretend_asker_gone = false;
	pretend_answers = 0;
}

void
pretend_end(void)
{
	for (uint32_t i = 0; i < SPACE_FILES; i++) {
		if (paging_space.files[i].there) {
			paging_file_remove(i);
		}
	}
}

uint32_t
pretend_add_file(void)
{
	uint32_t file = space_add(&paging_space, PRETEND_PAGES,
	    calloc(1, store_bytes(PRETEND_PAGES)));

	pretend_files[file] = calloc(PRETEND_PAGES, PRETEND_PAGE);
	return file;
}

struct paged *
pretend_object(void)
{
	mach_port_t port = pretend_port++;

	return paged_create(port, PRETEND_CONTROL, MACH_PORT_NULL) ==
	    KERN_SUCCESS ? paged_lookup(port) : NULL;
}

struct paged *
pretend_client(uint32_t pages)
{
	mach_port_t port;
	struct paged *paged;

	if (paged_create_client(pages, &port) != KERN_SUCCESS) {
		return NULL;
	}
	paged = paged_lookup(port);
	paged_start(paged, PRETEND_CONTROL, MACH_PORT_NULL);
	return paged;
}

void
pretend_page_out(struct paged *paged, uint32_t page, uint32_t count,
    uint32_t word)
{
	char *data = calloc(count, PRETEND_PAGE);

	for (uint32_t i = 0; i < count; i++) {
		uint32_t first = word + page + i;

		memcpy(data + i * PRETEND_PAGE, &first, sizeof(first));
	}
	paged_page_out(paged, page, data, count);
	free(data);
}

void
pretend_page_in(struct paged *paged, uint32_t page, uint32_t count)
{
	memset(pretend_pages, 0, sizeof(pretend_pages));
	paged_page_in(paged, page, count);
}

/*
 * Paging files.
 */

static char *
pretend_place(uint32_t slot)
{
	assert(paging_space.files[space_file_of(slot)].there);
	return pretend_files[space_file_of(slot)] +
	    space_place_of(slot) * PRETEND_PAGE;
}

kern_return_t
paging_file_read(uint32_t slot, uint32_t count, vm_address_t *memoryp)
{
	char *memory = malloc(count * PRETEND_PAGE);

	memcpy(memory, pretend_place(slot), count * PRETEND_PAGE);
	*memoryp = (vm_address_t)memory;
	return KERN_SUCCESS;
}

kern_return_t
paging_file_write(uint32_t slot, const void *memory, uint32_t count)
{
	kern_return_t kr = pretend_write[space_file_of(slot)];

	if (kr == KERN_SUCCESS) {
		memcpy(pretend_place(slot), memory, count * PRETEND_PAGE);
	}
	return kr;
}

void
paging_file_shrink(void)
{
}

void
paging_file_remove(uint32_t file)
{
	void *bitmap = paging_space.files[file].store.bitmap;

	space_remove(&paging_space, file);
	free(bitmap);
	free(pretend_files[file]);
}

/* Files have their numbers for names, and are all there. */

kern_return_t
paging_source_find(struct paging_source *source, bool add)
{
	source->ino = strtoul(source->name, NULL, 10);
	return KERN_SUCCESS;
}

void
paging_source_drop(struct paging_source *source)
{
}

uint32_t
paging_file_number(const struct paging_source *source)
{
	return source->ino < SPACE_FILES &&
	    paging_space.files[source->ino].there ? (uint32_t)source->ino :
	    SPACE_FILES;
}

kern_return_t
paging_file_check(const struct paging_source *source)
{
	return paging_file_number(source) == SPACE_FILES ? KERN_SUCCESS :
	    UNIX_EBUSY;
}

void
paging_file_add(struct paging_source *source)
{
	(void)pretend_add_file();
}

const char *
paging_file_name(uint32_t file)
{
	return "";
}

/*
 * The kernel.
 */

static void
pretend_tell(vm_offset_t offset, vm_size_t size, enum pretend_told told,
    const char *data)
{
	for (vm_size_t at = 0; at < size; at += PRETEND_PAGE) {
		struct pretend_page *page =
		    &pretend_pages[(offset + at) / PRETEND_PAGE];

		page->told = told;
		page->word = 0;
		if (data != NULL) {
			memcpy(&page->word, data + at, sizeof(page->word));
		}
	}
}

kern_return_t
memory_object_data_supply(mach_port_t control, vm_offset_t offset,
    vm_offset_t data, mach_msg_type_number_t size, boolean_t deallocate,
    vm_prot_t lock, boolean_t precious, mach_port_t reply)
{
	pretend_tell(offset, size, PRETEND_DATA, (const char *)data);
	if (deallocate) {
		free((void *)data);
	}
	return KERN_SUCCESS;
}

kern_return_t
memory_object_data_unavailable(mach_port_t control, vm_offset_t offset,
    vm_size_t size)
{
	pretend_tell(offset, size, PRETEND_ZEROS, NULL);
	return KERN_SUCCESS;
}

kern_return_t
memory_object_data_error(mach_port_t control, vm_offset_t offset,
    vm_size_t size, kern_return_t error)
{
	pretend_tell(offset, size, PRETEND_ERROR, NULL);
	return KERN_SUCCESS;
}

kern_return_t
memory_object_destroy(mach_port_t control, kern_return_t reason)
{
	pretend_destroyed++;
	return KERN_SUCCESS;
}

/* The proxy is the object. */
kern_return_t
memory_object_create_proxy(mach_port_t task, vm_prot_t protection,
    const memory_object_array_t object, mach_msg_type_name_t kind,
    mach_msg_type_number_t object_count, const vm_offset_array_t offset,
    mach_msg_type_number_t offset_count, const vm_offset_array_t start,
    mach_msg_type_number_t start_count, const vm_size_array_t length,
    mach_msg_type_number_t length_count, mach_port_t *proxy)
{
	*proxy = object[0];
	return KERN_SUCCESS;
}

kern_return_t
vm_deallocate(mach_port_t task, vm_address_t address, vm_size_t size)
{
	free((void *)address);
	return KERN_SUCCESS;
}

kern_return_t
mach_port_deallocate(mach_port_t task, mach_port_t name)
{
	return KERN_SUCCESS;
}

kern_return_t
mach_port_mod_refs(mach_port_t task, mach_port_t name, mach_port_right_t right,
    mach_port_delta_t delta)
{
	return KERN_SUCCESS;
}

kern_return_t
mach_port_type(mach_port_t task, mach_port_name_t name, mach_port_type_t *type)
{
	*type = pretend_asker_gone ? MACH_PORT_TYPE_DEAD_NAME :
	    MACH_PORT_TYPE_SEND_ONCE;
	return KERN_SUCCESS;
}

kern_return_t
vm_statistics(mach_port_t task, vm_statistics_data_t *statistics)
{
	memset(statistics, 0, sizeof(*statistics));
	return KERN_SUCCESS;
}

/*
 * servers/lib.
 */

void
server_reply(mach_port_t reply, mach_msg_type_name_t kind, mach_msg_id_t id,
    kern_return_t code)
{
	pretend_answers++;
	pretend_answer = code;
}

struct pretend_start {
	void	(*function)(void *);
	void	*argument;
};

static void *
pretend_thread(void *argument)
{
	struct pretend_start start = *(struct pretend_start *)argument;

	free(argument);
	start.function(start.argument);
	return NULL;
}

kern_return_t
server_start_thread(void (*function)(void *), void *argument,
    size_t stack_size)
{
	struct pretend_start *start = malloc(sizeof(*start));
	pthread_t thread;

	start->function = function;
	start->argument = argument;
	return pthread_create(&thread, NULL, pretend_thread, start) == 0 ?
	    KERN_SUCCESS : KERN_RESOURCE_SHORTAGE;
}

kern_return_t
server_add_port(mach_port_t port)
{
	return KERN_SUCCESS;
}

kern_return_t
object_create(struct object *object, const struct object_class *class)
{
	object->class = class;
	object->port = pretend_port++;
	object->refs = 2;
	return KERN_SUCCESS;
}

mach_port_t
object_right(struct object *object)
{
	return object->port;
}

void
object_unref(struct object *object)
{
	if (--object->refs == 0) {
		object->class->free(object);
	}
}

void
object_kill(struct object *object)
{
	object->class->gone(object);
	object_unref(object);
}

void
log_error(const char *format, ...)
{
}

const char *
log_error_text(int code)
{
	return "";
}

/*
 * Linked in place of store_map_reserve (--wrap).
 */

bool __real_store_map_reserve(struct store_map *map, uint32_t page,
    uint32_t count);
bool __wrap_store_map_reserve(struct store_map *map, uint32_t page,
    uint32_t count);

bool
__wrap_store_map_reserve(struct store_map *map, uint32_t page, uint32_t count)
{
	return !pretend_no_memory &&
	    __real_store_map_reserve(map, page, count);
}
