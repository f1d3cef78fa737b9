/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/* Limits that programs may count on. */

#ifndef MACH_MACH_PARAM_H
#define MACH_MACH_PARAM_H

/* Ports that mach_ports_register keeps for a task. */
#define TASK_PORT_REGISTER_MAX	4

#endif /* MACH_MACH_PARAM_H */
