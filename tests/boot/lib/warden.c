/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Conservation: the second task of each test on our kernel.  It starts the
 * module, waits for its end, ends all that the module left behind, and says what
 * the kernel has then.  tests/boot/run compares that with what there is after
 * a module that does nothing.  Meanwhile, and at the end, it has the kernel look
 * whether its structures are consistent: if not, the kernel panics.
 *
 * Its lines begin with "warden: ", and so are not taken for the module's.
 * Its argument after the two ports is the module's task.
 */

#include "snapshot.h"

#include <mach/notify.h>
#include <mach/vm_wire.h>

#include "mach_port_user.h"
#include "mach_user.h"
#include "new_gnumach_user.h"
#include "new_mach_host_user.h"
#include "new_tartan_user.h"

#define P		vm_page_size
#define LOOK_MS		50
/* Between two walks of the kernel over all that it has. */
#define WALK_MS		2000
/* Looks that are all the same before we believe it, and how many at most. */
#define CALM		6u
#define LOOKS		200u

const char rt_prefix[] = "warden: ";
static struct snapshot snapshots[2];

/* ---- what the module left ---- */

static void
sweep_set(mach_port_t set)
{
	task_array_t tasks;
	mach_msg_type_number_t count;

	if (new_processor_set_tasks(set, &tasks, &count) != KERN_SUCCESS) {
		return;
	}
	for (unsigned i = 0; i < count; i++) {
		if (tasks[i] != rt_task) {
			task_terminate(tasks[i]);
		}
		mach_port_deallocate(rt_task, tasks[i]);
	}
	vm_deallocate(rt_task, (vm_offset_t)tasks, count * sizeof(*tasks));
}

/* End tasks, give processors back, destroy sets. */
static void
sweep(void)
{
	processor_set_name_array_t names;
	mach_msg_type_number_t count;
	mach_port_t manager = MACH_PORT_NULL;
	mach_port_t set;

	vm_set_default_memory_manager(rt_host_priv, &manager);
	mach_port_deallocate(rt_task, manager);
	need("sets", new_host_processor_sets(mach_host_self(), &names, &count));
	for (unsigned i = 0; i < count; i++) {
		if (new_host_processor_set_priv(rt_host_priv, names[i], &set) ==
		    KERN_SUCCESS) {
			sweep_set(set);
			new_processor_set_destroy(set);
			mach_port_deallocate(rt_task, set);
		}
		mach_port_deallocate(rt_task, names[i]);
	}
	vm_deallocate(rt_task, (vm_offset_t)names, count * sizeof(*names));
}

/* ---- what the kernel has ---- */

/* What slabs and stacks at hand have does not come back at once: it is free. */
static long
pages(const struct snapshot *s)
{
	long count = s->free_pages + s->stack_pages;

	for (unsigned i = 0; i < s->count; i++) {
		count += (long)(s->caches[i].nr_slabs *
				s->caches[i].slab_size / P);
	}
	return count;
}

static bool
same(const struct snapshot *a, const struct snapshot *b)
{
	for (unsigned i = 0; i < a->count; i++) {
		if (a->caches[i].nr_objs != b->caches[i].nr_objs) {
			return false;
		}
	}
	return a->count == b->count && a->cached == b->cached &&
	       pages(a) == pages(b);
}

/* The kernel fills its reserve of notifications up when it sends one. */
static void
poke(void)
{
	mach_msg_type_name_t kind;
	mach_port_t port;
	mach_port_t right;

	need("port", mach_port_allocate(
			 rt_task, MACH_PORT_RIGHT_RECEIVE, &port));
	need("right", mach_port_extract_right(rt_task, port,
			  MACH_MSG_TYPE_MAKE_SEND_ONCE, &right, &kind));
	mach_port_deallocate(rt_task, right);
	mach_port_destroy(rt_task, port);
}

/* What ends goes a little later: wait until nothing changes any more. */
static const struct snapshot *
settle(void)
{
	unsigned calm = 0;
	unsigned now = 0;

	snapshot_take(&snapshots[0]);
	for (unsigned i = 0; i < LOOKS && calm < CALM; i++) {
		rt_sleep(LOOK_MS);
		sweep();
		poke();
		now = 1 - now;
		snapshot_take(&snapshots[now]);
		calm = same(&snapshots[0], &snapshots[1]) ? calm + 1 : 0;
	}
	return &snapshots[now];
}

/* Some ports are made when somebody asks for them first, and then kept. */
static void
ask(void)
{
	mach_port_t name;
	mach_port_t set;
	processor_array_t list;
	mach_msg_type_number_t count;

	need("processors", new_host_processors(rt_host_priv, &list, &count));
	for (unsigned i = 0; i < count; i++) {
		need("assignment", new_processor_get_assignment(list[i], &set));
		mach_port_deallocate(rt_task, set);
		mach_port_deallocate(rt_task, list[i]);
	}
	vm_deallocate(rt_task, (vm_offset_t)list, count * sizeof(*list));
	need("set", new_processor_set_default(mach_host_self(), &name));
	need("names", new_processor_set_processors(name, &list, &count));
	for (unsigned i = 0; i < count; i++) {
		mach_port_deallocate(rt_task, list[i]);
	}
	vm_deallocate(rt_task, (vm_offset_t)list, count * sizeof(*list));
	need("control", new_host_processor_set_priv(rt_host_priv, name, &set));
	mach_port_deallocate(rt_task, set);
	mach_port_deallocate(rt_task, name);
}

/* ---- the module ---- */

static void
watch(mach_port_t task)
{
	mach_msg_return_t mr;
	struct {
		mach_msg_header_t header;
		uint32_t words[32];
	} msg;
	mach_port_t port;
	mach_port_t previous;

	need("port", mach_port_allocate(
			 rt_task, MACH_PORT_RIGHT_RECEIVE, &port));
	need("request", mach_port_request_notification(rt_task, task,
			    MACH_NOTIFY_DEAD_NAME, 1, port,
			    MACH_MSG_TYPE_MAKE_SEND_ONCE, &previous));
	need("resume", task_resume(task));
	do {
		need("walk", new_host_walk(rt_host_priv));
		mr = mach_msg(&msg.header, MACH_RCV_MSG | MACH_RCV_TIMEOUT, 0,
		    sizeof(msg), port, WALK_MS, MACH_PORT_NULL);
	} while (mr == MACH_RCV_TIMED_OUT);
	need("end", mr);
	mach_port_mod_refs(rt_task, task, MACH_PORT_RIGHT_DEAD_NAME, -2);
	mach_port_destroy(rt_task, port);
}

void
test(void)
{
	const struct snapshot *s;

	/* A module that is a pager would get our pages, and end with them. */
	need("wire", new_vm_wire_all(rt_host_priv, rt_task, VM_WIRE_ALL));
	ask();
	watch(rt_number(rt_argv[3]));
	s = settle();
	need("walk", new_host_walk(rt_host_priv));
	for (unsigned i = 0; i < s->count; i++) {
		rt_printf("%s %lu", s->caches[i].name,
		    (unsigned long)s->caches[i].nr_objs);
	}
	rt_printf("cached %ld", s->cached);
	rt_printf("pages %ld", pages(s));
}
