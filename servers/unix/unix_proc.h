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
	uint32_t	faults;
	uint32_t	pageins;
};

struct proc_thread {
	uint64_t	user_ns;
	uint64_t	system_ns;
	char		state;		/* R, S, D, T */
};

struct proc_memory {
	uint64_t	total;
	uint64_t	free;
	uint64_t	active;
	uint64_t	inactive;
	uint64_t	wired;
	uint64_t	cached;		/* of files that nobody maps */
	uint64_t	slab;
	uint32_t	page_bytes;	/* of the pages counted here: */
	uint32_t	pageins;
	uint32_t	pageouts;
	uint32_t	swapins;	/* of them, by the default pager */
	uint32_t	swapouts;
	uint32_t	faults;
	uint32_t	zero_fills;
	uint32_t	cow_faults;
	uint32_t	reactivations;
	uint32_t	lookups;	/* of memory objects that were */
	uint32_t	hits;		/* not in use, and how many were cached */
};

/* What a processor did, in ticks of 10 ms. */
struct proc_cpu {
	uint64_t	user;
	uint64_t	system;
	uint64_t	idle;
	uint64_t	switches;
	uint64_t	interrupts;
};

#define PROC_DISKS	12

struct proc_disk {
	char		name[8];
	unsigned	major;
	unsigned	minor;
	uint64_t	bytes;
};

/* A part of a process' address space. */
struct proc_region {
	uint32_t	start;
	uint32_t	end;
	bool		readable;
	bool		writable;
	bool		executable;
	bool		shared;
	uint32_t	offset;
	uint32_t	dev;
	uint64_t	ino;
	char		path[FILE_PATH_MAX];	/* of a file, else "" */
};

/* A growing text. */
struct proc_text {
	char		*data;
	uint32_t	size;
	uint32_t	room;
	bool		failed;		/* no memory */
	struct process	*by;		/* for whom it is made */
};

void proc_print(struct proc_text *text, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

extern struct linux_utsname proc_uname;

void proc_machine_usage(struct process *p, struct proc_usage *usage);
void proc_machine_thread_usage(struct uthread *t, struct proc_usage *usage);
bool proc_machine_thread(struct uthread *t, struct proc_thread *thread);
void proc_machine_memory(struct proc_memory *memory);

#define PROC_SWAPS_MAX	16u

/* A file that the default pager pages into: bytes. */
struct proc_swap {
	char		name[256];
	uint64_t	size;
	uint64_t	used;
};

/*
 * The paging files, at most PROC_SWAPS_MAX of them; their number, 0 if there is
 * no default pager.  The lock is released meanwhile.
 */
unsigned proc_machine_swaps(struct proc_swap *swaps);
/* All their bytes, and how many of those are free. */
void proc_machine_paging(uint64_t *total, uint64_t *unused);
/*
 * Page into the file of HANDLE, or, not ADD, no more, which may take long: a
 * signal for T, who asks, ends it, and what has not been moved is still in the
 * file.  The lock is released meanwhile.
 */
int32_t proc_machine_swap(struct uthread *t, uint32_t handle,
    const char *name, bool add);

/*
 * Memory of P, for BY; false: it has none there.  The lock is released
 * meanwhile.
 */
bool proc_machine_read(struct process *by, struct process *p, uint32_t address,
    void *to, uint32_t n);
uint32_t proc_machine_heap_end(struct process *by, struct process *p);

/* Of processor NUMBER; false: there is none. */
bool proc_machine_cpu(unsigned number, struct proc_cpu *cpu);
/* The kernel's command line, malloc'd. */
char *proc_machine_arguments(void);

/* What all processors are like, and how many there are. */
struct proc_processor {
	unsigned	count;
	unsigned	family;
	unsigned	model;
	unsigned	stepping;
	uint32_t	features;	/* CPUID 1, %edx */
	char		vendor[13];
	char		brand[49];
};

void proc_machine_processor(struct proc_processor *processor);

/* Threads that wanted to run, over 5, 30 and 60 seconds; false: unknown. */
bool proc_machine_load(unsigned thousandths[3]);

/* The name of task NUMBER, of all tasks of Mach; -L_ENOENT: there are fewer. */
int32_t proc_machine_task_name(unsigned number, char *name, uint32_t size);

/* All of these release unix_lock meanwhile. */

/*
 * Address space, objects and what each shadows, as a text tree: of P, or of
 * the first task of Mach that has this NAME.
 */
void proc_machine_vmtree(struct process *p, struct proc_text *text);
void proc_machine_vmtree_named(const char *name, struct proc_text *text);

/* The region of P at ADDRESS or next behind it; false: there is none. */
bool proc_machine_region(
    struct process *p, uint32_t address, struct proc_region *region);

/* The disk NUMBER, below PROC_DISKS; false: there is none. */
bool proc_machine_disk(unsigned number, struct proc_disk *disk);

/*
 * The log of the kernel and the servers: up to SIZE bytes from position FROM
 * on, or from the oldest that is kept; their number.  *NEXTP is the position
 * behind them.  -L_ENOSYS: cannot be had.
 */
int32_t proc_machine_log(
    uint32_t from, char *buf, uint32_t size, uint32_t *nextp);
#define PROC_LOG_MAX	16384	/* what the kernel keeps */

/* Where the log ends, and how many bytes before that are kept. */
int32_t proc_machine_log_end(uint32_t *endp, uint32_t *keptp);

/* The servers, a line each; malloc'd, NULL when bootstrap does not say. */
char *proc_machine_servers(void);

/* End the server NAME, which bootstrap starts again; -L_E... */
int32_t proc_machine_kill_server(const char *name);

/* Start the program at PATH, as P sees it, as the server NAME; -L_E... */
int32_t proc_machine_start_server(
    struct process *p, const char *name, const char *path);

/* End the server NAME, one that was started like this, for good; -L_E... */
int32_t proc_machine_stop_server(const char *name);

#endif /* SERVERS_UNIX_UNIX_PROC_H */
