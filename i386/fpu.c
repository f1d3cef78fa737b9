/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * FPU, SSE and AVX state.
 *
 * The save area is an XSAVE image (standard form), without XSAVE one of
 * FXSAVE, without FXSR one of FNSAVE.  The flavor i386_FLOAT_STATE is always
 * an FNSAVE image; the conversion is here.
 *
 * XSAVE may leave out what is in its initial state; fpu_expand() writes it, so
 * whoever looks into an area calls that first.  XSAVEOPT may also leave out
 * what did not change since the CPU's last XRSTOR: an area may be changed only
 * while its registers are not live, so that XRSTOR comes first again.
 *
 * Loading waits until the registers are used, except with XSAVE: then a thread
 * that used them once has them whenever it runs, and another never finds
 * somebody's in the FPU.  CR0.TS alone would not do: some processors look past
 * it when they run ahead, and QEMU's XSAVE and XRSTOR do not look at it.
 */

#include "fpu.h"

#include <string.h>

#include <mach/machine/fp_reg.h>
#include <mach/thread_status.h>

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

/* Sets of registers that XSAVE saves, by their bits in XCR0. */
#define FPU_X87			(1u << 0)
#define FPU_SSE			(1u << 1)
#define FPU_AVX			(1u << 2)
#define FPU_AVX512		(7u << 5)	/* all three or none */
#define FPU_SETS		8

#define FPU_LEAF_XSAVE		0xd
#define FPU_LEAF_XSAVE_OPT	(1u << 0)	/* subleaf 1, EAX */

/* An area must fit into a thread_get_state() message. */
#define FPU_SIZE_MAX		(THREAD_STATE_MAX * sizeof(natural_t) -	\
				sizeof(struct i386_xfloat_state))

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

/* What XSAVE writes after that; then comes what is left of the sets. */
struct fpu_header {
	uint64_t	sets;		/* not in their initial state */
	uint64_t	compaction;	/* 0: standard form */
	uint64_t	reserved[6];	/* 0 */
};

/* Of an area only fpu_size bytes exist. */
struct fpu_state {
	union {
		struct fpu_fnsave	fnsave;
		struct fpu_fxsave	fxsave;
	};
	struct fpu_header	header;
} __attribute__((aligned(64)));

_Static_assert(sizeof(struct fpu_fnsave) == 108, "the hardware's layout");
_Static_assert(sizeof(struct fpu_fxsave) == FPU_FXSAVE_SIZE,
    "the hardware's layout");
_Static_assert(sizeof(struct fpu_state) == 576, "the hardware's layout");

enum fpu_kind {
	FPU_FNSAVE,
	FPU_FXSAVE,
	FPU_XSAVE,
	FPU_XSAVEOPT,
};

/* Where an XSAVE image has a set of registers. */
struct fpu_set {
	uint32_t	offset;
	uint32_t	size;
};

/* [I] after fpu_setup_this(0) */
static enum fpu_kind fpu_kind;
static uint32_t fpu_sets;		/* what XCR0 has */
static struct fpu_set fpu_set[FPU_SETS];
static size_t fpu_size;			/* of a save area */
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

static bool
fpu_has_fxsr(void)
{
	return fpu_kind >= FPU_FXSAVE;
}

static bool
fpu_has_xsave(void)
{
	return fpu_kind >= FPU_XSAVE;
}

/* After this the registers may or may not be intact. */
static void
fpu_store(struct fpu_state *state)
{
	switch (fpu_kind) {
	case FPU_XSAVEOPT:
		__asm__ volatile("xsaveopt (%0)"
		    : : "r" (state), "a" (fpu_sets), "d" (0) : "memory");
		break;
	case FPU_XSAVE:
		__asm__ volatile("xsave (%0)"
		    : : "r" (state), "a" (fpu_sets), "d" (0) : "memory");
		break;
	case FPU_FXSAVE:
		__asm__ volatile("fxsave %0" : "=m" (state->fxsave));
		break;
	default:
		__asm__ volatile("fnsave %0; fwait" : "=m" (state->fnsave));
		break;
	}
}

static void
fpu_load(const struct fpu_state *state)
{
	switch (fpu_kind) {
	case FPU_XSAVEOPT:
	case FPU_XSAVE:
		__asm__ volatile("xrstor (%0)"
		    : : "r" (state), "a" (fpu_sets), "d" (0) : "memory");
		break;
	case FPU_FXSAVE:
		__asm__ volatile("fxrstor %0" : : "m" (state->fxsave));
		break;
	default:
		__asm__ volatile("frstor %0" : : "m" (state->fnsave));
		break;
	}
}

/* ---- set-up --------------------------------------------------------------- */

/* Take SETS, beyond x87 and SSE, if the processor has all of them. */
static void
fpu_take_sets(uint32_t offered, uint32_t sets)
{
	size_t size = fpu_size;
	uint32_t regs[4];

	if ((offered & sets) != sets) {
		return;
	}
	for (unsigned i = 0; i < FPU_SETS; i++) {
		if ((sets & 1u << i) == 0) {
			continue;
		}
		cpu_id_subleaf(FPU_LEAF_XSAVE, i, regs);
		fpu_set[i].size = regs[0];
		fpu_set[i].offset = regs[1];
		if (regs[0] > FPU_SIZE_MAX || regs[1] > FPU_SIZE_MAX - regs[0]) {
			return;
		}
		if (size < regs[0] + regs[1]) {
			size = regs[0] + regs[1];
		}
	}
	fpu_sets |= sets;
	fpu_size = size;
}

static void
fpu_detect_xsave(void)
{
	uint32_t regs[4];
	uint32_t offered;

	cpu_id_leaf(0, regs);
	if (regs[0] < FPU_LEAF_XSAVE || !cpu_has(CPU_FEATURE_SSE)) {
		return;
	}
	cpu_id_leaf(1, regs);
	if ((regs[2] & CPU_FEATURE_ECX_XSAVE) == 0) {
		return;
	}
	cpu_id_subleaf(FPU_LEAF_XSAVE, 0, regs);
	offered = regs[0];
	if ((offered & (FPU_X87 | FPU_SSE)) != (FPU_X87 | FPU_SSE)) {
		return;
	}
	fpu_sets = FPU_X87 | FPU_SSE;
	fpu_size = sizeof(struct fpu_state);
	fpu_take_sets(offered, FPU_AVX);
	if ((fpu_sets & FPU_AVX) != 0) {
		fpu_take_sets(offered, FPU_AVX512);
	}
	cpu_id_subleaf(FPU_LEAF_XSAVE, 1, regs);
	fpu_kind = (regs[0] & FPU_LEAF_XSAVE_OPT) != 0 ? FPU_XSAVEOPT :
	    FPU_XSAVE;
}

static void
fpu_detect(void)
{
	fpu_kind = FPU_FNSAVE;
	fpu_size = sizeof(struct fpu_fnsave);
	if (cpu_has(CPU_FEATURE_FXSR)) {
		fpu_kind = FPU_FXSAVE;
		fpu_size = sizeof(struct fpu_fxsave);
		fpu_detect_xsave();
	}
}

/* The registers at the start of a program, from those after FNINIT. */
static void
fpu_make_initial(void)
{
	struct fpu_fxsave *fx = &fpu_initial.fxsave;

	if (!fpu_has_fxsr()) {
		__asm__ volatile("fnsave %0" : "=m" (fpu_initial.fnsave));
		return;
	}
	__asm__ volatile("fxsave %0" : "=m" (*fx));
	fx->mxcsr = FPU_MXCSR_INITIAL;
	if (fx->mxcsr_mask != 0) {
		fpu_mxcsr_mask = fx->mxcsr_mask;
	}
	memset(fx->regs, 0, sizeof(fx->regs));
	memset(fx->xmm, 0, sizeof(fx->xmm));
	memset(fx->unused, 0, sizeof(fx->unused));
	memset(&fpu_initial.header, 0, sizeof(fpu_initial.header));
	fpu_initial.header.sets = FPU_X87 | FPU_SSE;
}

void
fpu_setup_this(unsigned cpu)
{
	uint32_t mxcsr = FPU_MXCSR_INITIAL;

	if (cpu == 0) {
		fpu_detect();
	}
	fpu_ts_clear();
	__asm__ volatile("fninit");
	if (cpu_has(CPU_FEATURE_SSE)) {
		__asm__ volatile("ldmxcsr %0" : : "m" (mxcsr));
	}
	if (cpu == 0) {
		fpu_make_initial();
	}
	if (fpu_has_xsave()) {
		cpu_write_cr4(cpu_read_cr4() | CPU_CR4_OSXSAVE);
		cpu_write_xcr0(fpu_sets);
	}
	fpu_ts_set();
}

void
fpu_setup(void)
{
	kmem_cache_init(&fpu_cache, "fpu", fpu_size,
	    __alignof__(struct fpu_state));
}

/* What is in the registers is somebody's whose area has it: have PCB's there
 * instead if they must not wait.  TS is clear. */
static void
fpu_replace(struct pcb *pcb)
{
	if (fpu_has_xsave() && pcb->fpu != NULL) {
		fpu_load(pcb->fpu);
		pcb->fpu_live = true;
		return;
	}
	if (fpu_has_xsave()) {
		fpu_load(&fpu_initial);
	}
	fpu_ts_set();
}

void
fpu_switch(struct pcb *old, struct pcb *new)
{
	if (old->fpu_live) {
		fpu_store(old->fpu);
		old->fpu_live = false;
		fpu_replace(new);
	} else if (fpu_has_xsave() && new->fpu != NULL) {
		fpu_ts_clear();
		fpu_replace(new);
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
	intptr_t i = -(intptr_t)n;	/* from the end */

	assert_debug(preempt_disabled());
	if (!cpu_has(CPU_FEATURE_FXSR | CPU_FEATURE_SSE)) {
		memset(to, 0, n);
		return;
	}
	fpu_borrow(&b);
	__asm__ volatile(
	    "xorps	%%xmm0, %%xmm0\n"
	    "1:\n\t"
	    ".set	at, 0\n\t"
	    ".rept	16\n\t"
	    "movaps	%%xmm0, at(%1, %0)\n\t"
	    ".set	at, at + 16\n\t"
	    ".endr\n\t"
	    "addl	$256, %0\n\t"
	    "jnz	1b"
	    : "+r" (i) : "r" ((char *)to + n) : "memory", "cc");
	fpu_give_back(&b);
}

void
fpu_copy(void *to, const void *from, size_t n)
{
	struct fpu_borrowed b;
	intptr_t i = -(intptr_t)n;	/* from the end */

	assert_debug(preempt_disabled());
	if (!cpu_has(CPU_FEATURE_FXSR | CPU_FEATURE_SSE)) {
		memcpy(to, from, n);
		return;
	}
	fpu_borrow(&b);
	__asm__ volatile(
	    "1:\n\t"
	    ".set	at, 0\n\t"
	    ".rept	4\n\t"
	    "movaps	at(%1, %0), %%xmm0\n\t"
	    "movaps	at + 16(%1, %0), %%xmm1\n\t"
	    "movaps	at + 32(%1, %0), %%xmm2\n\t"
	    "movaps	at + 48(%1, %0), %%xmm3\n\t"
	    "movaps	%%xmm0, at(%2, %0)\n\t"
	    "movaps	%%xmm1, at + 16(%2, %0)\n\t"
	    "movaps	%%xmm2, at + 32(%2, %0)\n\t"
	    "movaps	%%xmm3, at + 48(%2, %0)\n\t"
	    ".set	at, at + 64\n\t"
	    ".endr\n\t"
	    "addl	$256, %0\n\t"
	    "jnz	1b"
	    : "+r" (i)
	    : "r" ((const char *)from + n), "r" ((char *)to + n)
	    : "memory", "cc");
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
	memset(state, 0, fpu_size);
	memcpy(state, &fpu_initial, fpu_size < sizeof(fpu_initial) ? fpu_size :
	    sizeof(fpu_initial));
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

/* Write into an area what XSAVE left out of it because it is initial. */
static void
fpu_expand(struct fpu_state *state)
{
	struct fpu_fxsave *fx = &state->fxsave;
	uint32_t absent;

	if (!fpu_has_xsave()) {
		return;
	}
	absent = fpu_sets & ~(uint32_t)state->header.sets;
	if ((absent & FPU_X87) != 0) {
		memcpy(fx, &fpu_initial, offsetof(struct fpu_fxsave, mxcsr));
		memset(fx->regs, 0, sizeof(fx->regs));
	}
	if ((absent & FPU_SSE) != 0) {
		memset(fx->xmm, 0, sizeof(fx->xmm));
	}
	for (unsigned i = 2; i < FPU_SETS; i++) {
		if ((absent & 1u << i) != 0) {
			memset((uint8_t *)state + fpu_set[i].offset, 0,
			    fpu_set[i].size);
		}
	}
	/* The caller may change these two. */
	state->header.sets |= FPU_X87 | FPU_SSE;
}

/*
 * Look into or change the area of a stopped or the current thread, NULL when it
 * has none: it is as the registers are.  Until fpu_end() with what this
 * returns, interrupts are off.
 */
static bool
fpu_begin(struct thread *thread)
{
	struct pcb *pcb = &thread->pcb;
	bool saved = cpu_intr_save();

	if (thread == current_thread() && pcb->fpu_live) {
		fpu_store(pcb->fpu);
		pcb->fpu_live = false;
		fpu_ts_set();
	}
	assert(!pcb->fpu_live);
	if (pcb->fpu != NULL) {
		fpu_expand(pcb->fpu);
	}
	return saved;
}

/* The registers of the current thread are as its area again. */
static void
fpu_end(struct thread *thread, bool saved)
{
	if (thread == current_thread() && fpu_has_xsave()) {
		fpu_ts_clear();
		fpu_replace(&thread->pcb);
	}
	cpu_intr_restore(saved);
}

/* Take the error out of an area, and return it. */
static uint32_t
fpu_clear_error(struct fpu_state *fpu, bool simd)
{
	uint32_t status;

	if (simd) {
		status = fpu->fxsave.mxcsr;
		fpu->fxsave.mxcsr &= ~FPU_MXCSR_ERRORS;
	} else if (fpu_has_fxsr()) {
		status = fpu->fxsave.status;
		fpu->fxsave.status &= (uint16_t)~FPU_STATUS_ERRORS;
	} else {
		status = fpu->fnsave.save.fp_status;
		fpu->fnsave.save.fp_status &= (uint16_t)~FPU_STATUS_ERRORS;
	}
	return status;
}

static void
fpu_forget_error(struct pcb *pcb)
{
	if (pcb->extra != NULL) {
		pcb->extra->fpu_error = 0;
	}
}

uint32_t
fpu_trap_error(bool simd)
{
	struct thread *thread = current_thread();
	struct pcb *pcb = &thread->pcb;
	bool saved = fpu_begin(thread);
	uint32_t status = 0;

	if (pcb->fpu != NULL) {
		status = fpu_clear_error(pcb->fpu, simd);
	}
	fpu_end(thread, saved);
	if (pcb_need_extra(pcb) != NULL) {
		pcb->extra->fpu_error = status;
	}
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

/* How states say what FPU there is. */
static int
fpu_state_kind(void)
{
	return fpu_has_xsave() ? FP_387X : fpu_has_fxsr() ? FP_387FX : FP_387;
}

static int
fpu_state_save_kind(void)
{
	return fpu_has_xsave() ? FP_SAVE_XSAVE :
	    fpu_has_fxsr() ? FP_SAVE_FXSAVE : FP_SAVE_FNSAVE;
}

/* What both flavors do about a state that is not initialized. */
static void
fpu_forget(struct thread *thread)
{
	struct pcb *pcb = &thread->pcb;
	bool saved = fpu_begin(thread);
	struct fpu_state *fpu = pcb->fpu;

	pcb->fpu = NULL;
	fpu_forget_error(pcb);
	fpu_end(thread, saved);
	if (fpu != NULL) {
		kmem_cache_free(&fpu_cache, fpu);
	}
}

void
fpu_get_state(struct thread *thread, struct i386_float_state *state)
{
	const struct pcb *pcb = &thread->pcb;
	bool saved;

	memset(state, 0, sizeof(*state));
	state->fpkind = fpu_state_kind();
	saved = fpu_begin(thread);
	if (pcb->fpu != NULL) {
		state->initialized = 1;
		state->exc_status = (int)pcb_extra(pcb)->fpu_error;
		if (fpu_has_fxsr()) {
			fpu_to_fnsave(&pcb->fpu->fxsave,
			    (void *)state->hw_state);
		} else {
			memcpy(state->hw_state, &pcb->fpu->fnsave,
			    sizeof(struct fpu_fnsave));
		}
	}
	fpu_end(thread, saved);
}

kern_return_t
fpu_set_state(struct thread *thread, const struct i386_float_state *state)
{
	struct pcb *pcb = &thread->pcb;
	bool saved;

	if (state->initialized == 0) {
		fpu_forget(thread);
		return KERN_SUCCESS;
	}
	if (!fpu_alloc(pcb)) {
		return KERN_RESOURCE_SHORTAGE;
	}
	saved = fpu_begin(thread);
	if (fpu_has_fxsr()) {
		fpu_from_fnsave((const void *)state->hw_state,
		    &pcb->fpu->fxsave);
	} else {
		memcpy(&pcb->fpu->fnsave, state->hw_state,
		    sizeof(struct fpu_fnsave));
	}
	fpu_forget_error(pcb);
	fpu_end(thread, saved);
	return KERN_SUCCESS;
}

size_t
fpu_xstate_size(void)
{
	return fpu_size;
}

void
fpu_get_xstate(struct thread *thread, struct i386_xfloat_state *state)
{
	const struct pcb *pcb = &thread->pcb;
	bool saved;

	memset(state, 0, sizeof(*state) + fpu_size);
	state->fpkind = fpu_state_kind();
	state->fp_save_kind = fpu_state_save_kind();
	saved = fpu_begin(thread);
	if (pcb->fpu != NULL) {
		state->initialized = 1;
		state->exc_status = (int)pcb_extra(pcb)->fpu_error;
		memcpy(state->hw_state, pcb->fpu, fpu_size);
	}
	fpu_end(thread, saved);
}

/* Whether the processor loads the area at IMAGE, not aligned, without a
 * fault: in the kernel nobody would handle that. */
static bool
fpu_loads(const uint8_t *image)
{
	struct fpu_header header;
	uint32_t mxcsr;

	if (!fpu_has_fxsr()) {
		return true;
	}
	memcpy(&mxcsr, image + offsetof(struct fpu_fxsave, mxcsr),
	    sizeof(mxcsr));
	if ((mxcsr & ~fpu_mxcsr_mask) != 0) {
		return false;
	}
	if (!fpu_has_xsave()) {
		return true;
	}
	memcpy(&header, image + offsetof(struct fpu_state, header),
	    sizeof(header));
	if ((header.sets & ~(uint64_t)fpu_sets) != 0 ||
	    header.compaction != 0) {
		return false;
	}
	for (unsigned i = 0; i < 6; i++) {
		if (header.reserved[i] != 0) {
			return false;
		}
	}
	return true;
}

kern_return_t
fpu_set_xstate(struct thread *thread, const struct i386_xfloat_state *state)
{
	struct pcb *pcb = &thread->pcb;
	bool saved;

	if (state->initialized == 0) {
		fpu_forget(thread);
		return KERN_SUCCESS;
	}
	if (state->fp_save_kind != fpu_state_save_kind() ||
	    !fpu_loads(state->hw_state)) {
		return KERN_INVALID_ARGUMENT;
	}
	if (!fpu_alloc(pcb)) {
		return KERN_RESOURCE_SHORTAGE;
	}
	saved = fpu_begin(thread);
	memcpy(pcb->fpu, state->hw_state, fpu_size);
	fpu_forget_error(pcb);
	fpu_end(thread, saved);
	return KERN_SUCCESS;
}
