/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * Processes in Mach's terms.  All tasks descend from the template, a task
 * without threads that holds the emulation library (code shared by
 * inheritance, data copied), the mapped clock, the exception port and the
 * redirection of int $0x80.
 */
#include <servers/unix/unix_task.h>

#include <mach/task_info.h>
#include <mach/task_special_ports.h>
#include <mach/thread_info.h>
#include <mach/vm_inherit.h>
#include <mach/vm_prot.h>
#include <mach/vm_statistics.h>
#include <servers/lib/boot.h>
#include <servers/lib/device.h>
#include <servers/lib/log.h>
#include <servers/lib/server.h>
#include <servers/unix/unix_proc.h>
#include <stdlib.h>
#include <string.h>

#include <mig/device_user.h>
#include <mig/gnumach_user.h>
#include <mig/mach_debug_user.h>
#include <mig/mach_host_user.h>
#include <mig/mach_i386_user.h>
#include <mig/mach_port_user.h>
#include <mig/mach_user.h>

#define TASK_EFLAGS	0x202

/* The image, from emul_image.asm. */
extern const char task_emul_start[];
extern const char task_emul_end[];

struct emul_header task_emul;
mach_port_t task_exception_port;

mach_port_t task_template;
static bool task_has_clock;
uint32_t task_page_mask;

/* Registers of a new thread, as the kernel makes it: the segments. */
static struct i386_thread_state task_state;
static bool task_state_known;

struct task_elf_header {
	uint8_t		ident[16];
	uint16_t	type, machine;
	uint32_t	version, entry, phoff, shoff, flags;
	uint16_t	ehsize, phentsize, phnum, shentsize, shnum, shstrndx;
};

struct task_elf_phdr {
	uint32_t	type, offset, vaddr, paddr, filesz, memsz, flags,
			align;
};

/*
 * vm_read and vm_write move whole pages.  A page may be one that its pager does
 * not give, such as that of a file that was truncated.  Writing less than a page reads it
 * first, so nobody else may write to it meanwhile: whoever writes to a task
 * has stopped the thread whose page it is.
 */
static kern_return_t
task_read_pages(mach_port_t task, uint32_t start, uint32_t size,
    vm_prot_t access, vm_offset_t *pages)
{
	mach_msg_type_number_t count;
	mach_port_t host;
	mach_port_t master;
	kern_return_t kr;

	kr = vm_read(task, start, size, pages, &count);
	if (kr != KERN_SUCCESS) {
		return kr;
	}
	kr = count < size ? KERN_INVALID_ADDRESS :
	    boot_privileged_ports(&host, &master);
	if (kr == KERN_SUCCESS) {
		/* What cannot be had is an error, and no fault of ours. */
		kr = vm_wire(host, mach_task_self(), *pages, size, access);
	}
	if (kr != KERN_SUCCESS) {
		vm_deallocate(mach_task_self(), *pages, count);
	}
	return kr;
}

kern_return_t
task_write(mach_port_t task, uint32_t address, const void *from, uint32_t n)
{
	uint32_t start = address & ~task_page_mask;
	uint32_t size = ((address + n + task_page_mask) & ~task_page_mask) -
	    start;
	vm_offset_t pages;
	kern_return_t kr;

	kr = task_read_pages(task, start, size, VM_PROT_READ | VM_PROT_WRITE,
	    &pages);
	if (kr != KERN_SUCCESS) {
		return kr;
	}
	memcpy((char *)pages + (address - start), from, n);
	kr = vm_write(task, start, pages, size);
	vm_deallocate(mach_task_self(), pages, size);
	return kr;
}

kern_return_t
task_read(mach_port_t task, uint32_t address, void *to, uint32_t n)
{
	uint32_t start = address & ~task_page_mask;
	uint32_t size = ((address + n + task_page_mask) & ~task_page_mask) -
	    start;
	vm_offset_t pages;
	kern_return_t kr;

	kr = task_read_pages(task, start, size, VM_PROT_READ, &pages);
	if (kr != KERN_SUCCESS) {
		return kr;
	}
	memcpy(to, (char *)pages + (address - start), n);
	vm_deallocate(mach_task_self(), pages, size);
	return KERN_SUCCESS;
}

bool
task_region(mach_port_t task, uint32_t address, vm_region_info_t *region)
{
	mach_port_t name;

	if (mach_vm_region_info(task, address, region, &name) !=
	    KERN_SUCCESS) {
		return false;
	}
	if (name != MACH_PORT_NULL) {
		mach_port_deallocate(mach_task_self(), name);
	}
	return region->vri_start <= address;
}

bool
task_shared_word(mach_port_t task, uint32_t address, struct futex_key *key)
{
	vm_region_info_t region;

	if (!task_region(task, address, &region)) {
		return false;
	}
	if (region.vri_inheritance == VM_INHERIT_SHARE &&
	    region.vri_object != 0) {
		key->space = region.vri_object;
		key->offset = region.vri_offset + (address - region.vri_start);
		key->shared = true;
	}
	return true;
}

/*
 * The template's memory, which all programs share, stays resident: it must not
 * be lost with a default pager.
 */
static kern_return_t
task_keep(uint32_t start, uint32_t size)
{
	mach_port_t host;
	mach_port_t master;
	kern_return_t kr = boot_privileged_ports(&host, &master);

	return kr != KERN_SUCCESS ? kr : vm_wire(host, task_template, start,
	    size, VM_PROT_READ | VM_PROT_EXECUTE);
}

static void
task_load_segment(const struct task_elf_phdr *ph)
{
	uint32_t start = ph->vaddr & ~task_page_mask;
	uint32_t end = (ph->vaddr + ph->memsz + task_page_mask) &
	    ~task_page_mask;
	vm_address_t address = start;
	bool writable = (ph->flags & 2) != 0;
	kern_return_t kr;

	kr = vm_allocate(task_template, &address, end - start, FALSE);
	if (kr == KERN_SUCCESS && ph->filesz != 0) {
		kr = task_write(task_template, ph->vaddr,
		    task_emul_start + ph->offset, ph->filesz);
	}
	if (kr == KERN_SUCCESS && !writable) {
		kr = vm_protect(task_template, start, end - start, FALSE,
		    VM_PROT_READ | VM_PROT_EXECUTE);
	}
	if (kr == KERN_SUCCESS && !writable) {
		kr = vm_inherit(task_template, start, end - start,
		    VM_INHERIT_SHARE);
	}
	if (kr == KERN_SUCCESS && !writable) {
		kr = task_keep(start, end - start);
	}
	if (kr != KERN_SUCCESS) {
		panic("emulation library: %s", log_error_text(kr));
	}
}

static void
task_load_library(void)
{
	struct task_elf_header h;
	struct task_elf_phdr ph;

	memcpy(&h, task_emul_start, sizeof(h));
	for (unsigned i = 0; i < h.phnum; i++) {
		memcpy(&ph, task_emul_start + h.phoff + i * sizeof(ph),
		    sizeof(ph));
		if (ph.type != 1 || ph.memsz == 0) {
			continue;
		}
		if (ph.vaddr == EMUL_BASE) {
			memcpy(&task_emul, task_emul_start + ph.offset,
			    sizeof(task_emul));
		}
		task_load_segment(&ph);
	}
	if (task_emul.magic != EMUL_MAGIC) {
		panic("emulation library: no header");
	}
}

/* The kernel's clock page, for the library to read. */
static void
task_map_clock(void)
{
	mach_port_t device;
	mach_port_t pager;
	vm_address_t address = EMUL_CLOCK;
	kern_return_t kr;

	kr = device_open_kernel("time", D_READ, &device);
	if (kr == KERN_SUCCESS) {
		kr = device_map(device, VM_PROT_READ, 0, task_page_mask + 1,
		    &pager, 0);
	}
	if (kr == KERN_SUCCESS) {
		kr = vm_map(task_template, &address, task_page_mask + 1, 0,
		    FALSE, pager, 0, FALSE, VM_PROT_READ, VM_PROT_READ,
		    VM_INHERIT_SHARE);
	}
	if (kr != KERN_SUCCESS) {
		log_error("no mapped clock: %s", log_error_text(kr));
	} else {
		task_has_clock = true;
	}
}

void
task_setup(void)
{
	vm_address_t vector[512];
	kern_return_t kr;

	task_page_mask = (uint32_t)vm_page_size - 1;
	kr = task_create(mach_task_self(), FALSE, &task_template);
	if (kr != KERN_SUCCESS) {
		panic("no template task: %s", log_error_text(kr));
	}
	task_load_library();
	task_map_clock();
	kr = mach_port_allocate(mach_task_self(), MACH_PORT_RIGHT_RECEIVE,
	    &task_exception_port);
	if (kr == KERN_SUCCESS) {
		kr = mach_port_insert_right(mach_task_self(),
		    task_exception_port, task_exception_port,
		    MACH_MSG_TYPE_MAKE_SEND);
	}
	if (kr == KERN_SUCCESS) {
		kr = server_add_port(task_exception_port);
	}
	if (kr == KERN_SUCCESS) {
		kr = task_set_special_port(task_template, TASK_EXCEPTION_PORT,
		    task_exception_port);
	}
	if (kr != KERN_SUCCESS) {
		panic("no exception port: %s", log_error_text(kr));
	}
	task_set_special_port(task_template, TASK_BOOTSTRAP_PORT,
	    MACH_PORT_NULL);
	for (unsigned i = 0; i < 512; i++) {
		vector[i] = task_emul.entry_trap;
	}
	/* Without it int $0x80 is an exception, and works more slowly. */
	task_set_emulation_vector(task_template, 0, vector, 512);
}

/*
 * Mach's base priorities of programs, all worse than the servers'.  Use of the
 * processor makes a priority worse by up to 33, so that is about the distance
 * at which one program leaves the other nothing.
 */
#define TASK_PRIORITY_BEST	26	/* nice -20 */
#define TASK_PRIORITY_USUAL	32	/* nice 0 */
#define TASK_PRIORITY_NICE	60	/* nice 19 */
#define TASK_PRIORITY_IDLE	63	/* SCHED_IDLE */

static int
task_base_priority(const struct process *p)
{
	if (p->policy == L_SCHED_IDLE) {
		return TASK_PRIORITY_IDLE;
	}
	if (p->nice < 0) {
		return TASK_PRIORITY_BEST + (p->nice + 20) *
		    (TASK_PRIORITY_USUAL - TASK_PRIORITY_BEST) / 20;
	}
	return TASK_PRIORITY_USUAL + p->nice * (TASK_PRIORITY_NICE -
	    TASK_PRIORITY_USUAL) / 19;
}

void
task_set_nice(struct process *p)
{
	if (p->task != MACH_PORT_NULL) {
		task_priority(p->task, task_base_priority(p), TRUE);
	}
}

void
task_tell_name(const struct process *p)
{
	char name[64] = "";

	/* As in our own log, a line of the kernel's remains one line. */
	for (unsigned i = 0; i < sizeof(p->name) && p->name[i] != '\0'; i++) {
		name[i] = p->name[i] >= ' ' && p->name[i] < 0x7f ? p->name[i] :
		    '?';
	}
	if (p->task != MACH_PORT_NULL) {
		task_set_name(p->task, name);
	}
}

/* The task ended without our doing; NAME is dead, and ours until task_kill. */
static void
task_died(mach_port_t name, void *argument)
{
	struct process *p;

	unix_lock();
	p = process_lookup((int)(intptr_t)argument);
	if (p != NULL && p->task == name) {
		process_exit(p, L_SIGKILL);
	}
	unix_unlock();
}

kern_return_t
task_make(struct process *p, mach_port_t from)
{
	mach_port_t task;
	kern_return_t kr;

	kr = task_create(from != MACH_PORT_NULL ? from : task_template, TRUE,
	    &task);
	if (kr != KERN_SUCCESS) {
		return kr;
	}
	kr = server_watch_death(task, task_died, (void *)(intptr_t)p->pid);
	if (kr != KERN_SUCCESS) {
		task_terminate(task);
		mach_port_deallocate(mach_task_self(), task);
		return kr;
	}
	p->task = task;
	task_set_nice(p);
	return KERN_SUCCESS;
}

struct task_range {
	vm_address_t	start;
	vm_size_t	size;
};

/* The next mapping of TASK's program from *R's start on. */
static bool
task_next_range(mach_port_t task, struct task_range *r,
    vm_inherit_t *inheritance)
{
	vm_prot_t protection;
	vm_prot_t most;
	boolean_t shared;
	mach_port_t name;
	vm_offset_t offset;

	if (r->start >= UNIX_USER_END || vm_region(task, &r->start, &r->size,
	    &protection, &most, inheritance, &shared, &name, &offset) !=
	    KERN_SUCCESS) {
		return false;
	}
	if (name != MACH_PORT_NULL) {
		mach_port_deallocate(mach_task_self(), name);
	}
	return r->start < UNIX_USER_END;
}

/* What of TASK's program a child would get a copy of; malloc'd, or NULL. */
static struct task_range *
task_copied_ranges(mach_port_t task, unsigned *np)
{
	struct task_range *ranges = NULL;
	struct task_range *more;
	struct task_range r = { UNIX_USER_MIN, 0 };
	vm_inherit_t inheritance;
	unsigned n = 0;

	for (; task_next_range(task, &r, &inheritance); r.start += r.size) {
		if (inheritance != VM_INHERIT_COPY) {
			continue;
		}
		if (n % 64 == 0) {
			more = realloc(ranges, (n + 64) * sizeof(*ranges));
			if (more == NULL) {
				free(ranges);
				return NULL;
			}
			ranges = more;
		}
		ranges[n++] = r;
	}
	*np = n;
	return ranges;
}

static void
task_inherit(mach_port_t task, const struct task_range *ranges, unsigned n,
    vm_inherit_t inheritance)
{
	for (unsigned i = 0; i < n; i++) {
		vm_inherit(task, ranges[i].start, ranges[i].size,
		    inheritance);
	}
}

kern_return_t
task_make_sharing(struct process *p, mach_port_t from)
{
	struct task_range *ranges;
	unsigned n;
	kern_return_t kr;

	ranges = task_copied_ranges(from, &n);
	if (ranges == NULL) {
		return KERN_RESOURCE_SHORTAGE;
	}
	task_inherit(from, ranges, n, VM_INHERIT_SHARE);
	kr = task_make(p, from);
	task_inherit(from, ranges, n, VM_INHERIT_COPY);
	if (kr == KERN_SUCCESS) {
		/* Its own children have copies, as of any process. */
		task_inherit(p->task, ranges, n, VM_INHERIT_COPY);
	}
	free(ranges);
	return kr;
}

static void
thread_port_free(struct object *object)
{
	free((struct thread_port *)object);
}

const struct object_class thread_port_class = {
	.name = "thread",
	.free = thread_port_free,
};

/* In a fork's child the name is given: its memory has it already. */
static kern_return_t
uthread_insert_port(struct uthread *t, mach_port_t right)
{
	kern_return_t kr = KERN_NAME_EXISTS;

	if (t->port_name != 0) {
		return mach_port_insert_right(t->process->task, t->port_name,
		    right, MACH_MSG_TYPE_COPY_SEND);
	}
	for (unsigned i = 0; i < EMUL_PORT_TRIES && kr == KERN_NAME_EXISTS;
	    i++) {
		t->port_name = EMUL_PORT_NAME(t->slot, i);
		kr = mach_port_insert_right(t->process->task, t->port_name,
		    right, MACH_MSG_TYPE_COPY_SEND);
	}
	return kr;
}

/* T's port, and the right to it in its task. */
static kern_return_t
uthread_make_port(struct uthread *t)
{
	struct thread_port *port = calloc(1, sizeof(*port));
	mach_port_t right;
	kern_return_t kr;

	if (port == NULL) {
		return KERN_RESOURCE_SHORTAGE;
	}
	kr = object_create_service(&port->object, &thread_port_class);
	if (kr != KERN_SUCCESS) {
		free(port);
		return kr;
	}
	port->thread = t;
	uthread_ref(t);
	t->port = port;
	right = object_right(&port->object);
	kr = uthread_insert_port(t, right);
	mach_port_deallocate(mach_task_self(), right);
	return kr;
}

static void
descriptor_data(struct descriptor *d, uint32_t base, uint32_t limit)
{
	d->low_word = (limit & 0xffff) | base << 16;
	d->high_word = (base >> 16 & 0xff) | 0x0040f200 | (limit & 0xf0000) |
	    (base & 0xff000000);
}

static kern_return_t
uthread_make_block(struct uthread *t, int selector, int tls,
    uint32_t tls_low, uint32_t tls_high)
{
	struct emul_thread block;
	vm_address_t address = uthread_block(t);

	memset(&block, 0, sizeof(block));
	block.self = address;
	block.stack = address + EMUL_THREAD_SIZE;
	block.port = t->port_name;
	block.slot = t->slot;
	block.frame.fs = (uint32_t)selector;
	block.frame.tls_low = tls_low;
	block.frame.tls_high = tls_high;
	block.tls_selector = tls > 0 ? (uint32_t)tls : 0;
	block.tid = (uint32_t)t->tid;
	/* In a task that was forked the place may be taken: write over it. */
	vm_allocate(t->process->task, &address, EMUL_THREAD_SIZE, FALSE);
	return task_write(t->process->task, uthread_block(t), &block,
	    sizeof(block));
}

/*
 * FORKED blocks are there already: a copy of the parent's, at the same slot.
 */
static kern_return_t
uthread_make_mach(struct uthread *t, bool forked, uint32_t tls_low,
    uint32_t tls_high)
{
	mach_port_t thread;
	struct descriptor d;
	int selector = -1;
	int tls = -1;
	kern_return_t kr;

	kr = thread_create(t->process->task, &thread);
	if (kr != KERN_SUCCESS) {
		return kr;
	}
	t->thread = thread;
	descriptor_data(&d, uthread_block(t), EMUL_THREAD_SIZE - 1);
	kr = i386_set_gdt(thread, &selector, d);
	if (kr == KERN_SUCCESS && (tls_low != 0 || tls_high != 0)) {
		d.low_word = tls_low;
		d.high_word = tls_high;
		kr = i386_set_gdt(thread, &tls, d);
	}
	if (kr == KERN_SUCCESS && !task_state_known) {
		kr = uthread_registers(thread, &task_state);
		task_state_known = kr == KERN_SUCCESS;
		task_state.fs = (uint32_t)selector;
	}
	if (kr == KERN_SUCCESS) {
		kr = uthread_make_port(t);
	}
	if (kr == KERN_SUCCESS && !forked) {
		kr = uthread_make_block(t, selector, tls, tls_low, tls_high);
	}
	return kr;
}

kern_return_t
uthread_make(struct uthread *t, uint32_t tls_low, uint32_t tls_high)
{
	return uthread_make_mach(t, false, tls_low, tls_high);
}

kern_return_t
uthread_make_forked(struct uthread *t, uint32_t tls_low, uint32_t tls_high)
{
	return uthread_make_mach(t, true, tls_low, tls_high);
}

kern_return_t
uthread_registers(mach_port_t thread, struct i386_thread_state *state)
{
	mach_msg_type_number_t count = i386_THREAD_STATE_COUNT;

	return thread_get_state(thread, i386_REGS_SEGS_STATE,
	    (thread_state_t)state, &count);
}

kern_return_t
uthread_set_registers(mach_port_t thread, struct i386_thread_state *state)
{
	return thread_set_state(thread, i386_REGS_SEGS_STATE,
	    (thread_state_t)state, i386_THREAD_STATE_COUNT);
}

kern_return_t
uthread_start(struct uthread *t, uint32_t eip, uint32_t esp, uint32_t eax,
    uint32_t gs)
{
	struct i386_thread_state state = task_state;
	kern_return_t kr;

	state.eip = eip;
	state.uesp = esp;
	state.eax = eax;
	state.gs = gs;
	state.efl = TASK_EFLAGS;
	kr = uthread_set_registers(t->thread, &state);
	if (kr != KERN_SUCCESS) {
		return kr;
	}
	return thread_resume(t->thread);
}

/*
 * The answer to the call it was in must not be taken for a later one's, and
 * nobody else uses the port.
 */
static void
uthread_drop_reply(struct uthread *t)
{
	uint32_t where = uthread_block(t) +
	    offsetof(struct emul_thread, reply_port);
	mach_port_t task = t->process->task;
	uint32_t zero = 0;
	uint32_t name;

	if (task_read(task, where, &name, sizeof(name)) != KERN_SUCCESS ||
	    name == MACH_PORT_NULL) {
		return;
	}
	mach_port_mod_refs(task, name, MACH_PORT_RIGHT_RECEIVE, -1);
	task_write(task, where, &zero, sizeof(zero));
}

/* The registers of FPU, SSE and AVX are as at the start of a program. */
static kern_return_t
uthread_reset_fpu(mach_port_t thread)
{
	struct i386_float_state state;

	memset(&state, 0, sizeof(state));
	return thread_set_state(thread, i386_FLOAT_STATE,
	    (thread_state_t)&state, i386_FLOAT_STATE_COUNT);
}

kern_return_t
uthread_restart(struct uthread *t, uint32_t eip, uint32_t esp)
{
	kern_return_t kr;

	kr = thread_suspend(t->thread);
	if (kr != KERN_SUCCESS) {
		return kr;
	}
	thread_abort(t->thread);
	uthread_drop_reply(t);
	kr = uthread_reset_fpu(t->thread);
	if (kr != KERN_SUCCESS) {
		return kr;
	}
	return uthread_start(t, eip, esp, 0, 0);
}

kern_return_t
uthread_redirect(struct uthread *t, struct i386_thread_state *state,
    uint32_t entry, uint32_t call)
{
	uint32_t block = uthread_block(t);
	uint32_t where = block + EMUL_T_FRAME;
	unix_frame_t frame;
	kern_return_t kr;

	memset(&frame, 0, sizeof(frame));
	frame.gs = state->gs;
	frame.fs = state->fs;
	frame.es = state->es;
	frame.ds = state->ds;
	frame.edi = state->edi;
	frame.esi = state->esi;
	frame.ebp = state->ebp;
	frame.esp = state->uesp;
	frame.ebx = state->ebx;
	frame.edx = state->edx;
	frame.ecx = state->ecx;
	frame.eax = state->eax;
	frame.eip = state->eip;
	frame.efl = state->efl;
	frame.call = call;
	frame.entry = call != ~0u ? UNIX_ENTRY_TRAP : UNIX_ENTRY_NONE;
	/* All up to the TLS descriptor, which the library keeps there. */
	kr = task_write(t->process->task, where, &frame,
	    offsetof(unix_frame_t, tls_low));
	if (kr != KERN_SUCCESS) {
		return kr;
	}
	state->eip = entry;
	state->uesp = block + EMUL_THREAD_SIZE;
	state->fs = task_state.fs;
	state->ds = task_state.ds;
	state->es = task_state.es;
	state->efl = TASK_EFLAGS;
	return uthread_set_registers(t->thread, state);
}

void
task_set_shared(struct process *p, uint32_t brk)
{
	struct emul_shared shared;
	struct emul_thread block;
	struct uthread *t;

	memset(&shared, 0, sizeof(shared));
	brk = (brk + task_page_mask) & ~task_page_mask;
	shared.brk_start = brk;
	shared.brk_now = brk;
	shared.brk_mapped = brk;
	shared.page_mask = task_page_mask;
	shared.pid = (uint32_t)p->pid;
	shared.map_hint = UNIX_MMAP_BASE;
	shared.clock = task_has_clock ? 1 : 0;
	task_write(p->task, task_emul.shared, &shared, sizeof(shared));
	/* Nothing of the old program's thread is of the new one's. */
	list_for_each(&p->threads, t, link) {
		if (task_read(p->task, uthread_block(t), &block,
		    sizeof(block)) != KERN_SUCCESS) {
			continue;
		}
		block.stack_sp = 0;
		block.stack_size = 0;
		block.stack_flags = 0;
		block.clear_tid = 0;
		block.robust = 0;
		block.pending = 0;
		block.tid = (uint32_t)t->tid;
		block.frame.tls_low = 0;
		block.frame.tls_high = 0;
		task_write(p->task, uthread_block(t), &block, sizeof(block));
	}
}

void
task_stop(struct process *p)
{
	if (p->task != MACH_PORT_NULL) {
		task_suspend(p->task);
	}
}

void
task_continue(struct process *p)
{
	if (p->task != MACH_PORT_NULL) {
		task_resume(p->task);
	}
}

static void
task_times(struct process *p)
{
	struct proc_usage usage;

	proc_machine_usage(p, &usage);
	p->cpu_ns[0] = usage.user_ns;
	p->cpu_ns[1] = usage.system_ns;
}

/* Its port and Mach thread go; the thread may be in the middle of a call. */
static void
uthread_end(struct uthread *t)
{
	struct thread_port *port = t->port;

	uthread_ref(t);
	t->port = NULL;
	if (port != NULL) {
		port->thread = NULL;
		object_kill(&port->object);
		object_unref(&port->object);
		uthread_unref(t);
		/* The task may go on without this thread. */
		if (t->process->task != MACH_PORT_NULL) {
			mach_port_mod_refs(t->process->task, t->port_name,
			    MACH_PORT_RIGHT_DEAD_NAME, -1);
		}
	}
	if (t->thread != MACH_PORT_NULL) {
		thread_terminate(t->thread);
		mach_port_deallocate(mach_task_self(), t->thread);
	}
	t->thread = MACH_PORT_NULL;
	uthread_unref(t);
}

void
uthread_kill(struct uthread *t)
{
	uthread_ref(t);
	uthread_end(t);
	if (t->process->task != MACH_PORT_NULL) {
		uthread_drop_reply(t);
	}
	uthread_unref(t);
}

void
task_kill(struct process *p)
{
	mach_port_t task = p->task;
	struct uthread *t;

	if (task == MACH_PORT_NULL) {
		return;
	}
	task_times(p);
	list_for_each(&p->threads, t, link) {
		uthread_end(t);
	}
	p->task = MACH_PORT_NULL;
	server_unwatch_death(task);
	task_terminate(task);
	mach_port_deallocate(mach_task_self(), task);
}

static bool
eip_between(uint32_t eip, uint32_t from, uint32_t to)
{
	return eip >= from && eip < to;
}

/*
 * Is the program, not the library, in a trap of Mach?  Both go through the
 * kernel's page, which is above the library, and each has its own stack.
 */
static bool
task_traps(const struct i386_thread_state *state)
{
	return state->eip >= EMUL_END && state->uesp < EMUL_BASE;
}

/*
 * There is a signal with a handler for T.  In a call of ours it is woken, and
 * finds out by the reply.  See README, Signals, for the rest.
 */
void
uthread_kick(struct uthread *t)
{
	struct i386_thread_state state;
	uint32_t one = 1;
	kern_return_t kr;

	if (t->in_call != 0) {
		thread_wake(t);
		return;
	}
	if (t->thread == MACH_PORT_NULL) {
		return;
	}
	if (thread_suspend(t->thread) != KERN_SUCCESS) {
		return;
	}
	kr = uthread_registers(t->thread, &state);
	if (kr == KERN_SUCCESS && task_traps(&state)) {
		thread_abort(t->thread);
		kr = uthread_registers(t->thread, &state);
	}
	if (kr != KERN_SUCCESS) {
		goto out;
	}
	if (eip_between(state.eip, task_emul.exit_begin,
	    task_emul.exit_end)) {
		state.eip = task_emul.entry_signal;
		state.uesp = uthread_block(t) + EMUL_THREAD_SIZE;
		state.ds = task_state.ds;
		state.es = task_state.es;
		uthread_set_registers(t->thread, &state);
	} else if (state.eip >= EMUL_BASE && !task_traps(&state)) {
		task_write(t->process->task, uthread_block(t) +
		    EMUL_T_PENDING, &one, sizeof(one));
	} else {
		uthread_redirect(t, &state, task_emul.entry_signal, ~0u);
	}
out:
	thread_resume(t->thread);
}
