/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Attacks by several threads at once: rights for tasks that die and whose
 * memory is used for others, messages that change while they are sent, memory
 * that goes away under what is copied.  Which answers come is luck; that no
 * right is lost or left over, and that nobody gets at another task, is not.
 */

#include "exact.h"

#include <mach/machine/thread_status.h>

#include "mach_host_user.h"
#include "mach_user.h"

#define P		vm_page_size
#define PAGE_AT		0x20000000u
#define SHARED_AT	0x30000000u
#define SLOTS		8u
#define MAKERS		2u
#define USERS		3u
#define TASKS		1200u
#define ROUNDS		4000u
#define LEFT		(16u << 20)
#define WORDS		200u

struct message {
	mach_msg_header_t head;
	uint32_t words[WORDS];
};

static struct message msg;
static mach_port_t witness;
static mach_port_t queue;
static volatile bool stop;
static volatile unsigned ended;
static mach_port_t workers[MAKERS + USERS];
static unsigned worker_count;

static mach_msg_return_t
send(struct message *m, mach_port_t dest, unsigned words)
{
	rt_header(&m->head,
	    MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND, 0) | MACH_MSGH_BITS_COMPLEX,
	    sizeof(m->head) + words * 4, dest, MACH_PORT_NULL, 1);
	return mach_msg_trap(&m->head, MACH_SEND_MSG | MACH_SEND_TIMEOUT,
	    m->head.msgh_size, 0, 0, 0, 0);
}

static uint32_t
next_random(uint32_t *seed)
{
	*seed = *seed * 1664525u + 1013904223u;
	return *seed >> 8;
}

static void
end_worker(void)
{
	__atomic_fetch_add(&ended, 1, __ATOMIC_SEQ_CST);
	rt_thread_exit();
}

static void
start_worker(void (*fn)(void *), unsigned number)
{
	workers[worker_count++] =
	    rt_thread_create(fn, (void *)(uintptr_t)number);
}

static void
wait_ended(void)
{
	stop = true;
	while (ended < worker_count) {
		rt_sleep(10);
	}
	while (worker_count > 0) {
		mach_port_t thread = workers[--worker_count];
		mach_port_type_t type = 0;

		/* It has named itself as well. */
		while (type != MACH_PORT_TYPE_DEAD_NAME) {
			rt_sleep(1);
			mach_port_type(rt_task, thread, &type);
		}
		mach_port_destroy(rt_task, thread);
	}
	ended = 0;
	stop = false;
}

/* ---- what we had before ---- */

struct names {
	mach_port_name_array_t names;
	mach_port_type_array_t types;
	mach_msg_type_number_t count;
	mach_msg_type_number_t type_count;
};

static void
get_names(struct names *n)
{
	need("names", mach_port_names(rt_task, &n->names, &n->count, &n->types,
			  &n->type_count));
}

static void
free_names(struct names *n)
{
	vm_deallocate(
	    rt_task, (vm_offset_t)n->names, n->count * sizeof(*n->names));
	vm_deallocate(
	    rt_task, (vm_offset_t)n->types, n->type_count * sizeof(*n->types));
}

/*
 * Destroy the ports without send rights that are not in OLD: reply ports of
 * threads that are gone, and others whose names were lost.
 */
static unsigned
destroy_new(const struct names *old)
{
	struct names now;
	unsigned found = 0;

	get_names(&now);
	for (unsigned i = 0; i < now.count; i++) {
		bool known = now.types[i] != MACH_PORT_TYPE_RECEIVE;

		for (unsigned j = 0; j < old->count && !known; j++) {
			known = old->names[j] == now.names[i];
		}
		if (!known) {
			found++;
			mach_port_destroy(rt_task, now.names[i]);
		}
	}
	free_names(&now);
	return found;
}

/* ---- tasks that die ---- */

/*
 * SERIAL is written last when a task is there, and first when its name goes;
 * DEAD is the serial of the last one whose end was answered with success.
 */
static struct slot {
	volatile mach_port_t task;
	volatile mach_port_t thread;
	volatile uint32_t serial;
	volatile uint32_t dead;
} slots[SLOTS];
static volatile uint32_t made;
static volatile unsigned answered_dead;
static volatile unsigned wrong_task;
static volatile unsigned calls_alive;
static volatile unsigned calls_dead;

/* The page of the new task says which it is. */
static bool
mark_task(mach_port_t task, uint32_t serial)
{
	vm_offset_t at = PAGE_AT;
	vm_offset_t page = 0;
	bool good;

	if (vm_allocate(rt_task, &page, P, TRUE) != KERN_SUCCESS) {
		return false;
	}
	*(uint32_t *)page = serial;
	good = vm_allocate(task, &at, P, FALSE) == KERN_SUCCESS &&
	       vm_write(task, PAGE_AT, page, P) == KERN_SUCCESS;
	vm_deallocate(rt_task, page, P);
	return good;
}

static void
make_task(struct slot *slot)
{
	uint32_t serial = __atomic_add_fetch(&made, 1, __ATOMIC_SEQ_CST);
	mach_port_t task;
	mach_port_t thread;

	if (task_create(rt_task, FALSE, &task) != KERN_SUCCESS) {
		return;
	}
	if (thread_create(task, &thread) != KERN_SUCCESS) {
		thread = MACH_PORT_NULL;
	}
	if (!mark_task(task, serial)) {
		task_terminate(task);
	}
	slot->task = task;
	slot->thread = thread;
	__atomic_store_n(&slot->serial, serial, __ATOMIC_SEQ_CST);
}

static void
forget_task(struct slot *slot)
{
	mach_port_t task = slot->task;
	mach_port_t thread = slot->thread;

	__atomic_store_n(&slot->serial, 0, __ATOMIC_SEQ_CST);
	slot->task = MACH_PORT_NULL;
	slot->thread = MACH_PORT_NULL;
	mach_port_deallocate(rt_task, task);
	mach_port_deallocate(rt_task, thread);
}

static void
end_task(struct slot *slot)
{
	uint32_t serial = slot->serial;

	/* Anybody else may have ended it, too. */
	task_terminate(slot->task);
	__atomic_store_n(&slot->dead, serial, __ATOMIC_SEQ_CST);
}

static void
maker(void *arg)
{
	unsigned first = (unsigned)(uintptr_t)arg;
	uint32_t seed = first + 1;

	while (made < TASKS) {
		struct slot *slot = &slots[first +
			MAKERS * (next_random(&seed) % (SLOTS / MAKERS))];

		if (slot->serial == 0) {
			make_task(slot);
		} else if (slot->dead != slot->serial) {
			end_task(slot);
		} else {
			forget_task(slot);
		}
	}
	end_worker();
}

/* Read the page of TASK: is it that of SERIAL? */
static kern_return_t
read_mark(struct slot *slot, mach_port_t task, uint32_t serial)
{
	vm_offset_t data;
	mach_msg_type_number_t count;
	kern_return_t kr = vm_read(task, PAGE_AT, P, &data, &count);

	if (kr == KERN_SUCCESS) {
		if (*(uint32_t *)data != serial && slot->serial == serial) {
			wrong_task++;
		}
		vm_deallocate(rt_task, data, count);
	}
	return kr;
}

static void
give_back(const mach_port_t *ports, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		mach_port_deallocate(rt_task, ports[i]);
	}
}

/* Rights for what may be dead go through a queue, in and out of line. */
static kern_return_t
pass_on(mach_port_t task, mach_port_t thread)
{
	mach_port_t list[2] = { task, thread };
	struct message m;

	m.words[0] = rt_type_word(MACH_MSG_TYPE_COPY_SEND, 32, 2, false, false);
	m.words[1] = (uint32_t)list;
	m.words[2] = rt_type_word(MACH_MSG_TYPE_COPY_SEND, 32, 1, true, false);
	m.words[3] = task;
	if (send(&m, queue, 4) == MACH_SEND_TIMED_OUT) {
		/* The queue is full: we got them back. */
		give_back((mach_port_t *)m.words[1], 2);
		vm_deallocate(rt_task, m.words[1], sizeof(list));
		give_back(&m.words[3], 1);
	}
	return KERN_FAILURE;
}

static kern_return_t
make_child(mach_port_t task)
{
	mach_port_t child;
	kern_return_t kr = task_create(task, TRUE, &child);

	if (kr == KERN_SUCCESS) {
		task_terminate(child);
		mach_port_deallocate(rt_task, child);
	}
	return kr;
}

static kern_return_t
make_thread(mach_port_t task)
{
	mach_port_t thread;
	kern_return_t kr = thread_create(task, &thread);

	if (kr == KERN_SUCCESS) {
		thread_set_special_port(
		    thread, THREAD_EXCEPTION_PORT, witness);
		thread_terminate(thread);
		mach_port_deallocate(rt_task, thread);
	}
	return kr;
}

/* What would go on with a task that is gone. */
static kern_return_t
use_thread(mach_port_t thread, uint32_t random)
{
	struct i386_thread_state state;
	mach_msg_type_number_t count = i386_THREAD_STATE_COUNT;

	if (random % 2 == 0) {
		thread_get_state(thread, i386_THREAD_STATE,
		    (thread_state_t)&state, &count);
		return thread_set_special_port(
		    thread, THREAD_EXCEPTION_PORT, witness);
	}
	thread_abort(thread);
	thread_resume(thread);
	return thread_suspend(thread);
}

static kern_return_t
use_task(struct slot *slot, mach_port_t task, uint32_t serial, uint32_t random)
{
	mach_port_t list[1] = { witness };
	vm_offset_t at = 0;

	switch (random % 10) {
	case 0:
	case 1:
		return read_mark(slot, task, serial);
	case 2:
		return vm_allocate(task, &at, P, TRUE);
	case 3:
		return mach_port_insert_right(task, 0x1000 + random % 0x7000,
		    witness, MACH_MSG_TYPE_COPY_SEND);
	case 4:
		return task_set_special_port(
		    task, TASK_BOOTSTRAP_PORT, witness);
	case 5:
		return make_thread(task);
	case 6:
		return mach_ports_register(task, list, 1);
	case 7:
		return make_child(task);
	case 8:
		return pass_on(task, slot->thread);
	default:
		return use_thread(slot->thread, random / 16);
	}
}

static void
user(void *arg)
{
	uint32_t seed = (uint32_t)(uintptr_t)arg * 77 + 5;

	while (!stop) {
		struct slot *slot = &slots[next_random(&seed) % SLOTS];
		uint32_t serial = slot->serial;
		mach_port_t task = slot->task;
		bool dead = slot->dead == serial;
		kern_return_t kr;

		if (serial == 0 || slot->serial != serial) {
			continue;
		}
		kr = use_task(slot, task, serial, next_random(&seed));
		if (dead) {
			calls_dead++;
			answered_dead += kr == KERN_SUCCESS &&
					 slot->serial == serial;
		} else {
			calls_alive++;
		}
		if (next_random(&seed) % 16 == 0) {
			exact_drain(queue);
		}
	}
	end_worker();
}

static void
dead_tasks(void)
{
	struct exact before = exact_count(witness);
	struct names names;

	get_names(&names);
	for (unsigned i = 0; i < USERS; i++) {
		start_worker(user, i);
	}
	for (unsigned i = 0; i < MAKERS; i++) {
		start_worker(maker, i);
	}
	while (ended < MAKERS) {
		rt_sleep(20);
	}
	wait_ended();
	for (unsigned i = 0; i < SLOTS; i++) {
		if (slots[i].serial != 0) {
			end_task(&slots[i]);
			forget_task(&slots[i]);
		}
	}
	exact_drain(queue);
	destroy_new(&names);
	free_names(&names);
	rt_printf("# %u calls to the living, %u to the dead", calls_alive,
	    calls_dead);
	want_number("dead tasks that answered", (long)answered_dead, 0);
	want_number("another task's memory", (long)wrong_task, 0);
	want_number("rights",
	    exact_same("dead tasks", witness, &before), true);
}

/* ---- messages that change ---- */

static struct message *shared;
static mach_port_t *shared_list;

/* Descriptors, names in line and names out of line. */
static void
changer(void *arg)
{
	static const uint8_t kinds[] = { MACH_MSG_TYPE_COPY_SEND,
		MACH_MSG_TYPE_MAKE_SEND, MACH_MSG_TYPE_MAKE_SEND_ONCE,
		MACH_MSG_TYPE_INTEGER_32 };
	uint32_t seed = 9;

	while (!stop) {
		volatile uint32_t *w = shared->words;
		uint32_t r = next_random(&seed);

		w[0] = rt_type_word(
		    kinds[r % 4], r % 64 == 0 ? 8 : 32, r / 4 % 3, true, false);
		w[1] = r % 20 == 0 ? 0x1234 : witness;
		w[2] = rt_type_word(kinds[r / 8 % 3], 32, 8 + r % 8, false, false);
		shared_list[r % 16] = r % 40 == 0 ? 0x1234 : witness;
		shared_list[r / 16 % 16] = witness;
		w[3] = r % 61 == 0 ? 0xc0100000 : (uint32_t)shared_list;
	}
	end_worker();
}

static void
changed_messages(void)
{
	static struct message buffer;
	static mach_port_t list[16];
	struct exact before = exact_count(witness);
	struct names names;
	unsigned sent = 0;

	shared = &buffer;
	shared_list = list;
	for (unsigned i = 0; i < 16; i++) {
		list[i] = witness;
	}
	get_names(&names);
	start_worker(changer, 0);
	for (unsigned i = 0; i < ROUNDS; i++) {
		sent += send(&buffer, queue, 4) == MACH_MSG_SUCCESS;
		exact_drain(queue);
		if (i % 64 == 0) {
			swtch();
		}
	}
	wait_ended();
	destroy_new(&names);
	free_names(&names);
	rt_printf("# %u of %u changing messages sent", sent, ROUNDS);
	want_number("changed messages",
	    exact_same("changed messages", witness, &before), true);
}

/* ---- memory that goes away ---- */

/* Takes the page away and brings it back, in several ways. */
static void
unmapper(void *arg)
{
	uint32_t seed = 3;

	while (!stop) {
		vm_offset_t at = SHARED_AT;

		if (next_random(&seed) % 2 == 0) {
			vm_deallocate(rt_task, at, P);
			vm_allocate(rt_task, &at, P, FALSE);
		} else {
			vm_protect(rt_task, at, P, FALSE,
			    next_random(&seed) % 2 == 0 ? VM_PROT_READ
							: VM_PROT_NONE);
			vm_protect(rt_task, at, P, FALSE, VM_PROT_DEFAULT);
		}
	}
	end_worker();
}

/* To the page that goes, a message with rights in line and out of line. */
static unsigned
receive_there(void)
{
	static mach_port_t list[4];
	mach_msg_return_t mr;

	for (unsigned i = 0; i < 4; i++) {
		list[i] = witness;
	}
	msg.words[0] = rt_type_word(MACH_MSG_TYPE_MAKE_SEND, 32, 1, true, false);
	msg.words[1] = witness;
	msg.words[2] = rt_type_word(
	    MACH_MSG_TYPE_MAKE_SEND, 32, 4, false, false);
	msg.words[3] = (uint32_t)list;
	if (send(&msg, queue, 4) != MACH_MSG_SUCCESS) {
		return 1;
	}
	mr = mach_msg_trap((mach_msg_header_t *)SHARED_AT,
	    MACH_RCV_MSG | MACH_RCV_TIMEOUT, 0, sizeof(msg), queue, 0, 0);
	return mr != MACH_MSG_SUCCESS && mr != MACH_RCV_INVALID_DATA;
}

/* From there: names and memory out of line, to be deallocated or not. */
static void
send_from_there(uint32_t random)
{
	msg.words[0] = rt_type_word(random % 2 == 0 ? MACH_MSG_TYPE_COPY_SEND
						 : MACH_MSG_TYPE_INTEGER_32,
	    32, 64, false, random / 2 % 4 == 0);
	msg.words[1] = SHARED_AT + 256;
	send(&msg, queue, 2);
	exact_drain(queue);
	mach_msg_trap((mach_msg_header_t *)SHARED_AT,
	    MACH_SEND_MSG | MACH_SEND_TIMEOUT, 64, 0, 0, 0, 0);
}

/* Results of traps that go there; returns how many ports were made. */
static unsigned
results_there(void)
{
	volatile uint32_t *there = (uint32_t *)SHARED_AT;
	unsigned ports;

	ports = syscall_mach_port_allocate(rt_task, MACH_PORT_RIGHT_RECEIVE,
	    (mach_port_t *)(there + 8)) == KERN_SUCCESS;
	syscall_vm_allocate(rt_task, (vm_offset_t *)(there + 4), 0, TRUE);
	return ports;
}

static void
unmapped_memory(void)
{
	struct exact before = exact_count(witness);
	struct names names;
	vm_offset_t at = SHARED_AT;
	mach_port_urefs_t refs;
	unsigned surprises = 0;
	unsigned ports = 0;
	uint32_t seed = 1;

	need("page", vm_allocate(rt_task, &at, P, FALSE));
	get_names(&names);
	start_worker(unmapper, 0);
	/* What comes out of line stays: where, is on the page that goes. */
	for (unsigned i = 0; i < LEFT / P; i++) {
		surprises += receive_there();
		send_from_there(next_random(&seed));
		ports += results_there();
		exact_drain(queue);
		if (i % 64 == 0) {
			swtch();
		}
	}
	wait_ended();
	want_number("unmapped memory: surprises", (long)surprises, 0);
	/* The other is the worker's reply port. */
	want_number("  ports without name",
	    (long)destroy_new(&names) - (long)ports, 1);
	free_names(&names);
	vm_deallocate(rt_task, SHARED_AT, P);
	/* Rights that came into the page are ours, whoever knows it. */
	need("refs", mach_port_get_refs(rt_task, witness, MACH_PORT_RIGHT_SEND,
			 &refs));
	rt_printf("# %u references, %u ports", refs, ports);
	mach_port_mod_refs(rt_task, witness, MACH_PORT_RIGHT_SEND,
	    (mach_port_delta_t)before.refs - (mach_port_delta_t)refs);
	want_number("  rights",
	    exact_same("unmapped memory", witness, &before), true);
}

void
test(void)
{
	rt_printf("own");
	if (rt_on_gnumach) {
		return;
	}
	witness = rt_port();
	queue = rt_port();
	dead_tasks();
	changed_messages();
	unmapped_memory();
}
