/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Callers of functions without call-frame rules, in memory that is made here.
 */

#include <string.h>

#include <kernel/kdb/kdb_guess.h>
#include <kernel/kdb/kdb_unwind.h>

#include <tests/lib/server_test.h>

#define CODE		0x10000u
#define STACK		0x20000u
#define SIZE		0x4000u
#define FUNCTION	(CODE + 0x1000u)	/* that is asked about */

static uint8_t code[SIZE];
static uint32_t stack[SIZE / 4];

static bool
read_made(struct kdb_unwind *unwind, uintptr_t address, void *to, size_t n)
{
	if (address - CODE < SIZE && n <= SIZE - (address - CODE)) {
		memcpy(to, code + (address - CODE), n);
		return true;
	}
	if (address - STACK < SIZE && n <= SIZE - (address - STACK)) {
		memcpy(to, (char *)stack + (address - STACK), n);
		return true;
	}
	return false;
}

static const struct kdb_symtab *
table_none(struct kdb_unwind *unwind, const struct kdb_frame *frame)
{
	return NULL;
}

static unsigned
constants_none(struct kdb_unwind *unwind, const struct kdb_frame *frame,
    struct kdb_cfi_range ranges[KDB_CFI_RANGES])
{
	return 0;
}

static bool
is_code_made(struct kdb_unwind *unwind, const struct kdb_frame *frame)
{
	return frame->reg[KDB_REG_PC] - CODE < SIZE;
}

static enum kdb_unwind_step
boundary_none(struct kdb_unwind *unwind, const struct kdb_frame *frame,
    struct kdb_frame *next)
{
	return KDB_UNWIND_CALLER;
}

static struct kdb_unwind
made(void)
{
	memset(code, 0x90, sizeof(code));
	memset(stack, 0, sizeof(stack));
	return (struct kdb_unwind){
		.read = read_made,
		.table = table_none,
		.constants = constants_none,
		.is_code = is_code_made,
		.boundary = boundary_none,
	};
}

/* In the function, 0x20 bytes behind its beginning. */
static struct kdb_frame
in_function(uint32_t ebp)
{
	struct kdb_frame frame = { .exact = true, .user = true };

	kdb_frame_set(&frame, KDB_REG_PC, FUNCTION + 0x20);
	kdb_frame_set(&frame, KDB_REG_ESP, STACK + 0x100);
	kdb_frame_set(&frame, KDB_REG_EBP, ebp);
	return frame;
}

/* Put N bytes of a call right before PC. */
static uint32_t
put_call(uint32_t pc, const void *bytes, unsigned n)
{
	memcpy(&code[pc - CODE - n], bytes, n);
	return pc;
}

/* A call of TARGET that returns to PC. */
static uint32_t
put_direct(uint32_t pc, uint32_t target)
{
	uint32_t distance = target - pc;
	uint8_t bytes[5] = { 0xe8 };

	memcpy(bytes + 1, &distance, sizeof(distance));
	return put_call(pc, bytes, sizeof(bytes));
}

TEST(a_call_of_the_function_is_found_on_the_stack)
{
	struct kdb_unwind unwind = made();
	struct kdb_frame frame = in_function(0);
	struct kdb_frame next;

	/* No call; one of another function; one that goes behind this place. */
	stack[0x100 / 4] = CODE + 0x500;
	stack[0x104 / 4] = put_direct(CODE + 0x600, CODE + 0x3000);
	stack[0x108 / 4] = put_direct(CODE + 0x700, FUNCTION + 0x24);
	stack[0x10c / 4] = put_direct(CODE + 0x800, FUNCTION);
	CHECK_EQ(kdb_unwind_next(&unwind, &frame, &next), KDB_UNWIND_CALLER);
	CHECK_EQ(next.reg[KDB_REG_PC], CODE + 0x800);
	CHECK_EQ(next.reg[KDB_REG_ESP], STACK + 0x110);
	CHECK(!kdb_frame_known(&next, KDB_REG_EBP));
	CHECK(!frame.addressed);
	CHECK(unwind.doubt != NULL);
}

TEST(calls_through_registers_and_memory_are_known)
{
	static const struct {
		uint8_t	bytes[7];
		uint8_t	n;
		bool	is_call;
	} calls[] = {
		{ { 0xff, 0xd0 }, 2, true },
		{ { 0xff, 0x13 }, 2, true },
		{ { 0xff, 0x50, 8 }, 3, true },
		{ { 0xff, 0x14, 0x24 }, 3, true },
		{ { 0xff, 0x54, 0x24, 8 }, 4, true },
		{ { 0xff, 0x15, 1, 2, 3, 4 }, 6, true },
		{ { 0xff, 0x93, 1, 2, 3, 4 }, 6, true },
		{ { 0xff, 0x14, 0x85, 1, 2, 3, 4 }, 7, true },
		{ { 0xff, 0x94, 0x83, 1, 2, 3, 4 }, 7, true },
		{ { 0xff, 0xe0 }, 2, false },
		{ { 0xff, 0x50 }, 2, false },
		{ { 0xff, 0x25, 1, 2, 3, 4 }, 6, false },
	};

	for (unsigned i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		struct kdb_unwind unwind = made();
		struct kdb_frame frame = in_function(0);
		uint32_t pc = put_call(CODE + 0x500, calls[i].bytes,
		    calls[i].n);

		CHECK_EQ(kdb_guess_returns(&unwind, &frame, pc),
		    calls[i].is_call);
	}
}

TEST(a_frame_pointer_is_believed_if_it_leads_to_a_call)
{
	struct kdb_unwind unwind = made();
	struct kdb_frame frame = in_function(STACK + 0x200);
	struct kdb_frame next;

	stack[0x200 / 4] = STACK + 0x300;
	stack[0x204 / 4] = put_direct(CODE + 0x800, FUNCTION);
	stack[0x120 / 4] = stack[0x204 / 4];
	CHECK_EQ(kdb_unwind_next(&unwind, &frame, &next), KDB_UNWIND_CALLER);
	CHECK_EQ(next.reg[KDB_REG_ESP], STACK + 0x208);
	CHECK_EQ(next.reg[KDB_REG_EBP], STACK + 0x300);
	CHECK(unwind.doubt == NULL);
	/* Where the stack was before it was aligned. */
	stack[0x1f8 / 4] = STACK + 0x220;
	stack[0x21c / 4] = stack[0x204 / 4];
	CHECK_EQ(kdb_unwind_next(&unwind, &frame, &next), KDB_UNWIND_CALLER);
	CHECK_EQ(next.reg[KDB_REG_ESP], STACK + 0x220);
	CHECK_EQ(frame.address, STACK + 0x220);
	/* To none. */
	stack[0x204 / 4] = CODE + 0x900;
	CHECK_EQ(kdb_unwind_next(&unwind, &frame, &next), KDB_UNWIND_CALLER);
	CHECK_EQ(next.reg[KDB_REG_ESP], STACK + 0x124);
	CHECK(unwind.doubt != NULL);
}

TEST(where_there_is_no_call_it_ends)
{
	struct kdb_unwind unwind = made();
	struct kdb_frame frame = in_function(0);
	struct kdb_frame next;

	CHECK_EQ(kdb_unwind_next(&unwind, &frame, &next), KDB_UNWIND_END);
	frame = in_function(STACK + SIZE);
	CHECK_EQ(kdb_unwind_next(&unwind, &frame, &next), KDB_UNWIND_LOST);
	/* Not at the end of all that can be read, either. */
	kdb_frame_set(&frame, KDB_REG_ESP, STACK + SIZE - 8);
	CHECK_EQ(kdb_unwind_next(&unwind, &frame, &next), KDB_UNWIND_LOST);
}
