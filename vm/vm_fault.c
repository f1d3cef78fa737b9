/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Faults.  One attempt goes like this, with the map and the object's family
 * locked and without ever waiting:
 *   look the address up and make the entry's object fit for the access,
 *   find the page in the chain of objects,
 *   make what is missing: zero-filled, copied up, pushed into a copy,
 *   enter it into the pmap.
 * Where it would have to wait, for a busy page, for memory or for a pager, the
 * attempt ends and says for what; everything is unlocked, the wait is made,
 * and the next attempt starts from the beginning.  So nothing that was looked
 * up is ever used after a wait.
 *
 * Pages are zeroed and copied with the family unlocked: the page is busy and
 * paging is in progress on its object meanwhile.
 */

#include <vm/vm_fault.h>

#include <machine/atomic.h>
#include <machine/pmap.h>

#include <kernel/clock.h>
#include <kernel/kdb/kdb_plant.h>
#include <kernel/option.h>
#include <kernel/panic.h>
#include <kernel/pc_sample.h>
#include <kernel/sleepq.h>
#include <kernel/thread.h>

#include <vm/memory_object.h>
#include <vm/vm_map.h>
#include <vm/vm_map_i.h>
#include <vm/vm_map_rest.h>
#include <vm/vm_object.h>
#include <vm/vm_page.h>
#include <vm/vm_paged.h>
#include <vm/vm_phys.h>
#include <vm/vm_shadow.h>

/*
 * An instruction and what it works on can lie in a dozen pages, of several
 * threads: all have to stay for a while.
 */
#define VM_FAULT_FORGET_MIN	16u

/* Pages that the default pager is asked for at a time. */
#define VM_FAULT_CLUSTER	8u

/* Option `pmap-forget': after so many faults a pmap is emptied; 0 for never. */
static unsigned long vm_fault_forget;	/* fixed after vm_fault_setup() */
static uint32_t vm_fault_forget_count;	/* [a] */

enum vm_fault_result {
	VM_FAULT_FOUND,		/* page and owner are set */
	VM_FAULT_ZERO,		/* nobody has such a page */
	VM_FAULT_AGAIN,		/* something was made: look again */
	VM_FAULT_SLEEP,		/* prepared to sleep on a page or object */
	VM_FAULT_MEMORY,	/* wait for memory */
	VM_FAULT_REQUEST,	/* ask the pager for data */
	VM_FAULT_UNLOCK,	/* ask the pager for access */
	VM_FAULT_ERROR,		/* give up with error */
};

struct vm_fault {
	const struct vm_map	*map;		/* that gets the memory */
	struct vm_object	*first;		/* the entry's object */
	vm_offset_t		offset;		/* of the page in it */
	vm_prot_t		access;		/* wanted */
	bool			own;		/* page must be in first */
	bool			through;	/* looked through a copy that
						   asks again next time */
	bool			cut;		/* part of it must be zeroed */
	bool			enter;		/* the page will be mapped */
	bool			copied;		/* chain may be shorter now */

	struct vm_object	*unref;		/* to be dropped when unlocked */

	struct vm_page		*page;		/* FOUND */
	struct vm_object	*owner;		/* FOUND: where it is */

	struct vm_object	*pager;		/* SLEEP, REQUEST, UNLOCK:
						   whose pager; a reference */
	vm_offset_t		pager_offset;
	vm_size_t		pager_size;
	vm_prot_t		pager_access;
	kern_return_t		error;
};

void
vm_fault_setup(void)
{
	(void)option_number("pmap-forget", VM_FAULT_FORGET_MIN, 1000000000,
	    &vm_fault_forget);
}

/* To show that a pmap is but a cache: forget what is not wired. */
static void
vm_fault_forget_some(const struct vm_map *map)
{
	if (vm_fault_forget != 0 &&
	    atomic_fetch_add_relaxed(&vm_fault_forget_count, 1) %
	    vm_fault_forget == 0) {
		pmap_collect(map->pmap);
	}
}

/* The same with map entries, for whoever needs them after the fault. */
static void
vm_fault_forget_entries(struct vm_map *map)
{
	if (vm_fault_forget != 0 &&
	    atomic_load_relaxed(&vm_fault_forget_count) %
	    vm_fault_forget == 0) {
		(void)vm_map_rest_try(map);
	}
}

static void
vm_fault_count(unsigned long *counter, uint32_t *task_counter,
    sampled_pc_flavor_t flavor)
{
	vm_page_stats_add(counter, 1);
	atomic_fetch_add_relaxed(task_counter, 1);
	pc_sample_event(flavor);
}

/* Sleep on EVENT, a page or object of OWNER; WATCH its pager meanwhile. */
static enum vm_fault_result
vm_fault_sleep(struct vm_fault *f, const void *event, struct vm_object *owner,
    bool watch)
{
	if (watch) {
		vm_object_ref_locked(owner);
		f->pager = owner;
	}
	sleepq_prepare(event, true);
	return VM_FAULT_SLEEP;
}

static enum vm_fault_result
vm_fault_fail(struct vm_fault *f, kern_return_t error)
{
	f->error = error;
	return VM_FAULT_ERROR;
}

/* PAGE at OFFSET of OBJECT was found; may it be used? */
static enum vm_fault_result
vm_fault_examine(struct vm_fault *f, struct vm_object *object,
    vm_offset_t offset, struct vm_page *page)
{
	vm_prot_t need = object == f->first ? f->access : VM_PROT_READ;

	if (page->busy) {
		page->wanted = true;
		return vm_fault_sleep(f, page, object, page->absent);
	}
	if (page->error) {
		vm_object_page_free(page);
		return vm_fault_fail(f, KERN_MEMORY_ERROR);
	}
	if ((page->lock & need) != 0) {
		if (object->pager_dead) {
			return vm_fault_fail(f, KERN_MEMORY_ERROR);
		}
		if ((page->unlock_asked & need) == need) {
			page->wanted = true;
			return vm_fault_sleep(f, page, object, true);
		}
		page->unlock_asked |= (uint8_t)need;
		vm_object_ref_locked(object);
		f->pager = object;
		f->pager_offset = offset;
		f->pager_size = vm_page_size;
		f->pager_access = need;
		return VM_FAULT_UNLOCK;
	}
	f->page = page;
	f->owner = object;
	return VM_FAULT_FOUND;
}

/* A page at OFFSET of OBJECT that its pager is going to be asked for. */
static bool
vm_fault_make_absent(struct vm_object *object, vm_offset_t offset)
{
	struct vm_page *page = vm_page_grab();

	if (page == NULL) {
		return false;
	}
	page->absent = true;
	vm_object_page_insert(object, offset, page);
	return true;
}

/*
 * How much to ask for at OFFSET: who has come there from the page before will
 * go on to those after it, of which we know that the default pager has them.
 * Other pagers bring more by themselves, and know of what.
 */
static vm_size_t
vm_fault_ask_ahead(struct vm_object *object, vm_offset_t offset)
{
	vm_size_t most = memory_object_cluster();
	vm_size_t size = vm_page_size;

	if (!object->internal || offset == 0 ||
	    vm_object_page_lookup(object, offset - vm_page_size) == NULL) {
		return size;
	}
	if (most > VM_FAULT_CLUSTER * vm_page_size) {
		most = VM_FAULT_CLUSTER * vm_page_size;
	}
	while (size < most &&
	    vm_phys_free_direct_count() > vm_page_free_min &&
	    vm_object_has_paged(object, offset + size) &&
	    !vm_object_is_lost(object, offset + size) &&
	    vm_object_page_lookup(object, offset + size) == NULL &&
	    vm_fault_make_absent(object, offset + size)) {
		size += vm_page_size;
	}
	return size;
}

/* The pager of OBJECT has the page at OFFSET: ask for it. */
static enum vm_fault_result
vm_fault_ask(struct vm_fault *f, struct vm_object *object, vm_offset_t offset)
{
	if (object->pager_dead || vm_object_is_lost(object, offset)) {
		return vm_fault_fail(f, KERN_MEMORY_ERROR);
	}
	if (!object->ready || object->returning > 0) {
		object->wanted = true;
		return vm_fault_sleep(f, object, object, true);
	}
	if (!vm_fault_make_absent(object, offset)) {
		return VM_FAULT_MEMORY;
	}
	vm_object_ref_locked(object);
	/* Until it has been asked nobody gives the object another pager. */
	vm_object_paging_begin(object);
	f->pager = object;
	f->pager_offset = offset;
	f->pager_size = vm_fault_ask_ahead(object, offset);
	f->pager_access = object == f->first ? f->access : VM_PROT_READ;
	return VM_FAULT_REQUEST;
}

/* Drop what an attempt left over; nothing is locked. */
static void
vm_fault_finish(struct vm_fault *f)
{
	if (f->unref != NULL) {
		vm_object_unref(f->unref);
		f->unref = NULL;
	}
}

/* Walk the chain for the page. */
static enum vm_fault_result
vm_fault_find(struct vm_fault *f)
{
	struct vm_object *object = f->first;
	vm_offset_t offset = f->offset;
	struct vm_page *page;

	f->through = false;
	for (;;) {
		page = vm_object_page_lookup(object, offset);
		if (page != NULL) {
			return vm_fault_examine(f, object, offset, page);
		}
		if (vm_object_has_paged(object, offset)) {
			return vm_fault_ask(f, object, offset);
		}
		if (object->shadow == NULL) {
			return VM_FAULT_ZERO;
		}
		if (object->below != NULL) {
			f->through = true;
		}
		offset += object->shadow_offset;
		object = object->shadow;
	}
}

/* The new page at the top of the chain is ready for use. */
static enum vm_fault_result
vm_fault_made(struct vm_fault *f, struct vm_page *page)
{
	vm_page_activate(page);
	vm_page_unbusy(page);
	vm_object_paging_end(f->first);
	f->page = page;
	f->owner = f->first;
	if ((f->access & VM_PROT_WRITE) != 0 && f->first->copy != NULL) {
		return VM_FAULT_AGAIN;
	}
	return VM_FAULT_FOUND;
}

/* Nobody has the page: the first object gets one of zeroes. */
static enum vm_fault_result
vm_fault_zero_fill(struct vm_fault *f)
{
	struct vm_page *page = vm_page_grab();

	if (page == NULL) {
		return VM_FAULT_MEMORY;
	}
	vm_object_page_insert(f->first, f->offset, page);
	vm_object_paging_begin(f->first);
	vm_object_unlock(f->first);
	pmap_zero_page(vm_page_to_phys(page));
	vm_fault_count(&vm_page_stats.zero_fills,
	    &current_task()->events.zero_fills,
	    SAMPLED_PC_VM_ZFILL_FAULTS);
	vm_object_lock(f->first);
	if (f->first->shadow != NULL) {
		/* Were it dropped, what is below might have changed. */
		page->dirty = true;
	}
	return vm_fault_made(f, page);
}

/*
 * What was found below is right now, as the pagers of the copies above have
 * said; what will be there the next time they have to be asked.
 */
static void
vm_fault_ask_again(struct vm_fault *f, const struct vm_object *owner)
{
	struct vm_object *object = f->first;
	vm_offset_t offset = f->offset;

	while (object != NULL && object != owner) {
		if (object->below != NULL) {
			vm_paged_clear(object->below, vm_object_index(offset));
		}
		offset += object->shadow_offset;
		object = object->shadow;
	}
}

/* The page was found below: the first object gets a copy of its own. */
static enum vm_fault_result
vm_fault_copy_up(struct vm_fault *f)
{
	struct vm_object *owner = f->owner;
	struct vm_page *old = f->page;
	struct vm_page *page;

	if (f->unref != NULL) {
		/* Once in an attempt is enough: make another. */
		return VM_FAULT_MEMORY;
	}
	page = vm_page_grab();
	if (page == NULL) {
		return VM_FAULT_MEMORY;
	}
	vm_object_page_insert(f->first, f->offset, page);
	vm_object_paging_begin(f->first);
	vm_object_paging_begin(owner);
	/* The chain may get shorter meanwhile, but not end before OWNER. */
	vm_object_ref_locked(owner);
	old->busy = true;
	vm_object_unlock(f->first);
	pmap_copy_page(vm_page_to_phys(old), vm_page_to_phys(page));
	vm_fault_count(&vm_page_stats.cow_faults,
	    &current_task()->events.cow_faults,
	    SAMPLED_PC_VM_COW_FAULTS);
	vm_object_lock(f->first);

	if (f->first->refs > 1 || !f->enter) {
		/* Who sees the first object may still map the old page. */
		pmap_page_protect(vm_page_to_phys(old), VM_PROT_NONE);
	}
	vm_page_unbusy(old);
	vm_object_paging_end(owner);
	if (owner->refs > 1) {
		owner->refs--;
	} else {
		f->unref = owner;
	}
	if (f->through) {
		vm_fault_ask_again(f, owner);
	}
	/* A copy's pager knows what it left to us. */
	page->dirty = f->first->internal;
	f->copied = true;
	return vm_fault_made(f, page);
}

/* The page is about to be written, and a copy still needs what it holds. */
static enum vm_fault_result
vm_fault_push(struct vm_fault *f)
{
	struct vm_page *page = f->page;
	struct vm_page *new = vm_page_grab();

	if (new == NULL) {
		return VM_FAULT_MEMORY;
	}
	page->busy = true;
	vm_object_paging_begin(f->first);
	vm_object_unlock(f->first);
	pmap_copy_page(vm_page_to_phys(page), vm_page_to_phys(new));
	vm_object_lock(f->first);

	if (vm_shadow_needs_push(f->first, f->offset)) {
		vm_shadow_push(f->first, page, new);
		vm_page_stats_add(&vm_page_stats.cow_faults, 1);
	} else {
		/* The copy went away meanwhile. */
		vm_page_release(new);
	}
	vm_page_unbusy(page);
	vm_object_paging_end(f->first);
	return VM_FAULT_AGAIN;
}

/*
 * Get the page into the state that the access needs.  The first object is
 * locked, before and after; the lock is dropped in between.
 */
static enum vm_fault_result
vm_fault_resolve(struct vm_fault *f)
{
	bool write = (f->access & VM_PROT_WRITE) != 0;
	enum vm_fault_result result;

	if (f->first->physical) {
		/* It has no pages to hold. */
		return vm_fault_fail(f, KERN_MEMORY_FAILURE);
	}

	do {
		result = vm_fault_find(f);
		if (result == VM_FAULT_ZERO) {
			result = vm_fault_zero_fill(f);
		} else if (result != VM_FAULT_FOUND) {
			return result;
		} else if (f->owner != f->first) {
			if (write || f->own || f->through) {
				result = vm_fault_copy_up(f);
			}
		} else if (write && vm_shadow_needs_push(f->first,
		    f->offset)) {
			result = vm_fault_push(f);
		}
	} while (result == VM_FAULT_AGAIN);
	return result;
}

/*
 * The pager could not be asked for pages: who waits for them tries again if only
 * MEMORY was missing, else gets an error.
 */
static void
vm_fault_request_failed(struct vm_object *object, vm_offset_t offset,
    vm_size_t size, bool memory)
{
	struct vm_page *page;

	vm_object_lock(object);
	for (vm_size_t at = 0; at < size; at += vm_page_size) {
		page = vm_object_page_lookup(object, offset + at);
		if (page == NULL || !page->absent) {
			continue;
		}
		page->absent = false;
		if (memory) {
			vm_object_page_free(page);
		} else {
			page->error = true;
			vm_page_unbusy(page);
		}
	}
	vm_object_unlock(object);
}

/* Ask the pager of OBJECT for what F says. */
static kern_return_t
vm_fault_request(const struct vm_fault *f, struct vm_object *object)
{
	bool memory;
	kern_return_t kr;

	vm_fault_count(&vm_page_stats.pageins, &current_task()->events.pageins,
	    SAMPLED_PC_VM_PAGEIN_FAULTS);
	if (object->internal) {
		vm_page_stats_add(&vm_page_stats.default_pageins, 1);
	}
	kr = memory_object_request_data(object, f->pager_offset,
	    f->pager_size, f->pager_access);
	memory = kr == MACH_SEND_NO_BUFFER;
	if (kr != KERN_SUCCESS) {
		vm_fault_request_failed(object, f->pager_offset,
		    f->pager_size, memory);
	}
	memory_object_end(object);
	return memory ? vm_page_wait_kernel(f->map) : KERN_SUCCESS;
}

/* The pager was not asked to unlock the page after all: let others ask. */
static void
vm_fault_unlock_failed(const struct vm_fault *f, struct vm_object *object)
{
	struct vm_page *page;

	vm_object_lock(object);
	page = vm_object_page_lookup(object, f->pager_offset);
	if (page != NULL) {
		page->unlock_asked &= (uint8_t)~f->pager_access;
		vm_page_wakeup(page);
	}
	vm_object_unlock(object);
}

static kern_return_t
vm_fault_request_unlock(const struct vm_fault *f, struct vm_object *object)
{
	kern_return_t kr = memory_object_request_unlock(object,
	    f->pager_offset, f->pager_size, f->pager_access);

	if (kr == MACH_SEND_NO_BUFFER) {
		vm_fault_unlock_failed(f, object);
		return vm_page_wait_kernel(f->map);
	}
	return kr == KERN_SUCCESS ? KERN_SUCCESS : KERN_MEMORY_ERROR;
}

/* Do what an attempt ended for; nothing is locked. */
static kern_return_t
vm_fault_wait(struct vm_fault *f, enum vm_fault_result result)
{
	struct vm_object *object = f->pager;
	enum wait_result wait;
	kern_return_t kr = KERN_SUCCESS;

	f->pager = NULL;
	switch (result) {
	case VM_FAULT_SLEEP:
		wait = sleepq_wait(object != NULL ? clock_ticks() + HZ : 0);
		if (wait == WAIT_TIMED_OUT) {
			memory_object_check_pager(object);
		}
		if (wait == WAIT_INTERRUPTED) {
			kr = KERN_ABORTED;
		}
		break;
	case VM_FAULT_MEMORY:
		kr = vm_page_wait_map(f->map, true);
		break;
	case VM_FAULT_REQUEST:
		kr = vm_fault_request(f, object);
		break;
	case VM_FAULT_UNLOCK:
		kr = vm_fault_request_unlock(f, object);
		break;
	default:
		kr = f->error;
		break;
	}
	if (object != NULL) {
		vm_object_unref(object);
	}
	vm_fault_finish(f);
	return kr;
}

/*
 * The entry at ADDR, if it lets PROT.  If it cuts that page, then nobody else
 * sees it.
 */
static kern_return_t
vm_fault_find_entry(struct vm_map *map, vm_offset_t addr, vm_prot_t prot,
    struct vm_map_entry **entryp)
{
	struct vm_map_entry *entry;
	kern_return_t kr;

	for (;;) {
		entry = vm_map_lookup(map, addr);
		if (entry == NULL) {
			return KERN_INVALID_ADDRESS;
		}
		if ((prot & ~entry->prot) != 0) {
			return KERN_PROTECTION_FAILURE;
		}
		if (!vm_map_entry_cuts_page(entry, addr) ||
		    vm_map_entry_owns_cut(entry)) {
			*entryp = entry;
			return KERN_SUCCESS;
		}
		kr = vm_map_uncut(map, addr);
		if (kr != KERN_SUCCESS) {
			return kr;
		}
	}
}

/* Fill F from the entry at ADDR, which may get an object or a shadow. */
static kern_return_t
vm_fault_lookup_locked(struct vm_fault *f, struct vm_map *map, vm_offset_t addr,
    vm_prot_t prot, bool wire, struct vm_map_entry **entryp)
{
	struct vm_map_entry *entry;
	kern_return_t kr;

	kr = vm_fault_find_entry(map, addr, prot, &entry);
	if (kr != KERN_SUCCESS) {
		return kr;
	}
	f->access = prot;
	f->own = wire || entry->wired_count > 0;
	if (f->own) {
		/* A later write must not fault. */
		f->access |= entry->prot & VM_PROT_WRITE;
	}
	f->cut = vm_map_entry_cuts_page(entry, addr);
	if (f->cut) {
		f->own = true;
		f->access |= VM_PROT_WRITE;
	}
	if (!vm_map_entry_need_object(entry)) {
		return KERN_RESOURCE_SHORTAGE;
	}
	if ((f->own || (f->access & VM_PROT_WRITE) != 0) &&
	    !vm_map_entry_need_shadow(entry)) {
		return KERN_RESOURCE_SHORTAGE;
	}
	f->map = map;
	f->first = entry->object;
	f->offset = entry->offset + (addr - entry->start);
	f->pager = NULL;
	f->unref = NULL;
	f->copied = false;
	*entryp = entry;
	return KERN_SUCCESS;
}

/*
 * The same with MAP, which it locks; nothing is if it fails.  When it is only
 * kernel memory that the lookup lacks, it waits for some.
 */
static inline kern_return_t
vm_fault_lookup(struct vm_fault *f, struct vm_map *map, vm_offset_t addr,
    vm_prot_t prot, bool wire, struct vm_map_entry **entryp)
{
	kern_return_t kr;

	for (;;) {
		kr = vm_map_lock(map);
		if (kr == KERN_SUCCESS) {
			kr = vm_fault_lookup_locked(f, map, addr, prot, wire,
			    entryp);
			if (kr == KERN_SUCCESS) {
				return kr;
			}
			mutex_unlock(&map->lock);
		}
		if (kr == KERN_RESOURCE_SHORTAGE) {
			kr = vm_page_wait_map(map, true);
		}
		if (kr != KERN_SUCCESS) {
			return kr;
		}
	}
}

/* What the page found may be mapped for. */
static vm_prot_t
vm_fault_map_prot(const struct vm_fault *f, const struct vm_map_entry *entry)
{
	vm_prot_t prot = entry->prot & ~f->page->lock;

	if (entry->needs_copy || f->owner != f->first) {
		prot &= ~VM_PROT_WRITE;
	} else if ((f->access & VM_PROT_WRITE) == 0 &&
	    vm_shadow_needs_push(f->first, f->offset)) {
		prot &= ~VM_PROT_WRITE;
	}
	if ((prot & VM_PROT_WRITE) != 0) {
		vm_shadow_thaw(f->first, f->offset);
	}
	return prot;
}

static enum vm_fault_result
vm_fault_enter(struct vm_fault *f, struct vm_map *map,
    struct vm_map_entry *entry, vm_offset_t addr, bool wire)
{
	bool wired = wire || entry->wired_count > 0;

	entry->fresh = false;
	if (pmap_enter(map->pmap, addr, vm_page_to_phys(f->page),
	    vm_fault_map_prot(f, entry), wired) != KERN_SUCCESS) {
		return VM_FAULT_MEMORY;
	}
	if (wire) {
		vm_page_wire(f->page);
	} else {
		vm_page_use(f->page);
	}
	return VM_FAULT_FOUND;
}

/* Enter a page of an object that shows physical memory. */
static enum vm_fault_result
vm_fault_enter_physical(const struct vm_fault *f, struct vm_map *map,
    struct vm_map_entry *entry, vm_offset_t addr, bool wire)
{
	entry->fresh = false;
	if (pmap_enter(map->pmap, addr, f->first->phys + f->offset,
	    entry->prot, wire) != KERN_SUCCESS) {
		return VM_FAULT_MEMORY;
	}
	return VM_FAULT_FOUND;
}

/* Shorten the chain below OBJECT; drops a reference on it. */
static void
vm_fault_collapse(struct vm_object *object)
{
	if (object != NULL) {
		vm_object_lock(object);
		vm_shadow_collapse_unlock(object);
		vm_object_unref(object);
	}
}

/* A reference on the first object if its chain can be shortened, or NULL. */
static struct vm_object *
vm_fault_collapsible(struct vm_fault *f)
{
	if (!f->copied || !vm_shadow_wants_collapse(f->first)) {
		return NULL;
	}
	vm_object_ref_locked(f->first);
	return f->first;
}

/*
 * The memory of a pager outside is not on the way of pages to the disk: who
 * faults on it leaves the reserve alone, whoever that is.
 */
static bool
vm_fault_is_modest(const struct vm_fault *f)
{
	return !f->first->internal;
}

static kern_return_t
vm_fault_attempts(
    struct vm_map *map, vm_offset_t addr, vm_prot_t prot, bool wire)
{
	struct thread *self = current_thread();
	bool modest = self->vm_modest;
	struct vm_map_entry *entry;
	struct vm_object *collapse;
	enum vm_fault_result result;
	struct vm_fault f;
	kern_return_t kr;

	for (;;) {
		kr = vm_fault_lookup(&f, map, addr, prot, wire, &entry);
		if (kr != KERN_SUCCESS) {
			return kr;
		}
		f.enter = true;
		self->vm_modest = modest || vm_fault_is_modest(&f);
		vm_object_lock(f.first);
		if (f.first->physical) {
			result = vm_fault_enter_physical(&f, map, entry, addr,
			    wire);
		} else {
			result = vm_fault_resolve(&f);
			if (result == VM_FAULT_FOUND && f.cut) {
				vm_map_entry_heal(entry, addr, f.page);
			}
			if (result == VM_FAULT_FOUND) {
				result = vm_fault_enter(&f, map, entry, addr,
				    wire);
			}
		}
		collapse = result == VM_FAULT_FOUND ?
		    vm_fault_collapsible(&f) : NULL;
		vm_object_unlock(f.first);
		mutex_unlock(&map->lock);
		if (result == VM_FAULT_FOUND) {
			vm_fault_collapse(collapse);
			vm_fault_finish(&f);
			return KERN_SUCCESS;
		}
		kr = vm_fault_wait(&f, result);
		if (kr != KERN_SUCCESS) {
			return kr;
		}
	}
}

kern_return_t
vm_fault(struct vm_map *map, vm_offset_t addr, vm_prot_t prot, bool wire)
{
	struct thread *self = current_thread();
	bool modest = self->vm_modest;
	kern_return_t kr;

	assert_may_block();
	vm_fault_count(&vm_page_stats.faults, &current_task()->events.faults,
	    SAMPLED_PC_VM_FAULTS_ANY);
	vm_fault_forget_some(map);
	kr = vm_fault_attempts(map, vm_page_trunc(addr), prot, wire);
	self->vm_modest = modest;
	vm_fault_forget_entries(map);
	if (kr == KERN_SUCCESS && kdb_plant_is_used()) {
		kdb_plant_faulted(map, addr);
	}
	return kr;
}

/* The page of F was found: hold it. */
static void
vm_fault_hold_page(struct vm_fault *f, struct vm_fault_hold *hold)
{
	if ((f->access & VM_PROT_WRITE) != 0) {
		vm_shadow_thaw(f->owner, vm_object_page_offset(f->page));
	}
	f->page->busy = true;
	vm_object_paging_begin(f->owner);
	vm_object_ref_locked(f->owner);
	hold->object = f->owner;
	hold->page = f->page;
}

/* The same, of ENTRY at ADDR. */
static void
vm_fault_hold_mapped(struct vm_fault *f, struct vm_map_entry *entry,
    vm_offset_t addr, struct vm_fault_hold *hold)
{
	if (f->cut) {
		vm_map_entry_heal(entry, addr, f->page);
	}
	vm_fault_hold_page(f, hold);
}

kern_return_t
vm_fault_page(struct vm_map *map, vm_offset_t addr, vm_prot_t prot,
    struct vm_fault_hold *hold)
{
	struct vm_map_entry *entry;
	enum vm_fault_result result;
	struct vm_fault f;
	kern_return_t kr;

	addr = vm_page_trunc(addr);
	for (;;) {
		kr = vm_fault_lookup(&f, map, addr, prot, false, &entry);
		if (kr != KERN_SUCCESS) {
			return kr;
		}
		f.enter = false;
		vm_object_lock(f.first);
		result = vm_fault_resolve(&f);
		if (result == VM_FAULT_FOUND) {
			vm_fault_hold_mapped(&f, entry, addr, hold);
		}
		vm_object_unlock(f.first);
		mutex_unlock(&map->lock);
		if (result == VM_FAULT_FOUND) {
			vm_fault_finish(&f);
			return KERN_SUCCESS;
		}
		kr = vm_fault_wait(&f, result);
		if (kr != KERN_SUCCESS) {
			return kr;
		}
	}
}

kern_return_t
vm_fault_object_page(struct vm_object *object, vm_offset_t offset,
    vm_prot_t prot, struct vm_fault_hold *hold)
{
	struct vm_fault f = {
		.map = current_map(),
		.first = object,
		.offset = vm_page_trunc(offset),
		.access = prot,
	};
	enum vm_fault_result result;
	kern_return_t kr;

	for (;;) {
		vm_object_lock(object);
		result = vm_fault_resolve(&f);
		if (result == VM_FAULT_FOUND) {
			vm_fault_hold_page(&f, hold);
		}
		vm_object_unlock(object);
		if (result == VM_FAULT_FOUND) {
			vm_fault_finish(&f);
			return KERN_SUCCESS;
		}
		kr = vm_fault_wait(&f, result);
		if (kr != KERN_SUCCESS) {
			return kr;
		}
	}
}

void
vm_fault_page_done(struct vm_fault_hold *hold, bool dirty)
{
	struct vm_object *object = hold->object;
	struct vm_page *page = hold->page;

	vm_object_lock(object);
	if (dirty) {
		page->dirty = true;
	}
	vm_page_use(page);
	vm_page_unbusy(page);
	vm_object_paging_end(object);
	vm_object_unlock(object);
	vm_object_unref(object);
}

/* ---- what a debugger changes -------------------------------------------- */

/*
 * Whatever is written at ADDR from now on shall be seen in MAP, which is locked,
 * alone.
 */
static kern_return_t
vm_fault_make_private(struct vm_map *map, vm_offset_t addr)
{
	struct vm_map_entry *entry = vm_map_lookup(map, addr);

	if (entry == NULL || entry->object == NULL) {
		return KERN_INVALID_ADDRESS;
	}
	if (entry->in_transition) {
		return KERN_RESOURCE_SHORTAGE;
	}
	if (entry->needs_copy ||
	    (entry->object->internal && !entry->object->shared)) {
		return KERN_SUCCESS;
	}
	if (entry->object->physical || entry->wired_count > 0 ||
	    (entry->prot & VM_PROT_WRITE) != 0) {
		return KERN_PROTECTION_FAILURE;
	}
	if (!vm_map_clip(map, addr, addr + vm_page_size)) {
		return KERN_RESOURCE_SHORTAGE;
	}
	vm_map_lookup(map, addr)->needs_copy = true;
	return KERN_SUCCESS;
}

/*
 * Fill F from the entry at ADDR of MAP, which is locked, for a page of its own, also
 * where its protection lets nobody write, or read.
 */
static kern_return_t
vm_fault_lookup_private(struct vm_fault *f, struct vm_map *map, vm_offset_t addr,
    struct vm_map_entry **entryp)
{
	kern_return_t kr = vm_fault_make_private(map, addr);

	if (kr == KERN_SUCCESS) {
		kr = vm_fault_lookup_locked(f, map, addr, VM_PROT_NONE, false,
		    entryp);
	}
	if (kr == KERN_SUCCESS && !vm_map_entry_need_shadow(*entryp)) {
		kr = KERN_RESOURCE_SHORTAGE;
	}
	if (kr == KERN_SUCCESS) {
		f->first = (*entryp)->object;
		f->offset = (*entryp)->offset + (addr - (*entryp)->start);
		f->access |= VM_PROT_WRITE;
		f->enter = false;
	}
	return kr;
}

/* Could the page of F be read at once?  Its first object is locked. */
static bool
vm_fault_is_here(const struct vm_fault *f)
{
	struct vm_object *object = f->first;
	vm_offset_t offset = f->offset;
	struct vm_page *page = NULL;

	while (object != NULL && !object->physical) {
		page = vm_object_page_lookup(object, offset);
		if (page != NULL || vm_object_has_paged(object, offset)) {
			break;
		}
		offset += object->shadow_offset;
		object = object->shadow;
	}
	return page != NULL && !page->busy && !page->error &&
	    (page->lock & VM_PROT_READ) == 0;
}

/* An attempt ended otherwise than with a page: do not wait. */
static kern_return_t
vm_fault_give_up(struct vm_fault *f, enum vm_fault_result result)
{
	kern_return_t kr = KERN_MEMORY_FAILURE;

	switch (result) {
	case VM_FAULT_MEMORY:
		kr = KERN_RESOURCE_SHORTAGE;
		break;
	case VM_FAULT_SLEEP:
		(void)sleepq_cancel();
		if (f->pager != NULL) {
			vm_object_unref(f->pager);
		}
		break;
	case VM_FAULT_REQUEST:
	case VM_FAULT_UNLOCK:
		/* Its pager is asked, and may answer. */
		return vm_fault_wait(f, result) == KERN_SUCCESS ? kr :
		    KERN_MEMORY_ERROR;
	default:
		break;
	}
	vm_fault_finish(f);
	return kr;
}

kern_return_t
vm_fault_private_page(struct vm_map *map, vm_offset_t addr,
    struct vm_fault_hold *hold)
{
	struct thread *self = current_thread();
	bool modest = self->vm_modest;
	enum vm_fault_result result = VM_FAULT_ERROR;
	struct vm_map_entry *entry;
	struct vm_fault f;
	kern_return_t kr;

	addr = vm_page_trunc(addr);
	kr = vm_map_lock(map);
	if (kr != KERN_SUCCESS) {
		return kr;
	}
	kr = vm_fault_lookup_private(&f, map, addr, &entry);
	if (kr != KERN_SUCCESS) {
		mutex_unlock(&map->lock);
		return kr;
	}
	vm_object_lock(f.first);
	if (vm_fault_is_here(&f)) {
		/* The reserve is not for this. */
		self->vm_modest = true;
		result = vm_fault_resolve(&f);
		self->vm_modest = modest;
	}
	if (result == VM_FAULT_FOUND) {
		vm_fault_hold_mapped(&f, entry, addr, hold);
	}
	vm_object_unlock(f.first);
	mutex_unlock(&map->lock);
	if (result != VM_FAULT_FOUND) {
		return vm_fault_give_up(&f, result);
	}
	vm_fault_finish(&f);
	return KERN_SUCCESS;
}

/* ---- bytes -------------------------------------------------------------- */

/* Move N bytes between BUF and MAP; BUF is only read if WRITE. */
static kern_return_t
vm_fault_move_bytes(struct vm_map *map, vm_offset_t addr, char *buf,
    vm_size_t n, bool write)
{
	struct vm_fault_hold hold;
	vm_size_t part;
	kern_return_t kr;

	while (n > 0) {
		part = vm_page_size - (addr & vm_page_mask);
		if (part > n) {
			part = n;
		}
		kr = vm_fault_page(map, addr,
		    write ? VM_PROT_WRITE : VM_PROT_READ, &hold);
		if (kr != KERN_SUCCESS) {
			return kr;
		}
		if (write) {
			pmap_copy_in(vm_page_to_phys(hold.page),
			    addr & vm_page_mask, buf, part);
		} else {
			pmap_copy_out(vm_page_to_phys(hold.page),
			    addr & vm_page_mask, buf, part);
		}
		vm_fault_page_done(&hold, write);
		addr += part;
		buf += part;
		n -= part;
	}
	return KERN_SUCCESS;
}

kern_return_t
vm_map_read_bytes(struct vm_map *map, vm_offset_t addr, void *to, vm_size_t n)
{
	return vm_fault_move_bytes(map, addr, to, n, false);
}

kern_return_t
vm_map_write_bytes(struct vm_map *map, vm_offset_t addr, const void *from,
    vm_size_t n)
{
	return vm_fault_move_bytes(map, addr, (char *)(uintptr_t)from, n,
	    true);
}
