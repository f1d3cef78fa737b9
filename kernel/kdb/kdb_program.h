/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

#ifndef KERNEL_KDB_KDB_PROGRAM_H
#define KERNEL_KDB_KDB_PROGRAM_H

/*
 * Programs and libraries as they are mapped: each begins with the header of its
 * ELF file, which says where its parts are.  Nothing there is trusted.
 */

#include <kernel/kdb/kdb_cfi.h>

struct kdb_symbol;
struct task;

/*
 * The constant parts of what TASK has mapped at PC, or its code if it has none;
 * returns how many.
 */
unsigned kdb_program_constants(const struct task *task, uintptr_t pc,
    struct kdb_cfi_range ranges[KDB_CFI_RANGES]);

/*
 * The function at PC, of those that the program or library there has for others:
 * its name stays until the next call.  False: it is none, or the memory that
 * says so is not there.
 */
bool kdb_program_symbol(const struct task *task, uintptr_t pc,
    struct kdb_symbol *symbol);

/* Is what TASK has mapped at PC to be executed, be it in memory or not? */
bool kdb_program_is_code(const struct task *task, uintptr_t pc);

#endif /* KERNEL_KDB_KDB_PROGRAM_H */
