/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

#ifndef I386_GDT_H
#define I386_GDT_H

/*
 * Segment descriptor tables, one GDT per CPU.
 *
 * Segments are flat; the GDT exists for what differs from CPU to CPU: the
 * base of %gs, the TSS, the descriptors that threads set for themselves.  The
 * code and data segments of users are entries 2 and 3 of the LDT and entry 0
 * is the call gate, as lcall $7,$0 demands.
 */

#include <machine/types.h>

#include <i386/pcb.h>
#include <i386/tss.h>

/* Entries of the LDT that belong to the kernel. */
#define GDT_LDT_FIXED		4

/* Make and load the GDT of the CPU that executes; %gs then selects PERCPU. */
void
gdt_setup_this(unsigned cpu, void *percpu);

/* Let the TSS selector of this CPU name TSS, SIZE bytes, and load it. */
void
gdt_load_tss(unsigned cpu, struct tss *tss, size_t size);

/* Put the thread's own descriptors into this CPU's GDT. */
void
gdt_load_user(unsigned cpu, const uint64_t slots[PCB_GDT_SLOTS]);

/* Use an LDT of COUNT entries at TABLE; NULL for the common one. */
void
gdt_load_ldt(unsigned cpu, const uint64_t *table, unsigned count);

/* The common LDT's entries, to start a thread's own one from. */
void
gdt_ldt_copy(uint64_t table[GDT_LDT_FIXED]);

/*
 * Whether a user may have DESC: not present, or code or data at user
 * privilege.
 */
bool
gdt_descriptor_valid(uint64_t desc);

#endif
