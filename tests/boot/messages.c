/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Messages: headers, every way to pass a right, data and rights out of line,
 * sizes, and what is left after a bad message.
 */

#include "rt.h"

#include "mach_port_user.h"
#include "mach_user.h"

#define P	vm_page_size

union message {
	mach_msg_header_t header;
	struct {
		mach_msg_header_t header2;
		mach_msg_type_t type;
		uint32_t data[1000];
	};
	struct {
		mach_msg_header_t header3;
		mach_msg_type_long_t long_type;
		uint32_t long_data[1000];
	};
};

static union message msg;

static const char lost[] =
    "a message that fails has lost the rights before the bad one";

static mach_msg_return_t
send(mach_msg_size_t size)
{
	return mach_msg(&msg.header, MACH_SEND_MSG | MACH_SEND_TIMEOUT, size, 0,
	    MACH_PORT_NULL, 0, MACH_PORT_NULL);
}

static mach_msg_return_t
receive(mach_port_t port)
{
	return rt_receive(&msg.header, sizeof(msg), port, 1000);
}

static void
test_header(void)
{
	mach_port_t port = rt_port();
	mach_port_t reply = rt_port();
	static const unsigned remote[] = {
		MACH_MSG_TYPE_COPY_SEND,
		MACH_MSG_TYPE_MAKE_SEND,
		MACH_MSG_TYPE_MAKE_SEND_ONCE,
		MACH_MSG_TYPE_MOVE_SEND,
	};
	static const unsigned local[] = {
		0,
		MACH_MSG_TYPE_COPY_SEND,
		MACH_MSG_TYPE_MAKE_SEND,
		MACH_MSG_TYPE_MAKE_SEND_ONCE,
		MACH_MSG_TYPE_MOVE_SEND,
	};

	for (unsigned i = 0; i < 4; i++) {
		for (unsigned j = 0; j < 5; j++) {
			rt_printf("remote %u local %u", remote[i], local[j]);
			rt_header(&msg.header,
			    MACH_MSGH_BITS(remote[i], local[j]), 24, port,
			    local[j] != 0 ? reply : 0, 1000 + i);
			need("send", send(24));
			rt_show_right("  port", port);
			rt_show_right("  reply", reply);
			need("receive", receive(port));
			rt_printf("  got bits 0x%x size %u local is port %d "
				  "remote is reply %d seqno %u id %u",
			    msg.header.msgh_bits, msg.header.msgh_size,
			    msg.header.msgh_local_port == port,
			    msg.header.msgh_remote_port == reply,
			    msg.header.msgh_seqno, msg.header.msgh_id);
			if (local[j] == MACH_MSG_TYPE_MAKE_SEND_ONCE) {
				rt_show_right(
				    "  once", msg.header.msgh_remote_port);
				mach_port_deallocate(
				    rt_task, msg.header.msgh_remote_port);
			}
			/* Put back what was moved away. */
			mach_port_insert_right(
			    rt_task, port, port, MACH_MSG_TYPE_MAKE_SEND);
			mach_port_insert_right(
			    rt_task, reply, reply, MACH_MSG_TYPE_MAKE_SEND);
		}
	}
	mach_port_destroy(rt_task, port);
	mach_port_destroy(rt_task, reply);
}

static void
test_bad_headers(void)
{
	mach_port_t port = rt_port();
	mach_port_t dead = rt_port();

	mach_port_mod_refs(rt_task, dead, MACH_PORT_RIGHT_RECEIVE, -1);
	rt_header(&msg.header, MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND, 0), 24,
	    0, 0, 1);
	want("to null", send(24), MACH_SEND_INVALID_DEST);
	msg.header.msgh_remote_port = dead;
	want("to dead", send(24), MACH_SEND_INVALID_DEST);
	msg.header.msgh_remote_port = 0x777700;
	want("to nothing", send(24), MACH_SEND_INVALID_DEST);
	rt_header(&msg.header,
	    MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND, MACH_MSG_TYPE_COPY_SEND),
	    24, port, 0x777700, 1);
	want("reply nothing", send(24), MACH_SEND_INVALID_REPLY);
	rt_header(&msg.header,
	    MACH_MSGH_BITS(
		MACH_MSG_TYPE_COPY_SEND, MACH_MSG_TYPE_MAKE_SEND_ONCE),
	    24, port, dead, 1);
	want("make from dead", send(24), MACH_SEND_INVALID_REPLY);
	rt_header(&msg.header,
	    MACH_MSGH_BITS(
		MACH_MSG_TYPE_COPY_SEND, MACH_MSG_TYPE_MOVE_SEND_ONCE),
	    24, port, port, 1);
	want("move once we lack", send(24), MACH_SEND_INVALID_REPLY);
	rt_header(&msg.header, MACH_MSGH_BITS(MACH_MSG_TYPE_MOVE_RECEIVE, 0),
	    24, port, 0, 1);
	want("move receive remote", send(24), MACH_SEND_INVALID_HEADER);
	rt_header(&msg.header, MACH_MSGH_BITS(0, 0), 24, port, 0, 1);
	want("no disposition", send(24), MACH_SEND_INVALID_HEADER);
	rt_header(&msg.header, MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND, 3), 24,
	    port, 0, 1);
	want("bad local", send(24), MACH_SEND_INVALID_HEADER);
	rt_header(&msg.header,
	    MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND, 0) | 0x00010000, 24, port,
	    0, 1);
	show("unused bits", send(24));
	msg.header.msgh_bits = MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND, 0) |
	    0x7fff0000;
	show("all of them", send(24));
	rt_header(&msg.header,
	    MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND, MACH_MSG_TYPE_COPY_SEND),
	    24, port, dead, 1);
	want("copy of a dead reply", send(24), MACH_MSG_SUCCESS);
	rt_show_right("port", port);
	rt_show_right("dead", dead);
	while (receive(port) == MACH_MSG_SUCCESS) {
		rt_printf("received bits 0x%x remote: %d", msg.header.msgh_bits,
		    (int)msg.header.msgh_remote_port == -1
			? -1
			: msg.header.msgh_remote_port != 0);
	}
	want("receive from a send right",
	    rt_receive(&msg.header, sizeof(msg), dead, 10),
	    MACH_RCV_INVALID_NAME);
	want("receive from nothing",
	    rt_receive(&msg.header, sizeof(msg), 0x777700, 10),
	    MACH_RCV_INVALID_NAME);
	mach_port_destroy(rt_task, port);
	mach_port_destroy(rt_task, dead);
}

/* The header is told in any case, and in it the port, not its payload. */
static void
test_less_than_header(mach_port_t port)
{
	static const mach_msg_size_t sizes[] = { 0, 3, 20, 23, 24 };

	need("payload", mach_port_set_protected_payload(rt_task, port,
	    0x4711));
	for (unsigned i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		rt_header(&msg.header, MACH_MSGH_BITS(MACH_MSG_TYPE_MAKE_SEND,
		    MACH_MSG_TYPE_MAKE_SEND_ONCE), 32, port, port, 5);
		need("send", send(32));
		memset(&msg, 0, sizeof(msg.header));
		rt_printf("room for %u", sizes[i]);
		want("  receive", mach_msg(&msg.header, MACH_RCV_MSG, 0,
		    sizes[i], port, 0, 0), MACH_RCV_TOO_LARGE);
		rt_printf("  bits 0x%x size %u local is port %d remote %u "
		    "id %u", msg.header.msgh_bits, msg.header.msgh_size,
		    msg.header.msgh_local_port == port,
		    msg.header.msgh_remote_port, msg.header.msgh_id);
		/* Its reply right was lost. */
		need("told", receive(port));
		rt_printf("  then %u to 0x%x", msg.header.msgh_id,
		    msg.header.msgh_local_port);
	}
	need("payload", mach_port_clear_protected_payload(rt_task, port));
}

static void
test_sizes(void)
{
	mach_port_t port = rt_port();

	rt_header(&msg.header, MACH_MSGH_BITS(MACH_MSG_TYPE_MAKE_SEND, 0), 28,
	    port, 0, 1);
	want("23 bytes", send(23), MACH_SEND_MSG_TOO_SMALL);
	show("26 bytes", send(26));
	want("28 bytes", send(28), MACH_MSG_SUCCESS);
	while (receive(port) == MACH_MSG_SUCCESS) {
		rt_printf("received %u", msg.header.msgh_size);
	}

	for (unsigned i = 0; i < 100; i++) {
		msg.data[i] = i * 3;
	}
	rt_header(&msg.header, MACH_MSGH_BITS(MACH_MSG_TYPE_MAKE_SEND, 0), 428,
	    port, 0, 1);
	msg.type = rt_type(MACH_MSG_TYPE_INTEGER_32, 32, 100, true, false);
	want("428 bytes", send(428), MACH_MSG_SUCCESS);
	want("room for 100",
	    mach_msg(&msg.header,
		MACH_RCV_MSG | MACH_RCV_LARGE | MACH_RCV_TIMEOUT, 0, 100, port,
		100, 0),
	    MACH_RCV_TOO_LARGE);
	rt_printf("needs %u", msg.header.msgh_size);
	memset(&msg, 0, sizeof(msg));
	want("room for 428",
	    mach_msg(&msg.header,
		MACH_RCV_MSG | MACH_RCV_LARGE | MACH_RCV_TIMEOUT, 0, 428, port,
		100, 0),
	    MACH_MSG_SUCCESS);
	rt_printf("last %u", msg.data[99]);

	rt_header(&msg.header, MACH_MSGH_BITS(MACH_MSG_TYPE_MAKE_SEND, 0), 428,
	    port, 0, 1);
	want("428 bytes again", send(428), MACH_MSG_SUCCESS);
	want("room for 100, not large",
	    mach_msg(&msg.header, MACH_RCV_MSG | MACH_RCV_TIMEOUT, 0, 100, port,
		100, 0),
	    MACH_RCV_TOO_LARGE);
	rt_printf("header says %u", msg.header.msgh_size);
	want("it is gone", rt_receive(&msg.header, sizeof(msg), port, 10),
	    MACH_RCV_TIMED_OUT);

	test_less_than_header(port);
	rt_header(&msg.header, MACH_MSGH_BITS(MACH_MSG_TYPE_MAKE_SEND, 0), 428,
	    port, 0, 1);
	need("send", send(428));
	want("receive to a bad address",
	    mach_msg((void *)0x10, MACH_RCV_MSG | MACH_RCV_TIMEOUT, 0, 1000,
		port, 100, 0),
	    MACH_RCV_INVALID_DATA);
	want("it is gone", rt_receive(&msg.header, sizeof(msg), port, 10),
	    MACH_RCV_TIMED_OUT);
	mach_port_destroy(rt_task, port);
}

/* Rights in the body. */
static void
test_rights(void)
{
	mach_port_t port = rt_port();
	static const unsigned how[] = {
		MACH_MSG_TYPE_COPY_SEND,
		MACH_MSG_TYPE_MAKE_SEND,
		MACH_MSG_TYPE_MAKE_SEND_ONCE,
		MACH_MSG_TYPE_MOVE_SEND,
		MACH_MSG_TYPE_MOVE_RECEIVE,
		MACH_MSG_TYPE_PORT_NAME,
	};

	for (unsigned i = 0; i < 6; i++) {
		mach_port_t right = rt_port();

		rt_printf("body right %u", how[i]);
		rt_header(&msg.header,
		    MACH_MSGH_BITS_COMPLEX |
			MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND, 0),
		    36, port, 0, 1);
		msg.type = rt_type(how[i], 32, 2, true, false);
		msg.data[0] = right;
		msg.data[1] = MACH_PORT_NULL;
		need("send", send(36));
		rt_show_right("  sent", right);
		need("receive", receive(port));
		rt_printf("  bits 0x%x type %u number %u second %d",
		    msg.header.msgh_bits, msg.type.msgt_name,
		    msg.type.msgt_number, msg.data[1]);
		rt_printf("  same name %d", msg.data[0] == right);
		rt_show_right("  received", msg.data[0]);
		mach_port_destroy(rt_task, msg.data[0]);
		mach_port_destroy(rt_task, right);
	}
	mach_port_destroy(rt_task, port);
}

static void
test_bad_bodies(void)
{
	mach_port_t port = rt_port();
	mach_port_t right = rt_port();

	rt_header(&msg.header,
	    MACH_MSGH_BITS_COMPLEX | MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND, 0),
	    36, port, 0, 1);
	msg.type = rt_type(MACH_MSG_TYPE_MOVE_SEND, 32, 2, true, false);
	msg.data[0] = right;
	msg.data[1] = 0x777700;
	want("second right bad", send(36), MACH_SEND_INVALID_RIGHT);
	rt_show_right_ours("first", right, "send 1 receive 1", lost);
	mach_port_insert_right(rt_task, right, right, MACH_MSG_TYPE_MAKE_SEND);
	mach_port_mod_refs(
	    rt_task, right, MACH_PORT_RIGHT_SEND, rt_on_gnumach ? 0 : -1);
	msg.data[1] = right;
	want("both move the only one", send(36), MACH_SEND_INVALID_RIGHT);
	rt_show_right_ours("it", right, "send 1 receive 1", lost);
	msg.type.msgt_name = MACH_MSG_TYPE_COPY_SEND;
	msg.type.msgt_number = 3;
	want("type longer than message", send(36), MACH_SEND_MSG_TOO_SMALL);
	msg.type.msgt_number = 2;
	msg.type.msgt_size = 16;
	want("rights of 16 bits", send(36), MACH_SEND_INVALID_TYPE);
	msg.type = rt_type(99, 32, 2, true, false);
	show("unknown type", send(36));
	msg.type = rt_type(MACH_MSG_TYPE_INTEGER_32, 32, 2, false, false);
	msg.data[0] = 0x10;
	want("out of line nowhere", send(32), MACH_SEND_INVALID_MEMORY);
	msg.type = rt_type(MACH_MSG_TYPE_COPY_SEND, 32, 1, false, false);
	msg.data[0] = 0x10;
	want("rights out of line nowhere", send(32), MACH_SEND_INVALID_MEMORY);
	while (receive(port) == MACH_MSG_SUCCESS) {
		rt_printf("one of these arrived: type %u", msg.type.msgt_name);
	}
	mach_port_destroy(rt_task, port);
	mach_port_destroy(rt_task, right);
}

/* A receive right in a message to itself would never be seen again. */
static void
test_circular(void)
{
	mach_port_t port = rt_port();
	mach_port_t other = rt_port();

	rt_header(&msg.header,
	    MACH_MSGH_BITS_COMPLEX | MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND, 0),
	    32, port, 0, 1);
	msg.type = rt_type(MACH_MSG_TYPE_MOVE_RECEIVE, 32, 1, true, false);
	msg.data[0] = port;
	show("receive right to itself", send(32));
	rt_show_right("port", port);
	mach_port_destroy(rt_task, port);

	port = rt_port();
	rt_header(&msg.header,
	    MACH_MSGH_BITS_COMPLEX | MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND, 0),
	    32, port, 0, 1);
	msg.data[0] = other;
	show("other to port", send(32));
	rt_header(&msg.header,
	    MACH_MSGH_BITS_COMPLEX | MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND, 0),
	    32, other, 0, 1);
	msg.data[0] = port;
	show("port to other", send(32));
	rt_show_right("port", port);
	rt_show_right("other", other);
	mach_port_destroy(rt_task, port);
	mach_port_destroy(rt_task, other);
}

static void
test_ool_data(void)
{
	mach_port_t port = rt_port();
	vm_offset_t memory = 0;
	vm_offset_t got;
	uint32_t *words;
	unsigned bad = 0;

	need("vm_allocate", vm_allocate(rt_task, &memory, 20 * P, TRUE));
	words = (uint32_t *)memory;
	for (unsigned i = 0; i < 20 * P / 4; i++) {
		words[i] = i;
	}

	rt_printf("a copy of 10000 bytes from the middle of a page");
	rt_header(&msg.header,
	    MACH_MSGH_BITS_COMPLEX | MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND, 0),
	    40, port, 0, 1);
	msg.long_type.msgtl_header = rt_type(0, 0, 0, false, false);
	msg.long_type.msgtl_header.msgt_longform = 1;
	msg.long_type.msgtl_name = MACH_MSG_TYPE_INTEGER_32;
	msg.long_type.msgtl_size = 32;
	msg.long_type.msgtl_number = 2500;
	msg.long_data[0] = memory + 4000;
	need("send", send(40));
	words[1000] = 77777;
	need("receive", receive(port));
	got = msg.long_data[0];
	rt_printf("  elsewhere %d, dealloc %u number %u offset in page %u",
	    got != memory + 4000, msg.long_type.msgtl_header.msgt_deallocate,
	    msg.long_type.msgtl_number, got & (P - 1));
	for (unsigned i = 0; i < 2500; i++) {
		bad += ((uint32_t *)got)[i] != 1000 + i;
	}
	want_number("  wrong words", bad, 0);
	((uint32_t *)got)[5] = 1;
	want_number("  ours unchanged", words[1005], 1005);
	vm_deallocate(rt_task, got, 10000);

	rt_printf("moved away");
	rt_header(&msg.header,
	    MACH_MSGH_BITS_COMPLEX | MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND, 0),
	    40, port, 0, 1);
	msg.long_type.msgtl_header.msgt_deallocate = 1;
	msg.long_type.msgtl_number = 5 * P / 4;
	msg.long_data[0] = memory + P;
	need("send", send(40));
	want("  it is free",
	    vm_allocate(
		rt_task, &(vm_offset_t){ memory + P }, 5 * P, FALSE),
	    KERN_SUCCESS);
	need("receive", receive(port));
	got = msg.long_data[0];
	bad = 0;
	for (unsigned i = 0; i < 5 * P / 4; i++) {
		bad += ((uint32_t *)got)[i] != P / 4 + i;
	}
	want_number("  wrong words", bad, 0);
	vm_deallocate(rt_task, got, 5 * P);

	rt_printf("nothing out of line");
	rt_header(&msg.header,
	    MACH_MSGH_BITS_COMPLEX | MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND, 0),
	    40, port, 0, 1);
	msg.long_type.msgtl_header.msgt_deallocate = 0;
	msg.long_type.msgtl_number = 0;
	msg.long_data[0] = memory;
	need("send", send(40));
	need("receive", receive(port));
	rt_printf("  number %u address %d", msg.long_type.msgtl_number,
	    msg.long_data[0] != 0);

	rt_printf("a message nobody receives");
	rt_header(&msg.header,
	    MACH_MSGH_BITS_COMPLEX | MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND, 0),
	    40, port, 0, 1);
	msg.long_type.msgtl_number = 1024;
	msg.long_data[0] = memory;
	need("send", send(40));
	want("  destroy", mach_port_destroy(rt_task, port), KERN_SUCCESS);
	vm_deallocate(rt_task, memory, 20 * P);
}

/* A region does not move with a message that is refused. */
static void
test_ool_refused(void)
{
	static struct {
		mach_msg_header_t header;
		mach_msg_type_t right_type;
		mach_port_t right;
		mach_msg_type_t type;
		vm_offset_t data;
	} m;
	mach_port_t port = rt_port();
	vm_offset_t memory = 0;

	need("vm_allocate", vm_allocate(rt_task, &memory, 3 * P, TRUE));
	for (unsigned i = 0; i < 3 * 1024; i++) {
		((uint32_t *)memory)[i] = i;
	}
	rt_header(&m.header,
	    MACH_MSGH_BITS_COMPLEX | MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND, 0),
	    sizeof(m), port, 0, 1);
	m.right_type = rt_type(MACH_MSG_TYPE_COPY_SEND, 32, 1, true, false);
	m.right = 0x777700;
	m.type = rt_type(MACH_MSG_TYPE_INTEGER_32, 32, 1024, false, true);
	m.data = memory + P;
	want("a region and a bad right", mach_msg(&m.header, MACH_SEND_MSG,
	    sizeof(m), 0, 0, 0, 0), MACH_SEND_INVALID_RIGHT);
	want_number("  its word", ((uint32_t *)memory)[1500], 1500);
	want("  protect", vm_protect(rt_task, memory, 3 * P, FALSE,
	    VM_PROT_READ), KERN_SUCCESS);
	m.right = port;
	want("with a good one", mach_msg(&m.header, MACH_SEND_MSG, sizeof(m),
	    0, 0, 0, 0), MACH_MSG_SUCCESS);
	want("  deallocate", vm_deallocate(rt_task, memory, 3 * P),
	    KERN_SUCCESS);
	mach_port_destroy(rt_task, port);
}

static void
test_ool_rights(void)
{
	mach_port_t port = rt_port();
	mach_port_t rights[4];
	mach_port_t *got;

	for (unsigned i = 0; i < 4; i++) {
		rights[i] = i == 2 ? MACH_PORT_NULL : rt_port();
	}
	rt_header(&msg.header,
	    MACH_MSGH_BITS_COMPLEX | MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND, 0),
	    32, port, 0, 1);
	msg.type = rt_type(MACH_MSG_TYPE_COPY_SEND, 32, 4, false, false);
	msg.data[0] = (uint32_t)rights;
	need("send", send(32));
	need("receive", receive(port));
	got = (mach_port_t *)msg.data[0];
	rt_printf("type %u number %u dealloc %u", msg.type.msgt_name,
	    msg.type.msgt_number, msg.type.msgt_deallocate);
	for (unsigned i = 0; i < 4; i++) {
		rt_printf("  %u same %d", i, got[i] == rights[i]);
		if (rights[i] != 0) {
			rt_show_right("  right", rights[i]);
		}
	}
	vm_deallocate(rt_task, (vm_offset_t)got, 16);

	rights[2] = 0x777700;
	rt_header(&msg.header,
	    MACH_MSGH_BITS_COMPLEX | MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND, 0),
	    32, port, 0, 1);
	msg.type = rt_type(MACH_MSG_TYPE_MOVE_RECEIVE, 32, 4, false, false);
	msg.data[0] = (uint32_t)rights;
	want("one bad right", send(32), MACH_SEND_INVALID_RIGHT);
	rt_show_right_ours("first", rights[0], "send 2 receive 1", lost);
	rt_show_right("last", rights[3]);
	for (unsigned i = 0; i < 4; i++) {
		mach_port_destroy(rt_task, rights[i]);
	}
	mach_port_destroy(rt_task, port);
}

/* Request and reply in one call, to a thread that answers. */
static void
answer(void *arg)
{
	mach_port_t port = (mach_port_t)arg;
	static union message m;

	for (;;) {
		mach_port_t to;

		need("receive", mach_msg(&m.header, MACH_RCV_MSG, 0, sizeof(m),
				    port, 0, 0));
		to = m.header.msgh_remote_port;
		rt_header(&m.header,
		    MACH_MSGH_BITS(MACH_MSG_TYPE_MOVE_SEND_ONCE, 0), 32, to, 0,
		    m.header.msgh_id + 100);
		m.data[0]++;
		need("answer",
		    mach_msg(&m.header, MACH_SEND_MSG, 32, 0, 0, 0, 0));
	}
}

static void
test_rpc(void)
{
	mach_port_t port = rt_port();
	mach_port_t reply = mach_reply_port();
	unsigned good = 0;

	rt_thread_create(answer, (void *)port);
	for (unsigned i = 0; i < 1000; i++) {
		rt_header(&msg.header,
		    MACH_MSGH_BITS(
			MACH_MSG_TYPE_COPY_SEND, MACH_MSG_TYPE_MAKE_SEND_ONCE),
		    32, port, reply, i);
		msg.type = rt_type(
		    MACH_MSG_TYPE_INTEGER_32, 32, 1, true, false);
		msg.data[0] = i;
		need("rpc", mach_msg(&msg.header, MACH_SEND_MSG | MACH_RCV_MSG,
				32, sizeof(msg), reply, 0, 0));
		good += msg.data[0] == i + 1 &&
			msg.header.msgh_id == (int)i + 100 &&
			msg.header.msgh_seqno == i;
	}
	want_number("good answers", good, 1000);
}

/* The same with data of many sizes, the answer as long as the request. */
#define LONG_WORDS 4000

struct long_message {
	mach_msg_header_t header;
	mach_msg_type_long_t type;
	uint32_t data[LONG_WORDS];
};

static void
echo(void *arg)
{
	static struct long_message m;
	mach_msg_option_t option = MACH_RCV_MSG;
	mach_msg_size_t size = 0;

	for (;;) {
		need("echo", mach_msg(&m.header, option, size, sizeof(m),
				 (mach_port_t)arg, 0, 0));
		option = MACH_SEND_MSG | MACH_RCV_MSG;
		size = m.header.msgh_size;
		rt_header(&m.header,
		    MACH_MSGH_BITS(MACH_MSG_TYPE_MOVE_SEND_ONCE, 0), size,
		    m.header.msgh_remote_port, 0, m.header.msgh_id + 100);
		for (unsigned i = 0; i < m.type.msgtl_number; i++) {
			m.data[i] = ~m.data[i];
		}
	}
}

static struct long_message long_msg;

static mach_msg_return_t
long_call(mach_port_t port, mach_port_t reply, unsigned words, int id,
    mach_msg_size_t room)
{
	mach_msg_size_t size = sizeof(mach_msg_header_t) +
			       sizeof(mach_msg_type_long_t) + 4 * words;

	rt_header(&long_msg.header,
	    MACH_MSGH_BITS(
		MACH_MSG_TYPE_COPY_SEND, MACH_MSG_TYPE_MAKE_SEND_ONCE),
	    size, port, reply, id);
	memset(&long_msg.type, 0, sizeof(long_msg.type));
	long_msg.type.msgtl_header.msgt_inline = TRUE;
	long_msg.type.msgtl_header.msgt_longform = TRUE;
	long_msg.type.msgtl_name = MACH_MSG_TYPE_INTEGER_32;
	long_msg.type.msgtl_size = 32;
	long_msg.type.msgtl_number = words;
	for (unsigned i = 0; i < words; i++) {
		long_msg.data[i] = (unsigned)id * 77777 + i;
	}
	return mach_msg(&long_msg.header, MACH_SEND_MSG | MACH_RCV_MSG, size,
	    room, reply, 0, 0);
}

static void
test_long_rpc(void)
{
	static const unsigned words[] = {
		1,
		54,
		55,
		56,
		57,
		500,
		1011,
		1012,
		1013,
		1014,
		1015,
		1016,
		1020,
		2030,
		2035,
		2040,
		4000,
	};
	mach_port_t port = rt_port();
	mach_port_t reply = mach_reply_port();
	unsigned good;

	rt_thread_create(echo, (void *)port);
	for (unsigned k = 0; k < sizeof(words) / sizeof(words[0]); k++) {
		good = 0;
		for (int id = 0; id < 10; id++) {
			need("call", long_call(port, reply, words[k], id,
					 sizeof(long_msg)));
			for (unsigned i = 0; i < words[k]; i++) {
				good += long_msg.data[i] ==
					~((unsigned)id * 77777 + i);
			}
			good += long_msg.header.msgh_id == id + 100 &&
				long_msg.header.msgh_local_port == reply &&
				long_msg.header.msgh_seqno ==
				    10 * k + (unsigned)id;
		}
		rt_printf("%u words", words[k]);
		want_number("  right", good, 10 * words[k] + 10);
	}
	want("no room for the answer", long_call(port, reply, 1014, 0, 1000),
	    MACH_RCV_TOO_LARGE);
	want("and then", long_call(port, reply, 1014, 0, sizeof(long_msg)),
	    MACH_MSG_SUCCESS);
}

/* Calls that carry rights, to a thread that waits. */
struct rights_message {
	mach_msg_header_t header;
	mach_msg_type_t copied_type;
	mach_port_t copied[2];
	mach_msg_type_t word_type;
	uint32_t word;
	mach_msg_type_t made_type;
	mach_port_t made;
	mach_msg_type_t once_type;
	mach_port_t once;
};

/* What came, summed up in the answer's one word. */
static uint32_t
judge(const struct rights_message *m, mach_port_t made)
{
	uint32_t is = 0;

	is |= m->header.msgh_bits ==
	      (MACH_MSGH_BITS_COMPLEX |
		  MACH_MSGH_BITS(
		      MACH_MSG_TYPE_PORT_SEND_ONCE, MACH_MSG_TYPE_PORT_SEND));
	is |= (m->copied_type.msgt_name == MACH_MSG_TYPE_PORT_SEND) << 1;
	is |= (m->copied[0] == made) << 2;
	is |= (m->copied[1] == MACH_PORT_DEAD) << 3;
	is |= (m->word == 42) << 4;
	is |= (m->made == made &&
		  m->made_type.msgt_name == MACH_MSG_TYPE_PORT_SEND)
	      << 5;
	is |= (m->once != made && MACH_PORT_VALID(m->once) &&
		  m->once_type.msgt_name == MACH_MSG_TYPE_PORT_SEND_ONCE)
	      << 6;
	return is;
}

static mach_port_t judged_by;

static void
keep(void *arg)
{
	static union {
		union message answer;
		struct rights_message request;
	} m;
	mach_msg_option_t option = MACH_RCV_MSG;
	uint32_t is;

	for (;;) {
		need("keep", mach_msg(&m.answer.header, option, 32, sizeof(m),
				 judged_by, 0, 0));
		option = MACH_SEND_MSG | MACH_RCV_MSG;
		is = judge(&m.request, (mach_port_t)arg);
		mach_port_deallocate(rt_task, m.request.once);
		rt_header(&m.answer.header,
		    MACH_MSGH_BITS(MACH_MSG_TYPE_MOVE_SEND_ONCE, 0), 32,
		    m.answer.header.msgh_remote_port, 0, 0);
		m.answer.type = rt_type(
		    MACH_MSG_TYPE_INTEGER_32, 32, 1, true, false);
		m.answer.data[0] = is;
	}
}

static mach_msg_return_t
rights_call(mach_port_t made, mach_port_t dead, mach_port_t reply)
{
	struct rights_message *m = (struct rights_message *)&msg;

	rt_header(&m->header,
	    MACH_MSGH_BITS_COMPLEX | MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND,
					 MACH_MSG_TYPE_MAKE_SEND_ONCE),
	    sizeof(*m), judged_by, reply, 1);
	m->copied_type = rt_type(MACH_MSG_TYPE_COPY_SEND, 32, 2, true, false);
	m->copied[0] = made;
	m->copied[1] = dead;
	m->word_type = rt_type(MACH_MSG_TYPE_INTEGER_32, 32, 1, true, false);
	m->word = 42;
	m->made_type = rt_type(MACH_MSG_TYPE_MAKE_SEND, 32, 1, true, false);
	m->made = made;
	m->once_type = rt_type(
	    MACH_MSG_TYPE_MAKE_SEND_ONCE, 32, 1, true, false);
	m->once = made;
	return mach_msg(&msg.header, MACH_SEND_MSG | MACH_RCV_MSG, sizeof(*m),
	    sizeof(msg), reply, 0, 0);
}

static void
test_rights_rpc(void)
{
	mach_port_t made = rt_port();
	mach_port_t other = rt_port();
	mach_port_t reply = mach_reply_port();
	mach_port_t gone = mach_reply_port();

	judged_by = rt_port();
	rt_thread_create(keep, (void *)made);
	for (unsigned i = 0; i < 3; i++) {
		need("call", rights_call(made, other, reply));
		want_number("with a live one", msg.data[0], 0x77);
	}
	rt_show_right("made", made);
	rt_show_right("other", other);
	mach_port_mod_refs(rt_task, other, MACH_PORT_RIGHT_RECEIVE, -1);
	rt_show_right("dead", other);
	for (unsigned i = 0; i < 3; i++) {
		need("call", rights_call(made, other, reply));
		want_number("with a dead one", msg.data[0], 0x7f);
	}
	rt_show_right("made", made);
	rt_show_right("dead", other);
	mach_port_destroy(rt_task, gone);
	want("with none", rights_call(made, gone, reply),
	    MACH_SEND_INVALID_RIGHT);
	rt_show_right("made", made);
	rt_show_right("reply", reply);
}

void
test(void)
{
	test_header();
	test_bad_headers();
	test_sizes();
	test_rights();
	test_bad_bodies();
	test_circular();
	test_ool_data();
	test_ool_refused();
	test_ool_rights();
	test_rpc();
	test_long_rpc();
	test_rights_rpc();
}
