/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Vector registers, as wide as the processor has them: across preemption,
 * traps, exceptions and the kernel's own wide copies; and as
 * i386_XFLOAT_STATE, which says nothing that the processor would choke on.
 * New coverage: thread_get_state and thread_set_state of that flavor,
 * i386_get_xstate_size, thread_set_self_state.
 *
 * GNU Mach of the package does not have the flavor, so nothing is compared.
 *
 * Processors: max pentium3
 */

#include "../lib/vector.h"
#include "rt.h"

#include <mach/exception.h>
#include <mach/task_special_ports.h>
#include <mach/thread_status.h>

#include "new_mach_i386_user.h"

#include "mach_port_user.h"
#include "mach_user.h"

#define P vm_page_size
#define THREADS 8 /* two for each processor */
#define ROUNDS 100
#define SPINS 20000
#define FUZZ 400

#define AT_MXCSR 24
#define AT_XMM 160
#define AT_SETS 512
#define AT_COMPACTION 520
#define AT_RESERVED 528
#define SPINNER_MXCSR 0x9fc0 /* no exceptions, tiny numbers are zero */

/* The state, with as much room as a message has. */
static union {
	struct i386_xfloat_state s;
	natural_t words[1024];
} state;

/* ---- what there is ------------------------------------------------------- */

static void
test_kinds(void)
{
	unsigned r[4];
	vm_size_t size;

	regs_find();
	cpuid(1, 0, r);
	want_number(
	    "XSAVE where the processor has it", have_xsave, r[2] >> 26 & 1);
	if (have_xsave) {
		rt_printf("x87 and SSE %u, nothing unknown %d", sets & 3,
		    (sets & ~0xe7u) == 0);
		want_number(
		    "AVX where the processor has it", have_avx, r[2] >> 28 & 1);
	}
	rt_printf(
	    "# XCR0 %x, AVX %d, image of %u bytes", sets, have_avx, image_size);
	need("i386_get_xstate_size",
	    new_i386_get_xstate_size(mach_host_self(), &size));
	want_number("room it needs beyond what the processor says",
	    (long)size - 16 - (long)image_size, 0);
}

/* ---- switches ------------------------------------------------------------ */

struct worker {
	unsigned number;
	vm_offset_t pages; /* fresh at each round */
	vm_offset_t master; /* copied at each round */
	volatile int wrong;
	volatile int done;
	unsigned char image[4096] __attribute__((aligned(64)));
};

static struct worker workers[THREADS];

/* Exceptions of all threads: step over the instruction, of two bytes. */
static union {
	struct {
		mach_msg_header_t head;
		mach_msg_type_t thread_type;
		mach_port_t thread;
		mach_msg_type_t task_type;
		mach_port_t task;
		natural_t rest[6];
	} request;
	mig_reply_header_t reply;
	mach_msg_header_t head;
} msg;

static void
catcher(void *arg)
{
	mach_port_t port = (mach_port_t)(uintptr_t)arg;
	struct i386_thread_state regs;
	mach_msg_type_number_t count;

	while (rt_receive(&msg.head, sizeof(msg), port, 600000) ==
	       MACH_MSG_SUCCESS) {
		mach_port_t thread = msg.request.thread;
		mach_port_t to = msg.head.msgh_remote_port;

		count = i386_THREAD_STATE_COUNT;
		if (thread_get_state(thread, i386_REGS_SEGS_STATE,
			(thread_state_t)&regs, &count) == KERN_SUCCESS) {
			regs.eip += 2;
			thread_set_state(thread, i386_REGS_SEGS_STATE,
			    (thread_state_t)&regs, count);
		}
		mach_port_deallocate(rt_task, thread);
		mach_port_deallocate(rt_task, msg.request.task);
		rt_header(&msg.head,
		    MACH_MSGH_BITS(MACH_MSG_TYPE_MOVE_SEND_ONCE, 0),
		    sizeof(msg.reply), to, 0, 2500);
		msg.reply.RetCodeType = rt_type(
		    MACH_MSG_TYPE_INTEGER_32, 32, 1, true, false);
		msg.reply.RetCode = KERN_SUCCESS;
		mach_msg(
		    &msg.head, MACH_SEND_MSG, sizeof(msg.reply), 0, 0, 0, 0);
	}
	rt_printf("FAIL nothing more to catch");
}

/* The registers as the thread itself saves them, with no other use before. */
static void
worker_save(struct worker *w, struct regs *regs)
{
	__asm__ volatile("xsave (%0)"
			 :
			 : "r"(w->image), "a"(sets), "d"(0)
			 : "memory");
	memset(regs, 0, sizeof(*regs));
	for (unsigned i = 0; i < REGS; i++) {
		memcpy(regs->r[i], w->image + AT_XMM + 16 * i, 16);
		memcpy(regs->r[i] + 16, w->image + avx_offset + 16 * i, 16);
	}
}

/* What might cost a thread its registers. */
static void
worker_disturb(struct worker *w, unsigned round)
{
	volatile unsigned spin = SPINS;
	volatile unsigned *page = (unsigned *)(w->pages + round * P);

	switch (round % 4) {
	case 0:
		while (spin != 0) {
			spin--;
		}
		break;
	case 1:
		swtch_pri(0);
		break;
	case 2:
		__asm__ volatile("ud2");
		break;
	default:
		/* The kernel zeroes this page, and copies that one. */
		*page = round;
		need("vm_copy", vm_copy(rt_task, w->master, P, w->pages));
		*(volatile unsigned *)w->pages = round;
		break;
	}
}

static void
worker_main(void *arg)
{
	struct worker *w = arg;
	struct regs in;
	struct regs out;
	int load;
	int stored;

	for (unsigned i = 0; i < ROUNDS; i++) {
		regs_fill(&in, w->number * ROUNDS + i);
		load = (int)(w->number * ROUNDS + i);
		stored = -1;
		regs_load(&in);
		__asm__ volatile("fninit; fildl %0" : : "m"(load));
		worker_disturb(w, i);
		if (have_avx && i / 4 % 2 == 0) {
			worker_save(w, &out);
		} else {
			regs_store(&out);
		}
		__asm__ volatile("fistpl %0" : "=m"(stored));
		w->wrong += regs_differ(&in, &out) + (load != stored);
	}
	w->done = 1;
	rt_thread_exit();
}

static bool
all_done(void)
{
	for (unsigned i = 0; i < THREADS; i++) {
		if (!workers[i].done) {
			return false;
		}
	}
	return true;
}

static void
test_switches(void)
{
	for (unsigned i = 0; i < THREADS; i++) {
		workers[i].number = i;
		need("vm_allocate",
		    vm_allocate(rt_task, &workers[i].pages, ROUNDS * P, TRUE));
		need("vm_allocate",
		    vm_allocate(rt_task, &workers[i].master, P, TRUE));
		memset((void *)workers[i].master, (int)i, P);
	}
	for (unsigned i = 0; i < THREADS; i++) {
		rt_thread_create(worker_main, &workers[i]);
	}
	while (!all_done()) {
		rt_sleep(10);
	}
	for (unsigned i = 0; i < THREADS; i++) {
		want_number("registers that changed", workers[i].wrong, 0);
		vm_deallocate(rt_task, workers[i].pages, ROUNDS * P);
		vm_deallocate(rt_task, workers[i].master, P);
	}
}

/* ---- states -------------------------------------------------------------- */

/* A thread that has `first' in its registers, and shows what is in them. */
static struct {
	mach_port_t thread;
	struct regs first;
	struct regs now;
	volatile unsigned shown;
} spinner;

static void
spinner_main(void *arg)
{
	unsigned mxcsr = SPINNER_MXCSR;

	__asm__ volatile("fninit; ldmxcsr %0" : : "m"(mxcsr));
	regs_load(&spinner.first);
	for (;;) {
		regs_store(&spinner.now);
		spinner.shown++;
	}
}

/* Let it run until it has shown its registers, then stop it. */
static void
spinner_run(void)
{
	unsigned before = spinner.shown;

	need("thread_resume", thread_resume(spinner.thread));
	while (spinner.shown - before < 3) {
		rt_sleep(1);
	}
	need("thread_suspend", thread_suspend(spinner.thread));
}

static kern_return_t
state_get(void)
{
	mach_msg_type_number_t count = 1024;

	memset(&state, 0x55, sizeof(state));
	return thread_get_state(
	    spinner.thread, i386_XFLOAT_STATE, state.words, &count);
}

static kern_return_t
state_set(void)
{
	return thread_set_state(spinner.thread, i386_XFLOAT_STATE, state.words,
	    (16 + image_size) / 4);
}

/* The registers in the image, and put REGS there. */
static void
state_regs(struct regs *regs)
{
	memset(regs, 0, sizeof(*regs));
	for (unsigned i = 0; i < REGS; i++) {
		memcpy(regs->r[i], state.s.hw_state + AT_XMM + 16 * i, 16);
		if (have_avx) {
			memcpy(regs->r[i] + 16,
			    state.s.hw_state + avx_offset + 16 * i, 16);
		}
	}
}

static void
state_set_regs(const struct regs *regs)
{
	for (unsigned i = 0; i < REGS; i++) {
		memcpy(state.s.hw_state + AT_XMM + 16 * i, regs->r[i], 16);
		if (have_avx) {
			memcpy(state.s.hw_state + avx_offset + 16 * i,
			    regs->r[i] + 16, 16);
		}
	}
}

static unsigned *
state_word(unsigned offset)
{
	return (unsigned *)(state.s.hw_state + offset);
}

static void
test_states(void)
{
	struct i386_float_state f;
	mach_msg_type_number_t count = i386_FLOAT_STATE_COUNT;
	struct regs regs;

	want("get", state_get(), KERN_SUCCESS);
	want_number("kind", state.s.fpkind, have_xsave ? FP_387X : FP_387FX);
	want_number(
	    "how it was saved", state.s.fp_save_kind, have_xsave ? 2 : 1);
	want_number("initialized", state.s.initialized, 1);
	state_regs(&regs);
	want_number(
	    "differ from the thread's", regs_differ(&regs, &spinner.first), 0);
	want_number("MXCSR", *state_word(AT_MXCSR), SPINNER_MXCSR);

	regs_fill(&regs, 1000);
	state_set_regs(&regs);
	want("set", state_set(), KERN_SUCCESS);
	spinner_run();
	want_number(
	    "differ from those set", regs_differ(&regs, &spinner.now), 0);

	want("get the old flavor",
	    thread_get_state(
		spinner.thread, i386_FLOAT_STATE, (thread_state_t)&f, &count),
	    KERN_SUCCESS);
	want("set the old flavor",
	    thread_set_state(
		spinner.thread, i386_FLOAT_STATE, (thread_state_t)&f, count),
	    KERN_SUCCESS);
	spinner_run();
	want_number("changed by that", regs_differ(&regs, &spinner.now), 0);

	want("get", state_get(), KERN_SUCCESS);
	state.s.initialized = 0;
	want("forget", state_set(), KERN_SUCCESS);
	want("get", state_get(), KERN_SUCCESS);
	want_number("initialized", state.s.initialized, 0);
	spinner_run();
	memset(&regs, 0, sizeof(regs));
	want_number("not zero after that", regs_differ(&regs, &spinner.now), 0);
}

/* Sets of registers that the header leaves out are in their initial state,
 * whatever the image has in their place. */
static void
test_left_out(void)
{
	struct regs zero;
	struct regs regs;
	unsigned control;

	if (!have_xsave) {
		return;
	}
	memset(&zero, 0, sizeof(zero));
	regs_fill(&regs, 2000);
	want("get", state_get(), KERN_SUCCESS);
	state_set_regs(&regs);
	*state_word(0) = 0x0c7f;
	*state_word(AT_SETS) = 0;
	want("set none", state_set(), KERN_SUCCESS);
	want("get", state_get(), KERN_SUCCESS);
	control = *state_word(0) & 0xffff;
	state_regs(&regs);
	want_number("not zero in the state", regs_differ(&zero, &regs), 0);
	want_number("control word", control, 0x37f);
	spinner_run();
	want_number(
	    "not zero in the thread", regs_differ(&zero, &spinner.now), 0);
}

/* SET must be refused, and leave the thread's registers alone. */
static void
refused(const char *what)
{
	struct regs regs;

	want(what, state_set(), KERN_INVALID_ARGUMENT);
	need("get", state_get());
	state_regs(&regs);
	want_number("changed by that", regs_differ(&regs, &spinner.first), 0);
}

static void
test_malformed(void)
{
	static const unsigned unknown[] = { 8, 9, 10, 11, 14, 17, 18, 30, 32,
		62, 63 };

	want("get", state_get(), KERN_SUCCESS);
	want("short",
	    thread_set_state(spinner.thread, i386_XFLOAT_STATE, state.words,
		(16 + image_size) / 4 - 1),
	    KERN_INVALID_ARGUMENT);
	for (int kind = -1; kind < 7; kind++) {
		if (kind != (have_xsave ? 2 : 1)) {
			state.s.fp_save_kind = kind;
			refused("another way of saving");
		}
	}
	for (unsigned bit = 16; bit < 32; bit++) {
		*state_word(AT_MXCSR) |= 1u << bit;
		refused("a bit that MXCSR does not have");
	}
	if (!have_xsave) {
		return;
	}
	for (unsigned i = 0; i < sizeof(unknown) / sizeof(unknown[0]); i++) {
		state_word(AT_SETS)[unknown[i] / 32] |= 1u << unknown[i] % 32;
		refused("registers that it does not have");
	}
	state_word(AT_COMPACTION)[1] |= 0x80000000;
	refused("the compact form");
	*state_word(AT_COMPACTION) = 3;
	refused("the compact form, a little");
	for (unsigned i = 0; i < 48; i += 4) {
		*state_word(AT_RESERVED + i) = 0x01000000;
		refused("a reserved word of the header");
	}
}

static unsigned
random_next(void)
{
	static unsigned seed = 4711;

	seed = seed * 1103515245 + 12345;
	return seed >> 8;
}

/* Whatever the kernel takes, it can load. */
static void
test_random(void)
{
	unsigned taken = 0;
	unsigned strange = 0;
	unsigned char *hw = state.s.hw_state;
	kern_return_t kr;

	for (unsigned i = 0; i < FUZZ; i++) {
		need("get", state_get());
		for (unsigned n = random_next() % 8; n > 0; n--) {
			hw[random_next() % image_size] = (unsigned char)
			    random_next();
		}
		if (random_next() % 4 == 0) {
			hw[AT_MXCSR + random_next() % 4] ^=
			    (unsigned char)(1u << random_next() % 8);
		}
		if (have_xsave && random_next() % 4 == 0) {
			hw[AT_SETS + random_next() % 64] ^=
			    (unsigned char)(1u << random_next() % 8);
		}
		kr = state_set();
		strange += kr != KERN_SUCCESS && kr != KERN_INVALID_ARGUMENT;
		if (kr == KERN_SUCCESS) {
			taken++;
			*state_word(0) = 0x37f;
			if (i % 8 == 0) {
				/* Exceptions are the thread's, not ours. */
				spinner_run();
			}
		}
	}
	rt_printf("# taken %u of %u", taken, FUZZ);
	rt_printf("some taken %d, some not %d, strange %u", taken > 0,
	    taken < FUZZ, strange);
}

/* Trap -77: the registers of the thread that calls. */
static void
test_self(void)
{
	mach_msg_type_number_t count = (16 + image_size) / 4;
	struct regs regs;
	struct regs now;

	need("get", state_get());
	regs_fill(&regs, 3000);
	state_set_regs(&regs);
	*state_word(0) = 0x37f;
	*state_word(AT_MXCSR) = 0x1f80;
	if (have_xsave) {
		*state_word(AT_SETS) |= have_avx ? 7 : 3;
	}
	regs_load(&spinner.first);
	want("set own",
	    rt_trap(-77, i386_XFLOAT_STATE, (int)state.words, (int)count, 0),
	    KERN_SUCCESS);
	regs_store(&now);
	want_number("differ from those set", regs_differ(&regs, &now), 0);
	*state_word(AT_MXCSR) = 0x80000000;
	want("set own, malformed",
	    rt_trap(-77, i386_XFLOAT_STATE, (int)state.words, (int)count, 0),
	    KERN_INVALID_ARGUMENT);
	regs_store(&now);
	want_number("changed by that", regs_differ(&regs, &now), 0);
}

void
test(void)
{
	mach_port_t port;

	rt_printf("own");
	if (rt_on_gnumach) {
		return;
	}
	port = rt_port();
	test_kinds();
	need("task_set_special_port",
	    task_set_special_port(rt_task, TASK_EXCEPTION_PORT, port));
	rt_thread_create(catcher, (void *)(uintptr_t)port);
	test_switches();

	regs_fill(&spinner.first, 7);
	spinner.thread = rt_thread_create(spinner_main, NULL);
	while (spinner.shown == 0) {
		rt_sleep(1);
	}
	need("thread_suspend", thread_suspend(spinner.thread));
	test_states();
	test_left_out();
	need("get", state_get());
	state_set_regs(&spinner.first);
	if (have_xsave) {
		*state_word(AT_SETS) |= have_avx ? 7 : 3;
	}
	want("set", state_set(), KERN_SUCCESS);
	test_malformed();
	test_random();
	test_self();
}
