/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * Time from the clock page that the kernel keeps (its `time' device).
 */
#include "emul.h"

#include <mach/time_value.h>

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

static bool
emul_clock_get(uint32_t which, int64_t *secp, uint32_t *nsecp)
{
	emul_clock_read(secp, nsecp);
	switch (which) {
	case 0:			/* realtime, and coarse, and TAI */
	case 5:
	case 11:
		return true;
	case 1:			/* monotonic, raw, coarse, boot time */
	case 4:
	case 6:
	case 7:
	case 2:			/* TODO: time used by process and thread */
	case 3:
		*secp -= emul_shared.boot_sec;
		return true;
	default:
		return false;
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

	(void)thread;
	emul_clock_read(&sec, &nsec);
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

	(void)thread;
	if (!emul_clock_get(a[0], &sec, &nsec)) {
		return -L_EINVAL;
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

	(void)thread;
	if (!emul_clock_get(a[0], &ts.sec, &nsec)) {
		return -L_EINVAL;
	}
	ts.nsec = nsec;
	return emul_copy((void *)(uintptr_t)a[1], &ts, sizeof(ts)) != 0 ?
	    -L_EFAULT : 0;
}

int32_t
emul_clock_getres(struct emul_thread *thread, uint32_t *a)
{
	static const struct linux_timespec ts = { 0, 10000000 };

	(void)thread;
	return a[1] != 0 && emul_copy((void *)(uintptr_t)a[1], &ts,
	    sizeof(ts)) != 0 ? -L_EFAULT : 0;
}

int32_t
emul_clock_getres64(struct emul_thread *thread, uint32_t *a)
{
	static const struct linux_timespec64 ts = { 0, 10000000 };

	(void)thread;
	return a[1] != 0 && emul_copy((void *)(uintptr_t)a[1], &ts,
	    sizeof(ts)) != 0 ? -L_EFAULT : 0;
}
