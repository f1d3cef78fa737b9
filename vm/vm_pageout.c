/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * The pageout daemon.
 *
 * One round: fill the inactive queue from the active one, clearing reference
 * bits; then take inactive pages one by one, oldest first: referenced again,
 * back to active (what a pager has brought: the second time); clean,
 * free; dirty, send to the pager together with its neighbours.  When all there
 * is was referenced again, round after round, references do not count until
 * there is enough.  The daemon finds a page before it knows its object, so it
 * only tries the family's lock and passes over the page when that is taken.
 *
 * Pages sent to the default pager are `laundry' until it has freed them; there
 * are never more than a limit, since writing them needs memory itself, and few
 * where there is little: a page that is sent alone costs a quarter of a page.  What
 * other pagers were sent is ordinary memory of theirs, and goes to the default
 * pager if they keep it too long; how much they are sent is vm_flow's.
 */

#include <vm/vm_pageout.h>

#include <machine/atomic.h>
#include <machine/pmap.h>

#include <kernel/clock.h>
#include <kernel/kmem.h>
#include <kernel/panic.h>
#include <kernel/sched.h>
#include <kernel/sleepq.h>
#include <kernel/thread.h>

#include <vm/memory_object.h>
#include <vm/memory_object_i.h>
#include <vm/vm_evicted.h>
#include <vm/vm_flow.h>
#include <vm/vm_object.h>
#include <vm/vm_page.h>
#include <vm/vm_paged.h>
#include <vm/vm_phys.h>

/*
 * Rounds before memory counts as exhausted: without any success; and with too
 * little that could be paged out, which an end of short programs may mend.
 */
#define VM_PAGEOUT_PATIENCE	4u
#define VM_PAGEOUT_PATIENCE_CROWDED 100u
/* Rounds without any success after which references do not count. */
#define VM_PAGEOUT_VAIN		2u
#define VM_PAGEOUT_LAUNDRY_MAX	256
/* As much as is sent even if that takes of what pagers need to go on. */
#define VM_PAGEOUT_LAUNDRY_MIN	16
/* Pages whose reference bits are cleared together. */
#define VM_PAGEOUT_AGING	32u
/* Ticks without pages for a default pager that is full. */
#define VM_PAGEOUT_PAUSE	(2 * HZ)

enum vm_pageout_step {
	VM_PAGEOUT_EMPTY,	/* no inactive page */
	VM_PAGEOUT_PASSED,	/* in use, or referenced again */
	VM_PAGEOUT_FREED,
	VM_PAGEOUT_SENT,	/* on its way to a pager */
};

static char	vm_pageout_event;
static uint32_t	vm_pageout_wanted;	/* [a] */
static uint32_t	vm_pageout_is_full;	/* [a] */
static uint32_t	vm_pageout_full_since;	/* [a] ticks */
static bool	vm_pageout_running;	/* set once */
static char	vm_pageout_ran;		/* event */
static uint32_t	vm_pageout_failures;	/* [a] */
static unsigned	vm_pageout_vain;	/* the daemon's own: since there was
					   enough */

void
vm_pageout_wakeup(void)
{
	if (atomic_exchange_acq_rel(&vm_pageout_wanted, 1) == 0) {
		sleepq_wake_one(&vm_pageout_event);
	}
}

void
vm_pageout_wait_run(void)
{
	assert_may_block();
	sleepq_prepare(&vm_pageout_ran, false);
	sleepq_wait(0);
}

void
vm_pageout_full(void)
{
	atomic_store_release(&vm_pageout_full_since, (uint32_t)clock_ticks());
	atomic_store_release(&vm_pageout_is_full, 1);
}

void
vm_pageout_room(void)
{
	atomic_store_release(&vm_pageout_is_full, 0);
}

static bool
vm_pageout_has_room(void)
{
	if (atomic_load_acquire(&vm_pageout_is_full) != 0 &&
	    (uint32_t)clock_ticks() -
	    atomic_load_acquire(&vm_pageout_full_since) >= VM_PAGEOUT_PAUSE) {
		vm_pageout_room();
	}
	return atomic_load_acquire(&vm_pageout_is_full) == 0 &&
	    vm_page_stats.laundry < (vm_phys_free_direct_count() <
	    vm_page_free_reserved / 2 ? VM_PAGEOUT_LAUNDRY_MIN :
	    VM_PAGEOUT_LAUNDRY_MAX);
}

static bool
vm_pageout_enough(void)
{
	return vm_phys_free_direct_count() >= vm_page_free_target;
}

bool
vm_pageout_is_crowded(void)
{
	unsigned long paged = vm_page_stats.active + vm_page_stats.inactive +
	    vm_page_stats.laundry;

	return vm_phys_free_count() + (paged << vm_page_order) <
	    2 * vm_page_free_target;
}

/* Take the oldest active page to the inactive queue; queues locked. */
static phys_addr_t
vm_pageout_deactivate_locked(void)
{
	struct vm_page *page = list_first_entry(
	    vm_page_queue(VM_PAGE_Q_ACTIVE), struct vm_page, queue);

	list_remove(&page->queue);
	list_insert_tail(vm_page_queue(VM_PAGE_Q_INACTIVE), &page->queue);
	page->on_queue = VM_PAGE_Q_INACTIVE;
	page->again = true;
	vm_page_stats.active--;
	vm_page_stats.inactive++;
	return vm_page_to_phys(page);
}

/*
 * Deactivate pages until a third is inactive, but no more than VM_PAGEOUT_AGING.
 * How many it were.
 */
static unsigned
vm_pageout_deactivate(void)
{
	struct spinlock *lock = vm_page_queue_lock();
	phys_addr_t pas[VM_PAGEOUT_AGING];
	unsigned count = 0;

	spinlock_lock(lock);
	while (count < VM_PAGEOUT_AGING && vm_page_stats.active > 0 &&
	    vm_page_stats.inactive < vm_page_stats.active / 2 + 1) {
		pas[count++] = vm_pageout_deactivate_locked();
	}
	spinlock_unlock(lock);
	/* Whose pages these are by now does not matter. */
	pmap_clear_referenced(pas, count);
	return count;
}

static void
vm_pageout_fill_inactive(void)
{
	while (vm_pageout_deactivate() == VM_PAGEOUT_AGING) {
		;
	}
}

/*
 * Forget the references of pages that were used once, some together: each time
 * may interrupt all processors.
 */
static void
vm_pageout_age(phys_addr_t pa)
{
	static phys_addr_t pas[VM_PAGEOUT_AGING];	/* the daemon's own */
	static unsigned count;

	pas[count++] = pa;
	if (count == VM_PAGEOUT_AGING) {
		pmap_clear_referenced(pas, count);
		count = 0;
	}
}

/*
 * The oldest inactive page whose family could be locked, which it is; NULL
 * with *EMPTYP when there is none, without when it was not to be had.
 */
static struct vm_page *
vm_pageout_next_lock(bool *emptyp)
{
	struct spinlock *lock = vm_page_queue_lock();
	struct list *inactive = vm_page_queue(VM_PAGE_Q_INACTIVE);
	struct vm_page *page = NULL;

	spinlock_lock(lock);
	*emptyp = list_empty(inactive);
	if (!*emptyp) {
		page = list_first_entry(inactive, struct vm_page, queue);
		list_remove(&page->queue);
		list_insert_tail(inactive, &page->queue);
		if (!spinlock_try(&page->pages->object->family->lock)) {
			page = NULL;
		}
	}
	spinlock_unlock(lock);
	return page;
}

/* Was the page at PA used since its bit was cleared, and does that count? */
static bool
vm_pageout_is_used(phys_addr_t pa)
{
	return vm_pageout_vain < VM_PAGEOUT_VAIN && pmap_is_referenced(pa);
}

static bool
vm_pageout_is_dirty(const struct vm_page *page)
{
	return page->dirty || page->precious || page->initial ||
	    pmap_is_modified(vm_page_to_phys(page));
}

/* May the dirty page of the locked OBJECT go to a pager? */
static bool
vm_pageout_can_send(struct vm_object *object, const struct vm_page *page)
{
	if (page->laundry || object->returning > 0) {
		return false;
	}
	if (object->internal) {
		return vm_pageout_has_room();
	}
	return object->ready && !object->pager_dead && vm_flow_admits(object);
}

/*
 * Prepare OBJECT for sending its page at OFFSET: a pager, a place in the map
 * of paged pages, a carrier.  Nothing locked; a reference is held.
 */
static bool
vm_pageout_prepare(struct vm_object *object, vm_offset_t offset,
    struct memory_object_batch *batch)
{
	if (object->internal) {
		if (memory_object_need_default(object) != KERN_SUCCESS) {
			return false;
		}
		if (object->paged == NULL || !vm_paged_reserve(object->paged,
		    vm_object_index(offset))) {
			return false;
		}
	}
	return memory_object_batch_reserve(batch, offset, true);
}

/* The page at OFFSET if it may go along now; object locked. */
static struct vm_page *
vm_pageout_candidate(struct vm_object *object, vm_offset_t offset)
{
	struct vm_page *page = vm_object_page_lookup(object, offset);

	if (page == NULL || page->busy || page->error || page->laundry ||
	    page->wire_count > 0 || page->on_queue != VM_PAGE_Q_INACTIVE ||
	    vm_pageout_is_used(vm_page_to_phys(page)) ||
	    !vm_pageout_is_dirty(page)) {
		return NULL;
	}
	return page;
}

/* Send the page at OFFSET of OBJECT and those that follow it. */
static bool
vm_pageout_send(struct vm_object *object, vm_offset_t offset)
{
	struct memory_object_batch batch = {
		.object = object,
		.laundry = object->internal,
		.flow = !object->internal,
	};
	struct vm_page *page;
	unsigned count = 0;

	while (count < MEMORY_OBJECT_CLUSTER &&
	    vm_pageout_prepare(object, offset, &batch)) {
		vm_object_lock(object);
		page = vm_pageout_candidate(object, offset);
		/* What others send may be the page as it was before. */
		if (page == NULL || object->returning > batch.taken) {
			vm_object_unlock(object);
			break;
		}
		if (object->internal) {
			vm_paged_set(object->paged, vm_object_index(offset));
		}
		memory_object_batch_take(&batch, page);
		vm_object_unlock(object);
		count++;
		offset += vm_page_size;
	}
	memory_object_batch_finish(&batch);
	return count > 0;
}

/* The page at OFFSET of OBJECT could not be sent: look at others first. */
static void
vm_pageout_put_off(struct vm_object *object, vm_offset_t offset)
{
	struct vm_page *page;

	vm_object_lock(object);
	page = vm_pageout_candidate(object, offset);
	if (page != NULL) {
		vm_page_activate(page);
	}
	vm_object_unlock(object);
}

/* Anonymous memory is active anyway when it comes back. */
static void
vm_pageout_note_eviction(const struct vm_object *object, vm_offset_t offset)
{
	if (!object->internal) {
		vm_evicted_note(object, vm_object_index(offset));
	}
}

/*
 * What is resident of the locked OBJECT is all there is: its default pager has
 * died.  Take note of that, and free nothing of it now.
 */
static void
vm_pageout_adopt_unlock(struct vm_object *object)
{
	vm_object_ref_locked(object);
	vm_object_unlock(object);
	memory_object_check_pager(object);
	(void)memory_object_need_default(object);
	vm_object_unref(object);
}

/* Deal with PAGE, whose family is locked; unlocks it. */
static enum vm_pageout_step
vm_pageout_page_unlock(struct vm_page *page)
{
	struct vm_object *object = vm_object_page_object(page);
	vm_offset_t offset = vm_object_page_offset(page);
	phys_addr_t pa = vm_page_to_phys(page);
	bool sent;

	/* Who tears an object down deals with its pages. */
	if (page->busy || page->wire_count > 0 || !object->alive) {
		vm_object_unlock(object);
		return VM_PAGEOUT_PASSED;
	}
	if (vm_pageout_is_used(pa)) {
		if (vm_page_referenced_again(page)) {
			vm_page_activate(page);
			vm_page_stats_add(&vm_page_stats.reactivations, 1);
		} else {
			vm_pageout_age(pa);
		}
		vm_object_unlock(object);
		return VM_PAGEOUT_PASSED;
	}
	if (memory_object_is_orphan(object)) {
		vm_pageout_adopt_unlock(object);
		return VM_PAGEOUT_PASSED;
	}
	/* Nobody may write to it between the look and the end. */
	pmap_page_protect(pa, VM_PROT_NONE);
	if (!vm_pageout_is_dirty(page)) {
		vm_pageout_note_eviction(object, offset);
		vm_object_page_free(page);
		vm_object_unlock(object);
		return VM_PAGEOUT_FREED;
	}
	if (!vm_pageout_can_send(object, page)) {
		vm_page_activate(page);
		vm_object_unlock(object);
		return VM_PAGEOUT_PASSED;
	}
	vm_pageout_note_eviction(object, offset);
	vm_object_ref_locked(object);
	vm_object_unlock(object);
	sent = vm_pageout_send(object, offset);
	if (!sent) {
		vm_pageout_put_off(object, offset);
	}
	vm_object_unref(object);
	return sent ? VM_PAGEOUT_SENT : VM_PAGEOUT_PASSED;
}

static enum vm_pageout_step
vm_pageout_step(void)
{
	struct vm_page *page;
	bool empty;

	page = vm_pageout_next_lock(&empty);
	if (page == NULL) {
		return empty ? VM_PAGEOUT_EMPTY : VM_PAGEOUT_PASSED;
	}
	return vm_pageout_page_unlock(page);
}

bool
vm_pageout_run(void)
{
	enum vm_pageout_step step;
	unsigned long left;
	bool done = false;

	kmem_collect();
	vm_pageout_fill_inactive();
	left = vm_page_stats.inactive;
	while (left-- > 0 && !vm_pageout_enough()) {
		step = vm_pageout_step();
		if (step == VM_PAGEOUT_EMPTY) {
			break;
		}
		if (step != VM_PAGEOUT_PASSED) {
			done = true;
		}
	}
	return done;
}

/* Memory is not exhausted, or it takes some rounds to say so again. */
static void
vm_pageout_hope(void)
{
	atomic_store_relaxed(&vm_pageout_failures, 0);
	vm_page_set_exhausted(false);
}

/* A round has not brought anything: how long may others hope? */
static void
vm_pageout_note(bool done)
{
	bool crowded = vm_pageout_is_crowded();
	bool flows = vm_flow_hopes(done);
	bool hope = vm_pageout_enough();
	uint32_t failures;

	if (hope) {
		/* Whoever made room made some at the pager, too, most likely. */
		vm_pageout_room();
		vm_pageout_vain = 0;
	} else if (!done) {
		vm_pageout_vain++;
	}
	/*
	 * Under a full pager, clean pages that are freed, such as programs,
	 * come right back: only reaching the target counts.
	 */
	if (vm_page_is_exhausted()) {
		/* That a full pager tries again is no reason to hope. */
		hope = hope || vm_phys_free_count() > vm_page_free_min;
	} else if (atomic_load_acquire(&vm_pageout_is_full) == 0) {
		hope = done || flows || vm_page_stats.laundry > 0 ||
		    vm_page_is_left(vm_page_free_reserved);
	}
	if (hope && !crowded) {
		vm_pageout_hope();
		return;
	}
	failures = atomic_fetch_add_relaxed(&vm_pageout_failures, 1) + 1;
	if (failures >= (hope ? VM_PAGEOUT_PATIENCE_CROWDED :
	    VM_PAGEOUT_PATIENCE)) {
		vm_page_set_exhausted(true);
	}
}

void
vm_pageout_look_again(bool ended)
{
	if ((ended || vm_pageout_enough()) && !vm_pageout_is_crowded()) {
		/* Most likely there is room at the pager, too. */
		vm_pageout_room();
		vm_pageout_hope();
	}
}

static void
vm_pageout_thread(void *arg)
{
	bool done;

	current_thread()->vm_privilege = true;
	for (;;) {
		if (vm_pageout_enough()) {
			vm_pageout_note(true);
		}
		sleepq_prepare(&vm_pageout_event, false);
		if (atomic_exchange_acq_rel(&vm_pageout_wanted, 0) != 0) {
			sleepq_cancel();
		} else {
			sleepq_wait(vm_pageout_enough() &&
			    !vm_page_is_exhausted() ? 0 :
			    clock_ticks() + HZ / 10);
		}
		if (vm_pageout_enough()) {
			continue;
		}
		done = vm_pageout_run();
		vm_pageout_note(done);
		sleepq_wake_all(&vm_pageout_ran);
		if (!vm_pageout_enough()) {
			/* Let pagers and those that exit make progress. */
			sleepq_prepare(&vm_pageout_running, false);
			sleepq_wait(clock_ticks() + HZ / 50);
		}
	}
}

void
vm_pageout_setup(void)
{
	if (kernel_thread_create("pageout", vm_pageout_thread, NULL,
	    SCHED_PRIORITY_SYSTEM) != KERN_SUCCESS) {
		panic("vm_pageout: no memory for the thread");
	}
	vm_pageout_running = true;
}
