/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * name.defs: decode, check, wait, answer.
 */

#include <servers/name/name.h>
#include <servers/name/name_table.h>

#include <pthread.h>
#include <servers/bootstrap_types.h>
#include <servers/lib/log.h>
#include <servers/lib/server.h>
#include <string.h>
#include <time.h>

#include <mig/mach_port_user.h>
#include <mig/mach_user.h>
#include <mig/name_server.h>

#define NAME_WAITERS_MAX	40
#define NAME_WAIT_MAX		60000	/* milliseconds */

static pthread_mutex_t name_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t name_changed = PTHREAD_COND_INITIALIZER;
static struct name_table name_table;	/* name_lock */
static unsigned name_waiters;		/* name_lock */

static bool
name_may_look_up(mach_port_t port)
{
	return object_lookup(port, &name_service_class) != NULL ||
	    object_lookup(port, &name_control_class) != NULL;
}

static void
name_drop(mach_port_t port)
{
	if (MACH_PORT_VALID(port)) {
		(void)mach_port_deallocate(mach_task_self(), port);
	}
}

/* PORT died: free its names, each of which owned a (now dead) right. */
static void
name_died(mach_port_t port, void *argument)
{
	(void)argument;
	pthread_mutex_lock(&name_lock);
	while (name_table_forget(&name_table, port)) {
		name_drop(port);
	}
	pthread_mutex_unlock(&name_lock);
}

/*
 * Enter NAME; on success the table owns the caller's right for PORT.
 */
static kern_return_t
name_enter(const char *name, mach_port_t port, bool system)
{
	uint32_t old;
	kern_return_t kr;
	bool first;

	pthread_mutex_lock(&name_lock);
	first = port != MACH_PORT_NULL &&
	    name_table_count(&name_table, port) == 0;
	kr = name_table_set(&name_table, name, port, system, &old);
	if (kr == KERN_SUCCESS) {
		pthread_cond_broadcast(&name_changed);
	}
	pthread_mutex_unlock(&name_lock);
	if (kr != KERN_SUCCESS) {
		return kr;
	}
	name_drop(old);
	if (first && server_watch_death(port, name_died, NULL) !=
	    KERN_SUCCESS) {
		/* It died before anybody could be told. */
		name_died(port, NULL);
	}
	return KERN_SUCCESS;
}

kern_return_t
S_name_register(mach_port_t server, const_name_string_t name, mach_port_t port)
{
	if (object_lookup(server, &name_service_class) == NULL ||
	    !MACH_PORT_VALID(port)) {
		return KERN_INVALID_ARGUMENT;
	}
	return name_enter(name, port, false);
}

kern_return_t
S_name_control_set(mach_port_t control, const_name_string_t name,
    mach_port_t port)
{
	if (object_lookup(control, &name_control_class) == NULL) {
		return KERN_INVALID_ARGUMENT;
	}
	if (port == MACH_PORT_DEAD) {
		port = MACH_PORT_NULL;
	}
	return name_enter(name, port, true);
}

kern_return_t
S_name_control_forget(mach_port_t control, const_name_string_t name)
{
	uint32_t old = MACH_PORT_NULL;
	bool last = false;
	kern_return_t kr;

	if (object_lookup(control, &name_control_class) == NULL) {
		return KERN_INVALID_ARGUMENT;
	}
	pthread_mutex_lock(&name_lock);
	kr = name_table_release(&name_table, name, &old);
	if (kr == KERN_SUCCESS && old != MACH_PORT_NULL) {
		last = name_table_count(&name_table, old) == 0;
	}
	pthread_mutex_unlock(&name_lock);
	if (last) {
		server_unwatch_death(old);
	}
	name_drop(old);
	return kr;
}

kern_return_t
S_name_control_service(mach_port_t control, mach_port_t *service)
{
	if (object_lookup(control, &name_control_class) == NULL) {
		return KERN_INVALID_ARGUMENT;
	}
	*service = object_right(&name_service);
	return KERN_SUCCESS;
}

/* Wait for NAME to have a port.  Called and returns with name_lock held. */
static struct name_entry *
name_wait_locked(const char *name, natural_t milliseconds)
{
	struct name_entry *e = name_table_lookup(&name_table, name);
	struct timespec end;
	int error = 0;

	if (milliseconds == 0 || name_waiters >= NAME_WAITERS_MAX) {
		return e;
	}
	if (milliseconds > NAME_WAIT_MAX) {
		milliseconds = NAME_WAIT_MAX;
	}
	clock_gettime(CLOCK_REALTIME, &end);
	end.tv_sec += milliseconds / 1000;
	end.tv_nsec += (long)(milliseconds % 1000) * 1000000;
	if (end.tv_nsec >= 1000000000) {
		end.tv_nsec -= 1000000000;
		end.tv_sec++;
	}
	name_waiters++;
	while ((e == NULL || e->port == 0) && error == 0) {
		error = pthread_cond_timedwait(&name_changed, &name_lock, &end);
		e = name_table_lookup(&name_table, name);
	}
	name_waiters--;
	return e;
}

kern_return_t
S_name_lookup(mach_port_t server, const_name_string_t name, natural_t timeout,
    mach_port_t *port)
{
	struct name_entry *e;
	kern_return_t kr = KERN_INVALID_NAME;

	if (!name_may_look_up(server)) {
		return KERN_INVALID_ARGUMENT;
	}
	pthread_mutex_lock(&name_lock);
	e = name_wait_locked(name, timeout);
	if (e != NULL && e->port != 0) {
		/* One more reference for the reply, which moves it. */
		kr = mach_port_mod_refs(mach_task_self(), e->port,
		    MACH_PORT_RIGHT_SEND, 1);
		*port = e->port;
		if (kr != KERN_SUCCESS) {
			/* Dead, and the notification still on its way. */
			kr = KERN_INVALID_NAME;
		}
	}
	pthread_mutex_unlock(&name_lock);
	return kr;
}

kern_return_t
S_name_unregister(mach_port_t server, const_name_string_t name,
    mach_port_t port)
{
	kern_return_t kr;
	bool last = false;

	if (object_lookup(server, &name_service_class) == NULL) {
		return KERN_INVALID_ARGUMENT;
	}
	pthread_mutex_lock(&name_lock);
	kr = name_table_remove(&name_table, name, port);
	if (kr == KERN_SUCCESS) {
		last = name_table_count(&name_table, port) == 0;
	}
	pthread_mutex_unlock(&name_lock);
	if (kr != KERN_SUCCESS) {
		return kr;
	}
	if (last) {
		server_unwatch_death(port);
	}
	/* The request's right and the table's. */
	name_drop(port);
	name_drop(port);
	return KERN_SUCCESS;
}

kern_return_t
S_name_list(mach_port_t server, name_list_t *names,
    mach_msg_type_number_t *count)
{
	vm_address_t memory = 0;
	kern_return_t kr = KERN_SUCCESS;
	size_t size;

	if (!name_may_look_up(server)) {
		return KERN_INVALID_ARGUMENT;
	}
	pthread_mutex_lock(&name_lock);
	size = name_table_list(&name_table, NULL, 0);
	if (size != 0) {
		kr = vm_allocate(mach_task_self(), &memory, size, TRUE);
	}
	if (kr == KERN_SUCCESS && size != 0) {
		(void)name_table_list(&name_table, (char *)memory, size);
	}
	pthread_mutex_unlock(&name_lock);
	if (kr == KERN_SUCCESS) {
		*names = (name_list_t)memory;
		*count = (mach_msg_type_number_t)size;
	}
	return kr;
}
