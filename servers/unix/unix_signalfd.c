/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * signalfd: signals that are pending are read instead of handled.  Its queue is
 * that of the process that looks.
 */
#include <servers/unix/unix_epoll.h>

#include <stdlib.h>
#include <string.h>

#define SIGNALFD_NEVER	(SIGBIT(L_SIGKILL) | SIGBIT(L_SIGSTOP))

struct signalfd {
	sigset_bits_t	set;
};

static void
signalfd_info(int signal, const struct siginfo *info,
    struct linux_signalfd_info *out)
{
	memset(out, 0, sizeof(*out));
	out->signo = (uint32_t)signal;
	out->code = info->code;
	if (info->code == L_SI_TIMER) {
		out->tid = (uint32_t)info->pid;
		out->overrun = info->uid;
	} else if (info->code > 0 && info->code != L_SI_KERNEL &&
	    signal != L_SIGCHLD) {
		out->address = info->value;
		return;
	} else {
		out->pid = (uint32_t)info->pid;
		out->uid = info->uid;
	}
	if (signal == L_SIGCHLD && info->code > 0) {
		out->status = (int32_t)info->value;
	} else if (info->code == L_SI_TIMER || info->code == L_SI_QUEUE) {
		out->value = (int32_t)info->value;
		out->pointer = info->value;
	}
}

static int32_t
signalfd_read(struct file *f, struct uthread *t, char *buf, uint32_t n,
    int64_t *offset)
{
	struct signalfd *s = f->object;
	struct linux_signalfd_info out;
	struct siginfo info;
	uint32_t done = 0;
	int signal;

	if (n < sizeof(out) || t == NULL) {
		return -L_EINVAL;
	}
	for (; n - done >= sizeof(out); done += sizeof(out)) {
		signal = signal_take_of(t, s->set, &info);
		if (signal == 0) {
			break;
		}
		signalfd_info(signal, &info, &out);
		memcpy(buf + done, &out, sizeof(out));
	}
	return done != 0 ? (int32_t)done : -L_EAGAIN;
}

static int
signalfd_poll(struct file *f, struct uthread *t, struct waitq **queue)
{
	const struct signalfd *s = f->object;

	*queue = &t->process->signal_wait;
	return ((t->pending.set | t->process->pending.set) & s->set) != 0 ?
	    L_POLLIN : 0;
}

static int32_t
signalfd_stat(struct file *f, struct file_stat *st)
{
	file_stat_nameless(f, st);
	return 0;
}

static void
signalfd_close(struct file *f)
{
	free(f->object);
}

static const struct file_ops signalfd_ops = {
	.name = "signalfd",
	.read = signalfd_read,
	.poll = signalfd_poll,
	.stat = signalfd_stat,
	.close = signalfd_close,
};

bool
signalfd_change(struct file *f, sigset_bits_t set)
{
	if (f->ops != &signalfd_ops) {
		return false;
	}
	((struct signalfd *)f->object)->set = set & ~SIGNALFD_NEVER;
	return true;
}

struct file *
signalfd_create(sigset_bits_t set, uint32_t flags)
{
	struct signalfd *s = calloc(1, sizeof(*s));
	struct file *f;

	if (s == NULL) {
		return NULL;
	}
	f = file_create(&signalfd_ops, L_O_RDWR | (flags & L_O_NONBLOCK));
	if (f == NULL) {
		free(s);
		return NULL;
	}
	s->set = set & ~SIGNALFD_NEVER;
	f->object = s;
	return f;
}
