/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Source lines of addresses, where there are tables of them: where nothing else is
 * said of the chosen task, as symbols are.
 */
#ifndef KERNEL_KDB_KDB_SOURCE_H
#define KERNEL_KDB_KDB_SOURCE_H

#include <stdint.h>

struct task;

/* Print " (FILE:LINE)" of ADDRESS in SPACE, or nothing if that is not known. */
void kdb_source_print(struct task *space, uintptr_t address);

/*
 * The same in a listing: nothing if the instruction just before ADDRESS was listed
 * last, and is of the same line.
 */
void kdb_source_print_new(uintptr_t address);

extern struct kdb_table kdb_source_table;

#endif /* KERNEL_KDB_KDB_SOURCE_H */
