/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * What memory costs: a fault by what it does, by the number of entries of the
 * map and by how often the memory was inherited; copies, up to nearly all of
 * an address space.
 */

#include "bench.h"

#include <stddef.h>

#include <mach/vm_inherit.h>

#include "mach_port_user.h"
#include "mach_user.h"

/* Write to each page from ADDRESS on; instructions per page. */
static uint32_t
touch(vm_address_t address, vm_size_t size)
{
	uint64_t from = now();

	for (vm_size_t at = 0; at < size; at += PAGE) {
		*(volatile uint32_t *)(address + at) = 1;
	}
	return insns(from, now()) / (size / PAGE);
}

static void
bench_zero_fill(const char *name, vm_size_t size)
{
	uint32_t best = UINT32_MAX;

	for (int r = 0; r < 4; r++) {
		vm_address_t address = 0;
		uint32_t spent;

		need("vm_allocate", vm_allocate(rt_task, &address, size,
		    TRUE));
		spent = touch(address, size);
		if (spent < best) {
			best = spent;
		}
		need("vm_deallocate", vm_deallocate(rt_task, address, size));
	}
	report(name, best);
}

static void
bench_copy_on_write(const char *name, vm_size_t size)
{
	uint32_t best = UINT32_MAX;
	vm_address_t address = 0;

	need("vm_allocate", vm_allocate(rt_task, &address, size, TRUE));
	touch(address, size);
	for (int r = 0; r < 4; r++) {
		mach_msg_type_number_t count;
		vm_offset_t copy;
		uint32_t spent;

		need("vm_read", vm_read(rt_task, address, size, &copy,
		    &count));
		spent = touch(copy, size);
		if (spent < best) {
			best = spent;
		}
		need("vm_deallocate", vm_deallocate(rt_task, copy, size));
	}
	need("vm_deallocate", vm_deallocate(rt_task, address, size));
	report(name, best);
}

/* ---- many entries ---- */

#define ENTRY_PAGES	4u	/* in each: one written before, and rounds */
#define ENTRY_FAULTS	10u	/* of entries that are far from each other */

/* A first write to page PAGE_OF of some of COUNT entries from ADDRESS on. */
static uint32_t
touch_entries(vm_address_t address, unsigned count, unsigned page_of)
{
	uint64_t from = now();

	for (unsigned i = 0; i < ENTRY_FAULTS; i++) {
		unsigned entry = count * i / ENTRY_FAULTS;

		*(volatile uint32_t *)(address +
		    (entry * ENTRY_PAGES + page_of) * PAGE) = 1;
	}
	return insns(from, now()) / ENTRY_FAULTS;
}

/* Zero-fill faults in COUNT entries that differ in what children get. */
static void
bench_entries(const char *name, unsigned count)
{
	vm_size_t size = count * ENTRY_PAGES * PAGE;
	uint32_t best = UINT32_MAX;
	vm_address_t address = 0;

	need("vm_allocate", vm_allocate(rt_task, &address, size, TRUE));
	for (unsigned i = 0; i < count; i += 2) {
		need("vm_inherit", vm_inherit(rt_task, address +
		    i * ENTRY_PAGES * PAGE, ENTRY_PAGES * PAGE,
		    VM_INHERIT_NONE));
	}
	/* Each gets its object, and its page table, now. */
	touch_entries(address, count, 0);
	for (unsigned page = 1; page < ENTRY_PAGES; page++) {
		uint32_t spent = touch_entries(address, count, page);

		if (spent < best) {
			best = spent;
		}
	}
	need("vm_deallocate", vm_deallocate(rt_task, address, size));
	report(name, best);
}

/* ---- past forks ---- */

#define FORK_PAGES	16u

/* In memory that all generations share. */
struct lineage {
	volatile uint32_t	born;	/* generation that runs */
	volatile uint32_t	spent;	/* by the last one's faults */
};

static struct lineage *lineage;
static vm_address_t inherited;		/* FORK_PAGES that change */
static uint32_t generations;

/* What each generation does: change a page; the last one changes all. */
static void
live(void *arg)
{
	uint32_t number = (uint32_t)arg;

	*(volatile uint32_t *)(inherited + number % FORK_PAGES * PAGE) =
	    number;
	if (number == generations) {
		/* Each is written for the first time by this generation. */
		uint64_t from = now();

		for (unsigned i = 1; i < FORK_PAGES; i++) {
			*(volatile uint32_t *)(inherited +
			    (number + i) % FORK_PAGES * PAGE) = number;
		}
		lineage->spent = insns(from, now()) / (FORK_PAGES - 1);
	}
	lineage->born = number;
	for (;;) {
		swtch_pri(0);
	}
}

/* A write to memory that has come down COUNT generations. */
static void
bench_forks(const char *name, unsigned count)
{
	mach_port_t task = rt_task;

	generations = count;
	lineage->born = 0;
	for (unsigned i = 1; i <= count; i++) {
		mach_port_t child;

		need("task_create", task_create(task, TRUE, &child));
		start_in(child, live, (void *)i);
		need("generation", rt_until(lineage->born == i) ? KERN_SUCCESS :
		    KERN_FAILURE);
		if (task != rt_task) {
			need("task_terminate", task_terminate(task));
			mach_port_deallocate(rt_task, task);
		}
		task = child;
	}
	report(name, lineage->spent);
	need("task_terminate", task_terminate(task));
	mach_port_deallocate(rt_task, task);
}

static void
bench_generations(void)
{
	vm_address_t shared = 0;

	need("vm_allocate", vm_allocate(rt_task, &shared, PAGE, TRUE));
	need("vm_inherit", vm_inherit(rt_task, shared, PAGE,
	    VM_INHERIT_SHARE));
	lineage = (void *)shared;
	need("vm_allocate", vm_allocate(rt_task, &inherited,
	    FORK_PAGES * PAGE, TRUE));
	touch(inherited, FORK_PAGES * PAGE);
	bench_forks("fault/after-forks/1", 1);
	bench_forks("fault/after-forks/10", 10);
	bench_forks("fault/after-forks/100", 100);
	bench_forks("fault/after-forks/1000", 1000);
	need("vm_deallocate", vm_deallocate(rt_task, inherited,
	    FORK_PAGES * PAGE));
	need("vm_deallocate", vm_deallocate(rt_task, shared, PAGE));
}

/* ---- copies ---- */

struct copy {
	vm_address_t	from;
	vm_address_t	to;
	vm_size_t	size;
};

static int
do_copy(void *arg)
{
	struct copy *copy = arg;

	return vm_copy(rt_task, copy->from, copy->size, copy->to);
}

static void
bench_vm_copy(void)
{
	struct copy copy = { 0, 0, 4 << 20 };
	uint32_t best = UINT32_MAX;

	need("vm_allocate", vm_allocate(rt_task, &copy.from, copy.size, TRUE));
	need("vm_allocate", vm_allocate(rt_task, &copy.to, copy.size, TRUE));
	touch(copy.from, copy.size);
	touch(copy.to, copy.size);
	measure("copy/vm-copy-4m", 5, do_copy, &copy);
	for (int r = 0; r < 4; r++) {
		uint32_t spent;

		need("vm_copy", do_copy(&copy));
		spent = touch(copy.to, copy.size);
		if (spent < best) {
			best = spent;
		}
	}
	report("copy/write-after-vm-copy-4m", best);
	need("vm_deallocate", vm_deallocate(rt_task, copy.from, copy.size));
	need("vm_deallocate", vm_deallocate(rt_task, copy.to, copy.size));
}

/* ---- nearly all of an address space ---- */

#define WHOLE_MIB	2560u

struct whole {
	mach_msg_header_t	header;
	mach_msg_type_long_t	type;
	vm_address_t		address;
	char			room[64];
};

static struct whole whole;
static mach_port_t whole_port;

/* In a task that has none of it: take it and drop it. */
static void
take_whole(void *arg)
{
	mach_port_t port = (mach_port_t)arg;

	for (;;) {
		if (mach_msg_trap(&whole.header, MACH_RCV_MSG, 0,
		    sizeof(whole), port, 0, MACH_PORT_NULL) !=
		    MACH_MSG_SUCCESS) {
			continue;
		}
		syscall_vm_deallocate(mach_task_self(), whole.address,
		    WHOLE_MIB << 20);
		rt_header(&whole.header, MACH_MSGH_BITS(
		    MACH_MSG_TYPE_MOVE_SEND_ONCE, 0), sizeof(whole.header),
		    whole.header.msgh_remote_port, MACH_PORT_NULL, 1);
		mach_msg_trap(&whole.header, MACH_SEND_MSG,
		    sizeof(whole.header), 0, MACH_PORT_NULL, 0,
		    MACH_PORT_NULL);
	}
}

static vm_address_t whole_address;
static mach_port_t whole_reply;

static int
do_whole(void *arg)
{
	mach_msg_size_t size = offsetof(struct whole, room);

	whole.type = (mach_msg_type_long_t) {
		.msgtl_header.msgt_longform = TRUE,
		.msgtl_name = MACH_MSG_TYPE_INTEGER_32,
		.msgtl_size = 32,
		.msgtl_number = WHOLE_MIB << 18,
	};
	whole.address = whole_address;
	rt_header(&whole.header, MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND,
	    MACH_MSG_TYPE_MAKE_SEND_ONCE) | MACH_MSGH_BITS_COMPLEX, size,
	    whole_port, whole_reply, 1);
	return mach_msg_trap(&whole.header, MACH_SEND_MSG | MACH_RCV_MSG,
	    size, sizeof(whole), whole_reply, 0, MACH_PORT_NULL);
}

/*
 * Send most of an address space, with a page in each megabyte that was
 * written, to a task that drops it; for each megabyte.
 */
static void
bench_whole(void)
{
	mach_msg_type_name_t type;
	mach_port_t task = child_task();
	mach_port_t port;

	need("allocate in the child", mach_port_allocate(task,
	    MACH_PORT_RIGHT_RECEIVE, &port));
	need("extract", mach_port_extract_right(task, port,
	    MACH_MSG_TYPE_MAKE_SEND, &whole_port, &type));
	need("reply", mach_port_allocate(rt_task, MACH_PORT_RIGHT_RECEIVE,
	    &whole_reply));
	start_in(task, take_whole, (void *)port);
	need("vm_allocate", vm_allocate(rt_task, &whole_address,
	    WHOLE_MIB << 20, TRUE));
	for (unsigned i = 0; i < WHOLE_MIB; i++) {
		*(volatile uint32_t *)(whole_address + (i << 20)) = i;
	}
	measure("copy/message-of-2560m", 5, do_whole, NULL);
	need("vm_deallocate", vm_deallocate(rt_task, whole_address,
	    WHOLE_MIB << 20));
	need("task_terminate", task_terminate(task));
}

void
bench_memory(void)
{
	bench_zero_fill("fault/zero-fill-64k", 64 << 10);
	bench_zero_fill("fault/zero-fill-4m", 4 << 20);
	bench_copy_on_write("fault/copy-on-write-64k", 64 << 10);
	bench_copy_on_write("fault/copy-on-write-4m", 4 << 20);
	bench_entries("fault/entries/10", 10);
	bench_entries("fault/entries/100", 100);
	bench_entries("fault/entries/1000", 1000);
	bench_entries("fault/entries/10000", 10000);
	bench_generations();
	bench_vm_copy();
	bench_whole();
}

