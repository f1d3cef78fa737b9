/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Instructions are executed one at a time with TF set and interrupts off, as
 * others wait for it.  What sees or changes these two flags itself is put right
 * afterwards.
 */

#include <machine/kdb_cpu.h>

#include <string.h>

#include <machine/cpu.h>
#include <machine/trap.h>

#include <kernel/kdb/kdb_disasm.h>
#include <kernel/kdb/kdb_event.h>
#include <kernel/kdb/kdb_mem.h>
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
#define KDB_CPU_LOCK	0xf0
#define KDB_CPU_ADDRESS	0x67
#define KDB_CPU_LCALL	0x9a
#define KDB_CPU_GROUP_FF	0xff
#define KDB_CPU_ESCAPE	0x0f
#define KDB_CPU_SYSENTER	0x34

/* The instruction that is executed alone; only the owner's. */
static struct {
	bool		active;
	bool		pushes;		/* flags, */
	bool		sets;		/* or changes them */
	uint32_t	interrupts;	/* EFLAGS_IF before, */
	uint32_t	trap;		/* and a program's own EFLAGS_TF */
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

/* The instruction at PC. */
struct kdb_cpu_code {
	uint8_t		bytes[KDB_DISASM_MAX];
	size_t		count;
	unsigned	opcode;		/* number of that byte */
	unsigned	length;		/* 0: it is none */
	enum kdb_flow	flow;
};

static bool
kdb_cpu_is_prefix(uint8_t byte)
{
	static const uint8_t prefixes[] = {
		KDB_CPU_REPNE, KDB_CPU_REP, KDB_CPU_LOCK, KDB_CPU_WORD,
		KDB_CPU_ADDRESS, 0x26, 0x2e, 0x36, 0x3e, 0x64, 0x65,
	};

	return memchr(prefixes, byte, sizeof(prefixes)) != NULL;
}

static void
kdb_cpu_look(uintptr_t pc, struct kdb_cpu_code *code)
{
	uintptr_t target;

	memset(code, 0, sizeof(*code));
	code->count = kdb_mem_read_most(current_task(), pc, code->bytes,
	    sizeof(code->bytes));
	code->flow = KDB_FLOW_NEXT;
	code->length = kdb_disasm_flow(code->bytes, code->count, pc,
	    &code->flow, &target);
	while (code->opcode + 1 < code->length &&
	    kdb_cpu_is_prefix(code->bytes[code->opcode])) {
		code->opcode++;
	}
}

/* Is it a far call, which may be one through the kernel's gate? */
static bool
kdb_cpu_calls_far(const struct kdb_cpu_code *code)
{
	const uint8_t *at = &code->bytes[code->opcode];

	return code->flow == KDB_FLOW_CALL && (at[0] == KDB_CPU_LCALL ||
	    (at[0] == KDB_CPU_GROUP_FF && (at[1] >> 3 & 7) == 3));
}

/* What is at the top of a program's stack that begins there; 0: nothing. */
static uintptr_t
kdb_cpu_top(uintptr_t sp)
{
	uint32_t value;

	return sp < MACHINE_USER_MAX && kdb_mem_read(current_task(), sp, &value,
	    sizeof(value)) ? value : 0;
}

bool
kdb_cpu_leaves(uintptr_t *back)
{
	const struct trap_frame *frame = kdb_cpu_frame();
	struct kdb_cpu_code code;

	if (!trap_frame_user(frame) || trap_frame_v86(frame)) {
		return false;
	}
	if (frame->eip >= MACHINE_USER_MAX) {
		*back = kdb_cpu_top(frame->esp);
		return true;
	}
	kdb_cpu_look(frame->eip, &code);
	if (code.bytes[code.opcode] == KDB_CPU_ESCAPE &&
	    code.bytes[code.opcode + 1] == KDB_CPU_SYSENTER) {
		/* It comes back where the kernel's stub returns to. */
		*back = kdb_cpu_top(frame->ecx);
		return true;
	}
	*back = frame->eip + code.length;
	return code.flow == KDB_FLOW_TRAP || kdb_cpu_calls_far(&code);
}

bool
kdb_cpu_repeats(void)
{
	struct kdb_cpu_code code;

	kdb_cpu_look(kdb_cpu_pc(), &code);
	return memchr(code.bytes, KDB_CPU_REP, code.opcode) != NULL ||
	    memchr(code.bytes, KDB_CPU_REPNE, code.opcode) != NULL;
}

bool
kdb_cpu_step(void)
{
	struct trap_frame *frame = kdb_cpu_frame();
	struct kdb_cpu_code code;

	kdb_cpu_look(frame->eip, &code);
	if (code.bytes[0] == KDB_CPU_HLT && !trap_frame_user(frame)) {
		frame->eip++;
		return false;
	}
	kdb_cpu_alone.active = true;
	kdb_cpu_alone.pushes = code.bytes[code.opcode] == KDB_CPU_PUSHF;
	kdb_cpu_alone.sets = code.flow == KDB_FLOW_FLAGS &&
	    !kdb_cpu_alone.pushes;
	kdb_cpu_alone.interrupts = frame->eflags & EFLAGS_IF;
	kdb_cpu_alone.trap = trap_frame_user(frame) ?
	    frame->eflags & EFLAGS_TF : 0;
	frame->eflags = (frame->eflags & ~EFLAGS_IF) | EFLAGS_TF;
	return true;
}

/* The flags that were pushed are to be as they would have been. */
static void
kdb_cpu_correct(void)
{
	uint32_t pushed;

	if (kdb_mem_read(current_task(), kdb_cpu_sp(), &pushed,
	    sizeof(pushed))) {
		pushed = (pushed & ~EFLAGS_TF) | kdb_cpu_alone.interrupts |
		    kdb_cpu_alone.trap;
		(void)kdb_mem_write(current_task(), kdb_cpu_sp(), &pushed,
		    sizeof(pushed));
	}
}

void
kdb_cpu_stepped(void)
{
	struct trap_frame *frame = kdb_cpu_frame();

	kdb_cpu_alone.active = false;
	frame->eflags = (frame->eflags & ~EFLAGS_TF) | kdb_cpu_alone.trap;
	if (!kdb_cpu_alone.sets) {
		frame->eflags |= kdb_cpu_alone.interrupts;
	}
	if (kdb_cpu_alone.pushes) {
		kdb_cpu_correct();
	}
	if (trap_frame_user(frame)) {
		frame->eflags |= EFLAGS_IF;
	}
}

static bool
kdb_cpu_happened(enum kdb_event event, struct trap_frame *frame,
    uintptr_t frame_pointer)
{
	struct percpu *percpu = percpu_get(cpu_id());
	struct trap_frame *outer = percpu->stopped;
	/* A page fault may have come just before, and not looked at it yet. */
	uint32_t cr2 = cpu_read_cr2();
	bool ours;

	kdb_cpu_watch_off();
	percpu->stopped = frame;
	ours = kdb_event(event, frame_pointer);
	percpu->stopped = outer;
	cpu_write_cr2(cr2);
	if (kdb_cpu_watch_executes(frame->eip)) {
		/* That has been said, and now it is executed. */
		frame->eflags |= EFLAGS_RF;
	}
	kdb_cpu_watch_load(pcb_extra(&current_thread()->pcb));
	return ours;
}

void
kdb_cpu_interrupted(struct trap_frame *frame, uintptr_t frame_pointer)
{
	(void)kdb_cpu_happened(KDB_EVENT_INTERRUPT, frame, frame_pointer);
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
	if (alone && kdb_cpu_alone.trap == 0) {
		left &= ~DR6_STEP;
	} else if (!alone && left == dr6) {
		return false;
	}
	__asm__ volatile("movl %0, %%dr6" : : "r" (left));
	(void)kdb_cpu_happened(alone ? KDB_EVENT_STEP : KDB_EVENT_WATCH, frame,
	    frame_pointer);
	return (left & (DR6_STEP | DR6_BREAKS)) == 0;
}

/* What was to be executed alone trapped instead: it is not alone any more. */
static bool
kdb_cpu_give_up(struct trap_frame *frame)
{
	if (!kdb_stop_mine() || kdb_stop_talking() || !kdb_cpu_alone.active) {
		return false;
	}
	kdb_cpu_alone.active = false;
	frame->eflags = (frame->eflags & ~EFLAGS_TF) |
	    kdb_cpu_alone.interrupts | kdb_cpu_alone.trap;
	return true;
}

bool
kdb_cpu_trap(unsigned vector, struct trap_frame *frame)
{
	uintptr_t frame_pointer = (uintptr_t)__builtin_frame_address(0);

	if (vector == TRAP_DEBUG) {
		return kdb_cpu_call_trap(frame) ||
		    kdb_cpu_debug(frame, frame_pointer);
	}
	(void)kdb_cpu_give_up(frame);
	if (!trap_frame_user(frame)) {
		return kdb_cpu_happened(KDB_EVENT_BREAK, frame, frame_pointer);
	}
	return kdb_event_user_wanted() && !trap_frame_v86(frame) &&
	    kdb_cpu_happened(KDB_EVENT_USER, frame, frame_pointer);
}

void
kdb_cpu_other_trap(struct trap_frame *frame)
{
	if (kdb_cpu_give_up(frame)) {
		(void)kdb_cpu_happened(KDB_EVENT_FAULT, frame,
		    (uintptr_t)__builtin_frame_address(0));
	}
}
