/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Each place where an argument can be has a mark, and each parameter is evaluated as
 * it is when the function begins: the marks that come out are its place.
 */

#include <kernel/kdb/kdb_pass.h>

#include <stddef.h>
#include <string.h>

#include <kernel/kdb/kdb_scope.h>
#include <kernel/kdb/kdb_unwind.h>
#include <kernel/kdb/kdb_value.h>

#define KDB_PASS_SLOTS	(KDB_PASS_REGS + KDB_PASS_STACK)
#define KDB_PASS_NONE	UINT32_MAX

/* A mark is four equal bytes, for parameters that are smaller than a word. */
#define KDB_PASS_MARK	0xa1u

/* Where the marked arguments on the stack are said to be. */
#define KDB_PASS_BASE	0xfffe0000u

#define KDB_PASS_WIDE	2u		/* words of the largest */

struct kdb_pass_parameter {
	const char	*name;
	uint32_t	type;
	uint32_t	size;
	enum kdb_type_class class;
	unsigned	words;
	uint32_t	slot[KDB_PASS_WIDE];
};

struct kdb_pass_want {
	struct kdb_pass_parameter parameter[KDB_PASS_MAX];
	unsigned	count;
	bool		variadic;
};

/* ---- places ------------------------------------------------------------- */

/* The stack, as far as there are arguments. */
static bool
kdb_pass_read(struct kdb_unwind *unwind, uintptr_t address, void *to, size_t n)
{
	uint32_t offset = (uint32_t)address - KDB_PASS_BASE;
	uint8_t *byte = to;

	if (offset > 4 * KDB_PASS_STACK || n > 4 * KDB_PASS_STACK - offset) {
		return false;
	}
	for (size_t i = 0; i < n; i++) {
		byte[i] = (uint8_t)(KDB_PASS_MARK + KDB_PASS_REGS +
		    (offset + i) / 4);
	}
	return true;
}

static const struct kdb_symtab *
kdb_pass_table(struct kdb_unwind *unwind, const struct kdb_frame *frame)
{
	return NULL;
}

/* Which slot has the SIZE bytes at BYTES? */
static uint32_t
kdb_pass_slot(const uint8_t *bytes, uint32_t size)
{
	for (uint32_t i = 1; i < size; i++) {
		if (bytes[i] != bytes[0]) {
			return KDB_PASS_NONE;
		}
	}
	return bytes[0] >= KDB_PASS_MARK &&
	    bytes[0] < KDB_PASS_MARK + KDB_PASS_SLOTS
	    ? bytes[0] - KDB_PASS_MARK : KDB_PASS_NONE;
}

/* The frame of a function that begins at PC, with marks. */
static void
kdb_pass_mark(struct kdb_frame *frame, uintptr_t pc)
{
	static const uint8_t regs[KDB_PASS_REGS] = {
		KDB_REG_EAX, KDB_REG_EDX, KDB_REG_ECX,
	};

	memset(frame, 0, sizeof(*frame));
	for (unsigned i = 0; i < KDB_PASS_REGS; i++) {
		kdb_frame_set(frame, regs[i], 0x01010101u *
		    (KDB_PASS_MARK + i));
	}
	kdb_frame_set(frame, KDB_REG_ESP, KDB_PASS_BASE - 4);
	kdb_frame_set(frame, KDB_REG_PC, (uint32_t)pc);
	frame->address = KDB_PASS_BASE;
	frame->addressed = true;
	frame->exact = true;
}

/* Find the place of ENTRY, which is *PARAMETER; false: it has another value. */
static bool
kdb_pass_find(const struct kdb_view *view, const struct kdb_entry *entry,
    struct kdb_pass_parameter *parameter)
{
	uint8_t bytes[4 * KDB_PASS_WIDE];
	struct kdb_value value;

	if (!entry->placed) {
		return true;
	}
	if (!kdb_value_get(view, entry->expr, &value) ||
	    !kdb_value_read(view, &value, 0, bytes, parameter->size)) {
		return false;
	}
	for (unsigned i = 0; i < parameter->words; i++) {
		uint32_t left = parameter->size - 4 * i;

		parameter->slot[i] = kdb_pass_slot(&bytes[4 * i],
		    left < 4 ? left : 4);
		if (parameter->slot[i] == KDB_PASS_NONE) {
			return false;
		}
	}
	return true;
}

static bool
kdb_pass_taken(const struct kdb_pass_want *want, uint32_t slot)
{
	for (unsigned i = 0; i < want->count; i++) {
		for (unsigned w = 0; w < want->parameter[i].words; w++) {
			if (want->parameter[i].slot[w] == slot) {
				return true;
			}
		}
	}
	return false;
}

/*
 * What has no place is not looked at, as far as the tables know: give it the one of
 * the kernel's way, if nothing else is there.
 */
static void
kdb_pass_complete(struct kdb_pass_want *want)
{
	uint32_t reg = want->variadic ? KDB_PASS_REGS : 0;
	uint32_t stack = KDB_PASS_REGS;

	for (unsigned i = 0; i < want->count; i++) {
		struct kdb_pass_parameter *p = &want->parameter[i];
		bool in_reg = reg + p->words <= KDB_PASS_REGS;
		uint32_t *next = in_reg ? &reg : &stack;

		reg = in_reg ? reg : KDB_PASS_REGS;
		for (unsigned w = 0; w < p->words; w++, ++*next) {
			if (p->slot[w] == KDB_PASS_NONE &&
			    !kdb_pass_taken(want, *next)) {
				p->slot[w] = *next;
			}
		}
	}
}

/* ---- parameters --------------------------------------------------------- */

static bool
kdb_pass_parameter(const struct kdb_view *view, const struct kdb_entry *entry,
    struct kdb_pass_want *want, struct kdb_text *why)
{
	struct kdb_pass_parameter *p = &want->parameter[want->count];

	if (want->count == KDB_PASS_MAX) {
		kdb_text_add(why, "it has more than %u parameters",
		    KDB_PASS_MAX);
		return false;
	}
	p->name = entry->name;
	p->type = entry->type;
	p->size = kdb_type_size(view->table, entry->type);
	p->class = kdb_type_class(view->table, entry->type);
	p->words = (p->size + 3) / 4;
	p->slot[0] = p->slot[1] = KDB_PASS_NONE;
	if (p->class == KDB_CLASS_OTHER || p->words == 0 ||
	    p->words > KDB_PASS_WIDE) {
		kdb_text_add(why, "its parameter %s is no number", p->name);
		return false;
	}
	want->count++;
	if (!kdb_pass_find(view, entry, p)) {
		kdb_text_add(why, "its parameter %s is not where an argument "
		    "can be put", p->name);
		return false;
	}
	return true;
}

static bool
kdb_pass_look(const struct kdb_symtab *table, uintptr_t pc,
    const struct kdb_function *function, struct kdb_pass_want *want,
    struct kdb_text *why)
{
	struct kdb_unwind unwind = {
		.read = kdb_pass_read, .table = kdb_pass_table,
	};
	struct kdb_frame frame;
	struct kdb_view view = {
		.unwind = &unwind, .frame = &frame, .table = table,
	};
	struct kdb_entry entry;
	struct kdb_walk walk;

	kdb_pass_mark(&frame, pc);
	kdb_walk_start(&walk, table, function, pc);
	while (kdb_walk_next(&walk, &entry)) {
		if (entry.kind == KDB_SCOPE_VARIADIC) {
			want->variadic = true;
		} else if (entry.kind == KDB_SCOPE_PARAMETER &&
		    entry.level == 0 &&
		    !kdb_pass_parameter(&view, &entry, want, why)) {
			return false;
		}
	}
	kdb_pass_complete(want);
	return true;
}

/* ---- arguments ---------------------------------------------------------- */

static void
kdb_pass_put(struct kdb_pass *pass, uint32_t slot, uint32_t value)
{
	if (slot < KDB_PASS_REGS) {
		pass->reg[slot] = value;
	} else if (slot < KDB_PASS_SLOTS) {
		pass->stack[slot - KDB_PASS_REGS] = value;
	}
}

/* Is VALUE one of the parameter's type? */
static bool
kdb_pass_fits(const struct kdb_pass_parameter *p, uint32_t value)
{
	unsigned unused = p->size < 4 ? 32 - 8 * p->size : 0;

	if (p->class == KDB_CLASS_BOOL) {
		return value <= 1;
	}
	return p->class == KDB_CLASS_SIGNED
	    ? (uint32_t)((int32_t)(value << unused) >> unused) == value
	    : value << unused >> unused == value;
}

static bool
kdb_pass_value(struct kdb_pass *pass, const struct kdb_pass_parameter *p,
    uint32_t value, struct kdb_text *why)
{
	bool negative = p->class == KDB_CLASS_SIGNED && (int32_t)value < 0;

	if (!kdb_pass_fits(p, value)) {
		kdb_text_add(why, "%#x is too large for its parameter %s",
		    (unsigned)value, p->name);
		return false;
	}
	kdb_pass_put(pass, p->slot[0], value);
	if (p->words > 1) {
		kdb_pass_put(pass, p->slot[1], negative ? UINT32_MAX : 0);
	}
	return true;
}

/* The number of arguments is wrong. */
static bool
kdb_pass_bad_count(const struct kdb_pass_want *want, struct kdb_text *why)
{
	kdb_text_add(why, "it wants (");
	for (unsigned i = 0; i < want->count; i++) {
		kdb_text_add(why, "%s%s", i > 0 ? ", " : "",
		    want->parameter[i].name);
	}
	kdb_text_add(why, "%s)", want->variadic ? ", ..." : "");
	return false;
}

static bool
kdb_pass_values(struct kdb_pass *pass, const struct kdb_pass_want *want,
    const uint32_t *values, unsigned count, struct kdb_text *why)
{
	uint32_t next = KDB_PASS_REGS;

	if (count < want->count || (count > want->count && !want->variadic)) {
		return kdb_pass_bad_count(want, why);
	}
	for (unsigned i = 0; i < want->count; i++) {
		const struct kdb_pass_parameter *p = &want->parameter[i];

		if (!kdb_pass_value(pass, p, values[i], why)) {
			return false;
		}
		next += p->words;
	}
	/* A function with more of them has all on the stack, in order. */
	for (unsigned i = want->count; i < count; i++) {
		kdb_pass_put(pass, next++, values[i]);
	}
	return true;
}

bool
kdb_pass(const struct kdb_symtab *table, uintptr_t function,
    const uint32_t *values, unsigned count, struct kdb_pass *pass,
    struct kdb_text *why)
{
	/* One at a time, and too much for a small stack. */
	static struct kdb_pass_want want;
	struct kdb_function its;

	memset(pass, 0, sizeof(*pass));
	memset(&want, 0, sizeof(want));
	if (table == NULL || !kdb_function_at(table, function, &its)) {
		for (unsigned i = 0; i < count; i++) {
			kdb_pass_put(pass, i, values[i]);
		}
		return true;
	}
	pass->known = true;
	pass->name = its.name;
	pass->type = its.type;
	if (its.low + table->bias != function) {
		kdb_text_add(why, "%s does not begin there", its.name);
		return false;
	}
	if (kdb_type_class(table, its.type) == KDB_CLASS_OTHER) {
		kdb_text_add(why, "it returns no number");
		return false;
	}
	return kdb_pass_look(table, function, &its, &want, why) &&
	    kdb_pass_values(pass, &want, values, count, why);
}
