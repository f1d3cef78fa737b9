/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Calls of functions by the debugger: on a stack of their own, with TF set, so that
 * each instruction is looked at before it is executed.  What would let interrupts in
 * or leave that stack is not.
 */

#include <machine/kdb_cpu.h>

#include <string.h>

#include <machine/cpu.h>

#include <kernel/kdb/kdb_error.h>
#include <kernel/kdb/kdb_stop.h>
#include <kernel/kdb/kdb_unwind.h>
#include <kernel/percpu.h>

#include <i386/image.h>
#include <i386/kdb_call_run.h>
#include <i386/kdb_cpu.h>
#include <i386/regs.h>

/* The function's, as much as other functions have, and the traps' in it. */
#define KDB_CPU_CALL_STACK	(KERNEL_STACK_SIZE + KDB_CPU_CALL_TRAPS)
#define KDB_CPU_CALL_TRAPS	4096u

static uint8_t kdb_cpu_call_stack[KDB_CPU_CALL_STACK]
    __attribute__((aligned(16)));

/* The owner's, NULL: none. */
static struct kdb_cpu_call *kdb_cpu_call_now;

bool
kdb_cpu_calls(void)
{
	return kdb_cpu_call_now != NULL && kdb_stop_mine();
}

static bool
kdb_cpu_call_on_stack(uint32_t sp)
{
	uint32_t offset = sp - (uint32_t)kdb_cpu_call_stack;

	return offset >= KDB_CPU_CALL_TRAPS && offset <= KDB_CPU_CALL_STACK;
}

/* May the stack pointer become what is near register REG? */
static const char *
kdb_cpu_call_from(const struct kdb_frame *at, unsigned reg)
{
	return kdb_cpu_call_on_stack(at->reg[reg]) ? NULL : "changes stacks";
}

/* The same of an instruction at CODE with a ModRM byte, if it loads %esp. */
static const char *
kdb_cpu_call_loads(const struct kdb_frame *at, const uint8_t *code)
{
	unsigned mod = code[1] >> 6;
	unsigned reg = code[1] >> 3 & 7;
	unsigned rm = code[1] & 7;

	if (code[0] == 0x89) {		/* mov to register or memory */
		return mod == 3 && rm == KDB_REG_ESP
		    ? kdb_cpu_call_from(at, reg) : NULL;
	}
	if (reg != KDB_REG_ESP) {
		return NULL;
	}
	if (code[0] == 0x8d && rm == KDB_REG_ESP) {	/* lea */
		return kdb_cpu_call_from(at, code[2] & 7);
	}
	return code[0] == 0x8d || mod == 3 ? kdb_cpu_call_from(at, rm)
					   : "changes stacks";
}

/* What the instruction at CODE does that must not be; NULL: nothing. */
static const char *
kdb_cpu_call_bad(const struct kdb_frame *at, const uint8_t *code)
{
	const uint32_t *top = (const uint32_t *)at->reg[KDB_REG_ESP];

	switch (code[0]) {
	case 0xfb: case 0xcf:	/* sti, iret */
		return "enables interrupts";
	case 0x9d:		/* popf */
		return (*top & EFLAGS_IF) != 0 ? "enables interrupts" : NULL;
	case 0xf4:		/* hlt */
		return "waits for an interrupt";
	case 0xcc: case 0xcd:	/* int3, int */
		return "has a trap instruction";
	case 0xc9:		/* leave */
		return kdb_cpu_call_from(at, KDB_REG_EBP);
	case 0x5c: case 0xbc: case 0x94:	/* pop, mov, xchg */
		return "changes stacks";
	case 0x89: case 0x8b: case 0x8d:	/* mov, mov, lea */
		return kdb_cpu_call_loads(at, code);
	default:
		return NULL;
	}
}

static void
kdb_cpu_call_note(struct kdb_frame *at, const struct trap_frame *frame)
{
	memset(at, 0, sizeof(*at));
	kdb_frame_set(at, KDB_REG_EAX, frame->eax);
	kdb_frame_set(at, KDB_REG_ECX, frame->ecx);
	kdb_frame_set(at, KDB_REG_EDX, frame->edx);
	kdb_frame_set(at, KDB_REG_EBX, frame->ebx);
	kdb_frame_set(at, KDB_REG_ESP, (uint32_t)&frame->esp);
	kdb_frame_set(at, KDB_REG_EBP, frame->ebp);
	kdb_frame_set(at, KDB_REG_ESI, frame->esi);
	kdb_frame_set(at, KDB_REG_EDI, frame->edi);
	kdb_frame_set(at, KDB_REG_PC, frame->eip);
	at->exact = true;
}

static void
kdb_cpu_call_look(struct trap_frame *frame)
{
	struct kdb_cpu_call *call = kdb_cpu_call_now;
	const char *bad;

	if (frame->eip < (uintptr_t)kernel_text_start ||
	    frame->eip >= (uintptr_t)kernel_text_end) {
		kdb_error("it goes to %08x, which is no text of the kernel's",
		    frame->eip);
	}
	kdb_cpu_call_note(call->at, frame);
	call->instructions++;
	if (!kdb_cpu_call_on_stack((uint32_t)&frame->esp)) {
		kdb_error("it needs too much stack");
	}
	bad = kdb_cpu_call_bad(call->at, (const uint8_t *)frame->eip);
	if (bad != NULL) {
		kdb_error("it %s", bad);
	}
	if (!call->look(call)) {
		frame->eflags &= ~EFLAGS_TF;
	}
}

bool
kdb_cpu_call_trap(struct trap_frame *frame)
{
	if (!kdb_cpu_calls()) {
		return false;
	}
	if (frame->eip == (uintptr_t)kdb_call_run_back) {
		frame->eflags &= ~EFLAGS_TF;
	} else {
		kdb_cpu_call_look(frame);
	}
	return true;
}

static void
kdb_cpu_call_run(void *arg)
{
	struct kdb_cpu_call *call = arg;
	uint32_t *stack = (uint32_t *)(kdb_cpu_call_stack +
	    KDB_CPU_CALL_STACK) - KDB_CPU_CALL_WORDS - 2;

	stack[0] = call->function;
	stack[1] = (uint32_t)kdb_call_run_back;
	memcpy(&stack[2], call->stack, sizeof(call->stack));
	call->result = kdb_call_run(call->reg, stack);
}

bool
kdb_cpu_call(struct kdb_cpu_call *call)
{
	struct percpu *percpu = percpu_get(cpu_id());
	struct kdb_cpu_call *outer = kdb_cpu_call_now;
	uint32_t switching = percpu->switching;
	uint32_t cr2 = cpu_read_cr2();
	uint32_t dr6;
	bool good;

	__asm__ volatile("movl %%dr6, %0" : "=r" (dr6));
	/* The stack in use is not the thread's. */
	percpu->switching = 1;
	kdb_cpu_call_now = call;
	good = kdb_error_catch(kdb_cpu_call_run, call);
	kdb_cpu_call_now = outer;
	percpu->switching = switching;
	cpu_write_cr2(cr2);
	__asm__ volatile("movl %0, %%dr6" : : "r" (dr6));
	return good;
}
