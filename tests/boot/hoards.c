/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Tasks without privilege that make the kernel keep things for them without
 * end: messages that nobody receives, rights in them, map entries, names,
 * descriptors of segments, windows on memory, samples, tasks.  When there is no
 * more memory it costs the task that took it, or its kin: one beside it, with
 * more memory of its own than any, goes on.
 *
 * What says where pages are mapped was made when most were, and stays ready.
 *
 * Memory: 32
 * Keeps: pages -48
 */

#include "rt.h"

#include <mach/machine/mach_i386_types.h>
#include <mach/notify.h>
#include <mach/pc_sample.h>
#include <mach/thread_status.h>
#include <mach/vm_statistics.h>

#include "mach4_user.h"
#include "mach_host_user.h"
#include "mach_i386_user.h"
#include "mach_port_user.h"
#include "mach_user.h"
#include "new_tartan_user.h"

#define P		vm_page_size
#define STACK		16384
#define WORKING_SET	(3u << 20)
#define REGION		(1u << 20)
#define TEXT		60000u
#define QUEUE		16
#define MEMBER		(WORKING_SET / 6)
/* What a hoarder and its kin may have: more than memory allows. */
#define TASKS		200
#define THREADS		4500
#define RIGHTS		70000
#define LDT_MAX		8100u
#define LDT_MIN		200u
/* Rounds of the bystander that show that it goes on, and that all is well. */
#define ROUNDS_DURING	20u
#define ROUNDS_AFTER	50u
#define STEP_MS		20
#define PATIENCE	(60u * 1000 / STEP_MS)
/* For a hoarder to get what there is; on a slow machine it may not. */
#define HOARDING	(4u * 1000 / STEP_MS)

/* Seen by all tasks here, with nothing else on its page. */
static struct {
	volatile uint32_t made;		/* by the hoarder */
	volatile uint32_t refused;	/* of its calls */
	volatile uint32_t code;		/* of the last */
	volatile uint32_t rounds;	/* of the bystander */
	volatile uint32_t failures;	/* of its calls */
	volatile uint32_t failed;	/* the last: which, and its code */
	volatile uint32_t wrong;	/* words of its memory */
	volatile uint32_t stop;		/* members of a family: end */
} RT_WHOLE_PAGES shared;

static char stacks[2][STACK] __attribute__((aligned(16)));
static void (*hoard)(void);
static struct {
	mach_msg_header_t header;
	union {
		uint32_t words[TEXT / 4];
		mach_msg_type_t type;
	};
} msg;

/* ---- what a hoarder does ---- */

static void
tell(int code)
{
	if (code == KERN_SUCCESS) {
		shared.made++;
	} else {
		shared.refused++;
		shared.code = (uint32_t)code;
		swtch_pri(0);
	}
}

/* A port with room for QUEUE messages, or null. */
static mach_port_t
new_port(void)
{
	mach_port_t port;
	kern_return_t kr;

	kr = mach_port_allocate(rt_task, MACH_PORT_RIGHT_RECEIVE, &port);
	if (kr == KERN_SUCCESS) {
		mach_port_insert_right(
		    rt_task, port, port, MACH_MSG_TYPE_MAKE_SEND);
		mach_port_set_qlimit(rt_task, port, QUEUE);
		return port;
	}
	tell(kr);
	return MACH_PORT_NULL;
}

static mach_msg_return_t
send_words(mach_port_t port, unsigned words, bool is_complex)
{
	rt_header(&msg.header,
	    MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND, 0) |
		(is_complex ? MACH_MSGH_BITS_COMPLEX : 0),
	    sizeof(msg.header) + 4 * words, port, MACH_PORT_NULL, 1);
	return mach_msg_trap(&msg.header, MACH_SEND_MSG | MACH_SEND_TIMEOUT,
	    msg.header.msgh_size, 0, 0, 0, 0);
}

/* Send what is in MSG to new ports until each is full. */
static void
fill_ports(unsigned words, bool is_complex, void (*prepare)(void))
{
	mach_port_t port = new_port();
	mach_msg_return_t mr = MACH_MSG_SUCCESS;

	while (port != MACH_PORT_NULL && mr == MACH_MSG_SUCCESS) {
		prepare();
		mr = send_words(port, words, is_complex);
		if (mr != MACH_SEND_TIMED_OUT) {
			tell(mr);
		}
	}
}

static void
prepare_nothing(void)
{
}

static void
hoard_text(void)
{
	mach_msg_type_t type = rt_type(MACH_MSG_TYPE_INTEGER_32, 32,
	    4000, true, false);

	memcpy(&msg.type, &type, sizeof(type));
	fill_ports(4001, false, prepare_nothing);
}

/* Memory that is the task's no more, and nobody else's. */
static void
prepare_region(void)
{
	mach_msg_type_t type = rt_type(MACH_MSG_TYPE_INTEGER_32, 32,
	    REGION / 4 / 128, false, true);
	vm_offset_t region = 0;

	if (vm_allocate(rt_task, &region, REGION / 128, TRUE) == KERN_SUCCESS) {
		for (vm_offset_t at = 0; at < REGION / 128; at += P) {
			*(volatile int *)(region + at) = 1;
		}
	}
	memcpy(&msg.type, &type, sizeof(type));
	msg.words[1] = region;
}

static void
hoard_regions(void)
{
	fill_ports(2, true, prepare_region);
}

/* Answers of the kernel: a queue of send-once rights has no limit. */
static void
hoard_answers(void)
{
	mach_port_t port = new_port();

	for (unsigned i = 0; i < 10000; i++) {
		rt_header(&msg.header,
		    MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND,
			MACH_MSG_TYPE_MAKE_SEND_ONCE),
		    sizeof(msg.header), mach_host_self(), port, 2606);
		tell(mach_msg_trap(&msg.header, MACH_SEND_MSG,
		    sizeof(msg.header), 0, 0, 0, 0));
	}
}

/* Ports that no name stands for: the limit of rights knows nothing of them. */
static void
hoard_hidden_ports(void)
{
	static mach_port_t home;
	mach_msg_type_t type = rt_type(MACH_MSG_TYPE_MOVE_RECEIVE, 32, 1, true,
	    false);
	mach_port_t port = new_port();
	mach_msg_return_t mr = MACH_MSG_SUCCESS;

	if (port == MACH_PORT_NULL) {
		return;
	}
	/* Each carries the one before it, QUEUE - 1 others, and so on. */
	for (unsigned i = 0; i < QUEUE && mr == MACH_MSG_SUCCESS; i++) {
		mach_port_t other = i == 0 && home != MACH_PORT_NULL
					? home : new_port();

		if (other == MACH_PORT_NULL) {
			break;
		}
		memcpy(&msg.type, &type, sizeof(type));
		msg.words[1] = other;
		mr = send_words(port, 2, true);
		tell(mr);
		/* Only the receive right went. */
		mach_port_mod_refs(rt_task, other, MACH_PORT_RIGHT_SEND, -1);
	}
	home = port;
}

/* Many rights in few messages. */
static void
prepare_rights(void)
{
	mach_msg_type_long_t type = {
		.msgtl_header.msgt_longform = 1,
		.msgtl_name = MACH_MSG_TYPE_COPY_SEND,
		.msgtl_size = 32,
		.msgtl_number = REGION / 64,
	};
	static vm_offset_t names;

	if (names == 0) {
		vm_allocate(rt_task, &names, REGION / 16, TRUE);
		for (unsigned i = 0; i < REGION / 64; i++) {
			((mach_port_t *)names)[i] = rt_task;
		}
	}
	memcpy(msg.words, &type, sizeof(type));
	msg.words[3] = names;
}

static void
hoard_rights(void)
{
	fill_ports(4, true, prepare_rights);
}

/* A map entry for each page, and a memory object for each. */
static void
hoard_entries(void)
{
	static vm_offset_t at;
	vm_offset_t region = 0;
	kern_return_t kr;

	if (at == 0) {
		at = 0x20000000;
	}
	kr = vm_allocate(rt_task, &region, 256 * P, TRUE);
	tell(kr);
	for (unsigned i = 0; i < 256 && kr == KERN_SUCCESS; i += 2) {
		kr = vm_protect(rt_task, region + i * P, P, FALSE,
		    VM_PROT_READ);
		tell(kr);
	}
}

/* Names here and there, each in a node of its own, and notifications. */
static void
hoard_names(void)
{
	static mach_port_t name = 0x10000001;
	static mach_port_t notify;
	mach_port_t previous;
	kern_return_t kr;

	if (notify == MACH_PORT_NULL) {
		notify = new_port();
	}
	name += 0x1003;
	kr = mach_port_allocate_name(rt_task, MACH_PORT_RIGHT_RECEIVE, name);
	tell(kr);
	if (kr == KERN_SUCCESS) {
		tell(mach_port_request_notification(rt_task, name,
		    MACH_NOTIFY_NO_SENDERS, 9, notify,
		    MACH_MSG_TYPE_MAKE_SEND_ONCE, &previous));
		tell(mach_port_request_notification(rt_task, name,
		    MACH_NOTIFY_PORT_DESTROYED, 0, notify,
		    MACH_MSG_TYPE_MAKE_SEND_ONCE, &previous));
	}
}

/*
 * A table of descriptors for each of many threads: the last of a table brings
 * the others.  When there is no room for a big one, a smaller one will do.
 */
static void
hoard_descriptors(void)
{
	static struct descriptor none;
	static unsigned last = LDT_MAX;
	mach_port_t thread;
	kern_return_t kr = thread_create(rt_task, &thread);

	tell(kr);
	if (kr == KERN_SUCCESS) {
		kr = i386_set_ldt(thread, (int)(last << 3), &none, 1);
		tell(kr);
		if (kr != KERN_SUCCESS && last > LDT_MIN) {
			last /= 2;
		}
		mach_port_deallocate(rt_task, thread);
	}
}

/* Memory that is in no map any more: only a window on it is left. */
static void
hoard_windows(void)
{
	mach_port_t window;
	vm_offset_t region = 0;
	kern_return_t kr = vm_allocate(rt_task, &region, REGION / 4, TRUE);

	if (kr == KERN_SUCCESS) {
		for (vm_offset_t at = 0; at < REGION / 4; at += P) {
			*(volatile int *)(region + at) = 1;
		}
		kr = vm_region_create_proxy(
		    rt_task, region, VM_PROT_READ, REGION / 4, &window);
		vm_deallocate(rt_task, region, REGION / 4);
	}
	tell(kr);
}

/* A buffer for what each of many threads is seen at. */
static void
hoard_samples(void)
{
	mach_port_t thread;
	int tick;
	kern_return_t kr = thread_create(rt_task, &thread);

	if (kr == KERN_SUCCESS) {
		kr = thread_enable_pc_sampling(
		    thread, &tick, SAMPLED_PC_PERIODIC);
		mach_port_deallocate(rt_task, thread);
	}
	tell(kr);
}

/* ---- tasks ---- */

static void
begin_task(void)
{
	rt_task = mach_task_self();
	/* The parent's is not ours. */
	mig_dealloc_reply_port(MACH_PORT_NULL);
}

/* A thread for TASK that calls FN on stack WHICH, and runs. */
static kern_return_t
start_thread(mach_port_t task, void (*fn)(void), unsigned which)
{
	struct i386_thread_state state;
	mach_msg_type_number_t count = i386_THREAD_STATE_COUNT;
	mach_port_t thread;
	kern_return_t kr = thread_create(task, &thread);

	if (kr != KERN_SUCCESS) {
		return kr;
	}
	kr = thread_get_state(
	    thread, i386_THREAD_STATE, (thread_state_t)&state, &count);
	state.eip = (uint32_t)fn;
	state.uesp = (uint32_t)(stacks[which] + STACK - 64);
	if (kr == KERN_SUCCESS) {
		kr = thread_set_state(
		    thread, i386_THREAD_STATE, (thread_state_t)&state, count);
	}
	if (kr == KERN_SUCCESS) {
		kr = thread_resume(thread);
	}
	mach_port_deallocate(rt_task, thread);
	return kr;
}

/* Has less than a bystander, and all of it in use. */
static void
member(void)
{
	vm_offset_t memory = 0;

	begin_task();
	vm_allocate(rt_task, &memory, MEMBER, TRUE);
	while (shared.stop == 0 && memory != 0) {
		for (vm_offset_t at = 0; at < MEMBER; at += P) {
			*(volatile int *)(memory + at) += 1;
		}
		rt_sleep(STEP_MS);
	}
	for (;;) {
		task_terminate(rt_task);
	}
}

/* Each task has little. */
static void
hoard_tasks(void)
{
	mach_port_t task;
	kern_return_t kr = task_create(rt_task, TRUE, &task);

	if (kr == KERN_SUCCESS) {
		kr = start_thread(task, member, 1);
		if (kr != KERN_SUCCESS) {
			task_terminate(task);
		}
		mach_port_deallocate(rt_task, task);
	}
	tell(kr);
	rt_sleep(STEP_MS);
}

static void
hoarder(void)
{
	begin_task();
	for (;;) {
		hoard();
	}
}

static void
note(unsigned call, kern_return_t kr)
{
	if (kr != KERN_SUCCESS) {
		shared.failures++;
		shared.failed = call << 16 | ((uint32_t)kr & 0xffff);
	}
}

/* What any program does: calls, and memory of its own. */
static void
bystander(void)
{
	static uint32_t memory[WORKING_SET / 4];
	mach_port_t port;
	vm_offset_t more;

	begin_task();
	for (unsigned i = 0; i < WORKING_SET / 4; i += P / 4) {
		memory[i] = i;
	}
	for (;;) {
		unsigned before = shared.failures;

		for (unsigned i = 0; i < WORKING_SET / 4; i += P / 4) {
			shared.wrong += memory[i] != i;
		}
		note(1, mach_port_allocate(
			    rt_task, MACH_PORT_RIGHT_RECEIVE, &port));
		if (shared.failures == before) {
			note(2, mach_port_destroy(rt_task, port));
		}
		more = 0;
		note(3, vm_allocate(rt_task, &more, 16 * P, TRUE));
		if (more != 0) {
			for (unsigned i = 0; i < 16; i++) {
				*(volatile int *)(more + i * P) = 1;
			}
			vm_deallocate(rt_task, more, 16 * P);
		}
		if (shared.failures == before) {
			shared.rounds++;
		} else {
			rt_sleep(1);
		}
	}
}

static mach_port_t
start(void (*fn)(void), unsigned which)
{
	mach_port_t task;

	need("task", task_create(rt_task, TRUE, &task));
	if (fn == hoarder) {
		/* With its kin it has an account of its own. */
		need("account", new_task_set_limits(rt_host_priv, task, TASKS,
				    THREADS, RIGHTS));
	}
	need("thread", start_thread(task, fn, which));
	return task;
}

/* While there is no memory, calls of ours may fail as well. */
static bool
is_alive(mach_port_t task)
{
	mach_port_type_t type;

	return mach_port_type(rt_task, task, &type) != KERN_SUCCESS ||
	       (type & MACH_PORT_TYPE_SEND) != 0;
}

static void
end(mach_port_t task)
{
	for (unsigned i = 0; i < PATIENCE && is_alive(task); i++) {
		task_terminate(task);
		rt_sleep(STEP_MS);
	}
	mach_port_deallocate(rt_task, task);
}

static int
free_pages(void)
{
	vm_statistics_data_t stats;

	need("statistics", vm_statistics(rt_task, &stats));
	return stats.free_count;
}

/* The bystander makes COUNT more rounds. */
static bool
goes_on(mach_port_t other, uint32_t count)
{
	uint32_t rounds = shared.rounds;

	for (unsigned i = 0; i < PATIENCE && is_alive(other); i++) {
		if (shared.rounds - rounds >= count) {
			return true;
		}
		rt_sleep(STEP_MS);
	}
	return false;
}

static void
one(const char *name, void (*fn)(void))
{
	mach_port_t other;
	mach_port_t task;
	uint32_t failures;
	/* For many tasks at once the kernel keeps more at hand. */
	int slack = fn == hoard_tasks ? 160 : 64;
	unsigned patience = fn == hoard_tasks ? HOARDING / 2 : HOARDING;
	int before;
	bool well;

	memset(&shared, 0, sizeof(shared));
	hoard = fn;
	rt_sleep(50);
	before = free_pages();
	other = start(bystander, 0);
	rt_printf("%s", name);
	want_number("  before", goes_on(other, ROUNDS_AFTER), true);
	task = start(hoarder, 1);
	/* Until it has what there is, or was ended. */
	for (unsigned i = 0;
	     i < patience && shared.refused < 100 && is_alive(task); i++) {
		rt_sleep(STEP_MS);
	}
	rt_printf("# %u made, %u refused, last %u%s", shared.made,
	    shared.refused, shared.code, is_alive(task) ? "" : ", ended");
	want_number("  the other lives", is_alive(other), true);
	want_number("  and goes on", goes_on(other, ROUNDS_DURING), true);
	rt_printf("# %u rounds, %u failures, last %x", shared.rounds,
	    shared.failures, shared.failed);
	rt_printf("# hoarder%s", is_alive(task) ? "" : " ended");
	end(task);
	shared.stop = 1;
	rt_sleep(100);
	failures = shared.failures;
	well = goes_on(other, ROUNDS_AFTER);
	want_number("  after it", well, true);
	want_number("  its memory", (long)shared.wrong, 0);
	rt_printf("# %u failures after it", shared.failures - failures);
	end(other);
	rt_until(free_pages() >= before - slack);
	rt_printf("# %d pages free, then %d", before, free_pages());
	want_number("  memory is back", free_pages() >= before - slack, true);
}

void
test(void)
{
	rt_printf("own");
	if (rt_on_gnumach) {
		return;
	}
	need("share", vm_inherit(rt_task, (vm_address_t)&shared, sizeof(shared),
			  VM_INHERIT_SHARE));
	one("text", hoard_text);
	one("regions", hoard_regions);
	one("answers", hoard_answers);
	one("hidden ports", hoard_hidden_ports);
	one("rights", hoard_rights);
	one("map entries", hoard_entries);
	one("names", hoard_names);
	one("descriptors", hoard_descriptors);
	one("windows", hoard_windows);
	one("samples", hoard_samples);
	one("tasks", hoard_tasks);
}
