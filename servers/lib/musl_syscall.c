/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * The C library's system calls, answered inside the task.  The library asks
 * for memory, locks that wait, time and output; everything else that it may
 * try is refused with ENOSYS and logged once per number, because a server has
 * no business with files or processes except through their servers.
 */

#include <servers/lib/musl_i.h>
#include <servers/lib/thread_i.h>

#include <errno.h>
#include <mach/time_value.h>
#include <servers/lib/log.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <time.h>

#include <mig/gnumach_user.h>
#include <mig/mach_host_user.h>
#include <mig/mach_user.h>

/* Numbers of the i386 call table that the library uses. */
enum {
	CALL_EXIT = 1, CALL_READ = 3, CALL_WRITE = 4, CALL_CLOSE = 6,
	CALL_GETPID = 20, CALL_BRK = 45, CALL_IOCTL = 54,
	CALL_GETTIMEOFDAY = 78, CALL_MUNMAP = 91, CALL_MPROTECT = 125,
	CALL_WRITEV = 146, CALL_SCHED_YIELD = 158, CALL_NANOSLEEP = 162,
	CALL_MREMAP = 163, CALL_SIGACTION = 174, CALL_SIGPROCMASK = 175,
	CALL_MMAP2 = 192, CALL_MADVISE = 219, CALL_GETTID = 224,
	CALL_TKILL = 238, CALL_FUTEX = 240, CALL_EXIT_GROUP = 252,
	CALL_SET_TID_ADDRESS = 258, CALL_CLOCK_GETTIME = 265,
	CALL_CLOCK_NANOSLEEP = 267, CALL_SET_ROBUST_LIST = 311,
	CALL_GETRANDOM = 355, CALL_MEMBARRIER = 375,
	CALL_CLOCK_GETTIME64 = 403, CALL_CLOCK_NANOSLEEP64 = 407,
	CALL_FUTEX64 = 422, CALL_LIMIT = 512,
};

enum {
	FUTEX_OP_WAIT = 0, FUTEX_OP_WAKE = 1, FUTEX_OP_REQUEUE = 3,
	FUTEX_OP_MASK = 0x7f,
};

#define MUSL_GSYNC_TIMED	0x04
#define MUSL_GSYNC_BROADCAST	0x08

static uint32_t musl_logged[CALL_LIMIT / 32];

static long
musl_error(kern_return_t kr)
{
	switch (kr) {
	case KERN_SUCCESS:
		return 0;
	case KERN_NO_SPACE:
	case KERN_RESOURCE_SHORTAGE:
		return -ENOMEM;
	case KERN_PROTECTION_FAILURE:
		return -EACCES;
	default:
		return -EINVAL;
	}
}

static long
musl_mmap(vm_address_t address, size_t size, long protection, long flags)
{
	kern_return_t kr;

	if (!(flags & MAP_ANONYMOUS)) {
		return -ENODEV;
	}
	if (flags & MAP_FIXED) {
		(void)vm_deallocate(mach_task_self(), address, size);
	} else {
		address = 0;
	}
	kr = vm_allocate(mach_task_self(), &address, size,
	    !(flags & MAP_FIXED));
	if (kr != KERN_SUCCESS) {
		return -ENOMEM;
	}
	if (protection == PROT_NONE) {
		(void)vm_protect(mach_task_self(), address, size, FALSE,
		    VM_PROT_NONE);
	}
	return (long)address;
}

/*
 * The library thinks of 4 KiB pages.  When the kernel's are larger, only pages
 * that lie wholly inside the range may become inaccessible.
 */
static bool
musl_whole_pages(vm_address_t *start, size_t *size)
{
	vm_address_t mask = vm_page_size - 1;
	vm_address_t end = (*start + *size) & ~mask;

	*start = (*start + mask) & ~mask;
	if (end <= *start) {
		return false;
	}
	*size = end - *start;
	return true;
}

/* The library unmaps what it mapped, never a part: with it goes the rest. */
static long
musl_munmap(vm_address_t address, size_t size)
{
	return musl_error(vm_deallocate(mach_task_self(), address, size));
}

static long
musl_mprotect(vm_address_t address, size_t size, long protection)
{
	vm_prot_t prot = VM_PROT_NONE;

	prot |= (protection & PROT_READ) ? VM_PROT_READ : 0;
	prot |= (protection & PROT_WRITE) ? VM_PROT_READ | VM_PROT_WRITE : 0;
	prot |= (protection & PROT_EXEC) ? VM_PROT_EXECUTE : 0;
	if (prot == VM_PROT_NONE && !musl_whole_pages(&address, &size)) {
		return 0;
	}
	return musl_error(vm_protect(mach_task_self(), address, size, FALSE,
	    prot));
}

static long
musl_writev(const struct iovec *v, long n)
{
	long total = 0;

	for (long i = 0; i < n; i++) {
		log_write(v[i].iov_base, v[i].iov_len);
		total += (long)v[i].iov_len;
	}
	return total;
}

/* Wait MILLISECONDS on the reply port, where nothing comes. */
static void
musl_sleep(uint64_t milliseconds)
{
	mach_msg_header_t nothing;
	uint32_t part;

	while (milliseconds != 0) {
		part = milliseconds > 3600000 ? 3600000 : (uint32_t)milliseconds;
		(void)mach_msg(&nothing, MACH_RCV_MSG | MACH_RCV_TIMEOUT, 0,
		    sizeof(nothing), thread_record_self()->reply_port, part,
		    MACH_PORT_NULL);
		milliseconds -= part;
	}
}

/* The time of day, or since the boot, which nobody can set. */
static bool
musl_now(long clock, int64_t *seconds, int64_t *nanoseconds)
{
	time_value_t now = { 0, 0 };
	time_value64_t uptime = { 0, 0 };

	switch (clock) {
	case CLOCK_REALTIME:
	case CLOCK_REALTIME_COARSE:
		(void)host_get_time(mach_host_self_, &now);
		*seconds = now.seconds;
		*nanoseconds = (int64_t)now.microseconds * 1000;
		return true;
	case CLOCK_MONOTONIC:
	case CLOCK_MONOTONIC_RAW:
	case CLOCK_MONOTONIC_COARSE:
	case CLOCK_BOOTTIME:
		if (host_get_uptime64(mach_host_self_, &uptime) !=
		    KERN_SUCCESS) {
			/* An older kernel of the interface. */
			return musl_now(CLOCK_REALTIME, seconds, nanoseconds);
		}
		*seconds = uptime.seconds;
		*nanoseconds = uptime.nanoseconds;
		return true;
	default:
		return false;
	}
}

static long
musl_nanosleep(long clock, int64_t seconds, int64_t nanoseconds,
    bool absolute)
{
	int64_t now_s;
	int64_t now_ns;
	int64_t wait;

	if (!musl_now(clock, &now_s, &now_ns)) {
		return -EINVAL;
	}
	wait = seconds * 1000 + (nanoseconds + 999999) / 1000000;
	if (absolute) {
		wait -= now_s * 1000 + now_ns / 1000000;
	}
	if (wait > 0) {
		musl_sleep((uint64_t)wait);
	}
	return 0;
}

static long
musl_futex_wait(int *word, unsigned expected, bool timed, uint64_t ms)
{
	kern_return_t kr;

	if (__atomic_load_n(word, __ATOMIC_SEQ_CST) != (int)expected) {
		return -EAGAIN;
	}
	if (timed && ms > 0x7fffffff) {
		ms = 0x7fffffff;
	}
	kr = gsync_wait(mach_task_self(), (vm_address_t)word, expected, 0,
	    (natural_t)ms, timed ? MUSL_GSYNC_TIMED : 0);
	switch (kr) {
	case KERN_TIMEDOUT:
		return -ETIMEDOUT;
	case KERN_INTERRUPTED:
		return -EINTR;
	case KERN_SUCCESS:
		return 0;
	default:
		return -EAGAIN;
	}
}

static long
musl_futex_wake(int *word, long count)
{
	if (count > 1) {
		(void)gsync_wake(mach_task_self(), (vm_address_t)word, 0,
		    count == 2 ? 0 : MUSL_GSYNC_BROADCAST);
	}
	if (count <= 2) {
		(void)gsync_wake(mach_task_self(), (vm_address_t)word, 0, 0);
	}
	return 1;
}

static long
musl_futex(int *word, long op, long value, const void *timeout, bool wide)
{
	const int64_t *wide_time = timeout;
	const int32_t *time = timeout;
	uint64_t ms = 0;

	switch (op & FUTEX_OP_MASK) {
	case FUTEX_OP_WAIT:
		if (timeout != NULL && wide) {
			ms = (uint64_t)wide_time[0] * 1000 +
			    ((uint64_t)wide_time[1] + 999999) / 1000000;
		} else if (timeout != NULL) {
			ms = (uint64_t)time[0] * 1000 +
			    ((uint64_t)time[1] + 999999) / 1000000;
		}
		return musl_futex_wait(word, (unsigned)value, timeout != NULL,
		    ms);
	case FUTEX_OP_WAKE:
		return musl_futex_wake(word, value);
	case FUTEX_OP_REQUEUE:
		/* Waking instead is allowed: they look again and wait there. */
		return musl_futex_wake(word, 0x7fffffff);
	default:
		return -ENOSYS;
	}
}

static long
musl_clock(long number, long clock, void *out)
{
	int64_t s;
	int64_t ns;

	if (!musl_now(clock, &s, &ns)) {
		return -EINVAL;
	}
	switch (number) {
	case CALL_CLOCK_GETTIME64:
		((int64_t *)out)[0] = s;
		((int64_t *)out)[1] = ns;
		break;
	case CALL_CLOCK_GETTIME:
		((int32_t *)out)[0] = (int32_t)s;
		((int32_t *)out)[1] = (int32_t)ns;
		break;
	default:
		((int32_t *)out)[0] = (int32_t)s;
		((int32_t *)out)[1] = (int32_t)(ns / 1000);
		break;
	}
	return 0;
}

static long
musl_random(unsigned char *out, size_t size)
{
	static uint32_t state;
	uint32_t low;
	uint32_t high;

	for (size_t i = 0; i < size; i++) {
		__asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
		state = (state ^ low) * 2654435761u + high + 1;
		out[i] = (unsigned char)(state >> 21);
	}
	return (long)size;
}

static long
musl_unknown(long number)
{
	uint32_t bit;
	uint32_t *word;

	if (number < 0 || number >= CALL_LIMIT) {
		return -ENOSYS;
	}
	bit = 1u << (number % 32);
	word = &musl_logged[number / 32];
	if (!(__atomic_fetch_or(word, bit, __ATOMIC_RELAXED) & bit)) {
		log_error("C library call %ld is not supported", number);
	}
	return -ENOSYS;
}

static void
musl_exit_thread(void)
{
	struct thread_record *record = thread_record_self();

	thread_switch_stack(record->stack +
	    sizeof(record->stack) / sizeof(record->stack[0]),
	    thread_record_leave, record);
}

long
musl_syscall(long number, long a, long b, long c, long d, long e, long f)
{
	(void)e;
	(void)f;
	switch (number) {
	case CALL_FUTEX:
	case CALL_FUTEX64:
		return musl_futex((int *)a, b, c, (const void *)d,
		    number == CALL_FUTEX64);
	case CALL_MMAP2:
		return musl_mmap((vm_address_t)a, (size_t)b, c, d);
	case CALL_MUNMAP:
		return musl_munmap((vm_address_t)a, (size_t)b);
	case CALL_MPROTECT:
		return musl_mprotect((vm_address_t)a, (size_t)b, c);
	case CALL_MREMAP:
		return -ENOMEM;
	case CALL_WRITE:
		log_write((const char *)b, (size_t)c);
		return c;
	case CALL_WRITEV:
		return musl_writev((const struct iovec *)b, c);
	case CALL_READ:
	case CALL_BRK:
	case CALL_IOCTL:
	case CALL_MADVISE:
	case CALL_CLOSE:
	case CALL_SIGACTION:
	case CALL_SIGPROCMASK:
	case CALL_SET_ROBUST_LIST:
	case CALL_MEMBARRIER:
		return 0;
	case CALL_GETPID:
		return 1;
	case CALL_GETTID:
	case CALL_SET_TID_ADDRESS:
		return thread_record_self()->tid;
	case CALL_CLOCK_GETTIME:
	case CALL_CLOCK_GETTIME64:
		return musl_clock(number, a, (void *)b);
	case CALL_GETTIMEOFDAY:
		return musl_clock(number, CLOCK_REALTIME, (void *)a);
	case CALL_NANOSLEEP:
		return musl_nanosleep(CLOCK_MONOTONIC, ((int32_t *)a)[0],
		    ((int32_t *)a)[1], false);
	case CALL_CLOCK_NANOSLEEP:
		return musl_nanosleep(a, ((int32_t *)c)[0],
		    ((int32_t *)c)[1], b != 0);
	case CALL_CLOCK_NANOSLEEP64:
		return musl_nanosleep(a, ((int64_t *)c)[0],
		    ((int64_t *)c)[1], b != 0);
	case CALL_GETRANDOM:
		return musl_random((unsigned char *)a, (size_t)b);
	case CALL_SCHED_YIELD:
		(void)swtch_pri(0);
		return 0;
	case CALL_EXIT:
		musl_exit_thread();
		return 0;
	case CALL_TKILL:
	case CALL_EXIT_GROUP:
		for (;;) {
			(void)task_terminate(mach_task_self());
		}
	default:
		return musl_unknown(number);
	}
}
