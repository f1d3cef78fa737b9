/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * The names behind device_open: which driver serves what.
 */
#include <servers/device/device.h>

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include <mig/mach_port_user.h>

#include <mig/mach_port_user.h>

#define NAMES_MAX	64	/* drivers are few; a wild one is bounded */

struct name {
	struct name	*next;
	mach_port_t	driver;		/* owns a send right */
	char		name[sizeof(bus_name_t)];
};

static pthread_mutex_t names_lock = PTHREAD_MUTEX_INITIALIZER;
static struct name *names;		/* under names_lock, as is the count */
static unsigned names_count;

/* Lock: names_lock.  The link that points to NAME, or to the end. */
static struct name **
names_find(const char *name)
{
	struct name **link = &names;

	while (*link != NULL && strcmp((*link)->name, name) != 0) {
		link = &(*link)->next;
	}
	return link;
}

static void
names_driver_died(mach_port_t driver, void *argument)
{
	struct name **link = &names;
	struct name *entry;

	pthread_mutex_lock(&names_lock);
	while ((entry = *link) != NULL) {
		if (entry->driver != driver) {
			link = &entry->next;
			continue;
		}
		*link = entry->next;
		names_count--;
		mach_port_deallocate(mach_task_self(), entry->driver);
		free(entry);
	}
	pthread_mutex_unlock(&names_lock);
}

kern_return_t
names_publish(const char *name, mach_port_t driver)
{
	struct name *entry;
	struct name **link;
	mach_port_t old = MACH_PORT_NULL;
	kern_return_t kr = KERN_SUCCESS;

	if (name[0] == '\0') {
		return KERN_INVALID_NAME;
	}
	pthread_mutex_lock(&names_lock);
	link = names_find(name);
	if (*link != NULL) {
		old = (*link)->driver;
		(*link)->driver = driver;
	} else {
		entry = names_count < NAMES_MAX ? calloc(1, sizeof(*entry))
		    : NULL;
		if (entry != NULL) {
			strncpy(entry->name, name, sizeof(entry->name) - 1);
			entry->driver = driver;
			*link = entry;
			names_count++;
		} else {
			kr = KERN_RESOURCE_SHORTAGE;
		}
	}
	pthread_mutex_unlock(&names_lock);
	if (old != MACH_PORT_NULL) {
		mach_port_deallocate(mach_task_self(), old);
	}
	if (kr == KERN_SUCCESS) {
		/* One watch serves all names of a driver. */
		(void)server_watch_death(driver, names_driver_died, NULL);
	}
	return kr;
}

mach_port_t
names_lookup(const char *name)
{
	mach_port_t driver = MACH_PORT_NULL;
	struct name *entry;

	pthread_mutex_lock(&names_lock);
	entry = *names_find(name);
	if (entry != NULL && mach_port_mod_refs(mach_task_self(),
	    entry->driver, MACH_PORT_RIGHT_SEND, 1) == KERN_SUCCESS) {
		driver = entry->driver;
	}
	pthread_mutex_unlock(&names_lock);
	return driver;
}
