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

#endif /* SERVERS_UNIX_UNIX_MEMORY_H */
