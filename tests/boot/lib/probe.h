/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Looking into the memory of other tasks: single words, as a processor in them
 * sees them, their regions, and what the kernel spends on them.
 */

#ifndef TESTS_BOOT_LIB_PROBE_H
#define TESTS_BOOT_LIB_PROBE_H

#include "rt.h"

#include <mach_debug/slab_info.h>

/*
 * A task without memory, but for the code of probes in the page at CODE.  Its
 * exceptions come to us, and so do those of all that are made of it.
 */
mach_port_t probe_task(vm_offset_t code);

/* A task that inherits the memory of PARENT. */
mach_port_t probe_child(mach_port_t parent);

/* End TASK, whose name goes. */
void probe_end(mach_port_t task);

/*
 * A thread of TASK writes or reads one word.  Returns KERN_SUCCESS, or the code
 * of the exception that it got.
 */
kern_return_t probe_write(mach_port_t task, vm_offset_t addr, unsigned word);
kern_return_t probe_read(mach_port_t task, vm_offset_t addr, unsigned *wordp);

/* The word at ADDR, for which it may be read. */
unsigned probe_word(mach_port_t task, vm_offset_t addr);

/* What vm_region says. */
struct probe_region {
	vm_offset_t	start;
	vm_size_t	size;
	vm_prot_t	prot;
	vm_prot_t	max;
	vm_inherit_t	inherit;
	boolean_t	shared;
};

/* The region that holds ADDR, or the next one. */
kern_return_t probe_region(mach_port_t task, vm_offset_t addr,
    struct probe_region *region);

/* How many regions TASK has in [START, END). */
unsigned probe_regions(mach_port_t task, vm_offset_t start, vm_offset_t end);

/* Our kernel's cache NAME, all zero if there is none; and its objects. */
cache_info_t probe_cache(const char *name);
long probe_objects(const char *name);

/* Pages that are free. */
long probe_free_pages(void);

#endif
