/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * Timers of processes: those of setitimer, those of timer_create, and the
 * limit on processor time.
 *
 * One thread sleeps until the next of them may be due.  When a timer on
 * processor time may be due is the earliest moment at which that much can have
 * been used; if it was not, the thread looks again.
 */
#ifndef SERVERS_UNIX_UNIX_TIMER_H
#define SERVERS_UNIX_UNIX_TIMER_H

#include <servers/unix/unix.h>

#define TIMER_MAX	32		/* of timer_create, of a process */

/* What a timer counts. */
enum timer_clock {
	TIMER_UPTIME,
	TIMER_DAY,		/* an absolute time of day */
	TIMER_USER,		/* processor time of the program ... */
	TIMER_CPU,		/* ... and of the kernel for it */
	TIMER_THREAD		/* likewise, of one thread */
};

struct timer {
	struct list		link;	/* of its process, sorted by nothing */
	int			id;	/* -1: of setitimer */
	enum timer_clock	clock;
	uint32_t		linux_clock;	/* as timer_create had it */
	int			owner;	/* process (TIMER_USER, _CPU) or
					   thread whose time it counts; 0: the
					   process' own */
	uint64_t		due;	/* on CLOCK; 0: off */
	uint64_t		interval;
	int			notify;	/* L_SIGEV_* */
	int			signal;
	int			tid;	/* of L_SIGEV_THREAD_ID */
	uint32_t		value;
	uint32_t		overrun;	/* of the last signal taken */
};

/* The kinds of setitimer, in its order. */
#define TIMER_KINDS	3

struct timers {
	struct timer	kinds[TIMER_KINDS];
	struct list	made;		/* struct timer.link */
	int		count;
	int		next_id;
	uint64_t	limit_ns;	/* next word about L_RLIMIT_CPU */
};

void timer_init(struct timers *timers);

/* At exec (ALL false: those of setitimer go on) and at the end. */
void timer_clear(struct process *p, bool all);

/*
 * A new timer, with an id, off; NULL: too many.  The caller fills what it
 * counts and how it tells.
 */
struct timer *timer_create_for(struct process *p);
struct timer *timer_lookup(struct process *p, int id);
void timer_destroy(struct process *p, struct timer *timer);

/* Now, on the clock of TIMER; false: what it counts is gone. */
bool timer_now(struct process *p, const struct timer *timer, uint64_t *now);

/* Let TIMER, of P, be due at DUE on its clock; 0: never. */
void timer_set(struct process *p, struct timer *timer, uint64_t due,
    uint64_t interval);

/* What is left until TIMER is due, 0: it is off. */
uint64_t timer_left(struct process *p, struct timer *timer);

/*
 * How often TIMER was due by NOW, on its clock; it is then due at the next time
 * after that, if any.
 */
uint64_t timer_passed(struct timer *timer, uint64_t now);

/*
 * Send the signals that are due.  Returns when to look again, on the clock of
 * unix_now_ns; 0: not before something is set.
 */
uint64_t timer_run(void);

/* Tell the thread that calls timer_run that there is something new. */
void timer_kick(void);

/* A signal of a timer is taken: its overruns are what INFO says. */
void timer_taken(struct process *p, struct siginfo *info);

/*
 * unix_timerfd.c: timers that are read.  CLOCK is Linux', one of those below
 * timer_create's that are no processor time.
 */
struct file *timerfd_create_file(uint32_t clock, uint32_t flags);
/* The timer of F, looked at, or NULL: it is none. */
struct timer *timerfd_timer(struct file *f);
/* It is set anew; CANCEL: reading fails once if the time of day is set. */
void timerfd_started(struct file *f, bool cancel);
/* As timer_run, for all of them. */
uint64_t timerfd_run(void);
void timerfd_day_changed(void);

/* Sleepers until a time of day; woken when that is set. */
extern struct waitq timer_day_changed;

#endif /* SERVERS_UNIX_UNIX_TIMER_H */
