/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * User-level wait and wake.
 *
 * A waiter puts itself on the list of its word first, then reads the word, and
 * then blocks; a waker writes first and looks at the list then.  So a change
 * between reading and blocking is seen, and no lock is held while user memory
 * is touched.  A waiter that was woken but would not have waited passes the
 * wakeup on.
 */

#include <kernel/gsync.h>

#include <stddef.h>

#include <machine/copyio.h>
#include <machine/peek.h>

#include <kernel/clock.h>
#include <kernel/list.h>
#include <kernel/panic.h>
#include <kernel/sleepq.h>
#include <kernel/spinlock.h>
#include <kernel/task.h>
#include <kernel/thread.h>

#include <vm/vm_fault.h>
#include <vm/vm_map.h>
#include <vm/vm_object.h>

#define GSYNC_BUCKETS	64u

/* What a word is known by. */
struct gsync_key {
	const void *space;	/* the map, or the memory object */
	vm_offset_t offset;
	struct vm_object *object;	/* a reference, or NULL */
};

/* On the waiting thread's stack.  [g] lock of the bucket it is in */
struct gsync_waiter {
	struct list_node link;		/* [g] */
	struct gsync_key key;		/* [g] */
	struct gsync_bucket *bucket;	/* [g] changed by requeueing */
	bool woken;			/* [g] and off the list */
};

/* [g] own lock */
struct gsync_bucket {
	struct spinlock lock;
	struct list waiters;		/* [g] longest first */
};

static struct gsync_bucket gsync_buckets[GSYNC_BUCKETS];

void
gsync_setup(void)
{
	for (unsigned i = 0; i < GSYNC_BUCKETS; i++) {
		spinlock_init(&gsync_buckets[i].lock, LOCK_RANK_GSYNC);
		list_init(&gsync_buckets[i].waiters);
	}
}

/*
 * Find what ADDR of TASK is known by.  Shared memory that nobody has touched
 * has no object yet: touch it.
 */
static kern_return_t
gsync_key_init(struct gsync_key *key, struct task *task, user_addr_t addr,
    int flags)
{
	struct vm_map_region region;
	kern_return_t kr;

	if ((addr & 3) != 0) {
		return KERN_INVALID_ADDRESS;
	}
	key->space = task->map;
	key->offset = addr;
	key->object = NULL;
	if ((flags & GSYNC_SHARED) == 0) {
		return KERN_SUCCESS;
	}
	kr = vm_map_region(task->map, addr, &region);
	if (kr != KERN_SUCCESS || region.start > addr) {
		if (kr == KERN_SUCCESS && region.object != NULL) {
			vm_object_unref(region.object);
		}
		return KERN_INVALID_ADDRESS;
	}
	if (region.object == NULL) {
		kr = vm_fault(task->map, addr, VM_PROT_READ | VM_PROT_WRITE,
		    false);
		if (kr != KERN_SUCCESS) {
			return KERN_INVALID_ADDRESS;
		}
		kr = vm_map_region(task->map, addr, &region);
		if (kr != KERN_SUCCESS || region.object == NULL) {
			return KERN_INVALID_ADDRESS;
		}
	}
	key->space = region.object;
	key->offset = region.offset + (addr - region.start);
	key->object = region.object;
	return KERN_SUCCESS;
}

static void
gsync_key_fini(struct gsync_key *key)
{
	if (key->object != NULL) {
		vm_object_unref(key->object);
	}
}

static bool
gsync_key_equal(const struct gsync_key *a, const struct gsync_key *b)
{
	return a->space == b->space && a->offset == b->offset;
}

static struct gsync_bucket *
gsync_bucket(const struct gsync_key *key)
{
	uint32_t hash = ((uint32_t)(uintptr_t)key->space >> 4) * 0x9e3779b1u +
	    (key->offset >> 2) * 0x85ebca6bu;

	return &gsync_buckets[hash >> 26];
}

static kern_return_t
gsync_read(struct task *task, user_addr_t addr, uint32_t *value)
{
	if (task == current_task()) {
		return copyio_load32(addr, value);
	}
	return vm_map_read_bytes(task->map, addr, value, sizeof(*value)) ==
	    KERN_SUCCESS ? KERN_SUCCESS : KERN_INVALID_ADDRESS;
}

static kern_return_t
gsync_write(struct task *task, user_addr_t addr, uint32_t value)
{
	if (task == current_task()) {
		return copyio_store32(addr, value);
	}
	return vm_map_write_bytes(task->map, addr, &value, sizeof(value)) ==
	    KERN_SUCCESS ? KERN_SUCCESS : KERN_INVALID_ADDRESS;
}

/* Lock the bucket that WAITER is in now. */
static struct gsync_bucket *
gsync_waiter_lock(struct gsync_waiter *waiter)
{
	for (;;) {
		struct gsync_bucket *bucket =
		    atomic_load_acquire(&waiter->bucket);

		spinlock_lock(&bucket->lock);
		if (waiter->bucket == bucket) {
			return bucket;
		}
		spinlock_unlock(&bucket->lock);
	}
}

/* Take WAITER out and wake its thread; its bucket is locked. */
static void
gsync_waiter_wake(struct gsync_waiter *waiter)
{
	list_remove(&waiter->link);
	waiter->woken = true;
	sleepq_wake_all(waiter);
}

/* Wake one waiter for KEY, or ALL; returns whether there was one. */
static bool
gsync_wake_key(const struct gsync_key *key, bool all)
{
	struct gsync_bucket *bucket = gsync_bucket(key);
	struct gsync_waiter *waiter;
	struct gsync_waiter *next;
	bool found = false;

	spinlock_lock(&bucket->lock);
	list_for_each_entry_safe(&bucket->waiters, waiter, next, link) {
		if (!gsync_key_equal(&waiter->key, key)) {
			continue;
		}
		gsync_waiter_wake(waiter);
		found = true;
		if (!all) {
			break;
		}
	}
	spinlock_unlock(&bucket->lock);
	return found;
}

/* Do the words still hold what the waiter was told? */
static kern_return_t
gsync_compare(struct task *task, user_addr_t addr, uint32_t low,
    uint32_t high, int flags)
{
	uint32_t value;
	kern_return_t kr = gsync_read(task, addr, &value);

	if (kr != KERN_SUCCESS) {
		return kr;
	}
	if (value != low) {
		return KERN_INVALID_ARGUMENT;
	}
	if ((flags & GSYNC_QUAD) == 0) {
		return KERN_SUCCESS;
	}
	kr = gsync_read(task, addr + sizeof(value), &value);
	if (kr != KERN_SUCCESS) {
		return kr;
	}
	return value == high ? KERN_SUCCESS : KERN_INVALID_ARGUMENT;
}

/* Block until woken; the waiter is on its list. */
static enum wait_result
gsync_block(struct gsync_waiter *waiter, uint64_t deadline)
{
	struct gsync_bucket *bucket = gsync_waiter_lock(waiter);
	enum wait_result result = WAIT_OK;

	/* Requeueing may take the waiter to another bucket meanwhile. */
	while (!waiter->woken && result == WAIT_OK) {
		sleepq_prepare(waiter, true);
		spinlock_unlock(&bucket->lock);
		result = sleepq_wait(deadline);
		bucket = gsync_waiter_lock(waiter);
	}
	if (waiter->woken) {
		result = WAIT_OK;
	} else {
		list_remove(&waiter->link);
	}
	spinlock_unlock(&bucket->lock);
	return result;
}

/* The waiter does not want to wait after all. */
static void
gsync_withdraw(struct gsync_waiter *waiter)
{
	struct gsync_bucket *bucket = gsync_waiter_lock(waiter);
	bool woken = waiter->woken;

	if (!woken) {
		list_remove(&waiter->link);
	}
	spinlock_unlock(&bucket->lock);
	if (woken) {
		gsync_wake_key(&waiter->key, false);
	}
}

kern_return_t
gsync_wait(struct task *task, user_addr_t addr, uint32_t low, uint32_t high,
    uint32_t msec, int flags)
{
	static const kern_return_t answers[] = {
		[WAIT_OK] = KERN_SUCCESS,
		[WAIT_TIMED_OUT] = KERN_TIMEDOUT,
		[WAIT_INTERRUPTED] = KERN_INTERRUPTED,
	};
	struct gsync_waiter waiter = { .woken = false };
	struct vm_object *object;
	enum wait_result result;
	uint64_t deadline;
	kern_return_t kr = gsync_key_init(&waiter.key, task, addr, flags);

	if (kr != KERN_SUCCESS) {
		return kr;
	}
	/* Requeueing changes the key; the reference is on the first object. */
	object = waiter.key.object;
	waiter.bucket = gsync_bucket(&waiter.key);
	spinlock_lock(&waiter.bucket->lock);
	list_insert_tail(&waiter.bucket->waiters, &waiter.link);
	spinlock_unlock(&waiter.bucket->lock);

	kr = gsync_compare(task, addr, low, high, flags);
	if (kr != KERN_SUCCESS) {
		gsync_withdraw(&waiter);
	} else {
		deadline = (flags & GSYNC_TIMED) != 0 ?
		    clock_deadline_ms(msec) : 0;
		result = gsync_block(&waiter, deadline);
		kr = answers[result];
	}
	if (object != NULL) {
		vm_object_unref(object);
	}
	return kr;
}

kern_return_t
gsync_wake(struct task *task, user_addr_t addr, uint32_t value, int flags)
{
	struct gsync_key key;
	kern_return_t kr = gsync_key_init(&key, task, addr, flags);

	if (kr != KERN_SUCCESS) {
		return kr;
	}
	if ((flags & GSYNC_MUTATE) != 0) {
		kr = gsync_write(task, addr, value);
	}
	if (kr == KERN_SUCCESS &&
	    !gsync_wake_key(&key, (flags & GSYNC_BROADCAST) != 0)) {
		kr = KERN_INVALID_ARGUMENT;
	}
	gsync_key_fini(&key);
	return kr;
}

/* Lock two buckets, which may be the same one. */
static void
gsync_lock_both(struct gsync_bucket *a, struct gsync_bucket *b)
{
	if (a == b) {
		spinlock_lock(&a->lock);
	} else {
		spinlock_lock_pair(&a->lock, &b->lock);
	}
}

static void
gsync_unlock_both(struct gsync_bucket *a, struct gsync_bucket *b)
{
	spinlock_unlock(&a->lock);
	if (a != b) {
		spinlock_unlock(&b->lock);
	}
}

/* Move waiters of FROM to TO; returns whether there was anybody. */
static bool
gsync_move(const struct gsync_key *from, const struct gsync_key *to,
    bool wake_one, bool all)
{
	struct gsync_bucket *source = gsync_bucket(from);
	struct gsync_bucket *target = gsync_bucket(to);
	struct gsync_waiter *waiter;
	struct gsync_waiter *next;
	struct list moving;
	bool found = false;

	list_init(&moving);
	gsync_lock_both(source, target);
	list_for_each_entry_safe(&source->waiters, waiter, next, link) {
		if (!gsync_key_equal(&waiter->key, from)) {
			continue;
		}
		found = true;
		if (wake_one) {
			gsync_waiter_wake(waiter);
			wake_one = false;
			continue;
		}
		list_remove(&waiter->link);
		list_insert_tail(&moving, &waiter->link);
		waiter->key = *to;
		atomic_store_release(&waiter->bucket, target);
		if (!all) {
			break;
		}
	}
	list_append(&target->waiters, &moving);
	gsync_unlock_both(source, target);
	return found;
}

kern_return_t
gsync_requeue(struct task *task, user_addr_t src, user_addr_t dst,
    bool wake_one, int flags)
{
	struct gsync_key from;
	struct gsync_key to;
	kern_return_t kr = gsync_key_init(&from, task, src, flags);

	if (kr != KERN_SUCCESS) {
		return kr;
	}
	kr = gsync_key_init(&to, task, dst, flags);
	if (kr == KERN_SUCCESS) {
		if (!gsync_move(&from, &to, wake_one,
		    (flags & GSYNC_BROADCAST) != 0)) {
			kr = KERN_INVALID_ARGUMENT;
		}
		gsync_key_fini(&to);
	}
	gsync_key_fini(&from);
	return kr;
}

bool
gsync_debug_word(const void *event, struct gsync_word *word)
{
	uintptr_t first = (uintptr_t)gsync_buckets;
	struct gsync_waiter waiter;

	if (!peek_read((uintptr_t)event, &waiter, sizeof(waiter)) ||
	    (uintptr_t)waiter.bucket < first ||
	    (uintptr_t)waiter.bucket >= first + sizeof(gsync_buckets)) {
		return false;
	}
	word->space = waiter.key.space;
	word->offset = waiter.key.offset;
	return true;
}
