/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Forgetting cached translations, here and on the other processors that have
 * the same map loaded.
 *
 * A change of page tables opens a batch, changes entries, notes their
 * addresses, and closes the batch, which flushes.  Between the change and the
 * flush another processor may still use an old translation, so whoever finds
 * a page without mappings must also wait for open batches: tlb_quiesce().  The
 * same the other way round: who changes the entries of one page, in any map, is
 * in a section, and whoever finds such an entry without the page, or without a
 * right, and wants to put another page in its place, waits for that: the end of
 * a batch does.  A section waits for no batch.
 *
 * Waiting for other processors is done with spin locks held but answers their
 * requests meanwhile, so that it ends whatever the others wait for.
 */

#ifndef I386_TLB_H
#define I386_TLB_H

#include <stdbool.h>
#include <stdint.h>
#include <mach/machine/vm_types.h>

struct pmap;

struct tlb_batch {
	struct pmap	*pmap;
	vm_offset_t	start;		/* what is to be flushed */
	vm_offset_t	end;		/* 0: nothing yet */
};

/* Open a batch.  Preemption stays off until it is closed. */
void tlb_batch_begin(struct tlb_batch *batch, struct pmap *pmap);

/* Note that the translation of [VA, VA + SIZE) has changed. */
void tlb_batch_add(struct tlb_batch *batch, vm_offset_t va, vm_size_t size);

/*
 * Flush what was noted on every processor concerned, and close; then wait for
 * the sections of other processors.
 */
void tlb_batch_end(struct tlb_batch *batch);

/*
 * A section in which entries of one page are changed and flushed, one by one by
 * tlb_flush().  No batch is open.  Locks: one that spins.
 */
void tlb_page_begin(void);
void tlb_page_end(void);

/*
 * Forget reference bits of many pages, of any maps but the kernel's, with one
 * flush.  While it goes on an entry may be in some buffer though its bit is
 * clear: whoever relies on that bit and changes an entry waits for the end, in
 * tlb_batch_end or tlb_quiesce.  One thread at a time; preemption is off from
 * begin to end.
 */
void tlb_aging_begin(void);

/* An entry of PMAP has lost its reference bit. */
void tlb_aging_add(struct pmap *pmap);
void tlb_aging_end(void);

/* Flush [VA, VA + SIZE) of PMAP everywhere at once; preemption is off. */
void tlb_flush(struct pmap *pmap, vm_offset_t va, vm_size_t size);

/* Wait until every batch that is open on another processor is closed. */
void tlb_quiesce(void);

/* Answer the requests of other processors.  From their interrupt, or polled. */
void tlb_answer(void);

/* A processor begins to take part. */
void tlb_cpu_online(unsigned cpu);

/* How many interrupts were sent to other processors so far. */
uint32_t tlb_shootdowns(void);

#endif /* I386_TLB_H */
