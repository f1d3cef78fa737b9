/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Expressions for where values are, in fewer bytes than DWARF's.
 */

#include "tab.h"

#include <dwarf.h>

#define TAB_REG_MAX	8u

/* The register that holds what OP wants at the function's entry. */
static bool
tab_expr_entry(Dwarf_Attribute *attr, Dwarf_Op *op, unsigned *reg)
{
	Dwarf_Attribute inner;
	Dwarf_Op *ops;
	size_t count;

	if (dwarf_getlocation_attr(attr, op, &inner) != 0 ||
	    dwarf_getlocation(&inner, &ops, &count) != 0 || count != 1 ||
	    ops[0].atom < DW_OP_reg0 ||
	    ops[0].atom >= DW_OP_reg0 + TAB_REG_MAX) {
		return false;
	}
	*reg = ops[0].atom - DW_OP_reg0;
	return true;
}

static bool
tab_expr_constant(const Dwarf_Op *op, int32_t *value)
{
	if (op->atom >= DW_OP_lit0 && op->atom <= DW_OP_lit31) {
		*value = op->atom - DW_OP_lit0;
		return true;
	}
	switch (op->atom) {
	case DW_OP_const1u: case DW_OP_const1s: case DW_OP_const2u:
	case DW_OP_const2s: case DW_OP_const4u: case DW_OP_const4s:
	case DW_OP_constu: case DW_OP_consts:
		*value = (int32_t)op->number;
		return true;
	default:
		return false;
	}
}

/* One operation where a value is. */
static bool
tab_expr_one(struct tab_buffer *out, const Dwarf_Op *op)
{
	if (op->atom >= DW_OP_reg0 && op->atom < DW_OP_reg0 + TAB_REG_MAX) {
		tab_put_byte(out, KDB_EXPR_REGISTER | (op->atom - DW_OP_reg0));
		return true;
	}
	if (op->atom >= DW_OP_breg0 && op->atom < DW_OP_breg0 + TAB_REG_MAX) {
		tab_put_byte(out, KDB_EXPR_BASED | (op->atom - DW_OP_breg0));
		tab_put_s(out, (int32_t)op->number);
		return true;
	}
	if (op->atom == DW_OP_fbreg) {
		tab_put_byte(out, KDB_EXPR_FRAME);
		tab_put_s(out, (int32_t)op->number);
		return true;
	}
	return false;
}

/* One operation for a value that is nowhere. */
static bool
tab_expr_value(struct tab_buffer *out, Dwarf_Attribute *attr, Dwarf_Op *op)
{
	int32_t value;
	unsigned reg;

	if (tab_expr_constant(op, &value)) {
		if (value >= 0 && value < 16) {
			tab_put_byte(out, KDB_EXPR_SMALL | (unsigned)value);
		} else {
			tab_put_byte(out, KDB_EXPR_VALUE);
			tab_put_s(out, value);
		}
		return true;
	}
	if (op->atom >= DW_OP_breg0 && op->atom < DW_OP_breg0 + TAB_REG_MAX) {
		tab_put_byte(out, KDB_EXPR_SUM | (op->atom - DW_OP_breg0));
		tab_put_s(out, (int32_t)op->number);
		return true;
	}
	if ((op->atom == DW_OP_entry_value ||
	    op->atom == DW_OP_GNU_entry_value) &&
	    tab_expr_entry(attr, op, &reg)) {
		tab_put_byte(out, KDB_EXPR_ENTRY | reg);
		return true;
	}
	return false;
}

static void
tab_expr_bytes(struct tab_buffer *out, Dwarf_Attribute *attr, Dwarf_Op *op)
{
	Dwarf_Block block = { .length = 0 };

	dwarf_getlocation_implicit_value(attr, op, &block);
	tab_put_byte(out, DW_OP_implicit_value);
	tab_put_u(out, (uint32_t)block.length);
	tab_put(out, block.data, block.length);
}

/* Any operation that the reader knows. */
static bool
tab_expr_any(struct tab_buffer *out, Dwarf_Attribute *attr, Dwarf_Op *op)
{
	int32_t value;
	unsigned reg;

	if (tab_expr_constant(op, &value)) {
		tab_put_byte(out, DW_OP_consts);
		tab_put_s(out, value);
		return true;
	}
	if (op->atom >= DW_OP_reg0 && op->atom < DW_OP_reg0 + TAB_REG_MAX) {
		tab_put_byte(out, op->atom);
		return true;
	}
	if (op->atom >= DW_OP_breg0 && op->atom < DW_OP_breg0 + TAB_REG_MAX) {
		tab_put_byte(out, op->atom);
		tab_put_s(out, (int32_t)op->number);
		return true;
	}
	switch (op->atom) {
	case DW_OP_entry_value: case DW_OP_GNU_entry_value:
		if (!tab_expr_entry(attr, op, &reg)) {
			return false;
		}
		tab_put_byte(out, DW_OP_entry_value);
		tab_put_u(out, reg);
		return true;
	case DW_OP_implicit_value:
		tab_expr_bytes(out, attr, op);
		return true;
	case DW_OP_fbreg:
		tab_put_byte(out, op->atom);
		tab_put_s(out, (int32_t)op->number);
		return true;
	case DW_OP_addr: case DW_OP_plus_uconst: case DW_OP_pick:
	case DW_OP_piece: case DW_OP_deref_size:
		tab_put_byte(out, op->atom);
		tab_put_u(out, (uint32_t)op->number);
		return true;
	case DW_OP_dup: case DW_OP_drop: case DW_OP_over: case DW_OP_swap:
	case DW_OP_rot: case DW_OP_deref: case DW_OP_abs: case DW_OP_and:
	case DW_OP_div: case DW_OP_minus: case DW_OP_mod: case DW_OP_mul:
	case DW_OP_neg: case DW_OP_not: case DW_OP_or: case DW_OP_plus:
	case DW_OP_shl: case DW_OP_shr: case DW_OP_shra: case DW_OP_xor:
	case DW_OP_eq: case DW_OP_ge: case DW_OP_gt: case DW_OP_le:
	case DW_OP_lt: case DW_OP_ne: case DW_OP_nop: case DW_OP_stack_value:
	case DW_OP_call_frame_cfa:
		tab_put_byte(out, op->atom);
		return true;
	default:
		return false;
	}
}

bool
tab_expr(struct tab_buffer *out, Dwarf_Attribute *attr, Dwarf_Op *ops,
    size_t count)
{
	static struct tab_buffer inner;

	if (count == 0 || (count == 1 && tab_expr_one(out, &ops[0]))) {
		return count != 0;
	}
	if (count == 2 && ops[1].atom == DW_OP_stack_value &&
	    tab_expr_value(out, attr, &ops[0])) {
		return true;
	}
	inner.size = 0;
	for (size_t i = 0; i < count; i++) {
		if (!tab_expr_any(&inner, attr, &ops[i])) {
			return false;
		}
	}
	tab_put_byte(out, KDB_EXPR_DWARF);
	tab_put_u(out, (uint32_t)inner.size);
	tab_put_buffer(out, &inner);
	return true;
}
