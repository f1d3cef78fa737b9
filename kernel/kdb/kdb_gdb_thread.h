/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Threads as gdb sees them: those of all tasks are one program's.
 */
#ifndef KERNEL_KDB_KDB_GDB_THREAD_H
#define KERNEL_KDB_KDB_GDB_THREAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <kernel/kdb/kdb_list.h>

struct task;
struct thread;

/* A walk along all of them, good as long as the machine stands still. */
struct kdb_gdb_walk {
	struct kdb_list	tasks;
	struct kdb_list	threads;
	bool		inside;		/* of a task */
	unsigned	cpu;		/* whose idle thread is next */
};

void kdb_gdb_thread_begin(struct kdb_gdb_walk *walk);

/* The next one; NULL: there are no more. */
const struct thread *kdb_gdb_thread_next(struct kdb_gdb_walk *walk);

/* Its number, never 0. */
uint32_t kdb_gdb_thread_number(const struct thread *thread);

/* The one with that number; NULL: there is none. */
struct thread *kdb_gdb_thread_find(uint32_t number);

/* The one that stopped. */
struct thread *kdb_gdb_thread_here(void);

/* Whose memory it sees. */
struct task *kdb_gdb_thread_task(const struct thread *thread);

/* What it is: task, name, address, processor. */
void kdb_gdb_thread_text(const struct thread *thread, char *text, size_t size);

#endif /* KERNEL_KDB_KDB_GDB_THREAD_H */
