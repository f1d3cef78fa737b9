/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

#ifndef KERNEL_KDB_KDB_BODY_H
#define KERNEL_KDB_KDB_BODY_H

struct ipc_kmsg;
struct kdb_tree;

/*
 * Draw the items of the message at ADDRESS, of which KMSG is a copy: type and
 * number, values, ports with the rights of them, or what is out of line.
 */
void kdb_body_draw(struct kdb_tree *tree, const struct ipc_kmsg *address,
    const struct ipc_kmsg *kmsg);

#endif /* KERNEL_KDB_KDB_BODY_H */
