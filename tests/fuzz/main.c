/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * The fuzzer's first task: makes children, replaces those that end or are
 * stuck, and sees at the end that the kernel has all its objects back.
 *
 * Arguments after the two ports: the seed, and how many operations to make.
 */

#include "fuzz.h"
#include "snapshot.h"

#include <mach/thread_status.h>
#include <mach/vm_inherit.h>
#include <mach/vm_statistics.h>

#include "device_user.h"
#include "mach_debug_user.h"
#include "mach_host_user.h"
#include "mach_port_user.h"
#include "mach_user.h"
#include "new_gnumach_user.h"
#include "new_tartan_user.h"

#define LIFE		12000u	/* operations of one child */
#define LIMIT		(24u << 20)	/* bytes of one address space */
#define TICK_MS		20
#define STUCK_TICKS	25u
#define HANG_TICKS	1500u
#define WALK_TICKS	2u
#define KEPT		64u
/* What per-processor stores and grown tables may hold at the end. */
#define SLACK_OBJECTS	48
/*
 * After the calls for rights: lines remember who is dead until somebody else
 * wants them, and our own memory is in more pieces.  Tasks and threads are
 * exact, but for the thread that watches.
 */
#define SLACK_RIGHTS	24
#define SLACK_TASKS	1
/* An unused memory object that is kept has three ports and some more. */
#define SLACK_CACHED	4
#define SLACK_PAGES	1024

struct child {
	mach_port_t task;
	mach_port_t victim;
	mach_port_t victim_thread;
	unsigned given;
	uint32_t seen;
	unsigned still;		/* ticks without an operation */
};

static struct child children[FUZZ_CHILDREN];
static struct snapshot before;
static struct snapshot after;
static mach_port_t kept[KEPT];		/* tasks that were there before */
static unsigned kept_count;
static mach_port_t pset;
static uint64_t seed;
static uint32_t generation;
static uint64_t done;			/* by children that are gone */
static unsigned ended;
static unsigned stuck;

/* A call that memory shortage may refuse for a while. */
static bool
try_again(unsigned *tries)
{
	if (++*tries > 500) {
		return false;
	}
	rt_sleep(TICK_MS);
	return true;
}

/* ---- tasks that nobody knows any more ---- */

static bool
is_known(mach_port_t task)
{
	for (unsigned i = 0; i < kept_count; i++) {
		if (kept[i] == task) {
			return true;
		}
	}
	for (unsigned i = 0; i < FUZZ_CHILDREN; i++) {
		if (children[i].task == task || children[i].victim == task) {
			return true;
		}
	}
	return false;
}

static void
sweep_set(mach_port_t set, bool remember)
{
	task_array_t tasks;
	mach_msg_type_number_t count;

	if (processor_set_tasks(set, &tasks, &count) != KERN_SUCCESS) {
		return;
	}
	for (unsigned i = 0; i < count; i++) {
		if (remember) {
			if (kept_count < KEPT) {
				kept[kept_count++] = tasks[i];
			}
			continue;
		}
		if (!is_known(tasks[i])) {
			task_terminate(tasks[i]);
		}
		mach_port_deallocate(rt_task, tasks[i]);
	}
	vm_deallocate(rt_task, (vm_offset_t)tasks, count * sizeof(*tasks));
}

/* End the tasks that children made, and destroy their processor sets. */
static void
sweep(bool remember)
{
	processor_set_name_array_t names;
	mach_msg_type_number_t count;
	mach_port_t control;

	if (host_processor_sets(mach_host_self(), &names, &count) !=
	    KERN_SUCCESS) {
		return;
	}
	for (unsigned i = 0; i < count; i++) {
		if (host_processor_set_priv(rt_host_priv, names[i], &control) ==
		    KERN_SUCCESS) {
			sweep_set(control, remember);
			if (control != pset) {
				processor_set_destroy(control);
			}
			mach_port_deallocate(rt_task, control);
		}
		mach_port_deallocate(rt_task, names[i]);
	}
	vm_deallocate(rt_task, (vm_offset_t)names, count * sizeof(*names));
}

/* ---- children ---- */

static void
give(struct child *c, mach_port_t port)
{
	/* A name for each, even if there is no such right. */
	if (c->given < FUZZ_GIVEN_MAX) {
		if (MACH_PORT_VALID(port)) {
			mach_port_insert_right(c->task, FUZZ_NAME + c->given,
			    port, MACH_MSG_TYPE_COPY_SEND);
		}
		c->given++;
	}
}

static void
give_device(struct child *c, const char *name)
{
	mach_port_t device = MACH_PORT_NULL;

	device_open(rt_device_master, 3, (char *)name, &device);
	give(c, device);
	mach_port_deallocate(rt_task, device);
}

/* What only servers are given. */
static void
give_privileged(struct child *c)
{
	processor_array_t list;
	mach_msg_type_number_t count;

	give(c, rt_host_priv);
	give(c, rt_device_master);
	give(c, pset);
	give_device(c, "console");
	give_device(c, "time");
	give_device(c, "irq");
	give_device(c, "mem");
	if (host_processors(rt_host_priv, &list, &count) == KERN_SUCCESS) {
		for (unsigned i = 0; i < count; i++) {
			give(c, list[i]);
			mach_port_deallocate(rt_task, list[i]);
		}
		vm_deallocate(
		    rt_task, (vm_offset_t)list, count * sizeof(*list));
	}
}

static void
give_rights(struct child *c, bool privileged)
{
	mach_port_t name = MACH_PORT_NULL;
	vm_address_t address = (vm_address_t)fuzz_threads;
	vm_size_t size;
	vm_prot_t protection;
	vm_inherit_t inheritance;
	boolean_t shared;
	vm_offset_t offset;

	c->given = 0;
	give(c, c->task);
	give(c, c->victim);
	give(c, c->victim_thread);
	give(c, mach_host_self());
	processor_set_default(mach_host_self(), &name);
	give(c, name);
	mach_port_deallocate(rt_task, name);
	if (vm_region(c->task, &address, &size, &protection, &protection,
		&inheritance, &shared, &name, &offset) != KERN_SUCCESS) {
		name = MACH_PORT_NULL;
	}
	give(c, name);
	mach_port_deallocate(rt_task, name);
	if (privileged) {
		give_privileged(c);
	}
}

/* The child may have ended itself already: that shows soon. */
static void
start_thread(struct child *c, unsigned number)
{
	struct i386_thread_state state;
	mach_msg_type_number_t count = i386_THREAD_STATE_COUNT;
	struct fuzz_thread *t = &fuzz_threads[number];
	uint32_t *sp = (uint32_t *)(t->stack + FUZZ_STACK - 64);
	mach_port_t thread;

	if (thread_create(c->task, &thread) != KERN_SUCCESS) {
		return;
	}
	/* The argument was put there before the child got its memory. */
	if (thread_get_state(thread, i386_THREAD_STATE, (thread_state_t)&state,
		&count) == KERN_SUCCESS) {
		state.eip = (uint32_t)fuzz_thread_main;
		state.uesp = (uint32_t)sp;
		if (thread_set_state(thread, i386_THREAD_STATE,
			(thread_state_t)&state,
			i386_THREAD_STATE_COUNT) == KERN_SUCCESS) {
			thread_resume(thread);
		}
	}
	mach_port_deallocate(rt_task, thread);
}

static void
forget(mach_port_t *port, bool is_task)
{
	if (MACH_PORT_VALID(*port)) {
		if (is_task) {
			task_terminate(*port);
		}
		mach_port_deallocate(rt_task, *port);
	}
	*port = MACH_PORT_NULL;
}

static void
end_child(struct child *c)
{
	forget(&c->victim_thread, false);
	forget(&c->victim, true);
	forget(&c->task, true);
}

static bool
try_child(struct child *c, unsigned slot)
{
	bool privileged = generation % 2 == 0;

	fuzz_child.seed = fuzz_mix(seed) + generation;
	fuzz_child.slot = slot;
	fuzz_child.privileged = privileged;
	fuzz_child.given = 0;
	if (task_create(rt_task, TRUE, &c->task) != KERN_SUCCESS ||
	    task_create(rt_task, FALSE, &c->victim) != KERN_SUCCESS ||
	    thread_create(c->victim, &c->victim_thread) != KERN_SUCCESS) {
		return false;
	}
	new_vm_set_size_limit(rt_host_priv, c->task, LIMIT, LIMIT);
	new_vm_set_size_limit(rt_host_priv, c->victim, LIMIT, LIMIT);
	give_rights(c, privileged);
	/* Tell it how many: the child has a copy of this page. */
	fuzz_shared->counts[slot][0] = c->given;
	for (unsigned i = 0; i < FUZZ_THREADS; i++) {
		start_thread(c, i);
	}
	return true;
}

static void
replace_child(unsigned slot)
{
	struct child *c = &children[slot];
	unsigned tries = 0;

	for (unsigned i = 0; i < FUZZ_THREADS; i++) {
		/* The child may have written there what it liked. */
		if (fuzz_shared->counts[slot][i] <= 2 * LIFE) {
			done += fuzz_shared->counts[slot][i];
		}
		fuzz_shared->counts[slot][i] = 0;
	}
	end_child(c);
	sweep(false);
	c->seen = 0;
	c->still = 0;
	generation++;
	while (!try_child(c, slot)) {
		end_child(c);
		sweep(false);
		if (!try_again(&tries)) {
			rt_printf("FAIL no child can be made any more");
			rt_end();
		}
	}
}

static bool
is_alive(struct child *c)
{
	mach_port_type_t type;

	return mach_port_type(rt_task, c->task, &type) == KERN_SUCCESS &&
	       (type & MACH_PORT_TYPE_SEND) != 0;
}

/* One look at a child; returns whether it did anything. */
static bool
look(unsigned slot)
{
	struct child *c = &children[slot];
	uint32_t count = 0;
	bool moved;

	for (unsigned i = 0; i < FUZZ_THREADS; i++) {
		count += fuzz_shared->counts[slot][i];
	}
	moved = count != c->seen;
	c->still = moved ? 0 : c->still + 1;
	c->seen = count;
	if (!is_alive(c)) {
		ended++;
		replace_child(slot);
	} else if (c->still > STUCK_TICKS) {
		stuck++;
		replace_child(slot);
	} else if (count >= LIFE) {
		replace_child(slot);
	}
	return moved;
}

/* ---- what the kernel has ---- */

static bool
is_exact(const char *kind)
{
	static const char *const kinds[] = { "task", "thread", "ipc_space",
		"vm_map", "ipc_pset" };

	for (unsigned i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		if (strcmp(kind, kinds[i]) == 0) {
			return true;
		}
	}
	return false;
}

/* How many kinds of objects there are more of than before. */
static unsigned
grown(bool tell, long slack_objects)
{
	unsigned bad = 0;
	long slack = slack_objects +
		     SLACK_CACHED * (after.cached - before.cached);

	for (unsigned i = 0; i < before.count && i < after.count; i++) {
		long more = after.caches[i].nr_objs - before.caches[i].nr_objs;

		if (more > slack ||
		    (slack_objects == SLACK_RIGHTS && more > SLACK_TASKS &&
			is_exact(after.caches[i].name))) {
			bad++;
			if (tell) {
				rt_printf("# %ld more of %s", more,
				    after.caches[i].name);
			}
		}
	}
	if (before.free_pages - after.free_pages > SLACK_PAGES) {
		bad++;
		if (tell) {
			rt_printf("# %d pages less",
			    before.free_pages - after.free_pages);
		}
	}
	return bad;
}

/* Which routines only ever failed: these were not much tried. */
static void
show_failures(void)
{
	unsigned count = 0;

	for (unsigned i = 0; i < fuzz_call_count; i++) {
		if (fuzz_shared->good[i] == 0) {
			rt_printf("# never succeeded: %s", fuzz_calls[i].name);
			count++;
		}
	}
	rt_printf("# %u of %u routines succeeded", fuzz_call_count - count,
	    fuzz_call_count);
}

static void
check_kernel(const char *what, long slack)
{
	for (unsigned i = 0; i < 600; i++) {
		sweep(false);
		rt_sleep(100);
		snapshot_take(&after);
		if (grown(false, slack) == 0) {
			break;
		}
	}
	want_number(what, (long)grown(true, slack), 0);
	need("walk", new_host_walk(rt_host_priv));
}

/* ---- start ---- */

static uint64_t
number(const char *s)
{
	uint64_t n = 0;

	while (*s >= '0' && *s <= '9') {
		n = n * 10 + (uint64_t)(*s++ - '0');
	}
	return n;
}

static void
prepare(void)
{
	vm_offset_t shared = 0;
	mach_port_t name;

	need("shared", vm_allocate(rt_task, &shared, FUZZ_PAGE, TRUE));
	need("inherit",
	    vm_inherit(rt_task, shared, FUZZ_PAGE, VM_INHERIT_SHARE));
	fuzz_shared = (struct fuzz_shared *)shared;
	need("set", processor_set_default(mach_host_self(), &name));
	need("control", host_processor_set_priv(rt_host_priv, name, &pset));
	need("priority", thread_max_priority(mach_thread_self(), pset, 2));
	need("priority", thread_priority(mach_thread_self(), 2, FALSE));
	for (unsigned i = 0; i < FUZZ_THREADS; i++) {
		uint32_t *sp = (uint32_t *)(fuzz_threads[i].stack + FUZZ_STACK -
					    64);

		sp[1] = i;
	}
	sweep(true);
}

/* The kernel looks at all that it has, and panics if something is wrong. */
static void
walk(void)
{
	kern_return_t kr = new_host_walk(rt_host_priv);

	if (kr != KERN_SUCCESS && kr != KERN_RESOURCE_SHORTAGE) {
		rt_printf("FAIL the kernel does not look: %d", kr);
	}
}

static void
run(uint64_t wanted)
{
	uint64_t step = wanted / 10 + 1;
	uint64_t next = step;
	unsigned idle = 0;
	unsigned ticks = 0;

	while (done < wanted) {
		bool moved = false;

		rt_sleep(TICK_MS);
		for (unsigned i = 0; i < FUZZ_CHILDREN; i++) {
			moved |= look(i);
		}
		idle = moved ? 0 : idle + 1;
		if (idle > HANG_TICKS) {
			rt_printf("FAIL nothing moves any more");
			return;
		}
		if (++ticks % WALK_TICKS == 0) {
			walk();
		}
		if (done >= next) {
			rt_printf("# %u done, %u children, %u ended, %u stuck",
			    (unsigned)done, generation, ended, stuck);
			next += step;
		}
	}
}

void
test(void)
{
	uint64_t wanted = rt_argc > 4 ? number(rt_argv[4]) : 50000;

	rt_printf("own");
	if (rt_on_gnumach) {
		return;
	}
	seed = rt_argc > 3 ? number(rt_argv[3]) : 1;
	rt_printf("# seed %u", (unsigned)seed);
	prepare();
	snapshot_take(&before);
	/* More processors take more time, and find no more. */
	fuzz_rights((unsigned)seed, rt_processors() > 1 ? 6 : 1);
	check_kernel("by the calls for rights: kinds of objects lost",
	    SLACK_RIGHTS);
	snapshot_take(&before);
	for (unsigned i = 0; i < FUZZ_CHILDREN; i++) {
		replace_child(i);
	}
	run(wanted);
	for (unsigned i = 0; i < FUZZ_CHILDREN; i++) {
		end_child(&children[i]);
	}
	rt_printf("# %u operations, %u children, %u ended, %u stuck",
	    (unsigned)done, generation, ended, stuck);
	show_failures();
	check_kernel("kinds of objects lost", SLACK_OBJECTS);
}
