/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * The generated servers of the kernel.  Each looks up the routine for the id of
 * REQUEST and calls it; false if it has none.  Both messages are in kernel form.
 */

#ifndef KERNEL_MIG_SERVERS_H
#define KERNEL_MIG_SERVERS_H

#include <mach/boolean.h>
#include <mach/message.h>

boolean_t mach_server(mach_msg_header_t *request, mach_msg_header_t *reply);
boolean_t mach4_server(mach_msg_header_t *request, mach_msg_header_t *reply);
boolean_t mach_host_server(mach_msg_header_t *request,
    mach_msg_header_t *reply);
boolean_t mach_port_server(mach_msg_header_t *request,
    mach_msg_header_t *reply);
boolean_t gnumach_server(mach_msg_header_t *request,
    mach_msg_header_t *reply);
boolean_t mach_debug_server(mach_msg_header_t *request,
    mach_msg_header_t *reply);
boolean_t mach_i386_server(mach_msg_header_t *request,
    mach_msg_header_t *reply);
boolean_t device_server(mach_msg_header_t *request, mach_msg_header_t *reply);
boolean_t experimental_server(mach_msg_header_t *request,
    mach_msg_header_t *reply);
boolean_t tartan_server(mach_msg_header_t *request, mach_msg_header_t *reply);

#endif /* KERNEL_MIG_SERVERS_H */
