/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * What the server loop needs of the object table.
 */
#ifndef SERVERS_LIB_OBJECT_I_H
#define SERVERS_LIB_OBJECT_I_H

#include <servers/lib/object.h>

/* The port set that all objects' ports are in. */
void object_setup(mach_port_t set);

/*
 * The object that a message just received is for, with a reference; also puts
 * the port's name where the stubs look for it.  NULL when it is gone.
 */
struct object *object_receive(mach_msg_header_t *message);

/* Is PORT one on which only no-senders notifications arrive? */
bool object_is_notify(mach_port_t port);

/* A no-senders notification arrived at NOTIFY. */
void object_no_senders(mach_port_t notify);

#endif /* SERVERS_LIB_OBJECT_I_H */
