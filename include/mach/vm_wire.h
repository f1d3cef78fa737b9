/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/* Which memory vm_wire_all keeps resident. */

#ifndef MACH_VM_WIRE_H
#define MACH_VM_WIRE_H

typedef int	vm_wire_t;

#define VM_WIRE_NONE	0
#define VM_WIRE_CURRENT	1	/* what is mapped now */
#define VM_WIRE_FUTURE	2	/* what will be mapped */
#define VM_WIRE_ALL	(VM_WIRE_CURRENT | VM_WIRE_FUTURE)

#endif /* MACH_VM_WIRE_H */
