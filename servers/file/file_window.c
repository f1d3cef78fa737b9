/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * Windows on files, a fixed number of them.  A window is hidden, and has a
 * reference of whoever does it, while it is mapped or unmapped.
 */
#include <servers/file/file_window.h>

#include <pthread.h>
#include <servers/errors.h>
#include <servers/lib/mach.h>

#include <mig/mach_port_user.h>
#include <mig/mach_host_user.h>
#include <mig/mach_user.h>

#define FILE_WINDOWS		64
#define FILE_WINDOW_BUCKETS	64

/* [w] Nothing is taken inside. */
static pthread_mutex_t file_window_lock = PTHREAD_MUTEX_INITIALIZER;
static struct file_window file_windows[FILE_WINDOWS];
static struct file_window *file_window_buckets[FILE_WINDOW_BUCKETS];
static uint32_t file_window_clock;

static mach_port_t file_window_host;

void
file_window_setup(mach_port_t host)
{
	file_window_host = host;
}

static struct file_window **
file_window_bucket(const struct object *object, uint32_t index)
{
	return &file_window_buckets[(object->id + index) % FILE_WINDOW_BUCKETS];
}

static struct file_window *
file_window_find_locked(const struct object *object, uint32_t index,
    bool write)
{
	struct file_window *window = *file_window_bucket(object, index);

	while (window != NULL
	    && (window->object != object || window->index != index
	    || (write && !window->writable))) {
		window = window->next;
	}
	return window;
}

static void
file_window_hide_locked(struct file_window *window)
{
	struct file_window **link = file_window_bucket(window->object,
	    window->index);

	while (*link != window) {
		link = &(*link)->next;
	}
	*link = window->next;
	window->hidden = true;
}

/* The window that was not used for the longest time, hidden; NULL if none. */
static struct file_window *
file_window_steal_locked(void)
{
	struct file_window *oldest = NULL;

	for (unsigned i = 0; i < FILE_WINDOWS; i++) {
		struct file_window *window = &file_windows[i];

		if (window->refs == 0 && (oldest == NULL
		    || window->object == NULL || (oldest->object != NULL
		    && (int32_t) (window->used - oldest->used) < 0))) {
			oldest = window;
		}
	}
	if (oldest != NULL) {
		oldest->refs = 1;
		if (oldest->object != NULL) {
			file_window_hide_locked(oldest);
		}
	}
	return oldest;
}

/* Unmap WINDOW, which is hidden and ours, if it is mapped. */
static void
file_window_unmap(struct file_window *window)
{
	if (window->object == NULL) {
		return;
	}
	(void) vm_deallocate(mach_task_self(), (vm_address_t) window->memory,
	    window->size);
	object_unref(window->object);
	pthread_mutex_lock(&file_window_lock);
	window->object = NULL;
	pthread_mutex_unlock(&file_window_lock);
}

/* Nobody needs WINDOW, which is hidden and ours. */
static void
file_window_end(struct file_window *window)
{
	file_window_unmap(window);
	pthread_mutex_lock(&file_window_lock);
	window->refs = 0;
	pthread_mutex_unlock(&file_window_lock);
}

/*
 * Map it.  By a thread that leaves the reserve of memory alone, so that it
 * stays pageable.
 */
static kern_return_t
file_window_map(struct object *object, uint32_t index, vm_size_t size,
    vm_prot_t protection, vm_address_t *memoryp)
{
	mach_port_t right = object_right(object);
	mach_port_t self;
	kern_return_t kr;

	if (right == MACH_PORT_NULL) {
		return UNIX_EAGAIN;
	}
	self = mach_thread_self();
	(void) thread_wire(file_window_host, self, FALSE);
	*memoryp = 0;
	kr = vm_map(mach_task_self(), memoryp, size, FILE_WINDOW_SIZE - 1,
	    TRUE, right, index * FILE_WINDOW_SIZE, FALSE, protection,
	    protection, VM_INHERIT_NONE);
	(void) thread_wire(file_window_host, self, TRUE);
	(void) mach_port_deallocate(mach_task_self(), self);
	(void) mach_port_deallocate(mach_task_self(), right);
	return kr == KERN_SUCCESS ? kr : UNIX_EAGAIN;
}

/* Make WINDOW, which is unmapped and ours, one on that part of OBJECT. */
static kern_return_t
file_window_make(struct file_window *window, struct object *object,
    uint32_t index, vm_size_t size, bool write)
{
	struct file_window **bucket;
	vm_address_t memory;
	kern_return_t kr;

	kr = file_window_map(object, index, size,
	    VM_PROT_READ | (write ? VM_PROT_WRITE : VM_PROT_NONE), &memory);
	if (kr != KERN_SUCCESS) {
		return kr;
	}
	object_ref(object);
	pthread_mutex_lock(&file_window_lock);
	window->object = object;
	window->index = index;
	window->memory = (uint8_t *) memory;
	window->size = size;
	window->writable = write;
	window->hidden = false;
	window->used = ++file_window_clock;
	bucket = file_window_bucket(object, index);
	window->next = *bucket;
	*bucket = window;
	pthread_mutex_unlock(&file_window_lock);
	return KERN_SUCCESS;
}

kern_return_t
file_window_get(struct object *object, uint32_t index, vm_size_t size,
    bool write, struct file_window **windowp)
{
	struct file_window *window;
	kern_return_t kr;
	bool found;

	pthread_mutex_lock(&file_window_lock);
	window = file_window_find_locked(object, index, write);
	found = window != NULL;
	if (found) {
		window->refs++;
		window->used = ++file_window_clock;
	} else {
		window = file_window_steal_locked();
	}
	pthread_mutex_unlock(&file_window_lock);
	if (window == NULL) {
		return UNIX_EAGAIN;
	}
	if (!found) {
		file_window_unmap(window);
		kr = file_window_make(window, object, index, size, write);
		if (kr != KERN_SUCCESS) {
			file_window_end(window);
			return kr;
		}
	}
	*windowp = window;
	return KERN_SUCCESS;
}

void
file_window_put(struct file_window *window)
{
	bool end;

	pthread_mutex_lock(&file_window_lock);
	end = window->refs == 1 && window->hidden;
	if (!end) {
		window->refs--;
	}
	pthread_mutex_unlock(&file_window_lock);
	if (end) {
		file_window_end(window);
	}
}

/* Some window on OBJECT that was not hidden yet, with a reference; or NULL. */
static struct file_window *
file_window_hide_some_locked(const struct object *object)
{
	for (unsigned i = 0; i < FILE_WINDOWS; i++) {
		struct file_window *window = &file_windows[i];

		if (window->object == object && !window->hidden) {
			file_window_hide_locked(window);
			window->refs++;
			return window;
		}
	}
	return NULL;
}

void
file_window_forget(struct object *object)
{
	struct file_window *window;

	for (;;) {
		pthread_mutex_lock(&file_window_lock);
		window = file_window_hide_some_locked(object);
		pthread_mutex_unlock(&file_window_lock);
		if (window == NULL) {
			return;
		}
		file_window_put(window);
	}
}
