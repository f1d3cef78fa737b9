/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * A disk behind device.defs: one of a driver server, or of the kernel.
 */
#ifndef SERVERS_FILE_DISK_DEVICE_H
#define SERVERS_FILE_DISK_DEVICE_H

#include <servers/file/disk.h>

/*
 * Open the device NAME.
 *
 * Returns: what device_open says; UNIX_EIO if its size cannot be told.
 */
kern_return_t disk_device_open(const char *name, struct disk **diskp);

#endif /* SERVERS_FILE_DISK_DEVICE_H */
