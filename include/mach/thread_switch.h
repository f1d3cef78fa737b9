/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/* Options of the thread_switch trap. */

#ifndef MACH_THREAD_SWITCH_H
#define MACH_THREAD_SWITCH_H

#define SWITCH_OPTION_NONE	0	/* only give way */
#define SWITCH_OPTION_DEPRESS	1	/* at lowest priority for a while */
#define SWITCH_OPTION_WAIT	2	/* not at all for a while */

#define valid_switch_option(opt) \
	(SWITCH_OPTION_NONE <= (opt) && (opt) <= SWITCH_OPTION_WAIT)

#endif /* MACH_THREAD_SWITCH_H */
