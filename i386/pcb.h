/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

#ifndef I386_PCB_H
#define I386_PCB_H

/*
 * The i386 part of <machine/pcb.h>: the members of struct pcb and
 * struct pcb_task, and what the machine layer does with them.
 */

#include <machine/types.h>

#include <i386/regs.h>

struct fpu_state;
struct io_bitmap;
struct thread;

/* A thread's own LDT, in place of the common one. */
struct pcb_ldt {
	unsigned	count;
	uint64_t	descriptors[];
};

/* Descriptors that a thread can set for itself (i386_set_gdt). */
#define PCB_GDT_SLOTS	4

/*
 * [I] fixed at creation
 * [o] touched by the thread itself while it runs, and by others only while
 *     it is stopped at a clean point; needs no lock
 */
struct pcb {
	uint32_t		ksp;		/* [o] kernel %esp when off CPU */
	struct fpu_state	*fpu;		/* [o] NULL until first used */
	bool			fpu_live;	/* [o] registers are in the FPU */
	bool			debug_used;	/* [o] dr[7] enables something */
	bool			gdt_used;	/* [o] some gdt[] slot is set */
	bool			special;	/* [o] one of these two, or an LDT */
	uint32_t		fpu_error;	/* [o] status word of the last
						   reported FPU exception */
	struct pcb_ldt		*ldt;		/* [o] NULL: the common one */
	uint64_t		gdt[PCB_GDT_SLOTS];	/* [o] */
	uint32_t		dr[8];		/* [o] debug registers */
	uint32_t		v86_table;	/* [o] V86 assist, only kept */
	int32_t			v86_count;	/* [o] */
	struct trap_frame	room[2];	/* [o] an exception or interrupt
						   while %esp is in FRAME, and
						   an NMI during its first
						   instructions */
	struct trap_frame	frame;		/* [o] user registers */
};

/* [l] the task's mutex for writing; readers see whole pointers  [a] atomic */
struct pcb_task {
	struct io_bitmap	*io;		/* [l] NULL: no I/O ports */
	uint32_t		ldt_bytes;	/* [a] of its threads' LDTs */
};

/*
 * The running thread was refused an I/O port: bring its CPU's bitmap up to
 * date.  True if that changed something, so that trying again makes sense.
 */
bool
pcb_retry_io(void);

/* One of gdt_used, debug_used and ldt was changed. */
void
pcb_update_special(struct pcb *pcb);

/*
 * A table of COUNT descriptors, all zero; NULL when memory is short.  It counts
 * as THREAD's task's until pcb_ldt_destroy().
 */
struct pcb_ldt *
pcb_ldt_create(struct thread *thread, unsigned count);

/* LDT was made for THREAD, and is not used any more; or NULL. */
void
pcb_ldt_destroy(struct thread *thread, struct pcb_ldt *ldt);

/* Load the current thread's descriptors after a change to them. */
void
pcb_reload_descriptors(void);

#endif
