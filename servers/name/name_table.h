/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * The table of names.  A port here is only a number: rights are the business
 * of name_rpc.c.  Locks: all of it under the caller's lock.
 */
#ifndef SERVERS_NAME_NAME_TABLE_H
#define SERVERS_NAME_NAME_TABLE_H

#include <mach/kern_return.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define NAME_TABLE_BUCKETS	128
#define NAME_CLIENT_MAX		512

struct name_entry {
	struct name_entry	*next;
	uint32_t		port;		/* 0: reserved only */
	bool			system;		/* entered by bootstrap */
	char			name[64];
};

struct name_table {
	struct name_entry	*buckets[NAME_TABLE_BUCKETS];
	unsigned		clients;	/* entries that are not system */
};

/* Is NAME one that may stand in the table? */
bool name_valid(const char *name);

struct name_entry *name_table_lookup(struct name_table *table,
    const char *name);

/*
 * Enter NAME for PORT.  A system name replaces whatever there is; *OLD is the
 * port that was there, or 0.
 *
 * Returns: KERN_INVALID_ARGUMENT (bad name), KERN_NAME_EXISTS,
 * KERN_RESOURCE_SHORTAGE.
 */
kern_return_t name_table_set(struct name_table *table, const char *name,
    uint32_t port, bool system, uint32_t *old);

/* Free a client's NAME that stands for PORT. */
kern_return_t name_table_remove(struct name_table *table, const char *name,
    uint32_t port);

/* Free the system's NAME; *OLD is the port that was there, or 0. */
kern_return_t name_table_release(
    struct name_table *table, const char *name, uint32_t *old);

/* PORT died: one name less of those that stand for it; false when none is. */
bool name_table_forget(struct name_table *table, uint32_t port);

/* How many names stand for PORT. */
unsigned name_table_count(const struct name_table *table, uint32_t port);

/* All names that have a port, zero-terminated each; the bytes it needs. */
size_t name_table_list(const struct name_table *table, char *to, size_t room);

#endif /* SERVERS_NAME_NAME_TABLE_H */
