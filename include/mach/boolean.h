/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Truth values of the interface.  A boolean_t travels in messages as a 32-bit
 * integer; any value but zero means true.
 */

#ifndef MACH_BOOLEAN_H
#define MACH_BOOLEAN_H

#include <mach/machine/boolean.h>

#define FALSE	((boolean_t)0)
#define TRUE	((boolean_t)1)

#endif /* MACH_BOOLEAN_H */
