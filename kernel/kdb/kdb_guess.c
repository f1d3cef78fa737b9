/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/* See kdb_guess.h. */

#include <kernel/kdb/kdb_guess.h>

#include <string.h>

#include <kernel/kdb/kdb_unwind.h>

#define KDB_GUESS_FUNCTION	8192u	/* bytes that one may have */
#define KDB_GUESS_WORDS		1024u	/* of the stack */
#define KDB_GUESS_KEPT		4u	/* registers that it keeps */
#define KDB_GUESS_ALIGNED	64u	/* bytes that aligning may pass */
#define KDB_GUESS_CALL		7u	/* bytes of the longest call */
#define KDB_GUESS_DIRECT	5u	/* ... and of one that says where to */

/* Is there a call through a register or memory in the N bytes at CODE? */
static bool
kdb_guess_indirect(const uint8_t *code, unsigned n)
{
	unsigned mode = code[1] >> 6;
	unsigned base = code[1] & 7;
	unsigned size = 2;

	if (code[0] != 0xff || (code[1] >> 3 & 7) != 2) {
		return false;
	}
	if (mode == 3) {
		return n == size;
	}
	if (base == 4) {
		size++;
		base = code[2] & 7;
	}
	if (mode == 1) {
		size++;
	} else if (mode == 2 || base == 5) {
		size += 4;
	}
	return n == size;
}

bool
kdb_guess_returns(struct kdb_unwind *unwind, const struct kdb_frame *frame,
    uint32_t pc)
{
	uint32_t place = (uint32_t)kdb_frame_place(frame);
	struct kdb_frame caller = { .user = frame->user };
	uint8_t code[KDB_GUESS_CALL];
	uint32_t distance;

	kdb_frame_set(&caller, KDB_REG_PC, pc);
	if (pc < sizeof(code) || !unwind->is_code(unwind, &caller) ||
	    !unwind->read(unwind, pc - sizeof(code), code, sizeof(code))) {
		return false;
	}
	memcpy(&distance, code + sizeof(code) - 4, sizeof(distance));
	if (code[sizeof(code) - KDB_GUESS_DIRECT] == 0xe8 &&
	    place - (pc + distance) < KDB_GUESS_FUNCTION) {
		return true;
	}
	for (unsigned n = 2; n <= sizeof(code); n++) {
		if (kdb_guess_indirect(code + sizeof(code) - n, n)) {
			return true;
		}
	}
	return false;
}

void
kdb_guess_aligned(struct kdb_unwind *unwind, uint32_t ebp, uint32_t *address)
{
	uint32_t pc;
	uint32_t kept;
	uint32_t other;

	if (!unwind->read(unwind, ebp + 4, &pc, sizeof(pc))) {
		return;
	}
	for (unsigned i = 1; i <= KDB_GUESS_KEPT; i++) {
		if (unwind->read(unwind, ebp - 4 * i, &kept, sizeof(kept)) &&
		    kept - *address <= KDB_GUESS_ALIGNED &&
		    unwind->read(unwind, kept - 4, &other, sizeof(other)) &&
		    other == pc) {
			*address = kept;
			return;
		}
	}
}

bool
kdb_guess_caller(struct kdb_unwind *unwind, const struct kdb_frame *frame,
    struct kdb_frame *next)
{
	uint32_t esp = frame->reg[KDB_REG_ESP];
	uint32_t pc;

	if (!kdb_frame_known(frame, KDB_REG_ESP) || esp % 4 != 0) {
		return false;
	}
	for (unsigned i = 0; i < KDB_GUESS_WORDS; i++, esp += 4) {
		if (!unwind->read(unwind, esp, &pc, sizeof(pc))) {
			return false;
		}
		if (kdb_guess_returns(unwind, frame, pc)) {
			kdb_frame_set(next, KDB_REG_PC, pc);
			kdb_frame_set(next, KDB_REG_ESP, esp + 4);
			return true;
		}
	}
	return false;
}
