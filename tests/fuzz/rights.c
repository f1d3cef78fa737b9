/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * A call that fails has neither kept nor lost a right.
 *
 * Every routine, by the table of stubs, is called
 *   - with arguments that are right (rights_calls.c), each in turn replaced by
 *     several that are wrong;
 *   - with a message that is cut, has more than it should, or says that a right
 *     is something else;
 *   - on an object of each kind with all other arguments wrong at once.
 * After a call that failed the rights for our port, the witness, are counted
 * exactly: ours, those in all places, send-once rights; and the references that
 * we have for the objects, and the rights that we and the task it was done to
 * have altogether.  After one that succeeded all objects are destroyed, and then
 * nobody but us may have a right for the witness.
 */

#include "rights.h"

#include "mach_port_user.h"
#include "mach_user.h"
#include "new_mach_debug_user.h"
#include "new_tartan_user.h"

/* A call that takes so long waits for what does not come. */
#define STEP_MS		5
/* The kernel's answer is there already, or comes when a device has it. */
#define ANSWER_MS	1
#define TRIES		100
#define TELL_MAX	40u

#define NO_NAME		0x12345u

/* What is done to a message; the first are for each item of its body. */
enum change {
	NO_CHANGE,
	ITEM_INTEGER,
	ITEM_MOVE_SEND,
	ITEM_MAKE_SEND,
	ITEM_MAKE_SEND_ONCE,
	ITEM_MOVE_RECEIVE,
	ITEM_ONE_MORE,
	ITEM_NONE,
	ITEM_MANY,
	ITEM_WIDE,
	ITEM_BOTH,
	ITEM_ELSEWHERE,
	CUT_1,
	CUT_2,
	CUT_3,
	MORE_WORDS,
	NOT_COMPLEX,
	MORE_SEND,
	MORE_SEND_ONCE,
	MORE_REGION,
	GOOD_THEN_BAD,
	MOVED_THEN_BAD,
	CHANGES,
};

struct counts {
	uint32_t type;		/* of the witness */
	uint32_t refs;
	uint32_t senders;
	uint32_t once;
	uint32_t ours;		/* rights in our space */
	uint32_t theirs;	/* in that of T */
	uint32_t objects;	/* references for the objects */
};

static struct counts before;
static uint32_t a[RIGHTS_ARGUMENTS];
static const struct fuzz_call *now;
static mach_port_t main_thread;
static vm_offset_t first_stack;
static mach_port_t reply_port;
static volatile bool in_call;
static volatile bool watching;
static volatile unsigned calls;
static unsigned failures;
static unsigned bad;

/* How the message of this call is changed, and what it took along. */
static enum change change;
static unsigned change_item;
static bool change_done;
static unsigned moved_sends;
static bool moved_receive;
static bool was_sent;
static char message[RIGHTS_ROOM] __attribute__((aligned(16)));
static char answer[RIGHTS_ROOM] __attribute__((aligned(16)));
static bool has_answer;

/* ---- messages ---- */

/* An item of a body: its descriptor and where its data are. */
struct item {
	mach_msg_type_long_t *type;
	bool is_long;
	bool is_inline;
	uint32_t name;
	uint32_t number;
	uint32_t length;	/* of its data, in bytes */
	uint32_t *data;		/* in line, or the address */
};

static bool
next_item(char **at, const char *end, struct item *item)
{
	mach_msg_type_long_t *type = (mach_msg_type_long_t *)*at;
	uint32_t size;

	if (*at + 8 > end) {
		return false;
	}
	item->type = type;
	item->is_long = type->msgtl_header.msgt_longform;
	item->is_inline = type->msgtl_header.msgt_inline;
	item->name = item->is_long ? type->msgtl_name
				   : type->msgtl_header.msgt_name;
	item->number = item->is_long ? type->msgtl_number
				     : type->msgtl_header.msgt_number;
	size = item->is_long ? type->msgtl_size : type->msgtl_header.msgt_size;
	item->length = (item->number * size + 7) / 8;
	*at += item->is_long ? sizeof(*type) : sizeof(type->msgtl_header);
	item->data = (uint32_t *)*at;
	*at += item->is_inline ? (item->length + 3) & ~3u : 4;
	return *at <= end;
}

static bool
is_right(uint32_t name)
{
	return name >= MACH_MSG_TYPE_MOVE_RECEIVE &&
	       name <= MACH_MSG_TYPE_MAKE_SEND_ONCE;
}

static void
set_name(struct item *item, uint32_t name)
{
	if (item->is_long) {
		item->type->msgtl_name = (uint16_t)name;
	} else {
		item->type->msgtl_header.msgt_name = name;
	}
}

static void
set_number(struct item *item, uint32_t number)
{
	if (item->is_long) {
		item->type->msgtl_number = number;
	} else {
		item->type->msgtl_header.msgt_number = number;
	}
}

/* The most that a descriptor can say; in a long one, products overflow. */
static void
set_most(struct item *item, bool number, bool size)
{
	mach_msg_type_long_t *type = item->type;

	if (number) {
		set_number(item, item->is_long ? 0x20000001 : 0xfff);
	}
	if (size && item->is_long) {
		type->msgtl_size = 0xffff;
	} else if (size) {
		type->msgtl_header.msgt_size = 0xff;
	}
}

static void
change_one(struct item *item)
{
	static const uint8_t names[] = {
		[ITEM_INTEGER] = MACH_MSG_TYPE_INTEGER_32,
		[ITEM_MOVE_SEND] = MACH_MSG_TYPE_MOVE_SEND,
		[ITEM_MAKE_SEND] = MACH_MSG_TYPE_MAKE_SEND,
		[ITEM_MAKE_SEND_ONCE] = MACH_MSG_TYPE_MAKE_SEND_ONCE,
		[ITEM_MOVE_RECEIVE] = MACH_MSG_TYPE_MOVE_RECEIVE,
	};

	change_done = true;
	switch (change) {
	case ITEM_ONE_MORE:
		set_number(item, item->number + 1);
		break;
	case ITEM_NONE:
		set_number(item, 0);
		break;
	case ITEM_MANY:
	case ITEM_WIDE:
	case ITEM_BOTH:
		set_most(item, change != ITEM_WIDE, change != ITEM_MANY);
		break;
	case ITEM_ELSEWHERE:
		item->type->msgtl_header.msgt_inline ^= 1;
		break;
	default:
		/* Only of what may be our port. */
		if (is_right(item->name) &&
		    *item->data == rights_world.witness) {
			set_name(item, names[change]);
		}
		break;
	}
}

/* One PORT in line, or two out of line. */
static uint32_t
append(uint32_t size, uint32_t name, mach_port_t port, bool is_inline)
{
	static mach_port_t list[2];
	mach_msg_header_t *head = (mach_msg_header_t *)message;
	mach_msg_type_t type = rt_type(
	    name, 32, is_inline ? 1 : 2, is_inline, false);

	list[0] = port;
	list[1] = port;
	memcpy(message + size, &type, sizeof(type));
	*(uint32_t *)(message + size + 4) =
	    is_inline ? port : (uint32_t)list;
	head->msgh_bits |= MACH_MSGH_BITS_COMPLEX;
	return size + 8;
}

static uint32_t
change_message(uint32_t size)
{
	mach_msg_header_t *head = (mach_msg_header_t *)message;
	mach_port_t witness = rights_world.witness;
	char *at = (char *)(head + 1);
	unsigned i = 0;
	struct item item;

	if (change >= ITEM_INTEGER && change <= ITEM_ELSEWHERE) {
		while (next_item(&at, message + size, &item)) {
			if (i++ == change_item) {
				change_one(&item);
			}
		}
		return size;
	}
	change_done = change != NO_CHANGE;
	switch (change) {
	case CUT_1:
	case CUT_2:
	case CUT_3:
		return size - 4 * (change - CUT_1 + 1);
	case MORE_WORDS:
		memset(message + size, 0, 8);
		return size + 8;
	case NOT_COMPLEX:
		head->msgh_bits ^= MACH_MSGH_BITS_COMPLEX;
		return size;
	case MORE_SEND:
		return append(size, MACH_MSG_TYPE_COPY_SEND, witness, true);
	case MORE_SEND_ONCE:
		return append(
		    size, MACH_MSG_TYPE_MAKE_SEND_ONCE, witness, true);
	case MORE_REGION:
		return append(size, MACH_MSG_TYPE_COPY_SEND, witness, false);
	case GOOD_THEN_BAD:
		size = append(size, MACH_MSG_TYPE_COPY_SEND, witness, false);
		size = append(size, MACH_MSG_TYPE_MAKE_SEND, witness, true);
		return append(size, MACH_MSG_TYPE_COPY_SEND, NO_NAME, true);
	case MOVED_THEN_BAD:
		size = append(size, MACH_MSG_TYPE_MOVE_SEND, witness, true);
		return append(size, MACH_MSG_TYPE_MOVE_SEND, NO_NAME, false);
	default:
		return size;
	}
}

/* Lists of rights are in our data; what is elsewhere may be no address at all. */
static bool
in_our_data(const void *list)
{
	extern char __executable_start[], _end[];

	return (const char *)list >= __executable_start &&
	       (const char *)list < _end;
}

/* Which of our rights go with the message. */
static void
see_moved(uint32_t size)
{
	mach_msg_header_t *head = (mach_msg_header_t *)message;
	char *at = (char *)(head + 1);
	struct item item;

	moved_sends = 0;
	moved_receive = false;
	if ((head->msgh_bits & MACH_MSGH_BITS_COMPLEX) == 0) {
		return;
	}
	while (next_item(&at, message + size, &item)) {
		uint32_t *ports = item.is_inline ? item.data
						 : (uint32_t *)*item.data;

		for (uint32_t i = 0; is_right(item.name) && i < item.number &&
		     i < 8 && in_our_data(ports); i++) {
			if (ports[i] != rights_world.witness) {
				continue;
			}
			moved_sends += item.name == MACH_MSG_TYPE_MOVE_SEND;
			moved_receive |= item.name ==
					 MACH_MSG_TYPE_MOVE_RECEIVE;
		}
	}
}

/* Give back what came in an answer. */
static void
unpack(void)
{
	mach_msg_header_t *head = (mach_msg_header_t *)answer;
	char *at = (char *)(head + 1);
	struct item item;

	if (!has_answer || (head->msgh_bits & MACH_MSGH_BITS_COMPLEX) == 0) {
		return;
	}
	while (next_item(&at, answer + head->msgh_size, &item)) {
		uint32_t *ports = item.is_inline ? item.data
						 : (uint32_t *)*item.data;

		for (uint32_t i = 0; is_right(item.name) && i < item.number;
		     i++) {
			if (item.name == MACH_MSG_TYPE_MOVE_RECEIVE) {
				mach_port_mod_refs(rt_task, ports[i],
				    MACH_PORT_RIGHT_RECEIVE, -1);
			} else if (MACH_PORT_VALID(ports[i])) {
				mach_port_deallocate(rt_task, ports[i]);
			}
		}
		if (!item.is_inline && item.length > 0) {
			vm_deallocate(rt_task, *item.data, item.length);
		}
	}
}

/* Not the one that watches. */
static bool
is_first_thread(void)
{
	vm_offset_t here = (vm_offset_t)__builtin_frame_address(0);

	return first_stack - here < FUZZ_STACK;
}

/* There is no answer from a port of our own. */
static bool
is_ours(mach_port_t port)
{
	return port == rights_world.plain || port == rights_world.witness;
}

mach_msg_return_t
rights_msg(mach_msg_header_t *msg, mach_msg_option_t option,
    mach_msg_size_t send_size, mach_msg_size_t rcv_size,
    mach_port_name_t rcv_name, mach_msg_timeout_t timeout,
    mach_port_name_t notify)
{
	bool receives = (option & MACH_RCV_MSG) != 0;
	mach_msg_header_t *head = (mach_msg_header_t *)message;
	mach_msg_return_t mr;

	if (!in_call || !is_first_thread()) {
		return mach_msg(msg, option, send_size, rcv_size, rcv_name,
		    timeout, notify);
	}
	memcpy(message, msg, send_size);
	head->msgh_local_port = receives ? reply_port : MACH_PORT_NULL;
	send_size = change_message(send_size);
	head->msgh_size = send_size;
	see_moved(send_size);
	memcpy(answer, message, send_size);
	mr = mach_msg_trap((mach_msg_header_t *)answer,
	    option | (receives ? MACH_RCV_TIMEOUT : 0), send_size,
	    receives ? sizeof(answer) : 0, reply_port,
	    is_ours(head->msgh_remote_port) ? 0 : ANSWER_MS, MACH_PORT_NULL);
	in_call = false;
	was_sent = (mr & ~0x3fff) != (MACH_SEND_IN_PROGRESS & ~0x3fff);
	if (mr != MACH_MSG_SUCCESS) {
		if (was_sent) {
			/* The answer may come yet. */
			mach_port_mod_refs(
			    rt_task, reply_port, MACH_PORT_RIGHT_RECEIVE, -1);
			reply_port = mach_reply_port();
		}
		return mr;
	}
	has_answer = receives;
	if (receives) {
		head = (mach_msg_header_t *)answer;
		if (head->msgh_size > rcv_size) {
			return MACH_RCV_TOO_LARGE;
		}
		memcpy(msg, answer, head->msgh_size);
	}
	return MACH_MSG_SUCCESS;
}

/* ---- counting ---- */

/* Destroy what is queued at PORT: answers, notifications, requests. */
static void
drain(mach_port_t port)
{
	static struct {
		mach_msg_header_t head;
		char room[4096];
	} msg;

	while (rt_receive(&msg.head, sizeof(msg), port, 0) ==
	       MACH_MSG_SUCCESS) {
		memcpy(answer, &msg, sizeof(msg));
		has_answer = true;
		unpack();
		mach_port_deallocate(rt_task, msg.head.msgh_remote_port);
	}
}

static void
count(struct counts *c)
{
	mach_port_t witness = rights_world.witness;
	mach_port_status_t status = { 0 };
	natural_t no;

	memset(c, 0, sizeof(*c));
	mach_port_type(rt_task, witness, &c->type);
	mach_port_get_refs(rt_task, witness, MACH_PORT_RIGHT_SEND, &c->refs);
	if ((c->type & MACH_PORT_TYPE_RECEIVE) != 0) {
		mach_port_get_receive_status(rt_task, witness, &status);
		if (status.mps_msgcount > 0) {
			drain(witness);
			mach_port_get_receive_status(rt_task, witness, &status);
		}
		c->once = status.mps_sorights;
		new_mach_port_get_srights(rt_task, witness, &c->senders);
	}
	new_task_get_limits(rt_task, &no, &no, &no, &no, &no, &c->ours);
	new_task_get_limits(
	    rights_world.object['T'], &no, &no, &no, &no, &no, &c->theirs);
	for (unsigned i = 0; now != NULL && now->kinds[i] != '\0'; i++) {
		mach_port_urefs_t refs = 0;

		if (now->kinds[i] == 'P' && a[i] != witness) {
			mach_port_get_refs(
			    rt_task, a[i], MACH_PORT_RIGHT_SEND, &refs);
			c->objects += refs;
		}
	}
}

static void
fail(const char *what, uint32_t number, uint32_t wanted)
{
	if (bad++ < TELL_MAX) {
		rt_printf("FAIL %s: %s %d, should be %d (%x %x %x %x %x, %u)",
		    now->name, what, number, wanted, a[0], a[1], a[2], a[3],
		    a[4], change);
	}
}

static void
compare(const struct counts *have, const struct counts *want)
{
	if (have->type != want->type) {
		fail("kind of right", have->type >> 16, want->type >> 16);
	} else if (have->refs != want->refs) {
		fail("our send rights", have->refs, want->refs);
	} else if (have->senders != want->senders) {
		fail("send rights", have->senders, want->senders);
	} else if (have->once != want->once) {
		fail("send-once rights", have->once, want->once);
	} else if (have->ours != want->ours) {
		fail("our rights", have->ours, want->ours);
	} else if (have->theirs != want->theirs) {
		fail("the task's rights", have->theirs, want->theirs);
	} else if (have->objects != want->objects) {
		fail("references for objects", have->objects, want->objects);
	}
}

/* Some goes a little later: give it time. */
static void
settle(const struct counts *want)
{
	struct counts have;

	for (unsigned i = 0; i < TRIES; i++) {
		count(&have);
		if (memcmp(&have, want, sizeof(have)) == 0) {
			return;
		}
		rt_sleep(i / 8);
	}
	compare(&have, want);
}

static void
see_failure(void)
{
	struct counts want = before;

	failures++;
	if (was_sent && moved_receive) {
		/* What was in the message is destroyed. */
		want.type = MACH_PORT_TYPE_DEAD_NAME;
		want.refs = 0;
		want.senders = 0;
	} else if (was_sent) {
		want.refs -= moved_sends;
	}
	settle(&want);
}

/* A new world, when all rights of the old one are gone. */
static void
renew_world(void)
{
	mach_port_t witness = rights_world.witness;
	mach_port_type_t type = 0;
	struct counts have = { .senders = 1 };

	rights_world_end();
	mach_port_type(rt_task, witness, &type);
	if ((type & MACH_PORT_TYPE_RECEIVE) != 0 && !rights_keeps(now->name)) {
		uint32_t wanted = (type & MACH_PORT_TYPE_SEND) != 0;

		for (unsigned i = 0; i < TRIES; i++) {
			drain(witness);
			count(&have);
			if (have.senders == wanted && have.once == 0) {
				break;
			}
			rt_sleep(i / 8);
		}
		if (have.senders != wanted) {
			fail("send rights after all", have.senders, wanted);
		} else if (have.once != 0) {
			fail("send-once rights after all", have.once, 0);
		}
	}
	mach_port_destroy(rt_task, witness);
	rights_world_begin();
}

/* ---- calls ---- */

typedef int (*stub_t)(uint32_t, uint32_t, uint32_t, uint32_t, uint32_t,
    uint32_t, uint32_t, uint32_t, uint32_t, uint32_t, uint32_t, uint32_t,
    uint32_t, uint32_t);

/* Ends calls that wait. */
static void
watch(void *arg)
{
	mach_port_type_t type;

	/* This thread's own rights are made before any are counted. */
	mach_port_type(rt_task, rt_task, &type);
	watching = true;
	for (;;) {
		unsigned number = calls;

		rt_sleep(STEP_MS);
		if (in_call && calls == number) {
			rt_sleep(STEP_MS);
			if (in_call && calls == number) {
				thread_abort(main_thread);
			}
		}
	}
}

/* Call with what is in A; returns whether it succeeded. */
static bool
call(void)
{
	int code;

	count(&before);
	has_answer = false;
	change_done = false;
	was_sent = false;
	moved_sends = 0;
	moved_receive = false;
	calls++;
	in_call = true;
	code = ((stub_t)now->stub)(a[0], a[1], a[2], a[3], a[4], a[5], a[6],
	    a[7], a[8], a[9], a[10], a[11], a[12], a[13]);
	in_call = false;
	unpack();
	if (a[0] == rights_world.plain) {
		drain(a[0]);
	}
	if (code != KERN_SUCCESS) {
		see_failure();
	}
	if (code == KERN_SUCCESS || moved_sends > 0 || moved_receive) {
		renew_world();
	}
	return code == KERN_SUCCESS;
}

static void
set_valid(const char *letters)
{
	memset(a, 0, sizeof(a));
	for (unsigned i = 0; letters[i] != '\0'; i++) {
		a[i] = rights_valid(letters[i], i);
	}
}

static void
try_changes(const char *letters)
{
	for (change = ITEM_INTEGER; change < CHANGES; change++) {
		change_item = 0;
		do {
			set_valid(letters);
			call();
			change_item++;
		} while (change_done && change <= ITEM_ELSEWHERE);
	}
	change = NO_CHANGE;
}

static void
try_each(const char *letters)
{
	uint32_t values[RIGHTS_WRONG_MAX];
	unsigned values_count;

	for (unsigned i = 0; letters[i] != '\0'; i++) {
		values_count = rights_wrong(now, letters[i], i, values);
		for (unsigned v = 0; v < values_count; v++) {
			set_valid(letters);
			/* The same ones, if they are new since. */
			rights_wrong(now, letters[i], i, values);
			a[i] = values[v];
			call();
		}
	}
}

static void
try_all(const char *letters)
{
	static const uint32_t numbers[] = { 0, 1, 18, 0xffffffff };

	for (const char *p = RIGHTS_OBJECTS; *p != '\0'; p++) {
		for (unsigned n = 0; n < sizeof(numbers) / 4; n++) {
			set_valid(letters);
			a[0] = rights_world.object[(unsigned char)*p];
			for (unsigned i = 1; letters[i] != '\0'; i++) {
				char kind = now->kinds[i];

				if (kind == 'P' || kind == 'N') {
					a[i] = rights_world.witness;
				} else if (kind == 'i') {
					a[i] = numbers[n];
				}
			}
			call();
		}
	}
}

/* All that there is to try with one routine; does it ever succeed? */
static bool
try_routine(void)
{
	char letters[RIGHTS_ARGUMENTS + 1];
	bool good;

	rights_template(now, letters);
	if (strlen(letters) != strlen(now->kinds)) {
		rt_printf("FAIL %s: %s for %s", now->name, letters, now->kinds);
		return false;
	}
	set_valid(letters);
	good = call();
	if (!good && !rights_cannot_succeed(now->name)) {
		rt_printf("FAIL %s: fails with what rights_calls.c gives it",
		    now->name);
	}
	try_each(letters);
	try_changes(letters);
	try_all(letters);
	return good;
}

void
fuzz_rights(unsigned first, unsigned step)
{
	unsigned tried = 0;
	unsigned good = 0;

	main_thread = mach_thread_self();
	first_stack = (vm_offset_t)__builtin_frame_address(0);
	reply_port = mach_reply_port();
	rt_thread_create(watch, NULL);
	while (!watching) {
		rt_sleep(1);
	}
	rights_world_begin();
	for (unsigned i = first % step; i < fuzz_call_count; i += step) {
		now = &fuzz_calls[i];
		if (!rights_left_out(now->name)) {
			/* Where it was, if this is the last one. */
			rt_printf("# rights: %s", now->name);
			tried++;
			good += try_routine();
		}
	}
	rights_world_end();
	rights_end();
	now = NULL;
	rt_printf("# rights: %u calls, %u of them failed; %u routines, %u of "
		  "them succeeded", calls, failures, tried, good);
}
