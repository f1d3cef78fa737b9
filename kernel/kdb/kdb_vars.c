/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Dot and what belongs to it; variables and registers by name.
 */

#include <kernel/kdb/kdb_vars.h>

#include <string.h>

#include <kernel/kdb/kdb_error.h>
#include <kernel/kdb/kdb_out.h>
#include <kernel/kdb/kdb_regs.h>

struct kdb_vars kdb_vars = { .radix = 16, .reach = 255 };

static const char kdb_vars_letters[] = "0123456789abcdefghijklmnopqrstuvwxyz";

/* The variable NAME; NULL if that names none. */
static uint32_t *
kdb_vars_find(const char *name)
{
	const char *at;

	if (name[0] == '\0' || name[1] != '\0') {
		return NULL;
	}
	at = strchr(kdb_vars_letters, name[0]);
	return at == NULL ? NULL : &kdb_vars.named[at - kdb_vars_letters];
}

/* The register NAME; an error if that is none. */
static unsigned
kdb_vars_register(const char *name)
{
	for (unsigned i = 0; i < kdb_reg_count; i++) {
		if (strcmp(kdb_reg_names[i], name) == 0) {
			return i;
		}
	}
	kdb_error("no register or variable: <%s", name);
}

uint32_t
kdb_vars_get(const char *name)
{
	const uint32_t *variable = kdb_vars_find(name);
	uint32_t value;

	if (variable != NULL) {
		return *variable;
	}
	if (!kdb_reg_get(kdb_vars_register(name), &value)) {
		kdb_error("register not known here: <%s", name);
	}
	return value;
}

void
kdb_vars_set(const char *name, uint32_t value)
{
	uint32_t *variable = kdb_vars_find(name);

	if (variable != NULL) {
		*variable = value;
	} else if (!kdb_reg_set(kdb_vars_register(name), value)) {
		kdb_error("register cannot be changed: <%s", name);
	}
}

void
kdb_vars_print(void)
{
	for (unsigned i = 0; i < KDB_VARS_NAMED; i++) {
		if (kdb_vars.named[i] != 0) {
			kdb_printf("%c = 0x%x\n", kdb_vars_letters[i],
			    kdb_vars.named[i]);
		}
	}
}
