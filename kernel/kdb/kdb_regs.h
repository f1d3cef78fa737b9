/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Registers of what the debugger looks at, by name.
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

#endif /* KERNEL_KDB_KDB_REGS_H */
