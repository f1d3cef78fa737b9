/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Notifications: each kind, its message, and what happens to the request.
 */

#include "rt.h"

#include <mach/notify.h>

#include "mach_port_user.h"
#include "mach_user.h"

static union {
	mach_msg_header_t header;
	mach_dead_name_notification_t dead;
	mach_no_senders_notification_t senders;
	uint32_t words[64];
} msg;

static mach_port_t notify;

/* Print what waits at the notify port; X is called "x" when it appears. */
static void
show_notification(mach_port_t x)
{
	mach_msg_return_t mr = rt_receive(&msg.header, sizeof(msg), notify,
	    100);

	if (mr != MACH_MSG_SUCCESS) {
		show("notification", mr);
		return;
	}
	rt_printf("notification %u bits 0x%x size %u remote %d",
	    msg.header.msgh_id, msg.header.msgh_bits, msg.header.msgh_size,
	    msg.header.msgh_remote_port != 0);
	if (msg.header.msgh_id == MACH_NOTIFY_NO_SENDERS) {
		rt_printf("  type %u count %u", msg.senders.not_type.msgt_name,
		    msg.senders.not_count);
	} else if (msg.header.msgh_id != MACH_NOTIFY_SEND_ONCE) {
		rt_printf("  type %u is x %d", msg.dead.not_type.msgt_name,
		    msg.dead.not_port == x &&
		    msg.header.msgh_id != MACH_NOTIFY_PORT_DESTROYED);
		rt_show_right("  x", msg.dead.not_port);
	}
}

static mach_port_t
new_port(void)
{
	mach_port_t port;

	need("allocate", mach_port_allocate(rt_task, MACH_PORT_RIGHT_RECEIVE,
	    &port));
	return port;
}

/* Throw away what an earlier part left: nothing printed. */
static void
drain(void)
{
	while (rt_receive(&msg.header, sizeof(msg), notify, 20) ==
	    MACH_MSG_SUCCESS) {
	}
}

static kern_return_t
request(mach_port_t name, int id, unsigned sync, mach_port_t *previous)
{
	return mach_port_request_notification(rt_task, name, id, sync, notify,
	    MACH_MSG_TYPE_MAKE_SEND_ONCE, previous);
}

static void
test_no_senders(void)
{
	mach_port_t port = new_port();
	mach_port_t previous;

	want("request, no senders yet", request(port, MACH_NOTIFY_NO_SENDERS,
	    0, &previous), KERN_SUCCESS);
	show_notification(port);
	want("request, later", request(port, MACH_NOTIFY_NO_SENDERS, 1,
	    &previous), KERN_SUCCESS);
	show_notification(port);
	mach_port_insert_right(rt_task, port, port, MACH_MSG_TYPE_MAKE_SEND);
	mach_port_insert_right(rt_task, port, port, MACH_MSG_TYPE_MAKE_SEND);
	mach_port_mod_refs(rt_task, port, MACH_PORT_RIGHT_SEND, -1);
	show_notification(port);
	mach_port_mod_refs(rt_task, port, MACH_PORT_RIGHT_SEND, -1);
	show_notification(port);
	drain();
	want("request", request(port, MACH_NOTIFY_NO_SENDERS, 9, &previous),
	    KERN_SUCCESS);
	want("request again", request(port, MACH_NOTIFY_NO_SENDERS, 9,
	    &previous), KERN_SUCCESS);
	rt_show_right("previous", previous);
	mach_port_deallocate(rt_task, previous);
	show_notification(port);
	want("request of a bad kind", request(port, 4711, 0, &previous),
	    KERN_INVALID_VALUE);
	want("request of nothing", request(0x777700, MACH_NOTIFY_NO_SENDERS,
	    0, &previous), KERN_INVALID_NAME);
	mach_port_destroy(rt_task, port);
	show_notification(port);
}

static void
test_dead_name(void)
{
	mach_port_t port = rt_port();
	mach_port_t previous;

	want("request", request(port, MACH_NOTIFY_DEAD_NAME, 0, &previous),
	    KERN_SUCCESS);
	rt_show_right("port", port);
	mach_port_mod_refs(rt_task, port, MACH_PORT_RIGHT_RECEIVE, -1);
	show_notification(port);
	mach_port_destroy(rt_task, port);
	drain();

	port = rt_port();
	mach_port_mod_refs(rt_task, port, MACH_PORT_RIGHT_RECEIVE, -1);
	want("request for the dead", request(port, MACH_NOTIFY_DEAD_NAME, 0,
	    &previous), KERN_INVALID_ARGUMENT);
	want("request for the dead, at once", request(port,
	    MACH_NOTIFY_DEAD_NAME, 1, &previous), KERN_SUCCESS);
	show_notification(port);
	mach_port_destroy(rt_task, port);
	drain();

	port = rt_port();
	want("request", request(port, MACH_NOTIFY_DEAD_NAME, 0, &previous),
	    KERN_SUCCESS);
	want("cancel", mach_port_request_notification(rt_task, port,
	    MACH_NOTIFY_DEAD_NAME, 0, MACH_PORT_NULL,
	    MACH_MSG_TYPE_MAKE_SEND_ONCE, &previous), KERN_SUCCESS);
	rt_show_right("previous", previous);
	mach_port_deallocate(rt_task, previous);
	show_notification(port);
	rt_show_right("port", port);

	want("request", request(port, MACH_NOTIFY_DEAD_NAME, 0, &previous),
	    KERN_SUCCESS);
	want("deallocate the name", mach_port_mod_refs(rt_task, port,
	    MACH_PORT_RIGHT_RECEIVE, 0), KERN_SUCCESS);
	mach_port_destroy(rt_task, port);
	show_notification(port);
	show_notification(port);
}

/* The name goes while the port lives: port-deleted. */
static void
test_deleted(void)
{
	mach_port_t task;
	mach_port_t port = new_port();
	mach_port_t previous;

	need("task_create", task_create(rt_task, FALSE, &task));
	need("give it away", mach_port_insert_right(task, 0x60000, port,
	    MACH_MSG_TYPE_MOVE_RECEIVE));
	need("a send right", mach_port_extract_right(task, 0x60000,
	    MACH_MSG_TYPE_MAKE_SEND, &port, &(mach_msg_type_name_t) { 0 }));
	want("request", request(port, MACH_NOTIFY_DEAD_NAME, 0, &previous),
	    KERN_SUCCESS);
	want("deallocate", mach_port_deallocate(rt_task, port), KERN_SUCCESS);
	show_notification(port);
	task_terminate(task);
	mach_port_deallocate(rt_task, task);
}

static void
test_destroyed(void)
{
	mach_port_t port = rt_port();
	mach_port_t previous;

	want("request", request(port, MACH_NOTIFY_PORT_DESTROYED, 0,
	    &previous), KERN_SUCCESS);
	want("request with sync", request(port, MACH_NOTIFY_PORT_DESTROYED, 1,
	    &previous), KERN_INVALID_VALUE);
	drain();
	mach_port_mod_refs(rt_task, port, MACH_PORT_RIGHT_RECEIVE, -1);
	rt_show_right_ours("port", port, "send 1",
	    "it makes the send right a dead name though the port lives");
	mach_port_destroy(rt_task, port);
	show_notification(port);
	mach_port_destroy(rt_task, msg.dead.not_port);
}

static void
test_send_once(void)
{
	mach_port_t once;
	mach_msg_type_name_t type;

	need("extract", mach_port_extract_right(rt_task, notify,
	    MACH_MSG_TYPE_MAKE_SEND_ONCE, &once, &type));
	want("deallocate", mach_port_deallocate(rt_task, once), KERN_SUCCESS);
	show_notification(0);

	/* A message that dies with its port: its reply right is not used. */
	once = rt_port();
	rt_header(&msg.header, MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND,
	    MACH_MSG_TYPE_MAKE_SEND_ONCE), 24, once, notify, 1);
	need("send", mach_msg(&msg.header, MACH_SEND_MSG, 24, 0, 0, 0, 0));
	mach_port_destroy(rt_task, once);
	show_notification(0);
}

static void
test_accepted(void)
{
	mach_port_t port = rt_port();

	mach_port_set_qlimit(rt_task, port, 1);
	rt_header(&msg.header, MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND, 0), 24,
	    port, 0, 1);
	want("first", mach_msg(&msg.header, MACH_SEND_MSG | MACH_SEND_TIMEOUT |
	    MACH_SEND_NOTIFY, 24, 0, 0, 0, notify), MACH_MSG_SUCCESS);
	want("second", mach_msg(&msg.header, MACH_SEND_MSG |
	    MACH_SEND_TIMEOUT | MACH_SEND_NOTIFY, 24, 0, 0, 0, notify),
	    MACH_SEND_WILL_NOTIFY);
	want("third", mach_msg(&msg.header, MACH_SEND_MSG |
	    MACH_SEND_TIMEOUT | MACH_SEND_NOTIFY, 24, 0, 0, 0, notify),
	    MACH_SEND_NOTIFY_IN_PROGRESS);
	want("without", mach_msg(&msg.header, MACH_SEND_MSG |
	    MACH_SEND_TIMEOUT, 24, 0, 0, 0, 0), MACH_SEND_TIMED_OUT);
	show_notification(port);
	want("receive", rt_receive(&msg.header, sizeof(msg), port, 10),
	    MACH_MSG_SUCCESS);
	want("receive", rt_receive(&msg.header, sizeof(msg), port, 10),
	    MACH_MSG_SUCCESS);
	show_notification(port);
	want("receive", rt_receive(&msg.header, sizeof(msg), port, 10),
	    MACH_RCV_TIMED_OUT);
	mach_port_destroy(rt_task, port);
}

/* A port of ours whose queue is full. */
static mach_port_t
full_port(mach_msg_type_name_t right)
{
	mach_port_t port = new_port();

	mach_port_set_qlimit(rt_task, port, 1);
	if (right == MACH_MSG_TYPE_COPY_SEND ||
	    right == MACH_MSG_TYPE_MOVE_SEND) {
		need("send right", mach_port_insert_right(rt_task, port, port,
		    MACH_MSG_TYPE_MAKE_SEND));
	}
	rt_header(&msg.header, MACH_MSGH_BITS(MACH_MSG_TYPE_MAKE_SEND, 0), 24,
	    port, 0, 1);
	need("fill", mach_msg(&msg.header, MACH_SEND_MSG, 24, 0, 0, 0, 0));
	return port;
}

static mach_msg_return_t
force(mach_port_t port, mach_msg_type_name_t right)
{
	rt_header(&msg.header, MACH_MSGH_BITS(right, 0), 24, port, 0, 1);
	return mach_msg(&msg.header, MACH_SEND_MSG | MACH_SEND_NOTIFY, 24, 0,
	    0, 0, notify);
}

static void
show_type(const char *what, mach_port_t name)
{
	mach_port_type_t type = 0;

	want(what, mach_port_type(rt_task, name, &type), KERN_SUCCESS);
	rt_printf("  type 0x%x", type);
}

/* Receive what waits at PORT, then what is told of it. */
static void
accept_all(mach_port_t port)
{
	while (rt_receive(&msg.header, sizeof(msg), port, 0) ==
	    MACH_MSG_SUCCESS) {
	}
	show_notification(port);
}

/* A forced message, and what becomes of the name that it was sent to. */
static void
test_accepted_names(void)
{
	static const mach_msg_type_name_t rights[] = {
		MACH_MSG_TYPE_COPY_SEND,
		MACH_MSG_TYPE_MOVE_SEND,
		MACH_MSG_TYPE_MAKE_SEND,
	};
	mach_port_t port;

	for (unsigned i = 0; i < 3; i++) {
		port = full_port(rights[i]);
		rt_printf("forced through %u", rights[i]);
		want("  one", force(port, rights[i]), MACH_SEND_WILL_NOTIFY);
		show_type("  pending", port);
		want("  another", force(port, MACH_MSG_TYPE_MAKE_SEND),
		    MACH_SEND_NOTIFY_IN_PROGRESS);
		want("  rename", mach_port_rename(rt_task, port,
		    0x7770000 + i * 0x100), KERN_SUCCESS);
		port = 0x7770000 + i * 0x100;
		if (i == 0) {
			want("  deallocate", mach_port_deallocate(rt_task,
			    port), KERN_SUCCESS);
		}
		accept_all(port);
		show_type("  accepted", port);
		mach_port_destroy(rt_task, port);
		drain();
	}

	rt_printf("the receive right goes, and comes back");
	port = full_port(MACH_MSG_TYPE_MAKE_SEND);
	need("force", force(port, MACH_MSG_TYPE_MAKE_SEND) ==
	    MACH_SEND_WILL_NOTIFY ? KERN_SUCCESS : KERN_FAILURE);
	rt_header(&msg.header, MACH_MSGH_BITS_COMPLEX |
	    MACH_MSGH_BITS(MACH_MSG_TYPE_MAKE_SEND, 0), 32, notify, 0, 1);
	msg.dead.not_type = rt_type(MACH_MSG_TYPE_MOVE_RECEIVE, 32, 1, true,
	    false);
	msg.dead.not_port = port;
	need("move", mach_msg(&msg.header, MACH_SEND_MSG, 32, 0, 0, 0, 0));
	need("back", rt_receive(&msg.header, sizeof(msg), notify, 0));
	port = msg.dead.not_port;
	show_type("  pending", port);
	while (rt_receive(&msg.header, sizeof(msg), port, 0) ==
	    MACH_MSG_SUCCESS) {
	}
	need("told", rt_receive(&msg.header, sizeof(msg), notify, 0));
	rt_printf("  %u with a name %d", msg.header.msgh_id,
	    msg.dead.not_port != MACH_PORT_NULL);
	mach_port_destroy(rt_task, port);

	rt_printf("the port dies");
	port = full_port(MACH_MSG_TYPE_COPY_SEND);
	force(port, MACH_MSG_TYPE_COPY_SEND);
	mach_port_mod_refs(rt_task, port, MACH_PORT_RIGHT_RECEIVE, -1);
	show_type("  dead", port);
	need("told", rt_receive(&msg.header, sizeof(msg), notify, 0));
	want_ours("  told", (int)msg.header.msgh_id, MACH_NOTIFY_SEND_ONCE,
	    "it says that the message was accepted");
	mach_port_destroy(rt_task, port);
}

/* Both rights of a name go at once. */
static void
test_both(void)
{
	mach_port_t port = rt_port();
	mach_port_t previous;

	need("no senders", request(port, MACH_NOTIFY_NO_SENDERS, 0,
	    &previous));
	need("dead name", request(port, MACH_NOTIFY_DEAD_NAME, 0, &previous));
	want("destroy", mach_port_destroy(rt_task, port), KERN_SUCCESS);
	show_notification(port);
	show_notification(port);
	show_notification(port);
}

void
test(void)
{
	notify = new_port();
	mach_port_set_qlimit(rt_task, notify, 16);
	test_no_senders();
	drain();
	test_dead_name();
	drain();
	test_deleted();
	drain();
	test_destroyed();
	drain();
	test_send_once();
	drain();
	test_accepted();
	drain();
	test_accepted_names();
	drain();
	test_both();
}
