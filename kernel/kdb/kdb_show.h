/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * The words that show tasks, threads, ports, processors and what belongs to
 * them.
 */
#ifndef KERNEL_KDB_KDB_SHOW_H
#define KERNEL_KDB_KDB_SHOW_H

#include <kernel/kdb/kdb_command.h>

extern struct kdb_table kdb_show_table;

#endif /* KERNEL_KDB_KDB_SHOW_H */
