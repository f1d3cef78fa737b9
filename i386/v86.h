/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

#ifndef I386_V86_H
#define I386_V86_H

/*
 * Virtual 8086 mode.
 *
 * A thread is in it while EFLAGS_VM is set in pcb.frame, which then has no
 * selectors in ds, es, fs and gs, and TRAP_V86 as its vector.  The processor
 * wants four more words behind the frame, on the way in and out: so it uses the
 * frame in struct v86 instead of pcb.frame while such a thread runs in user mode,
 * and only then.  The kernel always has the registers in pcb.frame.
 *
 * SYSENTER, which would come with 16-bit code's registers to a place that knows
 * none, is off meanwhile.
 */

#include <mach/kern_return.h>
#include <machine/types.h>

#include <i386/pcb.h>
#include <i386/regs.h>

struct i386_thread_state;
struct i386_v86_assist_state;

/* [o] as in struct pcb */
struct v86 {
	char			room[PCB_ROOM];
	struct trap_frame	frame;		/* [o] in user mode */
	uint32_t		es;		/* [o] */
	uint32_t		ds;		/* [o] */
	uint32_t		fs;		/* [o] */
	uint32_t		gs;		/* [o] */
	uint32_t		table;		/* [o] of interrupts; for programs */
	int32_t			count;		/* [o] entries of it */
	bool			interrupts;	/* [o] EFLAGS_IF as it was set */
};

_Static_assert(offsetof(struct v86, es) ==
    offsetof(struct v86, frame) + sizeof(struct trap_frame), "hardware's order");

/*
 * The current thread enters the kernel, interrupts off, or is about to leave for
 * user mode.  Both return the frame that counts from now on: pcb.frame, the one
 * in struct v86.
 */
struct trap_frame *
v86_enter(void);
struct trap_frame *
v86_leave(void);

/* IRET refused the registers; still in pcb.frame.  Interrupts off. */
void
v86_bad_return(void);

/*
 * Set the segment registers from S, whose flags have EFLAGS_VM, as is done with
 * those in PCB's frame; and get them.
 *
 * Returns: KERN_RESOURCE_SHORTAGE.
 */
kern_return_t
v86_set_segments(struct pcb *pcb, const struct i386_thread_state *s);
void
v86_get_segments(const struct pcb *pcb, struct i386_thread_state *s);

/*
 * The flavor i386_V86_ASSIST_STATE.  With a table, the interrupt flag that a
 * thread was given is what i386_THREAD_STATE shows; the processor has it set.
 *
 * Returns: (set) KERN_INVALID_ARGUMENT, KERN_RESOURCE_SHORTAGE.
 */
kern_return_t
v86_set_assist(struct pcb *pcb, const struct i386_v86_assist_state *s);
void
v86_get_assist(const struct pcb *pcb, struct i386_v86_assist_state *s);

#endif
