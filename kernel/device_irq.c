/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Interrupts for drivers outside the kernel.
 *
 * The handler masks the line, notes it as pending and wakes a thread; the
 * thread sends the messages.  A user that has a message to answer is "owing";
 * the line is opened when nobody owes.  A driver that dies while it owes
 * would keep the line shut for others: dead users are dropped whenever
 * somebody registers for the line, acknowledges it or is sent a message.
 */

#include <kernel/device_irq.h>

#include <device/device_types.h>
#include <device/notify.h>

#include <machine/intr.h>
#include <string.h>

#include <kernel/clock.h>
#include <kernel/device.h>
#include <kernel/kmem.h>
#include <kernel/list.h>
#include <kernel/mutex.h>
#include <kernel/panic.h>
#include <kernel/sched.h>
#include <kernel/sleepq.h>
#include <kernel/thread.h>

#include <ipc/ipc_kmsg.h>
#include <ipc/ipc_port.h>

/* [m] device_irq_mutex */
struct device_irq_user {
	struct list_node	link;		/* [m] */
	struct ipc_port		*port;		/* [m] owns a send right */
	int			id;		/* [m] */
	bool			owing;		/* [m] has yet to acknowledge */
	bool			untold;		/* [m] no memory for the message */
};

/* [m] device_irq_mutex  [i] device_irq_lock */
struct device_irq_line {
	struct list		users;		/* [m] */
	bool			attached;	/* [m] */
	bool			pending;	/* [i] */
};

static struct mutex device_irq_mutex;
static struct spinlock_irq device_irq_lock;
static struct device_irq_line *device_irq_lines;
static unsigned device_irq_count;		/* [I] */
static char device_irq_pause;			/* an event */

static void
device_irq_handler(unsigned line, void *arg)
{
	bool state;

	intr_mask(line);
	state = spinlock_irq_lock(&device_irq_lock);
	device_irq_lines[line].pending = true;
	spinlock_irq_unlock(&device_irq_lock, state);
	sleepq_wake_one(&device_irq_lines);
}

static bool
device_irq_port_alive(struct ipc_port *port)
{
	bool alive;

	ipc_port_lock(port);
	alive = ipc_port_active(port);
	ipc_port_unlock(port);
	return alive;
}

/*
 * Drop dead users of LINE, and open it if nobody owes any more.  The mutex is
 * held; rights that are left over go to DEAD.
 */
static void
device_irq_settle(unsigned line, struct list *dead)
{
	struct device_irq_line *l = &device_irq_lines[line];
	struct list_node *node = list_first(&l->users);
	bool owing = false;

	while (node != NULL) {
		struct device_irq_user *user;

		user = list_entry(node, struct device_irq_user, link);
		node = list_next(&l->users, node);
		if (!device_irq_port_alive(user->port)) {
			list_remove(&user->link);
			list_insert_tail(dead, &user->link);
		} else {
			owing = owing || user->owing;
		}
	}
	if (list_empty(&l->users)) {
		if (l->attached) {
			intr_detach(line);
			l->attached = false;
		}
	} else if (!owing) {
		intr_unmask(line);
	}
}

/* Free what device_irq_settle removed.  No lock held. */
static void
device_irq_free(struct list *dead)
{
	while (!list_empty(dead)) {
		struct device_irq_user *user = list_entry(list_first(dead),
		    struct device_irq_user, link);

		list_remove(&user->link);
		ipc_port_release_send(user->port);
		kmem_free(user, sizeof(*user));
	}
}

static mach_msg_return_t
device_irq_send(struct device_irq_user *user)
{
	device_intr_notification_t msg;

	memset(&msg, 0, sizeof(msg));
	msg.intr_header.msgh_bits = MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND, 0);
	msg.intr_header.msgh_size = sizeof(msg);
	msg.intr_header.msgh_remote_port = (mach_port_t)(uintptr_t)user->port;
	msg.intr_header.msgh_id = DEVICE_INTR_NOTIFY;
	msg.intr_type.msgt_name = MACH_MSG_TYPE_INTEGER_32;
	msg.intr_type.msgt_size = 32;
	msg.intr_type.msgt_number = 1;
	msg.intr_type.msgt_inline = TRUE;
	msg.id = user->id;
	return mach_msg_send_from_kernel(&msg.intr_header, sizeof(msg));
}

/*
 * LINE interrupted: tell its users, or, if AGAIN, those for whom there was no
 * memory.  False when there is none for some.
 */
static bool
device_irq_deliver(unsigned line, bool again)
{
	struct device_irq_line *l = &device_irq_lines[line];
	struct device_irq_user *user;
	struct list dead;
	bool all = true;

	list_init(&dead);
	mutex_lock(&device_irq_mutex);
	list_for_each_entry(&l->users, user, link) {
		mach_msg_return_t mr;

		if (again && !user->untold) {
			continue;
		}
		mr = device_irq_send(user);
		user->untold = mr == MACH_SEND_NO_BUFFER;
		user->owing = user->untold || mr == MACH_MSG_SUCCESS;
		all = all && !user->untold;
	}
	device_irq_settle(line, &dead);
	mutex_unlock(&device_irq_mutex);
	device_irq_free(&dead);
	return all;
}

/* Memory was short: LINE once more, a little later. */
static void
device_irq_deliver_later(unsigned line)
{
	do {
		sleepq_prepare(&device_irq_pause, false);
		sleepq_wait(clock_ticks() + 1);
	} while (!device_irq_deliver(line, true));
}

/* Take one pending line; device_irq_count if there is none. */
static unsigned
device_irq_next_locked(void)
{
	for (unsigned line = 0; line < device_irq_count; line++) {
		if (device_irq_lines[line].pending) {
			device_irq_lines[line].pending = false;
			return line;
		}
	}
	return device_irq_count;
}

static void
device_irq_thread(void *arg)
{
	for (;;) {
		bool state = spinlock_irq_lock(&device_irq_lock);
		unsigned line = device_irq_next_locked();

		if (line == device_irq_count) {
			sleepq_prepare(&device_irq_lines, false);
			spinlock_irq_unlock(&device_irq_lock, state);
			sleepq_wait(0);
			continue;
		}
		spinlock_irq_unlock(&device_irq_lock, state);
		if (!device_irq_deliver(line, false)) {
			device_irq_deliver_later(line);
		}
	}
}

void
device_irq_setup(void)
{
	mutex_init(&device_irq_mutex, LOCK_RANK_DEVICE);
	spinlock_irq_init(&device_irq_lock, LOCK_RANK_DEVICE_IRQ);
	device_irq_count = intr_count();
	device_irq_lines = kmem_zalloc(device_irq_count *
	    sizeof(*device_irq_lines));
	assert(device_irq_lines != NULL);
	for (unsigned i = 0; i < device_irq_count; i++) {
		list_init(&device_irq_lines[i].users);
	}
	if (kernel_thread_create("irq", device_irq_thread, NULL, 0) !=
	    KERN_SUCCESS) {
		panic("no memory for the interrupt thread");
	}
}

/* Make USER one of LINE.  The mutex is held. */
static kern_return_t
device_irq_add_locked(unsigned line, struct device_irq_user *user)
{
	struct device_irq_line *l = &device_irq_lines[line];
	struct device_irq_user *other;
	kern_return_t kr;

	list_for_each_entry(&l->users, other, link) {
		if (other->port == user->port) {
			return D_ALREADY_OPEN;
		}
	}
	list_insert_tail(&l->users, &user->link);
	if (!l->attached) {
		l->attached = true;
		kr = intr_attach(line, device_irq_handler, NULL);
		if (kr != KERN_SUCCESS) {
			l->attached = false;
			list_remove(&user->link);
			return kr == KERN_RESOURCE_SHORTAGE ? D_ALREADY_OPEN :
			    kr;
		}
	}
	return KERN_SUCCESS;
}

kern_return_t
device_irq_register(unsigned line, int id, struct ipc_port *port)
{
	struct device_irq_user *user;
	struct list dead;
	kern_return_t kr;

	if (line >= device_irq_count || !ip_valid(port)) {
		return KERN_INVALID_ARGUMENT;
	}
	user = kmem_alloc(sizeof(*user));
	if (user == NULL) {
		return KERN_RESOURCE_SHORTAGE;
	}
	user->port = port;
	user->id = id;
	user->owing = false;
	user->untold = false;

	list_init(&dead);
	mutex_lock(&device_irq_mutex);
	device_irq_settle(line, &dead);
	kr = device_irq_add_locked(line, user);
	mutex_unlock(&device_irq_mutex);
	device_irq_free(&dead);

	if (kr != KERN_SUCCESS) {
		kmem_free(user, sizeof(*user));
	}
	return kr;
}

kern_return_t
device_irq_ack(struct ipc_port *port)
{
	struct device_irq_user *user;
	kern_return_t kr = D_INVALID_OPERATION;
	struct list dead;

	if (!ip_valid(port)) {
		return D_INVALID_OPERATION;
	}
	list_init(&dead);
	mutex_lock(&device_irq_mutex);
	for (unsigned line = 0; line < device_irq_count; line++) {
		bool found = false;

		list_for_each_entry(&device_irq_lines[line].users, user,
		    link) {
			if (user->port == port && user->owing) {
				user->owing = false;
				found = true;
			}
		}
		if (found) {
			device_irq_settle(line, &dead);
			kr = KERN_SUCCESS;
		}
	}
	mutex_unlock(&device_irq_mutex);
	device_irq_free(&dead);
	return kr;
}

kern_return_t
device_irq_enable(unsigned line, bool enable)
{
	struct device_irq_user *user;
	struct list dead;

	if (line >= device_irq_count) {
		return KERN_INVALID_ARGUMENT;
	}
	list_init(&dead);
	mutex_lock(&device_irq_mutex);
	if (!enable) {
		intr_mask(line);
	} else {
		list_for_each_entry(&device_irq_lines[line].users, user,
		    link) {
			user->owing = false;
		}
		device_irq_settle(line, &dead);
	}
	mutex_unlock(&device_irq_mutex);
	device_irq_free(&dead);
	return KERN_SUCCESS;
}

const struct device_ops device_irq_ops = {
};
