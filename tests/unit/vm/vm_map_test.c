/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/* Address maps, forks and messages, case by case. */

#include <tests/lib/test.h>

#include <string.h>

#include <machine/copyio.h>
#include <machine/pmap.h>

#include <kernel/kmem.h>
#include <kernel/task.h>
#include <kernel/thread.h>

#include <vm/vm_copy.h>
#include <vm/vm_fault.h>
#include <vm/vm_kern.h>
#include <vm/vm_map.h>
#include <vm/vm_map_i.h>
#include <vm/vm_object.h>
#include <vm/vm_page.h>
#include <vm/vm_phys.h>
#include <vm/vm_shadow.h>

/* Of any zone, in pages of the kernel's. */
static unsigned long
free_pages(void)
{
	return vm_phys_free_count() >> vm_page_order;
}

static bool
user_write(struct task *task, vm_offset_t va, uint32_t value)
{
	struct thread *self = current_thread();
	struct task *saved = self->task;
	kern_return_t kr;

	test_enter(task);
	kr = copyout(&value, va, sizeof(value));
	self->task = saved;
	return kr == KERN_SUCCESS;
}

/* The word at VA, or a value that no test writes when it cannot be read. */
static uint32_t
user_read(struct task *task, vm_offset_t va)
{
	struct thread *self = current_thread();
	struct task *saved = self->task;
	uint32_t value;
	kern_return_t kr;

	test_enter(task);
	kr = copyin(va, &value, sizeof(value));
	self->task = saved;
	return kr == KERN_SUCCESS ? value : 0xdeaddead;
}

static unsigned
chain_depth(struct task *task, vm_offset_t va)
{
	struct vm_map_region region;
	unsigned depth;

	CHECK_OK(vm_map_region(task->map, va, &region));
	depth = vm_shadow_depth(region.object);
	vm_object_unref(region.object);
	return depth;
}

/* "The paper's example": 1 MB, 0-64K read-only, 32K-128K shared on fork. */
TEST(paper_example)
{
	struct task *task = test_new_task(NULL);
	struct task *child;
	struct task *grandchild;
	vm_offset_t va = 0;

	CHECK_OK(vm_map_allocate(task->map, &va, 0x100000, false));
	CHECK_EQ(va, 0);
	CHECK(user_write(task, 0x4000, 1));
	CHECK(user_write(task, 0xc000, 2));
	CHECK(user_write(task, 0x18000, 3));
	CHECK(user_write(task, 0x30000, 4));
	CHECK_OK(vm_map_protect(task->map, 0, 0x10000, VM_PROT_READ, false));
	CHECK_OK(vm_map_inherit(task->map, 0x8000, 0x20000,
	    VM_INHERIT_SHARE));
	CHECK_EQ(task->map->count, 4);
	CHECK_EQ(task->map->size, 0x100000);

	child = test_new_task(task);
	CHECK_EQ(child->map->count, 4);
	CHECK(!user_write(child, 0x4000, 9));
	CHECK(!user_write(child, 0xc000, 9));
	CHECK_EQ(user_read(child, 0x4000), 1);
	CHECK_EQ(user_read(child, 0xc000), 2);
	CHECK(user_write(child, 0x18000, 33));
	CHECK_EQ(user_read(task, 0x18000), 33);
	CHECK(user_write(child, 0x30000, 44));
	CHECK_EQ(user_read(task, 0x30000), 4);

	/* Sharing goes on through generations, also when the middle dies. */
	grandchild = test_new_task(child);
	test_end_task(child);
	CHECK(user_write(grandchild, 0x18000, 333));
	CHECK_EQ(user_read(task, 0x18000), 333);
	CHECK_EQ(user_read(grandchild, 0x30000), 44);
	CHECK(user_write(task, 0x18004, 5));
	CHECK_EQ(user_read(grandchild, 0x18004), 5);
	test_end_task(task);
	CHECK_EQ(user_read(grandchild, 0x18000), 333);
	test_end_task(grandchild);
	CHECK_EQ(vm_object_count(), 0);
}

/* Each child forks the next and its parent dies; everybody writes a little. */
TEST(thousand_forks_in_a_row)
{
	const unsigned pages = 64;
	struct task *task = test_new_task(NULL);
	struct task *child;
	vm_offset_t va = 0x100000;
	unsigned long before;

	CHECK_OK(vm_map_allocate(task->map, &va, pages * vm_page_size, false));
	for (unsigned i = 0; i < pages; i++) {
		CHECK(user_write(task, va + i * vm_page_size, i));
	}
	before = vm_page_stats.active + vm_page_stats.inactive;
	for (unsigned n = 1; n <= 1000 && !test_failed(); n++) {
		child = test_new_task(task);
		CHECK(user_write(child, va + n % pages * vm_page_size,
		    1000 + n));
		CHECK(user_write(task, va + n / 2 % pages * vm_page_size, 7));
		test_end_task(task);
		task = child;
		CHECK(chain_depth(task, va) <= 1);
		CHECK(vm_object_count() <= 2);
	}
	CHECK(vm_page_stats.active + vm_page_stats.inactive <= before);
	for (unsigned i = 0; i < pages; i++) {
		uint32_t last = 1000 - (1000 - i) % pages;

		CHECK_EQ(user_read(task, va + i * vm_page_size), 1000 + last);
	}
	test_end_task(task);
	CHECK_EQ(vm_object_count(), 0);
}

/* A shell: it forks a thousand children that write and exit. */
TEST(thousand_children)
{
	struct task *task = test_new_task(NULL);
	struct task *child;
	vm_offset_t va = 0x100000;

	CHECK_OK(vm_map_allocate(task->map, &va, 16 * vm_page_size, false));
	for (unsigned n = 0; n < 1000 && !test_failed(); n++) {
		CHECK(user_write(task, va + n % 16 * vm_page_size, n));
		child = test_new_task(task);
		CHECK(user_write(task, va + n % 7 * vm_page_size, n + 1));
		CHECK_EQ(user_read(child, va + n % 16 * vm_page_size), n);
		CHECK(user_write(child, va, n));
		test_end_task(child);
		CHECK(chain_depth(task, va) <= 1);
	}
	CHECK(vm_object_count() <= 2);
	test_end_task(task);
	CHECK_EQ(vm_object_count(), 0);
}

/* Write to the page at VA of a fresh region, and fork: returns the child. */
static struct task *
write_and_fork(struct task *task, vm_offset_t va, uint32_t value)
{
	CHECK(user_write(task, va, value));
	return test_new_task(task);
}

/* A stack: one of its two pages is written to before and after each fork. */
TEST(fork_of_a_stack)
{
	struct task *task = test_new_task(NULL);
	struct task *older;
	struct task *child;
	vm_offset_t idle = 0x100000;
	vm_offset_t hot = idle + 5 * vm_page_size;
	unsigned long faults;
	uint32_t was;

	CHECK_OK(vm_map_allocate(task->map, &idle, 16 * vm_page_size, false));
	CHECK(user_write(task, idle, 1));
	test_end_task(write_and_fork(task, hot, 1));
	for (unsigned n = 2; n < 20 && !test_failed(); n++) {
		was = user_read(task, idle);
		child = write_and_fork(task, hot, n);
		faults = vm_page_stats.faults;
		CHECK(user_write(task, hot, 100 + n));
		CHECK_EQ(vm_page_stats.faults, faults);
		CHECK_EQ(user_read(child, hot), n);
		CHECK_EQ(user_read(child, idle), was);
		CHECK(user_write(child, hot, 7));
		CHECK_EQ(user_read(task, hot), 100 + n);
		if (n % 5 == 4) {
			/* What was idle is pushed. */
			CHECK(user_write(task, idle, was + 1));
			CHECK_EQ(user_read(child, idle), was);
		}
		test_end_task(child);
		CHECK_EQ(chain_depth(task, hot), 0);
		CHECK(vm_object_count() <= 1);
	}
	/* With an older child alive. */
	was = user_read(task, idle);
	older = write_and_fork(task, hot, 30);
	child = write_and_fork(task, hot, 31);
	CHECK(user_write(task, hot, 32));
	CHECK(user_write(task, idle, 33));
	CHECK_EQ(user_read(older, hot), 30);
	CHECK_EQ(user_read(child, hot), 31);
	CHECK_EQ(user_read(older, idle), was);
	CHECK_EQ(user_read(child, idle), was);
	test_end_task(task);
	CHECK_EQ(user_read(older, hot), 30);
	CHECK_EQ(user_read(child, idle), was);
	test_end_task(older);
	test_end_task(child);
	CHECK_EQ(vm_object_count(), 0);
}

/* A small region that nobody writes to is shared, not copied again and again. */
TEST(fork_of_idle_memory)
{
	struct task *task = test_new_task(NULL);
	vm_offset_t va = 0x100000;
	unsigned long pages;
	struct task *child;

	CHECK_OK(vm_map_allocate(task->map, &va, 2 * vm_page_size, false));
	CHECK(user_write(task, va, 1));
	test_end_task(test_new_task(task));
	pages = vm_phys_free_count();
	for (unsigned n = 0; n < 3; n++) {
		child = test_new_task(task);
		CHECK_EQ(chain_depth(child, va), 0);
		CHECK_EQ(user_read(child, va), 1);
		test_end_task(child);
	}
	CHECK(pages - vm_phys_free_count() < 8);
	CHECK(user_write(task, va, 2));
	CHECK_EQ(user_read(task, va), 2);
	test_end_task(task);
	CHECK_EQ(vm_object_count(), 0);
}

/* Memory is sent again and again; only what is written gets copied. */
TEST(message_copies_only_what_is_written)
{
	const unsigned pages = 256;
	struct task *from = test_new_task(NULL);
	struct task *to = test_new_task(NULL);
	vm_offset_t va = 0x100000;
	vm_offset_t at;
	struct vm_copy *copy;
	unsigned long before;

	CHECK_OK(vm_map_allocate(from->map, &va, pages * vm_page_size, false));
	for (unsigned i = 0; i < pages; i++) {
		CHECK(user_write(from, va + i * vm_page_size, i));
	}
	before = free_pages();
	CHECK_OK(vm_copy_in(from->map, va, pages * vm_page_size, false,
	    &copy));
	CHECK_OK(vm_copy_out(to->map, &at, copy));
	for (unsigned i = 0; i < pages; i++) {
		CHECK_EQ(user_read(to, at + i * vm_page_size), i);
	}
	CHECK(before - free_pages() < 8);
	for (unsigned i = 0; i < 10; i++) {
		CHECK(user_write(from, va + i * vm_page_size, 100 + i));
		CHECK(user_write(to, at + (20 + i) * vm_page_size, 200 + i));
	}
	CHECK(before - free_pages() < 28);
	for (unsigned i = 0; i < 10; i++) {
		CHECK_EQ(user_read(to, at + i * vm_page_size), i);
		CHECK_EQ(user_read(from, va + (20 + i) * vm_page_size),
		    20 + i);
	}
	test_end_task(from);
	CHECK_EQ(user_read(to, at + 5 * vm_page_size), 5);
	CHECK_EQ(user_read(to, at + 255 * vm_page_size), 255);
	test_end_task(to);
	CHECK_EQ(vm_object_count(), 0);
}

/*
 * A message whose copy lost a page, as its receiver dropped that part: the
 * sender's page stays writable, so the next message has a copy of its own.
 */
TEST(message_after_one_that_was_dropped_in_part)
{
	struct task *from = test_new_task(NULL);
	struct task *to = test_new_task(NULL);
	vm_offset_t va = 0x100000;
	vm_size_t size = 8 * vm_page_size;
	vm_offset_t changed = 6 * vm_page_size;
	vm_offset_t first;
	vm_offset_t second;
	struct vm_copy *copy;

	CHECK_OK(vm_map_allocate(from->map, &va, size, false));
	for (vm_offset_t at = 0; at < size; at += vm_page_size) {
		CHECK(user_write(from, va + at, 1));
	}
	CHECK_OK(vm_copy_in(from->map, va, size, false, &copy));
	CHECK_OK(vm_copy_out(to->map, &first, copy));
	CHECK(user_write(from, va + changed, 97));
	CHECK_OK(vm_map_remove(to->map, first + size / 2, first + size));
	CHECK_OK(vm_copy_in(from->map, va, size, false, &copy));
	CHECK(user_write(from, va + changed, 98));
	CHECK_OK(vm_copy_out(to->map, &second, copy));
	CHECK_EQ(user_read(to, second + changed), 97);
	CHECK_EQ(user_read(to, first), 1);
	test_end_task(from);
	test_end_task(to);
	CHECK_EQ(vm_object_count(), 0);
}

/* Each message has what was in the memory when it was sent, also when nothing
 * but a page in the middle changed since the one before. */
TEST(message_sent_again)
{
	const unsigned pages = 8;
	struct task *from = test_new_task(NULL);
	struct task *to = test_new_task(NULL);
	vm_offset_t va = 0x100000;
	vm_offset_t at[40];
	struct vm_copy *copy;

	CHECK_OK(vm_map_allocate(from->map, &va, pages * vm_page_size, false));
	for (unsigned i = 0; i < pages; i++) {
		CHECK(user_write(from, va + i * vm_page_size, 100));
	}
	for (unsigned i = 0; i < 40; i++) {
		/* The whole of it, or a part that begins anywhere. */
		vm_offset_t first = i % 4 != 0 ? 0 : i % 5;
		vm_offset_t page = i * 3 % pages;

		CHECK_OK(vm_copy_in(from->map, va + first * vm_page_size,
		    (pages - first) * vm_page_size, false, &copy));
		CHECK(user_write(from, va + page * vm_page_size, 101 + i));
		CHECK_OK(vm_copy_out(to->map, &at[i], copy));
		at[i] -= first * vm_page_size;
		if (page >= first) {
			CHECK_EQ(user_read(to, at[i] + page * vm_page_size),
			    i < 8 ? 100 : 101 + i - 8);
		}
		if (i % 2 == 0) {
			CHECK_OK(vm_map_remove(to->map,
			    at[i] + first * vm_page_size,
			    at[i] + pages * vm_page_size));
		}
	}
	for (unsigned i = 1; i < 40; i += 2) {
		vm_offset_t page = i * 3 % pages;

		CHECK_EQ(user_read(to, at[i] + page * vm_page_size),
		    i < 8 ? 100 : 101 + i - 8);
	}
	test_end_task(from);
	test_end_task(to);
	CHECK_EQ(vm_object_count(), 0);
}

/* Objects that have memory, the spare ones too. */
static unsigned
objects_in_memory(void)
{
	struct kmem_stats stats;

	for (unsigned i = 0; kmem_stats_get(i, &stats); i++) {
		if (strcmp(stats.name, "vm_object") == 0) {
			return stats.used;
		}
	}
	return 0;
}

/* The object that a copy was serves for the next one, and ends with its own. */
TEST(message_copies_take_turns)
{
	unsigned before = objects_in_memory();
	struct task *from = test_new_task(NULL);
	vm_offset_t va = 0x100000;
	struct vm_copy *copy[3];

	CHECK_OK(vm_map_allocate(from->map, &va, vm_page_size, false));
	CHECK(user_write(from, va, 1));
	CHECK_EQ(objects_in_memory() - before, 1);
	for (unsigned i = 0; i < 10; i++) {
		CHECK_OK(vm_copy_in(from->map, va, vm_page_size, false,
		    &copy[0]));
		CHECK_EQ(vm_object_count(), 2);
		CHECK_EQ(objects_in_memory() - before, 2);
		vm_copy_discard(copy[0]);
		CHECK_EQ(vm_object_count(), 1);
	}
	for (unsigned i = 0; i < 3; i++) {
		CHECK_OK(vm_copy_in(from->map, va, vm_page_size, false,
		    &copy[i]));
		CHECK(user_write(from, va, 2 + i));
	}
	for (unsigned i = 0; i < 3; i++) {
		uint32_t word;

		CHECK_OK(vm_copy_read(copy[i], 0, &word, sizeof(word)));
		CHECK_EQ(word, 1 + i);
		vm_copy_discard(copy[i]);
	}
	CHECK_EQ(vm_object_count(), 1);
	CHECK(objects_in_memory() - before <= 2);
	test_end_task(from);
	CHECK_EQ(objects_in_memory(), before);
	CHECK_EQ(vm_object_count(), 0);
}

/* What is not page-aligned arrives so, without the sender's other bytes. */
TEST(message_not_aligned)
{
	const vm_size_t size = 2 * vm_page_size - 192;
	struct task *from = test_new_task(NULL);
	struct task *to = test_new_task(NULL);
	vm_offset_t va = 0x100000;
	vm_offset_t at;
	struct vm_copy *copy;

	CHECK_OK(vm_map_allocate(from->map, &va, 3 * vm_page_size, false));
	for (unsigned i = 0; i < 3 * vm_page_size / 4; i++) {
		CHECK(user_write(from, va + i * 4, i + 1));
	}
	CHECK_OK(vm_copy_in(from->map, va + 100, size, true, &copy));
	CHECK_EQ(user_read(from, va), 0xdeaddead);
	CHECK_EQ(user_read(from, va + vm_page_size), 0xdeaddead);
	CHECK_EQ(user_read(from, va + 2 * vm_page_size),
	    2 * vm_page_size / 4 + 1);
	CHECK_EQ(vm_copy_size(copy), size);
	CHECK_OK(vm_copy_out(to->map, &at, copy));
	CHECK_EQ(at % vm_page_size, 100);
	for (unsigned i = 0; i < size; i += 4) {
		CHECK_EQ(user_read(to, at + i), (100 + i) / 4 + 1);
	}
	CHECK_EQ(user_read(to, at - 4), 0);
	CHECK_EQ(user_read(to, at - 100), 0);
	CHECK_EQ(user_read(to, at + size), 0);
	test_end_task(from);
	test_end_task(to);
	CHECK_EQ(vm_object_count(), 0);
	CHECK_EQ(vm_copy_count(), 0);
}

/* The same within a page: touched, not touched, below a shadow, forbidden. */
TEST(message_of_part_of_a_page)
{
	struct task *from = test_new_task(NULL);
	struct task *to = test_new_task(NULL);
	struct task *child;
	vm_offset_t va = 0x100000;
	vm_offset_t at;
	struct vm_copy *copy;

	CHECK_OK(vm_map_allocate(from->map, &va, 2 * vm_page_size, false));
	CHECK_OK(vm_copy_in(from->map, va + 4, 8, false, &copy));
	CHECK_OK(vm_copy_out(to->map, &at, copy));
	CHECK_EQ(user_read(to, at), 0);
	for (unsigned i = 0; i < 5; i++) {
		CHECK(user_write(from, va + i * 4, i + 1));
	}
	child = test_new_task(from);
	CHECK(user_write(from, va + 8, 33));
	for (unsigned i = 0; i < 2; i++) {
		CHECK_OK(vm_copy_in((i == 0 ? from : child)->map, va + 4, 8,
		    false, &copy));
		CHECK(user_write(from, va + 4, 77 + i));
		CHECK_OK(vm_copy_out(to->map, &at, copy));
		CHECK_EQ(user_read(to, at - 4), 0);
		CHECK_EQ(user_read(to, at), 2);
		CHECK_EQ(user_read(to, at + 4), i == 0 ? 33 : 3);
		CHECK_EQ(user_read(to, at + 8), 0);
		CHECK(user_write(from, va + 4, 2));
	}
	CHECK_OK(vm_map_protect(from->map, va, va + vm_page_size,
	    VM_PROT_NONE, false));
	CHECK_EQ(vm_copy_in(from->map, va + 4, 8, false, &copy),
	    KERN_PROTECTION_FAILURE);
	CHECK_OK(vm_map_protect(from->map, va + vm_page_size,
	    va + 2 * vm_page_size, VM_PROT_NONE, false));
	CHECK_EQ(vm_copy_in(from->map, va + vm_page_size + 4, 8, false, &copy),
	    KERN_PROTECTION_FAILURE);
	CHECK_EQ(vm_copy_in(from->map, va + 2 * vm_page_size + 4, 8, false,
	    &copy), KERN_INVALID_ADDRESS);
	CHECK_OK(vm_map_remove(from->map, va, va + vm_page_size));
	CHECK(vm_map_lookup(from->map, va) == NULL);
	CHECK_EQ(from->map->size, vm_page_size);
	test_end_task(child);
	test_end_task(from);
	test_end_task(to);
	CHECK_EQ(vm_object_count(), 0);
	CHECK_EQ(vm_copy_count(), 0);
}

/* The memory of a server that has all of its own wired is not copied. */
TEST(message_moves_wired_memory)
{
	struct task *from = test_new_task(NULL);
	struct task *to = test_new_task(NULL);
	vm_offset_t va = 0x100000;
	vm_offset_t at;
	struct vm_object *object;
	struct vm_copy *copy;

	CHECK_OK(vm_map_allocate(from->map, &va, 4 * vm_page_size, false));
	CHECK_OK(vm_map_wire(from->map, va, va + 4 * vm_page_size,
	    VM_PROT_DEFAULT));
	for (unsigned i = 0; i < 4; i++) {
		CHECK(user_write(from, va + i * vm_page_size, i + 1));
	}
	object = vm_map_lookup(from->map, va)->object;
	CHECK_OK(vm_copy_in(from->map, va, 3 * vm_page_size, true, &copy));
	CHECK_EQ(user_read(from, va), 0xdeaddead);
	CHECK_EQ(user_read(from, va + 3 * vm_page_size), 4);
	CHECK_EQ(from->map->size_wired, vm_page_size);
	CHECK_OK(vm_copy_out(to->map, &at, copy));
	CHECK(vm_map_lookup(to->map, at)->object == object);
	CHECK_EQ(vm_map_lookup(to->map, at)->wired_count, 0);
	CHECK_EQ(to->map->size_wired, 0);
	for (unsigned i = 0; i < 3; i++) {
		CHECK_EQ(user_read(to, at + i * vm_page_size), i + 1);
	}
	test_end_task(from);
	test_end_task(to);
	CHECK_EQ(vm_object_count(), 0);
}

/* Memory that ends within a page moves, too; what is behind its end in the page
 * goes along but is not seen, and all of it is deallocated. */
TEST(message_moves_what_ends_within_a_page)
{
	struct task *from = test_new_task(NULL);
	struct task *to = test_new_task(NULL);
	vm_offset_t va = 0x100000;
	vm_offset_t last = va + 2 * vm_page_size;
	struct vm_object *object;
	struct vm_copy *copy;
	vm_offset_t at;

	CHECK_OK(vm_map_allocate(from->map, &va, 4 * vm_page_size, false));
	CHECK_OK(vm_map_wire(from->map, va, va + 4 * vm_page_size,
	    VM_PROT_DEFAULT));
	for (unsigned i = 0; i < 4; i++) {
		CHECK(user_write(from, va + i * vm_page_size, i + 1));
	}
	CHECK(user_write(from, last + 8, 8));
	object = vm_map_lookup(from->map, va)->object;
	CHECK(vm_copy_move_begin(from->map, va, 2 * vm_page_size + 8, &copy));
	vm_copy_move_end(from->map, va, 2 * vm_page_size + 8, copy, false);
	CHECK_EQ(user_read(from, last + 8), 8);
	CHECK(vm_copy_move_begin(from->map, va, 2 * vm_page_size + 8, &copy));
	vm_copy_move_end(from->map, va, 2 * vm_page_size + 8, copy, true);
	CHECK_EQ(user_read(from, va), 0xdeaddead);
	CHECK_EQ(user_read(from, last), 0xdeaddead);
	CHECK_EQ(user_read(from, last + vm_page_size), 4);
	CHECK_OK(vm_copy_out(to->map, &at, copy));
	CHECK(vm_map_lookup(to->map, at)->object == object);
	CHECK_EQ(to->map->count, 1);
	for (unsigned i = 0; i < 3; i++) {
		CHECK_EQ(user_read(to, at + i * vm_page_size), i + 1);
	}
	CHECK_EQ(user_read(to, at + 2 * vm_page_size + 8), 0);
	CHECK_EQ(to->map->count, 1);
	CHECK(vm_map_lookup(to->map, at + 2 * vm_page_size)->object == object);
	test_end_task(from);
	test_end_task(to);
	CHECK_EQ(vm_copy_count(), 0);
	CHECK_EQ(vm_object_count(), 0);
}

/* Send 3 pages but 4 bytes at each end, full of ones, to TO; where they are. */
static vm_offset_t
send_cut(struct task *from, struct task *to)
{
	vm_offset_t va = 0x100000;
	struct vm_copy *copy;
	vm_offset_t at;

	CHECK_OK(vm_map_allocate(from->map, &va, 3 * vm_page_size, false));
	for (vm_offset_t i = 0; i < 3 * vm_page_size; i += 4) {
		CHECK(user_write(from, va + i, 1));
	}
	CHECK_OK(vm_copy_in(from->map, va + 4, 3 * vm_page_size - 8, false,
	    &copy));
	CHECK_OK(vm_copy_out(to->map, &at, copy));
	vm_map_check(to->map);
	return at - 4;
}

/* Are the 3 pages at VA what send_cut() sent? */
static bool
got_cut(struct task *task, vm_offset_t va)
{
	vm_map_check(task->map);
	for (vm_offset_t i = 0; i < 3 * vm_page_size; i += 4) {
		uint32_t want = i == 0 || i == 3 * vm_page_size - 4 ? 0 : 1;

		if (user_read(task, va + i) != want) {
			return false;
		}
	}
	vm_map_check(task->map);
	return true;
}

/* Nobody gets to see what a message cuts off, whatever he does with it. */
TEST(message_cut)
{
	struct task *from = test_new_task(NULL);
	struct task *to = test_new_task(NULL);
	struct task *more = test_new_task(NULL);
	vm_offset_t size = 3 * vm_page_size;
	struct task *child;
	struct vm_copy *copy;
	vm_offset_t at[4];
	unsigned long before;
	struct vm_page *page;
	uint32_t word;

	at[0] = send_cut(from, to);
	before = free_pages();
	CHECK_OK(vm_map_remove(from->map, 0x100000, 0x100000 + size));
	/* Untouched it is inherited as it is, and sent on. */
	child = test_new_task(to);
	CHECK_OK(vm_copy_in(to->map, at[0] + 8, size - 8, false, &copy));
	CHECK_OK(vm_copy_read(copy, size - 12, &word, sizeof(word)));
	CHECK_EQ(word, 0);
	CHECK_OK(vm_copy_read(copy, size - 18, &word, sizeof(word)));
	CHECK_EQ(word, 0x00010000);
	CHECK_OK(vm_copy_out(more->map, &at[1], copy));
	CHECK_EQ(user_read(more, at[1] - 4), 0);
	CHECK_EQ(user_read(more, at[1]), 1);
	CHECK_EQ(user_read(more, at[1] + size - 16), 1);
	CHECK_EQ(user_read(more, at[1] + size - 12), 0);
	CHECK_OK(vm_map_remove(more->map, at[1] - 8, at[1] - 8 + size));
	CHECK(got_cut(child, at[0]));
	test_end_task(child);
	CHECK(before - free_pages() < 4);

	/* The whole of it, over memory that is there. */
	at[1] = 0x400000;
	CHECK_OK(vm_map_allocate(more->map, &at[1], size, false));
	CHECK(user_write(more, at[1], 5));
	CHECK_OK(vm_copy_in(to->map, at[0], size, false, &copy));
	CHECK(vm_copy_take_page(copy, 0) == NULL);
	page = vm_page_grab();
	CHECK_OK(vm_copy_read_to_page(copy, size - vm_page_size, page));
	pmap_copy_out(vm_page_to_phys(page), vm_page_size - 4, &word, 4);
	CHECK_EQ(word, 0);
	pmap_copy_out(vm_page_to_phys(page), vm_page_size - 8, &word, 4);
	CHECK_EQ(word, 1);
	vm_page_release(page);
	CHECK_OK(vm_copy_overwrite(more->map, at[1], copy));
	CHECK(got_cut(more, at[1]));
	CHECK_OK(vm_map_remove(more->map, at[1], at[1] + size));

	/* Or over a part of it. */
	CHECK_OK(vm_map_allocate(more->map, &at[1], 2 * size, false));
	CHECK(user_write(more, at[1] + size, 5));
	CHECK_OK(vm_copy_in(to->map, at[0], size, false, &copy));
	CHECK_OK(vm_copy_overwrite(more->map, at[1] + 4, copy));
	CHECK_EQ(user_read(more, at[1] + 4), 0);
	CHECK_EQ(user_read(more, at[1] + 8), 1);
	CHECK_EQ(user_read(more, at[1] + size), 0);

	/* Memory next to it, of the same kind, is not made one with it. */
	at[1] = at[0] + size;
	CHECK_OK(vm_map_allocate(to->map, &at[1], vm_page_size, false));
	CHECK_EQ(user_read(to, at[1]), 0);
	CHECK(got_cut(to, at[0]));
	test_end_task(from);
	test_end_task(to);
	test_end_task(more);
	CHECK_EQ(vm_copy_count(), 0);
	CHECK_EQ(vm_object_count(), 0);
}

/* The same for memory that is wired, shared, divided, written to, moved. */
TEST(message_cut_is_made_whole)
{
	struct task *from = test_new_task(NULL);
	struct task *to = test_new_task(NULL);
	vm_offset_t size = 3 * vm_page_size;
	struct vm_map_region region;
	struct task *child;
	struct vm_copy *copy;
	vm_offset_t at[6];

	for (unsigned i = 0; i < 6; i++) {
		at[i] = send_cut(from, to);
		CHECK_OK(vm_map_remove(from->map, 0x100000, 0x100000 + size));
	}
	CHECK_OK(vm_map_wire(to->map, at[0], at[0] + size, VM_PROT_DEFAULT));
	CHECK(got_cut(to, at[0]));
	CHECK_OK(vm_map_wire(to->map, at[0], at[0] + size, VM_PROT_NONE));

	CHECK_OK(vm_map_inherit(to->map, at[1], at[1] + size,
	    VM_INHERIT_SHARE));
	child = test_new_task(to);
	CHECK(got_cut(child, at[1]));
	CHECK(user_write(child, at[1], 7));
	CHECK_EQ(user_read(to, at[1]), 7);
	CHECK(user_write(to, at[1], 0));
	CHECK(got_cut(to, at[1]));

	CHECK_OK(vm_map_remove(to->map, at[2] + vm_page_size,
	    at[2] + 2 * vm_page_size));
	CHECK_EQ(user_read(to, at[2]), 0);
	CHECK_EQ(user_read(to, at[2] + 4), 1);
	CHECK_EQ(user_read(to, at[2] + size - 4), 0);
	CHECK_EQ(user_read(to, at[2] + size - 8), 1);

	/* Writing in the middle leaves the ends what they are. */
	CHECK(user_write(to, at[3] + vm_page_size, 1));
	CHECK(user_write(to, at[3] + 4, 1));
	CHECK(got_cut(to, at[3]));
	CHECK(got_cut(child, at[3]));

	CHECK_OK(vm_map_region_shared(to->map, at[4] + size - 4, &region));
	vm_object_unref(region.object);
	CHECK(got_cut(to, at[4]));

	CHECK_OK(vm_copy_in(to->map, at[5], size, true, &copy));
	CHECK_EQ(user_read(to, at[5]), 0xdeaddead);
	CHECK_OK(vm_copy_out(to->map, &at[5], copy));
	CHECK(got_cut(to, at[5]));
	CHECK(got_cut(child, at[4]));
	test_end_task(child);
	test_end_task(from);
	CHECK(got_cut(to, at[5]));
	test_end_task(to);
	CHECK_EQ(vm_copy_count(), 0);
	CHECK_EQ(vm_object_count(), 0);
}

/* Two parts of one region, moved one after the other, stay two. */
TEST(message_cut_and_the_rest)
{
	struct task *from = test_new_task(NULL);
	struct task *to = test_new_task(NULL);
	vm_offset_t va = 0x100000;
	struct vm_copy *copy;
	vm_offset_t at[2];

	CHECK_OK(vm_map_allocate(from->map, &va, 2 * vm_page_size, false));
	for (vm_offset_t i = 0; i < 2 * vm_page_size; i += 4) {
		CHECK(user_write(from, va + i, 1));
	}
	for (unsigned i = 0; i < 2; i++) {
		CHECK_OK(vm_copy_in(from->map, va + i * vm_page_size,
		    vm_page_size - 4, true, &copy));
		CHECK_OK(vm_copy_out(to->map, &at[i], copy));
	}
	CHECK_EQ(at[1], at[0] + vm_page_size);
	vm_map_check(to->map);
	for (unsigned i = 0; i < 2; i++) {
		CHECK_EQ(user_read(to, at[i]), 1);
		CHECK_EQ(user_read(to, at[i] + vm_page_size - 4), 0);
	}
	test_end_task(from);
	test_end_task(to);
	CHECK_EQ(vm_object_count(), 0);
}

/* What was to be moved, and then was not, is what it was. */
TEST(message_not_moved_after_all)
{
	struct task *task = test_new_task(NULL);
	vm_offset_t va = 0x100000;
	struct vm_copy *copy;

	CHECK_OK(vm_map_allocate(task->map, &va, 4 * vm_page_size, false));
	CHECK(user_write(task, va + vm_page_size, 7));
	CHECK(!vm_copy_move_begin(task->map, va, 5 * vm_page_size, &copy));
	CHECK(vm_copy_move_begin(task->map, va + 4, vm_page_size, &copy));
	vm_copy_move_end(task->map, va + 4, vm_page_size, copy, false);
	CHECK(vm_copy_move_begin(task->map, va + vm_page_size,
	    2 * vm_page_size, &copy));
	CHECK_EQ(user_read(task, va + vm_page_size), 7);
	vm_copy_move_end(task->map, va + vm_page_size, 2 * vm_page_size,
	    copy, false);
	CHECK_EQ(user_read(task, va + vm_page_size), 7);
	CHECK_OK(vm_map_protect(task->map, va, va + 4 * vm_page_size,
	    VM_PROT_READ, false));
	CHECK_OK(vm_map_remove(task->map, va, va + 4 * vm_page_size));
	CHECK_EQ(vm_copy_count(), 0);
	test_end_task(task);
	CHECK_EQ(vm_object_count(), 0);
}

/* Pages come out of a message whole, if they are nobody's else. */
TEST(message_gives_its_pages)
{
	struct task *task = test_new_task(NULL);
	vm_offset_t va = 0x100000;
	unsigned long before;
	struct vm_page *page;
	struct vm_copy *copy;

	CHECK_OK(vm_map_allocate(task->map, &va, 4 * vm_page_size, false));
	CHECK(user_write(task, va, 1));
	CHECK(user_write(task, va + vm_page_size, 2));
	CHECK_OK(vm_copy_in(task->map, va, vm_page_size, false, &copy));
	CHECK(vm_copy_take_page(copy, 0) == NULL);
	vm_copy_discard(copy);
	CHECK_EQ(user_read(task, va), 1);
	CHECK_OK(vm_copy_in(task->map, va + 100, vm_page_size, true, &copy));
	CHECK(vm_copy_take_page(copy, 0) == NULL);
	vm_copy_discard(copy);

	/* No neighbour of the other, to have an object of its own. */
	va += 8 * vm_page_size;
	CHECK_OK(vm_map_allocate(task->map, &va, 2 * vm_page_size, false));
	CHECK(user_write(task, va + vm_page_size, 3));
	CHECK_OK(vm_copy_in(task->map, va, 2 * vm_page_size, true, &copy));
	CHECK(vm_copy_take_page(copy, 0) == NULL);
	before = free_pages();
	page = vm_copy_take_page(copy, vm_page_size);
	CHECK(page != NULL);
	CHECK_EQ(free_pages(), before);
	CHECK(page->busy && page->pages == NULL);
	CHECK(vm_copy_take_page(copy, vm_page_size) == NULL);
	vm_page_release(page);
	vm_copy_discard(copy);
	test_end_task(task);
	CHECK_EQ(vm_object_count(), 0);
}

TEST(copy_errors_change_nothing)
{
	struct task *task = test_new_task(NULL);
	vm_offset_t va = 0x100000;
	struct vm_copy *copy;

	CHECK_OK(vm_map_allocate(task->map, &va, 4 * vm_page_size, false));
	CHECK(user_write(task, va, 1));
	CHECK(user_write(task, va + vm_page_size, 2));
	CHECK_EQ(vm_copy_in(task->map, va, 5 * vm_page_size, true, &copy),
	    KERN_INVALID_ADDRESS);
	CHECK_EQ(vm_copy_in(task->map, va, -vm_page_size, true, &copy),
	    KERN_INVALID_ADDRESS);
	CHECK_OK(vm_map_protect(task->map, va + 3 * vm_page_size,
	    va + 4 * vm_page_size, VM_PROT_NONE, false));
	CHECK_EQ(vm_copy_in(task->map, va, 4 * vm_page_size, true, &copy),
	    KERN_PROTECTION_FAILURE);
	CHECK_EQ(user_read(task, va), 1);
	CHECK_OK(vm_copy_in(task->map, va + vm_page_size, 2 * vm_page_size,
	    false, &copy));
	CHECK_EQ(vm_copy_overwrite(task->map, va + 2 * vm_page_size, copy),
	    KERN_PROTECTION_FAILURE);
	CHECK_EQ(vm_copy_overwrite(task->map, va + 3 * vm_page_size, copy),
	    KERN_PROTECTION_FAILURE);
	CHECK_EQ(user_read(task, va + 2 * vm_page_size), 0);
	CHECK_OK(vm_copy_overwrite(task->map, va, copy));
	CHECK_EQ(user_read(task, va), 2);
	test_end_task(task);
	CHECK_EQ(vm_copy_count(), 0);
}

static vm_size_t
private_pages(struct task *task)
{
	vm_size_t size = 0;

	CHECK(vm_map_private_size_try(task->map, &size));
	return size / vm_page_size;
}

/*
 * What a task holds are the pages, however its map divides them: of an object
 * with many entries each is counted once, and what lies below as well.
 */
TEST(pages_are_counted_once)
{
	vm_size_t page = vm_page_size;
	struct task *task = test_new_task(NULL);
	struct task *child;
	vm_offset_t va = 0x10000000;

	CHECK_OK(vm_map_allocate(task->map, &va, 64 * page, false));
	for (unsigned i = 0; i < 4; i++) {
		CHECK(user_write(task, va + i * page, i));
	}
	CHECK_EQ(private_pages(task), 4);
	for (unsigned i = 0; i < 64; i += 8) {
		CHECK_OK(vm_map_protect(task->map, va + i * page,
		    va + (i + 4) * page, VM_PROT_READ, false));
	}
	CHECK_EQ(task->map->count, 16);
	CHECK_EQ(private_pages(task), 4);
	CHECK_EQ(private_pages(task), 4);
	/* An entry cannot show more than it has room for, all can together. */
	CHECK_OK(vm_map_remove(task->map, va + 2 * page, va + 64 * page));
	CHECK_EQ(private_pages(task), 2);
	CHECK_OK(vm_map_protect(task->map, va, va + page, VM_PROT_DEFAULT,
	    false));
	CHECK_EQ(task->map->count, 2);
	CHECK_EQ(private_pages(task), 2);
	/* One page in front of the object, the other below. */
	child = test_new_task(task);
	CHECK(user_write(child, va, 7));
	CHECK_EQ(private_pages(child), 2);
	CHECK_EQ(private_pages(task), 2);
	test_end_task(child);
	test_end_task(task);
}

/*
 * Space is found at the lowest place above the first megabyte, by alignment, in
 * a full map, and below if there is none.
 */
TEST(find_space)
{
	struct task *task = test_new_task(NULL);
	struct vm_map *map = task->map;
	struct vm_map_request req = {
		.size = 4 * vm_page_size, .mask = 0xffff, .anywhere = true,
		.prot = VM_PROT_DEFAULT, .max_prot = VM_PROT_ALL,
		.inheritance = VM_INHERIT_COPY, .no_merge = true,
	};
	const vm_offset_t low = 0x110000;
	const vm_size_t stride = 3 * vm_page_size;
	vm_offset_t va;

	for (unsigned i = 0; i < 1000; i++) {
		va = low + i * stride;
		CHECK_OK(vm_map_allocate(map, &va, vm_page_size, false));
	}
	vm_map_check(map);
	CHECK_EQ(map->count, 1000);
	CHECK_OK(vm_map_allocate(map, &va, 2 * vm_page_size, true));
	CHECK_EQ(va, low + vm_page_size);
	CHECK_OK(vm_map_allocate(map, &va, 3 * vm_page_size, true));
	CHECK_EQ(va, low + 999 * stride + vm_page_size);
	CHECK_OK(vm_map_remove(map, low + 500 * stride, low + 510 * stride));
	va = 0;
	CHECK_OK(vm_map_enter(map, &va, &req));
	CHECK_EQ(va, (low + 499 * stride + vm_page_size + 0xffff) & ~0xffffu);
	va = vm_page_size;
	CHECK_OK(vm_map_enter(map, &va, &req));
	CHECK_EQ(va, 0x10000);
	CHECK_OK(vm_map_allocate(map, &va, 0xbfc00000 - 1000 * stride, true));
	do {
		CHECK_OK(vm_map_allocate(map, &va, 0xf0000, true));
	} while (va >= low);
	CHECK_EQ(va, 0x10000 + 4 * vm_page_size);
	va = 0xbffff000;
	CHECK_EQ(vm_map_enter(map, &va, &req), KERN_NO_SPACE);
	req.size = 0xc0000000;
	va = 0;
	CHECK_EQ(vm_map_enter(map, &va, &req), KERN_NO_SPACE);
	vm_map_check(map);
	test_end_task(task);
}

/* Neighbours that are alike again become one entry. */
TEST(entries_coalesce)
{
	struct task *task = test_new_task(NULL);
	struct vm_map *map = task->map;
	vm_offset_t va;

	for (unsigned i = 0; i < 100; i++) {
		va = 0x100000 + (i * 37 % 100) * vm_page_size;
		CHECK_OK(vm_map_allocate(map, &va, vm_page_size, false));
	}
	CHECK_EQ(map->count, 1);
	CHECK(user_write(task, 0x100000, 1));
	va = 0x100000 + 100 * vm_page_size;
	CHECK_OK(vm_map_allocate(map, &va, vm_page_size, false));
	CHECK_EQ(map->count, 1);
	CHECK(user_write(task, va, 2));
	CHECK_EQ(vm_object_count(), 1);
	for (unsigned i = 0; i < 100; i += 2) {
		CHECK_OK(vm_map_protect(map, 0x100000 + i * vm_page_size,
		    0x100000 + (i + 1) * vm_page_size, VM_PROT_READ, false));
	}
	CHECK_EQ(map->count, 100);
	CHECK_OK(vm_map_protect(map, 0x100000, 0x100000 + 101 * vm_page_size,
	    VM_PROT_DEFAULT, false));
	CHECK_EQ(map->count, 1);
	CHECK_EQ(user_read(task, va), 2);
	test_end_task(task);
	CHECK_EQ(vm_object_count(), 0);
}

/* Pages of a part that is deallocated are free at once. */
TEST(partial_deallocation_frees_pages)
{
	struct task *task = test_new_task(NULL);
	vm_offset_t va = 0x100000;
	unsigned long full;

	CHECK_OK(vm_map_allocate(task->map, &va, 64 * vm_page_size, false));
	for (unsigned i = 0; i < 64; i++) {
		CHECK(user_write(task, va + i * vm_page_size, i));
	}
	full = vm_page_stats.active + vm_page_stats.inactive;
	CHECK_OK(vm_map_remove(task->map, va + vm_page_size,
	    va + 61 * vm_page_size));
	CHECK_EQ(vm_page_stats.active + vm_page_stats.inactive, full - 60);
	CHECK_EQ(user_read(task, va + 63 * vm_page_size), 63);
	test_end_task(task);
}

TEST(kernel_memory)
{
	unsigned long before = free_pages();
	char *p = vm_kern_alloc(100000);
	char *q = vm_kern_alloc(5);

	CHECK(p != NULL && q != NULL);
	for (unsigned i = 0; i < 100000; i++) {
		CHECK(p[i] == 0);
	}
	memset(p, 1, 100000);
	CHECK(q[0] == 0);
	vm_kern_free(p, 100000);
	vm_kern_free(q, 5);
	CHECK(free_pages() + 8 > before);
	vm_map_check(kernel_map);
}

/* Blocks of all sizes, in random order, with limits. */
TEST(physical_memory)
{
	struct vm_page *pages[64] = { NULL };
	unsigned order[64];
	unsigned long before = free_pages();
	phys_addr_t pa;

	for (unsigned n = 0; n < 5000; n++) {
		unsigned i = test_random(64);

		if (pages[i] != NULL) {
			vm_phys_free(pages[i], order[i]);
			pages[i] = NULL;
		} else {
			order[i] = test_random(7);
			pages[i] = vm_phys_alloc(order[i], 0);
		}
		if (n % 100 == 0) {
			vm_phys_check();
		}
	}
	for (unsigned i = 0; i < 64; i++) {
		if (pages[i] != NULL) {
			vm_phys_free(pages[i], order[i]);
		}
	}
	CHECK_EQ(free_pages(), before);
	for (unsigned n = 1; n < 200; n += 13) {
		struct vm_page *page = vm_phys_alloc_contig(n, 0x400000,
		    0x800000, 0x20000);

		CHECK(page != NULL);
		pa = vm_page_to_phys(page);
		CHECK(pa >= 0x400000 && pa + n * PAGE_HW_SIZE <= 0x800000);
		CHECK_EQ(pa % 0x20000, 0);
		vm_phys_check();
		vm_phys_free_range(page, n);
	}
	CHECK(vm_phys_alloc_contig(1, 0x80000000, 0, 4096) == NULL);
	CHECK_EQ(free_pages(), before);
	vm_phys_check();
}

TEST(limits_of_size)
{
	struct task *task = test_new_task(NULL);
	vm_offset_t va;

	task->map->size_cur_limit = 16 * vm_page_size;
	CHECK_OK(vm_map_allocate(task->map, &va, 15 * vm_page_size, true));
	CHECK_EQ(vm_map_allocate(task->map, &va, 2 * vm_page_size, true),
	    KERN_NO_SPACE);
	CHECK_OK(vm_map_allocate(task->map, &va, vm_page_size, true));
	test_end_task(task);
}
