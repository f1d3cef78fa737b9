/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Returning pages to a pager in batches, for lock requests and the pageout
 * daemon.
 *
 * Pages leave their object before the message that carries them is sent.  So
 * that nobody asks the pager for them in between, `returning' of the object
 * counts them and holds up requests until the message is on its way; nor does the
 * object get another pager.
 */

#ifndef VM_MEMORY_OBJECT_I_H
#define VM_MEMORY_OBJECT_I_H

#include <stdbool.h>

#include <mach/machine/vm_types.h>

struct ipc_port;
struct vm_object;
struct vm_page;

/* The end of a range that may wrap. */
static inline vm_offset_t
memory_object_range_end(vm_offset_t offset, vm_size_t size)
{
	return offset + size < offset ? (vm_offset_t)-1 : offset + size;
}

/*
 * Make the new OBJECT an external one, for the pager with the send right
 * PAGER, which is consumed.  False when memory is short or the port is dead;
 * then OBJECT is gone, too.
 */
bool memory_object_connect(struct vm_object *object, struct ipc_port *pager);

/* Let OBJECT be found by its port, which only the caller has yet. */
void memory_object_register(struct vm_object *object);

void memory_object_copy_setup(void);

/*
 * Make room to remember that the pager of COPY, which was made by call, leaves
 * the page at OFFSET to what is below.
 *
 * Locks:   none held.
 * Returns: false when memory is short.
 */
bool memory_object_copy_reserve(struct vm_object *copy, vm_offset_t offset);

/* Pages of one message. */
#define MEMORY_OBJECT_CLUSTER	16u

/* Pages on their way to the pager: consecutive, and alike. */
struct memory_object_batch {
	struct vm_object	*object;	/* whose content it is */
	struct vm_object	*carrier;	/* holds the pages */
	struct vm_object	*anchor;	/* carriers are made from it, or
						   NULL */
	vm_offset_t		start;		/* offset of the first */
	vm_size_t		size;		/* bytes, so far */
	unsigned		taken;		/* pages in object->returning */
	bool			dirty;
	bool			kernel_copy;
	bool			laundry;	/* count them as such */
	bool			flow;		/* the same: vm_flow.h */
	bool			lost;		/* the pager did not get all */
};

/*
 * Make BATCH fit for the page at OFFSET: send what it holds if it must.
 *
 * Locks:   none held.
 * Returns: false when memory is short.
 */
bool memory_object_batch_reserve(struct memory_object_batch *batch,
    vm_offset_t offset, bool dirty);

/*
 * Move PAGE, of the locked batch->object, which fits, not busy, not wired,
 * into BATCH.
 */
void memory_object_batch_take(struct memory_object_batch *batch,
    struct vm_page *page);

/* Put the private busy PAGE, a copy of the object's, into BATCH. */
void memory_object_batch_add(struct memory_object_batch *batch,
    struct vm_page *page);

/* Send what is in BATCH, and free what is left.  Locks: none held. */
void memory_object_batch_finish(struct memory_object_batch *batch);

#endif
