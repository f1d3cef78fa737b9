/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Times, and how to add them.
 */

#ifndef MACH_TIME_VALUE_H
#define MACH_TIME_VALUE_H

#include <stdint.h>

#include <mach/machine/vm_types.h>

struct time_value {
	long_integer_t	seconds;
	integer_t	microseconds;
};

typedef struct time_value	time_value_t;

/* The same in messages. */
struct rpc_time_value {
	rpc_long_integer_t	seconds;
	integer_t		microseconds;
};

typedef struct rpc_time_value	rpc_time_value_t;

struct time_value64 {
	int64_t	seconds;
	int64_t	nanoseconds;
};

typedef struct time_value64	time_value64_t;

_Static_assert(sizeof(time_value_t) == 8, "time_value");
_Static_assert(sizeof(rpc_time_value_t) == 8, "rpc_time_value");
_Static_assert(sizeof(time_value64_t) == 16, "time_value64");

static inline rpc_time_value_t
convert_time_value_to_user(time_value_t time)
{
	return (rpc_time_value_t) { time.seconds, time.microseconds };
}

static inline time_value_t
convert_time_value_from_user(rpc_time_value_t time)
{
	return (time_value_t) { time.seconds, time.microseconds };
}

#define TIME_MICROS_MAX		(1000000)
#define TIME_NANOS_MAX		(1000000000)

/* Each of these takes pointers to normalised times and leaves one. */
#define time_value_assert(val) \
	assert(0 <= (val)->microseconds && \
	    (val)->microseconds < TIME_MICROS_MAX)

#define time_value_add_usec(val, micros) do { \
	(val)->microseconds += (micros); \
	if ((val)->microseconds >= TIME_MICROS_MAX) { \
		(val)->microseconds -= TIME_MICROS_MAX; \
		(val)->seconds++; \
	} \
} while (0)

#define time_value_sub_usec(val, micros) do { \
	(val)->microseconds -= (micros); \
	if ((val)->microseconds < 0) { \
		(val)->microseconds += TIME_MICROS_MAX; \
		(val)->seconds--; \
	} \
} while (0)

#define time_value_add(result, addend) do { \
	(result)->seconds += (addend)->seconds; \
	time_value_add_usec((result), (addend)->microseconds); \
} while (0)

#define time_value_sub(result, subtrahend) do { \
	(result)->seconds -= (subtrahend)->seconds; \
	time_value_sub_usec((result), (subtrahend)->microseconds); \
} while (0)

/*
 * The page that device_map of "time" gives.  Read check_seconds after the
 * other two, and again when it differs from seconds.
 */
typedef struct mapped_time_value {
	integer_t	seconds;
	integer_t	microseconds;
	integer_t	check_seconds;
} mapped_time_value_t;

_Static_assert(sizeof(mapped_time_value_t) == 12, "mapped_time_value");

#define TIME_VALUE_TO_TIMESPEC(tv, ts) do { \
	(ts)->tv_sec = (tv)->seconds; \
	(ts)->tv_nsec = (tv)->microseconds * 1000; \
} while (0)

#define TIMESPEC_TO_TIME_VALUE(tv, ts) do { \
	(tv)->seconds = (ts)->tv_sec; \
	(tv)->microseconds = (ts)->tv_nsec / 1000; \
} while (0)

#endif /* MACH_TIME_VALUE_H */
