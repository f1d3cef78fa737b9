/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * The lock, waiting, and time.
 */
#include <servers/unix/unix.h>

#include <pthread.h>
#include <servers/lib/server.h>
#include <stdlib.h>
#include <time.h>

#define SLEEP_ROOT_PART	8

static pthread_mutex_t unix_mutex = PTHREAD_MUTEX_INITIALIZER;

void
unix_lock(void)
{
	pthread_mutex_lock(&unix_mutex);
}

void
unix_unlock(void)
{
	pthread_mutex_unlock(&unix_mutex);
}

void
unix_time(int64_t *sec, uint32_t *nsec)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	*sec = ts.tv_sec;
	*nsec = (uint32_t)ts.tv_nsec;
}

uint64_t
unix_now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
}

void
unix_deadline(uint64_t deadline_ns, struct timespec *ts)
{
	ts->tv_sec = (time_t)(deadline_ns / 1000000000);
	ts->tv_nsec = (long)(deadline_ns % 1000000000);
}

void
waitq_init(struct waitq *q)
{
	list_init(&q->waiters);
}

bool
thread_cond_init(struct uthread *t)
{
	pthread_cond_t *cond = malloc(sizeof(*cond));
	pthread_condattr_t attr;

	if (cond == NULL) {
		return false;
	}
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(cond, &attr);
	pthread_condattr_destroy(&attr);
	t->cond = cond;
	return true;
}

void
thread_cond_fini(struct uthread *t)
{
	pthread_cond_destroy(t->cond);
	free(t->cond);
}

bool
thread_is_interrupted(const struct uthread *t)
{
	return t->dying || signal_deliverable(t);
}

void
thread_wake(struct uthread *t)
{
	t->wait.woken = true;
	pthread_cond_broadcast(t->cond);
	if (t->wait.stop != NULL && thread_is_interrupted(t)) {
		t->wait.stop(t->wait.port);
	}
}

void
waitq_wake_for(struct waitq *q, int events)
{
	struct waiter *w;

	list_for_each(&q->waiters, w, link) {
		if (w->notify != NULL) {
			w->notify(w, events);
		} else {
			thread_wake(w->thread);
		}
	}
}

void
waitq_wake(struct waitq *q)
{
	waitq_wake_for(q, ~0);
}

void
waiter_add(struct waiter *w, struct waitq *q, struct uthread *t)
{
	w->thread = t;
	w->notify = NULL;
	list_add(&q->waiters, &w->link);
}

void
waiter_remove(struct waiter *w)
{
	list_remove(&w->link);
}

/* Threads of this server in calls that may wait for ever. */
static int sleep_count;
int sleep_max;

/* The first half is for who comes first, the last part for root. */
static bool
sleep_is_allowed(const struct process *p)
{
	const struct process *other;
	int own = 0;

	if (sleep_count < sleep_max / 2 || p->cred.ruid == 0) {
		return sleep_count < sleep_max;
	}
	list_for_each(&process_table, other, table) {
		if (other->cred.ruid == p->cred.ruid) {
			own += other->sleeps;
		}
	}
	return own < sleep_max / 2 && sleep_count < sleep_max -
	    sleep_max / SLEEP_ROOT_PART;
}

int
sleep_begin(struct process *p)
{
	if (!sleep_is_allowed(p) || !server_wait_begin()) {
		return -L_EAGAIN;
	}
	sleep_count++;
	p->sleeps++;
	return 0;
}

void
sleep_end(struct process *p)
{
	p->sleeps--;
	sleep_count--;
	server_wait_end();
}

int
thread_wait(struct uthread *t, uint64_t deadline_ns)
{
	int result;

	if (t->wait.woken) {
		t->wait.woken = false;
		return 0;
	}
	result = sleep_begin(t->process);
	if (result == 0) {
		result = thread_wait_begun(t, deadline_ns);
		sleep_end(t->process);
	}
	return result;
}

int
thread_wait_begun(struct uthread *t, uint64_t deadline_ns)
{
	struct timespec ts;
	int result = 0;

	while (!t->wait.woken) {
		if (thread_is_interrupted(t)) {
			result = -L_EINTR;
			break;
		}
		if (deadline_ns == 0) {
			t->wait.sleeping = true;
			pthread_cond_wait(t->cond, &unix_mutex);
			t->wait.sleeping = false;
			continue;
		}
		if (unix_now_ns() >= deadline_ns) {
			result = -L_ETIMEDOUT;
			break;
		}
		unix_deadline(deadline_ns, &ts);
		t->wait.sleeping = true;
		pthread_cond_timedwait(t->cond, &unix_mutex, &ts);
		t->wait.sleeping = false;
	}
	t->wait.woken = false;
	return result;
}

int
thread_wait_on_begun(struct uthread *t, struct waitq *q, uint64_t deadline_ns)
{
	struct waiter w;
	int result;

	t->wait.woken = false;
	waiter_add(&w, q, t);
	result = thread_wait_begun(t, deadline_ns);
	waiter_remove(&w);
	return result;
}

int
thread_wait_on(struct uthread *t, struct waitq *q, uint64_t deadline_ns)
{
	int result = sleep_begin(t->process);

	if (result == 0) {
		result = thread_wait_on_begun(t, q, deadline_ns);
		sleep_end(t->process);
	}
	return result;
}
