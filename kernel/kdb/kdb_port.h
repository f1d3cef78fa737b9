/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Ports, port sets, and who waits there.
 */
#ifndef KERNEL_KDB_KDB_PORT_H
#define KERNEL_KDB_KDB_PORT_H

#include <stdbool.h>
#include <stdint.h>

#include <ipc/ipc_mqueue_i.h>
#include <ipc/ipc_port.h>

struct kdb_request;
struct kdb_tree;

/* Copy the port at ADDRESS; false: there is none. */
bool kdb_port_read(const struct ipc_port *address, struct ipc_port *port);

/* Print which port that is, and whose: "port 0xc1234560 of file 1c". */
void kdb_port_print(const struct ipc_port *address);

/* The same of a port or a set. */
void kdb_port_print_object(const struct ipc_object *address);

/*
 * The ring of a queue's waiters.  Each is copied to `waiter'; false: no more,
 * or the ring is damaged, which is printed.
 */
struct kdb_port_ring {
	const struct ipc_waiter	*first;
	const struct ipc_waiter	*prev;
	const struct ipc_waiter	*at;
	struct ipc_waiter	waiter;
};
void kdb_port_ring_begin(struct kdb_port_ring *ring,
    const struct ipc_waiter *first);
bool kdb_port_ring_next(struct kdb_port_ring *ring);

/* show port, show pset */
void kdb_port_show(struct kdb_request *request);
void kdb_port_show_set(struct kdb_request *request);

#endif /* KERNEL_KDB_KDB_PORT_H */
