/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Tasks that end at any moment with large regions on their way: senders,
 * receivers, and pagers whose memory is sent, with clients at work.  Who is
 * left sees whole messages and nothing else; afterwards all is as before,
 * which the warden counts.
 *
 * Memory: 64 8
 */

#include "objects.h"
#include "probe.h"

#include "mach_host_user.h"
#include "mach_port_user.h"
#include "mach_user.h"

#define P		vm_page_size
#define PAIRS		3u
#define ROUNDS		16u
#define REGION		(64u * P)
#define QUEUE		4u
#define MOMENT_MAX	40u	/* ms */
#define PORT_NAME	0x123456u
#define OBJECT_PAGES	32u

struct letter {
	mach_msg_header_t	header;
	mach_msg_type_long_t	type;
	vm_offset_t		data;
};

/* Seen by all tasks here, with nothing else on its page. */
static struct {
	volatile uint32_t	received;
	volatile uint32_t	bad;
	volatile uint32_t	touched;
} RT_WHOLE_PAGES shared;

static uint32_t seed = 12345;

/* ---- what the tasks do; they have one right, by a name they know ---- */

static void
fill(vm_offset_t addr, uint32_t n)
{
	for (unsigned at = 0; at < REGION; at += P) {
		*(volatile uint32_t *)(addr + at) = n + at;
	}
}

/* For ever: a region, copied and then moved by turns. */
static void
sender(void *arg)
{
	for (uint32_t n = 1;; n++) {
		struct letter letter;
		vm_offset_t addr = 0;

		if (vm_allocate(rt_task, &addr, REGION, TRUE) !=
		    KERN_SUCCESS) {
			return;
		}
		fill(addr, n);
		rt_header(&letter.header,
		    MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND, 0) |
		    MACH_MSGH_BITS_COMPLEX, sizeof(letter), PORT_NAME,
		    MACH_PORT_NULL, (int)n);
		letter.type = (mach_msg_type_long_t){
			.msgtl_header = rt_type(0, 0, 0, false, n % 2 != 0),
			.msgtl_name = MACH_MSG_TYPE_BYTE,
			.msgtl_size = 8,
			.msgtl_number = REGION,
		};
		letter.type.msgtl_header.msgt_longform = TRUE;
		letter.data = addr;
		mach_msg(&letter.header, MACH_SEND_MSG, sizeof(letter), 0,
		    MACH_PORT_NULL, 0, MACH_PORT_NULL);
		if (n % 2 == 0) {
			vm_deallocate(rt_task, addr, REGION);
		}
	}
}

/* For ever: look at what comes, write to it, and give most of it back. */
static void
receiver(void *arg)
{
	for (;;) {
		struct letter letter;
		uint32_t first;

		if (mach_msg(&letter.header, MACH_RCV_MSG, 0, sizeof(letter),
		    PORT_NAME, 0, MACH_PORT_NULL) != MACH_MSG_SUCCESS) {
			return;
		}
		first = *(volatile uint32_t *)letter.data;
		for (unsigned at = 0; at < REGION; at += P) {
			shared.bad += *(volatile uint32_t *)(letter.data +
			    at) != first + at;
			*(volatile uint32_t *)(letter.data + at) = 0;
		}
		__sync_fetch_and_add(&shared.received, 1);
		vm_deallocate(rt_task, letter.data, REGION);
	}
}

/* ---- senders and receivers ---- */

static mach_port_t
start(void (*fn)(void *), mach_port_t port, bool receives)
{
	mach_port_t task = rt_child_create(fn, NULL);

	need("right", mach_port_insert_right(task, PORT_NAME, port, receives ?
	    MACH_MSG_TYPE_MOVE_RECEIVE : MACH_MSG_TYPE_MAKE_SEND));
	need("resume", task_resume(task));
	return task;
}

/* It may have ended by an exception. */
static void
end(mach_port_t task)
{
	task_terminate(task);
	if (!rt_until_dead(task)) {
		rt_printf("FAIL a task does not end");
	}
	mach_port_deallocate(rt_task, task);
}

/* Pairs work until a random moment; the receiver goes first, or the sender. */
static void
pairs_round(void)
{
	mach_port_t senders[PAIRS];
	mach_port_t receivers[PAIRS];

	for (unsigned i = 0; i < PAIRS; i++) {
		mach_port_t port;

		need("port", mach_port_allocate(rt_task,
		    MACH_PORT_RIGHT_RECEIVE, &port));
		need("queue", mach_port_set_qlimit(rt_task, port, QUEUE));
		senders[i] = start(sender, port, false);
		receivers[i] = start(receiver, port, true);
	}
	rt_sleep((int)rt_random(&seed, MOMENT_MAX));
	for (unsigned i = 0; i < PAIRS; i++) {
		bool sender_first = rt_random(&seed, 2) != 0;

		end(sender_first ? senders[i] : receivers[i]);
		rt_sleep((int)rt_random(&seed, 3));
		end(sender_first ? receivers[i] : senders[i]);
	}
}

/* ---- pagers, in a task of their own, by the same name ---- */

static uint8_t page[RT_PAGE_MAX] __attribute__((aligned(RT_PAGE_MAX)));

static void
child_request(struct object *object, vm_offset_t offset, vm_size_t size,
    vm_prot_t access)
{
	object_supply(object, offset, page, P, VM_PROT_NONE, false);
}

static const struct object_ops child_ops = { .request = child_request };
static struct object object = {
	.ops = &child_ops,
	.strategy = MEMORY_OBJECT_COPY_DELAY,
};

static void
pager(void *arg)
{
	objects_start(1);
	object_enter(&object, PORT_NAME);
	for (;;) {
		rt_sleep(1000);
	}
}

/* The client: writes all of it, and has it sent away, again and again. */
static void
client(void *arg)
{
	vm_offset_t addr = (vm_offset_t)arg;

	for (;;) {
		vm_offset_t copy;
		mach_msg_type_number_t n;

		for (unsigned i = 0; i < OBJECT_PAGES; i++) {
			++*(volatile uint32_t *)(addr + i * P);
			__sync_fetch_and_add(&shared.touched, 1);
		}
		if (vm_read(rt_task, addr, OBJECT_PAGES * P, &copy, &n) ==
		    KERN_SUCCESS) {
			vm_deallocate(rt_task, copy, n);
		}
	}
}

/*
 * A pager ends, before or after its clients got anything.  They get exceptions
 * that nobody hears, and so end, unless all that they use is resident.
 */
static void
pager_round(bool at_work)
{
	uint32_t before = shared.touched;
	mach_port_t port = rt_port();
	mach_port_t clients[2];
	mach_port_t task;
	vm_offset_t addr = 0;

	need("map", vm_map(rt_task, &addr, OBJECT_PAGES * P, 0, TRUE, port, 0,
	    FALSE, VM_PROT_DEFAULT, VM_PROT_ALL, VM_INHERIT_SHARE));
	for (unsigned i = 0; i < 2; i++) {
		clients[i] = rt_child_create(client, (void *)addr);
	}
	task = start(pager, port, true);
	need("resume", task_resume(clients[0]));
	need("resume", task_resume(clients[1]));
	if (at_work && !rt_until(shared.touched != before)) {
		rt_printf("FAIL the pager does not serve");
	}
	rt_sleep((int)rt_random(&seed, MOMENT_MAX));
	if (rt_random(&seed, 2) != 0) {
		end(clients[0]);
		end(task);
	} else {
		end(task);
		rt_sleep((int)rt_random(&seed, MOMENT_MAX));
		end(clients[0]);
	}
	/* It may go on with what is resident. */
	end(clients[1]);
	need("unmap", vm_deallocate(rt_task, addr, OBJECT_PAGES * P));
	mach_port_deallocate(rt_task, port);
}

void
test(void)
{
	long before;

	need("share", vm_inherit(rt_task, (vm_offset_t)&shared, sizeof(shared),
	    VM_INHERIT_SHARE));
	pairs_round();
	before = probe_free_pages();
	for (unsigned i = 0; i < ROUNDS; i++) {
		pairs_round();
	}
	want_number("bad pages", (long)shared.bad, 0);
	rt_printf("received %d", shared.received > 0);
	rt_printf("# %u messages", shared.received);
	if (rt_on_gnumach) {
		/* There, clients of a pager that is gone wait for ever. */
		return;
	}
	for (unsigned i = 0; i < ROUNDS; i++) {
		pager_round(i % 4 != 0);
	}
	want_number("# clients were at work", shared.touched > 0, 1);
	rt_printf("# %u touches", shared.touched);
	/* Less than a region for each round: nothing of one stays. */
	want_number("# memory is back", rt_until(probe_free_pages() >=
	    before - (long)(REGION / P)), 1);
}
