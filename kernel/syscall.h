/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Kernel traps by number, and traps that a task handles itself.
 *
 * A trap's number is negative; its arguments are above the return address on
 * the user's stack.  The machine's entry code looks the number up, copies the
 * arguments, calls the function and makes its result the trap's.
 *
 * Redirection (task_set_emulation): a task may name a trap number, negative or
 * not, and an address.  Such a trap, and int $0x80 likewise, goes there
 * in the same task instead of into the kernel.
 */

#ifndef KERNEL_SYSCALL_H
#define KERNEL_SYSCALL_H

#include <stdbool.h>
#include <stdint.h>

#include <mach/kern_return.h>
#include <machine/types.h>

struct task;

/* No trap has more arguments. */
#define SYSCALL_ARGS_MAX	11

/* Read by assembler code: 8 bytes. */
struct syscall_entry {
	void		(*fn)(void);	/* TRAP_FUNCTION of ARGS words */
	uint32_t	args;
};

/* Entry N is for trap -N; those without a function of their own answer
 * KERN_INVALID_ARGUMENT. */
extern struct syscall_entry	syscall_table[];	/* [a] fn */
extern const uint32_t		syscall_count;

/*
 * From now on traps are logged (kernel/kdb/kdb_log.h), or not.  For the debugger,
 * while nothing else runs.
 */
void syscall_trace_set(bool on);

/* What the function for trap -NUMBER is called. */
const char *syscall_name(unsigned number);

/* Trap numbers that can be redirected. */
#define SYSCALL_EMULATION_FIRST	(-128)
#define SYSCALL_EMULATION_LAST	511
#define SYSCALL_EMULATION_COUNT \
	(SYSCALL_EMULATION_LAST - SYSCALL_EMULATION_FIRST + 1)

/* What calls about redirection answer to a port that is no task. */
#define SYSCALL_EMULATION_BAD_TASK	((kern_return_t)0x8001)

/*
 * [a] each element.  Made with the first redirection and kept until the task
 * is freed, so that a trap may look without a lock.
 */
struct task_emulation {
	user_addr_t	entry[SYSCALL_EMULATION_COUNT];	/* [a] 0: none */
};

/* Where TASK, the current one, handles trap NUMBER; 0 if the kernel does. */
user_addr_t syscall_emulation_lookup(struct task *task, int number);

/*
 * Redirect trap NUMBER of TASK to ENTRY, or with 0 no longer.
 *
 * Returns: KERN_INVALID_ARGUMENT, KERN_RESOURCE_SHORTAGE.
 */
kern_return_t syscall_emulation_set(
    struct task *task, int number, user_addr_t entry);

/* Give the new task CHILD the redirections of PARENT. */
kern_return_t syscall_emulation_inherit(
    struct task *child, struct task *parent);

/* TASK is being freed. */
void syscall_emulation_free(struct task *task);

#endif /* KERNEL_SYSCALL_H */
