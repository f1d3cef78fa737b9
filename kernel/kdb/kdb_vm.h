/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * What the debugger shows of virtual memory.
 */
#ifndef KERNEL_KDB_KDB_VM_H
#define KERNEL_KDB_KDB_VM_H

#include <stdbool.h>

/*
 * `show': map TASK [FROM], object ADDRESS, chain ADDRESS, page ADDRESS,
 * pmap TASK [FROM], vm.  TASK is a name or an address of a task or map.  A
 * command of kdb.c.
 */
bool kdb_vm_show(const char *args);

#endif /* KERNEL_KDB_KDB_VM_H */
