/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/* How headers for old compilers spell an inline function. */

#ifndef MACH_INLINE_H
#define MACH_INLINE_H

#define MACH_INLINE	static __inline

#endif /* MACH_INLINE_H */
