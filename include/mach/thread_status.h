/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/* Registers of a thread as an array of words; the flavors are the machine's. */

#ifndef MACH_THREAD_STATUS_H
#define MACH_THREAD_STATUS_H

#include <mach/machine/thread_status.h>
#include <mach/machine/vm_types.h>

typedef natural_t	*thread_state_t;

#define THREAD_STATE_MAX		(1024)
typedef natural_t	thread_state_data_t[THREAD_STATE_MAX];

/* Answers with the flavors that this machine has. */
#define THREAD_STATE_FLAVOR_LIST	0

#endif /* MACH_THREAD_STATUS_H */
