/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

#include <kernel/kdb/kdb_argument.h>

#include <stddef.h>
#include <string.h>

#include <kernel/kdb/kdb_command.h>
#include <kernel/kdb/kdb_error.h>
#include <kernel/kdb/kdb_expr.h>
#include <kernel/kdb/kdb_mem.h>
#include <kernel/kdb/kdb_name.h>
#include <kernel/kdb/kdb_sym.h>

bool
kdb_argument_number(const char **textp, uintptr_t *value)
{
	static const char digits[] = "0123456789abcdef";
	const char *at = *textp;
	uintptr_t number = 0;
	unsigned n;

	while (*at == ' ') {
		at++;
	}
	at += strncmp(at, "0x", 2) == 0 ? 2 : 0;
	for (n = 0; *at != '\0' && strchr(digits, *at) != NULL; n++, at++) {
		number = number * 16 +
		    (uintptr_t)(strchr(digits, *at) - digits);
	}
	if (n == 0 || n > 2 * sizeof(number) || (*at != ' ' && *at != '\0')) {
		return false;
	}
	*textp = at;
	*value = number;
	return true;
}

/* Is the word that TEXT begins with a symbol? */
static bool
kdb_argument_is_symbol(const char *text)
{
	char name[KDB_NAME_SIZE];
	struct kdb_symbol symbol;

	return kdb_name_word(&text, name, sizeof(name)) &&
	    kdb_sym_find(kdb_task, name, &symbol);
}

uintptr_t
kdb_argument(struct kdb_request *request)
{
	uintptr_t value = request->address;

	if ((kdb_argument_is_symbol(request->rest) ||
	    !kdb_argument_number(&request->rest, &value)) &&
	    !kdb_expr(&request->rest, &value) && !request->has_address) {
		kdb_error("address expected: %s", request->rest);
	}
	while (*request->rest == ' ') {
		request->rest++;
	}
	return value;
}
