/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Proxies of memory objects: windows that can be handed out without the
 * object itself.
 */

#include "objects.h"

#include <device/device_types.h>

#include "device_user.h"
#include "mach4_user.h"
#include "mach_port_user.h"
#include "mach_user.h"

#define P	vm_page_size
#define CHAIN	400u
#define SCREEN	0xb8000u
#define SCREEN_SIZE	0x8000u

#define LESS_ACCESS "it maps with less access than asked for"
#define KIND	MACH_MSG_TYPE_COPY_SEND

static struct object ours;

static kern_return_t
map(mach_port_t object, vm_offset_t *addr, vm_offset_t offset,
    vm_size_t size, vm_prot_t prot, vm_prot_t max)
{
	*addr = 0;
	return vm_map(rt_task, addr, size, 0, TRUE, object, offset, FALSE,
	    prot, max, VM_INHERIT_NONE);
}

/* A window of the memory at ADDR, whose pages hold 1, 2, 3 ... */
static void
test_region(vm_offset_t addr)
{
	mach_port_t proxy = MACH_PORT_NULL;
	vm_offset_t at = 0;

	want("region", vm_region_create_proxy(rt_task, addr,
	    VM_PROT_READ | VM_PROT_WRITE, 4 * P, &proxy), KERN_SUCCESS);
	rt_show_right("proxy", proxy);
	want("map", map(proxy, &at, 0, 4 * P, VM_PROT_READ | VM_PROT_WRITE,
	    VM_PROT_READ | VM_PROT_WRITE), KERN_SUCCESS);
	if (at != 0) {
		rt_printf("first %u last %u", *(uint32_t *)at,
		    *(uint32_t *)(at + 3 * P));
		*(volatile uint32_t *)at = 77;
		rt_printf("shared %u", *(volatile uint32_t *)addr);
		*(volatile uint32_t *)at = 1;
		vm_deallocate(rt_task, at, 4 * P);
	}
	want("map the third", map(proxy, &at, 2 * P, P, VM_PROT_READ,
	    VM_PROT_READ), KERN_SUCCESS);
	if (at != 0) {
		rt_printf("it is %u", *(uint32_t *)at);
		vm_deallocate(rt_task, at, P);
	}
	want("map beyond", map(proxy, &at, 4 * P, P, VM_PROT_READ,
	    VM_PROT_READ), KERN_INVALID_ARGUMENT);
	want("map more", map(proxy, &at, 0, 5 * P, VM_PROT_READ, VM_PROT_READ),
	    KERN_INVALID_ARGUMENT);
	mach_port_deallocate(rt_task, proxy);

	want("read-only", vm_region_create_proxy(rt_task, addr, VM_PROT_READ,
	    4 * P, &proxy), KERN_SUCCESS);
	want_ours("map to write", map(proxy, &at, 0, P, VM_PROT_READ |
	    VM_PROT_WRITE, VM_PROT_READ | VM_PROT_WRITE),
	    KERN_PROTECTION_FAILURE, LESS_ACCESS);
	want("map to read", map(proxy, &at, 0, P, VM_PROT_READ, VM_PROT_READ),
	    KERN_SUCCESS);
	if (at != 0) {
		want("and then write", vm_protect(rt_task, at, P, FALSE,
		    VM_PROT_READ | VM_PROT_WRITE), KERN_PROTECTION_FAILURE);
		vm_deallocate(rt_task, at, P);
	}
	mach_port_deallocate(rt_task, proxy);

	if (!rt_on_gnumach) {
		/* It never comes back from that. */
		want("# region of nothing", vm_region_create_proxy(rt_task,
		    0x10000, VM_PROT_READ, P, &proxy), KERN_INVALID_ADDRESS);
	}
	want("region of no task", vm_region_create_proxy(rt_host_priv, addr,
	    VM_PROT_READ, P, &proxy), KERN_INVALID_ARGUMENT);
	want("region with no length", vm_region_create_proxy(rt_task, addr,
	    VM_PROT_READ, 0, &proxy), KERN_SUCCESS);
	mach_port_deallocate(rt_task, proxy);
	want("region too long", vm_region_create_proxy(rt_task, addr,
	    VM_PROT_READ, 0x10000000, &proxy), KERN_INVALID_ARGUMENT);
}

/* Windows that begin inside of the memory at ADDR. */
static void
test_inside(vm_offset_t addr)
{
	mach_port_t proxy = MACH_PORT_NULL;
	vm_offset_t at = 0;

	want("inside", vm_region_create_proxy(rt_task, addr + 2 * P,
	    VM_PROT_READ, 4 * P, &proxy), KERN_SUCCESS);
	want("map its second", map(proxy, &at, P, P, VM_PROT_READ,
	    VM_PROT_READ), KERN_SUCCESS);
	if (at != 0) {
		rt_printf("it is %u", *(uint32_t *)at);
		vm_deallocate(rt_task, at, P);
	}
	mach_port_deallocate(rt_task, proxy);
	want("to the end", vm_region_create_proxy(rt_task, addr + 2 * P,
	    VM_PROT_READ, 6 * P, &proxy), KERN_SUCCESS);
	mach_port_deallocate(rt_task, proxy);
	want_ours("beyond the end", vm_region_create_proxy(rt_task,
	    addr + 2 * P, VM_PROT_READ, 7 * P, &proxy), KERN_INVALID_ARGUMENT,
	    "it compares with the whole region");
	if (!rt_on_gnumach) {
		/* It never comes back from that. */
		want("# odd", vm_region_create_proxy(rt_task, addr + 12,
		    VM_PROT_READ, P, &proxy), KERN_INVALID_ARGUMENT);
	}
}

/* The codes of memory_object_create_proxy, on the proxy OBJECT. */
static void
test_codes(mach_port_t object)
{
	mach_port_t objects[2] = { object, object };
	vm_offset_t offset[2] = { 0, 0 };
	vm_offset_t start[2] = { P, P };
	vm_offset_t len[2] = { 2 * P, 2 * P };
	mach_port_t proxy = MACH_PORT_NULL;
	mach_port_t self = rt_task;

	want("no task", memory_object_create_proxy(rt_host_priv, VM_PROT_READ,
	    objects, KIND, 1, offset, 1, start, 1, len, 1, &proxy),
	    KERN_INVALID_TASK);
	want("no object", memory_object_create_proxy(self, VM_PROT_READ,
	    objects, KIND, 0, offset, 0, start, 0, len, 0, &proxy),
	    KERN_INVALID_ARGUMENT);
	want("two objects", memory_object_create_proxy(self, VM_PROT_READ,
	    objects, KIND, 2, offset, 2, start, 2, len, 2, &proxy),
	    KERN_INVALID_ARGUMENT);
	want("two starts", memory_object_create_proxy(self, VM_PROT_READ,
	    objects, KIND, 1, offset, 1, start, 2, len, 1, &proxy),
	    KERN_INVALID_ARGUMENT);
	want("no offset", memory_object_create_proxy(self, VM_PROT_READ,
	    objects, KIND, 1, offset, 0, start, 1, len, 1, &proxy),
	    KERN_INVALID_ARGUMENT);
	offset[0] = P;
	want("an offset", memory_object_create_proxy(self, VM_PROT_READ,
	    objects, KIND, 1, offset, 1, start, 1, len, 1, &proxy),
	    KERN_INVALID_ARGUMENT);
	offset[0] = 0;
	start[0] = 12;
	want_ours("an odd start", memory_object_create_proxy(self,
	    VM_PROT_READ, objects, KIND, 1, offset, 1, start, 1, len, 1,
	    &proxy), KERN_INVALID_ARGUMENT,
	    "it finds out when the proxy is mapped");
	start[0] = 0xfffff000;
	want("that wraps", memory_object_create_proxy(self, VM_PROT_READ,
	    objects, KIND, 1, offset, 1, start, 1, len, 1, &proxy),
	    KERN_INVALID_ARGUMENT);
	objects[0] = MACH_PORT_NULL;
	start[0] = 0;
	want("a null object", memory_object_create_proxy(self, VM_PROT_READ,
	    objects, KIND, 1, offset, 1, start, 1, len, 1, &proxy),
	    KERN_INVALID_NAME);
}

/* A window of a window. */
static void
test_nested(vm_offset_t addr)
{
	mach_port_t object;
	mach_port_t proxy = MACH_PORT_NULL;
	vm_offset_t offset = 0;
	vm_offset_t start = P;
	vm_offset_t len = 2 * P;
	vm_offset_t at = 0;

	need("region", vm_region_create_proxy(rt_task, addr, VM_PROT_READ |
	    VM_PROT_WRITE, 4 * P, &object));
	test_codes(object);
	want("window", memory_object_create_proxy(rt_task, VM_PROT_READ,
	    &object, KIND, 1, &offset, 1, &start, 1, &len, 1, &proxy),
	    KERN_SUCCESS);
	rt_show_right("window", proxy);
	want("map it", map(proxy, &at, 0, 2 * P, VM_PROT_READ, VM_PROT_READ),
	    KERN_SUCCESS);
	if (at != 0) {
		rt_printf("pages %u %u", *(uint32_t *)at,
		    *(uint32_t *)(at + P));
		vm_deallocate(rt_task, at, 2 * P);
	}
	want("map beyond it", map(proxy, &at, 2 * P, P, VM_PROT_READ,
	    VM_PROT_READ), KERN_INVALID_ARGUMENT);
	want_ours("write it", map(proxy, &at, 0, P, VM_PROT_READ |
	    VM_PROT_WRITE, VM_PROT_READ | VM_PROT_WRITE),
	    KERN_PROTECTION_FAILURE, LESS_ACCESS);
	mach_port_deallocate(rt_task, proxy);
	mach_port_deallocate(rt_task, object);
}

/*
 * A window of a window of a window, each of which only the next one could hold:
 * were they ended one within the other, the kernel's stack would be too small.
 */
static void
test_long_chain(void)
{
	mach_port_t window = MACH_PORT_NULL;
	mach_port_t next = MACH_PORT_NULL;
	vm_offset_t len = CHAIN * P;
	vm_offset_t addr = 0;
	vm_offset_t offset = 0;
	vm_offset_t start;
	vm_offset_t at;
	vm_offset_t none;

	need("allocate", vm_allocate(rt_task, &addr, CHAIN * P, TRUE));
	*(uint32_t *)(addr + (CHAIN - 1) * P) = 7;
	need("region", vm_region_create_proxy(rt_task, addr, VM_PROT_READ,
	    CHAIN * P, &window));
	start = P;
	for (unsigned i = 1; i < CHAIN; i++) {
		len -= P;
		need("window", memory_object_create_proxy(rt_task,
		    VM_PROT_ALL, &window, KIND, 1, &offset, 1, &start, 1,
		    &len, 1, &next));
		mach_port_deallocate(rt_task, window);
		window = next;
	}
	want("# map the last", map(window, &at, 0, P, VM_PROT_READ,
	    VM_PROT_READ), KERN_SUCCESS);
	want_number("# it is", at != 0 ? *(volatile uint32_t *)at : 0, 7);
	want("# map to write", map(window, &none, 0, P, VM_PROT_DEFAULT,
	    VM_PROT_DEFAULT), KERN_PROTECTION_FAILURE);
	want("# map beyond", map(window, &none, P, P, VM_PROT_READ,
	    VM_PROT_READ), KERN_INVALID_ARGUMENT);
	/* A window that begins beyond its end shows nothing. */
	start = 2 * P;
	len = P;
	want("# window beyond", memory_object_create_proxy(rt_task,
	    VM_PROT_READ, &window, KIND, 1, &offset, 1, &start, 1, &len, 1,
	    &next), KERN_SUCCESS);
	want("# map it", map(next, &none, 0, P, VM_PROT_READ, VM_PROT_READ),
	    KERN_INVALID_ARGUMENT);
	mach_port_deallocate(rt_task, next);
	vm_deallocate(rt_task, at, P);
	vm_deallocate(rt_task, addr, CHAIN * P);
	mach_port_deallocate(rt_task, window);
}

/* Memory without a pager: GNU Mach asks the default pager for one first. */
static void
test_anonymous(void)
{
	mach_port_t proxy = MACH_PORT_NULL;
	vm_offset_t addr = 0;
	vm_offset_t at = 0;

	need("allocate", vm_allocate(rt_task, &addr, 4 * P, TRUE));
	*(uint32_t *)(addr + P) = 5;
	want("# region", vm_region_create_proxy(rt_task, addr, VM_PROT_READ |
	    VM_PROT_WRITE, 4 * P, &proxy), KERN_SUCCESS);
	want("# map", map(proxy, &at, P, P, VM_PROT_READ | VM_PROT_WRITE,
	    VM_PROT_READ | VM_PROT_WRITE), KERN_SUCCESS);
	want_number("# it is", *(volatile uint32_t *)at, 5);
	*(volatile uint32_t *)at = 6;
	want_number("# shared", *(volatile uint32_t *)(addr + P), 6);
	vm_deallocate(rt_task, addr, 4 * P);
	want_number("# it stays", *(volatile uint32_t *)at, 6);
	vm_deallocate(rt_task, at, P);
	mach_port_deallocate(rt_task, proxy);
}

/* The screen's memory has a pager, the device; it has 8 pages of 4 KiB. */
static vm_offset_t
map_screen(void)
{
	mach_port_t device;
	mach_port_t pager;
	vm_offset_t addr;

	need("open", device_open(rt_device_master, D_READ | D_WRITE,
	    (char *)"mem", &device));
	need("device_map", device_map(device, VM_PROT_READ | VM_PROT_WRITE,
	    SCREEN, 8 * P, &pager, 0));
	need("map", map(pager, &addr, 0, 8 * P, VM_PROT_READ |
	    VM_PROT_WRITE, VM_PROT_READ | VM_PROT_WRITE));
	return addr;
}

/* Larger pages have us for their pager, who has nothing to say of them. */
static vm_offset_t
map_ours(void)
{
	static const struct object_ops ops;

	ours.ops = &ops;
	ours.strategy = MEMORY_OBJECT_COPY_DELAY;
	objects_start(1);
	object_create(&ours);
	return object_map(&ours, 8 * P);
}

void
test(void)
{
	bool fits = 8 * P <= SCREEN_SIZE;
	vm_offset_t addr = fits ? map_screen() : map_ours();

	for (unsigned i = 0; i < 8; i++) {
		*(volatile uint32_t *)(addr + i * P) = i + 1;
	}
	test_region(addr);
	test_inside(addr);
	test_nested(addr);
	if (fits) {
		vm_deallocate(rt_task, addr, 8 * P);
	} else {
		object_end(&ours, addr, 8 * P);
	}
	if (!rt_on_gnumach) {
		test_anonymous();
		test_long_chain();
	}
}
