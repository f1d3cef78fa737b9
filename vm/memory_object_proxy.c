/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * A proxy lives as long as there are send rights for its port.  It names
 * either an object, with a reference, or another memory object port, with a
 * send right.  That one is never a proxy: a proxy of a proxy shows a part of
 * what that shows.  So there are no chains, which anybody could make as long as
 * they like, and whose end would be one call within the other.
 */

#include <vm/memory_object_proxy.h>

#include <kernel/account.h>
#include <kernel/kmem.h>
#include <kernel/list.h>
#include <kernel/panic.h>
#include <kernel/refcount.h>
#include <kernel/spinlock.h>
#include <kernel/task.h>
#include <kernel/thread.h>

#include <ipc/ipc_kobject.h>
#include <ipc/ipc_port.h>

#include <vm/memory_object.h>
#include <vm/vm_object.h>
#include <vm/vm_page.h>

/* [I] everything but the count and the link  [p] memory_object_proxy_lock */
struct memory_object_proxy {
	struct list_node	link;		/* [p] in the list of all */
	struct account		*account;	/* who made it; reference, or NULL */
	struct refcount		refs;		/* [a] port, and users */
	struct ipc_port		*pager;		/* send right, or NULL */
	struct vm_object	*object;	/* reference, or NULL */
	vm_offset_t		start;
	vm_size_t		size;
	vm_prot_t		max_prot;
};

static struct spinlock memory_object_proxy_lock = SPINLOCK_INITIALIZER(
    LOCK_RANK_PROXY);
static struct list memory_object_proxies = LIST_INITIALIZER(
    memory_object_proxies);			/* [p] */

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
	spinlock_lock(&memory_object_proxy_lock);
	list_remove(&proxy->link);
	spinlock_unlock(&memory_object_proxy_lock);
	if (proxy->object != NULL) {
		vm_object_unref(proxy->object);
	}
	ipc_port_release_send(proxy->pager);
	if (proxy->account != NULL) {
		account_unref(proxy->account);
	}
	kmem_free(proxy, sizeof(*proxy));
}

/* What of its object's memory PROXY keeps, of all that refer to it. */
static vm_size_t
memory_object_proxy_share(const struct memory_object_proxy *proxy)
{
	struct vm_object *object = proxy->object;
	vm_size_t size;

	if (object == NULL) {
		return 0;
	}
	vm_object_lock(object);
	size = (vm_size_t)vm_object_private_pages_locked(object,
	    vm_page_round(proxy->size) >> vm_page_shift,
	    vm_object_count_begin()) << vm_page_shift;
	size /= object->refs;
	vm_object_unlock(object);
	return size;
}

void
memory_object_proxy_charge(
    void (*charge)(struct account *account, vm_size_t size))
{
	struct memory_object_proxy *proxy;

	spinlock_lock(&memory_object_proxy_lock);
	list_for_each_entry(&memory_object_proxies, proxy, link)
	{
		if (proxy->account != NULL) {
			charge(proxy->account, sizeof(*proxy) +
			    sizeof(struct ipc_port) +
			    memory_object_proxy_share(proxy));
		}
	}
	spinlock_unlock(&memory_object_proxy_lock);
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

/* Narrow WINDOW, on a whole object, to what PROXY shows of it. */
static void
memory_object_proxy_narrow(const struct memory_object_proxy *proxy,
    struct memory_object_window *window)
{
	window->start += proxy->start;
	window->size -= proxy->start;
	if (proxy->size < window->size) {
		window->size = proxy->size;
	}
	window->max_prot &= proxy->max_prot;
}

/* All of what the memory object port PORT, which is no proxy, stands for. */
static kern_return_t
memory_object_resolve_whole(
    struct ipc_port *port, struct memory_object_window *window)
{
	window->start = 0;
	window->size = (vm_size_t)-1;
	window->max_prot = VM_PROT_ALL;
	return memory_object_enter(port, &window->object);
}

kern_return_t
memory_object_resolve(struct ipc_port *port,
    struct memory_object_window *window)
{
	struct memory_object_proxy *proxy;
	kern_return_t kr = KERN_SUCCESS;

	if (!ip_valid(port)) {
		return KERN_INVALID_ARGUMENT;
	}
	proxy = ipc_kobject_get_ref(port, IKOT_PAGER,
	    memory_object_proxy_ref);
	if (proxy == NULL) {
		return memory_object_resolve_whole(port, window);
	}
	if (proxy->object != NULL) {
		vm_object_ref(proxy->object);
		*window = (struct memory_object_window) {
			.object = proxy->object,
			.size = (vm_size_t)-1,
			.max_prot = VM_PROT_ALL,
		};
	} else {
		kr = memory_object_resolve_whole(proxy->pager, window);
	}
	if (kr == KERN_SUCCESS) {
		memory_object_proxy_narrow(proxy, window);
	}
	memory_object_proxy_unref(proxy);
	return kr;
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
	proxy->account = task_account(current_task());
	spinlock_lock(&memory_object_proxy_lock);
	list_insert_tail(&memory_object_proxies, &proxy->link);
	spinlock_unlock(&memory_object_proxy_lock);
	*portp = ipc_port_make_send(port);
	return KERN_SUCCESS;
}

/*
 * Make PROXY, a part of what INNER shows, a part of what that looks at.  Beyond
 * INNER's end there is nothing.
 */
static void
memory_object_proxy_look_through(struct memory_object_proxy *proxy,
    const struct memory_object_proxy *inner)
{
	vm_size_t left = 0;

	if (proxy->start <= inner->size) {
		left = inner->size - proxy->start;
		proxy->start += inner->start;
	}
	if (proxy->size > left) {
		proxy->size = left;
	}
	proxy->max_prot &= inner->max_prot;
	proxy->pager = ipc_port_copy_send(inner->pager);
	proxy->object = inner->object;
	if (proxy->object != NULL) {
		vm_object_ref(proxy->object);
	}
}

/* PAGER, a right of the caller's, is INNER's port. */
static kern_return_t
memory_object_proxy_create_inner(struct ipc_port *pager,
    const struct memory_object_proxy *inner, struct memory_object_proxy *proxy,
    struct ipc_port **portp)
{
	kern_return_t kr = KERN_INVALID_ARGUMENT;

	memory_object_proxy_look_through(proxy, inner);
	if (proxy->object != NULL || ip_valid(proxy->pager)) {
		kr = memory_object_proxy_make(proxy, portp);
	}
	if (kr == KERN_SUCCESS) {
		ipc_port_release_send(pager);
		return kr;
	}
	if (proxy->object != NULL) {
		vm_object_unref(proxy->object);
	}
	ipc_port_release_send(proxy->pager);
	return kr;
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
	struct memory_object_proxy *inner;
	kern_return_t kr;

	if (!ip_valid(pager) || !vm_page_aligned(start)) {
		return KERN_INVALID_ARGUMENT;
	}
	inner = ipc_kobject_get_ref(pager, IKOT_PAGER,
	    memory_object_proxy_ref);
	if (inner == NULL) {
		return memory_object_proxy_make(&proxy, portp);
	}
	kr = memory_object_proxy_create_inner(pager, inner, &proxy, portp);
	memory_object_proxy_unref(inner);
	return kr;
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
