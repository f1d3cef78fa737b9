/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * The page queues, wiring, and waiting for free memory.  The struct of each
 * page belongs to vm_phys while the page is free.
 *
 * Whoever finds memory short sleeps on vm_page_event; every release of memory
 * wakes it while vm_page_waiters says that somebody sleeps.  When nothing can
 * be reclaimed all go on waiting but those that are refused, as
 * kernel/shortage.c decides.
 */

#include <vm/vm_page.h>

#include <machine/atomic.h>
#include <machine/pmap.h>

#include <kernel/clock.h>
#include <kernel/panic.h>
#include <kernel/sleepq.h>
#include <kernel/spinlock.h>
#include <kernel/task.h>
#include <kernel/thread.h>

#include <vm/vm_evicted.h>
#include <vm/vm_flow.h>
#include <vm/vm_map.h>
#include <vm/vm_object.h>
#include <vm/vm_pageout.h>
#include <vm/vm_phys.h>

/*
 * What pages need on their way through pager, file server and driver, of which a
 * ninth is the kernel's own, and what the kernel makes for programs meanwhile, a
 * third (vm_page_kernel_reserve).  The rest, 80 pages, is for a cluster of 64 KiB
 * each that is written and that is read, two large reads and two page-ins of
 * 32 KiB under way in the file server.  What those give their clients to keep must
 * not come out of it (thread_wire).
 */
#define VM_PAGE_RESERVED_MIN	144u

/* How long to wait for what nobody will say has come. */
#define VM_PAGE_MOMENT		(HZ / 20)

/* How long a call is tried again for want of memory before it fails. */
#define VM_PAGE_PATIENCE	(10 * HZ)

struct vm_page_stats	vm_page_stats;
unsigned long		vm_page_free_target;
unsigned long		vm_page_free_min;
unsigned long		vm_page_free_reserved;

static struct spinlock	vm_page_lock;
static struct list	vm_page_active;		/* [q] least recent first */
static struct list	vm_page_inactive;	/* [q] */

static char		vm_page_event;
static uint32_t		vm_page_waiters;	/* [a] */
static uint32_t		vm_page_waiters_nearer;	/* [a] that may use more */
static uint32_t		vm_page_exhausted;	/* [a] set by the daemon */
static uint32_t		vm_page_refused_all;	/* [a] */
static struct vm_map	*vm_page_refused;	/* [a] compared, never used */
static uint32_t		vm_page_refusals;	/* [a] */

void
vm_page_setup(void)
{
	unsigned long total;

	spinlock_init(&vm_page_lock, LOCK_RANK_VM_PAGE);
	list_init(&vm_page_active);
	list_init(&vm_page_inactive);

	total = vm_phys_free_direct_count();
	vm_page_free_reserved = total / 96;
	if (vm_page_free_reserved < VM_PAGE_RESERVED_MIN &&
	    total / 32 > VM_PAGE_RESERVED_MIN) {
		vm_page_free_reserved = VM_PAGE_RESERVED_MIN;
	}
	vm_page_free_min = 2 * vm_page_free_reserved;
	vm_page_free_target = 3 * vm_page_free_reserved;
}

void
vm_page_stats_add(unsigned long *counter, long n)
{
	atomic_fetch_add_relaxed((uint32_t *)counter, (uint32_t)n);
}

struct spinlock *
vm_page_queue_lock(void)
{
	return &vm_page_lock;
}

struct list *
vm_page_queue(enum vm_page_queue queue)
{
	assert(queue != VM_PAGE_Q_NONE);
	return queue == VM_PAGE_Q_ACTIVE ? &vm_page_active :
	    &vm_page_inactive;
}

void
vm_page_take(struct vm_page *page)
{
	assert(page->pages == NULL && page->on_queue == VM_PAGE_Q_NONE);
	assert(page->wire_count == 0);
	pmap_page_renew(vm_page_to_phys(page));
	page->lock = VM_PROT_NONE;
	page->unlock_asked = VM_PROT_NONE;
	page->busy = true;
	page->wanted = false;
	page->absent = false;
	page->error = false;
	page->dirty = false;
	page->precious = false;
	page->initial = false;
	page->laundry = false;
}

/*
 * A task that asked for all of its memory to stay resident is on the way of
 * pages to disk.  An unlocked look at a word that hardly ever changes.
 */
static bool
vm_page_privilege(void)
{
	struct vm_map *map = current_map();

	return current_thread()->vm_privilege ||
	    (map != NULL && map->wire_future);
}

/*
 * How many pages the current thread must leave to those that are nearer to the
 * disk: programs to pagers outside that have got pages, those to servers that
 * live through a shortage, those to the tasks that pages go through, and these
 * to the kernel, which sends the pages.  A task that is wired and essential is so
 * for its own sake.
 */
static unsigned long
vm_page_reserve(void)
{
	struct thread *thread = current_thread();
	struct vm_map *map = current_map();

	if (thread->vm_privilege && thread->kernel_only) {
		return 0;
	}
	if (map != NULL && map->wire_future && !thread->task->essential) {
		return vm_page_free_reserved / 9;
	}
	if (thread->vm_privilege) {
		/* What the kernel makes for programs ends above that. */
		return vm_page_free_reserved / 4;
	}
	return map != NULL && vm_flow_serves(map) ?
	    vm_page_free_reserved - vm_page_free_reserved / 4 :
	    vm_page_free_reserved;
}

/* The same for pages that the memory of tasks is made of. */
static unsigned long
vm_page_reserve_grab(void)
{
	return current_thread()->vm_modest ? vm_page_free_reserved :
	    vm_page_reserve();
}

unsigned long
vm_page_kernel_reserve(void)
{
	struct thread *thread = current_thread();

	/* While booting there are neither tasks nor a reserve. */
	if (vm_page_free_reserved == 0 || thread == NULL ||
	    thread->task == NULL ||
	    (thread->kernel_only && !thread->vm_modest)) {
		return 0;
	}
	return vm_page_privilege() ? vm_page_reserve() / 2 :
	    vm_page_free_reserved - vm_page_free_reserved / 3;
}

struct vm_page *
vm_page_grab(void)
{
	unsigned long reserve = vm_page_reserve_grab();
	struct vm_page *page;

	page = vm_phys_alloc(vm_page_order, reserve);
	if (page == NULL || vm_phys_free_direct_count() < vm_page_free_min) {
		vm_pageout_wakeup();
	}
	if (page == NULL) {
		return NULL;
	}
	vm_page_take(page);
	return page;
}

void
vm_page_release(struct vm_page *page)
{
	assert(page->pages == NULL && page->on_queue == VM_PAGE_Q_NONE);
	assert(page->wire_count == 0);
	if (page->laundry) {
		page->laundry = false;
		vm_page_stats_add(&vm_page_stats.laundry, -1);
	}
	vm_phys_free(page, vm_page_order);
}

bool
vm_page_is_left(unsigned long reserve)
{
	return vm_phys_free_count() >= reserve + (1ul << vm_page_order);
}

void
vm_page_freed(void)
{
	if (atomic_load_seqcst(&vm_page_waiters) != 0 &&
	    (vm_page_is_left(vm_page_free_reserved) ||
	    atomic_load_seqcst(&vm_page_waiters_nearer) != 0)) {
		sleepq_wake_all(&vm_page_event);
	}
}

void
vm_page_set_exhausted(bool exhausted)
{
	atomic_store_release(&vm_page_exhausted, exhausted ? 1 : 0);
	if (exhausted) {
		sleepq_wake_all(&vm_page_exhausted);
	}
}

bool
vm_page_is_exhausted(void)
{
	return atomic_load_acquire(&vm_page_exhausted) != 0;
}

void
vm_page_wait_exhausted(void)
{
	assert_may_block();
	sleepq_prepare(&vm_page_exhausted, false);
	if (vm_page_is_exhausted()) {
		sleepq_cancel();
	} else {
		sleepq_wait(0);
	}
}

void
vm_page_refuse(struct vm_map *map, bool all)
{
	atomic_store_release(&vm_page_refused, map);
	atomic_store_release(&vm_page_refused_all, all ? 1 : 0);
	if (map != NULL || all) {
		sleepq_wake_all(&vm_page_event);
	}
}

uint32_t
vm_page_refusal_count(void)
{
	return atomic_load_acquire(&vm_page_refusals);
}

bool
vm_page_has_waiters(void)
{
	return atomic_load_acquire(&vm_page_waiters) != 0;
}

/* Is waiting for memory of MAP useless for the current thread? */
static bool
vm_page_is_refused(const struct vm_map *map)
{
	if (!vm_page_is_exhausted() || vm_page_privilege() ||
	    vm_page_is_left(vm_page_free_reserved)) {
		return false;
	}
	return atomic_load_acquire(&vm_page_refused_all) != 0 ||
	       (map != NULL && map == atomic_load_acquire(&vm_page_refused));
}

kern_return_t
vm_page_wait_map(const struct vm_map *map, bool interruptible)
{
	unsigned long reserve = vm_page_reserve_grab();
	uint32_t nearer = reserve < vm_page_free_reserved ? 1 : 0;
	enum wait_result result = WAIT_OK;

	assert_may_block();
	atomic_fetch_add_seqcst(&vm_page_waiters_nearer, nearer);
	atomic_fetch_add_seqcst(&vm_page_waiters, 1);
	vm_pageout_wakeup();
	sleepq_prepare(&vm_page_event, interruptible);
	if (vm_phys_free_count() > reserve + (1ul << vm_page_order) ||
	    vm_page_is_refused(map)) {
		sleepq_cancel();
	} else {
		/* The deadline bounds what a missed wakeup could cost. */
		result = sleepq_wait(clock_ticks() + HZ);
	}
	atomic_fetch_add_seqcst(&vm_page_waiters, (uint32_t)-1);
	atomic_fetch_add_seqcst(&vm_page_waiters_nearer, (uint32_t)-nearer);
	if (result == WAIT_INTERRUPTED) {
		return KERN_ABORTED;
	}
	if (vm_page_is_refused(map)) {
		atomic_fetch_add_relaxed(&vm_page_refusals, 1);
		return KERN_RESOURCE_SHORTAGE;
	}
	return KERN_SUCCESS;
}

kern_return_t
vm_page_wait(bool interruptible)
{
	return vm_page_wait_map(current_map(), interruptible);
}

kern_return_t
vm_page_wait_kernel(const struct vm_map *map)
{
	if (vm_page_privilege()) {
		return KERN_RESOURCE_SHORTAGE;
	}
	if (vm_phys_free_count() <= vm_page_reserve_grab()) {
		return vm_page_wait_map(map, true);
	}
	sleepq_prepare(&vm_page_waiters, true);
	return sleepq_wait(clock_ticks() + VM_PAGE_MOMENT) == WAIT_INTERRUPTED
		   ? KERN_ABORTED
		   : KERN_SUCCESS;
}

bool
vm_page_wait_again(
    const struct vm_map *map, kern_return_t kr, uint64_t *since)
{
	if (kr != KERN_RESOURCE_SHORTAGE) {
		return false;
	}
	if (*since == 0) {
		*since = clock_ticks();
	}
	return clock_ticks() - *since < VM_PAGE_PATIENCE &&
	    vm_page_wait_kernel(map) == KERN_SUCCESS;
}

kern_return_t
vm_page_grab_wait(struct vm_page **pagep)
{
	kern_return_t kr = KERN_SUCCESS;

	while (kr == KERN_SUCCESS && (*pagep = vm_page_grab()) == NULL) {
		kr = vm_page_wait(true);
	}
	return kr;
}

static void
vm_page_unqueue_locked(struct vm_page *page)
{
	if (page->on_queue == VM_PAGE_Q_NONE) {
		return;
	}
	list_remove(&page->queue);
	if (page->on_queue == VM_PAGE_Q_ACTIVE) {
		vm_page_stats.active--;
	} else {
		vm_page_stats.inactive--;
	}
	page->on_queue = VM_PAGE_Q_NONE;
}

void
vm_page_unqueue(struct vm_page *page)
{
	spinlock_lock(&vm_page_lock);
	vm_page_unqueue_locked(page);
	spinlock_unlock(&vm_page_lock);
}

void
vm_page_activate(struct vm_page *page)
{
	/* Unlocked look: a page that is there already is the usual case. */
	if (page->wire_count != 0 || page->laundry ||
	    page->on_queue == VM_PAGE_Q_ACTIVE) {
		return;
	}
	spinlock_lock(&vm_page_lock);
	vm_page_unqueue_locked(page);
	list_insert_tail(&vm_page_active, &page->queue);
	page->on_queue = VM_PAGE_Q_ACTIVE;
	vm_page_stats.active++;
	spinlock_unlock(&vm_page_lock);
}

void
vm_page_arrive(struct vm_page *page)
{
	struct vm_object *object = page->pages->object;

	assert(page->wire_count == 0 && page->on_queue == VM_PAGE_Q_NONE);
	page->used = false;
	page->again = false;
	if (!object->internal && vm_evicted_too_soon(object,
	    vm_object_index(vm_object_page_offset(page)))) {
		vm_page_activate(page);
		return;
	}
	spinlock_lock(&vm_page_lock);
	list_insert_tail(&vm_page_inactive, &page->queue);
	page->on_queue = VM_PAGE_Q_INACTIVE;
	vm_page_stats.inactive++;
	spinlock_unlock(&vm_page_lock);
}

void
vm_page_use(struct vm_page *page)
{
	bool first = page->on_queue == VM_PAGE_Q_INACTIVE && !page->used &&
	    !page->pages->object->internal;

	page->used = true;
	if (!first) {
		vm_page_activate(page);
	}
}

bool
vm_page_referenced_again(struct vm_page *page)
{
	bool again = page->again || page->pages->object->internal;

	page->again = true;
	return again;
}

void
vm_page_wire(struct vm_page *page)
{
	if (page->wire_count == 0) {
		vm_page_unqueue(page);
		page->pages->wired++;
		vm_page_stats_add(&vm_page_stats.wired, 1);
	}
	assert(page->wire_count < UINT16_MAX);
	page->wire_count++;
}

void
vm_page_unwire(struct vm_page *page)
{
	assert(page->wire_count > 0);
	page->wire_count--;
	if (page->wire_count == 0) {
		page->pages->wired--;
		vm_page_stats_add(&vm_page_stats.wired, -1);
		vm_page_activate(page);
	}
}

void
vm_page_wakeup(struct vm_page *page)
{
	if (page->wanted) {
		page->wanted = false;
		sleepq_wake_all(page);
	}
}

static unsigned long
vm_page_check_queue(struct list *queue, enum vm_page_queue which)
{
	struct vm_page *page;
	unsigned long count = 0;

	list_for_each_entry(queue, page, queue) {
		assert(page->on_queue == which);
		assert(page->state == VM_PAGE_USED);
		assert(page->wire_count == 0 && !page->laundry);
		assert(page->pages != NULL);
		count++;
	}
	return count;
}

void
vm_page_check(void)
{
	spinlock_lock(&vm_page_lock);
	assert(vm_page_check_queue(&vm_page_active, VM_PAGE_Q_ACTIVE) ==
	    vm_page_stats.active);
	assert(vm_page_check_queue(&vm_page_inactive, VM_PAGE_Q_INACTIVE) ==
	    vm_page_stats.inactive);
	spinlock_unlock(&vm_page_lock);
}
