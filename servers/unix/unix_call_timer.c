/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * Calls about timers, and the thread that serves them.
 */
#include <servers/unix/unix_call.h>

#include <servers/unix/unix_proc.h>
#include <servers/unix/unix_timer.h>
#include <pthread.h>
#include <string.h>
#include <time.h>

#define NS_PER_S	1000000000ull

static pthread_mutex_t alarm_mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t alarm_cond = PTHREAD_COND_INITIALIZER;
static bool alarm_changed;

void
timer_kick(void)
{
	pthread_mutex_lock(&alarm_mutex);
	alarm_changed = true;
	pthread_cond_signal(&alarm_cond);
	pthread_mutex_unlock(&alarm_mutex);
}

/* Sleep until NEXT, or until something changes; a timer has its least wait. */
static void
alarm_sleep(uint64_t next)
{
	uint64_t least = unix_now_ns() + 1000000;
	struct timespec ts;

	unix_deadline(next > least ? next : least, &ts);
	pthread_mutex_lock(&alarm_mutex);
	while (!alarm_changed) {
		if (next == 0) {
			pthread_cond_wait(&alarm_cond, &alarm_mutex);
		} else if (pthread_cond_timedwait(&alarm_cond, &alarm_mutex,
		    &ts) != 0) {
			break;
		}
	}
	alarm_changed = false;
	pthread_mutex_unlock(&alarm_mutex);
}

void
call_alarm_thread(void *argument)
{
	pthread_condattr_t attr;
	uint64_t next;

	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&alarm_cond, &attr);
	for (;;) {
		unix_lock();
		next = timer_run();
		unix_unlock();
		alarm_sleep(next);
	}
}

/*
 * setitimer.
 */

static uint64_t
time_from(const struct linux_timeval *tv)
{
	return (uint64_t)tv->sec * NS_PER_S + (uint64_t)tv->usec * 1000;
}

/* Up to a microsecond, so that what is left is never nothing. */
static void
time_to(uint64_t ns, struct linux_timeval *tv)
{
	ns += 999;
	tv->sec = (int32_t)(ns / NS_PER_S);
	tv->usec = (int32_t)(ns / 1000 % 1000000);
}

static bool
time_valid(const struct linux_timeval *tv)
{
	return tv->sec >= 0 && tv->usec >= 0 && tv->usec < 1000000;
}

static void
itimer_get(struct process *p, struct timer *timer,
    struct linux_itimerval *out)
{
	time_to(timer_left(p, timer), &out->value);
	time_to(timer->due != 0 ? timer->interval : 0, &out->interval);
}

static void
itimer_set(struct process *p, struct timer *timer,
    const struct linux_itimerval *in)
{
	uint64_t value = time_from(&in->value);
	uint64_t now = 0;

	timer_now(p, timer, &now);
	timer_set(p, timer, value != 0 ? now + value : 0,
	    time_from(&in->interval));
}

int32_t
call_setitimer(struct call *c)
{
	struct linux_itimerval in;
	struct linux_itimerval out;
	struct timer *timer;

	if (c->a[0] >= TIMER_KINDS) {
		return -L_EINVAL;
	}
	timer = &c->p->timers->kinds[c->a[0]];
	memset(&in, 0, sizeof(in));
	if (c->in[1] != NULL) {
		memcpy(&in, c->in[1], sizeof(in));
	}
	if (!time_valid(&in.value) || !time_valid(&in.interval)) {
		return -L_EINVAL;
	}
	if (c->out[2] != NULL) {
		itimer_get(c->p, timer, &out);
		memcpy(c->out[2], &out, sizeof(out));
	}
	itimer_set(c->p, timer, &in);
	return 0;
}

int32_t
call_getitimer(struct call *c)
{
	struct linux_itimerval out;

	if (c->a[0] >= TIMER_KINDS) {
		return -L_EINVAL;
	}
	if (c->out[1] == NULL) {
		return -L_EFAULT;
	}
	itimer_get(c->p, &c->p->timers->kinds[c->a[0]], &out);
	memcpy(c->out[1], &out, sizeof(out));
	return 0;
}

/* Whole seconds: what is left is rounded, but not to nothing. */
int32_t
call_alarm(struct call *c)
{
	struct linux_itimerval in;
	struct linux_itimerval out;
	struct timer *timer = &c->p->timers->kinds[L_ITIMER_REAL];

	memset(&in, 0, sizeof(in));
	in.value.sec = (int32_t)(c->a[0] > INT32_MAX ? INT32_MAX : c->a[0]);
	itimer_get(c->p, timer, &out);
	itimer_set(c->p, timer, &in);
	if ((out.value.sec == 0 && out.value.usec != 0) ||
	    out.value.usec >= 500000) {
		out.value.sec++;
	}
	return out.value.sec;
}

/*
 * Clocks of processor time.
 */

/* Which time Linux' clock WHICH is; 0, -L_EINVAL. */
static int32_t
clock_decode(struct call *c, uint32_t which, struct timer *timer)
{
	int who = (int)~((int32_t)which >> 3);
	struct process *p;
	struct uthread *t;

	memset(timer, 0, sizeof(*timer));
	if (which == L_CLOCK_PROCESS_CPU || which == L_CLOCK_THREAD_CPU) {
		who = 0;
		which = L_CPU_SCHED | (which == L_CLOCK_THREAD_CPU ?
		    L_CPU_THREAD : 0);
	} else if ((int32_t)which >= 0 || (which & 3) == 3) {
		return -L_EINVAL;
	}
	timer->clock = (which & 3) == L_CPU_VIRT ? TIMER_USER : TIMER_CPU;
	if ((which & L_CPU_THREAD) != 0) {
		t = who == 0 ? c->t : uthread_lookup(who);
		timer->clock = TIMER_THREAD;
		timer->owner = t != NULL ? t->tid : 0;
		return t != NULL && t->process == c->p ? 0 : -L_EINVAL;
	}
	p = who == 0 ? c->p : process_lookup(who);
	timer->owner = who;
	return p != NULL ? 0 : -L_EINVAL;
}

int32_t
call_own_cpu_clock(struct call *c)
{
	struct linux_timespec64 ts;
	struct timer timer;
	uint64_t now;
	int32_t error;

	error = clock_decode(c, c->a[0], &timer);
	if (error != 0 || !timer_now(c->p, &timer, &now)) {
		return -L_EINVAL;
	}
	ts.sec = (int64_t)(now / NS_PER_S);
	ts.nsec = (int64_t)(now % NS_PER_S);
	if (c->out[1] == NULL) {
		return -L_EFAULT;
	}
	memcpy(c->out[1], &ts, sizeof(ts));
	return 0;
}

/*
 * Sleep on a clock of processor time: nobody says when it has passed, so look.
 */
int32_t
call_sleep_cpu(struct call *c, uint32_t which, bool absolute,
    const struct linux_timespec64 *ts)
{
	struct timer timer;
	uint64_t now;
	uint64_t due = 0;
	int32_t error;

	error = clock_decode(c, which, &timer);
	if (error != 0 || (timer.clock == TIMER_THREAD &&
	    timer.owner == c->t->tid)) {
		return -L_EINVAL;
	}
	while (timer_now(c->p, &timer, &now)) {
		if (due == 0) {
			due = (uint64_t)ts->sec * NS_PER_S +
			    (uint64_t)ts->nsec + (absolute ? 0 : now);
		}
		if (now >= due) {
			break;
		}
		c->t->wait.woken = false;
		error = thread_wait(c->t, unix_now_ns() + 10000000);
		if (error == -L_EINTR) {
			return -L_ERESTARTNOHAND;
		}
		if (error == -L_EAGAIN) {
			return error;
		}
	}
	return 0;
}

/*
 * timer_create and its kin.
 */

static int32_t
timer_linux_clock(struct call *c, uint32_t which, struct timer *timer)
{
	switch (which) {
	case L_CLOCK_REALTIME:
	case L_CLOCK_MONOTONIC:
	case L_CLOCK_BOOTTIME:
	case L_CLOCK_TAI:
		memset(timer, 0, sizeof(*timer));
		timer->clock = TIMER_UPTIME;
		return 0;
	case L_CLOCK_MONOTONIC_RAW:
	case L_CLOCK_REALTIME_COARSE:
	case L_CLOCK_MONOTONIC_COARSE:
		return -L_EOPNOTSUPP;
	default:
		return clock_decode(c, which, timer);
	}
}

static int32_t
timer_event(struct call *c, struct linux_sigevent *event)
{
	struct uthread *t;

	memset(event, 0, sizeof(*event));
	event->signal = L_SIGALRM;
	if (c->in[1] == NULL) {
		return 0;
	}
	memcpy(event, c->in[1], sizeof(*event));
	if (event->notify == L_SIGEV_THREAD_ID) {
		t = uthread_lookup(event->tid);
		if (t == NULL || t->process != c->p) {
			return -L_EINVAL;
		}
	} else if (event->notify < 0 || event->notify > L_SIGEV_THREAD) {
		return -L_EINVAL;
	}
	if (event->notify != L_SIGEV_NONE && (event->signal <= 0 ||
	    event->signal > L_SIGMAX)) {
		return -L_EINVAL;
	}
	return 0;
}

int32_t
call_timer_create(struct call *c)
{
	struct linux_sigevent event;
	struct timer what;
	struct timer *timer;
	int32_t error;

	error = timer_linux_clock(c, c->a[0], &what);
	if (error == 0) {
		error = timer_event(c, &event);
	}
	if (error != 0) {
		return error;
	}
	if (c->out[2] == NULL) {
		return -L_EFAULT;
	}
	timer = timer_create_for(c->p);
	if (timer == NULL) {
		return -L_EAGAIN;
	}
	timer->clock = what.clock;
	timer->owner = what.owner;
	timer->linux_clock = c->a[0];
	timer->notify = event.notify;
	timer->signal = event.signal;
	timer->tid = event.tid;
	timer->value = c->in[1] != NULL ? event.value : (uint32_t)timer->id;
	memcpy(c->out[2], &timer->id, sizeof(timer->id));
	return 0;
}

static void
timer_get(struct process *p, struct timer *timer,
    struct linux_itimerspec64 *out)
{
	uint64_t left = timer_left(p, timer);

	out->value.sec = (int64_t)(left / NS_PER_S);
	out->value.nsec = (int64_t)(left % NS_PER_S);
	out->interval.sec = (int64_t)(timer->interval / NS_PER_S);
	out->interval.nsec = (int64_t)(timer->interval % NS_PER_S);
}

static void
timer_give(struct call *c, int which, struct timer *timer, bool wide)
{
	struct linux_itimerspec64 out;
	struct linux_itimerspec old;

	timer_get(c->p, timer, &out);
	old.value.sec = (int32_t)out.value.sec;
	old.value.nsec = (int32_t)out.value.nsec;
	old.interval.sec = (int32_t)out.interval.sec;
	old.interval.nsec = (int32_t)out.interval.nsec;
	memcpy(c->out[which], wide ? (void *)&out : (void *)&old,
	    wide ? sizeof(out) : sizeof(old));
}

static int32_t
timer_gettime_of(struct call *c, struct timer *timer, bool wide)
{
	if (timer == NULL) {
		return -L_EINVAL;
	}
	if (c->out[1] == NULL) {
		return -L_EFAULT;
	}
	timer_give(c, 1, timer, wide);
	return 0;
}

static int32_t
timer_gettime_call(struct call *c, bool wide)
{
	return timer_gettime_of(c, timer_lookup(c->p, (int)c->a[0]), wide);
}

int32_t
call_timer_gettime(struct call *c)
{
	return timer_gettime_call(c, false);
}

int32_t
call_timer_gettime64(struct call *c)
{
	return timer_gettime_call(c, true);
}

/* The nanoseconds of TS; -1: it is not a time. */
static int64_t
timer_ns(const struct linux_timespec64 *ts)
{
	if (ts->sec < 0 || ts->nsec < 0 || ts->nsec >= (int64_t)NS_PER_S) {
		return -1;
	}
	/* Beyond three centuries is for ever. */
	return ts->sec > 9000000000 ? 9000000000 * (int64_t)NS_PER_S :
	    ts->sec * (int64_t)NS_PER_S + ts->nsec;
}

static int32_t
timer_start(struct process *p, struct timer *timer, bool absolute,
    const struct linux_itimerspec64 *in)
{
	int64_t value = timer_ns(&in->value);
	int64_t interval = timer_ns(&in->interval);
	bool of_day = timer->linux_clock == L_CLOCK_REALTIME ||
	    timer->linux_clock == L_CLOCK_TAI;
	uint64_t now = 0;

	if (value < 0 || interval < 0) {
		return -L_EINVAL;
	}
	if (timer->clock == TIMER_UPTIME || timer->clock == TIMER_DAY) {
		timer->clock = absolute && of_day ? TIMER_DAY : TIMER_UPTIME;
	}
	if (!absolute) {
		timer_now(p, timer, &now);
	}
	timer_set(p, timer, value != 0 ? now + (uint64_t)value : 0,
	    (uint64_t)interval);
	return 0;
}

/* TIMER: NULL, where it is to be said that there is none. */
static int32_t
timer_settime_of(struct call *c, struct timer *timer, bool wide)
{
	struct linux_itimerspec64 in;
	struct linux_itimerspec old;
	struct timer before;

	if (wide) {
		memcpy(&in, c->in[2], sizeof(in));
	} else {
		memcpy(&old, c->in[2], sizeof(old));
		in.value.sec = old.value.sec;
		in.value.nsec = old.value.nsec;
		in.interval.sec = old.interval.sec;
		in.interval.nsec = old.interval.nsec;
	}
	if (timer == NULL || timer_ns(&in.value) < 0 ||
	    timer_ns(&in.interval) < 0) {
		return -L_EINVAL;
	}
	before = *timer;
	if (c->out[3] != NULL) {
		timer_give(c, 3, &before, wide);
	}
	return timer_start(c->p, timer, (c->a[1] & L_TIMER_ABSTIME) != 0,
	    &in);
}

static int32_t
timer_settime_call(struct call *c, bool wide)
{
	return c->in[2] == NULL ? -L_EINVAL : timer_settime_of(c,
	    timer_lookup(c->p, (int)c->a[0]), wide);
}

int32_t
call_timer_settime(struct call *c)
{
	return timer_settime_call(c, false);
}

int32_t
call_timer_settime64(struct call *c)
{
	return timer_settime_call(c, true);
}

int32_t
call_timer_getoverrun(struct call *c)
{
	struct timer *timer = timer_lookup(c->p, (int)c->a[0]);

	return timer != NULL ? (int32_t)timer->overrun : -L_EINVAL;
}

int32_t
call_timer_delete(struct call *c)
{
	struct timer *timer = timer_lookup(c->p, (int)c->a[0]);

	if (timer == NULL) {
		return -L_EINVAL;
	}
	timer_destroy(c->p, timer);
	return 0;
}

/*
 * Timers that are files.
 */

int32_t
call_timerfd_create(struct call *c)
{
	uint32_t flags = c->a[1];
	struct file *f;

	if ((flags & ~(uint32_t)(L_O_CLOEXEC | L_O_NONBLOCK)) != 0 ||
	    (c->a[0] != L_CLOCK_REALTIME && c->a[0] != L_CLOCK_MONOTONIC &&
	    c->a[0] != L_CLOCK_BOOTTIME)) {
		return -L_EINVAL;
	}
	f = timerfd_create_file(c->a[0], flags);
	return f == NULL ? -L_ENOMEM :
	    fd_insert(c->p, f, 0, (flags & L_O_CLOEXEC) != 0);
}

static int32_t
timerfd_settime(struct call *c, bool wide)
{
	struct file *f = fd_lookup(c->p, c->a[0]);
	bool cancel = (c->a[1] & L_TFD_CANCEL_ON_SET) != 0;
	struct timer *timer;
	int32_t error;

	if (c->in[2] == NULL) {
		return -L_EFAULT;
	}
	if ((c->a[1] & ~(uint32_t)(L_TIMER_ABSTIME | L_TFD_CANCEL_ON_SET)) !=
	    0) {
		return -L_EINVAL;
	}
	if (f == NULL) {
		return -L_EBADF;
	}
	timer = timerfd_timer(f);
	error = timer_settime_of(c, timer, wide);
	if (error == 0) {
		timerfd_started(f, cancel && timer->linux_clock ==
		    L_CLOCK_REALTIME && (c->a[1] & L_TIMER_ABSTIME) != 0);
	}
	return error;
}

int32_t
call_timerfd_settime(struct call *c)
{
	return timerfd_settime(c, false);
}

int32_t
call_timerfd_settime64(struct call *c)
{
	return timerfd_settime(c, true);
}

static int32_t
timerfd_gettime(struct call *c, bool wide)
{
	struct file *f = fd_lookup(c->p, c->a[0]);

	return f == NULL ? -L_EBADF :
	    timer_gettime_of(c, timerfd_timer(f), wide);
}

int32_t
call_timerfd_gettime(struct call *c)
{
	return timerfd_gettime(c, false);
}

int32_t
call_timerfd_gettime64(struct call *c)
{
	return timerfd_gettime(c, true);
}
