/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * What calls on devices answer, reads and status among them, and the
 * asynchronous half of the interface: requests whose answers come later.
 *
 * The kernel learns at the line's next interrupt that a port of its users died.
 * Keeps: ipc_port 1 kmem_32 1
 */

#include "rt.h"

#include <device/device_types.h>
#include <device/net_status.h>

#include "device_request_user.h"
#include "device_user.h"
#include "experimental_user.h"
#include "mach_port_user.h"
#include "mach_user.h"

#define P	vm_page_size

#define NO_MASTER "it wants a null port as the master"
#define NULLDEV "its devices say yes to what they cannot do"

static mach_port_t
open_device(const char *name)
{
	mach_port_t device = MACH_PORT_NULL;

	need(name, device_open(rt_device_master, D_READ | D_WRITE,
	    (char *)name, &device));
	return device;
}

/* Calls on PORT, which is no device. */
static void
test_no_device(mach_port_t port)
{
	io_buf_ptr_t data = NULL;
	static io_buf_ptr_inband_t text;
	io_buf_ptr_inband_t inband;
	mach_msg_type_number_t count = IO_INBAND_MAX;
	int status[16] = { 0 };
	filter_t filter[2] = { 0 };
	mach_port_t out;
	int written;

	show("close", device_close(port));
	show("write", device_write(port, 0, 0, text, 1, &written));
	show("write inband", device_write_inband(port, 0, 0, text, 1,
	    &written));
	show("read", device_read(port, 0, 0, 1, &data, &count));
	count = IO_INBAND_MAX;
	show("read inband", device_read_inband(port, 0, 0, 1, inband,
	    &count));
	show("map", device_map(port, VM_PROT_READ, 0, P, &out, 0));
	show("set status", device_set_status(port, 0, status, 2));
	count = 16;
	show("get status", device_get_status(port, 0, status, &count));
	show("set filter", device_set_filter(port, rt_task,
	    MACH_MSG_TYPE_COPY_SEND, 1, filter, 2));
	show("intr_register", device_intr_register(port, 1, 0, rt_task,
	    MACH_MSG_TYPE_COPY_SEND));
	show("intr_ack", device_intr_ack(port, rt_task,
	    MACH_MSG_TYPE_COPY_SEND));
}

/* Reads, for which GNU Mach's console waits and its other devices panic. */
static void
test_read(const char *name, int wanted)
{
	mach_port_t device = open_device(name);
	io_buf_ptr_t data = NULL;
	io_buf_ptr_inband_t inband;
	mach_msg_type_number_t count = IO_INBAND_MAX;
	const bool can = wanted == D_WOULD_BLOCK;

	want("# read", device_read(device, D_NOWAIT, 0, 16, &data, &count),
	    wanted);
	count = IO_INBAND_MAX;
	want("# read inband", device_read_inband(device, D_NOWAIT, 0, 16,
	    inband, &count), wanted);
	want("# read a negative size", device_read(device, D_NOWAIT, 0, -1,
	    &data, &count), can ? D_INVALID_SIZE : wanted);
	want("# read nothing", device_read(device, D_NOWAIT, 0, 0, &data,
	    &count), can ? D_SUCCESS : wanted);
	count = IO_INBAND_MAX;
	want("# read inband nothing", device_read_inband(device, D_NOWAIT, 0,
	    0, inband, &count), can ? D_SUCCESS : wanted);
	device_close(device);
}

/*
 * Calls on the device NAME, of which it only has the status of its SIZE and a
 * map of LENGTH bytes, if any.
 */
static void
test_device(const char *name, bool size, vm_size_t length)
{
	const int no_map = length != 0 ? D_INVALID_SIZE :
	    D_INVALID_OPERATION;

	mach_port_t device = open_device(name);
	mach_msg_type_number_t count;
	int status[16] = { 0 };
	filter_t filter[2] = { 0 };
	mach_port_t port = rt_port();
	mach_port_t out;

	rt_printf("%s", name);
	count = 16;
	want_ours(" get size", device_get_status(device, DEV_GET_SIZE,
	    status, &count), size ? D_SUCCESS : D_INVALID_OPERATION, NULLDEV);
	count = 16;
	want_ours(" get 4711", device_get_status(device, 4711, status,
	    &count), D_INVALID_OPERATION, NULLDEV);
	want_ours(" set 4711", device_set_status(device, 4711, status, 2),
	    D_INVALID_OPERATION, NULLDEV);
	want(" set filter", device_set_filter(device, port,
	    MACH_MSG_TYPE_COPY_SEND, 1, filter, 2), D_INVALID_OPERATION);
	want(" map with no access", device_map(device, 0x40, 0, P, &out, 0),
	    KERN_INVALID_ARGUMENT);
	want_ours(" map beyond", device_map(device, VM_PROT_READ, 0x10000000,
	    P, &out, 0), length > 0x10000000 ? D_SUCCESS : no_map, NULLDEV);
	want_ours(" map nothing", device_map(device, VM_PROT_READ, 0, 0,
	    &out, 0), no_map, NULLDEV);
	mach_port_destroy(rt_task, port);
	device_close(device);
}

/* The answer to a request: its id, and its result. */
static void
answer(const char *what, mach_port_t port, unsigned ms)
{
	union {
		mach_msg_header_t header;
		struct {
			mach_msg_header_t header;
			mach_msg_type_t type;
			int result;
		} reply;
		char room[1024];
	} msg;
	mach_msg_return_t mr = rt_receive(&msg.header, sizeof(msg), port, ms);

	if (mr != MACH_MSG_SUCCESS) {
		show(what, mr);
		return;
	}
	rt_printf("%s: id %d", what, msg.header.msgh_id);
	show(what, msg.reply.result);
}

static void
test_requests(void)
{
	mach_port_t device = open_device("console");
	mach_port_t time = open_device("time");
	mach_port_t reply = rt_port();
	static char text[IO_INBAND_MAX] = "# requested\n";

	want("open", device_open_request(rt_device_master, reply, D_READ,
	    (char *)"time"), KERN_SUCCESS);
	answer("opened", reply, 1000);
	want("open nothing", device_open_request(rt_device_master, reply,
	    D_READ, (char *)"nonesuch"), KERN_SUCCESS);
	answer("not opened", reply, 1000);
	show("write", device_write_request(device, reply, 0, 0, text, 12));
	answer("written", reply, 1000);
	show("write inband", device_write_request_inband(device, reply, 0, 0,
	    text, 12));
	answer("written inband", reply, 1000);
	want("read input", device_read_request(device, reply, 0, 0, 4),
	    KERN_SUCCESS);
	answer("waits", reply, 50);
	want("read input inband", device_read_request_inband(device, reply, 0,
	    0, 4), KERN_SUCCESS);
	answer("waits", reply, 50);
	if (!rt_on_gnumach) {
		want("# read the time", device_read_request(time, reply, 0, 0,
		    4), D_SUCCESS);
		answer("# read", reply, 1000);
		want("# read the time inband", device_read_request_inband(
		    time, reply, 0, 0, 4), D_SUCCESS);
		answer("# read inband", reply, 1000);
		want("# read at once", device_read_request(device, reply,
		    D_NOWAIT, 0, 4), D_SUCCESS);
		answer("# read at once", reply, 1000);
	}
	mach_port_destroy(rt_task, reply);
	device_close(time);
	device_close(device);
}

/* The older calls on interrupts, and the newer with bad arguments. */
static void
test_irq(void)
{
	mach_port_t port = rt_port();
	mach_port_t irq = open_device("irq");

	want_ours("register", experimental_device_intr_register(
	    rt_device_master, 9, 9, 0, port, MACH_MSG_TYPE_COPY_SEND),
	    D_SUCCESS, NO_MASTER);
	want_ours("enable", experimental_device_intr_enable(rt_device_master,
	    9, 1), D_SUCCESS, "it does not know the line");
	want("of no line", experimental_device_intr_enable(rt_device_master,
	    99, 1), KERN_INVALID_ARGUMENT);
	want("of a task", experimental_device_intr_enable(rt_task, 9, 1),
	    D_INVALID_OPERATION);
	want("flags", device_intr_register(irq, 5, 77, port,
	    MACH_MSG_TYPE_COPY_SEND), D_INVALID_OPERATION);
	want_ours("line -1", device_intr_register(irq, -1, 0, port,
	    MACH_MSG_TYPE_COPY_SEND), KERN_INVALID_ARGUMENT,
	    "it says that the line is taken");
	if (!rt_on_gnumach) {
		/* It panics. */
		want("# no port", device_intr_register(irq, 5, 0,
		    MACH_PORT_NULL, MACH_MSG_TYPE_COPY_SEND),
		    KERN_INVALID_ARGUMENT);
	}
	want("ack nothing", device_intr_ack(irq, MACH_PORT_NULL,
	    MACH_MSG_TYPE_COPY_SEND), KERN_INVALID_ARGUMENT);
	mach_port_destroy(rt_task, port);
	device_close(irq);
}

/* The older way to get memory in one piece. */
static void
test_contiguous(void)
{
	vm_address_t addr = 0;
	vm_address_t pa = 0;

	want("contiguous", experimental_vm_allocate_contiguous(rt_host_priv,
	    rt_task, &addr, &pa, 4 * P), KERN_SUCCESS);
	rt_printf("aligned %d", pa != 0 && (pa & (P - 1)) == 0);
	*(volatile int *)(addr + 3 * P) = 1;
	vm_deallocate(rt_task, addr, 4 * P);
	want("without privilege",
	    experimental_vm_allocate_contiguous( mach_host_self(), rt_task,
	    &addr, &pa, P), KERN_INVALID_HOST);
}

static void
test_open(void)
{
	mach_port_t device;

	want("open of a task", device_open(rt_task, D_READ, (char *)"console",
	    &device), D_INVALID_OPERATION);
	want("open no name", device_open(rt_device_master, D_READ, (char *)"",
	    &device), D_NO_SUCH_DEVICE);
	want("open in no mode", device_open(rt_device_master, 0,
	    (char *)"time", &device), KERN_SUCCESS);
	want("open to wait", device_open(rt_device_master, D_READ | D_NOWAIT,
	    (char *)"time", &device), KERN_SUCCESS);
}

void
test(void)
{
	rt_printf("a task");
	test_no_device(rt_task);
	rt_printf("the master");
	test_no_device(rt_device_master);
	test_open();
	test_device("console", false, 0);
	test_device("time", true, P);
	test_device("mem", false, 0xffffffff);
	test_device("irq", false, 0);
	test_requests();
	if (!rt_on_gnumach) {
		test_read("console", D_WOULD_BLOCK);
		test_read("time", D_INVALID_OPERATION);
		test_read("mem", D_INVALID_OPERATION);
		test_read("irq", D_INVALID_OPERATION);
	}
	test_irq();
	test_contiguous();
}
