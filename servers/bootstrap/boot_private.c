/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * The table of private ports.  The start list bounds it.
 */

#include <servers/bootstrap/boot_private.h>

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include <servers/bootstrap/boot_list.h>

#include <mig/mach_port_user.h>

struct boot_private {
	struct boot_private	*next;
	mach_port_t		port;		/* owns a send right */
	char			name[BOOT_LIST_NAME_MAX + 1];
};

static pthread_mutex_t boot_private_lock = PTHREAD_MUTEX_INITIALIZER;
static struct boot_private *boot_private_all;	/* boot_private_lock */

/* Lock: boot_private_lock. */
static struct boot_private *
boot_private_find(const char *name)
{
	struct boot_private *p = boot_private_all;

	while (p != NULL && strcmp(p->name, name) != 0) {
		p = p->next;
	}
	return p;
}

/* A new entry without a port.  Lock: boot_private_lock. */
static struct boot_private *
boot_private_create(const char *name)
{
	struct boot_private *p = calloc(1, sizeof(*p));

	if (p != NULL) {
		strncpy(p->name, name, BOOT_LIST_NAME_MAX);
		p->next = boot_private_all;
		boot_private_all = p;
	}
	return p;
}

kern_return_t
boot_private_offer(const char *name, mach_port_t port)
{
	struct boot_private *p;
	mach_port_t old = MACH_PORT_NULL;

	pthread_mutex_lock(&boot_private_lock);
	p = boot_private_find(name);
	if (p == NULL) {
		p = boot_private_create(name);
	}
	if (p != NULL) {
		old = p->port;
		p->port = port;
	}
	pthread_mutex_unlock(&boot_private_lock);
	if (old != MACH_PORT_NULL) {
		mach_port_deallocate(mach_task_self(), old);
	}
	return p != NULL ? KERN_SUCCESS : KERN_RESOURCE_SHORTAGE;
}

kern_return_t
boot_private_request(const char *name, mach_port_t *port)
{
	struct boot_private *p;
	kern_return_t kr = KERN_INVALID_NAME;

	pthread_mutex_lock(&boot_private_lock);
	p = boot_private_find(name);
	/* Fails on a dead name: its server is gone. */
	if (p != NULL && mach_port_mod_refs(mach_task_self(), p->port,
	    MACH_PORT_RIGHT_SEND, 1) == KERN_SUCCESS) {
		*port = p->port;
		kr = KERN_SUCCESS;
	}
	pthread_mutex_unlock(&boot_private_lock);
	return kr;
}
