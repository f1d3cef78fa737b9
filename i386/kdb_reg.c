/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * The registers of the debugger's chosen thread.  One that a processor runs
 * has them all, where that was interrupted; one that waits in the kernel those
 * that a function keeps.  What user mode has is in the pcb of each thread.
 */

#include <kernel/kdb/kdb_regs.h>

#include <stddef.h>

#include <machine/cpu.h>
#include <machine/trap.h>

#include <kernel/kdb/kdb_choose.h>
#include <kernel/kdb/kdb_trace.h>
#include <kernel/percpu.h>
#include <kernel/processor.h>
#include <kernel/thread.h>

#include <i386/regs.h>

/* Names in order; KDB_REGS_FRAME of them are of a trap frame. */
enum kdb_regs {
	KDB_REGS_EAX, KDB_REGS_ECX, KDB_REGS_EDX, KDB_REGS_EBX,
	KDB_REGS_ESP, KDB_REGS_EBP, KDB_REGS_ESI, KDB_REGS_EDI,
	KDB_REGS_EIP, KDB_REGS_EFLAGS, KDB_REGS_CS, KDB_REGS_SS,
	KDB_REGS_DS, KDB_REGS_ES, KDB_REGS_FS, KDB_REGS_GS,
	KDB_REGS_FRAME,
	KDB_REGS_CR0 = 2 * KDB_REGS_FRAME, KDB_REGS_CR2, KDB_REGS_CR3,
	KDB_REGS_CR4,
	KDB_REGS_COUNT,
};

const char *const kdb_reg_names[] = {
	"eax", "ecx", "edx", "ebx", "esp", "ebp", "esi", "edi",
	"eip", "eflags", "cs", "ss", "ds", "es", "fs", "gs",
	"ueax", "uecx", "uedx", "uebx", "uesp", "uebp", "uesi", "uedi",
	"ueip", "ueflags", "ucs", "uss", "uds", "ues", "ufs", "ugs",
	"cr0", "cr2", "cr3", "cr4",
};

const unsigned kdb_reg_count = KDB_REGS_COUNT;

_Static_assert(sizeof(kdb_reg_names) / sizeof(kdb_reg_names[0]) ==
    KDB_REGS_COUNT, "each has a name");

static const uint8_t kdb_reg_offsets[KDB_REGS_FRAME] = {
	[KDB_REGS_EAX] = offsetof(struct trap_frame, eax),
	[KDB_REGS_ECX] = offsetof(struct trap_frame, ecx),
	[KDB_REGS_EDX] = offsetof(struct trap_frame, edx),
	[KDB_REGS_EBX] = offsetof(struct trap_frame, ebx),
	[KDB_REGS_ESP] = offsetof(struct trap_frame, esp),
	[KDB_REGS_EBP] = offsetof(struct trap_frame, ebp),
	[KDB_REGS_ESI] = offsetof(struct trap_frame, esi),
	[KDB_REGS_EDI] = offsetof(struct trap_frame, edi),
	[KDB_REGS_EIP] = offsetof(struct trap_frame, eip),
	[KDB_REGS_EFLAGS] = offsetof(struct trap_frame, eflags),
	[KDB_REGS_CS] = offsetof(struct trap_frame, cs),
	[KDB_REGS_SS] = offsetof(struct trap_frame, ss),
	[KDB_REGS_DS] = offsetof(struct trap_frame, ds),
	[KDB_REGS_ES] = offsetof(struct trap_frame, es),
	[KDB_REGS_FS] = offsetof(struct trap_frame, fs),
	[KDB_REGS_GS] = offsetof(struct trap_frame, gs),
};

/* Flags that must stay as they are where nobody can take them. */
#define KDB_REGS_KERNEL_FIXED	(EFLAGS_VM | EFLAGS_NT | EFLAGS_IOPL)

static uint32_t *
kdb_reg_slot(struct trap_frame *frame, unsigned reg)
{
	return (uint32_t *)((char *)frame + kdb_reg_offsets[reg]);
}

/* Where the chosen thread was interrupted; NULL: no processor runs it. */
static struct trap_frame *
kdb_reg_stopped(void)
{
	for (unsigned cpu = 0; cpu < processor_count(); cpu++) {
		if (percpu_get(cpu)->thread == kdb_thread) {
			return percpu_get(cpu)->stopped;
		}
	}
	return NULL;
}

static bool
kdb_reg_get_from(struct trap_frame *frame, unsigned reg, uint32_t *value)
{
	*value = *kdb_reg_slot(frame, reg);
	if (reg == KDB_REGS_ESP) {
		*value = trap_frame_sp(frame);
	} else if (reg == KDB_REGS_SS && !trap_frame_user(frame)) {
		*value = SEL_KERNEL_DS;
	} else if (reg >= KDB_REGS_CS) {
		*value &= 0xffff;
	}
	return true;
}

/* What a stack trace begins with; its registers are in another order. */
static bool
kdb_reg_get_waiting(unsigned reg, uint32_t *value)
{
	static struct kdb_frame frame;
	uintptr_t continuation;

	_Static_assert((unsigned)KDB_REGS_EDI == KDB_REG_EDI &&
	    (unsigned)KDB_REGS_EIP == KDB_REG_PC, "DWARF's order");
	if (reg > KDB_REGS_EIP ||
	    !kdb_trace_start(kdb_thread, &frame, &continuation)) {
		return false;
	}
	if (continuation != 0) {
		*value = continuation;
		return reg == KDB_REGS_EIP;
	}
	*value = frame.reg[reg];
	return kdb_frame_known(&frame, reg);
}

/* The registers of user mode; NULL: the thread is never there. */
static struct trap_frame *
kdb_reg_user(void)
{
	return kdb_thread->kernel_only ? NULL : &kdb_thread->pcb.frame;
}

static bool
kdb_reg_get_control(unsigned reg, uint32_t *value)
{
	const struct trap_frame *frame = kdb_reg_stopped();

	if (kdb_thread != current_thread()) {
		return false;
	}
	switch (reg) {
	case KDB_REGS_CR0:
		*value = cpu_read_cr0();
		return true;
	case KDB_REGS_CR2:
		*value = frame != NULL && frame->vector == TRAP_PAGE ?
		    frame->cr2 : cpu_read_cr2();
		return true;
	case KDB_REGS_CR3:
		*value = cpu_read_cr3();
		return true;
	default:
		*value = cpu_read_cr4();
		return true;
	}
}

bool
kdb_reg_get(unsigned i, uint32_t *value)
{
	struct trap_frame *stopped;
	struct trap_frame *user;

	if (kdb_thread == NULL) {
		return false;
	}
	if (i >= KDB_REGS_CR0) {
		return kdb_reg_get_control(i, value);
	}
	stopped = kdb_reg_stopped();
	user = kdb_reg_user();
	if (i >= KDB_REGS_FRAME) {
		return user != NULL &&
		    kdb_reg_get_from(user, i - KDB_REGS_FRAME, value);
	}
	return stopped != NULL ? kdb_reg_get_from(stopped, i, value)
			       : kdb_reg_get_waiting(i, value);
}

/*
 * The way back to user mode copes with bad selectors, as users can set them,
 * but not with those of the kernel.
 */
static bool
kdb_reg_set_user(struct trap_frame *frame, unsigned reg, uint32_t value)
{
	if (trap_frame_v86(frame) && reg >= KDB_REGS_EFLAGS) {
		return false;
	}
	if (reg == KDB_REGS_EFLAGS) {
		value = (value & EFLAGS_USER_MASK) | EFLAGS_USER_SET;
	} else if (reg >= KDB_REGS_CS && value > SEL_RPL_MASK &&
	    (value > 0xffff || (value & SEL_RPL_MASK) != SEL_RPL_USER)) {
		return false;
	} else if ((reg == KDB_REGS_CS || reg == KDB_REGS_SS) &&
	    value <= SEL_RPL_MASK) {
		return false;
	}
	*kdb_reg_slot(frame, reg) = value;
	/* SYSEXIT would not restore all of them. */
	if (frame->vector == TRAP_SYSENTER) {
		frame->vector = 0;
	}
	return true;
}

/* Of the kernel itself: the stack and the segments are as they must be. */
static bool
kdb_reg_set_kernel(struct trap_frame *frame, unsigned reg, uint32_t value)
{
	if (reg == KDB_REGS_ESP || reg >= KDB_REGS_CS ||
	    frame->vector == TRAP_DOUBLE_FAULT) {
		return false;
	}
	if (reg == KDB_REGS_EFLAGS) {
		value = (value & ~KDB_REGS_KERNEL_FIXED) |
		    (frame->eflags & KDB_REGS_KERNEL_FIXED) | EFLAGS_ONE;
	}
	*kdb_reg_slot(frame, reg) = value;
	return true;
}

bool
kdb_reg_set(unsigned i, uint32_t value)
{
	struct trap_frame *frame = kdb_reg_stopped();

	if (kdb_thread == NULL || i >= KDB_REGS_CR0) {
		return false;
	}
	if (i >= KDB_REGS_FRAME) {
		frame = kdb_reg_user();
		i -= KDB_REGS_FRAME;
	}
	if (frame == NULL) {
		return false;
	}
	return trap_frame_user(frame) ? kdb_reg_set_user(frame, i, value)
				      : kdb_reg_set_kernel(frame, i, value);
}

bool
kdb_reg_pc(uintptr_t *pc)
{
	uint32_t value;

	if (!kdb_reg_get(KDB_REGS_EIP, &value)) {
		return false;
	}
	*pc = value;
	return true;
}
