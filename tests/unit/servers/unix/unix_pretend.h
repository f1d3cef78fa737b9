/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * The UNIX server's logic without Mach and without a file server: tasks are
 * numbers, the root is in memory, and calls come by pretend_call as they would
 * from the library.
 */
#ifndef TESTS_UNIT_SERVERS_UNIX_UNIX_PRETEND_H
#define TESTS_UNIT_SERVERS_UNIX_UNIX_PRETEND_H

#include <servers/unix/unix_call.h>
#include <servers/unix/unix_vfs.h>

/* What was done to tasks and threads. */
struct pretend_counts {
	int	stops;
	int	continues;
	int	kills;
	int	kicks;
	int	shared;		/* tasks that share memory */
	int	released;	/* objects of files' contents */
	int	last_nice;	/* that a task got */
	/* What every process has used: user, system. */
	uint64_t cpu_ns[2];
};

extern struct pretend_counts pretend;

/* What the debugger was told last. */
struct pretend_symbols {
	unsigned	calls;
	uint32_t	task;
	char		*data;		/* NULL: that there are none */
	uint32_t	size;
	int		answer;		/* to be given; 0: success */
};

extern struct pretend_symbols pretend_symbols;
extern uint32_t pretend_word;		/* of the tasks' memory */
extern bool pretend_shared;		/* is all of it shared? */
extern bool pretend_no_threads;		/* none for who would sleep */

/* A fresh world with process 1, which has a thread; the lock is taken. */
struct uthread *pretend_setup(void);

/* A child of T's process, with a thread, in its own or the same group. */
struct uthread *pretend_fork(struct uthread *t);

/* The call NUMBER with up to six arguments, pointers to the test's memory. */
int32_t pretend_call(struct uthread *t, int number, ...);

#define CALL(t, name, ...) \
	pretend_call(t, CALL_##name, ## __VA_ARGS__, 0, 0, 0, 0, 0, 0)

/* A terminal that keeps what it would show. */
struct pretend_tty {
	unsigned	input_ready;	/* how often it was said */
	struct tty	*tty;
	char		shown[65536];
	uint32_t	length;
	uint32_t	room;		/* what the driver takes at once */
};

void pretend_tty_setup(struct pretend_tty *p);
void pretend_type(struct pretend_tty *p, const char *text);
/* Is what was shown since the last time TEXT? */
bool pretend_shows(struct pretend_tty *p, const char *text);

/* Called while the lock is released for a task to be made for P; or NULL. */
extern void (*pretend_meanwhile)(struct process *p);

#endif /* TESTS_UNIT_SERVERS_UNIX_UNIX_PRETEND_H */
