/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Names versus objects.
 *
 * Inside the kernel a port is a `struct ipc_port *'; a port as a user task
 * sees it is a `mach_port_name_t'.  The two never share a variable.  The
 * typedefs at the end exist for MIG's generated stubs only.
 */

#ifndef IPC_IPC_TYPES_H
#define IPC_IPC_TYPES_H

#include <mach/port.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ipc_entry;
struct ipc_kmsg;
struct ipc_port;
struct ipc_pset;
struct ipc_request;
struct ipc_space;

/*
 * Where a right could be, a null right (none was given) or a dead right (one
 * was, its port died) may be instead.
 */
#define IP_NULL ((struct ipc_port *)0)
#define IP_DEAD ((struct ipc_port *)~(uintptr_t)0)

static inline bool
ip_valid(const struct ipc_port *port)
{
	return port != IP_NULL && port != IP_DEAD;
}

typedef struct ipc_port *ipc_port_t;
typedef struct ipc_space *ipc_space_t;

#define IP_VALID(port) ip_valid(port)

#endif /* IPC_IPC_TYPES_H */
