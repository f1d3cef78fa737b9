/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Stacks and the entries to the kernel.  Assembly has no call-frame rules: a
 * return address in locore.asm says that there is a trap frame, which %ebx
 * points to after trap_dispatch() and intr_dispatch(), or that the thread came
 * from user mode, whose registers are in its pcb; one in switch.asm says that
 * the stack began there.
 *
 * UNIX programs are where a signal's handler returns to known by what is there:
 * the ABI has one instruction sequence for each kind of context.
 */

#include <machine/unwind.h>

#include <string.h>

#include <machine/peek.h>
#include <machine/trap.h>

#include <kernel/thread.h>

#include <i386/image.h>
#include <i386/locore.h>
#include <i386/regs.h>
#include <i386/syspage.h>

/* What a signal's context begins with. */
struct unwind_context {
	uint32_t	segments[4];
	uint32_t	edi;
	uint32_t	esi;
	uint32_t	ebp;
	uint32_t	esp;
	uint32_t	ebx;
	uint32_t	edx;
	uint32_t	ecx;
	uint32_t	eax;
	uint32_t	trap;
	uint32_t	error;
	uint32_t	eip;
};

#define UNWIND_CONTEXT_EXTENDED	20u	/* of an rt signal: it is that far in */

#define UNWIND_ALL	((1u << KDB_REG_COUNT) - 1)	/* all registers */

/* What switch_context() saved at pcb.ksp. */
struct unwind_switched {
	uint32_t	edi;
	uint32_t	esi;
	uint32_t	ebx;
	uint32_t	ebp;
	uint32_t	pc;
};

static bool
unwind_between(uintptr_t pc, const char *start, const char *end)
{
	return pc >= (uintptr_t)start && pc < (uintptr_t)end;
}

bool
unwind_is_code(uintptr_t pc)
{
	return unwind_between(pc, kernel_text_start, kernel_text_end);
}

bool
unwind_pointer(struct kdb_unwind *unwind, uintptr_t pointer,
    struct kdb_frame *frame)
{
	uint32_t saved[2];

	if (pointer % 4 != 0 ||
	    !unwind->read(unwind, pointer, saved, sizeof(saved))) {
		return false;
	}
	*frame = (struct kdb_frame){ .user = pointer < MACHINE_USER_MAX };
	kdb_frame_set(frame, KDB_REG_EBP, saved[0]);
	kdb_frame_set(frame, KDB_REG_PC, saved[1]);
	kdb_frame_set(frame, KDB_REG_ESP,
	    (uint32_t)(pointer + sizeof(saved)));
	return true;
}

bool
unwind_waiting(const struct thread *thread, struct kdb_frame *frame)
{
	struct unwind_switched saved;
	uintptr_t ksp;

	if (!peek_read((uintptr_t)&thread->pcb.ksp, &ksp, sizeof(ksp)) ||
	    ksp % 4 != 0 || !peek_read(ksp, &saved, sizeof(saved))) {
		return false;
	}
	*frame = (struct kdb_frame){ .exact = false };
	kdb_frame_set(frame, KDB_REG_EDI, saved.edi);
	kdb_frame_set(frame, KDB_REG_ESI, saved.esi);
	kdb_frame_set(frame, KDB_REG_EBX, saved.ebx);
	kdb_frame_set(frame, KDB_REG_EBP, saved.ebp);
	kdb_frame_set(frame, KDB_REG_PC, saved.pc);
	kdb_frame_set(frame, KDB_REG_ESP, (uint32_t)(ksp + sizeof(saved)));
	return true;
}

/* The frame that was interrupted and is saved at TRAP. */
static void
unwind_trapped(const struct trap_frame *trap, uint32_t esp,
    struct kdb_frame *frame)
{
	*frame = (struct kdb_frame){
		.reg = { trap->eax, trap->ecx, trap->edx, trap->ebx, esp,
		    trap->ebp, trap->esi, trap->edi, trap->eip },
		.known = UNWIND_ALL,
		.exact = true,
		.user = trap_frame_user(trap),
	};
}

bool
unwind_user(const struct thread *thread, struct kdb_frame *frame)
{
	struct trap_frame trap;
	bool kernel_only;

	if (!peek_read((uintptr_t)&thread->kernel_only, &kernel_only,
	    sizeof(kernel_only)) || kernel_only ||
	    !peek_read((uintptr_t)&thread->pcb.frame, &trap, sizeof(trap)) ||
	    !trap_frame_user(&trap) || trap_frame_v86(&trap)) {
		return false;
	}
	unwind_trapped(&trap, trap.esp, frame);
	return true;
}

/* Behind the call of trap_dispatch() or intr_dispatch(). */
static enum kdb_unwind_step
unwind_trap(const struct thread *thread, const struct kdb_frame *frame,
    struct kdb_frame *next)
{
	uint32_t at = frame->reg[KDB_REG_ESP];
	struct trap_frame trap;

	/* What interrupts the kernel is on its stack, and nothing above it. */
	if (kdb_frame_known(frame, KDB_REG_EBX)) {
		at = frame->reg[KDB_REG_EBX];
	} else if (at % KERNEL_STACK_SIZE == 0) {
		return unwind_user(thread, next) ? KDB_UNWIND_TRAP
						 : KDB_UNWIND_END;
	}
	/* One from the kernel is without its last two words. */
	if (at % 4 != 0 ||
	    !peek_read(at, &trap, offsetof(struct trap_frame, esp))) {
		return KDB_UNWIND_END;
	}
	if (trap_frame_user(&trap)) {
		return unwind_user(thread, next) ? KDB_UNWIND_TRAP
						 : KDB_UNWIND_END;
	}
	unwind_trapped(&trap, at + offsetof(struct trap_frame, esp), next);
	return KDB_UNWIND_TRAP;
}

/* The system page's function has its return address at its stack pointer. */
static enum kdb_unwind_step
unwind_system_page(struct kdb_unwind *unwind, const struct kdb_frame *frame,
    struct kdb_frame *next)
{
	uint32_t esp = frame->reg[KDB_REG_ESP];
	uint32_t pc;

	if (frame->reg[KDB_REG_PC] < SYSPAGE_ADDRESS ||
	    !unwind->read(unwind, esp, &pc, sizeof(pc))) {
		return KDB_UNWIND_CALLER;
	}
	*next = *frame;
	next->exact = false;
	kdb_frame_set(next, KDB_REG_PC, pc);
	kdb_frame_set(next, KDB_REG_ESP, esp + sizeof(pc));
	return KDB_UNWIND_ENTERED;
}

/* Where FRAME has the context if it is what a handler returns to; or 0. */
static uint32_t
unwind_context_place(struct kdb_unwind *unwind, const struct kdb_frame *frame)
{
	/* popl %eax; movl $119, %eax; int $0x80, and without the first. */
	static const char old[] = "\x58\xb8\x77\0\0\0\xcd\x80";
	/* movl $173, %eax; int $0x80. */
	static const char extended[] = "\xb8\xad\0\0\0\xcd\x80";
	uint32_t esp = frame->reg[KDB_REG_ESP];
	uint32_t context;
	char code[8];

	if (!kdb_frame_known(frame, KDB_REG_ESP) ||
	    !unwind->read(unwind, frame->reg[KDB_REG_PC], code, 7)) {
		return 0;
	}
	if (memcmp(code, extended, 7) == 0) {
		return unwind->read(unwind, esp + 8, &context,
		    sizeof(context)) ? context + UNWIND_CONTEXT_EXTENDED : 0;
	}
	if (memcmp(code, old + 1, 7) == 0) {
		return esp;
	}
	return memcmp(code, old, 7) == 0 ? esp + 4 : 0;
}

static enum kdb_unwind_step
unwind_signal(struct kdb_unwind *unwind, const struct kdb_frame *frame,
    struct kdb_frame *next)
{
	uint32_t place = unwind_context_place(unwind, frame);
	struct unwind_context context;

	if (place == 0 ||
	    !unwind->read(unwind, place, &context, sizeof(context))) {
		return KDB_UNWIND_CALLER;
	}
	*next = (struct kdb_frame){
		.reg = { context.eax, context.ecx, context.edx, context.ebx,
		    context.esp, context.ebp, context.esi, context.edi,
		    context.eip },
		.known = UNWIND_ALL,
		.user = true,
	};
	return KDB_UNWIND_TRAP;
}

/* Behind the call of trap_double_fault(), which was from another stack. */
static enum kdb_unwind_step
unwind_double_fault(struct kdb_frame *next)
{
	const struct trap_frame *trap = trap_panic_frame();

	if (trap == NULL || trap_frame_user(trap)) {
		return KDB_UNWIND_END;
	}
	unwind_trapped(trap, trap->esp, next);
	return KDB_UNWIND_TRAP;
}

enum kdb_unwind_step
unwind_boundary(struct kdb_unwind *unwind, const struct thread *thread,
    const struct kdb_frame *frame, struct kdb_frame *next)
{
	uintptr_t pc = frame->reg[KDB_REG_PC];
	enum kdb_unwind_step step;

	if (frame->user) {
		step = unwind_system_page(unwind, frame, next);
		return step != KDB_UNWIND_CALLER ? step
		    : unwind_signal(unwind, frame, next);
	}
	if (!frame->exact && (pc == (uintptr_t)locore_trap_returned ||
	    pc == (uintptr_t)locore_intr_returned)) {
		return unwind_trap(thread, frame, next);
	}
	if (unwind_between(pc, locore_double_fault,
	    locore_double_fault + LOCORE_STUB_SIZE)) {
		return unwind_double_fault(next);
	}
	if (unwind_between(pc, locore_stubs, locore_double_fault) ||
	    unwind_between(pc, switch_begin_kernel, switch_end)) {
		return unwind_user(thread, next) ? KDB_UNWIND_TRAP
						 : KDB_UNWIND_END;
	}
	return KDB_UNWIND_CALLER;
}
