/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * What an ordinary UNIX program needs to talk to servers by messages: the names
 * of its task's ports before main(), a reply port for each thread, and all of
 * that anew in the child of a fork, which has its parent's memory and none of
 * its rights.
 *
 * A program links with this, mach_msg.c, lookup.c, trap.asm and stubs that MIG
 * made; its C library is its own.
 */

#include <servers/lib/lookup.h>
#include <servers/lib/reply_i.h>

#include <pthread.h>

#include <mig/mach_user.h>

#define CLIENT_SPARE_MAX	64

static pthread_key_t client_key;
static __thread mach_port_t client_reply_port;

/* Reply ports of threads that ended, for those that start. */
static pthread_mutex_t client_lock = PTHREAD_MUTEX_INITIALIZER;
static mach_port_t client_spare[CLIENT_SPARE_MAX];	/* client_lock */
static unsigned client_spares;				/* client_lock */

/* The calling thread has no reply port: let it take over one. */
static void
client_take_spare(void)
{
	pthread_mutex_lock(&client_lock);
	if (client_spares > 0) {
		client_spares--;
		client_reply_port = client_spare[client_spares];
	}
	pthread_mutex_unlock(&client_lock);
	/* client_thread_ends is called when there is a value. */
	(void)pthread_setspecific(client_key, &client_reply_port);
}

static void
client_thread_ends(void *slot)
{
	pthread_mutex_lock(&client_lock);
	if (client_reply_port != MACH_PORT_NULL &&
	    client_spares < CLIENT_SPARE_MAX) {
		client_spare[client_spares] = client_reply_port;
		client_spares++;
		client_reply_port = MACH_PORT_NULL;
	}
	pthread_mutex_unlock(&client_lock);
	(void)slot;
}

mach_port_t *
mig_reply_slot(void)
{
	if (client_reply_port == MACH_PORT_NULL) {
		client_take_spare();
	}
	return &client_reply_port;
}

static void
client_find_ports(void)
{
	struct vm_statistics statistics;

	client_reply_port = MACH_PORT_NULL;
	mach_task_self_ = mach_task_self_trap();
	mach_host_self_ = mach_host_self_trap();
	if (vm_statistics(mach_task_self(), &statistics) == KERN_SUCCESS) {
		vm_page_size = statistics.pagesize;
	}
}

static void
client_forked(void)
{
	pthread_mutex_init(&client_lock, NULL);
	client_spares = 0;
	client_find_ports();
	lookup_forked();
}

__attribute__((constructor)) static void
client_setup(void)
{
	(void)pthread_key_create(&client_key, client_thread_ends);
	client_find_ports();
	(void)pthread_atfork(NULL, NULL, client_forked);
}
