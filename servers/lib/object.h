/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * Ports that stand for something of ours, and the loop that answers them.
 *
 * A server embeds struct object in whatever a port of it means (an open file,
 * a process, the service itself), gives it a port with object_create, hands
 * out send rights with object_right, and answers requests in S_ functions that
 * find the object again with object_lookup(port, class).
 *
 * Life of an object: LIVE, from object_create until its last send right is
 * gone, object_kill, or the end of the task.  Then its port is destroyed, its
 * class is told once (gone), and the loop's reference is dropped; the memory
 * goes when the last reference does (free).  While a request on its port is
 * being answered, the loop holds a reference, so S_ functions need none.
 *
 * No-senders notifications arrive on ports of their own, whose send-once
 * rights only the kernel has held; they are a hint that makes the loop look at
 * the port's own counts.
 */
#ifndef SERVERS_LIB_OBJECT_H
#define SERVERS_LIB_OBJECT_H

#include <servers/lib/mach.h>

struct object;

struct object_class {
	const char	*name;
	/*
	 * No client is left, or object_kill was called: stop what the object
	 * does.  Called once, without locks.  May be NULL.
	 */
	void		(*gone)(struct object *object);
	/* The last reference is gone: free the memory.  May be NULL. */
	void		(*free)(struct object *object);
};

/* [I] fixed at creation  [t] object table's lock  [a] atomic */
struct object {
	const struct object_class	*class;		/* [I] */
	mach_port_t			port;		/* [I] receive right */
	uint32_t			id;		/* [I] never used again */
	int				refs;		/* [a] */
	bool				dead;		/* [t] */
	bool				watched;	/* [I] for no senders */
	mach_port_t			notify;		/* [I] if watched */
	struct object			*id_next;	/* [t] by id */
	struct object			*name_next;	/* [t] by port */
	struct object			*notify_next;	/* [t] by notify */
};

/*
 * Make OBJECT live, with a port.  The caller gets one reference, the loop has
 * another.  It ends when the send rights that object_right made are gone.
 *
 * Returns: KERN_RESOURCE_SHORTAGE, KERN_NO_SPACE; then OBJECT is as before.
 */
kern_return_t object_create(struct object *object,
    const struct object_class *class);

/* The same, for a service that stays when it has no clients. */
kern_return_t object_create_service(struct object *object,
    const struct object_class *class);

/*
 * One more send right for OBJECT, to be given away: as the result of an S_
 * function it is a mach_port_move_send_t.  MACH_PORT_NULL when it is dead.
 */
mach_port_t object_right(struct object *object);

/* The live object of CLASS whose port is PORT, or NULL.  See above. */
void *object_lookup(mach_port_t port, const struct object_class *class);

/* The same with a reference, for ports that are arguments of a request. */
void *object_lookup_ref(mach_port_t port, const struct object_class *class);

void object_ref(struct object *object);
void object_unref(struct object *object);

/* Destroy the port; clients find it dead.  Harmless when already dead. */
void object_kill(struct object *object);

/* How many objects are live. */
unsigned object_count(void);

#endif /* SERVERS_LIB_OBJECT_H */
