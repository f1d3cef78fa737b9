/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/* Counts of the memory of a host. */

#ifndef MACH_VM_STATISTICS_H
#define MACH_VM_STATISTICS_H

#include <mach/machine/vm_types.h>

struct vm_statistics {
	integer_t	pagesize;		/* bytes */
	integer_t	free_count;		/* pages, as the next four */
	integer_t	active_count;
	integer_t	inactive_count;
	integer_t	wire_count;
	integer_t	zero_fill_count;	/* events since boot, and on */
	integer_t	reactivations;
	integer_t	pageins;
	integer_t	pageouts;
	integer_t	faults;
	integer_t	cow_faults;
	integer_t	lookups;		/* of cached objects */
	integer_t	hits;
};

typedef struct vm_statistics	*vm_statistics_t;
typedef struct vm_statistics	vm_statistics_data_t;

_Static_assert(sizeof(vm_statistics_data_t) == 52, "vm_statistics");

/* Counts of one address space. */
struct pmap_statistics {
	integer_t	resident_count;		/* pages mapped */
	integer_t	wired_count;		/* of these, wired */
};

typedef struct pmap_statistics	*pmap_statistics_t;

#endif /* MACH_VM_STATISTICS_H */
