/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * Finding other servers by name.
 */

#include <servers/lib/lookup.h>

#include <mach/mig_errors.h>
#include <pthread.h>
#include <servers/bootstrap_types.h>
#include <stdio.h>
#include <unistd.h>

#include <mig/mach_port_user.h>
#include <mig/mach_user.h>
#include <mig/name_user.h>

#define LOOKUP_GET_TIMEOUT	30000
#define LOOKUP_PAUSE		20	/* milliseconds between tries */

static pthread_mutex_t lookup_lock = PTHREAD_MUTEX_INITIALIZER;
static mach_port_t lookup_names;		/* lookup_lock */
static unsigned lookup_forks;			/* lookup_lock */

static mach_port_t
lookup_name_server_locked(void)
{
	mach_port_array_t ports = NULL;
	mach_msg_type_number_t n = 0;

	if (lookup_names != MACH_PORT_NULL) {
		return lookup_names;
	}
	if (mach_ports_lookup(mach_task_self(), &ports, &n) != KERN_SUCCESS) {
		return MACH_PORT_NULL;
	}
	for (unsigned i = 1; i < n; i++) {
		if (MACH_PORT_VALID(ports[i])) {
			(void)mach_port_deallocate(mach_task_self(), ports[i]);
		}
	}
	if (n > 0 && MACH_PORT_VALID(ports[0])) {
		lookup_names = ports[0];
	}
	(void)vm_deallocate(mach_task_self(), (vm_address_t)ports,
	    n * sizeof(ports[0]));
	return lookup_names;
}

mach_port_t
lookup_name_server(void)
{
	mach_port_t port;

	pthread_mutex_lock(&lookup_lock);
	port = lookup_name_server_locked();
	pthread_mutex_unlock(&lookup_lock);
	return port;
}

/* Does KR mean that the other side is not there any more? */
static bool
lookup_gone(kern_return_t kr)
{
	return kr == MACH_SEND_INVALID_DEST || kr == MIG_SERVER_DIED ||
	    kr == MACH_RCV_PORT_DIED;
}

static void
lookup_forget_names(mach_port_t port)
{
	pthread_mutex_lock(&lookup_lock);
	if (port != MACH_PORT_NULL && lookup_names == port) {
		lookup_names = MACH_PORT_NULL;
		(void)mach_port_deallocate(mach_task_self(), port);
	}
	pthread_mutex_unlock(&lookup_lock);
}

kern_return_t
lookup_port(const char *name, unsigned timeout, mach_port_t *port)
{
	name_string_t text;
	mach_port_t server;
	kern_return_t kr;

	(void)snprintf(text, sizeof(text), "%s", name);
	server = lookup_name_server();
	kr = name_lookup(server, text, timeout, port);
	/*
	 * A name server that died is back in a moment; bootstrap then gives
	 * this task the new one's port.
	 */
	for (unsigned waited = 0; lookup_gone(kr) && waited <= timeout;
	    waited += LOOKUP_PAUSE) {
		lookup_forget_names(server);
		usleep(LOOKUP_PAUSE * 1000);
		server = lookup_name_server();
		kr = name_lookup(server, text, timeout, port);
	}
	if (kr == KERN_SUCCESS && !MACH_PORT_VALID(*port)) {
		kr = KERN_INVALID_NAME;
	}
	return kr;
}

static mach_port_t
lookup_get_locked(struct lookup *lookup)
{
	if (lookup->names != lookup_forks) {
		lookup->names = lookup_forks;
		lookup->port = MACH_PORT_NULL;
	}
	return lookup->port;
}

mach_port_t
lookup_get(struct lookup *lookup)
{
	mach_port_t found = MACH_PORT_NULL;
	mach_port_t port;

	pthread_mutex_lock(&lookup_lock);
	port = lookup_get_locked(lookup);
	pthread_mutex_unlock(&lookup_lock);
	if (port != MACH_PORT_NULL) {
		return port;
	}
	if (lookup_port(lookup->name, LOOKUP_GET_TIMEOUT, &found) !=
	    KERN_SUCCESS) {
		return MACH_PORT_NULL;
	}
	pthread_mutex_lock(&lookup_lock);
	if (lookup->port == MACH_PORT_NULL) {
		lookup->port = found;
		found = MACH_PORT_NULL;
	}
	port = lookup->port;
	pthread_mutex_unlock(&lookup_lock);
	if (found != MACH_PORT_NULL) {
		(void)mach_port_deallocate(mach_task_self(), found);
	}
	return port;
}

bool
lookup_retry(struct lookup *lookup, kern_return_t kr)
{
	mach_port_t port;

	if (!lookup_gone(kr)) {
		return false;
	}
	pthread_mutex_lock(&lookup_lock);
	port = lookup_get_locked(lookup);
	lookup->port = MACH_PORT_NULL;
	pthread_mutex_unlock(&lookup_lock);
	if (port == MACH_PORT_NULL) {
		/* It was not there to begin with. */
		return false;
	}
	(void)mach_port_deallocate(mach_task_self(), port);
	return true;
}

void
lookup_forked(void)
{
	/* Another thread of the parent may have had it; there is none here. */
	pthread_mutex_init(&lookup_lock, NULL);
	lookup_names = MACH_PORT_NULL;
	lookup_forks++;
}
