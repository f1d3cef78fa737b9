/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Ten thousand regions of a task that nobody touches while memory is short: what
 * the kernel keeps of them is paged out like the memory itself, and is right
 * when it comes back, to be looked at, to be inherited, and to be ended.
 *
 * On GNU Mach, where they stay, there is no shortage.
 *
 * Memory: 24
 *
 * The kernel keeps the default memory manager's port until it gets another.
 * Keeps: ipc_port 1 ipc_port_extra 1
 */

#include "hog.h"
#include "probe.h"
#include "store.h"

#include "mach_user.h"

#define P		vm_page_size
#define ENTRIES		10000u
#define MEMORY		0x10000000u
#define STORE		(4u << 20)
#define WORDS		16u
#define STRIDE		7919u

static uint8_t store_memory[STORE] __attribute__((aligned(16)));

/* Pages that may be written, and hold a word: some of those with even numbers. */
static vm_offset_t
word_at(unsigned i)
{
	return MEMORY + i * STRIDE % (ENTRIES / 2) * 2 * P;
}

static mach_port_t
task_with_entries(void)
{
	mach_port_t task = probe_task(1u << 20);
	vm_offset_t addr = MEMORY;

	need("allocate", vm_allocate(task, &addr, ENTRIES * P, FALSE));
	for (unsigned i = 1; i < ENTRIES; i += 2) {
		need("protect", vm_protect(task, MEMORY + i * P, P, FALSE,
		    VM_PROT_READ));
	}
	for (unsigned i = 0; i < WORDS; i++) {
		want("write", probe_write(task, word_at(i), i + 1),
		    KERN_SUCCESS);
	}
	return task;
}

static void
check(const char *who, mach_port_t task)
{
	struct probe_region region;
	unsigned bad = 0;

	rt_printf("%s", who);
	for (unsigned i = 0; i < ENTRIES; i++) {
		bad += probe_region(task, MEMORY + i * P, &region) !=
		    KERN_SUCCESS || region.start != MEMORY + i * P ||
		    region.size != P || region.prot !=
		    (i % 2 == 0 ? VM_PROT_DEFAULT : VM_PROT_READ);
	}
	want_number("wrong regions", bad, 0);
	for (unsigned i = 0; i < WORDS; i++) {
		bad += probe_word(task, word_at(i)) != i + 1;
	}
	want_number("wrong words", bad, 0);
	want("write what may be read", probe_write(task, MEMORY + P, 1),
	    KERN_PROTECTION_FAILURE);
}

/*
 * Until all but a few of ENTRIES entries are gone from wired memory, where ALL
 * are when none is, and until what was not used since is out.
 */
static void
wait_for_rest(long all, long entries)
{
	unsigned rounds;

	if (rt_on_gnumach) {
		return;
	}
	want_number("# entries leave", rt_until(all -
	    probe_objects("vm_map_entry") > entries - entries / 10), 1);
	rounds = hog_rounds;
	want_number("# and others come", rt_until(hog_rounds > rounds), 1);
}

static void
test_family(mach_port_t task, long all)
{
	mach_port_t child = probe_child(task);

	wait_for_rest(all + ENTRIES, 2 * ENTRIES);
	check("the child", child);
	wait_for_rest(all + ENTRIES, 2 * ENTRIES);
	/* The one ends without them, the other has them still. */
	probe_end(task);
	check("the child alone", child);
	wait_for_rest(all, ENTRIES);
	probe_end(child);
}

void
test(void)
{
	mach_port_t task = task_with_entries();
	long all = probe_objects("vm_map_entry");
	bool shortage = !rt_on_gnumach;

	if (shortage) {
		store_start(store_memory, STORE);
		hog_start();
	}
	wait_for_rest(all, ENTRIES);
	check("the task", task);
	wait_for_rest(all, ENTRIES);
	test_family(task, all);
	if (shortage) {
		hog_end();
	}
	want_number("pages lost", store_pages_lost, 0);
	rt_printf("# %u pages went out, %u came in, %u rounds of the hog",
	    store_pages_in, store_pages_out, hog_rounds);
}
