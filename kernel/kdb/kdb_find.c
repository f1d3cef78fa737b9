/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

#include <kernel/kdb/kdb_find.h>

#include <stddef.h>
#include <string.h>

#include <kernel/kdb/kdb_argument.h>
#include <kernel/task.h>
#include <kernel/thread.h>

#define KDB_FIND_THREADS	1000u	/* of a task: lists may be damaged */

struct kdb_find {
	const char	*name;		/* LENGTH bytes, or */
	size_t		length;
	uintptr_t	address;	/* of a task, its map or a thread */
	struct task	*task;		/* that was found */
	struct thread	*thread;
};

static void
kdb_find_match(struct task *task, void *arg)
{
	struct kdb_find *find = arg;

	if (find->task != NULL) {
		return;
	}
	if ((uintptr_t)task == find->address ||
	    (uintptr_t)task->map == find->address ||
	    (find->length > 0 &&
	    strncmp(task->name, find->name, find->length) == 0 &&
	    task->name[find->length] == '\0')) {
		find->task = task;
	}
}

static void
kdb_find_match_thread(struct task *task, void *arg)
{
	struct kdb_find *find = arg;
	unsigned left = KDB_FIND_THREADS;
	struct thread *thread;

	list_for_each_entry(&task->threads, thread, task_link) {
		if (left-- == 0) {
			break;
		}
		if ((uintptr_t)thread == find->address) {
			find->thread = thread;
		}
	}
}

struct task *
kdb_find_task(const char **textp)
{
	struct kdb_find find = { .name = *textp };
	const char *rest = *textp;

	while (find.name[find.length] != '\0' &&
	    find.name[find.length] != ' ') {
		find.length++;
	}
	*textp += find.length;
	if (!kdb_argument_number(&rest, &find.address)) {
		find.address = 0;
	}
	task_debug_each(kdb_find_match, &find);
	return find.task;
}

bool
kdb_find_is_task(const struct task *task)
{
	struct kdb_find find = { .address = (uintptr_t)task };

	task_debug_each(kdb_find_match, &find);
	return find.task == task && task != NULL;
}

bool
kdb_find_is_thread(const struct thread *thread)
{
	struct kdb_find find = { .address = (uintptr_t)thread };

	task_debug_each(kdb_find_match_thread, &find);
	return find.thread != NULL;
}
