/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/* What host_info and its relatives tell. */

#ifndef MACH_HOST_INFO_H
#define MACH_HOST_INFO_H

#include <stddef.h>

#include <mach/machine.h>
#include <mach/machine/vm_types.h>

typedef integer_t	*host_info_t;

#define HOST_INFO_MAX		(1024)
typedef integer_t	host_info_data_t[HOST_INFO_MAX];

#define KERNEL_VERSION_MAX	(512)
typedef char		kernel_version_t[KERNEL_VERSION_MAX];

#define KERNEL_BOOT_INFO_MAX	(4096)
typedef char		kernel_boot_info_t[KERNEL_BOOT_INFO_MAX];

#define HOST_BASIC_INFO		1
#define HOST_PROCESSOR_SLOTS	2	/* slot numbers in use */
#define HOST_SCHED_INFO		3
#define HOST_LOAD_INFO		4

struct host_basic_info {
	integer_t	max_cpus;
	integer_t	avail_cpus;
	rpc_vm_size_t	memory_size;	/* bytes */
	cpu_type_t	cpu_type;
	cpu_subtype_t	cpu_subtype;
};

typedef struct host_basic_info	host_basic_info_data_t;
typedef struct host_basic_info	*host_basic_info_t;

#define HOST_BASIC_INFO_COUNT \
	(sizeof(host_basic_info_data_t) / sizeof(integer_t))

_Static_assert(HOST_BASIC_INFO_COUNT == 5, "host_basic_info");

struct host_sched_info {
	integer_t	min_timeout;	/* milliseconds */
	integer_t	min_quantum;	/* milliseconds */
};

typedef struct host_sched_info	host_sched_info_data_t;
typedef struct host_sched_info	*host_sched_info_t;

#define HOST_SCHED_INFO_COUNT \
	(sizeof(host_sched_info_data_t) / sizeof(integer_t))

/* Both over 5, 30 and 60 seconds, times LOAD_SCALE. */
struct host_load_info {
	integer_t	avenrun[3];	/* threads wanting a processor */
	integer_t	mach_factor[3];	/* processor one more would get */
};

typedef struct host_load_info	host_load_info_data_t;
typedef struct host_load_info	*host_load_info_t;

#define HOST_LOAD_INFO_COUNT \
	(sizeof(host_load_info_data_t) / sizeof(integer_t))

#endif /* MACH_HOST_INFO_H */
