/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * Time: coarse from the clock page that the kernel keeps (its `time' device),
 * fine from the kernel.
 */
#include "emul.h"

#include <mach/mach_types.h>
#include <mach/time_value.h>

#include "mach_host_user.h"

struct emul_clock {
	int32_t		sec;
	int32_t		usec;
	int32_t		check_sec;
};

/* Seconds are written first and their check last; read the other way round. */
static void
emul_clock_read(int64_t *secp, uint32_t *nsecp)
{
	volatile struct emul_clock *clock = (void *)(uintptr_t)EMUL_CLOCK;
	int32_t sec;
	int32_t usec;

	*secp = 0;
	*nsecp = 0;
	if (emul_shared.clock == 0) {
		return;
	}
	do {
		sec = clock->sec;
		__asm__ volatile ("" : : : "memory");
		usec = clock->usec;
		__asm__ volatile ("" : : : "memory");
	} while (sec != clock->check_sec);
	*secp = sec;
	*nsecp = (uint32_t)usec * 1000;
}

static mach_port_t
emul_host(struct emul_thread *thread)
{
	if (thread->host_port == MACH_PORT_NULL) {
		thread->host_port = mach_host_self();
	}
	return thread->host_port;
}

/* The page changes with the tick only; this is as fine as the kernel's. */
static void
emul_clock_day(struct emul_thread *thread, int64_t *secp, uint32_t *nsecp)
{
	time_value64_t now;

	if (host_get_time64(emul_host(thread), &now) != KERN_SUCCESS) {
		emul_clock_read(secp, nsecp);
		return;
	}
	*secp = now.seconds;
	*nsecp = (uint32_t)now.nanoseconds;
}

static int32_t
emul_clock_get(struct emul_thread *thread, uint32_t which, int64_t *secp,
    uint32_t *nsecp)
{
	struct linux_timespec64 used;
	uint32_t b[6] = { which, (uint32_t)(uintptr_t)&used, 0, 0, 0, 0 };
	time_value64_t uptime;
	int32_t error;

	switch (which) {
	case L_CLOCK_REALTIME:
	case L_CLOCK_TAI:
		emul_clock_day(thread, secp, nsecp);
		return 0;
	case L_CLOCK_REALTIME_COARSE:
		emul_clock_read(secp, nsecp);
		return 0;
	case L_CLOCK_MONOTONIC:
	case L_CLOCK_MONOTONIC_RAW:
	case L_CLOCK_MONOTONIC_COARSE:
	case L_CLOCK_BOOTTIME:
		if (host_get_uptime64(emul_host(thread), &uptime) !=
		    KERN_SUCCESS) {
			return -L_EINVAL;
		}
		*secp = uptime.seconds;
		*nsecp = (uint32_t)uptime.nanoseconds;
		return 0;
	default:
		/* Of the processor: the server knows. */
		error = emul_rpc(thread, CALL_own_cpu_clock, b);
		*secp = used.sec;
		*nsecp = (uint32_t)used.nsec;
		return error;
	}
}

int32_t
emul_time(struct emul_thread *thread, uint32_t *a)
{
	int64_t sec;
	uint32_t nsec;
	int32_t sec32;

	(void)thread;
	emul_clock_read(&sec, &nsec);
	sec32 = (int32_t)sec;
	if (a[0] != 0 && emul_copy((void *)(uintptr_t)a[0], &sec32, 4) != 0) {
		return -L_EFAULT;
	}
	return sec32;
}

int32_t
emul_gettimeofday(struct emul_thread *thread, uint32_t *a)
{
	static const int32_t zone[2];
	struct linux_timeval tv;
	int64_t sec;
	uint32_t nsec;

	emul_clock_day(thread, &sec, &nsec);
	tv.sec = (int32_t)sec;
	tv.usec = (int32_t)(nsec / 1000);
	if ((a[0] != 0 && emul_copy((void *)(uintptr_t)a[0], &tv,
	    sizeof(tv)) != 0) ||
	    (a[1] != 0 && emul_copy((void *)(uintptr_t)a[1], zone,
	    sizeof(zone)) != 0)) {
		return -L_EFAULT;
	}
	return 0;
}

int32_t
emul_clock_gettime(struct emul_thread *thread, uint32_t *a)
{
	struct linux_timespec ts;
	int64_t sec;
	uint32_t nsec;
	int32_t error;

	error = emul_clock_get(thread, a[0], &sec, &nsec);
	if (error != 0) {
		return error;
	}
	ts.sec = (int32_t)sec;
	ts.nsec = (int32_t)nsec;
	return emul_copy((void *)(uintptr_t)a[1], &ts, sizeof(ts)) != 0 ?
	    -L_EFAULT : 0;
}

int32_t
emul_clock_gettime64(struct emul_thread *thread, uint32_t *a)
{
	struct linux_timespec64 ts;
	uint32_t nsec;
	int32_t error;

	error = emul_clock_get(thread, a[0], &ts.sec, &nsec);
	if (error != 0) {
		return error;
	}
	ts.nsec = nsec;
	return emul_copy((void *)(uintptr_t)a[1], &ts, sizeof(ts)) != 0 ?
	    -L_EFAULT : 0;
}

/*
 * How fine WHICH is: 0 if there is no such clock.  Time used is counted in
 * ticks, and the coarse clocks change with them.
 */
static int32_t
emul_clock_resolution(struct emul_thread *thread, uint32_t which)
{
	int64_t sec;
	uint32_t nsec;

	switch (which) {
	case L_CLOCK_REALTIME:
	case L_CLOCK_TAI:
		return 1000;
	case L_CLOCK_MONOTONIC:
	case L_CLOCK_MONOTONIC_RAW:
	case L_CLOCK_BOOTTIME:
		return 1;
	default:
		return emul_clock_get(thread, which, &sec, &nsec) == 0 ?
		    10000000 : 0;
	}
}

int32_t
emul_clock_getres(struct emul_thread *thread, uint32_t *a)
{
	struct linux_timespec ts = { 0, emul_clock_resolution(thread, a[0]) };

	if (ts.nsec == 0) {
		return -L_EINVAL;
	}
	return a[1] != 0 && emul_copy((void *)(uintptr_t)a[1], &ts,
	    sizeof(ts)) != 0 ? -L_EFAULT : 0;
}

int32_t
emul_clock_getres64(struct emul_thread *thread, uint32_t *a)
{
	struct linux_timespec64 ts = { 0,
		emul_clock_resolution(thread, a[0]) };

	if (ts.nsec == 0) {
		return -L_EINVAL;
	}
	return a[1] != 0 && emul_copy((void *)(uintptr_t)a[1], &ts,
	    sizeof(ts)) != 0 ? -L_EFAULT : 0;
}
