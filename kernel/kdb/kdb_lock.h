/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Locks and who has them.
 */
#ifndef KERNEL_KDB_KDB_LOCK_H
#define KERNEL_KDB_KDB_LOCK_H

struct kdb_request;
struct mutex;

/* Print "ipc_space mutex 0xc1234560, held by file.2"; MUTEX is a copy. */
void kdb_lock_print_mutex(const struct mutex *address,
    const struct mutex *mutex);

/* show locks */
void kdb_lock_show(struct kdb_request *request);

#endif /* KERNEL_KDB_KDB_LOCK_H */
