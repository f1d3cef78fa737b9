/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Instructions are executed one at a time with TF set and interrupts off, as
 * others wait for it.  What sees or changes these two flags itself is put right
 * afterwards.
 */

#include <machine/kdb_cpu.h>

#include <machine/cpu.h>
#include <machine/peek.h>
#include <machine/trap.h>

#include <kernel/kdb/kdb_disasm.h>
#include <kernel/kdb/kdb_event.h>
#include <kernel/kdb/kdb_stop.h>
#include <kernel/percpu.h>
#include <kernel/thread.h>

#include <i386/image.h>
#include <i386/kdb_cpu.h>
#include <i386/kdb_cpu_watch.h>
#include <i386/pcb.h>
#include <i386/regs.h>

#define KDB_CPU_HLT	0xf4
#define KDB_CPU_PUSHF	0x9c
#define KDB_CPU_WORD	0x66
#define KDB_CPU_REPNE	0xf2
#define KDB_CPU_REP	0xf3

/* The instruction that is executed alone; only the owner's. */
static struct {
	bool		active;
	bool		pushes;		/* flags, */
	bool		sets;		/* or changes them */
	uint32_t	interrupts;	/* EFLAGS_IF before */
} kdb_cpu_alone;

void
kdb_cpu_enter(void)
{
	__asm__ volatile("int3" : : : "memory");
}

static struct trap_frame *
kdb_cpu_frame(void)
{
	return percpu_get(cpu_id())->stopped;
}

uintptr_t
kdb_cpu_pc(void)
{
	return kdb_cpu_frame()->eip;
}

void
kdb_cpu_set_pc(uintptr_t pc)
{
	kdb_cpu_frame()->eip = pc;
}

uintptr_t
kdb_cpu_sp(void)
{
	return trap_frame_sp(kdb_cpu_frame());
}

bool
kdb_cpu_user(void)
{
	return trap_frame_user(kdb_cpu_frame());
}

bool
kdb_cpu_may_break(uintptr_t address)
{
	return address >= (uintptr_t)kernel_text_start &&
	    address < (uintptr_t)kernel_text_end &&
	    !(address >= (uintptr_t)kernel_debug_start &&
	    address < (uintptr_t)kernel_debug_end);
}

/* The bytes at PC; returns how many there are. */
static unsigned
kdb_cpu_bytes(uintptr_t pc, uint8_t bytes[static KDB_DISASM_MAX])
{
	unsigned n = KDB_DISASM_MAX;

	while (n > 0 && !peek_read(pc, bytes, n)) {
		n--;
	}
	return n;
}

bool
kdb_cpu_repeats(void)
{
	uint8_t bytes[KDB_DISASM_MAX];
	unsigned n = kdb_cpu_bytes(kdb_cpu_pc(), bytes);
	unsigned i = n > 0 && bytes[0] == KDB_CPU_WORD ? 1 : 0;

	return i < n &&
	    (bytes[i] == KDB_CPU_REP || bytes[i] == KDB_CPU_REPNE);
}

bool
kdb_cpu_step(void)
{
	struct trap_frame *frame = kdb_cpu_frame();
	uint8_t bytes[KDB_DISASM_MAX];
	unsigned n = kdb_cpu_bytes(frame->eip, bytes);
	enum kdb_flow flow = KDB_FLOW_NEXT;
	uintptr_t target;

	if (n > 0 && bytes[0] == KDB_CPU_HLT) {
		frame->eip++;
		return false;
	}
	(void)kdb_disasm_flow(bytes, n, frame->eip, &flow, &target);
	kdb_cpu_alone.active = true;
	kdb_cpu_alone.pushes = n > 0 && bytes[0] == KDB_CPU_PUSHF;
	kdb_cpu_alone.sets = flow == KDB_FLOW_FLAGS && !kdb_cpu_alone.pushes;
	kdb_cpu_alone.interrupts = frame->eflags & EFLAGS_IF;
	frame->eflags = (frame->eflags & ~EFLAGS_IF) | EFLAGS_TF;
	return true;
}

void
kdb_cpu_stepped(void)
{
	struct trap_frame *frame = kdb_cpu_frame();
	uint32_t *pushed = (uint32_t *)kdb_cpu_sp();

	kdb_cpu_alone.active = false;
	frame->eflags &= ~EFLAGS_TF;
	if (!kdb_cpu_alone.sets) {
		frame->eflags |= kdb_cpu_alone.interrupts;
	}
	if (kdb_cpu_alone.pushes) {
		*pushed = (*pushed & ~EFLAGS_TF) | kdb_cpu_alone.interrupts;
	}
	if (trap_frame_user(frame)) {
		frame->eflags |= EFLAGS_IF;
	}
}

static void
kdb_cpu_happened(enum kdb_event event, struct trap_frame *frame,
    uintptr_t frame_pointer)
{
	struct percpu *percpu = percpu_get(cpu_id());
	struct trap_frame *outer = percpu->stopped;
	/* A page fault may have come just before, and not looked at it yet. */
	uint32_t cr2 = cpu_read_cr2();

	kdb_cpu_watch_off();
	percpu->stopped = frame;
	kdb_event(event, frame_pointer);
	percpu->stopped = outer;
	cpu_write_cr2(cr2);
	kdb_cpu_watch_load(pcb_extra(&current_thread()->pcb));
}

void
kdb_cpu_interrupted(struct trap_frame *frame, uintptr_t frame_pointer)
{
	kdb_cpu_happened(KDB_EVENT_INTERRUPT, frame, frame_pointer);
}

/*
 * A step or a watchpoint of the debugger's; what is left in DR6 is a user's.
 * True if that is nothing.
 */
static bool
kdb_cpu_debug(struct trap_frame *frame, uintptr_t frame_pointer)
{
	bool alone = kdb_stop_mine() && kdb_cpu_alone.active;
	uint32_t dr6;
	uint32_t left;

	__asm__ volatile("movl %%dr6, %0" : "=r" (dr6));
	left = kdb_cpu_watch_note(dr6);
	if (alone) {
		left &= ~DR6_STEP;
	} else if (left == dr6) {
		return false;
	}
	__asm__ volatile("movl %0, %%dr6" : : "r" (left));
	kdb_cpu_happened(alone ? KDB_EVENT_STEP : KDB_EVENT_WATCH, frame,
	    frame_pointer);
	return (left & (DR6_STEP | DR6_BREAKS)) == 0;
}

bool
kdb_cpu_trap(unsigned vector, struct trap_frame *frame)
{
	uintptr_t frame_pointer = (uintptr_t)__builtin_frame_address(0);

	if (vector == TRAP_DEBUG) {
		return kdb_cpu_debug(frame, frame_pointer);
	}
	if (trap_frame_user(frame)) {
		if (kdb_event_user_wanted()) {
			kdb_cpu_happened(KDB_EVENT_USER, frame, frame_pointer);
		}
		return false;
	}
	kdb_cpu_happened(KDB_EVENT_BREAK, frame, frame_pointer);
	return true;
}

void
kdb_cpu_other_trap(struct trap_frame *frame)
{
	if (!kdb_stop_mine() || kdb_stop_talking() || !kdb_cpu_alone.active) {
		return;
	}
	kdb_cpu_alone.active = false;
	frame->eflags = (frame->eflags & ~EFLAGS_TF) |
	    kdb_cpu_alone.interrupts;
	kdb_event_fault(frame->eip);
}
