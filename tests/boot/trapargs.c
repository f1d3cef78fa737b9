/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Every trap with every kind of argument that is not as it should be, one at a
 * time: names of the wrong thing, addresses of nothing, of what is read-only or
 * the kernel's, across borders, odd ones, numbers out of range; and with a
 * stack on which its arguments are not.
 *
 * Each call is made by a thread of its own, which stops behind it by an
 * exception, or in it.
 */

#include "rt.h"

#include <mach/exception.h>
#include <mach/machine/thread_status.h>
#include <mach/task_info.h>
#include <mach/task_special_ports.h>

#include "mach_port_user.h"
#include "mach_user.h"

#define PAGE		vm_page_size
#define ARGS_MAX	11
#define NOWHERE		0x30000000	/* nothing is there */
#define ROOM		0x20000000	/* for memory at an address */
#define BLOCK		0xa8000000	/* 2^31 bytes from there */
#define FREE_NAME	0x7654300	/* nobody's, and those above it */

/* What an argument stands for, and so what may be wrong with it. */
enum kind {
	END,
	TASK,		/* a task to be asked for something */
	VICTIM,		/* one that it is done to */
	RIGHT,
	OLD,		/* a name */
	NEW,		/* a name that is not there yet */
	RESULT,		/* where the result goes */
	MESSAGE,
	STRING,
	NUMBER,
	OPTION,		/* of mach_msg: no send and receive without end */
};

struct argument {
	enum kind	kind;
	unsigned	good;
};

struct trap {
	const char	*name;
	int		number;
	struct argument	arguments[ARGS_MAX + 1];
};

static const struct trap traps[] = {
	{ "evc_wait", -17, { { NUMBER, 12345 } } },
	{ "evc_wait_clear", -18, { { NUMBER, 12345 } } },
	{ "mach_msg", -25, { { MESSAGE, 0 }, { OPTION,
	    MACH_SEND_MSG | MACH_RCV_MSG | MACH_RCV_TIMEOUT },
	    { NUMBER, sizeof(mach_msg_header_t) }, { NUMBER, 64 },
	    { RIGHT, 0 }, { NUMBER, 0 }, { RIGHT, 0 } } },
	{ "mach_reply_port", -26, { { END, 0 } } },
	{ "mach_thread_self", -27, { { END, 0 } } },
	{ "mach_task_self", -28, { { END, 0 } } },
	{ "mach_host_self", -29, { { END, 0 } } },
	{ "mach_print", -30, { { STRING, 0 } } },
	{ "swtch_pri", -59, { { NUMBER, 0 } } },
	{ "swtch", -60, { { END, 0 } } },
	{ "thread_switch", -61, { { RIGHT, 0 }, { NUMBER, 0 },
	    { NUMBER, 0 } } },
	{ "vm_map", -64, { { TASK, 0 }, { RESULT, 0 }, { NUMBER, 4096 },
	    { NUMBER, 0 }, { NUMBER, 1 }, { RIGHT, 0 }, { NUMBER, 0 },
	    { NUMBER, 0 }, { NUMBER, VM_PROT_READ },
	    { NUMBER, VM_PROT_ALL }, { NUMBER, VM_INHERIT_COPY } } },
	{ "vm_allocate", -65, { { TASK, 0 }, { RESULT, 0 },
	    { NUMBER, 4096 }, { NUMBER, 1 } } },
	{ "vm_deallocate", -66, { { TASK, 0 }, { NUMBER, ROOM },
	    { NUMBER, 4096 } } },
	{ "task_create", -68, { { TASK, 0 }, { NUMBER, 0 },
	    { RESULT, 0 } } },
	{ "task_terminate", -69, { { VICTIM, 0 } } },
	{ "task_suspend", -70, { { VICTIM, 0 } } },
	{ "task_set_special_port", -71, { { VICTIM, 0 },
	    { NUMBER, TASK_EXCEPTION_PORT }, { RIGHT, 0 } } },
	{ "mach_port_allocate", -72, { { TASK, 0 },
	    { NUMBER, MACH_PORT_RIGHT_RECEIVE }, { RESULT, 0 } } },
	{ "mach_port_deallocate", -73, { { TASK, 0 }, { OLD, 0 } } },
	{ "mach_port_insert_right", -74, { { TASK, 0 }, { NEW, 0 },
	    { RIGHT, 0 }, { NUMBER, MACH_MSG_TYPE_MAKE_SEND_ONCE } } },
	{ "mach_port_allocate_name", -75, { { TASK, 0 },
	    { NUMBER, MACH_PORT_RIGHT_DEAD_NAME }, { NEW, 0 } } },
	{ "thread_depress_abort", -76, { { VICTIM, 0 } } },
};

/* What a case may use; made before it and taken away after it. */
static struct {
	mach_port_t	port;		/* receive and send */
	mach_port_t	bare;		/* receive */
	mach_port_t	set;
	mach_port_t	dead;
	mach_port_t	child;		/* a task */
	mach_port_t	fresh;		/* GNU Mach uses no name again */
	unsigned	result;
	mach_msg_header_t message;
	char		room[64];
} world;

static char odd_room[128];
static const unsigned read_only = 0;
/* A page where arguments are; the next is not there. */
static vm_offset_t block = BLOCK;

static mach_port_t exception_port;

/* The call, with the number in %eax and the arguments at %esp. */
extern const char trap_call[];
__asm__(".text\ntrap_call:\n\tlcall $7, $0\n\thlt\n");

/* ---- the world ---- */

static void
world_make(void)
{
	static unsigned count;
	vm_address_t room = ROOM;

	world.port = rt_port();
	need("bare", mach_port_allocate(rt_task, MACH_PORT_RIGHT_RECEIVE,
	    &world.bare));
	need("set", mach_port_allocate(rt_task, MACH_PORT_RIGHT_PORT_SET,
	    &world.set));
	need("dead", mach_port_allocate(rt_task, MACH_PORT_RIGHT_DEAD_NAME,
	    &world.dead));
	need("child", task_create(rt_task, FALSE, &world.child));
	need("room", vm_allocate(rt_task, &room, PAGE, FALSE));
	world.fresh = FREE_NAME + ++count * 0x100;
	world.result = ROOM + PAGE;
	rt_header(&world.message, MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND, 0),
	    sizeof(world.message), world.port, MACH_PORT_NULL, 77);
	memcpy(odd_room + 1, &world.message, sizeof(world.message));
}

static void
world_end(void)
{
	vm_deallocate(rt_task, ROOM, PAGE);
	task_terminate(world.child);
	mach_port_destroy(rt_task, world.child);
	mach_port_destroy(rt_task, world.port);
	mach_port_destroy(rt_task, world.bare);
	mach_port_destroy(rt_task, world.set);
	mach_port_destroy(rt_task, world.dead);
}

/* What the task has: names, and bytes of memory. */
static void
world_count(unsigned *names, unsigned *bytes)
{
	struct task_basic_info info;
	mach_msg_type_number_t count = TASK_BASIC_INFO_COUNT;
	mach_port_array_t list;
	mach_port_type_array_t types;
	mach_msg_type_number_t list_count;
	mach_msg_type_number_t types_count;

	need("names", mach_port_names(rt_task, &list, &list_count, &types,
	    &types_count));
	vm_deallocate(rt_task, (vm_address_t)list, list_count * 4);
	vm_deallocate(rt_task, (vm_address_t)types, types_count * 4);
	need("info", task_info(rt_task, TASK_BASIC_INFO, (task_info_t)&info,
	    &count));
	*names = list_count;
	*bytes = info.virtual_size;
}

/* ---- arguments ---- */

/* Words for a value. */
#define USABLE	1	/* an address to which a result can go */
#define DEADLY	2	/* GNU Mach does not live through it */

struct value {
	const char	*name;
	unsigned	value;
	unsigned	words;
};

#define VALUES_MAX	12

struct values {
	unsigned	count;
	struct value	list[VALUES_MAX];
};

static void
add(struct values *v, const char *name, unsigned value, unsigned words)
{
	v->list[v->count++] = (struct value){ name, value, words };
}

static unsigned
good_value(const struct trap *trap, unsigned i)
{
	const struct argument *a = &trap->arguments[i];

	switch (a->kind) {
	case TASK:
		return rt_task;
	case VICTIM:
		return trap->number == -76 ? mach_thread_self() : world.child;
	case RIGHT:
		/* The first of thread_switch, the object of vm_map, and
		 * whom to notify are optional. */
		return trap->number == -61 || trap->number == -64 ||
		    i == 6 ? MACH_PORT_NULL : world.port;
	case OLD:
		return world.port;
	case NEW:
		return world.fresh;
	case RESULT:
		return (unsigned)&world.result;
	case MESSAGE:
		return (unsigned)&world.message;
	case STRING:
		return (unsigned)"\n";
	default:
		return a->good;
	}
}

static void
add_names(struct values *v, enum kind kind)
{
	add(v, "null", MACH_PORT_NULL, 0);
	add(v, "dead", MACH_PORT_DEAD, 0);
	if (kind != NEW) {
		add(v, "nobody", 0x12345, 0);
		add(v, "-5", (unsigned)-5, 0);
	}
	add(v, "a dead name", world.dead, 0);
	add(v, "a set", world.set, 0);
	add(v, "a receive right", world.bare, 0);
	add(v, "a port", world.port, 0);
	add(v, "a thread", mach_thread_self(), 0);
}

static void
add_addresses(struct values *v, enum kind kind)
{
	unsigned unreadable = kind == STRING ? DEADLY : 0;

	add(v, "null", 0, 0);
	add(v, "1", 1, unreadable);
	add(v, "nothing", NOWHERE, unreadable);
	add(v, "read-only", (unsigned)&read_only, 0);
	add(v, "odd", (unsigned)odd_room + 1, USABLE);
	add(v, "the edge", BLOCK + PAGE - 2, unreadable);
	add(v, "the kernel", 0xc0100000, DEADLY);
	add(v, "the border", 0xbffffffe, DEADLY);
	add(v, "the end", 0xfffffffe, DEADLY);
}

static void
add_numbers(struct values *v, enum kind kind)
{
	add(v, "0", 0, 0);
	add(v, "1", 1, 0);
	add(v, "99", 99, 0);
	add(v, "2^31-1", 0x7fffffff, 0);
	add(v, "-2^31", 0x80000000, 0);
	if (kind != OPTION) {
		add(v, "-1", 0xffffffff, 0);
	}
}

/* What to try in the place of an argument. */
static void
values_make(struct values *v, enum kind kind)
{
	v->count = 0;
	switch (kind) {
	case TASK:
	case VICTIM:
	case RIGHT:
	case OLD:
	case NEW:
		add_names(v, kind);
		break;
	case RESULT:
	case MESSAGE:
	case STRING:
		add_addresses(v, kind);
		break;
	default:
		add_numbers(v, kind);
		break;
	}
}

static unsigned
count_arguments(const struct trap *trap)
{
	unsigned n = 0;

	while (trap->arguments[n].kind != END) {
		n++;
	}
	return n;
}

/* ---- calls ---- */

enum outcome {
	ANSWERED,	/* with the result in *RESULT */
	FAULTED,	/* its arguments could not be read */
	SILENT,
};

/* The trap NUMBER of a thread whose stack is at SP; QUIET begins lines. */
static enum outcome
call(int number, unsigned sp, const char *quiet, int *result)
{
	struct i386_thread_state state;
	mach_msg_type_number_t count = i386_THREAD_STATE_COUNT;
	struct rt_exception msg;
	mach_port_t thread;
	bool caught;

	need("create", thread_create(rt_task, &thread));
	need("get", thread_get_state(thread, i386_REGS_SEGS_STATE,
	    (thread_state_t)&state, &count));
	state.eip = (unsigned)trap_call;
	state.eax = (unsigned)number;
	state.uesp = sp;
	need("set", thread_set_state(thread, i386_REGS_SEGS_STATE,
	    (thread_state_t)&state, count));
	need("resume", thread_resume(thread));
	caught = rt_receive(&msg.head, sizeof(msg), exception_port, 10000) ==
	    MACH_MSG_SUCCESS;
	if (caught) {
		need("get", thread_get_state(thread, i386_REGS_SEGS_STATE,
		    (thread_state_t)&state, &count));
	}
	/* Before its question is given up, which would end the task. */
	thread_terminate(thread);
	mach_port_deallocate(rt_task, thread);
	if (caught) {
		mach_port_deallocate(rt_task, msg.thread);
		mach_port_deallocate(rt_task, msg.task);
		mach_port_deallocate(rt_task, msg.head.msgh_remote_port);
	}
	*result = (int)state.eax;
	if (!caught) {
		return SILENT;
	}
	if (msg.exception == EXC_BAD_ACCESS) {
		rt_printf("%s  exception %d code %d at +%d", quiet,
		    msg.exception, msg.code, (int)(msg.subcode - sp));
		return FAULTED;
	}
	return ANSWERED;
}

/* Undo what a successful call has done and the world's end does not. */
static void
undo(const struct trap *trap, const unsigned *arguments)
{
	switch (trap->number) {
	case -64:
	case -65:
		vm_deallocate(rt_task, *(unsigned *)arguments[1],
		    arguments[2]);
		break;
	case -68:
		task_terminate(*(mach_port_t *)arguments[2]);
		mach_port_destroy(rt_task, *(mach_port_t *)arguments[2]);
		break;
	case -72:
		mach_port_destroy(rt_task, *(mach_port_t *)arguments[2]);
		break;
	case -74:
		mach_port_destroy(rt_task, arguments[1]);
		break;
	case -75:
		mach_port_destroy(rt_task, arguments[2]);
		break;
	}
}

static bool
gives_name(const struct trap *trap)
{
	return trap->number <= -26 && trap->number >= -29;
}

static bool
gives_boolean(const struct trap *trap)
{
	return trap->number == -59 || trap->number == -60 ||
	    trap->number == -30;
}

static void
show_result(const struct trap *trap, const char *what, int result)
{
	if (trap->number == -27) {
		rt_until_dead((mach_port_t)result);
	}
	if (gives_name(trap)) {
		rt_show_right(what, (mach_port_t)result);
	} else if (gives_boolean(trap)) {
		rt_printf("%s: returns", what);
	} else {
		show(what, result);
	}
	if (trap->number == -26 || trap->number == -27) {
		mach_port_destroy(rt_task, (mach_port_t)result);
	}
}

/* ---- arguments ---- */

static void
show_nowhere(const struct value *v, int result)
{
	if (v->words & DEADLY) {
		want("# a result to the kernel", result, KERN_INVALID_ADDRESS);
		return;
	}
	rt_printf("%s", v->name);
	want_ours("a result to nowhere", result, KERN_INVALID_ADDRESS,
	    "it does it, and says nothing");
}

/* Is V, the argument WHICH of TRAP, what GNU Mach has another answer to? */
static bool
show_difference(const struct trap *trap, unsigned which, const struct value *v,
    int result)
{
	if (trap->number == -66 && which > 0 && v->value == 0xffffffff) {
		want_ours("a range that wraps", result, KERN_INVALID_ADDRESS,
		    "it cuts the range to what the task can have");
		return true;
	}
	if (trap->number != -64) {
		return false;
	}
	if (which == 3 && v->value == 99) {
		want_ours("a mask of any bits", result, KERN_SUCCESS,
		    "it takes no others than the lowest and the highest");
		return true;
	}
	if (which == 5 && (v->value == MACH_PORT_DEAD ||
	    v->value == world.dead)) {
		want_ours("an object that is gone", result,
		    KERN_INVALID_ARGUMENT, "it maps zeroes");
		return true;
	}
	if (which == 9 && v->value == VM_PROT_NONE) {
		want_ours("maximum below current", result,
		    KERN_INVALID_ARGUMENT, "it enters such a region");
		return true;
	}
	return false;
}

/* TRAP with argument WHICH as V says. */
static void
test_argument(const struct trap *trap, unsigned which, const struct value *v)
{
	unsigned arguments[1 + ARGS_MAX] = { 0 };
	unsigned n = count_arguments(trap);
	enum kind kind = trap->arguments[which].kind;
	int result = 0;

	for (unsigned i = 0; i < n; i++) {
		arguments[1 + i] = i == which ? v->value :
		    good_value(trap, i);
	}
	memcpy((void *)block, arguments, sizeof(arguments));
	if (call(trap->number, block, "", &result) != ANSWERED) {
		rt_printf("FAIL %s: no answer", v->name);
		return;
	}
	if (kind == RESULT && !(v->words & USABLE)) {
		show_nowhere(v, result);
		return;
	}
	if (v->words & DEADLY) {
		rt_printf("# %s", v->name);
		if (kind == MESSAGE) {
			want("# a message", result, MACH_SEND_INVALID_DATA);
		}
	} else if (!show_difference(trap, which, v, result)) {
		show_result(trap, v->name, result);
	}
	if (result == KERN_SUCCESS) {
		undo(trap, arguments + 1);
	}
}

static void
test_arguments(const struct trap *trap)
{
	unsigned n = count_arguments(trap);
	struct values values;

	for (unsigned which = 0; which < n; which++) {
		unsigned i = 0;

		rt_printf("%s: argument %u", trap->name, which + 1);
		do {
			const struct value *v = &values.list[i];

			world_make();
			values_make(&values, trap->arguments[which].kind);
			if (!(v->words & DEADLY) || !rt_on_gnumach) {
				test_argument(trap, which, v);
			}
			world_end();
		} while (++i < values.count);
	}
}

/* ---- stacks ---- */

/* TRAP with the good arguments above SP, if that can be written. */
static void
test_stack(const struct trap *trap, const char *what, unsigned sp,
    bool readable)
{
	const char *quiet = *what == '#' ? "# " : "";
	unsigned arguments[1 + ARGS_MAX] = { 0 };
	unsigned n = count_arguments(trap);
	int result = 0;

	world_make();
	for (unsigned i = 0; i < n; i++) {
		arguments[1 + i] = good_value(trap, i);
	}
	if (readable) {
		memcpy((void *)sp, arguments, (1 + n) * sizeof(arguments[0]));
	}
	rt_printf("%s%s: stack %s", quiet, trap->name, what);
	switch (call(trap->number, sp, quiet, &result)) {
	case ANSWERED:
		want_number("# answered", readable || n == 0, 1);
		show_result(trap, *quiet ? "#   result" : "  result",
		    result);
		if (result == KERN_SUCCESS) {
			undo(trap, arguments + 1);
		}
		break;
	case FAULTED:
		want_number("# answered", readable || n == 0, 0);
		break;
	case SILENT:
		rt_printf("FAIL %s: no answer", trap->name);
		break;
	}
	world_end();
}

static void
test_stacks(const struct trap *trap)
{
	unsigned size = (1 + count_arguments(trap)) * 4;
	unsigned end = BLOCK + PAGE;

	test_stack(trap, "odd", BLOCK + 1, true);
	test_stack(trap, "at the edge", end - size, true);
	test_stack(trap, "one beyond it", end - size + 4, false);
	test_stack(trap, "null", 0, false);
	test_stack(trap, "nowhere", NOWHERE, false);
	if (rt_on_gnumach) {
		/* It reads there what it finds, or stops. */
		return;
	}
	test_stack(trap, "# across it", end - size + 2, false);
	test_stack(trap, "# at the border", 0xc0000000 - size + 4, false);
	test_stack(trap, "# in the kernel", 0xc0100000, false);
	test_stack(trap, "# at the end", 0xfffffff8, false);
}

void
test(void)
{
	unsigned names[2];
	unsigned bytes[2];

	exception_port = rt_port();
	need("exceptions", task_set_special_port(rt_task, TASK_EXCEPTION_PORT,
	    exception_port));
	/* Names that there would be later. */
	mach_thread_self();
	mach_host_self();
	need("block", vm_allocate(rt_task, &block, PAGE, FALSE));

	for (unsigned i = 0; i < sizeof(traps) / sizeof(traps[0]); i++) {
		world_count(&names[0], &bytes[0]);
		test_arguments(&traps[i]);
		test_stacks(&traps[i]);
		world_count(&names[1], &bytes[1]);
		/* What goes to nowhere on GNU Mach stays. */
		if (!rt_on_gnumach) {
			want_number("# names left", names[1] - names[0], 0);
			want_number("# bytes left", bytes[1] - bytes[0], 0);
		}
	}
}
