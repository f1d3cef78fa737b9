/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Every kind of name with every disposition in every place where a right can
 * be: destination, reply port, body in line and out of line, extract_right;
 * every pair of kinds for a second request or rename.  What the call says, what
 * is left of the name, and what arrives.
 */

#include "rt.h"

#include "mach_port_user.h"

enum kind {
	NOTHING,
	NULL_NAME,
	DEAD_VALUE,
	RECEIVE,
	SEND,
	SEND2,
	SEND_RECEIVE,
	SEND_ONCE,
	SET,
	DEAD,
	DEAD2,
	KINDS
};

static const char *const kind_names[KINDS] = {
	"nothing", "null", "~0", "receive", "send", "send2", "send+receive",
	"once", "set", "dead", "dead2",
};

static union {
	mach_msg_header_t header;
	struct {
		mach_msg_header_t header2;
		mach_msg_type_t type;
		mach_port_t right;
		uint32_t more[200];
	};
} msg;

/* Where receive rights go that shall be elsewhere. */
static mach_port_t attic;

static mach_port_t
allocate(mach_port_right_t right)
{
	mach_port_t name;

	need("allocate", mach_port_allocate(rt_task, right, &name));
	return name;
}

/* Send the receive right NAME into the attic's queue: it lives, not here. */
static void
hide_receive(mach_port_t name)
{
	rt_header(&msg.header, MACH_MSGH_BITS_COMPLEX |
	    MACH_MSGH_BITS(MACH_MSG_TYPE_MAKE_SEND_ONCE, 0), 32, attic,
	    MACH_PORT_NULL, 1);
	msg.type = rt_type(MACH_MSG_TYPE_MOVE_RECEIVE, 32, 1, true, false);
	msg.right = name;
	need("hide", mach_msg(&msg.header, MACH_SEND_MSG, 32, 0, 0, 0, 0));
}

static mach_port_t
make(enum kind kind)
{
	mach_msg_type_name_t type;
	mach_port_t name;
	mach_port_t once;

	switch (kind) {
	case NOTHING:
		return 0x7654321;
	case NULL_NAME:
		return MACH_PORT_NULL;
	case DEAD_VALUE:
		return MACH_PORT_DEAD;
	case RECEIVE:
		return allocate(MACH_PORT_RIGHT_RECEIVE);
	case SEND_RECEIVE:
		return rt_port();
	case SEND:
	case SEND2:
		name = rt_port();
		if (kind == SEND2) {
			mach_port_mod_refs(rt_task, name,
			    MACH_PORT_RIGHT_SEND, 1);
		}
		hide_receive(name);
		return name;
	case SEND_ONCE:
		name = allocate(MACH_PORT_RIGHT_RECEIVE);
		need("extract", mach_port_extract_right(rt_task, name,
		    MACH_MSG_TYPE_MAKE_SEND_ONCE, &once, &type));
		hide_receive(name);
		return once;
	case SET:
		return allocate(MACH_PORT_RIGHT_PORT_SET);
	default:
		name = allocate(MACH_PORT_RIGHT_DEAD_NAME);
		if (kind == DEAD2) {
			mach_port_mod_refs(rt_task, name,
			    MACH_PORT_RIGHT_DEAD_NAME, 1);
		}
		return name;
	}
}

static void
show_left(mach_port_t name)
{
	if (name != MACH_PORT_NULL && name != MACH_PORT_DEAD) {
		rt_show_right("    left", name);
	}
}

static void
unmake(mach_port_t name)
{
	if (name != MACH_PORT_NULL && name != MACH_PORT_DEAD) {
		mach_port_destroy(rt_task, name);
	}
	mach_port_destroy(rt_task, attic);
	attic = allocate(MACH_PORT_RIGHT_RECEIVE);
}

static void
put_label(const char *place, enum kind kind, unsigned disposition, int code)
{
	rt_printf("%s %s %u: 0x%x", place, kind_names[kind], disposition,
	    code);
}

static mach_msg_return_t
send(mach_msg_size_t size)
{
	return mach_msg(&msg.header, MACH_SEND_MSG | MACH_SEND_TIMEOUT, size,
	    0, MACH_PORT_NULL, 0, MACH_PORT_NULL);
}

static void
in_destination(enum kind kind, unsigned disposition)
{
	mach_port_t name = make(kind);

	rt_header(&msg.header, MACH_MSGH_BITS(disposition, 0), 24, name,
	    MACH_PORT_NULL, 1);
	put_label("dest", kind, disposition, send(24));
	show_left(name);
	unmake(name);
}

static void
show_arrived(mach_port_t right)
{
	if (right == MACH_PORT_NULL || right == MACH_PORT_DEAD) {
		rt_printf("    arrived: %d", (int)right);
	} else {
		rt_show_right("    arrived", right);
	}
}

static void
in_reply(enum kind kind, unsigned disposition)
{
	mach_port_t name = make(kind);
	mach_port_t port = rt_port();
	mach_msg_return_t mr;

	rt_header(&msg.header, MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND,
	    disposition), 24, port, name, 1);
	mr = send(24);
	put_label("reply", kind, disposition, mr);
	show_left(name);
	if (mr == MACH_MSG_SUCCESS &&
	    rt_receive(&msg.header, sizeof(msg), port, 100) == 0) {
		rt_printf("    bits 0x%x", msg.header.msgh_bits);
		show_arrived(msg.header.msgh_remote_port);
	}
	unmake(name);
	mach_port_destroy(rt_task, port);
}

static void
in_body(enum kind kind, unsigned disposition, bool in_line)
{
	mach_port_t name = make(kind);
	mach_port_t port = rt_port();
	mach_port_t outside = name;
	mach_msg_return_t mr;

	rt_header(&msg.header, MACH_MSGH_BITS_COMPLEX |
	    MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND, 0), 32, port,
	    MACH_PORT_NULL, 1);
	msg.type = rt_type(disposition, 32, 1, in_line, false);
	msg.right = in_line ? name : (uintptr_t)&outside;
	mr = send(32);
	put_label(in_line ? "body" : "out of line", kind, disposition, mr);
	show_left(name);
	if (mr == MACH_MSG_SUCCESS &&
	    rt_receive(&msg.header, sizeof(msg), port, 100) == 0) {
		rt_printf("    bits 0x%x type %u %u deallocate %u",
		    msg.header.msgh_bits, msg.type.msgt_name,
		    msg.type.msgt_size, msg.type.msgt_deallocate);
		if (disposition >= MACH_MSG_TYPE_MOVE_RECEIVE &&
		    disposition <= MACH_MSG_TYPE_MAKE_SEND_ONCE) {
			show_arrived(in_line ? msg.right :
			    *(mach_port_t *)(uintptr_t)msg.right);
		}
	}
	unmake(name);
	mach_port_destroy(rt_task, port);
}

static void
by_extract(enum kind kind, unsigned disposition)
{
	mach_port_t name = make(kind);
	mach_msg_type_name_t type = 0;
	mach_port_t right = 0;
	kern_return_t kr;

	kr = mach_port_extract_right(rt_task, name, disposition, &right,
	    &type);
	put_label("extract", kind, disposition, kr);
	if (kr != KERN_SUCCESS) {
		/* Else the name may be free and used for the result. */
		show_left(name);
	} else {
		rt_printf("    type %u", type);
		show_arrived(right);
	}
	unmake(name);
}

/* A reply right of each kind, and the destination the same name. */
static void
twice(enum kind kind, unsigned first, unsigned second)
{
	mach_port_t name = make(kind);

	rt_header(&msg.header, MACH_MSGH_BITS(first, second), 24, name, name,
	    1);
	rt_printf("twice %s %u %u: 0x%x", kind_names[kind], first, second,
	    send(24));
	show_left(name);
	unmake(name);
}

/* Each call that changes a name, on each kind. */
static void
calls(enum kind kind)
{
	static const int deltas[] = { -3, -2, -1, 0, 1, 65533, 65534 };
	static mach_port_t new_name = 0x5000;
	mach_port_t name;
	mach_port_t set;

	for (unsigned right = 0; right < 6; right++) {
		for (unsigned i = 0; i < 7; i++) {
			name = make(kind);
			rt_printf("mod_refs %s %u %d: %d", kind_names[kind],
			    right, deltas[i], mach_port_mod_refs(rt_task,
			    name, right, deltas[i]));
			show_left(name);
			unmake(name);
		}
	}
	name = make(kind);
	rt_printf("deallocate %s: %d", kind_names[kind],
	    mach_port_deallocate(rt_task, name));
	show_left(name);
	unmake(name);
	name = make(kind);
	rt_printf("destroy %s: %d", kind_names[kind],
	    mach_port_destroy(rt_task, name));
	show_left(name);
	unmake(name);
	name = make(kind);
	new_name++;
	rt_printf("rename %s: %d", kind_names[kind], mach_port_rename(rt_task,
	    name, new_name));
	show_left(name);
	show_left(new_name);
	rt_printf("rename to null, ~0: %d %d",
	    mach_port_rename(rt_task, new_name, MACH_PORT_NULL),
	    mach_port_rename(rt_task, new_name, MACH_PORT_DEAD));
	show_left(new_name);
	unmake(new_name);
	unmake(name);
	name = make(kind);
	set = allocate(MACH_PORT_RIGHT_PORT_SET);
	rt_printf("move_member %s: %d, out %d, after it %d",
	    kind_names[kind], mach_port_move_member(rt_task, name, set),
	    mach_port_move_member(rt_task, name, MACH_PORT_NULL),
	    mach_port_move_member(rt_task, set, name));
	rt_printf("set_qlimit %d, set_mscount %d, set_seqno %d",
	    mach_port_set_qlimit(rt_task, name, 17),
	    mach_port_set_mscount(rt_task, name, 17),
	    mach_port_set_seqno(rt_task, name, 17));
	unmake(set);
	unmake(name);
}

void
test(void)
{
	attic = allocate(MACH_PORT_RIGHT_RECEIVE);
	for (unsigned kind = 0; kind < KINDS; kind++) {
		for (unsigned d = 14; d < 25; d++) {
			in_destination(kind, d);
			in_reply(kind, d);
			in_body(kind, d, true);
			in_body(kind, d, false);
			by_extract(kind, d);
		}
		in_destination(kind, 0);
		in_reply(kind, 0);
		in_reply(kind, 255);
	}
	for (unsigned kind = RECEIVE; kind < KINDS; kind++) {
		for (unsigned a = 17; a < 22; a++) {
			for (unsigned b = 17; b < 22; b++) {
				twice(kind, a, b);
			}
		}
		calls(kind);
	}
	calls(NOTHING);
	calls(NULL_NAME);
	calls(DEAD_VALUE);
}
