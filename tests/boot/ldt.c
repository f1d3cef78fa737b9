/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Descriptors of a thread: its LDT, and its own places in the GDT.
 */

#include "rt.h"

#include <mach/machine/mach_i386_types.h>

#include "mach_i386_user.h"
#include "mach_port_user.h"
#include "mach_user.h"

/* So many that clock interrupts come at every place. */
#define TIMES	20000
#define MANY	1000u
/* Threads that end while they are looked at, and names that are kept of them. */
#define DYING	2000u
#define KEPT	16u
#define LOOKERS	2u

/* A data segment for users: base, limit in bytes. */
static struct descriptor
data_segment(uint32_t base, uint32_t limit)
{
	struct descriptor d = {
		.low_word = base << 16 | (limit & 0xffff),
		.high_word = (base & 0xff000000) | (base >> 16 & 0xff) |
		    0x0040f200 | (limit & 0xf0000),
	};

	return d;
}

static void
test_codes(mach_port_t thread)
{
	struct descriptor d = data_segment(0x1000, 0xfff);
	struct descriptor bad = d;
	struct descriptor list[64];
	descriptor_list_t got = list;
	mach_msg_type_number_t count = 64;
	struct descriptor one;
	int selector = -1;

	want("set_ldt of a task", i386_set_ldt(rt_task, 0x100, &d, 1),
	    KERN_INVALID_ARGUMENT);
	want("get_ldt of a task", i386_get_ldt(rt_task, 0x100, 1, &got,
	    &count), KERN_INVALID_ARGUMENT);
	want("set_gdt of a task", i386_set_gdt(rt_task, &selector, d),
	    KERN_INVALID_ARGUMENT);
	want("get_gdt of a task", i386_get_gdt(rt_task, 0x48, &one),
	    KERN_INVALID_ARGUMENT);
	want("set nothing", i386_set_ldt(thread, 0x100, &d, 0), KERN_SUCCESS);
	want("set beyond", i386_set_ldt(thread, 0x10000, &d, 1),
	    KERN_INVALID_ARGUMENT);
	want("set below", i386_set_ldt(thread, -8, &d, 1),
	    KERN_INVALID_ARGUMENT);
	want_ours("set the kernel's", i386_set_ldt(thread, 0, &d, 1),
	    KERN_INVALID_ARGUMENT, "it lets a thread lose its first entries");
	bad.high_word &= ~0x6000;
	want("the kernel's privilege", i386_set_ldt(thread, 0x100, &bad, 1),
	    KERN_INVALID_ARGUMENT);
	bad = d;
	bad.high_word = (bad.high_word & ~0x1f00) | 0x0200;
	want("an LDT", i386_set_ldt(thread, 0x100, &bad, 1),
	    KERN_INVALID_ARGUMENT);
	bad.high_word = (bad.high_word & ~0x1f00) | 0x0c00;
	bad.low_word = 0x00081234;
	want_ours("a call gate", i386_set_ldt(thread, 0x100, &bad, 1),
	    KERN_INVALID_ARGUMENT, "it lets users make gates into the kernel");
	bad = d;
	bad.high_word = 0;
	bad.low_word = 0;
	want("no descriptor", i386_set_ldt(thread, 0x100, &bad, 1),
	    KERN_SUCCESS);
	count = 64;
	want("get beyond", i386_get_ldt(thread, 0x10000, 1, &got, &count),
	    KERN_INVALID_ARGUMENT);
	count = 64;
	want("get too many", i386_get_ldt(thread, 0x100, 0x10000, &got,
	    &count), KERN_INVALID_ARGUMENT);
	count = 64;
	want("get negative", i386_get_ldt(thread, -8, 1, &got, &count),
	    KERN_INVALID_ARGUMENT);
	count = 64;
	want_ours("get -1", i386_get_ldt(thread, 0x100, -1, &got, &count),
	    KERN_INVALID_ARGUMENT, "it takes that for no entries");
}

static void
test_set(mach_port_t thread)
{
	struct descriptor in[3] = {
		data_segment(0x1000, 0xfff),
		data_segment(0x12345678, 0x4321),
		data_segment(0, 0xfffff),
	};
	struct descriptor list[64];
	descriptor_list_t got = list;
	mach_msg_type_number_t count = 64;

	want("set", i386_set_ldt(thread, 0x107, in, 3), KERN_SUCCESS);
	want("get", i386_get_ldt(thread, 0x107, 3, &got, &count), KERN_SUCCESS);
	want_number("count", count, 3);
	for (unsigned i = 0; i < count; i++) {
		rt_printf("%x %x", got[i].low_word, got[i].high_word);
	}
	got = list;
	count = 64;
	want("get before", i386_get_ldt(thread, 0xf7, 3, &got, &count),
	    KERN_SUCCESS);
	want_number("count", count, 3);
	rt_printf("the last is %x %x", got[2].low_word, got[2].high_word &
	    ~0x100);
	got = list;
	count = 64;
	want("get after", i386_get_ldt(thread, 0x10f, 40, &got, &count),
	    KERN_SUCCESS);
	rt_printf("at least two %d", count >= 2);
	in[0].low_word = 0;
	in[0].high_word = 0;
	want("take one away", i386_set_ldt(thread, 0x107, in, 1), KERN_SUCCESS);
	got = list;
	count = 64;
	want("get", i386_get_ldt(thread, 0x107, 2, &got, &count), KERN_SUCCESS);
	rt_printf("%x %x, then %x %x", got[0].low_word, got[0].high_word,
	    got[1].low_word, got[1].high_word & ~0x100);
}

/* More than fit into a message of the usual size. */
static void
test_many(mach_port_t thread)
{
	static struct descriptor many[MANY];
	static struct descriptor list[64];
	descriptor_list_t got = list;
	mach_msg_type_number_t count = 64;

	for (unsigned i = 0; i < MANY; i++) {
		many[i] = data_segment(i * 0x1000, 0xfff);
	}
	want("set many", i386_set_ldt(thread, 0x107, many, MANY), KERN_SUCCESS);
	want("get", i386_get_ldt(thread, 0x107 + 8 * (MANY - 1), 1, &got,
	    &count), KERN_SUCCESS);
	rt_printf("%u: %x %x", count, got[0].low_word, got[0].high_word);
	got = list;
	count = 64;
	want("get many", i386_get_ldt(thread, 0x107, MANY, &got, &count),
	    KERN_SUCCESS);
	want_number("count", count, MANY);
	if (!rt_on_gnumach) {
		/* There, they are something else. */
		want_number("# they are the same", memcmp(got, many,
		    sizeof(many)), 0);
	}
	many[MANY - 1].high_word &= ~0x6000;
	want("set many, one bad", i386_set_ldt(thread, 0x107, many, MANY),
	    KERN_INVALID_ARGUMENT);
	want("set too many", i386_set_ldt(thread, 8 * 8191, many, 2),
	    KERN_INVALID_ARGUMENT);
}

static volatile uint32_t word = 0x600dcafe;
static volatile uint32_t seen;

/*
 * A descriptor goes while its selector is in %fs: neither an interrupt of the call
 * that takes it, nor the way back to user mode can load it any more.
 */
static void
test_taken_away(mach_port_t thread, uint32_t selector)
{
	static const struct descriptor none;
	struct descriptor d = data_segment((uint32_t)&word, 3);
	uint32_t fs = selector;

	for (unsigned i = 0; i < TIMES; i++) {
		need("set", i386_set_ldt(thread, (int)selector,
		    &d, 1));
		__asm__ volatile("movw %w0, %%fs" : : "r"(selector));
		need("take", i386_set_ldt(thread, (int)selector,
		    (struct descriptor *)&none, 1));
	}
	__asm__ volatile("movl %%fs, %0" : "=r"(fs));
	want_number("# in the end", fs & 0xffff, 0);
}

/* The thread's own segment reaches the word, and lasts over switches. */
static void
test_use(void)
{
	struct descriptor d = data_segment((uint32_t)&word, 3);
	uint32_t selector = 0x107;
	mach_port_t thread;

	thread = mach_thread_self();
	want("set one's own", i386_set_ldt(thread, 0x107, &d, 1), KERN_SUCCESS);
	rt_sleep(20);
	__asm__ volatile("movw %w1, %%fs\n\tmovl %%fs:0, %0" :
	    "=r"(seen) : "r"(selector));
	rt_printf("read 0x%x", seen);
	rt_sleep(20);
	__asm__ volatile("movl %%fs:0, %0" : "=r"(seen));
	rt_printf("read 0x%x", seen);
	if (!rt_on_gnumach) {
		/* There, it does not come back. */
		test_taken_away(thread, selector);
	}
	want("set it again", i386_set_ldt(thread, 0x107, &d, 1), KERN_SUCCESS);
	__asm__ volatile("movw %w1, %%fs\n\tmovl %%fs:0, %0" :
	    "=r"(seen) : "r"(selector));
	rt_printf("read 0x%x", seen);
}

/* ---- threads that end ---- */

/* WORD is the thread's, from before it can be seen until after its end. */
static struct dying {
	volatile mach_port_t thread;
	volatile uint32_t word;
	volatile uint32_t selector;
} dying[KEPT];
static volatile uint32_t dying_last;
static uint32_t dying_count;
static volatile unsigned lookers;
static volatile unsigned looks_good;
static volatile unsigned looks_wrong;

static void
look_once(uint32_t random)
{
	uint32_t last = dying_last;
	const struct dying *d = &dying[last % KEPT];
	uint32_t kept = d->word;
	struct descriptor one = { 0 };
	struct descriptor *got = &one;
	mach_msg_type_number_t count = 1;
	kern_return_t kr;

	kr = random % 2 == 0
		 ? i386_get_gdt(d->thread, (int)d->selector, &one)
		 : i386_get_ldt(d->thread, 0x107, 1, &got, &count);
	/* Had nobody else got its name or its place by then? */
	if (kr == KERN_SUCCESS && dying_last - last < KEPT / 2) {
		looks_good++;
		looks_wrong += got->low_word != kept;
	}
}

static void
look(void *arg)
{
	uint32_t random = 0;

	while (dying_last < dying_count) {
		look_once(random++);
	}
	__atomic_sub_fetch(&lookers, 1, __ATOMIC_SEQ_CST);
	rt_thread_exit();
}

static void
forget_dying(struct dying *d)
{
	if (d->thread != MACH_PORT_NULL) {
		mach_port_deallocate(rt_task, d->thread);
		d->thread = MACH_PORT_NULL;
	}
}

/*
 * Descriptors of a thread are read while it ends, its memory is freed and is the
 * next one's: what is read is its own.
 */
static void
test_dying(void)
{
	dying_last = 0;
	/* Taking turns, they hardly meet. */
	dying_count = rt_processors() > 1 ? DYING : DYING / 16;
	lookers = LOOKERS;
	for (unsigned i = 0; i < LOOKERS; i++) {
		rt_thread_create(look, NULL);
	}
	for (uint32_t i = 1; i <= dying_count; i++) {
		struct dying *d = &dying[i % KEPT];
		struct descriptor own = data_segment(0, i);
		mach_port_t thread;
		int selector = -1;

		forget_dying(d);
		need("thread", thread_create(rt_task, &thread));
		need("set_gdt", i386_set_gdt(thread, &selector, own));
		need("set_ldt", i386_set_ldt(thread, 0x107, &own, 1));
		d->word = own.low_word;
		d->selector = (uint32_t)selector;
		d->thread = thread;
		dying_last = i;
		if (i % 16 == 0) {
			swtch_pri(0);
		}
		need("terminate", thread_terminate(thread));
	}
	want_number("# lookers left", rt_until(lookers == 0), 1);
	for (unsigned i = 0; i < KEPT; i++) {
		forget_dying(&dying[i]);
	}
	rt_printf("# %u descriptors of threads that end", looks_good);
	want_number("# another's", looks_wrong, 0);
}

void
test(void)
{
	mach_port_t thread;

	need("thread", thread_create(rt_task, &thread));
	test_codes(thread);
	test_set(thread);
	test_many(thread);
	test_use();
	if (!rt_on_gnumach) {
		test_dying();
	}
	thread_terminate(thread);
}
