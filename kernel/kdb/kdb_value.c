/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * See kdb_value.h.  Registers that only the caller had at the entry are asked
 * of what the tables say about its call.
 */

#include <kernel/kdb/kdb_value.h>

#include <string.h>

#define KDB_VALUE_STACK	16u

/*
 * DWARF's operations, as far as kernel/kdb/tables writes them; and those for
 * constants, which programs' own call-frame rules have.
 */
enum kdb_op {
	KDB_OP_ADDR = 0x03, KDB_OP_DEREF = 0x06, KDB_OP_CONST1 = 0x08,
	KDB_OP_CONST4_SIGNED = 0x0d, KDB_OP_CONSTU = 0x10, KDB_OP_CONSTS = 0x11,
	KDB_OP_DUP = 0x12, KDB_OP_DROP = 0x13, KDB_OP_OVER = 0x14,
	KDB_OP_PICK = 0x15, KDB_OP_SWAP = 0x16, KDB_OP_ROT = 0x17,
	KDB_OP_ABS = 0x19, KDB_OP_AND = 0x1a, KDB_OP_DIV = 0x1b,
	KDB_OP_MINUS = 0x1c, KDB_OP_MOD = 0x1d, KDB_OP_MUL = 0x1e,
	KDB_OP_NEG = 0x1f, KDB_OP_NOT = 0x20, KDB_OP_OR = 0x21,
	KDB_OP_PLUS = 0x22, KDB_OP_PLUS_UCONST = 0x23, KDB_OP_SHL = 0x24,
	KDB_OP_SHR = 0x25, KDB_OP_SHRA = 0x26, KDB_OP_XOR = 0x27,
	KDB_OP_EQ = 0x29, KDB_OP_GE = 0x2a, KDB_OP_GT = 0x2b,
	KDB_OP_LE = 0x2c, KDB_OP_LT = 0x2d, KDB_OP_NE = 0x2e,
	KDB_OP_LITERAL0 = 0x30, KDB_OP_LITERAL31 = 0x4f,
	KDB_OP_REG0 = 0x50, KDB_OP_BREG0 = 0x70, KDB_OP_FBREG = 0x91,
	KDB_OP_PIECE = 0x93, KDB_OP_DEREF_SIZE = 0x94, KDB_OP_NOP = 0x96,
	KDB_OP_CFA = 0x9c, KDB_OP_IMPLICIT = 0x9e, KDB_OP_VALUE = 0x9f,
	KDB_OP_ENTRY = 0xa3,
};

/* What the operations so far have made. */
struct kdb_eval {
	const struct kdb_view	*view;
	struct kdb_cursor	cursor;
	uint32_t		stack[KDB_VALUE_STACK];
	unsigned		depth;
	bool			direct;	/* the top is the value itself */
	bool			failed;
	bool			pieced;
	struct kdb_value	*value;	/* of pieces, or implicit */
};

static void
kdb_eval_push(struct kdb_eval *eval, uint32_t value)
{
	if (eval->depth == KDB_VALUE_STACK) {
		eval->failed = true;
		return;
	}
	eval->stack[eval->depth++] = value;
}

static uint32_t
kdb_eval_pop(struct kdb_eval *eval)
{
	if (eval->depth == 0) {
		eval->failed = true;
		return 0;
	}
	return eval->stack[--eval->depth];
}

static void
kdb_eval_register(struct kdb_eval *eval, unsigned reg, uint32_t offset)
{
	if (reg >= KDB_REG_COUNT || !kdb_frame_known(eval->view->frame, reg)) {
		eval->failed = true;
		return;
	}
	kdb_eval_push(eval, eval->view->frame->reg[reg] + offset);
}

static void
kdb_eval_frame(struct kdb_eval *eval, uint32_t offset)
{
	if (!eval->view->frame->addressed) {
		eval->failed = true;
		return;
	}
	kdb_eval_push(eval, eval->view->frame->address + offset);
}

/*
 * Is the function of VIEW what SITE in CALLER calls?  Else it was jumped to by
 * what was called.
 */
static bool
kdb_eval_called(const struct kdb_view *view, const struct kdb_view *caller,
    const struct kdb_entry *site)
{
	struct kdb_function function;
	struct kdb_value value;
	uint32_t target;

	if (view->table == NULL || !kdb_function_at(view->table,
	    kdb_frame_place(view->frame), &function)) {
		return false;
	}
	if (site->name[0] != '\0') {
		return strcmp(site->name, function.name) == 0;
	}
	return site->placed && kdb_value_get(caller, site->expr, &value) &&
	    kdb_value_read(caller, &value, 0, &target, sizeof(target)) &&
	    target == function.low + view->table->bias;
}

/* What CALLER has passed in REG by the call that led to VIEW. */
static bool
kdb_eval_site(const struct kdb_view *view, const struct kdb_view *caller,
    unsigned reg, uint32_t *expr)
{
	uintptr_t place = kdb_frame_place(caller->frame);
	struct kdb_function function;
	struct kdb_entry entry;
	struct kdb_walk walk;

	if (caller->table == NULL ||
	    !kdb_function_at(caller->table, place, &function)) {
		return false;
	}
	kdb_walk_start(&walk, caller->table, &function, place);
	while (kdb_walk_next(&walk, &entry)) {
		if (entry.kind == KDB_SCOPE_SITE &&
		    entry.pc == caller->frame->reg[KDB_REG_PC]) {
			return kdb_eval_called(view, caller, &entry) &&
			    kdb_entry_passed(&entry, reg, expr);
		}
	}
	return false;
}

/* What REG was when the function was entered. */
static void
kdb_eval_entry(struct kdb_eval *eval, unsigned reg)
{
	const struct kdb_view *view = eval->view;
	struct kdb_view caller = { .unwind = view->unwind };
	struct kdb_frame frame;
	struct kdb_frame beyond;
	struct kdb_value value;
	uint32_t expr;
	uint32_t word;

	eval->failed = true;
	if (view->callers == 0 || kdb_unwind_next(view->unwind, view->frame,
	    &frame) != KDB_UNWIND_CALLER || view->unwind->doubt != NULL) {
		return;
	}
	/* This gives the caller's frame its address. */
	kdb_unwind_next(view->unwind, &frame, &beyond);
	caller.frame = &frame;
	caller.table = view->unwind->table(view->unwind, &frame);
	caller.callers = view->callers - 1;
	if (kdb_eval_site(view, &caller, reg, &expr) &&
	    kdb_value_get(&caller, expr, &value) &&
	    kdb_value_read(&caller, &value, 0, &word, sizeof(word))) {
		eval->failed = false;
		kdb_eval_push(eval, word);
	}
}

static void
kdb_eval_deref(struct kdb_eval *eval, uint32_t size)
{
	uint32_t address = kdb_eval_pop(eval);
	uint32_t word = 0;

	if (size > sizeof(word) || !eval->view->unwind->read(
	    eval->view->unwind, address, &word, size)) {
		eval->failed = true;
	}
	kdb_eval_push(eval, word);
}

static void
kdb_eval_pick(struct kdb_eval *eval, uint32_t i)
{
	if (i >= eval->depth) {
		eval->failed = true;
		return;
	}
	kdb_eval_push(eval, eval->stack[eval->depth - 1 - i]);
}

static void
kdb_eval_rotate(struct kdb_eval *eval, unsigned n)
{
	uint32_t top;

	if (eval->depth < n) {
		eval->failed = true;
		return;
	}
	top = eval->stack[eval->depth - 1];
	memmove(&eval->stack[eval->depth - n + 1],
	    &eval->stack[eval->depth - n], (n - 1) * sizeof(top));
	eval->stack[eval->depth - n] = top;
}

static void
kdb_eval_divide(struct kdb_eval *eval, enum kdb_op op, uint32_t a, uint32_t b)
{
	if (b == 0 || (op == KDB_OP_DIV && a == 0x80000000u &&
	    b == UINT32_MAX)) {
		eval->failed = true;
		b = 1;
	}
	/* Divisions have signs, remainders have not. */
	kdb_eval_push(eval, op == KDB_OP_DIV
				? (uint32_t)((int32_t)a / (int32_t)b)
				: a % b);
}

static void
kdb_eval_two(struct kdb_eval *eval, enum kdb_op op)
{
	uint32_t b = kdb_eval_pop(eval);
	uint32_t a = kdb_eval_pop(eval);
	int32_t x = (int32_t)a;
	int32_t y = (int32_t)b;
	uint32_t sign = x < 0 ? UINT32_MAX : 0;

	switch (op) {
	case KDB_OP_DIV: case KDB_OP_MOD:
		kdb_eval_divide(eval, op, a, b);
		return;
	case KDB_OP_AND: a &= b; break;
	case KDB_OP_OR: a |= b; break;
	case KDB_OP_XOR: a ^= b; break;
	case KDB_OP_PLUS: a += b; break;
	case KDB_OP_MINUS: a -= b; break;
	case KDB_OP_MUL: a *= b; break;
	case KDB_OP_SHL: a = b < 32 ? a << b : 0; break;
	case KDB_OP_SHR: a = b < 32 ? a >> b : 0; break;
	case KDB_OP_SHRA: a = b < 32 ? (uint32_t)(x >> b) : sign; break;
	case KDB_OP_EQ: a = x == y; break;
	case KDB_OP_NE: a = x != y; break;
	case KDB_OP_GE: a = x >= y; break;
	case KDB_OP_GT: a = x > y; break;
	case KDB_OP_LE: a = x <= y; break;
	case KDB_OP_LT: a = x < y; break;
	default: eval->failed = true; break;
	}
	kdb_eval_push(eval, a);
}

/* What the operations mean so far, as a value of SIZE bytes at TO. */
static bool
kdb_eval_take(struct kdb_eval *eval, void *to, uint32_t size)
{
	uint32_t word = kdb_eval_pop(eval);

	if (eval->failed) {
		return false;
	}
	if (!eval->direct) {
		return eval->view->unwind->read(eval->view->unwind, word, to,
		    size);
	}
	if (size > sizeof(word)) {
		return false;
	}
	memcpy(to, &word, size);
	return true;
}

static void
kdb_eval_piece(struct kdb_eval *eval, uint32_t size)
{
	struct kdb_value *value = eval->value;

	if (size > KDB_VALUE_SIZE - value->size ||
	    !kdb_eval_take(eval, value->bytes + value->size, size)) {
		eval->failed = true;
		return;
	}
	value->size += size;
	eval->pieced = true;
	eval->direct = false;
	eval->depth = 0;
}

static void
kdb_eval_implicit(struct kdb_eval *eval)
{
	uint32_t size = kdb_cursor_u(&eval->cursor);

	if (size > KDB_VALUE_SIZE) {
		eval->failed = true;
		return;
	}
	for (uint32_t i = 0; i < size; i++) {
		eval->value->bytes[i] = kdb_cursor_byte(&eval->cursor);
	}
	eval->value->size = size;
	eval->pieced = true;
}

/* Constants of one, two and four bytes, without a sign and with it in turn. */
static void
kdb_eval_constant(struct kdb_eval *eval, unsigned op)
{
	unsigned size = 1u << (op - KDB_OP_CONST1) / 2;
	unsigned unused = 32 - 8 * size;
	uint32_t value = 0;

	for (unsigned i = 0; i < size; i++) {
		value |= (uint32_t)kdb_cursor_byte(&eval->cursor) << 8 * i;
	}
	if ((op - KDB_OP_CONST1) % 2 != 0) {
		value = (uint32_t)((int32_t)(value << unused) >> unused);
	}
	kdb_eval_push(eval, value);
}

/* Those whose operand is in their number; false: it is none. */
static bool
kdb_eval_numbered(struct kdb_eval *eval, unsigned op)
{
	if (op >= KDB_OP_REG0 && op < KDB_OP_REG0 + KDB_REG_COUNT) {
		kdb_eval_register(eval, op - KDB_OP_REG0, 0);
		eval->direct = true;
	} else if (op >= KDB_OP_BREG0 && op < KDB_OP_BREG0 + KDB_REG_COUNT) {
		kdb_eval_register(eval, op - KDB_OP_BREG0,
		    (uint32_t)kdb_cursor_s(&eval->cursor));
	} else if (op >= KDB_OP_LITERAL0 && op <= KDB_OP_LITERAL31) {
		kdb_eval_push(eval, op - KDB_OP_LITERAL0);
	} else if (op >= KDB_OP_CONST1 && op <= KDB_OP_CONST4_SIGNED) {
		kdb_eval_constant(eval, op);
	} else {
		return false;
	}
	return true;
}

static void
kdb_eval_op(struct kdb_eval *eval, unsigned op)
{
	struct kdb_cursor *cursor = &eval->cursor;
	uint32_t a;

	if (kdb_eval_numbered(eval, op)) {
		return;
	}
	switch (op) {
	case KDB_OP_ADDR:
		if (eval->view->table == NULL) {
			eval->failed = true;
			break;
		}
		kdb_eval_push(eval, kdb_cursor_u(cursor) +
		    eval->view->table->bias);
		break;
	case KDB_OP_CONSTU:
		kdb_eval_push(eval, kdb_cursor_u(cursor));
		break;
	case KDB_OP_CONSTS:
		kdb_eval_push(eval, (uint32_t)kdb_cursor_s(cursor));
		break;
	case KDB_OP_PLUS_UCONST:
		a = kdb_eval_pop(eval);
		kdb_eval_push(eval, a + kdb_cursor_u(cursor));
		break;
	case KDB_OP_FBREG:
		kdb_eval_frame(eval, (uint32_t)kdb_cursor_s(cursor));
		break;
	case KDB_OP_CFA: kdb_eval_frame(eval, 0); break;
	case KDB_OP_ENTRY: kdb_eval_entry(eval, kdb_cursor_u(cursor)); break;
	case KDB_OP_DEREF: kdb_eval_deref(eval, 4); break;
	case KDB_OP_DEREF_SIZE:
		kdb_eval_deref(eval, kdb_cursor_u(cursor));
		break;
	case KDB_OP_DUP: kdb_eval_pick(eval, 0); break;
	case KDB_OP_OVER: kdb_eval_pick(eval, 1); break;
	case KDB_OP_PICK: kdb_eval_pick(eval, kdb_cursor_u(cursor)); break;
	case KDB_OP_DROP: kdb_eval_pop(eval); break;
	case KDB_OP_SWAP: kdb_eval_rotate(eval, 2); break;
	case KDB_OP_ROT: kdb_eval_rotate(eval, 3); break;
	case KDB_OP_ABS:
		a = kdb_eval_pop(eval);
		kdb_eval_push(eval, (int32_t)a < 0 ? -a : a);
		break;
	case KDB_OP_NEG: kdb_eval_push(eval, -kdb_eval_pop(eval)); break;
	case KDB_OP_NOT: kdb_eval_push(eval, ~kdb_eval_pop(eval)); break;
	case KDB_OP_VALUE: eval->direct = true; break;
	case KDB_OP_PIECE: kdb_eval_piece(eval, kdb_cursor_u(cursor)); break;
	case KDB_OP_IMPLICIT: kdb_eval_implicit(eval); break;
	case KDB_OP_NOP: break;
	default: kdb_eval_two(eval, op); break;
	}
}

static void
kdb_eval_rest(struct kdb_eval *eval)
{
	while (!eval->failed && eval->cursor.at != eval->cursor.end) {
		kdb_eval_op(eval, kdb_cursor_byte(&eval->cursor));
	}
}

static void
kdb_eval_ops(struct kdb_eval *eval)
{
	uint32_t length = kdb_cursor_u(&eval->cursor);

	if (length > (size_t)(eval->cursor.end - eval->cursor.at)) {
		eval->failed = true;
		return;
	}
	eval->cursor.end = eval->cursor.at + length;
	kdb_eval_rest(eval);
}

/* The codes of one byte for what is common. */
static void
kdb_eval_code(struct kdb_eval *eval, unsigned code)
{
	unsigned low = code & 0xf;

	eval->direct = code < KDB_EXPR_BASED ||
	    (code & 0xf0) == KDB_EXPR_SUM || code == KDB_EXPR_VALUE;
	switch (code & 0xf0) {
	case KDB_EXPR_REGISTER: kdb_eval_register(eval, low, 0); return;
	case KDB_EXPR_ENTRY: kdb_eval_entry(eval, low); return;
	case KDB_EXPR_SMALL: kdb_eval_push(eval, low); return;
	case KDB_EXPR_BASED: case KDB_EXPR_SUM:
		kdb_eval_register(eval, low,
		    (uint32_t)kdb_cursor_s(&eval->cursor));
		return;
	default: break;
	}
	if (code == KDB_EXPR_FRAME) {
		kdb_eval_frame(eval, (uint32_t)kdb_cursor_s(&eval->cursor));
	} else if (code == KDB_EXPR_VALUE) {
		kdb_eval_push(eval, (uint32_t)kdb_cursor_s(&eval->cursor));
	} else if (code == KDB_EXPR_DWARF) {
		kdb_eval_ops(eval);
	} else {
		eval->failed = true;
	}
}

bool
kdb_value_get(const struct kdb_view *view, uint32_t expr,
    struct kdb_value *value)
{
	struct kdb_eval eval = { .view = view, .value = value };

	memset(value, 0, sizeof(*value));
	eval.cursor = kdb_table_pooled(view->table, KDB_TABLE_EXPR_INDEX,
	    KDB_TABLE_EXPRS, expr);
	kdb_eval_code(&eval, kdb_cursor_byte(&eval.cursor));
	if (eval.failed || eval.cursor.bad) {
		return false;
	}
	if (eval.pieced) {
		return true;
	}
	value->in_memory = !eval.direct;
	if (value->in_memory) {
		value->address = kdb_eval_pop(&eval);
		return !eval.failed;
	}
	value->size = 4;
	return kdb_eval_take(&eval, value->bytes, value->size);
}

bool
kdb_value_read(const struct kdb_view *view, const struct kdb_value *value,
    uint32_t offset, void *to, size_t n)
{
	if (value->in_memory) {
		return view->unwind->read(view->unwind,
		    value->address + offset, to, n);
	}
	if (offset > value->size || n > value->size - offset) {
		return false;
	}
	memcpy(to, value->bytes + offset, n);
	return true;
}

bool
kdb_value_operations(const struct kdb_view *view, const uint8_t *operations,
    size_t n, const uint32_t *pushed, uint32_t *result)
{
	struct kdb_value value = { .size = 0 };
	struct kdb_eval eval = {
		.view = view, .value = &value,
		.cursor = { .at = operations, .end = operations + n },
	};

	if (pushed != NULL) {
		kdb_eval_push(&eval, *pushed);
	}
	kdb_eval_rest(&eval);
	*result = kdb_eval_pop(&eval);
	return !eval.failed && !eval.cursor.bad && !eval.pieced;
}
