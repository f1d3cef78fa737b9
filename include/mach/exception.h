/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Kinds of exception, as exception_raise carries them; code and subcode depend
 * on the kind and the processor.  EXC_BAD_ACCESS has a kern_return_t and the
 * address.
 */

#ifndef MACH_EXCEPTION_H
#define MACH_EXCEPTION_H

#include <mach/machine/exception.h>

#define EXC_BAD_ACCESS		1	/* memory could not be used */
#define EXC_BAD_INSTRUCTION	2	/* undefined, or privileged */
#define EXC_ARITHMETIC		3	/* division by zero and the like */
#define EXC_EMULATION		4	/* emulation wanted */
#define EXC_SOFTWARE		5	/* raised by software */
#define EXC_BREAKPOINT		6	/* trace, breakpoint */

#endif /* MACH_EXCEPTION_H */
