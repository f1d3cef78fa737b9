/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Address spaces of tasks that began empty: the example of the 1986 paper
 * (section 4), the lowest and the highest addresses, holes, and ten thousand
 * regions that become one again.
 */

#include "probe.h"

#include <mach/exception.h>

#include "mach_port_user.h"
#include "mach_user.h"

#define P		vm_page_size
/* Bytes, or as many more as the example's borders need to be at pages. */
#define K		(P > 32768 ? P / 32 : 1024u)
#define M		(1024u * K)
#define TOP		0xc0000000u	/* a task has 3 GiB */
#define ENTRIES		10000u
#define LOOKUPS		1000u
#define FAMILY		3u
#define EXTRA		8		/* objects that others made meanwhile */

static vm_offset_t
allocate(mach_port_t task, vm_offset_t addr, vm_size_t size)
{
	need("allocate", vm_allocate(task, &addr, size, FALSE));
	return addr;
}

static void
protect(mach_port_t task, vm_offset_t addr, vm_size_t size, vm_prot_t prot)
{
	need("protect", vm_protect(task, addr, size, FALSE, prot));
}

/* ---- the paper's example ---- */

/* The words at the borders: so many K, and the last one before those. */
static const unsigned borders[] = { 0, 32, 64, 128, 1024 };

#define PLACES		(2 * sizeof(borders) / sizeof(borders[0]) - 2)

static vm_offset_t
place(unsigned i)
{
	return i % 2 == 0 ? borders[i / 2] * K : borders[i / 2 + 1] * K - 4;
}

/* The words of parent and children at each place. */
static void
show_words(const char *what, const mach_port_t *family)
{
	rt_printf("%s", what);
	for (unsigned i = 0; i < PLACES; i++) {
		rt_printf("  %s %u K: %u, %u, %u", i % 2 == 0 ? "at" : "before",
		    borders[(i + 1) / 2], probe_word(family[0], place(i)),
		    probe_word(family[1], place(i)),
		    probe_word(family[2], place(i)));
	}
}

static void
show_regions(const char *what, mach_port_t task)
{
	struct probe_region region;

	rt_printf("%s", what);
	for (vm_offset_t at = 0;
	     probe_region(task, at, &region) == KERN_SUCCESS &&
	     region.start < M;
	     at = region.start + region.size) {
		rt_printf("  %u K to %u K: protection %d of %d, inheritance %d",
		    region.start / K, (region.start + region.size) / K,
		    region.prot, region.max, region.inherit);
	}
}

/* Is everywhere what was written: shared by all, or one's own? */
static void
check_words(const char *what, const mach_port_t *family,
    unsigned (*wanted)(unsigned member, vm_offset_t addr))
{
	unsigned bad = 0;

	show_words(what, family);
	for (unsigned i = 0; i < PLACES; i++) {
		for (unsigned j = 0; j < FAMILY; j++) {
			bad += probe_word(family[j], place(i)) !=
			    wanted(j, place(i));
		}
	}
	want_number("  wrong", bad, 0);
}

/* Where children wrote, which have numbers 1 and 2, in this order. */
static unsigned
after_children(unsigned member, vm_offset_t addr)
{
	return addr < 64 * K ? 100 : addr < 128 * K ? 102 :
	    member == 0 ? 100 : 100 + member;
}

/* Then the parent, by 200, which could now write everywhere. */
static unsigned
after_parent(unsigned member, vm_offset_t addr)
{
	return addr >= 32 * K && addr < 128 * K ? 200 :
	    member == 0 ? 200 : after_children(member, addr);
}

static mach_port_t
paper_task(void)
{
	mach_port_t task = probe_task(2 * M);

	allocate(task, 0, M);
	for (unsigned i = 0; i < PLACES; i++) {
		want("write", probe_write(task, place(i), 100),
		    KERN_SUCCESS);
	}
	want("protect", vm_protect(task, 0, 64 * K, FALSE, VM_PROT_READ),
	    KERN_SUCCESS);
	want("inherit", vm_inherit(task, 32 * K, 96 * K, VM_INHERIT_SHARE),
	    KERN_SUCCESS);
	return task;
}

static void
test_paper(void)
{
	mach_port_t family[FAMILY];
	unsigned word;

	family[0] = paper_task();
	want_number("regions", probe_regions(family[0], 0, M), 4);
	family[1] = probe_child(family[0]);
	family[2] = probe_child(family[0]);
	show_regions("the task", family[0]);
	show_regions("a child", family[1]);
	for (unsigned i = 0; i < PLACES; i++) {
		for (unsigned j = 1; j < FAMILY; j++) {
			want("a child writes", probe_write(family[j],
			    place(i), 100 + j), place(i) < 64 * K ?
			    KERN_PROTECTION_FAILURE : KERN_SUCCESS);
		}
	}
	check_words("children wrote", family, after_children);
	protect(family[0], 0, 64 * K, VM_PROT_DEFAULT);
	for (unsigned i = 0; i < PLACES; i++) {
		want("the task writes", probe_write(family[0], place(i), 200),
		    KERN_SUCCESS);
	}
	check_words("the task wrote", family, after_parent);
	want("a child's protection is its own", probe_write(family[1], 32 * K,
	    1), KERN_PROTECTION_FAILURE);
	want("above", probe_read(family[1], M, &word), KERN_INVALID_ADDRESS);
	for (unsigned i = 0; i < FAMILY; i++) {
		probe_end(family[i]);
	}
}

/* ---- the whole space ---- */

/* The region at START is of SIZE, and as all memory is at first. */
static void
want_region(const char *what, mach_port_t task, vm_offset_t start,
    vm_size_t size)
{
	struct probe_region region;

	need(what, probe_region(task, start, &region));
	want_number(what, region.start == start && region.size == size &&
	    region.prot == VM_PROT_DEFAULT && region.max == VM_PROT_ALL &&
	    region.inherit == VM_INHERIT_COPY, 1);
}

/* Pages at both ends, and nothing else but the code. */
static void
test_ends(void)
{
	const vm_offset_t ends[] = { 0, TOP - P };
	mach_port_t task = probe_task(M);
	vm_offset_t beyond = TOP;
	unsigned word;

	for (unsigned i = 0; i < 2; i++) {
		vm_offset_t addr = ends[i];

		want("at an end", vm_allocate(task, &addr, P, FALSE),
		    KERN_SUCCESS);
		want("its first word", probe_write(task, addr, i + 1),
		    KERN_SUCCESS);
		want("its last word", probe_write(task, addr + P - 4, i + 3),
		    KERN_SUCCESS);
	}
	want("beyond", vm_allocate(task, &beyond, P, FALSE),
	    KERN_INVALID_ADDRESS);
	want_number("write beyond: trap", probe_write(task, TOP, 1),
	    EXC_I386_PGFLT);
	want("between", probe_read(task, TOP - P - 4, &word),
	    KERN_INVALID_ADDRESS);
	want_number("regions", probe_regions(task, 0, TOP), 3);
	want_region("region of the first page", task, 0, P);
	want_region("region of the code", task, M, P);
	want_region("region of the last page", task, TOP - P, P);
	rt_printf("words %u %u, %u %u", probe_word(task, 0),
	    probe_word(task, P - 4), probe_word(task, TOP - P),
	    probe_word(task, TOP - 4));
	probe_end(task);
}

/* What is written at ADDR; 1 on page 1. */
static unsigned
mark(vm_offset_t addr)
{
	return 1 + addr / 0x10000000;
}

/* One region between the ends; then a hole in it. */
static void
test_all(void)
{
	const vm_offset_t hole = 0x40000000;
	const vm_size_t size = 0x40000000;
	mach_port_t task = probe_task(0);
	mach_port_t child;
	vm_offset_t addr = P;
	unsigned word;

	want("all there is", vm_allocate(task, &addr, TOP - P, FALSE),
	    KERN_SUCCESS);
	for (addr = P; addr < TOP; addr += 0x10000000) {
		need("write", probe_write(task, addr, mark(addr)));
	}
	want_number("the last word", probe_word(task, TOP - 4), 0);
	want("remove a third", vm_deallocate(task, hole, size), KERN_SUCCESS);
	child = probe_child(task);
	want_number("regions of a child", probe_regions(child, P, TOP), 2);
	want_region("region below the hole", child, P, hole - P);
	want_region("region above the hole", child, hole + size,
	    TOP - hole - size);
	for (addr = P; addr < TOP; addr += 0x10000000) {
		show("read", probe_read(child, addr, &word));
		want_number("  it", word, addr >= hole && addr < hole + size ?
		    0 : mark(addr));
	}
	addr = 0;
	want("too much", vm_allocate(child, &addr, size + P, TRUE),
	    KERN_NO_SPACE);
	want("as much as fits", vm_allocate(child, &addr, size, TRUE),
	    KERN_SUCCESS);
	want_number("where the hole was", addr == hole, 1);
	want("no more", vm_allocate(child, &addr, P, TRUE), KERN_NO_SPACE);
	probe_end(task);
	want_number("its first word", probe_word(child, hole), 0);
	want_number("a word of the parent's", probe_word(child, P), 1);
	probe_end(child);
}

/* ---- many regions ---- */

/* By this all pages are come by in an order of their own. */
#define STRIDE		7919u

/* Regions that are not what page I of the task should be. */
static unsigned
wrong_lookups(mach_port_t task, vm_offset_t memory)
{
	struct probe_region region;
	unsigned bad = 0;

	for (unsigned i = 0; i < LOOKUPS; i++) {
		unsigned page = i * STRIDE % ENTRIES;
		vm_offset_t addr = memory + page * P;

		bad += probe_region(task, addr + i % P, &region) !=
		    KERN_SUCCESS || region.start != addr ||
		    region.size != P || region.prot !=
		    (page % 2 == 0 ? VM_PROT_DEFAULT : VM_PROT_READ);
	}
	return bad;
}

static void
alternate(mach_port_t task, vm_offset_t memory, vm_prot_t prot)
{
	for (unsigned i = 0; i < ENTRIES; i++) {
		unsigned page = i * STRIDE % ENTRIES;

		if (page % 2 != 0) {
			protect(task, memory + page * P, P, prot);
		}
	}
}

static void
one_again(mach_port_t task, vm_offset_t memory, long entries)
{
	unsigned n = probe_regions(task, memory, memory + ENTRIES * P);

	want_ours("one region again", n == 1 ? KERN_SUCCESS : KERN_FAILURE,
	    KERN_SUCCESS, "it leaves regions divided");
	if (!rt_on_gnumach) {
		want_number("# entries too many",
		    probe_objects("vm_map_entry") - entries > EXTRA, 0);
	}
}

/* Holes among the pages that are left: each tenth is not. */
static void
test_holes(mach_port_t task, vm_offset_t memory)
{
	struct probe_region region;
	unsigned bad = 0;
	unsigned word;

	for (unsigned page = 0; page < ENTRIES; page += 10) {
		need("deallocate", vm_deallocate(task, memory + page * P, P));
	}
	for (unsigned page = 0; page < ENTRIES; page += 10) {
		vm_offset_t addr = memory + page * P;

		bad += probe_region(task, addr, &region) != KERN_SUCCESS ||
		    region.start != addr + P;
	}
	want_number("wrong lookups in holes", bad, 0);
	want("read a hole", probe_read(task, memory + 5000 * P, &word),
	    KERN_INVALID_ADDRESS);
	want("write a hole", probe_write(task, memory + 10 * P, 1),
	    KERN_INVALID_ADDRESS);
	want_number("before a hole", probe_word(task, memory + 10 * P - 4), 0);
}

static void
test_entries(void)
{
	const vm_offset_t memory = 0x10000000;
	mach_port_t task = probe_task(M);
	long entries;

	allocate(task, memory, ENTRIES * P);
	need("write", probe_write(task, memory + 777 * P, 777));
	entries = probe_objects("vm_map_entry");
	for (unsigned round = 0; round < 2; round++) {
		alternate(task, memory, VM_PROT_READ);
		want_number("regions", probe_regions(task, memory, memory +
		    ENTRIES * P), ENTRIES);
		want_number("wrong lookups", wrong_lookups(task, memory), 0);
		want("write to one", probe_write(task, memory + 777 * P, 1),
		    KERN_PROTECTION_FAILURE);
		if (!rt_on_gnumach) {
			want_number("# entries", probe_objects("vm_map_entry")
			    - entries >= (long)ENTRIES - 1, 1);
		}
		if (round == 0) {
			alternate(task, memory, VM_PROT_DEFAULT);
		} else {
			protect(task, memory, ENTRIES * P, VM_PROT_DEFAULT);
		}
		one_again(task, memory, entries);
		want_number("what was written", probe_word(task, memory +
		    777 * P), 777);
	}
	test_holes(task, memory);
	probe_end(task);
}

void
test(void)
{
	test_paper();
	test_ends();
	test_all();
	test_entries();
}
