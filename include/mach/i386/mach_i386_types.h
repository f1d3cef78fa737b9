/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/* Types of the calls that only this processor has. */

#ifndef MACH_I386_MACH_I386_TYPES_H
#define MACH_I386_MACH_I386_TYPES_H

#include <mach/port.h>

/* A segment descriptor, as the processor has it. */
struct descriptor {
	unsigned int	low_word;
	unsigned int	high_word;
};

typedef struct descriptor	descriptor_t;
typedef struct descriptor	*descriptor_list_t;
typedef const struct descriptor	*const_descriptor_list_t;

_Static_assert(sizeof(descriptor_t) == 8, "descriptor");

typedef unsigned short	io_port_t;	/* address of an I/O port */
typedef mach_port_t	io_perm_t;	/* permission for a range of them */

#endif /* MACH_I386_MACH_I386_TYPES_H */
