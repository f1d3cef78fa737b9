/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Machine words and addresses.  The rpc_ types say how a value is laid out in
 * a message; on this processor they equal the native ones.
 */

#ifndef MACH_I386_VM_TYPES_H
#define MACH_I386_VM_TYPES_H

#include <stdint.h>

typedef unsigned int		natural_t;
typedef int			integer_t;
typedef unsigned long		long_natural_t;
typedef long			long_integer_t;

typedef uintptr_t		vm_offset_t;
typedef vm_offset_t		*vm_offset_array_t;
typedef uintptr_t		vm_size_t;
typedef vm_size_t		*vm_size_array_t;

typedef vm_offset_t		rpc_vm_address_t;
typedef vm_offset_t		rpc_vm_offset_t;
typedef vm_size_t		rpc_vm_size_t;
typedef unsigned long long	rpc_phys_addr_t;
typedef rpc_phys_addr_t		*rpc_phys_addr_array_t;
typedef long_natural_t		rpc_long_natural_t;
typedef long_integer_t		rpc_long_integer_t;

/* MIG's translation hooks between native and message values. */
#define convert_vm_to_user		null_conversion
#define convert_vm_from_user		null_conversion
#define convert_long_integer_to_user	null_conversion
#define convert_long_integer_from_user	null_conversion
#define convert_long_natural_to_user	convert_vm_to_user
#define convert_long_natural_from_user	convert_vm_from_user

/* The message type of an integer_t. */
#define MACH_MSG_TYPE_INTEGER_T		MACH_MSG_TYPE_INTEGER_32

_Static_assert(sizeof(natural_t) == 4, "natural_t is one word");
_Static_assert(sizeof(long_natural_t) == 4, "long_natural_t is one word");
_Static_assert(sizeof(vm_offset_t) == 4, "addresses are one word");

#endif /* MACH_I386_VM_TYPES_H */
