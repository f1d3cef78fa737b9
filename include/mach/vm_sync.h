/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/* How vm_object_sync and vm_msync write memory back. */

#ifndef MACH_VM_SYNC_H
#define MACH_VM_SYNC_H

typedef int	vm_sync_t;

#define VM_SYNC_ASYNCHRONOUS	((vm_sync_t)0x01)	/* do not wait */
#define VM_SYNC_SYNCHRONOUS	((vm_sync_t)0x02)	/* wait until written */
#define VM_SYNC_INVALIDATE	((vm_sync_t)0x04)	/* drop the pages too */

#endif /* MACH_VM_SYNC_H */
