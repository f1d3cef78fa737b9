/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Call chains.
 *
 * A frame is the saved %ebp followed by the return address.  When the return
 * address is the one of a call out of locore.asm, the frame below belongs to
 * the C function that locore called, whose last argument is the trap frame:
 * the chain goes on with the interrupted instruction.
 */

#include <machine/backtrace.h>

#include <machine/types.h>

#include <kernel/thread.h>

#include <i386/image.h>
#include <i386/locore.h>
#include <i386/regs.h>
#include <i386/trap.h>

#define BACKTRACE_MAX	64

/* What a frame pointer points to. */
struct backtrace_frame {
	struct backtrace_frame	*next;
	uintptr_t		pc;
	uintptr_t		args[2];
};

static bool
backtrace_text_valid(uintptr_t pc)
{
	return pc >= (uintptr_t)kernel_text_start &&
	    pc < (uintptr_t)kernel_text_end;
}

/* Whether FRAME may be read: in the direct map, where all stacks are. */
static bool
backtrace_frame_valid(uintptr_t frame)
{
	return frame % 4 == 0 && frame >= KERNEL_DIRECT_BASE &&
	    frame < KERNEL_DIRECT_BASE + KERNEL_DIRECT_MAX -
	    sizeof(struct backtrace_frame);
}

/* The trap frame when locore called the function whose frame this is. */
static const struct trap_frame *
backtrace_trap_frame(const struct backtrace_frame *f)
{
	if (f->pc == (uintptr_t)locore_trap_returned ||
	    f->pc == (uintptr_t)locore_intr_returned) {
		return (const struct trap_frame *)f->args[1];
	}
	return NULL;
}

void
backtrace_walk(uintptr_t frame, backtrace_fn_t fn, void *arg)
{
	uintptr_t stack = frame & ~(KERNEL_STACK_SIZE - 1);

	for (unsigned i = 0; i < BACKTRACE_MAX; i++) {
		const struct backtrace_frame *f = (const void *)frame;
		const struct trap_frame *trap;

		if (!backtrace_frame_valid(frame) ||
		    !backtrace_text_valid(f->pc)) {
			return;
		}
		fn(f->pc, arg);
		trap = backtrace_trap_frame(f);
		frame = (uintptr_t)f->next;
		if (trap != NULL) {
			if (trap_frame_user(trap)) {
				return;
			}
			fn(trap->eip, arg);
			frame = trap->ebp;
		}
		/* Upward on the same stack only: no loops. */
		if (frame <= (uintptr_t)f ||
		    (frame & ~(KERNEL_STACK_SIZE - 1)) != stack) {
			return;
		}
	}
}

void
backtrace_here(backtrace_fn_t fn, void *arg)
{
	backtrace_walk((uintptr_t)__builtin_frame_address(0), fn, arg);
}

void
backtrace_thread(struct thread *thread, backtrace_fn_t fn, void *arg)
{
	if (thread->continuation != NULL) {
		/* There is no more to be known. */
		fn((uintptr_t)thread->continuation, arg);
		return;
	}
	/* switch_context() saved edi, esi, ebx, ebp; eip is above. */
	const uint32_t *saved = (const uint32_t *)thread->pcb.ksp;

	if (!backtrace_frame_valid((uintptr_t)saved)) {
		return;
	}
	fn(saved[4], arg);
	backtrace_walk(saved[3], fn, arg);
}
