/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * The name server's port in the first of each task's registered ports, where
 * programs that talk to servers find it.  Tasks inherit it from the template
 * and from each other; when the name server dies and is back, bootstrap tells
 * us, and we all processes.
 */
#include <servers/unix/unix_task.h>

#include <servers/lib/log.h>
#include <servers/lib/lookup.h>
#include <servers/lib/server.h>

#include <mig/mach_port_user.h>
#include <mig/mach_user.h>

#define NAMES_TIMEOUT	60000		/* for the name server to be back */
#define NAMES_SLOTS	4		/* registered ports of a task */

static void names_watch(void);

/* Put NAMES in the place of a name server that died. */
static void
names_register(mach_port_t task, mach_port_t names)
{
	mach_port_t ports[NAMES_SLOTS] = { MACH_PORT_NULL };
	mach_port_array_t old = NULL;
	mach_msg_type_number_t n = 0;

	if (mach_ports_lookup(task, &old, &n) != KERN_SUCCESS) {
		return;
	}
	for (unsigned i = 0; i < n && i < NAMES_SLOTS; i++) {
		ports[i] = MACH_PORT_VALID(old[i]) ? old[i] : MACH_PORT_NULL;
	}
	/* A program may have put something else there: that stays. */
	if (ports[0] == MACH_PORT_NULL) {
		mach_port_mod_refs(mach_task_self(), names,
		    MACH_PORT_RIGHT_SEND, 1);
		ports[0] = names;
		mach_ports_register(task, ports, NAMES_SLOTS);
	}
	for (unsigned i = 0; i < NAMES_SLOTS; i++) {
		if (ports[i] != MACH_PORT_NULL) {
			mach_port_deallocate(mach_task_self(), ports[i]);
		}
	}
	vm_deallocate(mach_task_self(), (vm_address_t)old,
	    n * sizeof(old[0]));
}

static void
names_died(mach_port_t names, void *argument)
{
	mach_port_deallocate(mach_task_self(), names);
	names_watch();
}

/* Give the name server, when it is there, to who has none; await its death. */
static void
names_watch(void)
{
	mach_port_t names;
	struct process *p;

	if (lookup_port("name", NAMES_TIMEOUT, &names) != KERN_SUCCESS) {
		log_error("no name server for programs");
		return;
	}
	unix_lock();
	names_register(task_template, names);
	list_for_each(&process_table, p, table) {
		if (p->task != MACH_PORT_NULL) {
			names_register(p->task, names);
		}
	}
	unix_unlock();
	if (server_watch_death(names, names_died, NULL) != KERN_SUCCESS) {
		names_died(names, NULL);
	}
}

void
names_main(void *argument)
{
	names_watch();
}
