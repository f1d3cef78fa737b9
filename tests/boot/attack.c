/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Attacks on the kernel by messages and traps, many by two threads at once.
 * Which answers come is partly a matter of luck; that the kernel goes on, and
 * that rights and memory are as they were, is not.
 */

#include "rt.h"

#include <mach/notify.h>

#include "mach_host_user.h"
#include "mach_port_user.h"
#include "mach_user.h"

#define P		vm_page_size
#define ROUNDS		3000u
#define UREFS_MAX	0xfffe
#define USER_END	0xc0000000u

struct message {
	mach_msg_header_t head;
	union {
		uint32_t words[200];
		mach_msg_type_t type;
		mach_msg_type_long_t type_long;
	};
};

static struct message msg;
static struct message back;
static volatile bool stop;
static volatile unsigned ended;

static mach_msg_return_t
send(struct message *m, mach_port_t dest, unsigned words)
{
	rt_header(&m->head,
	    MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND, 0) | MACH_MSGH_BITS_COMPLEX,
	    sizeof(m->head) + words * 4, dest, MACH_PORT_NULL, 1);
	return mach_msg(&m->head, MACH_SEND_MSG | MACH_SEND_TIMEOUT,
	    m->head.msgh_size, 0, 0, 0, 0);
}

/* Receive and destroy all that is queued at PORT. */
static void
drain(mach_port_t port)
{
	while (
	    rt_receive(&back.head, sizeof(back), port, 0) == MACH_MSG_SUCCESS) {
		mach_port_deallocate(rt_task, back.head.msgh_remote_port);
	}
}

static void
wait_ended(unsigned count)
{
	stop = true;
	while (ended < count) {
		rt_sleep(10);
	}
	ended = 0;
	stop = false;
}

static void
end_worker(void)
{
	__atomic_fetch_add(&ended, 1, __ATOMIC_SEQ_CST);
	rt_thread_exit();
}

/* ---- what only the kernel may say ---- */

static void
forged_notifications(void)
{
	static const mach_msg_id_t ids[] = {
		MACH_NOTIFY_PORT_DELETED,
		MACH_NOTIFY_MSG_ACCEPTED,
		MACH_NOTIFY_PORT_DESTROYED,
		MACH_NOTIFY_NO_SENDERS,
		MACH_NOTIFY_SEND_ONCE,
		MACH_NOTIFY_DEAD_NAME,
	};
	mach_port_t targets[6] = { rt_task, mach_thread_self(),
		mach_host_self(), rt_host_priv, rt_device_master };
	unsigned before;
	unsigned bad = 0;

	need("set", processor_set_default(mach_host_self(), &targets[5]));
	before = rt_rights();
	for (unsigned t = 0; t < 6; t++) {
		for (unsigned i = 0; i < 6; i++) {
			mach_port_t right = rt_port();
			bool rights = ids[i] == MACH_NOTIFY_PORT_DESTROYED;

			msg.words[0] = rt_type_word(
			    rights ? MACH_MSG_TYPE_MOVE_RECEIVE
				   : MACH_MSG_TYPE_INTEGER_32,
			    32, 1, true, false);
			msg.words[1] = rights ? right : 1;
			rt_header(&msg.head,
			    MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND, 0) |
				(rights ? MACH_MSGH_BITS_COMPLEX : 0),
			    sizeof(msg.head) + 8, targets[t], MACH_PORT_NULL,
			    ids[i]);
			bad += mach_msg(&msg.head, MACH_SEND_MSG,
				   msg.head.msgh_size, 0, 0, 0,
				   0) != MACH_MSG_SUCCESS;
			mach_port_destroy(rt_task, right);
		}
	}
	want_number("forged notifications: not sent", (long)bad, 0);
	want_number("  rights lost", (long)before - (long)rt_rights(), 0);
	want("  the thread lives",
	    thread_abort(targets[1]) == KERN_SUCCESS ? KERN_FAILURE
						     : KERN_SUCCESS,
	    KERN_SUCCESS);
	mach_port_deallocate(rt_task, targets[5]);
}

/* ---- counts at their limits ---- */

static void
counts_at_limits(void)
{
	mach_port_t port = rt_port();
	mach_port_urefs_t refs;
	mach_port_status_t status;

	want("many references",
	    mach_port_mod_refs(
		rt_task, port, MACH_PORT_RIGHT_SEND, UREFS_MAX - 1),
	    KERN_SUCCESS);
	want("one more",
	    mach_port_mod_refs(rt_task, port, MACH_PORT_RIGHT_SEND, 1),
	    KERN_UREFS_OVERFLOW);
	want("  2^31 more",
	    mach_port_mod_refs(rt_task, port, MACH_PORT_RIGHT_SEND, 0x7fffffff),
	    KERN_UREFS_OVERFLOW);
	want("  2^31 less",
	    mach_port_mod_refs(
		rt_task, port, MACH_PORT_RIGHT_SEND, (int)0x80000000),
	    KERN_INVALID_VALUE);
	want("  by insert_right",
	    mach_port_insert_right(
		rt_task, port, port, MACH_MSG_TYPE_MAKE_SEND),
	    KERN_UREFS_OVERFLOW);
	/* One in a message is absorbed, and not counted. */
	msg.words[0] = rt_type_word(MACH_MSG_TYPE_MAKE_SEND, 32, 1, true, false);
	msg.words[1] = port;
	want("  send one", send(&msg, port, 2), MACH_MSG_SUCCESS);
	want("  get it", rt_receive(&back.head, sizeof(back), port, 0),
	    MACH_MSG_SUCCESS);
	want("  get refs",
	    mach_port_get_refs(rt_task, port, MACH_PORT_RIGHT_SEND, &refs),
	    KERN_SUCCESS);
	want_number("  references", (long)refs, UREFS_MAX);
	want("  all of them",
	    mach_port_mod_refs(rt_task, port, MACH_PORT_RIGHT_SEND, -UREFS_MAX),
	    KERN_SUCCESS);

	want("make-send count",
	    mach_port_set_mscount(rt_task, port, 0xffffffff), KERN_SUCCESS);
	want("  one more",
	    mach_port_insert_right(
		rt_task, port, port, MACH_MSG_TYPE_MAKE_SEND),
	    KERN_SUCCESS);
	want("  status", mach_port_get_receive_status(rt_task, port, &status),
	    KERN_SUCCESS);
	want_number("  count", (long)status.mps_mscount, 0);
	want("sequence number", mach_port_set_seqno(rt_task, port, 0xffffffff),
	    KERN_SUCCESS);
	msg.words[0] = rt_type_word(MACH_MSG_TYPE_CHAR, 8, 0, true, false);
	for (unsigned i = 0; i < 2; i++) {
		send(&msg, port, 1);
		rt_receive(&back.head, sizeof(back), port, 0);
	}
	want_number("  after 2^32 - 1", (long)back.head.msgh_seqno, 0);
	mach_port_destroy(rt_task, port);
}

/* ---- descriptors that claim what is not there ---- */

static void
long_type(unsigned name, unsigned size, unsigned number, bool is_inline,
    uint32_t data)
{
	memset(&msg.type_long, 0, sizeof(msg.type_long));
	msg.type_long.msgtl_header.msgt_longform = 1;
	msg.type_long.msgtl_header.msgt_inline = is_inline;
	msg.type_long.msgtl_name = name;
	msg.type_long.msgtl_size = size;
	msg.type_long.msgtl_number = number;
	msg.words[3] = data;
}

static void
claims(void)
{
	static const struct {
		uint32_t size;
		uint32_t number;
	} sizes[] = {
		{ 32, 0x08000000 },
		{ 32, 0x08000001 },
		{ 32, 0x20000000 },
		{ 8, 0x20000000 },
		{ 8, 0x20000001 },
		{ 0xffff, 0x10002 },
		{ 0x8000, 0x20000 },
		{ 8, 0xffffffff },
		{ 1, 0xffffffff },
		{ 0xffff, 0xffffffff },
		{ 32, 0xffffffff },
	};
	const uint32_t addresses[] = {
		USER_END,
		USER_END - P,
		0xfffff000u,
		0xffffffffu,
		0xc0100000u,
	};
	mach_port_t port = rt_port();
	mach_port_t right = rt_port();
	unsigned accepted = 0;

	for (unsigned i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		for (unsigned rights = 0; rights < 2; rights++) {
			unsigned name = rights ? MACH_MSG_TYPE_COPY_SEND
					       : MACH_MSG_TYPE_INTEGER_32;

			long_type(
			    name, sizes[i].size, sizes[i].number, true, right);
			accepted += send(&msg, port, 4) == MACH_MSG_SUCCESS;
			long_type(name, sizes[i].size, sizes[i].number, false,
			    0x08048000);
			accepted += send(&msg, port, 4) == MACH_MSG_SUCCESS;
		}
	}
	want_number("sizes times numbers accepted", (long)accepted, 0);
	accepted = 0;
	for (unsigned i = 0; i < sizeof(addresses) / sizeof(*addresses); i++) {
		long_type(MACH_MSG_TYPE_CHAR, 8, 2 * P, false, addresses[i]);
		accepted += send(&msg, port, 4) == MACH_MSG_SUCCESS;
		msg.type_long.msgtl_header.msgt_deallocate = 1;
		accepted += send(&msg, port, 4) == MACH_MSG_SUCCESS;
		/* The first of two names may be the task's. */
		long_type(MACH_MSG_TYPE_COPY_SEND, 32, 2, false,
		    addresses[i] | (P - 4));
		accepted += send(&msg, port, 4) == MACH_MSG_SUCCESS;
	}
	want_number("addresses of others accepted", (long)accepted, 0);
	want_number("  queued",
	    (long)rt_receive(&back.head, sizeof(back), port, 0),
	    MACH_RCV_TIMED_OUT);
	mach_port_destroy(rt_task, right);
	mach_port_destroy(rt_task, port);
}

/* Regions that overlap, each to be deallocated. */
static void
overlapping_regions(void)
{
	mach_port_t port = rt_port();
	vm_offset_t memory = 0;
	unsigned wrong = 0;

	need("memory", vm_allocate(rt_task, &memory, 4 * P, TRUE));
	for (unsigned i = 0; i < 4 * P / 4; i++) {
		((uint32_t *)memory)[i] = i;
	}
	/* The last one stays where it is made. */
	for (int i = 2; i >= 0; i--) {
		long_type(MACH_MSG_TYPE_INTEGER_32, 32, 2 * P / 4, false,
		    memory + i * P);
		msg.type_long.msgtl_header.msgt_deallocate = 1;
		memcpy(&msg.words[4 * i], &msg.words[0], 16);
	}
	want("overlapping regions", send(&msg, port, 12), MACH_MSG_SUCCESS);
	want("  receive", rt_receive(&back.head, sizeof(back), port, 0),
	    MACH_MSG_SUCCESS);
	for (unsigned i = 0; i < 3; i++) {
		uint32_t *data = (uint32_t *)back.words[4 * i + 3];

		for (unsigned j = 0; j < 2 * P / 4; j++) {
			wrong += data[j] != i * P / 4 + j;
		}
		vm_deallocate(rt_task, (vm_offset_t)data, 2 * P);
	}
	want_number("  wrong words", (long)wrong, 0);
	want("  the sender's are gone",
	    vm_protect(rt_task, memory, 4 * P, FALSE, VM_PROT_READ),
	    KERN_INVALID_ADDRESS);
	mach_port_destroy(rt_task, port);
}

/* ---- two at once ---- */

static struct message shared_msg;
static vm_offset_t shared_page;
static mach_port_t shared_right;

/* Changes a message while it is sent. */
static void
changer(void *arg)
{
	static const uint32_t numbers[] = { 0, 1, 2, 40, 4095 };
	unsigned i = 0;

	while (!stop) {
		volatile uint32_t *w = shared_msg.words;

		i++;
		w[0] = rt_type_word(i % 3 == 0 ? MACH_MSG_TYPE_INTEGER_32
					    : MACH_MSG_TYPE_COPY_SEND,
		    i % 5 == 0 ? 8 : 32, numbers[i % 5], i % 4 != 0, false);
		w[1] = i % 7 == 0 ? 0x1234 : shared_right;
		w[2] = rt_type_word(
		    MACH_MSG_TYPE_MAKE_SEND, 32, i % 2, true, false);
		w[3] = i % 2 == 0 ? w[0] : shared_right;
		shared_msg.head.msgh_bits ^= MACH_MSGH_BITS_COMPLEX;
	}
	end_worker();
}

static void
changed_messages(void)
{
	mach_port_t port = rt_port();
	unsigned before;
	unsigned after;

	shared_right = rt_port();
	before = rt_rights();
	rt_thread_create(changer, NULL);
	for (unsigned i = 0; i < ROUNDS; i++) {
		send(&shared_msg, port, 8);
		drain(port);
		if (i % 64 == 0) {
			swtch();
		}
	}
	wait_ended(1);
	drain(port);
	/* The worker's own port is gone again, or about to go. */
	after = rt_rights();
	rt_printf("# %u rights, then %u", before, after);
	want_number("changed messages: rights lost", after < before, 0);
	want("  one deallocated", mach_port_destroy(rt_task, shared_right),
	    KERN_SUCCESS);
	mach_port_destroy(rt_task, port);
}

/* Takes the page away, and brings it back. */
static void
unmapper(void *arg)
{
	while (!stop) {
		vm_offset_t addr = shared_page;

		vm_deallocate(rt_task, addr, P);
		if (vm_allocate(rt_task, &addr, P, FALSE) != KERN_SUCCESS) {
			break;
		}
	}
	end_worker();
}

static void
unmapped_messages(void)
{
	mach_port_t port = rt_port();
	struct message *m;
	unsigned bad = 0;
	unsigned good = 0;
	mach_msg_return_t mr;

	shared_page = 0x30000000;
	need("page", vm_allocate(rt_task, &shared_page, P, FALSE));
	m = (struct message *)shared_page;
	rt_thread_create(unmapper, NULL);
	for (unsigned i = 0; i < ROUNDS; i++) {
		msg.words[0] = rt_type_word(
		    MACH_MSG_TYPE_INTEGER_32, 32, 100, true, false);
		mr = send(&msg, port, 101);
		bad += mr != MACH_MSG_SUCCESS;
		mr = mach_msg_trap(&m->head, MACH_RCV_MSG | MACH_RCV_TIMEOUT, 0,
		    sizeof(*m), port, 0, 0);
		good += mr == MACH_MSG_SUCCESS;
		bad += mr != MACH_MSG_SUCCESS && mr != MACH_RCV_INVALID_DATA;
		/* What is there is nothing, or part of that message. */
		mr = mach_msg_trap(&m->head, MACH_SEND_MSG | MACH_SEND_TIMEOUT,
		    400, 0, 0, 0, 0);
		bad += mr == MACH_MSG_SUCCESS;
		if (i % 64 == 0) {
			swtch();
		}
	}
	wait_ended(1);
	rt_printf("# %u of %u received", good, ROUNDS);
	want_number("unmapped messages: surprises", (long)bad, 0);
	vm_deallocate(rt_task, shared_page, P);
	mach_port_destroy(rt_task, port);
}

/* ---- a task that dies ---- */

static volatile mach_port_t victim;

/* Uses whatever task there is, dead or alive. */
static void
user(void *arg)
{
	while (!stop) {
		mach_port_t task = victim;
		vm_offset_t addr = 0;
		mach_port_t name;

		vm_allocate(task, &addr, P, TRUE);
		vm_write(task, addr, (pointer_t)&msg & ~(P - 1), P);
		if (thread_create(task, &name) == KERN_SUCCESS) {
			thread_resume(name);
			mach_port_deallocate(rt_task, name);
		}
		mach_port_allocate(task, MACH_PORT_RIGHT_RECEIVE, &name);
		task_suspend(task);
		if (task_create(task, TRUE, &name) == KERN_SUCCESS) {
			task_terminate(name);
			mach_port_deallocate(rt_task, name);
		}
		task_resume(task);
	}
	end_worker();
}

static void
dying_tasks(void)
{
	mach_port_t task;
	mach_port_t keep;
	unsigned alive = 0;

	need("task", task_create(rt_task, FALSE, &task));
	victim = task;
	rt_thread_create(user, NULL);
	rt_thread_create(user, NULL);
	for (unsigned i = 0; i < 60; i++) {
		rt_sleep(1);
		keep = task;
		need("task", task_create(rt_task, FALSE, &task));
		/* Its threads fault, so it may be dead already. */
		task_terminate(keep);
		alive += vm_deallocate(keep, 0, 0) == KERN_SUCCESS;
		alive += task_terminate(keep) == KERN_SUCCESS;
		victim = task;
		mach_port_mod_refs(
		    rt_task, keep, MACH_PORT_RIGHT_DEAD_NAME, -1);
	}
	wait_ended(2);
	task_terminate(task);
	want_number("dead tasks that answered", (long)alive, 0);
	want("  the last one", vm_deallocate(task, 0, 0),
	    MACH_SEND_INVALID_DEST);
}

void
test(void)
{
	rt_printf("own");
	if (rt_on_gnumach) {
		return;
	}
	forged_notifications();
	counts_at_limits();
	claims();
	overlapping_regions();
	changed_messages();
	unmapped_messages();
	dying_tasks();
}
