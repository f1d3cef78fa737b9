/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Calling functions of the kernel from the debugger's prompt.
 *
 * What is called runs in place of the prompt: in the thread that was interrupted,
 * while all else stands still, with interrupts and preemption off.  It gets every
 * lock that is free, and none that is not: whoever holds that does not run.  Nothing
 * of it can be undone when it is ended.
 */
#ifndef KERNEL_KDB_KDB_CALL_H
#define KERNEL_KDB_KDB_CALL_H

extern struct kdb_table kdb_call_table;

#endif /* KERNEL_KDB_KDB_CALL_H */
