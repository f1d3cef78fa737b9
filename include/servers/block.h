/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Disks behind device.defs, beyond what <device/device_types.h> says.
 *
 * Records are sectors of BLOCK_SECTOR bytes.  Reads and writes are whole
 * sectors; DEV_GET_RECORDS tells how many there are.
 */

#ifndef SERVERS_BLOCK_H
#define SERVERS_BLOCK_H

#define BLOCK_SECTOR	512u

/* device_set_status: everything written so far must survive a power cut. */
#define BLOCK_FLUSH	(('b' << 16) | 1)

#endif /* SERVERS_BLOCK_H */
