/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * A memory object that comes again while it goes: threads map it, write to it
 * and unmap it, each for itself, and nobody caches it.  Its pager hears of one
 * end before the next beginning, and has what was written by then: else who
 * comes next would read what was there before.
 */

#include "objects.h"

#include "mach_user.h"

#define P	vm_page_size
#define THREADS	3
#define ROUNDS	400
#define PAGES	8u

static uint8_t store[PAGES * RT_PAGE_MAX] __attribute__((aligned(RT_PAGE_MAX)));
static bool here;		/* the kernel has the object */
static volatile unsigned finished;

static void
coming_init(struct object *object)
{
	if (here) {
		rt_printf("FAIL it comes before it has gone");
	}
	here = true;
	need("ready", memory_object_ready(object->control, object->may_cache,
	    object->strategy));
}

static void
coming_request(struct object *object, vm_offset_t offset, vm_size_t size,
    vm_prot_t access)
{
	object_supply(object, offset, store + offset, size, VM_PROT_NONE,
	    false);
}

static void
coming_data(struct object *object, vm_offset_t offset, vm_offset_t data,
    vm_size_t size, bool dirty, bool kernel_copy)
{
	memcpy(store + offset, (const void *)data, size);
}

static void
coming_terminate(struct object *object)
{
	here = false;
}

static const struct object_ops coming_ops = {
	.init = coming_init,
	.request = coming_request,
	.data = coming_data,
	.terminate = coming_terminate,
};
static struct object object = {
	.ops = &coming_ops,
	.strategy = MEMORY_OBJECT_COPY_DELAY,
};

/* The counter of thread N on a page of what is at ADDR. */
static volatile unsigned *
counter(vm_offset_t addr, unsigned page, unsigned n)
{
	return (volatile unsigned *)(addr + page * P) + n;
}

static void
coming_count(void *arg)
{
	unsigned n = (unsigned)(uintptr_t)arg;
	vm_offset_t addr;

	for (unsigned i = 0; i < ROUNDS; i++) {
		addr = object_map(&object, PAGES * P);
		for (unsigned page = 0; page < PAGES; page++) {
			++*counter(addr, page, n);
		}
		need("unmap", vm_deallocate(rt_task, addr, PAGES * P));
	}
	__sync_fetch_and_add(&finished, 1);
}

static unsigned
lowest(unsigned n)
{
	unsigned least = ROUNDS;

	for (unsigned page = 0; page < PAGES; page++) {
		unsigned count = *counter((vm_offset_t)store, page, n);

		least = count < least ? count : least;
	}
	return least;
}

void
test(void)
{
	objects_start(1);
	object_create(&object);
	for (unsigned n = 0; n < THREADS; n++) {
		rt_thread_create(coming_count, (void *)(uintptr_t)n);
	}
	rt_until(finished == THREADS);
	want_number("threads", finished, THREADS);
	rt_until(object.terminates == object.inits);
	for (unsigned n = 0; n < THREADS; n++) {
		want_number("counted", lowest(n), ROUNDS);
	}
	object_destroy(&object);
}
