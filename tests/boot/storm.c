/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Many threads that do everything at once: messages to a server, memory, tasks
 * with inherited memory, locks on gsync, and two that are stopped, aborted and
 * started by others all the time.  At the end every count must be right.
 */

#include "rt.h"

#include <mach/vm_inherit.h>

#include "gnumach_user.h"
#include "mach_port_user.h"
#include "mach_user.h"

#define PAGE		vm_page_size
#define CLIENTS		3
#define CALLS		300
#define MAPPERS		2
#define MAPS		60
#define FORKS		25
#define LOCKERS		3
#define LOCKS		400
#define SPINNERS	2
#define STOPS		60

struct number {
	mach_msg_header_t head;
	mach_msg_type_t type;
	unsigned value;
};

struct number_room {
	struct number number;
	char trailer[64];
};

static mach_port_t server_port;
static volatile unsigned served;
static volatile unsigned wrong;
static volatile unsigned ended;
static volatile unsigned lock_word;
static volatile unsigned locked_count;
static volatile unsigned spins[SPINNERS];
static mach_port_t spinners[SPINNERS];

static void
check(bool right)
{
	if (!right) {
		__atomic_fetch_add(&wrong, 1, __ATOMIC_SEQ_CST);
	}
}

static void
end_worker(void)
{
	__atomic_fetch_add(&ended, 1, __ATOMIC_SEQ_CST);
	rt_thread_exit();
}

/* Answers each number with the next one. */
static void
server(void *arg)
{
	struct number_room room;

	for (;;) {
		struct number *n = &room.number;

		if (mach_msg(&n->head, MACH_RCV_MSG, 0, sizeof(room),
		    server_port, MACH_MSG_TIMEOUT_NONE, MACH_PORT_NULL) !=
		    MACH_MSG_SUCCESS) {
			check(false);
			continue;
		}
		__atomic_fetch_add(&served, 1, __ATOMIC_SEQ_CST);
		n->value++;
		n->head.msgh_bits = MACH_MSGH_BITS(
		    MACH_MSGH_BITS_REMOTE(n->head.msgh_bits), 0);
		n->head.msgh_local_port = MACH_PORT_NULL;
		n->head.msgh_size = sizeof(*n);
		check(mach_msg(&n->head, MACH_SEND_MSG, sizeof(*n), 0,
		    MACH_PORT_NULL, MACH_MSG_TIMEOUT_NONE, MACH_PORT_NULL) ==
		    MACH_MSG_SUCCESS);
	}
}

static void
client(void *arg)
{
	mach_port_t reply = mach_reply_port();
	struct number_room room;

	for (unsigned i = 0; i < CALLS; i++) {
		struct number *n = &room.number;

		rt_header(&n->head, MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND,
		    MACH_MSG_TYPE_MAKE_SEND_ONCE), sizeof(*n), server_port,
		    reply, 100);
		n->type = rt_type(MACH_MSG_TYPE_INTEGER_32, 32, 1, true,
		    false);
		n->value = i;
		check(mach_msg(&n->head, MACH_SEND_MSG | MACH_RCV_MSG,
		    sizeof(*n), sizeof(room), reply, MACH_MSG_TIMEOUT_NONE,
		    MACH_PORT_NULL) == MACH_MSG_SUCCESS);
		check(n->value == i + 1);
	}
	end_worker();
}

static void
mapper(void *arg)
{
	for (unsigned i = 0; i < MAPS; i++) {
		vm_offset_t addr = 0;
		vm_size_t size = (1 + i % 7) * PAGE;
		volatile unsigned *p;

		if (vm_allocate(rt_task, &addr, size, TRUE) != KERN_SUCCESS) {
			check(false);
			continue;
		}
		p = (volatile unsigned *)addr;
		for (unsigned j = 0; j < size / sizeof(*p); j += 1024) {
			check(p[j] == 0);
			p[j] = i + j;
		}
		check(vm_protect(rt_task, addr, size, FALSE, VM_PROT_READ) ==
		    KERN_SUCCESS);
		for (unsigned j = 0; j < size / sizeof(*p); j += 1024) {
			check(p[j] == i + j);
		}
		check(vm_deallocate(rt_task, addr, size) == KERN_SUCCESS);
	}
	end_worker();
}

/* Children inherit a page, which we change afterwards. */
static void
forker(void *arg)
{
	vm_offset_t addr = 0;
	volatile unsigned *p;

	check(vm_allocate(rt_task, &addr, PAGE, TRUE) == KERN_SUCCESS);
	p = (volatile unsigned *)addr;
	for (unsigned i = 0; i < FORKS; i++) {
		mach_port_t child;
		pointer_t data;
		mach_msg_type_number_t count;

		*p = i;
		if (task_create(rt_task, TRUE, &child) != KERN_SUCCESS) {
			check(false);
			continue;
		}
		*p = 1000 + i;
		if (vm_read(child, addr, PAGE, &data, &count) ==
		    KERN_SUCCESS) {
			check(*(unsigned *)data == i);
			vm_deallocate(rt_task, data, count);
		} else {
			check(false);
		}
		check(task_terminate(child) == KERN_SUCCESS);
		mach_port_deallocate(rt_task, child);
	}
	end_worker();
}

static void
lock(void)
{
	unsigned free = 0;

	if (__atomic_compare_exchange_n(&lock_word, &free, 1, false,
	    __ATOMIC_ACQUIRE, __ATOMIC_RELAXED)) {
		return;
	}
	while (__atomic_exchange_n(&lock_word, 2, __ATOMIC_ACQUIRE) != 0) {
		gsync_wait(rt_task, (vm_address_t)&lock_word, 2, 0, 0, 0);
	}
}

static void
unlock(void)
{
	if (__atomic_exchange_n(&lock_word, 0, __ATOMIC_RELEASE) == 2) {
		gsync_wake(rt_task, (vm_address_t)&lock_word, 0, 0);
	}
}

static void
locker(void *arg)
{
	for (unsigned i = 0; i < LOCKS; i++) {
		unsigned seen;

		lock();
		seen = locked_count;
		if (i % 16 == 0) {
			swtch();
		}
		locked_count = seen + 1;
		unlock();
	}
	end_worker();
}

static void
spinner(void *arg)
{
	for (;;) {
		spins[(unsigned)arg]++;
	}
}

/* Stops a spinner, sees that it stands, and lets it go. */
static void
stopper(void *arg)
{
	unsigned which = (unsigned)arg;
	mach_port_t thread = spinners[which];

	for (unsigned i = 0; i < STOPS; i++) {
		unsigned seen;

		check(thread_suspend(thread) == KERN_SUCCESS);
		seen = spins[which];
		if (i % 4 == 0) {
			check(thread_abort(thread) == KERN_SUCCESS);
		}
		if (i % 8 == 0) {
			rt_sleep(10);
		} else {
			swtch();
		}
		check(spins[which] == seen);
		check(thread_resume(thread) == KERN_SUCCESS);
	}
	end_worker();
}

static void
wait_for(unsigned workers)
{
	for (unsigned i = 0; i < 10 && !rt_until(ended >= workers); i++) {
		rt_printf("# %u workers have ended", ended);
	}
}

void
test(void)
{
	unsigned workers = CLIENTS + MAPPERS + 1 + LOCKERS + SPINNERS;
	mach_port_t server_thread;

	server_port = rt_port();
	server_thread = rt_thread_create(server, NULL);
	for (unsigned i = 0; i < SPINNERS; i++) {
		spinners[i] = rt_thread_create(spinner, (void *)i);
		rt_thread_create(stopper, (void *)i);
	}
	for (unsigned i = 0; i < CLIENTS; i++) {
		rt_thread_create(client, NULL);
	}
	for (unsigned i = 0; i < MAPPERS; i++) {
		rt_thread_create(mapper, NULL);
	}
	for (unsigned i = 0; i < LOCKERS; i++) {
		rt_thread_create(locker, NULL);
	}
	rt_thread_create(forker, NULL);
	wait_for(workers);
	want_number("workers that ended", (long)ended, (long)workers);
	want_number("calls served", (long)served, CLIENTS * CALLS);
	want_number("times locked", (long)locked_count, LOCKERS * LOCKS);
	want_number("surprises", (long)wrong, 0);
	for (unsigned i = 0; i < SPINNERS; i++) {
		want("terminate", thread_terminate(spinners[i]),
		    KERN_SUCCESS);
	}
	want("terminate", thread_terminate(server_thread), KERN_SUCCESS);
}
