/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * What the debugger shows of virtual memory.
 */
#ifndef KERNEL_KDB_KDB_VM_H
#define KERNEL_KDB_KDB_VM_H

#include <kernel/kdb/kdb_command.h>

/* show map, object, chain, page, pmap, vm */
extern struct kdb_table kdb_vm_table;

#endif /* KERNEL_KDB_KDB_VM_H */
