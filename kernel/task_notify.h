/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Telling a user task of new tasks: register_new_task_notification.
 */

#ifndef KERNEL_TASK_NOTIFY_H
#define KERNEL_TASK_NOTIFY_H

#include <mach/kern_return.h>

struct ipc_port;
struct task;

void task_notify_setup(void);

/*
 * New tasks are told to PORT, a send right that is consumed on success.
 *
 * Returns: KERN_NO_ACCESS when some living port was registered before.
 */
kern_return_t task_notify_register(struct ipc_port *port);

/* PARENT made CHILD.  Locks: none held. */
void task_notify_created(struct task *child, struct task *parent);

#endif /* KERNEL_TASK_NOTIFY_H */
