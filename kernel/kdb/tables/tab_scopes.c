/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Functions and what is in them: parameters, variables, blocks, functions that
 * were inlined, and what calls pass.
 */

#include "tab.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <dwarf.h>

struct tab_scope {
	struct tab_unit	*unit;
	uint32_t	low;		/* of the function */
	bool		framed;		/* its frame base is what we think */
};

static void tab_scope_contents(struct tab_scope *scope,
    struct tab_buffer *out, Dwarf_Die *die);

/* The range [START, END), and *LAST, the end of the one before. */
static void
tab_scope_range(struct tab_buffer *out, uint32_t *last, Dwarf_Addr start,
    Dwarf_Addr end)
{
	int32_t gap = (int32_t)((uint32_t)start - *last);

	tab_put_u(out, 2 * (uint32_t)(end - start) + (gap != 0));
	if (gap != 0) {
		tab_put_s(out, gap);
	}
	*last = (uint32_t)end;
}

/* NAME, with TYPE's number. */
static void
tab_scope_name(struct tab_scope *scope, struct tab_buffer *out,
    const char *name, uint32_t type)
{
	struct tab *tab = scope->unit->tab;
	struct tab_buffer record = { .data = NULL };

	tab_put_u(&record, tab_pool_add(&tab->strings, name));
	tab_put_u(&record, type);
	tab_put_u(out, tab_rank(&tab->named, &record));
	free(record.data);
}

/* DIE's name and type; nothing else needs the type if TYPE is false. */
static void
tab_scope_named(struct tab_scope *scope, struct tab_buffer *out,
    Dwarf_Die *die, bool type)
{
	tab_scope_name(scope, out, tab_name(die),
	    type ? tab_type(scope->unit, die) : 0);
}

static void
tab_scope_ranges(struct tab_scope *scope, struct tab_buffer *out,
    Dwarf_Die *die)
{
	struct tab_buffer ranges = { .data = NULL };
	uint32_t last = scope->low;
	uint32_t count = 0;
	Dwarf_Addr base;
	Dwarf_Addr start;
	Dwarf_Addr end;
	ptrdiff_t offset = 0;

	while ((offset = dwarf_ranges(die, offset, &base, &start, &end)) > 0) {
		if (start >= end) {
			continue;
		}
		tab_scope_range(&ranges, &last, start, end);
		count++;
	}
	tab_put_u(out, count);
	tab_put_buffer(out, &ranges);
	free(ranges.data);
}

/* Does OPS need a frame base that is not the usual one? */
static bool
tab_place_lost(const struct tab_scope *scope, const Dwarf_Op *ops,
    size_t count)
{
	for (size_t i = 0; i < count && !scope->framed; i++) {
		if (ops[i].atom == DW_OP_fbreg) {
			return true;
		}
	}
	return false;
}

/* The entries of a location list; false: it is one expression, now in OUT. */
static bool
tab_place_list(struct tab_scope *scope, struct tab_buffer *out,
    Dwarf_Attribute *attr, uint32_t *count)
{
	struct tab_buffer expr = { .data = NULL };
	uint32_t last = scope->low;
	Dwarf_Addr base;
	Dwarf_Addr start;
	Dwarf_Addr end;
	Dwarf_Op *ops;
	size_t n;
	ptrdiff_t offset = 0;
	bool list = true;

	*count = 0;
	while (list && *count < KDB_PLACE_ALL - 1 &&
	    (offset = dwarf_getlocations(attr, offset, &base, &start, &end,
	    &ops, &n)) > 0) {
		expr.size = 0;
		if (start >= end || tab_place_lost(scope, ops, n) ||
		    !tab_expr(&expr, attr, ops, n)) {
			continue;
		}
		if (start == 0 && end == (Dwarf_Addr)-1) {
			list = false;
		} else {
			tab_scope_range(out, &last, start, end);
		}
		tab_put_u(out, tab_rank(&scope->unit->tab->exprs, &expr));
		(*count)++;
	}
	free(expr.data);
	return list;
}

/* Where DIE's value is, as a place; false: nowhere. */
static bool
tab_place(struct tab_scope *scope, struct tab_buffer *out, Dwarf_Die *die)
{
	struct tab_buffer place = { .data = NULL };
	struct tab_buffer expr = { .data = NULL };
	Dwarf_Attribute attr;
	uint32_t count = 0;
	Dwarf_Op op[2] = { { .atom = DW_OP_consts },
	    { .atom = DW_OP_stack_value } };

	if (dwarf_attr_integrate(die, DW_AT_location, &attr) != NULL) {
		if (!tab_place_list(scope, &place, &attr, &count)) {
			count = KDB_PLACE_ALL;
		}
	} else if (dwarf_attr_integrate(die, DW_AT_const_value, &attr) !=
	    NULL && dwarf_whatform(&attr) != DW_FORM_block1 &&
	    dwarf_whatform(&attr) != DW_FORM_string &&
	    dwarf_whatform(&attr) != DW_FORM_strp) {
		op[0].number = tab_number(die, DW_AT_const_value, 0);
		if (tab_expr(&expr, &attr, op, 2)) {
			tab_put_u(&place, tab_rank(&scope->unit->tab->exprs,
			    &expr));
			count = KDB_PLACE_ALL;
		}
	}
	tab_put_u(out, count);
	tab_put_buffer(out, &place);
	free(place.data);
	free(expr.data);
	return count != 0;
}

/* A variable that is nowhere is left out, but for parameters of calls. */
static void
tab_scope_variable(struct tab_scope *scope, struct tab_buffer *out,
    Dwarf_Die *die, bool inlined)
{
	bool parameter = dwarf_tag(die) == DW_TAG_formal_parameter;
	struct tab_buffer place = { .data = NULL };
	Dwarf_Attribute attr;

	if (tab_name(die) == NULL ||
	    dwarf_attr_integrate(die, DW_AT_external, &attr) != NULL) {
		return;
	}
	if (tab_place(scope, &place, die) || (parameter && !inlined)) {
		tab_put_byte(out, parameter ? KDB_SCOPE_PARAMETER
					    : KDB_SCOPE_LOCAL);
		tab_scope_named(scope, out, die, true);
		tab_put_buffer(out, &place);
	}
	free(place.data);
}

/* Blocks without anything in them are not worth a word. */
static void
tab_scope_block(struct tab_scope *scope, struct tab_buffer *out,
    Dwarf_Die *die)
{
	struct tab_buffer contents = { .data = NULL };

	tab_scope_contents(scope, &contents, die);
	if (contents.size > 0) {
		tab_put_byte(out, KDB_SCOPE_BLOCK);
		tab_scope_ranges(scope, out, die);
		tab_put_buffer(out, &contents);
		tab_put_byte(out, KDB_SCOPE_END);
	}
	free(contents.data);
}

static void
tab_scope_inline(struct tab_scope *scope, struct tab_buffer *out,
    Dwarf_Die *die)
{
	tab_put_byte(out, KDB_SCOPE_INLINE);
	tab_scope_named(scope, out, die, false);
	tab_put_u(out, tab_file(scope->unit,
	    tab_number(die, DW_AT_call_file, 0)));
	tab_put_u(out, tab_number(die, DW_AT_call_line, 0));
	tab_scope_ranges(scope, out, die);
	tab_scope_contents(scope, out, die);
	tab_put_byte(out, KDB_SCOPE_END);
}

/*
 * The number of the expression that ATTR is, a value, though it does not say so;
 * false: it has none.
 */
static bool
tab_scope_value(struct tab_scope *scope, Dwarf_Attribute *attr,
    uint32_t *number)
{
	struct tab_buffer expr = { .data = NULL };
	Dwarf_Op copy[8];
	Dwarf_Op *ops;
	size_t count;

	if (dwarf_getlocation(attr, &ops, &count) != 0 || count == 0 ||
	    count + 1 > sizeof(copy) / sizeof(copy[0])) {
		return false;
	}
	memcpy(copy, ops, count * sizeof(*ops));
	copy[count] = (Dwarf_Op){ .atom = DW_OP_stack_value };
	if (!tab_expr(&expr, attr, copy, count + 1)) {
		return false;
	}
	*number = tab_rank(&scope->unit->tab->exprs, &expr);
	free(expr.data);
	return true;
}

/* A register that a call passes, and its value. */
static bool
tab_scope_passed(struct tab_scope *scope, struct tab_buffer *out,
    Dwarf_Die *die)
{
	Dwarf_Attribute attr;
	Dwarf_Op *ops;
	size_t count;
	uint32_t number;
	unsigned reg;

	if (dwarf_attr(die, DW_AT_location, &attr) == NULL ||
	    dwarf_getlocation(&attr, &ops, &count) != 0 || count != 1 ||
	    ops[0].atom < DW_OP_reg0 || ops[0].atom > DW_OP_reg7) {
		return false;
	}
	reg = ops[0].atom - DW_OP_reg0;
	if ((dwarf_attr(die, DW_AT_call_value, &attr) == NULL &&
	    dwarf_attr(die, DW_AT_GNU_call_site_value, &attr) == NULL) ||
	    !tab_scope_value(scope, &attr, &number)) {
		return false;
	}
	tab_put_u(out, reg);
	tab_put_u(out, number);
	return true;
}

/* What the call DIE is of: a name, or "" and perhaps an expression. */
static void
tab_scope_target(struct tab_scope *scope, struct tab_buffer *out,
    Dwarf_Die *die)
{
	const char *name = NULL;
	Dwarf_Attribute attr;
	Dwarf_Die origin;
	uint32_t number;

	if ((dwarf_attr(die, DW_AT_call_origin, &attr) != NULL ||
	    dwarf_attr(die, DW_AT_abstract_origin, &attr) != NULL) &&
	    dwarf_formref_die(&attr, &origin) != NULL) {
		name = tab_name(&origin);
	}
	tab_scope_name(scope, out, name, 0);
	if (name != NULL) {
		return;
	}
	if ((dwarf_attr(die, DW_AT_call_target, &attr) != NULL ||
	    dwarf_attr(die, DW_AT_GNU_call_site_target, &attr) != NULL) &&
	    tab_scope_value(scope, &attr, &number)) {
		tab_put_u(out, number + 1);
	} else {
		tab_put_u(out, 0);
	}
}

static void
tab_scope_site(struct tab_scope *scope, struct tab_buffer *out, Dwarf_Die *die)
{
	struct tab_buffer passed = { .data = NULL };
	uint32_t count = 0;
	Dwarf_Attribute attr;
	Dwarf_Addr address;
	Dwarf_Die child;

	if ((dwarf_attr(die, DW_AT_call_return_pc, &attr) == NULL &&
	    dwarf_attr(die, DW_AT_low_pc, &attr) == NULL) ||
	    dwarf_formaddr(&attr, &address) != 0) {
		return;
	}
	for (int r = dwarf_child(die, &child); r == 0;
	    r = dwarf_siblingof(&child, &child)) {
		size_t size = passed.size;

		if (tab_scope_passed(scope, &passed, &child)) {
			count++;
		} else {
			passed.size = size;
		}
	}
	if (count > 0) {
		tab_put_byte(out, KDB_SCOPE_SITE);
		tab_put_s(out, (int32_t)((uint32_t)address - scope->low));
		tab_scope_target(scope, out, die);
		tab_put_u(out, count);
		tab_put_buffer(out, &passed);
	}
	free(passed.data);
}

static void
tab_scope_contents(struct tab_scope *scope, struct tab_buffer *out,
    Dwarf_Die *die)
{
	Dwarf_Die child;

	for (int r = dwarf_child(die, &child); r == 0;
	    r = dwarf_siblingof(&child, &child)) {
		switch (dwarf_tag(&child)) {
		case DW_TAG_formal_parameter:
		case DW_TAG_variable:
			tab_scope_variable(scope, out, &child,
			    dwarf_tag(die) == DW_TAG_inlined_subroutine);
			break;
		case DW_TAG_unspecified_parameters:
			if (dwarf_tag(die) == DW_TAG_subprogram) {
				tab_put_byte(out, KDB_SCOPE_VARIADIC);
			}
			break;
		case DW_TAG_lexical_block:
			tab_scope_block(scope, out, &child);
			break;
		case DW_TAG_inlined_subroutine:
			tab_scope_inline(scope, out, &child);
			break;
		case DW_TAG_call_site:
		case DW_TAG_GNU_call_site:
			tab_scope_site(scope, out, &child);
			break;
		default:
			break;
		}
	}
}

/* Is the frame base what the call-frame rules say? */
static bool
tab_scope_framed(Dwarf_Die *die)
{
	Dwarf_Attribute attr;
	Dwarf_Op *ops;
	size_t count;

	return dwarf_attr(die, DW_AT_frame_base, &attr) != NULL &&
	    dwarf_getlocation(&attr, &ops, &count) == 0 && count == 1 &&
	    ops[0].atom == DW_OP_call_frame_cfa;
}

static void
tab_scope_function(struct tab_unit *unit, Dwarf_Die *die)
{
	struct tab_buffer *out = &unit->tab->parts[KDB_TABLE_SCOPES];
	uint32_t at = (uint32_t)out->size;
	struct tab_scope scope = { .unit = unit };
	ptrdiff_t offset = 0;
	Dwarf_Addr base;
	Dwarf_Addr start;
	Dwarf_Addr end;
	bool found = false;
	int line = 0;

	if (tab_name(die) == NULL) {
		return;
	}
	/* The first piece is the one that is entered. */
	while ((offset = dwarf_ranges(die, offset, &base, &start, &end)) > 0) {
		scope.low = found ? scope.low : (uint32_t)start;
		found = true;
		tab_range_add(unit->tab, (uint32_t)start, (uint32_t)end, at);
	}
	if (!found) {
		return;
	}
	scope.framed = tab_scope_framed(die);
	dwarf_decl_line(die, &line);
	tab_put_u(out, scope.low);
	tab_scope_named(&scope, out, die, true);
	tab_put_u(out, tab_file(unit, tab_number(die, DW_AT_decl_file, 0)));
	tab_put_u(out, (uint32_t)line);
	tab_scope_contents(&scope, out, die);
	tab_put_byte(out, KDB_SCOPE_END);
}

void
tab_scopes(struct tab_unit *unit)
{
	Dwarf_Die child;

	for (int r = dwarf_child(&unit->die, &child); r == 0;
	    r = dwarf_siblingof(&child, &child)) {
		if (dwarf_tag(&child) == DW_TAG_subprogram) {
			tab_scope_function(unit, &child);
		}
	}
}

void
tab_scopes_again(struct tab *tab)
{
	size_t kept = 0;

	tab_rank_finish(&tab->exprs, &tab->parts[KDB_TABLE_EXPR_INDEX],
	    &tab->parts[KDB_TABLE_EXPRS], KDB_POOL_STEP);
	tab_rank_finish(&tab->named, &tab->parts[KDB_TABLE_NAMED_INDEX],
	    &tab->parts[KDB_TABLE_NAMED], KDB_POOL_STEP);
	tab->parts[KDB_TABLE_SCOPES].size = 0;
	for (size_t i = 0; i < tab->range_count; i++) {
		if (tab->ranges[i].scope == UINT32_MAX) {
			tab->ranges[kept++] = tab->ranges[i];
		}
	}
	tab->range_count = kept;
}

void
tab_functions(struct tab *tab)
{
	struct tab_buffer *out = &tab->parts[KDB_TABLE_FUNCTIONS];

	for (size_t i = 0; i < tab->range_count; i++) {
		const struct tab_range *range = &tab->ranges[i];

		if (range->scope != UINT32_MAX) {
			tab_put_word(out, range->low);
			tab_put_word(out, range->high - range->low);
			tab_put_word(out, range->scope);
		}
	}
}
