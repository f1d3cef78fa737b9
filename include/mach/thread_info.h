/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/* What thread_info tells, by flavor. */

#ifndef MACH_THREAD_INFO_H
#define MACH_THREAD_INFO_H

#include <stddef.h>

#include <mach/boolean.h>
#include <mach/policy.h>
#include <mach/time_value.h>

typedef integer_t	*thread_info_t;

#define THREAD_INFO_MAX	(1024)
typedef integer_t	thread_info_data_t[THREAD_INFO_MAX];

#define THREAD_BASIC_INFO	1

struct thread_basic_info {
	time_value_t	user_time;
	time_value_t	system_time;
	integer_t	cpu_usage;	/* of TH_USAGE_SCALE */
	integer_t	base_priority;
	integer_t	cur_priority;
	integer_t	run_state;	/* TH_STATE_* */
	integer_t	flags;		/* TH_FLAGS_* */
	integer_t	suspend_count;
	integer_t	sleep_time;	/* seconds */
	time_value_t	creation_time;
};

typedef struct thread_basic_info	thread_basic_info_data_t;
typedef struct thread_basic_info	*thread_basic_info_t;

#define THREAD_BASIC_INFO_COUNT \
	(sizeof(thread_basic_info_data_t) / sizeof(natural_t))

_Static_assert(THREAD_BASIC_INFO_COUNT == 13, "thread_basic_info");
_Static_assert(offsetof(struct thread_basic_info, run_state) == 28, "state");

#define TH_USAGE_SCALE	1000

#define TH_STATE_RUNNING		1	/* wants a processor */
#define TH_STATE_STOPPED		2	/* suspended */
#define TH_STATE_WAITING		3
#define TH_STATE_UNINTERRUPTIBLE	4	/* waits, cannot be aborted */
#define TH_STATE_HALTED			5	/* stopped at a clean point */

#define TH_FLAGS_SWAPPED	0x1	/* has no kernel stack */
#define TH_FLAGS_IDLE		0x2	/* a processor's idle thread */

#define THREAD_SCHED_INFO	2

struct thread_sched_info {
	integer_t	policy;
	integer_t	data;		/* quantum of a fixed policy */
	integer_t	base_priority;
	integer_t	max_priority;
	integer_t	cur_priority;
	integer_t	depressed;
	integer_t	depress_priority;	/* to return to, or -1 */
	integer_t	last_processor;
};

typedef struct thread_sched_info	thread_sched_info_data_t;
typedef struct thread_sched_info	*thread_sched_info_t;

#define THREAD_SCHED_INFO_COUNT \
	(sizeof(thread_sched_info_data_t) / sizeof(natural_t))

#endif /* MACH_THREAD_INFO_H */
