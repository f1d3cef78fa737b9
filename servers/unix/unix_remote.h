/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * The file server that holds the root.
 */
#ifndef SERVERS_UNIX_UNIX_REMOTE_H
#define SERVERS_UNIX_UNIX_REMOTE_H

#include <servers/lib/mach.h>
#include <servers/unix/unix_vfs.h>

/* Its control port; MACH_PORT_NULL: the root is in memory. */
extern mach_port_t remote_control;

#endif /* SERVERS_UNIX_UNIX_REMOTE_H */
