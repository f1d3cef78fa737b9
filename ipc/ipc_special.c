/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Ports of tasks and threads.
 *
 * The lock of these records is the last sleeping one: inside it a port may be
 * locked, and nothing else.  Rights are released after it.
 */

#include <ipc/ipc_special.h>

#include <kernel/lock_rank.h>
#include <kernel/panic.h>
#include <kernel/task.h>
#include <kernel/thread.h>
#include <string.h>

#include <ipc/ipc_kobject.h>
#include <ipc/ipc_port.h>
#include <ipc/ipc_right.h>
#include <ipc/ipc_space.h>
#include <ipc/mach_msg_trap.h>

/* Set once before the first user task runs. */
static struct ipc_port *ipc_special_host;

void
ipc_special_setup(void)
{
	ipc_kmsg_queue_init(&current_thread()->ipc.dead_kmsgs);
}

void
ipc_special_set_host(struct ipc_port *port)
{
	assert(ipc_special_host == NULL);
	ipc_special_host = port;
}

/* Copies of what PARENT's children inherit. */
static void
ipc_task_inherit(struct task_ipc *self, struct task_ipc *parent)
{
	mutex_lock(&parent->lock);
	self->exception = ipc_port_copy_send(parent->exception);
	self->bootstrap = ipc_port_copy_send(parent->bootstrap);
	for (unsigned i = 0; i < TASK_PORT_REGISTER_MAX; i++) {
		self->registered[i] = ipc_port_copy_send(parent->registered[i]);
	}
	mutex_unlock(&parent->lock);
}

kern_return_t
ipc_task_init(struct task *task, struct task *parent)
{
	struct task_ipc *self = &task->ipc;
	kern_return_t kr;

	mutex_init(&self->lock, LOCK_RANK_SLEEP_LEAF);
	kr = ipc_space_create(&task->space);
	if (kr != KERN_SUCCESS) {
		return kr;
	}
	self->self = ipc_kobject_create(IKOT_NONE, NULL);
	if (self->self == NULL) {
		ipc_space_destroy(task->space);
		ipc_space_unref(task->space);
		task->space = NULL;
		return KERN_RESOURCE_SHORTAGE;
	}
	self->sself = ipc_port_make_send(self->self);
	if (parent != NULL) {
		ipc_task_inherit(self, &parent->ipc);
	}
	return KERN_SUCCESS;
}

void
ipc_task_enable(struct task *task)
{
	mutex_lock(&task->ipc.lock);
	if (task->ipc.self != NULL) {
		ipc_kobject_set(task->ipc.self, IKOT_TASK, task);
	}
	mutex_unlock(&task->ipc.lock);
}

void
ipc_task_disable(struct task *task)
{
	mutex_lock(&task->ipc.lock);
	if (task->ipc.self != NULL) {
		ipc_kobject_disable(task->ipc.self);
	}
	mutex_unlock(&task->ipc.lock);
}

void
ipc_task_terminate(struct task *task)
{
	struct task_ipc *self = &task->ipc;
	struct task_ipc old;

	mutex_lock(&self->lock);
	old = *self;
	self->self = NULL;
	self->sself = NULL;
	self->exception = NULL;
	self->bootstrap = NULL;
	memset(self->registered, 0, sizeof(self->registered));
	mutex_unlock(&self->lock);

	if (old.self != NULL) {
		ipc_port_release_send(old.sself);
		ipc_port_release_send(old.exception);
		ipc_port_release_send(old.bootstrap);
		for (unsigned i = 0; i < TASK_PORT_REGISTER_MAX; i++) {
			ipc_port_release_send(old.registered[i]);
		}
		ipc_kobject_destroy(old.self);
	}
	ipc_space_destroy(task->space);
}

void
ipc_task_fini(struct task *task)
{
	assert(task->ipc.self == NULL);
	ipc_space_unref(task->space);
	task->space = NULL;
}

kern_return_t
ipc_thread_init(struct thread *thread)
{
	struct thread_ipc *self = &thread->ipc;

	memset(self, 0, sizeof(*self));
	mutex_init(&self->lock, LOCK_RANK_SLEEP_LEAF);
	ipc_kmsg_queue_init(&self->dead_kmsgs);
	self->self = ipc_kobject_create(IKOT_NONE, NULL);
	if (self->self == NULL) {
		return KERN_RESOURCE_SHORTAGE;
	}
	self->sself = ipc_port_make_send(self->self);
	return KERN_SUCCESS;
}

void
ipc_thread_enable(struct thread *thread)
{
	mutex_lock(&thread->ipc.lock);
	if (thread->ipc.self != NULL) {
		ipc_kobject_set(thread->ipc.self, IKOT_THREAD, thread);
	}
	mutex_unlock(&thread->ipc.lock);
}

void
ipc_thread_disable(struct thread *thread)
{
	mutex_lock(&thread->ipc.lock);
	if (thread->ipc.self != NULL) {
		ipc_kobject_disable(thread->ipc.self);
	}
	mutex_unlock(&thread->ipc.lock);
}

void
ipc_thread_terminate(struct thread *thread)
{
	struct thread_ipc *self = &thread->ipc;
	struct ipc_port *port;
	struct ipc_port *sself;
	struct ipc_port *exception;
	struct ipc_port *rpc_reply;

	mutex_lock(&self->lock);
	port = self->self;
	sself = self->sself;
	exception = self->exception;
	rpc_reply = self->rpc_reply;
	self->self = NULL;
	self->sself = NULL;
	self->exception = NULL;
	self->rpc_reply = NULL;
	mutex_unlock(&self->lock);

	ipc_port_release_send(sself);
	ipc_port_release_send(exception);
	if (rpc_reply != NULL) {
		ipc_port_lock(rpc_reply);
		ipc_port_detach(rpc_reply);
		ipc_port_destroy_unlock(rpc_reply);
	}
	if (port != NULL) {
		ipc_kobject_destroy(port);
	}
}

static struct ipc_port **
ipc_task_special(struct task_ipc *self, enum ipc_special_port which)
{
	switch (which) {
	case IPC_SPECIAL_SELF:
		return &self->sself;
	case IPC_SPECIAL_EXCEPTION:
		return &self->exception;
	case IPC_SPECIAL_BOOTSTRAP:
		return &self->bootstrap;
	default:
		return NULL;
	}
}

static struct ipc_port **
ipc_thread_special(struct thread_ipc *self, enum ipc_special_port which)
{
	switch (which) {
	case IPC_SPECIAL_SELF:
		return &self->sself;
	case IPC_SPECIAL_EXCEPTION:
		return &self->exception;
	default:
		return NULL;
	}
}

/* The port in SLOT, for an owner that ended if SELF is null. */
static kern_return_t
ipc_special_get(struct mutex *lock, struct ipc_port **self,
    struct ipc_port **slot, struct ipc_port **portp)
{
	kern_return_t kr = KERN_FAILURE;

	if (slot == NULL) {
		return KERN_INVALID_ARGUMENT;
	}
	mutex_lock(lock);
	if (*self != NULL) {
		*portp = ipc_port_copy_send(*slot);
		kr = KERN_SUCCESS;
	}
	mutex_unlock(lock);
	return kr;
}

static kern_return_t
ipc_special_set(struct mutex *lock, struct ipc_port **self,
    struct ipc_port **slot, struct ipc_port *port)
{
	struct ipc_port *old = NULL;
	kern_return_t kr = KERN_FAILURE;

	if (slot == NULL) {
		return KERN_INVALID_ARGUMENT;
	}
	mutex_lock(lock);
	if (*self != NULL) {
		old = *slot;
		*slot = port;
		kr = KERN_SUCCESS;
	}
	mutex_unlock(lock);
	ipc_port_release_send(old);
	return kr;
}

kern_return_t
ipc_task_get_special_port(
    struct task *task, enum ipc_special_port which, struct ipc_port **portp)
{
	return ipc_special_get(&task->ipc.lock, &task->ipc.self,
	    ipc_task_special(&task->ipc, which), portp);
}

kern_return_t
ipc_thread_get_special_port(
    struct thread *thread, enum ipc_special_port which, struct ipc_port **portp)
{
	return ipc_special_get(&thread->ipc.lock, &thread->ipc.self,
	    ipc_thread_special(&thread->ipc, which), portp);
}

kern_return_t
ipc_task_set_special_port(
    struct task *task, enum ipc_special_port which, struct ipc_port *port)
{
	return ipc_special_set(&task->ipc.lock, &task->ipc.self,
	    ipc_task_special(&task->ipc, which), port);
}

kern_return_t
ipc_thread_set_special_port(
    struct thread *thread, enum ipc_special_port which, struct ipc_port *port)
{
	return ipc_special_set(&thread->ipc.lock, &thread->ipc.self,
	    ipc_thread_special(&thread->ipc, which), port);
}

kern_return_t
ipc_task_register_ports(
    struct task *task, struct ipc_port **ports, unsigned count)
{
	struct ipc_port *old[TASK_PORT_REGISTER_MAX];
	struct task_ipc *self = &task->ipc;

	if (count > TASK_PORT_REGISTER_MAX) {
		return KERN_INVALID_ARGUMENT;
	}
	mutex_lock(&self->lock);
	if (self->self == NULL) {
		mutex_unlock(&self->lock);
		return KERN_INVALID_ARGUMENT;
	}
	for (unsigned i = 0; i < TASK_PORT_REGISTER_MAX; i++) {
		old[i] = self->registered[i];
		self->registered[i] = i < count ? ports[i] : IP_NULL;
	}
	mutex_unlock(&self->lock);
	for (unsigned i = 0; i < TASK_PORT_REGISTER_MAX; i++) {
		ipc_port_release_send(old[i]);
	}
	return KERN_SUCCESS;
}

kern_return_t
ipc_task_lookup_ports(struct task *task, struct ipc_port **ports)
{
	struct task_ipc *self = &task->ipc;

	mutex_lock(&self->lock);
	if (self->self == NULL) {
		mutex_unlock(&self->lock);
		return KERN_INVALID_ARGUMENT;
	}
	for (unsigned i = 0; i < TASK_PORT_REGISTER_MAX; i++) {
		ports[i] = ipc_port_copy_send(self->registered[i]);
	}
	mutex_unlock(&self->lock);
	return KERN_SUCCESS;
}

static void
ipc_special_ref_task(void *obj)
{
	task_ref(obj);
}

static void
ipc_special_ref_thread(void *obj)
{
	thread_ref(obj);
}

struct task *
ipc_port_to_task(struct ipc_port *port)
{
	return ipc_kobject_get_ref(port, IKOT_TASK, ipc_special_ref_task);
}

struct thread *
ipc_port_to_thread(struct ipc_port *port)
{
	return ipc_kobject_get_ref(port, IKOT_THREAD, ipc_special_ref_thread);
}

struct ipc_space *
ipc_port_to_space(struct ipc_port *port)
{
	struct task *task = ipc_port_to_task(port);
	struct ipc_space *space;

	if (task == NULL) {
		return NULL;
	}
	space = task->space;
	ipc_space_ref(space);
	task_unref(task);
	return space;
}

struct ipc_port *
ipc_task_make_send(struct task *task)
{
	struct ipc_port *port;

	mutex_lock(&task->ipc.lock);
	port = ipc_port_make_send(task->ipc.self);
	mutex_unlock(&task->ipc.lock);
	return port;
}

struct ipc_port *
ipc_thread_make_send(struct thread *thread)
{
	struct ipc_port *port;

	mutex_lock(&thread->ipc.lock);
	port = ipc_port_make_send(thread->ipc.self);
	mutex_unlock(&thread->ipc.lock);
	return port;
}

struct ipc_port *
ipc_task_to_port(struct task *task)
{
	struct ipc_port *port = ipc_task_make_send(task);

	task_unref(task);
	return port;
}

struct ipc_port *
ipc_thread_to_port(struct thread *thread)
{
	struct ipc_port *port = ipc_thread_make_send(thread);

	thread_unref(thread);
	return port;
}

struct task *
convert_port_to_task(struct ipc_port *port)
{
	return ipc_port_to_task(port);
}

struct thread *
convert_port_to_thread(struct ipc_port *port)
{
	return ipc_port_to_thread(port);
}

struct ipc_space *
convert_port_to_space(struct ipc_port *port)
{
	return ipc_port_to_space(port);
}

struct ipc_port *
convert_task_to_port(struct task *task)
{
	return ipc_task_to_port(task);
}

struct ipc_port *
convert_thread_to_port(struct thread *thread)
{
	return ipc_thread_to_port(thread);
}

/* Give the current task the send right PORT and return its name. */
static mach_port_name_t
ipc_special_name(struct ipc_port *port)
{
	mach_port_name_t name;

	if (ipc_right_copyout(current_space(), port, MACH_MSG_TYPE_PORT_SEND,
		&name) != KERN_SUCCESS) {
		ipc_port_release_send(port);
		return MACH_PORT_NULL;
	}
	return name;
}

mach_port_name_t
sys_mach_reply_port(void)
{
	mach_port_name_t name = MACH_PORT_NULL;

	if (ipc_right_allocate(current_space(), MACH_PORT_RIGHT_RECEIVE,
		&name) != KERN_SUCCESS) {
		return MACH_PORT_NULL;
	}
	return name;
}

/*
 * Most often the task has the right already, under the name it got last time:
 * then that gains a reference, and the right as such is not copied.  Whoever
 * replaces PORT meanwhile does so after us; it cannot be freed and made anew
 * behind our back as long as the entry has it.
 */
static bool
ipc_special_again(const struct ipc_port *port, mach_port_name_t name)
{
	struct ipc_space *space = current_space();
	struct ipc_entry *entry;
	mach_port_urefs_t urefs;
	bool again = false;

	if (name == MACH_PORT_NULL) {
		return false;
	}
	ipc_space_lock(space);
	entry = space->active ? ipc_space_lookup(space, name) : NULL;
	if (entry != NULL && entry->port == port && ip_valid(port) &&
	    (ipc_entry_type(entry) & MACH_PORT_TYPE_SEND) != 0 &&
	    port->object.active) {
		urefs = ipc_entry_urefs(entry);
		again = urefs != 0;
		if (again && urefs < IPC_ENTRY_SEND_UREFS_MAX) {
			ipc_entry_set_urefs(entry, urefs + 1);
		}
	}
	ipc_space_unlock(space);
	return again;
}

bool
ipc_task_is_self(mach_port_name_t name)
{
	struct ipc_space *space = current_space();
	const struct ipc_entry *entry;
	bool self = false;

	ipc_space_lock(space);
	entry = space->active ? ipc_space_lookup(space, name) : NULL;
	if (entry != NULL) {
		self = (ipc_entry_type(entry) & MACH_PORT_TYPE_SEND) != 0 &&
		       ipc_entry_urefs(entry) != 0 &&
		       entry->port ==
			   atomic_load_relaxed(&current_task()->ipc.self);
	}
	ipc_space_unlock(space);
	return self;
}

mach_port_name_t
sys_mach_task_self(void)
{
	struct task_ipc *self = &current_task()->ipc;
	mach_port_name_t name = atomic_load_relaxed(&self->sself_name);
	struct ipc_port *port;

	if (ipc_special_again(atomic_load_relaxed(&self->sself), name)) {
		return name;
	}
	if (ipc_task_get_special_port(
		current_task(), IPC_SPECIAL_SELF, &port) != KERN_SUCCESS) {
		return MACH_PORT_NULL;
	}
	name = ipc_special_name(port);
	atomic_store_relaxed(&self->sself_name, name);
	return name;
}

mach_port_name_t
sys_mach_thread_self(void)
{
	struct thread_ipc *self = &current_thread()->ipc;
	mach_port_name_t name = atomic_load_relaxed(&self->sself_name);
	struct ipc_port *port;

	if (ipc_special_again(atomic_load_relaxed(&self->sself), name)) {
		return name;
	}
	if (ipc_thread_get_special_port(
		current_thread(), IPC_SPECIAL_SELF, &port) != KERN_SUCCESS) {
		return MACH_PORT_NULL;
	}
	name = ipc_special_name(port);
	atomic_store_relaxed(&self->sself_name, name);
	return name;
}

mach_port_name_t
sys_mach_host_self(void)
{
	return ipc_special_name(ipc_port_copy_send(ipc_special_host));
}
