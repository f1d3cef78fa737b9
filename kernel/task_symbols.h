/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

#ifndef KERNEL_TASK_SYMBOLS_H
#define KERNEL_TASK_SYMBOLS_H

/*
 * The debugger's tables of tasks' programs, in kernel memory: what a privileged
 * user hands over, or the boot loader's modules have.  A task that inherits
 * memory inherits them.
 *
 * Tables are constant.  A task's pointer to them is changed under its lock, and
 * they are freed only after no task has them; so the debugger, during which no
 * other processor runs, always finds whole ones.
 */

#include <stddef.h>
#include <stdint.h>

#include <mach/kern_return.h>

struct kdb_elf;
struct kdb_symtab;
struct task;

/*
 * As much as one program may have, and all of them: also a part of memory, of
 * which 32 MiB are to do for the tables of all servers (1.2 MiB), and nothing on
 * machines that have little (boot_tables_kept()).
 */
#define TASK_SYMBOLS_MAX	(2u << 20)
#define TASK_SYMBOLS_TOTAL	(16u << 20)
#define TASK_SYMBOLS_PART	16u

/*
 * Make what is at DATA the tables of TASK, in place of those it has: SIZE bytes
 * that are either such tables or an ELF file, whose symbols are taken.  The
 * program is BIAS from where it was linked.  With SIZE 0 it has none any more.
 *
 * Locks:   takes the task's.
 * Blocks:  may, for memory.
 * Returns: KERN_INVALID_ARGUMENT when it is neither; KERN_NO_SPACE when it or
 *          all of them are too large; KERN_RESOURCE_SHORTAGE.
 */
kern_return_t task_symbols_set(struct task *task, const void *data,
    size_t size, uint32_t bias);

/* The same with the symbols of ELF, which is read as it goes. */
kern_return_t task_symbols_set_elf(struct task *task,
    const struct kdb_elf *elf, uint32_t bias);

/* The tables of PARENT become those of the new TASK, too. */
void task_symbols_inherit(struct task *task, struct task *parent);

/* TASK ends, or changes its program. */
void task_symbols_drop(struct task *task);

/* Bytes of all tables. */
uint32_t task_symbols_total(void);

/* For the debugger: takes no lock. */
const struct kdb_symtab *task_symbols_debug(const struct task *task);

#endif /* KERNEL_TASK_SYMBOLS_H */
