/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * The host: its ports, and the ports of processors and processor sets.
 *
 * The host port is for asking, the privileged host port for ruling.  A
 * processor set has the same two, and so has a processor.  All of these are
 * kernel objects; processors and the host live for ever, sets are counted.
 */

#ifndef KERNEL_HOST_H
#define KERNEL_HOST_H

#include <stdbool.h>

#include <mach/machine/vm_types.h>
#include <mach/time_value.h>

struct host;
struct ipc_port;
struct ipc_space;
struct processor;
struct processor_set;

/*
 * Makes the ports of the host and of each processor, and tells ipc/ which
 * interfaces the kernel serves.  Needs ipc_setup() and processor_setup().
 */
void host_setup(void);

/* The only host. */
struct host *host_self(void);

/* A send right for the host's ports, for the first tasks. */
struct ipc_port *host_make_send(void);
struct ipc_port *host_make_send_priv(void);

/*
 * Does SPACE hold the privileged host port?  For calls of the ABI that rule but
 * do not name it.  Locks: none held.
 */
bool host_is_ruled_by(struct ipc_space *space);

/*
 * What a port stands for, NULL if nothing of that kind.  A set comes with a
 * reference.  The privileged port will do where the other one is asked for.
 */
struct host *convert_port_to_host(struct ipc_port *port);
struct host *convert_port_to_host_priv(struct ipc_port *port);
struct processor *convert_port_to_processor(struct ipc_port *port);
struct processor *convert_port_to_processor_name(struct ipc_port *port);
struct processor_set *convert_port_to_pset(struct ipc_port *port);
struct processor_set *convert_port_to_pset_name(struct ipc_port *port);

/*
 * A send right for the object; null when it is NULL or dead.  A set's
 * reference is consumed.
 */
struct ipc_port *convert_host_to_port(struct host *host);
struct ipc_port *convert_processor_to_port(struct processor *processor);
struct ipc_port *convert_processor_name_to_port(struct processor *processor);
struct ipc_port *convert_pset_to_port(struct processor_set *pset);
struct ipc_port *convert_pset_name_to_port(struct processor_set *pset);

/* PSET was destroyed: its ports die.  Locks: none held. */
void host_pset_disable(struct processor_set *pset);

#endif /* KERNEL_HOST_H */
