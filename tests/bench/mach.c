/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * The benchmark of the kernel: a boot module, built against GNU Mach's headers,
 * that measures in guest instructions.
 *
 * QEMU's -icount shift=0 makes the time stamp counter step once for each
 * instruction; a loop of known length says how many steps that is.  Each
 * measure is the least of some rounds, so that clock interrupts stay out of
 * all but the long ones.
 */

#include "bench.h"

#include <mach/exception.h>
#include <mach/thread_status.h>
#include <mach/vm_inherit.h>
#include <mach/vm_statistics.h>

#include "exc_server.h"
#include "mach_host_user.h"
#include "mach_port_user.h"
#include "mach_user.h"

#define BODY_MAX	4096

/* A message with room for what the servers here get. */
struct message {
	mach_msg_header_t header;
	union {
		char body[BODY_MAX];
		struct {
			mach_msg_type_t type;
			uint32_t value;
		} item;
		struct {
			mach_msg_type_long_t type;
			uint32_t value;
		} region;
	};
	char trailer[64];
};

/* Ids of messages; the server does what they say and answers. */
enum {
	ECHO = 100,	/* answer with the same data */
	TAKE_RIGHT,	/* give back the right that came */
	TAKE_MEMORY,	/* deallocate the region that came */
	TAKE_REGION,	/* the same, of any size */
};

static uint32_t steps_per_kinsn;

uint32_t
insns(uint64_t from, uint64_t to)
{
	return (uint32_t)((to - from) * 1000 / steps_per_kinsn);
}

static void
calibrate(void)
{
	uint32_t best = UINT32_MAX;

	for (int i = 0; i < 5; i++) {
		uint32_t n = 500000;
		uint64_t from = now();
		uint32_t spent;

		__asm__ volatile("1: dec %0; jnz 1b" : "+r"(n));
		spent = (uint32_t)(now() - from);
		if (spent < best) {
			best = spent;
		}
	}
	steps_per_kinsn = best / 1000;
	rt_printf("BENCH mach/calibration %u steps-per-1000", steps_per_kinsn);
}

void
report(const char *name, uint32_t value)
{
	rt_printf("BENCH mach/%s %u instructions", name, value);
}

/* What failed since it was last looked at: its time is no measure. */
static int failed;

/* Run FN for ARG COUNT times, ROUNDS times; the best average. */
static uint32_t
best_of(unsigned rounds, unsigned count, measured_fn_t fn, void *arg)
{
	uint32_t best = UINT32_MAX;

	failed |= fn(arg);
	for (unsigned r = 0; r < rounds; r++) {
		uint64_t from = now();
		uint32_t spent;

		for (unsigned i = 0; i < count; i++) {
			failed |= fn(arg);
		}
		spent = insns(from, now()) / count;
		if (spent < best) {
			best = spent;
		}
	}
	return best;
}

/* Did all go well since the last time?  If not, NAME gets no number. */
static bool
worked(const char *name)
{
	bool good = failed == 0;

	if (!good) {
		rt_printf("# %s failed: 0x%x", name, (unsigned)failed);
	}
	failed = 0;
	return good;
}

void
measure(const char *name, unsigned count, measured_fn_t fn, void *arg)
{
	uint32_t best = best_of(5, count, fn, arg);

	if (worked(name)) {
		report(name, best);
	}
}

/* ---- traps and calls of the kernel ---- */

static int
do_task_self(void *arg)
{
	return mach_task_self() != rt_task;
}

static int
do_thread_self(void *arg)
{
	return mach_thread_self() == MACH_PORT_NULL;
}

static int
do_bad_trap(void *arg)
{
	return rt_trap(-24, 0, 0, 0, 0) == KERN_SUCCESS;
}

static int
do_reply_port(void *arg)
{
	return mach_port_mod_refs(rt_task, mach_reply_port(),
	    MACH_PORT_RIGHT_RECEIVE, -1);
}

static int
do_nothing_msg(void *arg)
{
	return mach_msg_trap(arg, MACH_MSG_OPTION_NONE, 0, 0, 0, 0, 0);
}

static int
do_call(void *arg)
{
	mach_port_type_t type;

	return mach_port_type(rt_task, rt_task, &type);
}

static int
do_task_info(void *arg)
{
	struct task_basic_info info;
	mach_msg_type_number_t count = TASK_BASIC_INFO_COUNT;

	return task_info(rt_task, TASK_BASIC_INFO, (task_info_t)&info, &count);
}

static int
do_vm_allocate(void *arg)
{
	vm_address_t address = 0;
	int bad = vm_allocate(rt_task, &address, PAGE, TRUE);

	return bad | vm_deallocate(rt_task, address, PAGE);
}

static void
bench_traps(void)
{
	measure("trap/task-self", 1000, do_task_self, NULL);
	measure("trap/thread-self", 1000, do_thread_self, NULL);
	measure("trap/bad-number", 1000, do_bad_trap, NULL);
	measure("trap/empty-mach-msg", 1000, do_nothing_msg, NULL);
	measure("call/port-type", 300, do_call, NULL);
	measure("call/task-info", 300, do_task_info, NULL);
	measure("call/vm-allocate-deallocate", 300, do_vm_allocate, NULL);
}

/* ---- messages ---- */

/* Serve PORT for ever; also runs in another task. */
static void
serve(void *arg)
{
	static struct message message;
	mach_port_t port = (mach_port_t)arg;
	mach_port_t task = mach_task_self();
	mach_msg_header_t *header = &message.header;
	mach_msg_option_t option = MACH_RCV_MSG;
	mach_msg_size_t size = 0;

	for (;;) {
		mach_msg_trap(header, option, size, sizeof(message), port, 0,
		    MACH_PORT_NULL);
		option = MACH_SEND_MSG | MACH_RCV_MSG;
		size = header->msgh_size;
		if (header->msgh_id == TAKE_RIGHT) {
			syscall_mach_port_deallocate(task, message.item.value);
			size = sizeof(*header);
		} else if (header->msgh_id == TAKE_MEMORY) {
			syscall_vm_deallocate(task, message.item.value,
			    message.item.type.msgt_number);
			size = sizeof(*header);
		} else if (header->msgh_id == TAKE_REGION) {
			syscall_vm_deallocate(task, message.region.value,
			    message.region.type.msgtl_number);
			size = sizeof(*header);
		}
		header->msgh_bits = MACH_MSGH_BITS(
		    MACH_MSGH_BITS_REMOTE(header->msgh_bits), 0);
		header->msgh_local_port = MACH_PORT_NULL;
		header->msgh_size = size;
	}
}

mach_port_t
start_in(mach_port_t task, void (*fn)(void *), void *arg)
{
	struct i386_thread_state state;
	mach_msg_type_number_t count = i386_THREAD_STATE_COUNT;
	mach_port_t thread;
	vm_address_t stack = 0;
	uint32_t words[2] = { 0, (uint32_t)arg };

	need("stack", vm_allocate(task, &stack, STACK, TRUE));
	need("thread_create", thread_create(task, &thread));
	need("thread_get_state", thread_get_state(thread, i386_THREAD_STATE,
	    (thread_state_t)&state, &count));
	state.eip = (uint32_t)fn;
	if (task == rt_task) {
		memcpy((void *)(stack + STACK - 8), words, 8);
	} else {
		static char page[PAGE] __attribute__((aligned(PAGE)));

		memcpy(page + PAGE - 8, words, 8);
		need("vm_write", vm_write(task, stack + STACK - PAGE,
		    (vm_offset_t)page, PAGE));
	}
	state.uesp = stack + STACK - 8;
	need("thread_set_state", thread_set_state(thread, i386_THREAD_STATE,
	    (thread_state_t)&state, i386_THREAD_STATE_COUNT));
	need("thread_resume", thread_resume(thread));
	return thread;
}

struct rpc {
	struct message message;
	mach_port_t server;
	mach_port_t reply;
	mach_port_t carried;
	vm_address_t region;
	vm_size_t region_size;
	mach_msg_size_t size;
	int id;
};

static struct rpc rpc;

/* The body of a message that says of what kind it is. */
static void
fill_body(void)
{
	if (rpc.id == TAKE_RIGHT) {
		rpc.message.item.type = rt_type(MACH_MSG_TYPE_COPY_SEND, 32, 1,
		    true, false);
		rpc.message.item.value = rpc.carried;
	} else if (rpc.id == TAKE_MEMORY) {
		rpc.message.item.type = rt_type(MACH_MSG_TYPE_BYTE, 8,
		    rpc.region_size, false, false);
		rpc.message.item.value = rpc.region;
	} else {
		rpc.message.region.type = (mach_msg_type_long_t) {
			.msgtl_header.msgt_longform = TRUE,
			.msgtl_name = MACH_MSG_TYPE_BYTE,
			.msgtl_size = 8,
			.msgtl_number = rpc.region_size,
		};
		rpc.message.region.value = rpc.region;
	}
}

static int
do_rpc(void *arg)
{
	mach_msg_header_t *header = &rpc.message.header;
	mach_msg_bits_t bits = MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND,
	    MACH_MSG_TYPE_MAKE_SEND_ONCE);
	mach_msg_return_t mr;

	if (rpc.id != ECHO) {
		bits |= MACH_MSGH_BITS_COMPLEX;
		fill_body();
	} else if (rpc.size > sizeof(*header)) {
		rpc.message.item.type = rt_type(MACH_MSG_TYPE_BYTE, 8,
		    rpc.size - sizeof(*header) - sizeof(mach_msg_type_t), true,
		    false);
	}
	rt_header(header, bits, rpc.size, rpc.server, rpc.reply, rpc.id);
	mr = mach_msg_trap(header, MACH_SEND_MSG | MACH_RCV_MSG, rpc.size,
	    sizeof(rpc.message), rpc.reply, 0, MACH_PORT_NULL);
	if (mr != MACH_MSG_SUCCESS) {
		need("rpc", mr);
	}
	return header->msgh_id != rpc.id;
}

static void
measure_rpc(const char *where, const char *what, int id, mach_msg_size_t size)
{
	char name[64];
	unsigned n = 0;

	for (const char *p = "rpc/"; *p != '\0'; p++) {
		name[n++] = *p;
	}
	for (; *where != '\0'; where++) {
		name[n++] = *where;
	}
	name[n++] = '-';
	for (; *what != '\0'; what++) {
		name[n++] = *what;
	}
	name[n] = '\0';
	rpc.id = id;
	rpc.size = size;
	measure(name, 200, do_rpc, NULL);
}

/* With SIZE bytes out of line, in memory that was written to once. */
static void
measure_region(const char *where, const char *what, int id, vm_size_t size)
{
	mach_msg_size_t header = sizeof(mach_msg_header_t);

	need("vm_allocate", vm_allocate(rt_task, &rpc.region, size, TRUE));
	memset((void *)rpc.region, 1, size);
	rpc.region_size = size;
	measure_rpc(where, what, id, header + (id == TAKE_MEMORY ?
	    sizeof(rpc.message.item) : sizeof(rpc.message.region)));
	need("vm_deallocate", vm_deallocate(rt_task, rpc.region, size));
}

static void
bench_rpc_with(const char *where)
{
	mach_msg_size_t header = sizeof(mach_msg_header_t);

	measure_rpc(where, "header", ECHO, header);
	measure_rpc(where, "128", ECHO, header + 128);
	measure_rpc(where, "4096", ECHO, header + 4096);
	measure_rpc(where, "right", TAKE_RIGHT, header + 8);
	measure_region(where, "out-of-line-4095", TAKE_MEMORY, 4095);
	measure_region(where, "out-of-line-64k", TAKE_REGION, 64 << 10);
	measure_region(where, "out-of-line-24m", TAKE_REGION, 24 << 20);
}

static int
do_self_message(void *arg)
{
	mach_msg_header_t *header = &rpc.message.header;
	mach_port_t receive = (mach_port_t)arg;

	rt_header(header, MACH_MSGH_BITS(MACH_MSG_TYPE_MAKE_SEND, 0),
	    sizeof(*header), rpc.carried, MACH_PORT_NULL, 1);
	return mach_msg_trap(header, MACH_SEND_MSG | MACH_RCV_MSG,
	    sizeof(*header), sizeof(rpc.message), receive, 0, MACH_PORT_NULL);
}

mach_port_t
child_task(void)
{
	mach_port_t task;

	need("task_create", task_create(rt_task, TRUE, &task));
	return task;
}

static void
bench_rpc(void)
{
	mach_port_t task;
	mach_port_t thread;
	mach_port_t port;
	mach_msg_type_name_t type;

	need("allocate", mach_port_allocate(rt_task, MACH_PORT_RIGHT_RECEIVE,
	    &rpc.reply));
	rpc.carried = rt_port();
	measure("rpc/self-header", 300, do_self_message,
	    (void *)rpc.carried);

	task = child_task();
	need("allocate in the child", mach_port_allocate(task,
	    MACH_PORT_RIGHT_RECEIVE, &port));
	need("extract", mach_port_extract_right(task, port,
	    MACH_MSG_TYPE_MAKE_SEND, &rpc.server, &type));
	start_in(task, serve, (void *)port);
	bench_rpc_with("tasks");
	need("task_terminate", task_terminate(task));

	rpc.server = rt_port();
	thread = start_in(rt_task, serve, (void *)rpc.server);
	bench_rpc_with("threads");
	need("thread_terminate", thread_terminate(thread));
}

/* ---- switches ---- */

static volatile uint32_t *switches;

static void
yield_for_ever(void *arg)
{
	for (;;) {
		++*switches;
		swtch_pri(0);
	}
}

static void
bench_yield(const char *name, mach_port_t task)
{
	mach_port_t thread = start_in(task, yield_for_ever, NULL);
	uint32_t best = UINT32_MAX;

	rt_sleep(20);
	for (int r = 0; r < 5; r++) {
		uint32_t before = *switches;
		uint64_t from = now();
		uint32_t spent;
		uint32_t count;

		for (int i = 0; i < 200; i++) {
			swtch_pri(0);
		}
		spent = insns(from, now());
		count = *switches - before;
		if (count > 100 && spent / (200 + count) < best) {
			best = spent / (200 + count);
		}
	}
	if (best != UINT32_MAX) {
		report(name, best);
	}
	thread_terminate(thread);
}

static void
bench_switches(void)
{
	vm_address_t shared = 0;
	mach_port_t task;

	need("vm_allocate", vm_allocate(rt_task, &shared, PAGE, TRUE));
	need("vm_inherit", vm_inherit(rt_task, shared, PAGE,
	    VM_INHERIT_SHARE));
	switches = (void *)shared;
	*switches = 0;
	bench_yield("switch/threads", rt_task);
	task = child_task();
	bench_yield("switch/tasks", task);
	need("task_terminate", task_terminate(task));
}

/* ---- threads, tasks, exceptions ---- */

static int
do_thread(void *arg)
{
	mach_port_t thread;
	int bad = thread_create(rt_task, &thread);

	bad |= thread_terminate(thread);
	return bad | mach_port_deallocate(rt_task, thread);
}

static int
do_task_empty(void *arg)
{
	mach_port_t task;
	int bad = task_create(rt_task, FALSE, &task);

	bad |= task_terminate(task);
	return bad | mach_port_deallocate(rt_task, task);
}

static int
do_task_inherit(void *arg)
{
	mach_port_t task;
	int bad = task_create(rt_task, TRUE, &task);

	bad |= task_terminate(task);
	return bad | mach_port_deallocate(rt_task, task);
}

kern_return_t
catch_exception_raise(mach_port_t port, mach_port_t thread, mach_port_t task,
    integer_t exception, integer_t code, integer_t subcode)
{
	syscall_mach_port_deallocate(rt_task, thread);
	syscall_mach_port_deallocate(rt_task, task);
	return KERN_SUCCESS;
}

boolean_t exc_server(mach_msg_header_t *in, mach_msg_header_t *out);

static void
handle_exceptions(void *arg)
{
	static struct message in;
	static struct message out;
	mach_port_t port = (mach_port_t)arg;

	mach_msg_trap(&in.header, MACH_RCV_MSG, 0, sizeof(in), port, 0, 0);
	for (;;) {
		exc_server(&in.header, &out.header);
		memcpy(&in, &out, out.header.msgh_size);
		mach_msg_trap(&in.header, MACH_SEND_MSG | MACH_RCV_MSG,
		    in.header.msgh_size, sizeof(in), port, 0, 0);
	}
}

static int
do_exception(void *arg)
{
	__asm__ volatile("int3" ::: "memory");
	return 0;
}

static void
bench_lives(void)
{
	vm_address_t region = 0;
	mach_port_t port = rt_port();
	mach_port_t thread;

	measure("thread/create-terminate", 50, do_thread, NULL);
	measure("task/create-terminate", 20, do_task_empty, NULL);
	need("vm_allocate", vm_allocate(rt_task, &region, 4 << 20, TRUE));
	memset((void *)region, 1, 4 << 20);
	measure("task/create-inherit-4m", 5, do_task_inherit, NULL);
	need("vm_deallocate", vm_deallocate(rt_task, region, 4 << 20));

	thread = start_in(rt_task, handle_exceptions, (void *)port);
	need("exception port", thread_set_special_port(mach_thread_self(),
	    THREAD_EXCEPTION_PORT, port));
	measure("exception/breakpoint", 100, do_exception, NULL);
	thread_terminate(thread);
}

/* ---- ports ---- */

static int
do_port(void *arg)
{
	mach_port_t port;
	int bad = mach_port_allocate(rt_task, MACH_PORT_RIGHT_RECEIVE, &port);

	return bad |
	    mach_port_mod_refs(rt_task, port, MACH_PORT_RIGHT_RECEIVE, -1);
}

static int
do_right(void *arg)
{
	mach_port_t port = (mach_port_t)arg;
	int bad = mach_port_insert_right(rt_task, port, port,
	    MACH_MSG_TYPE_MAKE_SEND);

	return bad |
	    mach_port_mod_refs(rt_task, port, MACH_PORT_RIGHT_SEND, -1);
}

static int
do_member(void *arg)
{
	mach_port_t *pair = arg;
	int bad = mach_port_move_member(rt_task, pair[0], pair[1]);

	return bad | mach_port_move_member(rt_task, pair[0], MACH_PORT_NULL);
}

static uint32_t
free_bytes(void)
{
	struct vm_statistics stats;

	need("vm_statistics", vm_statistics(rt_task, &stats));
	return stats.free_count * stats.pagesize;
}

static void
report_number(const char *what, unsigned n, uint32_t value, const char *unit)
{
	if (worked(what)) {
		rt_printf("BENCH mach/%s/%u %u %s", what, n, value, unit);
	}
}

/* Make COUNT ports, use one, destroy them. */
static void
bench_port_count(unsigned count)
{
	vm_size_t size = count * sizeof(mach_port_t);
	vm_address_t names = 0;
	mach_port_t *ports;
	uint32_t memory;
	uint64_t from;

	need("vm_allocate", vm_allocate(rt_task, &names, size, TRUE));
	ports = (void *)names;
	memset(ports, 1, size);
	memory = free_bytes();
	from = now();
	for (unsigned i = 0; i < count; i++) {
		if (mach_port_allocate(rt_task, MACH_PORT_RIGHT_RECEIVE,
		    &ports[i]) != KERN_SUCCESS) {
			rt_printf("# no more than %u ports", i);
			count = i;
			break;
		}
	}
	report_number("ports/allocate", count, insns(from, now()) / count,
	    "instructions");
	if (count >= 10000) {
		report_number("ports/memory", count,
		    (memory - free_bytes()) / count, "bytes");
	}
	report_number("ports/insert-remove-right", count, best_of(3, 100,
	    do_right, (void *)ports[count / 2]), "instructions");
	from = now();
	for (unsigned i = 0; i < count; i++) {
		failed |= mach_port_mod_refs(rt_task, ports[i],
		    MACH_PORT_RIGHT_RECEIVE, -1);
	}
	report_number("ports/destroy", count, insns(from, now()) / count,
	    "instructions");
	vm_deallocate(rt_task, names, size);
}

/* Send to and receive from a set of COUNT ports. */
static void
bench_set(unsigned count)
{
	static mach_port_t ports[10000];
	mach_port_t set;

	need("set", mach_port_allocate(rt_task, MACH_PORT_RIGHT_PORT_SET,
	    &set));
	for (unsigned i = 0; i < count; i++) {
		need("port", mach_port_allocate(rt_task,
		    MACH_PORT_RIGHT_RECEIVE, &ports[i]));
		need("move", mach_port_move_member(rt_task, ports[i], set));
	}
	rpc.carried = ports[count / 2];
	report_number("set/self-message", count, best_of(5, 100,
	    do_self_message, (void *)set), "instructions");
	for (unsigned i = 0; i < count; i++) {
		mach_port_mod_refs(rt_task, ports[i], MACH_PORT_RIGHT_RECEIVE,
		    -1);
	}
	mach_port_mod_refs(rt_task, set, MACH_PORT_RIGHT_PORT_SET, -1);
}

static mach_port_t many[10000];

/* Memory that each of COUNT takes, after a while in which all come to rest. */
static void
report_memory(const char *what, unsigned count, uint32_t before)
{
	rt_sleep(200);
	report_number(what, count, (before - free_bytes()) / count, "bytes");
}

static void
end_many(const char *what, unsigned count, kern_return_t (*end)(mach_port_t))
{
	uint64_t from = now();

	for (unsigned i = 0; i < count; i++) {
		failed |= end(many[i]);
		failed |= mach_port_deallocate(rt_task, many[i]);
	}
	report_number(what, count, insns(from, now()) / count,
	    "instructions");
	/* What is left of them goes now, not in the next measure. */
	rt_sleep(1000);
}

/* COUNT threads that wait for a message, with one stack for all. */
static void
bench_thread_count(unsigned count)
{
	static mach_msg_header_t message;
	mach_port_t port = rt_port();
	uint32_t words[] = { (uint32_t)mach_msg_trap, (uint32_t)&message,
	    MACH_RCV_MSG, 0, sizeof(message), port, 0, 0 };
	uint32_t memory = free_bytes();
	uint64_t from = now();

	for (unsigned i = 0; i < count; i++) {
		struct i386_thread_state state;
		mach_msg_type_number_t size = i386_THREAD_STATE_COUNT;

		need("thread", thread_create(rt_task, &many[i]));
		need("get", thread_get_state(many[i], i386_THREAD_STATE,
		    (thread_state_t)&state, &size));
		state.eip = (uint32_t)mach_msg_trap;
		state.uesp = (uint32_t)words;
		need("set", thread_set_state(many[i], i386_THREAD_STATE,
		    (thread_state_t)&state, size));
		need("resume", thread_resume(many[i]));
	}
	/* Those that have not run yet do so now. */
	swtch_pri(0);
	report_number("threads/create-start", count, insns(from, now()) /
	    count, "instructions");
	report_memory("threads/memory", count, memory);
	end_many("threads/terminate", count, thread_terminate);
	mach_port_destroy(rt_task, port);
}

static void
bench_task_count(unsigned count)
{
	uint32_t memory = free_bytes();
	uint64_t from = now();

	for (unsigned i = 0; i < count; i++) {
		need("task", task_create(rt_task, FALSE, &many[i]));
	}
	report_number("tasks/create", count, insns(from, now()) / count,
	    "instructions");
	report_memory("tasks/memory", count, memory);
	end_many("tasks/terminate", count, task_terminate);
}

static void
bench_many(void)
{
	for (unsigned n = 10; n <= 1000; n *= 10) {
		bench_task_count(n);
		bench_thread_count(n);
	}
	/* GNU Mach's kernel memory does not hold so many. */
	if (!rt_on_gnumach && free_bytes() > 400u << 20) {
		bench_thread_count(10000);
	}
}

static void
bench_ports(void)
{
	mach_port_t pair[2];

	measure("port/allocate-destroy", 200, do_port, NULL);
	measure("port/reply-port-destroy", 200, do_reply_port, NULL);
	pair[0] = rt_port();
	measure("port/insert-remove-right", 200, do_right, (void *)pair[0]);
	need("set", mach_port_allocate(rt_task, MACH_PORT_RIGHT_PORT_SET,
	    &pair[1]));
	measure("port/set-in-out", 200, do_member, pair);
	for (unsigned n = 1; n <= 10000; n *= 10) {
		bench_set(n);
	}
	for (unsigned n = 10; n <= 100000; n *= 10) {
		bench_port_count(n);
	}
	/* GNU Mach's kernel memory does not hold a million. */
	if (!rt_on_gnumach && free_bytes() > 400u << 20) {
		bench_port_count(1000000);
	}
}

void
test(void)
{
	uint64_t start = now();

	calibrate();
	rt_printf("BENCH boot/to-user-mode-by-qemu %u kilo-instructions",
	    (uint32_t)(start / steps_per_kinsn));
	bench_traps();
	bench_rpc();
	bench_switches();
	bench_lives();
	bench_memory();
	bench_many();
	bench_ports();
}
