/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Memory as the debugger reads and writes it: guarded, without locks, by the
 * address space of a task.  The kernel's addresses are the same in each.
 */
#ifndef KERNEL_KDB_KDB_MEM_H
#define KERNEL_KDB_KDB_MEM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct task;

/* Whose memory the commands mean; NULL: the kernel's alone. */
extern struct task *kdb_task;

/* Copy N bytes from ADDRESS in SPACE; false if not all of it is there. */
bool kdb_mem_read(struct task *space, uintptr_t address, void *to, size_t n);

/*
 * As many of these as are there: up to N, or to the end of a page.  N is less than a
 * page.
 */
size_t kdb_mem_read_most(struct task *space, uintptr_t address, void *to,
    size_t n);

/* The other way; false, with nothing changed, if not all can be written. */
bool kdb_mem_write(struct task *space, uintptr_t address, const void *from,
    size_t n);

/* Why the last of these failed, as "not in memory"; "": nothing is there. */
const char *kdb_mem_why(void);

#endif /* KERNEL_KDB_KDB_MEM_H */
