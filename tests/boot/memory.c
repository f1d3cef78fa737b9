/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Address spaces: allocation, protection, inheritance, copying, mapping,
 * regions, wiring, limits of arguments.
 */

#include "rt.h"

#include <mach/vm_statistics.h>

#include "gnumach_user.h"
#include "mach_host_user.h"
#include "mach_port_user.h"
#include "mach_user.h"

#define P	vm_page_size

/* Where nothing is, as both kernels begin to allocate elsewhere. */
#define NOWHERE	0xb0010000u

static vm_offset_t
allocate(unsigned pages)
{
	vm_offset_t addr = 0;

	need("vm_allocate", vm_allocate(rt_task, &addr, pages * P, TRUE));
	return addr;
}

/* The region at ADDR, relative to it. */
static void
show_region(const char *what, vm_offset_t addr)
{
	vm_offset_t start = addr;
	vm_size_t size;
	vm_prot_t prot;
	vm_prot_t max;
	vm_inherit_t inherit;
	boolean_t shared;
	mach_port_t name;
	vm_offset_t offset;
	kern_return_t kr = vm_region(rt_task, &start, &size, &prot, &max,
	    &inherit, &shared, &name, &offset);

	if (kr != KERN_SUCCESS) {
		show(what, kr);
		return;
	}
	rt_printf("%s: at page %d pages %u prot %d max %d inherit %d shared %d",
	    what, (int)(start - addr) / (int)P, size / P, prot, max, inherit,
	    shared);
	if (name != 0) {
		mach_port_deallocate(rt_task, name);
	}
}

static void
test_allocate(void)
{
	vm_offset_t addr = allocate(3);
	vm_offset_t at;

	rt_printf("zero %d", *(volatile int *)(addr + 2 * P + 8));
	*(volatile int *)(addr + 2 * P + 8) = 5;
	at = addr + P;
	want("fixed over it", vm_allocate(rt_task, &at, P, FALSE),
	    KERN_NO_SPACE);
	want("deallocate middle", vm_deallocate(rt_task, addr + P, P),
	    KERN_SUCCESS);
	want("deallocate middle again", vm_deallocate(rt_task, addr + P, P),
	    KERN_SUCCESS);
	at = addr + P + 100;
	want("fixed, not aligned", vm_allocate(rt_task, &at, 10, FALSE),
	    KERN_SUCCESS);
	rt_printf("at the page start %d", at == addr + P);
	rt_printf("neighbour kept %d", *(volatile int *)(addr + 2 * P + 8));
	want("deallocate all, not aligned", vm_deallocate(rt_task, addr + 8,
	    3 * P - 16), KERN_SUCCESS);
	want("size 0", vm_allocate(rt_task, &at, 0, TRUE), KERN_SUCCESS);
	rt_printf("address of nothing %d", at != 0);
	at = 0xc0000000;
	want("in the kernel", vm_allocate(rt_task, &at, P, FALSE),
	    KERN_INVALID_ADDRESS);
	at = 0xc0000000 - P;
	want("across the border", vm_allocate(rt_task, &at, 2 * P, FALSE),
	    KERN_INVALID_ADDRESS);
	at = 0;
	want("too much", vm_allocate(rt_task, &at, 0xc0000000, TRUE),
	    KERN_NO_SPACE);
	want_ours("deallocate in the kernel", vm_deallocate(rt_task,
	    0xc0100000, P), KERN_INVALID_ADDRESS,
	    "it cuts the range to what the task can have");
	want("deallocate nothing", vm_deallocate(rt_task, NOWHERE, 0),
	    KERN_SUCCESS);
	want("of no task", vm_allocate(mach_thread_self(), &at, P, TRUE),
	    KERN_INVALID_ARGUMENT);
}

/* Memory that may be anywhere is not where null pointers point. */
static void
test_lowest(void)
{
	unsigned lowest = ~0u;
	vm_offset_t addrs[40];

	for (unsigned i = 0; i < 40; i++) {
		addrs[i] = allocate(1);
		lowest = addrs[i] < lowest ? addrs[i] : lowest;
	}
	rt_printf("page 0 was given away %d", lowest < P);
	rt_printf("# lowest 0x%x", lowest);
	for (unsigned i = 0; i < 40; i++) {
		vm_deallocate(rt_task, addrs[i], P);
	}
}

/*
 * What may be anywhere is not in the first megabyte, where 8086 code would be,
 * unless there is no room elsewhere.
 */
static void
test_low(void)
{
	static vm_offset_t all[64];
	static vm_size_t sizes[64];
	vm_offset_t addr = P;
	unsigned n = 0;

	rt_printf("above low memory %d", allocate(1) >= 0x110000);
	want("low memory", vm_allocate(rt_task, &addr, 0x110000 - P, FALSE),
	    KERN_SUCCESS);
	vm_deallocate(rt_task, addr, 0x110000 - P);
	if (rt_on_gnumach) {
		return;
	}
	/* All that there is: the low memory comes last. */
	for (vm_size_t size = 0x80000000; size >= 0x100000; size /= 2) {
		while (n < 64 && vm_allocate(rt_task, &all[n], size, TRUE) ==
		    KERN_SUCCESS) {
			sizes[n++] = size;
		}
	}
	want_number("# low", all[n - 1], P);
	want_number("# not before", n > 1 && all[n - 2] >= 0x110000, 1);
	while (n > 0) {
		n--;
		vm_deallocate(rt_task, all[n], sizes[n]);
	}
}

static void
test_protect(void)
{
	vm_offset_t addr = allocate(4);
	vm_offset_t data;
	mach_msg_type_number_t size;

	want("read only", vm_protect(rt_task, addr + P, P, FALSE,
	    VM_PROT_READ), KERN_SUCCESS);
	show_region("first", addr);
	show_region("second", addr + P);
	show_region("rest", addr + 2 * P);
	want("none", vm_protect(rt_task, addr + 2 * P, P, FALSE,
	    VM_PROT_NONE), KERN_SUCCESS);
	want("vm_read of it", vm_read(rt_task, addr + 2 * P, P, &data, &size),
	    KERN_PROTECTION_FAILURE);
	want("maximum read", vm_protect(rt_task, addr + 2 * P, P, TRUE,
	    VM_PROT_READ), KERN_SUCCESS);
	show_region("third", addr + 2 * P);
	want("more than the maximum", vm_protect(rt_task, addr + 2 * P, P,
	    FALSE, VM_PROT_DEFAULT), KERN_PROTECTION_FAILURE);
	want("part may, part may not", vm_protect(rt_task, addr, 4 * P, FALSE,
	    VM_PROT_DEFAULT), KERN_PROTECTION_FAILURE);
	show_region("second as before", addr + P);
	want("the maximum lowered below current", vm_protect(rt_task, addr, P,
	    TRUE, VM_PROT_READ), KERN_SUCCESS);
	show_region("first", addr);
	want("bad protection", vm_protect(rt_task, addr, P, FALSE, 0x40),
	    KERN_INVALID_ARGUMENT);
	vm_deallocate(rt_task, addr + 3 * P, P);
	want_ours("with a hole", vm_protect(rt_task, addr, 4 * P, FALSE,
	    VM_PROT_READ), KERN_INVALID_ADDRESS,
	    "it overlooks holes, against the manual");
	want("vm_write to read-only", vm_write(rt_task, addr, addr, P),
	    KERN_PROTECTION_FAILURE);
	vm_deallocate(rt_task, addr, 4 * P);
}

static void
test_inherit(void)
{
	vm_offset_t addr = allocate(3);

	want("share", vm_inherit(rt_task, addr + P, P, VM_INHERIT_SHARE),
	    KERN_SUCCESS);
	show_region("first", addr);
	show_region("second", addr + P);
	want("none", vm_inherit(rt_task, addr, 3 * P, VM_INHERIT_NONE),
	    KERN_SUCCESS);
	want("bad", vm_inherit(rt_task, addr, 3 * P, 7),
	    KERN_INVALID_ARGUMENT);
	vm_deallocate(rt_task, addr, 3 * P);
}

static void
test_copy(void)
{
	vm_offset_t addr = allocate(8);
	vm_offset_t data;
	mach_msg_type_number_t size;
	unsigned bad = 0;

	for (unsigned i = 0; i < 4 * P; i++) {
		((uint8_t *)addr)[i] = i * 7;
	}
	want("vm_read", vm_read(rt_task, addr + 100, 3 * P, &data, &size),
	    KERN_SUCCESS);
	rt_printf("pages %u offset %u", size / P, data & (P - 1));
	for (unsigned i = 0; i < 3 * P; i++) {
		bad += ((uint8_t *)data)[i] != (uint8_t)((i + 100) * 7);
	}
	want_number("wrong bytes", bad, 0);
	vm_deallocate(rt_task, data, size);

	want("vm_copy", vm_copy(rt_task, addr, 3 * P, addr + 4 * P),
	    KERN_SUCCESS);
	rt_printf("same %d", memcmp((void *)addr, (void *)(addr + 4 * P),
	    3 * P) == 0);
	((uint8_t *)addr)[10] ^= 0xff;
	rt_printf("now %d", memcmp((void *)addr, (void *)(addr + 4 * P),
	    3 * P) == 0);
	want("vm_copy overlapping", vm_copy(rt_task, addr, 3 * P, addr + P),
	    KERN_SUCCESS);
	rt_printf("moved %d", ((uint8_t *)addr)[P + 20] ==
	    ((uint8_t *)addr)[20]);
	show("vm_copy not aligned", vm_copy(rt_task, addr + 3, 100,
	    addr + 200));
	want("vm_copy from nothing", vm_copy(rt_task, NOWHERE, P, addr),
	    KERN_INVALID_ADDRESS);
	want("vm_copy to nothing", vm_copy(rt_task, addr, P, NOWHERE),
	    KERN_INVALID_ADDRESS);
	vm_protect(rt_task, addr + 7 * P, P, FALSE, VM_PROT_NONE);
	want("vm_copy from unreadable memory", vm_copy(rt_task, addr + 7 * P,
	    P, addr), KERN_PROTECTION_FAILURE);
	vm_protect(rt_task, addr + 7 * P, P, FALSE, VM_PROT_READ);
	want("vm_copy to memory that is read only", vm_copy(rt_task, addr, P,
	    addr + 7 * P), KERN_PROTECTION_FAILURE);
	vm_protect(rt_task, addr + 7 * P, P, FALSE, VM_PROT_DEFAULT);
	want("vm_write", vm_write(rt_task, addr + 5 * P, addr, P),
	    KERN_SUCCESS);
	rt_printf("same %d", memcmp((void *)addr, (void *)(addr + 5 * P), P)
	    == 0);
	want("vm_write not aligned", vm_write(rt_task, addr + 4, addr, P),
	    KERN_INVALID_ARGUMENT);
	want("vm_write of data not aligned", vm_write(rt_task, addr + P,
	    addr + 4, P), KERN_INVALID_ARGUMENT);
	want("vm_write of less than a page", vm_write(rt_task, addr, addr + P,
	    P - 1), KERN_INVALID_ARGUMENT);
	want("vm_write of nothing", vm_write(rt_task, addr + 4, addr + 4, 0),
	    KERN_SUCCESS);
	want("vm_read nothing", vm_read(rt_task, addr, 0, &data, &size),
	    KERN_SUCCESS);
	want("vm_read a hole", vm_read(rt_task, NOWHERE, P, &data, &size),
	    KERN_INVALID_ADDRESS);
	vm_deallocate(rt_task, addr, 8 * P);
}

static void
test_map(void)
{
	static const vm_offset_t anything[] = {
		0x30000000, 0x30000123, 0xbff00000, 0xc0000000, 0xffffffff,
	};
	vm_offset_t addr = 0;
	mach_port_t port = rt_port();

	want("map zero", vm_map(rt_task, &addr, 2 * P, 0, TRUE,
	    MACH_PORT_NULL, 0, FALSE, VM_PROT_DEFAULT, VM_PROT_ALL,
	    VM_INHERIT_COPY), KERN_SUCCESS);
	show_region("it", addr);
	rt_printf("zero %d", *(volatile int *)addr);
	vm_deallocate(rt_task, addr, 2 * P);

	addr = 0;
	want("map aligned to 64 KiB", vm_map(rt_task, &addr, P, 0xffff, TRUE,
	    MACH_PORT_NULL, 0, FALSE, VM_PROT_DEFAULT, VM_PROT_ALL,
	    VM_INHERIT_COPY), KERN_SUCCESS);
	rt_printf("aligned %d", (addr & 0xffff) == 0);
	show_region("it", addr);
	want("map over it", vm_map(rt_task, &addr, P, 0, FALSE,
	    MACH_PORT_NULL, 0, FALSE, VM_PROT_DEFAULT, VM_PROT_ALL,
	    VM_INHERIT_COPY), KERN_NO_SPACE);
	vm_deallocate(rt_task, addr, P);

	for (unsigned i = 0; i < sizeof(anything) / sizeof(anything[0]); i++) {
		addr = anything[i];
		rt_printf("map anywhere, at 0x%x", (unsigned)addr);
		want("  much", vm_map(rt_task, &addr, 0x20000000, 0, TRUE,
		    MACH_PORT_NULL, 0, FALSE, VM_PROT_DEFAULT, VM_PROT_ALL,
		    VM_INHERIT_COPY), KERN_SUCCESS);
		want_number("  there", addr == anything[i], 0);
		vm_deallocate(rt_task, addr, 0x20000000);
	}
	addr = 0;
	show("map size 0", vm_map(rt_task, &addr, 0, 0, TRUE, MACH_PORT_NULL,
	    0, FALSE, VM_PROT_DEFAULT, VM_PROT_ALL, VM_INHERIT_COPY));
	addr = 0;
	want("bad protection", vm_map(rt_task, &addr, P, 0, TRUE,
	    MACH_PORT_NULL, 0, FALSE, 0x80, VM_PROT_ALL, VM_INHERIT_COPY),
	    KERN_INVALID_ARGUMENT);
	addr = 0;
	want("bad inheritance", vm_map(rt_task, &addr, P, 0, TRUE,
	    MACH_PORT_NULL, 0, FALSE, VM_PROT_READ, VM_PROT_ALL, 7),
	    KERN_INVALID_ARGUMENT);
	addr = 0;
	want_ours("current above maximum", vm_map(rt_task, &addr, P, 0, TRUE,
	    MACH_PORT_NULL, 0, FALSE, VM_PROT_ALL, VM_PROT_READ,
	    VM_INHERIT_COPY), KERN_INVALID_ARGUMENT,
	    "it enters a region that allows more than its maximum");
	mach_port_destroy(rt_task, port);
}

static void
test_regions(void)
{
	vm_offset_t addr = allocate(10);
	vm_offset_t at;
	unsigned regions = 0;
	vm_size_t total = 0;

	vm_deallocate(rt_task, addr + 4 * P, P);
	show_region("first", addr);
	show_region("in the middle", addr + 2 * P);
	show_region("in the hole", addr + 4 * P);
	at = 0;
	for (;;) {
		vm_size_t size;
		vm_prot_t prot;
		vm_prot_t max;
		vm_inherit_t inherit;
		boolean_t shared;
		mach_port_t name;
		vm_offset_t offset;
		vm_offset_t start = at;
		kern_return_t kr = vm_region(rt_task, &start, &size, &prot,
		    &max, &inherit, &shared, &name, &offset);

		if (kr != KERN_SUCCESS) {
			want("past the end", kr, KERN_NO_SPACE);
			break;
		}
		if (start < at || size == 0) {
			rt_printf("FAIL region goes backwards");
			break;
		}
		if (name != 0) {
			mach_port_deallocate(rt_task, name);
		}
		at = start + size;
		total += size;
		regions++;
	}
	rt_printf("several regions %d, some memory %d", regions > 3,
	    total > 10 * P);
	vm_deallocate(rt_task, addr, 10 * P);
}

static unsigned
faults(void)
{
	struct task_events_info info;
	mach_msg_type_number_t count = TASK_EVENTS_INFO_COUNT;

	need("task_info", task_info(rt_task, TASK_EVENTS_INFO,
	    (task_info_t)&info, &count));
	return info.faults;
}

/* What is wired does not fault, whatever it may do by now. */
static void
test_wire_protect(void)
{
	vm_offset_t addr = allocate(4);
	unsigned before;

	want("read only", vm_protect(rt_task, addr, 4 * P, FALSE,
	    VM_PROT_READ), KERN_SUCCESS);
	want("wire", vm_wire(rt_host_priv, rt_task, addr, 3 * P,
	    VM_PROT_READ), KERN_SUCCESS);
	want("read and write", vm_protect(rt_task, addr, 4 * P, FALSE,
	    VM_PROT_DEFAULT), KERN_SUCCESS);
	before = faults();
	for (unsigned i = 0; i < 3; i++) {
		*(volatile int *)(addr + i * P) = 1;
	}
	if (!rt_on_gnumach) {
		want_number("# faults", faults() - before, 0);
	}
	want("unwire", vm_wire(rt_host_priv, rt_task, addr, 3 * P,
	    VM_PROT_NONE), KERN_SUCCESS);
	rt_printf("word %d", *(volatile int *)(addr + 2 * P));
	vm_deallocate(rt_task, addr, 4 * P);
}

static void
test_wire(void)
{
	vm_offset_t addr = allocate(4);

	want("wire", vm_wire(rt_host_priv, rt_task, addr, 2 * P,
	    VM_PROT_DEFAULT), KERN_SUCCESS);
	*(volatile int *)addr = 1;
	want("wire again", vm_wire(rt_host_priv, rt_task, addr, 2 * P,
	    VM_PROT_DEFAULT), KERN_SUCCESS);
	want("unwire", vm_wire(rt_host_priv, rt_task, addr, 2 * P,
	    VM_PROT_NONE), KERN_SUCCESS);
	/* A wired page keeps no mapping when all access is taken away. */
	want("wire for later", vm_wire(rt_host_priv, rt_task, addr, P,
	    VM_PROT_DEFAULT), KERN_SUCCESS);
	want("no access", vm_protect(rt_task, addr, P, FALSE, VM_PROT_NONE),
	    KERN_SUCCESS);
	want("unwire without access", vm_wire(rt_host_priv, rt_task, addr, P,
	    VM_PROT_NONE), KERN_SUCCESS);
	want("access again", vm_protect(rt_task, addr, P, FALSE,
	    VM_PROT_DEFAULT), KERN_SUCCESS);
	want("wire nothing", vm_wire(rt_host_priv, rt_task, NOWHERE, P,
	    VM_PROT_DEFAULT), KERN_NO_SPACE);
	want("wire badly", vm_wire(rt_host_priv, rt_task, addr, P, 0x77),
	    KERN_INVALID_ARGUMENT);
	show("wire by the plain host", vm_wire(mach_host_self(), rt_task,
	    addr, P, VM_PROT_DEFAULT));
	want("without access while wired", vm_protect(rt_task, addr, P, FALSE,
	    VM_PROT_NONE), KERN_SUCCESS);
	want("unwire", vm_wire(rt_host_priv, rt_task, addr, P, VM_PROT_NONE),
	    KERN_SUCCESS);
	want("access", vm_protect(rt_task, addr, P, FALSE, VM_PROT_DEFAULT),
	    KERN_SUCCESS);
	rt_printf("word %d", *(volatile int *)addr);
	want("wire by no host", vm_wire(rt_task, rt_task, addr, P,
	    VM_PROT_DEFAULT), KERN_INVALID_HOST);
	want("wire all badly", vm_wire_all(rt_host_priv, rt_task, 99),
	    KERN_INVALID_ARGUMENT);
	want_ours("wire all", vm_wire_all(rt_host_priv, rt_task, 3),
	    KERN_SUCCESS, "it cannot wire what is not writable");
	want_ours("unwire all", vm_wire_all(rt_host_priv, rt_task, 0),
	    KERN_SUCCESS, "it cannot wire what is not writable");
	vm_deallocate(rt_task, addr, 4 * P);
}

static void
test_statistics(void)
{
	vm_statistics_data_t stats;
	vm_statistics_data_t after;
	vm_cache_statistics_data_t cache;
	vm_offset_t addr = allocate(100);

	want("statistics", vm_statistics(rt_task, &stats), KERN_SUCCESS);
	rt_printf("page size %d", stats.pagesize == (int)P);
	for (unsigned i = 0; i < 100; i++) {
		*(volatile int *)(addr + i * P) = 1;
	}
	want("statistics", vm_statistics(rt_task, &after), KERN_SUCCESS);
	rt_printf("zero fills %d, faults %d",
	    after.zero_fill_count - stats.zero_fill_count >= 100,
	    after.faults - stats.faults >= 100);
	vm_deallocate(rt_task, addr, 100 * P);
	want("statistics", vm_statistics(rt_task, &stats), KERN_SUCCESS);
	rt_printf("free again %d", stats.free_count - after.free_count >= 90);
	want("cache statistics", vm_cache_statistics(rt_task, &cache),
	    KERN_SUCCESS);
}

static void
test_contiguous(void)
{
	vm_offset_t addr = 0;
	rpc_phys_addr_t pa = 0;

	want("contiguous", vm_allocate_contiguous(rt_host_priv, rt_task,
	    &addr, &pa, 8 * P, 0, 0xffffffff, 0), KERN_SUCCESS);
	memset((void *)addr, 0x55, 8 * P);
	show_region("contiguous", addr);
	vm_deallocate(rt_task, addr, 8 * P);
	pa = 0;
	want_ours("contiguous, with limits", vm_allocate_contiguous(
	    rt_host_priv, rt_task, &addr, &pa, 8 * P, 0, 0x1000000, 8 * P),
	    KERN_SUCCESS, "it wants alignments of a page");
	rt_printf("below 16 MiB %d aligned %d", pa + 8 * P <= 0x1000000,
	    (pa & (8 * P - 1)) == 0);
	want("contiguous, no bytes", vm_allocate_contiguous(rt_host_priv,
	    rt_task, &addr, &pa, 0, 0, 0xffffffff, 0), KERN_INVALID_ARGUMENT);
	if (!rt_on_gnumach) {
		/* It panics. */
		want("# above 4 GiB", vm_allocate_contiguous(rt_host_priv,
		    rt_task, &addr, &pa, P, 0x100000000ull, 0x200000000ull,
		    0), KERN_RESOURCE_SHORTAGE);
		want("# alignment above 4 GiB", vm_allocate_contiguous(
		    rt_host_priv, rt_task, &addr, &pa, P, 0, ~0ull,
		    0x100000000ull), KERN_RESOURCE_SHORTAGE);
		want("# nearly all", vm_allocate_contiguous(rt_host_priv,
		    rt_task, &addr, &pa, -P, 0, ~0ull, 0),
		    KERN_RESOURCE_SHORTAGE);
		want("# more than all", vm_allocate_contiguous(rt_host_priv,
		    rt_task, &addr, &pa, ~0u, 0, ~0ull, 0),
		    KERN_INVALID_ARGUMENT);
	}
	want("without privilege", vm_allocate_contiguous(mach_host_self(),
	    rt_task, &addr, &pa, P, 0, 0x1000000, 0), KERN_INVALID_HOST);
}

/* Ranges that wrap, or that end where only the last page would. */
static void
test_wraps(void)
{
	const vm_size_t sizes[] = { -P, 0xfffff001, ~0u };
	vm_offset_t addr = allocate(2);
	vm_offset_t data = 0;
	mach_msg_type_number_t size = 0;

	for (unsigned i = 0; i < 3; i++) {
		vm_offset_t starts[] = { 0, 1, addr, addr + 1, ~0u };

		for (unsigned j = 0; j < 5; j++) {
			rt_printf("size %u at %u", i, j);
			want("read", vm_read(rt_task, starts[j], sizes[i],
			    &data, &size), KERN_INVALID_ADDRESS);
			want("copy from", vm_copy(rt_task, starts[j] & -P,
			    sizes[i] & -P, addr), KERN_INVALID_ADDRESS);
			want("copy to", vm_copy(rt_task, addr, sizes[i] & -P,
			    starts[j] & -P), KERN_INVALID_ADDRESS);
			if (rt_on_gnumach) {
				/* It overlooks holes, and cuts ranges. */
				continue;
			}
			want("# wire", vm_wire(rt_host_priv, rt_task,
			    starts[j], sizes[i], VM_PROT_READ),
			    KERN_NO_SPACE);
			want("# protect", vm_protect(rt_task, starts[j],
			    sizes[i], FALSE, VM_PROT_ALL),
			    KERN_INVALID_ADDRESS);
			want("# deallocate", vm_deallocate(rt_task, starts[j],
			    sizes[i]), KERN_INVALID_ADDRESS);
		}
	}
	for (unsigned i = 0; i < 2; i++) {
		data = addr + 4 * P;
		want("allocate there", vm_allocate(rt_task, &data,
		    -P - i * P, FALSE), KERN_INVALID_ADDRESS);
	}
	vm_deallocate(rt_task, addr, 2 * P);
}

/* A long chain of copies of copies: each keeps its own words. */
static void
test_chain(void)
{
	vm_offset_t copies[20];
	vm_offset_t addr = allocate(4);
	unsigned bad = 0;

	for (unsigned i = 0; i < 20; i++) {
		mach_msg_type_number_t size;

		for (unsigned page = 0; page < 4; page++) {
			if ((i + page) % 3 == 0) {
				*(volatile unsigned *)(addr + page * P) =
				    i * 10 + page;
			}
		}
		need("vm_read", vm_read(rt_task, addr, 4 * P, &copies[i],
		    &size));
	}
	for (unsigned i = 0; i < 20; i++) {
		for (unsigned page = 0; page < 4; page++) {
			unsigned last = i;
			unsigned wanted;

			while ((last + page) % 3 != 0 && last > 0) {
				last--;
			}
			wanted = (last + page) % 3 == 0 ? last * 10 + page :
			    0;
			bad += *(volatile unsigned *)(copies[i] + page * P) !=
			    wanted;
		}
	}
	want_number("wrong words", bad, 0);
	for (unsigned i = 0; i < 20; i++) {
		vm_deallocate(rt_task, copies[(i * 7) % 20], 4 * P);
	}
	vm_deallocate(rt_task, addr, 4 * P);
}

void
test(void)
{
	test_lowest();
	test_low();
	test_allocate();
	test_protect();
	test_inherit();
	test_copy();
	test_map();
	test_regions();
	test_wire();
	test_wire_protect();
	test_statistics();
	test_contiguous();
	test_wraps();
	test_chain();
}
