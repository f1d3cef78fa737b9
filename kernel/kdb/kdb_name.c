/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Buffers are static: the stack may be nearly used up, and no name has another
 * in it.
 */

#include <kernel/kdb/kdb_name.h>

#include <string.h>

#include <kernel/kdb/kdb_error.h>
#include <kernel/kdb/kdb_mem.h>
#include <kernel/kdb/kdb_number.h>
#include <kernel/kdb/kdb_sym.h>
#include <kernel/kdb/kdb_vars.h>

bool
kdb_name_word(const char **textp, char *word, size_t size)
{
	const char *at = *textp;
	size_t n = 0;

	while (kdb_number_is_part(*at)) {
		if (n + 1 == size) {
			kdb_error("name too long: %s", *textp);
		}
		word[n++] = *at++;
	}
	word[n] = '\0';
	*textp = at;
	return n > 0;
}

uintptr_t
kdb_name_register(const char **atp)
{
	static char name[KDB_NAME_SIZE];

	(*atp)++;
	if (!kdb_name_word(atp, name, sizeof(name))) {
		kdb_error("name of a register or variable expected: <%s",
		    *atp);
	}
	return kdb_vars_get(name);
}

/* Copy a symbol, with points. */
static void
kdb_name_copy(const char **atp, char *name, size_t size)
{
	const char *start = *atp;
	size_t n = 0;

	while (kdb_number_is_part(**atp) || **atp == '.' ||
	    ((*atp)[0] == '\\' && (*atp)[1] != '\0')) {
		*atp += **atp == '\\' ? 1 : 0;
		if (n + 1 == size) {
			kdb_error("name too long: %s", start);
		}
		name[n++] = *(*atp)++;
	}
	name[n] = '\0';
}

/* The symbol NAME itself, or with the _ that some compilers put before it. */
static bool
kdb_name_find(const char *name, uintptr_t *value)
{
	static char longer[KDB_NAME_SIZE + 1];
	struct kdb_symbol symbol;

	longer[0] = '_';
	memcpy(longer + 1, name, strlen(name) + 1);
	if (!kdb_sym_find(kdb_task, name, &symbol) &&
	    !kdb_sym_find(kdb_task, longer, &symbol)) {
		return false;
	}
	*value = symbol.value;
	return true;
}

static _Noreturn void
kdb_name_no_symbol(const char *name)
{
	const char *at = name;

	while (kdb_number_digit(*at) < kdb_vars.radix) {
		at++;
	}
	if (*at == '\0') {
		kdb_error("no symbol: %s (for the number say 0%s)", name, name);
	}
	kdb_error("no symbol: %s", name);
}

/* routine.variable, which NAME holds with the point at POINT. */
static uintptr_t
kdb_name_local(char *name, char *point)
{
	const char *variable = point + 1;
	uintptr_t value;
	uintptr_t start;

	*point = '\0';
	switch (kdb_local_find(kdb_task, name, variable, &value)) {
	case KDB_LOCAL_FOUND:
		return value;
	case KDB_LOCAL_NO_VARIABLE:
		kdb_error("no variable %s in a frame of %s", variable, name);
	case KDB_LOCAL_NO_ADDRESS:
		kdb_error("not in memory just there: %s of %s", variable[0] !=
		    '\0' ? variable : "the frame", name);
	default:
		/* An inlined function has no symbol. */
		if (!kdb_name_find(name, &start)) {
			kdb_name_no_symbol(name);
		}
		kdb_error("no frame of %s", name);
	}
}

uintptr_t
kdb_name_symbol(const char **atp)
{
	static char name[KDB_NAME_SIZE];
	uintptr_t value;
	char *point;

	kdb_name_copy(atp, name, sizeof(name));
	/* A symbol may have points in it. */
	if (kdb_name_find(name, &value)) {
		return value;
	}
	point = strrchr(name, '.');
	if (point == NULL) {
		kdb_name_no_symbol(name);
	}
	return kdb_name_local(name, point);
}
