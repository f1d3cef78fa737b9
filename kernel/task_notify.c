/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Telling a user task of new tasks.  One port is registered; it can be replaced
 * only after it has died.
 */

#include <kernel/task_notify.h>

#include <kernel/mutex.h>

#include <ipc/ipc_port.h>
#include <ipc/ipc_special.h>

#include <task_notify_user.h>

static struct mutex task_notify_lock;
static struct ipc_port *task_notify_port;	/* [task_notify_lock] send right */

void
task_notify_setup(void)
{
	mutex_init(&task_notify_lock, LOCK_RANK_HOST);
}

static bool
task_notify_alive(struct ipc_port *port)
{
	bool alive;

	if (!ip_valid(port)) {
		return false;
	}
	ipc_port_lock(port);
	alive = ipc_port_active(port);
	ipc_port_unlock(port);
	return alive;
}

kern_return_t
task_notify_register(struct ipc_port *port)
{
	struct ipc_port *old;

	mutex_lock(&task_notify_lock);
	old = task_notify_port;
	if (task_notify_alive(old)) {
		mutex_unlock(&task_notify_lock);
		return KERN_NO_ACCESS;
	}
	task_notify_port = port;
	mutex_unlock(&task_notify_lock);

	ipc_port_release_send(old);
	return KERN_SUCCESS;
}

void
task_notify_created(struct task *child, struct task *parent)
{
	struct ipc_port *port;

	if (task_notify_port == NULL) {
		return;
	}
	mutex_lock(&task_notify_lock);
	port = ipc_port_copy_send(task_notify_port);
	mutex_unlock(&task_notify_lock);

	if (ip_valid(port)) {
		r_mach_notify_new_task(port, ipc_task_make_send(child),
		    ipc_task_make_send(parent));
	}
	ipc_port_release_send(port);
}
