/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * Calls that wait for time, for several files, or for a word of memory.
 */
#include <servers/unix/unix_call.h>

#include <servers/unix/unix_task.h>
#include <servers/unix/unix_timer.h>
#include <stdlib.h>
#include <string.h>

/* When that much time has passed; for ever if it is beyond counting. */
uint64_t
call_deadline(int64_t sec, int64_t nsec)
{
	uint64_t now = unix_now_ns();

	if (sec < 0) {
		return 1;
	}
	if (sec > 1000000000) {
		return 0;
	}
	return now + (uint64_t)sec * 1000000000 + (uint64_t)nsec + 1;
}

/* An absolute time, of day or of our clock; one that has passed is 1. */
uint64_t
call_deadline_absolute(bool of_day, int64_t sec, int64_t nsec)
{
	int64_t now_sec;
	uint32_t now_nsec;
	int64_t left;

	if (sec < 0) {
		return 1;
	}
	if (sec > 4000000000) {
		return 0;
	}
	if (!of_day) {
		return (uint64_t)(sec * 1000000000 + nsec) + 1;
	}
	unix_time(&now_sec, &now_nsec);
	left = (sec - now_sec) * 1000000000 + nsec - now_nsec;
	return left <= 0 ? 1 : unix_now_ns() + (uint64_t)left;
}

int32_t
call_sleep_until(struct uthread *t, uint64_t deadline)
{
	int result;

	do {
		t->wait.woken = false;
		result = thread_wait(t, deadline);
	} while (result == 0);
	if (result == -L_EINTR) {
		return -L_ERESTARTBLOCK;
	}
	return result == -L_ETIMEDOUT ? 0 : result;
}

/* What is left of the sleep goes out in TIME, a timespec of either width. */
static void
sleep_left(struct uthread *t, char *out, bool wide)
{
	uint64_t now = unix_now_ns();
	uint64_t left = t->restart_ns > now ? t->restart_ns - now : 0;
	struct linux_timespec64 ts = { (int64_t)(left / 1000000000),
	    (int64_t)(left % 1000000000) };
	struct linux_timespec old = { (int32_t)ts.sec, (int32_t)ts.nsec };

	if (out == NULL) {
		return;
	}
	if (wide) {
		memcpy(out, &ts, sizeof(ts));
	} else {
		memcpy(out, &old, sizeof(old));
	}
}

/* Until a time of day, which somebody may set meanwhile. */
static int32_t
sleep_until_day(struct uthread *t, const struct linux_timespec64 *ts)
{
	uint64_t deadline;
	int result;

	do {
		deadline = call_deadline_absolute(true, ts->sec, ts->nsec);
		result = thread_wait_on(t, &timer_day_changed, deadline);
	} while (result == 0);
	if (result == -L_EINTR) {
		return -L_ERESTARTNOHAND;
	}
	return result == -L_ETIMEDOUT ? 0 : result;
}

/* 0: one can sleep on CLOCK; 1: it counts processor time. */
static int32_t
sleep_clock(uint32_t clock)
{
	switch (clock) {
	case L_CLOCK_REALTIME:
	case L_CLOCK_MONOTONIC:
	case L_CLOCK_BOOTTIME:
	case L_CLOCK_TAI:
		return 0;
	case L_CLOCK_MONOTONIC_RAW:
	case L_CLOCK_REALTIME_COARSE:
	case L_CLOCK_MONOTONIC_COARSE:
		return -L_EOPNOTSUPP;
	case L_CLOCK_PROCESS_CPU:
		return 1;
	default:
		return (int32_t)clock < 0 ? 1 : -L_EINVAL;
	}
}

static int32_t
sleep_call(struct call *c, uint32_t clock, uint32_t flags, const char *in,
    char *out, bool wide)
{
	struct linux_timespec64 ts;
	struct linux_timespec old;
	int32_t result = sleep_clock(clock);
	int32_t kind = result;

	if (result < 0) {
		return result;
	}
	if (in == NULL) {
		return -L_EFAULT;
	}
	if (wide) {
		memcpy(&ts, in, sizeof(ts));
	} else {
		memcpy(&old, in, sizeof(old));
		ts.sec = old.sec;
		ts.nsec = old.nsec;
	}
	if (ts.sec < 0 || ts.nsec < 0 || ts.nsec > 999999999) {
		return -L_EINVAL;
	}
	if (kind == 1) {
		return call_sleep_cpu(c, clock, (flags & L_TIMER_ABSTIME) !=
		    0, &ts);
	}
	if ((flags & L_TIMER_ABSTIME) != 0 && (clock == L_CLOCK_REALTIME ||
	    clock == L_CLOCK_TAI)) {
		return sleep_until_day(c->t, &ts);
	}
	c->t->restart_ns = (flags & 1) != 0 ?
	    call_deadline_absolute(false, ts.sec, ts.nsec) :
	    call_deadline(ts.sec, ts.nsec);
	result = call_sleep_until(c->t, c->t->restart_ns);
	if (result == -L_ERESTARTBLOCK && (flags & 1) == 0) {
		sleep_left(c->t, out, wide);
		c->write_out = true;
	}
	return result == -L_ERESTARTBLOCK && (flags & 1) != 0 ?
	    -L_ERESTARTNOHAND : result;
}

int32_t
call_nanosleep(struct call *c)
{
	return sleep_call(c, 1, 0, c->in[0], c->out[1], false);
}

int32_t
call_clock_nanosleep(struct call *c)
{
	return sleep_call(c, c->a[0], c->a[1], c->in[2], c->out[3], false);
}

int32_t
call_clock_nanosleep_time64(struct call *c)
{
	return sleep_call(c, c->a[0], c->a[1], c->in[2], c->out[3], true);
}

int32_t
call_restart_syscall(struct call *c)
{
	return call_sleep_until(c->t, c->t->restart_ns);
}

/*
 * poll.
 */

static int
poll_file(struct uthread *t, const struct linux_pollfd *fd,
    struct waitq **queue)
{
	struct file *f;

	*queue = NULL;
	if (fd->fd < 0) {
		return 0;
	}
	f = fd_lookup(t->process, (uint32_t)fd->fd);
	if (f == NULL) {
		return L_POLLNVAL;
	}
	if (f->ops->poll == NULL) {
		return (L_POLLIN | L_POLLOUT | L_POLLRDNORM | L_POLLWRNORM) &
		    fd->events;
	}
	return f->ops->poll(f, t, queue) &
	    (fd->events | L_POLLERR | L_POLLHUP);
}

/*
 * Look at all; the number that are ready.  With WAITERS, join their queues.
 * A queue stays while the wait lasts, because the file is held in FILES.
 */
static int
poll_scan(struct uthread *t, struct linux_pollfd *fds, uint32_t n,
    struct waiter *waiters, struct file **files)
{
	struct waitq *queue;
	int ready = 0;

	for (uint32_t i = 0; i < n; i++) {
		fds[i].revents = (int16_t)poll_file(t, &fds[i], &queue);
		if (fds[i].revents != 0) {
			ready++;
		}
		if (waiters == NULL) {
			continue;
		}
		list_init(&waiters[i].link);
		files[i] = NULL;
		if (queue != NULL) {
			files[i] = fd_lookup(t->process, (uint32_t)fds[i].fd);
			file_ref(files[i]);
			waiter_add(&waiters[i], queue, t);
		}
	}
	return ready;
}

static int32_t
poll_wait(struct uthread *t, struct linux_pollfd *fds, uint32_t n,
    uint64_t deadline, bool wait)
{
	struct waiter *waiters;
	struct file **files;
	int32_t result;
	int error = 0;

	t->wait.woken = false;
	if (!wait) {
		return poll_scan(t, fds, n, NULL, NULL);
	}
	waiters = malloc((n + 1) * sizeof(*waiters));
	files = malloc((n + 1) * sizeof(*files));
	if (waiters == NULL || files == NULL) {
		free(waiters);
		free(files);
		return -L_ENOMEM;
	}
	result = poll_scan(t, fds, n, waiters, files);
	while (result == 0 && error == 0) {
		error = thread_wait(t, deadline);
		result = poll_scan(t, fds, n, NULL, NULL);
	}
	for (uint32_t i = 0; i < n; i++) {
		waiter_remove(&waiters[i]);
		if (files[i] != NULL) {
			file_unref(files[i]);
		}
	}
	free(waiters);
	free(files);
	if (result == 0 && error == -L_EINTR) {
		return -L_ERESTARTNOHAND;
	}
	return result == 0 && error != -L_ETIMEDOUT ? error : result;
}

void
call_mask_begin(struct uthread *t, const char *mask)
{
	uint32_t words[2];

	if (mask != NULL) {
		memcpy(words, mask, sizeof(words));
		t->saved_mask = t->mask;
		signal_set_mask(t, words[0] | (sigset_bits_t)words[1] << 32);
	}
}

void
call_mask_end(struct uthread *t, const char *mask, bool interrupted)
{
	if (mask == NULL) {
		return;
	}
	if (interrupted) {
		t->restore_mask = true;
	} else {
		signal_set_mask(t, t->saved_mask);
	}
}

static int32_t
poll_call(struct call *c, bool timed, uint64_t deadline, bool wait,
    const char *mask)
{
	struct uthread *t = c->t;
	int32_t result;

	if (c->a[1] > UNIX_FD_MAX) {
		return -L_EINVAL;
	}
	if (c->a[1] != 0 && c->out[0] == NULL) {
		return -L_EFAULT;
	}
	call_mask_begin(t, mask);
	result = poll_wait(t, (struct linux_pollfd *)(void *)c->out[0],
	    c->a[1], timed ? deadline : 0, wait);
	call_mask_end(t, mask, result == -L_ERESTARTNOHAND);
	return result;
}

int32_t
call_poll(struct call *c)
{
	int32_t ms = (int32_t)c->a[2];

	return poll_call(c, ms >= 0, ms > 0 ? call_deadline(ms / 1000,
	    (int64_t)(ms % 1000) * 1000000) : 0, ms != 0, NULL);
}

static int32_t
ppoll_call(struct call *c, bool wide)
{
	struct linux_timespec64 ts = { 0, 0 };
	struct linux_timespec old;

	if (c->in[2] == NULL) {
		return poll_call(c, false, 0, true, c->in[3]);
	}
	if (wide) {
		memcpy(&ts, c->in[2], sizeof(ts));
	} else {
		memcpy(&old, c->in[2], sizeof(old));
		ts.sec = old.sec;
		ts.nsec = old.nsec;
	}
	if (ts.sec < 0 || ts.nsec < 0 || ts.nsec > 999999999) {
		return -L_EINVAL;
	}
	return poll_call(c, true, call_deadline(ts.sec, ts.nsec),
	    ts.sec != 0 || ts.nsec != 0, c->in[3]);
}

int32_t
call_ppoll(struct call *c)
{
	return ppoll_call(c, false);
}

int32_t
call_ppoll_time64(struct call *c)
{
	return ppoll_call(c, true);
}
