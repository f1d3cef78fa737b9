/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * What the debugger shows of tasks and threads.
 */
#ifndef KERNEL_KDB_KDB_THREAD_H
#define KERNEL_KDB_KDB_THREAD_H

struct kdb_request;
struct thread;

/* One line: which it is, its state, its processor, what it waits for. */
void kdb_thread_print(const struct thread *address);

/* show all threads, show thread */
void kdb_thread_show_all(struct kdb_request *request);
void kdb_thread_show(struct kdb_request *request);

#endif /* KERNEL_KDB_KDB_THREAD_H */
