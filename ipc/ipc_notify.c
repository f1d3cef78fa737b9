/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * The layouts of notify.defs, and the reserve of messages.
 */

#include <ipc/ipc_notify.h>

#include <mach/notify.h>
#include <machine/atomic.h>

#include <kernel/list.h>
#include <kernel/panic.h>
#include <kernel/spinlock.h>
#include <string.h>

#include <ipc/ipc_kmsg.h>
#include <ipc/ipc_mqueue.h>
#include <ipc/ipc_port.h>

#define IPC_NOTIFY_SIZE sizeof(mach_dead_name_notification_t)
#define IPC_NOTIFY_RESERVE 64

static struct spinlock ipc_notify_lock =
    SPINLOCK_INITIALIZER(LOCK_RANK_IPC_MQUEUE);
static struct ipc_kmsg_queue ipc_notify_reserve; /* ipc_notify_lock */
static unsigned ipc_notify_reserved;   /* ipc_notify_lock; read without, as a
					* hint that it is not full */

/* Top up the reserve as far as memory allows. */
static void
ipc_notify_refill(void)
{
	struct ipc_kmsg *kmsg;

	while (atomic_load_relaxed(&ipc_notify_reserved) <
	    IPC_NOTIFY_RESERVE) {
		kmsg = ipc_kmsg_alloc(IPC_NOTIFY_SIZE);
		if (kmsg == NULL) {
			return;
		}
		spinlock_lock(&ipc_notify_lock);
		ipc_kmsg_queue_append(&ipc_notify_reserve, kmsg);
		ipc_notify_reserved++;
		spinlock_unlock(&ipc_notify_lock);
	}
}

void
ipc_notify_setup(void)
{
	ipc_kmsg_queue_init(&ipc_notify_reserve);
	ipc_notify_refill();
	assert(ipc_notify_reserved == IPC_NOTIFY_RESERVE);
}

static struct ipc_kmsg *
ipc_notify_alloc_reserved(void)
{
	struct ipc_kmsg *kmsg = NULL;

	spinlock_lock(&ipc_notify_lock);
	if (!ipc_kmsg_queue_empty(&ipc_notify_reserve)) {
		kmsg = ipc_kmsg_queue_take(&ipc_notify_reserve);
		ipc_notify_reserved--;
	}
	spinlock_unlock(&ipc_notify_lock);
	return kmsg;
}

static void
ipc_notify_address(struct ipc_kmsg *kmsg, struct ipc_port *notify)
{
	memset(&kmsg->header, 0, sizeof(kmsg->header));
	kmsg->header.bits = MACH_MSGH_BITS(MACH_MSG_TYPE_PORT_SEND_ONCE, 0);
	kmsg->header.remote = notify;
}

struct ipc_kmsg *
ipc_notify_prepare(struct ipc_port *notify)
{
	struct ipc_kmsg *kmsg = ipc_kmsg_alloc(IPC_NOTIFY_SIZE);

	if (kmsg != NULL) {
		ipc_notify_address(kmsg, notify);
	}
	return kmsg;
}

struct ipc_port *
ipc_notify_swap(struct ipc_kmsg *notice, struct ipc_port *notify)
{
	struct ipc_port *old = notice->header.remote;

	notice->header.remote = notify;
	return old;
}

struct ipc_port *
ipc_notify_cancel(struct ipc_kmsg *notice)
{
	struct ipc_port *notify = notice->header.remote;

	ipc_kmsg_free(notice);
	return notify;
}

/* Give NOTICE its id and the descriptor of its one word of data. */
static void *
ipc_notify_fill(struct ipc_kmsg *notice, mach_msg_id_t id,
    mach_msg_type_name_t name)
{
	mach_dead_name_notification_t *body =
	    (mach_dead_name_notification_t *)&notice->user;

	notice->header.size = IPC_NOTIFY_SIZE;
	notice->header.id = id;
	body->not_type = (mach_msg_type_t){
		.msgt_name = name & 0xff,
		.msgt_size = 32,
		.msgt_number = 1,
		.msgt_inline = 1,
	};
	return &body->not_port;
}

void
ipc_notify_send_name(struct ipc_kmsg *notice, mach_msg_id_t id,
    mach_port_name_t name)
{
	mach_port_name_t *data = ipc_notify_fill(notice, id,
	    MACH_MSG_TYPE_PORT_NAME);

	*data = name;
	ipc_mqueue_send_always(notice);
}

void
ipc_notify_send_no_senders(struct ipc_kmsg *notice,
    mach_port_mscount_t mscount)
{
	mach_port_mscount_t *data = ipc_notify_fill(notice,
	    MACH_NOTIFY_NO_SENDERS, MACH_MSG_TYPE_INTEGER_32);

	*data = mscount;
	ipc_mqueue_send_always(notice);
}

void
ipc_notify_send_port(struct ipc_kmsg *notice, struct ipc_port *port)
{
	struct ipc_port **data = ipc_notify_fill(notice,
	    MACH_NOTIFY_PORT_DESTROYED, MACH_MSG_TYPE_PORT_RECEIVE);

	*data = port;
	notice->header.bits |= MACH_MSGH_BITS_COMPLEX;
	if (ipc_port_check_circularity(port, notice->header.remote)) {
		notice->header.bits |= MACH_MSGH_BITS_CIRCULAR;
	}
	ipc_mqueue_send_always(notice);
}

void
ipc_notify_send_unused(struct ipc_kmsg *notice)
{
	notice->header.size = sizeof(mach_send_once_notification_t);
	notice->header.id = MACH_NOTIFY_SEND_ONCE;
	ipc_mqueue_send_always(notice);
}

/* A message, if it is only the header, in the place of SPARE; or NULL. */
static struct ipc_kmsg *
ipc_notify_alloc(struct ipc_kmsg *spare)
{
	struct ipc_kmsg *kmsg = ipc_kmsg_alloc(IPC_NOTIFY_SIZE);

	if (kmsg == NULL) {
		return spare != NULL ? spare : ipc_notify_alloc_reserved();
	}
	if (spare != NULL) {
		ipc_kmsg_free(spare);
	}
	if (atomic_load_relaxed(&ipc_notify_reserved) < IPC_NOTIFY_RESERVE) {
		ipc_notify_refill();
	}
	return kmsg;
}

void
ipc_notify_send_once(struct ipc_port *port, struct ipc_kmsg *spare)
{
	struct ipc_kmsg *kmsg = ipc_notify_alloc(spare);

	if (kmsg == NULL) {
		ipc_port_drop(port, MACH_MSG_TYPE_PORT_SEND_ONCE);
		return;
	}
	ipc_notify_address(kmsg, port);
	ipc_notify_send_unused(kmsg);
}
