/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * What a task has from the one that it was made of: memory or none, special
 * and registered ports, redirected traps, priority, processor set; over
 * several generations, and when the parent changes later.
 */

#include "rt.h"

#include <mach/task_info.h>
#include <mach/task_special_ports.h>
#include <mach/vm_statistics.h>

#include "mach4_user.h"
#include "mach_host_user.h"
#include "mach_port_user.h"
#include "mach_user.h"

#define PAGE		vm_page_size
#define GENERATIONS	6u

static mach_port_t bootstrap;
static mach_port_t exceptions;
static mach_port_t registered[2];
static vm_offset_t memory;

static mach_port_t
child_of(mach_port_t parent, boolean_t inherit)
{
	mach_port_t task;

	need("create", task_create(parent, inherit, &task));
	return task;
}

static void
end_task(mach_port_t task)
{
	want("end", task_terminate(task), KERN_SUCCESS);
	mach_port_deallocate(rt_task, task);
}

static const char *
port_name(mach_port_t port, mach_port_t task)
{
	return port == MACH_PORT_NULL ? "null" :
	    port == MACH_PORT_DEAD ? "dead" :
	    port == bootstrap ? "bootstrap" :
	    port == exceptions ? "exceptions" :
	    port == registered[0] ? "first" :
	    port == registered[1] ? "second" :
	    port == task ? "its own" :
	    port == rt_task ? "ours" : "another";
}

static void
show_ports(mach_port_t task)
{
	static const int special[] = {
		TASK_KERNEL_PORT, TASK_EXCEPTION_PORT, TASK_BOOTSTRAP_PORT,
	};
	mach_port_array_t list;
	mach_msg_type_number_t count = 0;
	mach_port_t port;

	for (unsigned i = 0; i < 3; i++) {
		need("special", task_get_special_port(task, special[i], &port));
		rt_printf("  special %d: %s", special[i],
		    port_name(port, task));
		if (MACH_PORT_VALID(port)) {
			mach_port_deallocate(rt_task, port);
		}
	}
	need("registered", mach_ports_lookup(task, &list, &count));
	for (unsigned i = 0; i < count; i++) {
		rt_printf("  registered: %s", port_name(list[i], task));
		if (MACH_PORT_VALID(list[i])) {
			mach_port_deallocate(rt_task, list[i]);
		}
	}
	vm_deallocate(rt_task, (vm_offset_t)list, count * sizeof(*list));
}

static void
show_emulation(mach_port_t task)
{
	static vm_address_t room[1024];
	emulation_vector_t vector = room;
	mach_msg_type_number_t count = 1024;
	int start = -1;
	kern_return_t kr;

	kr = task_get_emulation_vector(task, &start, &vector, &count);
	show("  emulation", kr);
	if (kr != KERN_SUCCESS) {
		return;
	}
	for (unsigned i = 0; i < count; i++) {
		if (vector[i] != 0) {
			rt_printf("  trap %d at %x", start + (int)i,
			    vector[i]);
		}
	}
	if (vector != room) {
		vm_deallocate(rt_task, (vm_offset_t)vector,
		    count * sizeof(*vector));
	}
}

static void
show_info(mach_port_t task)
{
	struct task_basic_info info;
	mach_msg_type_number_t count = TASK_BASIC_INFO_COUNT;
	thread_array_t threads;
	mach_msg_type_number_t thread_count = 0;
	mach_port_t set;
	mach_port_t normal;

	need("info", task_info(task, TASK_BASIC_INFO, (task_info_t)&info,
	    &count));
	rt_printf("  priority %d, suspended %d, memory %d",
	    info.base_priority, info.suspend_count, info.virtual_size != 0);
	need("threads", task_threads(task, &threads, &thread_count));
	want_number("  threads", thread_count, 0);
	need("assignment", task_get_assignment(task, &set));
	need("set", processor_set_default(mach_host_self(), &normal));
	want_number("  in the default set", set == normal, 1);
	mach_port_deallocate(rt_task, set);
	mach_port_deallocate(rt_task, normal);
}

static void
show_memory(mach_port_t task)
{
	for (unsigned i = 0; i < 5; i++) {
		vm_offset_t start = memory + i * PAGE;
		vm_size_t size = 0;
		vm_prot_t prot;
		vm_prot_t max;
		vm_inherit_t inherit;
		boolean_t shared;
		mach_port_t name = MACH_PORT_NULL;
		vm_offset_t offset;
		kern_return_t kr;

		kr = vm_region(task, &start, &size, &prot, &max, &inherit,
		    &shared, &name, &offset);
		if (kr != KERN_SUCCESS || start > memory + i * PAGE) {
			rt_printf("  page %u: none", i);
			continue;
		}
		rt_printf("  page %u: protection %d of %d, inheritance %d, "
		    "shared %d", i, prot, max, inherit, shared);
		if (MACH_PORT_VALID(name)) {
			mach_port_deallocate(rt_task, name);
		}
	}
}

static void
show_task(const char *what, mach_port_t task)
{
	rt_printf("%s", what);
	show_ports(task);
	show_emulation(task);
	show_info(task);
	show_memory(task);
}

/* Pages of each inheritance, one that may only be read, and one wired. */
static void
prepare(void)
{
	static const vm_inherit_t kinds[] = {
		VM_INHERIT_SHARE, VM_INHERIT_COPY, VM_INHERIT_NONE,
		VM_INHERIT_COPY, VM_INHERIT_SHARE,
	};

	bootstrap = rt_port();
	exceptions = rt_port();
	registered[0] = rt_port();
	registered[1] = rt_port();
	need("bootstrap", task_set_special_port(rt_task, TASK_BOOTSTRAP_PORT,
	    bootstrap));
	need("exceptions", task_set_special_port(rt_task, TASK_EXCEPTION_PORT,
	    exceptions));
	need("register", mach_ports_register(rt_task, registered, 2));
	need("emulate", task_set_emulation(rt_task, 0x10000, 5));
	need("emulate", task_set_emulation(rt_task, 0x20000, 7));
	memory = 0x20000000;
	need("memory", vm_allocate(rt_task, &memory, 5 * PAGE, FALSE));
	for (unsigned i = 0; i < 5; i++) {
		*(volatile unsigned *)(memory + i * PAGE) = 100 + i;
		need("inherit", vm_inherit(rt_task, memory + i * PAGE, PAGE,
		    kinds[i]));
	}
	need("maximum", vm_protect(rt_task, memory + 3 * PAGE, PAGE, TRUE,
	    VM_PROT_READ));
	need("protect", vm_protect(rt_task, memory + 4 * PAGE, PAGE, FALSE,
	    VM_PROT_READ));
}

static void
test_child(void)
{
	mach_port_t with = child_of(rt_task, TRUE);
	mach_port_t without = child_of(rt_task, FALSE);
	mach_port_t grandchild;

	show_task("with memory", with);
	show_task("without", without);

	/* What the parent changes is its own, and its later children's. */
	need("bootstrap", task_set_special_port(rt_task, TASK_BOOTSTRAP_PORT,
	    MACH_PORT_NULL));
	need("register", mach_ports_register(rt_task, registered + 1, 1));
	need("emulate", task_set_emulation(rt_task, 0, 5));
	need("emulate", task_set_emulation(rt_task, 0x30000, 9));
	show_task("after that", with);
	end_task(without);

	/* A child of another's is not its maker's. */
	need("priority", task_priority(with, 40, FALSE));
	need("exceptions", task_set_special_port(with, TASK_EXCEPTION_PORT,
	    registered[1]));
	grandchild = child_of(with, TRUE);
	show_task("a grandchild", grandchild);
	end_task(with);
	show_task("without its parent", grandchild);
	end_task(grandchild);
	grandchild = child_of(rt_task, FALSE);
	show_task("a later one", grandchild);
	end_task(grandchild);
}

static unsigned
word_of(mach_port_t task, vm_offset_t addr)
{
	mach_msg_type_number_t size;
	vm_offset_t data;
	unsigned word;

	if (vm_read(task, addr, PAGE, &data, &size) != KERN_SUCCESS) {
		return 0;
	}
	word = *(unsigned *)data;
	vm_deallocate(rt_task, data, size);
	return word;
}

static kern_return_t
set_word(mach_port_t task, vm_offset_t addr, unsigned word)
{
	static unsigned page[RT_PAGE_MAX / 4]
	    __attribute__((aligned(RT_PAGE_MAX)));

	page[0] = word;
	return vm_write(task, addr, (vm_offset_t)page, PAGE);
}

/* Each generation writes its number before it has children. */
static void
test_generations(void)
{
	mach_port_t tasks[GENERATIONS];
	vm_offset_t copied = memory + PAGE;

	*(volatile unsigned *)memory = 1000;
	*(volatile unsigned *)copied = 1000;
	for (unsigned i = 0; i < GENERATIONS; i++) {
		tasks[i] = child_of(i == 0 ? rt_task : tasks[i - 1], TRUE);
		need("write", set_word(tasks[i], memory, 1001 + i));
		need("write", set_word(tasks[i], copied, 1001 + i));
	}
	want_number("ours", *(volatile unsigned *)copied, 1000);
	want_number("shared", *(volatile unsigned *)memory,
	    1000 + GENERATIONS);
	for (unsigned i = 0; i < GENERATIONS; i++) {
		want_number("copy of one", word_of(tasks[i], copied),
		    1001 + i);
	}
	/* The ends of those between change nothing. */
	for (unsigned i = 0; i < GENERATIONS; i += 2) {
		end_task(tasks[i]);
	}
	*(volatile unsigned *)memory = 5;
	*(volatile unsigned *)copied = 6;
	for (unsigned i = 1; i < GENERATIONS; i += 2) {
		want_number("copy of one", word_of(tasks[i], copied),
		    1001 + i);
		want_number("shared", word_of(tasks[i], memory), 5);
		want("to read", set_word(tasks[i], memory + 3 * PAGE, 1),
		    KERN_PROTECTION_FAILURE);
		want_number("not inherited", word_of(tasks[i],
		    memory + 2 * PAGE), 0);
		end_task(tasks[i]);
	}
}

void
test(void)
{
	prepare();
	test_child();
	test_generations();
	need("exceptions", task_set_special_port(rt_task, TASK_EXCEPTION_PORT,
	    MACH_PORT_NULL));
	mach_port_destroy(rt_task, bootstrap);
	mach_port_destroy(rt_task, exceptions);
}
