/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * From the first instruction to main(): ports of the task, the C library's
 * global state, TLS of the first thread, its constructors.  The loader of a
 * server gives argv and an environment and no auxiliary vector; what the
 * library looks up there is made here.
 */

#include <servers/lib/musl_i.h>
#include <servers/lib/thread_i.h>

#include <elf.h>
#include <servers/lib/log.h>
#include <mach/vm_prot.h>
#include <stdlib.h>
#include <string.h>

#include <mig/mach_user.h>

#define START_TLS_ROOM	1024

int main(int argc, char **argv, char **envp);
void start_c(uintptr_t *stack) __attribute__((noreturn));

/* The linker's: our own program header table, constructors. */
extern const Elf32_Ehdr __ehdr_start;
extern void (*const __init_array_start[])(void);
extern void (*const __init_array_end[])(void);

void *__sysinfo = musl_syscall_entry;
int __thread_list_lock;

static struct musl_tls_module start_tls_module;
static unsigned char start_tls_room[START_TLS_ROOM]
    __attribute__((aligned(64)));
static size_t start_auxv[8];
static unsigned char start_random[16];

/* Lay out TLS in MEMORY below a thread structure; returns the latter. */
void *
__copy_tls(unsigned char *memory)
{
	struct musl_tls_module *module;
	struct musl_thread *thread;
	uintptr_t *dtv = (uintptr_t *)memory;
	uintptr_t end;

	end = (uintptr_t)memory + __libc.tls_size - sizeof(*thread);
	end &= ~(__libc.tls_align - 1);
	thread = (struct musl_thread *)end;
	dtv[0] = __libc.tls_count;
	for (module = __libc.tls_head; module != NULL; module = module->next) {
		*++dtv = end - module->offset;
		memcpy((void *)*dtv, module->image, module->length);
	}
	thread->dtv = (uintptr_t *)memory;
	return thread;
}

static void
start_find_tls(void)
{
	const char *base = (const char *)&__ehdr_start;
	const Elf32_Phdr *ph = (const void *)(base + __ehdr_start.e_phoff);
	struct musl_tls_module *m = &start_tls_module;

	m->align = 4;
	for (unsigned i = 0; i < __ehdr_start.e_phnum; i++) {
		if (ph[i].p_type != PT_TLS) {
			continue;
		}
		m->image = (void *)(uintptr_t)ph[i].p_vaddr;
		m->length = ph[i].p_filesz;
		m->size = ph[i].p_memsz;
		m->align = ph[i].p_align < 4 ? 4 : ph[i].p_align;
		__libc.tls_head = m;
		__libc.tls_count = 1;
	}
	/* The thread structure is above, aligned; TLS ends where it begins. */
	m->size += -(m->size + (uintptr_t)m->image) & (m->align - 1);
	m->offset = m->size;
	__libc.tls_align = m->align;
	__libc.tls_size = 2 * sizeof(void *) + sizeof(struct musl_thread) +
	    m->size + 2 * m->align;
	__libc.tls_size = (__libc.tls_size + 3) & ~3u;
}

static void
start_setup_tls(void)
{
	vm_address_t memory = (vm_address_t)start_tls_room;
	struct musl_thread *thread;

	start_find_tls();
	if (__libc.tls_size > sizeof(start_tls_room)) {
		memory = 0;
		(void)vm_allocate(mach_task_self(), &memory, __libc.tls_size,
		    TRUE);
	}
	thread = __copy_tls((unsigned char *)memory);
	thread->self = thread;
	thread->next = thread;
	thread->prev = thread;
	thread->sysinfo = __sysinfo;
	thread->tid = 1;
	thread->detach_state = MUSL_DETACH_JOINABLE;
	thread->locale = __libc.global_locale;
	thread->robust_head = &thread->robust_head;
	if (__set_thread_area(thread) != 0) {
		mach_print("start: no segment for TLS\n");
		(void)task_terminate(mach_task_self());
	}
	__libc.can_do_threads = 1;
}

static void
start_setup_libc(char **argv, char **envp)
{
	uint32_t low;
	uint32_t high;
	char *slash;

	__asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
	for (unsigned i = 0; i < sizeof(start_random); i++) {
		low = low * 1664525 + 1013904223 + high;
		start_random[i] = (unsigned char)(low >> 24);
	}
	start_auxv[0] = AT_PAGESZ;
	start_auxv[1] = 4096;
	start_auxv[2] = AT_RANDOM;
	start_auxv[3] = (size_t)start_random;
	start_auxv[4] = AT_NULL;
	__libc.auxv = start_auxv;
	__libc.page_size = 4096;
	__environ = envp;
	__progname_full = argv[0] != NULL ? argv[0] : (char *)"server";
	slash = strrchr(__progname_full, '/');
	__progname = slash != NULL ? slash + 1 : __progname_full;
}

/* Address 0 is for null pointers: nothing may be put there, and it faults. */
static void
start_reserve_null(void)
{
	vm_address_t null = 0;

	if (vm_allocate(mach_task_self(), &null, vm_page_size, FALSE) ==
	    KERN_SUCCESS) {
		(void)vm_protect(mach_task_self(), null, vm_page_size, TRUE,
		    VM_PROT_NONE);
	}
}

void
start_c(uintptr_t *stack)
{
	int argc = (int)stack[0];
	char **argv = (char **)(stack + 1);
	char **envp = argv + argc + 1;
	struct vm_statistics statistics;

	mach_task_self_ = mach_task_self_trap();
	mach_host_self_ = mach_host_self_trap();
	thread_record_setup();
	start_setup_libc(argv, envp);
	start_setup_tls();
	if (vm_statistics(mach_task_self(), &statistics) == KERN_SUCCESS) {
		vm_page_size = statistics.pagesize;
	}
	start_reserve_null();
	log_setup(__progname);
	for (size_t i = 0;
	    i < (size_t)(__init_array_end - __init_array_start); i++) {
		__init_array_start[i]();
	}
	exit(main(argc, argv, envp));
}
