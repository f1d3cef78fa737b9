/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * The texts of /proc: unix_proc_process.c has those of processes and threads,
 * unix_proc_system.c those of the whole system.
 */
#ifndef SERVERS_UNIX_UNIX_PROC_TEXT_H
#define SERVERS_UNIX_UNIX_PROC_TEXT_H

#include <servers/unix/unix_proc.h>

/* What a node is.  Kinds from PROC_PID on are of a process. */
enum proc_kind {
	PROC_ROOT,
	PROC_SELF,
	PROC_MOUNTS,
	PROC_UPTIME,
	PROC_MEMINFO,
	PROC_STAT,
	PROC_CMDLINE,
	PROC_VERSION,
	PROC_LOADAVG,
	PROC_CPUINFO,
	PROC_SERVERS,
	PROC_FILESYSTEMS,
	PROC_DEVICES,
	PROC_PARTITIONS,
	PROC_SWAPS,
	PROC_VMSTAT,
	PROC_VMTREE,
	PROC_VMTREE_TASK,	/* whose name is the node's data */
	PROC_DISKSTATS,
	PROC_SYS,
	PROC_SYS_KERNEL,
	PROC_HOSTNAME,
	PROC_OSTYPE,
	PROC_OSRELEASE,
	PROC_PID_MAX,
	PROC_NGROUPS_MAX,
	PROC_SYS_VERSION,
	PROC_PID,
	PROC_P_STAT,
	PROC_P_STATUS,
	PROC_P_CMDLINE,
	PROC_P_COMM,
	PROC_P_STATM,
	PROC_P_EXE,
	PROC_P_CWD,
	PROC_P_ROOT,
	PROC_P_FD,
	PROC_P_FD_LINK,
	PROC_P_ENVIRON,
	PROC_P_MAPS,
	PROC_P_MOUNTS,
	PROC_P_MOUNTINFO,
	PROC_P_LIMITS,
	PROC_P_VMTREE,
	PROC_P_TASK,
	/* Of a thread of it, whose number is the node's rdev. */
	PROC_TID,
	PROC_T_STAT,
	PROC_T_STATUS,
	PROC_T_COMM
};

void proc_append(struct proc_text *text, const char *data, uint32_t n);

/*
 * The text of KIND, of process P and its thread TID.  May release the lock
 * meanwhile; P is referenced.
 */
void proc_process_text(
    int kind, struct process *p, int tid, struct proc_text *text);

/* 'R', 'S', 'D', 'T' or 'Z'. */
char proc_process_state(struct process *p);

/* The text of KIND, and what writing LENGTH bytes of TEXT to it does. */
void proc_system_text(int kind, struct proc_text *text);
int32_t proc_system_set(
    int kind, struct process *p, const char *text, uint32_t length);

void proc_mounts_text(struct proc_text *text);
void proc_mountinfo_text(struct proc_text *text);

/* What descriptor F of P leads to, as far as it has a name. */
void proc_file_name(
    struct process *p, struct file *f, char *buf, uint32_t size);

#endif /* SERVERS_UNIX_UNIX_PROC_TEXT_H */
