/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * The life of each server.  States are in README.
 */
#ifndef SERVERS_BOOTSTRAP_BOOT_SERVER_H
#define SERVERS_BOOTSTRAP_BOOT_SERVER_H

#include <servers/bootstrap/boot_list.h>
#include <servers/lib/object.h>

enum boot_state {
	BOOT_IDLE,
	BOOT_STARTING,
	BOOT_READY,
	BOOT_DEAD,
	BOOT_DONE,
};

/* [I] fixed after the list was read  [s] boot_server_lock */
struct boot_server {
	struct object		object;		/* [I] its bootstrap port */
	struct boot_server	*next;		/* [I] in start order */
	struct boot_server	*previous;	/* [I] */
	struct boot_entry	entry;		/* [I] */
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

/* The server whose task is TASK, or NULL. */
struct boot_server *boot_server_of_task(mach_port_t task);

/* End the task of the server NAME. */
kern_return_t boot_server_kill(const char *name);

/* Stop all in reverse order and end the system. */
kern_return_t boot_server_shutdown(int how);

/* The states as text; malloc'd, NULL without memory. */
char *boot_server_list(void);

#endif /* SERVERS_BOOTSTRAP_BOOT_SERVER_H */
