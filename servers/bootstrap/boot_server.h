/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * The life of each server.  States are in README.
 */
#ifndef SERVERS_BOOTSTRAP_BOOT_SERVER_H
#define SERVERS_BOOTSTRAP_BOOT_SERVER_H

#include <servers/bootstrap/boot_archive.h>
#include <servers/bootstrap/boot_list.h>
#include <servers/lib/object.h>

enum boot_state {
	BOOT_IDLE,
	BOOT_STARTING,
	BOOT_READY,
	BOOT_DEAD,
	BOOT_DONE,
};

/*
 * One of the list, which is there for ever, or an extra one, which
 * bootstrap_start made.  Whoever uses an extra one without boot_server_lock
 * has a reference to its object; boot_server_main alone takes it out of the
 * list, once it is unwanted and has no task.
 *
 * [I] fixed before it is in the list  [s] boot_server_lock
 */
struct boot_server {
	struct object		object;		/* [I] its bootstrap port */
	struct boot_server	*next;		/* [s] in start order */
	struct boot_server	*previous;	/* [s] */
	struct boot_entry	entry;		/* [I] */
	bool			extra;		/* [I] not of the list */
	struct boot_image	image;		/* [I] an extra one's own */
	bool			unwanted;	/* [s] goes when its task has */
	bool			removed;	/* [s] not in the list any more */
	enum boot_state		state;		/* [s] */
	mach_port_t		task;		/* [s] or null */
	mach_port_t		service;	/* [s] or null */
	mach_port_t		control;	/* [s] or null */
	bool			unannounced;	/* [s] READY, name not entered */
	unsigned		starts;		/* [s] */
	uint64_t		started;	/* [s] milliseconds */
	uint64_t		restart_at;	/* [s] when DEAD */
	unsigned		delay;		/* [s] the next pause */
};

extern const struct object_class boot_server_class;

/* Ports that this task was started with. */
extern mach_port_t boot_host_priv;
extern mach_port_t boot_device_master;

/* Read the list; objects for all servers. */
void boot_server_setup(const char *list, mach_port_t exception);

/* Start all in order, then those that die, for ever.  Its own thread. */
void boot_server_main(void *argument);

/* SERVER says that it works.  Takes over both rights, which may be null. */
kern_return_t boot_server_ready(struct boot_server *server,
    mach_port_t service, mach_port_t control);

/* SERVER says that it has nothing to do. */
void boot_server_done(struct boot_server *server, const char *reason);

/* The name of the server whose task is TASK; false: there is none. */
bool boot_server_of_task(mach_port_t task, char name[BOOT_LIST_NAME_MAX + 1]);

/* End the task of the server NAME. */
kern_return_t boot_server_kill(const char *name);

/*
 * Let the extra server S, whose object is live, be started.  It belongs to the
 * list from then on.  KERN_NAME_EXISTS, KERN_RESOURCE_SHORTAGE (too many, or
 * the system ends): it is still the caller's.
 */
kern_return_t boot_server_insert(struct boot_server *s);

/*
 * Stop the extra server NAME and forget it.  Returns when that is done, as
 * bootstrap_stop.
 */
kern_return_t boot_server_remove(const char *name);

/* Stop all in reverse order and end the system. */
kern_return_t boot_server_shutdown(int how);

/* The states as text; malloc'd, NULL without memory. */
char *boot_server_list(void);

#endif /* SERVERS_BOOTSTRAP_BOOT_SERVER_H */
