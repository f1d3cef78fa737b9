/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Which calls a test module made, and how each ended.  The linker puts these
 * functions between the test and the rest of the runtime (its option --wrap),
 * so a benchmark that is linked without them is not slowed down.
 *
 * The last lines of a test are "> # call ID CODE COUNT" for each routine and
 * result, "> # trap -NUMBER CODE COUNT", and "> # got ID 0 COUNT" for what the
 * kernel asked or told.  tests/boot/conformance makes the table of them.
 */

#include "rt.h"

#include "mach_user.h"

#define RECORD_MAX	1024u

enum record_kind {
	RECORD_NONE,
	RECORD_CALL,
	RECORD_TRAP,
	RECORD_GOT,
};

/*
 * A thread may be stopped or terminated wherever it is, and others go on: so
 * there is no lock.  A record is had with the exchange that makes WHAT, which is
 * 0 at first, what is recorded, and then it stays so.
 */
struct record {
	uint64_t what;		/* the key below, and the result above */
	unsigned count;
	uint32_t unused;
};

/* Shared with the tasks that a test makes. */
static struct {
	struct record table[RECORD_MAX];
} RT_WHOLE_PAGES record_shared;

static const char *const record_kinds[] = {
	[RECORD_CALL] = "call",
	[RECORD_TRAP] = "trap",
	[RECORD_GOT] = "got",
};

/* Kind and number are the key. */
static void
record(enum record_kind kind, int number, int code)
{
	uint32_t key = (uint32_t)kind << 24 | ((uint32_t)number & 0xffffff);
	uint64_t what = (uint64_t)(uint32_t)code << 32 | key;
	unsigned place = (key ^ (key >> 24) * 131 ^ (uint32_t)code * 31);

	for (unsigned i = 0; i < RECORD_MAX; i++) {
		struct record *r = &record_shared.table[(place + i) % RECORD_MAX];
		uint64_t old = __sync_val_compare_and_swap(&r->what, 0, what);

		if (old == 0 || old == what) {
			__sync_fetch_and_add(&r->count, 1);
			return;
		}
	}
}

static void
record_print(void)
{
	for (unsigned i = 0; i < RECORD_MAX; i++) {
		const struct record *r = &record_shared.table[i];
		uint32_t key = (uint32_t)r->what;
		enum record_kind kind = key >> 24;
		int number = key & 0xffffff;

		if (kind == RECORD_NONE) {
			continue;
		}
		rt_printf("# %s %d %d %u", record_kinds[kind],
		    kind == RECORD_TRAP ? number - 0x1000000 : number,
		    (int)(r->what >> 32), r->count);
	}
}

/* ---- the kernel's routines: what MIG's stubs call for mach_msg ---- */

/* As mach_msg(). */
__typeof__(mach_msg) rt_rpc_msg;
__typeof__(mach_msg) __real_mach_msg;
__typeof__(mach_msg) __wrap_mach_msg;

mach_msg_return_t
rt_rpc_msg(mach_msg_header_t *msg, mach_msg_option_t option,
    mach_msg_size_t send_size, mach_msg_size_t rcv_size,
    mach_port_name_t rcv_name, mach_msg_timeout_t timeout,
    mach_port_name_t notify)
{
	mach_msg_id_t id = msg->msgh_id;
	mach_msg_return_t mr;

	mr = __real_mach_msg(msg, option, send_size, rcv_size, rcv_name,
	    timeout, notify);
	if (mr == MACH_MSG_SUCCESS && (option & MACH_RCV_MSG) != 0 &&
	    msg->msgh_id == id + 100) {
		record(RECORD_CALL, id, ((mig_reply_header_t *)msg)->RetCode);
	} else {
		record(RECORD_CALL, id, mr);
	}
	return mr;
}

/* ---- what the kernel sends ---- */

/* Whatever is received; the table knows which ids are the kernel's. */
mach_msg_return_t
__wrap_mach_msg(mach_msg_header_t *msg, mach_msg_option_t option,
    mach_msg_size_t send_size, mach_msg_size_t rcv_size,
    mach_port_name_t rcv_name, mach_msg_timeout_t timeout,
    mach_port_name_t notify)
{
	mach_msg_return_t mr;

	mr = __real_mach_msg(msg, option, send_size, rcv_size, rcv_name,
	    timeout, notify);
	if (mr == MACH_MSG_SUCCESS && (option & MACH_RCV_MSG) != 0) {
		record(RECORD_GOT, msg->msgh_id, 0);
	}
	return mr;
}

__typeof__(rt_receive) __real_rt_receive;
__typeof__(rt_receive) __wrap_rt_receive;

mach_msg_return_t
__wrap_rt_receive(mach_msg_header_t *msg, mach_msg_size_t size,
    mach_port_t port, unsigned ms)
{
	mach_msg_return_t mr = __real_rt_receive(msg, size, port, ms);

	if (mr == MACH_MSG_SUCCESS) {
		record(RECORD_GOT, msg->msgh_id, 0);
	}
	return mr;
}

/* ---- traps that tell how they ended ---- */

#define RECORD_TRAP(number, name, parameters, arguments)		\
	__typeof__(name) __real_##name;					\
	__typeof__(name) __wrap_##name;					\
	int								\
	__wrap_##name parameters					\
	{								\
		int code = __real_##name arguments;			\
									\
		record(RECORD_TRAP, number, code);			\
		return code;						\
	}

RECORD_TRAP(-25, mach_msg_trap, (mach_msg_header_t *m, mach_msg_option_t o,
    mach_msg_size_t s, mach_msg_size_t r, mach_port_name_t n,
    mach_msg_timeout_t t, mach_port_name_t y), (m, o, s, r, n, t, y))
RECORD_TRAP(-59, swtch_pri, (int p), (p))
RECORD_TRAP(-60, swtch, (void), ())
RECORD_TRAP(-61, thread_switch, (mach_port_t t, int o, int ms), (t, o, ms))
RECORD_TRAP(-64, syscall_vm_map, (mach_port_t t, vm_offset_t *a, vm_size_t s,
    vm_offset_t m, boolean_t w, mach_port_t p, vm_offset_t o, boolean_t c,
    vm_prot_t q, vm_prot_t x, vm_inherit_t i),
    (t, a, s, m, w, p, o, c, q, x, i))
RECORD_TRAP(-65, syscall_vm_allocate, (mach_port_t t, vm_offset_t *a,
    vm_size_t s, boolean_t w), (t, a, s, w))
RECORD_TRAP(-66, syscall_vm_deallocate, (mach_port_t t, vm_offset_t a,
    vm_size_t s), (t, a, s))
RECORD_TRAP(-68, syscall_task_create, (mach_port_t t, boolean_t i,
    mach_port_t *c), (t, i, c))
RECORD_TRAP(-69, syscall_task_terminate, (mach_port_t t), (t))
RECORD_TRAP(-70, syscall_task_suspend, (mach_port_t t), (t))
RECORD_TRAP(-71, syscall_task_set_special_port, (mach_port_t t, int w,
    mach_port_t p), (t, w, p))
RECORD_TRAP(-72, syscall_mach_port_allocate, (mach_port_t t,
    mach_port_right_t r, mach_port_t *n), (t, r, n))
RECORD_TRAP(-73, syscall_mach_port_deallocate, (mach_port_t t, mach_port_t n),
    (t, n))
RECORD_TRAP(-74, syscall_mach_port_insert_right, (mach_port_t t,
    mach_port_t n, mach_port_t p, mach_msg_type_name_t d), (t, n, p, d))
RECORD_TRAP(-75, syscall_mach_port_allocate_name, (mach_port_t t,
    mach_port_right_t r, mach_port_t n), (t, r, n))
RECORD_TRAP(-76, syscall_thread_depress_abort, (mach_port_t t), (t))

/* The trap NUMBER, whichever it is. */
__typeof__(rt_trap) __real_rt_trap;
__typeof__(rt_trap) __wrap_rt_trap;

int
__wrap_rt_trap(int number, int a, int b, int c, int d)
{
	int code = __real_rt_trap(number, a, b, c, d);

	record(RECORD_TRAP, number, code);
	return code;
}

/* Traps that answer with a port: whether they did. */
#define RECORD_PORT(number, name)					\
	__typeof__(name) __real_##name;					\
	__typeof__(name) __wrap_##name;					\
	mach_port_t							\
	__wrap_##name(void)						\
	{								\
		mach_port_t port = __real_##name();			\
									\
		record(RECORD_TRAP, number, port == MACH_PORT_NULL ?	\
		    KERN_FAILURE : KERN_SUCCESS);			\
		return port;						\
	}

RECORD_PORT(-26, mach_reply_port)
RECORD_PORT(-27, mach_thread_self)
RECORD_PORT(-28, mach_task_self)
RECORD_PORT(-29, mach_host_self)

__typeof__(mach_print) __real_mach_print;
__typeof__(mach_print) __wrap_mach_print;

void
__wrap_mach_print(const char *string)
{
	__real_mach_print(string);
	record(RECORD_TRAP, -30, KERN_SUCCESS);
}

/* ---- begin and end ---- */

__typeof__(test) __real_test;
__typeof__(test) __wrap_test;
__typeof__(rt_end) __real_rt_end;
__typeof__(rt_end) __wrap_rt_end;

void
__wrap_test(void)
{
	vm_inherit(rt_task, (vm_address_t)&record_shared, sizeof(record_shared),
	    VM_INHERIT_SHARE);
	__real_test();
	record_print();
}

void
__wrap_rt_end(void)
{
	record_print();
	__real_rt_end();
}
