/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Processors, their run queues and sets.
 */
#ifndef KERNEL_KDB_KDB_PROCESSOR_H
#define KERNEL_KDB_KDB_PROCESSOR_H

#include <stdbool.h>

struct kdb_request;
struct processor_set;

/* show all processors, show runq */
void kdb_processor_show_all(struct kdb_request *request);
void kdb_processor_show_queues(struct kdb_request *request);

/* Of show pset; false: there is no such set. */
bool kdb_processor_show_set(const struct processor_set *wanted);

#endif /* KERNEL_KDB_KDB_PROCESSOR_H */
