/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * The start list.  Text that we wrote ourselves, but a mistake in it must be
 * reported by line and cost no other line.
 */
#ifndef SERVERS_BOOTSTRAP_BOOT_LIST_H
#define SERVERS_BOOTSTRAP_BOOT_LIST_H

#include <stdbool.h>
#include <stddef.h>

#define BOOT_LIST_ARGS_MAX	8
#define BOOT_LIST_NAME_MAX	31
#define BOOT_LIST_USES_MAX	4
#define BOOT_LIST_TIMEOUT	20	/* seconds */

struct boot_entry {
	char		name[BOOT_LIST_NAME_MAX + 1];
	char		image[BOOT_LIST_NAME_MAX + 1];
	bool		privileged;
	bool		shutdown;
	bool		wired;
	unsigned	wired_min;	/* MiB of memory, with less: not */
	bool		essential;
	unsigned	timeout;	/* seconds */
	char		offers[BOOT_LIST_NAME_MAX + 1];	/* or empty */
	char		uses[BOOT_LIST_USES_MAX][BOOT_LIST_NAME_MAX + 1];
	unsigned	argc;		/* without the program's name */
	char		*argv[BOOT_LIST_ARGS_MAX];
};

/*
 * The next entry of the list at *TEXT, which moves on behind it.  False at the
 * end.  Lines that are wrong are skipped after REPORT(line number, why).  The
 * arguments are malloc'd.
 */
bool boot_list_next(const char **text, unsigned *line,
    struct boot_entry *entry,
    void (*report)(unsigned line, const char *why));

/* Whether the entry says that it uses the private port NAME. */
bool boot_list_uses(const struct boot_entry *entry, const char *name);

#endif /* SERVERS_BOOTSTRAP_BOOT_LIST_H */
