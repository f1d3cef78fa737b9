/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * While memory is short, a thread lets the maps of tasks rest that nobody uses
 * (vm/vm_map_rest.h): their entries go to pageable memory.
 */
#ifndef KERNEL_REST_H
#define KERNEL_REST_H

/* Starts the thread.  After task_setup and vm_pageout_setup. */
void rest_setup(void);

/*
 * Look at all tasks: a map that was not used since the last time rests.
 *
 * Locks: none held.
 */
void rest_idle_maps(void);

#endif /* KERNEL_REST_H */
