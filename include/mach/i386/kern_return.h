/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/* The type that carries an answer from the kernel. */

#ifndef MACH_I386_KERN_RETURN_H
#define MACH_I386_KERN_RETURN_H

typedef int	kern_return_t;

#endif /* MACH_I386_KERN_RETURN_H */
