/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * More memory than there is: a default memory manager in this module takes
 * pages out and gives them back.  Of each page it keeps only the first words,
 * from which the rest can be made again; a sum guards that.
 *
 * Memory: 24
 *
 * The kernel keeps the default memory manager's port until it gets another.
 * Keeps: ipc_port 1 ipc_port_extra 1
 */

#include "pagers.h"

#include "mach_host_user.h"
#include "mach_port_user.h"
#include "mach_user.h"
#include "memory_object_default_server.h"
#include "memory_object_server.h"

boolean_t memory_object_server(mach_msg_header_t *request,
    mach_msg_header_t *reply);
boolean_t memory_object_default_server(mach_msg_header_t *request,
    mach_msg_header_t *reply);

#define P		vm_page_size
#define WORDS		(P / 4)
#define ALL		(28u << 20)
#define PAGES		(ALL / P)
#define PAGES_MAX	(ALL / 4096)
#define MANY		((4u << 20) / P)
#define OBJECTS		24

/* What is kept of a page: its seed, and one odd word. */
struct kept {
	uint32_t seed;
	uint32_t odd;
};

static struct kept store[OBJECTS][PAGES_MAX];
static mach_port_t objects[OBJECTS];
static volatile unsigned object_count;
static volatile unsigned initialized;
static volatile unsigned requested;
static volatile unsigned returned;
static volatile unsigned terminated;
static volatile unsigned bad_sums;
static mach_port_t manager;
static mach_port_t set;

/* Where a word is that differs from the pattern. */
#define ODD_WORD	777

static uint32_t
pattern(uint32_t seed, unsigned word)
{
	return seed * 2654435761u + word * 40503u;
}

static void
page_make(uint32_t *page, uint32_t seed, uint32_t odd)
{
	if (seed == 0) {
		memset(page, 0, P);
		return;
	}
	for (unsigned i = 0; i < WORDS; i++) {
		page[i] = pattern(seed, i);
	}
	page[0] = seed;
	page[ODD_WORD] = odd;
}

static bool
page_good(const uint32_t *page, uint32_t seed, uint32_t odd)
{
	if (page[0] != seed || page[ODD_WORD] != odd) {
		return false;
	}
	for (unsigned i = 1; i < WORDS; i += 61) {
		if (i != ODD_WORD && page[i] != pattern(seed, i)) {
			return false;
		}
	}
	return true;
}

static unsigned
object_index(mach_port_t port)
{
	for (unsigned i = 0; i < OBJECTS; i++) {
		if (objects[i] == port) {
			return i;
		}
	}
	return OBJECTS;
}

static void
keep(mach_port_t object, vm_offset_t offset, vm_offset_t data,
    vm_size_t size)
{
	unsigned n = object_index(object);

	for (vm_offset_t done = 0; done < size && n < OBJECTS; done += P) {
		const uint32_t *page = (const uint32_t *)(data + done);
		struct kept *kept = &store[n][(offset + done) / P];

		kept->seed = page[0];
		kept->odd = page[ODD_WORD];
		if (page[0] != 0 && !page_good(page, page[0],
		    page[ODD_WORD])) {
			bad_sums++;
		}
	}
	vm_deallocate(rt_task, data, size);
}

kern_return_t
memory_object_create(mach_port_t old, mach_port_t new, vm_size_t size,
    mach_port_t control, mach_port_t name, vm_size_t page_size)
{
	for (unsigned i = 0; i < OBJECTS; i++) {
		if (objects[i] == MACH_PORT_NULL) {
			objects[i] = new;
			memset(store[i], 0, sizeof(store[i]));
			mach_port_move_member(rt_task, new, set);
			object_count++;
			return KERN_SUCCESS;
		}
	}
	rt_printf("FAIL more objects than expected");
	return KERN_SUCCESS;
}

kern_return_t
memory_object_data_initialize(mach_port_t object, mach_port_t control,
    vm_offset_t offset, vm_offset_t data, mach_msg_type_number_t size)
{
	initialized += size / P;
	mach_port_deallocate(rt_task, control);
	keep(object, offset, data, size);
	return KERN_SUCCESS;
}

kern_return_t
memory_object_data_return(mach_port_t object, mach_port_t control,
    vm_offset_t offset, vm_offset_t data, mach_msg_type_number_t size,
    boolean_t dirty, boolean_t kernel_copy)
{
	returned += size / P;
	mach_port_deallocate(rt_task, control);
	keep(object, offset, data, size);
	return KERN_SUCCESS;
}

kern_return_t
memory_object_data_request(mach_port_t object, mach_port_t control,
    vm_offset_t offset, vm_size_t length, vm_prot_t access)
{
	static uint32_t page[RT_PAGE_MAX / 4]
	    __attribute__((aligned(RT_PAGE_MAX)));
	unsigned n = object_index(object);
	struct kept *kept;

	requested++;
	if (n == OBJECTS) {
		memory_object_data_error(control, offset, length,
		    KERN_MEMORY_ERROR);
		return KERN_SUCCESS;
	}
	kept = &store[n][offset / P];
	if (kept->seed == 0) {
		memory_object_data_unavailable(control, offset, length);
	} else {
		page_make(page, kept->seed, kept->odd);
		memory_object_data_supply(control, offset, (vm_offset_t)page,
		    P, FALSE, VM_PROT_NONE, FALSE, MACH_PORT_NULL);
	}
	mach_port_deallocate(rt_task, control);
	return KERN_SUCCESS;
}

kern_return_t
memory_object_terminate(mach_port_t object, mach_port_t control,
    mach_port_t name)
{
	unsigned n = object_index(object);

	mach_port_destroy(rt_task, control);
	mach_port_destroy(rt_task, name);
	if (n < OBJECTS) {
		objects[n] = MACH_PORT_NULL;
		mach_port_destroy(rt_task, object);
	}
	terminated++;
	return KERN_SUCCESS;
}

kern_return_t
memory_object_init(mach_port_t object, mach_port_t control, mach_port_t name,
    vm_size_t page_size)
{
	return KERN_SUCCESS;
}

kern_return_t
memory_object_data_unlock(mach_port_t object, mach_port_t control,
    vm_offset_t offset, vm_size_t length, vm_prot_t access)
{
	return KERN_SUCCESS;
}

kern_return_t
memory_object_lock_completed(mach_port_t object, mach_port_t control,
    vm_offset_t offset, vm_size_t length)
{
	return KERN_SUCCESS;
}

kern_return_t
memory_object_supply_completed(mach_port_t object, mach_port_t control,
    vm_offset_t offset, vm_size_t length, kern_return_t result,
    vm_offset_t error_offset)
{
	return KERN_SUCCESS;
}

kern_return_t
memory_object_change_completed(mach_port_t object, boolean_t may_cache,
    memory_object_copy_strategy_t strategy)
{
	return KERN_SUCCESS;
}

kern_return_t
memory_object_copy(mach_port_t old, mach_port_t control, vm_offset_t offset,
    vm_size_t length, mach_port_t new)
{
	return KERN_SUCCESS;
}

static boolean_t
either_server(mach_msg_header_t *request, mach_msg_header_t *reply)
{
	return memory_object_server(request, reply) ||
	    memory_object_default_server(request, reply);
}

static void
pager(void *arg)
{
	need("thread_wire", thread_wire(rt_host_priv, mach_thread_self(),
	    TRUE));
	pagers_serve_all(set, either_server);
}

static unsigned
fill(vm_offset_t addr, unsigned round)
{
	for (unsigned i = 0; i < PAGES; i++) {
		page_make((uint32_t *)(addr + i * P), i * 3 + round, i ^ round);
	}
	return 0;
}

static unsigned
check(vm_offset_t addr, unsigned round, unsigned step)
{
	unsigned bad = 0;

	for (unsigned i = 0; i < PAGES; i++) {
		unsigned n = (i * step) % PAGES;

		bad += !page_good((uint32_t *)(addr + n * P), n * 3 + round,
		    n ^ round);
	}
	return bad;
}

#define SHARED	64u

/*
 * A copy of memory that two tasks share gets what it is to show when that
 * changes, also when some of it has been paged out.
 */
static void
test_copy(void)
{
	unsigned before = initialized;
	vm_offset_t shared = 0;
	vm_offset_t copy = 0;
	vm_offset_t other = 0;
	mach_msg_type_number_t size;
	mach_port_t child;
	unsigned bad = 0;

	need("allocate", vm_allocate(rt_task, &shared, SHARED * P, TRUE));
	need("share", vm_inherit(rt_task, shared, SHARED * P,
	    VM_INHERIT_SHARE));
	for (unsigned i = 0; i < SHARED; i++) {
		page_make((uint32_t *)(shared + i * P), i + 100, i);
	}
	need("child", task_create(rt_task, TRUE, &child));
	need("copy", vm_read(rt_task, shared, SHARED * P, &copy, &size));
	for (unsigned i = 0; i < SHARED / 2; i++) {
		page_make((uint32_t *)(shared + i * P), i + 500, i);
	}
	need("allocate", vm_allocate(rt_task, &other, PAGES * P, TRUE));
	fill(other, 21);
	for (unsigned i = 0; i < SHARED; i++) {
		page_make((uint32_t *)(shared + i * P), i + 900, i);
	}
	fill(other, 22);
	for (unsigned i = 0; i < SHARED; i++) {
		bad += !page_good((uint32_t *)(copy + i * P), i + 100, i);
		bad += !page_good((uint32_t *)(shared + i * P), i + 900, i);
	}
	want_number("bad pages of a copy", bad, 0);
	rt_printf("# initialized %u of %u objects", initialized - before,
	    object_count);
	want("end the child", task_terminate(child), KERN_SUCCESS);
	mach_port_deallocate(rt_task, child);
	vm_deallocate(rt_task, other, PAGES * P);
	vm_deallocate(rt_task, copy, size);
	vm_deallocate(rt_task, shared, SHARED * P);
}

void
test(void)
{
	mach_port_t old;
	vm_offset_t addr = 0;

	manager = rt_port();
	need("set", mach_port_allocate(rt_task, MACH_PORT_RIGHT_PORT_SET,
	    &set));
	mach_port_move_member(rt_task, manager, set);
	rt_until_waits(rt_thread_create(pager, NULL));
	pagers_wire_all();

	old = MACH_PORT_NULL;
	want("ask for the manager", vm_set_default_memory_manager(
	    rt_host_priv, &old), KERN_SUCCESS);
	rt_printf("none %d", old == MACH_PORT_NULL);
	old = manager;
	want("without privilege", vm_set_default_memory_manager(
	    mach_host_self(), &old), KERN_INVALID_HOST);
	old = manager;
	want("set it", vm_set_default_memory_manager(rt_host_priv, &old),
	    KERN_SUCCESS);
	rt_printf("none before %d", old == MACH_PORT_NULL);

	need("allocate", vm_allocate(rt_task, &addr, PAGES * P, TRUE));
	fill(addr, 7);
	rt_printf("pages went out %d", initialized + returned > MANY);
	want_number("bad pages", check(addr, 7, 1), 0);
	want_number("bad pages, other order", check(addr, 7, 4099), 0);
	rt_printf("pages came in %d", requested > MANY);
	fill(addr, 11);
	want_number("bad pages, changed", check(addr, 11, 1), 0);
	want_number("bad sums at the pager", bad_sums, 0);
	rt_printf("# objects %u initialized %u returned %u requested %u",
	    object_count, initialized, returned, requested);
	want("deallocate", vm_deallocate(rt_task, addr, PAGES * P),
	    KERN_SUCCESS);
	rt_printf("its object is gone %d", rt_until(terminated >= 1));
	test_copy();
}
