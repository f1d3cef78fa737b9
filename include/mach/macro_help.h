/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/* Macros that behave like statements. */

#ifndef MACH_MACRO_HELP_H
#define MACH_MACRO_HELP_H

#define MACRO_BEGIN	do {
#define MACRO_END	} while (0)
#define MACRO_RETURN	if (1) return

#endif /* MACH_MACRO_HELP_H */
