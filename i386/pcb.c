/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * The machine state of threads.
 */

#include <machine/pcb.h>

#include <string.h>

#include <mach/thread_status.h>

#include <machine/cpu.h>
#include <machine/pmap.h>

#include <kernel/kmem.h>
#include <kernel/panic.h>
#include <kernel/task.h>
#include <kernel/thread.h>

#include <vm/vm_map.h>

#include <i386/fpu.h>
#include <i386/gdt.h>
#include <i386/image.h>
#include <i386/kdb_cpu_watch.h>
#include <i386/locore.h>
#include <i386/regs.h>
#include <i386/start.h>
#include <i386/syspage.h>
#include <i386/tss.h>
#include <i386/v86.h>

/* What switch_context() pops, lowest address first. */
struct pcb_switch_frame {
	uint32_t	edi;
	uint32_t	esi;
	uint32_t	ebx;
	uint32_t	ebp;
	uint32_t	eip;
};

/* ---- life ---------------------------------------------------------------- */

void
pcb_init(struct thread *thread)
{
	memset(&thread->pcb, 0, sizeof(thread->pcb));
	pcb_set_entry(thread, 0, 0);
}

static size_t
pcb_ldt_size(unsigned count)
{
	return sizeof(struct pcb_ldt) + count * sizeof(uint64_t);
}

struct pcb_ldt *
pcb_ldt_create(struct thread *thread, unsigned count)
{
	struct pcb_ldt *ldt = kmem_zalloc(pcb_ldt_size(count));

	if (ldt != NULL) {
		ldt->count = count;
		atomic_fetch_add_relaxed(
		    &thread->task->pcb.ldt_bytes, pcb_ldt_size(count));
	}
	return ldt;
}

void
pcb_ldt_destroy(struct thread *thread, struct pcb_ldt *ldt)
{
	if (ldt != NULL) {
		atomic_fetch_sub_relaxed(
		    &thread->task->pcb.ldt_bytes, pcb_ldt_size(ldt->count));
		kmem_free(ldt, pcb_ldt_size(ldt->count));
	}
}

void
pcb_fini(struct thread *thread)
{
	struct pcb *pcb = &thread->pcb;

	fpu_fini(pcb);
	if (pcb->extra != NULL) {
		if (pcb->extra->v86 != NULL) {
			kmem_free(pcb->extra->v86, sizeof(*pcb->extra->v86));
		}
		kmem_free(pcb->extra, sizeof(*pcb->extra));
		pcb->extra = NULL;
	}
	pcb_ldt_destroy(thread, pcb->ldt);
	pcb->ldt = NULL;
}

void
pcb_task_init(struct task *task)
{
	task->pcb.io = NULL;
	task->pcb.ldt_bytes = 0;
}

vm_size_t
pcb_task_size(const struct task *task)
{
	return atomic_load_relaxed(&task->pcb.ldt_bytes);
}

void
pcb_task_fini(struct task *task)
{
	if (task->pcb.io != NULL) {
		tss_io_destroy(task->pcb.io);
		task->pcb.io = NULL;
	}
}

IMAGE_DEBUG_TEXT const struct pcb_extra *
pcb_extra(const struct pcb *pcb)
{
	static const struct pcb_extra none;

	return pcb->extra != NULL ? pcb->extra : &none;
}

struct pcb_extra *
pcb_need_extra(struct pcb *pcb)
{
	if (pcb->extra == NULL) {
		pcb->extra = kmem_zalloc(sizeof(*pcb->extra));
	}
	return pcb->extra;
}

/* The end of THREAD's kernel stack; the first thread's was there at boot. */
static uint32_t
pcb_stack_end(const struct thread *thread)
{
	return thread->stack != 0 ? thread->stack + KERNEL_STACK_SIZE
				  : (uint32_t)boot_stack_end;
}

void
pcb_setup_kernel(struct thread *thread, void (*entry)(void *), void *arg)
{
	struct pcb_switch_frame *f =
	    (struct pcb_switch_frame *)pcb_stack_end(thread) - 1;

	f->edi = (uint32_t)arg;
	f->esi = (uint32_t)entry;
	f->ebx = 0;
	f->ebp = 0;
	f->eip = (uint32_t)switch_begin_kernel;
	thread->pcb.ksp = (uint32_t)f;
}

void
pcb_setup_continue(struct thread *thread)
{
	struct pcb_switch_frame *f =
	    (struct pcb_switch_frame *)pcb_stack_end(thread) - 1;

	f->ebp = 0;
	f->eip = (uint32_t)switch_begin_continue;
	thread->pcb.ksp = (uint32_t)f;
}

/* ---- switch -------------------------------------------------------------- */

static void
pcb_load_ldt(unsigned cpu, const struct pcb *pcb)
{
	if (pcb->ldt != NULL) {
		gdt_load_ldt(cpu, pcb->ldt->descriptors, pcb->ldt->count);
	} else {
		gdt_load_ldt(cpu, NULL, 0);
	}
}

/* Load what hardly any thread has, where OLD or NEW has something. */
static __attribute__((noinline)) void
pcb_load_special(unsigned cpu, const struct pcb *old, const struct pcb *new)
{
	const struct pcb_extra *had = pcb_extra(old);
	const struct pcb_extra *extra = pcb_extra(new);

	if (had->gdt_used || extra->gdt_used) {
		gdt_load_user(cpu, extra->gdt);
	}
	if (old->ldt != new->ldt) {
		pcb_load_ldt(cpu, new);
	}
	if (had->debug_used || extra->debug_used) {
		kdb_cpu_watch_load(extra);
	}
}

void
pcb_update_special(struct pcb *pcb)
{
	const struct pcb_extra *extra = pcb_extra(pcb);

	pcb->special = extra->gdt_used || extra->debug_used || pcb->ldt != NULL;
}

/* Load what the thread NEW has of its own, where OLD or it has something. */
static inline __attribute__((always_inline)) void
pcb_load(unsigned cpu, struct thread *old, struct thread *new)
{
	const struct io_bitmap *old_io = old->task->pcb.io;
	const struct io_bitmap *new_io = new->task->pcb.io;

	if (old->pcb.fpu_live || new->pcb.fpu != NULL) {
		fpu_switch(&old->pcb, &new->pcb);
	}
	cpu_local_set(stack_end, pcb_stack_end(new));
	tss_set_frame(cpu, &new->pcb.frame);
	syspage_set_frame(cpu, &new->pcb.frame);
	if (old->task->map != new->task->map) {
		pmap_activate(old->task->map->pmap, new->task->map->pmap);
	}
	if (old_io != NULL || new_io != NULL) {
		tss_load_io(cpu, new_io);
	}
	if (old->pcb.special || new->pcb.special) {
		pcb_load_special(cpu, &old->pcb, &new->pcb);
	}
}

struct thread *
pcb_switch(struct thread *old, struct thread *new)
{
	cpu_local_set(switching, 1);
	__asm__ volatile("" ::: "memory");
	pcb_load(cpu_id(), old, new);
	return switch_context(&old->pcb.ksp, new->pcb.ksp, old);
}

struct thread *
pcb_switch_stay(struct thread *old, struct thread *new)
{
	pcb_load(cpu_id(), old, new);
	return switch_stay(old, pcb_stack_end(new));
}

uint32_t
pcb_hand_over(struct thread *old, struct thread *new, uint32_t (*fn)(void *arg),
    void *arg, size_t size)
{
	pcb_load(cpu_id(), old, new);
	sched_handed_over(old);
	return fn(arg);
}

void
pcb_return_to_user(void)
{
	locore_return_to_user();
}

bool
pcb_retry_io(void)
{
	bool saved = cpu_intr_save();
	const struct io_bitmap *io = current_task()->pcb.io;
	bool changed = false;

	if (io != NULL) {
		changed = tss_load_io(cpu_id(), io);
	}
	cpu_intr_restore(saved);
	return changed;
}

void
pcb_reload_descriptors(void)
{
	bool saved = cpu_intr_save();
	unsigned cpu = cpu_id();

	gdt_load_user(cpu, pcb_extra(&current_thread()->pcb)->gdt);
	pcb_load_ldt(cpu, &current_thread()->pcb);
	cpu_intr_restore(saved);
}

/* ---- registers ----------------------------------------------------------- */

/* Those of 32-bit programs in a flat address space. */
static void
pcb_set_flat(struct trap_frame *f)
{
	f->cs = SEL_USER_CS;
	f->ss = SEL_USER_DS;
	f->ds = SEL_USER_DS;
	f->es = SEL_USER_DS;
	f->fs = SEL_USER_DS;
	f->gs = SEL_USER_DS;
}

void
pcb_set_entry(struct thread *thread, user_addr_t pc, user_addr_t sp)
{
	struct trap_frame *f = &thread->pcb.frame;

	memset(f, 0, sizeof(*f));
	pcb_set_flat(f);
	f->eflags = EFLAGS_IF;
	f->eip = pc;
	f->esp = sp;
}

void
pcb_set_return(struct thread *thread, uint32_t value)
{
	thread->pcb.frame.eax = value;
}

uint32_t
pcb_get_return(const struct thread *thread)
{
	return thread->pcb.frame.eax;
}

user_addr_t
pcb_user_pc(struct thread *thread)
{
	return thread->pcb.frame.eip;
}

user_addr_t
pcb_user_sp(struct thread *thread)
{
	return thread->pcb.frame.esp;
}

static void
pcb_get_regs(const struct pcb *pcb, struct i386_thread_state *s)
{
	const struct trap_frame *f = &pcb->frame;

	s->gs = f->gs & 0xffff;
	s->fs = f->fs & 0xffff;
	s->es = f->es & 0xffff;
	s->ds = f->ds & 0xffff;
	s->edi = f->edi;
	s->esi = f->esi;
	s->ebp = f->ebp;
	s->esp = 0;
	s->ebx = f->ebx;
	s->edx = f->edx;
	s->ecx = f->ecx;
	s->eax = f->eax;
	s->eip = f->eip;
	s->cs = f->cs & 0xffff;
	s->efl = f->eflags;
	s->uesp = f->esp;
	s->ss = f->ss & 0xffff;
	if (trap_frame_v86(f)) {
		v86_get_segments(pcb, s);
	}
}

/* A selector that user mode may have: of user privilege, or null. */
static bool
pcb_selector_valid(unsigned selector, bool null_allowed)
{
	selector &= 0xffff;
	if (selector <= SEL_RPL_MASK) {
		return null_allowed;
	}
	return (selector & SEL_RPL_MASK) == SEL_RPL_USER;
}

/* Those of virtual 8086 mode are no selectors, but have this flavor's form. */
static bool
pcb_segments_valid(const struct i386_thread_state *s)
{
	return pcb_selector_valid(s->cs, false) &&
	    pcb_selector_valid(s->ss, false) &&
	    ((s->efl & EFLAGS_VM) != 0 ||
		(pcb_selector_valid(s->ds, true) &&
		    pcb_selector_valid(s->es, true) &&
		    pcb_selector_valid(s->fs, true) &&
		    pcb_selector_valid(s->gs, true)));
}

static void
pcb_set_selectors(struct trap_frame *f, const struct i386_thread_state *s)
{
	f->cs = s->cs & 0xffff;
	f->ss = s->ss & 0xffff;
	f->ds = s->ds & 0xffff;
	f->es = s->es & 0xffff;
	f->fs = s->fs & 0xffff;
	f->gs = s->gs & 0xffff;
}

static kern_return_t
pcb_set_v86(struct pcb *pcb, const struct i386_thread_state *s)
{
	struct trap_frame *f = &pcb->frame;
	kern_return_t kr = v86_set_segments(pcb, s);

	if (kr == KERN_SUCCESS) {
		f->cs = s->cs & 0xffff;
		f->ss = s->ss & 0xffff;
		f->ds = 0;
		f->es = 0;
		f->fs = 0;
		f->gs = 0;
		f->vector = TRAP_V86;
	}
	return kr;
}

static kern_return_t
pcb_set_regs(struct pcb *pcb, const struct i386_thread_state *s, bool segments)
{
	struct trap_frame *f = &pcb->frame;
	kern_return_t kr;

	if (segments && !pcb_segments_valid(s)) {
		return KERN_INVALID_ARGUMENT;
	}
	if ((s->efl & EFLAGS_VM) != 0) {
		kr = pcb_set_v86(pcb, s);
		if (kr != KERN_SUCCESS) {
			return kr;
		}
	} else {
		if (segments) {
			pcb_set_selectors(f, s);
		} else {
			pcb_set_flat(f);
		}
		/* SYSEXIT would not restore all of these. */
		f->vector = 0;
	}
	f->edi = s->edi;
	f->esi = s->esi;
	f->ebp = s->ebp;
	f->ebx = s->ebx;
	f->edx = s->edx;
	f->ecx = s->ecx;
	f->eax = s->eax;
	f->eip = s->eip;
	f->esp = s->uesp;
	f->eflags = (s->efl & (EFLAGS_USER_MASK | EFLAGS_VM)) | EFLAGS_USER_SET;
	return KERN_SUCCESS;
}

static kern_return_t
pcb_set_debug(struct thread *thread, const struct i386_debug_state *s)
{
	struct pcb *pcb = &thread->pcb;
	struct pcb_extra *extra;
	bool saved;

	for (unsigned i = 0; i < 4; i++) {
		if (s->dr[i] >= MACHINE_USER_MAX) {
			return KERN_INVALID_ARGUMENT;
		}
	}
	extra = pcb_need_extra(pcb);
	if (extra == NULL) {
		return KERN_RESOURCE_SHORTAGE;
	}
	for (unsigned i = 0; i < 8; i++) {
		extra->dr[i] = s->dr[i];
	}
	extra->debug_used = (s->dr[7] & DR7_ENABLES) != 0;
	pcb_update_special(pcb);
	if (thread == current_thread()) {
		saved = cpu_intr_save();
		kdb_cpu_watch_load(extra);
		cpu_intr_restore(saved);
	}
	return KERN_SUCCESS;
}

/* The base address in the descriptor that SELECTOR names, for THREAD. */
static uint32_t
pcb_segment_base(const struct pcb *pcb, unsigned selector)
{
	unsigned slot = (selector & 0xffff) / 8 - SEL_USER_GDT / 8;
	uint64_t d;

	if ((selector & SEL_TI_LDT) != 0 || slot >= PCB_GDT_SLOTS) {
		return 0;
	}
	d = pcb_extra(pcb)->gdt[slot];
	return (uint32_t)(d >> 16 & 0xffffff) |
	    ((uint32_t)(d >> 32) & 0xff000000);
}

static void
pcb_get_port_map(const struct task *task, struct i386_isa_port_map_state *s)
{
	memset(s, 0xff, sizeof(*s));
	if (task->pcb.io != NULL) {
		memcpy(s->pm, task->pcb.io->denied, sizeof(s->pm));
	}
}

/* The number of words of FLAVOR's state; 0 for one that does not exist. */
static natural_t
pcb_state_count(int flavor)
{
	switch (flavor) {
	case i386_THREAD_STATE:
	case i386_REGS_SEGS_STATE:
		return i386_THREAD_STATE_COUNT;
	case i386_FLOAT_STATE:
		return i386_FLOAT_STATE_COUNT;
	case i386_ISA_PORT_MAP_STATE:
		return i386_ISA_PORT_MAP_STATE_COUNT;
	case i386_V86_ASSIST_STATE:
		return i386_V86_ASSIST_STATE_COUNT;
	case i386_DEBUG_STATE:
		return i386_DEBUG_STATE_COUNT;
	case i386_FSGS_BASE_STATE:
		return i386_FSGS_BASE_STATE_COUNT;
	case i386_XFLOAT_STATE:
		return (sizeof(struct i386_xfloat_state) +
		    fpu_xstate_size()) / sizeof(natural_t);
	default:
		return 0;
	}
}

static const natural_t pcb_flavors[] = {
	i386_THREAD_STATE, i386_FLOAT_STATE, i386_ISA_PORT_MAP_STATE,
	i386_V86_ASSIST_STATE,
};

#define PCB_FLAVORS	(sizeof(pcb_flavors) / sizeof(pcb_flavors[0]))

kern_return_t
pcb_get_state(struct thread *thread, int flavor, natural_t *state,
    natural_t *count)
{
	struct pcb *pcb = &thread->pcb;
	natural_t needed = pcb_state_count(flavor);
	struct i386_fsgs_base_state *bases = (void *)state;

	if (flavor == THREAD_STATE_FLAVOR_LIST) {
		if (*count < PCB_FLAVORS) {
			return KERN_INVALID_ARGUMENT;
		}
		memcpy(state, pcb_flavors, sizeof(pcb_flavors));
		*count = PCB_FLAVORS;
		return KERN_SUCCESS;
	}
	if (needed == 0 || *count < needed) {
		return KERN_INVALID_ARGUMENT;
	}
	switch (flavor) {
	case i386_THREAD_STATE:
	case i386_REGS_SEGS_STATE:
		pcb_get_regs(pcb, (void *)state);
		break;
	case i386_FLOAT_STATE:
		fpu_get_state(thread, (void *)state);
		break;
	case i386_ISA_PORT_MAP_STATE:
		pcb_get_port_map(thread->task, (void *)state);
		break;
	case i386_V86_ASSIST_STATE:
		v86_get_assist(pcb, (void *)state);
		break;
	case i386_DEBUG_STATE:
		memcpy(state, pcb_extra(pcb)->dr, sizeof(pcb->extra->dr));
		break;
	case i386_FSGS_BASE_STATE:
		bases->fs_base = pcb_segment_base(pcb, pcb->frame.fs);
		bases->gs_base = pcb_segment_base(pcb, pcb->frame.gs);
		break;
	default:
		fpu_get_xstate(thread, (void *)state);
		break;
	}
	*count = needed;
	return KERN_SUCCESS;
}

kern_return_t
pcb_set_state(struct thread *thread, int flavor, const natural_t *state,
    natural_t count)
{
	struct pcb *pcb = &thread->pcb;
	natural_t needed = pcb_state_count(flavor);

	if (needed == 0 || count < needed) {
		return KERN_INVALID_ARGUMENT;
	}
	switch (flavor) {
	case i386_THREAD_STATE:
		return pcb_set_regs(pcb, (const void *)state, false);
	case i386_REGS_SEGS_STATE:
		return pcb_set_regs(pcb, (const void *)state, true);
	case i386_FLOAT_STATE:
		return fpu_set_state(thread, (const void *)state);
	case i386_V86_ASSIST_STATE:
		return v86_set_assist(pcb, (const void *)state);
	case i386_DEBUG_STATE:
		return pcb_set_debug(thread, (const void *)state);
	case i386_XFLOAT_STATE:
		return fpu_set_xstate(thread, (const void *)state);
	default:
		/* Ports come from io_perm, bases from descriptors. */
		return KERN_INVALID_ARGUMENT;
	}
}
