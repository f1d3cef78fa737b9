/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * Pipes and fifos: a ring of 64 KiB.  Writes of up to 4096 bytes go in whole or
 * wait.  A fifo is a pipe found by the number of its file, kept while anybody
 * has it open; so is the file, or its number could be another one's.
 */
#include <servers/unix/unix.h>
#include <servers/unix/unix_vfs.h>

#include <stdlib.h>
#include <string.h>

#define PIPE_SIZE	65536u
#define PIPE_ATOMIC	4096u

struct pipe {
	struct list	link;		/* of fifos; alone for pipes */
	uint64_t	dev;
	uint64_t	ino;
	struct node	*node;		/* the fifo's file, referenced, or */
	uint32_t	port;		/* a handle of it, a send right */
	int		readers;
	int		writers;
	uint32_t	opens_read;	/* ever, for opens that wait */
	uint32_t	opens_write;
	uint32_t	head;		/* next byte to read */
	uint32_t	used;
	struct waitq	queue;
	char		*data;
};

static struct list pipe_fifos = LIST_INIT(pipe_fifos);

static bool
pipe_reads(const struct file *f)
{
	return (f->flags & L_O_ACCMODE) != L_O_WRONLY;
}

static bool
pipe_writes(const struct file *f)
{
	return (f->flags & L_O_ACCMODE) != L_O_RDONLY;
}

static int32_t
pipe_read(struct file *f, struct uthread *t, char *buf, uint32_t n,
    int64_t *offset)
{
	struct pipe *pipe = f->object;
	uint32_t part;

	if (offset != NULL) {
		return -L_ESPIPE;
	}
	if (n == 0) {
		return 0;
	}
	if (pipe->used == 0) {
		return pipe->writers == 0 ? 0 : -L_EAGAIN;
	}
	if (n > pipe->used) {
		n = pipe->used;
	}
	part = PIPE_SIZE - pipe->head;
	if (part > n) {
		part = n;
	}
	memcpy(buf, pipe->data + pipe->head, part);
	memcpy(buf + part, pipe->data, n - part);
	pipe->head = (pipe->head + n) % PIPE_SIZE;
	pipe->used -= n;
	waitq_wake_for(&pipe->queue, L_POLLOUT | L_POLLWRNORM);
	return (int32_t)n;
}

static int32_t
pipe_write(struct file *f, struct uthread *t, const char *buf, uint32_t n,
    int64_t *offset)
{
	struct pipe *pipe = f->object;
	uint32_t room = PIPE_SIZE - pipe->used;
	uint32_t tail;
	uint32_t part;

	if (offset != NULL) {
		return -L_ESPIPE;
	}
	if (pipe->readers == 0) {
		if (t != NULL) {
			signal_post_thread(t, L_SIGPIPE, NULL);
		}
		return -L_EPIPE;
	}
	if (n == 0) {
		return 0;
	}
	if (room == 0 || (n <= PIPE_ATOMIC && room < n)) {
		return -L_EAGAIN;
	}
	if (n > room) {
		n = room;
	}
	tail = (pipe->head + pipe->used) % PIPE_SIZE;
	part = PIPE_SIZE - tail;
	if (part > n) {
		part = n;
	}
	memcpy(pipe->data + tail, buf, part);
	memcpy(pipe->data, buf + part, n - part);
	pipe->used += n;
	waitq_wake_for(&pipe->queue, L_POLLIN | L_POLLRDNORM);
	return (int32_t)n;
}

static int32_t
pipe_ioctl(struct file *f, struct uthread *t, uint32_t command, uint32_t arg,
    const char *in, char *out)
{
	struct pipe *pipe = f->object;

	if (command != L_FIONREAD) {
		return -L_ENOTTY;
	}
	memcpy(out, &pipe->used, sizeof(pipe->used));
	return 0;
}

static int
pipe_poll(struct file *f, struct uthread *t, struct waitq **queue)
{
	struct pipe *pipe = f->object;
	int events = 0;

	*queue = &pipe->queue;
	if (pipe_reads(f)) {
		if (pipe->used != 0) {
			events |= L_POLLIN | L_POLLRDNORM;
		}
		if (pipe->writers == 0) {
			events |= L_POLLHUP;
		}
	}
	if (pipe_writes(f)) {
		if (PIPE_SIZE - pipe->used >= PIPE_ATOMIC) {
			events |= L_POLLOUT | L_POLLWRNORM;
		}
		if (pipe->readers == 0) {
			events |= L_POLLERR;
		}
	}
	return events;
}

static int32_t
pipe_stat(struct file *f, struct file_stat *st)
{
	struct pipe *pipe = f->object;

	if (pipe->node != NULL) {
		node_stat(pipe->node, st);
		return 0;
	}
	if (pipe->port != 0) {
		return remote_stat(pipe->port, st);
	}
	memset(st, 0, sizeof(*st));
	st->dev = 12;
	st->ino = (uintptr_t)pipe;
	st->mode = L_S_IFIFO | 0600;
	st->nlink = 1;
	st->blksize = PIPE_ATOMIC;
	return 0;
}

/* PIPE is in nobody's hands any more. */
static void
pipe_free(struct pipe *pipe)
{
	list_remove(&pipe->link);
	if (pipe->node != NULL) {
		node_unref(pipe->node);
	}
	remote_release(pipe->port);
	free(pipe->data);
	free(pipe);
}

static void
pipe_close(struct file *f)
{
	struct pipe *pipe = f->object;

	if (pipe_reads(f)) {
		pipe->readers--;
	}
	if (pipe_writes(f)) {
		pipe->writers--;
	}
	waitq_wake(&pipe->queue);
	if (pipe->readers == 0 && pipe->writers == 0) {
		pipe_free(pipe);
	}
}

static const struct file_ops pipe_ops = {
	.name = "pipe",
	.read = pipe_read,
	.write = pipe_write,
	.ioctl = pipe_ioctl,
	.poll = pipe_poll,
	.stat = pipe_stat,
	.close = pipe_close,
};

struct waitq *
pipe_queue(struct file *f)
{
	return &((struct pipe *)f->object)->queue;
}

static struct pipe *
pipe_new(void)
{
	struct pipe *pipe = calloc(1, sizeof(*pipe));

	if (pipe == NULL) {
		return NULL;
	}
	pipe->data = malloc(PIPE_SIZE);
	if (pipe->data == NULL) {
		free(pipe);
		return NULL;
	}
	list_init(&pipe->link);
	waitq_init(&pipe->queue);
	return pipe;
}

static struct file *
pipe_end(struct pipe *pipe, uint32_t flags)
{
	struct file *f = file_create(&pipe_ops, flags);

	if (f == NULL) {
		return NULL;
	}
	f->object = pipe;
	if (pipe_reads(f)) {
		pipe->readers++;
		pipe->opens_read++;
	}
	if (pipe_writes(f)) {
		pipe->writers++;
		pipe->opens_write++;
	}
	waitq_wake(&pipe->queue);
	return f;
}

int32_t
pipe_create(struct file **readp, struct file **writep, uint32_t flags)
{
	struct pipe *pipe = pipe_new();

	flags &= L_O_NONBLOCK;
	if (pipe == NULL) {
		return -L_ENOMEM;
	}
	*readp = pipe_end(pipe, L_O_RDONLY | flags);
	if (*readp == NULL) {
		pipe_free(pipe);
		return -L_ENOMEM;
	}
	*writep = pipe_end(pipe, L_O_WRONLY | flags);
	if (*writep == NULL) {
		file_unref(*readp);
		return -L_ENOMEM;
	}
	return 0;
}

static struct pipe *
pipe_find_fifo(const struct fifo *fifo)
{
	struct pipe *pipe;

	list_for_each(&pipe_fifos, pipe, link) {
		if (pipe->node == fifo->node && pipe->dev == fifo->dev &&
		    pipe->ino == fifo->ino) {
			return pipe;
		}
	}
	return NULL;
}

static struct pipe *
pipe_new_fifo(const struct fifo *fifo)
{
	struct pipe *pipe = pipe_new();

	if (pipe == NULL) {
		return NULL;
	}
	pipe->node = fifo->node;
	pipe->port = fifo->port;
	pipe->dev = fifo->dev;
	pipe->ino = fifo->ino;
	if (pipe->node != NULL) {
		node_ref(pipe->node);
	}
	remote_keep(pipe->port);
	list_add(&pipe_fifos, &pipe->link);
	return pipe;
}

/*
 * Open FIFO.  The caller then waits until pipe_open_ready, unless it does not want
 * to.
 */
int32_t
pipe_open_fifo(const struct fifo *fifo, uint32_t flags, struct file **filep)
{
	struct pipe *found = pipe_find_fifo(fifo);

	if ((flags & L_O_ACCMODE) == L_O_WRONLY &&
	    (flags & L_O_NONBLOCK) != 0 &&
	    (found == NULL || found->readers == 0)) {
		return -L_ENXIO;
	}
	if (found == NULL) {
		found = pipe_new_fifo(fifo);
		if (found == NULL) {
			return -L_ENOMEM;
		}
	}
	*filep = pipe_end(found, flags & (L_O_ACCMODE | L_O_NONBLOCK));
	if (*filep == NULL) {
		if (found->readers == 0 && found->writers == 0) {
			pipe_free(found);
		}
		return -L_ENOMEM;
	}
	return 0;
}

/* Has somebody opened the other end? */
bool
pipe_open_ready(const struct file *f)
{
	const struct pipe *pipe = f->object;

	if (pipe_reads(f) && pipe_writes(f)) {
		return true;
	}
	return pipe_reads(f) ? pipe->opens_write != 0 : pipe->opens_read != 0;
}

int32_t
pipe_size(const struct file *f)
{
	return f->ops == &pipe_ops ? (int32_t)PIPE_SIZE : -L_EBADF;
}
