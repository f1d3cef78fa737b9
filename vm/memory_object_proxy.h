/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Memory object ports that the kernel itself serves: a window on another
 * memory object with less protection (a proxy), and physical memory.
 *
 * Holding such a port allows to map what it shows, and nothing else.
 */

#ifndef VM_MEMORY_OBJECT_PROXY_H
#define VM_MEMORY_OBJECT_PROXY_H

#include <stdbool.h>

#include <mach/kern_return.h>
#include <mach/machine/vm_types.h>
#include <mach/vm_prot.h>

#include <machine/types.h>

struct account;
struct ipc_port;
struct vm_object;

/* What a memory object port shows, as vm_map needs it. */
struct memory_object_window {
	struct vm_object	*object;	/* a reference */
	vm_offset_t		start;		/* first offset shown */
	vm_size_t		size;		/* bytes shown */
	vm_prot_t		max_prot;
};

void memory_object_proxy_setup(void);

/*
 * Find out what the memory object port PORT shows; anybody's, or one of ours.
 *
 * Refs:    PORT stays the caller's.
 * Returns: KERN_INVALID_ARGUMENT, KERN_RESOURCE_SHORTAGE.
 */
kern_return_t memory_object_resolve(struct ipc_port *port,
    struct memory_object_window *window);

/*
 * A send right for a new port that shows [START, START + SIZE) of what PAGER
 * shows.  Takes over the caller's send right on PAGER on success.
 *
 * Returns: KERN_INVALID_ARGUMENT, KERN_RESOURCE_SHORTAGE.
 */
kern_return_t memory_object_proxy_create(struct ipc_port *pager,
    vm_offset_t start, vm_size_t size, vm_prot_t max_prot,
    struct ipc_port **portp);

/* The same for an object of the kernel's, whose reference is taken over. */
kern_return_t memory_object_proxy_create_object(struct vm_object *object,
    vm_offset_t start, vm_size_t size, vm_prot_t max_prot,
    struct ipc_port **portp);

/*
 * Tell CHARGE what each proxy keeps of the kernel's and of users' memory, and
 * for which account: that of the task that had it made, wherever its right is
 * now.  Called with a spin lock held.
 */
void memory_object_proxy_charge(
    void (*charge)(struct account *account, vm_size_t size));

/*
 * A send right for a port that shows SIZE bytes of physical memory at PA,
 * both whole pages; NULL when memory is short.
 */
struct ipc_port *memory_object_create_physical(phys_addr_t pa,
    vm_size_t size, vm_prot_t max_prot);

#endif
