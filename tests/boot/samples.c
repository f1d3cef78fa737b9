/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Sampling of program counters.
 */

#include "rt.h"

#include "mach4_user.h"
#include "mach_port_user.h"
#include "mach_user.h"

#define P	vm_page_size

static volatile bool stop;
static volatile unsigned counter;

static void
spin(void *arg)
{
	while (!stop) {
		counter++;
	}
}

static void
show_samples(const char *what, kern_return_t kr, unsigned seqno,
    const sampled_pc_t *samples, unsigned count)
{
	unsigned in_spin = 0;
	unsigned periodic = 0;

	show(what, kr);
	if (kr != KERN_SUCCESS) {
		return;
	}
	for (unsigned i = 0; i < count; i++) {
		in_spin += samples[i].pc - (unsigned)spin < 64;
		periodic += samples[i].sampletype == SAMPLED_PC_PERIODIC;
	}
	rt_printf("  some %d, all periodic %d, most in the loop %d",
	    count > 20, periodic == count, in_spin * 2 > count);
	rt_printf("# seqno %u count %u in the loop %u", seqno, count,
	    in_spin);
}

void
test(void)
{
	mach_port_t thread = rt_thread_create(spin, NULL);
	static sampled_pc_t samples[512];
	mach_msg_type_number_t count = 512;
	sampled_pc_seqno_t seqno = 0;
	vm_offset_t memory = 0;
	kern_return_t kr;
	int tick = 0;
	int total = -1;

	show("get, never enabled", thread_get_sampled_pcs(thread, &seqno,
	    samples, &count));
	want("enable thread", thread_enable_pc_sampling(thread, &tick,
	    SAMPLED_PC_PERIODIC), KERN_SUCCESS);
	want_number("tick", tick, 10000);
	want("enable task", task_enable_pc_sampling(rt_task, &tick,
	    SAMPLED_PC_PERIODIC), KERN_SUCCESS);
	if (tick != 0) {
		rt_until((seqno = 0, count = 512,
		    thread_get_sampled_pcs(thread, &seqno, samples, &count),
		    count > 20));
	}
	seqno = 0;
	count = 512;
	kr = thread_get_sampled_pcs(thread, &seqno, samples, &count);
	show_samples("thread", kr, seqno, samples, count);
	rt_printf("sequence number counts %d", seqno == count);
	seqno = 0;
	count = 512;
	kr = task_get_sampled_pcs(rt_task, &seqno, samples, &count);
	show_samples("task", kr, seqno, samples, count);
	want("disable thread", thread_disable_pc_sampling(thread, &total),
	    KERN_SUCCESS);
	want("disable task", task_disable_pc_sampling(rt_task, &total),
	    KERN_SUCCESS);
	seqno = 0;
	count = 512;
	want("get, disabled", task_get_sampled_pcs(rt_task, &seqno, samples,
	    &count), KERN_FAILURE);
	want("disable again", task_disable_pc_sampling(rt_task, &total),
	    KERN_SUCCESS);
	want("enable for new pages", task_enable_pc_sampling(rt_task, &tick,
	    SAMPLED_PC_VM_ZFILL_FAULTS), KERN_SUCCESS);
	need("allocate", vm_allocate(rt_task, &memory, 50 * P, TRUE));
	for (unsigned i = 0; i < 50; i++) {
		*(volatile int *)(memory + i * P) = 1;
	}
	seqno = 0;
	count = 512;
	need("get", task_get_sampled_pcs(rt_task, &seqno, samples, &count));
	rt_printf("  as many as pages %d, of that kind %d", count >= 50,
	    samples[10].sampletype == SAMPLED_PC_VM_ZFILL_FAULTS);
	want("disable task", task_disable_pc_sampling(rt_task, &total),
	    KERN_SUCCESS);
	want("of no thread", thread_enable_pc_sampling(rt_task, &tick, 1),
	    KERN_INVALID_ARGUMENT);
	stop = true;
}
