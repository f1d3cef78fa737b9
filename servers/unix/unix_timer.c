/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * Timers: see unix_timer.h.
 */
#include <servers/unix/unix_timer.h>

#include <servers/unix/unix_proc.h>
#include <stdlib.h>
#include <string.h>

#define TIMER_NS_PER_S	1000000000ull
#define TIMER_TICK_NS	10000000ull	/* processor time is counted in */

struct waitq timer_day_changed = {
	LIST_INIT(timer_day_changed.waiters)
};

void
timer_init(struct timers *timers)
{
	static const int signals[TIMER_KINDS] = { L_SIGALRM, L_SIGVTALRM,
		L_SIGPROF };
	static const enum timer_clock clocks[TIMER_KINDS] = { TIMER_UPTIME,
		TIMER_USER, TIMER_CPU };

	memset(timers, 0, sizeof(*timers));
	list_init(&timers->made);
	for (int i = 0; i < TIMER_KINDS; i++) {
		timers->kinds[i].id = -1;
		timers->kinds[i].clock = clocks[i];
		timers->kinds[i].signal = signals[i];
	}
}

void
timer_destroy(struct process *p, struct timer *timer)
{
	list_remove(&timer->link);
	free(timer);
	p->timers->count--;
}

void
timer_clear(struct process *p, bool all)
{
	struct timer *timer;
	struct timer *next;

	list_for_each_safe(&p->timers->made, timer, next, link) {
		timer_destroy(p, timer);
	}
	for (int i = 0; all && i < TIMER_KINDS; i++) {
		p->timers->kinds[i].due = 0;
	}
}

struct timer *
timer_create_for(struct process *p)
{
	struct timer *timer;

	if (p->timers->count >= TIMER_MAX) {
		return NULL;
	}
	timer = calloc(1, sizeof(*timer));
	if (timer == NULL) {
		return NULL;
	}
	timer->id = p->timers->next_id++;
	p->timers->next_id &= INT32_MAX;
	p->timers->count++;
	list_add(&p->timers->made, &timer->link);
	return timer;
}

struct timer *
timer_lookup(struct process *p, int id)
{
	struct timer *timer;

	list_for_each(&p->timers->made, timer, link) {
		if (timer->id == id) {
			return timer;
		}
	}
	return NULL;
}

bool
timer_now(struct process *p, const struct timer *timer, uint64_t *now)
{
	struct process *owner;
	struct uthread *t;
	struct proc_usage usage;
	int64_t sec;
	uint32_t nsec;

	switch (timer->clock) {
	case TIMER_UPTIME:
		*now = unix_now_ns();
		return true;
	case TIMER_DAY:
		unix_time(&sec, &nsec);
		*now = (uint64_t)sec * TIMER_NS_PER_S + nsec;
		return true;
	case TIMER_THREAD:
		t = uthread_lookup(timer->owner);
		if (t == NULL) {
			return false;
		}
		proc_machine_thread_usage(t, &usage);
		break;
	default:
		owner = timer->owner != 0 ? process_lookup(timer->owner) : p;
		if (owner == NULL) {
			return false;
		}
		proc_machine_usage(owner, &usage);
		break;
	}
	*now = usage.user_ns +
	    (timer->clock == TIMER_USER ? 0 : usage.system_ns);
	return true;
}

void
timer_set(struct process *p, struct timer *timer, uint64_t due,
    uint64_t interval)
{
	timer->due = due;
	timer->interval = interval;
	timer->overrun = 0;
	if (due != 0) {
		timer_kick();
	}
	(void)p;
}

uint64_t
timer_left(struct process *p, struct timer *timer)
{
	uint64_t now;

	if (timer->due == 0 || !timer_now(p, timer, &now)) {
		return 0;
	}
	/* Due, and not noticed yet: not off. */
	return timer->due > now ? timer->due - now : 1;
}

/* P's thread that is told, NULL: the process is. */
static struct uthread *
timer_thread(struct process *p, const struct timer *timer)
{
	struct uthread *t;

	list_for_each(&p->threads, t, link) {
		if (timer->notify == L_SIGEV_THREAD_ID &&
		    t->tid == timer->tid) {
			return t;
		}
	}
	return NULL;
}

static uint32_t
timer_add(uint32_t count, uint64_t more)
{
	return more > INT32_MAX - (uint64_t)count ? INT32_MAX :
	    count + (uint32_t)more;
}

/*
 * TIMER was due, and MISSED times more.  A signal of it that nobody took yet
 * only counts them.
 */
static void
timer_fire(struct process *p, struct timer *timer, uint64_t missed)
{
	struct siginfo info;
	struct siginfo *waiting;
	struct uthread *t;

	if (timer->id < 0) {
		signal_post(p, timer->signal, NULL);
		return;
	}
	if (timer->notify == L_SIGEV_NONE) {
		return;
	}
	t = timer_thread(p, timer);
	if (t == NULL && timer->notify == L_SIGEV_THREAD_ID) {
		return;
	}
	waiting = signal_find(t != NULL ? &t->pending : &p->pending,
	    timer->signal, L_SI_TIMER, timer->id);
	if (waiting != NULL) {
		waiting->uid = timer_add(waiting->uid, missed + 1);
		return;
	}
	memset(&info, 0, sizeof(info));
	info.code = L_SI_TIMER;
	info.pid = timer->id;
	info.uid = timer_add(0, missed);
	info.value = timer->value;
	if (t != NULL) {
		signal_post_thread(t, timer->signal, &info);
	} else {
		signal_post(p, timer->signal, &info);
	}
}

void
timer_taken(struct process *p, struct siginfo *info)
{
	struct timer *timer = timer_lookup(p, info->pid);

	if (timer != NULL) {
		timer->overrun = info->uid;
	}
}

static uint64_t
timer_sooner(uint64_t a, uint64_t b)
{
	return a == 0 || (b != 0 && b < a) ? b : a;
}

/* When LEFT may have passed on CLOCK, in terms of unix_now_ns. */
static uint64_t
timer_earliest(const struct process *p, enum timer_clock clock, uint64_t left)
{
	uint64_t wait = left;

	if (clock == TIMER_USER || clock == TIMER_CPU) {
		wait = left / (p->nthreads > 0 ? (unsigned)p->nthreads : 1);
	}
	if (clock >= TIMER_USER && wait < TIMER_TICK_NS) {
		wait = TIMER_TICK_NS;
	}
	return unix_now_ns() + wait;
}

uint64_t
timer_passed(struct timer *timer, uint64_t now)
{
	uint64_t times = 1;

	if (timer->due == 0 || now < timer->due) {
		return 0;
	}
	if (timer->interval != 0) {
		times += (now - timer->due) / timer->interval;
		timer->due += times * timer->interval;
	} else {
		timer->due = 0;
	}
	return times;
}

/* When to look at TIMER again. */
static uint64_t
timer_check(struct process *p, struct timer *timer)
{
	uint64_t now;
	uint64_t times;

	if (timer->due == 0 || !timer_now(p, timer, &now)) {
		return 0;
	}
	times = timer_passed(timer, now);
	if (times != 0) {
		timer_fire(p, timer, times - 1);
	}
	if (timer->due == 0 || p->state == PROCESS_ZOMBIE) {
		return 0;
	}
	return timer_earliest(p, timer->clock, timer->due - now);
}

/* The limit on processor time: a word each second, then the end. */
static uint64_t
timer_check_limit(struct process *p)
{
	const struct linux_limit *limit = &p->limits[L_RLIMIT_CPU];
	struct proc_usage usage;
	uint64_t used;
	uint64_t due;

	if (limit->cur > UINT32_MAX) {
		p->timers->limit_ns = 0;
		return 0;
	}
	proc_machine_usage(p, &usage);
	used = usage.user_ns + usage.system_ns;
	if (limit->max <= UINT32_MAX && used >= limit->max * TIMER_NS_PER_S) {
		signal_post(p, L_SIGKILL, NULL);
		return 0;
	}
	due = limit->cur * TIMER_NS_PER_S;
	due = p->timers->limit_ns > due ? p->timers->limit_ns : due;
	if (used >= due) {
		due = used + TIMER_NS_PER_S;
		p->timers->limit_ns = due;
		signal_post(p, L_SIGXCPU, NULL);
	}
	return p->state == PROCESS_ZOMBIE ? 0 :
	    timer_earliest(p, TIMER_CPU, due - used);
}

static uint64_t
timer_run_process(struct process *p)
{
	struct timer *timer;
	struct timer *next_timer;
	uint64_t next = 0;

	for (int i = 0; i < TIMER_KINDS; i++) {
		next = timer_sooner(next, timer_check(p,
		    &p->timers->kinds[i]));
	}
	/* A signal may end the process, and with it all its timers. */
	list_for_each_safe(&p->timers->made, timer, next_timer, link) {
		next = timer_sooner(next, timer_check(p, timer));
		if (p->state == PROCESS_ZOMBIE) {
			return 0;
		}
	}
	return timer_sooner(next, timer_check_limit(p));
}

uint64_t
timer_run(void)
{
	struct process **all;
	struct process *p;
	uint64_t next = timerfd_run();
	int n = 0;

	all = malloc((size_t)(process_count + 1) * sizeof(struct process *));
	if (all == NULL) {
		return unix_now_ns() + TIMER_NS_PER_S;
	}
	list_for_each(&process_table, p, table) {
		process_ref(p);
		all[n++] = p;
	}
	for (int i = 0; i < n; i++) {
		if (all[i]->state == PROCESS_LIVE ||
		    all[i]->state == PROCESS_STOPPED) {
			next = timer_sooner(next, timer_run_process(all[i]));
		}
		process_unref(all[i]);
	}
	free(all);
	return next;
}
