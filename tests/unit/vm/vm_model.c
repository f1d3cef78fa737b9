/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * See vm_model.h.  Each page of a task is a pointer to a cell with some words.
 * Sharing is two pointers to one cell, copying is a new cell.
 */

#include "vm_model.h"

#include <tests/lib/test.h>

#include <mach/vm_inherit.h>
#include <mach/vm_prot.h>
#include <machine/copyio.h>

#include <kernel/kmem.h>
#include <kernel/task.h>
#include <kernel/thread.h>

#include <vm/vm_copy.h>
#include <vm/vm_map.h>
#include <vm/vm_map_i.h>
#include <vm/vm_object.h>
#include <vm/vm_page.h>

#define BASE		0x100000u
#define PAGES		48u
#define TASKS		6u
#define COPIES		4u
#define WORDS		3u

/* Words of a page that are looked at: the ends and the middle. */
static const unsigned word_at[WORDS] = { 0, 2044, 4092 };

struct cell {
	unsigned refs;
	uint32_t word[WORDS];
};

struct slot {
	struct cell *cell;		/* NULL: not allocated */
	vm_prot_t prot;
	vm_prot_t max;
	vm_inherit_t inherit;
};

struct space {
	struct task *task;		/* NULL: unused */
	struct slot slot[PAGES];
};

struct transit {
	struct vm_copy *copy;
	unsigned count;
	struct cell *cell[PAGES];
};

static struct space spaces[TASKS];
static struct transit transits[COPIES];

static struct cell *
cell_new(const struct cell *from)
{
	struct cell *cell = kmem_zalloc(sizeof(*cell));

	if (from != NULL) {
		*cell = *from;
	}
	cell->refs = 1;
	return cell;
}

static struct cell *
cell_share(struct cell *cell)
{
	cell->refs++;
	return cell;
}

static void
cell_drop(struct cell *cell)
{
	if (cell != NULL && --cell->refs == 0) {
		kmem_free(cell, sizeof(*cell));
	}
}

/* Move a word between BUF and the memory of SPACE, as its program would. */
static bool
move_word(struct space *space, unsigned page, unsigned word, uint32_t *buf,
    bool write)
{
	struct thread *self = current_thread();
	struct task *saved = self->task;
	vm_offset_t va = BASE + page * vm_page_size + word_at[word];
	kern_return_t kr;

	test_enter(space->task);
	kr = write ? copyout(buf, va, sizeof(*buf)) :
	    copyin(va, buf, sizeof(*buf));
	self->task = saved;
	return kr == KERN_SUCCESS;
}

static struct space *
random_space(void)
{
	unsigned t = test_random(TASKS);

	while (spaces[t].task == NULL) {
		t = (t + 1) % TASKS;
	}
	return &spaces[t];
}

/* A range of pages; *COUNTP at least 1. */
static unsigned
random_range(unsigned *countp)
{
	unsigned first = test_random(PAGES);
	unsigned max = PAGES - first < 12 ? PAGES - first : 12;

	*countp = 1 + test_random(max);
	return first;
}

static bool
all_have(const struct space *space, unsigned first, unsigned count,
    vm_prot_t prot, bool *allocatedp)
{
	bool have = true;

	*allocatedp = true;
	for (unsigned i = first; i < first + count; i++) {
		if (space->slot[i].cell == NULL) {
			*allocatedp = false;
		} else if ((space->slot[i].prot & prot) != prot) {
			have = false;
		}
	}
	return *allocatedp && have;
}

static vm_offset_t
page_va(unsigned page)
{
	return BASE + page * vm_page_size;
}

static void
op_allocate(struct space *space)
{
	unsigned count;
	unsigned first = random_range(&count);
	vm_offset_t addr = page_va(first);
	bool is_free = true;
	kern_return_t kr;

	for (unsigned i = first; i < first + count; i++) {
		is_free = is_free && space->slot[i].cell == NULL;
	}
	kr = vm_map_allocate(space->task->map, &addr, count * vm_page_size,
	    false);
	CHECK_EQ(kr, is_free ? KERN_SUCCESS : KERN_NO_SPACE);
	if (!is_free) {
		return;
	}
	for (unsigned i = first; i < first + count; i++) {
		space->slot[i] = (struct slot) {
			.cell = cell_new(NULL),
			.prot = VM_PROT_DEFAULT,
			.max = VM_PROT_ALL,
			.inherit = VM_INHERIT_COPY,
		};
	}
}

static void
slots_clear(struct space *space, unsigned first, unsigned count)
{
	for (unsigned i = first; i < first + count; i++) {
		cell_drop(space->slot[i].cell);
		space->slot[i].cell = NULL;
	}
}

static void
op_deallocate(struct space *space)
{
	unsigned count;
	unsigned first = random_range(&count);

	CHECK_OK(vm_map_remove(space->task->map, page_va(first),
	    page_va(first + count)));
	slots_clear(space, first, count);
}

static void
op_protect(struct space *space)
{
	static const vm_prot_t prots[] = {
		VM_PROT_READ, VM_PROT_DEFAULT, VM_PROT_DEFAULT, VM_PROT_NONE,
		VM_PROT_READ,
	};
	vm_prot_t prot = prots[test_random(5)];
	bool maximum = test_random(30) == 0;
	unsigned count;
	unsigned first = random_range(&count);
	kern_return_t want = KERN_SUCCESS;

	for (unsigned i = first; i < first + count; i++) {
		if (space->slot[i].cell == NULL) {
			want = KERN_INVALID_ADDRESS;
			break;
		}
		if ((prot & ~space->slot[i].max) != 0) {
			want = KERN_PROTECTION_FAILURE;
		}
	}
	CHECK_EQ(vm_map_protect(space->task->map, page_va(first),
	    page_va(first + count), prot, maximum), want);
	if (want != KERN_SUCCESS) {
		return;
	}
	for (unsigned i = first; i < first + count; i++) {
		if (maximum) {
			space->slot[i].max = prot;
			space->slot[i].prot &= prot;
		} else {
			space->slot[i].prot = prot;
		}
	}
}

static void
op_inherit(struct space *space)
{
	vm_inherit_t inherit = (vm_inherit_t)test_random(3);
	unsigned count;
	unsigned first = random_range(&count);
	bool allocated;
	kern_return_t kr;

	all_have(space, first, count, VM_PROT_NONE, &allocated);
	kr = vm_map_inherit(space->task->map, page_va(first),
	    page_va(first + count), inherit);
	CHECK_EQ(kr, allocated ? KERN_SUCCESS : KERN_INVALID_ADDRESS);
	for (unsigned i = first; allocated && i < first + count; i++) {
		space->slot[i].inherit = inherit;
	}
}

static void
op_touch(struct space *space)
{
	unsigned page = test_random(PAGES);
	unsigned word = test_random(WORDS);
	struct slot *slot = &space->slot[page];
	bool write = test_random(2) == 0;
	uint32_t value = test_random(0xffffffff);
	bool may;

	may = slot->cell != NULL && (slot->prot &
	    (write ? VM_PROT_WRITE : VM_PROT_READ)) != 0;
	CHECK_EQ(move_word(space, page, word, &value, write), may);
	if (may && write) {
		slot->cell->word[word] = value;
	} else if (may) {
		CHECK_EQ(value, slot->cell->word[word]);
	}
}

static void
op_fork(struct space *parent)
{
	struct space *child = NULL;

	for (unsigned i = 0; i < TASKS; i++) {
		if (spaces[i].task == NULL) {
			child = &spaces[i];
		}
	}
	if (child == NULL) {
		return;
	}
	CHECK_OK(task_create(parent->task, true, &child->task));
	for (unsigned i = 0; i < PAGES; i++) {
		child->slot[i] = parent->slot[i];
		if (parent->slot[i].cell == NULL) {
			continue;
		}
		switch (parent->slot[i].inherit) {
		case VM_INHERIT_SHARE:
			cell_share(parent->slot[i].cell);
			break;
		case VM_INHERIT_COPY:
			child->slot[i].cell = cell_new(parent->slot[i].cell);
			break;
		default:
			child->slot[i].cell = NULL;
			break;
		}
	}
}

static void
space_kill(struct space *space)
{
	CHECK_OK(task_terminate(space->task));
	task_unref(space->task);
	space->task = NULL;
	slots_clear(space, 0, PAGES);
}

static void
op_kill(struct space *space)
{
	unsigned living = 0;

	for (unsigned i = 0; i < TASKS; i++) {
		living += spaces[i].task != NULL;
	}
	if (living > 1) {
		space_kill(space);
	}
}

static void
transit_drop(struct transit *transit)
{
	for (unsigned i = 0; i < transit->count; i++) {
		cell_drop(transit->cell[i]);
	}
	transit->copy = NULL;
	transit->count = 0;
}

static void
op_copy_in(struct space *space)
{
	struct transit *transit = &transits[test_random(COPIES)];
	bool destroy = test_random(3) == 0;
	unsigned count;
	unsigned first = random_range(&count);
	bool readable;
	bool allocated;
	kern_return_t kr;

	if (transit->copy != NULL) {
		vm_copy_discard(transit->copy);
		transit_drop(transit);
	}
	readable = all_have(space, first, count, VM_PROT_READ, &allocated);
	kr = vm_copy_in(space->task->map, page_va(first),
	    count * vm_page_size, destroy, &transit->copy);
	CHECK_EQ(kr == KERN_SUCCESS, readable);
	if (!readable) {
		transit->copy = NULL;
		return;
	}
	transit->count = count;
	for (unsigned i = 0; i < count; i++) {
		transit->cell[i] = cell_new(space->slot[first + i].cell);
	}
	if (destroy) {
		slots_clear(space, first, count);
	}
}

static void
op_overwrite(struct space *space)
{
	struct transit *transit = &transits[test_random(COPIES)];
	unsigned first;
	bool writable;
	bool allocated;
	kern_return_t kr;

	if (transit->copy == NULL) {
		return;
	}
	first = test_random(PAGES - transit->count + 1);
	writable = all_have(space, first, transit->count, VM_PROT_WRITE,
	    &allocated);
	kr = vm_copy_overwrite(space->task->map, page_va(first),
	    transit->copy);
	CHECK_EQ(kr == KERN_SUCCESS, writable);
	if (!writable) {
		return;
	}
	for (unsigned i = 0; i < transit->count; i++) {
		for (unsigned w = 0; w < WORDS; w++) {
			space->slot[first + i].cell->word[w] =
			    transit->cell[i]->word[w];
		}
	}
	transit_drop(transit);
}

/* Map a copy somewhere, then move it to where the model can see it. */
static void
op_copy_out(struct space *space)
{
	struct transit *transit = &transits[test_random(COPIES)];
	vm_offset_t addr;
	uint32_t value;

	if (transit->copy == NULL) {
		return;
	}
	for (unsigned i = 0; i < transit->count; i++) {
		CHECK_OK(vm_copy_read(transit->copy, i * vm_page_size +
		    word_at[1], &value, sizeof(value)));
		CHECK_EQ(value, transit->cell[i]->word[1]);
	}
	CHECK_OK(vm_copy_out(space->task->map, &addr, transit->copy));
	for (unsigned i = 0; i < transit->count; i++) {
		if (test_random(2) == 0) {
			continue;
		}
		CHECK_OK(vm_map_read_bytes(space->task->map, addr +
		    i * vm_page_size + word_at[2], &value, sizeof(value)));
		CHECK_EQ(value, transit->cell[i]->word[2]);
		value = test_random(0xffffffff);
		CHECK_OK(vm_map_write_bytes(space->task->map, addr +
		    i * vm_page_size + word_at[2], &value, sizeof(value)));
		transit->cell[i]->word[2] = value;
	}
	/* In the window or not, it goes back into transit. */
	if (addr + transit->count * vm_page_size <= BASE ||
	    addr >= page_va(PAGES)) {
		CHECK_OK(vm_copy_in(space->task->map, addr,
		    transit->count * vm_page_size, true, &transit->copy));
		return;
	}
	for (unsigned i = 0; i < transit->count; i++) {
		unsigned page = (unsigned)((addr - BASE) / vm_page_size) + i;

		CHECK(space->slot[page].cell == NULL);
		space->slot[page] = (struct slot) {
			.cell = cell_share(transit->cell[i]),
			.prot = VM_PROT_DEFAULT,
			.max = VM_PROT_ALL,
			.inherit = VM_INHERIT_COPY,
		};
	}
	transit_drop(transit);
}

/* vm_copy, which is copying in and overwriting at once. */
static void
op_copy_within(struct space *space)
{
	unsigned count;
	unsigned from = random_range(&count);
	unsigned to = test_random(PAGES - count + 1);
	struct vm_copy *copy;
	struct cell *cells[PAGES];
	bool allocated;

	if (!all_have(space, from, count, VM_PROT_READ, &allocated) ||
	    !all_have(space, to, count, VM_PROT_WRITE, &allocated)) {
		return;
	}
	CHECK_OK(vm_copy_in(space->task->map, page_va(from),
	    count * vm_page_size, false, &copy));
	CHECK_OK(vm_copy_overwrite(space->task->map, page_va(to), copy));
	for (unsigned i = 0; i < count; i++) {
		cells[i] = cell_new(space->slot[from + i].cell);
	}
	for (unsigned i = 0; i < count; i++) {
		for (unsigned w = 0; w < WORDS; w++) {
			space->slot[to + i].cell->word[w] = cells[i]->word[w];
		}
		cell_drop(cells[i]);
	}
}

static void
op_wire(struct space *space)
{
	unsigned count;
	unsigned first = random_range(&count);
	bool unwire = test_random(2) == 0;
	vm_prot_t prot = VM_PROT_READ | (test_random(2) ? VM_PROT_WRITE : 0);
	bool allocated;
	bool may;
	kern_return_t kr;

	may = all_have(space, first, count, unwire ? VM_PROT_NONE : prot,
	    &allocated);
	kr = vm_map_wire(space->task->map, page_va(first),
	    page_va(first + count), unwire ? VM_PROT_NONE : prot);
	CHECK_EQ(kr == KERN_SUCCESS, may);
}

static void
check_regions(struct space *space)
{
	struct vm_map_region region;
	vm_offset_t addr = BASE;
	unsigned page;

	while (vm_map_region(space->task->map, addr, &region) ==
	    KERN_SUCCESS) {
		if (region.object != NULL) {
			vm_object_check(region.object);
			vm_object_unref(region.object);
		}
		if (region.start >= page_va(PAGES)) {
			break;
		}
		for (vm_offset_t a = region.start; a < region.start +
		    region.size; a += vm_page_size) {
			if (a < BASE || a >= page_va(PAGES)) {
				continue;
			}
			page = (unsigned)((a - BASE) / vm_page_size);
			REQUIRE(space->slot[page].cell != NULL);
			CHECK_EQ(space->slot[page].prot, region.prot);
			CHECK_EQ(space->slot[page].max, region.max_prot);
			CHECK_EQ(space->slot[page].inherit,
			    region.inheritance);
		}
		addr = region.start + region.size;
	}
	vm_map_check(space->task->map);
}

/* Compare every readable word of every task. */
static void
check_contents(void)
{
	uint32_t value;

	for (unsigned t = 0; t < TASKS; t++) {
		for (unsigned i = 0; spaces[t].task != NULL && i < PAGES;
		    i++) {
			if (spaces[t].slot[i].cell == NULL ||
			    (spaces[t].slot[i].prot & VM_PROT_READ) == 0) {
				continue;
			}
			for (unsigned w = 0; w < WORDS; w++) {
				CHECK(move_word(&spaces[t], i, w, &value,
				    false));
				CHECK_EQ(value,
				    spaces[t].slot[i].cell->word[w]);
			}
		}
	}
}

/* Compare every word of what is in transit. */
static void
check_transits(void)
{
	uint32_t value;

	for (unsigned t = 0; t < COPIES; t++) {
		for (unsigned i = 0; transits[t].copy != NULL &&
		    i < transits[t].count; i++) {
			for (unsigned w = 0; w < WORDS; w++) {
				CHECK_OK(vm_copy_read(transits[t].copy,
				    i * vm_page_size + word_at[w], &value,
				    sizeof(value)));
				CHECK_EQ(value, transits[t].cell[i]->word[w]);
			}
		}
	}
}

void
vm_model_operation(void)
{
	static void (*const ops[])(struct space *space) = {
		op_touch, op_touch, op_touch, op_touch, op_touch, op_touch,
		op_touch, op_touch, op_allocate, op_allocate, op_deallocate,
		op_protect, op_inherit, op_fork, op_kill, op_copy_in,
		op_overwrite, op_copy_out, op_copy_within, op_wire,
	};
	struct space *space = random_space();

	ops[test_random(sizeof(ops) / sizeof(ops[0]))](space);
	if (space->task != NULL) {
		check_regions(space);
	}
}

void
vm_model_begin(void)
{
	CHECK_OK(task_create(NULL, false, &spaces[0].task));
}

void
vm_model_check(void)
{
	check_contents();
	check_transits();
}

void
vm_model_end(void)
{
	for (unsigned t = 0; t < TASKS; t++) {
		if (spaces[t].task != NULL) {
			space_kill(&spaces[t]);
		}
	}
	for (unsigned i = 0; i < COPIES; i++) {
		if (transits[i].copy != NULL) {
			vm_copy_discard(transits[i].copy);
			transit_drop(&transits[i]);
		}
	}
}
