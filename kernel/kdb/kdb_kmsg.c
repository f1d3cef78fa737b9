/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * A message is taken for one if its size fits into its buffer.
 */

#include <kernel/kdb/kdb_kmsg.h>

#include <stddef.h>

#include <kernel/kdb/kdb_argument.h>
#include <kernel/kdb/kdb_body.h>
#include <kernel/kdb/kdb_msgs.h>
#include <kernel/kdb/kdb_out.h>
#include <kernel/kdb/kdb_port.h>
#include <kernel/kdb/kdb_tree.h>
#include <kernel/kdb/kdb_list.h>

#define KDB_KMSG_MAX	100000u		/* messages of a queue */

bool
kdb_kmsg_read(const struct ipc_kmsg *address, struct ipc_kmsg *kmsg)
{
	return address != NULL && kdb_list_read(address, kmsg, sizeof(*kmsg)) &&
	    kmsg->header.size >= sizeof(kmsg->header) &&
	    kmsg->header.size <= kmsg->capacity &&
	    kmsg->capacity <= 2 * IPC_KMSG_SIZE_MAX;
}

void
kdb_kmsg_print(const struct ipc_kmsg *address)
{
	struct ipc_kmsg kmsg;

	if (!kdb_kmsg_read(address, &kmsg)) {
		kdb_printf("damaged: %p is no message", (const void *)address);
		return;
	}
	kdb_printf("message %p, ", (const void *)address);
	kdb_msgs_print(kmsg.header.id);
	kdb_printf(", %u bytes%s", kmsg.header.size, (kmsg.header.bits &
	    MACH_MSGH_BITS_COMPLEX) != 0 ? ", complex" : "");
}

/* ---- queues ------------------------------------------------------------- */

unsigned
kdb_kmsg_count(const struct ipc_kmsg_queue *queue)
{
	struct ipc_kmsg last;

	return kdb_kmsg_read(queue->last, &last) ? last.count : 0;
}

void
kdb_kmsg_begin(struct kdb_kmsg_walk *walk, const struct ipc_kmsg_queue *queue)
{
	walk->last = queue->last;
	walk->at = queue->last;
	walk->left = kdb_kmsg_count(queue);
	if (walk->last != NULL && (walk->left == 0 ||
	    walk->left > KDB_KMSG_MAX)) {
		kdb_printf("damaged: the messages up to %p\n",
		    (const void *)walk->last);
		walk->left = 0;
	}
}

const struct ipc_kmsg *
kdb_kmsg_next(struct kdb_kmsg_walk *walk)
{
	struct ipc_kmsg kmsg;
	bool good;

	if (walk->left == 0) {
		return NULL;
	}
	good = kdb_kmsg_read(walk->at, &kmsg) &&
	    kdb_kmsg_read(kmsg.next, &kmsg);
	if (good) {
		(void)kdb_list_read(&walk->at->next, &walk->at,
		    sizeof(walk->at));
	}
	walk->left--;
	/* The last one says how many there are. */
	if (!good || (walk->at == walk->last) != (walk->left == 0)) {
		kdb_printf("damaged: the messages up to %p, at %p\n",
		    (const void *)walk->last, (const void *)walk->at);
		walk->left = 0;
		return NULL;
	}
	return walk->at;
}

void
kdb_kmsg_draw_queue(struct kdb_tree *tree, const struct ipc_kmsg_queue *queue)
{
	const struct ipc_kmsg *address;
	struct kdb_kmsg_walk walk;

	kdb_kmsg_begin(&walk, queue);
	while ((address = kdb_kmsg_next(&walk)) != NULL) {
		kdb_tree_branch(tree, walk.left == 0);
		kdb_kmsg_print(address);
		kdb_printf("\n");
	}
}

/* ---- one message -------------------------------------------------------- */

static const char *
kdb_kmsg_right(unsigned type)
{
	switch (type) {
	case 0:
		return "none";
	case MACH_MSG_TYPE_PORT_SEND:
		return "send right";
	case MACH_MSG_TYPE_PORT_SEND_ONCE:
		return "send-once right";
	case MACH_MSG_TYPE_PORT_RECEIVE:
		return "receive right";
	default:
		return "damaged right";
	}
}

static void
kdb_kmsg_draw_header(struct kdb_tree *tree, const struct ipc_kmsg *kmsg)
{
	const struct ipc_kmsg_header *header = &kmsg->header;

	kdb_tree_branch(tree, false);
	if (kmsg->ready) {
		/* The names are those of who waits for it. */
		kdb_printf("given to its receiver: reply port %x there\n",
		    kmsg->user.msgh_remote_port);
	} else {
		kdb_printf("to, by %s: ",
		    kdb_kmsg_right(MACH_MSGH_BITS_REMOTE(header->bits)));
		kdb_port_print(header->remote);
		kdb_printf("\n");
		kdb_tree_branch(tree, false);
		kdb_printf("reply to, %s: ",
		    kdb_kmsg_right(MACH_MSGH_BITS_LOCAL(header->bits)));
		kdb_port_print(header->local);
		kdb_printf("\n");
	}
}

static void
kdb_kmsg_draw_buffer(struct kdb_tree *tree, const struct ipc_kmsg *kmsg)
{
	const struct ipc_kmsg_header *header = &kmsg->header;

	kdb_tree_branch(tree, true);
	kdb_printf("number %u, bits %x, buffer of %lu bytes%s%s\n",
	    header->seqno, header->bits, (unsigned long)kmsg->capacity,
	    kmsg->accepted != NULL ? ", its sender is told" : "",
	    kmsg->fetched ? ", region copied in" : "");
}

void
kdb_kmsg_show(struct kdb_request *request)
{
	const struct ipc_kmsg *address =
	    (const struct ipc_kmsg *)kdb_argument(request);
	struct kdb_tree tree = { .depth = 0 };
	static struct ipc_kmsg kmsg;

	kdb_printf("message, its id and size; its ports and their rights; what "
	    "is in it; its buffer\n");
	kdb_kmsg_print(address);
	kdb_printf("\n");
	if (kdb_kmsg_read(address, &kmsg)) {
		kdb_kmsg_draw_header(&tree, &kmsg);
		kdb_body_draw(&tree, address, &kmsg);
		kdb_kmsg_draw_buffer(&tree, &kmsg);
	}
}
