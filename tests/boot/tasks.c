/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Tasks: creation, inheritance, suspension, information, special and registered
 * ports, the end.
 */

#include "rt.h"

#include <mach/task_special_ports.h>
#include <mach/thread_status.h>
#include <mach/thread_switch.h>

#include "gnumach_user.h"
#include "mach_host_user.h"
#include "mach_port_user.h"
#include "mach_user.h"

#define P	vm_page_size

static mach_port_t
new_task(boolean_t inherit)
{
	mach_port_t task;

	need("task_create", task_create(rt_task, inherit, &task));
	return task;
}

static void
test_create(void)
{
	mach_port_t task = new_task(FALSE);
	struct task_basic_info info;
	mach_msg_type_number_t count = TASK_BASIC_INFO_COUNT;
	thread_array_t threads;
	mach_msg_type_number_t thread_count;

	rt_show_right("task", task);
	want("task_info", task_info(task, TASK_BASIC_INFO, (task_info_t)&info,
	    &count), KERN_SUCCESS);
	rt_printf("suspended %d virtual %u resident %u count %u",
	    info.suspend_count, info.virtual_size, info.resident_size, count);
	want("task_threads", task_threads(task, &threads, &thread_count),
	    KERN_SUCCESS);
	want_number("threads", thread_count, 0);
	want("terminate", task_terminate(task), KERN_SUCCESS);
	rt_show_right("task", task);
	want("terminate again", task_terminate(task), MACH_SEND_INVALID_DEST);
	want("create from the dead", task_create(task, FALSE, &task),
	    MACH_SEND_INVALID_DEST);
	want("task_create of a thread", task_create(mach_thread_self(), FALSE,
	    &task), KERN_INVALID_TASK);
	mach_port_deallocate(rt_task, task);

	want("task_threads self", task_threads(rt_task, &threads,
	    &thread_count), KERN_SUCCESS);
	want_number("threads", thread_count, 1);
	rt_printf("it is us: %d", threads[0] == mach_thread_self());
	vm_deallocate(rt_task, (vm_offset_t)threads, thread_count * 4);
}

/* Memory of a parent in the child, by inheritance. */
static void
test_inheritance(void)
{
	vm_offset_t addr = 0;
	volatile uint32_t *word;
	mach_port_t task;
	vm_offset_t data;
	mach_msg_type_number_t size;
	static const vm_inherit_t kinds[] = {
		VM_INHERIT_SHARE, VM_INHERIT_COPY, VM_INHERIT_NONE,
	};

	need("vm_allocate", vm_allocate(rt_task, &addr, 3 * P, TRUE));
	for (unsigned i = 0; i < 3; i++) {
		word = (volatile uint32_t *)(addr + i * P);
		*word = 10 + i;
		need("vm_inherit", vm_inherit(rt_task, addr + i * P, P,
		    kinds[i]));
	}
	task = new_task(TRUE);
	for (unsigned i = 0; i < 3; i++) {
		word = (volatile uint32_t *)(addr + i * P);
		*word = 20 + i;
	}
	for (unsigned i = 0; i < 3; i++) {
		kern_return_t kr = vm_read(task, addr + i * P, P, &data,
		    &size);

		rt_printf("inherit %u", kinds[i]);
		show("  read", kr);
		if (kr == KERN_SUCCESS) {
			rt_printf("  word %u of %u pages", *(uint32_t *)data,
			    size / P);
			vm_deallocate(rt_task, data, size);
		}
	}
	*(uint32_t *)addr = 77;
	need("vm_read", vm_read(task, addr, P, &data, &size));
	rt_printf("shared: %u", *(uint32_t *)data);
	*(uint32_t *)data = 99;
	want("vm_write", vm_write(task, addr, data, size), KERN_SUCCESS);
	rt_printf("written there, seen here: %u", *(volatile uint32_t *)addr);
	want("vm_write copy", vm_write(task, addr + P, data, size),
	    KERN_SUCCESS);
	rt_printf("not seen here: %u", *(volatile uint32_t *)(addr + P));
	want("vm_write hole", vm_write(task, addr + 2 * P, data, size),
	    KERN_INVALID_ADDRESS);
	vm_deallocate(rt_task, data, size);
	task_terminate(task);
	mach_port_deallocate(rt_task, task);
	rt_printf("after its end: %u", *(volatile uint32_t *)addr);
	vm_deallocate(rt_task, addr, 3 * P);
}

static void
test_suspend(void)
{
	mach_port_t task = new_task(FALSE);
	struct task_basic_info info;
	mach_msg_type_number_t count = TASK_BASIC_INFO_COUNT;

	want("resume at 0", task_resume(task), KERN_FAILURE);
	want("suspend", task_suspend(task), KERN_SUCCESS);
	want("suspend", task_suspend(task), KERN_SUCCESS);
	need("task_info", task_info(task, TASK_BASIC_INFO, (task_info_t)&info,
	    &count));
	want_number("suspend count", info.suspend_count, 2);
	want("resume", task_resume(task), KERN_SUCCESS);
	want("resume", task_resume(task), KERN_SUCCESS);
	want("resume", task_resume(task), KERN_FAILURE);
	task_terminate(task);
	mach_port_deallocate(rt_task, task);
}

static void
test_info(void)
{
	integer_t info[100];
	mach_msg_type_number_t count;

	for (int flavor = 0; flavor < 5; flavor++) {
		count = 100;
		rt_printf("flavor %d", flavor);
		show("  info", task_info(rt_task, flavor, info, &count));
		count = 3;
		show("  short", task_info(rt_task, flavor, info, &count));
	}
	count = TASK_EVENTS_INFO_COUNT;
	want("events", task_info(rt_task, TASK_EVENTS_INFO, info, &count),
	    KERN_SUCCESS);
	rt_printf("count %u, faults counted %d, zero fills %d", count,
	    info[0] > 0, info[1] > 0);
	want("priority", task_priority(rt_task, 30, FALSE), KERN_SUCCESS);
	count = TASK_BASIC_INFO_COUNT;
	need("info", task_info(rt_task, TASK_BASIC_INFO, info, &count));
	want_number("base priority", info[1], 30);
	want("priority out of range", task_priority(rt_task, 200, FALSE),
	    KERN_INVALID_ARGUMENT);
	want("priority negative", task_priority(rt_task, -1, FALSE),
	    KERN_INVALID_ARGUMENT);
	want("priority back", task_priority(rt_task, 25, FALSE),
	    KERN_SUCCESS);
}

static void
test_special(void)
{
	mach_port_t task;
	mach_port_t port = rt_port();
	mach_port_t got;

	for (int which = 0; which < 6; which++) {
		kern_return_t kr = task_get_special_port(rt_task, which,
		    &got);

		rt_printf("special %d", which);
		show("  get", kr);
		if (kr == KERN_SUCCESS) {
			rt_printf("  null %d self %d", got == 0,
			    got == rt_task);
			if (got != 0) {
				mach_port_deallocate(rt_task, got);
			}
		}
	}
	want("set bootstrap", task_set_special_port(rt_task,
	    TASK_BOOTSTRAP_PORT, port), KERN_SUCCESS);
	rt_show_right("port", port);
	want("get bootstrap", task_get_special_port(rt_task,
	    TASK_BOOTSTRAP_PORT, &got), KERN_SUCCESS);
	rt_printf("same %d", got == port);
	rt_show_right("port", port);
	task = new_task(FALSE);
	want("the child's", task_get_special_port(task, TASK_BOOTSTRAP_PORT,
	    &got), KERN_SUCCESS);
	rt_printf("same %d", got == port);
	want("set the child's kernel port", task_set_special_port(task,
	    TASK_KERNEL_PORT, port), KERN_SUCCESS);
	want("get it", task_get_special_port(task, TASK_KERNEL_PORT, &got),
	    KERN_SUCCESS);
	rt_printf("same %d", got == port);
	want("clear bootstrap", task_set_special_port(rt_task,
	    TASK_BOOTSTRAP_PORT, MACH_PORT_NULL), KERN_SUCCESS);
	want("get bootstrap", task_get_special_port(rt_task,
	    TASK_BOOTSTRAP_PORT, &got), KERN_SUCCESS);
	rt_printf("null %d", got == 0);
	task_terminate(task);
	mach_port_destroy(rt_task, port);
}

static void
test_registered(void)
{
	mach_port_t ports[5];
	mach_port_array_t got;
	mach_msg_type_number_t count;

	for (unsigned i = 0; i < 5; i++) {
		ports[i] = rt_port();
	}
	want("lookup", mach_ports_lookup(rt_task, &got, &count),
	    KERN_SUCCESS);
	want_number("count", count, 4);
	rt_printf("null %d %d %d %d", got[0] == 0, got[1] == 0, got[2] == 0,
	    got[3] == 0);
	vm_deallocate(rt_task, (vm_offset_t)got, count * 4);
	want("register 5", mach_ports_register(rt_task, ports, 5),
	    KERN_INVALID_ARGUMENT);
	rt_show_right("first", ports[0]);
	want("register 3", mach_ports_register(rt_task, ports, 3),
	    KERN_SUCCESS);
	rt_show_right("first", ports[0]);
	want("lookup", mach_ports_lookup(rt_task, &got, &count),
	    KERN_SUCCESS);
	rt_printf("same %d %d %d null %d", got[0] == ports[0],
	    got[1] == ports[1], got[2] == ports[2], got[3] == 0);
	vm_deallocate(rt_task, (vm_offset_t)got, count * 4);
	want("register none", mach_ports_register(rt_task, ports, 0),
	    KERN_SUCCESS);
	rt_show_right("first", ports[0]);
	for (unsigned i = 0; i < 5; i++) {
		mach_port_destroy(rt_task, ports[i]);
	}
}

static void
test_emulation(void)
{
	emulation_vector_t vector;
	mach_msg_type_number_t count;
	int start;

	want("get none", task_get_emulation_vector(rt_task, &start, &vector,
	    &count), KERN_SUCCESS);
	rt_printf("start %d count %u", start, count);
	want("set one", task_set_emulation(rt_task, 0x10000, 5),
	    KERN_SUCCESS);
	want("set another", task_set_emulation(rt_task, 0x20000, 7),
	    KERN_SUCCESS);
	want("get", task_get_emulation_vector(rt_task, &start, &vector,
	    &count), KERN_SUCCESS);
	rt_printf("entry 5 is 0x%x, entry 7 0x%x", vector[5 - start],
	    vector[7 - start]);
	vm_deallocate(rt_task, (vm_offset_t)vector, count * 4);
	want("unset", task_set_emulation(rt_task, 0, 5), KERN_SUCCESS);
	want("unset", task_set_emulation(rt_task, 0, 7), KERN_SUCCESS);
}

static void
test_names(void)
{
	want("set name", task_set_name(rt_task, (char *)"a test"),
	    KERN_SUCCESS);
	want("set a long name", task_set_name(rt_task,
	    (char *)"a name that is longer than a kernel wants to keep for a "
	    "task"), KERN_SUCCESS);
	show("ras_control", task_ras_control(rt_task, 0, 0, 0));
}

/* What threads of a task that ends are at: no stack is needed for it. */
static void
end_spinning(void)
{
	for (;;) {
	}
}

static void
end_waiting(void)
{
	for (;;) {
		thread_switch(MACH_PORT_NULL, SWITCH_OPTION_WAIT, 100000);
	}
}

static mach_port_t
end_thread(mach_port_t task, void (*fn)(void), char *stack_end)
{
	struct i386_thread_state state;
	mach_msg_type_number_t count = i386_THREAD_STATE_COUNT;
	mach_port_t thread;

	need("thread", thread_create(task, &thread));
	need("get", thread_get_state(thread, i386_THREAD_STATE,
	    (thread_state_t)&state, &count));
	state.eip = (unsigned)fn;
	state.uesp = (unsigned)stack_end - 16;
	need("set", thread_set_state(thread, i386_THREAD_STATE,
	    (thread_state_t)&state, count));
	need("resume", thread_resume(thread));
	return thread;
}

static bool
is_dead(mach_port_t name)
{
	mach_port_type_t type = 0;

	need("type", mach_port_type(rt_task, name, &type));
	mach_port_deallocate(rt_task, name);
	return type == MACH_PORT_TYPE_DEAD_NAME;
}

/* When task_terminate() returns, all that there was of the task is dead. */
static void
test_ended(void)
{
	static char stacks[2][4096] __attribute__((aligned(16)));
	mach_msg_type_name_t type;
	unsigned alive = 0;

	for (unsigned i = 0; i < 30; i++) {
		mach_port_t task = new_task(TRUE);
		mach_port_t names[4];

		names[0] = end_thread(task, end_spinning, stacks[1]);
		names[1] = end_thread(task, end_waiting, stacks[2]);
		need("port", mach_port_allocate_name(task,
		    MACH_PORT_RIGHT_RECEIVE, 0x50000));
		need("extract", mach_port_extract_right(task, 0x50000,
		    MACH_MSG_TYPE_MAKE_SEND, &names[2], &type));
		names[3] = task;
		if (i % 3 == 0) {
			rt_sleep(10);
		}
		need("terminate", task_terminate(task));
		for (unsigned j = 0; j < 4; j++) {
			alive += !is_dead(names[j]);
		}
	}
	want_number("still alive", alive, 0);
}

/* Many tasks with memory and ports: all gone in the end. */
static void
test_many(void)
{
	mach_port_t tasks[50];
	mach_port_t port = rt_port();
	mach_port_status_t status;

	for (unsigned i = 0; i < 50; i++) {
		vm_offset_t addr = 0;

		tasks[i] = new_task(i & 1);
		need("vm_allocate", vm_allocate(tasks[i], &addr, 65536,
		    TRUE));
		need("insert", mach_port_insert_right(tasks[i], 0x50000, port,
		    MACH_MSG_TYPE_MAKE_SEND));
	}
	for (unsigned i = 0; i < 50; i++) {
		need("terminate", task_terminate(tasks[i]));
		need("deallocate", mach_port_deallocate(rt_task, tasks[i]));
	}
	need("deallocate", mach_port_deallocate(rt_task, port));
	need("status", mach_port_get_receive_status(rt_task, port, &status));
	rt_printf("senders are left: %d", status.mps_srights);
	mach_port_destroy(rt_task, port);
}

void
test(void)
{
	test_create();
	test_inheritance();
	test_suspend();
	test_info();
	test_special();
	test_registered();
	test_emulation();
	test_names();
	test_ended();
	test_many();
}
