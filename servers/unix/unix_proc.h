/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * What /proc shows of the machine; unix_task.c asks Mach for it.
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
void proc_machine_memory(struct proc_memory *memory);

#endif /* SERVERS_UNIX_UNIX_PROC_H */
