/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * The variables of adb's that say what a program is like:
 *
 *	b d	where its data begin, and their size
 *	e	where it is entered
 *	m	its magic number
 *	s	the size of its stack: the memory that a thread's pointer is in
 *	t	the size of its text
 *
 * Each is 0 where that is not known, as of a program whose first page is not in
 * memory.
 */
#ifndef KERNEL_KDB_KDB_SEGMENTS_H
#define KERNEL_KDB_KDB_SEGMENTS_H

struct task;

/* Set them for TASK's program, or for the kernel if it is NULL. */
void kdb_segments_set(struct task *task);

#endif /* KERNEL_KDB_KDB_SEGMENTS_H */
