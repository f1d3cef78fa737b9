/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

#include "vm_world.h"

#include <gnumach_server.h>
#include <host.h>
#include <mach_server.h>
#include <tests/lib/test.h>

#include "fake_pager.h"

#include <mach/memory_object.h>
#include <mach/vm_sync.h>
#include <machine/copyio.h>

#include <kernel/rest.h>
#include <kernel/task.h>
#include <kernel/thread.h>

#include <ipc/ipc_port.h>

#include <vm/memory_object.h>
#include <vm/vm_copy.h>
#include <vm/vm_map.h>
#include <vm/vm_map_i.h>
#include <vm/vm_object.h>
#include <vm/vm_page.h>
#include <vm/vm_pageout.h>

#define WORLD_BASE	0x100000u

static struct pager world_pagers[VM_MODEL_OBJECTS];
static struct default_pager world_default_pager;
static bool world_has_pagers;

static struct task *
world_task(vm_model_task_t task)
{
	return (struct task *)task;
}

static struct vm_map *
world_map_of(vm_model_task_t task)
{
	return world_task(task)->map;
}

/* ---- the model's own ---- */

static uint32_t
world_random(void *arg, uint32_t limit)
{
	return test_random(limit);
}

static void *
world_alloc(void *arg, size_t size)
{
	return host_alloc(size);
}

static void
world_free(void *arg, void *memory, size_t size)
{
	host_free(memory);
}

static void
world_differs(void *arg, const char *what, long is, long should_be)
{
	test_fail(__FILE__, __LINE__, "%s: %ld, not %ld", what, is, should_be);
}

/* ---- tasks and their maps ---- */

static vm_model_task_t
world_fork(void *arg, vm_model_task_t parent)
{
	struct task *child;

	CHECK_OK(task_create(parent == 0 ? NULL : world_task(parent),
	    parent != 0, &child));
	return (vm_model_task_t)child;
}

static void
world_kill(void *arg, vm_model_task_t task)
{
	CHECK_OK(task_terminate(world_task(task)));
	task_unref(world_task(task));
}

static kern_return_t
world_allocate(void *arg, vm_model_task_t task, vm_offset_t addr,
    vm_size_t size)
{
	return vm_map_allocate(world_map_of(task), &addr, size, false);
}

static kern_return_t
world_deallocate(void *arg, vm_model_task_t task, vm_offset_t addr,
    vm_size_t size)
{
	return vm_map_remove(world_map_of(task), addr, addr + size);
}

static kern_return_t
world_protect(void *arg, vm_model_task_t task, vm_offset_t addr,
    vm_size_t size, bool maximum, vm_prot_t prot)
{
	return vm_map_protect(world_map_of(task), addr, addr + size, prot,
	    maximum);
}

static kern_return_t
world_inherit(void *arg, vm_model_task_t task, vm_offset_t addr,
    vm_size_t size, vm_inherit_t inherit)
{
	return vm_map_inherit(world_map_of(task), addr, addr + size, inherit);
}

static kern_return_t
world_wire(void *arg, vm_model_task_t task, vm_offset_t addr, vm_size_t size,
    vm_prot_t prot)
{
	return vm_map_wire(world_map_of(task), addr, addr + size, prot);
}

static kern_return_t
world_sync(void *arg, vm_model_task_t task, vm_offset_t addr, vm_size_t size)
{
	return S_vm_msync(world_map_of(task), addr, size,
	    VM_SYNC_SYNCHRONOUS);
}

static kern_return_t
world_copy(void *arg, vm_model_task_t task, vm_offset_t from, vm_size_t size,
    vm_offset_t to)
{
	return S_vm_copy(world_map_of(task), from, size, to);
}

static bool
world_region(void *arg, vm_model_task_t task, vm_offset_t addr,
    struct vm_model_region *region)
{
	struct vm_map_region found;

	if (vm_map_region(world_map_of(task), addr, &found) != KERN_SUCCESS) {
		return false;
	}
	if (found.object != NULL) {
		vm_object_check(found.object);
		vm_object_unref(found.object);
	}
	*region = (struct vm_model_region){
		.start = found.start,
		.size = found.size,
		.prot = found.prot,
		.max = found.max_prot,
		.inherit = found.inheritance,
	};
	return true;
}

static void
world_check(void *arg, vm_model_task_t task)
{
	vm_map_check(world_map_of(task));
}

/* ---- what is in memory ---- */

static bool
world_access(void *arg, vm_model_task_t task, vm_offset_t addr, void *buf,
    vm_size_t size, bool write)
{
	struct thread *self = current_thread();
	struct task *saved = self->task;
	kern_return_t kr;

	test_enter(world_task(task));
	kr = write ? copyout(buf, addr, size) : copyin(addr, buf, size);
	self->task = saved;
	return kr == KERN_SUCCESS;
}

static bool
world_peek(void *arg, vm_model_task_t task, vm_offset_t addr, void *buf,
    vm_size_t size)
{
	return world_access(arg, task, addr, buf, size, false);
}

/* ---- memory in transit ---- */

static kern_return_t
world_copy_in(void *arg, vm_model_task_t task, vm_offset_t addr,
    vm_size_t size, bool destroy, vm_model_copy_t *copyp)
{
	struct vm_copy *copy;
	kern_return_t kr;

	kr = vm_copy_in(world_map_of(task), addr, size, destroy, &copy);
	if (kr == KERN_SUCCESS) {
		*copyp = (vm_model_copy_t)copy;
	}
	return kr;
}

static kern_return_t
world_overwrite(void *arg, vm_model_task_t task, vm_offset_t addr,
    vm_model_copy_t copy, vm_size_t size)
{
	return vm_copy_overwrite(world_map_of(task), addr,
	    (struct vm_copy *)copy);
}

static kern_return_t
world_copy_out(void *arg, vm_model_task_t task, vm_model_copy_t copy,
    vm_offset_t *addrp)
{
	return vm_copy_out(world_map_of(task), addrp, (struct vm_copy *)copy);
}

static void
world_copy_look(void *arg, vm_model_copy_t copy, vm_size_t offset, void *buf,
    vm_size_t size)
{
	CHECK_OK(vm_copy_read((struct vm_copy *)copy, offset, buf, size));
}

static void
world_discard(void *arg, vm_model_copy_t copy, vm_size_t size)
{
	vm_copy_discard((struct vm_copy *)copy);
}

/* ---- pagers ---- */

static kern_return_t
world_map(void *arg, vm_model_task_t task, unsigned n, vm_offset_t offset,
    vm_offset_t addr, vm_size_t size, bool copy, vm_prot_t prot,
    vm_prot_t max, vm_inherit_t inherit)
{
	struct ipc_port *right = ipc_port_copy_send(world_pagers[n].right);
	kern_return_t kr;

	kr = S_vm_map(world_map_of(task), &addr, size, 0, FALSE, right, offset,
	    copy, prot, max, inherit);
	if (kr != KERN_SUCCESS) {
		ipc_port_release_send(right);
	}
	return kr;
}

static void
world_lock(void *arg, unsigned n, vm_offset_t offset, vm_size_t size, int what,
    bool flush)
{
	struct vm_object *object;

	CHECK_OK(memory_object_enter(world_pagers[n].right, &object));
	memory_object_lock(object, offset, size, (memory_object_return_t)what,
	    flush, VM_PROT_NO_CHANGE);
	vm_object_unref(object);
}

/* One round of the daemon's, as if no memory were enough. */
static void
world_pageout(void *arg)
{
	unsigned long target = vm_page_free_target;

	/* Maps too: the first look finds them in use. */
	rest_idle_maps();
	rest_idle_maps();
	vm_page_free_target = ~0ul;
	vm_pageout_run();
	vm_page_free_target = target;
	/* What was sent arrives. */
	test_sleep(2);
}

static struct vm_world world = {
	.base = WORLD_BASE,
	.random = world_random,
	.alloc = world_alloc,
	.free = world_free,
	.differs = world_differs,
	.fork = world_fork,
	.kill = world_kill,
	.allocate = world_allocate,
	.deallocate = world_deallocate,
	.protect = world_protect,
	.inherit = world_inherit,
	.wire = world_wire,
	.sync = world_sync,
	.copy = world_copy,
	.region = world_region,
	.check = world_check,
	.access = world_access,
	.peek = world_peek,
	.copy_in = world_copy_in,
	.overwrite = world_overwrite,
	.copy_out = world_copy_out,
	.copy_look = world_copy_look,
	.discard = world_discard,
};

struct vm_model *
vm_world_begin(bool pagers)
{
	world_has_pagers = pagers;
	world.map = pagers ? world_map : NULL;
	world.lock = pagers ? world_lock : NULL;
	world.pageout = pagers ? world_pageout : NULL;
	world_default_pager = (struct default_pager){ 0 };
	for (unsigned n = 0; pagers && n < VM_MODEL_OBJECTS; n++) {
		world_pagers[n] = (struct pager){
			.strategy = MEMORY_OBJECT_COPY_DELAY,
			.may_cache = n == 0,
			.precious = n == 1,
			.bytes = host_alloc(PAGER_PAGES * vm_page_size),
		};
		pager_start(&world_pagers[n]);
	}
	if (pagers) {
		default_pager_start(&world_default_pager);
	}
	return vm_model_begin(&world, NULL, vm_page_size);
}

void
vm_world_end(struct vm_model *model)
{
	vm_model_end(model);
	if (!world_has_pagers) {
		return;
	}
	/* What is on its way to pagers still holds objects. */
	test_sleep(10);
	memory_object_cache_trim(0);
	test_sleep(10);
	default_pager_stop(&world_default_pager);
	CHECK_EQ(world_default_pager.objects, 0);
	for (unsigned n = 0; n < VM_MODEL_OBJECTS; n++) {
		pager_stop(&world_pagers[n]);
		CHECK_EQ(world_pagers[n].terminates, world_pagers[n].inits);
		host_free(world_pagers[n].bytes);
	}
}
