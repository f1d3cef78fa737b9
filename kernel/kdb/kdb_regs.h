/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Registers of what the debugger looks at, by name: those of the chosen thread
 * where it was interrupted or waits, and with a u before their names those that
 * it goes on with in user mode.
 */
#ifndef KERNEL_KDB_KDB_REGS_H
#define KERNEL_KDB_KDB_REGS_H

#include <stdbool.h>
#include <stdint.h>

extern const char *const kdb_reg_names[];
extern const unsigned kdb_reg_count;

/* Register I; false: it is not known, or cannot be changed. */
bool kdb_reg_get(unsigned i, uint32_t *value);
bool kdb_reg_set(unsigned i, uint32_t value);

/* Where the chosen thread goes on; false: not known. */
bool kdb_reg_pc(uintptr_t *pc);

#endif /* KERNEL_KDB_KDB_REGS_H */
