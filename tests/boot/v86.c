/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Virtual 8086 mode: 16-bit code in a task's first megabyte, what its faults are
 * reported as, its registers in both flavors, the way into it and out of it, and
 * many threads in it at once.
 */

#include "rt.h"

#include <mach/exception.h>
#include <mach/machine/eflags.h>
#include <mach/task_special_ports.h>
#include <mach/thread_status.h>

#include "mach4_user.h"
#include "mach_i386_user.h"
#include "mach_port_user.h"
#include "mach_user.h"

#define PAGE		4096
#define MEMORY		0x10000		/* what the cases can use */
#define CODE_AT		0x1000
#define CODE_SEG	(CODE_AT / 16)
#define CODE_SIZE	64
#define STACK_SEG	0x200
#define STACK_TOP	0x800
#define DATA_SEG	0x300
#define TABLE_AT	0x4000		/* struct v86_interrupt_table */
#define TURNS_MAX	20
#define CROWD		4
#define FLAGS		(EFL_VM | EFL_IF | EFL_TF | EFL_IOPL)
#define SET_SELF_STATE	(-77)	/* thread_set_self_state */

/* Symbols case_NAME and case_NAME_end: 16-bit instructions, then HLT. */
#define CASE(name, code)						\
	extern const char case_##name[], case_##name##_end[];		\
	__asm__(".text\n.code16\ncase_" #name ":\n\t" code "\n\thlt\n"	\
	    "case_" #name "_end:\n.code32")

CASE(segments, "movw %ds, %ax; movw %es, %bx; movw %fs, %cx; movw %gs, %dx;"
	"movw %cs, %si; movw %ss, %di");
CASE(stack, "movw $0x1234, %ax; pushw %ax; popw %bx; movw %sp, %cx");
CASE(wide, "movl $0x12345678, %eax; pushl %eax; popl %ebx");
CASE(store, "movw $0x55aa, (0x10); movw (0x10), %cx");
CASE(beyond, "movw $0xffff, %bx; movw (%bx), %ax");
CASE(nowhere, "movw $0x9000, %ax; movw %ax, %ds; movw (0), %cx");
CASE(highest, "movw $0xffff, %ax; movw %ax, %ds; movb (0xffff), %cl");
CASE(jump, "ljmp $0x9000, $4");
CASE(far, "pushw %cs; pushw $9; lret; ud2; hlt; nop; nop; nop; movw $7, %cx");
CASE(divide, "xorw %cx, %cx; divw %cx");
CASE(int3, "nop; int3");
CASE(into, "movb $0x7f, %al; addb $1, %al; into");
CASE(bound, "movw $9, %ax; bound %ax, (0)");
CASE(opcode, "ud2");
CASE(interrupt, "int $0x21");
CASE(interrupt_81, "int $0x81");
CASE(cli, "cli");
CASE(sti, "sti");
CASE(pushf, "pushf; popw %cx");
CASE(popf, "pushw $0x202; popf");
CASE(iret, "iret");
CASE(port, "inb $0x80, %al");
CASE(port_word, "movw $0x60, %dx; outw %ax, %dx");
CASE(selector, "sldt %ax");
CASE(control, "movl %cr0, %eax");
CASE(step, "nop; incw %cx; nop");
CASE(lcall, "movw $-28, %ax; lcall $0x900, $0");
CASE(fpu, "fninit; fldpi; fistps (0x20); movw (0x20), %cx");
CASE(sysenter, ".byte 0x0f, 0x34");

/* Counts to 2,000,000, and compares its segment registers at each turn. */
CASE(count, "1: movw %ds, %ax; cmpw $0x300, %ax; jne 2f; movw %es, %ax;"
	"cmpw $0x301, %ax; jne 2f; movw %fs, %ax; cmpw $0x302, %ax; jne 2f;"
	"movw %gs, %ax; cmpw $0x303, %ax; jne 2f; incl %ecx;"
	"cmpl $2000000, %ecx; jne 1b; 2:");
CASE(loop, "1: incl %ecx; jmp 1b");

/* The 32-bit code that one goes on with. */
extern const char v86_flat[];
__asm__(".text\nv86_flat:\n\tpushl %ecx; movl $-28, %eax; lcall $7, $0;"
    "popl %ebx; hlt");

struct code {
	const char *name;
	const char *start;
	const char *end;
	unsigned flags;
};

#define CODE(name, flags)	{ #name, case_##name, case_##name##_end, flags }

static const struct code faults[] = {
	CODE(segments, 0), CODE(stack, 0), CODE(wide, 0), CODE(store, 0),
	CODE(beyond, 0), CODE(nowhere, 0), CODE(highest, 0), CODE(jump, 0),
	CODE(far, 0), CODE(divide, 0), CODE(int3, 0), CODE(into, 0),
	CODE(bound, 0), CODE(opcode, 0), CODE(interrupt, 0),
	CODE(interrupt_81, 0), CODE(cli, 0), CODE(sti, 0), CODE(pushf, 0),
	CODE(popf, 0), CODE(iret, 0), CODE(port, 0), CODE(port_word, 0),
	CODE(selector, 0), CODE(control, 0), CODE(step, EFL_TF),
	CODE(lcall, 0), CODE(fpu, 0), CODE(sysenter, 0),
};
#define SEGMENTS	(&faults[0])

static const struct code interrupted = CODE(interrupt, 0);
static const struct code counting = CODE(count, 0);
static const struct code looped = CODE(loop, 0);
static const struct code allowed = CODE(port, 0);

static mach_port_t exception_port;

static void
place(const struct code *c)
{
	memset((void *)CODE_AT, 0xf4, CODE_SIZE);
	memcpy((void *)CODE_AT, c->start, (size_t)(c->end - c->start));
}

/* What a thread at the beginning of what was placed has. */
static void
beginning(unsigned flags, struct i386_thread_state *state)
{
	memset(state, 0, sizeof(*state));
	state->cs = CODE_SEG;
	state->ss = STACK_SEG;
	state->uesp = STACK_TOP;
	state->ds = DATA_SEG;
	state->es = DATA_SEG + 1;
	state->fs = DATA_SEG + 2;
	state->gs = DATA_SEG + 3;
	state->efl = EFL_VM | flags;
}

static void
set(mach_port_t thread, struct i386_thread_state *state)
{
	need("set", thread_set_state(thread, i386_THREAD_STATE,
	    (thread_state_t)state, i386_THREAD_STATE_COUNT));
}

/* A suspended thread there. */
static mach_port_t
thread_in(unsigned flags)
{
	struct i386_thread_state state;
	mach_port_t thread;

	need("create", thread_create(rt_task, &thread));
	beginning(flags, &state);
	set(thread, &state);
	return thread;
}

static void
show_state(const struct i386_thread_state *s)
{
	rt_printf("  ax %x bx %x cx %x dx %x si %x di %x bp %x sp %x",
	    s->eax, s->ebx, s->ecx, s->edx, s->esi, s->edi, s->ebp, s->uesp);
	rt_printf("  %x:%x ss %x ds %x es %x fs %x gs %x flags %x",
	    s->cs, s->eip, s->ss, s->ds, s->es, s->fs, s->gs,
	    s->efl & FLAGS);
}

static void
get(mach_port_t thread, struct i386_thread_state *state)
{
	mach_msg_type_number_t count = i386_THREAD_STATE_COUNT;

	memset(state, 0xff, sizeof(*state));
	need("get", thread_get_state(thread, i386_REGS_SEGS_STATE,
	    (thread_state_t)state, &count));
}

/* The next exception that is no step, and its registers; false: none came. */
static bool
catch(const char *quiet, struct rt_exception *msg,
    struct i386_thread_state *state)
{
	for (unsigned turn = 0; turn < TURNS_MAX; turn++) {
		if (rt_receive(&msg->head, sizeof(*msg), exception_port,
		    RT_PATIENCE_MS) != MACH_MSG_SUCCESS) {
			rt_printf("FAIL no exception");
			return false;
		}
		get(msg->thread, state);
		rt_printf("%s  at %x: exception %d code %d subcode %x", quiet,
		    state->eip, msg->exception, msg->code, msg->subcode);
		if (msg->exception != EXC_BREAKPOINT ||
		    msg->code != EXC_I386_SGL) {
			return true;
		}
		rt_exception_answer(msg);
	}
	return false;
}

static void
end(const struct rt_exception *msg)
{
	/* Before its question is given up, which would end the task. */
	thread_terminate(msg->thread);
	mach_port_deallocate(rt_task, msg->thread);
	mach_port_deallocate(rt_task, msg->task);
	mach_port_deallocate(rt_task, msg->head.msgh_remote_port);
}

/* Run THREAD until it faults, and end it. */
static void
run(mach_port_t thread)
{
	struct i386_thread_state state;
	struct rt_exception msg;

	need("resume", thread_resume(thread));
	if (catch("", &msg, &state)) {
		show_state(&state);
		end(&msg);
	}
	mach_port_deallocate(rt_task, thread);
}

static void
test_faults(void)
{
	for (unsigned i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
		rt_printf("%s", faults[i].name);
		place(&faults[i]);
		run(thread_in(faults[i].flags));
	}
}

/* ---- state ---- */

/* With a table, the interrupt flag that was set is the one that is seen. */
static void
test_interrupt_flag(void)
{
	static const unsigned flags[] = { 0, EFL_IF, EFL_IF | EFL_TF,
		EFL_IF | EFL_IOPL, ~0u };

	for (unsigned i = 0; i < 2 * sizeof(flags) / sizeof(flags[0]); i++) {
		struct i386_v86_assist_state table =
		    { i % 2 != 0 ? TABLE_AT : 0, 0 };
		mach_port_t thread = thread_in(0);
		struct i386_thread_state state;

		need("table", thread_set_state(thread, i386_V86_ASSIST_STATE,
		    (thread_state_t)&table, i386_V86_ASSIST_STATE_COUNT));
		get(thread, &state);
		rt_printf("before: flags %x", state.efl & FLAGS);
		beginning(flags[i / 2], &state);
		set(thread, &state);
		get(thread, &state);
		rt_printf("after %x: flags %x", flags[i / 2],
		    state.efl & FLAGS);
		thread_terminate(thread);
		mach_port_deallocate(rt_task, thread);
	}
}

/* The flavor with selectors wants them to look like some. */
static void
test_selectors(void)
{
	static const struct {
		unsigned short cs, ss, ds;
	} segments[] = {
		{ 0x103, 0x203, 0x300 }, { 0x103, 0x203, 0 },
		{ 0x103, 0x200, 0x303 }, { 0x100, 0x203, 0x303 },
		{ 0, 0x203, 0x303 }, { 0xffff, 0xffff, 0xffff },
	};

	place(SEGMENTS);
	/* CS 103 has its beginning 48 bytes further. */
	memcpy((void *)(CODE_AT + 48), SEGMENTS->start, 13);
	for (unsigned i = 0; i < sizeof(segments) / sizeof(segments[0]); i++) {
		mach_port_t thread = thread_in(0);
		struct i386_thread_state state;

		beginning(0, &state);
		state.cs = segments[i].cs;
		state.ss = segments[i].ss;
		state.ds = segments[i].ds;
		rt_printf("cs %x ss %x ds %x", state.cs, state.ss, state.ds);
		show("  set", thread_set_state(thread, i386_REGS_SEGS_STATE,
		    (thread_state_t)&state, i386_THREAD_STATE_COUNT));
		get(thread, &state);
		show_state(&state);
		if (i == 0) {
			run(thread);
		} else {
			thread_terminate(thread);
			mach_port_deallocate(rt_task, thread);
		}
	}
}

/* An address that 16 bits do not hold is refused when it is gone to. */
static void
test_outside(void)
{
	mach_port_t thread = thread_in(0);
	struct i386_thread_state state;

	beginning(0, &state);
	state.eip = 0x10000;
	state.eax = 5;
	set(thread, &state);
	run(thread);
}

/* The ports of a task are allowed or not in this mode, too. */
static void
test_port(void)
{
	mach_port_t ports;

	need("ports", i386_io_perm_create(rt_device_master, 0x80, 0x80,
	    &ports));
	place(&allowed);
	need("allow", i386_io_perm_modify(rt_task, ports, TRUE));
	run(thread_in(0));
	need("forbid", i386_io_perm_modify(rt_task, ports, FALSE));
	run(thread_in(0));
	mach_port_deallocate(rt_task, ports);
}

/* ---- in and out ---- */

/* What the program does with an interrupt, and then goes on in 32 bits. */
static void
test_back(void)
{
	mach_port_t thread = thread_in(0);
	struct i386_thread_state state;
	struct rt_exception msg;
	unsigned *stack = (unsigned *)(MEMORY - PAGE);

	place(&interrupted);
	need("resume", thread_resume(thread));
	if (!catch("", &msg, &state)) {
		return;
	}
	state.eip += 2;
	state.ecx = 0x11112222;
	state.ds = 0x1234;
	set(thread, &state);
	rt_exception_answer(&msg);
	if (!catch("", &msg, &state)) {
		return;
	}
	show_state(&state);
	state.efl &= ~EFL_VM;
	state.eip = (unsigned)v86_flat;
	state.uesp = (unsigned)stack;
	set(thread, &state);
	rt_exception_answer(&msg);
	if (catch("# ", &msg, &state)) {
		want_number("its trap", state.eax == rt_task, 1);
		want_number("its stack", state.ebx, 0x11112222);
		want_number("stack pointer", state.uesp, (long)stack);
		want_number("flags", state.efl & EFL_VM, 0);
		end(&msg);
	}
	mach_port_deallocate(rt_task, thread);
}

static void
enter(void *arg)
{
	struct i386_thread_state state;

	beginning(0, &state);
	rt_trap(SET_SELF_STATE, i386_THREAD_STATE, (int)&state,
	    i386_THREAD_STATE_COUNT, 0);
	rt_printf("FAIL still in 32 bits");
	rt_thread_exit();
}

/* The trap that sets a thread's own state returns into this mode. */
static void
test_self(void)
{
	struct i386_thread_state state;
	struct rt_exception msg;
	mach_port_t thread;

	place(SEGMENTS);
	thread = rt_thread_create(enter, NULL);
	if (catch("# ", &msg, &state)) {
		want_number("# fs", state.ecx, DATA_SEG + 2);
		want_number("# flags", state.efl & EFL_VM, EFL_VM);
		end(&msg);
	}
	mach_port_deallocate(rt_task, thread);
}

static bool
counts(mach_port_t thread)
{
	struct i386_thread_state before, after;

	thread_suspend(thread);
	get(thread, &before);
	thread_resume(thread);
	rt_sleep(1);
	thread_suspend(thread);
	get(thread, &after);
	thread_resume(thread);
	return after.ecx != before.ecx && after.efl & EFL_VM &&
	    after.cs == CODE_SEG && after.ds == DATA_SEG;
}

/* Threads that share processors keep their registers; one ends in its loop. */
static void
test_crowd(void)
{
	mach_port_t threads[CROWD];
	struct i386_thread_state state;
	struct rt_exception msg;
	mach_port_t looping;

	place(&looped);
	looping = thread_in(0);
	need("resume", thread_resume(looping));
	want_number("it runs", rt_until(counts(looping)), 1);
	thread_terminate(looping);
	want_number("it ends", rt_until_dead(looping), 1);
	mach_port_deallocate(rt_task, looping);

	place(&counting);
	for (unsigned i = 0; i < CROWD; i++) {
		threads[i] = thread_in(0);
		need("resume", thread_resume(threads[i]));
	}
	for (unsigned i = 0; i < CROWD; i++) {
		if (catch("", &msg, &state)) {
			show_state(&state);
			end(&msg);
		}
	}
	for (unsigned i = 0; i < CROWD; i++) {
		mach_port_deallocate(rt_task, threads[i]);
	}
}

void
test(void)
{
	vm_address_t low = 0;

	need("memory", vm_allocate(rt_task, &low, MEMORY, FALSE));
	exception_port = rt_port();
	need("exceptions", task_set_special_port(rt_task, TASK_EXCEPTION_PORT,
	    exception_port));
	test_faults();
	test_interrupt_flag();
	test_selectors();
	test_outside();
	test_port();
	test_back();
	if (!rt_on_gnumach) {
		test_self();
	}
	test_crowd();
	vm_deallocate(rt_task, low, MEMORY);
}
