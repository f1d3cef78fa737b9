/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * Memory that programs map: what the calls and the files in memory ask of Mach.
 */
#ifndef SERVERS_UNIX_UNIX_MEMORY_H
#define SERVERS_UNIX_UNIX_MEMORY_H

#include <servers/unix/unix.h>

/*
 * Put on the disk what P changed of the files mapped in a range, and wait for
 * that; or only look whether all of the range is mapped.  The lock is released
 * meanwhile.
 *
 * Returns: -L_ENOMEM when something is not, the rest done nevertheless.
 */
int32_t memory_sync(struct process *p, uint32_t address, uint32_t size,
    bool write);

/*
 * Where the word at ADDRESS, in memory that TASK may write to and shares, is
 * *OLD: make it VALUE, whoever else writes to it meanwhile; *OLD is then what it
 * was.  False: there is no such memory.  The lock is not held.
 */
bool memory_swap_word(uint32_t task, uint32_t address, uint32_t *old,
    uint32_t value);

/*
 * Memory for the contents of a file that programs map: an object of the kernel,
 * of which this server sees a window that is as large as it needs.  What has
 * not been touched takes no room.
 */
#define MEMORY_NONE	0

/* An object of SIZE bytes, or MEMORY_NONE. */
uint32_t memory_create(uint32_t size);
void memory_release(uint32_t memory);

/* The first SIZE bytes of it, or NULL. */
char *memory_window(uint32_t memory, uint32_t size);
void memory_window_drop(char *window, uint32_t size);

/* A right for programs to map it; MEMORY_NONE: there is no room. */
uint32_t memory_right(uint32_t memory, uint32_t size, bool write);

#endif /* SERVERS_UNIX_UNIX_MEMORY_H */
