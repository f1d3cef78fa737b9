/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * The last lines that were typed.
 */
#ifndef KERNEL_KDB_KDB_HISTORY_H
#define KERNEL_KDB_KDB_HISTORY_H

#define KDB_HISTORY_LINES	20u

/* Keep LINE, unless it is empty or the last one again. */
void kdb_history_add(const char *line);

/* The line AGO lines ago, 1 being the last; NULL: there is none. */
const char *kdb_history_get(unsigned ago);

#endif /* KERNEL_KDB_KDB_HISTORY_H */
