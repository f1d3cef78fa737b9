/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * The server loop.  Each thread has two message buffers that change places:
 * the reply is sent from, and the next request received into, the same one in
 * one trap.
 *
 * Three kinds of ports are in the set: objects' ports, whose messages go to
 * the server's stubs; notify ports, whose messages only the kernel can have
 * sent and which never reach the server's stubs; and ports that the server
 * added itself.
 */

#include <servers/lib/server.h>
#include <servers/lib/object_i.h>

#include <errno.h>
#include <mach/mig_errors.h>
#include <mach/notify.h>
#include <pthread.h>
#include <servers/lib/log.h>
#include <stdlib.h>
#include <string.h>

#include <mig/mach_host_user.h>
#include <mig/mach_port_user.h>
#include <mig/notify_server.h>

#define SERVER_THREADS_MAX	32
#define SERVER_MESSAGE_MAX	16384
#define SERVER_STACK_SIZE	65536
#define SERVER_WATCH_BUCKETS	256
/* So many are left, and have nothing to do, of those that there are. */
#define SERVER_IDLE_MAX		32
/* So many do not wait for clients, and get to requests in time. */
#define SERVER_AWAKE_MIN	4

struct server_watch {
	struct server_watch	*next;
	mach_port_t		name;
	void			(*function)(mach_port_t name, void *argument);
	void			*argument;
};

SERVER_DEMUX(notify);
SERVER_DEMUX(server);

static struct server_options server_options;
static mach_port_t server_set;
static mach_port_t server_death_port;
static int server_threads;		/* atomic */
static int server_idle;			/* atomic: waiting for a message */
static int server_waiting;		/* atomic: waiting for clients */

static pthread_mutex_t server_watch_lock = PTHREAD_MUTEX_INITIALIZER;
static struct server_watch *server_watches[SERVER_WATCH_BUCKETS];

void
server_setup(const struct server_options *options)
{
	kern_return_t kr;

	server_options = *options;
	if (server_options.threads_max == 0) {
		server_options.threads_max = SERVER_THREADS_MAX;
	}
	if (server_options.message_max == 0) {
		server_options.message_max = SERVER_MESSAGE_MAX;
	}
	if (server_options.stack_size == 0) {
		server_options.stack_size = SERVER_STACK_SIZE;
	}
	kr = mach_port_allocate(mach_task_self(), MACH_PORT_RIGHT_PORT_SET,
	    &server_set);
	if (kr != KERN_SUCCESS) {
		panic("no port set: %s", log_error_text(kr));
	}
	object_setup(server_set);
	kr = mach_port_allocate(mach_task_self(), MACH_PORT_RIGHT_RECEIVE,
	    &server_death_port);
	if (kr == KERN_SUCCESS) {
		kr = server_add_port(server_death_port);
	}
	if (kr != KERN_SUCCESS) {
		panic("no notification port: %s", log_error_text(kr));
	}
}

kern_return_t
server_add_port(mach_port_t port)
{
	return mach_port_move_member(mach_task_self(), port, server_set);
}

/*
 * Threads.
 */

struct server_start {
	void	(*function)(void *);
	void	*argument;
};

static void *
server_thread_main(void *argument)
{
	struct server_start start = *(struct server_start *)argument;

	free(argument);
	start.function(start.argument);
	return NULL;
}

kern_return_t
server_start_thread(void (*function)(void *), void *argument,
    size_t stack_size)
{
	struct server_start *start;
	pthread_attr_t attr;
	pthread_t thread;
	int error;

	start = malloc(sizeof(*start));
	if (start == NULL) {
		return KERN_RESOURCE_SHORTAGE;
	}
	start->function = function;
	start->argument = argument;
	pthread_attr_init(&attr);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	if (stack_size != 0) {
		pthread_attr_setstacksize(&attr, stack_size);
	}
	error = pthread_create(&thread, &attr, server_thread_main, start);
	pthread_attr_destroy(&attr);
	if (error != 0) {
		free(start);
		return KERN_RESOURCE_SHORTAGE;
	}
	return KERN_SUCCESS;
}

/*
 * Requests.
 */

static void
server_reply_fill(mig_reply_header_t *reply, mach_port_t port,
    mach_msg_type_name_t kind, mach_msg_id_t id, kern_return_t code)
{
	static const mach_msg_type_t code_type = {
		.msgt_name = MACH_MSG_TYPE_INTEGER_32,
		.msgt_size = 32,
		.msgt_number = 1,
		.msgt_inline = TRUE,
	};

	reply->Head.msgh_bits = MACH_MSGH_BITS(kind, 0);
	reply->Head.msgh_size = sizeof(*reply);
	reply->Head.msgh_remote_port = port;
	reply->Head.msgh_local_port = MACH_PORT_NULL;
	reply->Head.msgh_seqno = 0;
	reply->Head.msgh_id = id + 100;
	reply->RetCodeType = code_type;
	reply->RetCode = code;
}

static void
server_reply_init(const mach_msg_header_t *request, mig_reply_header_t *reply)
{
	server_reply_fill(reply, request->msgh_remote_port,
	    MACH_MSGH_BITS_REMOTE(request->msgh_bits), request->msgh_id,
	    MIG_BAD_ID);
}

void
server_reply(mach_port_t port, mach_msg_type_name_t kind, mach_msg_id_t id,
    kern_return_t code)
{
	mig_reply_header_t reply;

	if (!MACH_PORT_VALID(port)) {
		return;
	}
	server_reply_fill(&reply, port, kind, id, code);
	if (mach_msg(&reply.Head, MACH_SEND_MSG | MACH_SEND_TIMEOUT,
	    sizeof(reply), 0, MACH_PORT_NULL, MACH_MSG_TIMEOUT_NONE,
	    MACH_PORT_NULL) != MACH_MSG_SUCCESS) {
		(void)mach_port_deallocate(mach_task_self(), port);
	}
}

static bool
server_demux(mach_msg_header_t *request, mach_msg_header_t *reply)
{
	const server_demux_fn_t *d;

	if (server_server(request, reply)) {
		return true;
	}
	for (d = server_options.demux; *d != NULL; d++) {
		if ((*d)(request, reply)) {
			return true;
		}
	}
	return false;
}

static bool
server_is_notification(const mach_msg_header_t *message)
{
	/* With a payload there is no port name to compare. */
	if (MACH_MSGH_BITS_LOCAL(message->msgh_bits) ==
	    MACH_MSG_TYPE_PROTECTED_PAYLOAD) {
		return false;
	}
	return message->msgh_local_port == server_death_port ||
	    object_is_notify(message->msgh_local_port);
}

static void
server_unserved(const mach_msg_header_t *request)
{
	if (server_options.unserved != NULL) {
		server_options.unserved(request);
	}
}

/*
 * Of REQUEST a part could not be received, for want of memory or names: it is
 * none, and who waits for an answer is told.  The rest as server_answer.
 */
static bool
server_refuse(mach_msg_header_t *request, mig_reply_header_t *reply)
{
	struct object *object = object_receive(request);

	server_unserved(request);
	if (object != NULL) {
		object_unref(object);
	}
	reply->RetCode = KERN_RESOURCE_SHORTAGE;
	request->msgh_remote_port = MACH_PORT_NULL;
	mach_msg_destroy(request, true);
	return reply->Head.msgh_remote_port != MACH_PORT_NULL;
}

/*
 * Answer REQUEST.  True when REPLY is to be sent.  By MIG's rule of ownership
 * a routine that failed has consumed nothing, so the rights and the memory of
 * its request are given back here.
 */
static bool
server_answer(mach_msg_header_t *request, mig_reply_header_t *reply)
{
	struct object *object;
	kern_return_t code = KERN_SUCCESS;

	if (server_is_notification(request)) {
		if (!notify_server(request, &reply->Head)) {
			mach_msg_destroy(request, true);
		}
		return false;
	}
	object = object_receive(request);
	if (!server_demux(request, &reply->Head)) {
		server_unserved(request);
	}
	if (object != NULL) {
		object_unref(object);
	}
	if (!(reply->Head.msgh_bits & MACH_MSGH_BITS_COMPLEX)) {
		code = reply->RetCode;
	}
	if (code == MIG_NO_REPLY) {
		return false;
	}
	if (code != KERN_SUCCESS) {
		request->msgh_remote_port = MACH_PORT_NULL;
		mach_msg_destroy(request, true);
	}
	return reply->Head.msgh_remote_port != MACH_PORT_NULL;
}

/*
 * Send BUFFER if it is to be sent; receive, for WAIT ms unless negative, or not
 * with a null FROM.
 */
static mach_msg_return_t
server_exchange(mach_port_t from, mach_msg_header_t *buffer, bool send,
    int wait)
{
	mach_msg_option_t option = from != MACH_PORT_NULL ? MACH_RCV_MSG : 0;
	mach_msg_timeout_t timeout = MACH_MSG_TIMEOUT_NONE;
	mach_msg_size_t size = 0;

	if (send) {
		size = buffer->msgh_size;
		option |= MACH_SEND_MSG;
		/* A client that gave a full queue for an answer waits alone. */
		if (MACH_MSGH_BITS_REMOTE(buffer->msgh_bits) !=
		    MACH_MSG_TYPE_MOVE_SEND_ONCE) {
			option |= MACH_SEND_TIMEOUT;
		}
	}
	if (wait >= 0) {
		option |= MACH_RCV_TIMEOUT;
		/* Both halves have the same. */
		if ((option & MACH_SEND_TIMEOUT) == 0) {
			timeout = (mach_msg_timeout_t)wait;
		}
	}
	return mach_msg(buffer, option, size,
	    (mach_msg_size_t)server_options.message_max, from, timeout,
	    MACH_PORT_NULL);
}

/* Room for a request and its answer. */
struct server_buffers {
	mach_msg_header_t	*in;
	mach_msg_header_t	*out;
	bool			send;	/* IN holds an answer */
	mach_port_t		from;	/* where requests come */
};

static void
server_buffers_destroy(struct server_buffers *buffers)
{
	if (buffers != NULL) {
		free(buffers->in);
		free(buffers->out);
		free(buffers);
	}
}

static struct server_buffers *
server_buffers_create(mach_port_t from)
{
	struct server_buffers *buffers = calloc(1, sizeof(*buffers));

	if (buffers == NULL) {
		return NULL;
	}
	buffers->in = malloc(server_options.message_max);
	buffers->out = malloc(server_options.message_max);
	buffers->from = from;
	if (buffers->in == NULL || buffers->out == NULL) {
		server_buffers_destroy(buffers);
		return NULL;
	}
	return buffers;
}

/* Send the answer there is, and receive a request. */
static mach_msg_return_t
server_receive(struct server_buffers *buffers, int wait)
{
	mach_msg_return_t mr = server_exchange(buffers->from, buffers->in,
	    buffers->send, wait);

	/* An answer that could not go is still ours. */
	if (buffers->send && mr != MACH_MSG_SUCCESS &&
	    mr < MACH_RCV_IN_PROGRESS) {
		mach_msg_destroy(buffers->in, false);
	}
	buffers->send = false;
	return mr;
}

/* Answer the request that was received, as MR says, if one was. */
static void
server_serve(struct server_buffers *buffers, mach_msg_return_t mr)
{
	mach_msg_header_t *request = buffers->in;
	mig_reply_header_t *reply = (mig_reply_header_t *)buffers->out;
	bool whole = mr == MACH_MSG_SUCCESS;

	if (!whole && (mr & ~MACH_MSG_MASK) != MACH_RCV_BODY_ERROR) {
		return;
	}
	server_reply_init(request, reply);
	buffers->send = whole ? server_answer(request, reply) :
	    server_refuse(request, reply);
	buffers->in = buffers->out;
	buffers->out = request;
}

void
server_use_reserve(void)
{
	if (server_options.reserve_host != MACH_PORT_NULL) {
		(void)thread_wire(server_options.reserve_host,
		    mach_thread_self(), TRUE);
	}
}

/*
 * A thread for requests that come from FROM.  It has its buffers before it is:
 * once it was started it will receive.
 */
static kern_return_t
server_start(void (*function)(void *), mach_port_t from)
{
	struct server_buffers *buffers = server_buffers_create(from);
	kern_return_t kr = KERN_RESOURCE_SHORTAGE;

	if (buffers != NULL) {
		kr = server_start_thread(function, buffers,
		    server_options.stack_size);
	}
	if (kr != KERN_SUCCESS) {
		server_buffers_destroy(buffers);
	}
	return kr;
}

static void
server_apart_main(void *argument)
{
	struct server_buffers *buffers = argument;
	mach_msg_return_t mr = MACH_MSG_SUCCESS;

	server_use_reserve();
	while (mr != MACH_RCV_INVALID_NAME && mr != MACH_RCV_PORT_DIED &&
	    mr != MACH_RCV_PORT_CHANGED) {
		mr = server_receive(buffers, -1);
		server_serve(buffers, mr);
	}
	server_buffers_destroy(buffers);
}

kern_return_t
server_serve_apart(mach_port_t port)
{
	kern_return_t kr;

	kr = mach_port_move_member(mach_task_self(), port, MACH_PORT_NULL);
	if (kr != KERN_SUCCESS) {
		return kr;
	}
	kr = server_start(server_apart_main, port);
	if (kr != KERN_SUCCESS) {
		(void)server_add_port(port);
	}
	return kr;
}

kern_return_t
server_group_create(unsigned count, mach_port_t *groupp)
{
	mach_port_t group;
	kern_return_t kr;

	kr = mach_port_allocate(mach_task_self(), MACH_PORT_RIGHT_PORT_SET,
	    &group);
	if (kr != KERN_SUCCESS) {
		return kr;
	}
	for (unsigned i = 0; i < count && kr == KERN_SUCCESS; i++) {
		kr = server_start(server_apart_main, group);
	}
	if (kr != KERN_SUCCESS) {
		/* Those that there are end with it. */
		(void)mach_port_mod_refs(mach_task_self(), group,
		    MACH_PORT_RIGHT_PORT_SET, -1);
		return kr;
	}
	*groupp = group;
	return KERN_SUCCESS;
}

kern_return_t
server_group_add(mach_port_t group, mach_port_t port)
{
	return mach_port_move_member(mach_task_self(), port, group);
}

/*
 * The pool.
 */

/* Is there more than enough for what comes?  Those of before a rush are. */
static bool
server_pool_shrinks(void)
{
	return __atomic_load_n(&server_idle, __ATOMIC_RELAXED) >=
	    SERVER_IDLE_MAX &&
	    __atomic_load_n(&server_threads, __ATOMIC_RELAXED) >
	    (int)server_options.threads_min;
}

static void server_turn(struct server_buffers *buffers);

static void
server_pool_main(void *argument)
{
	struct server_buffers *buffers = argument;

	server_use_reserve();
	while (!server_pool_shrinks()) {
		server_turn(buffers);
	}
	buffers->from = MACH_PORT_NULL;
	(void)server_receive(buffers, -1);
	__atomic_sub_fetch(&server_threads, 1, __ATOMIC_SEQ_CST);
	server_buffers_destroy(buffers);
}

/* One thread more, if the bound allows and there is memory. */
static bool
server_pool_grow(void)
{
	int n = __atomic_add_fetch(&server_threads, 1, __ATOMIC_SEQ_CST);

	if (n - __atomic_load_n(&server_waiting, __ATOMIC_SEQ_CST) >
	    (int)server_options.threads_max ||
	    server_start(server_pool_main, server_set) != KERN_SUCCESS) {
		__atomic_sub_fetch(&server_threads, 1, __ATOMIC_SEQ_CST);
		return false;
	}
	return true;
}

bool
server_wait_begin(void)
{
	int waiting = __atomic_add_fetch(&server_waiting, 1, __ATOMIC_SEQ_CST);
	int threads = __atomic_load_n(&server_threads, __ATOMIC_SEQ_CST);

	if (threads - waiting >= SERVER_AWAKE_MIN || server_pool_grow()) {
		return true;
	}
	server_wait_end();
	return false;
}

void
server_wait_end(void)
{
	__atomic_sub_fetch(&server_waiting, 1, __ATOMIC_SEQ_CST);
}

/* Answer the last request, and receive another. */
static void
server_turn(struct server_buffers *buffers)
{
	int wait = server_options.between != NULL ?
	    server_options.between() : -1;
	mach_msg_return_t mr;

	__atomic_add_fetch(&server_idle, 1, __ATOMIC_SEQ_CST);
	mr = server_receive(buffers, wait);
	if (__atomic_sub_fetch(&server_idle, 1, __ATOMIC_SEQ_CST) == 0 &&
	    mr == MACH_MSG_SUCCESS) {
		/* All are busy. */
		(void)server_pool_grow();
	}
	server_serve(buffers, mr);
}

void
server_loop(void)
{
	struct server_buffers *buffers = server_buffers_create(server_set);

	if (buffers == NULL) {
		panic("no memory for requests");
	}
	__atomic_add_fetch(&server_threads, 1, __ATOMIC_RELAXED);
	for (unsigned n = 1; n < server_options.threads_min; n++) {
		if (!server_pool_grow()) {
			break;
		}
	}
	server_use_reserve();
	for (;;) {
		server_turn(buffers);
	}
}

/*
 * Death of ports.
 */

static struct server_watch **
server_watch_bucket(mach_port_t name)
{
	return &server_watches[(name ^ name >> 8) % SERVER_WATCH_BUCKETS];
}

/* Take the watch for NAME out of the table; NULL when there is none. */
static struct server_watch *
server_watch_take(mach_port_t name)
{
	struct server_watch **p;
	struct server_watch *w;

	pthread_mutex_lock(&server_watch_lock);
	p = server_watch_bucket(name);
	while (*p != NULL && (*p)->name != name) {
		p = &(*p)->next;
	}
	w = *p;
	if (w != NULL) {
		*p = w->next;
	}
	pthread_mutex_unlock(&server_watch_lock);
	return w;
}

static kern_return_t
server_watch_request(mach_port_t name, mach_port_t notify)
{
	mach_port_t previous = MACH_PORT_NULL;
	kern_return_t kr;

	kr = mach_port_request_notification(mach_task_self(), name,
	    MACH_NOTIFY_DEAD_NAME, 0, notify, MACH_MSG_TYPE_MAKE_SEND_ONCE,
	    &previous);
	if (kr == KERN_SUCCESS && previous != MACH_PORT_NULL) {
		(void)mach_port_deallocate(mach_task_self(), previous);
	}
	return kr;
}

kern_return_t
server_watch_death(mach_port_t name,
    void (*function)(mach_port_t name, void *argument), void *argument)
{
	struct server_watch *w = malloc(sizeof(*w));
	struct server_watch **bucket;
	kern_return_t kr;

	if (w == NULL) {
		return KERN_RESOURCE_SHORTAGE;
	}
	w->name = name;
	w->function = function;
	w->argument = argument;
	pthread_mutex_lock(&server_watch_lock);
	bucket = server_watch_bucket(name);
	w->next = *bucket;
	*bucket = w;
	pthread_mutex_unlock(&server_watch_lock);
	kr = server_watch_request(name, server_death_port);
	if (kr != KERN_SUCCESS) {
		w = server_watch_take(name);
		free(w);
	}
	return kr;
}

void
server_unwatch_death(mach_port_t name)
{
	struct server_watch *w = server_watch_take(name);

	if (w == NULL) {
		return;
	}
	free(w);
	(void)server_watch_request(name, MACH_PORT_NULL);
}

/*
 * Notifications, from notify.defs.
 */

kern_return_t
do_mach_notify_no_senders(mach_port_t notify, mach_port_mscount_t count)
{
	(void)count;
	object_no_senders(notify);
	return KERN_SUCCESS;
}

kern_return_t
do_mach_notify_dead_name(mach_port_t notify, mach_port_t name)
{
	struct server_watch *w;

	if (notify != server_death_port) {
		return KERN_SUCCESS;
	}
	/* The notification comes with a reference of its own. */
	(void)mach_port_deallocate(mach_task_self(), name);
	w = server_watch_take(name);
	if (w != NULL) {
		w->function(name, w->argument);
		free(w);
	}
	return KERN_SUCCESS;
}

kern_return_t
do_mach_notify_port_deleted(mach_port_t notify, mach_port_t name)
{
	return KERN_SUCCESS;
}

kern_return_t
do_mach_notify_msg_accepted(mach_port_t notify, mach_port_t name)
{
	return KERN_SUCCESS;
}

kern_return_t
do_mach_notify_port_destroyed(mach_port_t notify, mach_port_t rights)
{
	return KERN_FAILURE;
}

kern_return_t
do_mach_notify_send_once(mach_port_t notify)
{
	return KERN_SUCCESS;
}
