/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * What calls on tasks, threads, hosts and memory answer to ports of other
 * things and to arguments out of range.
 *
 * Takes all memory there is: what says where its pages are mapped stays ready.
 * Keeps: pages -48
 */

#include "rt.h"

#include <mach/policy.h>
#include <mach/thread_switch.h>

#include "gnumach_user.h"
#include "mach4_user.h"
#include "mach_host_user.h"
#include "mach_port_user.h"
#include "mach_user.h"

#define P	vm_page_size

/* EML_BAD_TASK, which is in no header. */
#define BAD_TASK 0x8001

#define LONG_VECTOR "it makes the vector as long as that"
#define NO_MSYNC "it has this call, but no code for it"
#define ANY_RANGE "it looks at no addresses outside"

static void
test_tasks(void)
{
	mach_port_t host = rt_host_priv;
	mach_port_t out;
	thread_array_t threads;
	mach_port_array_t ports;
	mach_msg_type_number_t count;
	vm_offset_t vector[4] = { 0 };
	emulation_vector_t got = NULL;
	int start;
	integer_t info[32];

	want("task_create", task_create(host, FALSE, &out), KERN_INVALID_TASK);
	want("task_terminate", task_terminate(host), KERN_INVALID_ARGUMENT);
	want("task_suspend", task_suspend(host), KERN_INVALID_ARGUMENT);
	want("task_resume", task_resume(host), KERN_INVALID_ARGUMENT);
	want("task_threads", task_threads(host, &threads, &count),
	    KERN_INVALID_ARGUMENT);
	count = 32;
	want("task_info", task_info(host, TASK_BASIC_INFO, info, &count),
	    KERN_INVALID_ARGUMENT);
	want("task_priority", task_priority(host, 20, FALSE),
	    KERN_INVALID_ARGUMENT);
	want("task_get_special_port", task_get_special_port(host,
	    TASK_KERNEL_PORT, &out), KERN_INVALID_ARGUMENT);
	want("task_set_special_port", task_set_special_port(host,
	    TASK_BOOTSTRAP_PORT, MACH_PORT_NULL), KERN_INVALID_ARGUMENT);
	want("task_set_special_port 99", task_set_special_port(rt_task, 99,
	    MACH_PORT_NULL), KERN_INVALID_ARGUMENT);
	want("mach_ports_lookup", mach_ports_lookup(host, &ports, &count),
	    KERN_INVALID_ARGUMENT);
	want("mach_ports_register", mach_ports_register(host, NULL, 0),
	    KERN_INVALID_ARGUMENT);
	want("thread_create", thread_create(host, &out), KERN_INVALID_ARGUMENT);
	want("task_set_emulation", task_set_emulation(host, 0x1000, 5), BAD_TASK);
	want("task_set_emulation_vector", task_set_emulation_vector(host, 1,
	    vector, 4), BAD_TASK);
	want("task_get_emulation_vector", task_get_emulation_vector(host,
	    &start, &got, &count), BAD_TASK);
	want("task_ras_control", task_ras_control(rt_task, 0, 0, 0),
	    KERN_FAILURE);
	want("task_ras_control 7", task_ras_control(rt_task, 0, 0, 7),
	    KERN_FAILURE);
	want("task_ras_control host", task_ras_control(host, 0, 0, 0),
	    KERN_FAILURE);
	want("task_set_essential no", task_set_essential(rt_task, FALSE),
	    KERN_SUCCESS);
}

static void
test_emulation_vector(void)
{
	vm_offset_t vector[4] = { 0x1111, 0, 0x3333, 0x4444 };
	emulation_vector_t got = NULL;
	mach_msg_type_number_t count = 0;
	mach_port_t child;
	int start = 0;

	need("child", task_create(rt_task, FALSE, &child));
	want("set", task_set_emulation_vector(child, 10, vector, 4),
	    KERN_SUCCESS);
	want("get", task_get_emulation_vector(child, &start, &got, &count),
	    KERN_SUCCESS);
	rt_printf("start %d count %d", start <= 10, start + (int)count >= 14);
	for (int i = 10; i < 14 && i - start < (int)count; i++) {
		rt_printf("%d: 0x%x", i, (unsigned)got[i - start]);
	}
	want_ours("below", task_set_emulation_vector(child, -9000, vector,
	    4), KERN_INVALID_ARGUMENT, LONG_VECTOR);
	want_ours("above", task_set_emulation_vector(child, 1 << 20, vector,
	    4), KERN_INVALID_ARGUMENT, LONG_VECTOR);
	task_terminate(child);
}

static void
test_threads(void)
{
	mach_port_t self = mach_thread_self();
	mach_port_t set;
	mach_port_t control;
	mach_port_t thread;
	sampled_pc_seqno_t seqno = 0;
	static sampled_pc_t samples[512];
	mach_msg_type_number_t count = 512;
	int n;

	need("default", processor_set_default(mach_host_self(), &set));
	need("control", host_processor_set_priv(rt_host_priv, set,
	    &control));
	need("thread", thread_create(rt_task, &thread));
	want("max_priority", thread_max_priority(thread, control, 30),
	    KERN_SUCCESS);
	want("max_priority by name", thread_max_priority(thread, set, 30),
	    KERN_INVALID_ARGUMENT);
	want("max_priority of a task", thread_max_priority(rt_task, control,
	    30), KERN_INVALID_ARGUMENT);
	want("max_priority -1", thread_max_priority(thread, control, -1),
	    KERN_INVALID_ARGUMENT);
	want("max_priority 64", thread_max_priority(thread, control, 64),
	    KERN_INVALID_ARGUMENT);
	want("priority above it", thread_priority(thread, 20, FALSE),
	    KERN_FAILURE);
	want("task's above it", task_priority(rt_task, 26, TRUE), KERN_FAILURE);
	want("task's", task_priority(rt_task, 25, FALSE), KERN_SUCCESS);
	want("task's -1", task_priority(rt_task, -1, FALSE),
	    KERN_INVALID_ARGUMENT);
	thread_terminate(thread);
	want("depress_abort", thread_depress_abort(self), KERN_SUCCESS);
	want("depress_abort of a task", thread_depress_abort(rt_task),
	    KERN_INVALID_ARGUMENT);
	want("wire", thread_wire(rt_host_priv, self, TRUE), KERN_SUCCESS);
	want("unwire", thread_wire(rt_host_priv, self, FALSE), KERN_SUCCESS);
	want("wire without privilege", thread_wire(mach_host_self(), self,
	    TRUE), KERN_INVALID_ARGUMENT);
	want("wire a task", thread_wire(rt_host_priv, rt_task, TRUE),
	    KERN_INVALID_ARGUMENT);
	want("disable samples of a task", thread_disable_pc_sampling(rt_task,
	    &n), KERN_INVALID_ARGUMENT);
	want("samples of a task", thread_get_sampled_pcs(rt_task, &seqno,
	    samples, &count), KERN_INVALID_ARGUMENT);
	want("enable samples of a task", thread_enable_pc_sampling(rt_task, &n,
	    1), KERN_INVALID_ARGUMENT);
	want("disable samples of a thread", task_disable_pc_sampling(self, &n),
	    KERN_INVALID_ARGUMENT);
	want("samples of a thread", task_get_sampled_pcs(self, &seqno, samples,
	    &count), KERN_INVALID_ARGUMENT);
	want("switch to bad option", thread_switch(MACH_PORT_NULL, 9, 0),
	    KERN_INVALID_ARGUMENT);
	want("switch to a task", thread_switch(rt_task, SWITCH_OPTION_NONE, 0),
	    KERN_SUCCESS);
	want("switch to nothing", thread_switch(0xfffff0, SWITCH_OPTION_NONE,
	    0), KERN_SUCCESS);
}

static void
test_hosts(void)
{
	mach_port_t out = MACH_PORT_NULL;
	kernel_boot_info_t info;
	mach_port_t set;

	want("reboot without privilege", host_reboot(mach_host_self(), 0),
	    KERN_INVALID_HOST);
	want("reboot a task", host_reboot(rt_task, 0), KERN_INVALID_HOST);
	want("boot_info", host_get_boot_info(rt_host_priv, info), KERN_SUCCESS);
	rt_printf("it has our option %d", strncmp(info, "console=com0",
	    12) == 0);
	rt_printf("# %s", info);
	want("boot_info without privilege",
	    host_get_boot_info( mach_host_self(), info), KERN_INVALID_HOST);
	want("manager without privilege",
	    vm_set_default_memory_manager( mach_host_self(), &out),
	    KERN_INVALID_HOST);
	want("manager of a task", vm_set_default_memory_manager(rt_task, &out),
	    KERN_INVALID_HOST);
	want("set of a task", processor_set_default(rt_task, &set),
	    KERN_INVALID_ARGUMENT);
}

static void
test_memory(void)
{
	vm_offset_t addr = 0;
	vm_offset_t data = 0;
	vm_address_t old = 0;
	rpc_phys_addr_t pa = 0;
	mach_msg_type_number_t count;
	vm_machine_attribute_val_t value = 0;
	mach_port_t host = rt_host_priv;

	need("allocate", vm_allocate(rt_task, &addr, 4 * P, TRUE));
	want("wire", vm_wire(host, rt_task, addr, P, VM_PROT_READ),
	    KERN_SUCCESS);
	want("wire 77", vm_wire(host, rt_task, addr, P, 77),
	    KERN_INVALID_ARGUMENT);
	want("wire no task", vm_wire(host, host, addr, P, VM_PROT_READ),
	    KERN_INVALID_TASK);
	want("wire no host", vm_wire(rt_task, rt_task, addr, P, VM_PROT_READ),
	    KERN_INVALID_HOST);
	want("wire nothing", vm_wire(host, rt_task, 0x10000, P, VM_PROT_READ),
	    KERN_NO_SPACE);
	want("wire_all 77", vm_wire_all(host, rt_task, 77),
	    KERN_INVALID_ARGUMENT);
	want("wire_all no task", vm_wire_all(host, host, 0), KERN_INVALID_TASK);
	want("wire_all no host", vm_wire_all(rt_task, rt_task, 0),
	    KERN_INVALID_HOST);
	want_ours("wire_all none", vm_wire_all(host, rt_task, 0),
	    KERN_SUCCESS, "it fails at memory without access");
	want_ours("inherit nothing", vm_inherit(rt_task, 0x10000, P,
	    VM_INHERIT_COPY), KERN_INVALID_ADDRESS, ANY_RANGE);
	want_ours("inherit beyond", vm_inherit(rt_task, 0xfffff000, P,
	    VM_INHERIT_COPY), KERN_INVALID_ADDRESS, ANY_RANGE);
	want("inherit host", vm_inherit(host, addr, P, VM_INHERIT_COPY),
	    KERN_INVALID_ARGUMENT);
	want("read host", vm_read(host, addr, P, &data, &count),
	    KERN_INVALID_ARGUMENT);
	/* Caches are coherent, and nothing else can be set for a page. */
	for (int attribute = MATTR_CACHE; attribute <= MATTR_REPLICATE;
	    attribute *= 2) {
		value = MATTR_VAL_GET;
		want_ours("attribute", vm_machine_attribute(rt_task, addr, P,
		    attribute, &value), KERN_INVALID_ARGUMENT,
		    "it blames the address");
	}
	want("attribute of no task", vm_machine_attribute(host, addr, P, 1,
	    &value), KERN_INVALID_ARGUMENT);
	want_ours("msync", vm_msync(rt_task, addr, P, VM_SYNC_SYNCHRONOUS),
	    KERN_SUCCESS, NO_MSYNC);
	want("msync twice", vm_msync(rt_task, addr, P,
	    VM_SYNC_SYNCHRONOUS | VM_SYNC_ASYNCHRONOUS), KERN_INVALID_ARGUMENT);
	want_ours("msync nothing", vm_msync(rt_task, 0x10000, P,
	    VM_SYNC_SYNCHRONOUS), KERN_INVALID_ADDRESS, NO_MSYNC);
	want("msync no task", vm_msync(host, addr, P, VM_SYNC_SYNCHRONOUS),
	    KERN_INVALID_ARGUMENT);
	want("object_sync of a task", vm_object_sync(rt_task, 0, P, FALSE,
	    FALSE, FALSE), KERN_INVALID_ARGUMENT);
	want("contiguous", vm_allocate_contiguous(host, rt_task, &old, &pa,
	    4 * P, 0, 0xffffffff, P), KERN_SUCCESS);
	rt_printf("aligned %d", (pa & (P - 1)) == 0 && pa != 0);
	want("alignment 3", vm_allocate_contiguous(host, rt_task, &old, &pa, P,
	    0, 0xffffffff, 3), KERN_INVALID_ARGUMENT);
	want("no host", vm_allocate_contiguous(rt_task, rt_task, &old, &pa, P,
	    0, 0xffffffff, P), KERN_INVALID_HOST);
	want("no task", vm_allocate_contiguous(host, host, &old, &pa, P, 0,
	    0xffffffff, P), KERN_INVALID_TASK);
}

/* Take all of TASK's address space. */
static void
fill(mach_port_t task)
{
	for (vm_size_t size = 0x40000000; size >= P; size /= 2) {
		vm_offset_t addr = 0;

		while (vm_allocate(task, &addr, size, TRUE) ==
		    KERN_SUCCESS) {
			addr = 0;
		}
	}
}

/* No room, and no memory. */
static void
test_shortage(void)
{
	const vm_size_t size = 1 << 22;
	mach_port_t child;
	vm_offset_t addr = 0;
	vm_offset_t data = 0;
	vm_offset_t reserve = 0;
	rpc_phys_addr_t pa;
	mach_msg_type_number_t count;
	kern_return_t kr = KERN_SUCCESS;

	need("child", task_create(rt_task, FALSE, &child));
	fill(child);
	want("no room", vm_allocate_contiguous(rt_host_priv, child, &addr,
	    &pa, P, 0, 0xffffffff, P), KERN_NO_SPACE);
	task_terminate(child);

	need("child", task_create(rt_task, FALSE, &child));
	for (unsigned i = 0; i < 16 && kr == KERN_SUCCESS; i++) {
		kr = vm_allocate_contiguous(rt_host_priv, child, &addr, &pa,
		    size, 0, 0xffffffff, P);
	}
	want("no memory", kr, KERN_RESOURCE_SHORTAGE);
	task_terminate(child);

	/* The data come in the message, and so does their failure. */
	need("reserve", vm_allocate(rt_task, &reserve, 16 * P, TRUE));
	need("child", task_create(rt_task, FALSE, &child));
	addr = 0;
	need("memory", vm_allocate(child, &addr, 32 * P, TRUE));
	fill(rt_task);
	want("read without room", vm_read(child, addr, 32 * P, &data, &count),
	    MACH_RCV_BODY_ERROR | MACH_MSG_VM_SPACE);
	need("reserve", vm_deallocate(rt_task, reserve, 16 * P));
	want("read with too little", vm_read(child, addr, 32 * P, &data,
	    &count), MACH_RCV_BODY_ERROR | MACH_MSG_VM_SPACE);
	want("read with room", vm_read(child, addr, 16 * P, &data, &count),
	    KERN_SUCCESS);
	task_terminate(child);
}

void
test(void)
{
	test_tasks();
	test_emulation_vector();
	test_threads();
	test_hosts();
	test_memory();
	test_shortage();
}
