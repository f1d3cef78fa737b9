/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * futex.  Waiters of all processes are in one list.  A word is known by process
 * and address, or where memory is shared by memory object and offset, so that
 * all meet who map it, wherever they do.
 *
 * A waiter is in the list before its word is read, and a waker changes the word
 * before it calls: no wakeup is lost.  The lock is not held while a word is read
 * (task_access_begin).
 */
#include <servers/unix/unix_call.h>

#include <servers/unix/unix_memory.h>
#include <servers/unix/unix_task.h>
#include <stdlib.h>
#include <string.h>

#define FUTEX_ANY	~0u
#define FUTEX_LAST	UINT64_MAX

static struct list futex_waiters = LIST_INIT(futex_waiters);
static uint64_t futex_waits;		/* how many there have been */

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
	if ((operation & L_FUTEX_PRIVATE) != 0 || task_is_lent(p, address)) {
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

/* Is the word at a[0] VALUE?  The lock is released meanwhile. */
static int32_t
futex_compare(struct call *c, uint32_t value)
{
	uint32_t seen;
	kern_return_t kr = task_read_for(c->p, c->p->task, c->a[0], &seen,
	    sizeof(seen));

	if (kr != KERN_SUCCESS) {
		return kr == KERN_RESOURCE_SHORTAGE ? -L_EAGAIN : -L_EFAULT;
	}
	return seen == value ? 0 : -L_EAGAIN;
}

/* Sleep while the word is what it was; the bits of it are in a[5]. */
int32_t
call_own_futex_wait(struct call *c)
{
	struct uthread *t = c->t;
	struct futex_key key;
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
	t->futex = key;
	t->futex_waits = true;
	t->futex_number = futex_waits++;
	t->wait.woken = false;
	list_add(&futex_waiters, &t->futex_link);
	result = futex_compare(c, c->a[2]);
	while (result == 0 && t->futex_waits) {
		result = thread_wait(t, deadline);
	}
	list_remove(&t->futex_link);
	if (!t->futex_waits) {
		return 0;
	}
	t->futex_waits = false;
	return result == -L_EINTR ? -L_ERESTARTSYS : result;
}

/*
 * Wake up to COUNT that wait for KEY with one of BITS, and came before number
 * END; move MOVE more to TO.
 */
static uint32_t
futex_wake(const struct futex_key *key, uint32_t count, uint32_t bits,
    uint32_t move, uint64_t end, const struct futex_key *to)
{
	struct uthread *t;
	struct uthread *next;
	uint32_t done = 0;
	uint32_t moved = 0;

	list_for_each_safe(&futex_waiters, t, next, futex_link) {
		if (!futex_same(&t->futex, key) ||
		    (t->futex_bits & bits) == 0 || t->futex_number >= end) {
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
	uint64_t end = FUTEX_LAST;
	struct futex_key to;
	int32_t error;

	if ((int32_t)c->a[2] < 0 || (int32_t)c->a[3] < 0) {
		return -L_EINVAL;
	}
	error = futex_key(c->p, c->a[4], c->a[1], &to);
	if (error != 0) {
		return error;
	}
	if (op == L_FUTEX_CMP_REQUEUE) {
		/* Who comes after the comparison is not concerned. */
		end = futex_waits;
		error = futex_compare(c, c->a[5]);
		if (error != 0) {
			return error;
		}
	}
	return (int32_t)futex_wake(key, c->a[2], FUTEX_ANY, c->a[3], end, &to);
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
		return (int32_t)futex_wake(&key, c->a[2], FUTEX_ANY, 0,
		    FUTEX_LAST, NULL);
	case L_FUTEX_WAKE_BITSET:
		return c->a[5] == 0 ? -L_EINVAL : (int32_t)futex_wake(&key,
		    c->a[2], c->a[5], 0, FUTEX_LAST, NULL);
	case L_FUTEX_REQUEUE:
	case L_FUTEX_CMP_REQUEUE:
		return futex_requeue(c, &key, op);
	case L_FUTEX_WAKE_OP:
		error = futex_key(c->p, c->a[4], c->a[1], &other);
		if (error != 0) {
			return error;
		}
		n = futex_wake(&key, c->a[2], FUTEX_ANY, 0, FUTEX_LAST, NULL);
		if (c->a[5] != 0) {
			n += futex_wake(&other, c->a[3], FUTEX_ANY, 0,
			    FUTEX_LAST, NULL);
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

/* The robust list of a thread that has ended. */
struct futex_list {
	uint32_t	head;
	int		tid;
};

struct futex_lists {
	unsigned		count;
	struct futex_list	list[UNIX_THREAD_MAX];
};

static void
futex_wake_shared(mach_port_t task, uint32_t address)
{
	struct futex_key key = { .shared = false };

	if (task_shared_word(task, address, &key) && key.shared) {
		unix_lock();
		futex_wake(&key, 1, FUTEX_ANY, 0, FUTEX_LAST, NULL);
		unix_unlock();
	}
}

/* The word at ADDRESS of a lock that the thread TID of TASK may have had. */
static void
futex_word_died(mach_port_t task, int tid, uint32_t address)
{
	uint32_t seen;
	uint32_t old;

	if ((address & 3) != 0 || task_read(task, address, &seen,
	    sizeof(seen)) != KERN_SUCCESS) {
		return;
	}
	/* Those who come to wait change the word, but for once each. */
	for (unsigned tries = 0; tries < UNIX_THREAD_MAX; tries++) {
		old = seen;
		if ((old & L_FUTEX_TID_MASK) != (uint32_t)tid ||
		    !memory_swap_word(task, address, &seen,
		    (old & L_FUTEX_WAITERS) | L_FUTEX_OWNER_DIED)) {
			return;
		}
		if (seen == old) {
			break;
		}
	}
	if ((seen & L_FUTEX_WAITERS) != 0) {
		futex_wake_shared(task, address);
	}
}

/* LIST of TASK, of up to *LEFT locks; the lock is not held. */
static void
futex_list_died(mach_port_t task, const struct futex_list *list,
    unsigned *left)
{
	struct linux_robust robust;
	uint32_t entry;
	uint32_t next;

	if (task_read(task, list->head, &robust, sizeof(robust)) !=
	    KERN_SUCCESS) {
		return;
	}
	for (entry = robust.next; entry != 0 &&
	    (entry & ~1u) != list->head && *left != 0; entry = next) {
		(*left)--;
		if (task_read(task, entry & ~1u, &next, sizeof(next)) !=
		    KERN_SUCCESS) {
			break;
		}
		if (entry != robust.pending) {
			futex_word_died(task, list->tid, (entry & ~1u) +
			    (uint32_t)robust.offset);
		}
	}
	if (robust.pending != 0) {
		futex_word_died(task, list->tid, (robust.pending & ~1u) +
		    (uint32_t)robust.offset);
	}
}

void
futex_thread_died(struct uthread *t)
{
	struct futex_list list = { uthread_robust(t), t->tid };
	unsigned left = L_FUTEX_ROBUST_MAX;
	struct task_access access;

	if (list.head != 0 && task_access_begin(&access, t->process,
	    t->process->task)) {
		futex_list_died(access.task, &list, &left);
		task_access_end(&access);
	}
}

static void
futex_lists_died(mach_port_t task, void *argument)
{
	const struct futex_lists *lists = argument;
	/* Of all its threads: others may wait for this one's memory. */
	unsigned left = L_FUTEX_ROBUST_MAX;

	for (unsigned i = 0; i < lists->count; i++) {
		futex_list_died(task, &lists->list[i], &left);
	}
}

void
futex_process_died(struct process *p)
{
	struct futex_lists *lists = malloc(sizeof(*lists));
	struct uthread *t;

	if (lists == NULL) {
		return;
	}
	lists->count = 0;
	list_for_each(&p->threads, t, link) {
		if (uthread_robust(t) != 0) {
			lists->list[lists->count++] = (struct futex_list) {
				uthread_robust(t), t->tid
			};
		}
	}
	if (lists->count == 0 || !task_mourn(p, futex_lists_died, lists)) {
		free(lists);
	}
}
