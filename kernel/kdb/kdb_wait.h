/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

#ifndef KERNEL_KDB_KDB_WAIT_H
#define KERNEL_KDB_KDB_WAIT_H

#include <stdbool.h>

struct thread;

/*
 * Print what a thread waits for, and until when: a message, a port whose queue is
 * full, a mutex and who has it, or an event by the symbol that is near.  THREAD
 * is a copy of what is at ADDRESS.  Nothing if it waits for nothing.
 */
void kdb_wait_print(const struct thread *address, const struct thread *thread);

/* Does THREAD, a copy, wait for a mutex? */
bool kdb_wait_for_mutex(const struct thread *thread);

#endif /* KERNEL_KDB_KDB_WAIT_H */
