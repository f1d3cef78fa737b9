/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

#ifndef I386_TSS_H
#define I386_TSS_H

/*
 * Task state segments: the kernel stack to use on the next entry from user
 * mode, and which I/O ports the user may touch.
 *
 * The bitmap of a task is a struct io_bitmap.  Each CPU needs a copy behind
 * its TSS, made room for when the first bitmap in the system is created.  A
 * change of a bitmap is seen by a running thread when it next is switched to,
 * or touches a port that its CPU's copy does not allow.
 */

#include <machine/types.h>

#include <i386/regs.h>

#define IO_PORTS		65536

/* The hardware's layout. */
struct tss {
	uint32_t	link;
	uint32_t	esp0;
	uint32_t	ss0;
	uint32_t	unused_stacks[4];
	uint32_t	cr3;
	uint32_t	eip;
	uint32_t	eflags;
	uint32_t	eax;
	uint32_t	ecx;
	uint32_t	edx;
	uint32_t	ebx;
	uint32_t	esp;
	uint32_t	ebp;
	uint32_t	esi;
	uint32_t	edi;
	uint32_t	es;
	uint32_t	cs;
	uint32_t	ss;
	uint32_t	ds;
	uint32_t	fs;
	uint32_t	gs;
	uint32_t	ldt;
	uint16_t	trace;
	uint16_t	io_base;
};

/* [l] the lock of the task that it belongs to, for writing */
struct io_bitmap {
	uint32_t	generation;	/* [l] new for each change, never 0 */
	uint8_t		denied[IO_PORTS / 8];	/* [l] a bit set: no access */
};

/* The TSS that CPU enters upon a double fault. */
struct tss *
tss_fault(unsigned cpu);

/* The page directory for double faults, when the boot's own has gone. */
void
tss_fault_set_directory(unsigned cpu, phys_addr_t directory);

/* Make and load the TSS of the CPU that executes; its GDT is loaded. */
void
tss_setup_this(unsigned cpu);

/* The registers at a double fault are in the TSS that it interrupted. */
const struct tss *
tss_current(unsigned cpu);

/* [c] each CPU's, interrupts off: without bitmap, or the one with it */
extern struct tss *tss_in_use[CPU_MAX];

/* Let entries from user mode fill FRAME; interrupts off. */
static inline void
tss_set_frame(unsigned cpu, struct trap_frame *frame)
{
	tss_in_use[cpu]->esp0 = (uint32_t)(frame + 1);
}

/* The same for virtual 8086 mode, with four segment registers behind FRAME. */
static inline void
tss_set_v86_frame(unsigned cpu, struct trap_frame *frame)
{
	tss_in_use[cpu]->esp0 = (uint32_t)(frame + 1) + 4 * sizeof(uint32_t);
}

/*
 * Let this CPU's user code use the ports of IO, or none when it is NULL;
 * interrupts off.  Returns whether anything changed.
 */
bool
tss_load_io(unsigned cpu, const struct io_bitmap *io);

/*
 * A bitmap that denies everything; NULL when memory is short.
 *
 * Locks: none held.
 */
struct io_bitmap *
tss_io_create(void);

void
tss_io_destroy(struct io_bitmap *io);

/* Allow or deny the ports FROM to TO, both included. */
void
tss_io_set(struct io_bitmap *io, unsigned from, unsigned to, bool allow);

#endif
