/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * Pseudo terminals: the driver of the terminal is a file, the master.
 */
#include <servers/unix/unix.h>

#include <stdlib.h>
#include <string.h>

#define PTY_MAX		64
#define PTY_BUFFER	4096u

struct pty {
	unsigned	number;
	struct tty	*tty;
	bool		open;		/* the master is */
	bool		locked;
	char		buffer[PTY_BUFFER];
	uint32_t	used;
	struct waitq	queue;
};

static struct pty *ptys[PTY_MAX];

static uint32_t
pty_output(struct tty *tty, const char *buf, uint32_t n)
{
	struct pty *pty = tty_data(tty);

	if (!pty->open) {
		return n;
	}
	if (n > PTY_BUFFER - pty->used) {
		n = PTY_BUFFER - pty->used;
	}
	memcpy(pty->buffer + pty->used, buf, n);
	pty->used += n;
	waitq_wake(&pty->queue);
	return n;
}

static void
pty_input_ready(struct tty *tty)
{
	struct pty *pty = tty_data(tty);

	waitq_wake(&pty->queue);
}

/* The terminal goes with the last of its two sides. */
static void
pty_unused(struct tty *tty)
{
	struct pty *pty = tty_data(tty);

	if (pty->open) {
		return;
	}
	tty_destroy(tty);
	free(pty);
}

static const struct tty_driver pty_driver = {
	.output = pty_output,
	.input_ready = pty_input_ready,
	.unused = pty_unused,
};

static int32_t
pty_read(struct file *f, struct uthread *t, char *buf, uint32_t n,
    int64_t *offset)
{
	struct pty *pty = f->object;

	if (pty->used == 0) {
		return -L_EAGAIN;
	}
	if (n > pty->used) {
		n = pty->used;
	}
	memcpy(buf, pty->buffer, n);
	memmove(pty->buffer, pty->buffer + n, pty->used - n);
	pty->used -= n;
	tty_output_ready(pty->tty);
	return (int32_t)n;
}

static int32_t
pty_write(struct file *f, struct uthread *t, const char *buf, uint32_t n,
    int64_t *offset)
{
	struct pty *pty = f->object;
	uint32_t done = tty_input(pty->tty, buf, n);

	return done == 0 && n != 0 ? -L_EAGAIN : (int32_t)done;
}

static int32_t
pty_ioctl(struct file *f, struct uthread *t, uint32_t command, uint32_t arg,
    const char *in, char *out)
{
	struct pty *pty = f->object;
	struct file slave;

	switch (command) {
	case L_TIOCGPTN:
		memcpy(out, &pty->number, sizeof(pty->number));
		return 0;
	case L_TIOCSPTLCK:
		pty->locked = in[0] != 0;
		return 0;
	case L_TCGETS:
	case L_TCSETS:
	case L_TIOCGWINSZ:
	case L_TIOCSWINSZ:
		memset(&slave, 0, sizeof(slave));
		slave.object = pty->tty;
		return tty_file_ops.ioctl(&slave, t, command, arg, in, out);
	case L_FIONREAD:
		memcpy(out, &pty->used, sizeof(pty->used));
		return 0;
	default:
		return -L_ENOTTY;
	}
}

static int
pty_poll(struct file *f, struct uthread *t, struct waitq **queue)
{
	struct pty *pty = f->object;

	*queue = &pty->queue;
	return (pty->used != 0 ? L_POLLIN | L_POLLRDNORM : 0) |
	    (tty_input_is_full(pty->tty) ? 0 : L_POLLOUT | L_POLLWRNORM);
}

static int32_t
pty_stat(struct file *f, struct file_stat *st)
{
	memset(st, 0, sizeof(*st));
	st->dev = 5;
	st->ino = 2;
	st->mode = L_S_IFCHR | 0666;
	st->nlink = 1;
	st->rdev = 5 << 8 | 2;
	return 0;
}

static void
pty_close(struct file *f)
{
	struct pty *pty = f->object;

	ptys[pty->number] = NULL;
	tty_hangup(pty->tty);	/* may close the other side */
	pty->open = false;
	if (!tty_is_open(pty->tty)) {
		pty_unused(pty->tty);
	}
}

static const struct file_ops pty_ops = {
	.name = "ptmx",
	.read = pty_read,
	.write = pty_write,
	.ioctl = pty_ioctl,
	.poll = pty_poll,
	.stat = pty_stat,
	.close = pty_close,
};

int32_t
pty_open_master(uint32_t flags, struct file **filep)
{
	struct pty *pty;
	struct file *f;
	unsigned n = 0;

	while (n < PTY_MAX && ptys[n] != NULL) {
		n++;
	}
	if (n == PTY_MAX) {
		return -L_ENOSPC;
	}
	pty = calloc(1, sizeof(*pty));
	f = file_create(&pty_ops, flags);
	if (pty != NULL) {
		pty->tty = tty_create(&pty_driver, pty, 136 << 8 | n);
	}
	if (pty == NULL || f == NULL || pty->tty == NULL) {
		free(pty);
		free(f);
		return -L_ENOMEM;
	}
	pty->number = n;
	pty->open = true;
	pty->locked = true;
	waitq_init(&pty->queue);
	ptys[n] = pty;
	f->object = pty;
	*filep = f;
	return 0;
}

struct tty *
pty_slave(unsigned number)
{
	return number < PTY_MAX && ptys[number] != NULL ?
	    ptys[number]->tty : NULL;
}
