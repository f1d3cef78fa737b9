/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Permissions for ranges of I/O ports, as mach_i386.defs hands them out: what
 * a generated stub needs to turn a port into one.
 */

#ifndef MACHINE_IO_PERM_H
#define MACHINE_IO_PERM_H

struct io_perm;
struct ipc_port;

typedef struct io_perm	*io_perm_ref_t;

/* The object of PORT, with a reference; NULL if it is no io_perm port. */
struct io_perm *
convert_port_to_io_perm(struct ipc_port *port);

/* A send right for IO_PERM, whose reference it consumes. */
struct ipc_port *
convert_io_perm_to_port(struct io_perm *io_perm);

/* Drop a reference.  NULL is allowed. */
void
io_perm_deallocate(struct io_perm *io_perm);

#endif
