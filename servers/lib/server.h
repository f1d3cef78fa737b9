/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * The loop that receives requests and answers them through MIG's server stubs,
 * on as many threads as are busy at once, up to a bound.
 *
 * A thread that answers may block as long as it likes; the next request gets
 * another thread.  When all threads are busy, requests wait in their ports'
 * queues.  So a thread that waits for what clients do, perhaps for ever, says so
 * (server_wait_begin): then there is another one.
 */
#ifndef SERVERS_LIB_SERVER_H
#define SERVERS_LIB_SERVER_H

#include <mach/mig_errors.h>
#include <servers/lib/mach.h>
#include <servers/lib/object.h>
#include <stdbool.h>
#include <stddef.h>

/* MIG's X_server: handles the message, if it is its kind, and fills REPLY. */
typedef boolean_t (*server_demux_fn_t)(mach_msg_header_t *request,
    mach_msg_header_t *reply);

/* MIG does not declare it: SERVER_DEMUX(file); before the table. */
#define SERVER_DEMUX(interface) \
	boolean_t interface##_server(mach_msg_header_t *request, \
	    mach_msg_header_t *reply)

struct server_options {
	const server_demux_fn_t	*demux;		/* ends with NULL */
	unsigned		threads_min;	/* from the beginning; 0: 1.  For
						   those that must not wait for
						   the memory of a thread */
	unsigned		threads_max;	/* 0: 32 */
	size_t			message_max;	/* 0: 16 KiB, in line */
	size_t			stack_size;	/* 0: 64 KiB */
	mach_port_t		reserve_host;	/* null, or the privileged host
						   port: threads may use the
						   reserve of memory */
	/*
	 * With one thread: called before each wait for a request, to do a piece
	 * of long work.  Returns after how many milliseconds to call it again
	 * if no request comes; negative: not before one has.  May be NULL.
	 */
	int			(*between)(void);
	/*
	 * For those that count what comes: called for what no routine gets,
	 * before it is answered.  That is a request of which a part could not
	 * be received (KERN_RESOURCE_SHORTAGE), and one that none is for
	 * (MIG_BAD_ID), as the kernel's word that a send-once right to an
	 * object was given up.  May be NULL.
	 */
	void			(*unserved)(const mach_msg_header_t *request);
};

/* Before the first object; main calls it first. */
void server_setup(const struct server_options *options);

/* Answer requests for ever; the calling thread is one of the pool. */
void server_loop(void) __attribute__((noreturn));

/*
 * Receive on PORT (a receive right of this task) in the same loop, for ports
 * that are not objects.  Its messages go to the same demux functions.
 */
kern_return_t server_add_port(mach_port_t port);

/*
 * The calling thread, one of the loop, is about to wait for what a client does,
 * perhaps for ever; and it does not any more.  It is not counted in threads_max
 * meanwhile, and there are other threads for requests; how many may wait is the
 * caller's business.
 *
 * False: there is no memory for another thread; then it must not wait.
 */
bool server_wait_begin(void);
void server_wait_end(void);

/*
 * From now on receive on PORT, an object's, with a thread of its own, which
 * lives as long as the port: however many requests keep the loop busy, those on
 * PORT wait only for each other.
 *
 * Returns: KERN_RESOURCE_SHORTAGE; then PORT is served by the loop.
 */
kern_return_t server_serve_apart(mach_port_t port);

/*
 * A set of ports, empty, that COUNT threads of its own serve, for requests that
 * those in the loop may wait for.  server_group_add moves an object's PORT
 * there.
 *
 * Returns: KERN_RESOURCE_SHORTAGE.
 */
kern_return_t server_group_create(unsigned count, mach_port_t *groupp);
kern_return_t server_group_add(mach_port_t group, mach_port_t port);

/*
 * Call FUNCTION(NAME, ARGUMENT) once, on a thread of the loop, when the port
 * that NAME is a send right of dies.  The caller keeps its right, which is a
 * dead name then.  At most one watch per name.
 *
 * Returns: KERN_RESOURCE_SHORTAGE, KERN_INVALID_ARGUMENT (dead already).
 */
kern_return_t server_watch_death(mach_port_t name,
    void (*function)(mach_port_t name, void *argument), void *argument);

/* Forget the watch.  A call of the function that runs now may still finish. */
void server_unwatch_death(mach_port_t name);

/*
 * Answer CODE to a request ID whose S_ function has returned MIG_NO_REPLY and
 * which has no results.  Consumes REPLY, its sreplyport, of KIND; an answer that
 * cannot be sent at once is lost.
 */
void server_reply(mach_port_t reply, mach_msg_type_name_t kind,
    mach_msg_id_t id, kern_return_t code);

/* Let this thread use the reserve of memory, if reserve_host is set. */
void server_use_reserve(void);

/* Run FUNCTION(ARGUMENT) on a detached thread. */
kern_return_t server_start_thread(void (*function)(void *), void *argument,
    size_t stack_size);

#endif /* SERVERS_LIB_SERVER_H */
