/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * Calls on files that wait on others, and on those made to be waited for.
 */
#include <servers/unix/unix_call.h>

#include <servers/unix/unix_epoll.h>
#include <string.h>

static int32_t
epoll_make(struct call *c, uint32_t flags)
{
	struct file *f;

	if ((flags & ~(uint32_t)L_O_CLOEXEC) != 0) {
		return -L_EINVAL;
	}
	f = epoll_create_file();
	return f == NULL ? -L_ENOMEM :
	    fd_insert(c->p, f, 0, (flags & L_O_CLOEXEC) != 0);
}

/* The argument was once how many files there would be. */
int32_t
call_epoll_create(struct call *c)
{
	return (int32_t)c->a[0] <= 0 ? -L_EINVAL : epoll_make(c, 0);
}

int32_t
call_epoll_create1(struct call *c)
{
	return epoll_make(c, c->a[0]);
}

int32_t
call_epoll_ctl(struct call *c)
{
	struct file *f = fd_lookup(c->p, c->a[0]);
	struct file *file = fd_lookup(c->p, c->a[2]);
	struct linux_epoll_event event = { 0, 0 };

	if (c->a[1] != L_EPOLL_CTL_DEL && c->in[3] == NULL) {
		return -L_EFAULT;
	}
	if (f == NULL || file == NULL) {
		return -L_EBADF;
	}
	if (c->in[3] != NULL) {
		memcpy(&event, c->in[3], sizeof(event));
	}
	return epoll_control(f, c->t, c->a[1], file, c->a[2], &event);
}

static int32_t
epoll_wait(struct call *c, struct file *f, bool wait, uint64_t deadline)
{
	struct linux_epoll_event *events = (void *)c->out[1];
	int32_t n;
	int error;

	for (;;) {
		n = epoll_collect(f, c->t, events, c->a[2]);
		if (n != 0 || !wait) {
			return n;
		}
		error = thread_wait_on(c->t, epoll_queue(f), deadline);
		if (error == -L_ETIMEDOUT) {
			return epoll_collect(f, c->t, events, c->a[2]);
		}
		if (error != 0) {
			return error;
		}
	}
}

static int32_t
epoll_wait_masked(struct call *c, bool wait, uint64_t deadline,
    const char *mask)
{
	struct file *f = fd_lookup(c->p, c->a[0]);
	int32_t result;

	if ((int32_t)c->a[2] <= 0) {
		return -L_EINVAL;
	}
	if (c->out[1] == NULL) {
		return -L_EFAULT;
	}
	if (f == NULL) {
		return -L_EBADF;
	}
	if (!epoll_is(f)) {
		return -L_EINVAL;
	}
	memset(c->out[1], 0, c->out_size[1]);
	file_ref(f);
	call_mask_begin(c->t, mask);
	result = epoll_wait(c, f, wait, deadline);
	call_mask_end(c->t, mask, result == -L_EINTR);
	file_unref(f);
	return result;
}

int32_t
call_epoll_pwait(struct call *c)
{
	int32_t ms = (int32_t)c->a[3];

	return epoll_wait_masked(c, ms != 0, ms > 0 ?
	    call_deadline(ms / 1000, (int64_t)(ms % 1000) * 1000000) : 0,
	    c->in[4]);
}

int32_t
call_epoll_pwait2(struct call *c)
{
	struct linux_timespec64 ts;

	if (c->in[3] == NULL) {
		return epoll_wait_masked(c, true, 0, c->in[4]);
	}
	memcpy(&ts, c->in[3], sizeof(ts));
	if (ts.sec < 0 || ts.nsec < 0 || ts.nsec > 999999999) {
		return -L_EINVAL;
	}
	return epoll_wait_masked(c, ts.sec != 0 || ts.nsec != 0,
	    call_deadline(ts.sec, ts.nsec), c->in[4]);
}

int32_t
call_eventfd2(struct call *c)
{
	uint32_t flags = c->a[1];
	struct file *f;

	if ((flags & ~(uint32_t)(L_EFD_SEMAPHORE | L_O_CLOEXEC |
	    L_O_NONBLOCK)) != 0) {
		return -L_EINVAL;
	}
	f = eventfd_create(c->a[0], flags);
	return f == NULL ? -L_ENOMEM :
	    fd_insert(c->p, f, 0, (flags & L_O_CLOEXEC) != 0);
}

int32_t
call_eventfd(struct call *c)
{
	c->a[1] = 0;
	return call_eventfd2(c);
}

static int32_t
signalfd_call(struct call *c, uint32_t flags)
{
	struct file *f;
	uint32_t set[2];
	sigset_bits_t bits;

	if ((flags & ~(uint32_t)(L_O_CLOEXEC | L_O_NONBLOCK)) != 0 ||
	    c->a[2] != sizeof(set)) {
		return -L_EINVAL;
	}
	if (c->in[1] == NULL) {
		return -L_EFAULT;
	}
	memcpy(set, c->in[1], sizeof(set));
	bits = (sigset_bits_t)set[1] << 32 | set[0];
	if (c->a[0] != ~0u) {
		f = fd_lookup(c->p, c->a[0]);
		if (f == NULL) {
			return -L_EBADF;
		}
		if (!signalfd_change(f, bits)) {
			return -L_EINVAL;
		}
		/* What waits already may be of those now. */
		waitq_wake_for(&c->p->signal_wait, L_POLLIN | L_POLLRDNORM);
		return (int32_t)c->a[0];
	}
	f = signalfd_create(bits, flags);
	return f == NULL ? -L_ENOMEM :
	    fd_insert(c->p, f, 0, (flags & L_O_CLOEXEC) != 0);
}

int32_t
call_signalfd(struct call *c)
{
	return signalfd_call(c, 0);
}

int32_t
call_signalfd4(struct call *c)
{
	return signalfd_call(c, c->a[3]);
}
