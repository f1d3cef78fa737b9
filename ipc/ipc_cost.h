/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * What a name space costs the kernel: its tables, its ports, and the messages
 * that wait there, with what they carry.  Nothing is counted while memory is
 * plenty; when it has ended, kernel/shortage.c wants to know whose it is.
 */

#ifndef IPC_IPC_COST_H
#define IPC_IPC_COST_H

#include <mach/machine/vm_types.h>

struct ipc_space;
struct thread;
struct vm_copy;

/* What others know.  Called with a port locked. */
struct ipc_cost_helpers {
	/* THREAD waits to send SIZE bytes. */
	void (*sender)(struct thread *thread, vm_size_t size);
	/* How much memory is in COPY. */
	vm_size_t (*memory)(const struct vm_copy *copy);
};

/*
 * About how many bytes would come back if SPACE ended.  What blocked senders
 * hold is theirs, wherever they wait: HELPERS hear of it.
 *
 * Memory in messages counts as whole, though some of it may be shared; of
 * receive rights in messages that are nested too deeply for the memory at hand
 * only the ports count, not what waits there.
 *
 * Locks:  none held.  Takes the space, then its ports.
 * Blocks: may.
 */
vm_size_t ipc_cost_of_space(
    struct ipc_space *space, const struct ipc_cost_helpers *helpers);

#endif /* IPC_IPC_COST_H */
