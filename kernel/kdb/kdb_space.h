/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Name spaces: rights by their names, and who has a right of a port.
 */
#ifndef KERNEL_KDB_KDB_SPACE_H
#define KERNEL_KDB_KDB_SPACE_H

#include <stdbool.h>
#include <stdint.h>

#include <mach/port.h>

#include <kernel/kdb/kdb_list.h>

#include <ipc/ipc_entry.h>
#include <ipc/ipc_space.h>

struct kdb_request;
struct task;

/*
 * A walk through the names in use: a name and a copy of its entry.  Only one at
 * a time: the chunk that it is in is kept once.
 */
struct kdb_space_walk {
	struct ipc_space	space;		/* a copy */
	uint32_t		index;
	bool			tree;		/* the table is done */
	struct kdb_list_tree	nodes;
	uint64_t		after;		/* names of the tree grow */
	mach_port_name_t	name;
	struct ipc_entry	entry;
};

/* False: ADDRESS is no space. */
bool kdb_space_begin(struct kdb_space_walk *walk,
    const struct ipc_space *address);

/* False at the end; what is damaged is printed, and left out. */
bool kdb_space_next(struct kdb_space_walk *walk);

/* What NAME is in TASK's space; an error if that is nothing. */
const struct ipc_object *kdb_space_object(const struct task *task,
    mach_port_name_t name);

/* show space, show holders, show all ports */
void kdb_space_show(struct kdb_request *request);
void kdb_space_show_holders(struct kdb_request *request);
void kdb_space_show_ports(struct kdb_request *request);

#endif /* KERNEL_KDB_KDB_SPACE_H */
