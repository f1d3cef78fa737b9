/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

#ifndef I386_SYSPAGE_H
#define I386_SYSPAGE_H

/*
 * The page at SYSPAGE_ADDRESS that every task can read and execute.  Its first
 * byte is the entry for kernel traps that suits this processor best:
 *
 *	mov	eax, -NUMBER
 *	jmp	SYSPAGE_ADDRESS
 *
 * does the same as lcall $7,$0; ret in that place, but may change %ecx, %edx
 * and the flags, as a C function may.
 */

#include <machine/types.h>

#include <i386/regs.h>

#define SYSPAGE_ADDRESS		0xfffff000u

/* Fill and map the page; once, after pmap_setup(). */
void
syspage_setup(void);

/* Prepare SYSENTER on the CPU that executes. */
void
syspage_setup_this(unsigned cpu);

/* Let SYSENTER work on the CPU that executes, or make it a protection fault. */
void
syspage_allow_sysenter(bool allow);

#define SYSPAGE_ROOM	127

/* [c] its CPU, interrupts off */
struct syspage_stack {
	uint32_t	room[SYSPAGE_ROOM];
	uint32_t	frame_end;
};

extern struct syspage_stack syspage_stacks[CPU_MAX];

/* Let fast traps on CPU fill FRAME. */
static inline void
syspage_set_frame(unsigned cpu, struct trap_frame *frame)
{
	syspage_stacks[cpu].frame_end = (uint32_t)(frame + 1);
}

#endif
