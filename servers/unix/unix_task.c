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
#include <servers/unix/unix_memory.h>
#include <servers/unix/unix_proc.h>
#include <stdio.h>
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
			memcpy(&task_emul, task_emul_start + ph.offset +
			    (h.entry - ph.vaddr), sizeof(task_emul));
		}
		task_load_segment(&ph);
	}
	if (task_emul.magic != EMUL_MAGIC) {
		panic("emulation library: no header");
	}
}

static int32_t
task_library_read(struct file *f, struct uthread *t, char *buf, uint32_t n,
    int64_t *offset)
{
	int64_t size = task_emul_end - task_emul_start;

	if (*offset >= size) {
		return 0;
	}
	n = n < size - *offset ? n : (uint32_t)(size - *offset);
	memcpy(buf, task_emul_start + *offset, n);
	*offset += n;
	return (int32_t)n;
}

static const struct file_ops task_library_ops = {
	.name = "library", .read = task_library_read,
};

struct file task_library = { .ops = &task_library_ops };

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

kern_return_t
task_tell_symbols(mach_port_t task, const char *name, const char *data,
    uint32_t size)
{
	mach_port_t host_priv;
	mach_port_t master;
	symtab_name_t text;
	kern_return_t kr;

	snprintf(text, sizeof(text), "%s", name);
	unix_unlock();
	kr = boot_privileged_ports(&host_priv, &master);
	if (kr == KERN_SUCCESS) {
		kr = host_load_symbol_table(host_priv, task, text,
		    (vm_offset_t)data, size);
	}
	unix_lock();
	return kr;
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
task_make(struct process *p, struct process *by, mach_port_t from)
{
	struct task_access access;
	mach_port_t task;
	kern_return_t kr = KERN_INVALID_ARGUMENT;

	if (from == MACH_PORT_NULL) {
		kr = task_create(task_template, TRUE, &task);
	} else if (task_access_begin(&access, by, from)) {
		/* Some memory cannot be copied without its pager. */
		kr = task_create(from, TRUE, &task);
		task_access_end(&access);
	}
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

/* What a process shares for a time with a child that is being made. */
struct task_lent {
	const struct task_range	*ranges;
	unsigned		n;
};

bool
task_is_lent(const struct process *p, uint32_t address)
{
	for (unsigned i = 0; p->lent != NULL && i < p->lent->n; i++) {
		const struct task_range *r = &p->lent->ranges[i];

		if (address - r->start < r->size) {
			return true;
		}
	}
	return false;
}

/* task_make_sharing of a task that stands still. */
static kern_return_t
task_make_lending(struct process *p, struct process *by, mach_port_t from)
{
	struct task_range *ranges;
	struct task_lent lent;
	kern_return_t kr;

	ranges = task_copied_ranges(from, &lent.n);
	if (ranges == NULL) {
		return KERN_RESOURCE_SHORTAGE;
	}
	lent.ranges = ranges;
	by->lent = &lent;
	task_inherit(from, ranges, lent.n, VM_INHERIT_SHARE);
	kr = task_make(p, by, from);
	task_inherit(from, ranges, lent.n, VM_INHERIT_COPY);
	by->lent = NULL;
	if (by->task != from) {
		/* BY ended, or it runs another program. */
		kr = KERN_ABORTED;
	}
	if (kr == KERN_SUCCESS) {
		/* Its own children have copies, as of any process. */
		task_inherit(p->task, ranges, lent.n, VM_INHERIT_COPY);
	}
	free(ranges);
	return kr;
}

/*
 * Other threads of BY shall neither see what is done to its memory, nor map
 * something else there.
 */
kern_return_t
task_make_sharing(struct process *p, struct process *by, mach_port_t from)
{
	bool stop = by->nthreads > 1;
	kern_return_t kr;

	if (mach_port_mod_refs(mach_task_self(), from, MACH_PORT_RIGHT_SEND,
	    1) != KERN_SUCCESS) {
		return KERN_INVALID_TASK;
	}
	if (stop) {
		task_suspend(from);
	}
	kr = task_make_lending(p, by, from);
	if (stop) {
		task_resume(from);
	}
	mach_port_deallocate(mach_task_self(), from);
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

/*
 * The first page of a block is memory that the server has mapped too, and that
 * no child inherits.  So it need not touch the program's memory to tell a thread
 * something, and does not wait for whatever a program puts there instead.
 */

static void
uthread_fill_block(struct uthread *t, int selector, int tls,
    uint32_t tls_low, uint32_t tls_high)
{
	struct emul_thread *block = t->block;

	block->self = uthread_block(t);
	block->stack = block->self + EMUL_THREAD_SIZE;
	block->port = t->port_name;
	block->slot = t->slot;
	block->frame.fs = (uint32_t)selector;
	block->frame.tls_low = tls_low;
	block->frame.tls_high = tls_high;
	block->tls_selector = tls > 0 ? (uint32_t)tls : 0;
	block->tid = (uint32_t)t->tid;
}

/* Put MEMORY, and if it is NEW the library's stack, where T's block is. */
static kern_return_t
uthread_map_block(struct uthread *t, mach_port_t memory, bool new)
{
	mach_port_t task = t->process->task;
	vm_size_t size = task_page_mask + 1;
	vm_address_t address = uthread_block(t);
	vm_address_t rest = address + size;
	kern_return_t kr;

	/* In a task that was forked the place may be taken. */
	vm_deallocate(task, address, new ? EMUL_THREAD_SIZE : size);
	kr = vm_map(task, &address, size, 0, FALSE, memory, 0, FALSE,
	    VM_PROT_DEFAULT, VM_PROT_DEFAULT, VM_INHERIT_NONE);
	if (kr == KERN_SUCCESS && new && size < EMUL_THREAD_SIZE) {
		kr = vm_allocate(task, &rest, EMUL_THREAD_SIZE - size, FALSE);
	}
	return kr;
}

/* FROM, not NULL: the thread whose block it is to be a copy of. */
static kern_return_t
uthread_make_block(struct uthread *t, const struct uthread *from)
{
	uint32_t size = task_page_mask + 1;
	uint32_t memory;
	kern_return_t kr = KERN_RESOURCE_SHORTAGE;

	if (from != NULL && from->block == NULL) {
		return KERN_INVALID_ARGUMENT;
	}
	memory = memory_create(size);
	if (memory == MEMORY_NONE) {
		return kr;
	}
	t->block = memory_window(memory, size);
	if (t->block != NULL && from != NULL) {
		memcpy(t->block, from->block, size);
	}
	if (t->block != NULL) {
		kr = uthread_map_block(t, memory, from == NULL);
	}
	memory_release(memory);
	return kr;
}

static void
uthread_drop_block(struct uthread *t)
{
	t->robust = uthread_robust(t);
	if (t->block != NULL) {
		memory_window_drop(t->block, task_page_mask + 1);
	}
	t->block = NULL;
}

uint32_t
uthread_robust(const struct uthread *t)
{
	const struct emul_thread *block = t->block;

	return block != NULL ? block->robust : t->robust;
}

void
uthread_set_frame(struct uthread *t, const unix_frame_t *frame)
{
	struct emul_thread *block = t->block;

	block->frame = *frame;
}

/* FROM: see there; NULL: a new block is made. */
static kern_return_t
uthread_make_mach(struct uthread *t, const struct uthread *from,
    uint32_t tls_low, uint32_t tls_high)
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
	if (kr == KERN_SUCCESS) {
		kr = uthread_make_block(t, from);
	}
	if (kr == KERN_SUCCESS && from == NULL) {
		uthread_fill_block(t, selector, tls, tls_low, tls_high);
	}
	return kr;
}

kern_return_t
uthread_make(struct uthread *t, uint32_t tls_low, uint32_t tls_high)
{
	return uthread_make_mach(t, NULL, tls_low, tls_high);
}

kern_return_t
uthread_make_forked(struct uthread *t, const struct uthread *from,
    uint32_t tls_low, uint32_t tls_high)
{
	return uthread_make_mach(t, from, tls_low, tls_high);
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
	struct emul_thread *block = t->block;

	if (block == NULL || block->reply_port == MACH_PORT_NULL) {
		return;
	}
	mach_port_mod_refs(t->process->task, block->reply_port,
	    MACH_PORT_RIGHT_RECEIVE, -1);
	block->reply_port = MACH_PORT_NULL;
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
	struct emul_thread *block = t->block;
	unix_frame_t frame;

	if (block == NULL) {
		return KERN_FAILURE;
	}
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
	memcpy(&block->frame, &frame, offsetof(unix_frame_t, tls_low));
	state->eip = entry;
	state->uesp = uthread_block(t) + EMUL_THREAD_SIZE;
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
	struct emul_thread *block;
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
	task_write_for(p, p->task, task_emul.shared, &shared,
	    sizeof(shared));
	/* Nothing of the old program's thread is of the new one's. */
	list_for_each(&p->threads, t, link) {
		block = t->block;
		if (block == NULL) {
			continue;
		}
		block->stack_sp = 0;
		block->stack_size = 0;
		block->stack_flags = 0;
		block->clear_tid = 0;
		block->robust = 0;
		block->pending = 0;
		block->tid = (uint32_t)t->tid;
		block->frame.tls_low = 0;
		block->frame.tls_high = 0;
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
	uthread_drop_block(t);
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
		uthread_drop_block(t);
	}
	task_access_abort(p);
	p->task = MACH_PORT_NULL;
	server_unwatch_death(task);
	if (!p->mourned) {
		task_terminate(task);
	}
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
	struct emul_thread *block = t->block;
	kern_return_t kr;

	if (t->in_call != 0) {
		thread_wake(t);
		return;
	}
	if (t->thread == MACH_PORT_NULL || block == NULL) {
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
		block->pending = 1;
	} else {
		uthread_redirect(t, &state, task_emul.entry_signal, ~0u);
	}
out:
	thread_resume(t->thread);
}
