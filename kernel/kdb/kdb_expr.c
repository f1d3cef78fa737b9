/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * One function for each level: two values with an operator between them, a
 * value with operators before it, a value.  A blank ends an expression, outside
 * of parentheses, so that several can stand in a row.
 */

#include <kernel/kdb/kdb_expr.h>

#include <string.h>

#include <kernel/kdb/kdb_error.h>
#include <kernel/kdb/kdb_map.h>
#include <kernel/kdb/kdb_name.h>
#include <kernel/kdb/kdb_number.h>
#include <kernel/kdb/kdb_vars.h>

#define KDB_EXPR_DEPTH	16u

struct kdb_expr_scan {
	const char	*at;
	unsigned	depth;		/* of parentheses and operators before */
	unsigned	parentheses;
};

static bool kdb_expr_sum(struct kdb_expr_scan *scan, uintptr_t *value);

static void
kdb_expr_blanks(struct kdb_expr_scan *scan)
{
	while (*scan->at == ' ' || *scan->at == '\t') {
		scan->at++;
	}
}

/* ---- values ------------------------------------------------------------- */

static uintptr_t
kdb_expr_parentheses(struct kdb_expr_scan *scan)
{
	const char *start = scan->at++;
	uintptr_t value;

	scan->parentheses++;
	kdb_expr_blanks(scan);
	if (!kdb_expr_sum(scan, &value)) {
		kdb_error("expression expected: %s", start);
	}
	kdb_expr_blanks(scan);
	if (*scan->at != ')') {
		kdb_error("no ) at the end: %s", start);
	}
	scan->at++;
	scan->parentheses--;
	return value;
}

/* What needs no more than a look at its first character; false: something else. */
static bool
kdb_expr_dot(char c, uintptr_t *value)
{
	switch (c) {
	case '.':
		*value = kdb_vars.dot;
		return true;
	case '+':
		*value = kdb_vars.dot + kdb_vars.increment;
		return true;
	case '^':
		*value = kdb_vars.dot - kdb_vars.increment;
		return true;
	case '"':
		*value = kdb_vars.typed;
		return true;
	default:
		return false;
	}
}

static bool
kdb_expr_value(struct kdb_expr_scan *scan, uintptr_t *value)
{
	char c = *scan->at;

	if (kdb_expr_dot(c, value)) {
		scan->at++;
	} else if (c >= '0' && c <= '9') {
		*value = kdb_number(&scan->at);
	} else if (kdb_number_is_part(c) ||
	    (c == '\\' && scan->at[1] != '\0')) {
		*value = kdb_name_symbol(&scan->at);
	} else if (c == '\'') {
		*value = kdb_number_characters(&scan->at);
	} else if (c == '<') {
		*value = kdb_name_register(&scan->at);
	} else if (c == '(') {
		*value = kdb_expr_parentheses(scan);
	} else {
		return false;
	}
	return true;
}

static uintptr_t
kdb_expr_fetch(char verb, uintptr_t address)
{
	const struct kdb_map_use use = { verb, false };
	uint32_t value;

	kdb_map_read(&use, address, &value, sizeof(value));
	return value;
}

static uintptr_t
kdb_expr_apply(char operator, uintptr_t value)
{
	switch (operator) {
	case '*':
		return kdb_expr_fetch('/', value);
	case '@':
		return kdb_expr_fetch('?', value);
	case '-':
		return 0 - value;
	case '~':
		return ~value;
	default:
		return value == 0;
	}
}

/* A value with operators before it. */
static bool
kdb_expr_operand(struct kdb_expr_scan *scan, uintptr_t *value)
{
	char operator = *scan->at;
	bool good;

	if (scan->depth == KDB_EXPR_DEPTH) {
		kdb_error("expression too deep: %s", scan->at);
	}
	scan->depth++;
	if (operator == '\0' || strchr("*@-~#", operator) == NULL) {
		good = kdb_expr_value(scan, value);
	} else {
		scan->at++;
		if (!kdb_expr_operand(scan, value)) {
			kdb_error("value expected behind %c", operator);
		}
		*value = kdb_expr_apply(operator, *value);
		good = true;
	}
	scan->depth--;
	return good;
}

/* ---- two values --------------------------------------------------------- */

static uintptr_t
kdb_expr_round(uintptr_t value, uintptr_t step)
{
	uintptr_t rest = value % step;

	return rest == 0 ? value : value - rest + step;
}

static uintptr_t
kdb_expr_combine(uintptr_t a, char operator, uintptr_t b)
{
	if ((operator == '%' || operator == '#') && b == 0) {
		kdb_error("division by zero: %c", operator);
	}
	switch (operator) {
	case '+':
		return a + b;
	case '-':
		return a - b;
	case '*':
		return a * b;
	case '%':
		return a / b;
	case '&':
		return a & b;
	case '|':
		return a | b;
	default:
		return kdb_expr_round(a, b);
	}
}

static bool
kdb_expr_sum(struct kdb_expr_scan *scan, uintptr_t *value)
{
	uintptr_t right;
	char operator;

	if (!kdb_expr_operand(scan, value)) {
		return false;
	}
	for (;;) {
		if (scan->parentheses > 0) {
			kdb_expr_blanks(scan);
		}
		operator = *scan->at;
		if (operator == '\0' || strchr("+-*%&|#", operator) == NULL) {
			return true;
		}
		scan->at++;
		kdb_expr_blanks(scan);
		if (!kdb_expr_operand(scan, &right)) {
			kdb_error("value expected behind %c", operator);
		}
		*value = kdb_expr_combine(*value, operator, right);
	}
}

bool
kdb_expr(const char **textp, uintptr_t *valuep)
{
	struct kdb_expr_scan scan = { .at = *textp };
	uintptr_t value;

	kdb_expr_blanks(&scan);
	if (!kdb_expr_sum(&scan, &value)) {
		return false;
	}
	*textp = scan.at;
	*valuep = value;
	return true;
}

uintptr_t
kdb_expr_need(const char **textp, const char *what)
{
	uintptr_t value;

	if (!kdb_expr(textp, &value)) {
		kdb_error("%s expected: %s", what, *textp);
	}
	return value;
}
