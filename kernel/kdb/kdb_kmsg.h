/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Messages that are queued, or that somebody is blocked with.
 */
#ifndef KERNEL_KDB_KDB_KMSG_H
#define KERNEL_KDB_KDB_KMSG_H

#include <stdbool.h>

#include <ipc/ipc_kmsg.h>

struct kdb_request;
struct kdb_tree;

/* Copy the buffer's head and the message's; false: there is none. */
bool kdb_kmsg_read(const struct ipc_kmsg *address, struct ipc_kmsg *kmsg);

/* Print what is known of the message in some words. */
void kdb_kmsg_print(const struct ipc_kmsg *address);

/* How many QUEUE, a copy, says to have. */
unsigned kdb_kmsg_count(const struct ipc_kmsg_queue *queue);

/*
 * The messages of a queue, the oldest first: NULL at the end.  That the queue is
 * damaged is printed.
 */
struct kdb_kmsg_walk {
	const struct ipc_kmsg	*last;
	const struct ipc_kmsg	*at;
	unsigned		left;
};
void kdb_kmsg_begin(struct kdb_kmsg_walk *walk,
    const struct ipc_kmsg_queue *queue);
const struct ipc_kmsg *kdb_kmsg_next(struct kdb_kmsg_walk *walk);

void kdb_kmsg_draw_queue(struct kdb_tree *tree,
    const struct ipc_kmsg_queue *queue);

/* show message, show kmsg */
void kdb_kmsg_show(struct kdb_request *request);

#endif /* KERNEL_KDB_KDB_KMSG_H */
