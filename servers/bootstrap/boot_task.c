/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * Loading: memory is allocated in the new task, whole pages of the image are
 * written into it (the kernel shares them copy-on-write), and a copy of the
 * last, partly filled page of each segment.
 */

#include <servers/bootstrap/boot_task.h>

#include <servers/bootstrap/boot_elf.h>
#include <mach/machine/thread_status.h>
#include <mach/task_special_ports.h>
#include <mach/vm_prot.h>
#include <mach/vm_wire.h>
#include <stdio.h>
#include <string.h>

#include <mig/gnumach_user.h>
#include <mig/mach_debug_user.h>
#include <mig/mach_port_user.h>
#include <mig/mach_user.h>

#define BOOT_USER_LIMIT		0xc0000000u
#define BOOT_STACK_SIZE		0x40000u
#define BOOT_STACK_WIRED	0x10000u	/* when all of it is resident */
#define BOOT_STACK_TOP		(BOOT_USER_LIMIT - 0x10000u)

static vm_address_t
boot_task_trunc(vm_address_t a)
{
	return a & ~(vm_page_size - 1);
}

static vm_address_t
boot_task_round(vm_address_t a)
{
	return boot_task_trunc(a + vm_page_size - 1);
}

/* Write SIZE bytes, any number, at any ADDRESS of TASK's allocated memory. */
static kern_return_t
boot_task_write(mach_port_t task, vm_address_t address, const void *from,
    size_t size)
{
	vm_address_t first = boot_task_trunc(address);
	vm_size_t whole = boot_task_round(address + size) - first;
	vm_address_t copy = 0;
	kern_return_t kr;

	kr = vm_allocate(mach_task_self(), &copy, whole, TRUE);
	if (kr != KERN_SUCCESS) {
		return kr;
	}
	memcpy((char *)copy + (address - first), from, size);
	kr = vm_write(task, first, copy, whole);
	(void)vm_deallocate(mach_task_self(), copy, whole);
	return kr;
}

static kern_return_t
boot_task_load_bytes(mach_port_t task, const struct boot_image *image,
    const struct boot_segment *s)
{
	const unsigned char *from = image->start + s->file_offset;
	vm_size_t whole = boot_task_trunc(s->file_size);
	kern_return_t kr = KERN_SUCCESS;

	if (((uintptr_t)from | s->address) & (vm_page_size - 1)) {
		whole = 0;
	}
	if (whole != 0) {
		kr = vm_write(task, s->address, (vm_address_t)from, whole);
	}
	if (kr == KERN_SUCCESS && whole < s->file_size) {
		kr = boot_task_write(task, s->address + whole, from + whole,
		    s->file_size - whole);
	}
	return kr;
}

static kern_return_t
boot_task_load_segment(mach_port_t task, const struct boot_image *image,
    const struct boot_segment *s)
{
	vm_address_t address = boot_task_trunc(s->address);
	vm_size_t size = boot_task_round(s->address + s->memory_size) - address;
	vm_prot_t prot = VM_PROT_READ;
	kern_return_t kr;

	kr = vm_allocate(task, &address, size, FALSE);
	if (kr == KERN_SUCCESS && s->file_size != 0) {
		kr = boot_task_load_bytes(task, image, s);
	}
	if (kr != KERN_SUCCESS) {
		return kr;
	}
	prot |= s->writable ? VM_PROT_WRITE : 0;
	prot |= s->executable ? VM_PROT_EXECUTE : 0;
	return vm_protect(task, address, size, FALSE, prot);
}

/*
 * Pages larger than 4 KiB may hold the end of one segment and the start of the
 * next: then the program is loaded as one writable piece.
 */
static kern_return_t
boot_task_load_mixed(mach_port_t task, const struct boot_image *image,
    const struct boot_program *program)
{
	vm_address_t low = BOOT_USER_LIMIT;
	vm_address_t high = 0;
	vm_address_t copy = 0;
	const struct boot_segment *s;
	kern_return_t kr;

	for (unsigned i = 0; i < program->segments; i++) {
		s = &program->segment[i];
		low = s->address < low ? s->address : low;
		high = s->address + s->memory_size > high ?
		    s->address + s->memory_size : high;
	}
	low = boot_task_trunc(low);
	high = boot_task_round(high);
	kr = vm_allocate(task, &low, high - low, FALSE);
	if (kr == KERN_SUCCESS) {
		kr = vm_allocate(mach_task_self(), &copy, high - low, TRUE);
	}
	if (kr != KERN_SUCCESS) {
		return kr;
	}
	for (unsigned i = 0; i < program->segments; i++) {
		s = &program->segment[i];
		memcpy((char *)copy + (s->address - low),
		    image->start + s->file_offset, s->file_size);
	}
	kr = vm_write(task, low, copy, high - low);
	(void)vm_deallocate(mach_task_self(), copy, high - low);
	if (kr == KERN_SUCCESS) {
		kr = vm_protect(task, low, high - low, FALSE, VM_PROT_ALL);
	}
	return kr;
}

static kern_return_t
boot_task_load(mach_port_t task, const struct boot_image *image,
    const struct boot_program *program)
{
	kern_return_t kr = KERN_SUCCESS;

	if (vm_page_size != 4096) {
		return boot_task_load_mixed(task, image, program);
	}
	for (unsigned i = 0; i < program->segments && kr == KERN_SUCCESS; i++) {
		kr = boot_task_load_segment(task, image, &program->segment[i]);
	}
	return kr;
}

/*
 * The stack as the start code expects it: argc, argv, NULL, an empty
 * environment, and the strings above.
 */
static kern_return_t
boot_task_stack(mach_port_t task, vm_size_t size, const char *const *argv,
    uint32_t *sp)
{
	uint32_t page[1024];
	vm_address_t base = BOOT_STACK_TOP - size;
	uint32_t where = BOOT_STACK_TOP - sizeof(page);
	char *text = (char *)page;
	size_t used = 64 * sizeof(uint32_t);
	unsigned argc = 0;
	kern_return_t kr;
	size_t n;

	memset(page, 0, sizeof(page));
	for (; argv[argc] != NULL; argc++) {
		n = strlen(argv[argc]) + 1;
		if (argc >= 60 || n > sizeof(page) - used) {
			return KERN_INVALID_ARGUMENT;
		}
		memcpy(text + used, argv[argc], n);
		page[1 + argc] = where + used;
		used += n;
	}
	page[0] = argc;
	kr = vm_allocate(task, &base, size, FALSE);
	if (kr != KERN_SUCCESS) {
		return kr;
	}
	*sp = where;
	return boot_task_write(task, where, page, sizeof(page));
}

static kern_return_t
boot_task_set_ports(mach_port_t task, const struct boot_task_ports *ports)
{
	kern_return_t kr;

	kr = task_set_special_port(task, TASK_BOOTSTRAP_PORT,
	    ports->bootstrap);
	if (kr == KERN_SUCCESS) {
		kr = task_set_special_port(task, TASK_EXCEPTION_PORT,
		    ports->exception);
	}
	if (kr == KERN_SUCCESS && ports->name_server != MACH_PORT_NULL) {
		kr = boot_task_set_name_server(task, ports->name_server);
	}
	return kr;
}

kern_return_t
boot_task_set_name_server(mach_port_t task, mach_port_t port)
{
	mach_port_t ports[1] = { port };

	return mach_ports_register(task, ports, 1);
}

/* Tell the kernel's debugger what IMAGE, which may be NULL, has of TASK. */
static kern_return_t
boot_task_tell(mach_port_t task, mach_port_t host,
    const struct boot_image *image)
{
	symtab_name_t name;

	if (image == NULL) {
		return KERN_INVALID_ARGUMENT;
	}
	snprintf(name, sizeof(name), "%s", image->name);
	return host_load_symbol_table(host, task, name,
	    (vm_offset_t)image->start,
	    (mach_msg_type_number_t)(image->end - image->start));
}

/*
 * Whole tables if this archive carries some, else the symbols of the program;
 * without any the debugger only knows less.
 */
static void
boot_task_symbols(mach_port_t task, mach_port_t host,
    const struct boot_image *image)
{
	if (boot_task_tell(task, host, boot_archive_tables(image)) !=
	    KERN_SUCCESS) {
		(void)boot_task_tell(task, host, image);
	}
}

void
boot_task_own_symbols(mach_port_t host)
{
	(void)boot_task_tell(mach_task_self(), host,
	    boot_archive_lookup("bootstrap.tables"));
}

static kern_return_t
boot_task_start(mach_port_t task, uint32_t entry, uint32_t sp)
{
	struct i386_thread_state state;
	mach_msg_type_number_t count = i386_THREAD_STATE_COUNT;
	mach_port_t thread;
	kern_return_t kr;

	kr = thread_create(task, &thread);
	if (kr != KERN_SUCCESS) {
		return kr;
	}
	kr = thread_get_state(thread, i386_THREAD_STATE,
	    (thread_state_t)&state, &count);
	if (kr == KERN_SUCCESS) {
		state.eip = entry;
		state.uesp = sp;
		kr = thread_set_state(thread, i386_THREAD_STATE,
		    (thread_state_t)&state, i386_THREAD_STATE_COUNT);
	}
	if (kr == KERN_SUCCESS) {
		kr = thread_resume(thread);
	}
	(void)mach_port_deallocate(mach_task_self(), thread);
	return kr;
}

const char *
boot_task_check(const void *image, size_t size)
{
	struct boot_program program;

	return boot_elf_parse(image, size, vm_page_size,
	    BOOT_STACK_TOP - BOOT_STACK_SIZE, &program);
}

kern_return_t
boot_task_create(const struct boot_image *image, const char *const *argv,
    const struct boot_task_ports *ports, mach_port_t *taskp, const char **why)
{
	struct boot_program program;
	kernel_debug_name_t name;
	mach_port_t task;
	kern_return_t kr;
	uint32_t sp = 0;

	*why = boot_elf_parse(image->start, (size_t)(image->end - image->start),
	    vm_page_size, BOOT_STACK_TOP - BOOT_STACK_SIZE, &program);
	if (*why != NULL) {
		return KERN_INVALID_ARGUMENT;
	}
	kr = task_create(mach_task_self(), FALSE, &task);
	if (kr != KERN_SUCCESS) {
		return kr;
	}
	strncpy(name, argv[0], sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	(void)task_set_name(task, name);
	if (ports->essential) {
		(void)task_set_essential(task, TRUE);
	}
	boot_task_symbols(task, ports->symbols_host, image);
	kr = boot_task_load(task, image, &program);
	if (kr == KERN_SUCCESS) {
		kr = boot_task_stack(task, ports->wire_host == MACH_PORT_NULL ?
		    BOOT_STACK_SIZE : BOOT_STACK_WIRED, argv, &sp);
	}
	if (kr == KERN_SUCCESS) {
		kr = boot_task_set_ports(task, ports);
	}
	if (kr == KERN_SUCCESS && ports->wire_host != MACH_PORT_NULL) {
		kr = vm_wire_all(ports->wire_host, task, VM_WIRE_ALL);
	}
	if (kr == KERN_SUCCESS) {
		kr = boot_task_start(task, program.entry, sp);
	}
	if (kr != KERN_SUCCESS) {
		(void)task_terminate(task);
		(void)mach_port_deallocate(mach_task_self(), task);
		return kr;
	}
	*taskp = task;
	return KERN_SUCCESS;
}
