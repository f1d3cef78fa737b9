/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Memory objects as a module sees them that has several: each says what its
 * pager is to do, and counts what the kernel asked.  Threads of this file serve
 * them all; what they do for one object they do one after the other, as long as
 * there is but one thread.
 */

#ifndef TESTS_BOOT_LIB_OBJECTS_H
#define TESTS_BOOT_LIB_OBJECTS_H

#include "pagers.h"

#include <mach/memory_object.h>

struct object;

/* What the pager does; NULL for the usual.  All ranges are of whole pages. */
struct object_ops {
	/* Say that it is ready. */
	void (*init)(struct object *object);
	/* Say that there is no such data. */
	void (*request)(struct object *object, vm_offset_t offset,
	    vm_size_t size, vm_prot_t access);
	/* Unlock it. */
	void (*unlock)(struct object *object, vm_offset_t offset,
	    vm_size_t size, vm_prot_t access);
	/* Forget it.  DATA is freed afterwards by who calls. */
	void (*data)(struct object *object, vm_offset_t offset,
	    vm_offset_t data, vm_size_t size, bool dirty, bool kernel_copy);
	/* Nothing but to count it. */
	void (*locked)(struct object *object, vm_offset_t offset,
	    vm_size_t size);
	void (*supplied)(struct object *object, vm_offset_t offset,
	    vm_size_t size, kern_return_t result, vm_offset_t error_offset);
	/* The object may be gone after that. */
	void (*terminate)(struct object *object);
};

struct object {
	const struct object_ops		*ops;
	memory_object_copy_strategy_t	strategy;
	boolean_t			may_cache;
	mach_port_t			set;		/* of who serves it; null:
							   this file's threads */
	struct object			*next;		/* of all */
	mach_port_t			port;
	/* From init to terminate. */
	mach_port_t volatile		control;
	mach_port_t			name;
	/* What came from the kernel; what it asks counts before the answer. */
	volatile unsigned		inits;
	volatile unsigned		requests;
	volatile unsigned		unlocks;
	volatile unsigned		returns;	/* pages */
	volatile unsigned		dirty;		/* pages of them */
	volatile unsigned		kept;		/* pages the kernel kept */
	volatile unsigned		locks;
	volatile unsigned		supplies;
	volatile unsigned		changes;
	volatile unsigned		terminates;
};

/* Start COUNT threads that serve.  Once. */
void objects_start(unsigned count);

/*
 * A memory object for OBJECT, whose ops, strategy and may_cache are set; or for
 * OBJECT with a PORT that the kernel has made.
 */
void object_create(struct object *object);
void object_enter(struct object *object, mach_port_t port);

/* Its port is gone, and so the object for the kernel. */
void object_destroy(struct object *object);

/* The object of PORT, or NULL. */
struct object *object_lookup(mach_port_t port);

/* Its first SIZE bytes in our memory, or in TASK's. */
vm_offset_t object_map(struct object *object, vm_size_t size);
vm_offset_t object_map_task(struct object *object, mach_port_t task,
    vm_size_t size);

/* Data that come by another message. */
kern_return_t memory_object_data_return(mach_port_t port, mach_port_t control,
    vm_offset_t offset, vm_offset_t data, mach_msg_type_number_t size,
    boolean_t dirty, boolean_t kernel_copy);

/* The pager's messages; as often as not nothing else is said of them. */
void object_supply(struct object *object, vm_offset_t offset, void *data,
    vm_size_t size, vm_prot_t lock, bool precious);
void object_error(struct object *object, vm_offset_t offset, vm_size_t size);

/* Ask for a lock with an answer, and wait for that; not from the pager. */
bool object_lock(struct object *object, vm_offset_t offset, vm_size_t size,
    memory_object_return_t what, bool flush, vm_prot_t lock);

/* Unmap, wait until the kernel has let go of OBJECT, and destroy it. */
void object_end(struct object *object, vm_offset_t addr, vm_size_t size);

#endif
