/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

#include "v86.h"

#include <mach/thread_status.h>

#include <machine/cpu.h>

#include <kernel/kmem.h>
#include <kernel/thread.h>

#include <i386/syspage.h>
#include <i386/trap.h>
#include <i386/tss.h>

/* ---- in and out ---------------------------------------------------------- */

/* From now on entries from user mode fill pcb.frame. */
static struct trap_frame *
v86_off(void)
{
	struct trap_frame *frame = &current_thread()->pcb.frame;

	tss_set_frame(cpu_id(), frame);
	syspage_allow_sysenter(true);
	return frame;
}

struct trap_frame *
v86_enter(void)
{
	struct trap_frame *frame = v86_off();

	*frame = current_thread()->pcb.extra->v86->frame;
	frame->vector = TRAP_V86;
	return frame;
}

struct trap_frame *
v86_leave(void)
{
	struct pcb *pcb = &current_thread()->pcb;
	struct v86 *v86 = pcb->extra->v86;

	v86->frame = pcb->frame;
	tss_set_v86_frame(cpu_id(), &v86->frame);
	syspage_allow_sysenter(false);
	return &v86->frame;
}

void
v86_bad_return(void)
{
	struct trap_frame *frame = v86_off();

	cpu_intr_enable();
	trap_bad_return(frame);
}

/* ---- state --------------------------------------------------------------- */

static const struct v86 *
v86_state(const struct pcb *pcb)
{
	static const struct v86 none;
	const struct pcb_extra *extra = pcb_extra(pcb);

	return extra->v86 != NULL ? extra->v86 : &none;
}

/* To be changed; NULL when memory is short. */
static struct v86 *
v86_need_state(struct pcb *pcb)
{
	struct pcb_extra *extra = pcb_need_extra(pcb);

	if (extra == NULL) {
		return NULL;
	}
	if (extra->v86 == NULL) {
		extra->v86 = kmem_zalloc(sizeof(*extra->v86));
	}
	return extra->v86;
}

kern_return_t
v86_set_segments(struct pcb *pcb, const struct i386_thread_state *s)
{
	struct v86 *v86 = v86_need_state(pcb);

	if (v86 == NULL) {
		return KERN_RESOURCE_SHORTAGE;
	}
	v86->es = s->es & 0xffff;
	v86->ds = s->ds & 0xffff;
	v86->fs = s->fs & 0xffff;
	v86->gs = s->gs & 0xffff;
	if (v86->table != 0) {
		v86->interrupts = (s->efl & EFLAGS_IF) != 0;
	}
	return KERN_SUCCESS;
}

void
v86_get_segments(const struct pcb *pcb, struct i386_thread_state *s)
{
	const struct v86 *v86 = v86_state(pcb);

	s->es = v86->es;
	s->ds = v86->ds;
	s->fs = v86->fs;
	s->gs = v86->gs;
	if (v86->table != 0 && !v86->interrupts) {
		s->efl &= ~EFLAGS_IF;
	}
}

kern_return_t
v86_set_assist(struct pcb *pcb, const struct i386_v86_assist_state *s)
{
	struct v86 *v86;

	if (s->int_count < 0 || s->int_count > UINT16_MAX ||
	    s->int_table >= MACHINE_USER_MAX ||
	    s->int_count * sizeof(struct v86_interrupt_table) >
	    MACHINE_USER_MAX - s->int_table) {
		return KERN_INVALID_ARGUMENT;
	}
	v86 = v86_need_state(pcb);
	if (v86 == NULL) {
		return KERN_RESOURCE_SHORTAGE;
	}
	v86->table = s->int_table;
	v86->count = s->int_count;
	v86->interrupts = true;
	return KERN_SUCCESS;
}

void
v86_get_assist(const struct pcb *pcb, struct i386_v86_assist_state *s)
{
	const struct v86 *v86 = v86_state(pcb);

	s->int_table = v86->table;
	s->int_count = v86->count;
}
