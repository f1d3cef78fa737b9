/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

#ifndef KERNEL_KDB_KDB_TYPE_H
#define KERNEL_KDB_KDB_TYPE_H

/*
 * Values as their types have them written: numbers, names of enumerations,
 * strings, structures with their members one level deep.
 */

#include <kernel/kdb/kdb_value.h>

/* What is written: cut when the room ends, and always terminated. */
struct kdb_text {
	char	*at;
	size_t	left;		/* with the zero byte */
};

void kdb_text_init(struct kdb_text *text, char *buffer, size_t size);
void kdb_text_add(struct kdb_text *text, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Append VALUE as one of TYPE. */
void kdb_type_print(const struct kdb_view *view, uint32_t type,
    const struct kdb_value *value, struct kdb_text *text);

/* How many bytes one of TYPE has; 0: not known. */
uint32_t kdb_type_size(const struct kdb_symtab *table, uint32_t type);

enum kdb_type_class {
	KDB_CLASS_VOID,
	KDB_CLASS_NUMBER,	/* without a sign, or a pointer */
	KDB_CLASS_SIGNED,
	KDB_CLASS_BOOL,
	KDB_CLASS_OTHER,	/* a structure, array or float */
};

enum kdb_type_class kdb_type_class(const struct kdb_symtab *table,
    uint32_t type);

#endif
