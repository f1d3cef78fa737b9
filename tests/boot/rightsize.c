/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * What ports, rights, waiting threads and tasks take of the kernel's memory, by
 * the pages that are free before and after many of them were made, and given back
 * when they go.
 */

#include "probe.h"

#include <mach/notify.h>

#include "mach_host_user.h"
#include "mach_port_user.h"
#include "mach_user.h"

#define P	((long)vm_page_size)
#define MANY	20000
#define THREADS	1000
#define TASKS	400
/* Pages that something else may take or give meanwhile. */
#define NOISE	6

/* In bytes.  A port that is in a set, or has requests, takes the extra. */
#define PORT	64
#define EXTRA	48
#define NAME	13
#define SEND	3	/* to find its name */
#define THREAD	1024	/* with its ports */
#define TASK	1024	/* the same, while it has neither memory nor threads */

static mach_port_t names[MANY];
static mach_port_t others[MANY];
static long free_before;
static long zone;

static void
begin(void)
{
	free_before = probe_free_pages();
}

/* COUNT of WHAT were made since begin(): at most LIMIT bytes for each? */
static void
taken_by(long count, const char *what, long limit)
{
	long pages = free_before - probe_free_pages();

	rt_printf("# %s: %d bytes", what, (int)(pages * P / count));
	want_number(what, pages <= (count * limit + P - 1) / P + NOISE, 1);
}

static void
taken(const char *what, long limit)
{
	taken_by(MANY, what, limit);
}

/* A page that is kept for the next object is no leak, but few are. */
static void
given_back(const char *what)
{
	want_number(what, free_before - probe_free_pages() <= NOISE, 1);
}

static void
allocate(mach_port_t task, mach_port_right_t right, mach_port_t *array)
{
	for (unsigned i = 0; i < MANY; i++) {
		need("allocate", mach_port_allocate(task, right, &array[i]));
	}
}

static void
destroy(mach_port_t task, const mach_port_t *array)
{
	for (unsigned i = 0; i < MANY; i++) {
		need("destroy", mach_port_destroy(task, array[i]));
	}
}

/*
 * The size of the objects of the cache NAME, or 0 if there is none.  A kernel
 * for debugging puts something behind each.
 */
static long
size_of(const char *name)
{
	cache_info_t cache = probe_cache(name);

	zone = (long)(cache.buf_size - cache.obj_size);
	return (long)cache.obj_size;
}

/* The table of names stays at its longest: make it so first. */
static void
test_names(void)
{
	begin();
	allocate(rt_task, MACH_PORT_RIGHT_DEAD_NAME, names);
	taken("a name", NAME);
	destroy(rt_task, names);
}

static void
test_ports(void)
{
	begin();
	allocate(rt_task, MACH_PORT_RIGHT_RECEIVE, names);
	taken("a port", PORT + zone);
	destroy(rt_task, names);
	given_back("the ports are gone");
}

static void
test_sets(void)
{
	mach_port_t set;

	need("set",
	    mach_port_allocate(rt_task, MACH_PORT_RIGHT_PORT_SET, &set));
	begin();
	allocate(rt_task, MACH_PORT_RIGHT_RECEIVE, names);
	for (unsigned i = 0; i < MANY; i++) {
		need("move", mach_port_move_member(rt_task, names[i], set));
	}
	taken("a port in a set", PORT + EXTRA + 2 * zone);
	destroy(rt_task, names);
	given_back("the ports in the set are gone");
	need("destroy set", mach_port_destroy(rt_task, set));
}

/* To ask for a notification that is not there makes nothing. */
static void
test_requests(void)
{
	mach_port_t previous;

	begin();
	allocate(rt_task, MACH_PORT_RIGHT_RECEIVE, names);
	for (unsigned i = 0; i < MANY; i++) {
		need("cancel", mach_port_request_notification(rt_task,
		    names[i], MACH_NOTIFY_NO_SENDERS, 0, MACH_PORT_NULL,
		    MACH_MSG_TYPE_MAKE_SEND_ONCE, &previous));
	}
	taken("a port without a request", PORT + zone);
	destroy(rt_task, names);
	given_back("the ports without requests are gone");
}

static void
test_send_rights(void)
{
	mach_port_t task;

	need("task", task_create(rt_task, FALSE, &task));
	allocate(task, MACH_PORT_RIGHT_DEAD_NAME, others);
	destroy(task, others);
	allocate(rt_task, MACH_PORT_RIGHT_RECEIVE, names);
	begin();
	for (unsigned i = 0; i < MANY; i++) {
		need("insert", mach_port_insert_right(task, others[i],
		    names[i], MACH_MSG_TYPE_MAKE_SEND));
	}
	taken("a send right, beyond its name", SEND);
	destroy(task, others);
	destroy(rt_task, names);
	need("end", task_terminate(task));
}

/* What the threads execute: the trap reads its arguments above %esp. */
extern const char wait_trap[];
__asm__(".text\n"
	"wait_trap:\n"
	"	movl $-25, %eax\n"
	"	lcall $7, $0\n"
	"	jmp wait_trap\n");

static mach_msg_header_t wait_message;
static uint32_t wait_stack[] = {
	0, 0, MACH_RCV_MSG, 0, sizeof(wait_message), 0, 0, 0,
};

static void
start_waiting(mach_port_t *thread)
{
	struct i386_thread_state state;
	mach_msg_type_number_t count = i386_THREAD_STATE_COUNT;

	need("thread", thread_create(rt_task, thread));
	need("state", thread_get_state(*thread, i386_THREAD_STATE,
	    (thread_state_t)&state, &count));
	state.eip = (unsigned)wait_trap;
	state.uesp = (unsigned)wait_stack;
	need("set state", thread_set_state(*thread, i386_THREAD_STATE,
	    (thread_state_t)&state, count));
	need("resume", thread_resume(*thread));
}

static bool
all_wait(void)
{
	struct thread_basic_info info;
	mach_msg_type_number_t count;

	for (unsigned i = 0; i < THREADS; i++) {
		count = THREAD_BASIC_INFO_COUNT;
		need("info", thread_info(names[i], THREAD_BASIC_INFO,
		    (thread_info_t)&info, &count));
		if (info.run_state != TH_STATE_WAITING) {
			return false;
		}
	}
	return true;
}

static void
start_all_waiting(void)
{
	for (unsigned i = 0; i < THREADS; i++) {
		start_waiting(&names[i]);
	}
	rt_until(all_wait());
	rt_sleep(50);
}

static void
end_all_waiting(void)
{
	for (unsigned i = 0; i < THREADS; i++) {
		need("end", thread_terminate(names[i]));
	}
	for (unsigned i = 0; i < THREADS; i++) {
		rt_until_dead(names[i]);
		need("destroy", mach_port_destroy(rt_task, names[i]));
	}
}

/* Threads that wait in a receive, all for the same port. */
static void
test_threads(void)
{
	mach_port_t port;

	need("port",
	    mach_port_allocate(rt_task, MACH_PORT_RIGHT_RECEIVE, &port));
	wait_stack[1] = (uint32_t)&wait_message;
	wait_stack[5] = port;
	/* Some stacks are kept for threads to come. */
	start_all_waiting();
	end_all_waiting();
	rt_sleep(200);

	begin();
	start_all_waiting();
	taken_by(THREADS, "a thread that waits", THREAD + zone);
	end_all_waiting();
	/* Each processor keeps some for the next. */
	want_number("the threads are gone",
	    rt_until(free_before - probe_free_pages() <= THREADS / 16), 1);
	need("destroy port", mach_port_destroy(rt_task, port));
}

/* A task without memory, and what more it is with a thread. */
static void
test_tasks(void)
{
	begin();
	for (unsigned i = 0; i < TASKS; i++) {
		need("task", task_create(rt_task, FALSE, &names[i]));
	}
	taken_by(TASKS, "a task", TASK + 8 * zone);
	for (unsigned i = 0; i < TASKS; i++) {
		need("thread", thread_create(names[i], &others[i]));
	}
	taken_by(TASKS, "a task with a thread, which has a directory",
	    TASK + THREAD + P + 10 * zone);
	for (unsigned i = 0; i < TASKS; i++) {
		need("end", task_terminate(names[i]));
		need("destroy", mach_port_destroy(rt_task, names[i]));
		need("destroy", mach_port_destroy(rt_task, others[i]));
	}
	/* Objects that processors keep may hold all slabs, a quarter of it. */
	want_number("the tasks are gone",
	    rt_until(free_before - probe_free_pages() <= TASKS / 3), 1);
}

void
test(void)
{
	rt_printf("own");
	if (rt_on_gnumach) {
		return;
	}
	/* Our own memory is not to be counted. */
	memset(names, 1, sizeof(names));
	memset(others, 1, sizeof(others));
	want_number("struct ipc_port", size_of("ipc_port") != 0 &&
	    size_of("ipc_port") <= PORT, 1);
	want_number("what it may have besides",
	    size_of("ipc_port_extra") != 0 &&
	    size_of("ipc_port_extra") <= EXTRA, 1);
	test_names();
	test_ports();
	test_sets();
	test_requests();
	test_send_rights();
	test_threads();
	test_tasks();
}
