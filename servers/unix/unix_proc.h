/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * What /proc shows of the machine; unix_task.c and unix_machine.c ask Mach for
 * it.
 */
#ifndef SERVERS_UNIX_UNIX_PROC_H
#define SERVERS_UNIX_UNIX_PROC_H

#include <servers/unix/unix_vfs.h>

struct proc_usage {
	uint64_t	user_ns;
	uint64_t	system_ns;
	uint32_t	virtual_bytes;
	uint32_t	resident_bytes;
};

struct proc_memory {
	uint64_t	total;
	uint64_t	free;
	uint64_t	active;
	uint64_t	inactive;
};

extern struct linux_utsname proc_uname;
extern const char *proc_kernel_arguments;

void proc_machine_usage(struct process *p, struct proc_usage *usage);
void proc_machine_thread_usage(struct uthread *t, struct proc_usage *usage);
void proc_machine_memory(struct proc_memory *memory);

/* What all processors are like, and how many there are. */
struct proc_processor {
	unsigned	count;
	unsigned	family;
	unsigned	model;
	unsigned	stepping;
	char		vendor[13];
	char		brand[49];
};

void proc_machine_processor(struct proc_processor *processor);

/* Threads that wanted to run, over 5, 30 and 60 seconds; false: unknown. */
bool proc_machine_load(unsigned thousandths[3]);

/* Both release unix_lock meanwhile. */

/* The servers, a line each; malloc'd, NULL when bootstrap does not say. */
char *proc_machine_servers(void);

/* End the server NAME, which bootstrap starts again; -L_E... */
int32_t proc_machine_kill_server(const char *name);

#endif /* SERVERS_UNIX_UNIX_PROC_H */
