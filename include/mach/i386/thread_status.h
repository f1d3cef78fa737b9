/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Registers of a thread, by flavor.
 */

#ifndef MACH_I386_THREAD_STATUS_H
#define MACH_I386_THREAD_STATUS_H

#include <stddef.h>

#include <mach/machine/fp_reg.h>

#define i386_THREAD_STATE		1	/* general registers */
#define i386_FLOAT_STATE		2	/* FNSAVE image */
#define i386_ISA_PORT_MAP_STATE		3	/* I/O ports, to be read */
#define i386_V86_ASSIST_STATE		4
#define i386_REGS_SEGS_STATE		5	/* 1, segments checked */
#define i386_DEBUG_STATE		6
#define i386_FSGS_BASE_STATE		7
#define i386_XFLOAT_STATE		8	/* FXSAVE or XSAVE image */

struct i386_thread_state {
	unsigned int	gs;
	unsigned int	fs;
	unsigned int	es;
	unsigned int	ds;
	unsigned int	edi;
	unsigned int	esi;
	unsigned int	ebp;
	unsigned int	esp;	/* what PUSHA leaves: not used */
	unsigned int	ebx;
	unsigned int	edx;
	unsigned int	ecx;
	unsigned int	eax;
	unsigned int	eip;
	unsigned int	cs;
	unsigned int	efl;
	unsigned int	uesp;	/* the stack pointer */
	unsigned int	ss;
};

#define i386_THREAD_STATE_COUNT \
	(sizeof(struct i386_thread_state) / sizeof(unsigned int))

_Static_assert(sizeof(struct i386_thread_state) == 68, "i386_thread_state");
_Static_assert(offsetof(struct i386_thread_state, eip) == 48, "eip");
_Static_assert(offsetof(struct i386_thread_state, uesp) == 60, "uesp");

#define FP_STATE_BYTES \
	(sizeof(struct i386_fp_save) + sizeof(struct i386_fp_regs))

struct i386_float_state {
	int		fpkind;		/* FP_*: no state when FP_NO */
	int		initialized;	/* no state when 0 */
	unsigned char	hw_state[FP_STATE_BYTES];
	int		exc_status;	/* exceptions not yet delivered */
};

#define i386_FLOAT_STATE_COUNT \
	(sizeof(struct i386_float_state) / sizeof(unsigned int))

_Static_assert(sizeof(struct i386_float_state) == 120, "i386_float_state");

#define PORT_MAP_BITS	0x400

struct i386_isa_port_map_state {
	unsigned char	pm[PORT_MAP_BITS >> 3];
};

#define i386_ISA_PORT_MAP_STATE_COUNT \
	(sizeof(struct i386_isa_port_map_state) / sizeof(unsigned int))

_Static_assert(sizeof(struct i386_isa_port_map_state) == 128, "port_map");

struct i386_v86_assist_state {
	unsigned int	int_table;	/* address of v86_interrupt_table[] */
	int		int_count;
};

struct v86_interrupt_table {
	unsigned int	count;		/* interrupts waiting */
	unsigned short	mask;
	unsigned short	vec;
};

#define i386_V86_ASSIST_STATE_COUNT \
	(sizeof(struct i386_v86_assist_state) / sizeof(unsigned int))

struct i386_debug_state {
	unsigned int	dr[8];
};

#define i386_DEBUG_STATE_COUNT \
	(sizeof(struct i386_debug_state) / sizeof(unsigned int))

struct i386_fsgs_base_state {
	unsigned long	fs_base;
	unsigned long	gs_base;
};

#define i386_FSGS_BASE_STATE_COUNT \
	(sizeof(struct i386_fsgs_base_state) / sizeof(unsigned int))

/* i386_get_xstate_size tells how long hw_state is here. */
struct i386_xfloat_state {
	int		fpkind;
	int		initialized;
	int		exc_status;
	int		fp_save_kind;
	unsigned char	hw_state[];
};

_Static_assert(offsetof(struct i386_xfloat_state, hw_state) == 16, "xfloat");

#endif /* MACH_I386_THREAD_STATUS_H */
