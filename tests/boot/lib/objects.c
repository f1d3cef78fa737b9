/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

#include "objects.h"

#include "mach_host_user.h"
#include "mach_port_user.h"
#include "mach_user.h"
#include "memory_object_server.h"

#define P vm_page_size

boolean_t memory_object_server(
    mach_msg_header_t *request, mach_msg_header_t *reply);

static mach_port_t objects_set;
static struct object *objects;
static volatile int objects_lock;	/* of the list */

static void
objects_take(void)
{
	while (__sync_lock_test_and_set(&objects_lock, 1) != 0) {
		swtch_pri(0);
	}
}

static void
objects_release(void)
{
	__sync_lock_release(&objects_lock);
}

struct object *
object_lookup(mach_port_t port)
{
	struct object *object;

	objects_take();
	for (object = objects; object != NULL; object = object->next) {
		if (object->port == port) {
			break;
		}
	}
	objects_release();
	return object;
}

/* ---- what the kernel says ---- */

kern_return_t
memory_object_init(mach_port_t port, mach_port_t control, mach_port_t name,
    vm_size_t page_size)
{
	struct object *object = object_lookup(port);

	if (object == NULL) {
		return KERN_SUCCESS;
	}
	object->control = control;
	object->name = name;
	if (object->ops->init != NULL) {
		object->ops->init(object);
	} else {
		memory_object_ready(
		    control, object->may_cache, object->strategy);
	}
	object->inits++;
	return KERN_SUCCESS;
}

kern_return_t
memory_object_terminate(mach_port_t port, mach_port_t control, mach_port_t name)
{
	struct object *object = object_lookup(port);

	mach_port_destroy(rt_task, control);
	mach_port_destroy(rt_task, name);
	if (object != NULL) {
		object->control = MACH_PORT_NULL;
		object->terminates++;
		if (object->ops->terminate != NULL) {
			object->ops->terminate(object);
		}
	}
	return KERN_SUCCESS;
}

kern_return_t
memory_object_data_request(mach_port_t port, mach_port_t control,
    vm_offset_t offset, vm_size_t size, vm_prot_t access)
{
	struct object *object = object_lookup(port);

	if (object != NULL) {
		object->requests++;
		if (object->ops->request != NULL) {
			object->ops->request(object, offset, size, access);
		} else {
			memory_object_data_unavailable(control, offset, size);
		}
	}
	mach_port_deallocate(rt_task, control);
	return KERN_SUCCESS;
}

kern_return_t
memory_object_data_unlock(mach_port_t port, mach_port_t control,
    vm_offset_t offset, vm_size_t size, vm_prot_t access)
{
	struct object *object = object_lookup(port);

	if (object != NULL) {
		object->unlocks++;
		if (object->ops->unlock != NULL) {
			object->ops->unlock(object, offset, size, access);
		} else {
			memory_object_lock_request(control, offset, size,
			    MEMORY_OBJECT_RETURN_NONE, FALSE, VM_PROT_NONE,
			    MACH_PORT_NULL);
		}
	}
	mach_port_deallocate(rt_task, control);
	return KERN_SUCCESS;
}

kern_return_t
memory_object_data_return(mach_port_t port, mach_port_t control,
    vm_offset_t offset, vm_offset_t data, mach_msg_type_number_t size,
    boolean_t dirty, boolean_t kernel_copy)
{
	struct object *object = object_lookup(port);

	if (object != NULL) {
		if (object->ops->data != NULL) {
			object->ops->data(
			    object, offset, data, size, dirty, kernel_copy);
		}
		object->dirty += dirty ? size / P : 0;
		object->kept += kernel_copy ? size / P : 0;
		object->returns += size / P;
	}
	vm_deallocate(rt_task, data, size);
	mach_port_deallocate(rt_task, control);
	return KERN_SUCCESS;
}

kern_return_t
memory_object_lock_completed(mach_port_t port, mach_port_t control,
    vm_offset_t offset, vm_size_t size)
{
	struct object *object = object_lookup(port);

	if (object != NULL) {
		if (object->ops->locked != NULL) {
			object->ops->locked(object, offset, size);
		}
		object->locks++;
	}
	mach_port_deallocate(rt_task, control);
	return KERN_SUCCESS;
}

kern_return_t
memory_object_supply_completed(mach_port_t port, mach_port_t control,
    vm_offset_t offset, vm_size_t size, kern_return_t result,
    vm_offset_t error_offset)
{
	struct object *object = object_lookup(port);

	if (object != NULL) {
		if (object->ops->supplied != NULL) {
			object->ops->supplied(
			    object, offset, size, result, error_offset);
		}
		object->supplies++;
	}
	mach_port_deallocate(rt_task, control);
	return KERN_SUCCESS;
}

kern_return_t
memory_object_change_completed(mach_port_t port, boolean_t may_cache,
    memory_object_copy_strategy_t strategy)
{
	struct object *object = object_lookup(port);

	if (object != NULL) {
		object->changes++;
	}
	return KERN_SUCCESS;
}

kern_return_t
memory_object_copy(mach_port_t old, mach_port_t control, vm_offset_t offset,
    vm_size_t size, mach_port_t new)
{
	rt_printf("FAIL copy is what no object here asks for");
	mach_port_destroy(rt_task, new);
	return KERN_SUCCESS;
}

/* ---- serving ---- */

static void
objects_serve(void *arg)
{
	pagers_serve_all(objects_set, memory_object_server);
}

void
objects_start(unsigned count)
{
	need("set", mach_port_allocate(
			rt_task, MACH_PORT_RIGHT_PORT_SET, &objects_set));
	for (unsigned i = 0; i < count; i++) {
		rt_thread_create(objects_serve, NULL);
	}
}

/* ---- objects ---- */

void
object_enter(struct object *object, mach_port_t port)
{
	objects_take();
	object->port = port;
	object->next = objects;
	objects = object;
	objects_release();
	need("member", mach_port_move_member(rt_task, port,
	    object->set != MACH_PORT_NULL ? object->set : objects_set));
}

void
object_create(struct object *object)
{
	object->inits = object->requests = object->unlocks = 0;
	object->returns = object->dirty = object->kept = 0;
	object->locks = object->supplies = object->changes = 0;
	object->terminates = 0;
	object->control = object->name = MACH_PORT_NULL;
	object_enter(object, rt_port());
}

void
object_destroy(struct object *object)
{
	struct object **link;

	objects_take();
	for (link = &objects; *link != object; link = &(*link)->next) {
		continue;
	}
	*link = object->next;
	objects_release();
	mach_port_destroy(rt_task, object->port);
	object->port = MACH_PORT_NULL;
}

vm_offset_t
object_map_task(struct object *object, mach_port_t task, vm_size_t size)
{
	vm_offset_t addr = 0;

	need("map",
	    vm_map(task, &addr, size, 0, TRUE, object->port, 0, FALSE,
		VM_PROT_DEFAULT, VM_PROT_ALL, VM_INHERIT_SHARE));
	return addr;
}

vm_offset_t
object_map(struct object *object, vm_size_t size)
{
	return object_map_task(object, rt_task, size);
}

void
object_supply(struct object *object, vm_offset_t offset, void *data,
    vm_size_t size, vm_prot_t lock, bool precious)
{
	need("supply",
	    memory_object_data_supply(object->control, offset,
		(vm_offset_t)data, size, FALSE, lock, precious, MACH_PORT_NULL));
}

void
object_error(struct object *object, vm_offset_t offset, vm_size_t size)
{
	need("error", memory_object_data_error(
			  object->control, offset, size, KERN_MEMORY_ERROR));
}

bool
object_lock(struct object *object, vm_offset_t offset, vm_size_t size,
    memory_object_return_t what, bool flush, vm_prot_t lock)
{
	unsigned before = object->locks;

	rt_until(object->control != MACH_PORT_NULL);
	need("lock",
	    memory_object_lock_request(object->control, offset, size, what,
		flush, lock, object->port));
	return rt_until(object->locks != before);
}

void
object_end(struct object *object, vm_offset_t addr, vm_size_t size)
{
	need("unmap", vm_deallocate(rt_task, addr, size));
	/* GNU Mach, on a busy machine, may be a minute behind. */
	if (!rt_until(object->terminates == object->inits) &&
	    !rt_on_gnumach) {
		rt_printf("FAIL the kernel has not let go of the object");
	}
	object_destroy(object);
}
