/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * A file that several tasks map: its pager gives more than it is asked for,
 * and gets back what they have written, whatever is cleaned and flushed
 * meanwhile.  What the kernel keeps when nobody maps it is not asked for again.
 */

#include "objects.h"

#include "mach_port_user.h"
#include "mach_user.h"

#define P		vm_page_size
#define WORDS		(P / 4)
#define PAGES		64u
#define CLUSTER		8u	/* pages */
#define CLIENTS		4u
#define ROUNDS		12u
#define LOCKS		8u	/* in each round */
#define LOCKED_PAGES	12u	/* at most, of one lock request */

static uint32_t store[PAGES * RT_PAGE_MAX / 4]
    __attribute__((aligned(RT_PAGE_MAX)));
static volatile unsigned odd_returns;

/* Seen by all tasks here, with nothing else on its page. */
static struct {
	vm_offset_t		at[CLIENTS];
	volatile uint32_t	bad[CLIENTS];
	volatile uint32_t	rounds[CLIENTS];
	volatile uint32_t	locks;
} RT_WHOLE_PAGES shared;

static uint32_t
pattern(unsigned word)
{
	return word / WORDS * 2654435761u + word % WORDS;
}

/* ---- the pager ---- */

static volatile unsigned answers;	/* to requests */

/* What is asked for, and what follows it up to the cluster's end. */
static void
file_request(struct object *object, vm_offset_t offset, vm_size_t size,
    vm_prot_t access)
{
	unsigned page = (unsigned)(offset / P);
	unsigned end = (page + CLUSTER) / CLUSTER * CLUSTER;

	if (end * P < offset + size) {
		end = (unsigned)((offset + size) / P);
	}
	if (end > PAGES) {
		object_error(object, offset, size);
	} else {
		object_supply(object, offset, &store[page * WORDS],
		    (end - page) * P, VM_PROT_NONE, false);
	}
	answers++;
}

static void
file_data(struct object *object, vm_offset_t offset, vm_offset_t data,
    vm_size_t size, bool dirty, bool kernel_copy)
{
	if (offset % P != 0 || size % P != 0 || offset + size > PAGES * P) {
		odd_returns++;
		return;
	}
	memcpy(&store[offset / 4], (void *)data, size);
}

static const struct object_ops file_ops = {
	.request = file_request,
	.data = file_data,
};

static struct object file = {
	.ops = &file_ops,
	.strategy = MEMORY_OBJECT_COPY_DELAY,
};

/* ---- the clients ---- */

/* Words that differ from what client N wrote in ROUND; 0: nothing yet. */
static unsigned
wrong_words(volatile uint32_t *file_words, unsigned n, unsigned round)
{
	unsigned bad = 0;

	for (unsigned i = n; i < PAGES * WORDS; i += CLIENTS) {
		bad += file_words[i] != pattern(i) + round * 77;
	}
	return bad;
}

/* Every CLIENTS-th word is its own; between rounds something is locked. */
static void
client(void *arg)
{
	unsigned n = (unsigned)arg;
	volatile uint32_t *words = (volatile uint32_t *)shared.at[n];

	for (unsigned round = 1; round <= ROUNDS; round++) {
		while (shared.locks < round * LOCKS) {
			swtch_pri(0);
		}
		shared.bad[n] += wrong_words(words, n, round - 1);
		for (unsigned i = n; i < PAGES * WORDS; i += CLIENTS) {
			words[i] += 77;
		}
		shared.rounds[n] = round;
	}
}

static bool
all_rounds(void)
{
	for (unsigned n = 0; n < CLIENTS; n++) {
		if (shared.rounds[n] < ROUNDS) {
			return false;
		}
	}
	return true;
}

/* Clean or flush some pages until the clients are done. */
static void
disturb(void)
{
	uint32_t seed = 7;

	while (!all_rounds()) {
		unsigned page = rt_random(&seed, PAGES);
		unsigned count = 1 + rt_random(&seed, LOCKED_PAGES);
		bool all = rt_random(&seed, 2) != 0;
		bool flush = rt_random(&seed, 2) != 0;

		if (!object_lock(&file, page * P, count * P,
		    all ? MEMORY_OBJECT_RETURN_ALL : MEMORY_OBJECT_RETURN_DIRTY,
		    flush, VM_PROT_NO_CHANGE)) {
			rt_printf("FAIL no answer to a lock request");
			break;
		}
		shared.locks++;
	}
	rt_printf("# %u lock requests", shared.locks);
}

static void
test_clients(void)
{
	vm_offset_t addr = object_map(&file, PAGES * P);
	mach_port_t tasks[CLIENTS];
	unsigned bad = 0;

	for (unsigned n = 0; n < CLIENTS; n++) {
		tasks[n] = rt_child_create(client, (void *)n);
		shared.at[n] = object_map_task(&file, tasks[n], PAGES * P);
	}
	for (unsigned n = 0; n < CLIENTS; n++) {
		need("resume", task_resume(tasks[n]));
	}
	disturb();
	for (unsigned n = 0; n < CLIENTS; n++) {
		want_number("client has ended", rt_until_dead(tasks[n]), 1);
		want_number("wrong words", shared.bad[n], 0);
		mach_port_deallocate(rt_task, tasks[n]);
	}
	for (unsigned n = 0; n < CLIENTS; n++) {
		bad += wrong_words((uint32_t *)addr, n, ROUNDS);
	}
	want_number("wrong words in memory", bad, 0);
	want("unmap", vm_deallocate(rt_task, addr, PAGES * P), KERN_SUCCESS);
	want_number("terminated", rt_until(file.terminates == file.inits), 1);
	bad = 0;
	for (unsigned n = 0; n < CLIENTS; n++) {
		bad += wrong_words(store, n, ROUNDS);
	}
	want_number("wrong words in the file", bad, 0);
	want_number("odd returns", odd_returns, 0);
	rt_printf("# %u requests, %u pages came back, %u of them dirty",
	    file.requests, file.returns, file.dirty);
}

/*
 * One client reads it all, no faster than the pager gives it, or it would ask for
 * what is on its way: a request for each cluster.
 */
static void
test_clusters(void)
{
	vm_offset_t addr = object_map(&file, PAGES * P);
	unsigned before = file.requests;
	unsigned bad = 0;

	for (unsigned page = 0; page < PAGES; page++) {
		bad += *(volatile uint32_t *)(addr + page * P) !=
		    pattern(page * WORDS);
		bad += !rt_until(answers == file.requests);
	}
	want_number("requests", file.requests - before, PAGES / CLUSTER);
	for (unsigned n = 0; n < CLIENTS; n++) {
		bad += wrong_words((uint32_t *)addr, n, 0);
	}
	want_number("wrong words", bad, 0);
	want("unmap", vm_deallocate(rt_task, addr, PAGES * P), KERN_SUCCESS);
	want_number("terminated", rt_until(file.terminates == file.inits), 1);
	want_number("came back", file.returns, 0);
}

/* Nobody maps it, and the kernel keeps it, until the pager says no more. */
static void
test_cached(void)
{
	vm_offset_t addr;
	unsigned inits;
	unsigned requests;
	unsigned returns;

	file.may_cache = TRUE;
	addr = object_map(&file, PAGES * P);
	*(volatile uint32_t *)(addr + 5 * P) = 1234;
	rt_printf("read %d", *(volatile uint32_t *)addr == store[0]);
	want("unmap", vm_deallocate(rt_task, addr, PAGES * P), KERN_SUCCESS);
	inits = file.inits;
	requests = file.requests;
	returns = file.returns;
	addr = object_map(&file, PAGES * P);
	want_number("written", *(volatile uint32_t *)(addr + 5 * P), 1234);
	rt_printf("read %d", *(volatile uint32_t *)addr == store[0]);
	want_number("new objects", file.inits - inits, 0);
	want_number("terminated", file.terminates + 1 - file.inits, 0);
	want_number("requests", file.requests - requests, 0);
	want_number("returned", file.returns - returns, 0);
	want("unmap", vm_deallocate(rt_task, addr, PAGES * P), KERN_SUCCESS);
	want("no more", memory_object_change_attributes(file.control, FALSE,
	    MEMORY_OBJECT_COPY_DELAY, file.port), KERN_SUCCESS);
	want_number("changed", rt_until(file.changes == 1), 1);
	want_number("terminated", rt_until(file.terminates == file.inits), 1);
	want_number("returned", file.returns - returns, 1);
	want_number("it is", store[5 * WORDS], 1234);
	object_destroy(&file);
}

void
test(void)
{
	for (unsigned i = 0; i < PAGES * WORDS; i++) {
		store[i] = pattern(i);
	}
	need("share", vm_inherit(rt_task, (vm_offset_t)&shared, sizeof(shared),
	    VM_INHERIT_SHARE));
	objects_start(1);
	object_create(&file);
	test_clusters();
	test_clients();
	test_cached();
}
