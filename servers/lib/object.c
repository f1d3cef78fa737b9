/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * The object table.  Requests carry the object's id in place of the port's
 * name (a protected payload), so a name that was given to a new port between a
 * message's arrival and its lookup cannot lead to the wrong object.  Kernels
 * that refuse payloads deliver the name, and the lookup goes by that.
 *
 * Watched objects borrow a notify port each while they live.  A notify port
 * that is given back may still have an old notification in its queue: that
 * only makes the loop look at the counts of the object that has it now.
 */

#include <servers/lib/object.h>
#include <servers/lib/object_i.h>

#include <mach/notify.h>
#include <mach/port.h>
#include <pthread.h>
#include <servers/lib/log.h>
#include <string.h>

#include <mig/mach_port_user.h>

#define OBJECT_BUCKETS		1024
#define OBJECT_SPARE_MAX	64

static pthread_mutex_t object_lock = PTHREAD_MUTEX_INITIALIZER;
/* All under object_lock: */
static struct object *object_by_id[OBJECT_BUCKETS];
static struct object *object_by_name[OBJECT_BUCKETS];
static struct object *object_by_notify[OBJECT_BUCKETS];
static mach_port_t object_spare[OBJECT_SPARE_MAX];	/* notify ports */
static unsigned object_spares;
static unsigned object_live;
static uint32_t object_last_id;
/* Fixed at setup: */
static mach_port_t object_set;

/* The object of the request that this thread answers now. */
static __thread struct object *object_current;

void
object_setup(mach_port_t set)
{
	object_set = set;
}

static struct object **
object_id_bucket(uint32_t id)
{
	return &object_by_id[id % OBJECT_BUCKETS];
}

static unsigned
object_hash(mach_port_t name)
{
	return (name ^ name >> 10) % OBJECT_BUCKETS;
}

static struct object *
object_find_id(uint32_t id)
{
	struct object *o = *object_id_bucket(id);

	while (o != NULL && o->id != id) {
		o = o->id_next;
	}
	return o;
}

static struct object *
object_find_name(mach_port_t name)
{
	struct object *o = object_by_name[object_hash(name)];

	while (o != NULL && o->port != name) {
		o = o->name_next;
	}
	return o;
}

static struct object *
object_find_notify(mach_port_t notify)
{
	struct object *o = object_by_notify[object_hash(notify)];

	while (o != NULL && o->notify != notify) {
		o = o->notify_next;
	}
	return o;
}

static void
object_insert_locked(struct object *o)
{
	struct object **bucket;

	do {
		object_last_id++;
	} while (object_last_id == 0 || object_find_id(object_last_id) != NULL);
	o->id = object_last_id;
	bucket = object_id_bucket(o->id);
	o->id_next = *bucket;
	*bucket = o;
	bucket = &object_by_name[object_hash(o->port)];
	o->name_next = *bucket;
	*bucket = o;
	if (o->watched) {
		bucket = &object_by_notify[object_hash(o->notify)];
		o->notify_next = *bucket;
		*bucket = o;
	}
	object_live++;
}

static void
object_remove_locked(struct object *o)
{
	struct object **p;

	p = object_id_bucket(o->id);
	while (*p != o) {
		p = &(*p)->id_next;
	}
	*p = o->id_next;
	p = &object_by_name[object_hash(o->port)];
	while (*p != o) {
		p = &(*p)->name_next;
	}
	*p = o->name_next;
	if (o->watched) {
		p = &object_by_notify[object_hash(o->notify)];
		while (*p != o) {
			p = &(*p)->notify_next;
		}
		*p = o->notify_next;
	}
	object_live--;
}

static void
object_destroy_receive(mach_port_t port)
{
	(void)mach_port_mod_refs(mach_task_self(), port,
	    MACH_PORT_RIGHT_RECEIVE, -1);
}

static kern_return_t
object_allocate_port(mach_port_t *portp)
{
	kern_return_t kr;

	kr = mach_port_allocate(mach_task_self(), MACH_PORT_RIGHT_RECEIVE,
	    portp);
	if (kr != KERN_SUCCESS) {
		return kr;
	}
	kr = mach_port_move_member(mach_task_self(), *portp, object_set);
	if (kr != KERN_SUCCESS) {
		object_destroy_receive(*portp);
	}
	return kr;
}

static kern_return_t
object_notify_borrow(mach_port_t *portp)
{
	kern_return_t kr = KERN_SUCCESS;

	pthread_mutex_lock(&object_lock);
	if (object_spares > 0) {
		*portp = object_spare[--object_spares];
		pthread_mutex_unlock(&object_lock);
		return kr;
	}
	pthread_mutex_unlock(&object_lock);
	return object_allocate_port(portp);
}

static void
object_notify_return(mach_port_t port)
{
	pthread_mutex_lock(&object_lock);
	if (object_spares < OBJECT_SPARE_MAX) {
		object_spare[object_spares++] = port;
		port = MACH_PORT_NULL;
	}
	pthread_mutex_unlock(&object_lock);
	if (port != MACH_PORT_NULL) {
		object_destroy_receive(port);
	}
}

/* Ask to be told when O has no senders and was given out SYNC times. */
static kern_return_t
object_watch(struct object *o, mach_port_mscount_t sync)
{
	mach_port_t previous = MACH_PORT_NULL;
	kern_return_t kr;

	kr = mach_port_request_notification(mach_task_self(), o->port,
	    MACH_NOTIFY_NO_SENDERS, sync, o->notify,
	    MACH_MSG_TYPE_MAKE_SEND_ONCE, &previous);
	if (kr == KERN_SUCCESS && previous != MACH_PORT_NULL) {
		(void)mach_port_deallocate(mach_task_self(), previous);
	}
	return kr;
}

static kern_return_t
object_create_kind(struct object *o, const struct object_class *class,
    bool watched)
{
	kern_return_t kr;

	memset(o, 0, sizeof(*o));
	o->class = class;
	o->refs = 2;
	o->watched = watched;
	kr = object_allocate_port(&o->port);
	if (kr != KERN_SUCCESS) {
		return kr;
	}
	if (watched) {
		kr = object_notify_borrow(&o->notify);
		if (kr != KERN_SUCCESS) {
			goto out_port;
		}
	}
	pthread_mutex_lock(&object_lock);
	object_insert_locked(o);
	pthread_mutex_unlock(&object_lock);
	(void)mach_port_set_protected_payload(mach_task_self(), o->port, o->id);
	if (!watched) {
		return KERN_SUCCESS;
	}
	kr = object_watch(o, 1);
	if (kr == KERN_SUCCESS) {
		return KERN_SUCCESS;
	}
	pthread_mutex_lock(&object_lock);
	object_remove_locked(o);
	pthread_mutex_unlock(&object_lock);
	object_notify_return(o->notify);
out_port:
	object_destroy_receive(o->port);
	return kr;
}

kern_return_t
object_create(struct object *object, const struct object_class *class)
{
	return object_create_kind(object, class, true);
}

kern_return_t
object_create_service(struct object *object, const struct object_class *class)
{
	return object_create_kind(object, class, false);
}

mach_port_t
object_right(struct object *o)
{
	kern_return_t kr;
	mach_port_t port = MACH_PORT_NULL;

	/*
	 * Under the lock, so that the port that gets a right is not one that
	 * object_end is about to destroy.
	 */
	pthread_mutex_lock(&object_lock);
	if (!o->dead) {
		kr = mach_port_insert_right(mach_task_self(), o->port, o->port,
		    MACH_MSG_TYPE_MAKE_SEND);
		if (kr == KERN_SUCCESS) {
			port = o->port;
		}
	}
	pthread_mutex_unlock(&object_lock);
	return port;
}

void *
object_lookup(mach_port_t port, const struct object_class *class)
{
	struct object *o = object_current;

	if (o == NULL || o->port != port || o->class != class || o->dead) {
		return NULL;
	}
	return o;
}

void *
object_lookup_ref(mach_port_t port, const struct object_class *class)
{
	struct object *o;

	pthread_mutex_lock(&object_lock);
	o = object_find_name(port);
	if (o != NULL && o->class == class) {
		object_ref(o);
	} else {
		o = NULL;
	}
	pthread_mutex_unlock(&object_lock);
	return o;
}

void
object_ref(struct object *o)
{
	__atomic_fetch_add(&o->refs, 1, __ATOMIC_RELAXED);
}

void
object_unref(struct object *o)
{
	if (__atomic_sub_fetch(&o->refs, 1, __ATOMIC_ACQ_REL) != 0) {
		return;
	}
	if (o->class->free != NULL) {
		o->class->free(o);
	}
}

/* O was taken out of the table by the caller: finish it. */
static void
object_end(struct object *o)
{
	object_destroy_receive(o->port);
	if (o->watched) {
		object_notify_return(o->notify);
	}
	if (o->class->gone != NULL) {
		o->class->gone(o);
	}
	object_unref(o);
}

void
object_kill(struct object *o)
{
	bool mine;

	pthread_mutex_lock(&object_lock);
	mine = !o->dead;
	if (mine) {
		o->dead = true;
		object_remove_locked(o);
	}
	pthread_mutex_unlock(&object_lock);
	if (mine) {
		object_end(o);
	}
}

unsigned
object_count(void)
{
	unsigned n;

	pthread_mutex_lock(&object_lock);
	n = object_live;
	pthread_mutex_unlock(&object_lock);
	return n;
}

bool
object_is_notify(mach_port_t port)
{
	bool found;

	pthread_mutex_lock(&object_lock);
	found = object_find_notify(port) != NULL;
	for (unsigned i = 0; i < object_spares && !found; i++) {
		found = object_spare[i] == port;
	}
	pthread_mutex_unlock(&object_lock);
	return found;
}

struct object *
object_receive(mach_msg_header_t *message)
{
	struct object *o;
	mach_msg_bits_t bits = message->msgh_bits;

	pthread_mutex_lock(&object_lock);
	if (MACH_MSGH_BITS_LOCAL(bits) == MACH_MSG_TYPE_PROTECTED_PAYLOAD) {
		o = object_find_id((uint32_t)message->msgh_protected_payload);
		message->msgh_local_port = o != NULL ? o->port : MACH_PORT_NULL;
		bits &= ~MACH_MSGH_BITS_LOCAL_MASK;
		message->msgh_bits = bits |
		    MACH_MSGH_BITS(0, MACH_MSG_TYPE_PORT_SEND);
	} else {
		o = object_find_name(message->msgh_local_port);
	}
	if (o != NULL) {
		object_ref(o);
	}
	pthread_mutex_unlock(&object_lock);
	object_current = o;
	return o;
}

/*
 * Has O really no client?  It was given out, nobody holds a send right any
 * more and nothing is queued.
 * A request that a thread has received but not looked up yet can only be from
 * a client that did not wait for the answer; it gets none.
 */
static bool
object_unused_locked(struct object *o, mach_port_status_t *status)
{
	kern_return_t kr;

	kr = mach_port_get_receive_status(mach_task_self(), o->port, status);
	return kr == KERN_SUCCESS && status->mps_mscount != 0 &&
	    !status->mps_srights && status->mps_msgcount == 0;
}

void
object_no_senders(mach_port_t notify)
{
	mach_port_status_t status = { 0 };
	struct object *o;

	pthread_mutex_lock(&object_lock);
	o = object_find_notify(notify);
	if (o == NULL) {
		pthread_mutex_unlock(&object_lock);
		return;
	}
	if (object_unused_locked(o, &status)) {
		o->dead = true;
		object_remove_locked(o);
		pthread_mutex_unlock(&object_lock);
		object_end(o);
		return;
	}
	object_ref(o);
	pthread_mutex_unlock(&object_lock);
	(void)object_watch(o, status.mps_mscount == 0 ? 1 : status.mps_mscount);
	object_unref(o);
}
