/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Single steps, by the trace flag, over everything that might lose it: traps,
 * redirected ones too, instructions that load or show the flags, faults; and
 * the state of a thread in every flavor, with debug registers and floating
 * point registers that are as they should be or not.
 */

#include "rt.h"

#include <mach/exception.h>
#include <mach/task_special_ports.h>
#include <mach/thread_status.h>

#include "mach4_user.h"
#include "mach_port_user.h"
#include "mach_user.h"

#define TRACE		0x100u
#define EMULATED	100	/* a trap number that gets redirected */
#define STEPS_MAX	40
#define PAGE		vm_page_size

/* Symbol case_NAME: the instructions, then one that ends the case. */
#define CASE(name, code)						\
	extern const char case_##name[];				\
	__asm__(".text\ncase_" #name ":\n\t" code "\n\thlt")

#define LCALL	"lcall $7, $0;"

CASE(plain, "nop; incl %ecx; nop");
CASE(pushf, "pushf; popl %ecx; andl $0x100, %ecx");
CASE(popf_off, "pushl $0x202; popf; nop; nop");
CASE(popf_on, "pushl $0x302; popf; nop; nop");
CASE(iret_off, "pushl $0x202; pushl %cs; pushl $1f; iret; 1: nop; nop");
CASE(iret_on, "pushl $0x302; pushl %cs; pushl $1f; iret; 1: nop; nop");
CASE(stack, "movl %ss, %eax; movl %eax, %ss; nop; nop");
CASE(repeat, "movl $3, %ecx; movl $steps_room, %edi; rep stosb; nop");
CASE(page, "movl $1, 0x20000000; nop");
CASE(opcode, "nop; ud2");
CASE(divide, "xorl %ecx, %ecx; divl %ecx");
CASE(int3, "nop; int3; nop");
CASE(into, "movb $0x7f, %al; addb $1, %al; into; nop");
CASE(call, "call 1f; nop; jmp 2f; 1: ret; 2: nop");
CASE(trap, "movl $-28, %eax;" LCALL "movl $0, %eax; nop");
CASE(trap_argument, "pushl $0; pushl $0; movl $-59, %eax;" LCALL "nop");
CASE(trap_bad, "movl $-200, %eax;" LCALL "nop");
CASE(trap_stack, "movl $0x30000000, %esp; movl $-25, %eax;" LCALL "nop");
CASE(trap_emulated, "movl $100, %eax;" LCALL "nop; nop");
CASE(int80, "movl $5, %eax; int $0x80; nop");
CASE(int80_emulated, "movl $100, %eax; int $0x80; nop; nop");
/* Flags, address: shows the first, and goes on at the second. */
CASE(emulation, "popl %ecx; andl $0x100, %ecx; ret");
/* Only ours: the gate for calls without registers, and the system page. */
CASE(gate, "movl $-28, %eax; int $0x81; nop; nop");
CASE(system_page, "movl $-28, %eax; movl $0xfffff000, %ebx; call *%ebx; nop");
CASE(load, "fldl steps_number; fistpl steps_room; movl steps_room, %ecx");

struct code {
	const char *name;
	const char *start;
};

#define CODE(name)	{ #name, case_##name }

static const struct code codes[] = {
	CODE(plain), CODE(pushf), CODE(popf_off), CODE(popf_on),
	CODE(iret_off), CODE(iret_on), CODE(stack), CODE(repeat), CODE(page),
	CODE(opcode), CODE(divide), CODE(int3), CODE(into), CODE(call),
	CODE(trap), CODE(trap_argument), CODE(trap_bad), CODE(trap_stack),
	CODE(trap_emulated),
};

/* GNU Mach panics at the first two, and has not got the others. */
static const struct code codes_ours[] = {
	CODE(int80), CODE(int80_emulated), CODE(gate), CODE(system_page),
};

static mach_port_t exception_port;
static unsigned stack[1024];
static char room[16] __asm__("steps_room") __attribute__((used));
static double number __asm__("steps_number") __attribute__((used)) = 42;

static mach_port_t
thread_at(const char *start, unsigned flags)
{
	struct i386_thread_state state;
	mach_msg_type_number_t count = i386_THREAD_STATE_COUNT;
	mach_port_t thread;

	need("create", thread_create(rt_task, &thread));
	need("get", thread_get_state(thread, i386_REGS_SEGS_STATE,
	    (thread_state_t)&state, &count));
	state.eip = (unsigned)start;
	state.uesp = (unsigned)(stack + 1000);
	state.efl |= flags;
	need("set", thread_set_state(thread, i386_REGS_SEGS_STATE,
	    (thread_state_t)&state, count));
	return thread;
}

static void
registers(mach_port_t thread, struct i386_thread_state *state)
{
	mach_msg_type_number_t count = i386_THREAD_STATE_COUNT;

	need("get", thread_get_state(thread, i386_REGS_SEGS_STATE,
	    (thread_state_t)state, &count));
}

static void
forget(const struct rt_exception *msg)
{
	mach_port_deallocate(rt_task, msg->thread);
	mach_port_deallocate(rt_task, msg->task);
}

static bool
catch(struct rt_exception *msg)
{
	return rt_receive(&msg->head, sizeof(*msg), exception_port,
	    RT_PATIENCE_MS) == MACH_MSG_SUCCESS;
}

/* Where in the case, or in what is called, the thread is. */
static void
show_step(const char *quiet, const struct code *c,
    const struct rt_exception *msg, const struct i386_thread_state *state)
{
	bool inside = state->eip - (unsigned)c->start < 64;
	bool emulation = state->eip - (unsigned)case_emulation < 16;

	rt_printf("%s  %s+%d: exception %d code %d, trace %d, ecx %x", quiet,
	    inside ? "" : emulation ? "emulation" : "elsewhere",
	    inside ? (int)(state->eip - (unsigned)c->start) :
	    emulation ? (int)(state->eip - (unsigned)case_emulation) : 0,
	    msg->exception, msg->code, (state->efl & TRACE) != 0,
	    (unsigned)state->ecx < 0x1000 ? state->ecx : 1);
}

/*
 * Run C step by step, until it faults; how many steps, and the registers
 * then.
 */
static unsigned
run(const char *quiet, const struct code *c, struct i386_thread_state *state)
{
	mach_port_t thread = thread_at(c->start, TRACE);
	struct rt_exception msg;
	unsigned steps = 0;

	need("resume", thread_resume(thread));
	for (;;) {
		if (!catch(&msg)) {
			rt_printf("FAIL %s: no exception", c->name);
			break;
		}
		registers(thread, state);
		show_step(quiet, c, &msg, state);
		steps++;
		if (msg.exception != EXC_BREAKPOINT || steps == STEPS_MAX) {
			break;
		}
		rt_exception_answer(&msg);
	}
	/* Before its question is given up, which would end the task. */
	thread_terminate(thread);
	mach_port_deallocate(rt_task, thread);
	forget(&msg);
	mach_port_deallocate(rt_task, msg.head.msgh_remote_port);
	return steps;
}

static void
test_steps_ours(void)
{
	struct i386_thread_state state;

	rt_printf("# %s", codes_ours[0].name);
	want_number("# steps", run("# ", &codes_ours[0], &state), 2);
	want_number("# at it", state.eip - (unsigned)case_int80, 5);
	for (unsigned i = 1; i < 4; i++) {
		rt_printf("# %s", codes_ours[i].name);
		/* What comes behind INT is done with it. */
		want_number("# enough steps", run("# ", &codes_ours[i],
		    &state) >= 4, 1);
		want_number("# at the end", *(unsigned char *)state.eip, 0xf4);
		want_number("# as it should", i == 1 ? state.ecx == TRACE :
		    state.eax == rt_task, 1);
		want_number("# still traced", state.efl & TRACE, TRACE);
	}
}

static void
test_steps(void)
{
	struct i386_thread_state state;
	vm_address_t page = 0x20000000;

	need("page", vm_allocate(rt_task, &page, PAGE, FALSE));
	need("emulation", task_set_emulation(rt_task,
	    (vm_address_t)case_emulation, EMULATED));
	for (unsigned i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
		rt_printf("%s", codes[i].name);
		run("", &codes[i], &state);
	}
	if (!rt_on_gnumach) {
		test_steps_ours();
	}
	need("none", task_set_emulation(rt_task, 0, EMULATED));
	vm_deallocate(rt_task, page, PAGE);
}

/* ---- state ---- */

static natural_t words[400];

/* What a thread has can be set again, and nothing that is too short. */
static void
test_flavors(void)
{
	mach_port_t thread = thread_at(case_plain, 0);

	for (int flavor = -1; flavor < 7; flavor++) {
		mach_msg_type_number_t count = 400;
		kern_return_t kr;

		rt_printf("flavor %d", flavor);
		kr = thread_get_state(thread, flavor, words, &count);
		show("  get", kr);
		if (kr != KERN_SUCCESS) {
			count = 20;
		}
		rt_printf("  count %u", count);
		kr = thread_set_state(thread, flavor, words, count);
		if (flavor == i386_ISA_PORT_MAP_STATE) {
			want_ours("  set ports", kr, KERN_INVALID_ARGUMENT,
			    "it says so, and does nothing");
		} else {
			show("  set", kr);
		}
		show("  set less", thread_set_state(thread, flavor, words,
		    count - 1));
		show("  set nothing", thread_set_state(thread, flavor, words,
		    0));
		if (flavor != i386_ISA_PORT_MAP_STATE) {
			show("  set more", thread_set_state(thread, flavor,
			    words, count + 1));
		}
		count--;
		show("  get less", thread_get_state(thread, flavor, words,
		    &count));
	}
	thread_terminate(thread);
	mach_port_deallocate(rt_task, thread);
}

static void
test_v86(void)
{
	static const unsigned tables[] = { 0, 0x1000, 0xbffffff8, 0xc0000000,
		0xfffffff8 };
	static const int counts[] = { 0, 1, 2, 0xffff };
	struct i386_v86_assist_state state = { 0x1000, -1 };
	mach_port_t thread = thread_at(case_plain, 0);

	want_ours("a negative count", thread_set_state(thread,
	    i386_V86_ASSIST_STATE, (thread_state_t)&state,
	    i386_V86_ASSIST_STATE_COUNT), KERN_INVALID_ARGUMENT,
	    "it keeps 16 bits of it");
	for (unsigned i = 0; i < 20; i++) {
		mach_msg_type_number_t count = i386_V86_ASSIST_STATE_COUNT;

		state.int_table = tables[i / 4];
		state.int_count = counts[i % 4];
		rt_printf("table %x of %d", state.int_table, state.int_count);
		show("  set", thread_set_state(thread, i386_V86_ASSIST_STATE,
		    (thread_state_t)&state, count));
		show("  get", thread_get_state(thread, i386_V86_ASSIST_STATE,
		    (thread_state_t)&state, &count));
		rt_printf("  table %x of %d", state.int_table,
		    state.int_count);
	}
	thread_terminate(thread);
	mach_port_deallocate(rt_task, thread);
}

static void
test_debug_registers(void)
{
	static const struct {
		unsigned which;
		unsigned value;
	} values[] = {
		{ 0, 0x1000 }, { 0, 0xbfffffff }, { 0, 0xc0000000 },
		{ 1, 0xffffffff }, { 2, 0xc0100000 }, { 3, 0xbffffffc },
		{ 3, 0xfffffffc }, { 4, 0x12345678 }, { 5, 0x12345678 },
		{ 6, 0xffffffff }, { 6, 0 }, { 7, 0x1 }, { 7, 0x2 },
		{ 7, 0xff }, { 7, 0x300 }, { 7, 0x2000 }, { 7, 0xffff0000 },
		{ 7, 0x20001 }, { 7, 0xffffffff }, { 7, 0 },
	};
	mach_port_t thread = thread_at(case_plain, 0);

	for (unsigned i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		struct i386_debug_state state = { { 0 } };
		mach_msg_type_number_t count = i386_DEBUG_STATE_COUNT;

		state.dr[values[i].which] = values[i].value;
		rt_printf("dr%u %x", values[i].which, values[i].value);
		show("  set", thread_set_state(thread, i386_DEBUG_STATE,
		    (thread_state_t)&state, count));
		memset(&state, 0, sizeof(state));
		need("get", thread_get_state(thread, i386_DEBUG_STATE,
		    (thread_state_t)&state, &count));
		rt_printf("  is %x, control %x", state.dr[values[i].which],
		    state.dr[7]);
	}
	thread_terminate(thread);
	mach_port_deallocate(rt_task, thread);
}

/* What is set as the floating point state is what the thread computes with. */
static void
test_float(void)
{
	struct i386_float_state f;
	struct i386_fp_save *save = (struct i386_fp_save *)f.hw_state;
	mach_msg_type_number_t count = i386_FLOAT_STATE_COUNT;
	struct i386_thread_state state;
	struct rt_exception msg;
	mach_port_t thread = thread_at(case_load, 0);

	need("get", thread_get_state(thread, i386_FLOAT_STATE,
	    (thread_state_t)&f, &count));
	memset(f.hw_state, 0, sizeof(f.hw_state));
	f.initialized = 1;
	/* Rounding up, nothing on the stack, no exceptions. */
	save->fp_control = 0xb7f;
	save->fp_tag = 0xffff;
	number = 42.25;
	want("set", thread_set_state(thread, i386_FLOAT_STATE,
	    (thread_state_t)&f, count), KERN_SUCCESS);
	need("resume", thread_resume(thread));
	want_number("caught", catch(&msg), 1);
	registers(thread, &state);
	memset(&f, 0, sizeof(f));
	want("get", thread_get_state(thread, i386_FLOAT_STATE,
	    (thread_state_t)&f, &count), KERN_SUCCESS);
	rt_printf("initialized %d tags %x", f.initialized, save->fp_tag);
	if (!rt_on_gnumach) {
		/* It begins anew with the first instruction. */
		want_number("# rounded up", state.ecx, 43);
		want_number("# control", save->fp_control, 0xb7f);
	}
	thread_terminate(thread);
	mach_port_deallocate(rt_task, thread);
	forget(&msg);
	mach_port_deallocate(rt_task, msg.head.msgh_remote_port);
}

void
test(void)
{
	exception_port = rt_port();
	need("exceptions", task_set_special_port(rt_task, TASK_EXCEPTION_PORT,
	    exception_port));
	test_steps();
	test_flavors();
	test_v86();
	test_debug_registers();
	test_float();
}
