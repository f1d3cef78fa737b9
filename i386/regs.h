/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

#ifndef I386_REGS_H
#define I386_REGS_H

/*
 * Layouts and numbers that the processor dictates: trap frames, selectors,
 * vectors, flags, descriptors.  Assembly gets the same through asm_offsets.c.
 */

#include <machine/types.h>

/*
 * What every entry to the kernel leaves in memory, lowest address first.  An
 * entry from user mode fills the thread's pcb.frame; one from kernel mode is
 * on the kernel stack and lacks the last two words.
 */
struct trap_frame {
	uint32_t	gs;
	uint32_t	fs;
	uint32_t	es;
	uint32_t	ds;
	uint32_t	edi;
	uint32_t	esi;
	uint32_t	ebp;
	uint32_t	cr2;		/* fault address; PUSHA's useless esp */
	uint32_t	ebx;
	uint32_t	edx;
	uint32_t	ecx;
	uint32_t	eax;
	uint32_t	vector;
	uint32_t	error;
	uint32_t	eip;
	uint32_t	cs;
	uint32_t	eflags;
	uint32_t	esp;		/* from user mode only */
	uint32_t	ss;		/* from user mode only */
};

/* Selectors of the GDT, and of the LDT that tasks start with. */
#define SEL_KERNEL_CS		0x08
#define SEL_KERNEL_DS		0x10
#define SEL_FLAT_CS		0x1b	/* user code and data again, */
#define SEL_FLAT_DS		0x23	/* where SYSEXIT wants them */
#define SEL_PERCPU		0x28
#define SEL_TSS			0x30
#define SEL_LDT			0x38
#define SEL_FAULT_TSS		0x40
#define SEL_USER_GDT		0x48	/* first of PCB_GDT_SLOTS */

#define SEL_USER_CALL		0x07
#define SEL_USER_CS		0x17
#define SEL_USER_DS		0x1f

#define SEL_RPL_MASK		0x3
#define SEL_RPL_USER		0x3
#define SEL_TI_LDT		0x4

/* Vectors of the processor's own. */
#define TRAP_DIVIDE		0
#define TRAP_DEBUG		1
#define TRAP_NMI		2
#define TRAP_BREAKPOINT		3
#define TRAP_OVERFLOW		4
#define TRAP_BOUND		5
#define TRAP_OPCODE		6
#define TRAP_NO_FPU		7
#define TRAP_DOUBLE_FAULT	8
#define TRAP_FPU_OVERRUN	9
#define TRAP_TSS		10
#define TRAP_SEGMENT		11
#define TRAP_STACK		12
#define TRAP_PROTECTION		13
#define TRAP_PAGE		14
#define TRAP_FPU		16
#define TRAP_ALIGNMENT		17
#define TRAP_MACHINE_CHECK	18
#define TRAP_SIMD		19

/* Vectors of ours. */
#define TRAP_SYSCALL_INT	0x80	/* redirected to emulation code */
#define TRAP_SYSCALL_FAST	0x81	/* kernel traps through an int gate */
#define TRAP_SYSCALL_CALL	0x100	/* in a frame made by the call gate */
#define TRAP_SYSENTER		0x101	/* in one that SYSEXIT may leave by */
#define TRAP_V86		0x102	/* in one of virtual 8086 mode (v86.h) */

#define TRAP_INTR_FIRST		0x20	/* vectors below are exceptions */

/* Error code of a page fault. */
#define TRAP_PAGE_PRESENT	0x1
#define TRAP_PAGE_WRITE		0x2
#define TRAP_PAGE_USER		0x4

#define EFLAGS_ONE		0x00000002	/* always set */
#define EFLAGS_TF		0x00000100
#define EFLAGS_IF		0x00000200
#define EFLAGS_DF		0x00000400
#define EFLAGS_IOPL		0x00003000
#define EFLAGS_NT		0x00004000
#define EFLAGS_RF		0x00010000
#define EFLAGS_VM		0x00020000
#define EFLAGS_AC		0x00040000
#define EFLAGS_ID		0x00200000

/* What a user may have in its flags, and what it always has. */
#define EFLAGS_USER_MASK	0x00254dd5	/* ID AC OF DF TF SF..CF NT */
#define EFLAGS_USER_SET		(EFLAGS_IF | EFLAGS_ONE)

/* Is it one of virtual 8086 mode? */
static inline bool
trap_frame_v86(const struct trap_frame *frame)
{
	return (frame->eflags & EFLAGS_VM) != 0;
}

/* Debug registers. */
#define DR6_BREAKS		0x0000000f
#define DR6_STEP		0x00004000
#define DR7_ENABLES		0x000000ff
#define DR7_FIXED		0x00000400
#define DR7_USER_MASK		0xffff03ff	/* not GD: that is ours */

/* The bits of a segment descriptor that we compose by hand. */
#define DESC_PRESENT		0x80
#define DESC_DPL3		0x60
#define DESC_SEGMENT		0x10	/* code or data, not system */
#define DESC_CODE		0x1a	/* readable */
#define DESC_DATA		0x12	/* writable */
#define DESC_LDT		0x02
#define DESC_TASK_GATE		0x05
#define DESC_TSS		0x09
#define DESC_TSS_BUSY		0x0b
#define DESC_CALL_GATE		0x0c
#define DESC_INTR_GATE		0x0e

#define DESC_FLAT		0xc	/* 32-bit, limit in pages */
#define DESC_BYTES		0x4	/* 32-bit, limit in bytes */

/* A segment descriptor; ACCESS is DESC_* bits, FLAGS is the upper nibble. */
static inline uint64_t
desc_segment(uint32_t base, uint32_t limit, unsigned access, unsigned flags)
{
	uint32_t low = (base << 16) | (limit & 0xffff);
	uint32_t high = (base & 0xff000000) | ((uint32_t)flags << 20) |
	    (limit & 0x000f0000) | ((uint32_t)access << 8) |
	    ((base >> 16) & 0xff);

	return ((uint64_t)high << 32) | low;
}

/* A call, interrupt, trap or task gate. */
static inline uint64_t
desc_gate(unsigned selector, uint32_t offset, unsigned access)
{
	uint32_t low = ((uint32_t)selector << 16) | (offset & 0xffff);
	uint32_t high = (offset & 0xffff0000) | ((uint32_t)access << 8);

	return ((uint64_t)high << 32) | low;
}

/* The operand of LGDT and LIDT. */
struct desc_table {
	uint16_t	limit;
	uint32_t	base;
} __attribute__((packed));

#endif
