/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Tasks that make threads, tasks, rights or memory without end: they are told
 * that there is no more, and others go on.
 */

#include "rt.h"

#include <mach/task_info.h>

#include "mach_port_user.h"
#include "mach_user.h"
#include "new_gnumach_user.h"
#include "new_tartan_user.h"

#define P		vm_page_size
#define TASKS		3
#define THREADS		4
#define RIGHTS		50
#define TOO_MANY	200000
#define MANY		4096

static mach_port_t many[MANY];

struct limits {
	natural_t tasks;
	natural_t threads;
	natural_t rights;
	natural_t used_tasks;
	natural_t used_threads;
	natural_t used_rights;
};

static struct limits
limits_of(mach_port_t task)
{
	struct limits l = { 0 };

	need("get_limits",
	    new_task_get_limits(task, &l.tasks, &l.threads, &l.rights,
		&l.used_tasks, &l.used_threads, &l.used_rights));
	return l;
}

static mach_port_t
new_task(void)
{
	mach_port_t task;

	need("task_create", task_create(rt_task, FALSE, &task));
	return task;
}

/* Try until it succeeds: what has ended goes a little later. */
static kern_return_t
thread_create_patiently(mach_port_t task, mach_port_t *thread)
{
	kern_return_t kr;

	rt_until((kr = thread_create(task, thread), kr == KERN_SUCCESS));
	return kr;
}

static void
others_go_on(void)
{
	mach_port_t task = new_task();
	mach_port_t thread;
	mach_port_t port = rt_port();
	vm_offset_t memory = 0;

	want("  another's task", task_terminate(task), KERN_SUCCESS);
	mach_port_deallocate(rt_task, task);
	want("  another's thread", thread_create(rt_task, &thread),
	    KERN_SUCCESS);
	thread_terminate(thread);
	mach_port_deallocate(rt_task, thread);
	want(
	    "  another's port", mach_port_destroy(rt_task, port), KERN_SUCCESS);
	want("  another's memory", vm_allocate(rt_task, &memory, P, TRUE),
	    KERN_SUCCESS);
	*(volatile int *)memory = 1;
	vm_deallocate(rt_task, memory, P);
}

static void
threads(mach_port_t task)
{
	mach_port_t thread[THREADS];
	mach_port_t more;

	for (unsigned i = 0; i < THREADS; i++) {
		want("thread", thread_create(task, &thread[i]), KERN_SUCCESS);
	}
	want("one thread too many", thread_create(task, &more),
	    KERN_RESOURCE_SHORTAGE);
	want_number("  threads", limits_of(task).used_threads, THREADS);
	thread_terminate(thread[0]);
	mach_port_deallocate(rt_task, thread[0]);
	want("  after another's end", thread_create_patiently(task, &thread[0]),
	    KERN_SUCCESS);
	for (unsigned i = 0; i < THREADS; i++) {
		thread_terminate(thread[i]);
		mach_port_deallocate(rt_task, thread[i]);
	}
}

/* Children share their parent's account, however deep. */
static void
tasks(mach_port_t task)
{
	mach_port_t child;
	mach_port_t grandchild;
	mach_port_t more;
	kern_return_t kr;

	want("child", task_create(task, FALSE, &child), KERN_SUCCESS);
	want(
	    "grandchild", task_create(child, FALSE, &grandchild), KERN_SUCCESS);
	want("one task too many", task_create(task, FALSE, &more),
	    KERN_RESOURCE_SHORTAGE);
	want("  by a child", task_create(child, FALSE, &more),
	    KERN_RESOURCE_SHORTAGE);
	want("  by a grandchild, by trap",
	    syscall_task_create(grandchild, TRUE, &more),
	    KERN_RESOURCE_SHORTAGE);
	want_number("  tasks", limits_of(grandchild).used_tasks, TASKS);
	task_terminate(child);
	mach_port_deallocate(rt_task, child);
	rt_until((kr = task_create(grandchild, FALSE, &child),
	    kr == KERN_SUCCESS));
	want("  after another's end", kr, KERN_SUCCESS);
	task_terminate(child);
	task_terminate(grandchild);
	mach_port_deallocate(rt_task, child);
	mach_port_deallocate(rt_task, grandchild);
}

static void
rights(mach_port_t task)
{
	unsigned used = limits_of(task).used_rights;
	mach_port_t name = MACH_PORT_NULL;
	mach_port_t more;
	unsigned made = 0;

	while (made < 2 * RIGHTS &&
	       mach_port_allocate(task, MACH_PORT_RIGHT_RECEIVE, &name) ==
		   KERN_SUCCESS) {
		made++;
	}
	want_number("rights made", (long)(made + used), RIGHTS);
	want("one right too many",
	    mach_port_allocate(task, MACH_PORT_RIGHT_RECEIVE, &more),
	    KERN_NO_SPACE);
	want("  a set",
	    mach_port_allocate(task, MACH_PORT_RIGHT_PORT_SET, &more),
	    KERN_NO_SPACE);
	want("  with a name",
	    mach_port_allocate_name(task, MACH_PORT_RIGHT_RECEIVE, 0x12300),
	    KERN_NO_SPACE);
	want("  a right of ours",
	    mach_port_insert_right(
		task, 0x12300, rt_task, MACH_MSG_TYPE_COPY_SEND),
	    KERN_NO_SPACE);
	/* Neither is lost, and what is there already may be counted up. */
	want("  one that is there",
	    mach_port_mod_refs(task, name, MACH_PORT_RIGHT_RECEIVE, 0),
	    KERN_SUCCESS);
	want("  give one back", mach_port_destroy(task, name), KERN_SUCCESS);
	want("  and make another",
	    mach_port_allocate(task, MACH_PORT_RIGHT_RECEIVE, &name),
	    KERN_SUCCESS);
}

/* A child has no more memory than its parent may have. */
static void
child_memory(mach_port_t task, boolean_t inherit)
{
	vm_size_t current = 0;
	vm_size_t most = 0;
	vm_offset_t addr = 0;
	mach_port_t child;

	need("child", task_create(task, inherit, &child));
	want(inherit ? "child that inherits" : "empty child",
	    new_vm_get_size_limit(child, &current, &most), KERN_SUCCESS);
	want_number("  now", (long)current, 64 * P);
	want_number("  at most", (long)most, 64 * P);
	want("  too much", vm_allocate(child, &addr, 65 * P, TRUE),
	    KERN_NO_SPACE);
	want("  raise it", new_vm_set_size_limit(mach_host_self(), child,
	    65 * P, 65 * P), KERN_NO_ACCESS);
	task_terminate(child);
	mach_port_deallocate(rt_task, child);
}

static void
memory(mach_port_t task)
{
	vm_offset_t addr = 0;

	want("limit memory",
	    new_vm_set_size_limit(rt_host_priv, task, 64 * P, 64 * P),
	    KERN_SUCCESS);
	want("memory", vm_allocate(task, &addr, 32 * P, TRUE), KERN_SUCCESS);
	want("too much memory", vm_allocate(task, &addr, 64 * P, TRUE),
	    KERN_NO_SPACE);
	for (boolean_t inherit = FALSE; inherit <= TRUE; inherit++) {
		child_memory(task, inherit);
	}
}

/* What comes in a message counts, too; this task has little left. */
static void
received_memory(void)
{
	struct task_basic_info info;
	mach_msg_type_number_t count = TASK_BASIC_INFO_COUNT;
	vm_offset_t addr = 0;
	vm_offset_t data = 0;
	vm_size_t current = 0;
	vm_size_t most = 0;

	need("limit", new_vm_get_size_limit(rt_task, &current, &most));
	need("memory", vm_allocate(rt_task, &addr, 64 * P, TRUE));
	need("info", task_info(rt_task, TASK_BASIC_INFO, (task_info_t)&info,
			 &count));
	need("set limit", new_vm_set_size_limit(rt_host_priv, rt_task,
			      info.virtual_size + 32 * P, most));
	want("receive too much", vm_read(rt_task, addr, 64 * P, &data, &count),
	    MACH_RCV_BODY_ERROR | MACH_MSG_VM_SPACE);
	want("receive less", vm_read(rt_task, addr, 16 * P, &data, &count),
	    KERN_SUCCESS);
	need("back", new_vm_set_size_limit(rt_host_priv, rt_task, current,
			 most));
	vm_deallocate(rt_task, data, 16 * P);
	vm_deallocate(rt_task, addr, 64 * P);
}

static void
who_may(mach_port_t task)
{
	mach_port_t dead = new_task();

	want("unprivileged",
	    new_task_set_limits(mach_host_self(), task, 1000, 1000, 1000),
	    KERN_INVALID_HOST);
	want("no task",
	    new_task_set_limits(rt_host_priv, rt_host_priv, 1, 1, 1),
	    KERN_INVALID_ARGUMENT);
	task_terminate(dead);
	want("dead task", new_task_set_limits(rt_host_priv, dead, 1, 1, 1),
	    KERN_INVALID_ARGUMENT);
	mach_port_deallocate(rt_task, dead);
	want_number("  still", limits_of(task).rights, RIGHTS);
}

/* With the limits that there are from the start. */
static void
without_end(void)
{
	mach_port_t task = new_task();
	struct limits l = limits_of(task);
	kern_return_t kr = KERN_SUCCESS;
	mach_port_t name;
	unsigned made;

	rt_printf("# limits: %u tasks, %u threads, %u rights", l.tasks,
	    l.threads, l.rights);
	for (made = 0; made < TOO_MANY && kr == KERN_SUCCESS; made++) {
		kr = mach_port_allocate(task, MACH_PORT_RIGHT_RECEIVE, &name);
	}
	want("ports without end", kr, KERN_NO_SPACE);
	others_go_on();
	task_terminate(task);
	mach_port_deallocate(rt_task, task);

	/* An account of its own, as others than its kin would have one. */
	task = new_task();
	need("limits", new_task_set_limits(rt_host_priv, task, l.tasks / 4,
			   l.threads / 4, l.rights));
	kr = KERN_SUCCESS;
	for (made = 0; made < TOO_MANY && kr == KERN_SUCCESS; made++) {
		kr = thread_create(task, &name);
		if (kr == KERN_SUCCESS) {
			mach_port_deallocate(rt_task, name);
		}
	}
	want("threads without end", kr, KERN_RESOURCE_SHORTAGE);
	others_go_on();
	kr = KERN_SUCCESS;
	for (made = 0; made < MANY && kr == KERN_SUCCESS; made++) {
		kr = task_create(
		    made == 0 ? task : many[made - 1], FALSE, &many[made]);
	}
	want("tasks without end", kr, KERN_RESOURCE_SHORTAGE);
	others_go_on();
	for (unsigned i = 0; i + 1 < made; i++) {
		task_terminate(many[i]);
		mach_port_deallocate(rt_task, many[i]);
	}
	task_terminate(task);
	mach_port_deallocate(rt_task, task);
}

void
test(void)
{
	mach_port_t task;

	rt_printf("own");
	if (rt_on_gnumach) {
		return;
	}
	task = new_task();
	want("set limits",
	    new_task_set_limits(rt_host_priv, task, TASKS, THREADS, RIGHTS),
	    KERN_SUCCESS);
	want_number("tasks", limits_of(task).tasks, TASKS);
	want_number("threads", limits_of(task).threads, THREADS);
	want_number("rights", limits_of(task).rights, RIGHTS);
	threads(task);
	tasks(task);
	rights(task);
	memory(task);
	received_memory();
	who_may(task);
	others_go_on();
	want("raise limits",
	    new_task_set_limits(rt_host_priv, task, 5, 5, RIGHTS + 1),
	    KERN_SUCCESS);
	want("  one more",
	    mach_port_allocate_name(task, MACH_PORT_RIGHT_RECEIVE, 0x12300),
	    KERN_SUCCESS);
	task_terminate(task);
	mach_port_deallocate(rt_task, task);
	without_end();
}
