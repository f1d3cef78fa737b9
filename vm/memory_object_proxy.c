/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * A proxy lives as long as there are send rights for its port.  It names
 * either an object, with a reference, or another memory object port, with a
 * send right; the latter may be a proxy too.
 */

#include <vm/memory_object_proxy.h>

#include <kernel/kmem.h>
#include <kernel/panic.h>
#include <kernel/refcount.h>

#include <ipc/ipc_kobject.h>
#include <ipc/ipc_port.h>

#include <vm/memory_object.h>
#include <vm/vm_object.h>
#include <vm/vm_page.h>

/* Proxies of proxies, at most. */
#define MEMORY_OBJECT_PROXY_DEPTH	8

/* [I] everything but the count */
struct memory_object_proxy {
	struct refcount		refs;		/* [a] port, and users */
	struct ipc_port		*pager;		/* send right, or NULL */
	struct vm_object	*object;	/* reference, or NULL */
	vm_offset_t		start;
	vm_size_t		size;
	vm_prot_t		max_prot;
};

static void
memory_object_proxy_ref(void *obj)
{
	struct memory_object_proxy *proxy = obj;

	refcount_ref(&proxy->refs);
}

static void
memory_object_proxy_unref(struct memory_object_proxy *proxy)
{
	if (!refcount_unref(&proxy->refs)) {
		return;
	}
	if (proxy->object != NULL) {
		vm_object_unref(proxy->object);
	}
	ipc_port_release_send(proxy->pager);
	kmem_free(proxy, sizeof(*proxy));
}

/* Nobody can map it any more. */
static void
memory_object_proxy_no_senders(struct ipc_port *port, void *obj,
    mach_port_mscount_t mscount)
{
	struct memory_object_proxy *proxy;

	if (!ipc_port_no_senders(port, mscount)) {
		return;
	}
	proxy = ipc_kobject_get_ref(port, IKOT_PAGER,
	    memory_object_proxy_ref);
	if (proxy == NULL) {
		return;
	}
	ipc_kobject_destroy(port);
	memory_object_proxy_unref(proxy);
	memory_object_proxy_unref(proxy);
}

static const struct ipc_kobject_ops memory_object_proxy_ops = {
	.no_senders = memory_object_proxy_no_senders,
};

void
memory_object_proxy_setup(void)
{
	ipc_kobject_set_ops(IKOT_PAGER, &memory_object_proxy_ops);
}

/* Narrow WINDOW to what PROXY shows of it. */
static kern_return_t
memory_object_proxy_narrow(const struct memory_object_proxy *proxy,
    struct memory_object_window *window)
{
	if (proxy->start > window->size) {
		return KERN_INVALID_ARGUMENT;
	}
	window->start += proxy->start;
	window->size -= proxy->start;
	if (proxy->size < window->size) {
		window->size = proxy->size;
	}
	window->max_prot &= proxy->max_prot;
	return KERN_SUCCESS;
}

static kern_return_t
memory_object_resolve_depth(struct ipc_port *port,
    struct memory_object_window *window, unsigned depth)
{
	struct memory_object_proxy *proxy;
	kern_return_t kr;

	proxy = ipc_kobject_get_ref(port, IKOT_PAGER,
	    memory_object_proxy_ref);
	if (proxy == NULL) {
		window->start = 0;
		window->size = (vm_size_t)-1;
		window->max_prot = VM_PROT_ALL;
		return memory_object_enter(port, &window->object);
	}
	if (proxy->object != NULL) {
		vm_object_ref(proxy->object);
		*window = (struct memory_object_window) {
			.object = proxy->object,
			.size = (vm_size_t)-1,
			.max_prot = VM_PROT_ALL,
		};
		kr = KERN_SUCCESS;
	} else {
		kr = depth == 0 ? KERN_INVALID_ARGUMENT :
		    memory_object_resolve_depth(proxy->pager, window,
		    depth - 1);
	}
	if (kr == KERN_SUCCESS) {
		kr = memory_object_proxy_narrow(proxy, window);
		if (kr != KERN_SUCCESS) {
			vm_object_unref(window->object);
		}
	}
	memory_object_proxy_unref(proxy);
	return kr;
}

kern_return_t
memory_object_resolve(struct ipc_port *port,
    struct memory_object_window *window)
{
	if (!ip_valid(port)) {
		return KERN_INVALID_ARGUMENT;
	}
	return memory_object_resolve_depth(port, window,
	    MEMORY_OBJECT_PROXY_DEPTH);
}

static kern_return_t
memory_object_proxy_make(const struct memory_object_proxy *from,
    struct ipc_port **portp)
{
	struct memory_object_proxy *proxy;
	struct ipc_port *port;

	if (!vm_page_aligned(from->start)) {
		return KERN_INVALID_ARGUMENT;
	}
	proxy = kmem_alloc(sizeof(*proxy));
	if (proxy == NULL) {
		return KERN_RESOURCE_SHORTAGE;
	}
	*proxy = *from;
	refcount_init(&proxy->refs, 1);
	port = ipc_kobject_create(IKOT_PAGER, proxy);
	if (port == NULL) {
		kmem_free(proxy, sizeof(*proxy));
		return KERN_RESOURCE_SHORTAGE;
	}
	*portp = ipc_port_make_send(port);
	return KERN_SUCCESS;
}

kern_return_t
memory_object_proxy_create(struct ipc_port *pager, vm_offset_t start,
    vm_size_t size, vm_prot_t max_prot, struct ipc_port **portp)
{
	struct memory_object_proxy proxy = {
		.pager = pager,
		.start = start,
		.size = size,
		.max_prot = max_prot,
	};

	if (!ip_valid(pager)) {
		return KERN_INVALID_ARGUMENT;
	}
	return memory_object_proxy_make(&proxy, portp);
}

kern_return_t
memory_object_proxy_create_object(struct vm_object *object,
    vm_offset_t start, vm_size_t size, vm_prot_t max_prot,
    struct ipc_port **portp)
{
	struct memory_object_proxy proxy = {
		.object = object,
		.start = start,
		.size = size,
		.max_prot = max_prot,
	};

	return memory_object_proxy_make(&proxy, portp);
}

struct ipc_port *
memory_object_create_physical(phys_addr_t pa, vm_size_t size,
    vm_prot_t max_prot)
{
	struct vm_object *object = vm_object_create(size);
	struct ipc_port *port;

	if (object == NULL) {
		return NULL;
	}
	object->physical = true;
	object->shared = true;
	object->single = false;
	object->phys = pa;
	if (memory_object_proxy_create_object(object, 0, size, max_prot,
	    &port) != KERN_SUCCESS) {
		vm_object_unref(object);
		return NULL;
	}
	return port;
}
