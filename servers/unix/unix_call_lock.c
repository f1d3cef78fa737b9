/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * Calls that lock files.  Locks are this server's own: every UNIX process of
 * the machine comes here.
 */
#include <servers/unix/unix_call.h>

#include <servers/unix/unix_record.h>
#include <string.h>

/* Which file C's first argument is; asks the file server if it must. */
static int32_t
lock_identity(struct call *c, struct file *f, uint64_t *dev, uint64_t *ino)
{
	struct file_stat st;
	int32_t error;

	if (record_identity(f, dev, ino)) {
		return 0;
	}
	if (f->ops->stat == NULL) {
		return -L_EBADF;
	}
	error = f->ops->stat(f, &st);
	if (error != 0) {
		return error;
	}
	f->dev = *dev = st.dev;
	f->ino = *ino = st.ino;
	return c->t->dying ? -L_EINTR : 0;
}

/*
 * Set R on F's file, waiting while it conflicts: for ever if the wait is not
 * part of a cycle, which is looked for if CYCLES.
 */
static int32_t
lock_set(struct call *c, struct file *f, const struct record *r, bool wait,
    bool cycles)
{
	struct record_wait w;
	struct waitq *queue;
	uint64_t dev;
	uint64_t ino;
	int32_t error;

	error = lock_identity(c, f, &dev, &ino);
	while (error == 0) {
		error = record_set(dev, ino, r);
		if (error != -L_EAGAIN || !wait) {
			break;
		}
		queue = record_wait_begin(&w, dev, ino, r, cycles);
		if (queue == NULL) {
			return -L_EDEADLK;
		}
		error = thread_wait_on(c->t, queue, 0);
		record_wait_end(&w);
		if (error != 0 || c->t->dying) {
			return error == -L_EAGAIN ? error : -L_ERESTARTSYS;
		}
	}
	return error;
}

/* The bytes that LOCK means, in terms of F's beginning. */
static int32_t
lock_range(struct file *f, const struct linux_flock64 *lock,
    struct record *r)
{
	struct file_stat st;
	int64_t base = 0;
	int64_t start;
	int64_t end = (int64_t)RECORD_END;
	int32_t error;

	switch (lock->whence) {
	case 0:
		break;
	case 1:
		base = f->ops->seek != NULL ? f->ops->seek(f, 0, 1) : 0;
		break;
	case 2:
		error = f->ops->stat(f, &st);
		base = error != 0 ? error : (int64_t)st.size;
		break;
	default:
		return -L_EINVAL;
	}
	if (base < 0) {
		return (int32_t)base;
	}
	if (__builtin_add_overflow(base, lock->start, &start)) {
		return -L_EOVERFLOW;
	}
	if (start < 0) {
		return -L_EINVAL;
	}
	if (lock->length > 0 && __builtin_add_overflow(start,
	    lock->length - 1, &end)) {
		return -L_EOVERFLOW;
	}
	if (lock->length < 0) {
		end = start - 1;
		start += lock->length;
	}
	if (start < 0) {
		return -L_EINVAL;
	}
	r->start = (uint64_t)start;
	r->end = (uint64_t)end;
	return 0;
}

static int32_t
lock_may(const struct file *f, int type)
{
	uint32_t access = f->flags & L_O_ACCMODE;

	if ((f->flags & L_O_PATH) != 0 || f->ops->stat == NULL ||
	    (type == L_F_RDLCK && access == L_O_WRONLY) ||
	    (type == L_F_WRLCK && access == L_O_RDONLY)) {
		return -L_EBADF;
	}
	return 0;
}

static int32_t
lock_get(struct call *c, struct file *f, struct linux_flock64 *lock,
    const struct record *r)
{
	const struct record *held;
	uint64_t dev;
	uint64_t ino;
	int32_t error;

	error = lock_identity(c, f, &dev, &ino);
	if (error != 0) {
		return error;
	}
	held = record_conflict(dev, ino, r);
	if (held == NULL) {
		lock->type = L_F_UNLCK;
	} else {
		lock->type = (int16_t)held->type;
		lock->whence = 0;
		lock->start = (int64_t)held->start;
		lock->length = held->end == RECORD_END ? 0 :
		    (int64_t)(held->end - held->start + 1);
		lock->pid = held->pid;
	}
	memcpy(c->out[2], lock, sizeof(*lock));
	return 0;
}

static int32_t
lock_record(struct call *c, struct file *f, struct linux_flock64 *lock)
{
	bool own = c->a[1] < L_F_OFD_GETLK;
	bool get = c->a[1] == L_F_GETLK64 || c->a[1] == L_F_OFD_GETLK;
	struct record r;
	int32_t error;

	if (lock->type < 0 || lock->type > L_F_UNLCK ||
	    (get && lock->type == L_F_UNLCK && own) ||
	    (!own && lock->pid != 0)) {
		return -L_EINVAL;
	}
	memset(&r, 0, sizeof(r));
	r.kind = RECORD_RANGE;
	r.type = lock->type;
	error = lock_range(f, lock, &r);
	if (error != 0) {
		return error;
	}
	if (c->t->dying || c->p->fds == NULL) {
		return -L_EINTR;
	}
	r.owner = own ? &c->p->fds->locks : &f->locks;
	r.pid = own ? c->p->pid : -1;
	if (get) {
		return lock_get(c, f, lock, &r);
	}
	error = lock_may(f, lock->type);
	if (error != 0) {
		return error;
	}
	return lock_set(c, f, &r, c->a[1] == L_F_SETLKW64 ||
	    c->a[1] == L_F_OFD_SETLKW, own);
}

/* fcntl of F_GETLK and its kin, in the 64-bit form. */
int32_t
call_own_lock(struct call *c)
{
	struct file *f = fd_lookup(c->p, c->a[0]);
	struct linux_flock64 lock;
	uint64_t dev;
	uint64_t ino;
	int32_t result;

	if (f == NULL) {
		return -L_EBADF;
	}
	if (c->in[2] == NULL) {
		return -L_EFAULT;
	}
	if ((f->flags & L_O_PATH) != 0 || f->ops->stat == NULL) {
		return -L_EBADF;
	}
	memcpy(&lock, c->in[2], sizeof(lock));
	file_ref(f);
	result = lock_record(c, f, &lock);
	/* Closed meanwhile: the close found nothing, so the lock goes now. */
	if (result == 0 && c->p->fds != NULL &&
	    fd_lookup(c->p, c->a[0]) != f && record_identity(f, &dev, &ino)) {
		record_release_file(&c->p->fds->locks, dev, ino);
	}
	file_unref(f);
	return result;
}

int32_t
call_flock(struct call *c)
{
	struct file *f = fd_lookup(c->p, c->a[0]);
	uint32_t how = c->a[1] & ~(uint32_t)L_LOCK_NB;
	bool wait = (c->a[1] & L_LOCK_NB) == 0;
	struct record r;
	int32_t result;

	if (f == NULL) {
		return -L_EBADF;
	}
	if (how != L_LOCK_SH && how != L_LOCK_EX && how != L_LOCK_UN) {
		return -L_EINVAL;
	}
	if ((f->flags & L_O_PATH) != 0) {
		return -L_EBADF;
	}
	memset(&r, 0, sizeof(r));
	r.kind = RECORD_FLOCK;
	r.owner = &f->locks;
	r.type = L_F_UNLCK;
	r.end = RECORD_END;
	r.pid = c->p->pid;
	file_ref(f);
	/* A change of kind gives the old one up first. */
	result = lock_set(c, f, &r, false, false);
	if (result == 0 && how != L_LOCK_UN) {
		r.type = how == L_LOCK_EX ? L_F_WRLCK : L_F_RDLCK;
		result = lock_set(c, f, &r, wait, false);
	}
	file_unref(f);
	return result;
}
