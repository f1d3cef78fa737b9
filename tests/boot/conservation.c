/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Conservation: after work of every kind the kernel has as many objects and
 * free pages as before it.  Each kind of work runs a few times to warm up, then
 * ROUNDS times; what grows by one a round is a leak.
 */

#include "rt.h"

#include <mach/notify.h>
#include <mach/task_special_ports.h>
#include <mach/vm_statistics.h>

#include "mach_debug_user.h"
#include "mach_host_user.h"
#include "mach_port_user.h"
#include "mach_user.h"

#define P	vm_page_size
#define ROUNDS	24
#define CACHES	96

struct snapshot {
	cache_info_t caches[CACHES];
	mach_msg_type_number_t count;
	int free_pages;
};

static struct snapshot before;
static struct snapshot after;

static void
snapshot(struct snapshot *s)
{
	cache_info_array_t info = s->caches;
	vm_statistics_data_t stats;

	s->count = CACHES;
	need("slabs", host_slab_info(mach_host_self(), &info, &s->count));
	if (info != s->caches) {
		unsigned n = s->count < CACHES ? s->count : CACHES;

		memcpy(s->caches, info, n * sizeof(*info));
		vm_deallocate(rt_task, (vm_offset_t)info,
		    s->count * sizeof(*info));
		s->count = n;
	}
	need("statistics", vm_statistics(rt_task, &stats));
	s->free_pages = stats.free_count;
}

/* How many caches grew by at least an object a round. */
static unsigned
leaks(bool loudly)
{
	unsigned bad = 0;

	for (unsigned i = 0; i < after.count; i++) {
		for (unsigned j = 0; j < before.count; j++) {
			long grew = after.caches[i].nr_objs -
			    before.caches[j].nr_objs;

			if (strcmp(after.caches[i].name,
			    before.caches[j].name) != 0 ||
			    after.caches[i].obj_size !=
			    before.caches[j].obj_size) {
				continue;
			}
			if (grew < ROUNDS) {
				continue;
			}
			bad++;
			if (loudly) {
				rt_printf("# cache %s of %u bytes grew by %ld",
				    after.caches[i].name,
				    after.caches[i].obj_size, grew);
			}
		}
	}
	if (before.free_pages - after.free_pages >= ROUNDS) {
		bad++;
		if (loudly) {
			rt_printf("# %d pages are gone",
			    before.free_pages - after.free_pages);
		}
	}
	return bad;
}

/* What ends goes a little later. */
static bool
settled(void)
{
	snapshot(&after);
	return leaks(false) == 0;
}

static union {
	mach_msg_header_t header;
	struct {
		mach_msg_header_t header2;
		mach_msg_type_t type;
		uint32_t data[64];
	};
} msg;

/* ---- the kinds of work ---- */

static void
work_ports(void)
{
	mach_port_t ports[20];
	mach_port_t set;

	mach_port_allocate(rt_task, MACH_PORT_RIGHT_PORT_SET, &set);
	for (unsigned i = 0; i < 20; i++) {
		ports[i] = rt_port();
		mach_port_move_member(rt_task, ports[i], set);
	}
	for (unsigned i = 0; i < 20; i++) {
		mach_port_destroy(rt_task, ports[i]);
	}
	mach_port_destroy(rt_task, set);
}

static void
work_messages(void)
{
	mach_port_t port = rt_port();
	mach_port_t right = rt_port();
	vm_offset_t memory = 0;

	vm_allocate(rt_task, &memory, 4 * P, TRUE);
	memset((void *)memory, 1, 4 * P);
	for (unsigned i = 0; i < 4; i++) {
		rt_header(&msg.header, MACH_MSGH_BITS_COMPLEX |
		    MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND,
		    MACH_MSG_TYPE_MAKE_SEND_ONCE), 40, port, right, 1);
		msg.type = rt_type(MACH_MSG_TYPE_MAKE_SEND, 32, 1, true,
		    false);
		msg.data[0] = right;
		*(mach_msg_type_t *)&msg.data[1] = rt_type(
		    MACH_MSG_TYPE_INTEGER_32, 32, 1000, false, false);
		msg.data[2] = memory + 100;
		need("send", mach_msg(&msg.header, MACH_SEND_MSG, 40, 0, 0, 0,
		    0));
	}
	for (unsigned i = 0; i < 2; i++) {
		need("receive", rt_receive(&msg.header, sizeof(msg), port,
		    100));
		mach_port_deallocate(rt_task, msg.header.msgh_remote_port);
		mach_port_deallocate(rt_task, msg.data[0]);
		vm_deallocate(rt_task, msg.data[2], 4000);
	}
	/* Two messages are still queued. */
	mach_port_destroy(rt_task, port);
	while (rt_receive(&msg.header, sizeof(msg), right, 0) ==
	    MACH_MSG_SUCCESS) {
	}
	mach_port_destroy(rt_task, right);
	vm_deallocate(rt_task, memory, 4 * P);
}

static void
work_bad_messages(void)
{
	mach_port_t port = rt_port();
	mach_port_t right = rt_port();
	vm_offset_t memory = 0;

	vm_allocate(rt_task, &memory, P, TRUE);
	rt_header(&msg.header, MACH_MSGH_BITS_COMPLEX |
	    MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND,
	    MACH_MSG_TYPE_MAKE_SEND_ONCE), 48, port, right, 1);
	msg.type = rt_type(MACH_MSG_TYPE_INTEGER_32, 32, 100, false, false);
	msg.data[0] = memory;
	*(mach_msg_type_t *)&msg.data[1] = rt_type(MACH_MSG_TYPE_COPY_SEND,
	    32, 1, true, false);
	msg.data[2] = right;
	*(mach_msg_type_t *)&msg.data[3] = rt_type(MACH_MSG_TYPE_COPY_SEND,
	    32, 1, true, false);
	msg.data[4] = 0x777700;
	mach_msg(&msg.header, MACH_SEND_MSG, 48, 0, 0, 0, 0);
	/* And one that is too large for its receiver. */
	rt_header(&msg.header, MACH_MSGH_BITS_COMPLEX |
	    MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND, 0), 40, port, 0, 1);
	mach_msg(&msg.header, MACH_SEND_MSG, 40, 0, 0, 0, 0);
	mach_msg(&msg.header, MACH_RCV_MSG | MACH_RCV_TIMEOUT, 0, 24, port, 0,
	    0);
	/*
	 * One that cannot be delivered at that address.  Memory in it would
	 * be the task's, at an address that it is not told.
	 */
	rt_header(&msg.header, MACH_MSGH_BITS_COMPLEX |
	    MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND, 0), 32, port, 0, 1);
	msg.type = rt_type(MACH_MSG_TYPE_COPY_SEND, 32, 1, true, false);
	msg.data[0] = right;
	mach_msg(&msg.header, MACH_SEND_MSG, 32, 0, 0, 0, 0);
	mach_msg((void *)16, MACH_RCV_MSG | MACH_RCV_TIMEOUT, 0, 200, port, 0,
	    0);
	mach_port_destroy(rt_task, port);
	mach_port_destroy(rt_task, right);
	vm_deallocate(rt_task, memory, P);
}

static void
work_notifications(void)
{
	mach_port_t port = rt_port();
	mach_port_t notify = rt_port();
	mach_port_t previous;

	mach_port_request_notification(rt_task, port, MACH_NOTIFY_DEAD_NAME,
	    0, notify, MACH_MSG_TYPE_MAKE_SEND_ONCE, &previous);
	mach_port_request_notification(rt_task, port, MACH_NOTIFY_NO_SENDERS,
	    100, notify, MACH_MSG_TYPE_MAKE_SEND_ONCE, &previous);
	mach_port_mod_refs(rt_task, port, MACH_PORT_RIGHT_RECEIVE, -1);
	rt_receive(&msg.header, sizeof(msg), notify, 10);
	mach_port_destroy(rt_task, port);
	mach_port_destroy(rt_task, notify);
}

static void
work_memory(void)
{
	vm_offset_t memory = 0;
	vm_offset_t data;
	mach_msg_type_number_t size;

	vm_allocate(rt_task, &memory, 32 * P, TRUE);
	memset((void *)memory, 3, 32 * P);
	for (unsigned i = 0; i < 16; i++) {
		vm_protect(rt_task, memory + 2 * i * P, P, FALSE,
		    VM_PROT_READ);
	}
	need("read", vm_read(rt_task, memory, 32 * P, &data, &size));
	vm_protect(rt_task, memory, 32 * P, FALSE, VM_PROT_DEFAULT);
	memset((void *)memory, 4, 32 * P);
	need("copy", vm_copy(rt_task, data, 8 * P, memory + 8 * P));
	need("write", vm_write(rt_task, memory, data, 8 * P));
	*(volatile int *)(data + 3 * P) = 1;
	vm_deallocate(rt_task, data, size);
	vm_deallocate(rt_task, memory, 32 * P);
}

static void
work_threads(void)
{
	mach_port_t thread;

	need("thread", thread_create(rt_task, &thread));
	thread_suspend(thread);
	thread_terminate(thread);
	mach_port_deallocate(rt_task, thread);
}

/* A task that faults in nothing and runs nothing, and one that does. */
static void
work_tasks(void)
{
	mach_port_t task;
	mach_port_t thread;
	vm_offset_t memory = 0;

	need("task", task_create(rt_task, TRUE, &task));
	vm_allocate(task, &memory, 16 * P, TRUE);
	mach_port_insert_right(task, 0x50000, rt_task,
	    MACH_MSG_TYPE_COPY_SEND);
	thread_create(task, &thread);
	mach_port_deallocate(rt_task, thread);
	task_terminate(task);
	mach_port_deallocate(rt_task, task);
}

/* A task whose threads run until they fault and nobody cares. */
static void
work_faults(void)
{
	mach_port_t task;
	mach_port_t thread;

	need("task", task_create(rt_task, FALSE, &task));
	need("thread", thread_create(task, &thread));
	thread_resume(thread);
	rt_until_dead(task);
	mach_port_deallocate(rt_task, thread);
	mach_port_deallocate(rt_task, task);
}

static void
work_chains(void)
{
	mach_port_t tasks[4];
	vm_offset_t memory = 0;

	vm_allocate(rt_task, &memory, 8 * P, TRUE);
	for (unsigned i = 0; i < 4; i++) {
		memset((void *)memory, i, 8 * P);
		need("task", task_create(rt_task, TRUE, &tasks[i]));
		vm_write(tasks[i], memory, memory, P);
	}
	for (unsigned i = 0; i < 4; i++) {
		task_terminate(tasks[(i * 3) % 4]);
		mach_port_deallocate(rt_task, tasks[(i * 3) % 4]);
	}
	vm_deallocate(rt_task, memory, 8 * P);
}

static const struct {
	const char *name;
	void (*fn)(void);
} kinds[] = {
	{ "ports", work_ports },
	{ "messages", work_messages },
	{ "bad messages", work_bad_messages },
	{ "notifications", work_notifications },
	{ "memory", work_memory },
	{ "threads", work_threads },
	{ "tasks", work_tasks },
	{ "faults", work_faults },
	{ "chains", work_chains },
};

void
test(void)
{
	unsigned used;

	for (unsigned i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		for (unsigned n = 0; n < 16; n++) {
			kinds[i].fn();
		}
		rt_sleep(100);
		snapshot(&before);
		snapshot(&before);
		for (unsigned n = 0; n < ROUNDS; n++) {
			kinds[i].fn();
		}
		rt_sleep(100);
		if (rt_on_gnumach) {
			snapshot(&after);
		} else {
			rt_until(settled());
		}
		rt_printf("%s: done", kinds[i].name);
		used = leaks(true);
		want_number("  leaks", rt_on_gnumach ? 0 : used, 0);
	}
}
