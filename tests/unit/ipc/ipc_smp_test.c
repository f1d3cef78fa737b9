/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Several tasks, two threads each, on several processors: they send each other
 * rights and memory at random, destroy what they get, and are terminated in the
 * middle of it.  Every lock and reference is checked on the way, and nothing may
 * be left at the end.
 */

#include <tests/lib/test.h>
#include <tests/unit/ipc/ipc_msg.h>

#include <mach/message.h>
#include <mach/notify.h>
#include <machine/copyio.h>
#include <string.h>

#include <kernel/task.h>
#include <kernel/thread.h>
#include <mach_port_server.h>

#include <ipc/ipc_kmsg.h>
#include <ipc/ipc_port.h>
#include <ipc/ipc_right.h>
#include <ipc/ipc_space.h>
#include <ipc/ipc_special.h>
#include <ipc/mach_msg_trap.h>

#include <vm/vm_copy.h>
#include <vm/vm_map.h>

TEST_MACHINE(.cpus = 3, .memory_mib = 64);

#define TASKS 3
#define THREADS 2
#define POOL 24
#define ROUNDS 600

struct message {
	mach_msg_header_t head;
	mach_msg_type_t copy_type;
	mach_port_name_t copy[2];
	mach_msg_type_t move_type;
	mach_port_name_t move;
	mach_msg_type_t region_type;
	user_addr_t region;
};

/* One thread's own; it touches user memory by copyin and copyout only. */
struct actor {
	unsigned task;
	uint32_t seed;
	user_addr_t buffer;
	mach_port_name_t pool[POOL];
	struct message m;
};

static struct task *tasks[TASKS];
static struct actor actors[TASKS * THREADS];
static mach_port_name_t inbox[TASKS];
static mach_port_name_t peer[TASKS][TASKS];
static unsigned finished; /* [a] */

static uint32_t
draw(struct actor *self, uint32_t limit)
{
	self->seed = self->seed * 1664525u + 1013904223u;
	return (self->seed >> 8) % limit;
}

static mach_port_name_t *
slot(struct actor *self)
{
	return &self->pool[draw(self, POOL)];
}

/* A name to do anything with: seldom one that all the others live on. */
static mach_port_name_t
any(struct actor *self)
{
	mach_port_name_t name = *slot(self);

	if (name == inbox[self->task] && draw(self, 100) != 0) {
		return MACH_PORT_NULL;
	}
	for (unsigned t = 0; t < TASKS; t++) {
		if (name == peer[self->task][t] && draw(self, 10) != 0) {
			return MACH_PORT_NULL;
		}
	}
	return name;
}

static mach_msg_type_t
type_of(unsigned name, unsigned size, unsigned number, bool in_line,
    bool dealloc)
{
	return (mach_msg_type_t){
		.msgt_name = name & 0xff,
		.msgt_size = size & 0xff,
		.msgt_number = number & 0xfff,
		.msgt_inline = in_line,
		.msgt_deallocate = dealloc,
	};
}

static void
act_send(struct actor *self)
{
	static const mach_msg_option_t options[] = {
		0, 0, 0, MACH_SEND_NOTIFY, MACH_SEND_CANCEL,
	};
	struct message *m = &self->m;
	vm_offset_t region = 0;
	bool good = draw(self, 3) != 0;
	mach_port_name_t port = TEST_TRAP(sys_mach_reply_port());

	memset(m, 0, sizeof(*m));
	m->head.msgh_remote_port = draw(self, 4) == 0 ? any(self) :
	    peer[self->task][draw(self, TASKS)];
	m->head.msgh_local_port = good ? inbox[self->task] : any(self);
	m->head.msgh_bits = MACH_MSGH_BITS_COMPLEX |
	    MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND, good ?
	    MACH_MSG_TYPE_MAKE_SEND + draw(self, 2) :
	    MACH_MSG_TYPE_MOVE_SEND + draw(self, 5));
	m->copy_type = type_of(good ? MACH_MSG_TYPE_COPY_SEND :
	    MACH_MSG_TYPE_MOVE_SEND_ONCE + draw(self, 4), 32, 2, true, false);
	m->copy[0] = good ? peer[self->task][draw(self, TASKS)] :
	    any(self);
	m->copy[1] = draw(self, 2) == 0 ? MACH_PORT_NULL : m->copy[0];
	m->move_type = type_of(MACH_MSG_TYPE_MOVE_RECEIVE + (good ? 0 :
	    draw(self, 6)), 32, 1, true, false);
	m->move = good ? port : any(self);
	*slot(self) = port;
	m->region_type = type_of(MACH_MSG_TYPE_CHAR, 8, 100, false,
	    draw(self, 2) == 0);
	TEST_TRAP(vm_map_allocate(current_map(), &region, 4096, true));
	m->region = region;
	TEST_TRAP(copyout(m, self->buffer, sizeof(*m)));
	TEST_TRAP(world_msg(self->buffer, MACH_SEND_MSG |
	    MACH_SEND_TIMEOUT | options[draw(self, 5)], sizeof(*m), 0, 0,
	    draw(self, 30), any(self)));
	TEST_TRAP(vm_map_remove(current_map(), region, region + 4096));
}

static void
act_receive(struct actor *self)
{
	mach_port_name_t from = draw(self, 3) == 0 ? *slot(self) :
	    inbox[self->task];
	mach_msg_return_t mr;

	mr = TEST_TRAP(world_msg(self->buffer, MACH_RCV_MSG |
	    MACH_RCV_TIMEOUT | (draw(self, 4) == 0 ? MACH_RCV_NOTIFY : 0) |
	    (draw(self, 4) == 0 ? MACH_RCV_LARGE : 0), 0,
	    draw(self, 5) == 0 ? 40 : sizeof(self->m), from, draw(self, 30),
	    *slot(self)));
	if (mr != MACH_MSG_SUCCESS) {
		return;
	}
	TEST_TRAP(copyin(self->buffer, &self->m, sizeof(self->m)));
	*slot(self) = self->m.head.msgh_remote_port;
	if ((self->m.head.msgh_bits & MACH_MSGH_BITS_COMPLEX) != 0) {
		if (self->m.head.msgh_size < sizeof(self->m)) {
			return;
		}
		*slot(self) = self->m.copy[0];
		*slot(self) = self->m.copy[1];
		*slot(self) = self->m.move;
		TEST_TRAP(vm_map_remove(current_map(), self->m.region &
		    ~4095u, (self->m.region & ~4095u) + 4096));
	}
}

/* One trap: a thread that ends between two would lose the right. */
static int
request(mach_port_name_t name, mach_msg_id_t id, mach_port_name_t notify)
{
	struct ipc_port *sonce;
	struct ipc_port *previous;

	if (ipc_right_copyin(current_space(), notify,
	    MACH_MSG_TYPE_MAKE_SEND_ONCE, &sonce) != KERN_SUCCESS) {
		return 0;
	}
	if (S_mach_port_request_notification(current_space(), name, id, 0,
	    sonce, &previous) != KERN_SUCCESS) {
		previous = sonce;
	}
	ipc_port_release_sonce(previous);
	return 0;
}

static void
act_notify(struct actor *self)
{
	static const mach_msg_id_t ids[] = {
		MACH_NOTIFY_DEAD_NAME, MACH_NOTIFY_NO_SENDERS,
		MACH_NOTIFY_PORT_DESTROYED,
	};

	TEST_TRAP(request(*slot(self), ids[draw(self, 3)], *slot(self)));
}

static void
act(struct actor *self)
{
	struct ipc_space *space = current_space();
	mach_port_name_t name = MACH_PORT_NULL;

	switch (draw(self, 14)) {
	case 0:
		TEST_TRAP(S_mach_port_allocate(space, draw(self, 3), &name));
		*slot(self) = name;
		break;
	case 1:
		*slot(self) = TEST_TRAP(sys_mach_reply_port());
		break;
	case 2:
		TEST_TRAP(S_mach_port_mod_refs(space, any(self),
		    draw(self, 5), (int)draw(self, 4) - 2));
		break;
	case 3:
		TEST_TRAP(S_mach_port_destroy(space, any(self)));
		break;
	case 4:
		TEST_TRAP(S_mach_port_deallocate(space, any(self)));
		break;
	case 5:
		TEST_TRAP(S_mach_port_move_member(space, any(self),
		    *slot(self)));
		break;
	case 6:
		act_notify(self);
		break;
	case 7:
		*slot(self) = TEST_TRAP(sys_mach_task_self());
		break;
	case 8:
		name = draw(self, 0x10000) + 1;
		TEST_TRAP(S_mach_port_rename(space, any(self), name));
		*slot(self) = name;
		break;
	case 9:
	case 10:
		act_receive(self);
		break;
	default:
		act_send(self);
		break;
	}
}

/* What each thread does. */
static void
actor_main(void *arg)
{
	struct actor *self = arg;
	vm_offset_t addr = 0;

	TEST_TRAP(vm_map_allocate(current_map(), &addr, 4096, true));
	self->buffer = addr;
	self->pool[0] = inbox[self->task];
	self->pool[1] = peer[self->task][(self->task + 1) % TASKS];
	for (unsigned i = 0; i < ROUNDS; i++) {
		act(self);
	}
	atomic_fetch_add_seqcst(&finished, 1);
	for (;;) {
		TEST_TRAP(thread_terminate(current_thread()));
	}
}

/* An inbox for each task, a send right for it in every task. */
static void
make_inboxes(void)
{
	struct ipc_port *port;

	for (unsigned t = 0; t < TASKS; t++) {
		inbox[t] = MACH_PORT_NULL;
		CHECK_OK(ipc_right_allocate(tasks[t]->space,
		    MACH_PORT_RIGHT_RECEIVE, &inbox[t]));
		for (unsigned u = 0; u < TASKS; u++) {
			CHECK_OK(ipc_right_copyin(tasks[t]->space, inbox[t],
			    MACH_MSG_TYPE_MAKE_SEND, &port));
			CHECK_OK(ipc_right_copyout(tasks[u]->space, port,
			    MACH_MSG_TYPE_PORT_SEND, &peer[u][t]));
		}
	}
}

static void
check_all(void)
{
	for (unsigned t = 0; t < TASKS; t++) {
		ipc_space_lock(tasks[t]->space);
		if (tasks[t]->space->active) {
			ipc_space_check(tasks[t]->space);
		}
		ipc_space_unlock(tasks[t]->space);
	}
}

/* Run all; with CUT, terminate the tasks while they are busy. */
static void
run(uint32_t seed, bool cut)
{
	struct thread *threads[TASKS * THREADS];
	unsigned ports = ipc_port_count();
	unsigned long copies = vm_copy_count();
	unsigned received = 0;

	finished = 0;
	for (unsigned i = 0; i < TASKS * THREADS; i++) {
		memset(&actors[i], 0, sizeof(actors[i]));
		actors[i].task = i / THREADS;
		actors[i].seed = seed * 1000 + i;
		if (i % THREADS == 0) {
			tasks[i / THREADS] = test_task_create(actor_main,
			    &actors[i], &threads[i]);
		} else {
			CHECK_OK(thread_create(tasks[i / THREADS],
			    &threads[i]));
			pcb_set_entry(threads[i],
			    (user_addr_t)(uintptr_t)actor_main,
			    (user_addr_t)(uintptr_t)&actors[i]);
		}
	}
	make_inboxes();
	for (unsigned i = 0; i < TASKS * THREADS; i++) {
		CHECK_OK(thread_resume(threads[i]));
	}
	for (unsigned i = 0; i < (cut ? test_random(60) : 100000); i++) {
		test_sleep(1);
		check_all();
		if (finished == TASKS * THREADS) {
			break;
		}
	}
	CHECK(cut || finished == TASKS * THREADS);
	for (unsigned t = 0; t < TASKS; t++) {
		received += tasks[t]->events.messages_received;
	}
	/* Chance gives most messages something bad; not all. */
	CHECK(cut || received > ROUNDS / 10);
	for (unsigned t = 0; t < TASKS; t++) {
		task_terminate(tasks[t]);
	}
	for (unsigned i = 0; i < TASKS * THREADS; i++) {
		thread_unref(threads[i]);
	}
	for (unsigned t = 0; t < TASKS; t++) {
		task_unref(tasks[t]);
	}
	TEST_WAIT_UNTIL(ipc_port_count() == ports);
	CHECK_EQ(vm_copy_count(), copies);
}

TEST(messages_at_random)
{
	struct test_usage before;

	run(1, false);
	test_usage_get(&before);
	for (unsigned i = 2; i < 6 && !test_failed(); i++) {
		run(i, false);
	}
	test_usage_check(&before);
}

TEST(tasks_end_in_the_middle)
{
	for (unsigned i = 10; i < 30 && !test_failed(); i++) {
		run(i, true);
	}
}
