/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Messages with every kind of right and memory that do not get through: what
 * their sender has again when the queue is full or it is aborted, and what
 * their receiver gets when it has no names left, no room in memory, too small
 * a buffer, or none that can be written; and the notifications that go with
 * sending and receiving.
 */

#include "rt.h"

#include <mach/notify.h>
#include <mach/task_info.h>

#include "mach_port_user.h"
#include "mach_user.h"
#include "new_tartan_user.h"

#define PAGE	vm_page_size

#define RIGHTS	8

/* A right in the body, memory, and rights out of line. */
struct message {
	mach_msg_header_t head;
	struct {
		mach_msg_type_t	type;
		mach_port_t	name;
	} rights[RIGHTS];
	mach_msg_type_t	data_type;
	vm_offset_t	data;
	mach_msg_type_t	array_type;
	vm_offset_t	array;
};

static const struct {
	const char	*name;
	unsigned	disposition;
} kinds[RIGHTS] = {
	{ "copied send", MACH_MSG_TYPE_COPY_SEND },
	{ "moved send", MACH_MSG_TYPE_MOVE_SEND },
	{ "made send", MACH_MSG_TYPE_MAKE_SEND },
	{ "made send-once", MACH_MSG_TYPE_MAKE_SEND_ONCE },
	{ "moved send-once", MACH_MSG_TYPE_MOVE_SEND_ONCE },
	{ "moved receive", MACH_MSG_TYPE_MOVE_RECEIVE },
	{ "copied dead", MACH_MSG_TYPE_COPY_SEND },
	{ "null", MACH_MSG_TYPE_COPY_SEND },
};

static struct message msg;
static mach_port_t names[RIGHTS];	/* before */
static mach_port_t in_array;
static mach_port_t dest;
static mach_port_t reply;
static vm_offset_t data;

static mach_port_t
receive_right(void)
{
	mach_port_t port;

	need("receive right", mach_port_allocate(rt_task,
	    MACH_PORT_RIGHT_RECEIVE, &port));
	return port;
}

/* A send-once right, whose name is that of no other. */
static mach_port_t
send_once(mach_port_t port)
{
	static mach_port_t once = 0x5550000;

	once += 0x100;
	need("send-once", mach_port_insert_right(rt_task, once, port,
	    MACH_MSG_TYPE_MAKE_SEND_ONCE));
	return once;
}

static void
names_make(void)
{
	mach_port_t dead = receive_right();

	need("dead", mach_port_insert_right(rt_task, dead, dead,
	    MACH_MSG_TYPE_MAKE_SEND));
	need("dead", mach_port_mod_refs(rt_task, dead,
	    MACH_PORT_RIGHT_RECEIVE, -1));
	names[0] = rt_port();
	names[1] = rt_port();
	names[2] = receive_right();
	names[3] = receive_right();
	names[4] = send_once(names[3]);
	names[5] = receive_right();
	names[6] = dead;
	names[7] = MACH_PORT_NULL;
	in_array = rt_port();
	dest = rt_port();
	reply = receive_right();
}

static void
names_end(void)
{
	for (unsigned i = 0; i < 7; i++) {
		mach_port_destroy(rt_task, names[i]);
	}
	mach_port_destroy(rt_task, in_array);
	mach_port_destroy(rt_task, dest);
	mach_port_destroy(rt_task, reply);
}

static void
compose(void)
{
	data = 0;
	need("data", vm_allocate(rt_task, &data, 2 * PAGE, TRUE));
	*(unsigned *)data = 4711;
	*(mach_port_t *)(data + PAGE) = in_array;
	memset(&msg, 0, sizeof(msg));
	rt_header(&msg.head, MACH_MSGH_BITS_COMPLEX |
	    MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND,
	    MACH_MSG_TYPE_MAKE_SEND_ONCE), sizeof(msg), dest, reply, 77);
	for (unsigned i = 0; i < RIGHTS; i++) {
		msg.rights[i].type = rt_type(kinds[i].disposition, 32, 1, true,
		    false);
		msg.rights[i].name = names[i];
	}
	msg.data_type = rt_type(MACH_MSG_TYPE_BYTE, 8, 2048, false, true);
	msg.data = data;
	msg.array_type = rt_type(MACH_MSG_TYPE_COPY_SEND, 32, 1, false, true);
	msg.array = data + PAGE;
}

static void
show_type(const char *what, const mach_msg_type_t *type)
{
	rt_printf("  %s: type %u size %u number %u inline %u deallocate %u",
	    what, type->msgt_name, type->msgt_size, type->msgt_number,
	    type->msgt_inline, type->msgt_deallocate);
}

static void
show_name(const char *what, mach_port_t name)
{
	if (name == MACH_PORT_NULL || name == MACH_PORT_DEAD) {
		rt_printf("  %s: name %d", what, (int)name);
	} else {
		rt_printf("  %s", what);
		rt_show_right("   ", name);
	}
}

/* What is in the buffer, and what the names in it are. */
static void
show_message(void)
{
	rt_printf("  bits %x size %u id %d", msg.head.msgh_bits,
	    msg.head.msgh_size, msg.head.msgh_id);
	show_name("remote", msg.head.msgh_remote_port);
	show_name("local", msg.head.msgh_local_port);
	if ((msg.head.msgh_bits & MACH_MSGH_BITS_COMPLEX) == 0 ||
	    msg.head.msgh_size < sizeof(msg)) {
		return;
	}
	for (unsigned i = 0; i < RIGHTS; i++) {
		show_type(kinds[i].name, &msg.rights[i].type);
		show_name(kinds[i].name, msg.rights[i].name);
	}
	show_type("data", &msg.data_type);
	rt_printf("  data: there %d same place %d", msg.data != 0 &&
	    *(unsigned *)msg.data == 4711, msg.data == data);
	show_type("array", &msg.array_type);
	if (msg.array != 0) {
		show_name("array", *(mach_port_t *)msg.array);
	} else {
		rt_printf("  array: null");
	}
}

/* The names that were there before, but for those that were moved. */
static void
show_names(void)
{
	for (unsigned i = 0; i < 7; i++) {
		if (i != 1 && i != 4 && i != 5) {
			rt_show_right(kinds[i].name, names[i]);
		}
	}
	rt_show_right("in the array", in_array);
	rt_show_right("reply", reply);
}

static void
fill_queue(void)
{
	mach_msg_header_t plain;

	for (unsigned i = 0; i < 5; i++) {
		rt_header(&plain, MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND, 0),
		    sizeof(plain), dest, MACH_PORT_NULL, 1);
		need("fill", mach_msg(&plain, MACH_SEND_MSG, sizeof(plain), 0,
		    MACH_PORT_NULL, 0, MACH_PORT_NULL));
	}
}

/* ---- it does not get away ---- */

static void
test_full(void)
{
	rt_printf("full, no time");
	names_make();
	fill_queue();
	compose();
	want("send", mach_msg(&msg.head, MACH_SEND_MSG | MACH_SEND_TIMEOUT,
	    sizeof(msg), 0, MACH_PORT_NULL, 0, MACH_PORT_NULL),
	    MACH_SEND_TIMED_OUT);
	show_message();
	show_names();
	want("again", mach_msg(&msg.head, MACH_SEND_MSG | MACH_SEND_TIMEOUT,
	    sizeof(msg), 0, MACH_PORT_NULL, 0, MACH_PORT_NULL),
	    MACH_SEND_TIMED_OUT);
	show_message();
	names_end();
}

static volatile int result;
static volatile bool done;

static void
sender(void *arg)
{
	result = mach_msg(&msg.head, MACH_SEND_MSG | MACH_SEND_INTERRUPT,
	    sizeof(msg), 0, MACH_PORT_NULL, 0, MACH_PORT_NULL);
	done = true;
}

static void
test_aborted(void)
{
	mach_port_t thread;

	rt_printf("full, and aborted");
	names_make();
	fill_queue();
	compose();
	done = false;
	thread = rt_thread_create(sender, NULL);
	rt_until_waits(thread);
	want("abort", thread_abort(thread), KERN_SUCCESS);
	rt_until(done);
	want("send", result, MACH_SEND_INTERRUPTED);
	show_message();
	show_names();
	names_end();
}

/* The message is taken, or not if one is owed already. */
static void
test_notify(void)
{
	mach_port_t notify = receive_right();

	rt_printf("full, with a notification");
	names_make();
	fill_queue();
	compose();
	want("send", mach_msg(&msg.head, MACH_SEND_MSG | MACH_SEND_TIMEOUT |
	    MACH_SEND_NOTIFY, sizeof(msg), 0, MACH_PORT_NULL, 0, notify),
	    MACH_SEND_WILL_NOTIFY);
	show_names();
	names_end();
	names_make();
	fill_queue();
	compose();
	msg.head.msgh_bits = MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND, 0);
	msg.head.msgh_local_port = MACH_PORT_NULL;
	want("one", mach_msg(&msg.head, MACH_SEND_MSG | MACH_SEND_TIMEOUT |
	    MACH_SEND_NOTIFY, 24, 0, MACH_PORT_NULL, 0, notify),
	    MACH_SEND_WILL_NOTIFY);
	compose();
	want("another", mach_msg(&msg.head, MACH_SEND_MSG | MACH_SEND_TIMEOUT |
	    MACH_SEND_NOTIFY, sizeof(msg), 0, MACH_PORT_NULL, 0, notify),
	    MACH_SEND_NOTIFY_IN_PROGRESS);
	show_message();
	names_end();
	names_make();
	fill_queue();
	compose();
	want("nobody to notify", mach_msg(&msg.head, MACH_SEND_MSG |
	    MACH_SEND_TIMEOUT | MACH_SEND_NOTIFY, sizeof(msg), 0,
	    MACH_PORT_NULL, 0, 0x12345), MACH_SEND_INVALID_NOTIFY);
	show_message();
	show_names();
	names_end();
	names_make();
	fill_queue();
	compose();
	want("who cannot be", mach_msg(&msg.head, MACH_SEND_MSG |
	    MACH_SEND_TIMEOUT | MACH_SEND_NOTIFY, sizeof(msg), 0,
	    MACH_PORT_NULL, 0, names[6]), MACH_SEND_INVALID_NOTIFY);
	show_message();
	show_names();
	names_end();
	mach_port_destroy(rt_task, notify);
}

/* ---- it does not arrive ---- */

static void
send_to_self(void)
{
	names_make();
	compose();
	need("send", mach_msg(&msg.head, MACH_SEND_MSG, sizeof(msg), 0,
	    MACH_PORT_NULL, 0, MACH_PORT_NULL));
	memset(&msg, 0, sizeof(msg));
}

/* Whether a send-once right has been destroyed, of the two that there are. */
static void
show_lost(const char *what, mach_port_t port)
{
	mach_msg_header_t m[2];
	mach_msg_return_t mr = rt_receive(m, sizeof(m), port, 0);

	rt_printf("  %s: id %d", what, mr == MACH_MSG_SUCCESS ? m->msgh_id :
	    0);
}

static void
test_small(void)
{
	rt_printf("received in too little");
	send_to_self();
	want("large", mach_msg(&msg.head, MACH_RCV_MSG | MACH_RCV_LARGE |
	    MACH_RCV_TIMEOUT, 0, 24, dest, 0, MACH_PORT_NULL),
	    MACH_RCV_TOO_LARGE);
	rt_printf("  size %u", msg.head.msgh_size);
	want("too little", mach_msg(&msg.head, MACH_RCV_MSG | MACH_RCV_TIMEOUT,
	    0, sizeof(msg) - 4, dest, 0, MACH_PORT_NULL), MACH_RCV_TOO_LARGE);
	rt_printf("  bits %x size %u", msg.head.msgh_bits, msg.head.msgh_size);
	show_name("remote", msg.head.msgh_remote_port);
	show_names();
	show_lost("reply", reply);
	show_lost("made send-once", names[3]);
	show_lost("moved send-once", names[3]);
	want("nothing is left", rt_receive(&msg.head, sizeof(msg), dest, 0),
	    MACH_RCV_TIMED_OUT);
	names_end();
}

static void
test_unwritable(void)
{
	vm_offset_t page = 0;

	rt_printf("received where nothing can be written");
	need("page", vm_allocate(rt_task, &page, PAGE, TRUE));
	need("protect", vm_protect(rt_task, page, PAGE, FALSE, VM_PROT_READ));
	send_to_self();
	want("receive", mach_msg((void *)page, MACH_RCV_MSG | MACH_RCV_TIMEOUT,
	    0, sizeof(msg), dest, 0, MACH_PORT_NULL), MACH_RCV_INVALID_DATA);
	want("nothing is left", rt_receive(&msg.head, sizeof(msg), dest, 0),
	    MACH_RCV_TIMED_OUT);
	vm_deallocate(rt_task, page, PAGE);
	names_end();
}

/* Take all memory that is left, by ever smaller pieces. */
static unsigned
fill_memory(vm_offset_t *pieces, vm_size_t *sizes)
{
	unsigned n = 0;

	for (vm_size_t size = 1u << 30; size >= PAGE; size /= 2) {
		while (n < 200 && vm_allocate(rt_task, &pieces[n], size,
		    TRUE) == KERN_SUCCESS) {
			sizes[n++] = size;
		}
	}
	return n;
}

static void
test_no_room(void)
{
	static vm_offset_t pieces[200];
	static vm_size_t sizes[200];
	mach_msg_return_t mr;
	unsigned n;

	rt_printf("received without room for memory");
	send_to_self();
	n = fill_memory(pieces, sizes);
	mr = rt_receive(&msg.head, sizeof(msg), dest, 0);
	while (n > 0) {
		n--;
		vm_deallocate(rt_task, pieces[n], sizes[n]);
	}
	want("receive", mr, MACH_RCV_BODY_ERROR | MACH_MSG_VM_SPACE);
	show_message();
	names_end();
}

/*
 * A task may have only so many names on Tartan.  The first that does not fit
 * is the reply port's, then those of the body.
 */
static void
receive_with_names(unsigned more, mach_msg_return_t wanted)
{
	natural_t tasks;
	natural_t threads;
	natural_t rights;
	natural_t used_tasks;
	natural_t used_threads;
	natural_t used;

	send_to_self();
	/* Names that the message would only be another reference of. */
	mach_port_destroy(rt_task, in_array);
	need("limits", new_task_get_limits(rt_task, &tasks, &threads, &rights,
	    &used_tasks, &used_threads, &used));
	need("limit", new_task_set_limits(rt_host_priv, rt_task, tasks,
	    threads, used + more));
	want("# receive", rt_receive(&msg.head, sizeof(msg), dest, 0), wanted);
	need("no limit", new_task_set_limits(rt_host_priv, rt_task, tasks,
	    threads, rights));
}

static void
test_no_names(void)
{
	static const unsigned in_bits = MACH_RCV_BODY_ERROR |
	    MACH_MSG_IPC_SPACE;
	unsigned dead = 0;

	/* The names: reply, two send-once, receive, array. */
	receive_with_names(0, MACH_RCV_HEADER_ERROR | MACH_MSG_IPC_SPACE);
	want_number("# the header came", msg.head.msgh_remote_port, 0);
	want("# and is gone", rt_receive(&msg.head, sizeof(msg), dest, 0),
	    MACH_RCV_TIMED_OUT);
	names_end();
	for (unsigned more = 1; more < 5; more++) {
		receive_with_names(more, in_bits);
		for (unsigned i = 0; i < RIGHTS; i++) {
			dead += msg.rights[i].name == MACH_PORT_NULL &&
			    i != 7 ? 1 : 0;
		}
		want_number("# the data came", msg.data != 0 &&
		    *(unsigned *)msg.data == 4711, 1);
		names_end();
	}
	rt_printf("# %u names did not come", dead);
	/* With one name more than for the reply none, with four three. */
	want_number("# in all", dead, 3 + 2 + 1);
	receive_with_names(5, MACH_MSG_SUCCESS);
	names_end();
}

/* ---- with notifications ---- */

/* A message is received, and its reply port watched for NOTIFY. */
static mach_port_t
receive_watched(mach_port_t notify)
{
	send_to_self();
	want("receive", mach_msg(&msg.head, MACH_RCV_MSG | MACH_RCV_TIMEOUT |
	    MACH_RCV_NOTIFY, 0, sizeof(msg), dest, 0, notify),
	    MACH_MSG_SUCCESS);
	return msg.head.msgh_remote_port;
}

static mach_msg_return_t
answer(mach_port_t once, mach_msg_option_t option, mach_port_t notify)
{
	mach_msg_header_t head;

	rt_header(&head, MACH_MSGH_BITS(MACH_MSG_TYPE_MOVE_SEND_ONCE, 0),
	    sizeof(head), once, MACH_PORT_NULL, 78);
	return mach_msg(&head, MACH_SEND_MSG | option, sizeof(head), 0,
	    MACH_PORT_NULL, 0, notify);
}

/* What NOTIFY is told, if it is, and whether that is of ONCE. */
static void
show_told(mach_port_t notify, mach_port_t once, mach_msg_return_t wanted)
{
	mach_dead_name_notification_t *n = (void *)&msg;

	want("told", rt_receive(&msg.head, sizeof(msg), notify,
	    wanted == MACH_MSG_SUCCESS ? 1000 : 0), wanted);
	if (wanted == MACH_MSG_SUCCESS) {
		rt_printf("  id %d, its name %d", msg.head.msgh_id,
		    n->not_port == once);
	}
}

static void
test_receive_notify(void)
{
	mach_port_t notify = receive_right();
	mach_port_t once;

	rt_printf("received with a notification");
	send_to_self();
	want("nobody to notify", mach_msg(&msg.head, MACH_RCV_MSG |
	    MACH_RCV_TIMEOUT | MACH_RCV_NOTIFY, 0, sizeof(msg), dest, 0,
	    0x12345), MACH_RCV_INVALID_NOTIFY);
	rt_printf("  size %u", msg.head.msgh_size);
	show_lost("what came then", dest);
	names_end();

	once = receive_watched(notify);
	rt_show_right("reply", once);
	mach_port_destroy(rt_task, reply);
	show_told(notify, once, MACH_MSG_SUCCESS);
	rt_show_right("  now", once);
	mach_port_destroy(rt_task, once);
	names_end();

	rt_printf("cancelled by the answer");
	once = receive_watched(notify);
	want("nobody's", answer(once, MACH_SEND_CANCEL, 0x12345),
	    MACH_SEND_INVALID_NOTIFY);
	want("answer", answer(once, MACH_SEND_CANCEL, notify),
	    MACH_MSG_SUCCESS);
	show_lost("answer", reply);
	show_told(notify, once, MACH_RCV_TIMED_OUT);
	names_end();

	rt_printf("not cancelled");
	once = receive_watched(notify);
	want("answer", answer(once, 0, MACH_PORT_NULL), MACH_MSG_SUCCESS);
	show_told(notify, once, MACH_MSG_SUCCESS);
	names_end();
	mach_port_destroy(rt_task, notify);
}

void
test(void)
{
	test_full();
	test_aborted();
	test_notify();
	test_small();
	test_unwritable();
	test_no_room();
	if (!rt_on_gnumach) {
		test_no_names();
	}
	test_receive_notify();
}
