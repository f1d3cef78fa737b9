/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/* Version of the interface; kernels that share it share these. */

#ifndef MACH_VERSION_H
#define MACH_VERSION_H

#define KERNEL_MAJOR_VERSION	4
#define KERNEL_MINOR_VERSION	0
#define INCLUDE_VERSION		0

#endif /* MACH_VERSION_H */
