/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * mach_msg with its arguments one by one, for the tests of ipc/.
 */

#ifndef TESTS_UNIT_IPC_IPC_MSG_H
#define TESTS_UNIT_IPC_IPC_MSG_H

#include <ipc/mach_msg_trap.h>

#define world_msg(...) sys_mach_msg((struct mach_msg_args) { __VA_ARGS__ })

#endif /* TESTS_UNIT_IPC_IPC_MSG_H */
