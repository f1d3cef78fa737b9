/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Ports that stand for objects of the kernel.
 *
 * A port in ipc_space_kernel is served, not queued: the thread that sends to
 * it runs the interface's MIG routine and the reply goes to the reply port.
 * Each kind of object may have a table of functions.
 */

#ifndef IPC_IPC_KOBJECT_H
#define IPC_IPC_KOBJECT_H

#include <ipc/ipc_kmsg.h>
#include <ipc/ipc_types.h>
#include <mach/boolean.h>
#include <mach/message.h>
#include <mach/port.h>

enum ipc_kobject_kind {
	IKOT_NONE,
	IKOT_THREAD,
	IKOT_TASK,
	IKOT_HOST,
	IKOT_HOST_PRIV,
	IKOT_PROCESSOR,
	IKOT_PROCESSOR_NAME,
	IKOT_PSET,
	IKOT_PSET_NAME,
	IKOT_PAGER,		/* a memory object that the kernel made */
	IKOT_PAGING_REQUEST,	/* memory control port */
	IKOT_PAGING_NAME,	/* memory object name port */
	IKOT_DEVICE,
	IKOT_MASTER_DEVICE,
	IKOT_IO_PERM,
	IKOT_CLOCK,
	IKOT_SYNC,		/* a pager's answer that somebody waits for */
	IKOT_KIND_COUNT
};

struct ipc_kobject_ops {
	/*
	 * The last send right of PORT is gone, as of make-send count MSCOUNT.
	 * A hint: ipc_port_no_senders() tells whether that is still so.
	 * Called without locks and with a reference on PORT; OBJ was the
	 * port's object a moment ago and may need the object's own check.
	 */
	void (*no_senders)(struct ipc_port *port, void *obj,
	    mach_port_mscount_t mscount);
	/*
	 * A notification (ids 64..76) arrived at PORT, which had given out a
	 * send-once right for it.  Returns true if it took over the rights in
	 * the message's body, false to have them destroyed.
	 */
	bool (*notify)(struct ipc_port *port, void *obj,
	    mach_msg_header_t *msg);
};

/*
 * A generated server: fills REPLY and returns whether it knows the request.
 * Both headers carry ports, not names.
 */
typedef boolean_t (*ipc_kobject_server_fn_t)(mach_msg_header_t *request,
    mach_msg_header_t *reply);

/* What a generated server is for: see mig/replies.awk. */
struct ipc_kobject_server {
	mach_msg_id_t			first;		/* of its requests */
	unsigned			count;
	ipc_kobject_server_fn_t		fn;
	const mach_msg_size_t		*replies;	/* bytes; COUNT */
	/*
	 * Its routines, when they return MIG_NO_REPLY, keep the reply port to
	 * answer later.  Elsewhere it is destroyed then.
	 */
	bool				async;
};

void ipc_kobject_setup(void);

/* OPS stays in use for ever.  Called during set-up only. */
void ipc_kobject_set_ops(enum ipc_kobject_kind kind,
    const struct ipc_kobject_ops *ops);

/* Requests that SERVER knows go to it.  Called during set-up only. */
void ipc_kobject_add_server(const struct ipc_kobject_server *server);

/*
 * For servers with routines that take an array in line or out of line: MIG's
 * stubs do not look whether a message that says it is out of line was copied
 * in as one with regions.  A simple one was not, and its address is still what
 * the user wrote.  Refuses such a REQUEST, filling REPLY, and returns TRUE.
 */
boolean_t ipc_kobject_refuse_regions(const mach_msg_header_t *request,
    mach_msg_header_t *reply);

/* The table of KIND, or NULL. */
const struct ipc_kobject_ops *ipc_kobject_ops(enum ipc_kobject_kind kind);

/*
 * Pass a notification to the object of the kernel port it was sent to.
 *
 * Locks: none held.
 * Refs:  consumes KMSG.
 */
void ipc_kobject_notify(struct ipc_kmsg *kmsg);

/*
 * Make a port for OBJ in the kernel's space.
 *
 * Refs:    the caller gets the receive right; the port keeps no reference
 *          on OBJ, which must disable the port before it goes away.
 * Returns: NULL when there is no memory.
 */
struct ipc_port *ipc_kobject_create(enum ipc_kobject_kind kind, void *obj);

/* PORT stands for nothing until this is called again.  Locks: none held. */
void ipc_kobject_set(struct ipc_port *port, enum ipc_kobject_kind kind,
    void *obj);

/*
 * The object of PORT if it is of this kind, else NULL.  PORT may be null or
 * dead.  The caller has a reference on PORT and some reason why the object
 * cannot go away.
 */
void *ipc_kobject_get(struct ipc_port *port, enum ipc_kobject_kind kind);

/*
 * The same, and REF(object) is called while the port is locked: the object
 * cannot be disabled meanwhile.  REF takes no lock of port rank or before.
 */
void *ipc_kobject_get_ref(struct ipc_port *port, enum ipc_kobject_kind kind,
    void (*ref)(void *obj));

/* PORT stands for no object any more; requests get an error. */
void ipc_kobject_disable(struct ipc_port *port);

/* PORT dies.  Consumes the receive right.  Locks: none held. */
void ipc_kobject_destroy(struct ipc_port *port);

/*
 * Serve the request in KMSG, whose destination was a kernel port.
 *
 * Locks:   none held.
 * Blocks:  as the routine does.
 * Refs:    consumes KMSG.
 * Returns: the reply, or NULL when none is to be sent.
 */
struct ipc_kmsg *ipc_kobject_server(struct ipc_kmsg *kmsg);

/*
 * The parts of the above for a request without rights or regions in its body,
 * whose header's rights stay the caller's.  SERVER knows it, and is not
 * asynchronous.  BUFFER gets the reply, in kernel form.  The result is the
 * routine's.
 */
kern_return_t ipc_kobject_serve_plain(const struct ipc_kobject_server *server,
    mach_msg_header_t *request, struct ipc_kmsg *buffer);

/* The server that knows requests with ID, or NULL. */
const struct ipc_kobject_server *ipc_kobject_find(mach_msg_id_t id);

/*
 * Bytes that almost all routines answer at most: states, arrays and long names
 * are larger.
 */
#define IPC_KOBJECT_REPLY_SMALL 256

/* Room for those on the stack of who calls, and maybe waits, in the routine. */
struct ipc_kobject_room {
	struct ipc_kmsg	kmsg;
	char		body[IPC_KOBJECT_REPLY_SMALL -
			    sizeof(mach_msg_header_t)];
};

/*
 * A buffer for what SERVER, or with NULL nobody, answers to ID: ROOM, unless it
 * is NULL, or memory, maybe NULL; and give it back.
 */
struct ipc_kmsg *ipc_kobject_get_buffer(
    const struct ipc_kobject_server *server, mach_msg_id_t id,
    struct ipc_kobject_room *room);
void ipc_kobject_put_buffer(struct ipc_kmsg *buffer,
    const struct ipc_kobject_room *room);

/*
 * The message to be sent: BUFFER, or a copy of no more than it takes.  NULL if
 * there is no memory for what is in ROOM; then it still is there.
 */
struct ipc_kmsg *ipc_kobject_trim(struct ipc_kmsg *buffer,
    const struct ipc_kobject_room *room);

/* For generated stubs. */
static inline struct ipc_port *
null_conversion(mach_port_t port)
{
	return (struct ipc_port *)(uintptr_t)port;
}

#endif /* IPC_IPC_KOBJECT_H */
