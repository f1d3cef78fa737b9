/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

#ifndef MACHINE_IO_PERM_H
#define MACHINE_IO_PERM_H

/*
 * Permissions for ranges of I/O ports, as the generated stubs of
 * mach_i386.defs see them.  A permission is a kernel object; it goes away
 * with its last send right.
 */

struct io_perm;
struct ipc_port;

typedef struct io_perm *io_perm_ref_t;

/* The permission PORT stands for, with a reference; NULL for any other. */
io_perm_ref_t
convert_port_to_io_perm(struct ipc_port *port);

/* A send right for PERM; consumes the caller's reference. */
struct ipc_port *
convert_io_perm_to_port(io_perm_ref_t perm);

/* Drop a reference; PERM may be NULL. */
void
io_perm_deallocate(io_perm_ref_t perm);

/* Tell ipc/ about the kind of object; once at boot. */
void
io_perm_setup(void);

#endif
