/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Messages to another task with 24 MB, and with nearly the whole address space,
 * of which some pages were used: they take no memory while both sides only
 * read, and then what either has written, page by page.
 *
 * The lists of mappings (i386/pv.c) keep the memory of the most that there ever
 * were: 24 MB in two tasks take 36 pages.
 *
 * Keeps: pages -16
 */

#include "probe.h"

#include "mach_port_user.h"
#include "mach_user.h"

#define P		vm_page_size
#define PORT_NAME	0x123456u
#define GROUP_SIZE	(256u << 10)	/* in use that lie together */
#define GROUP		(GROUP_SIZE / P)
#define SLACK		64		/* for tables, and for other tasks */
#define WORDS		(P / 4)

/* Where the pages of a region that are in use lie. */
struct layout {
	vm_size_t	size;
	unsigned	pages;
	vm_size_t	stride;		/* from one group of them to the next */
};

enum step {
	START, RECEIVED, READ, READ_DONE, WRITE, WRITTEN, LOOK, LOOKED,
};

/* Seen by both tasks, with nothing else on its page. */
static struct {
	volatile enum step	step;
	volatile unsigned	bad;
	volatile unsigned	receiver_writes;
	const struct layout	*layout;
} RT_WHOLE_PAGES common;

struct letter {
	mach_msg_header_t	header;
	mach_msg_type_long_t	type;
	vm_offset_t		data;
};

static vm_offset_t
page_at(const struct layout *layout, vm_offset_t data, unsigned page)
{
	return data + page / GROUP * layout->stride + page % GROUP * P;
}

/* Each writes to pages of its own. */
static bool
sender_writes(unsigned page)
{
	return page % 8 == 2;
}

static bool
receiver_writes(unsigned page)
{
	return page % 4 == 1;
}

/* Write to each page that WRITES, in its middle; how many they are. */
static unsigned
write_pages(const struct layout *layout, vm_offset_t data,
    bool (*writes)(unsigned page), unsigned mark)
{
	unsigned count = 0;

	for (unsigned page = 0; page < layout->pages; page++) {
		if (writes(page)) {
			((volatile unsigned *)page_at(layout, data, page))
			    [WORDS / 2] = mark + page;
			count++;
		}
	}
	return count;
}

/* Words that are not what they should be: own marks where one WRITES. */
static unsigned
wrong_words(const struct layout *layout, vm_offset_t data,
    bool (*writes)(unsigned page), unsigned mark)
{
	unsigned bad = 0;

	for (unsigned page = 0; page < layout->pages; page++) {
		const volatile unsigned *words = (const volatile unsigned *)
		    page_at(layout, data, page);

		bad += words[0] != page + 1;
		bad += words[WORDS / 2] != (writes != NULL && writes(page) ?
		    mark + page : 0);
		bad += words[WORDS - 1] != ~page;
	}
	return bad;
}

/* ---- the receiver, a task ---- */

static void
await(enum step step)
{
	if (!rt_until(common.step == step)) {
		rt_printf("FAIL the other task does not come to step %d", step);
		rt_end();
	}
}

#define MARK_RECEIVER	0x10000000u
#define MARK_SENDER	0x20000000u

static void
receiver(void *arg)
{
	struct letter letter;

	if (mach_msg(&letter.header, MACH_RCV_MSG, 0, sizeof(letter),
	    PORT_NAME, 0, MACH_PORT_NULL) != MACH_MSG_SUCCESS ||
	    letter.type.msgtl_number * (letter.type.msgtl_size / 8) !=
	    common.layout->size) {
		common.bad = 1;
		return;
	}
	common.step = RECEIVED;
	await(READ);
	common.bad += wrong_words(common.layout, letter.data, NULL, 0);
	common.step = READ_DONE;
	await(WRITE);
	common.receiver_writes = write_pages(common.layout, letter.data,
	    receiver_writes, MARK_RECEIVER);
	common.step = WRITTEN;
	await(LOOK);
	common.bad += wrong_words(common.layout, letter.data, receiver_writes,
	    MARK_RECEIVER);
	common.step = LOOKED;
}

/* ---- the sender ---- */

static void
advance(enum step to, enum step then)
{
	common.step = to;
	await(then);
}

static void
send(mach_port_t port, vm_offset_t data, vm_size_t size)
{
	struct letter letter;

	rt_header(&letter.header, MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND, 0) |
	    MACH_MSGH_BITS_COMPLEX, sizeof(letter), port, MACH_PORT_NULL, 1);
	letter.type = (mach_msg_type_long_t) {
		.msgtl_header = rt_type(0, 0, 0, false, false),
		.msgtl_name = MACH_MSG_TYPE_INTEGER_32,
		.msgtl_size = 32,
		.msgtl_number = size / 4,
	};
	letter.type.msgtl_header.msgt_longform = TRUE;
	letter.data = data;
	want("send", mach_msg(&letter.header, MACH_SEND_MSG, sizeof(letter), 0,
	    MACH_PORT_NULL, 0, MACH_PORT_NULL), MACH_MSG_SUCCESS);
}

/* Since there were BEFORE free pages, PAGES were to be taken. */
static void
taken(const char *what, long before, long pages)
{
	long more = before - probe_free_pages() - pages;

	rt_printf("# %s: %ld pages and %ld more", what, pages, more);
	if (!rt_on_gnumach) {
		want_number("# about as many", more >= -SLACK && more <= SLACK,
		    1);
	}
}

static vm_offset_t
region_of(const struct layout *layout)
{
	vm_offset_t data = 0;

	need("region", vm_allocate(rt_task, &data, layout->size, TRUE));
	for (unsigned page = 0; page < layout->pages; page++) {
		volatile unsigned *words = (volatile unsigned *)
		    page_at(layout, data, page);

		words[0] = page + 1;
		words[WORDS - 1] = ~page;
	}
	return data;
}

static mach_port_t
start_receiver(const struct layout *layout, mach_port_t port)
{
	mach_port_t task;

	common.step = START;
	common.bad = 0;
	common.layout = layout;
	task = rt_child_create(receiver, NULL);
	need("right", mach_port_insert_right(task, PORT_NAME, port,
	    MACH_MSG_TYPE_MOVE_RECEIVE));
	need("resume", task_resume(task));
	return task;
}

/* Who writes first makes copies for the other, or for itself. */
static void
write_both(const struct layout *layout, vm_offset_t data, bool sender_first)
{
	long before = probe_free_pages();
	unsigned ours = 0;

	if (sender_first) {
		ours = write_pages(layout, data, sender_writes, MARK_SENDER);
		taken("written by the sender", before, ours);
	}
	advance(WRITE, WRITTEN);
	taken("and the receiver", before, ours + common.receiver_writes);
	if (!sender_first) {
		ours = write_pages(layout, data, sender_writes, MARK_SENDER);
		taken("and the sender", before, ours + common.receiver_writes);
	}
	rt_printf("sender wrote %u KiB, receiver %u KiB", ours * P / 1024,
	    common.receiver_writes * P / 1024);
}

/* How many pages are free once what the last receiver had is. */
static long
calm_free_pages(void)
{
	long now = probe_free_pages();
	long was = now + 1;

	for (unsigned looks = 0; looks < 100 && was != now; looks++) {
		was = now;
		rt_sleep(RT_LOOK_MS);
		now = probe_free_pages();
	}
	return now;
}

static void
test_message(const char *what, const struct layout *layout, bool sender_first)
{
	mach_port_t port = rt_port();
	mach_port_t task = start_receiver(layout, port);
	vm_offset_t data = region_of(layout);
	long before = calm_free_pages();

	rt_printf("%s", what);
	send(port, data, layout->size);
	await(RECEIVED);
	taken("received", before, 0);
	advance(READ, READ_DONE);
	want_number("wrong words of the sender", wrong_words(layout, data,
	    NULL, 0), 0);
	taken("read", before, 0);
	write_both(layout, data, sender_first);
	advance(LOOK, LOOKED);
	want_number("wrong words of the receiver", common.bad, 0);
	want_number("of the sender", wrong_words(layout, data, sender_writes,
	    MARK_SENDER), 0);
	if (!rt_until_dead(task)) {
		rt_printf("FAIL the receiver does not end");
	}
	mach_port_deallocate(rt_task, task);
	mach_port_deallocate(rt_task, port);
	vm_deallocate(rt_task, data, layout->size);
}

void
test(void)
{
	const struct layout dense = {
		.size = 24u << 20,
		.pages = (24u << 20) / P,
		.stride = GROUP_SIZE,
	};
	const struct layout sparse = {
		.size = 0xa0000000,
		.pages = 16 * GROUP,
		.stride = 0x0a000000,
	};

	need("shared page", vm_inherit(rt_task, (vm_offset_t)&common, P,
	    VM_INHERIT_SHARE));
	test_message("24 MB", &dense, false);
	test_message("24 MB, sender first", &dense, true);
	test_message("2.5 GB", &sparse, true);
	test_message("2.5 GB, receiver first", &sparse, false);
}
