/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * A log of what one task asks the kernel for: each trap with its arguments and
 * result, and the messages that it sent and got.  A ring: the oldest are
 * forgotten.
 *
 * Locks: kdb_log_enter() and kdb_log_leave() have a spin lock that no other is
 *        taken under; the debugger, which lets nothing else run, takes none.
 */
#ifndef KERNEL_KDB_KDB_LOG_H
#define KERNEL_KDB_KDB_LOG_H

#include <stdint.h>

struct kdb_table;

/*
 * The current thread is in trap -NUMBER with the arguments WORDS, of which there
 * are SYSCALL_ARGS_MAX.
 *
 * Locks:  none held.
 * Blocks: may, to read its message.
 */
void kdb_log_enter(unsigned number, const uint32_t *words);

/* It is about to return to user mode.  The same. */
void kdb_log_leave(void);

/* trace on, trace off, show trace */
extern struct kdb_table kdb_log_table;

#endif /* KERNEL_KDB_KDB_LOG_H */
