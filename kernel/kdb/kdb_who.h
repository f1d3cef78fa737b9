/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Tasks and threads as they are typed and printed.  A task is its name, its
 * address or that of its map or space, or its number in `show all tasks'; a
 * thread its address, or TASK.N with its number in the task.  An address counts
 * if the lists of tasks and threads lead to it.
 */
#ifndef KERNEL_KDB_KDB_WHO_H
#define KERNEL_KDB_KDB_WHO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <kernel/kdb/kdb_list.h>

struct ipc_space;
struct kdb_request;
struct task;
struct thread;

#define KDB_WHO_TEXT	48u

/* All tasks, from a struct kdb_list of task_debug_list(); NULL: no more. */
const struct task *kdb_who_next_task(struct kdb_list *walk);

/* The threads of TASK, likewise. */
void kdb_who_threads(struct kdb_list *walk, const struct task *task);
const struct thread *kdb_who_next_thread(struct kdb_list *walk);

/*
 * What the next argument means, which is behind us then; an error if it is
 * nothing of the kind.
 */
const struct task *kdb_who_task(struct kdb_request *request);
const struct thread *kdb_who_thread(struct kdb_request *request);

/* A thread, or the value of an expression, which need be none. */
uintptr_t kdb_who_thread_or_address(struct kdb_request *request);

/*
 * Do the arguments, which stay, begin with a task?  With a task's number only if
 * there are more.
 */
bool kdb_who_begins(const struct kdb_request *request);

/*
 * The task that the word means that *TEXTP begins with, NULL: none.  *TEXTP moves
 * behind the word.
 */
struct task *kdb_who_find(const char **textp);

/* The task with that space, or NULL. */
const struct task *kdb_who_has_space(const struct ipc_space *space);

/* Is it on the list of tasks, or of a task's threads? */
bool kdb_who_is_task(const struct task *task);
bool kdb_who_is_thread(const struct thread *thread);

/* Names: "file", "file.2"; an address where there is no such thing. */
void kdb_who_task_text(const struct task *task, char *text, size_t size);
void kdb_who_thread_text(const struct thread *thread, char *text, size_t size);
void kdb_who_print_task(const struct task *task);
void kdb_who_print_thread(const struct thread *thread);

/*
 * Before it is said that there is no such task or thread: print a line if the list of
 * all tasks is damaged, and with it who is sought may be lost.
 */
void kdb_who_say_damage(void);

/* The string at ADDRESS, cut to SIZE; "?" if it cannot be read. */
void kdb_who_string(const char *address, char *text, size_t size);

#endif /* KERNEL_KDB_KDB_WHO_H */
