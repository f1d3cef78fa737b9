/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Operations on name spaces, chosen by the input, and done by the kernel and
 * by the model: for all fuzzers of ipc/.
 */

#ifndef TESTS_FUZZ_HOST_IPC_OPS_H
#define TESTS_FUZZ_HOST_IPC_OPS_H

#include <mach/message.h>
#include <mach/port.h>

unsigned ipc_ops_task(void);

/* A name of task T's, or one that denotes nothing there. */
mach_port_name_t ipc_ops_name(unsigned t);

/* Mostly a disposition. */
mach_msg_type_name_t ipc_ops_disposition(void);

/* What a right taken with DISPOSITION is in a message. */
mach_msg_type_name_t ipc_ops_type(mach_msg_type_name_t disposition);

/* One operation. */
void ipc_ops_one(void);

/* T received a notification, in world_buffer, from PORT, which it calls NAME. */
void ipc_ops_notified(unsigned t, int port, mach_port_name_t name);

#endif
