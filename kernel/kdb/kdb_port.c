/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * A port or set is taken for one by its lock's rank and its kind, and if it is
 * referenced: what is free has neither.
 */

#include <kernel/kdb/kdb_port.h>

#include <stddef.h>

#include <machine/peek.h>

#include <kernel/kdb/kdb_argument.h>
#include <kernel/kdb/kdb_command.h>
#include <kernel/kdb/kdb_error.h>
#include <kernel/kdb/kdb_kmsg.h>
#include <kernel/kdb/kdb_out.h>
#include <kernel/kdb/kdb_processor.h>
#include <kernel/kdb/kdb_space.h>
#include <kernel/kdb/kdb_tree.h>
#include <kernel/kdb/kdb_list.h>
#include <kernel/kdb/kdb_who.h>
#include <kernel/lock_rank.h>

#include <ipc/ipc_kobject.h>
#include <ipc/ipc_pset.h>
#include <ipc/ipc_request.h>
#include <ipc/ipc_space.h>

static const char *const kdb_port_kinds[IKOT_KIND_COUNT] = {
	[IKOT_NONE] = "nothing",
	[IKOT_THREAD] = "thread",
	[IKOT_TASK] = "task",
	[IKOT_HOST] = "host",
	[IKOT_HOST_PRIV] = "privileged host",
	[IKOT_PROCESSOR] = "processor",
	[IKOT_PROCESSOR_NAME] = "processor name",
	[IKOT_PSET] = "processor set",
	[IKOT_PSET_NAME] = "processor set name",
	[IKOT_PAGER] = "memory object",
	[IKOT_PAGING_REQUEST] = "memory control",
	[IKOT_PAGING_NAME] = "memory object name",
	[IKOT_DEVICE] = "device",
	[IKOT_MASTER_DEVICE] = "master device",
	[IKOT_IO_PERM] = "I/O permission",
	[IKOT_CLOCK] = "clock",
	[IKOT_SYNC] = "pager's answer",
};

static bool
kdb_port_is_object(const struct ipc_object *object, unsigned kind,
    unsigned rank)
{
	return object->kind == kind && object->lock.rank == rank &&
	    refcount_read(&object->refs) > 0;
}

bool
kdb_port_read(const struct ipc_port *address, struct ipc_port *port)
{
	return ip_valid(address) &&
	    kdb_list_read(address, port, sizeof(*port)) &&
	    kdb_port_is_object(&port->object, IPC_OBJECT_PORT,
	    LOCK_RANK_IPC_PORT);
}

static bool
kdb_port_read_set(const struct ipc_pset *address, struct ipc_pset *pset)
{
	return address != NULL &&
	    kdb_list_read(address, pset, sizeof(*pset)) &&
	    kdb_port_is_object(&pset->object, IPC_OBJECT_PSET,
	    LOCK_RANK_IPC_PSET);
}

/* ---- whose -------------------------------------------------------------- */

static void
kdb_port_print_kobject(const struct ipc_port *port)
{
	unsigned kind = port->kobject_kind;

	if (kind == IKOT_NONE || kind >= IKOT_KIND_COUNT) {
		kdb_printf(" of the kernel");
		return;
	}
	kdb_printf(", the kernel's for %s ", kdb_port_kinds[kind]);
	if (kind == IKOT_TASK) {
		kdb_who_print_task(port->kobject);
	} else if (kind == IKOT_THREAD) {
		kdb_who_print_thread(port->kobject);
	} else {
		kdb_printf("%p", port->kobject);
	}
}

/* Who has the right to receive. */
static void
kdb_port_print_receiver(const struct ipc_port *port)
{
	const struct task *task;

	if (!port->object.active) {
		kdb_printf(", dead");
	} else if (port->receiver == ipc_space_kernel) {
		kdb_port_print_kobject(port);
	} else if (port->receiver == ipc_space_reply) {
		kdb_printf(", for replies to the kernel");
	} else if (port->object.in_transit) {
		kdb_printf(", in a message to port %p",
		    (void *)port->destination);
	} else if (port->receiver == NULL) {
		kdb_printf(" of nobody");
	} else {
		task = kdb_who_has_space(port->receiver);
		kdb_printf(" of ");
		if (task != NULL) {
			kdb_who_print_task(task);
		} else {
			kdb_printf("no task (space %p)",
			    (void *)port->receiver);
		}
		kdb_printf(" %x", port->name);
	}
}

void
kdb_port_print(const struct ipc_port *address)
{
	struct ipc_port port;

	if (address == IP_NULL) {
		kdb_printf("no port");
	} else if (address == IP_DEAD) {
		kdb_printf("a dead port");
	} else if (!kdb_port_read(address, &port)) {
		kdb_printf("damaged: %p is no port", (const void *)address);
	} else {
		kdb_printf("port %p", (const void *)address);
		kdb_port_print_receiver(&port);
	}
}

void
kdb_port_print_object(const struct ipc_object *address)
{
	const struct ipc_pset *at = list_entry(address, struct ipc_pset, object);
	struct ipc_pset pset;

	if (kdb_port_read_set(at, &pset)) {
		kdb_printf("port set %p, name %x, %u ports", (const void *)at,
		    pset.name, pset.count);
	} else {
		kdb_port_print(list_entry(address, struct ipc_port, object));
	}
}

/* ---- who waits ---------------------------------------------------------- */

void
kdb_port_ring_begin(struct kdb_port_ring *ring, const struct ipc_waiter *first)
{
	ring->first = first;
	ring->at = NULL;
	ring->prev = NULL;
}

/* As with lists: none comes twice, as each leads back to the one before. */
bool
kdb_port_ring_next(struct kdb_port_ring *ring)
{
	const struct ipc_waiter *next = ring->at == NULL ? ring->first :
	    ring->waiter.next;

	if (next == NULL || (ring->at != NULL && next == ring->first)) {
		return false;
	}
	if (!kdb_list_read(next, &ring->waiter, sizeof(ring->waiter)) ||
	    (ring->at != NULL && ring->waiter.prev != ring->at)) {
		kdb_printf("damaged: the waiters of %p, at %p\n",
		    (const void *)ring->first, (const void *)next);
		return false;
	}
	ring->at = next;
	return true;
}

static void
kdb_port_draw_waiters(struct kdb_tree *tree, const struct ipc_waiters *waiters)
{
	static struct kdb_port_ring ring;

	kdb_port_ring_begin(&ring, waiters->first);
	while (kdb_port_ring_next(&ring)) {
		kdb_tree_branch(tree, false);
		kdb_who_print_thread(ring.waiter.thread);
		if (!ipc_waiter_sends(&ring.waiter)) {
			kdb_printf(" waits to receive, thread %p\n",
			    (void *)ring.waiter.thread);
			continue;
		}
		kdb_printf(" is blocked sending, thread %p: ",
		    (void *)ring.waiter.thread);
		kdb_kmsg_print(ring.waiter.kmsg);
		kdb_printf("\n");
	}
}

/* ---- one port ----------------------------------------------------------- */

static void
kdb_port_draw_requests(struct kdb_tree *tree, const struct ipc_port_extra *at)
{
	static struct ipc_request request;
	const struct list_node *node;
	struct kdb_list walk;

	kdb_list_begin(&walk, &at->requests);
	while ((node = kdb_list_next(&walk)) != NULL) {
		const struct ipc_request *address =
		    list_entry(node, struct ipc_request, node);

		kdb_tree_branch(tree, false);
		if (!kdb_list_read(address, &request, sizeof(request))) {
			kdb_printf("damaged: no request at %p\n",
			    (const void *)address);
			return;
		}
		kdb_printf("%s notification asked for, name %x\n",
		    request.kind == IPC_REQUEST_DEAD_NAME ? "dead-name" :
		    "msg-accepted", request.name);
	}
	kdb_list_end(&walk);
}

static void
kdb_port_draw_extra(struct kdb_tree *tree, const struct ipc_port_extra *at)
{
	struct ipc_port_extra extra;

	if (at == NULL) {
		return;
	}
	if (!kdb_list_read(at, &extra, sizeof(extra))) {
		kdb_tree_branch(tree, false);
		kdb_printf("damaged: %p is no extra part\n", (const void *)at);
		return;
	}
	if (extra.pset != NULL) {
		kdb_tree_branch(tree, false);
		kdb_printf("in ");
		kdb_port_print_object((const struct ipc_object *)extra.pset);
		kdb_printf("\n");
	}
	if (extra.nsnotice != NULL || extra.pdnotice != NULL) {
		kdb_tree_branch(tree, false);
		kdb_printf("notifications asked for:%s%s\n",
		    extra.nsnotice != NULL ? " no-senders" : "",
		    extra.pdnotice != NULL ? " port-destroyed" : "");
	}
	kdb_port_draw_requests(tree, at);
}

static void
kdb_port_draw(const struct ipc_port *address)
{
	static struct ipc_port port;
	struct kdb_tree tree = { .depth = 0 };

	kdb_port_print(address);
	kdb_printf("\n");
	if (!kdb_port_read(address, &port)) {
		return;
	}
	kdb_tree_branch(&tree, false);
	kdb_printf("rights: %u send, %u send-once; made %u; references %u\n",
	    port.srights, port.sorights, port.mscount,
	    refcount_read(&port.object.refs));
	if (port.object.lock.owner != 0) {
		kdb_tree_branch(&tree, false);
		kdb_printf("locked by processor %u\n",
		    port.object.lock.owner - 1);
	}
	kdb_port_draw_extra(&tree, port.extra);
	kdb_port_draw_waiters(&tree, &port.mqueue.waiters);
	kdb_tree_branch(&tree, true);
	kdb_printf("%u messages of %u, next number %u\n",
	    kdb_kmsg_count(&port.mqueue.messages), port.limit,
	    port.mqueue.seqno);
	(void)kdb_tree_down(&tree, true);
	kdb_kmsg_draw_queue(&tree, &port.mqueue.messages);
}

/* The port or set that the arguments mean: an address, or TASK NAME. */
static const struct ipc_object *
kdb_port_argument(struct kdb_request *request)
{
	const struct task *task;
	uintptr_t value;

	if (!kdb_who_begins(request)) {
		return (const struct ipc_object *)kdb_argument(request);
	}
	task = kdb_who_task(request);
	if (request->rest[0] == '\0') {
		kdb_error("which name of the task?");
	}
	if (!kdb_argument_number(&request->rest, &value)) {
		kdb_error("no name: %s", request->rest);
	}
	return kdb_space_object(task, (mach_port_name_t)value);
}

void
kdb_port_show(struct kdb_request *request)
{
	const struct ipc_object *object = kdb_port_argument(request);

	kdb_printf("port, who receives from it and by which name; its rights, "
	    "waiters, messages\n");
	kdb_port_draw(list_entry(object, struct ipc_port, object));
}

/* ---- sets --------------------------------------------------------------- */

static void
kdb_port_draw_member(struct kdb_tree *tree, const struct ipc_port_extra *at)
{
	struct ipc_port_extra extra;
	struct ipc_port port;

	kdb_tree_branch(tree, false);
	if (!kdb_list_read(at, &extra, sizeof(extra)) ||
	    !kdb_port_read(extra.port, &port)) {
		kdb_printf("damaged: no member at %p\n", (const void *)at);
		return;
	}
	kdb_port_print(extra.port);
	kdb_printf(", %u messages\n", kdb_kmsg_count(&port.mqueue.messages));
}

static void
kdb_port_draw_set(const struct ipc_pset *address, const struct ipc_pset *pset)
{
	struct kdb_tree tree = { .depth = 0 };
	const struct list_node *node;
	struct kdb_list walk;

	kdb_port_print_object(&address->object);
	kdb_printf("%s\n", pset->object.active ? "" : ", dead");
	kdb_port_draw_waiters(&tree, &pset->receivers);
	kdb_list_begin(&walk, &address->members);
	while ((node = kdb_list_next(&walk)) != NULL) {
		kdb_port_draw_member(&tree,
		    list_entry(node, struct ipc_port_extra, pset_node));
	}
	kdb_list_end(&walk);
	kdb_tree_branch(&tree, true);
	kdb_printf("references %u\n", refcount_read(&pset->object.refs));
}

void
kdb_port_show_set(struct kdb_request *request)
{
	const struct ipc_object *object = kdb_port_argument(request);
	static struct ipc_pset pset;

	if (kdb_port_read_set((const struct ipc_pset *)object, &pset)) {
		kdb_printf("port set and its name; who receives; its ports\n");
		kdb_port_draw_set((const struct ipc_pset *)object, &pset);
	} else if (!kdb_processor_show_set(
	    (const struct processor_set *)object)) {
		kdb_printf("%p is neither a port set nor a processor set\n",
		    (const void *)object);
	}
}
