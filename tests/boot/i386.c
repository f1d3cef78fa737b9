/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * The processor as a program sees it: what every kind of fault is reported as,
 * redirected traps, thread state by flavor, descriptors, I/O ports.
 *
 * Each case runs a few instructions in a thread of its own and prints the
 * exception message and the registers that come of it.
 */

#include "rt.h"

#include <mach/exception.h>
#include <mach/machine/mach_i386_types.h>
#include <mach/task_special_ports.h>
#include <mach/thread_status.h>

#include "mach4_user.h"
#include "mach_i386_user.h"
#include "mach_port_user.h"
#include "mach_user.h"

#define EMULATED	100	/* a trap number that gets redirected */

/* Symbol case_NAME: the instructions, then an endless loop. */
#define CASE(name, code)						\
	extern const char case_##name[];				\
	__asm__(".text\ncase_" #name ":\n\t" code "\n1:\tjmp 1b")

#define LCALL	"lcall $7, $0;"

CASE(divide, "xorl %ecx, %ecx; xorl %edx, %edx; divl %ecx");
CASE(int3, "int3");
CASE(int4, "int $4");
CASE(into, "movb $0x7f, %al; addb $1, %al; into");
CASE(bound, "pushl $5; pushl $4; movl $9, %eax; bound %eax, (%esp)");
CASE(opcode, "ud2");
CASE(read, "movl 0x30000000, %eax");
CASE(write, "movl %eax, 0x30000004");
CASE(kernel_read, "movl 0xc0100000, %eax");
CASE(kernel_write, "movl %eax, 0xc0100000");
CASE(text_write, "movl $case_divide, %ecx; movl %eax, (%ecx)");
CASE(jump, "movl $0x30000000, %eax; jmp *%eax");
CASE(halt, "hlt");
CASE(cli, "cli");
CASE(port, "movl $0x80, %edx; outb %al, %dx");
CASE(popf, "pushl $0x3202; popf; cli");
CASE(segment, "movl $0x13, %eax; movl %eax, %es");
CASE(stack_segment, "movl $0x1b, %eax; movl %eax, %ss");
CASE(null_segment, "xorl %eax, %eax; movl %eax, %gs; movl %gs:0, %ecx");
CASE(far_jump, "ljmp $0x8, $0");
CASE(iret, "pushl $0x202; pushl $0x8; pushl $0; iret");
CASE(stack_end, "xorl %esp, %esp; pushl %eax");
CASE(step, "pushf; orl $0x100, (%esp); popf; nop; nop");
CASE(fpu, "fninit; pushl $0x037b; fldcw (%esp); fld1; fldz; fdivrp; fwait");
CASE(fpu_invalid, "fninit; pushl $0x037e; fldcw (%esp); fld1; fchs; fsqrt;"
		"fwait");
CASE(fpu_overflow, "fninit; pushl $0x0377; fldcw (%esp); pushl $32767;"
		"fildl (%esp); fld1; fscale; fwait");
CASE(fpu_inexact, "fninit; pushl $0x035f; fldcw (%esp); fldpi; fld1; fdivp;"
		"fwait");
CASE(absent, "movl $0x107, %eax; movl %eax, %es");
CASE(absent_stack, "movl $0x107, %eax; movl %eax, %ss");
CASE(absent_jump, "ljmp $0x10f, $0");
CASE(watch_run, "xorl %eax, %eax; nop; incl %eax; hlt");
CASE(watch_write, "movl $1, i386_watched; hlt");
CASE(watch_read, "movl i386_watched, %eax; hlt");
CASE(watch_beside, "movl $1, i386_watched + 4; hlt");
CASE(watch_kernel, "pushl $1; pushl $4096; pushl $i386_watched; pushl %ebx;"
		"pushl $0; movl $-65, %eax;" LCALL "hlt");
CASE(trap_unknown, "movl $-200, %eax;" LCALL);
CASE(trap_positive, "movl $5, %eax;" LCALL);
CASE(trap_hole, "movl $-3, %eax;" LCALL "hlt");
CASE(trap_zero, "movl $0, %eax;" LCALL "hlt");
CASE(trap_stack, "movl $0x30000000, %esp; movl $-25, %eax;" LCALL);
CASE(trap_wrap, "movl $0xfffffff8, %esp; movl $-25, %eax;" LCALL);
CASE(int21, "int $0x21");
CASE(int80, "movl $5, %eax; int $0x80");
CASE(align, "pushf; orl $0x40000, (%esp); popf; movl 1(%esp), %ecx; hlt");
CASE(icebp, ".byte 0xf1; nop");
CASE(int1, "int $1");
CASE(control, "movl %cr0, %eax");
CASE(msr, "movl $0x10, %ecx; rdmsr");
CASE(task_return, "pushf; orl $0x4000, (%esp); popf; iret");
CASE(task_trap, "pushf; orl $0x4000, (%esp); popf; movl $-28, %eax;" LCALL
		"xorl %eax, %eax; hlt");
CASE(backwards, "std; movl $-28, %eax;" LCALL "pushf; popl %ecx;"
		"cld; xorl %eax, %eax; hlt");
CASE(call_emulated, "movl $100, %eax;" LCALL "nop");
CASE(int80_emulated, "movl $100, %eax; int $0x80; nop");
CASE(native_emulated, "movl $-28, %eax;" LCALL "nop");
CASE(emulation, "popl %ebx; popl %ecx; ud2");
CASE(loop, "");
CASE(gs_read, "movl %gs:4, %ecx; hlt");
CASE(fld, "fldpi; hlt");
CASE(simd, "pushl $0x1d80; ldmxcsr (%esp); xorps %xmm0, %xmm0;"
		"xorps %xmm1, %xmm1; divps %xmm0, %xmm1; hlt");

struct test_case {
	const char	*name;
	const char	*code;
};

#define ENTRY(name)	{ #name, case_##name }

static const struct test_case faults[] = {
	ENTRY(divide),
	ENTRY(int3),
	ENTRY(int4),
	ENTRY(into),
	ENTRY(bound),
	ENTRY(opcode),
	ENTRY(read),
	ENTRY(write),
	ENTRY(kernel_read),
	ENTRY(kernel_write),
	ENTRY(text_write),
	ENTRY(jump),
	ENTRY(halt),
	ENTRY(cli),
	ENTRY(port),
	ENTRY(popf),
	ENTRY(segment),
	ENTRY(stack_segment),
	ENTRY(null_segment),
	ENTRY(far_jump),
	ENTRY(iret),
	ENTRY(stack_end),
	ENTRY(step),
	ENTRY(fpu),
	ENTRY(fpu_invalid),
	ENTRY(fpu_overflow),
	ENTRY(fpu_inexact),
	ENTRY(trap_unknown),
	ENTRY(trap_positive),
	ENTRY(trap_hole),
	ENTRY(trap_zero),
	ENTRY(trap_stack),
	ENTRY(trap_wrap),
	ENTRY(int21),
	ENTRY(int80),
	ENTRY(align),
	ENTRY(icebp),
	ENTRY(int1),
	ENTRY(control),
	ENTRY(msr),
	ENTRY(backwards),
};

/*
 * Entries with the flag of nested tasks, which GNU Mach takes into the kernel:
 * its own return faults then.
 */
static const struct test_case nested[] = {
	ENTRY(task_return),
	ENTRY(task_trap),
};

/* The exceptions and codes wanted of them. */
static const int nested_codes[] = { 10, 13 };

static const struct test_case redirected[] = {
	ENTRY(call_emulated),
	ENTRY(int80_emulated),
	ENTRY(native_emulated),
};

static mach_port_t exception_port;
static unsigned stack[1024] __attribute__((aligned(16)));

#define STACK_TOP	((unsigned)(stack + 1000))

/* A suspended thread that will run CODE. */
static mach_port_t
thread_at(const char *code, struct i386_thread_state *state)
{
	mach_msg_type_number_t count = i386_THREAD_STATE_COUNT;
	mach_port_t thread;

	need("thread_create", thread_create(rt_task, &thread));
	need("thread_get_state", thread_get_state(thread, i386_REGS_SEGS_STATE,
				     (thread_state_t)state, &count));
	state->eip = (unsigned)code;
	state->uesp = STACK_TOP;
	need("thread_set_state",
	    thread_set_state(thread, i386_REGS_SEGS_STATE,
		(thread_state_t)state, i386_THREAD_STATE_COUNT));
	return thread;
}

/* Let THREAD run into its exception; false when none comes. */
static bool
thread_catch(mach_port_t thread, struct rt_exception *msg,
    struct i386_thread_state *state)
{
	mach_msg_type_number_t count = i386_THREAD_STATE_COUNT;
	bool caught;

	thread_resume(thread);
	caught = rt_receive(&msg->head, sizeof(*msg), exception_port,
		     RT_PATIENCE_MS) == MACH_MSG_SUCCESS;
	need("thread_suspend", thread_suspend(thread));
	need("thread_get_state", thread_get_state(thread, i386_REGS_SEGS_STATE,
				     (thread_state_t)state, &count));
	return caught;
}

static void
thread_end(mach_port_t thread, struct rt_exception *msg)
{
	thread_terminate(thread);
	mach_port_deallocate(rt_task, thread);
	if (msg != NULL) {
		mach_port_deallocate(rt_task, msg->thread);
		mach_port_deallocate(rt_task, msg->task);
		mach_port_deallocate(rt_task, msg->head.msgh_remote_port);
	}
}

/* Addresses in the program are not compared. */
static unsigned
plain(int code)
{
	unsigned address = (unsigned)code;

	return address >= 0x08000000 && address < 0x09000000 ? 1 : address;
}

/* Let THREAD, which is at the beginning of C, run into it, and end it. */
static void
run_thread(mach_port_t thread, const struct test_case *c)
{
	struct i386_thread_state state;
	struct rt_exception msg;

	if (!thread_catch(thread, &msg, &state)) {
		rt_printf("FAIL %s: no exception", c->name);
		thread_end(thread, NULL);
		return;
	}
	rt_printf("%s: exception %d code %d subcode %x at +%d, eax %x, "
		  "flags %x, stack %d",
	    c->name, msg.exception, msg.code, plain(msg.subcode),
	    (int)(state.eip - (unsigned)c->code), state.eax, state.efl & 0x700,
	    (int)(STACK_TOP - state.uesp));
	thread_end(thread, &msg);
}

static void
run_fault(const struct test_case *c)
{
	struct i386_thread_state state;

	run_thread(thread_at(c->code, &state), c);
}

static void
test_faults(void)
{
	for (unsigned i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
		run_fault(&faults[i]);
	}
}

/* Segments that are not present, which GNU Mach takes from nobody. */
static void
test_absent(void)
{
	static const struct {
		struct test_case test;
		int code;
		int subcode;
	} cases[] = {
		{ ENTRY(absent), 11, 0x104 },
		{ ENTRY(absent_stack), 12, 0x104 },
		{ ENTRY(absent_jump), 11, 0x10c },
	};
	struct descriptor list[2] = {
		{ 0x0000ffff, 0x00cf7200 },
		{ 0x0000ffff, 0x00cf7a00 },
	};
	struct i386_thread_state state;
	struct rt_exception msg;
	mach_port_t thread;

	for (unsigned i = 0; i < 3 && !rt_on_gnumach; i++) {
		thread = thread_at(cases[i].test.code, &state);
		want("# set_ldt", i386_set_ldt(thread, 0x107, list, 2),
		    KERN_SUCCESS);
		want_number("# caught", thread_catch(thread, &msg, &state), 1);
		want_number("# exception", msg.exception, EXC_BAD_INSTRUCTION);
		want_number("# code", msg.code, cases[i].code);
		want_number("# subcode", msg.subcode, cases[i].subcode);
		thread_end(thread, &msg);
	}
}

/* For the instructions above, too, so it has a plain name. */
static unsigned watched[2] __asm__("i386_watched") __attribute__((used));

/* DR7: local enable of register 0, and what it looks for. */
#define WATCH_RUN	0x1u
#define WATCH_WRITE	0xd0001u	/* a word */
#define WATCH_ACCESS	0xf0001u

struct watch {
	struct test_case	test;
	const void		*address;
	unsigned		control;
};

/* A thread at the beginning of W with its debug register set, or not. */
static mach_port_t
watched_thread(const struct watch *w, bool set)
{
	struct i386_debug_state debug = { { 0 } };
	struct i386_thread_state state;
	mach_port_t thread = thread_at(w->test.code, &state);

	debug.dr[0] = (unsigned)w->address;
	debug.dr[7] = set ? w->control : 0;
	state.ebx = rt_task;
	need("thread_set_state", thread_set_state(thread, i386_REGS_SEGS_STATE,
	    (thread_state_t)&state, i386_THREAD_STATE_COUNT));
	need("watch", thread_set_state(thread, i386_DEBUG_STATE,
	    (thread_state_t)&debug, i386_DEBUG_STATE_COUNT));
	return thread;
}

static void
test_watch(void)
{
	static const struct watch watches[] = {
		{ ENTRY(watch_run), case_watch_run + 2, WATCH_RUN },
		{ ENTRY(watch_write), watched, WATCH_WRITE },
		{ ENTRY(watch_write), watched, WATCH_ACCESS },
		{ ENTRY(watch_read), watched, WATCH_ACCESS },
		{ ENTRY(watch_read), watched, WATCH_WRITE },
		{ ENTRY(watch_beside), watched, WATCH_ACCESS },
	};

	for (unsigned i = 0; i < sizeof(watches) / sizeof(watches[0]); i++) {
		run_thread(watched_thread(&watches[i], true),
		    &watches[i].test);
		run_thread(watched_thread(&watches[i], false),
		    &watches[i].test);
	}
}

/*
 * What the kernel writes for the thread is no hit: the one that comes is of
 * the instruction after the trap.  GNU Mach stops in its debugger.
 */
static void
test_watch_kernel(void)
{
	static const struct watch watch = {
		ENTRY(watch_kernel), watched, WATCH_ACCESS,
	};
	struct i386_thread_state state;
	struct rt_exception msg;
	mach_port_t thread;

	if (rt_on_gnumach) {
		return;
	}
	watched[0] = 0;
	thread = watched_thread(&watch, true);
	want_number("# caught", thread_catch(thread, &msg, &state), 1);
	want("# the trap", (int)state.eax, KERN_SUCCESS);
	want_number("# it wrote", watched[0] != 0, 1);
	want_number("# exception", msg.exception, EXC_BAD_INSTRUCTION);
	vm_deallocate(rt_task, watched[0], 4096);
	thread_end(thread, &msg);
}

/*
 * A division of zeroes with that exception allowed.  QEMU 7.2 has none for
 * these instructions without KVM: then it ends at the HLT.
 */
static void
test_simd(void)
{
	struct i386_thread_state state;
	struct rt_exception msg;
	mach_port_t thread;

	if (rt_on_gnumach) {
		return;
	}
	thread = thread_at(case_simd, &state);
	want_number("# caught", thread_catch(thread, &msg, &state), 1);
	if (msg.exception == EXC_BAD_INSTRUCTION) {
		rt_printf("# not raised");
		want_number("# at the end", *(uint8_t *)state.eip, 0xf4);
	} else {
		want_number("# exception", msg.exception, EXC_ARITHMETIC);
		want_number("# code", msg.code, EXC_I386_EXTERR);
	}
	thread_end(thread, &msg);
}

static void
test_nested(void)
{
	struct i386_thread_state state;
	struct rt_exception msg;
	mach_port_t thread;

	for (unsigned i = 0; i < 2 && !rt_on_gnumach; i++) {
		thread = thread_at(nested[i].code, &state);
		want_number("# caught", thread_catch(thread, &msg, &state), 1);
		want_number("# code", msg.code, nested_codes[i]);
		want_number("# eax", state.eax, 0);
		thread_end(thread, &msg);
	}
}

static void
test_redirection(void)
{
	vm_address_t entry = (vm_address_t)case_emulation;

	want("task_set_emulation", task_set_emulation(rt_task, entry, EMULATED),
	    KERN_SUCCESS);
	want("task_set_emulation of a kernel trap",
	    task_set_emulation(rt_task, entry, -28), KERN_SUCCESS);
	for (unsigned i = 0; i < 3; i++) {
		const struct test_case *c = &redirected[i];
		struct i386_thread_state state;
		struct rt_exception msg;
		mach_port_t thread = thread_at(c->code, &state);

		if (!thread_catch(thread, &msg, &state)) {
			rt_printf("FAIL %s: not redirected", c->name);
			thread_end(thread, NULL);
			continue;
		}
		rt_printf("%s: in place %d, flags %x, from +%d, eax %d, "
			  "stack %d",
		    c->name, state.eip == (unsigned)case_emulation + 2,
		    state.ebx & 0x700, (int)(state.ecx - (unsigned)c->code),
		    (int)state.eax, (int)(STACK_TOP - state.uesp));
		thread_end(thread, &msg);
	}
	want("no emulation", task_set_emulation(rt_task, 0, EMULATED),
	    KERN_SUCCESS);
	want("no emulation", task_set_emulation(rt_task, 0, -28), KERN_SUCCESS);
}

static void
test_initial_state(void)
{
	mach_msg_type_number_t count = i386_THREAD_STATE_COUNT;
	struct i386_thread_state s;
	mach_port_t thread;

	need("thread_create", thread_create(rt_task, &thread));
	want("state of a new thread",
	    thread_get_state(
		thread, i386_THREAD_STATE, (thread_state_t)&s, &count),
	    KERN_SUCCESS);
	rt_printf("count %u: cs %x ss %x ds %x es %x fs %x gs %x, flags %x, "
		  "eip %x, stack %x",
	    count, s.cs, s.ss, s.ds, s.es, s.fs, s.gs, s.efl, s.eip, s.uesp);
	count--;
	want("too little room",
	    thread_get_state(
		thread, i386_THREAD_STATE, (thread_state_t)&s, &count),
	    KERN_INVALID_ARGUMENT);
	want("too few words",
	    thread_set_state(thread, i386_THREAD_STATE, (thread_state_t)&s,
		i386_THREAD_STATE_COUNT - 1),
	    KERN_INVALID_ARGUMENT);
	want("a flavor that does not exist",
	    thread_set_state(
		thread, 77, (thread_state_t)&s, i386_THREAD_STATE_COUNT),
	    KERN_INVALID_ARGUMENT);
	s.cs = 8;
	want("kernel code segment",
	    thread_set_state(thread, i386_REGS_SEGS_STATE, (thread_state_t)&s,
		i386_THREAD_STATE_COUNT),
	    KERN_INVALID_ARGUMENT);
	thread_end(thread, NULL);
}

static void
test_flags(void)
{
	mach_msg_type_number_t count = i386_THREAD_STATE_COUNT;
	struct i386_thread_state s;
	mach_port_t thread = thread_at(case_loop, &s);

	s.efl = 0x3000;
	want("set flags",
	    thread_set_state(thread, i386_THREAD_STATE, (thread_state_t)&s,
		i386_THREAD_STATE_COUNT),
	    KERN_SUCCESS);
	want("get flags",
	    thread_get_state(
		thread, i386_THREAD_STATE, (thread_state_t)&s, &count),
	    KERN_SUCCESS);
	rt_printf(
	    "interrupts %x, I/O privilege %x", s.efl & 0x200, s.efl & 0x3000);
	thread_end(thread, NULL);
}

/* Two threads must not see each other's registers. */
static void
test_fpu(void)
{
	struct i386_thread_state state;
	struct i386_float_state f;
	struct rt_exception msg;
	struct i386_fp_save *save = (struct i386_fp_save *)f.hw_state;
	mach_msg_type_number_t count = i386_FLOAT_STATE_COUNT;
	mach_port_t thread = thread_at(case_fld, &state);

	want("float state before use",
	    thread_get_state(
		thread, i386_FLOAT_STATE, (thread_state_t)&f, &count),
	    KERN_SUCCESS);
	rt_printf("initialized %d", f.initialized);
	__asm__ volatile("fninit; fld1; fld1; fld1");
	if (!thread_catch(thread, &msg, &state)) {
		rt_printf("FAIL fld: no exception");
		thread_end(thread, NULL);
		return;
	}
	count = i386_FLOAT_STATE_COUNT;
	want("float state after use",
	    thread_get_state(
		thread, i386_FLOAT_STATE, (thread_state_t)&f, &count),
	    KERN_SUCCESS);
	rt_printf("initialized %d, control %x, top %d, tags %x", f.initialized,
	    save->fp_control, save->fp_status >> 11 & 7, save->fp_tag);
	thread_end(thread, &msg);
}

static void
test_descriptors(void)
{
	struct descriptor flat = { 0x0000ffff, 0x00cff200 };
	struct descriptor system = { 0x0000ffff, 0x00cf9200 };
	struct descriptor got = { 0, 0 };
	struct i386_thread_state state;
	struct rt_exception msg;
	static unsigned block[2] = { 0, 0x12345 };
	mach_port_t thread = thread_at(case_gs_read, &state);
	int selector = -1;
	int second = -1;

	flat.low_word |= (unsigned)block << 16;
	flat.high_word |= ((unsigned)block & 0xff000000) |
			  ((unsigned)block >> 16 & 0xff);
	want("i386_set_gdt", i386_set_gdt(thread, &selector, flat),
	    KERN_SUCCESS);
	rt_printf("selector %x", selector);
	want("i386_set_gdt again", i386_set_gdt(thread, &second, flat),
	    KERN_SUCCESS);
	rt_printf("selector %x", second);
	want(
	    "i386_get_gdt", i386_get_gdt(thread, selector, &got), KERN_SUCCESS);
	rt_printf("as it was: %d",
	    got.low_word == flat.low_word &&
		(got.high_word | 0x100) == (flat.high_word | 0x100));
	want("kernel privilege", i386_set_gdt(thread, &selector, system),
	    KERN_INVALID_ARGUMENT);
	want("a selector of the kernel's", i386_get_gdt(thread, 8, &got),
	    KERN_INVALID_ARGUMENT);

	state.gs = (unsigned)selector;
	need("thread_set_state",
	    thread_set_state(thread, i386_REGS_SEGS_STATE,
		(thread_state_t)&state, i386_THREAD_STATE_COUNT));
	if (!thread_catch(thread, &msg, &state)) {
		rt_printf("FAIL gs_read: no exception");
		thread_end(thread, NULL);
		return;
	}
	rt_printf("read %x through gs %x", state.ecx, state.gs);
	thread_end(thread, &msg);
}

/* All that a thread can have, and selectors of what is not its. */
static void
test_descriptor_slots(void)
{
	static const int selectors[] = {
		0, 3, 7, 8, 0x10, 0x1f, 0x27, 0x47, 0x48, 0x4b, 0x4f, 0x50,
		0x53, 0x57, 0x5f, 0x67, 0x6b, 0x6f, 0xfff8, 0xffff, 0x1004b,
		-2,
	};
	struct descriptor flat = { 0x0000ffff, 0x00cff200 };
	struct descriptor none = { 0, 0 };
	struct i386_thread_state state;
	mach_port_t thread = thread_at(case_loop, &state);
	kern_return_t kr = KERN_SUCCESS;
	unsigned count = 0;

	while (kr == KERN_SUCCESS && count < 100) {
		int selector = -1;

		kr = i386_set_gdt(thread, &selector, flat);
		count += kr == KERN_SUCCESS ? 1 : 0;
	}
	want("one more", kr, KERN_NO_SPACE);
	/* Ours can have more. */
	rt_printf("# slots %u", count);
	rt_printf("two %d", count >= 2);
	for (unsigned i = 0; i < sizeof(selectors) / sizeof(selectors[0]);
	    i++) {
		struct descriptor got = { 1, 1 };
		int selector = selectors[i];

		rt_printf("selector %x", selector);
		kr = i386_get_gdt(thread, selector, &got);
		show("  get", kr);
		if (kr == KERN_SUCCESS) {
			rt_printf("  %x %x", got.low_word, got.high_word);
		}
		show("  set", i386_set_gdt(thread, &selector, flat));
		show("  clear", i386_set_gdt(thread, &selector, none));
	}
	thread_end(thread, NULL);
}

static void
test_ports(void)
{
	struct i386_thread_state state;
	struct rt_exception msg;
	mach_port_t perm;
	mach_port_t thread;

	want("backwards",
	    i386_io_perm_create(rt_device_master, 0x81, 0x80, &perm),
	    KERN_INVALID_ARGUMENT);
	want("not the master", i386_io_perm_create(rt_task, 0x80, 0x80, &perm),
	    KERN_INVALID_ARGUMENT);
	want("i386_io_perm_create",
	    i386_io_perm_create(rt_device_master, 0x80, 0x80, &perm),
	    KERN_SUCCESS);
	want("enable", i386_io_perm_modify(rt_task, perm, TRUE), KERN_SUCCESS);
	__asm__ volatile("outb %%al, $0x80" : : "a"(0));
	rt_printf("used the port");
	want(
	    "disable", i386_io_perm_modify(rt_task, perm, FALSE), KERN_SUCCESS);
	thread = thread_at(case_port, &state);
	if (!thread_catch(thread, &msg, &state)) {
		rt_printf("FAIL port: still allowed");
		thread_end(thread, NULL);
		return;
	}
	rt_printf("refused again: %d %d", msg.exception, msg.code);
	thread_end(thread, &msg);
	/* GNU Mach 1.8 stops here with a page fault in the kernel. */
	want("not a permission",
	    rt_on_gnumach ? KERN_INVALID_ARGUMENT
			  : i386_io_perm_modify(rt_task, rt_task, TRUE),
	    KERN_INVALID_ARGUMENT);
	mach_port_deallocate(rt_task, perm);
}

void
test(void)
{
	exception_port = rt_port();
	need("task_set_special_port", task_set_special_port(rt_task,
					  TASK_EXCEPTION_PORT, exception_port));
	test_initial_state();
	test_flags();
	test_faults();
	test_absent();
	test_watch();
	test_watch_kernel();
	test_simd();
	test_nested();
	test_redirection();
	test_fpu();
	test_descriptors();
	test_descriptor_slots();
	test_ports();
}
