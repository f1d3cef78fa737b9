/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/* See kdb_unwind.h. */

#include <kernel/kdb/kdb_unwind.h>

#include <string.h>

#include <kernel/kdb/kdb_guess.h>

#define KDB_UNWIND_STACKS	8u	/* that are left for others */

void
kdb_frame_set(struct kdb_frame *frame, unsigned reg, uint32_t value)
{
	frame->reg[reg] = value;
	frame->known |= 1u << reg;
}

uintptr_t
kdb_frame_place(const struct kdb_frame *frame)
{
	/* The call itself: behind it there may be another function. */
	return frame->reg[KDB_REG_PC] - (frame->exact ? 0 : 1);
}

/* The register REG of the caller, by what the rule says. */
static void
kdb_unwind_register(struct kdb_unwind *unwind, const struct kdb_frame *frame,
    struct kdb_frame *next, unsigned reg, int saved)
{
	uint32_t value;

	if (saved == KDB_RULE_SAME) {
		if (kdb_frame_known(frame, reg)) {
			kdb_frame_set(next, reg, frame->reg[reg]);
		}
	} else if (saved != KDB_RULE_LOST && unwind->read(unwind,
	    frame->address + (uint32_t)(4 * saved), &value, sizeof(value))) {
		kdb_frame_set(next, reg, value);
	}
}

/* By the rules; false if there are none for where FRAME is. */
static bool
kdb_unwind_rule(struct kdb_unwind *unwind, struct kdb_frame *frame,
    struct kdb_frame *next)
{
	const struct kdb_symtab *table = unwind->table(unwind, frame);
	struct kdb_table_rule rule;

	if (table == NULL ||
	    !kdb_table_rule(table, kdb_frame_place(frame), &rule) ||
	    !kdb_frame_known(frame, rule.base)) {
		return false;
	}
	frame->address = frame->reg[rule.base] + (uint32_t)rule.offset;
	frame->addressed = true;
	kdb_unwind_register(unwind, frame, next, KDB_REG_PC, rule.pc);
	kdb_unwind_register(unwind, frame, next, KDB_REG_EBX, rule.ebx);
	kdb_unwind_register(unwind, frame, next, KDB_REG_EBP, rule.ebp);
	kdb_unwind_register(unwind, frame, next, KDB_REG_ESI, rule.esi);
	kdb_unwind_register(unwind, frame, next, KDB_REG_EDI, rule.edi);
	kdb_frame_set(next, KDB_REG_ESP, frame->address);
	return true;
}

/* By the frame pointer; false: there is nothing where it points. */
static bool
kdb_unwind_pointer(struct kdb_unwind *unwind, struct kdb_frame *frame,
    struct kdb_frame *next)
{
	uint32_t ebp = frame->reg[KDB_REG_EBP];
	uint32_t saved[2];

	if (ebp % 4 != 0 ||
	    !unwind->read(unwind, ebp, saved, sizeof(saved))) {
		return false;
	}
	frame->address = ebp + sizeof(saved);
	frame->addressed = true;
	kdb_frame_set(next, KDB_REG_EBP, saved[0]);
	kdb_frame_set(next, KDB_REG_PC, saved[1]);
	kdb_frame_set(next, KDB_REG_ESP, frame->address);
	return true;
}

static enum kdb_unwind_step
kdb_unwind_lost(struct kdb_unwind *unwind, const char *why)
{
	unwind->why = why;
	return KDB_UNWIND_LOST;
}

/* Is what was found a frame that can be behind FRAME? */
static enum kdb_unwind_step
kdb_unwind_check(struct kdb_unwind *unwind, const struct kdb_frame *frame,
    const struct kdb_frame *next)
{
	if (!kdb_frame_known(next, KDB_REG_PC)) {
		return kdb_unwind_lost(unwind,
		    "the return address cannot be read");
	}
	/* Where stacks begin they have none. */
	if (next->reg[KDB_REG_PC] == 0) {
		return KDB_UNWIND_END;
	}
	if (next->stacks == frame->stacks &&
	    kdb_frame_known(frame, KDB_REG_ESP) &&
	    next->reg[KDB_REG_ESP] <= frame->reg[KDB_REG_ESP]) {
		return kdb_unwind_lost(unwind, "the stack leads back");
	}
	if (next->stacks > KDB_UNWIND_STACKS) {
		return kdb_unwind_lost(unwind, "too many stacks");
	}
	if (!unwind->is_code(unwind, next)) {
		return kdb_unwind_lost(unwind,
		    "the return address is none");
	}
	return KDB_UNWIND_CALLER;
}

/*
 * What a program's own rules or its memory have led to.  The way into what
 * serves its system calls says what all registers were, as that into a signal's
 * handler does, and either can be from another stack.
 */
static enum kdb_unwind_step
kdb_unwind_found(struct kdb_unwind *unwind, const struct kdb_frame *frame,
    struct kdb_frame *next, bool interrupted)
{
	bool all = kdb_frame_known(next, KDB_REG_EAX);
	enum kdb_unwind_step step;

	next->exact = interrupted;
	next->stacks = frame->stacks + (interrupted || all ? 1 : 0);
	step = kdb_unwind_check(unwind, frame, next);
	if (step != KDB_UNWIND_CALLER) {
		return step;
	}
	if (interrupted) {
		return KDB_UNWIND_TRAP;
	}
	return all ? KDB_UNWIND_CALL : KDB_UNWIND_CALLER;
}

/*
 * In a program that may have rules, but not for this: its frame pointer is
 * believed if it leads to where something was called.  False: that is not so,
 * and nothing that could be is on the stack.
 */
static bool
kdb_unwind_guess(struct kdb_unwind *unwind, struct kdb_frame *frame,
    struct kdb_frame *next)
{
	if (kdb_frame_known(frame, KDB_REG_EBP) &&
	    kdb_unwind_pointer(unwind, frame, next) &&
	    next->reg[KDB_REG_ESP] > frame->reg[KDB_REG_ESP] &&
	    kdb_guess_returns(unwind, frame, next->reg[KDB_REG_PC])) {
		kdb_guess_aligned(unwind, frame->reg[KDB_REG_EBP],
		    &frame->address);
		kdb_frame_set(next, KDB_REG_ESP, frame->address);
		return true;
	}
	frame->addressed = false;
	next->known = 0;
	if (!kdb_guess_caller(unwind, frame, next)) {
		return false;
	}
	if (unwind->doubt == NULL) {
		unwind->doubt = "there are no call-frame rules for it";
	}
	return true;
}

static enum kdb_unwind_step
kdb_unwind_by_pointer(struct kdb_unwind *unwind, struct kdb_frame *frame,
    struct kdb_frame *next)
{
	if (!kdb_frame_known(frame, KDB_REG_EBP) ||
	    frame->reg[KDB_REG_EBP] == 0) {
		return KDB_UNWIND_END;
	}
	if (!kdb_unwind_pointer(unwind, frame, next)) {
		return kdb_unwind_lost(unwind,
		    "the frame pointer points nowhere");
	}
	return kdb_unwind_check(unwind, frame, next);
}

enum kdb_unwind_step
kdb_unwind_next(struct kdb_unwind *unwind, struct kdb_frame *frame,
    struct kdb_frame *next)
{
	enum kdb_unwind_step step;

	memset(next, 0, sizeof(*next));
	frame->addressed = false;
	unwind->doubt = NULL;
	step = unwind->boundary(unwind, frame, next);
	if (step == KDB_UNWIND_ENTERED) {
		return kdb_unwind_check(unwind, frame, next);
	}
	if (step == KDB_UNWIND_TRAP && frame->user) {
		/* Nothing has called it. */
		frame->exact = true;
		return kdb_unwind_found(unwind, frame, next, true);
	}
	if (step != KDB_UNWIND_CALLER) {
		return step;
	}
	next->user = frame->user;
	next->stacks = frame->stacks;
	if (kdb_unwind_rule(unwind, frame, next)) {
		return kdb_unwind_check(unwind, frame, next);
	}
	switch (kdb_cfi_caller(unwind, frame, next)) {
	case KDB_CFI_CALLER:
		return kdb_unwind_found(unwind, frame, next, false);
	case KDB_CFI_INTERRUPTED:
		return kdb_unwind_found(unwind, frame, next, true);
	case KDB_CFI_OUTERMOST:
		return KDB_UNWIND_END;
	case KDB_CFI_ABSENT:
		unwind->doubt = "its call-frame rules are not in memory";
		break;
	default:
		break;
	}
	if (frame->user && unwind->constants != NULL &&
	    kdb_unwind_guess(unwind, frame, next)) {
		return kdb_unwind_check(unwind, frame, next);
	}
	return kdb_unwind_by_pointer(unwind, frame, next);
}
