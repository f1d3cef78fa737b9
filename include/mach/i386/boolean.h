/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/* How this processor represents a truth value. */

#ifndef MACH_I386_BOOLEAN_H
#define MACH_I386_BOOLEAN_H

typedef int	boolean_t;

_Static_assert(sizeof(boolean_t) == 4, "boolean_t is one word");

#endif /* MACH_I386_BOOLEAN_H */
