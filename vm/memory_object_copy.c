/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Copies of objects whose pager wants to know of them
 * (MEMORY_OBJECT_COPY_CALL).
 *
 * The copy is an external object with a memory object port of its own, that
 * its pager is given with memory_object_copy: the pager of the original.  What
 * the copy shows:
 *   pages that were resident have been copied when the pager is told; so what
 *     was changed in memory only is not lost, and nobody has to ask
 *   all others the pager is asked for, as it was told when it had the last
 *     word on them.  It supplies the old data, or says that it has none, and
 *     then the page is copied from the original as that is now (`below')
 *
 * The order makes this consistent: pages are copied first; then the copy waits
 * until all that has left the original before is on its way to the pager; then
 * the pager is told, by the same port.  A page that was not resident when the
 * copy came by is with the pager by then, as it was at the time of the copy
 * or, if somebody wrote meanwhile, as it was a little later.
 */

#include <vm/memory_object.h>

#include <memory_object_user.h>

#include <machine/pmap.h>

#include <kernel/clock.h>
#include <kernel/mutex.h>

#include <ipc/ipc_port.h>

#include <vm/memory_object_i.h>
#include <vm/vm_object.h>
#include <vm/vm_page.h>
#include <vm/vm_paged.h>

static struct mutex memory_object_copy_lock;	/* of all objects' below */

enum memory_object_copy_step {
	STEP_NEXT,		/* done with this page */
	STEP_AGAIN,		/* waited: look at it again */
	STEP_ABORTED,
};

void
memory_object_copy_setup(void)
{
	mutex_init(&memory_object_copy_lock, LOCK_RANK_VM_PAGER);
}

bool
memory_object_copy_reserve(struct vm_object *copy, vm_offset_t offset)
{
	struct vm_paged *below;
	bool done;

	mutex_lock(&memory_object_copy_lock);
	if (copy->below == NULL) {
		below = vm_paged_create(vm_object_index(copy->size));
		vm_object_lock(copy);
		copy->below = below;
		vm_object_unlock(copy);
	}
	done = copy->below != NULL &&
	       vm_paged_reserve(copy->below, vm_object_index(offset));
	mutex_unlock(&memory_object_copy_lock);
	return done;
}

/*
 * Copy PAGE of the locked OBJECT to the busy page *NEWP, and put that at
 * OFFSET of COPY; unlocks.
 */
static enum memory_object_copy_step
memory_object_copy_page_unlock(struct vm_object *object, struct vm_page *page,
    struct vm_object *copy, vm_offset_t offset, struct vm_page **newp)
{
	struct vm_page *new = *newp;

	if (page->absent || page->error) {
		vm_object_unlock(object);
		return STEP_NEXT;
	}
	if (page->busy) {
		return vm_object_page_sleep_unlock(object, page, true)
			   ? STEP_AGAIN
			   : STEP_ABORTED;
	}
	if ((page->lock & VM_PROT_READ) != 0) {
		/* Not for us: but the pager hears before it changes. */
		page->lock |= VM_PROT_WRITE;
		pmap_page_protect(
		    vm_page_to_phys(page), VM_PROT_ALL & ~page->lock);
		vm_object_unlock(object);
		return STEP_NEXT;
	}
	pmap_copy_page(vm_page_to_phys(page), vm_page_to_phys(new));
	new->initial = true;
	vm_object_page_insert(copy, offset, new);
	vm_page_activate(new);
	vm_page_unbusy(new);
	vm_object_unlock(object);
	*newp = NULL;
	return STEP_NEXT;
}

/* Copy the resident pages of [OFFSET, OFFSET + SIZE) of OBJECT to COPY. */
static kern_return_t
memory_object_copy_resident(struct vm_object *object, vm_offset_t offset,
    vm_size_t size, struct vm_object *copy)
{
	enum memory_object_copy_step step;
	struct vm_page *new = NULL;
	struct vm_page *page;
	kern_return_t kr = KERN_SUCCESS;
	vm_offset_t at = 0;

	while (at < size && kr == KERN_SUCCESS) {
		if (new == NULL) {
			kr = vm_page_grab_wait(&new);
			continue;
		}
		vm_object_lock(object);
		page = vm_object_page_first(object, offset + at);
		if (page == NULL ||
		    vm_object_page_offset(page) - offset >= size) {
			vm_object_unlock(object);
			break;
		}
		at = vm_object_page_offset(page) - offset;
		step = memory_object_copy_page_unlock(
		    object, page, copy, at, &new);
		if (step == STEP_ABORTED) {
			kr = KERN_ABORTED;
		} else if (step == STEP_NEXT) {
			at += vm_page_size;
		}
	}
	if (new != NULL) {
		vm_page_release(new);
	}
	return kr;
}

/* Wait until what was taken out of OBJECT is on its way to the pager. */
static kern_return_t
memory_object_copy_wait(struct vm_object *object)
{
	vm_object_lock(object);
	while (object->returning > 0) {
		if (vm_object_sleep_unlock(object, true,
		    clock_ticks() + HZ) == WAIT_INTERRUPTED) {
			return KERN_ABORTED;
		}
		vm_object_lock(object);
	}
	vm_object_unlock(object);
	return KERN_SUCCESS;
}

/*
 * A copy of OBJECT at OFFSET with nothing in it, for the pager PORT, which
 * nobody has yet.
 */
static struct vm_object *
memory_object_copy_create(struct vm_object *object, vm_offset_t offset,
    vm_size_t size, struct ipc_port *port)
{
	struct vm_object *copy = vm_object_create_related(object, size);

	if (copy == NULL ||
	    !memory_object_connect(copy, ipc_port_make_send(port))) {
		return NULL;
	}
	vm_object_lock(object);
	vm_object_ref_locked(object);
	vm_object_attach_shadow(copy, object, offset);
	vm_object_unlock(object);
	return copy;
}

/*
 * Tell the pager of OBJECT of COPY; RECEIVE, the right for its port, goes
 * along, unless there is no pager any more.
 */
static kern_return_t
memory_object_copy_tell(struct vm_object *object, vm_offset_t offset,
    vm_size_t size, struct vm_object *copy, struct ipc_port *receive)
{
	/* The pager may map it as soon as it hears of it. */
	memory_object_register(copy);
	if (!memory_object_begin(object)) {
		return KERN_MEMORY_ERROR;
	}
	/* If that fails the port is dead, which the copy's readers will see. */
	(void)r_memory_object_copy(object->pager, object->control,
	    offset + object->paging_offset, size, receive);
	memory_object_end(object);
	if (memory_object_begin(copy)) {
		(void)r_memory_object_init(
		    copy->pager, copy->control, copy->name, vm_page_size);
		memory_object_end(copy);
	}
	return KERN_SUCCESS;
}

kern_return_t
memory_object_copy_call(struct vm_object *object, vm_offset_t offset,
    vm_size_t size, struct vm_object **copyp)
{
	struct ipc_port *port = ipc_port_create();
	struct vm_object *copy;
	kern_return_t kr;

	if (port == NULL) {
		return KERN_RESOURCE_SHORTAGE;
	}
	copy = memory_object_copy_create(object, offset, size, port);
	if (copy == NULL) {
		ipc_port_release_receive(port);
		return KERN_RESOURCE_SHORTAGE;
	}
	kr = memory_object_copy_resident(object, offset, size, copy);
	if (kr == KERN_SUCCESS) {
		kr = memory_object_copy_wait(object);
	}
	if (kr == KERN_SUCCESS) {
		kr = memory_object_copy_tell(object, offset, size, copy, port);
	}
	if (kr != KERN_SUCCESS) {
		ipc_port_release_receive(port);
		vm_object_unref(copy);
		return kr;
	}
	*copyp = copy;
	return KERN_SUCCESS;
}
