/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/* For assembler programs: entry points, arguments, and the kernel trap. */

#ifndef MACH_I386_ASM_H
#define MACH_I386_ASM_H

#define S_ARG0	 4(%esp)
#define S_ARG1	 8(%esp)
#define S_ARG2	12(%esp)
#define S_ARG3	16(%esp)

#define FRAME	pushl %ebp; movl %esp, %ebp
#define EMARF	leave

#define B_ARG0	 8(%ebp)
#define B_ARG1	12(%ebp)
#define B_ARG2	16(%ebp)
#define B_ARG3	20(%ebp)

#define TEXT_ALIGN	4
#define DATA_ALIGN	2
#define ALIGN		TEXT_ALIGN
#define P2ALIGN(p2)	.p2align p2

#define EXT(x)		x
#define LEXT(x)		x:
#define SEXT(x)		#x
#define LCL(x)		x
#define LCLL(x)		x:
#define LB(x, n)	n
#define gLB(n)		n:
#define LBb(x, n)	n ## b
#define LBf(x, n)	n ## f

#define ENTRY(x) \
	.globl EXT(x); .type EXT(x), @function; .p2align TEXT_ALIGN; LEXT(x)
#define END(x)		.size x, . - x
#define DATA(x)		.globl EXT(x); .p2align DATA_ALIGN; LEXT(x)

/* A far call to selector 7: the kernel takes the number from %eax. */
#define SVC		.byte 0x9a; .long 0; .word 0x7

#endif /* MACH_I386_ASM_H */
