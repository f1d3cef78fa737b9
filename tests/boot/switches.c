/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Registers across context switches: many threads keep values of their own in
 * general, FPU and SSE registers and behind a %gs of their own, are preempted
 * in user mode and give way in traps, and each finds its values again.
 */

#include "rt.h"

#include <mach/machine/mach_i386_types.h>

#include "mach_i386_user.h"
#include "mach_user.h"

#define THREADS		8
#define ROUNDS		300
#define SPINS		20000

struct worker {
	unsigned	number;
	unsigned	gs_block[2];	/* what its %gs shows */
	volatile int	wrong;
	volatile int	done;
};

static struct worker workers[THREADS];

/* %gs of this thread shows its gs_block. */
static void
worker_set_gs(struct worker *w)
{
	unsigned base = (unsigned)w->gs_block;
	struct descriptor d = {
		0x0000ffff | base << 16,
		0x00cff200 | (base & 0xff000000) | (base >> 16 & 0xff),
	};
	mach_port_t self = mach_thread_self();
	int selector = -1;

	need("i386_set_gdt", i386_set_gdt(self, &selector, d));
	__asm__ volatile("movl %0, %%gs" : : "r" (selector));
}

/*
 * Load registers, spin or give way, and return how many changed.  The trap may
 * change %eax alone.
 */
static int
worker_round(const struct worker *w, unsigned round)
{
	unsigned value = w->number * 0x01010101 + round;
	unsigned expect[4] = { value, ~value, value * 3, value + 7 };
	unsigned sse[4] = { 0, 0, 0, 0 };
	int load = (int)w->number * 1000 + (int)round;
	int fpu_low = 0;
	int fpu_high = 0;
	unsigned general = 0;
	unsigned gs;

	__asm__ volatile(
	    "fninit\n\t"
	    "fildl	%[load]\n\t"
	    "fld1\n\t"
	    "movups	%[expect], %%xmm5\n\t"
	    "testl	$1, %[round]\n\t"
	    "jz		2f\n\t"
	    "movl	%[spins], %%ecx\n"
	    "1:	decl	%%ecx\n\t"
	    "jnz	1b\n\t"
	    "jmp	3f\n"
	    "2:	movl	%[value], %%esi\n\t"
	    "movl	%%esi, %%edi\n\t"
	    "notl	%%edi\n\t"
	    "pushl	$0\n\t"
	    "pushl	$0\n\t"
	    "movl	$-59, %%eax\n\t"
	    "lcall	$7, $0\n\t"
	    "addl	$8, %%esp\n\t"
	    "notl	%%edi\n\t"
	    "xorl	%%esi, %%edi\n\t"
	    "movl	%%edi, %[general]\n"
	    "3:\n\t"
	    "movups	%%xmm5, %[sse]\n\t"
	    "fistpl	%[high]\n\t"
	    "fistpl	%[low]\n\t"
	    "movl	%%gs:4, %%edi\n\t"
	    : [sse] "=m" (sse), [low] "=m" (fpu_low), [high] "=m" (fpu_high),
	    [general] "+m" (general), "=&D" (gs)
	    : [load] "m" (load), [expect] "m" (expect), [round] "m" (round),
	    [spins] "i" (SPINS), [value] "m" (value)
	    : "eax", "ecx", "edx", "esi", "memory", "cc");

	return (fpu_low != load) + (fpu_high != 1) + (general != 0) +
	    (gs != w->gs_block[1]) +
	    (memcmp(sse, expect, sizeof(sse)) != 0);
}

static void
worker_main(void *arg)
{
	struct worker *w = arg;

	worker_set_gs(w);
	for (unsigned i = 0; i < ROUNDS; i++) {
		w->wrong += worker_round(w, i);
	}
	w->done = 1;
	rt_thread_exit();
}

static bool
all_done(void)
{
	for (unsigned i = 0; i < THREADS; i++) {
		if (!workers[i].done) {
			return false;
		}
	}
	return true;
}

void
test(void)
{
	for (unsigned i = 0; i < THREADS; i++) {
		workers[i].number = i;
		workers[i].gs_block[1] = 0x5eed0000 + i;
		rt_thread_create(worker_main, &workers[i]);
	}
	while (!all_done()) {
		rt_sleep(10);
	}
	for (unsigned i = 0; i < THREADS; i++) {
		want_number("registers that changed", workers[i].wrong, 0);
	}
}
