/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * epoll.
 */
#include <servers/unix/unix_epoll.h>

#include <stdlib.h>
#include <string.h>

#define EPOLL_ITEMS_MAX	8192
#define EPOLL_DEPTH	5	/* one may watch others so deep, as on Linux */

#define EPOLL_ALWAYS	((uint32_t)(L_POLLERR | L_POLLHUP))

struct epoll {
	struct list	items;		/* struct epoll_item.link */
	struct list	ready;		/* ... .ready: those that may be */
	unsigned	count;
	struct waitq	queue;
};

struct epoll_item {
	struct list	link;
	struct list	ready;		/* alone: not ready */
	struct list	of_file;	/* file->watchers */
	struct waiter	waiter;		/* in the file's queue */
	struct epoll	*epoll;
	struct file	*file;		/* tells when it goes */
	uint32_t	fd;
	uint32_t	events;
	uint64_t	data;
	bool		off;		/* EPOLLONESHOT has had its one */
};

static const struct file_ops epoll_ops;

bool
epoll_is(const struct file *f)
{
	return f->ops == &epoll_ops;
}

struct waitq *
epoll_queue(struct file *f)
{
	return &((struct epoll *)f->object)->queue;
}

/* What holds of the events that ITEM waits for. */
static uint32_t
epoll_item_events(struct epoll_item *item, struct uthread *t)
{
	struct waitq *queue = NULL;

	if (item->off) {
		return 0;
	}
	return (uint32_t)item->file->ops->poll(item->file, t, &queue) &
	    (item->events | EPOLL_ALWAYS);
}

static void
epoll_item_ready(struct epoll_item *item)
{
	if (list_empty(&item->ready)) {
		list_add(&item->epoll->ready, &item->ready);
	}
	waitq_wake_for(&item->epoll->queue, L_POLLIN | L_POLLRDNORM);
}

/* EVENTS may have come. */
static void
epoll_item_notify(struct waiter *w, int events)
{
	struct epoll_item *item = list_entry(w, struct epoll_item, waiter);

	if (!item->off &&
	    ((uint32_t)events & (item->events | EPOLL_ALWAYS)) != 0) {
		epoll_item_ready(item);
	}
}

static void
epoll_item_free(struct epoll_item *item)
{
	item->epoll->count--;
	waiter_remove(&item->waiter);
	list_remove(&item->of_file);
	list_remove(&item->ready);
	list_remove(&item->link);
	free(item);
}

void
epoll_forget(struct file *file)
{
	struct epoll_item *item;
	struct epoll_item *next;

	list_for_each_safe(&file->watchers, item, next, of_file) {
		epoll_item_free(item);
	}
}

static int
epoll_poll(struct file *f, struct uthread *t, struct waitq **queue)
{
	struct epoll *epoll = f->object;
	struct epoll_item *item;
	struct epoll_item *next;

	*queue = &epoll->queue;
	list_for_each_safe(&epoll->ready, item, next, ready) {
		if (epoll_item_events(item, t) != 0) {
			return L_POLLIN | L_POLLRDNORM;
		}
		list_remove(&item->ready);
	}
	return 0;
}

static int32_t
epoll_stat(struct file *f, struct file_stat *st)
{
	file_stat_nameless(f, st);
	return 0;
}

static void
epoll_close(struct file *f)
{
	struct epoll *epoll = f->object;
	struct epoll_item *item;
	struct epoll_item *next;

	list_for_each_safe(&epoll->items, item, next, link) {
		epoll_item_free(item);
	}
	free(epoll);
}

static const struct file_ops epoll_ops = {
	.name = "eventpoll",
	.poll = epoll_poll,
	.stat = epoll_stat,
	.close = epoll_close,
};

struct file *
epoll_create_file(void)
{
	struct epoll *epoll = calloc(1, sizeof(*epoll));
	struct file *f;

	if (epoll == NULL) {
		return NULL;
	}
	f = file_create(&epoll_ops, L_O_RDWR);
	if (f == NULL) {
		free(epoll);
		return NULL;
	}
	list_init(&epoll->items);
	list_init(&epoll->ready);
	waitq_init(&epoll->queue);
	f->object = epoll;
	return f;
}

/* How deep FILE watches others; EPOLL_DEPTH and more when it comes to TO. */
static unsigned
epoll_depth(const struct file *file, const struct epoll *to, unsigned so_far)
{
	const struct epoll *epoll = file->object;
	struct epoll_item *item;
	unsigned most = so_far;
	unsigned depth;

	if (!epoll_is(file)) {
		return so_far;
	}
	if (epoll == to || so_far >= EPOLL_DEPTH) {
		return EPOLL_DEPTH;
	}
	list_for_each(&epoll->items, item, link) {
		depth = epoll_depth(item->file, to, so_far + 1);
		most = depth > most ? depth : most;
	}
	return most;
}

static struct epoll_item *
epoll_find(struct epoll *epoll, const struct file *file, uint32_t fd)
{
	struct epoll_item *item;

	/* Those that watch one file are fewer than those of one epoll. */
	list_for_each(&file->watchers, item, of_file) {
		if (item->epoll == epoll && item->fd == fd) {
			return item;
		}
	}
	return NULL;
}

static void
epoll_set(struct epoll_item *item, struct uthread *t,
    const struct linux_epoll_event *event)
{
	item->events = event->events;
	item->data = event->data;
	item->off = false;
	list_remove(&item->ready);
	if (epoll_item_events(item, t) != 0) {
		epoll_item_ready(item);
	}
}

static int32_t
epoll_add(struct epoll *epoll, struct uthread *t, struct file *file,
    uint32_t fd, const struct linux_epoll_event *event)
{
	struct epoll_item *item;
	struct waitq *queue = NULL;

	if (epoll_depth(file, epoll, 0) >= EPOLL_DEPTH) {
		return -L_ELOOP;
	}
	if (epoll->count >= EPOLL_ITEMS_MAX) {
		return -L_ENOSPC;
	}
	item = calloc(1, sizeof(*item));
	if (item == NULL) {
		return -L_ENOMEM;
	}
	epoll->count++;
	item->epoll = epoll;
	item->file = file;
	item->fd = fd;
	list_init(&item->ready);
	list_init(&item->waiter.link);
	list_add(&epoll->items, &item->link);
	list_add(&file->watchers, &item->of_file);
	file->ops->poll(file, t, &queue);
	if (queue != NULL) {
		waiter_add(&item->waiter, queue, NULL);
		item->waiter.notify = epoll_item_notify;
	}
	epoll_set(item, t, event);
	return 0;
}

int32_t
epoll_control(struct file *f, struct uthread *t, uint32_t operation,
    struct file *file, uint32_t fd, const struct linux_epoll_event *event)
{
	struct epoll *epoll = f->object;
	struct epoll_item *item;

	if (file->ops->poll == NULL) {
		return -L_EPERM;
	}
	if (!epoll_is(f) || f == file) {
		return -L_EINVAL;
	}
	item = epoll_find(epoll, file, fd);
	switch (operation) {
	case L_EPOLL_CTL_ADD:
		return item != NULL ? -L_EEXIST : epoll_add(epoll, t, file,
		    fd, event);
	case L_EPOLL_CTL_MOD:
		if (item == NULL) {
			return -L_ENOENT;
		}
		epoll_set(item, t, event);
		return 0;
	case L_EPOLL_CTL_DEL:
		if (item == NULL) {
			return -L_ENOENT;
		}
		epoll_item_free(item);
		return 0;
	default:
		return -L_EINVAL;
	}
}

int32_t
epoll_collect(struct file *f, struct uthread *t,
    struct linux_epoll_event *events, uint32_t max)
{
	struct epoll *epoll = f->object;
	struct list still = LIST_INIT(still);
	struct epoll_item *item;
	uint32_t found;
	uint32_t n = 0;

	while (n < max && !list_empty(&epoll->ready)) {
		item = list_entry(epoll->ready.next, struct epoll_item, ready);
		list_remove(&item->ready);
		found = epoll_item_events(item, t);
		if (found == 0) {
			continue;
		}
		events[n].events = found;
		events[n].data = item->data;
		n++;
		if ((item->events & L_EPOLLONESHOT) != 0) {
			item->off = true;
		} else if ((item->events & L_EPOLLET) == 0) {
			list_add(&still, &item->ready);
		}
	}
	/* Those that stay come after those that were not looked at. */
	while (!list_empty(&still)) {
		item = list_entry(still.next, struct epoll_item, ready);
		list_remove(&item->ready);
		list_add(&epoll->ready, &item->ready);
	}
	return (int32_t)n;
}
