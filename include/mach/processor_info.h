/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/* What processor_info and processor_set_info tell. */

#ifndef MACH_PROCESSOR_INFO_H
#define MACH_PROCESSOR_INFO_H

#include <stdint.h>

#include <mach/machine.h>

typedef integer_t	*processor_info_t;

#define PROCESSOR_INFO_MAX	(1024)
typedef integer_t	processor_info_data_t[PROCESSOR_INFO_MAX];

#define PROCESSOR_BASIC_INFO	1

struct processor_basic_info {
	cpu_type_t	cpu_type;
	cpu_subtype_t	cpu_subtype;
	integer_t	running;
	integer_t	slot_num;
	integer_t	is_master;	/* the one that booted */
};

typedef struct processor_basic_info	processor_basic_info_data_t;
typedef struct processor_basic_info	*processor_basic_info_t;

#define PROCESSOR_BASIC_INFO_COUNT \
	(sizeof(processor_basic_info_data_t) / sizeof(integer_t))

/* Tartan's own: what the processor did, in ticks, since it was started. */
#define PROCESSOR_TIMES_INFO	0x5401

struct processor_times_info {
	integer_t	slot_num;
	integer_t	hz;		/* ticks in a second */
	uint64_t	user;
	uint64_t	system;
	uint64_t	idle;
	uint64_t	switches;	/* from thread to thread */
	uint64_t	interrupts;	/* of lines, timer included */
};

typedef struct processor_times_info	processor_times_info_data_t;

#define PROCESSOR_TIMES_INFO_COUNT \
	(sizeof(processor_times_info_data_t) / sizeof(integer_t))

_Static_assert(PROCESSOR_TIMES_INFO_COUNT == 12, "processor_times_info");

typedef integer_t	*processor_set_info_t;

#define PROCESSOR_SET_INFO_MAX	(1024)
typedef integer_t	processor_set_info_data_t[PROCESSOR_SET_INFO_MAX];

#define PROCESSOR_SET_BASIC_INFO	1

struct processor_set_basic_info {
	integer_t	processor_count;
	integer_t	task_count;
	integer_t	thread_count;
	integer_t	load_average;	/* times LOAD_SCALE */
	integer_t	mach_factor;	/* times LOAD_SCALE */
};

#define LOAD_SCALE	1000

typedef struct processor_set_basic_info	processor_set_basic_info_data_t;
typedef struct processor_set_basic_info	*processor_set_basic_info_t;

#define PROCESSOR_SET_BASIC_INFO_COUNT \
	(sizeof(processor_set_basic_info_data_t) / sizeof(integer_t))

#define PROCESSOR_SET_SCHED_INFO	2

struct processor_set_sched_info {
	integer_t	policies;	/* bits: those allowed */
	integer_t	max_priority;
};

typedef struct processor_set_sched_info	processor_set_sched_info_data_t;
typedef struct processor_set_sched_info	*processor_set_sched_info_t;

#define PROCESSOR_SET_SCHED_INFO_COUNT \
	(sizeof(processor_set_sched_info_data_t) / sizeof(integer_t))

#endif /* MACH_PROCESSOR_INFO_H */
