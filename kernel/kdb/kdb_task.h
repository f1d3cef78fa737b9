/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

#ifndef KERNEL_KDB_KDB_TASK_H
#define KERNEL_KDB_KDB_TASK_H

struct kdb_request;

/* show all tasks, show task */
void kdb_task_show_all(struct kdb_request *request);
void kdb_task_show(struct kdb_request *request);

#endif /* KERNEL_KDB_KDB_TASK_H */
