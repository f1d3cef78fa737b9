/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Notifications, answers and requests to pagers that only the kernel may make,
 * sent by a user to every kind of port of the kernel's.  Nothing may happen:
 * each port still stands for the same object, that object still works, and all
 * rights are where they were; those in the messages are gone.
 */

#include "exact.h"

#include <device/device_types.h>
#include <mach/machine/thread_status.h>
#include <mach/notify.h>

#include "device_user.h"
#include "mach4_user.h"
#include "mach_host_user.h"
#include "mach_user.h"
#include "new_mach_i386_user.h"

#define P		vm_page_size
#define TARGETS		16
#define STACK		4096
#define MEMORY_OBJECT_FIRST 2200
#define MEMORY_OBJECT_LAST 2211
#define EXC_RAISE	2400
#define DEVICE_ANSWER	2901

static struct target {
	const char *name;
	mach_port_t port;
	unsigned type;
	vm_offset_t object;
} targets[TARGETS];
static unsigned target_count;
static mach_port_t task;
static mach_port_t thread;
static mach_port_t pager;
static mach_port_t witness;

/* What is in the body of a message. */
enum body { NOTHING, NUMBER, RECEIVE, SEND, ONCE, REGION, BODIES };

static struct {
	mach_msg_header_t head;
	uint32_t words[32];
} msg;

static void
add(const char *name, mach_port_t port)
{
	struct target *t = &targets[target_count++];

	t->name = name;
	t->port = port;
	if (new_mach_port_kernel_object(rt_task, port, &t->type,
		&t->object) != KERN_SUCCESS || t->type == 0) {
		rt_printf("FAIL %s: stands for nothing", name);
	}
}

static mach_port_t
open_device(const char *name)
{
	mach_port_t device = MACH_PORT_NULL;

	need("open", device_open(rt_device_master, D_READ | D_WRITE,
			 (char *)name, &device));
	return device;
}

static void
add_memory(void)
{
	mach_port_t proxy;
	mach_port_t shown;
	vm_offset_t at = 0;

	need("proxy", vm_region_create_proxy(rt_task, (vm_offset_t)&msg & -P,
			  VM_PROT_READ, P, &proxy));
	add("proxy", proxy);
	need("device's memory", device_map(open_device("time"), VM_PROT_READ,
				    0, P, &shown, 0));
	add("device's memory", shown);
	pager = rt_port();
	need("map", vm_map(rt_task, &at, P, 0, TRUE, pager, 0, FALSE,
			VM_PROT_DEFAULT, VM_PROT_ALL, VM_INHERIT_NONE));
	need("init", rt_receive(&msg.head, sizeof(msg), pager, 1000));
	add("memory control", msg.words[1]);
	add("memory name", msg.words[3]);
}

static void
add_targets(void)
{
	mach_port_t name;
	mach_port_t control;
	mach_port_t perm;
	processor_array_t list;
	mach_msg_type_number_t count;

	need("task", task_create(rt_task, FALSE, &task));
	need("thread", thread_create(task, &thread));
	add("task", task);
	add("thread", thread);
	add("host", mach_host_self());
	add("host's control", rt_host_priv);
	add("devices", rt_device_master);
	need("set", processor_set_create(rt_host_priv, &control, &name));
	add("set", control);
	add("set's name", name);
	need("list", host_processors(rt_host_priv, &list, &count));
	add("processor", list[0]);
	add("irq", open_device("irq"));
	add("time", open_device("time"));
	add("console", open_device("console"));
	need("ports", new_i386_io_perm_create(rt_device_master, 0x300, 0x301,
			  &perm));
	add("I/O ports", perm);
	add_memory();
}

/* Every object still does its work. */
static void
objects_work(void)
{
	struct task_basic_info info;
	mach_msg_type_number_t count = TASK_BASIC_INFO_COUNT;
	dev_status_data_t status;
	boolean_t ready;
	boolean_t cache;
	memory_object_copy_strategy_t strategy;
	vm_offset_t at = 0;
	mach_port_t assigned;

	want("task", task_info(task, TASK_BASIC_INFO, (task_info_t)&info,
			 &count), KERN_SUCCESS);
	want_number("  suspended", info.suspend_count, 0);
	want("thread", thread_suspend(thread), KERN_SUCCESS);
	want("  resume", thread_resume(thread), KERN_SUCCESS);
	want("set", task_assign(task, targets[5].port, FALSE), KERN_SUCCESS);
	want("  back", task_assign_default(task, FALSE), KERN_SUCCESS);
	want("processor", processor_get_assignment(targets[7].port, &assigned),
	    KERN_SUCCESS);
	mach_port_deallocate(rt_task, assigned);
	count = DEV_STATUS_MAX;
	want("time", device_get_status(targets[9].port, DEV_GET_SIZE, status,
			 &count), D_SUCCESS);
	want("I/O ports", new_i386_io_perm_modify(task, targets[11].port, TRUE),
	    KERN_SUCCESS);
	want("proxy", vm_map(rt_task, &at, P, 0, TRUE, targets[12].port, 0,
			  FALSE, VM_PROT_READ, VM_PROT_READ, VM_INHERIT_NONE),
	    KERN_SUCCESS);
	vm_deallocate(rt_task, at, P);
	at = 0;
	want("device's memory", vm_map(rt_task, &at, P, 0, TRUE,
				    targets[13].port, 0, FALSE, VM_PROT_READ,
				    VM_PROT_READ, VM_INHERIT_NONE),
	    KERN_SUCCESS);
	vm_deallocate(rt_task, at, P);
	want("memory control", memory_object_get_attributes(targets[14].port,
				   &ready, &cache, &strategy), KERN_SUCCESS);
	want_number("  ready", ready, FALSE);
}

/* Put BODY, with RIGHT, into the message; returns how many words. */
static unsigned
put_body(enum body body, mach_port_t right)
{
	static mach_port_t list[2];
	static const uint8_t kinds[BODIES] = {
		[NUMBER] = MACH_MSG_TYPE_INTEGER_32,
		[RECEIVE] = MACH_MSG_TYPE_MOVE_RECEIVE,
		[SEND] = MACH_MSG_TYPE_COPY_SEND,
		[ONCE] = MACH_MSG_TYPE_MAKE_SEND_ONCE,
		[REGION] = MACH_MSG_TYPE_COPY_SEND,
	};
	mach_msg_type_t type = rt_type(kinds[body], 32, body == REGION ? 2 : 1,
	    body != REGION, false);

	list[0] = right;
	list[1] = right;
	memcpy(msg.words, &type, sizeof(type));
	msg.words[1] = body == NUMBER ? 1 : body == REGION ? (uint32_t)list
							   : right;
	/* A pager is told of two rights and a size. */
	memcpy(&msg.words[2], &msg.words[0], 8);
	return body == NOTHING ? 0 : body == SEND || body == ONCE ? 4 : 2;
}

static mach_msg_return_t
send_forged(mach_port_t to, unsigned disposition, mach_msg_id_t id,
    enum body body, mach_port_t right, bool with_reply)
{
	unsigned words = put_body(body, right);

	rt_header(&msg.head,
	    MACH_MSGH_BITS(disposition,
		with_reply ? MACH_MSG_TYPE_MAKE_SEND_ONCE : 0) |
		(body > NUMBER ? MACH_MSGH_BITS_COMPLEX : 0),
	    sizeof(msg.head) + words * 4, to,
	    with_reply ? witness : MACH_PORT_NULL, id);
	return mach_msg(&msg.head, MACH_SEND_MSG | MACH_SEND_TIMEOUT,
	    msg.head.msgh_size, 0, 0, 1000, 0);
}

/* One of each body; a receive right that goes along is destroyed. */
static void
forge(struct target *t, mach_msg_id_t id, unsigned *bad)
{
	for (enum body body = NOTHING; body < BODIES; body++) {
		mach_port_t moved = rt_port();
		mach_port_type_t type = 0;

		*bad += send_forged(t->port, MACH_MSG_TYPE_COPY_SEND, id, body,
			    body == RECEIVE ? moved : witness,
			    body == SEND) != MACH_MSG_SUCCESS;
		mach_port_type(rt_task, moved, &type);
		if (body == RECEIVE) {
			*bad += type != MACH_PORT_TYPE_DEAD_NAME;
		}
		mach_port_destroy(rt_task, moved);
	}
}

static void
forge_all(struct target *t)
{
	struct exact before = exact_count(witness);
	mach_port_urefs_t refs = 0;
	mach_port_urefs_t refs_after = 0;
	vm_offset_t object;
	unsigned type;
	unsigned bad = 0;

	mach_port_get_refs(rt_task, t->port, MACH_PORT_RIGHT_SEND, &refs);
	for (mach_msg_id_t id = MACH_NOTIFY_FIRST; id <= MACH_NOTIFY_LAST;
	     id++) {
		forge(t, id, &bad);
	}
	for (mach_msg_id_t id = MEMORY_OBJECT_FIRST; id <= MEMORY_OBJECT_LAST;
	     id++) {
		forge(t, id, &bad);
	}
	forge(t, EXC_RAISE, &bad);
	forge(t, EXC_RAISE + 100, &bad);
	forge(t, DEVICE_ANSWER, &bad);
	want_number(t->name, (long)bad, 0);
	exact_same(t->name, witness, &before);
	mach_port_get_refs(rt_task, t->port, MACH_PORT_RIGHT_SEND, &refs_after);
	want_number("  references", (long)refs_after - (long)refs, 0);
	want("  object", new_mach_port_kernel_object(rt_task, t->port, &type,
			   &object), KERN_SUCCESS);
	want_number("  the same", type == t->type && object == t->object, 1);
}

/* ---- the port on which the kernel waits for an exception's end ---- */

static char stack[STACK] __attribute__((aligned(16)));

static void
fault(void)
{
	__asm__ volatile("ud2");
}

/* A thread of a new task that raises an exception; its port gets that. */
static mach_port_t
start_fault(mach_port_t port)
{
	struct i386_thread_state state;
	mach_msg_type_number_t count = i386_THREAD_STATE_COUNT;
	mach_port_t child;
	mach_port_t first;

	need("task", task_create(rt_task, TRUE, &child));
	need("thread", thread_create(child, &first));
	need("port", task_set_special_port(child, TASK_EXCEPTION_PORT, port));
	need("get", thread_get_state(first, i386_THREAD_STATE,
			(thread_state_t)&state, &count));
	state.eip = (uint32_t)fault;
	state.uesp = (uint32_t)(stack + STACK - 64);
	need("set", thread_set_state(first, i386_THREAD_STATE,
			(thread_state_t)&state, count));
	need("resume", thread_resume(first));
	mach_port_deallocate(rt_task, first);
	return child;
}

/* A notification in place of the answer: as good as a bad answer. */
static void
forged_answers(void)
{
	mach_port_t port = rt_port();
	struct exact before = exact_count(witness);
	unsigned bad = 0;
	mach_port_t child;
	mach_port_t once;

	for (unsigned i = MACH_NOTIFY_FIRST; i <= MACH_NOTIFY_LAST + 1; i++) {
		/* The last is the right one, with a body that is not. */
		mach_msg_id_t id = i <= MACH_NOTIFY_LAST ? i : EXC_RAISE + 100;

		for (enum body body = NOTHING; body < BODIES; body++) {
			mach_port_t moved = rt_port();

			child = start_fault(port);
			bad += rt_receive(&msg.head, sizeof(msg), port, 5000) !=
			       MACH_MSG_SUCCESS;
			once = msg.head.msgh_remote_port;
			mach_port_deallocate(rt_task, msg.words[1]);
			mach_port_deallocate(rt_task, msg.words[3]);
			bad += send_forged(once, MACH_MSG_TYPE_MOVE_SEND_ONCE,
				   id, body,
				   body == RECEIVE ? moved : witness,
				   false) != MACH_MSG_SUCCESS;
			task_terminate(child);
			mach_port_deallocate(rt_task, child);
			mach_port_destroy(rt_task, moved);
		}
	}
	want_number("answers to exceptions", (long)bad, 0);
	exact_same("answers", witness, &before);
	mach_port_destroy(rt_task, port);
}

void
test(void)
{
	rt_printf("own");
	if (rt_on_gnumach) {
		return;
	}
	witness = rt_port();
	add_targets();
	for (unsigned i = 0; i < target_count; i++) {
		forge_all(&targets[i]);
	}
	objects_work();
	forged_answers();
	task_terminate(task);
}
