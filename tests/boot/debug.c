/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * The calls of mach_debug: what a kernel shows of its stacks, tables, ports,
 * regions, objects and pages.
 */

#include "rt.h"

#include <stddef.h>

#include "mach_debug_user.h"
#include "mach_host_user.h"
#include "mach_port_user.h"
#include "mach_user.h"

#define P	vm_page_size

/* An ELF file with one symbol: headers, its section's, the symbol, its name. */
struct program {
	unsigned char	ident[16];
	unsigned short	type, machine;
	unsigned	version, entry, phoff, shoff, flags;
	unsigned short	ehsize, phentsize, phnum, shentsize, shnum, shstrndx;
	struct {
		unsigned name, type, flags, addr, offset, size, link, info,
		    align, entry_size;
	}		sections[4];
	struct {
		unsigned	name, value, size;
		unsigned char	info, other;
		unsigned short	section;
	}		symbols[2];
	char		names[8];
};

static void
make_symbols(struct program *program)
{
	*program = (struct program){
		.ident = { 0x7f, 'E', 'L', 'F', 1, 1, 1 },
		.type = 2,
		.machine = 3,
		.shoff = offsetof(struct program, sections),
		.shentsize = sizeof(program->sections[0]),
		.shnum = 4,
		.sections = {
			[1] = { .type = 1, .flags = 6 },
			[2] = { .type = 2, .link = 3,
				.offset = offsetof(struct program, symbols),
				.size = sizeof(program->symbols) },
			[3] = { .type = 3,
				.offset = offsetof(struct program, names),
				.size = sizeof(program->names) },
		},
		.symbols = { [1] = { 1, 0x1000, 16, 0x12, 0, 1 } },
		.names = "\0start",
	};
}

static void
test_host(void)
{
	mach_port_t host = mach_host_self();
	mach_port_t set;
	vm_size_t sizes[4];
	unsigned total;
	vm_offset_t stack;
	hash_info_bucket_t buckets[64];
	hash_info_bucket_t *info = buckets;
	mach_msg_type_number_t count;
	cache_info_t *caches = NULL;
	vm_offset_t addr = 0;
	unsigned max;

	want("stack_usage", host_stack_usage(host, &sizes[0], &total,
	    &sizes[1], &sizes[2], &sizes[3], &stack), KERN_SUCCESS);
	rt_printf("stacks %d", total >= 2 && sizes[2] >= total * 4096);
	want("stack_usage of a task", host_stack_usage(rt_task, &sizes[0],
	    &total, &sizes[1], &sizes[2], &sizes[3], &stack),
	    KERN_INVALID_HOST);
	need("default", processor_set_default(host, &set));
	want("set's stack_usage", processor_set_stack_usage(set, &total,
	    &sizes[1], &sizes[2], &sizes[3], &stack), KERN_SUCCESS);
	rt_printf("stacks %d", total >= 2 && sizes[2] >= 4096);
	want("set's stack_usage of a task", processor_set_stack_usage( rt_task,
	    &total, &sizes[1], &sizes[2], &sizes[3], &stack),
	    KERN_INVALID_ARGUMENT);
	count = 64;
	want("marequest", host_ipc_marequest_info(host, &max, &info, &count),
	    KERN_SUCCESS);
	count = 64;
	want("marequest of a task", host_ipc_marequest_info(rt_task, &max,
	    &info, &count), KERN_INVALID_HOST);
	info = buckets;
	count = 64;
	want("virtual_physical", host_virtual_physical_table_info(host, &info,
	    &count), KERN_SUCCESS);
	/* There it hashes physical pages; here is no such table. */
	rt_printf("# count %u", count);
	count = 64;
	want("virtual_physical of a task",
	    host_virtual_physical_table_info( rt_task, &info, &count),
	    KERN_INVALID_HOST);
	count = 0;
	want("slabs", host_slab_info(host, &caches, &count), KERN_SUCCESS);
	rt_printf("caches %d", count > 4 && caches[0].name[0] != '\0' &&
	    caches[0].obj_size != 0);
	vm_deallocate(rt_task, (vm_offset_t)caches, count * sizeof(*caches));
	count = 0;
	want("slabs of a task", host_slab_info(rt_task, &caches, &count),
	    KERN_INVALID_HOST);
	need("allocate", vm_allocate(rt_task, &addr, P, TRUE));
	want_ours("symbols of no program", host_load_symbol_table(
	    rt_host_priv, rt_task, (char *)"none", addr, P),
	    KERN_INVALID_ARGUMENT, "it was built without a debugger");
	make_symbols((struct program *)addr);
	want_ours("symbols", host_load_symbol_table(rt_host_priv, rt_task,
	    (char *)"test", addr, P), KERN_SUCCESS,
	    "it was built without a debugger");
	want_ours("no symbols any more", host_load_symbol_table(rt_host_priv,
	    rt_task, (char *)"test", addr, 0), KERN_SUCCESS,
	    "it was built without a debugger");
	want_ours("symbols without privilege", host_load_symbol_table(host,
	    rt_task, (char *)"none", addr, P), KERN_INVALID_HOST,
	    "it was built without a debugger");
}

static void
test_region(void)
{
	vm_offset_t addr = 0;
	vm_region_info_t info;
	mach_port_t object;

	need("allocate", vm_allocate(rt_task, &addr, 4 * P, TRUE));
	*(volatile int *)addr = 1;
	need("protect", vm_protect(rt_task, addr, 4 * P, TRUE, VM_PROT_READ |
	    VM_PROT_WRITE));
	need("inherit", vm_inherit(rt_task, addr, 4 * P, VM_INHERIT_NONE));
	want("region", mach_vm_region_info(rt_task, addr + P, &info, &object),
	    KERN_SUCCESS);
	rt_printf("start %d end %d prot %u max %u inherit %u wired %u %u",
	    info.vri_start <= addr, info.vri_end >= addr + 4 * P,
	    info.vri_protection, info.vri_max_protection,
	    info.vri_inheritance, info.vri_wired_count,
	    info.vri_user_wired_count);
	rt_printf("object %d copy %u sharing %u", info.vri_object != 0,
	    info.vri_needs_copy, info.vri_sharing);
	rt_show_right("name", object);
	want("region of nothing", mach_vm_region_info(rt_task, 0xfffff000,
	    &info, &object), KERN_NO_SPACE);
	want("region of no task", mach_vm_region_info(rt_host_priv, addr,
	    &info, &object), KERN_INVALID_TASK);
	vm_deallocate(rt_task, addr, 4 * P);
}

/* What a region consists of. */
static void
test_object(void)
{
	mach_port_t name;
	mach_port_t shadow = 0;
	mach_port_t copy = 0;
	vm_offset_t addr = 0;
	vm_object_info_t info;
	vm_page_info_t buffer[8];
	vm_page_info_t *pages = buffer;
	mach_msg_type_number_t count = 8;
	vm_region_info_t region;

	want("of a task", mach_vm_object_info(rt_task, &info, &shadow, &copy),
	    KERN_INVALID_ARGUMENT);
	want("pages of a task", mach_vm_object_pages(rt_task, &pages, &count),
	    KERN_INVALID_ARGUMENT);
	need("allocate", vm_allocate(rt_task, &addr, 4 * P, TRUE));
	for (unsigned i = 0; i < 3; i++) {
		*(volatile int *)(addr + i * P) = 1;
	}
	need("region", mach_vm_region_info(rt_task, addr, &region, &name));
	want("object", mach_vm_object_info(name, &info, &shadow, &copy),
	    KERN_SUCCESS);
	rt_printf("pages %u size %d refs %d resident %u absent %u",
	    (unsigned)(info.voi_size / P), info.voi_pagesize == P,
	    info.voi_ref_count, info.voi_resident_page_count,
	    info.voi_absent_count);
	rt_printf("state 0x%x", info.voi_state);
	count = 8;
	want("pages", mach_vm_object_pages(name, &pages, &count), KERN_SUCCESS);
	rt_printf("count %u", count);
	for (unsigned i = 0; i < count; i++) {
		rt_printf("page %u wired %u lock %u state 0x%x",
		    (unsigned)(pages[i].vpi_offset / P),
		    pages[i].vpi_wire_count,
		    pages[i].vpi_page_lock, pages[i].vpi_state &
		    (VPI_STATE_BUSY | VPI_STATE_ABSENT | VPI_STATE_DIRTY));
	}
	vm_deallocate(rt_task, addr, 4 * P);
	rt_show_right("without the memory", name);
	mach_port_deallocate(rt_task, name);
}

/* The parent of a child that has a copy of its memory. */
static void
test_copy(void)
{
	vm_offset_t addr = 0;
	vm_region_info_t region;
	vm_object_info_t info;
	mach_port_t name;
	mach_port_t again;
	mach_port_t shadow;
	mach_port_t copy;
	mach_port_t child;

	need("allocate", vm_allocate(rt_task, &addr, 4 * P, TRUE));
	*(volatile int *)addr = 1;
	need("child", task_create(rt_task, TRUE, &child));
	*(volatile int *)addr = 2;
	want("region", mach_vm_region_info(rt_task, addr, &region, &name),
	    KERN_SUCCESS);
	want("again", mach_vm_region_info(rt_task, addr, &region, &again),
	    KERN_SUCCESS);
	rt_printf("same %d", name == again);
	want("object", mach_vm_object_info(name, &info, &shadow, &copy),
	    KERN_SUCCESS);
	/* Which of the two gets a shadow is up to the kernel. */
	rt_printf("# shadow %d copy %d", info.voi_shadow != 0,
	    info.voi_copy != 0);
	rt_printf("# names %d %d", shadow != MACH_PORT_NULL,
	    copy != MACH_PORT_NULL);
	want("child's", mach_vm_region_info(child, addr, &region, &again),
	    KERN_SUCCESS);
	rt_printf("# is the shadow %d", again == shadow);
	task_terminate(child);
	want("object", mach_vm_object_info(name, &info, &shadow, &copy),
	    KERN_SUCCESS);
	rt_printf("value %d", *(volatile int *)addr);
	vm_deallocate(rt_task, addr, 4 * P);
}

void
test(void)
{
	test_host();
	test_region();
	test_object();
	test_copy();
}
