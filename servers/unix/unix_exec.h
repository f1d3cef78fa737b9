/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * execve.
 */
#ifndef SERVERS_UNIX_UNIX_EXEC_H
#define SERVERS_UNIX_UNIX_EXEC_H

#include <servers/lib/mach.h>
#include <servers/unix/unix.h>

struct exec_request {
	int		dirfd;
	uint32_t	flags;		/* L_AT_* */
	const char	*path;
	char		*strings;	/* arguments, then environment */
	uint32_t	size;
	uint32_t	argc;
	uint32_t	envc;
};

/*
 * Load a program into T's process.  0: it runs (or the process ended), and T
 * must not be answered.  A negative errno: the old program goes on.
 */
int32_t exec_program(struct uthread *t, struct exec_request *request);

/*
 * The program at PATH, a file of at most MAX bytes that P may execute, in fresh
 * memory of ours.  A negative errno otherwise.
 */
int32_t exec_read_program(struct process *p, const char *path, uint32_t max,
    vm_offset_t *data, uint32_t *size);

#endif /* SERVERS_UNIX_UNIX_EXEC_H */
