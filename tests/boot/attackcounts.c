/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Reference counts driven to their limits in every way there is, and memory
 * out of line that overlaps, wraps, is the kernel's or the message itself:
 * afterwards the counts are exact, and what was not sent is as it was.
 */

#include "exact.h"

#include <device/device_types.h>
#include <mach/notify.h>

#include "device_user.h"
#include "mach_host_user.h"
#include "mach_user.h"

#define P		vm_page_size
/* A send right leaves room for the reference that comes with its death. */
#define UREFS_MAX	0xfffe
#define UREFS_MAX_DEAD	0xffff
#define OPENS		70000u
#define WORDS		200u
#define PAGE_AT		0x31000000u
#define LIST		64u

struct message {
	mach_msg_header_t head;
	uint32_t words[WORDS];
};

static struct message msg;
static struct message back;
static mach_port_t witness;
static mach_port_t queue;

static void
put_type(struct message *m, unsigned at, unsigned name, unsigned number,
    bool is_inline, bool dealloc)
{
	mach_msg_type_t type = rt_type(name, 32, number, is_inline, dealloc);

	memcpy(&m->words[at], &type, sizeof(type));
}

static void
put_long(struct message *m, unsigned at, unsigned name, unsigned size,
    uint32_t number, bool is_inline)
{
	mach_msg_type_long_t type = {
		.msgtl_header.msgt_longform = 1,
		.msgtl_header.msgt_inline = is_inline,
		.msgtl_name = (uint16_t)name,
		.msgtl_size = (uint16_t)size,
		.msgtl_number = number,
	};

	memcpy(&m->words[at], &type, sizeof(type));
}

static mach_msg_return_t
send_words(struct message *m, unsigned words)
{
	rt_header(&m->head,
	    MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND, 0) | MACH_MSGH_BITS_COMPLEX,
	    sizeof(m->head) + words * 4, queue, MACH_PORT_NULL, 1);
	return mach_msg_trap(&m->head, MACH_SEND_MSG | MACH_SEND_TIMEOUT,
	    m->head.msgh_size, 0, 0, 0, 0);
}

static mach_msg_return_t
receive(void)
{
	return rt_receive(&back.head, sizeof(back), queue, 0);
}

static mach_port_urefs_t
refs_of(mach_port_t name, mach_port_right_t right)
{
	mach_port_urefs_t refs = 0;

	mach_port_get_refs(rt_task, name, right, &refs);
	return refs;
}

/* ---- references ---- */

/* COUNT rights for the witness come in one message. */
static void
get_rights(unsigned count)
{
	put_type(&msg, 0, MACH_MSG_TYPE_MAKE_SEND, count, true, false);
	for (unsigned i = 0; i < count; i++) {
		msg.words[1 + i] = witness;
	}
	want("  send", send_words(&msg, 1 + count), MACH_MSG_SUCCESS);
	want("  receive", receive(), MACH_MSG_SUCCESS);
}

/* What comes when there are as many as there can be is absorbed. */
static void
send_rights_at_limit(void)
{
	struct exact before = exact_count(witness);
	struct exact full = before;

	rt_printf("send rights at the limit");
	full.refs = UREFS_MAX;
	want("  all but two", mach_port_mod_refs(rt_task, witness,
				  MACH_PORT_RIGHT_SEND, UREFS_MAX - 3),
	    KERN_SUCCESS);
	get_rights(100);
	exact_same("by messages", witness, &full);
	/* As the header's right. */
	rt_header(&msg.head, MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND,
				 MACH_MSG_TYPE_MAKE_SEND),
	    sizeof(msg.head), queue, witness, 1);
	want("  send", mach_msg_trap(&msg.head, MACH_SEND_MSG,
			   sizeof(msg.head), 0, 0, 0, 0),
	    MACH_MSG_SUCCESS);
	want("  receive", receive(), MACH_MSG_SUCCESS);
	want_number("  that", back.head.msgh_remote_port == witness, true);
	exact_same("by a header", witness, &full);
	want("  one more", mach_port_insert_right(rt_task, witness, witness,
			       MACH_MSG_TYPE_MAKE_SEND),
	    KERN_UREFS_OVERFLOW);
	want("  by trap", syscall_mach_port_insert_right(rt_task, witness,
			      witness, MACH_MSG_TYPE_MAKE_SEND),
	    KERN_UREFS_OVERFLOW);
	exact_same("by calls", witness, &full);
	/* Out with one, and in again. */
	put_type(&msg, 0, MACH_MSG_TYPE_MOVE_SEND, 1, true, false);
	msg.words[1] = witness;
	want("  move one", send_words(&msg, 2), MACH_MSG_SUCCESS);
	want_number("  left", (long)refs_of(witness, MACH_PORT_RIGHT_SEND),
	    UREFS_MAX - 1);
	want("  back", receive(), MACH_MSG_SUCCESS);
	exact_same("moved", witness, &full);
	want("  all but one", mach_port_mod_refs(rt_task, witness,
				  MACH_PORT_RIGHT_SEND, 1 - UREFS_MAX),
	    KERN_SUCCESS);
	exact_same("send rights", witness, &before);
}

/* The traps that give a right each time; UREFS_MAX of them is enough. */
static void
selves_at_limit(void)
{
	static mach_port_t (*const traps[])(void) = { mach_task_self,
		mach_thread_self, mach_host_self };

	rt_printf("traps for rights");
	for (unsigned i = 0; i < sizeof(traps) / sizeof(*traps); i++) {
		mach_port_t name = traps[i]();
		natural_t rights = exact_rights(rt_task);
		mach_port_urefs_t refs = refs_of(name, MACH_PORT_RIGHT_SEND);

		for (unsigned n = 0; n < OPENS; n++) {
			traps[i]();
		}
		want_number("  references", (long)refs_of(name,
						MACH_PORT_RIGHT_SEND),
		    UREFS_MAX);
		want_number("  the same", traps[i]() == name, true);
		want("  back", mach_port_mod_refs(rt_task, name,
				   MACH_PORT_RIGHT_SEND,
				   (mach_port_delta_t)refs - UREFS_MAX),
		    KERN_SUCCESS);
		want_number("  rights", (long)exact_rights(rt_task), rights);
	}
}

/* A name with all its references dies, and its notification adds one. */
static void
dead_names_at_limit(void)
{
	struct exact before = exact_count(witness);
	mach_port_t port = rt_port();
	mach_port_t previous = MACH_PORT_NULL;
	mach_port_t name;
	natural_t rights;

	rt_printf("dead names at the limit");
	need("references", mach_port_mod_refs(rt_task, port,
			       MACH_PORT_RIGHT_SEND, UREFS_MAX - 1));
	need("request", mach_port_request_notification(rt_task, port,
			    MACH_NOTIFY_DEAD_NAME, 0, queue,
			    MACH_MSG_TYPE_MAKE_SEND_ONCE, &previous));
	want("  dies", mach_port_mod_refs(rt_task, port,
			   MACH_PORT_RIGHT_RECEIVE, -1),
	    KERN_SUCCESS);
	want("  told", receive(), MACH_MSG_SUCCESS);
	want_number("  references",
	    (long)refs_of(port, MACH_PORT_RIGHT_DEAD_NAME), UREFS_MAX_DEAD);
	want("  one more", mach_port_mod_refs(rt_task, port,
			       MACH_PORT_RIGHT_DEAD_NAME, 1),
	    KERN_UREFS_OVERFLOW);
	rights = exact_rights(rt_task);
	want("  all", mach_port_destroy(rt_task, port), KERN_SUCCESS);
	want_number("  gone", (long)rights - (long)exact_rights(rt_task), 1);

	need("allocate", mach_port_allocate(rt_task, MACH_PORT_RIGHT_DEAD_NAME,
			     &name));
	want("  as many", mach_port_mod_refs(rt_task, name,
			      MACH_PORT_RIGHT_DEAD_NAME, UREFS_MAX_DEAD - 1),
	    KERN_SUCCESS);
	want("  one more", mach_port_mod_refs(rt_task, name,
			       MACH_PORT_RIGHT_DEAD_NAME, 1),
	    KERN_UREFS_OVERFLOW);
	want("  all", mach_port_mod_refs(rt_task, name,
			  MACH_PORT_RIGHT_DEAD_NAME, -UREFS_MAX_DEAD),
	    KERN_SUCCESS);
	exact_same("dead names", witness, &before);
}

/* Devices count who opened them; each right for one comes to one name. */
static void
opens_at_limit(void)
{
	natural_t rights = exact_rights(rt_task);
	mach_port_t device = MACH_PORT_NULL;
	dev_status_data_t status;
	mach_msg_type_number_t count = DEV_STATUS_MAX;
	unsigned bad = 0;

	rt_printf("opens");
	for (unsigned i = 0; i < OPENS; i++) {
		bad += device_open(rt_device_master, D_READ, (char *)"time",
			   &device) != D_SUCCESS;
	}
	want_number("  refused", (long)bad, 0);
	want_number("  references", (long)refs_of(device,
					MACH_PORT_RIGHT_SEND), UREFS_MAX);
	want("  it works", device_get_status(device, DEV_GET_SIZE, status,
			       &count), D_SUCCESS);
	want("  all but one", mach_port_mod_refs(rt_task, device,
				  MACH_PORT_RIGHT_SEND, 1 - UREFS_MAX),
	    KERN_SUCCESS);
	count = DEV_STATUS_MAX;
	want("  it works", device_get_status(device, DEV_GET_SIZE, status,
			       &count), D_SUCCESS);
	mach_port_deallocate(rt_task, device);
	want_number("  rights", (long)exact_rights(rt_task) - (long)rights, 0);
}

/* ---- memory out of line ---- */

static bool
is_there(vm_offset_t at)
{
	vm_offset_t data;
	mach_msg_type_number_t count;

	if (vm_read(rt_task, at & -P, P, &data, &count) != KERN_SUCCESS) {
		return false;
	}
	vm_deallocate(rt_task, data, count);
	return true;
}

/* A page of names of the witness. */
static mach_port_t *
list_page(void)
{
	vm_offset_t at = PAGE_AT;
	mach_port_t *list = (mach_port_t *)PAGE_AT;

	vm_deallocate(rt_task, at, 2 * P);
	need("page", vm_allocate(rt_task, &at, P, FALSE));
	for (unsigned i = 0; i < P / 4; i++) {
		list[i] = witness;
	}
	return list;
}

/* The message is in the memory that it gives away. */
static void
gives_itself_away(void)
{
	struct exact before = exact_count(witness);
	struct message *m = (struct message *)list_page();

	rt_printf("a message that gives itself away");
	put_type(m, 0, MACH_MSG_TYPE_INTEGER_32, 1024, false, true);
	m->words[1] = PAGE_AT;
	put_type(m, 2, MACH_MSG_TYPE_COPY_SEND, LIST, false, true);
	m->words[3] = PAGE_AT + P / 2;
	want("  send", send_words(m, 4), MACH_MSG_SUCCESS);
	want_number("  still there", is_there(PAGE_AT), false);
	want("  receive", receive(), MACH_MSG_SUCCESS);
	want_number("  the same", ((uint32_t *)back.words[1])[6 + 1], PAGE_AT);
	vm_deallocate(rt_task, back.words[1], P);
	vm_deallocate(rt_task, back.words[3], LIST * 4);
	want_number("  rights",
	    (long)(refs_of(witness, MACH_PORT_RIGHT_SEND) - before.refs),
	    LIST);
	mach_port_mod_refs(rt_task, witness, MACH_PORT_RIGHT_SEND, -(int)LIST);
	exact_same("a message that gives itself away", witness, &before);
}

/* Lists of rights in the same memory, each to be given away. */
static void
overlapping_lists(void)
{
	struct exact before = exact_count(witness);
	unsigned lists = 20;

	rt_printf("lists that overlap");
	list_page();
	for (unsigned i = 0; i < lists; i++) {
		put_type(&msg, 2 * i, MACH_MSG_TYPE_COPY_SEND, LIST, false,
		    true);
		msg.words[2 * i + 1] = PAGE_AT + 4 * i;
	}
	want("  send", send_words(&msg, 2 * lists), MACH_MSG_SUCCESS);
	want_number("  still there", is_there(PAGE_AT), false);
	exact_drain(queue);
	exact_same("lists that overlap", witness, &before);
}

/* Descriptors after good ones; nothing is sent, nothing goes away. */
static void
bad_after_good(void)
{
	const struct {
		unsigned name;
		unsigned size;
		uint32_t number;
		bool is_inline;
		uint32_t data;
		mach_msg_return_t code;
	} bad[] = {
		/* Half there, not there, wrapped, the kernel's. */
		{ MACH_MSG_TYPE_COPY_SEND, 32, P / 2, false, PAGE_AT,
		    MACH_SEND_INVALID_MEMORY },
		{ MACH_MSG_TYPE_COPY_SEND, 32, 2, false, PAGE_AT + P - 4,
		    MACH_SEND_INVALID_MEMORY },
		{ MACH_MSG_TYPE_COPY_SEND, 32, 4, false, 0xfffffff8,
		    MACH_SEND_INVALID_MEMORY },
		{ MACH_MSG_TYPE_COPY_SEND, 32, 4, false, 0xc0100000,
		    MACH_SEND_INVALID_MEMORY },
		{ MACH_MSG_TYPE_COPY_SEND, 32, 2, false, 0xbffffffc,
		    MACH_SEND_INVALID_MEMORY },
		{ MACH_MSG_TYPE_CHAR, 8, 2 * P, false, PAGE_AT,
		    MACH_SEND_INVALID_MEMORY },
		{ MACH_MSG_TYPE_CHAR, 8, 0xffffffff, false, PAGE_AT,
		    MACH_SEND_INVALID_TYPE },
		{ MACH_MSG_TYPE_CHAR, 8, P, false, 0xfffff800,
		    MACH_SEND_INVALID_MEMORY },
		{ MACH_MSG_TYPE_CHAR, 8, 16, false, 0xc0100000,
		    MACH_SEND_INVALID_MEMORY },
		/* As rights would be: 4, 8 and 0 bytes, if it wrapped. */
		{ MACH_MSG_TYPE_COPY_SEND, 32, 0x08000001, false, PAGE_AT,
		    MACH_SEND_NO_BUFFER },
		{ MACH_MSG_TYPE_COPY_SEND, 32, 0x40000001, false, PAGE_AT,
		    MACH_SEND_INVALID_TYPE },
		{ MACH_MSG_TYPE_COPY_SEND, 32, 0x40000002, true, 0,
		    MACH_SEND_MSG_TOO_SMALL },
		{ MACH_MSG_TYPE_COPY_SEND, 32, 0x80000000, true, 0,
		    MACH_SEND_MSG_TOO_SMALL },
		{ MACH_MSG_TYPE_INTEGER_32, 32, 0x40000001, true, 0,
		    MACH_SEND_MSG_TOO_SMALL },
		{ MACH_MSG_TYPE_INTEGER_32, 0x8000, 0x20001, true, 0,
		    MACH_SEND_MSG_TOO_SMALL },
		{ MACH_MSG_TYPE_INTEGER_32, 0x8000, 0x20001, false, PAGE_AT,
		    MACH_SEND_INVALID_MEMORY },
		/* No right: known when all else was good. */
		{ MACH_MSG_TYPE_COPY_SEND, 32, 1, true, 0x12345,
		    MACH_SEND_INVALID_RIGHT },
		/* Rights of another width. */
		{ MACH_MSG_TYPE_COPY_SEND, 8, 4, false, PAGE_AT,
		    MACH_SEND_INVALID_TYPE },
		{ MACH_MSG_TYPE_COPY_SEND, 64, 2, false, PAGE_AT,
		    MACH_SEND_INVALID_TYPE },
		{ MACH_MSG_TYPE_COPY_SEND, 0, 4, false, PAGE_AT,
		    MACH_SEND_INVALID_TYPE },
	};
	struct exact before = exact_count(witness);
	mach_msg_return_t code;
	unsigned gone = 0;

	rt_printf("bad descriptors after good ones");
	list_page();
	for (unsigned i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		for (unsigned moves = 0; moves < 2; moves++) {
			put_type(&msg, 0,
			    moves ? MACH_MSG_TYPE_MOVE_SEND
				  : MACH_MSG_TYPE_MAKE_SEND_ONCE,
			    1, true, false);
			msg.words[1] = witness;
			put_type(&msg, 2, MACH_MSG_TYPE_COPY_SEND, LIST, false,
			    true);
			msg.words[3] = PAGE_AT;
			put_type(&msg, 4, MACH_MSG_TYPE_INTEGER_32, LIST, false,
			    true);
			msg.words[5] = PAGE_AT;
			put_long(&msg, 6, bad[i].name, bad[i].size,
			    bad[i].number, bad[i].is_inline);
			msg.words[9] = bad[i].data != 0 ? bad[i].data : witness;
			code = send_words(&msg, 10);
			if (code != bad[i].code) {
				rt_printf("FAIL descriptor %u: %x, not %x", i,
				    code, bad[i].code);
			}
			gone += !is_there(PAGE_AT);
			exact_same("bad descriptor", witness, &before);
		}
	}
	want_number("  memory gone", (long)gone, 0);
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
	send_rights_at_limit();
	selves_at_limit();
	dead_names_at_limit();
	opens_at_limit();
	gives_itself_away();
	overlapping_lists();
	bad_after_good();
	vm_deallocate(rt_task, PAGE_AT, P);
}
