/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Task state segments.
 *
 * A CPU starts with the small TSS, without a bitmap.  tss_io_create() gives
 * every CPU a large one, TSS plus bitmap, before the first bitmap exists; a CPU
 * moves to it when it first runs a task with a bitmap, and stays.
 */

#include "tss.h"

#include <stddef.h>
#include <string.h>

#include <machine/atomic.h>
#include <machine/cpu.h>

#include <kernel/kmem.h>
#include <kernel/panic.h>

#include <i386/gdt.h>
#include <i386/locore.h>
#include <i386/regs.h>

/* Any offset beyond the segment's limit: no port is allowed. */
#define TSS_IO_NONE		0xdfff

#define TSS_FAULT_STACK		2048

/* The processor reads a byte beyond the last: it must be all ones. */
struct tss_large {
	struct tss	tss;
	uint8_t		denied[IO_PORTS / 8];
	uint8_t		end;
	uint32_t	generation;	/* of the bitmap copied here, or 0 */
};

_Static_assert(sizeof(struct tss) == 104, "the hardware's layout");

/* [c] the CPU itself, interrupts off  [I] fixed at setup  [a] atomic */
struct tss_cpu {
	struct tss		small;		/* [c] */
	struct tss		fault;		/* [I] */
	struct tss_large	*large;		/* [a] NULL until needed */
	bool			online;		/* [I] tss_setup_this() ran */
};

static struct tss_cpu tss_cpus[CPU_MAX];

struct tss *tss_in_use[CPU_MAX];

/* Used by whichever CPU dies first; it stops the others. */
static uint32_t tss_fault_stack[TSS_FAULT_STACK]
    __attribute__((aligned(16)));

/* [a] number of the last change to any bitmap */
static uint32_t tss_generation;

struct tss *
tss_fault(unsigned cpu)
{
	return &tss_cpus[cpu].fault;
}

void
tss_fault_set_directory(unsigned cpu, phys_addr_t directory)
{
	tss_cpus[cpu].fault.cr3 = directory;
}

const struct tss *
tss_current(unsigned cpu)
{
	return tss_in_use[cpu];
}

void
tss_setup_this(unsigned cpu)
{
	struct tss_cpu *t = &tss_cpus[cpu];

	t->fault.cr3 = cpu_read_cr3();
	t->fault.eip = (uint32_t)locore_double_fault;
	t->fault.eflags = EFLAGS_ONE;
	t->fault.esp = (uint32_t)(tss_fault_stack + TSS_FAULT_STACK);
	t->fault.cs = SEL_KERNEL_CS;
	t->fault.ss = SEL_KERNEL_DS;
	t->fault.ds = SEL_KERNEL_DS;
	t->fault.es = SEL_KERNEL_DS;
	t->fault.fs = SEL_KERNEL_DS;
	t->fault.gs = SEL_PERCPU;
	t->fault.io_base = TSS_IO_NONE;

	t->small.ss0 = SEL_KERNEL_DS;
	t->small.io_base = TSS_IO_NONE;
	tss_in_use[cpu] = &t->small;
	t->online = true;
	gdt_load_tss(cpu, &t->small, sizeof(t->small));
}

/* Move to the TSS with room for a bitmap. */
static void
tss_enlarge(unsigned cpu, struct tss_large *large)
{
	struct tss_cpu *t = &tss_cpus[cpu];

	large->tss = t->small;
	large->end = 0xff;
	large->generation = 0;
	tss_in_use[cpu] = &large->tss;
	gdt_load_tss(cpu, &large->tss, offsetof(struct tss_large, end) + 1);
}

bool
tss_load_io(unsigned cpu, const struct io_bitmap *io)
{
	struct tss_cpu *t = &tss_cpus[cpu];
	struct tss_large *large;

	if (io == NULL) {
		tss_in_use[cpu]->io_base = TSS_IO_NONE;
		return false;
	}

	/* Pairs with the release store in tss_io_reserve(). */
	large = atomic_load_acquire(&t->large);
	assert(large != NULL);
	if (tss_in_use[cpu] != &large->tss) {
		tss_enlarge(cpu, large);
	}
	large->tss.io_base = offsetof(struct tss_large, denied);
	if (large->generation == io->generation) {
		return false;
	}
	large->generation = io->generation;
	memcpy(large->denied, io->denied, sizeof(large->denied));
	return true;
}

/* Give every CPU room for a bitmap. */
static bool
tss_io_reserve(void)
{
	for (unsigned cpu = 0; cpu < CPU_MAX; cpu++) {
		struct tss_cpu *t = &tss_cpus[cpu];
		struct tss_large *expected = NULL;
		struct tss_large *large;

		if (!t->online || atomic_load_acquire(&t->large) != NULL) {
			continue;
		}
		large = kmem_zalloc(sizeof(*large));
		if (large == NULL) {
			return false;
		}
		/* Pairs with the acquire load in tss_load_io(). */
		if (!atomic_compare_exchange_acq_rel(&t->large, &expected,
		    large)) {
			kmem_free(large, sizeof(*large));
		}
	}
	return true;
}

struct io_bitmap *
tss_io_create(void)
{
	struct io_bitmap *io;

	if (!tss_io_reserve()) {
		return NULL;
	}
	io = kmem_alloc(sizeof(*io));
	if (io == NULL) {
		return NULL;
	}
	memset(io->denied, 0xff, sizeof(io->denied));
	io->generation = atomic_fetch_add_relaxed(&tss_generation, 1) + 1;
	return io;
}

void
tss_io_destroy(struct io_bitmap *io)
{
	kmem_free(io, sizeof(*io));
}

void
tss_io_set(struct io_bitmap *io, unsigned from, unsigned to, bool allow)
{
	for (unsigned port = from; port <= to; port++) {
		uint8_t bit = (uint8_t)(1u << (port % 8));

		if (allow) {
			io->denied[port / 8] &= (uint8_t)~bit;
		} else {
			io->denied[port / 8] |= bit;
		}
	}
	atomic_store_release(&io->generation,
	    atomic_fetch_add_relaxed(&tss_generation, 1) + 1);
}
