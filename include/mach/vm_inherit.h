/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/* What a child task gets of a range of its parent's memory. */

#ifndef MACH_VM_INHERIT_H
#define MACH_VM_INHERIT_H

typedef int	vm_inherit_t;

#define VM_INHERIT_SHARE	((vm_inherit_t)0)	/* the same memory */
#define VM_INHERIT_COPY		((vm_inherit_t)1)	/* a copy of it */
#define VM_INHERIT_NONE		((vm_inherit_t)2)	/* a hole */
#define VM_INHERIT_DEFAULT	VM_INHERIT_COPY

#endif /* MACH_VM_INHERIT_H */
