/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Data on their way back to pagers: batches of pages, and the requests of
 * pagers to clean, flush and lock what the kernel caches.
 *
 * A page in a batch belongs to a carrier, an object without a pager, which
 * becomes the message's out-of-line memory.  It is either the page itself,
 * taken out of its object, or a copy of one that stays.
 */

#include <vm/memory_object.h>

#include <machine/pmap.h>

#include <kernel/panic.h>

#include <vm/memory_object_i.h>
#include <vm/vm_copy.h>
#include <vm/vm_flow.h>
#include <vm/vm_object.h>
#include <vm/vm_page.h>
#include <vm/vm_paged.h>

/*
 * The pages in BATCH could not be sent: put them back, or, where the object
 * has kept the originals, remember that those are not clean after all.
 */
static void
memory_object_batch_restore(struct memory_object_batch *batch)
{
	struct vm_object *object = batch->object;
	struct vm_object *carrier = batch->carrier;
	struct vm_page *kept;
	struct vm_page *page;
	vm_offset_t offset;

	for (vm_size_t at = 0; at < batch->size; at += vm_page_size) {
		offset = batch->start + at;
		vm_object_lock(carrier);
		page = vm_object_page_lookup(carrier, at);
		assert(page != NULL && !page->busy);
		page->busy = true;
		vm_object_page_remove(page);
		vm_object_unlock(carrier);

		vm_object_lock(object);
		kept = vm_object_page_lookup(object, offset);
		if (kept != NULL) {
			kept->dirty = true;
			vm_object_unlock(object);
			vm_page_release(page);
			continue;
		}
		if (page->laundry) {
			page->laundry = false;
			vm_page_stats_add(&vm_page_stats.laundry, -1);
		}
		if (object->paged != NULL) {
			vm_paged_clear(object->paged,
			    vm_object_index(offset));
		}
		page->dirty = true;
		vm_object_page_insert(object, offset, page);
		vm_page_activate(page);
		vm_page_unbusy(page);
		vm_object_unlock(object);
	}
}

/* Send what BATCH holds.  Nothing locked. */
static void
memory_object_batch_send(struct memory_object_batch *batch)
{
	struct vm_object *object = batch->object;
	struct vm_copy *data;
	kern_return_t kr = KERN_RESOURCE_SHORTAGE;

	if (batch->size == 0) {
		return;
	}
	if (batch->flow) {
		vm_flow_send(batch->carrier);
	}
	/* One reference goes with the message, the other stays here. */
	vm_object_ref(batch->carrier);
	data = vm_copy_from_object(batch->carrier, batch->size);
	if (data == NULL) {
		vm_object_unref(batch->carrier);
	} else {
		kr = memory_object_return_data(object, batch->start, data,
		    batch->dirty, batch->kernel_copy);
	}
	if (kr == KERN_SUCCESS) {
		vm_page_stats_add(&vm_page_stats.pageouts,
		    (long)(batch->size >> vm_page_shift));
		if (object->internal) {
			vm_page_stats_add(&vm_page_stats.default_pageouts,
			    (long)(batch->size >> vm_page_shift));
		}
	} else {
		memory_object_batch_restore(batch);
		batch->lost = true;
		memory_object_check_pager(object);
	}
	vm_object_lock(object);
	object->returning -= batch->taken;
	vm_object_wakeup(object);
	vm_object_unlock(object);
	vm_object_lock(batch->carrier);
	batch->carrier->returning = 0;
	vm_object_unlock(batch->carrier);
	vm_object_unref(batch->carrier);
	batch->carrier = NULL;
	batch->size = 0;
	batch->taken = 0;
}

/* Would the page at OFFSET be the next one of BATCH? */
static bool
memory_object_batch_fits(const struct memory_object_batch *batch,
    vm_offset_t offset, bool dirty)
{
	/* An empty one was begun for a page, too, which may be clean by now. */
	return batch->carrier != NULL &&
	    batch->start + batch->size == offset && batch->dirty == dirty &&
	    batch->size < MEMORY_OBJECT_CLUSTER << vm_page_shift;
}

bool
memory_object_batch_reserve(struct memory_object_batch *batch,
    vm_offset_t offset, bool dirty)
{
	vm_size_t size = MEMORY_OBJECT_CLUSTER << vm_page_shift;

	if (!memory_object_batch_fits(batch, offset, dirty)) {
		memory_object_batch_send(batch);
	}
	if (batch->carrier == NULL) {
		batch->carrier = batch->anchor == NULL ?
		    vm_object_create(size) :
		    vm_object_create_related(batch->anchor, size);
		if (batch->carrier == NULL) {
			return false;
		}
		/* Two references; and its pages stay until it is sent. */
		batch->carrier->single = false;
		batch->carrier->returning = 1;
	}
	if (batch->size == 0) {
		batch->start = offset;
		batch->dirty = dirty;
		batch->kernel_copy = false;
	}
	return true;
}

void
memory_object_batch_add(struct memory_object_batch *batch,
    struct vm_page *page)
{
	vm_object_lock(batch->carrier);
	page->dirty = true;
	page->precious = false;
	page->initial = false;
	page->lock = VM_PROT_NONE;
	page->unlock_asked = VM_PROT_NONE;
	page->laundry = batch->laundry;
	vm_object_page_insert(batch->carrier, batch->size, page);
	vm_page_activate(page);
	vm_page_unbusy(page);
	vm_object_unlock(batch->carrier);
	batch->size += vm_page_size;
	if (batch->laundry) {
		vm_page_stats_add(&vm_page_stats.laundry, 1);
	}
}

void
memory_object_batch_take(struct memory_object_batch *batch,
    struct vm_page *page)
{
	struct vm_object *object = batch->object;

	vm_object_assert_locked(object);
	pmap_page_protect(vm_page_to_phys(page), VM_PROT_NONE);
	vm_object_page_remove(page);
	vm_page_wakeup(page);
	page->busy = true;
	object->returning++;
	batch->taken++;
	vm_object_unlock(object);
	memory_object_batch_add(batch, page);
	vm_object_lock(object);
}

void
memory_object_batch_finish(struct memory_object_batch *batch)
{
	memory_object_batch_send(batch);
	if (batch->carrier != NULL) {
		vm_object_unref(batch->carrier);
		batch->carrier = NULL;
	}
}

static bool
memory_object_page_dirty(const struct vm_page *page)
{
	return page->dirty || page->initial ||
	    pmap_is_modified(vm_page_to_phys(page));
}

/* Deny the access LOCK to PAGE; object locked. */
static void
memory_object_lock_page(struct vm_page *page, vm_prot_t lock)
{
	page->lock = (uint8_t)lock;
	page->unlock_asked = VM_PROT_NONE;
	pmap_page_protect(vm_page_to_phys(page), VM_PROT_ALL & ~lock);
	vm_page_wakeup(page);
}

/*
 * A copy of PAGE goes back to the pager, in BATCH, which has room.  The
 * object is locked, and unlocked on return.  False when memory is short.
 */
static bool
memory_object_clean_page_unlock(struct memory_object_batch *batch,
    struct vm_page *page)
{
	struct vm_object *object = batch->object;
	struct vm_page *copy = vm_page_grab();

	if (copy == NULL) {
		vm_object_unlock(object);
		return false;
	}
	page->busy = true;
	pmap_page_protect(vm_page_to_phys(page), VM_PROT_READ |
	    VM_PROT_EXECUTE);
	vm_object_paging_begin(object);
	vm_object_unlock(object);
	pmap_copy_page(vm_page_to_phys(page), vm_page_to_phys(copy));
	vm_object_lock(object);
	page->dirty = false;
	page->initial = false;
	pmap_clear_modified(vm_page_to_phys(page));
	/* Who flushes it now and asks for it gets it after it was sent. */
	object->returning++;
	batch->taken++;
	vm_page_unbusy(page);
	vm_object_paging_end(object);
	vm_object_unlock(object);
	batch->kernel_copy = true;
	memory_object_batch_add(batch, copy);
	return true;
}

enum memory_object_step {
	STEP_NEXT,		/* done with this page */
	STEP_AGAIN,		/* waited: look at it again */
};

/*
 * Others wait for what is on its way to the pager, so nobody waits who has some
 * of it: what BATCH holds goes first, here and below.
 */

/* Memory was short: wait for more, or let the page be. */
static enum memory_object_step
memory_object_lock_short(struct memory_object_batch *batch)
{
	if (batch->size != 0) {
		memory_object_batch_send(batch);
		return STEP_AGAIN;
	}
	if (vm_page_wait(false) == KERN_SUCCESS) {
		return STEP_AGAIN;
	}
	batch->lost = true;
	return STEP_NEXT;
}

/*
 * Wait for the busy PAGE of the locked object, or with NULL for what others have
 * on its way to the pager.  The object is unlocked.
 */
static enum memory_object_step
memory_object_lock_wait_unlock(struct memory_object_batch *batch,
    struct vm_page *page)
{
	struct vm_object *object = batch->object;

	if (batch->size != 0) {
		vm_object_unlock(object);
		memory_object_batch_send(batch);
	} else if (page != NULL) {
		vm_object_page_sleep_unlock(object, page, false);
	} else {
		vm_object_sleep_unlock(object, false, 0);
	}
	return STEP_AGAIN;
}

/*
 * Do what a lock request asks with PAGE, at OFFSET.  The object is locked,
 * and unlocked on return.
 */
static enum memory_object_step
memory_object_lock_step_unlock(struct memory_object_batch *batch,
    struct vm_page *page, vm_offset_t offset, memory_object_return_t what,
    bool flush, vm_prot_t lock)
{
	struct vm_object *object = batch->object;
	bool dirty;
	bool give;

	if (page->absent) {
		vm_object_unlock(object);
		return STEP_NEXT;
	}
	if (page->busy) {
		return memory_object_lock_wait_unlock(batch, page);
	}
	if (lock != VM_PROT_NO_CHANGE) {
		memory_object_lock_page(page, lock);
	}
	flush = flush && page->wire_count == 0;
	if (flush) {
		/* Nobody may write to it between the look and the end. */
		pmap_page_protect(vm_page_to_phys(page), VM_PROT_NONE);
	}
	dirty = memory_object_page_dirty(page);
	give = (what != MEMORY_OBJECT_RETURN_NONE && dirty) ||
	    (what == MEMORY_OBJECT_RETURN_ALL && page->precious);
	if (!give) {
		if (flush) {
			vm_object_page_free(page);
		}
		vm_object_unlock(object);
		return STEP_NEXT;
	}
	if (object->returning > batch->taken) {
		/* It may be this page as it was before, which must come first. */
		return memory_object_lock_wait_unlock(batch, NULL);
	}
	if (!memory_object_batch_fits(batch, offset, dirty)) {
		vm_object_unlock(object);
		return memory_object_batch_reserve(batch, offset, dirty) ?
		    STEP_AGAIN : memory_object_lock_short(batch);
	}
	if (flush) {
		memory_object_batch_take(batch, page);
		vm_object_unlock(object);
		return STEP_NEXT;
	}
	if (!memory_object_clean_page_unlock(batch, page)) {
		return memory_object_lock_short(batch);
	}
	return STEP_NEXT;
}

/* For all pages, with an empty BATCH, which is empty again afterwards. */
static void
memory_object_lock_pages(struct memory_object_batch *batch, vm_offset_t offset,
    vm_size_t size, memory_object_return_t what, bool flush, vm_prot_t lock)
{
	struct vm_object *object = batch->object;
	struct vm_page *page;
	vm_offset_t end;
	vm_offset_t at;

	at = offset - object->paging_offset;
	end = memory_object_range_end(at, size);
	for (;;) {
		vm_object_lock(object);
		page = vm_object_page_first(object, at);
		if (page == NULL || vm_object_page_offset(page) >= end) {
			vm_object_unlock(object);
			break;
		}
		at = vm_object_page_offset(page);
		if (memory_object_lock_step_unlock(batch, page, at, what,
		    flush, lock) == STEP_AGAIN) {
			continue;
		}
		at += vm_page_size;
		if (at == 0) {
			break;
		}
	}
	memory_object_batch_finish(batch);
}

void
memory_object_lock(struct vm_object *object, vm_offset_t offset,
    vm_size_t size, memory_object_return_t what, bool flush, vm_prot_t lock)
{
	struct memory_object_batch batch = { .object = object };

	memory_object_lock_pages(&batch, offset, size, what, flush, lock);
}

/* Is the pager there that just got data? */
static bool
memory_object_pager_lives(struct vm_object *object)
{
	memory_object_check_pager(object);
	if (!memory_object_begin(object)) {
		return false;
	}
	memory_object_end(object);
	return true;
}

kern_return_t
memory_object_sync(struct vm_object *object, vm_offset_t offset,
    vm_size_t size, memory_object_return_t what, bool flush)
{
	struct memory_object_batch batch = { .object = object };
	kern_return_t kr = KERN_SUCCESS;

	batch.anchor = vm_object_create_watched();
	if (batch.anchor == NULL) {
		return KERN_RESOURCE_SHORTAGE;
	}
	memory_object_lock_pages(&batch, offset, size, what, flush,
	    VM_PROT_NO_CHANGE);
	if (!vm_object_wait_alone(batch.anchor)) {
		kr = KERN_ABORTED;
	} else if (batch.lost || !memory_object_pager_lives(object)) {
		kr = KERN_MEMORY_ERROR;
	}
	vm_object_unref(batch.anchor);
	return kr;
}
