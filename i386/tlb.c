/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Translation lookaside buffers: flushing, and shooting down on others.
 *
 * A requester fills in its own request, sets its bit in the `asked` word of
 * each processor it needs and interrupts them; each one flushes and clears its
 * bit in the requester's `waiting` word.  The requester polls its own `asked`
 * word while it waits, and says so in `polling`: then it needs no interrupt, nor
 * does one who was asked by another and has not answered.  A processor sets its
 * bit in pmap->active before it loads the directory, and a requester reads
 * `active` after it changed the entries, so a processor that is missed loads the
 * new entries anyway.
 */

#include <i386/tlb.h>

#include <machine/atomic.h>
#include <machine/cpu.h>

#include <kernel/panic.h>
#include <kernel/percpu.h>

#include <i386/mp.h>
#include <i386/pmap.h>

/* From here on the whole buffer is flushed instead of single pages. */
#define TLB_FLUSH_PAGES	32u

/* [a] atomic  [o] written by the owner before it sets bits in `asked` */
struct tlb_cpu {
	struct pmap	*pmap;		/* [o] request: which map */
	vm_offset_t	start;		/* [o] and what of it */
	vm_offset_t	end;		/* [o] */
	uint32_t	waiting;	/* [a] processors that have not flushed */
	uint32_t	asked;		/* [a] processors that want us to */
	uint32_t	polling;	/* [a] not 0: looks at `asked` itself */
	uint32_t	batch;		/* [a] odd while a batch is open */
	uint32_t	page;		/* [a] odd while a page is changed */
} __attribute__((aligned(64)));

static struct tlb_cpu tlb_cpus[CPU_MAX];
static uint32_t tlb_online;		/* atomic: processors that answer */
static uint32_t tlb_sent;		/* atomic: statistics */
static uint32_t tlb_aging;		/* atomic: odd while bits are cleared */
static uint32_t tlb_aging_cpu;		/* atomic: by which processor */
static uint32_t tlb_aging_cpus;		/* of that: whom it concerns */

static bool
tlb_page_worthwhile(vm_offset_t start, vm_offset_t end)
{
	return end - start <= TLB_FLUSH_PAGES * PAGE_HW_SIZE;
}

/* Global pages survive a load of CR3, but not a change of CR4.PGE. */
static void
tlb_flush_global(void)
{
	uint32_t cr4 = cpu_read_cr4();

	if ((cr4 & CPU_CR4_PGE) == 0) {
		cpu_write_cr3(cpu_read_cr3());
		return;
	}
	cpu_write_cr4(cr4 & ~CPU_CR4_PGE);
	cpu_write_cr4(cr4);
}

static void
tlb_flush_here(struct pmap *pmap, vm_offset_t start, vm_offset_t end)
{
	if (tlb_page_worthwhile(start, end)) {
		for (vm_offset_t va = start; va < end; va += PAGE_HW_SIZE) {
			cpu_invlpg(va);
		}
	} else if (pmap == kernel_pmap) {
		tlb_flush_global();
	} else {
		cpu_write_cr3(cpu_read_cr3());
	}
}

void
tlb_answer(void)
{
	unsigned me = cpu_id();
	uint32_t asked;

	if (atomic_load_seqcst(&tlb_cpus[me].asked) == 0) {
		return;
	}
	asked = atomic_exchange_seqcst(&tlb_cpus[me].asked, 0);
	while (asked != 0) {
		unsigned from = (unsigned)__builtin_ctz(asked);
		struct tlb_cpu *req = &tlb_cpus[from];

		asked &= asked - 1;
		tlb_flush_here(req->pmap, req->start, req->end);
		atomic_fetch_and_seqcst(&req->waiting, ~(1u << me));
	}
}

/* Between these, which nest, preemption is off and tlb_answer() called often. */
static void
tlb_poll_begin(void)
{
	atomic_fetch_add_seqcst(&tlb_cpus[cpu_id()].polling, 1);
}

static void
tlb_poll_end(void)
{
	atomic_fetch_add_seqcst(&tlb_cpus[cpu_id()].polling, -1u);
	/* Who has seen us poll until now has sent nothing. */
	tlb_answer();
}

/* Ask CPU to flush for processor ME; true if it must be interrupted for that. */
static bool
tlb_ask(unsigned cpu, unsigned me)
{
	struct tlb_cpu *target = &tlb_cpus[cpu];

	/* Pairs with tlb_poll_end(), which stops to poll and then looks. */
	return atomic_fetch_or_seqcst(&target->asked, 1u << me) == 0 &&
	    atomic_load_seqcst(&target->polling) == 0;
}

static void
tlb_flush_others(struct pmap *pmap, vm_offset_t start, vm_offset_t end,
    uint32_t targets)
{
	unsigned me = cpu_id();
	struct tlb_cpu *req = &tlb_cpus[me];
	uint32_t interrupted = 0;

	req->pmap = pmap;
	req->start = start;
	req->end = end;
	atomic_store_release(&req->waiting, targets);
	for (uint32_t left = targets; left != 0; left &= left - 1) {
		unsigned cpu = (unsigned)__builtin_ctz(left);

		interrupted |= tlb_ask(cpu, me) ? 1u << cpu : 0;
	}
	if (interrupted != 0) {
		mp_send_tlb(interrupted);
		atomic_fetch_add_seqcst(&tlb_sent,
		    (uint32_t)__builtin_popcount(interrupted));
	}
	tlb_poll_begin();
	while (atomic_load_acquire(&req->waiting) != 0) {
		tlb_answer();
		cpu_pause();
	}
	tlb_poll_end();
}

static void
tlb_flush_range(struct pmap *pmap, vm_offset_t start, vm_offset_t end)
{
	uint32_t me = 1u << cpu_id();
	uint32_t cpus = atomic_load_acquire(&tlb_online);

	if (pmap != kernel_pmap) {
		cpus &= atomic_load_acquire(&pmap->active);
	}
	if ((cpus & me) != 0) {
		tlb_flush_here(pmap, start, end);
	}
	cpus &= ~me;
	if (cpus != 0) {
		tlb_flush_others(pmap, start, end, cpus);
	}
}

void
tlb_batch_begin(struct tlb_batch *batch, struct pmap *pmap)
{
	struct tlb_cpu *self;

	preempt_disable();
	self = &tlb_cpus[cpu_id()];
	assert((self->batch & 1) == 0);
	atomic_fetch_add_seqcst(&self->batch, 1);
	batch->pmap = pmap;
	batch->start = 0;
	batch->end = 0;
}

void
tlb_batch_add(struct tlb_batch *batch, vm_offset_t va, vm_size_t size)
{
	if (batch->end == 0) {
		batch->start = va;
		batch->end = va + size;
		return;
	}
	if (va < batch->start) {
		batch->start = va;
	}
	if (va + size > batch->end) {
		batch->end = va + size;
	}
}

void
tlb_aging_begin(void)
{
	preempt_disable();
	assert((atomic_load_acquire(&tlb_aging) & 1) == 0);
	atomic_store_release(&tlb_aging_cpu, cpu_id());
	tlb_aging_cpus = 0;
	/* Before any bit is cleared; pairs with the load in tlb_aging_wait. */
	atomic_fetch_add_seqcst(&tlb_aging, 1);
}

void
tlb_aging_add(struct pmap *pmap)
{
	/* After the bit was cleared: who loads the map later needs no flush. */
	tlb_aging_cpus |= atomic_load_seqcst(&pmap->active);
}

void
tlb_aging_end(void)
{
	uint32_t me = 1u << cpu_id();
	uint32_t cpus = tlb_aging_cpus & atomic_load_acquire(&tlb_online);

	if ((cpus & me) != 0) {
		tlb_flush_here(NULL, 0, KERNEL_DIRECT_BASE);
	}
	if ((cpus & ~me) != 0) {
		tlb_flush_others(NULL, 0, KERNEL_DIRECT_BASE, cpus & ~me);
	}
	atomic_fetch_add_seqcst(&tlb_aging, 1);
	preempt_enable();
}

/* An entry was changed that had no reference bit: was it just cleared? */
static void
tlb_aging_wait(void)
{
	uint32_t aging = atomic_load_seqcst(&tlb_aging);

	if ((aging & 1) == 0 ||
	    atomic_load_acquire(&tlb_aging_cpu) == cpu_id()) {
		return;
	}
	tlb_poll_begin();
	while (atomic_load_acquire(&tlb_aging) == aging) {
		tlb_answer();
		cpu_pause();
	}
	tlb_poll_end();
}

/* What another processor is in. */
enum tlb_section {
	TLB_SECTION_BATCH,
	TLB_SECTION_PAGE,
};

static uint32_t
tlb_section_count(unsigned cpu, enum tlb_section section)
{
	return atomic_load_acquire(section == TLB_SECTION_BATCH ?
	    &tlb_cpus[cpu].batch : &tlb_cpus[cpu].page);
}

/* The other processors; preemption is off. */
static uint32_t
tlb_others(void)
{
	return atomic_load_acquire(&tlb_online) & ~(1u << cpu_id());
}

/* Wait until none of OTHERS is in the SECTION that it may be in now. */
static void
tlb_wait_section(uint32_t others, enum tlb_section section)
{
	tlb_poll_begin();
	for (; others != 0; others &= others - 1) {
		unsigned cpu = (unsigned)__builtin_ctz(others);
		uint32_t count = tlb_section_count(cpu, section);

		while ((count & 1) != 0 &&
		    tlb_section_count(cpu, section) == count) {
			tlb_answer();
			cpu_pause();
		}
	}
	tlb_poll_end();
}

void
tlb_batch_end(struct tlb_batch *batch)
{
	uint32_t others = tlb_others();

	if (batch->end != 0) {
		tlb_flush_range(batch->pmap, batch->start, batch->end);
	}
	if (others != 0) {
		tlb_aging_wait();
	}
	atomic_fetch_add_seqcst(&tlb_cpus[cpu_id()].batch, 1);
	if (others != 0) {
		tlb_wait_section(others, TLB_SECTION_PAGE);
	}
	preempt_enable();
}

void
tlb_page_begin(void)
{
	struct tlb_cpu *self = &tlb_cpus[cpu_id()];

	assert((self->page & 1) == 0);
	/* Before any entry changes; pairs with the load in tlb_wait_section. */
	atomic_fetch_add_seqcst(&self->page, 1);
}

void
tlb_page_end(void)
{
	atomic_fetch_add_seqcst(&tlb_cpus[cpu_id()].page, 1);
}

void
tlb_flush(struct pmap *pmap, vm_offset_t va, vm_size_t size)
{
	tlb_flush_range(pmap, va, va + size);
}

void
tlb_quiesce(void)
{
	uint32_t others;

	preempt_disable();
	others = tlb_others();
	if (others != 0) {
		tlb_aging_wait();
		tlb_wait_section(others, TLB_SECTION_BATCH);
	}
	preempt_enable();
}

void
tlb_cpu_online(unsigned cpu)
{
	atomic_fetch_or_seqcst(&tlb_online, 1u << cpu);
}

uint32_t
tlb_shootdowns(void)
{
	return atomic_load_acquire(&tlb_sent);
}
