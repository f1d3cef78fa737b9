/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * futex.  Waiters of all processes are in one list.  A word is known by process
 * and address, or where memory is shared by memory object and offset, so that
 * all meet who map it, wherever they do.
 *
 * The lock is held from reading a word until its waiter is in the list, and a
 * waker changes the word before it calls: no wakeup is lost.
 */
#include <servers/unix/unix_call.h>

#include <servers/unix/unix_memory.h>
#include <servers/unix/unix_task.h>
#include <string.h>

#define FUTEX_ANY	~0u

static struct list futex_waiters = LIST_INIT(futex_waiters);

/* What the word at ADDRESS of P is known by. */
static int32_t
futex_key(struct process *p, uint32_t address, uint32_t operation,
    struct futex_key *key)
{
	if ((address & 3) != 0) {
		return -L_EINVAL;
	}
	key->space = (uint32_t)p->pid;
	key->offset = address;
	key->shared = false;
	if ((operation & L_FUTEX_PRIVATE) != 0) {
		return 0;
	}
	return task_shared_word(p->task, address, key) ? 0 : -L_EFAULT;
}

static bool
futex_same(const struct futex_key *one, const struct futex_key *other)
{
	return one->space == other->space && one->offset == other->offset &&
	    one->shared == other->shared;
}

static int32_t
futex_deadline(struct call *c, uint64_t *deadline)
{
	struct linux_timespec64 ts;

	*deadline = 0;
	if (c->in[3] == NULL) {
		return 0;
	}
	memcpy(&ts, c->in[3], sizeof(ts));
	if (ts.sec < 0 || ts.nsec < 0 || ts.nsec > 999999999) {
		return -L_EINVAL;
	}
	*deadline = (c->a[1] & 0x7f) == L_FUTEX_WAIT ?
	    call_deadline(ts.sec, ts.nsec) :
	    call_deadline_absolute((c->a[1] & L_FUTEX_CLOCK_REALTIME) != 0,
	    ts.sec, ts.nsec);
	return 0;
}

/* Sleep while the word is what it was; the bits of it are in a[5]. */
int32_t
call_own_futex_wait(struct call *c)
{
	struct uthread *t = c->t;
	struct futex_key key;
	uint32_t value;
	uint64_t deadline;
	int result;

	result = futex_deadline(c, &deadline);
	if (result == 0) {
		result = futex_key(c->p, c->a[0], c->a[1], &key);
	}
	if (result != 0) {
		return result;
	}
	t->futex_bits = (c->a[1] & 0x7f) == L_FUTEX_WAIT_BITSET ? c->a[5] :
	    FUTEX_ANY;
	if (t->futex_bits == 0) {
		return -L_EINVAL;
	}
	if (task_read(c->p->task, c->a[0], &value, sizeof(value)) !=
	    KERN_SUCCESS) {
		return -L_EFAULT;
	}
	if (value != c->a[2]) {
		return -L_EAGAIN;
	}
	t->futex = key;
	t->futex_waits = true;
	t->wait.woken = false;
	list_add(&futex_waiters, &t->futex_link);
	do {
		result = thread_wait(t, deadline);
	} while (result == 0 && t->futex_waits);
	list_remove(&t->futex_link);
	if (!t->futex_waits) {
		return 0;
	}
	t->futex_waits = false;
	return result == -L_EINTR ? -L_ERESTARTSYS : result;
}

/* Wake up to COUNT that wait for KEY with one of BITS; move MOVE more to TO. */
static uint32_t
futex_wake(const struct futex_key *key, uint32_t count, uint32_t bits,
    uint32_t move, const struct futex_key *to)
{
	struct uthread *t;
	struct uthread *next;
	uint32_t done = 0;
	uint32_t moved = 0;

	list_for_each_safe(&futex_waiters, t, next, futex_link) {
		if (!futex_same(&t->futex, key) || (t->futex_bits & bits) == 0) {
			continue;
		}
		if (done < count) {
			done++;
			t->futex_waits = false;
			list_remove(&t->futex_link);
			thread_wake(t);
		} else if (moved < move) {
			moved++;
			t->futex = *to;
		} else {
			break;
		}
	}
	return done + moved;
}

static int32_t
futex_requeue(struct call *c, const struct futex_key *key, uint32_t op)
{
	struct futex_key to;
	uint32_t value;
	int32_t error;

	if ((int32_t)c->a[2] < 0 || (int32_t)c->a[3] < 0) {
		return -L_EINVAL;
	}
	error = futex_key(c->p, c->a[4], c->a[1], &to);
	if (error != 0) {
		return error;
	}
	if (op == L_FUTEX_CMP_REQUEUE) {
		if (task_read(c->p->task, c->a[0], &value, sizeof(value)) !=
		    KERN_SUCCESS) {
			return -L_EFAULT;
		}
		if (value != c->a[5]) {
			return -L_EAGAIN;
		}
	}
	return (int32_t)futex_wake(key, c->a[2], FUTEX_ANY, c->a[3], &to);
}

/*
 * Of FUTEX_WAKE_OP the library has done the operation; a[5] is whether its
 * comparison held.
 */
int32_t
call_own_futex_wake(struct call *c)
{
	uint32_t op = c->a[1] & 0x7f;
	struct futex_key key;
	struct futex_key other;
	uint32_t n;
	int32_t error;

	error = futex_key(c->p, c->a[0], c->a[1], &key);
	if (error != 0) {
		return error;
	}
	switch (op) {
	case L_FUTEX_WAKE:
		return (int32_t)futex_wake(&key, c->a[2], FUTEX_ANY, 0, NULL);
	case L_FUTEX_WAKE_BITSET:
		return c->a[5] == 0 ? -L_EINVAL : (int32_t)futex_wake(&key,
		    c->a[2], c->a[5], 0, NULL);
	case L_FUTEX_REQUEUE:
	case L_FUTEX_CMP_REQUEUE:
		return futex_requeue(c, &key, op);
	case L_FUTEX_WAKE_OP:
		error = futex_key(c->p, c->a[4], c->a[1], &other);
		if (error != 0) {
			return error;
		}
		n = futex_wake(&key, c->a[2], FUTEX_ANY, 0, NULL);
		if (c->a[5] != 0) {
			n += futex_wake(&other, c->a[3], FUTEX_ANY, 0, NULL);
		}
		return (int32_t)n;
	default:
		return -L_ENOSYS;
	}
}

/*
 * Robust locks.  A thread that ends by itself has the library walk its list
 * (emul_process.c), which is cheaper.  Here it is memory of others that counts:
 * what the process alone has, or had, nobody will look at.
 */

/* The word at ADDRESS of a lock that T may have had. */
static void
futex_word_died(struct uthread *t, uint32_t address)
{
	struct process *p = t->process;
	struct futex_key key = { .shared = false };
	uint32_t seen;
	uint32_t old;

	if ((address & 3) != 0 || task_read(p->task, address, &seen,
	    sizeof(seen)) != KERN_SUCCESS) {
		return;
	}
	/* Those who come to wait change the word, but for once each. */
	for (unsigned tries = 0; tries < UNIX_THREAD_MAX; tries++) {
		old = seen;
		if ((old & L_FUTEX_TID_MASK) != (uint32_t)t->tid ||
		    !memory_swap_word(p, address, &seen,
		    (old & L_FUTEX_WAITERS) | L_FUTEX_OWNER_DIED)) {
			return;
		}
		if (seen == old) {
			break;
		}
	}
	if ((seen & L_FUTEX_WAITERS) != 0 &&
	    task_shared_word(p->task, address, &key) && key.shared) {
		futex_wake(&key, 1, FUTEX_ANY, 0, NULL);
	}
}

/* The list at HEAD, of up to *LEFT locks. */
static void
futex_list_died(struct uthread *t, uint32_t head, unsigned *left)
{
	mach_port_t task = t->process->task;
	struct linux_robust robust;
	uint32_t entry;
	uint32_t next;

	if (task_read(task, head, &robust, sizeof(robust)) != KERN_SUCCESS) {
		return;
	}
	for (entry = robust.next; entry != 0 && (entry & ~1u) != head &&
	    *left != 0; entry = next) {
		(*left)--;
		if (task_read(task, entry & ~1u, &next, sizeof(next)) !=
		    KERN_SUCCESS) {
			break;
		}
		if (entry != robust.pending) {
			futex_word_died(t, (entry & ~1u) +
			    (uint32_t)robust.offset);
		}
	}
	if (robust.pending != 0) {
		futex_word_died(t, (robust.pending & ~1u) +
		    (uint32_t)robust.offset);
	}
}

static void
futex_block_died(struct uthread *t, unsigned *left)
{
	uint32_t head;

	if (task_read(t->process->task, uthread_block(t) +
	    offsetof(struct emul_thread, robust), &head, sizeof(head)) ==
	    KERN_SUCCESS && head != 0) {
		futex_list_died(t, head, left);
	}
}

void
futex_thread_died(struct uthread *t)
{
	unsigned left = L_FUTEX_ROBUST_MAX;

	futex_block_died(t, &left);
}

void
futex_process_died(struct process *p)
{
	/* Of all its threads: the lock is held, and others wait for us. */
	unsigned left = L_FUTEX_ROBUST_MAX;
	struct uthread *t;

	list_for_each(&p->threads, t, link) {
		futex_block_died(t, &left);
	}
}
