/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Ports that stand for objects of the kernel, and the dispatch of requests.
 *
 * Ownership in a call, as MIG's routines have it: a routine that returns
 * KERN_SUCCESS or MIG_NO_REPLY has consumed every right and region of the
 * request's body; one that returns an error has consumed none, and they are
 * destroyed here.  The reply port moves to the reply.
 */

#include <ipc/ipc_kobject.h>

#include <mach/mig_errors.h>
#include <mach/notify.h>
#include <machine/atomic.h>
#include <machine/cpu.h>

#include <kernel/panic.h>
#include <string.h>

#include <ipc/ipc_kmsg.h>
#include <ipc/ipc_port.h>
#include <ipc/ipc_space.h>

#define IPC_KOBJECT_REPLY_MAX 8100 /* bytes of the largest reply of any routine */
#define IPC_KOBJECT_SERVERS_MAX 24
#define IPC_KOBJECT_HUNDREDS 64

/* Filled during set-up, constant afterwards. */
static struct ipc_kobject_server
    ipc_kobject_servers[IPC_KOBJECT_SERVERS_MAX];
static unsigned ipc_kobject_server_count;
/* By hundreds of ids: where to begin to look. */
static uint8_t ipc_kobject_begin[IPC_KOBJECT_HUNDREDS];
static const struct ipc_kobject_ops *ipc_kobject_tables[IKOT_KIND_COUNT];

/*
 * A buffer for the largest reply, kept by the processor that last used it:
 * [a] taken and put by exchange, so a thread that moves does no harm.
 */
static struct ipc_kmsg *ipc_kobject_spare[CPU_MAX];

void
ipc_kobject_setup(void)
{
	_Static_assert(sizeof(mig_reply_header_t) <= IPC_KOBJECT_REPLY_SMALL,
	    "an error fits");
	memset(ipc_kobject_begin, UINT8_MAX, sizeof(ipc_kobject_begin));
}

void
ipc_kobject_set_ops(enum ipc_kobject_kind kind,
    const struct ipc_kobject_ops *ops)
{
	assert(kind < IKOT_KIND_COUNT);
	ipc_kobject_tables[kind] = ops;
}

const struct ipc_kobject_ops *
ipc_kobject_ops(enum ipc_kobject_kind kind)
{
	return ipc_kobject_tables[kind];
}

void
ipc_kobject_add_server(const struct ipc_kobject_server *server)
{
	unsigned last = (unsigned)server->first + server->count - 1;

	assert(ipc_kobject_server_count < IPC_KOBJECT_SERVERS_MAX);
	for (unsigned i = 0; i < server->count; i++) {
		assert(server->replies[i] <= IPC_KOBJECT_REPLY_MAX);
	}
	for (unsigned i = (unsigned)server->first / 100;
	    i <= last / 100 && i < IPC_KOBJECT_HUNDREDS; i++) {
		if (ipc_kobject_begin[i] == UINT8_MAX) {
			ipc_kobject_begin[i] =
			    (uint8_t)ipc_kobject_server_count;
		}
	}
	ipc_kobject_servers[ipc_kobject_server_count++] = *server;
}

struct ipc_port *
ipc_kobject_create(enum ipc_kobject_kind kind, void *obj)
{
	struct ipc_port *port = ipc_port_create_special(ipc_space_kernel);

	if (port != NULL) {
		port->kobject_kind = (uint8_t)kind;
		port->kobject = obj;
	}
	return port;
}

void
ipc_kobject_set(struct ipc_port *port, enum ipc_kobject_kind kind, void *obj)
{
	ipc_port_lock(port);
	assert(ipc_port_active(port) && port->receiver == ipc_space_kernel);
	port->kobject_kind = (uint8_t)kind;
	port->kobject = obj;
	ipc_port_unlock(port);
}

static void
ipc_kobject_no_ref(void *obj)
{
}

void *
ipc_kobject_get(struct ipc_port *port, enum ipc_kobject_kind kind)
{
	return ipc_kobject_get_ref(port, kind, ipc_kobject_no_ref);
}

void *
ipc_kobject_get_ref(struct ipc_port *port, enum ipc_kobject_kind kind,
    void (*ref)(void *obj))
{
	void *obj = NULL;

	if (!ip_valid(port)) {
		return NULL;
	}
	ipc_port_lock(port);
	if (ipc_port_active(port) && port->kobject_kind == kind) {
		obj = port->kobject;
		if (obj != NULL) {
			ref(obj);
		}
	}
	ipc_port_unlock(port);
	return obj;
}

void
ipc_kobject_disable(struct ipc_port *port)
{
	ipc_kobject_set(port, IKOT_NONE, NULL);
}

void
ipc_kobject_destroy(struct ipc_port *port)
{
	ipc_port_lock(port);
	assert(ipc_port_active(port) && port->receiver == ipc_space_kernel);
	port->kobject_kind = IKOT_NONE;
	port->kobject = NULL;
	ipc_port_detach(port);
	ipc_port_destroy_unlock(port);
}

const struct ipc_kobject_server *
ipc_kobject_find(mach_msg_id_t id)
{
	const struct ipc_kobject_server *server;
	unsigned n;

	for (unsigned i = id < 0 || id >= 100 * IPC_KOBJECT_HUNDREDS ?
	    0 : ipc_kobject_begin[(unsigned)id / 100];
	    i < ipc_kobject_server_count; i++) {
		server = &ipc_kobject_servers[i];
		n = (unsigned)id - (unsigned)server->first;
		if (n < server->count && server->replies[n] != 0) {
			return server;
		}
	}
	return NULL;
}

/* Answer REQUEST with an error, as a stub would. */
static void
ipc_kobject_refuse(const mach_msg_header_t *request, mach_msg_header_t *reply,
    kern_return_t kr)
{
	mig_reply_header_t *head = (mig_reply_header_t *)reply;

	memset(head, 0, sizeof(*head));
	reply->msgh_bits = MACH_MSGH_BITS(
	    MACH_MSGH_BITS_LOCAL(request->msgh_bits), 0);
	reply->msgh_size = sizeof(*head);
	reply->msgh_remote_port = request->msgh_local_port;
	reply->msgh_id = request->msgh_id + 100;
	head->RetCodeType.msgt_name = MACH_MSG_TYPE_INTEGER_32;
	head->RetCodeType.msgt_size = 32;
	head->RetCodeType.msgt_number = 1;
	head->RetCodeType.msgt_inline = 1;
	head->RetCode = kr;
}

boolean_t
ipc_kobject_refuse_regions(const mach_msg_header_t *request,
    mach_msg_header_t *reply)
{
	char *cursor = (char *)(request + 1);
	char *end = (char *)request + request->msgh_size;
	struct ipc_kmsg_item item;

	if ((request->msgh_bits & MACH_MSGH_BITS_COMPLEX) != 0) {
		return FALSE;
	}
	while (cursor < end &&
	    ipc_kmsg_next_item(&cursor, end, &item) == MACH_MSG_SUCCESS) {
		if (!item.is_inline) {
			ipc_kobject_refuse(request, reply, MIG_BAD_ARGUMENTS);
			return TRUE;
		}
	}
	return FALSE;
}

struct ipc_kmsg *
ipc_kobject_get_buffer(
    const struct ipc_kobject_server *server, mach_msg_id_t id,
    struct ipc_kobject_room *room)
{
	mach_msg_size_t size = server != NULL ?
	    server->replies[id - server->first] : sizeof(mig_reply_header_t);
	struct ipc_kmsg *kmsg;

	/* Who waits in a routine, as many do, does not hold the largest. */
	if (size <= IPC_KOBJECT_REPLY_SMALL) {
		if (room == NULL) {
			return ipc_kmsg_alloc(size);
		}
		room->kmsg.capacity = IPC_KOBJECT_REPLY_SMALL;
		return &room->kmsg;
	}
	kmsg = atomic_exchange_acq_rel(&ipc_kobject_spare[cpu_id()], NULL);
	return kmsg != NULL ? kmsg : ipc_kmsg_alloc(IPC_KOBJECT_REPLY_MAX);
}

void
ipc_kobject_put_buffer(
    struct ipc_kmsg *buffer, const struct ipc_kobject_room *room)
{
	if (room != NULL && buffer == &room->kmsg) {
		return;
	}
	if (buffer->capacity > IPC_KOBJECT_REPLY_SMALL) {
		buffer = atomic_exchange_acq_rel(
		    &ipc_kobject_spare[cpu_id()], buffer);
	}
	if (buffer != NULL) {
		ipc_kmsg_free(buffer);
	}
}

struct ipc_kmsg *
ipc_kobject_trim(
    struct ipc_kmsg *buffer, const struct ipc_kobject_room *room)
{
	bool in_room = room != NULL && buffer == &room->kmsg;
	struct ipc_kmsg *kmsg = NULL;

	if (in_room || (buffer->capacity > IPC_KOBJECT_REPLY_SMALL &&
	    buffer->header.size <= IPC_KOBJECT_REPLY_SMALL)) {
		kmsg = ipc_kmsg_alloc(buffer->header.size);
	}
	if (kmsg == NULL) {
		return in_room ? NULL : buffer;
	}
	memcpy(&kmsg->header, &buffer->header, buffer->header.size);
	ipc_kobject_put_buffer(buffer, room);
	return kmsg;
}

/* There is no memory to serve REQUEST: say so, if there is enough for that. */
static struct ipc_kmsg *
ipc_kobject_no_memory(struct ipc_kmsg *request)
{
	struct ipc_kmsg *kmsg = NULL;

	if (ip_valid(request->header.local)) {
		kmsg = ipc_kmsg_alloc(sizeof(mig_reply_header_t));
	}
	if (kmsg != NULL) {
		ipc_kobject_refuse(&request->user, &kmsg->user,
		    KERN_RESOURCE_SHORTAGE);
		request->header.local = IP_NULL;
	}
	ipc_kmsg_destroy(request);
	return kmsg;
}

/* The routine is done with REQUEST, except for its reply port. */
static void
ipc_kobject_finish_request(struct ipc_kmsg *request, kern_return_t kr)
{
	if (kr == KERN_SUCCESS || kr == MIG_NO_REPLY) {
		request->header.bits &= ~MACH_MSGH_BITS_COMPLEX;
	}
	request->header.local = IP_NULL;
	ipc_port_release(request->header.remote,
	    MACH_MSGH_BITS_REMOTE(request->header.bits));
	request->header.remote = IP_NULL;
	ipc_kmsg_destroy(request);
}

kern_return_t
ipc_kobject_serve_plain(const struct ipc_kobject_server *server,
    mach_msg_header_t *request, struct ipc_kmsg *buffer)
{
	if (!server->fn(request, &buffer->user)) {
		ipc_kobject_refuse(request, &buffer->user, MIG_BAD_ID);
	}
	assert(buffer->header.size <= buffer->capacity);
	return ((mig_reply_header_t *)&buffer->user)->RetCode;
}

struct ipc_kmsg *
ipc_kobject_server(struct ipc_kmsg *kmsg)
{
	const struct ipc_kobject_server *server =
	    ipc_kobject_find(kmsg->header.id);
	struct ipc_kmsg *buffer =
	    ipc_kobject_get_buffer(server, kmsg->header.id, NULL);
	struct ipc_port *reply_port = kmsg->header.local;
	mach_msg_type_name_t reply_type =
	    MACH_MSGH_BITS_LOCAL(kmsg->header.bits);
	kern_return_t kr = MIG_BAD_ID;

	if (buffer == NULL) {
		return ipc_kobject_no_memory(kmsg);
	}
	if (server != NULL) {
		kr = ipc_kobject_serve_plain(server, &kmsg->user, buffer);
	} else {
		ipc_kobject_refuse(&kmsg->user, &buffer->user, kr);
	}
	ipc_kobject_finish_request(kmsg, kr);
	if (kr == MIG_NO_REPLY) {
		ipc_kobject_put_buffer(buffer, NULL);
		if (!server->async && ip_valid(reply_port)) {
			ipc_port_release(reply_port, reply_type);
		}
		return NULL;
	}
	buffer = ipc_kobject_trim(buffer, NULL);
	if (!ip_valid(reply_port)) {
		ipc_kmsg_destroy(buffer);
		return NULL;
	}
	return buffer;
}

void
ipc_kobject_notify(struct ipc_kmsg *kmsg)
{
	struct ipc_port *port = kmsg->header.remote;
	const struct ipc_kobject_ops *ops = NULL;
	mach_msg_id_t id = kmsg->header.id;
	mach_msg_type_name_t type = MACH_MSGH_BITS_REMOTE(kmsg->header.bits);
	void *obj = NULL;

	if (type == MACH_MSG_TYPE_PORT_SEND_ONCE &&
	    id >= MACH_NOTIFY_FIRST && id <= MACH_NOTIFY_LAST) {
		ipc_port_lock(port);
		ops = ipc_kobject_tables[port->kobject_kind];
		obj = port->kobject;
		ipc_port_unlock(port);
	}
	if (ops != NULL && ops->notify != NULL && obj != NULL &&
	    ops->notify(port, obj, &kmsg->user)) {
		kmsg->header.bits &= ~MACH_MSGH_BITS_COMPLEX;
	}
	/* The right is used up; nobody is to be told that it was not. */
	if (type == MACH_MSG_TYPE_PORT_SEND_ONCE) {
		ipc_port_drop(port, type);
		kmsg->header.remote = IP_NULL;
	}
	ipc_kmsg_destroy(kmsg);
}
