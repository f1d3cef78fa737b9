/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * What a child does: random calls, messages and traps.
 */

#include "fuzz.h"

#define ARGUMENTS	14

/* Rights that a child knows; its own memory, shared by its threads. */
static mach_port_t pool[FUZZ_POOL];

struct fuzz_child fuzz_child;
struct fuzz_thread fuzz_threads[FUZZ_THREADS];
struct fuzz_shared *fuzz_shared;
bool fuzz_is_child;

uint64_t
fuzz_mix(uint64_t x)
{
	x ^= x >> 33;
	x *= 0xff51afd7ed558ccdull;
	x ^= x >> 33;
	x *= 0xc4ceb9fe1a85ec53ull;
	return x ^ x >> 33;
}

uint32_t
fuzz_random(struct fuzz_thread *t)
{
	t->random += 0x9e3779b97f4a7c15ull;
	return (uint32_t)(fuzz_mix(t->random) >> 16);
}

uint32_t
fuzz_below(struct fuzz_thread *t, uint32_t n)
{
	return fuzz_random(t) % n;
}

bool
fuzz_chance(struct fuzz_thread *t, uint32_t one_in)
{
	return fuzz_below(t, one_in) == 0;
}

struct fuzz_thread *
fuzz_self(void)
{
	char *sp = __builtin_frame_address(0);

	for (unsigned i = 0; i < FUZZ_THREADS; i++) {
		if (sp >= fuzz_threads[i].stack &&
		    sp < fuzz_threads[i].stack + FUZZ_STACK) {
			return &fuzz_threads[i];
		}
	}
	return &fuzz_threads[0];
}

/* ---- arguments ---- */

mach_port_t
fuzz_pick_port(struct fuzz_thread *t)
{
	switch (fuzz_below(t, 32)) {
	case 0:
		return fuzz_pick_number(t);
	case 1:
		return MACH_PORT_NULL;
	case 2:
		return t->reply;
	case 3:
	case 4:
	case 5:
	case 6:
	case 7:
	case 8:
	case 9:
	case 10:
	case 11:
		return FUZZ_NAME + fuzz_below(t, fuzz_child.given + 1);
	default:
		return pool[fuzz_below(t, FUZZ_POOL)];
	}
}

uint32_t
fuzz_pick_number(struct fuzz_thread *t)
{
	static const uint32_t special[] = {
		0,
		1,
		2,
		4,
		7,
		8,
		16,
		31,
		32,
		33,
		63,
		255,
		256,
		1023,
		1024,
		2048,
		4095,
		4096,
		4097,
		0xfff,
		0xffff,
		0x10000,
		0x7fffffff,
		0x80000000,
		0x80000001,
		0xfffffffe,
		0xffffffff,
		0x1fffffff,
		0x20000000,
		0x3fffffff,
		0x40000000,
		0xfffff000,
		0xfffff001,
	};

	switch (fuzz_below(t, 4)) {
	case 0:
		return special[fuzz_below(t, sizeof(special) / 4)];
	case 1:
		return fuzz_random(t) >> fuzz_below(t, 32);
	default:
		return fuzz_below(t, 10);
	}
}

/* The thread's scratch pages are the usual victims. */
uint32_t
fuzz_pick_address(struct fuzz_thread *t)
{
	uint32_t address = (uint32_t)t->scratch;

	switch (fuzz_below(t, 24)) {
	case 0:
		return fuzz_random(t);
	case 1:
		return 0;
	case 2:
		return 0xbffff000 + fuzz_below(t, 0x2000);
	case 3:
		return 0xc0000000 + fuzz_random(t) % 0x2000000;
	case 4:
		return fuzz_pick_number(t);
	case 5:
		return fuzz_random(t) & ~(FUZZ_PAGE - 1);
	case 6:
		return (uint32_t)fuzz_threads[fuzz_below(t, FUZZ_THREADS)]
		    .message;
	case 7:
		/* Free memory, which calls may be told to take. */
		return 0x20000000 + fuzz_below(t, 64) * FUZZ_PAGE;
	default:
		address += fuzz_below(t, 8) * FUZZ_PAGE;
		return fuzz_chance(t, 3) ? address + fuzz_below(t, FUZZ_PAGE)
					 : address;
	}
}

uint32_t
fuzz_pick_size(struct fuzz_thread *t)
{
	switch (fuzz_below(t, 12)) {
	case 0:
		return fuzz_pick_number(t);
	case 1:
		return fuzz_random(t);
	case 2:
		return fuzz_below(t, 4 * FUZZ_PAGE);
	case 3:
		return fuzz_below(t, 2048) * FUZZ_PAGE;
	default:
		return (1 + fuzz_below(t, 4)) * FUZZ_PAGE;
	}
}

/* What was in the way goes, lest a child's rights grow without end. */
void
fuzz_keep_port(struct fuzz_thread *t, mach_port_t port)
{
	unsigned i = fuzz_child.given +
		     fuzz_below(t, FUZZ_POOL - fuzz_child.given);
	mach_port_t old = pool[i];

	if (port == MACH_PORT_NULL || port == MACH_PORT_DEAD ||
	    port == t->reply || port == rt_task) {
		return;
	}
	pool[i] = port;
	if (!fuzz_chance(t, 8)) {
		syscall_mach_port_deallocate(rt_task, old);
	}
}

static void
start_pool(void)
{
	for (unsigned i = 0; i < FUZZ_POOL; i++) {
		mach_port_t port = MACH_PORT_NULL;

		if (i < fuzz_child.given) {
			pool[i] = FUZZ_NAME + i;
			continue;
		}
		syscall_mach_port_allocate(rt_task,
		    i % 8 == 7 ? MACH_PORT_RIGHT_PORT_SET
			       : MACH_PORT_RIGHT_RECEIVE,
		    &port);
		pool[i] = port;
		if (i % 2 == 0) {
			syscall_mach_port_insert_right(
			    rt_task, port, port, MACH_MSG_TYPE_MAKE_SEND);
		}
	}
}

/* ---- calls ---- */

/* Calls after which a child cannot go on get fewer chances. */
static bool
is_suicide(const struct fuzz_call *call)
{
	static const char *const names[] = {
		"task_terminate",
		"task_suspend",
		"thread_terminate",
		"thread_suspend",
		"thread_terminate_release",
		"thread_set_state",
		"task_assign",
		"thread_assign",
		"mach_port_destroy",
		"vm_wire",
		"vm_wire_all",
		"thread_wire",
		"gsync_wait",
		"vm_set_size_limit",
		"thread_depress_abort",
	};

	for (unsigned i = 0; i < sizeof(names) / sizeof(*names); i++) {
		if (strcmp(call->name, names[i]) == 0) {
			return true;
		}
	}
	return false;
}

static const char *const device_names[] = {
	"console",
	"time",
	"irq",
	"mem",
	"hd0",
	"com0",
	"eth0",
	"",
};

/* Room that a stub may read from or write to, with something in it. */
static uint32_t
pick_data(struct fuzz_thread *t)
{
	static uint32_t rooms[8][2048];
	uint32_t *room = rooms[fuzz_below(t, 8)];

	if (fuzz_chance(t, 4)) {
		const char *name = device_names[fuzz_below(
		    t, sizeof(device_names) / sizeof(*device_names))];

		memcpy(room, name, strlen(name) + 1);
	} else {
		for (unsigned i = 0; i < 16; i++) {
			room[i] = fuzz_chance(t, 2) ? fuzz_pick_port(t)
						    : fuzz_pick_number(t);
		}
	}
	return (uint32_t)room;
}

/* One that may well be what the routine wants. */
static uint32_t
pick_tame(struct fuzz_thread *t, char kind)
{
	static const uint32_t numbers[] = {
		0,
		1,
		2,
		3,
		4,
		5,
		6,
		7,
		8,
		16,
		17,
		18,
		20,
		21,
		32,
		69,
		70,
		72,
	};
	uint32_t *room;

	switch (kind) {
	case 'P':
		switch (fuzz_below(t, 4)) {
		case 0:
			return t->reply;
		case 1:
			return FUZZ_NAME + FUZZ_VICTIM;
		case 2:
			return FUZZ_NAME + FUZZ_VICTIM_THREAD;
		default:
			return FUZZ_NAME + fuzz_below(t, fuzz_child.given + 1);
		}
	case 'N':
		return pool[fuzz_below(t, FUZZ_POOL)];
	case 'a':
		return (uint32_t)t->scratch + fuzz_below(t, 8) * FUZZ_PAGE;
	case 'z':
		return FUZZ_PAGE;
	case 'd':
	case 'p':
		room = (uint32_t *)pick_data(t);
		if (fuzz_chance(t, 2)) {
			memset(room, 0, 64);
			room[0] = fuzz_below(t, 64);
		}
		return (uint32_t)room;
	default:
		return numbers[fuzz_below(t, sizeof(numbers) / 4)];
	}
}

static uint32_t
pick_argument(struct fuzz_thread *t, char kind)
{
	if (t->tame) {
		return pick_tame(t, kind);
	}
	switch (kind) {
	case 'P':
	case 'N':
		return fuzz_pick_port(t);
	case 'a':
		return fuzz_pick_address(t);
	case 'z':
		return fuzz_pick_size(t);
	case 'd':
	case 'p':
		return pick_data(t);
	default:
		return fuzz_chance(t, 4) ? 16 + fuzz_below(t, 6)
					 : fuzz_pick_number(t);
	}
}

typedef int (*stub_t)(uint32_t, uint32_t, uint32_t, uint32_t, uint32_t,
    uint32_t, uint32_t, uint32_t, uint32_t, uint32_t, uint32_t, uint32_t,
    uint32_t, uint32_t);

/*
 * What the first argument of a routine is: the first prefix that fits.  Which of
 * the given rights, from..to, that is, follows from the order in which main.c
 * gives them.
 */
enum { OWN_THREAD = 100, OWN_CONTROL };

static const struct {
	const char *prefix;
	unsigned from;
	unsigned to;
} targets[] = {
	{ "task_set_limits", FUZZ_HOST_PRIV, FUZZ_HOST_PRIV },
	{ "vm_wire", FUZZ_HOST_PRIV, FUZZ_HOST_PRIV },
	{ "vm_allocate_contiguous", FUZZ_HOST_PRIV, FUZZ_HOST_PRIV },
	{ "vm_pages_phys", FUZZ_HOST_PRIV, FUZZ_HOST_PRIV },
	{ "vm_set_", FUZZ_HOST_PRIV, FUZZ_HOST_PRIV },
	{ "thread_wire", FUZZ_HOST_PRIV, FUZZ_HOST_PRIV },
	{ "mach_port_set_ktype", FUZZ_HOST_PRIV, FUZZ_HOST_PRIV },
	{ "register_", FUZZ_HOST_PRIV, FUZZ_HOST_PRIV },
	{ "host_", FUZZ_HOST, FUZZ_HOST },
	{ "host_", FUZZ_HOST_PRIV, FUZZ_HOST_PRIV },
	{ "task_", FUZZ_TASK, FUZZ_VICTIM },
	{ "vm_", FUZZ_TASK, FUZZ_VICTIM },
	{ "mach_port", FUZZ_TASK, FUZZ_VICTIM },
	{ "gsync_", FUZZ_TASK, FUZZ_VICTIM },
	{ "mach_vm_region", FUZZ_TASK, FUZZ_VICTIM },
	{ "mach_vm_object", FUZZ_OBJECT_NAME, FUZZ_OBJECT_NAME },
	{ "thread_", FUZZ_VICTIM_THREAD, FUZZ_VICTIM_THREAD },
	{ "thread_", OWN_THREAD, OWN_THREAD },
	{ "i386_", FUZZ_VICTIM_THREAD, FUZZ_VICTIM_THREAD },
	{ "i386_", OWN_THREAD, OWN_THREAD },
	{ "processor_set_", FUZZ_SET_NAME, FUZZ_SET_NAME },
	{ "processor_set_", FUZZ_SET, FUZZ_SET },
	{ "processor_", FUZZ_PROCESSOR, FUZZ_PROCESSOR },
	{ "device_", FUZZ_DEVICE_MASTER, FUZZ_DEVICE_MASTER },
	{ "device_", FUZZ_DEVICE, FUZZ_DEVICE + FUZZ_DEVICES - 1 },
	{ "memory_object_", OWN_CONTROL, OWN_CONTROL },
};

static mach_port_t
target_port(struct fuzz_thread *t, unsigned i)
{
	unsigned given = targets[i].from +
			 fuzz_below(t, targets[i].to - targets[i].from + 1);

	switch (given) {
	case OWN_THREAD:
		return t->self;
	case OWN_CONTROL:
		return t->control;
	default:
		return FUZZ_NAME + given;
	}
}

/* The port that the first argument of CALL should be, as far as known. */
static mach_port_t
pick_target(struct fuzz_thread *t, const struct fuzz_call *call)
{
	if (fuzz_chance(t, 4)) {
		return fuzz_pick_port(t);
	}
	for (unsigned i = 0; i < sizeof(targets) / sizeof(*targets); i++) {
		const char *prefix = targets[i].prefix;

		/* More than one may fit. */
		if (strncmp(call->name, prefix, strlen(prefix)) == 0 &&
		    !fuzz_chance(t, 3)) {
			return target_port(t, i);
		}
	}
	return fuzz_pick_port(t);
}

/* Be the pager of some memory, to have its control port. */
static void
make_object(struct fuzz_thread *t)
{
	const struct {
		mach_msg_header_t head;
		mach_msg_type_t type;
		mach_port_t control;
	} *init = (const void *)t->message;
	mach_port_t object = MACH_PORT_NULL;
	vm_offset_t address = 0;

	syscall_mach_port_allocate(rt_task, MACH_PORT_RIGHT_RECEIVE, &object);
	syscall_mach_port_insert_right(
	    rt_task, object, object, MACH_MSG_TYPE_MAKE_SEND);
	syscall_vm_map(rt_task, &address, 4 * FUZZ_PAGE, 0, TRUE, object, 0,
	    fuzz_chance(t, 2), VM_PROT_ALL, VM_PROT_ALL, VM_INHERIT_COPY);
	if (mach_msg_trap((mach_msg_header_t *)t->message,
		MACH_RCV_MSG | MACH_RCV_TIMEOUT, 0, FUZZ_MESSAGE, object, 0,
		MACH_PORT_NULL) == MACH_MSG_SUCCESS) {
		t->control = init->control;
	}
	fuzz_keep_port(t, object);
}

/*
 * What takes memory away is mostly told to take the scratch pages: a child
 * that has lost its own code or stacks does not do much any more.
 */
static void
spare_memory(struct fuzz_thread *t, const struct fuzz_call *call, uint32_t *a)
{
	static const char *const names[] = {
		"vm_deallocate",
		"vm_protect",
		"vm_copy",
		"vm_write",
		"vm_inherit",
		"vm_wire",
		"thread_terminate_release",
		"vm_map",
		"vm_allocate",
		"vm_allocate_contiguous",
	};
	unsigned page = fuzz_below(t, 7);
	bool takes = false;

	for (unsigned i = 0; i < sizeof(names) / sizeof(*names); i++) {
		takes |= strcmp(call->name, names[i]) == 0;
	}
	if (!takes || fuzz_chance(t, 64)) {
		return;
	}
	t->quiet = !fuzz_chance(t, 16);
	for (unsigned i = 0; call->kinds[i] != '\0'; i++) {
		if (call->kinds[i] == 'a') {
			a[i] = (uint32_t)t->scratch + page * FUZZ_PAGE;
		} else if (call->kinds[i] == 'z') {
			a[i] = (1 + fuzz_below(t, 8 - page)) * FUZZ_PAGE;
		}
	}
}

static void
random_call(struct fuzz_thread *t)
{
	const struct fuzz_call
	    *call = &fuzz_calls[fuzz_below(t, fuzz_call_count)];
	uint32_t a[ARGUMENTS] = { 0 };
	unsigned n = 0;

	if (is_suicide(call) && !fuzz_chance(t, 4)) {
		return;
	}
	t->tame = fuzz_chance(t, 2);
	for (const char *k = call->kinds; *k != '\0' && n < ARGUMENTS; k++) {
		a[n++] = pick_argument(t, *k);
	}
	a[0] = pick_target(t, call);
	t->call = (unsigned)(call - fuzz_calls);
	t->quiet = t->tame ? !fuzz_chance(t, 4) : fuzz_chance(t, 2);
	spare_memory(t, call, a);
	((stub_t)call->stub)(a[0], a[1], a[2], a[3], a[4], a[5], a[6], a[7],
	    a[8], a[9], a[10], a[11], a[12], a[13]);
}

/* ---- traps ---- */

/* The trap NUMBER with the stack at SP, where arguments may be. */
static uint32_t
trap_at(uint32_t number, uint32_t sp)
{
	uint32_t result = number;

	__asm__ volatile("movl %%esp, %%esi\n\t"
			 "movl %%ecx, %%esp\n\t"
			 "lcall $7, $0\n\t"
			 "movl %%esi, %%esp"
			 : "+a"(result), "+c"(sp)
			 :
			 : "esi", "edx", "memory", "cc");
	return result;
}

/*
 * Left out of the traps: printing of whatever is in memory.  A message is made
 * up where messages are, so that none of the forbidden ones comes from here.
 */
static bool
trap_allowed(uint32_t number, const uint32_t *words)
{
	if (number == (uint32_t)-30) {
		return words[1] >= 0xc0000000;
	}
	if (number == (uint32_t)-25) {
		return (words[2] & MACH_SEND_MSG) == 0;
	}
	return true;
}

static void
random_trap(struct fuzz_thread *t)
{
	uint32_t words[ARGUMENTS];
	uint32_t number = -(
	    fuzz_chance(t, 512) ? fuzz_random(t) : 25 + fuzz_below(t, 54));

	words[0] = 0;
	for (unsigned i = 1; i < ARGUMENTS; i++) {
		words[i] = fuzz_chance(t, 2)   ? fuzz_pick_port(t)
			   : fuzz_chance(t, 2) ? fuzz_pick_address(t)
					       : fuzz_pick_number(t);
	}
	if (number == (uint32_t)-25 && fuzz_chance(t, 2)) {
		words[2] = MACH_RCV_MSG | MACH_RCV_TIMEOUT;
	}
	if (number == (uint32_t)-61) {
		words[3] &= 7;
	}
	if ((number == (uint32_t)-69 || number == (uint32_t)-70) &&
	    !fuzz_chance(t, 8)) {
		return;
	}
	if (!trap_allowed(number, words)) {
		return;
	}
	if (fuzz_chance(t, 256) && number != (uint32_t)-25 &&
	    number != (uint32_t)-30) {
		trap_at(number, fuzz_pick_address(t));
	} else {
		trap_at(number, (uint32_t)words);
	}
}

/* Put something where a thread changes what the kernel reads. */
static void
scribble(struct fuzz_thread *t)
{
	struct fuzz_thread *other = &fuzz_threads[fuzz_below(t, FUZZ_THREADS)];
	volatile uint32_t *body = (volatile uint32_t *)(other->message +
							sizeof(
							    mach_msg_header_t));

	for (unsigned i = fuzz_below(t, 200); i > 0; i--) {
		body[fuzz_below(t, 24)] = fuzz_pick_number(t);
	}
}

void
fuzz_thread_main(unsigned number)
{
	struct fuzz_thread *t = &fuzz_threads[number];

	fuzz_is_child = true;
	t->random = fuzz_mix(fuzz_child.seed) + number;
	t->self = mach_thread_self();
	t->reply = mach_reply_port();
	t->count = &fuzz_shared->counts[fuzz_child.slot][number];
	rt_task = mach_task_self();
	if (number == 0) {
		fuzz_child.given = *t->count;
		*t->count = 0;
		start_pool();
	}
	for (;;) {
		switch (fuzz_below(t, 16)) {
		case 0:
		case 1:
			fuzz_message(t);
			break;
		case 2:
		case 3:
			random_trap(t);
			break;
		case 4:
			fuzz_receive(t);
			break;
		case 5:
			scribble(t);
			break;
		case 6:
			if (fuzz_chance(t, 32)) {
				make_object(t);
			}
			break;
		default:
			random_call(t);
			break;
		}
		++*t->count;
	}
}

/* ---- for the stubs ---- */

mach_port_t __real_mig_get_reply_port(void);
mach_port_t __wrap_mig_get_reply_port(void);
void __wrap_mig_dealloc_reply_port(mach_port_t port);

mach_port_t
__wrap_mig_get_reply_port(void)
{
	return fuzz_is_child ? fuzz_self()->reply : __real_mig_get_reply_port();
}

/* It is good for the next call, whatever became of this one. */
void
__wrap_mig_dealloc_reply_port(mach_port_t port)
{
}
