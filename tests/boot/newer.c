/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * What GNU Mach's interface has gained since Debian 12's package.  GNU Mach of
 * that package does not have it, so nothing is compared.
 */

#include "rt.h"

#include <device/device_types.h>
#include <mach/thread_status.h>

#include "new_gnumach_user.h"
#include "new_mach_debug_user.h"
#include "new_mach_host_user.h"
#include "new_mach_i386_user.h"
#include "new_mach_port_user.h"
#include "new_tartan_user.h"

#include "device_user.h"
#include "mach_user.h"

#define P	vm_page_size

static void
test_time(void)
{
	time_value64_t time;
	time_value64_t later;
	time_value64_t up;
	time_value64_t old;
	int64_t ns;

	want(
	    "time", new_host_get_time64(mach_host_self(), &time), KERN_SUCCESS);
	rt_printf("after 2020 %d, nanoseconds in range %d",
	    time.seconds > 1577836800,
	    time.nanoseconds >= 0 && time.nanoseconds < 1000000000);
	want("uptime", new_host_get_uptime64(mach_host_self(), &up),
	    KERN_SUCCESS);
	rt_printf("up for less than an hour %d", up.seconds < 3600);
	rt_sleep(100);
	want("uptime", new_host_get_uptime64(mach_host_self(), &later),
	    KERN_SUCCESS);
	ns = (later.seconds - up.seconds) * 1000000000 + later.nanoseconds -
	     up.nanoseconds;
	rt_printf("advances %d", ns > 80000000 && ns < 60000000000);

	time.seconds += 100;
	want("set without privilege",
	    new_host_set_time64(mach_host_self(), time), KERN_INVALID_HOST);
	want("set", new_host_set_time64(rt_host_priv, time), KERN_SUCCESS);
	want("time", new_host_get_time64(mach_host_self(), &later),
	    KERN_SUCCESS);
	rt_printf("it was set %d", later.seconds - time.seconds < 60);
	time.nanoseconds = 1000000000;
	want("set badly", new_host_set_time64(rt_host_priv, time),
	    KERN_INVALID_ARGUMENT);

	time.seconds = 0;
	time.nanoseconds = 400000000;
	want("adjust", new_host_adjust_time64(rt_host_priv, time, &old),
	    KERN_SUCCESS);
	rt_printf(
	    "nothing before %d", old.seconds == 0 && old.nanoseconds == 0);
	time.nanoseconds = 1000000000;
	want("ask", new_host_adjust_time64(rt_host_priv, time, &old),
	    KERN_SUCCESS);
	rt_printf(
	    "most is left %d", old.seconds == 0 && old.nanoseconds > 200000000);
	want("ask again", new_host_adjust_time64(rt_host_priv, time, &old),
	    KERN_SUCCESS);
	rt_printf("still %d", old.seconds == 0 && old.nanoseconds > 200000000);
}

static void
test_host(void)
{
	kernel_version_t version;
	mach_port_t set;
	processor_name_array_t list;
	mach_msg_type_number_t count;
	mach_port_t host;
	integer_t info[16];
	mach_msg_type_number_t info_count;
	vm_size_t size;

	want("version", new_host_get_kernel_version(mach_host_self(), version),
	    KERN_SUCCESS);
	rt_printf("version %d", version[0] != '\0' && strlen(version) < 512);
	need("set", new_processor_set_default(mach_host_self(), &set));
	want("its processors", new_processor_set_processors(set, &list, &count),
	    KERN_SUCCESS);
	rt_printf("# processors %u", count);
	for (unsigned i = 0; i < count; i++) {
		info_count = 16;
		need("info", new_processor_info(list[i], PROCESSOR_BASIC_INFO,
				 &host, info, &info_count));
		rt_printf("# slot %d running %d", info[3], info[2]);
	}
	rt_printf("first is the master %d", info[4] == 1 || count > 1);
	want("control by name", new_processor_exit(list[0]),
	    KERN_INVALID_ARGUMENT);
	want("xstate", new_i386_get_xstate_size(mach_host_self(), &size),
	    KERN_SUCCESS);
	rt_printf("size is reasonable %d", size >= 16 + 108 && size < 8192);
}

/* What is at the physical addresses ARRAY is what is at ADDR. */
static void
check_pages(vm_offset_t addr, const rpc_phys_addr_t *array, unsigned count)
{
	mach_port_t device;
	mach_port_t pager;
	vm_offset_t window;
	unsigned same = 0;

	need("open", device_open(rt_device_master, D_READ, (char *)"mem",
	    &device));
	for (unsigned i = 0; i < count; i++) {
		volatile unsigned *word = (void *)(addr + i * P);

		*word = 0x12340000 + i;
		window = 0;
		need("device_map", device_map(device, VM_PROT_READ,
		    (vm_offset_t)array[i], P, &pager, 0));
		need("vm_map", vm_map(rt_task, &window, P, 0, TRUE, pager, 0,
		    FALSE, VM_PROT_READ, VM_PROT_READ, VM_INHERIT_NONE));
		same += *(volatile unsigned *)window == *word ? 1 : 0;
		vm_deallocate(rt_task, window, P);
		new_mach_port_deallocate(rt_task, pager);
	}
	want_number("pages that are where they should be", same, count);
	new_mach_port_deallocate(rt_task, device);
}

static void
test_memory(void)
{
	vm_offset_t addr = 0;
	rpc_phys_addr_t pages[16];
	rpc_phys_addr_array_t array = pages;
	mach_msg_type_number_t count = 16;
	vm_size_t current;
	vm_size_t maximum;
	vm_offset_t more = 0;

	need("allocate", vm_allocate(rt_task, &addr, 8 * P, TRUE));
	memset((void *)addr, 1, 4 * P);
	want("pages",
	    new_vm_pages_phys(
		rt_host_priv, rt_task, addr, 8 * P, &array, &count),
	    KERN_SUCCESS);
	want_number("count", count, 8);
	rt_printf("first resident %d, last not %d",
	    array[0] != 0 && (array[0] & (P - 1)) == 0,
	    array[7] == 0 || array[7] == (rpc_phys_addr_t)-1);
	check_pages(addr, array, 4);
	count = 16;
	want("without privilege",
	    new_vm_pages_phys(
		mach_host_self(), rt_task, addr, 8 * P, &array, &count),
	    KERN_INVALID_HOST);
	vm_deallocate(rt_task, addr, 8 * P);

	want("limit", new_vm_get_size_limit(rt_task, &current, &maximum),
	    KERN_SUCCESS);
	rt_printf("none %d", current >= 0x40000000 && maximum >= current);
	want("set",
	    new_vm_set_size_limit(
		mach_host_self(), rt_task, 16 << 20, 32 << 20),
	    KERN_SUCCESS);
	want("limit", new_vm_get_size_limit(rt_task, &current, &maximum),
	    KERN_SUCCESS);
	rt_printf("is %u %u", (unsigned)current >> 20, (unsigned)maximum >> 20);
	want("allocate too much", vm_allocate(rt_task, &more, 20 << 20, TRUE),
	    KERN_NO_SPACE);
	want("raise within the maximum",
	    new_vm_set_size_limit(
		mach_host_self(), rt_task, 30 << 20, 32 << 20),
	    KERN_SUCCESS);
	want("allocate as much", vm_allocate(rt_task, &more, 20 << 20, TRUE),
	    KERN_SUCCESS);
	vm_deallocate(rt_task, more, 20 << 20);
	want("raise the maximum",
	    new_vm_set_size_limit(
		mach_host_self(), rt_task, 30 << 20, 64 << 20),
	    KERN_NO_ACCESS);
	want("current above maximum",
	    new_vm_set_size_limit(rt_host_priv, rt_task, 64 << 20, 32 << 20),
	    KERN_INVALID_ARGUMENT);
	want("raise it with privilege",
	    new_vm_set_size_limit(
		rt_host_priv, rt_task, 0x80000000, 0xb0000000),
	    KERN_SUCCESS);
}

static void
test_names(void)
{
	char name[64];

	want("set", new_thread_set_name(mach_thread_self(), "main"),
	    KERN_SUCCESS);
	want(
	    "get", new_thread_get_name(mach_thread_self(), name), KERN_SUCCESS);
	rt_printf("it is %s", name);
	want("set a long one",
	    new_thread_set_name(
		mach_thread_self(), "a name of more characters than the kernel "
				    "keeps for it, surely"),
	    KERN_SUCCESS);
	want(
	    "get", new_thread_get_name(mach_thread_self(), name), KERN_SUCCESS);
	rt_printf("begins %d", strncmp(name, "a name of more", 14) == 0);
	want("of a task", new_thread_get_name(rt_task, name),
	    KERN_INVALID_ARGUMENT);
}

/* What only this kernel has: names of tasks, what the default pager did. */
static void
test_tartan(void)
{
	natural_t in;
	natural_t out;
	char name[64];

	want("set", new_task_set_name(rt_task, "a task"), KERN_SUCCESS);
	want("get", new_task_get_name(rt_task, name), KERN_SUCCESS);
	want_number("differs", strcmp(name, "a task"), 0);
	want("of a thread", new_task_get_name(mach_thread_self(), name),
	    KERN_INVALID_ARGUMENT);
	want("counts", new_host_paging_counts(mach_host_self(), &in, &out),
	    KERN_SUCCESS);
	/* There is no default pager here. */
	want_number("paged", in + out, 0);
	want("of a task", new_host_paging_counts(rt_task, &in, &out),
	    KERN_INVALID_HOST);
}

/* Trap -77: the general registers at once, without returning. */
static volatile unsigned landed;

static void __attribute__((noinline)) landing(void)
{
	unsigned eax;
	unsigned ecx;

	__asm__ volatile("" : "=a"(eax), "=c"(ecx));
	landed = ecx;
	rt_printf("landed with eax 0x%x ecx 0x%x", eax, ecx);
	rt_thread_exit();
}

static void
set_own_state(void *arg)
{
	struct i386_thread_state state;
	mach_msg_type_number_t count = i386_THREAD_STATE_COUNT;
	mach_port_t thread;
	static uint32_t stack[4096];
	/* Nothing, the kernel, across its border, and the end. */
	static const unsigned nowhere[] = {
		0, 0x11, 0x30000000, 0xc0100000, 0xbffffffe, 0xfffffffe,
	};

	/* Another thread's registers tell the segments to use. */
	need("create", thread_create(rt_task, &thread));
	need("get", thread_get_state(thread, i386_THREAD_STATE,
			(thread_state_t)&state, &count));
	thread_terminate(thread);
	new_mach_port_deallocate(rt_task, thread);

	state.eax = 0x11223344;
	state.ecx = 0x55667788;
	state.eip = (unsigned)landing;
	state.uesp = (unsigned)&stack[4000];
	want("bad flavor", rt_trap(-77, 99, (int)&state, 17, 0),
	    KERN_INVALID_ARGUMENT);
	want("short", rt_trap(-77, i386_THREAD_STATE, (int)&state, 3, 0),
	    KERN_INVALID_ARGUMENT);
	want("too long", rt_trap(-77, i386_THREAD_STATE, (int)&state, -1, 0),
	    KERN_INVALID_ARGUMENT);
	for (unsigned i = 0; i < sizeof(nowhere) / sizeof(nowhere[0]); i++) {
		want("bad address", rt_trap(-77, i386_THREAD_STATE, nowhere[i],
		    17, 0), KERN_INVALID_ADDRESS);
	}
	rt_trap(-77, i386_THREAD_STATE, (int)&state, 17, 0);
	rt_printf("FAIL it returned");
}

static void
test_self_state(void)
{
	rt_thread_create(set_own_state, NULL);
	rt_until(landed != 0);
	want_number("landed", landed, 0x55667788);
	rt_sleep(50);
}

static void
test_flavors(void)
{
	mach_port_t thread;
	natural_t words[1024];
	struct i386_fsgs_base_state base = { 0x1000, 0x2000 };
	mach_msg_type_number_t count = i386_FSGS_BASE_STATE_COUNT;
	vm_size_t size;

	need("create", thread_create(rt_task, &thread));
	/* Here, bases are those of descriptors, and set with them. */
	want("set bases",
	    thread_set_state(
		thread, i386_FSGS_BASE_STATE, (thread_state_t)&base, count),
	    KERN_INVALID_ARGUMENT);
	want("get bases",
	    thread_get_state(
		thread, i386_FSGS_BASE_STATE, (thread_state_t)&base, &count),
	    KERN_SUCCESS);
	need("xstate", new_i386_get_xstate_size(mach_host_self(), &size));
	count = 1024;
	want("get xfloat",
	    thread_get_state(thread, i386_XFLOAT_STATE, words, &count),
	    KERN_SUCCESS);
	rt_printf("# count %u size %u kind %u init %u", count, (unsigned)size,
	    words[0], words[1]);
	want("set xfloat",
	    thread_set_state(thread, i386_XFLOAT_STATE, words, count),
	    KERN_SUCCESS);
	thread_terminate(thread);
	new_mach_port_deallocate(rt_task, thread);
}

static void
test_debug(void)
{
	mach_port_t port = rt_port();
	vm_offset_t addr = 0;
	unsigned kind;
	vm_offset_t at;

	want("set_ktype",
	    new_mach_port_set_ktype(
		rt_host_priv, rt_task, port, MACH_PORT_RIGHT_RECEIVE, 29),
	    KERN_SUCCESS);
	want("kernel_object",
	    new_mach_port_kernel_object(rt_task, port, &kind, &at),
	    KERN_SUCCESS);
	want_number("kind", kind, 29);
	want("set_ktype of a task's",
	    new_mach_port_set_ktype(
		rt_host_priv, rt_task, port, MACH_PORT_RIGHT_RECEIVE, 2),
	    KERN_INVALID_ARGUMENT);
	want("set_ktype without privilege",
	    new_mach_port_set_ktype(
		mach_host_self(), rt_task, port, MACH_PORT_RIGHT_RECEIVE, 29),
	    KERN_INVALID_HOST);
	want("set_ktype of nothing",
	    new_mach_port_set_ktype(
		rt_host_priv, rt_task, 0xfffff0, MACH_PORT_RIGHT_RECEIVE, 29),
	    KERN_INVALID_NAME);
	want("set_ktype of another right",
	    new_mach_port_set_ktype(
		rt_host_priv, rt_task, port, MACH_PORT_RIGHT_SEND_ONCE, 29),
	    KERN_INVALID_RIGHT);
	want("set_ktype of no right",
	    new_mach_port_set_ktype(rt_host_priv, rt_task, port, 77, 29),
	    KERN_INVALID_VALUE);
	need("allocate", vm_allocate(rt_task, &addr, P, TRUE));
	want("symbols",
	    new_host_load_symbol_table(
		rt_host_priv, rt_task, (char[32]){ "test" }, addr, P),
	    KERN_INVALID_ARGUMENT);
	new_mach_port_destroy(rt_task, port);
	vm_deallocate(rt_task, addr, P);
}

static void
test_pages(void)
{
	vm_offset_t addr = 0;
	vm_region_info_t region;
	mach_port_t name;
	vm_page_phys_info_t buffer[4];
	vm_page_phys_info_array_t pages = buffer;
	mach_msg_type_number_t count = 4;
	rpc_phys_addr_t pa[2];
	rpc_phys_addr_array_t phys = pa;
	mach_msg_type_number_t phys_count = 2;

	need("allocate", vm_allocate(rt_task, &addr, 2 * P, TRUE));
	*(volatile int *)(addr + P) = 1;
	need("region", new_mach_vm_region_info(rt_task, addr, &region, &name));
	want("pages", new_mach_vm_object_pages_phys(name, &pages, &count),
	    KERN_SUCCESS);
	want_number("count", count, 1);
	want_number("offset", pages[0].vpi_offset - region.vri_offset, P);
	need("phys", new_vm_pages_phys(rt_host_priv, rt_task, addr, 2 * P,
			 &phys, &phys_count));
	rt_printf("at the same place %d", phys[1] == pages[0].vpi_phys_addr);
	want("pages of a task",
	    new_mach_vm_object_pages_phys(rt_task, &pages, &count),
	    KERN_INVALID_ARGUMENT);
	new_mach_port_deallocate(rt_task, name);
	vm_deallocate(rt_task, addr, 2 * P);
}

void
test(void)
{
	rt_printf("own");
	if (rt_on_gnumach) {
		return;
	}
	test_time();
	test_host();
	test_memory();
	test_names();
	test_tartan();
	test_self_state();
	test_flavors();
	test_debug();
	test_pages();
}
