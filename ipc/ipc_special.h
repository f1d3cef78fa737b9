/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * The ports that tasks and threads have by birth, and what a port means to
 * a request: task, thread, space or map.
 *
 *   self       the receive right of the task or thread port, the kernel's
 *   sself      send right handed out as task_self / thread_self; a debugger
 *              may put its own port there
 *   exception  send right: where exceptions go
 *   bootstrap, registered   send rights that new tasks inherit
 */

#ifndef IPC_IPC_SPECIAL_H
#define IPC_IPC_SPECIAL_H

#include <ipc/ipc_kmsg.h>
#include <ipc/ipc_types.h>
#include <kernel/mutex.h>
#include <mach/kern_return.h>
#include <mach/port.h>

struct task;
struct thread;
struct vm_map;

#define TASK_PORT_REGISTER_MAX 4

/* [l] own lock; each non-null port owns its right */
struct task_ipc {
	struct mutex lock;
	struct ipc_port *self;	    /* [l] receive right; NULL when ended */
	struct ipc_port *sself;	    /* [l] send right */
	mach_port_name_t sself_name; /* [a] where it was last in the task's
				     * space: a hint */
	struct ipc_port *exception; /* [l] send right */
	struct ipc_port *bootstrap; /* [l] send right */
	struct ipc_port *registered[TASK_PORT_REGISTER_MAX]; /* [l] send */
};

/* [l] own lock  [o] used by this thread only */
struct thread_ipc {
	struct mutex lock;
	struct ipc_port *self;	    /* [l] receive right; NULL when ended */
	struct ipc_port *sself;	    /* [l] send right */
	mach_port_name_t sself_name; /* [a] as for tasks */
	struct ipc_port *exception; /* [l] send right */
	struct ipc_port *rpc_reply; /* [o] reply port for kernel RPC */
	struct ipc_kmsg_queue dead_kmsgs; /* [o] to be destroyed by who is
					   * `destroying': ipc_kmsg.c */
};

enum ipc_special_port {
	IPC_SPECIAL_SELF,
	IPC_SPECIAL_EXCEPTION,
	IPC_SPECIAL_BOOTSTRAP, /* tasks only */
};

/* Readies the thread that boots as well. */
void ipc_special_setup(void);

/*
 * Give a new TASK, which is all zeroes here, its ports, and its space
 * (task->space).  PARENT may be NULL; otherwise exception, bootstrap and
 * registered ports are inherited.  The task port means nothing until enabled.
 *
 * Returns: KERN_RESOURCE_SHORTAGE, with nothing to undo.
 */
kern_return_t ipc_task_init(struct task *task, struct task *parent);

/* From now on the task port stands for TASK. */
void ipc_task_enable(struct task *task);

/* TASK ends: the port stands for nothing.  May be called twice. */
void ipc_task_disable(struct task *task);

/*
 * Destroy TASK's ports and every right in its space.  The space stays as an
 * empty dead one until ipc_task_fini().
 *
 * Locks:  none held.
 * Blocks: may.
 */
void ipc_task_terminate(struct task *task);

/* Last use of TASK, after ipc_task_terminate(): drops the space. */
void ipc_task_fini(struct task *task);

/* The same for threads.  The four ipc fields are all they touch. */
kern_return_t ipc_thread_init(struct thread *thread);
void ipc_thread_enable(struct thread *thread);
void ipc_thread_disable(struct thread *thread);
void ipc_thread_terminate(struct thread *thread);

/*
 * A send right for a special port, or null.  KERN_FAILURE when the task or
 * thread has ended, KERN_INVALID_ARGUMENT for a port it does not have.
 */
kern_return_t ipc_task_get_special_port(
    struct task *task, enum ipc_special_port which, struct ipc_port **portp);
kern_return_t ipc_thread_get_special_port(struct thread *thread,
    enum ipc_special_port which, struct ipc_port **portp);

/* Consumes the send right PORT (maybe null) on success. */
kern_return_t ipc_task_set_special_port(
    struct task *task, enum ipc_special_port which, struct ipc_port *port);
kern_return_t ipc_thread_set_special_port(
    struct thread *thread, enum ipc_special_port which, struct ipc_port *port);

/*
 * Replace all registered ports by COUNT send rights, which are consumed on
 * success; KERN_INVALID_ARGUMENT if COUNT is above TASK_PORT_REGISTER_MAX.
 */
kern_return_t ipc_task_register_ports(
    struct task *task, struct ipc_port **ports, unsigned count);

/* Copies of the registered send rights, TASK_PORT_REGISTER_MAX of them. */
kern_return_t ipc_task_lookup_ports(struct task *task, struct ipc_port **ports);

/*
 * What PORT stands for, with a reference the caller drops; NULL if nothing of
 * that kind.  PORT may be null or dead, and keeps its own references.
 */
struct task *ipc_port_to_task(struct ipc_port *port);
struct thread *ipc_port_to_thread(struct ipc_port *port);
struct ipc_space *ipc_port_to_space(struct ipc_port *port);

/*
 * A send right for the task's or thread's port; null if it has ended.
 * Consumes the caller's reference on TASK / THREAD.
 */
struct ipc_port *ipc_task_to_port(struct task *task);
struct ipc_port *ipc_thread_to_port(struct thread *thread);

/* The same without consuming the reference. */
struct ipc_port *ipc_task_make_send(struct task *task);
struct ipc_port *ipc_thread_make_send(struct thread *thread);

/* Is NAME, in the current space, a send right for the current task's port? */
bool ipc_task_is_self(mach_port_name_t name);

/*
 * Names that generated stubs use for the above; the map is mach_port_rpc.c's.
 */
struct task *convert_port_to_task(struct ipc_port *port);
struct thread *convert_port_to_thread(struct ipc_port *port);
struct ipc_space *convert_port_to_space(struct ipc_port *port);
struct vm_map *convert_port_to_map(struct ipc_port *port);
struct ipc_port *convert_task_to_port(struct task *task);
struct ipc_port *convert_thread_to_port(struct thread *thread);

/*
 * Tell mach_host_self() which send right to hand out.  Consumes the right;
 * called once by host_setup().
 */
void ipc_special_set_host(struct ipc_port *port);

/* Traps.  The result is a name, or MACH_PORT_NULL. */
mach_port_name_t sys_mach_reply_port(void);
mach_port_name_t sys_mach_task_self(void);
mach_port_name_t sys_mach_thread_self(void);
mach_port_name_t sys_mach_host_self(void);

#endif /* IPC_IPC_SPECIAL_H */
