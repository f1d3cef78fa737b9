/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

#include "store.h"

#include "mach_host_user.h"
#include "mach_port_user.h"
#include "mach_user.h"
#include "memory_object_default_server.h"
#include "memory_object_server.h"
#include "squeeze.h"

#define P		vm_page_size
#define STORE_OBJECTS	256u
#define STORE_PAGES	16384u		/* a power of two */

boolean_t memory_object_server(
    mach_msg_header_t *request, mach_msg_header_t *reply);
boolean_t memory_object_default_server(
    mach_msg_header_t *request, mach_msg_header_t *reply);

/* A page of an object, in a table by both; a page that is gone keeps its place. */
struct stored {
	struct object	*object;	/* NULL: nothing was here */
	vm_offset_t	offset;
	struct squeezed	page;
};

volatile unsigned store_pages_in;
volatile unsigned store_pages_out;
volatile unsigned store_pages_lost;

static mach_port_t store_set;
static struct stored stored[STORE_PAGES];
static struct object store_objects[STORE_OBJECTS];
static uint8_t store_page[RT_PAGE_MAX] __attribute__((aligned(RT_PAGE_MAX)));

/* The place of a page, or where it is to be put; NULL if all are taken. */
static struct stored *
store_find(struct object *object, vm_offset_t offset, bool put)
{
	unsigned at = ((unsigned)(object - store_objects) * 7919 + offset / P) *
	    2654435761u >> 18;

	for (unsigned i = 0; i < STORE_PAGES; i++) {
		struct stored *s = &stored[(at + i) % STORE_PAGES];

		if (s->object == object && s->offset == offset) {
			return s;
		}
		if (s->object == NULL || (put && s->page.first == 0)) {
			return put ? s : NULL;
		}
	}
	return NULL;
}

static void
store_request(struct object *object, vm_offset_t offset, vm_size_t size,
    vm_prot_t access)
{
	for (vm_offset_t at = offset; at < offset + size; at += P) {
		struct stored *s = store_find(object, at, false);

		store_pages_out++;
		if (s != NULL && squeeze_get(&s->page, store_page)) {
			object_supply(
			    object, at, store_page, P, VM_PROT_NONE, false);
		} else {
			memory_object_data_unavailable(object->control, at, P);
		}
	}
}

static void
store_data(struct object *object, vm_offset_t offset, vm_offset_t data,
    vm_size_t size, bool dirty, bool kernel_copy)
{
	for (vm_offset_t at = 0; at < size; at += P) {
		/* Where it was, if it was; else where there is room. */
		struct stored *s = store_find(object, offset + at, false);

		if (s == NULL) {
			s = store_find(object, offset + at, true);
		}
		store_pages_in++;
		if (s == NULL) {
			store_pages_lost++;
			continue;
		}
		s->object = object;
		s->offset = offset + at;
		store_pages_lost +=
		    !squeeze_keep(&s->page, (uint8_t *)(data + at));
	}
}

static void
store_init(struct object *object)
{
}

/* The kernel has done with it: so is its port, and what was kept. */
static void
store_end(struct object *object)
{
	for (unsigned i = 0; i < STORE_PAGES; i++) {
		if (stored[i].object == object) {
			squeeze_drop(&stored[i].page);
			stored[i].offset = ~0u;
		}
	}
	object_destroy(object);
	object->ops = NULL;
}

static const struct object_ops store_ops = {
	.init = store_init,
	.request = store_request,
	.data = store_data,
	.terminate = store_end,
};

kern_return_t
memory_object_create(mach_port_t old, mach_port_t new, vm_size_t size,
    mach_port_t control, mach_port_t name, vm_size_t page_size)
{
	for (unsigned i = 0; i < STORE_OBJECTS; i++) {
		struct object *object = &store_objects[i];

		if (object->ops == NULL) {
			object->ops = &store_ops;
			object->set = store_set;
			object->control = control;
			object_enter(object, new);
			return KERN_SUCCESS;
		}
	}
	rt_printf("FAIL more objects than expected");
	mach_port_destroy(rt_task, new);
	return KERN_SUCCESS;
}

kern_return_t
memory_object_data_initialize(mach_port_t port, mach_port_t control,
    vm_offset_t offset, vm_offset_t data, mach_msg_type_number_t size)
{
	return memory_object_data_return(
	    port, control, offset, data, size, TRUE, FALSE);
}

static boolean_t
store_server(mach_msg_header_t *request, mach_msg_header_t *reply)
{
	return memory_object_server(request, reply) ||
	       memory_object_default_server(request, reply);
}

/* It may use what is kept for who pages. */
static void
store_serve(void *arg)
{
	need("thread_wire",
	    thread_wire(rt_host_priv, mach_thread_self(), TRUE));
	pagers_serve_all(store_set, store_server);
}

void
store_start(void *memory, vm_size_t size)
{
	mach_port_t manager = rt_port();
	mach_port_t old = manager;

	squeeze_store_init(memory, size);
	need("set", mach_port_allocate(rt_task, MACH_PORT_RIGHT_PORT_SET,
	    &store_set));
	need("member", mach_port_move_member(rt_task, manager, store_set));
	rt_thread_create(store_serve, NULL);
	/* With the thread's stack, which is there by now. */
	pagers_wire_all();
	need("manager", vm_set_default_memory_manager(rt_host_priv, &old));
}
