/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Mappings that are taken away on one processor while others use them: none is
 * used afterwards, and only those processors are interrupted that may have
 * them.
 */

#include "rt.h"

#include <mach/task_info.h>
#include <mach/task_special_ports.h>

#include "mach_host_user.h"
#include "mach_port_user.h"
#include "mach_user.h"
#include "new_tartan_user.h"

#define PAGE	vm_page_size
#define TIMES	200u	/* pages */
#define ROUNDS	40u

static volatile vm_offset_t target;	/* what the other thread looks at */
static volatile bool stop;
static volatile unsigned rounds;
static mach_port_t exception_port;

static unsigned
shootdowns(void)
{
	natural_t count = 0;

	need("shootdowns", new_host_shootdowns(rt_host_priv, &count));
	return count;
}

static vm_offset_t
memory(vm_size_t size)
{
	vm_offset_t addr = 0;

	need("memory", vm_allocate(rt_task, &addr, size, TRUE));
	return addr;
}

/* Uses a processor, and all of the task's mappings. */
static void
spin(void *arg)
{
	while (!stop) {
		rounds++;
	}
	stop = false;
}

static void
spin_start(void)
{
	unsigned before = rounds;

	rt_thread_create(spin, NULL);
	rt_until(rounds != before);
}

static void
spin_end(void)
{
	stop = true;
	rt_until(!stop);
	rt_sleep(20);
}

/* Mappings come, or are allowed more; the faults are this processor's. */
static void
add_mappings(vm_offset_t addr)
{
	for (unsigned i = 0; i < TIMES; i++) {
		*(volatile unsigned *)(addr + i * PAGE) = 1;
	}
}

static void
change_mappings(vm_offset_t addr)
{
	for (unsigned i = 0; i < TIMES; i++) {
		vm_offset_t page = addr + i * PAGE;

		vm_protect(rt_task, page, PAGE, FALSE, VM_PROT_READ);
		vm_protect(rt_task, page, PAGE, FALSE, VM_PROT_DEFAULT);
		*(volatile unsigned *)page = 2;
	}
}

/* Interrupts of what FN does to new memory. */
static unsigned
cost(void (*fn)(vm_offset_t), vm_offset_t addr)
{
	unsigned before = shootdowns();

	fn(addr);
	return shootdowns() - before;
}

/*
 * Another processor that idles, or runs other tasks, need not know.  A few are
 * allowed for, when the thread moves from one processor to another.
 */
static void
test_counts(unsigned cpus)
{
	vm_offset_t addr = memory(TIMES * PAGE);
	unsigned count = cost(add_mappings, addr);

	rt_printf("# alone: %u to add", count);
	want_number("# few", count < TIMES / 10, 1);
	count = cost(change_mappings, addr);
	rt_printf("# alone: %u to change", count);
	want_number("# few", count < TIMES / 10, 1);
	vm_deallocate(rt_task, addr, TIMES * PAGE);

	if (cpus == 1) {
		return;
	}
	addr = memory(TIMES * PAGE);
	spin_start();
	count = cost(add_mappings, addr);
	rt_printf("# with another: %u to add", count);
	want_number("# few", count < TIMES / 10, 1);
	count = cost(change_mappings, addr);
	rt_printf("# with another: %u to change", count);
	/* Both threads may be on one processor for a while. */
	want_number("# some", count > TIMES / 10, 1);
	want_number("# one for each", count < TIMES * 3 / 2, 1);
	spin_end();
	vm_deallocate(rt_task, addr, TIMES * PAGE);
}

/* ---- no mapping is used afterwards ---- */

static void
write_always(void *arg)
{
	unsigned n = 0;

	while (!stop) {
		*(volatile unsigned *)target = ++n;
	}
	stop = false;
}

/* A page that another thread writes to is protected: it does not change. */
static void
test_protect(void)
{
	volatile unsigned *word;
	struct rt_exception msg;
	unsigned changed = 0;
	unsigned caught = 0;

	target = memory(PAGE);
	word = (volatile unsigned *)target;
	rt_thread_create(write_always, NULL);
	rt_until(*word != 0);
	for (unsigned i = 0; i < ROUNDS; i++) {
		unsigned seen;

		need("protect", vm_protect(rt_task, target, PAGE, FALSE,
		    VM_PROT_READ));
		seen = *word;
		for (unsigned n = 0; n < 1000; n++) {
			changed += *word != seen ? 1 : 0;
		}
		caught += rt_receive(&msg.head, sizeof(msg), exception_port,
		    10000) == MACH_MSG_SUCCESS ? 1 : 0;
		changed += *word != seen ? 1 : 0;
		need("protect", vm_protect(rt_task, target, PAGE, FALSE,
		    VM_PROT_DEFAULT));
		rt_exception_answer(&msg);
		rt_until(*word != seen);
	}
	want_number("writer was stopped", caught, ROUNDS);
	want_number("changed while protected", changed, 0);
	stop = true;
	rt_until(!stop);
	vm_deallocate(rt_task, target, PAGE);
}

/*
 * The page is replaced by one of zeroes while another thread reads it: what is
 * seen after that is never the old page's.
 */
static volatile unsigned epoch;
static volatile unsigned stale;

static void
read_always(void *arg)
{
	while (!stop) {
		unsigned before = epoch;
		unsigned seen = *(volatile unsigned *)target;

		/* Odd while the page changes. */
		if ((before & 1) == 0 && epoch == before && seen != before) {
			stale++;
		}
		rounds++;
	}
	stop = false;
}

static void
test_replace(void)
{
	vm_offset_t copy = memory(PAGE);

	target = memory(PAGE);
	*(volatile unsigned *)target = 0;
	epoch = 0;
	stop = false;
	rt_thread_create(read_always, NULL);
	for (unsigned i = 0; i < ROUNDS; i++) {
		unsigned before = rounds;

		rt_until(rounds != before);
		*(volatile unsigned *)copy = epoch + 2;
		__atomic_add_fetch(&epoch, 1, __ATOMIC_SEQ_CST);
		need("replace", vm_copy(rt_task, copy, PAGE, target));
		__atomic_add_fetch(&epoch, 1, __ATOMIC_SEQ_CST);
	}
	stop = true;
	rt_until(!stop);
	want_number("old pages seen", stale, 0);
	vm_deallocate(rt_task, target, PAGE);
	vm_deallocate(rt_task, copy, PAGE);
}

void
test(void)
{
	exception_port = rt_port();
	need("exceptions", task_set_special_port(rt_task, TASK_EXCEPTION_PORT,
	    exception_port));
	if (!rt_on_gnumach) {
		natural_t count;

		want("# not the host", new_host_shootdowns(rt_task, &count),
		    KERN_INVALID_HOST);
		test_counts(rt_processors());
	}
	test_protect();
	test_replace();
}
