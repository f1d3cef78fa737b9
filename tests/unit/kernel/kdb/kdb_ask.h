/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

#ifndef TESTS_UNIT_KERNEL_KDB_KDB_ASK_H
#define TESTS_UNIT_KERNEL_KDB_KDB_ASK_H

#include <kernel/kdb/kdb_table.h>

/*
 * Ask everything that can be asked of a table about PC, with all values and a
 * walk up a stack of which every address can be read.  Nothing is expected of
 * the answers.  Returns the length of all of them.
 */
size_t kdb_ask(const struct kdb_symtab *table, uintptr_t pc);

#endif
