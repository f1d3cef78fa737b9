/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Device ports: opening, the console, the clock's page, interrupts.
 *
 * The kernel learns at the line's next interrupt that a port of its users died.
 * Keeps: ipc_port 1 kmem_32 1
 */

#include "rt.h"

#include <device/device_types.h>

#include "device_user.h"
#include "mach_port_user.h"
#include "mach_user.h"

#define P	vm_page_size

static void
test_open(void)
{
	mach_port_t device;
	mach_port_t again;

	want("open", device_open(rt_device_master, D_READ | D_WRITE,
	    (char *)"console", &device), D_SUCCESS);
	rt_show_right("console", device);
	want("open again", device_open(rt_device_master, D_WRITE,
	    (char *)"console", &again), D_SUCCESS);
	rt_printf("same %d", again == device);
	show("open nothing", device_open(rt_device_master, D_READ,
	    (char *)"nonesuch", &again));
	show("open with another port", device_open(rt_host_priv, D_READ,
	    (char *)"console", &again));
	want("close", device_close(device), D_SUCCESS);
	want("close", device_close(device), D_SUCCESS);
	show("close the master", device_close(rt_device_master));
}

static void
test_console(void)
{
	mach_port_t device;
	int written = 0;
	static char text[IO_INBAND_MAX] =
	    "> # a line through the console device\n";
	const int length = strlen(text);

	need("open", device_open(rt_device_master, D_READ | D_WRITE,
	    (char *)"console", &device));
	want("write", device_write_inband(device, 0, 0, text,
	    length, &written), D_SUCCESS);
	want_number("written", written, length);
	want("write out of line", device_write(device, 0, 0, text,
	    length, &written), D_SUCCESS);
	want_number("written", written, length);
	want("write nothing", device_write_inband(device, 0, 0, text, 0,
	    &written), D_SUCCESS);
	device_close(device);
}

static void
test_time(void)
{
	mach_port_t device;
	mach_port_t pager;
	vm_offset_t addr = 0;
	volatile mapped_time_value_t *time;
	integer_t before;
	integer_t micros;

	need("open", device_open(rt_device_master, D_READ, (char *)"time",
	    &device));
	want("map", device_map(device, VM_PROT_READ, 0, sizeof(*time), &pager,
	    0), KERN_SUCCESS);
	want("vm_map", vm_map(rt_task, &addr, P, 0, TRUE, pager, 0, FALSE,
	    VM_PROT_READ, VM_PROT_READ, VM_INHERIT_NONE), KERN_SUCCESS);
	time = (volatile mapped_time_value_t *)addr;
	before = time->seconds;
	micros = time->microseconds;
	rt_printf("after 2020 %d", before > 1577836800);
	rt_printf("microseconds in range %d", micros >= 0 &&
	    micros < 1000000);
	rt_sleep(1200);
	rt_printf("advances %d", time->seconds - before >= 1 &&
	    time->seconds - before < 60);
	want("unmap", vm_deallocate(rt_task, addr, P), KERN_SUCCESS);
	mach_port_deallocate(rt_task, pager);
	device_close(device);
}

#define SCREEN		0xb8000u
#define SCREEN_SIZE	0x8000u

/* The screen's memory, through the device that shows it all. */
static void
test_mem(void)
{
	const vm_offset_t start = SCREEN & -P;
	const vm_size_t size = SCREEN + SCREEN_SIZE - start;
	mach_port_t device;
	mach_port_t pager;
	vm_offset_t addr = 0;
	volatile uint16_t *screen;
	uint16_t old;

	need("open", device_open(rt_device_master, D_READ | D_WRITE,
	    (char *)"mem", &device));
	want("map", device_map(device, VM_PROT_READ | VM_PROT_WRITE, start,
	    size, &pager, 0), KERN_SUCCESS);
	want("vm_map", vm_map(rt_task, &addr, size, 0, TRUE, pager, 0,
	    FALSE, VM_PROT_READ | VM_PROT_WRITE, VM_PROT_READ |
	    VM_PROT_WRITE, VM_INHERIT_NONE), KERN_SUCCESS);
	screen = (volatile uint16_t *)(addr + SCREEN - start);
	old = screen[100];
	screen[100] = 0x1234;
	rt_printf("memory 0x%x", screen[100]);
	screen[100] = old;
	want("unmap", vm_deallocate(rt_task, addr, size), KERN_SUCCESS);
	mach_port_deallocate(rt_task, pager);
	device_close(device);
}

static void
test_irq(void)
{
	mach_port_t device;
	mach_port_t port = rt_port();

	need("open", device_open(rt_device_master, D_READ | D_WRITE,
	    (char *)"irq", &device));
	want("register", device_intr_register(device, 11, 0, port,
	    MACH_MSG_TYPE_COPY_SEND), D_SUCCESS);
	want_ours("register a bad line", device_intr_register(device, 4711, 0,
	    port, MACH_MSG_TYPE_COPY_SEND), KERN_INVALID_ARGUMENT,
	    "it says that memory is short");
	want("acknowledge nothing", device_intr_ack(device, port,
	    MACH_MSG_TYPE_COPY_SEND), D_INVALID_OPERATION);
	mach_port_destroy(rt_task, port);
	device_close(device);
}

void
test(void)
{
	test_open();
	test_console();
	test_time();
	test_mem();
	test_irq();
}
