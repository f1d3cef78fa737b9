/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * The pretend machine's part of <machine/pcb.h>.  A thread runs on a fiber of
 * the host, whose stack is large enough for the sanitizers.
 *
 * "User mode" of a user thread is a host function: its address is the pc, and
 * its argument the stack pointer, that pcb_set_entry() sets.  It enters the
 * kernel by pretend_trap_enter() and leaves by pretend_trap_leave().
 *
 * Every thread keeps its fiber: one that has given its stack away calls its
 * continuation above what is still there, and pcb_return_to_user() jumps to the
 * end of the trap.
 */

#ifndef PRETEND_PCB_H
#define PRETEND_PCB_H

#include <machine/types.h>

struct host_fiber;

struct pcb {
	struct host_fiber *fiber;
	void (*entry)(void *arg);	/* kernel threads */
	void *arg;
	bool user_mode;			/* running the user function */
	bool in_trap;			/* TRAP is where it is to go on */
	void *trap[5];			/* for __builtin_longjmp() */
	uint32_t (*handed_fn)(void *arg); /* of pcb_hand_over(), to be called */
	char handed_arg[512];
	uint32_t pc;
	uint32_t sp;
	uint32_t result;		/* of pcb_set_return */
	uint32_t registers[32];		/* for get and set state */
};

/* What is in there does not survive user mode: pretend_trap_enter(). */
#define PCB_ROOM 200

struct pcb_task {
	uint32_t unused;
};

#endif
