/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/* Codes and subcodes of exceptions on this processor. */

#ifndef MACH_I386_EXCEPTION_H
#define MACH_I386_EXCEPTION_H

/* Codes of EXC_BAD_INSTRUCTION. */
#define EXC_I386_INVOP		1	/* undefined opcode */

/* Codes of EXC_ARITHMETIC. */
#define EXC_I386_DIV		1	/* division by zero */
#define EXC_I386_INTO		2	/* overflow trap */
#define EXC_I386_NOEXT		3	/* no FPU */
#define EXC_I386_EXTOVR		4	/* FPU operand out of segment */
#define EXC_I386_EXTERR		5	/* FPU exception */
#define EXC_I386_EMERR		6	/* emulated FPU exception */
#define EXC_I386_BOUND		7	/* index out of bounds */

/* Codes of EXC_BREAKPOINT. */
#define EXC_I386_SGL		1	/* single step */
#define EXC_I386_BPT		2	/* breakpoint instruction */

/* Subcodes: the trap behind it. */
#define EXC_I386_DIVERR		0
#define EXC_I386_SGLSTP		1
#define EXC_I386_NMIFLT		2
#define EXC_I386_BPTFLT		3
#define EXC_I386_INTOFLT	4
#define EXC_I386_BOUNDFLT	5
#define EXC_I386_INVOPFLT	6
#define EXC_I386_NOEXTFLT	7
#define EXC_I386_DBLFLT		8
#define EXC_I386_EXTOVRFLT	9
#define EXC_I386_INVTSSFLT	10
#define EXC_I386_SEGNPFLT	11
#define EXC_I386_STKFLT		12
#define EXC_I386_GPFLT		13
#define EXC_I386_PGFLT		14
#define EXC_I386_EXTERRFLT	16
#define EXC_I386_ENOEXTFLT	32
#define EXC_I386_ENDPERR	33

#endif /* MACH_I386_EXCEPTION_H */
