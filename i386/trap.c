/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * What each exception means: for a user a page to be made accessible or an
 * exception message; for the kernel a page behind a user address, a recovery
 * address, or the end.
 */

#include "trap.h"

#include <mach/exception.h>
#include <mach/machine/exception.h>
#include <mach/vm_prot.h>

#include <machine/copyio.h>
#include <machine/cpu.h>

#include <kernel/exception.h>
#include <kernel/kdb/kdb_error.h>
#include <kernel/kdb/kdb_stop.h>
#include <kernel/panic.h>
#include <kernel/percpu.h>
#include <kernel/printf.h>
#include <kernel/syscall.h>
#include <kernel/task.h>
#include <kernel/thread.h>

#include <vm/vm_fault.h>
#include <vm/vm_page.h>

#include <i386/fpu.h>
#include <i386/image.h>
#include <i386/kdb_cpu.h>
#include <i386/mp.h>
#include <i386/pcb.h>
#include <i386/regs.h>
#include <i386/tss.h>

/* How long `int $N' is, and the bit of an error code that names an IDT entry. */
#define TRAP_INT_LENGTH		2
#define TRAP_ERROR_IDT		2

/* The exception message for a vector. */
struct trap_exception {
	uint8_t		exception;	/* EXC_*, 0 when none is sent */
	uint8_t		code;
	bool		error;		/* subcode: the error code */
};

static const struct trap_exception trap_exceptions[] = {
	[TRAP_DIVIDE] = { EXC_ARITHMETIC, EXC_I386_DIV, false },
	[TRAP_DEBUG] = { EXC_BREAKPOINT, EXC_I386_SGL, false },
	[TRAP_BREAKPOINT] = { EXC_BREAKPOINT, EXC_I386_BPT, false },
	[TRAP_OVERFLOW] = { EXC_ARITHMETIC, EXC_I386_INTO, false },
	[TRAP_BOUND] = { EXC_SOFTWARE, EXC_I386_BOUND, false },
	[TRAP_OPCODE] = { EXC_BAD_INSTRUCTION, EXC_I386_INVOP, false },
	[TRAP_FPU_OVERRUN] = { EXC_BAD_ACCESS,
	    VM_PROT_READ | VM_PROT_EXECUTE, false },
	[TRAP_TSS] = { EXC_BAD_INSTRUCTION, EXC_I386_INVTSSFLT, true },
	[TRAP_SEGMENT] = { EXC_BAD_INSTRUCTION, EXC_I386_SEGNPFLT, true },
	[TRAP_STACK] = { EXC_BAD_INSTRUCTION, EXC_I386_STKFLT, true },
	[TRAP_PROTECTION] = { EXC_BAD_INSTRUCTION, EXC_I386_GPFLT, true },
	[TRAP_ALIGNMENT] = { EXC_BAD_INSTRUCTION, EXC_I386_GPFLT, false },
};

static const char *const trap_names[] = {
	"divide error", "debug", "NMI", "breakpoint", "overflow", "bound",
	"invalid opcode", "no FPU", "double fault", "FPU overrun",
	"invalid TSS", "segment not present", "stack fault",
	"general protection", "page fault", "trap 15", "FPU error",
	"alignment", "machine check", "SIMD error",
};

#define TRAP_NAMES	(sizeof(trap_names) / sizeof(trap_names[0]))

/* [c] the frame each CPU panicked about */
static const struct trap_frame *trap_panic_frames[CPU_MAX];

IMAGE_DEBUG_TEXT bool
trap_frame_user(const struct trap_frame *frame)
{
	return (frame->cs & SEL_RPL_MASK) != 0 || trap_frame_v86(frame);
}

uintptr_t
trap_frame_pc(const struct trap_frame *frame)
{
	return frame->eip;
}

IMAGE_DEBUG_TEXT uint32_t
trap_frame_sp(const struct trap_frame *frame)
{
	if (trap_frame_user(frame) || frame->vector == TRAP_DOUBLE_FAULT) {
		return frame->esp;
	}
	return (uint32_t)&frame->esp;
}

void
trap_frame_print(const struct trap_frame *frame)
{
	printf("eip %02x:%08x  eflags %08x  vector %u  error %x  "
	    "cr2 %08x\n", frame->cs & 0xffff, frame->eip, frame->eflags,
	    frame->vector, frame->error, frame->cr2);
	printf("eax %08x  ebx %08x  ecx %08x  edx %08x\n",
	    frame->eax, frame->ebx, frame->ecx, frame->edx);
	printf("esi %08x  edi %08x  ebp %08x  esp %08x\n",
	    frame->esi, frame->edi, frame->ebp, trap_frame_sp(frame));
	printf("ds %04x  es %04x  fs %04x  gs %04x\n", frame->ds & 0xffff,
	    frame->es & 0xffff, frame->fs & 0xffff, frame->gs & 0xffff);
}

const struct trap_frame *
trap_panic_frame(void)
{
	return trap_panic_frames[cpu_id()];
}

static __attribute__((noreturn)) void
trap_panic(struct trap_frame *frame)
{
	const char *name = frame->vector < TRAP_NAMES ?
	    trap_names[frame->vector] : "unexpected trap";

	if (kdb_stop_mine() && kdb_error_caught()) {
		kdb_error("%s in the %s at %08x, of %08x", name,
		    kdb_cpu_calls() ? "called function" : "debugger",
		    frame->eip, frame->cr2);
	}
	trap_panic_frames[cpu_id()] = frame;
	percpu_get(cpu_id())->stopped = frame;
	if (frame->vector == TRAP_PAGE) {
		panic("%s at %08x: %s of %08x", name, frame->eip,
		    (frame->error & TRAP_PAGE_WRITE) ? "write" : "read",
		    frame->cr2);
	}
	panic("%s at %08x, error %x", name, frame->eip, frame->error);
}

/* The recovery address for the instruction that FRAME interrupted, or 0. */
static uintptr_t
trap_recover_lookup(const struct trap_frame *frame)
{
	for (const struct image_recover *r = kernel_recover_start;
	    r < kernel_recover_end; r++) {
		if (r->instruction == frame->eip) {
			return r->target;
		}
	}
	return 0;
}

/* ---- page faults -------------------------------------------------------- */

static kern_return_t
trap_page_resolve(struct vm_map *map, const struct trap_frame *frame)
{
	vm_prot_t prot = VM_PROT_READ;

	if (frame->error & TRAP_PAGE_WRITE) {
		prot |= VM_PROT_WRITE;
	}
	/* It waits for memory itself. */
	return vm_fault(map, frame->cr2 & ~vm_page_mask, prot, false);
}

static void
trap_user_page(struct trap_frame *frame)
{
	kern_return_t kr;

	if (frame->cr2 >= MACHINE_USER_MAX) {
		exception_raise(EXC_BAD_ACCESS, EXC_I386_PGFLT,
		    (int)frame->cr2);
		return;
	}
	kr = trap_page_resolve(current_map(), frame);
	/* An aborted thread has something else to do first. */
	if (kr != KERN_SUCCESS && kr != KERN_ABORTED) {
		exception_raise(EXC_BAD_ACCESS, kr, (int)frame->cr2);
	}
}

static void
trap_kernel_page(struct trap_frame *frame)
{
	uintptr_t target = trap_recover_lookup(frame);
	kern_return_t kr;

	if (frame->cr2 >= MACHINE_USER_MAX) {
		trap_panic(frame);
	}
	if (target == 0 || (frame->eflags & EFLAGS_IF) == 0 ||
	    preempt_disabled()) {
		trap_panic(frame);
	}
	cpu_intr_enable();
	kr = trap_page_resolve(current_map(), frame);
	cpu_intr_disable();
	if (kr != KERN_SUCCESS) {
		frame->eip = target;
	}
}

/* ---- redirected traps --------------------------------------------------- */

/*
 * Continue at ENTRY with the old flags and, above them, the old instruction
 * pointer on the user's stack; an exception when that cannot take them.
 */
void
trap_syscall_redirect(struct trap_frame *frame, user_addr_t entry)
{
	uint32_t saved[2] = { frame->eflags, frame->eip };
	user_addr_t sp = frame->esp - sizeof(saved);

	if (copyout(saved, sp, sizeof(saved)) != KERN_SUCCESS) {
		exception_raise(EXC_BAD_ACCESS, KERN_INVALID_ADDRESS, (int)sp);
		return;
	}
	frame->esp = sp;
	frame->eip = entry;
	/* All other registers are kept: not through SYSEXIT. */
	frame->vector = TRAP_SYSCALL_CALL;
}

/* int $0x80 */
static void
trap_user_int(struct trap_frame *frame)
{
	user_addr_t entry = syscall_emulation_lookup(current_task(),
	    (int)frame->eax);

	if (entry != 0) {
		trap_syscall_redirect(frame, entry);
		return;
	}
	/* As if users were not allowed to execute it. */
	frame->eip -= TRAP_INT_LENGTH;
	exception_raise(EXC_BAD_INSTRUCTION, EXC_I386_GPFLT,
	    TRAP_SYSCALL_INT * 8 + TRAP_ERROR_IDT);
}

void
trap_syscall_bad(struct trap_frame *frame)
{
	exception_raise(EXC_BAD_INSTRUCTION, EXC_I386_INVOP, 0);
}

void
trap_syscall_fault(struct trap_frame *frame, user_addr_t addr)
{
	exception_raise(EXC_BAD_ACCESS, KERN_INVALID_ADDRESS, (int)addr);
}

void
trap_bad_return(struct trap_frame *frame)
{
	exception_raise(EXC_BAD_INSTRUCTION, EXC_I386_GPFLT, 0);
}

/* ---- dispatch ----------------------------------------------------------- */

static void
trap_user_debug(struct pcb *pcb)
{
	struct pcb_extra *extra;
	uint32_t dr6;

	__asm__ volatile("movl %%dr6, %0" : "=r" (dr6));
	__asm__ volatile("movl %0, %%dr6" : : "r" (0));
	extra = pcb_need_extra(pcb);
	if (extra != NULL) {
		extra->dr[6] = dr6;
	}
}

static void
trap_user(unsigned vector, struct trap_frame *frame)
{
	struct pcb *pcb = &current_thread()->pcb;
	const struct trap_exception *e;

	switch (vector) {
	case TRAP_PAGE:
		trap_user_page(frame);
		return;
	case TRAP_SYSCALL_INT:
		trap_user_int(frame);
		return;
	case TRAP_NO_FPU:
		fpu_trap_absent();
		return;
	case TRAP_FPU:
	case TRAP_SIMD:
		exception_raise(EXC_ARITHMETIC, EXC_I386_EXTERR,
		    (int)fpu_trap_error(vector == TRAP_SIMD));
		return;
	case TRAP_PROTECTION:
		/* The ports may have been allowed since the last switch. */
		if (pcb_retry_io()) {
			return;
		}
		break;
	case TRAP_DEBUG:
		trap_user_debug(pcb);
		break;
	default:
		break;
	}

	if (vector >= sizeof(trap_exceptions) / sizeof(trap_exceptions[0]) ||
	    trap_exceptions[vector].exception == 0) {
		trap_panic(frame);
	}
	e = &trap_exceptions[vector];
	exception_raise(e->exception, e->code,
	    e->error ? (int)(frame->error & 0xffff) : 0);
}

static void
trap_kernel(struct trap_frame *frame)
{
	uintptr_t target;

	switch (frame->vector) {
	case TRAP_PAGE:
		trap_kernel_page(frame);
		return;
	case TRAP_DEBUG:
		/* A user's watchpoint was hit by copyio: nobody's business. */
		__asm__ volatile("movl %0, %%dr6" : : "r" (0));
		frame->eflags &= ~EFLAGS_TF;
		return;
	default:
		break;
	}
	target = trap_recover_lookup(frame);
	if (target == 0) {
		trap_panic(frame);
	}
	frame->eip = target;
}

/* One that is not the debugger's, and none of a breakpoint of its. */
static __attribute__((noinline)) void
trap_other(unsigned vector, struct trap_frame *frame)
{
	if (vector == TRAP_MACHINE_CHECK) {
		trap_panic(frame);
	}
	if (!trap_frame_user(frame)) {
		trap_kernel(frame);
		return;
	}
	cpu_intr_enable();
	trap_user(vector, frame);
}

IMAGE_DEBUG_TEXT void
trap_dispatch(unsigned vector, struct trap_frame *frame)
{
	if (vector == TRAP_PAGE) {
		frame->cr2 = cpu_read_cr2();
	}
	if (vector == TRAP_NMI) {
		mp_nmi(frame);
		return;
	}
	if (vector == TRAP_BREAKPOINT || vector == TRAP_DEBUG) {
		if (kdb_cpu_trap(vector, frame)) {
			return;
		}
	} else {
		kdb_cpu_other_trap(frame);
	}
	trap_other(vector, frame);
}

/*
 * The interrupted registers are in the TSS that the CPU left.  A kernel stack
 * that ran over its end ends up here, because the page fault found no stack
 * to be reported on.
 */
void
trap_double_fault(void)
{
	static struct trap_frame frame;
	const struct tss *tss = tss_current(cpu_id());

	frame.gs = tss->gs;
	frame.fs = tss->fs;
	frame.es = tss->es;
	frame.ds = tss->ds;
	frame.edi = tss->edi;
	frame.esi = tss->esi;
	frame.ebp = tss->ebp;
	frame.cr2 = cpu_read_cr2();
	frame.ebx = tss->ebx;
	frame.edx = tss->edx;
	frame.ecx = tss->ecx;
	frame.eax = tss->eax;
	frame.vector = TRAP_DOUBLE_FAULT;
	frame.eip = tss->eip;
	frame.cs = tss->cs;
	frame.eflags = tss->eflags;
	frame.esp = tss->esp;
	frame.ss = tss->ss;

	trap_panic_frames[cpu_id()] = &frame;
	percpu_get(cpu_id())->stopped = &frame;
	if (kdb_stop_mine()) {
		/* This is another task of the processor's, which stays in it. */
		kdb_error_abandon();
	}
	panic("double fault at %08x: esp %08x, last page fault at %08x; "
	    "kernel stack overflow?", frame.eip, frame.esp, frame.cr2);
}
