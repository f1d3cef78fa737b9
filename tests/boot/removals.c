/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Mappings that are taken away from two sides at once: one thread unmaps memory
 * while another has its pages locked, one after the other, wherever they are
 * mapped.
 */

#include "objects.h"

#include "mach_user.h"

#define P	vm_page_size
#define PAGES	48u
#define ROUNDS	2000u
#define JITTER	300u	/* turns of an empty loop */

static const struct object_ops usual;
static struct object object = {
	.ops = &usual,
	.strategy = MEMORY_OBJECT_COPY_DELAY,
};
static volatile unsigned started;	/* rounds */
static volatile unsigned finished;

static void
lock_pages(vm_prot_t what)
{
	need("lock", memory_object_lock_request(object.control, 0, PAGES * P,
	    MEMORY_OBJECT_RETURN_NONE, FALSE, what, MACH_PORT_NULL));
}

/* In each round nobody may use them, and then everybody may again. */
static void
lock(void *arg)
{
	for (unsigned n = 1; n <= ROUNDS; n++) {
		while (started != n) {
			swtch();
		}
		lock_pages(VM_PROT_ALL);
		lock_pages(VM_PROT_NONE);
		finished = n;
	}
}

/* Count on each page; what the least of them has. */
static unsigned
count(vm_offset_t addr)
{
	unsigned least = ROUNDS;

	for (unsigned i = 0; i < PAGES; i++) {
		unsigned n = ++*(volatile unsigned *)(addr + i * P);

		least = n < least ? n : least;
	}
	return least;
}

void
test(void)
{
	uint32_t seed = 1;
	unsigned least = 0;
	vm_offset_t kept;

	objects_start(1);
	object_create(&object);
	/* So that its pages stay. */
	kept = object_map(&object, PAGES * P);
	rt_thread_create(lock, NULL);
	for (unsigned n = 1; n <= ROUNDS; n++) {
		vm_offset_t addr = object_map(&object, PAGES * P);

		least = count(addr);
		started = n;
		for (volatile unsigned i = rt_random(&seed, JITTER); i > 0; i--) {
			;
		}
		need("unmap", vm_deallocate(rt_task, addr, PAGES * P));
		while (finished != n) {
			swtch();
		}
	}
	want_number("counted", least, ROUNDS);
	object_end(&object, kept, PAGES * P);
}
