/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Requests that are not as their routine wants them: no body, a word of the
 * wrong type, one of the right type too few or too many; to ports of each kind
 * that the routine may not be for; and numbers that are no routine's.  All that
 * the kernel serves is asked.
 */

#include "rt.h"

#include <mach/mig_errors.h>

#include "mach_port_user.h"
#include "mach_user.h"

/* Numbers that are tried: FIRST to LAST. */
static const struct {
	int first;
	int last;
} ranges[] = {
	{ -1, 1 }, { 60, 75 }, { 2000, 2110 }, { 2198, 2230 },
	{ 2398, 2404 }, { 2598, 2660 }, { 2798, 2830 }, { 2998, 3030 },
	{ 3198, 3230 }, { 3798, 3815 }, { 3998, 4020 }, { 4098, 4120 },
	{ 4198, 4222 },
};

/*
 * What GNU Mach answers otherwise: it has got some since its package, was built
 * without its debugger (3017) or more than one processor set (2608, 2609,
 * 2614), is a pager for its own devices (from 2200 on), and has nothing against
 * a request to destroy what is no memory object (2092).
 */
static const struct {
	int first;
	int last;
} apart[] = {
	{ 2092, 2092 }, { 2200, 2209 }, { 2608, 2609 }, { 2614, 2614 },
	{ 2643, 2648 }, { 3017, 3017 }, { 3023, 3024 }, { 3223, 3223 },
	{ 3809, 3809 }, { 4212, 4216 },
};

struct word {
	mach_msg_type_t	type;
	unsigned	value;
};

static const struct variant {
	const char	*name;
	unsigned	words;
	unsigned	type;
} variants[] = {
	{ "nothing", 0, 0 },
	{ "a real number", 1, MACH_MSG_TYPE_REAL },
	{ "a number", 1, MACH_MSG_TYPE_INTEGER_32 },
	{ "nine", 9, MACH_MSG_TYPE_INTEGER_32 },
};

static const char *const kinds[] = {
	"task", "thread", "host", "device",
};

#define KINDS	4

static union {
	struct {
		mach_msg_header_t	head;
		struct word		words[9];
	} request;
	mig_reply_header_t	reply;
	char			room[8192];
} msg;

static mach_port_t reply_port;

static bool
is_apart(int id)
{
	for (unsigned i = 0; i < sizeof(apart) / sizeof(apart[0]); i++) {
		if (id >= apart[i].first && id <= apart[i].last) {
			return true;
		}
	}
	return false;
}

#define NO_ANSWER	1

/* The answer of TARGET to request ID, or NO_ANSWER, or why it was not sent. */
static int
ask(mach_port_t target, int id, const struct variant *v)
{
	mach_msg_return_t mr;

	memset(&msg, 0, sizeof(msg));
	rt_header(&msg.request.head, MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND,
	    MACH_MSG_TYPE_MAKE_SEND_ONCE), sizeof(mach_msg_header_t) +
	    v->words * sizeof(struct word), target, reply_port, id);
	for (unsigned i = 0; i < v->words; i++) {
		msg.request.words[i].type = rt_type(v->type, 32, 1, true,
		    false);
		msg.request.words[i].value = 0x7000001;
	}
	mr = mach_msg(&msg.request.head, MACH_SEND_MSG,
	    msg.request.head.msgh_size, 0, MACH_PORT_NULL, 0, MACH_PORT_NULL);
	if (mr != MACH_MSG_SUCCESS) {
		return mr;
	}
	mr = rt_receive(&msg.reply.Head, sizeof(msg), reply_port, 0);
	if (mr != MACH_MSG_SUCCESS) {
		return NO_ANSWER;
	}
	if (msg.reply.Head.msgh_id != id + 100) {
		rt_printf("%d: answer %d", id, msg.reply.Head.msgh_id);
	}
	return msg.reply.RetCode;
}

/* A task and its thread that are done for afterwards, whatever that does. */
static int
ask_kind(unsigned kind, int id, const struct variant *v)
{
	mach_port_t task;
	mach_port_t thread;
	int code;

	need("task", task_create(rt_task, FALSE, &task));
	need("thread", thread_create(task, &thread));
	code = ask(kind == 0 ? task : kind == 1 ? thread :
	    kind == 2 ? mach_host_self() : rt_device_master, id, v);
	task_terminate(task);
	mach_port_deallocate(rt_task, thread);
	mach_port_deallocate(rt_task, task);
	return code;
}

static void
test_id(int id)
{
	for (unsigned i = 0; i < sizeof(variants) / sizeof(variants[0]); i++) {
		int codes[KINDS];
		bool known = false;

		for (unsigned kind = 0; kind < KINDS; kind++) {
			codes[kind] = ask_kind(kind, id, &variants[i]);
			known = known || codes[kind] != MIG_BAD_ID;
		}
		if (!known) {
			continue;
		}
		rt_printf("%s%d with %s: %s %d, %s %d, %s %d, %s %d",
		    is_apart(id) ? "# " : "", id, variants[i].name, kinds[0],
		    codes[0], kinds[1], codes[1], kinds[2], codes[2], kinds[3],
		    codes[3]);
	}
}

void
test(void)
{
	reply_port = mach_reply_port();
	for (unsigned i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++) {
		for (int id = ranges[i].first; id <= ranges[i].last; id++) {
			test_id(id);
		}
	}
	want_ours("destroy no memory object", ask(rt_task, 2092,
	    &variants[2]), KERN_INVALID_ARGUMENT, "it says that it did");
	want("unknown", ask(rt_task, 5555, &variants[0]), MIG_BAD_ID);
	want("no body", ask(rt_task, 2021, &variants[0]), MIG_BAD_ARGUMENTS);
}
