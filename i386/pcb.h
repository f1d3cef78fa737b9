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
struct v86;

/* A thread's own LDT, in place of the common one. */
struct pcb_ldt {
	unsigned	count;
	uint64_t	descriptors[];
};

/* Descriptors that a thread can set for itself (i386_set_gdt). */
#define PCB_GDT_SLOTS	4

/* What few threads have.  [o] as below */
struct pcb_extra {
	uint64_t	gdt[PCB_GDT_SLOTS];	/* [o] */
	uint32_t	dr[8];		/* [o] debug registers */
	uint32_t	fpu_error;	/* [o] status word of the last reported
					   FPU exception */
	struct v86	*v86;		/* [o] NULL: all zero */
	bool		debug_used;	/* [o] dr[7] enables something */
	bool		gdt_used;	/* [o] some gdt[] slot is set */
};

/*
 * [I] fixed at creation
 * [o] touched by the thread itself while it runs, and by others only while
 *     it is stopped at a clean point; needs no lock
 */
struct pcb {
	struct trap_frame	frame;		/* [o] user registers; first,
						   it grows down into PCB_ROOM */
	uint32_t		ksp;		/* [o] kernel %esp when off CPU */
	struct fpu_state	*fpu;		/* [o] NULL until first used */
	struct pcb_extra	*extra;		/* [o] NULL: all zero */
	struct pcb_ldt		*ldt;		/* [o] NULL: the common one */
	bool			fpu_live;	/* [o] registers are in the FPU */
	bool			special;	/* [o] has an LDT, or something in
						   EXTRA that is to be loaded */
};

/*
 * In bytes: an exception or interrupt while %esp is in pcb.frame, and an NMI during
 * its first instructions.  From kernel mode their frames are without `esp' and `ss'.
 */
#define PCB_ROOM	(2 * offsetof(struct trap_frame, esp))

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

/* The extra part of PCB, to be read. */
const struct pcb_extra *
pcb_extra(const struct pcb *pcb);

/* The same to be changed; NULL when memory is short. */
struct pcb_extra *
pcb_need_extra(struct pcb *pcb);

/* EXTRA or LDT was changed. */
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
