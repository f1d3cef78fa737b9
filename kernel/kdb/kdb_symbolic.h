/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Addresses as symbol and offset.
 */
#ifndef KERNEL_KDB_KDB_SYMBOLIC_H
#define KERNEL_KDB_KDB_SYMBOLIC_H

#include <stddef.h>
#include <stdint.h>

#define KDB_SYMBOLIC_TEXT	100u

/*
 * ADDRESS as it can be typed: name, name+0x1c, or a number if no symbol is near:
 * none that is so large as to reach it, and none within $s's limit before it.
 */
void kdb_symbolic_text(uintptr_t address, char *text, size_t size);

/* The symbol that is just at ADDRESS; NULL: none is. */
const char *kdb_symbolic_name(uintptr_t address);

/* Print it as kdb_symbolic_text() says. */
void kdb_symbolic_print(uintptr_t address);

#endif /* KERNEL_KDB_KDB_SYMBOLIC_H */
