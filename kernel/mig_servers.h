/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * The generated servers of the kernel.  Each looks up the routine for the id of
 * REQUEST and calls it; false if it has none.  Both messages are in kernel form.
 *
 * NAME_replies and NAME_count: see mig/replies.awk.
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

extern const mach_msg_size_t mach_server_replies[];
extern const unsigned mach_server_count;
extern const mach_msg_size_t mach4_server_replies[];
extern const unsigned mach4_server_count;
extern const mach_msg_size_t mach_host_server_replies[];
extern const unsigned mach_host_server_count;
extern const mach_msg_size_t mach_port_server_replies[];
extern const unsigned mach_port_server_count;
extern const mach_msg_size_t gnumach_server_replies[];
extern const unsigned gnumach_server_count;
extern const mach_msg_size_t mach_debug_server_replies[];
extern const unsigned mach_debug_server_count;
extern const mach_msg_size_t mach_i386_server_replies[];
extern const unsigned mach_i386_server_count;
extern const mach_msg_size_t device_server_replies[];
extern const unsigned device_server_count;
extern const mach_msg_size_t experimental_server_replies[];
extern const unsigned experimental_server_count;
extern const mach_msg_size_t tartan_server_replies[];
extern const unsigned tartan_server_count;

#endif /* KERNEL_MIG_SERVERS_H */
