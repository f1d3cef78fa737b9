/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

#ifndef I386_COPYIO_H
#define I386_COPYIO_H

/*
 * The fault-recovery table for inline assembly: if the instruction at label
 * AT faults and the fault cannot be resolved, execution goes on at label TO.
 */
#define COPYIO_RECOVER(at, to)			\
	".pushsection .recover, \"a\"\n\t"	\
	".long " at ", " to "\n\t"		\
	".popsection\n\t"

#endif
