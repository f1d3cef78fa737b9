/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * The pretend machine's part of <machine/pcb.h>.  A thread runs on a fiber of
 * the host, whose stack is large enough for the sanitizers.
 *
 * "User mode" of a user thread is a host function: its address is the pc, and
 * its argument the stack pointer, that pcb_set_entry() sets.  It enters the
 * kernel by pretend_trap_enter() and leaves by pretend_trap_leave().
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
	uint32_t pc;
	uint32_t sp;
	uint32_t result;		/* of pcb_set_return */
	uint32_t registers[32];		/* for get and set state */
};

struct pcb_task {
	uint32_t unused;
};

#endif
