/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Rights that a call is given and fails with are neither kept nor lost.
 *
 * Every routine, by the table of stubs, is called on an object of every kind
 * with a fresh port for each right in its body, and with several numbers for
 * the rest.  After a failure our own send right must be the only one: if there
 * are none, the kernel has dropped one too many; if there are some after ours is
 * gone, it has kept one.
 */

#include "fuzz.h"

#include "device_user.h"
#include "mach_host_user.h"
#include "mach_port_user.h"
#include "mach_user.h"

#define ARGUMENTS	14
#define TARGETS		12
#define ROOM		16384

static mach_port_t targets[TARGETS];
static unsigned target_count;
static char rooms[ARGUMENTS][ROOM];
static char more[ROOM];
static unsigned calls;
static unsigned failures;

/* These wait, end the run, or take away what the next ones need. */
static bool
is_left_out(const char *name)
{
	static const char *const names[] = {
		"host_reboot",
		"gsync_wait",
		"device_read",
		"device_read_inband",
		"device_read_request",
		"device_read_request_inband",
		"processor_assign",
		"processor_exit",
		"task_assign",
		"thread_assign",
		"vm_set_default_memory_manager",
		"processor_set_tasks",
		"processor_set_threads",
		"processor_set_destroy",
		"thread_set_state",
		"thread_policy",
		"vm_deallocate",
		"vm_map",
	};

	for (unsigned i = 0; i < sizeof(names) / sizeof(*names); i++) {
		if (strcmp(name, names[i]) == 0) {
			return true;
		}
	}
	return false;
}

typedef int (*stub_t)(uint32_t, uint32_t, uint32_t, uint32_t, uint32_t,
    uint32_t, uint32_t, uint32_t, uint32_t, uint32_t, uint32_t, uint32_t,
    uint32_t, uint32_t);

/* Room for anything that comes back; arrays may point to more room. */
static uint32_t
argument(char kind, unsigned i, mach_port_t port, uint32_t number)
{
	switch (kind) {
	case 'P':
	case 'N':
		return port;
	case 'd':
		((uint32_t *)rooms[i])[0] = port;
		((uint32_t *)rooms[i])[1] = 0;
		return (uint32_t)rooms[i];
	case 'p':
		((uint32_t *)rooms[i])[0] = (uint32_t)more;
		return (uint32_t)rooms[i];
	case 'a':
		return 0x20000000;
	case 'z':
		return FUZZ_PAGE;
	default:
		return number;
	}
}

static bool
has_senders(mach_port_t port)
{
	mach_port_status_t status;

	return mach_port_get_receive_status(rt_task, port, &status) ==
		   KERN_SUCCESS &&
	       status.mps_srights;
}

static void
try_call(const struct fuzz_call *call, mach_port_t target, uint32_t number)
{
	mach_port_t port = rt_port();
	uint32_t a[ARGUMENTS] = { target };
	int code;

	for (unsigned i = 1; i < ARGUMENTS && call->kinds[i] != '\0'; i++) {
		a[i] = argument(call->kinds[i], i, port, number);
	}
	code = ((stub_t)call->stub)(a[0], a[1], a[2], a[3], a[4], a[5], a[6],
	    a[7], a[8], a[9], a[10], a[11], a[12], a[13]);
	calls++;
	/* 17 may have been taken for a disposition: to move it. */
	if (number != MACH_MSG_TYPE_MOVE_SEND && !has_senders(port)) {
		rt_printf("FAIL %s: one right too many dropped, code %d",
		    call->name, code);
	}
	mach_port_deallocate(rt_task, port);
	if (code != KERN_SUCCESS) {
		failures++;
		if (has_senders(port)) {
			rt_printf(
			    "FAIL %s: a right kept, code %d", call->name, code);
		}
	}
	mach_port_mod_refs(rt_task, port, MACH_PORT_RIGHT_RECEIVE, -1);
	mach_port_destroy(rt_task, port);
}

static void
add_target(mach_port_t port)
{
	if (target_count < TARGETS && MACH_PORT_VALID(port)) {
		targets[target_count++] = port;
	}
}

static void
add_targets(void)
{
	mach_port_t task;
	mach_port_t thread;
	mach_port_t name = MACH_PORT_NULL;
	mach_port_t set = MACH_PORT_NULL;
	mach_port_t device = MACH_PORT_NULL;
	processor_array_t list;
	mach_msg_type_number_t count;

	target_count = 0;
	need("task", task_create(rt_task, FALSE, &task));
	need("thread", thread_create(task, &thread));
	add_target(task);
	add_target(thread);
	add_target(mach_host_self());
	add_target(rt_host_priv);
	add_target(rt_device_master);
	device_open(rt_device_master, 3, (char *)"irq", &device);
	add_target(device);
	processor_set_default(mach_host_self(), &name);
	add_target(name);
	processor_set_create(rt_host_priv, &set, &name);
	add_target(set);
	if (host_processors(rt_host_priv, &list, &count) == KERN_SUCCESS) {
		add_target(list[0]);
	}
}

void
fuzz_rights(void)
{
	static const uint32_t numbers[] = {
		0,
		1,
		2,
		3,
		7,
		17,
		18,
		70,
		72,
		0x7fffffff,
		0xffffffff,
	};

	for (unsigned i = 0; i < fuzz_call_count; i++) {
		if (is_left_out(fuzz_calls[i].name)) {
			continue;
		}
		add_targets();
		for (unsigned t = 0; t < target_count; t++) {
			for (unsigned n = 0; n < sizeof(numbers) / 4; n++) {
				try_call(
				    &fuzz_calls[i], targets[t], numbers[n]);
			}
		}
		task_terminate(targets[0]);
	}
	rt_printf("# %u calls, %u of them failed", calls, failures);
}
