/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

#ifndef I386_KDB_CALL_RUN_H
#define I386_KDB_CALL_RUN_H

#include <stdint.h>

/* See kdb_call_run.asm. */
uint64_t kdb_call_run(const uint32_t *regs, uint32_t *stack);
extern char kdb_call_run_back[];

#endif /* I386_KDB_CALL_RUN_H */
