/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * FPU and SSE state.
 *
 * With FXSR the save area is an FXSAVE image, otherwise one of FNSAVE.  The
 * flavor i386_FLOAT_STATE is always an FNSAVE image; the conversion is
 * here.
 */

#include "fpu.h"

#include <string.h>

#include <mach/machine/fp_reg.h>

#include <machine/cpu.h>

#include <kernel/kmem.h>
#include <kernel/panic.h>
#include <kernel/sched.h>
#include <kernel/thread.h>

#define FPU_CONTROL_INITIAL	0x037f
#define FPU_MXCSR_INITIAL	0x1f80
#define FPU_STATUS_ERRORS	0x80ff	/* what FNCLEX clears */
#define FPU_MXCSR_ERRORS	0x003f
#define FPU_FXSAVE_SIZE		512

/* What FNSAVE writes. */
struct fpu_fnsave {
	struct i386_fp_save	save;
	struct i386_fp_regs	regs;
};

/* What FXSAVE writes. */
struct fpu_fxsave {
	uint16_t	control;
	uint16_t	status;
	uint8_t		tags;		/* a bit per register: not empty */
	uint8_t		reserved;
	uint16_t	opcode;
	uint32_t	eip;
	uint16_t	cs;
	uint16_t	reserved2;
	uint32_t	dp;
	uint16_t	ds;
	uint16_t	reserved3;
	uint32_t	mxcsr;
	uint32_t	mxcsr_mask;
	uint8_t		regs[8][16];
	uint8_t		xmm[8][16];
	uint8_t		unused[224];
};

struct fpu_state {
	union {
		struct fpu_fnsave	fnsave;
		struct fpu_fxsave	fxsave;
	};
} __attribute__((aligned(16)));

_Static_assert(sizeof(struct fpu_fnsave) == 108, "the hardware's layout");
_Static_assert(sizeof(struct fpu_fxsave) == FPU_FXSAVE_SIZE,
    "the hardware's layout");

/* [I] after fpu_setup_this(0) */
static bool fpu_fxsr;
static uint32_t fpu_mxcsr_mask = 0xffbf;
static struct fpu_state fpu_initial;

static struct kmem_cache fpu_cache;

static void
fpu_ts_clear(void)
{
	__asm__ volatile("clts" : : : "memory");
}

static void
fpu_ts_set(void)
{
	cpu_write_cr0(cpu_read_cr0() | CPU_CR0_TS);
}

/* After this the registers may or may not be intact. */
static void
fpu_store(struct fpu_state *state)
{
	if (fpu_fxsr) {
		__asm__ volatile("fxsave %0" : "=m" (state->fxsave));
	} else {
		__asm__ volatile("fnsave %0; fwait" : "=m" (state->fnsave));
	}
}

static void
fpu_load(const struct fpu_state *state)
{
	if (fpu_fxsr) {
		__asm__ volatile("fxrstor %0" : : "m" (state->fxsave));
	} else {
		__asm__ volatile("frstor %0" : : "m" (state->fnsave));
	}
}

void
fpu_setup_this(unsigned cpu)
{
	uint32_t mxcsr = FPU_MXCSR_INITIAL;

	fpu_ts_clear();
	__asm__ volatile("fninit");
	if (cpu == 0) {
		fpu_fxsr = cpu_has(CPU_FEATURE_FXSR);
		if (cpu_has(CPU_FEATURE_SSE)) {
			__asm__ volatile("ldmxcsr %0" : : "m" (mxcsr));
		}
		fpu_store(&fpu_initial);
		if (fpu_fxsr) {
			memset(fpu_initial.fxsave.regs, 0,
			    sizeof(fpu_initial.fxsave.regs));
			memset(fpu_initial.fxsave.xmm, 0,
			    sizeof(fpu_initial.fxsave.xmm));
			fpu_initial.fxsave.mxcsr = FPU_MXCSR_INITIAL;
			if (fpu_initial.fxsave.mxcsr_mask != 0) {
				fpu_mxcsr_mask = fpu_initial.fxsave.mxcsr_mask;
			}
		}
	}
	fpu_ts_set();
}

void
fpu_setup(void)
{
	kmem_cache_init(&fpu_cache, "fpu", sizeof(struct fpu_state), 16, NULL);
}

void
fpu_save(struct pcb *pcb)
{
	if (pcb->fpu_live) {
		fpu_store(pcb->fpu);
		pcb->fpu_live = false;
		fpu_ts_set();
	}
}

/* ---- wide copies ---------------------------------------------------------- */

/*
 * The kernel borrows four SSE registers from whichever thread's values are in
 * them.  Interrupt handlers do not use the FPU, and a thread that is not
 * preempted cannot lose its registers meanwhile.
 */
struct fpu_borrowed {
	bool	ts;		/* CR0.TS was set */
	uint8_t	xmm[4][16];
};

static void
fpu_borrow(struct fpu_borrowed *b)
{
	b->ts = (cpu_read_cr0() & CPU_CR0_TS) != 0;
	if (b->ts) {
		fpu_ts_clear();
	}
	__asm__ volatile(
	    "movups	%%xmm0, (%0)\n\t"
	    "movups	%%xmm1, 16(%0)\n\t"
	    "movups	%%xmm2, 32(%0)\n\t"
	    "movups	%%xmm3, 48(%0)"
	    : : "r" (b->xmm) : "memory");
}

static void
fpu_give_back(const struct fpu_borrowed *b)
{
	__asm__ volatile(
	    "movups	(%0), %%xmm0\n\t"
	    "movups	16(%0), %%xmm1\n\t"
	    "movups	32(%0), %%xmm2\n\t"
	    "movups	48(%0), %%xmm3"
	    : : "r" (b->xmm) : "memory");
	if (b->ts) {
		fpu_ts_set();
	}
}

void
fpu_zero(void *to, size_t n)
{
	struct fpu_borrowed b;

	assert_debug(preempt_disabled());
	if (!cpu_has(CPU_FEATURE_FXSR | CPU_FEATURE_SSE)) {
		memset(to, 0, n);
		return;
	}
	fpu_borrow(&b);
	__asm__ volatile(
	    "xorps	%%xmm0, %%xmm0\n"
	    "1:\n\t"
	    "movaps	%%xmm0, (%0)\n\t"
	    "movaps	%%xmm0, 16(%0)\n\t"
	    "movaps	%%xmm0, 32(%0)\n\t"
	    "movaps	%%xmm0, 48(%0)\n\t"
	    "movaps	%%xmm0, 64(%0)\n\t"
	    "movaps	%%xmm0, 80(%0)\n\t"
	    "movaps	%%xmm0, 96(%0)\n\t"
	    "movaps	%%xmm0, 112(%0)\n\t"
	    "addl	$128, %0\n\t"
	    "subl	$128, %1\n\t"
	    "jnz	1b"
	    : "+r" (to), "+r" (n) : : "memory", "cc");
	fpu_give_back(&b);
}

void
fpu_copy(void *to, const void *from, size_t n)
{
	struct fpu_borrowed b;

	assert_debug(preempt_disabled());
	if (!cpu_has(CPU_FEATURE_FXSR | CPU_FEATURE_SSE)) {
		memcpy(to, from, n);
		return;
	}
	fpu_borrow(&b);
	__asm__ volatile(
	    "1:\n\t"
	    "movaps	(%1), %%xmm0\n\t"
	    "movaps	16(%1), %%xmm1\n\t"
	    "movaps	32(%1), %%xmm2\n\t"
	    "movaps	48(%1), %%xmm3\n\t"
	    "movaps	%%xmm0, (%0)\n\t"
	    "movaps	%%xmm1, 16(%0)\n\t"
	    "movaps	%%xmm2, 32(%0)\n\t"
	    "movaps	%%xmm3, 48(%0)\n\t"
	    "movaps	64(%1), %%xmm0\n\t"
	    "movaps	80(%1), %%xmm1\n\t"
	    "movaps	96(%1), %%xmm2\n\t"
	    "movaps	112(%1), %%xmm3\n\t"
	    "movaps	%%xmm0, 64(%0)\n\t"
	    "movaps	%%xmm1, 80(%0)\n\t"
	    "movaps	%%xmm2, 96(%0)\n\t"
	    "movaps	%%xmm3, 112(%0)\n\t"
	    "addl	$128, %1\n\t"
	    "addl	$128, %0\n\t"
	    "subl	$128, %2\n\t"
	    "jnz	1b"
	    : "+r" (to), "+r" (from), "+r" (n) : : "memory", "cc");
	fpu_give_back(&b);
}

void
fpu_fini(struct pcb *pcb)
{
	assert(!pcb->fpu_live);
	if (pcb->fpu != NULL) {
		kmem_cache_free(&fpu_cache, pcb->fpu);
		pcb->fpu = NULL;
	}
}

/* Make sure that there is a save area; false when memory is short. */
static bool
fpu_alloc(struct pcb *pcb)
{
	struct fpu_state *state;

	if (pcb->fpu != NULL) {
		return true;
	}
	state = kmem_cache_alloc(&fpu_cache);
	if (state == NULL) {
		return false;
	}
	*state = fpu_initial;
	pcb->fpu = state;
	return true;
}

void
fpu_trap_absent(void)
{
	struct pcb *pcb = &current_thread()->pcb;

	/* Without memory for the registers the instruction is tried again,
	 * after others had a chance to free some. */
	if (!fpu_alloc(pcb)) {
		sched_yield();
		return;
	}
	cpu_intr_disable();
	if (!pcb->fpu_live) {
		fpu_ts_clear();
		fpu_load(pcb->fpu);
		pcb->fpu_live = true;
	}
	cpu_intr_enable();
}

/* Bring the save area of a stopped or the current thread up to date. */
static void
fpu_flush(struct thread *thread)
{
	bool saved = cpu_intr_save();

	if (thread == current_thread()) {
		fpu_save(&thread->pcb);
	}
	cpu_intr_restore(saved);
	assert(!thread->pcb.fpu_live);
}

uint32_t
fpu_trap_error(bool simd)
{
	struct thread *thread = current_thread();
	struct pcb *pcb = &thread->pcb;
	uint32_t status;

	fpu_flush(thread);
	if (pcb->fpu == NULL) {
		return 0;
	}
	if (simd) {
		status = pcb->fpu->fxsave.mxcsr;
		pcb->fpu->fxsave.mxcsr &= ~FPU_MXCSR_ERRORS;
	} else if (fpu_fxsr) {
		status = pcb->fpu->fxsave.status;
		pcb->fpu->fxsave.status &= (uint16_t)~FPU_STATUS_ERRORS;
	} else {
		status = pcb->fpu->fnsave.save.fp_status;
		pcb->fpu->fnsave.save.fp_status &=
		    (uint16_t)~FPU_STATUS_ERRORS;
	}
	pcb->fpu_error = status;
	return status;
}

/* ---- conversion --------------------------------------------------------- */

/* The two-bit tag of a register with these contents, if it is not empty. */
static unsigned
fpu_tag(const uint8_t reg[10])
{
	unsigned exponent = ((unsigned)reg[9] << 8 | reg[8]) & 0x7fff;
	bool zero = true;

	for (unsigned i = 0; i < 8; i++) {
		if (reg[i] != 0) {
			zero = false;
		}
	}
	if (exponent == 0x7fff) {
		return 2;
	}
	if (exponent == 0) {
		return zero ? 1 : 2;
	}
	return (reg[7] & 0x80) != 0 ? 0 : 2;
}

static void
fpu_to_fnsave(const struct fpu_fxsave *from, struct fpu_fnsave *to)
{
	unsigned top = (from->status >> 11) & 7;

	memset(to, 0, sizeof(*to));
	to->save.fp_control = from->control;
	to->save.fp_status = from->status;
	to->save.fp_eip = from->eip;
	to->save.fp_cs = from->cs;
	to->save.fp_opcode = from->opcode;
	to->save.fp_dp = from->dp;
	to->save.fp_ds = from->ds;
	/* Contents are in stack order, tags in register order. */
	for (unsigned i = 0; i < 8; i++) {
		unsigned stack = (i - top) & 7;
		unsigned tag = 3;

		if (from->tags & (1u << i)) {
			tag = fpu_tag(from->regs[stack]);
		}
		to->save.fp_tag |= (uint16_t)(tag << (2 * i));
		memcpy(to->regs.fp_reg_word[i], from->regs[i], 10);
	}
}

static void
fpu_from_fnsave(const struct fpu_fnsave *from, struct fpu_fxsave *to)
{
	to->control = from->save.fp_control;
	to->status = from->save.fp_status;
	to->tags = 0;
	to->opcode = from->save.fp_opcode;
	to->eip = from->save.fp_eip;
	to->cs = from->save.fp_cs;
	to->dp = from->save.fp_dp;
	to->ds = from->save.fp_ds;
	for (unsigned i = 0; i < 8; i++) {
		if (((from->save.fp_tag >> (2 * i)) & 3) != 3) {
			to->tags |= (uint8_t)(1u << i);
		}
		memset(to->regs[i], 0, sizeof(to->regs[i]));
		memcpy(to->regs[i], from->regs.fp_reg_word[i], 10);
	}
}

/* ---- thread_get_state, thread_set_state --------------------------------- */

void
fpu_get_state(struct thread *thread, struct i386_float_state *state)
{
	struct pcb *pcb = &thread->pcb;

	memset(state, 0, sizeof(*state));
	state->fpkind = fpu_fxsr ? FP_387FX : FP_387;
	fpu_flush(thread);
	if (pcb->fpu == NULL) {
		return;
	}
	state->initialized = 1;
	state->exc_status = (int)pcb->fpu_error;
	if (fpu_fxsr) {
		fpu_to_fnsave(&pcb->fpu->fxsave, (void *)state->hw_state);
	} else {
		memcpy(state->hw_state, &pcb->fpu->fnsave,
		    sizeof(struct fpu_fnsave));
	}
}

kern_return_t
fpu_set_state(struct thread *thread, const struct i386_float_state *state)
{
	struct pcb *pcb = &thread->pcb;

	fpu_flush(thread);
	if (state->initialized == 0) {
		fpu_fini(pcb);
		pcb->fpu_error = 0;
		return KERN_SUCCESS;
	}
	if (!fpu_alloc(pcb)) {
		return KERN_RESOURCE_SHORTAGE;
	}
	if (fpu_fxsr) {
		fpu_from_fnsave((const void *)state->hw_state,
		    &pcb->fpu->fxsave);
	} else {
		memcpy(&pcb->fpu->fnsave, state->hw_state,
		    sizeof(struct fpu_fnsave));
	}
	pcb->fpu_error = 0;
	return KERN_SUCCESS;
}

size_t
fpu_xstate_size(void)
{
	return fpu_fxsr ? sizeof(struct fpu_fxsave) :
	    sizeof(struct fpu_fnsave);
}

void
fpu_get_xstate(struct thread *thread, struct i386_xfloat_state *state)
{
	struct pcb *pcb = &thread->pcb;

	memset(state, 0, sizeof(*state) + fpu_xstate_size());
	state->fpkind = fpu_fxsr ? FP_387FX : FP_387;
	state->fp_save_kind = state->fpkind;
	fpu_flush(thread);
	if (pcb->fpu == NULL) {
		return;
	}
	state->initialized = 1;
	state->exc_status = (int)pcb->fpu_error;
	memcpy(state->hw_state, pcb->fpu, fpu_xstate_size());
}

kern_return_t
fpu_set_xstate(struct thread *thread, const struct i386_xfloat_state *state)
{
	struct pcb *pcb = &thread->pcb;

	if (state->initialized != 0 &&
	    state->fp_save_kind != (fpu_fxsr ? FP_387FX : FP_387)) {
		return KERN_INVALID_ARGUMENT;
	}
	fpu_flush(thread);
	if (state->initialized == 0) {
		fpu_fini(pcb);
		pcb->fpu_error = 0;
		return KERN_SUCCESS;
	}
	if (!fpu_alloc(pcb)) {
		return KERN_RESOURCE_SHORTAGE;
	}
	memcpy(pcb->fpu, state->hw_state, fpu_xstate_size());
	if (fpu_fxsr) {
		/* A bit that the processor does not know would fault in
		 * the kernel. */
		pcb->fpu->fxsave.mxcsr &= fpu_mxcsr_mask;
	}
	pcb->fpu_error = 0;
	return KERN_SUCCESS;
}
