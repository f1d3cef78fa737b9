/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * timerfd: a timer that counts how often it was due, until that is read.
 */
#include <servers/unix/unix_timer.h>

#include <stdlib.h>
#include <string.h>

struct timerfd {
	struct list	link;		/* timerfd_all */
	struct timer	timer;
	uint64_t	count;
	bool		cancel;		/* when the time of day is set */
	bool		cancelled;
	struct waitq	queue;
};

static struct list timerfd_all = LIST_INIT(timerfd_all);
static const struct file_ops timerfd_ops;

/* Count how often it was due, and tell who waits for that. */
static void
timerfd_look(struct timerfd *e)
{
	uint64_t now = 0;
	uint64_t times;

	timer_now(NULL, &e->timer, &now);
	times = timer_passed(&e->timer, now);
	e->count += times;
	if (times != 0) {
		waitq_wake_for(&e->queue, L_POLLIN | L_POLLRDNORM);
	}
}

static int32_t
timerfd_read(struct file *f, struct uthread *t, char *buf, uint32_t n,
    int64_t *offset)
{
	struct timerfd *e = f->object;

	if (n < sizeof(e->count)) {
		return -L_EINVAL;
	}
	timerfd_look(e);
	if (e->cancelled) {
		e->cancelled = false;
		e->count = 0;
		return -L_ECANCELED;
	}
	if (e->count == 0) {
		return -L_EAGAIN;
	}
	memcpy(buf, &e->count, sizeof(e->count));
	e->count = 0;
	return sizeof(e->count);
}

static int
timerfd_poll(struct file *f, struct uthread *t, struct waitq **queue)
{
	struct timerfd *e = f->object;
	uint64_t now = 0;

	*queue = &e->queue;
	timer_now(NULL, &e->timer, &now);
	return e->count != 0 || e->cancelled ||
	    (e->timer.due != 0 && now >= e->timer.due) ? L_POLLIN : 0;
}

static int32_t
timerfd_stat(struct file *f, struct file_stat *st)
{
	file_stat_nameless(f, st);
	return 0;
}

static void
timerfd_close(struct file *f)
{
	struct timerfd *e = f->object;

	list_remove(&e->link);
	free(e);
}

static const struct file_ops timerfd_ops = {
	.name = "timerfd",
	.read = timerfd_read,
	.poll = timerfd_poll,
	.stat = timerfd_stat,
	.close = timerfd_close,
};

struct file *
timerfd_create_file(uint32_t clock, uint32_t flags)
{
	struct timerfd *e = calloc(1, sizeof(*e));
	struct file *f;

	if (e == NULL) {
		return NULL;
	}
	f = file_create(&timerfd_ops, L_O_RDWR | (flags & L_O_NONBLOCK));
	if (f == NULL) {
		free(e);
		return NULL;
	}
	e->timer.clock = TIMER_UPTIME;
	e->timer.linux_clock = clock;
	waitq_init(&e->queue);
	list_add(&timerfd_all, &e->link);
	f->object = e;
	return f;
}

struct timer *
timerfd_timer(struct file *f)
{
	struct timerfd *e = f->object;

	if (f->ops != &timerfd_ops) {
		return NULL;
	}
	timerfd_look(e);
	return &e->timer;
}

void
timerfd_started(struct file *f, bool cancel)
{
	struct timerfd *e = f->object;

	e->count = 0;
	e->cancel = cancel;
	e->cancelled = false;
}

uint64_t
timerfd_run(void)
{
	struct timerfd *e;
	uint64_t next = 0;
	uint64_t again;
	uint64_t now = 0;

	list_for_each(&timerfd_all, e, link) {
		timerfd_look(e);
		if (e->timer.due == 0) {
			continue;
		}
		timer_now(NULL, &e->timer, &now);
		again = unix_now_ns() + (e->timer.due > now ?
		    e->timer.due - now : 0);
		next = next == 0 || again < next ? again : next;
	}
	return next;
}

void
timerfd_day_changed(void)
{
	struct timerfd *e;

	list_for_each(&timerfd_all, e, link) {
		if (e->cancel) {
			e->cancelled = true;
			waitq_wake_for(&e->queue, L_POLLIN | L_POLLRDNORM);
		}
	}
}
