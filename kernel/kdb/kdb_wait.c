/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * An event is any address.  What it is of is told by what can be there: the
 * record of who waits at a port names the thread, a mutex that is waited for has
 * an owner, who is a thread.
 */

#include <kernel/kdb/kdb_wait.h>

#include <stddef.h>
#include <stdint.h>

#include <machine/pmap.h>

#include <kernel/clock.h>
#include <kernel/gsync.h>
#include <kernel/kdb/kdb_kmsg.h>
#include <kernel/kdb/kdb_lock.h>
#include <kernel/kdb/kdb_msgs.h>
#include <kernel/kdb/kdb_out.h>
#include <kernel/kdb/kdb_port.h>
#include <kernel/kdb/kdb_symbolic.h>
#include <kernel/kdb/kdb_list.h>
#include <kernel/kdb/kdb_who.h>
#include <kernel/task.h>
#include <kernel/thread.h>

#include <ipc/ipc_exception.h>
#include <ipc/mach_msg_trap.h>

#include <vm/vm_map.h>

/* ---- ports -------------------------------------------------------------- */

/* The record of THREAD's wait at a port, if it waits so. */
static bool
kdb_wait_is_at_port(const struct thread *address, const struct thread *thread,
    struct ipc_waiter *waiter)
{
	return thread->wait.alone &&
	    kdb_list_read(thread->wait.event, waiter, sizeof(*waiter)) &&
	    waiter->thread == address;
}

static void
kdb_wait_print_send(const struct ipc_waiter *waiter)
{
	struct ipc_kmsg kmsg;

	kdb_printf("blocked sending ");
	kdb_kmsg_print(waiter->kmsg);
	if (kdb_kmsg_read(waiter->kmsg, &kmsg)) {
		kdb_printf(" to ");
		kdb_port_print(kmsg.header.remote);
	}
}

/*
 * The request that a thread sent to be answered there, if that is still in its
 * buffer: the answer is to replace it.
 */
static void
kdb_wait_print_request(const struct thread *thread)
{
	const struct mach_msg_args *args = &thread->waiting.msg.args;
	struct pmap_debug_info info;
	const struct vm_map *map;
	struct pmap *pmap;
	mach_msg_header_t header;

	if (thread->continuation == mach_msg_trap_continue &&
	    (args->option & MACH_SEND_MSG) != 0 &&
	    kdb_list_read(&thread->task->map, &map, sizeof(map)) &&
	    kdb_list_read(&map->pmap, &pmap, sizeof(pmap)) &&
	    pmap_debug_info(pmap, &info) &&
	    pmap_debug_read(pmap, args->msg, &header, sizeof(header)) &&
	    header.msgh_local_port != MACH_PORT_NULL) {
		kdb_printf(", for the reply to ");
		kdb_msgs_print(header.msgh_id);
		kdb_printf(" sent to name %x", header.msgh_remote_port);
	}
}

static void
kdb_wait_print_receive(const struct thread *address,
    const struct thread *thread)
{
	if (thread->wait.event != &address->waiting.msg.waiter) {
		kdb_printf("receives a message");
		return;
	}
	kdb_printf(thread->continuation == ipc_exception_continue ?
	    "waits for what becomes of its exception, at " : "receives at ");
	kdb_port_print_object(thread->waiting.msg.source);
	kdb_wait_print_request(thread);
}

/* ---- other events ------------------------------------------------------- */

/* The mutex whose waiters EVENT is for: it is held, by a thread. */
static const struct mutex *
kdb_wait_mutex(const void *event, struct mutex *mutex)
{
	const struct mutex *at = (const struct mutex *)
	    ((uintptr_t)event - offsetof(struct mutex, rank));
	const struct thread *owner;

	if (!kdb_list_read(at, mutex, sizeof(*mutex)) ||
	    mutex->rank == LOCK_RANK_NONE || mutex->rank >= LOCK_RANK_SPIN) {
		return NULL;
	}
	owner = (const struct thread *)(mutex->owner & ~MUTEX_WAITERS);
	return kdb_who_is_thread(owner) ? at : NULL;
}

bool
kdb_wait_for_mutex(const struct thread *thread)
{
	struct mutex mutex;

	return kdb_wait_mutex(thread->wait.event, &mutex) != NULL;
}

static void
kdb_wait_print_word(const struct thread *thread, const struct gsync_word *word)
{
	const struct vm_map *map = NULL;

	(void)kdb_list_read(&thread->task->map, &map, sizeof(map));
	if (word->space == map) {
		kdb_printf("waits for its word at %08lx",
		    (unsigned long)word->offset);
	} else {
		kdb_printf("waits for the word at +%lx of object %p",
		    (unsigned long)word->offset, word->space);
	}
}

static void
kdb_wait_print_event(const struct thread *thread)
{
	const void *event = thread->wait.event;
	struct gsync_word word;
	const struct mutex *at;
	struct mutex mutex;

	at = kdb_wait_mutex(event, &mutex);
	if (at != NULL) {
		kdb_printf("waits for ");
		kdb_lock_print_mutex(at, &mutex);
	} else if (gsync_debug_word(event, &word)) {
		kdb_wait_print_word(thread, &word);
	} else {
		kdb_printf("waits for event ");
		kdb_symbolic_print((uintptr_t)event);
	}
}

/* The timer that ends the wait is running if those around it on its list say so. */
static void
kdb_wait_print_timeout(const struct thread *address,
    const struct thread *thread)
{
	const struct timer *timer = &thread->waiting.timer;
	const struct list_node *node = &address->waiting.timer.link;
	struct list_node prev;
	uint64_t now = clock_ticks();

	if (!kdb_list_read(timer->link.prev, &prev, sizeof(prev)) ||
	    prev.next != node) {
		return;
	}
	kdb_printf(", %lu ms more", timer->deadline <= now ? 0ul :
	    (unsigned long)(timer->deadline - now) * (1000 / HZ));
}

void
kdb_wait_print(const struct thread *address, const struct thread *thread)
{
	struct ipc_waiter waiter;

	if (thread->wait.event == NULL) {
		return;
	}
	if (!kdb_wait_is_at_port(address, thread, &waiter)) {
		kdb_wait_print_event(thread);
	} else if (ipc_waiter_sends(&waiter)) {
		kdb_wait_print_send(&waiter);
	} else {
		kdb_wait_print_receive(address, thread);
	}
	kdb_wait_print_timeout(address, thread);
}
