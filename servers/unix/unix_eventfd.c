/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * eventfd: a counter; writing adds to it, reading takes it, or one of it.
 */
#include <servers/unix/unix_epoll.h>

#include <stdlib.h>
#include <string.h>

#define EVENTFD_FULL	(UINT64_MAX - 1)

struct eventfd {
	uint64_t	count;
	bool		semaphore;
	struct waitq	queue;
};

static int32_t
eventfd_read(struct file *f, struct uthread *t, char *buf, uint32_t n,
    int64_t *offset)
{
	struct eventfd *e = f->object;
	uint64_t value = e->semaphore ? 1 : e->count;

	if (n < sizeof(value)) {
		return -L_EINVAL;
	}
	if (e->count == 0) {
		return -L_EAGAIN;
	}
	memcpy(buf, &value, sizeof(value));
	e->count -= value;
	waitq_wake_for(&e->queue, L_POLLOUT | L_POLLWRNORM);
	return sizeof(value);
}

static int32_t
eventfd_write(struct file *f, struct uthread *t, const char *buf, uint32_t n,
    int64_t *offset)
{
	struct eventfd *e = f->object;
	uint64_t value;

	if (n < sizeof(value)) {
		return -L_EINVAL;
	}
	memcpy(&value, buf, sizeof(value));
	if (value == UINT64_MAX) {
		return -L_EINVAL;
	}
	if (value > EVENTFD_FULL - e->count) {
		return -L_EAGAIN;
	}
	e->count += value;
	waitq_wake_for(&e->queue, L_POLLIN | L_POLLRDNORM);
	return sizeof(value);
}

static int
eventfd_poll(struct file *f, struct uthread *t, struct waitq **queue)
{
	struct eventfd *e = f->object;
	int events = 0;

	*queue = &e->queue;
	if (e->count != 0) {
		events |= L_POLLIN;
	}
	if (e->count < EVENTFD_FULL) {
		events |= L_POLLOUT;
	}
	return events;
}

static int32_t
eventfd_stat(struct file *f, struct file_stat *st)
{
	file_stat_nameless(f, st);
	return 0;
}

static void
eventfd_close(struct file *f)
{
	free(f->object);
}

static const struct file_ops eventfd_ops = {
	.name = "eventfd",
	.read = eventfd_read,
	.write = eventfd_write,
	.poll = eventfd_poll,
	.stat = eventfd_stat,
	.close = eventfd_close,
};

struct file *
eventfd_create(uint64_t value, uint32_t flags)
{
	struct eventfd *e = calloc(1, sizeof(*e));
	struct file *f;

	if (e == NULL) {
		return NULL;
	}
	f = file_create(&eventfd_ops, L_O_RDWR | (flags & L_O_NONBLOCK));
	if (f == NULL) {
		free(e);
		return NULL;
	}
	e->count = value;
	e->semaphore = (flags & L_EFD_SEMAPHORE) != 0;
	waitq_init(&e->queue);
	f->object = e;
	return f;
}
