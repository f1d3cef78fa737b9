/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Call-frame rules that a program has in its memory: the same as those that
 * others have put into its tables, and some made here, as no compiler makes
 * them.
 */

#include "kdb_image.h"

#include <elf.h>
#include <string.h>

#include <tests/lib/server_test.h>

#include "sample.h"

#define STACK		0x20000000u
#define STACK_SIZE	0x10000u
#define MADE		0x30000000u	/* what is made here */
#define MADE_CODE	(MADE + 0x1000u)

static struct kdb_image *image;
static uint8_t program[0x4000];		/* its memory */
static uint32_t program_size;
static uint32_t program_start;
static uint32_t missing;		/* a page that is not there */

/* A stack says how far up it one is. */
static bool
read_all(struct kdb_unwind *unwind, uintptr_t address, void *to, size_t n)
{
	if (address - STACK < STACK_SIZE && n <= STACK_SIZE -
	    (address - STACK)) {
		for (size_t i = 0; i < n; i++) {
			uint32_t word = MADE_CODE +
			    ((address + i) & ~3u) - STACK;

			((uint8_t *)to)[i] =
			    (uint8_t)(word >> (address + i) % 4 * 8);
		}
		return true;
	}
	if (address - program_start > program_size ||
	    n > program_size - (address - program_start) ||
	    (missing != 0 && address + n > missing &&
		address < missing + 0x1000)) {
		return false;
	}
	memcpy(to, program + (address - program_start), n);
	return true;
}

static const struct kdb_symtab *
table_all(struct kdb_unwind *unwind, const struct kdb_frame *frame)
{
	return &image->table;
}

static const struct kdb_symtab *
table_none(struct kdb_unwind *unwind, const struct kdb_frame *frame)
{
	return NULL;
}

static unsigned
constants_all(struct kdb_unwind *unwind, const struct kdb_frame *frame,
    struct kdb_cfi_range ranges[KDB_CFI_RANGES])
{
	ranges[0].start = program_start;
	ranges[0].end = program_start + program_size;
	return 1;
}

static bool
is_code_all(struct kdb_unwind *unwind, const struct kdb_frame *frame)
{
	return true;
}

static enum kdb_unwind_step
boundary_none(struct kdb_unwind *unwind, const struct kdb_frame *frame,
    struct kdb_frame *next)
{
	return KDB_UNWIND_CALLER;
}

static struct kdb_unwind
unwind_by(bool tables)
{
	return (struct kdb_unwind){
		.read = read_all,
		.table = tables ? table_all : table_none,
		.constants = tables ? NULL : constants_all,
		.is_code = is_code_all,
		.boundary = boundary_none,
	};
}

/* At PC, with a value in each register that could be on the stack. */
static struct kdb_frame
frame_at(uint32_t pc)
{
	struct kdb_frame frame = { .exact = true };

	for (unsigned i = 0; i < KDB_REG_PC; i++) {
		kdb_frame_set(&frame, i, STACK + 0x1000 + 0x100 * i);
	}
	kdb_frame_set(&frame, KDB_REG_PC, pc);
	return frame;
}

/* What the linker has put into the image's memory. */
static void
load(void)
{
	const Elf32_Phdr *phdr;

	image = kdb_image(2);
	phdr = (const void *)((char *)image->elf +
	    ((const Elf32_Ehdr *)image->elf)->e_phoff);
	REQUIRE(phdr->p_type == PT_LOAD && phdr->p_filesz < sizeof(program));
	program_start = phdr->p_vaddr;
	program_size = phdr->p_filesz;
	memcpy(program, (char *)image->elf + phdr->p_offset, program_size);
	missing = 0;
}

static uint32_t
symbol_at(const char *name)
{
	return (uint32_t)(uintptr_t)kdb_image_symbol(image, name);
}

/* Compare what both say about PC; true if they say something. */
static bool
same_at(uint32_t pc)
{
	struct kdb_unwind by_tables = unwind_by(true);
	struct kdb_unwind by_memory = unwind_by(false);
	struct kdb_frame frames[2] = { frame_at(pc), frame_at(pc) };
	struct kdb_frame next[2];
	struct kdb_table_rule rule;

	if (!kdb_table_rule(&image->table, pc, &rule)) {
		return false;
	}
	CHECK_EQ(kdb_unwind_next(&by_tables, &frames[0], &next[0]),
	    KDB_UNWIND_CALLER);
	CHECK_EQ(kdb_unwind_next(&by_memory, &frames[1], &next[1]),
	    KDB_UNWIND_CALLER);
	CHECK(by_memory.doubt == NULL);
	CHECK(frames[1].addressed);
	CHECK_EQ(frames[0].address, frames[1].address);
	CHECK_EQ(next[0].known, next[1].known);
	CHECK(memcmp(next[0].reg, next[1].reg, sizeof(next[0].reg)) == 0);
	return true;
}

TEST(rules_in_memory_are_those_of_the_tables)
{
	unsigned said = 0;

	load();
	for (uint32_t i = 0; i < program_size; i++) {
		said += same_at(program_start + i) ? 1 : 0;
	}
	CHECK(said > 800);
}

static unsigned followed;

static void
follow(struct kdb_image *of, struct kdb_unwind *unwind,
    struct kdb_frame *frame)
{
	static const char *const names[] = {
		"sample_deep", "sample_deep", "sample_deep", "sample_deep",
		"sample_deep", "sample_deep", "sample_main",
	};
	struct kdb_frame frames[2] = { *frame };
	struct kdb_symbol symbol;

	unwind->table = table_none;
	unwind->constants = constants_all;
	for (followed = 0; followed < 7; followed++) {
		struct kdb_frame *now = &frames[followed % 2];

		REQUIRE(kdb_table_symbol_at(&of->table, kdb_frame_place(now),
		    &symbol));
		CHECK(strcmp(symbol.name, names[followed]) == 0);
		if (followed < 6) {
			REQUIRE(kdb_unwind_next(unwind, now,
			    &frames[(followed + 1) % 2]) ==
			    KDB_UNWIND_CALLER);
		}
	}
}

TEST(a_stack_is_followed_by_rules_in_memory)
{
	load();
	kdb_image_run(image, SAMPLE_DEEP, follow);
	CHECK_EQ(followed, 7);
}

TEST(rules_that_are_not_in_memory_are_missed)
{
	struct kdb_unwind unwind = unwind_by(false);
	struct kdb_frame frame;
	struct kdb_frame next;

	load();
	frame = frame_at(symbol_at("sample_deep"));
	missing = program_start & ~0xfffu;
	CHECK_EQ(kdb_unwind_next(&unwind, &frame, &next), KDB_UNWIND_CALLER);
	CHECK(unwind.doubt != NULL);
	/* By the frame pointer. */
	CHECK_EQ(next.reg[KDB_REG_ESP], frame.reg[KDB_REG_EBP] + 8);
}

/* Whatever is in memory, there is some answer. */
TEST(damaged_rules_are_survived)
{
	struct kdb_unwind unwind = unwind_by(false);
	struct kdb_frame frame;
	struct kdb_frame next;
	unsigned random = 1;
	unsigned led = 0;

	load();
	for (unsigned i = 0; i < 4000; i++) {
		uint8_t *at;
		uint8_t was;

		random = random * 1103515245 + 12345;
		at = &program[(random >> 8) % program_size];
		was = *at;
		*at = (uint8_t)(random >> 4);
		frame = frame_at(symbol_at(i % 2 != 0 ? "sample_deep"
						      : "sample_pass") + 5);
		led += kdb_unwind_more(kdb_unwind_next(&unwind, &frame,
			   &next)) ? 1 : 0;
		if (i % 64 == 0) {
			*at = was;
		}
	}
	CHECK(led > 0);
}

/*
 * Rules made here: a common entry with LETTERS, and one for MADE_CODE with N
 * bytes of INSTRUCTIONS.
 */
static void
make(const char *letters, const uint8_t *instructions, uint32_t n)
{
	uint8_t common[32] = { 28, 0, 0, 0, 0, 0, 0, 0, 1 };
	uint32_t i = 9;
	uint32_t entry[4];

	strcpy((char *)common + i, letters);
	i += (uint32_t)strlen(letters) + 1;
	memcpy(common + i, "\1\x7c\10\1\x1b\14\4\4\x88\1", 10);
	program_start = MADE;
	program_size = 0x200;
	missing = 0;
	memset(program, 0, program_size);
	memcpy(program + 0x40, common, sizeof(common));
	entry[0] = (13 + n + 3) & ~3u;
	entry[1] = 0x24;
	entry[2] = MADE_CODE - (MADE + 0x68);
	entry[3] = 0x100;
	memcpy(program + 0x60, entry, sizeof(entry));
	memcpy(program + 0x71, instructions, n);
}

static enum kdb_unwind_step
made_next(struct kdb_frame *frame, struct kdb_frame *next)
{
	struct kdb_unwind unwind = unwind_by(false);

	*frame = frame_at(MADE_CODE + 8);
	return kdb_unwind_next(&unwind, frame, next);
}

/* The address is at %esp rounded down, plus 60; all registers are there. */
#define BLOCK	0x74, 0x7c, 0x0c, 0, 0xff, 0xff, 0xff, 0x1a, 0x23
static const uint8_t other_stack[] = {
	0x0f, 11, BLOCK, 60, 0x06,
	0x10, 0, 10, BLOCK, 76, 0x10, 8, 10, BLOCK, 80, 0x08, 1,
	0x16, 2, 4, 0x31, 0x1e, 0x23, 5,	/* edx = frame * 1 + 5 */
};

TEST(a_rule_leads_to_another_stack)
{
	uint32_t block = (STACK + 0x1000 + 0x400 - 4) & ~0xffu;
	struct kdb_frame frame;
	struct kdb_frame next;

	make("zR", other_stack, sizeof(other_stack));
	CHECK_EQ(made_next(&frame, &next), KDB_UNWIND_CALL);
	CHECK_EQ(frame.address, MADE_CODE + block + 60 - STACK);
	CHECK_EQ(next.reg[KDB_REG_ESP], frame.address);
	CHECK_EQ(next.reg[KDB_REG_EAX], MADE_CODE + block + 76 - STACK);
	CHECK_EQ(next.reg[KDB_REG_PC], MADE_CODE + block + 80 - STACK);
	CHECK_EQ(next.reg[KDB_REG_ECX], frame.reg[KDB_REG_ECX]);
	CHECK_EQ(next.reg[KDB_REG_EDX], frame.address + 5);
	CHECK_EQ(next.reg[KDB_REG_EBX], frame.reg[KDB_REG_EBX]);
	CHECK(!next.exact);
	CHECK_EQ(next.stacks, 1);
	make("zRS", other_stack, sizeof(other_stack));
	CHECK_EQ(made_next(&frame, &next), KDB_UNWIND_TRAP);
	CHECK(next.exact);
}

TEST(stacks_are_left_a_few_times_only)
{
	struct kdb_unwind unwind = unwind_by(false);
	struct kdb_frame frame;
	struct kdb_frame next = frame_at(MADE_CODE + 8);
	unsigned count = 0;

	make("zR", other_stack, sizeof(other_stack));
	do {
		uint8_t stacks = next.stacks;

		/* The same place again and again. */
		frame = frame_at(MADE_CODE + 8);
		frame.stacks = stacks;
		count++;
	} while (count < 100 && kdb_unwind_next(&unwind, &frame, &next) ==
	    KDB_UNWIND_CALL);
	CHECK_EQ(count, 9);
	CHECK(strcmp(unwind.why, "too many stacks") == 0);
}

TEST(a_rule_that_leads_back_is_refused)
{
	/* %esp - 64. */
	static const uint8_t back[] = { 0x12, 4, 16, 0x05, 8, 1 };
	struct kdb_unwind unwind = unwind_by(false);
	struct kdb_frame frame = frame_at(MADE_CODE + 8);
	struct kdb_frame next;

	make("zR", back, sizeof(back));
	CHECK_EQ(kdb_unwind_next(&unwind, &frame, &next), KDB_UNWIND_LOST);
	CHECK(strcmp(unwind.why, "the stack leads back") == 0);
}

TEST(rules_say_where_stacks_begin)
{
	static const uint8_t undefined[] = { 0x07, 8 };
	struct kdb_frame frame;
	struct kdb_frame next;

	make("zR", undefined, sizeof(undefined));
	CHECK_EQ(made_next(&frame, &next), KDB_UNWIND_END);
}

TEST(values_are_followed_through_other_rules)
{
	/* 4 + %ebp; %ebx in %esi, %edi = address - 8; then back to before. */
	static const uint8_t rules[] = {
		0x0a, 0x0d, 5, 0x0e, 12, 0x09, 3, 6, 0x14, 7, 2, 0x48, 0x0b,
	};
	struct kdb_frame frame;
	struct kdb_frame next;

	make("zR", rules, sizeof(rules) - 2);
	CHECK_EQ(made_next(&frame, &next), KDB_UNWIND_CALLER);
	CHECK_EQ(frame.address, frame.reg[KDB_REG_EBP] + 12);
	CHECK_EQ(next.reg[KDB_REG_EBX], frame.reg[KDB_REG_ESI]);
	CHECK_EQ(next.reg[KDB_REG_EDI], frame.address - 8);
	CHECK(!kdb_frame_known(&next, KDB_REG_EAX));
	make("zR", rules, sizeof(rules));
	CHECK_EQ(made_next(&frame, &next), KDB_UNWIND_CALLER);
	CHECK_EQ(frame.address, frame.reg[KDB_REG_ESP] + 4);
	CHECK_EQ(next.reg[KDB_REG_EBX], frame.reg[KDB_REG_EBX]);
}

/* Never shifted, popped or remembered more than there is. */
TEST(senseless_rules_are_no_rules)
{
	static const struct {
		uint8_t	bytes[8];
		uint8_t	n;
	} senseless[] = {
		{ { 0x0b }, 1 },			/* nothing remembered */
		{ { 0x0f, 2, 0x22, 0x22 }, 4 },		/* nothing to add */
		{ { 0x0f, 60, 0x30 }, 3 },		/* longer than it is */
		{ { 0x3f }, 1 },
		{ { 0x0c, 99, 1 }, 3 },			/* no such register */
		{ { 0x0f, 3, 0x03, 1, 2 }, 5 },
		{ { 0x0a, 0x0a, 0x0a, 0x0a, 0x0a, 0x0a, 0x0a, 0x0a }, 8 },
	};
	struct kdb_frame frame;
	struct kdb_frame next;

	for (unsigned i = 0; i < sizeof(senseless) / sizeof(*senseless);
	    i++) {
		make("zR", senseless[i].bytes, senseless[i].n);
		made_next(&frame, &next);
		/* The last one is just not too much. */
		CHECK_EQ(frame.address == frame.reg[KDB_REG_EBP] + 8,
		    i < sizeof(senseless) / sizeof(*senseless) - 1);
	}
}
