/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

#ifndef KERNEL_KDB_KDB_ZONE_H
#define KERNEL_KDB_KDB_ZONE_H

struct kdb_request;

/* show zones: the kernel's caches of objects. */
void kdb_zone_show(struct kdb_request *request);

#endif /* KERNEL_KDB_KDB_ZONE_H */
