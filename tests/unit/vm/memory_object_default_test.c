/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/* A default pager that goes while others are in the middle of something. */

#include <tests/lib/test.h>

#include <kernel/kmem.h>
#include <kernel/sched.h>
#include <kernel/thread.h>

#include <ipc/ipc_kmsg.h>
#include <ipc/ipc_port.h>

#include <vm/memory_object.h>
#include <vm/memory_object_i.h>
#include <vm/vm_fault.h>
#include <vm/vm_object.h>
#include <vm/vm_page.h>
#include <vm/vm_paged.h>

/* The clock ticks when a test says so, and when everybody waits. */
#define NEVER	(1u << 31)

TEST_MACHINE(.cpus = 1, .tick_steps = NEVER);

/* A default pager that answers nothing, in place of the one there was. */
static struct ipc_port *
manager_start(void)
{
	struct ipc_port *manager = ipc_port_create();

	CHECK(manager != NULL);
	ipc_port_release_send(
	    memory_object_set_default(ipc_port_make_send(manager)));
	return manager;
}

/* Its objects are in messages that it has not received, and go, too. */
static void
manager_die(struct ipc_port *manager)
{
	ipc_port_release_receive(manager);
}

/* How many messages wait for the pager of OBJECT. */
static unsigned
messages(struct vm_object *object)
{
	unsigned count = 0;

	vm_object_lock(object);
	CHECK(memory_object_waiting_try(object, &count));
	vm_object_unlock(object);
	return count;
}

static kern_return_t
touch(struct vm_object *object, vm_prot_t prot)
{
	struct vm_fault_hold hold;
	kern_return_t kr = vm_fault_object_page(object, 0, prot, &hold);

	if (kr == KERN_SUCCESS) {
		vm_fault_page_done(&hold, (prot & VM_PROT_WRITE) != 0);
	}
	return kr;
}

/* An object whose first page a default pager has, that of the moment. */
static struct vm_object *
paged_object(void)
{
	struct vm_object *object = vm_object_create(vm_page_size);

	CHECK(object != NULL);
	CHECK_OK(memory_object_need_default(object));
	CHECK(vm_paged_reserve(object->paged, 0));
	vm_object_lock(object);
	vm_paged_set(object->paged, 0);
	vm_object_unlock(object);
	return object;
}

/* What the pageout daemon does with an orphan, at the first tick that may be. */
struct adoption {
	struct vm_object *object;
	bool may;
	bool done;
};

static void
adopt(void *arg)
{
	struct adoption *adoption = arg;

	while (!adoption->may) {
		test_sleep(1);
	}
	memory_object_check_pager(adoption->object);
	(void)memory_object_need_default(adoption->object);
	adoption->done = true;
}

/*
 * The daemon finds a new pager for an object after so many STEPS of a fault that
 * was going to ask the old one; true if the fault was over before.
 */
static bool
fault_beside_adoption(unsigned steps)
{
	struct ipc_port *manager = manager_start();
	struct adoption adoption = { .object = paged_object() };
	bool over;

	manager_die(manager);
	manager = manager_start();
	/* Before us, who are a thread of the system. */
	CHECK_OK(kernel_thread_create("adopt", adopt, &adoption,
	    SCHED_PRIORITY_SYSTEM - 1));
	test_sleep(1);
	adoption.may = true;
	pretend_config.tick_steps = (unsigned)pretend_cycles() + steps;
	CHECK_EQ(touch(adoption.object, VM_PROT_READ), KERN_MEMORY_ERROR);
	over = !adoption.done;
	pretend_config.tick_steps = NEVER;
	TEST_WAIT_UNTIL(adoption.done);

	/* The daemon would come again. */
	CHECK_OK(memory_object_need_default(adoption.object));
	CHECK_EQ(messages(adoption.object), 0);
	CHECK_EQ(touch(adoption.object, VM_PROT_READ), KERN_MEMORY_ERROR);
	vm_object_unref(adoption.object);
	manager_die(manager);
	return over;
}

/* A new pager is not asked for what the one before it had. */
TEST(only_who_holds_a_page_is_asked)
{
	unsigned steps = 1;

	while (!fault_beside_adoption(steps) && !test_failed()) {
		steps++;
	}
	/* With others it is chance what the daemon comes between. */
	CHECK(steps > 10 || pretend_config.cpus > 1);
	CHECK_EQ(vm_object_count(), 0);
}

/* All memory that the kernel gives: in large blocks, and in messages. */
struct memory {
	void **blocks;
	struct ipc_kmsg_queue kmsgs;
};

static void
memory_take_all(struct memory *all)
{
	struct ipc_kmsg *kmsg;
	void **block;

	while ((block = kmem_alloc(PAGE_HW_SIZE)) != NULL) {
		*block = all->blocks;
		all->blocks = block;
	}
	for (mach_msg_size_t size = 128; size >= sizeof(mach_msg_header_t);
	     size -= 4) {
		while ((kmsg = ipc_kmsg_alloc(size)) != NULL) {
			ipc_kmsg_queue_append(&all->kmsgs, kmsg);
		}
	}
}

static void
memory_give_back(struct memory *all)
{
	while (all->blocks != NULL) {
		void **block = all->blocks;

		all->blocks = *block;
		kmem_free(block, PAGE_HW_SIZE);
	}
	while (!ipc_kmsg_queue_empty(&all->kmsgs)) {
		ipc_kmsg_free(ipc_kmsg_queue_take(&all->kmsgs));
	}
}

/* Who takes all memory for a moment, and then sees what OBJECT's pager is asked. */
struct taker {
	struct vm_object *object;
	struct ipc_port *manager;
	bool may;
	bool late;		/* it had been asked before that */
	bool touched;
	bool asked;
	bool done;
};

/* What a pager does that was asked to; false if that was for something else. */
static bool
first_unlock(struct vm_object *object)
{
	struct vm_page *page;
	bool locked;

	vm_object_lock(object);
	page = vm_object_page_lookup(object, 0);
	locked = page != NULL && page->lock != VM_PROT_NONE;
	if (locked) {
		page->lock = VM_PROT_NONE;
		vm_page_wakeup(page);
	}
	vm_object_unlock(object);
	return locked;
}

static void
take(void *arg)
{
	struct taker *taker = arg;
	struct memory all = { NULL };

	current_thread()->vm_modest = true;
	while (!taker->may) {
		test_sleep(1);
	}
	taker->late = messages(taker->object) > 0;
	memory_take_all(&all);
	test_sleep(2);
	memory_give_back(&all);
	while (messages(taker->object) == 0 && !taker->touched) {
		test_sleep(1);
	}
	taker->asked = !taker->touched;
	if (first_unlock(taker->object)) {
		TEST_WAIT_UNTIL(taker->touched);
	}
	manager_die(taker->manager);
	taker->done = true;
}

/* An object whose first page stays here, and is locked. */
static struct vm_object *
locked_object(void)
{
	struct vm_object *object = vm_object_create(vm_page_size);
	struct vm_page *page;

	CHECK(object != NULL);
	CHECK_OK(memory_object_need_default(object));
	CHECK_OK(touch(object, VM_PROT_WRITE));
	vm_object_lock(object);
	page = vm_object_page_lookup(object, 0);
	page->lock = VM_PROT_READ;
	vm_page_wire(page);
	vm_object_unlock(object);
	return object;
}

/*
 * Memory runs out after so many STEPS of a fault that asks the pager for a page,
 * or to unlock one; true if it had been asked before.
 */
static bool
fault_without_memory(struct vm_object *(*make)(void), unsigned steps,
    kern_return_t kr)
{
	struct thread *self = current_thread();
	struct taker taker = { .manager = manager_start() };

	taker.object = make();
	CHECK_OK(kernel_thread_create("take", take, &taker,
	    SCHED_PRIORITY_SYSTEM - 1));
	test_sleep(1);
	taker.may = true;
	pretend_config.tick_steps = (unsigned)pretend_cycles() + steps;
	self->vm_modest = true;
	CHECK_EQ(touch(taker.object, VM_PROT_READ), kr);
	self->vm_modest = false;
	taker.touched = true;
	pretend_config.tick_steps = NEVER;
	TEST_WAIT_UNTIL(taker.done);
	CHECK(taker.asked);
	vm_object_unref(taker.object);
	return taker.late;
}

/* That there is no memory for a message is no error of whoever wants a page. */
TEST(requests_wait_for_memory)
{
	unsigned steps = 1;

	while (!fault_without_memory(paged_object, steps,
	    KERN_MEMORY_ERROR) && !test_failed()) {
		steps++;
	}
	CHECK(steps > 10 || pretend_config.cpus > 1);
	steps = 1;
	while (!fault_without_memory(locked_object, steps, KERN_SUCCESS) &&
	    !test_failed()) {
		steps++;
	}
	CHECK(steps > 10 || pretend_config.cpus > 1);
	CHECK_EQ(vm_object_count(), 0);
}

/* Let BATCH take the first page of its object as the pageout daemon does. */
static void
take_first(struct memory_object_batch *batch)
{
	struct vm_object *object = batch->object;

	CHECK(memory_object_batch_reserve(batch, 0, true));
	vm_object_lock(object);
	vm_paged_set(object->paged, 0);
	memory_object_batch_take(batch, vm_object_page_lookup(object, 0));
	vm_object_unlock(object);
}

/* What a pager has not been sent yet when it dies is not lost with it. */
TEST(pages_on_their_way_come_back)
{
	struct ipc_port *manager = manager_start();
	struct vm_object *object = vm_object_create(vm_page_size);
	struct memory_object_batch batch = { .object = object };

	CHECK_OK(touch(object, VM_PROT_WRITE));
	CHECK_OK(memory_object_need_default(object));
	CHECK(vm_paged_reserve(object->paged, 0));
	take_first(&batch);
	manager_die(manager);
	manager = manager_start();
	/* Somebody who waits for another page finds out. */
	memory_object_check_pager(object);
	CHECK_EQ(memory_object_need_default(object), KERN_FAILURE);
	memory_object_batch_finish(&batch);
	CHECK_OK(memory_object_need_default(object));
	CHECK_OK(touch(object, VM_PROT_READ));
	vm_object_unref(object);
	manager_die(manager);
	CHECK_EQ(vm_object_count(), 0);
}

static unsigned long
pageable(void)
{
	return vm_page_stats.active + vm_page_stats.inactive +
	    vm_page_stats.laundry;
}

/*
 * A page on its way to the default pager counts as one page, or memory would look
 * less crowded than it is (vm_pageout_is_crowded).
 */
TEST(laundry_is_counted_once)
{
	struct ipc_port *manager = manager_start();
	struct vm_object *object = vm_object_create(vm_page_size);
	struct memory_object_batch batch = { .object = object, .laundry = true };
	unsigned long before;

	CHECK_OK(touch(object, VM_PROT_WRITE));
	CHECK_OK(memory_object_need_default(object));
	CHECK(vm_paged_reserve(object->paged, 0));
	before = pageable();
	take_first(&batch);
	CHECK_EQ(pageable(), before);
	vm_page_check();
	manager_die(manager);
	memory_object_batch_finish(&batch);
	CHECK_EQ(vm_page_stats.laundry, 0);
	CHECK_EQ(pageable(), before);
	vm_page_check();
	vm_object_unref(object);
	CHECK_EQ(vm_object_count(), 0);
}

static bool
is_orphan(struct vm_object *object)
{
	bool orphan;

	vm_object_lock(object);
	orphan = memory_object_is_orphan(object);
	vm_object_unlock(object);
	return orphan;
}

/* To give an object up is to die, for what is resident of it. */
TEST(object_given_up_by_its_pager_is_an_orphan)
{
	struct ipc_port *manager = manager_start();
	struct vm_object *object = vm_object_create(vm_page_size);

	CHECK(!is_orphan(object));
	CHECK_OK(memory_object_need_default(object));
	CHECK(!is_orphan(object));
	memory_object_destroyed(object, KERN_MEMORY_ERROR);
	CHECK(is_orphan(object));
	CHECK_OK(memory_object_need_default(object));
	CHECK(!is_orphan(object));
	vm_object_unref(object);
	manager_die(manager);
	CHECK_EQ(vm_object_count(), 0);
}
