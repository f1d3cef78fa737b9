/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Processors, interrupts, time and threads of the pretend machine.
 */

#include "pretend.h"

#include <string.h>

#include <machine/clock.h>
#include <machine/cpu.h>
#include <machine/intr.h>
#include <machine/pcb.h>
#include <machine/pmap.h>

#include <kernel/ast.h>
#include <kernel/clock.h>
#include <kernel/panic.h>
#include <kernel/percpu.h>
#include <kernel/processor.h>
#include <kernel/sched.h>
#include <kernel/startup.h>
#include <kernel/task.h>
#include <kernel/thread.h>

#include <vm/vm_map.h>

#include "host.h"

#define PRETEND_IRQS	16u

struct pretend_processor {
	struct host_fiber *fiber;	/* what it runs, while another plays */
	bool on;
	bool intr_enabled;
	bool ticking;			/* its tick has been started */
	bool tick;			/* interrupts that wait */
	bool resched;
	unsigned rescheds;		/* how often others sent one */
	bool halted;			/* in cpu_idle */
	uint32_t irqs;
};

struct pretend_irq {
	intr_fn_t fn;
	void *arg;
	bool masked;
};

struct pretend_config pretend_config = {
	.cpus = 1,
	.memory_mib = 32,
	.seed = 1,
	.switch_chance = 8,
	.tick_steps = 400,
};

struct percpu *pretend_percpu;
unsigned pretend_cpu;

static struct pretend_processor pretend_processors[CPU_MAX];
static struct pretend_irq pretend_irqs[PRETEND_IRQS];
static uint64_t pretend_steps;
static uint64_t pretend_ns;
static uint32_t pretend_generator;
static unsigned pretend_frozen;

uint32_t
pretend_random(uint32_t limit)
{
	/* Marsaglia's xorshift. */
	uint32_t x = pretend_generator;

	x ^= x << 13;
	x ^= x >> 17;
	x ^= x << 5;
	pretend_generator = x;
	return x % limit;
}

static struct pretend_processor *
pretend_self(void)
{
	return &pretend_processors[pretend_cpu];
}

uint64_t
pretend_cycles(void)
{
	return pretend_steps;
}

void
pretend_freeze(bool on)
{
	pretend_frozen = on;
}

/* Play processor CPU, until somebody plays this one again. */
static void
pretend_play(unsigned cpu)
{
	struct pretend_processor *from = pretend_self();
	struct pretend_processor *to = &pretend_processors[cpu];
	unsigned me = pretend_cpu;

	if (cpu == me) {
		return;
	}
	pretend_cpu = cpu;
	pretend_percpu = percpu_get(cpu);
	host_fiber_switch(from->fiber, to->fiber);
	assert(pretend_cpu < CPU_MAX);
}

static bool
pretend_interrupted(const struct pretend_processor *processor)
{
	return processor->tick || processor->resched || processor->irqs != 0;
}

/* Would PROCESSOR do something if it were played? */
static bool
pretend_can_run(const struct pretend_processor *processor)
{
	return processor->on &&
	    (!processor->halted || pretend_interrupted(processor));
}

/* Another processor that can run, or this one. */
static unsigned
pretend_choose(void)
{
	unsigned start = pretend_random(pretend_config.cpus);

	for (unsigned i = 0; i < pretend_config.cpus; i++) {
		unsigned cpu = (start + i) % pretend_config.cpus;

		if (cpu != pretend_cpu &&
		    pretend_can_run(&pretend_processors[cpu])) {
			return cpu;
		}
	}
	return pretend_cpu;
}

static void
pretend_all_tick(void)
{
	pretend_ns += CLOCK_TICK_NS;
	for (unsigned cpu = 0; cpu < pretend_config.cpus; cpu++) {
		if (pretend_processors[cpu].ticking) {
			pretend_processors[cpu].tick = true;
		}
	}
}

/* Take the interrupts that wait for this processor, if it lets them. */
static void
pretend_take_interrupts(void)
{
	struct pretend_processor *self = pretend_self();

	while (self->intr_enabled && pretend_interrupted(self)) {
		bool user = current_thread()->pcb.user_mode;

		self->intr_enabled = false;
		current_thread()->pcb.user_mode = false;
		cpu_local_add(intr_depth, 1);
		if (self->tick) {
			self->tick = false;
			clock_tick(user, 0);
		} else if (self->resched) {
			self->resched = false;
		} else {
			unsigned irq = (unsigned)__builtin_ctz(self->irqs);

			self->irqs &= self->irqs - 1;
			pretend_deliver_irq(irq);
		}
		cpu_local_add(intr_depth, -1);
		if (user) {
			ast_taken();
			current_thread()->pcb.user_mode = true;
		} else {
			sched_intr_return();
		}
		/* Perhaps on another processor by now. */
		self = pretend_self();
		self->intr_enabled = true;
	}
}

void
pretend_step(void)
{
	if (pretend_frozen != 0) {
		return;
	}
	pretend_steps++;
	if (pretend_steps % pretend_config.tick_steps == 0) {
		pretend_all_tick();
	}
	if (pretend_config.cpus > 1 &&
	    pretend_random(pretend_config.switch_chance) == 0) {
		pretend_play(pretend_choose());
	}
	pretend_take_interrupts();
}

bool
pretend_intr_enabled(void)
{
	return pretend_self()->intr_enabled;
}

void
pretend_intr_set(bool enabled)
{
	pretend_self()->intr_enabled = enabled;
	if (enabled) {
		pretend_step();
	}
}

void
pretend_pause(void)
{
	pretend_step();
	pretend_play(pretend_choose());
}

void
pretend_idle(void)
{
	struct pretend_processor *self = pretend_self();

	assert(!self->intr_enabled);
	self->halted = true;
	while (!pretend_interrupted(self)) {
		unsigned next = pretend_choose();

		if (next == pretend_cpu) {
			pretend_all_tick();
			if (!self->ticking) {
				panic("pretend: everything waits, and no "
				    "clock ticks");
			}
		} else {
			pretend_play(next);
		}
	}
	self->halted = false;
	self->intr_enabled = true;
	pretend_take_interrupts();
}

void
cpu_send_resched(unsigned cpu)
{
	pretend_processors[cpu].resched = true;
	pretend_processors[cpu].rescheds++;
}

unsigned
pretend_rescheds(unsigned cpu)
{
	return pretend_processors[cpu].rescheds;
}

static void
pretend_secondary(void *arg)
{
	processor_start_secondary(pretend_cpu);
}

void
cpu_start_others(void)
{
	for (unsigned cpu = 1; cpu < pretend_config.cpus; cpu++) {
		struct pretend_processor *processor =
		    &pretend_processors[cpu];

		if (processor_prepare(cpu) == 0) {
			panic("pretend: no memory for a processor");
		}
		processor->fiber = host_fiber_create(pretend_secondary, NULL);
		percpu_get(cpu)->thread->pcb.fiber = processor->fiber;
		processor->on = true;
	}
}

uint32_t
cpu_stop_others(void)
{
	return 0;
}

void
machine_reboot(void)
{
	host_exit(0);
}

void
machine_power_off(void)
{
	host_exit(0);
}

/* ---- interrupts and time ------------------------------------------------- */

void
intr_setup(void)
{
}

void
intr_start_tick(void)
{
	pretend_self()->ticking = true;
}

unsigned
intr_count(void)
{
	return PRETEND_IRQS;
}

kern_return_t
intr_attach(unsigned irq, intr_fn_t fn, void *arg)
{
	if (irq >= PRETEND_IRQS) {
		return KERN_INVALID_ARGUMENT;
	}
	if (pretend_irqs[irq].fn != NULL) {
		return KERN_RESOURCE_SHORTAGE;
	}
	pretend_irqs[irq] = (struct pretend_irq){ .fn = fn, .arg = arg };
	return KERN_SUCCESS;
}

void
intr_detach(unsigned irq)
{
	pretend_irqs[irq].fn = NULL;
}

void
intr_mask(unsigned irq)
{
	pretend_irqs[irq].masked = true;
}

void
intr_unmask(unsigned irq)
{
	pretend_irqs[irq].masked = false;
}

void
pretend_interrupt(unsigned irq)
{
	pretend_processors[0].irqs |= 1u << irq;
	pretend_step();
}

void
pretend_deliver_irq(unsigned irq)
{
	struct pretend_irq *line = &pretend_irqs[irq];

	if (line->fn != NULL && !line->masked) {
		line->fn(irq, line->arg);
	}
}

void
machine_setup(void)
{
}

void
clock_machine_setup(void)
{
}

uint64_t
clock_machine_ns(void)
{
	/* Steps between ticks count a little, so that time moves on. */
	return pretend_ns + pretend_steps % pretend_config.tick_steps + 1;
}

uint64_t
clock_machine_hz(void)
{
	return 1000000;
}

void
clock_machine_delay(uint32_t ns)
{
	pretend_step();
}

kern_return_t
clock_machine_read_rtc(int64_t *secs)
{
	*secs = 1000000000;
	return KERN_SUCCESS;
}

kern_return_t
clock_machine_write_rtc(int64_t secs)
{
	return KERN_SUCCESS;
}

/* ---- threads ------------------------------------------------------------- */

/* The thread that ran before the one that starts. */
static struct thread *pretend_previous[CPU_MAX];

static void
pretend_thread_begin(void *arg)
{
	struct thread *thread = arg;

	if (thread->pcb.entry != NULL) {
		sched_thread_begin(pretend_previous[pretend_cpu]);
		thread->pcb.entry(thread->pcb.arg);
	} else {
		sched_thread_continue(pretend_previous[pretend_cpu]);
	}
	panic("pretend: a thread fell off its end");
}

void
pcb_init(struct thread *thread)
{
	memset(&thread->pcb, 0, sizeof(thread->pcb));
}

void
pcb_fini(struct thread *thread)
{
	if (thread->pcb.fiber != NULL) {
		host_fiber_destroy(thread->pcb.fiber);
		thread->pcb.fiber = NULL;
	}
}

void
pcb_task_init(struct task *task)
{
}

void
pcb_task_fini(struct task *task)
{
}

vm_size_t
pcb_task_size(const struct task *task)
{
	return 0;
}

void
pcb_setup_kernel(struct thread *thread, void (*entry)(void *), void *arg)
{
	thread->pcb.entry = entry;
	thread->pcb.arg = arg;
	thread->pcb.fiber = host_fiber_create(pretend_thread_begin, thread);
}

void
pcb_setup_continue(struct thread *thread)
{
	if (thread->pcb.fiber == NULL) {
		thread->pcb.fiber = host_fiber_create(
		    pretend_thread_begin, thread);
	}
}

/* THREAD was given the processor and a message by PREV. */
static _Noreturn void
pretend_handed_over(struct thread *thread, struct thread *prev)
{
	uint32_t (*fn)(void *arg) = thread->pcb.handed_fn;

	thread->pcb.handed_fn = NULL;
	sched_handed_over(prev);
	pcb_set_return(thread, fn(thread->pcb.handed_arg));
	pcb_return_to_user();
}

/* THREAD runs again after PREV, and has given its stack away meanwhile. */
static void
pretend_go_on(struct thread *thread, struct thread *prev)
{
	if (thread->pcb.handed_fn != NULL) {
		pretend_handed_over(thread, prev);
	}
	if (thread->continuation != pcb_return_to_user) {
		sched_thread_continue(prev);
	}
	thread->continuation = NULL;
}

struct thread *
pcb_switch(struct thread *old, struct thread *new)
{
	assert(!pretend_intr_enabled());
	if (old->pcb.fiber == NULL) {
		/* The boot thread, which nobody created. */
		old->pcb.fiber = pretend_self()->fiber;
	}
	pmap_activate(old->task->map->pmap, new->task->map->pmap);
	pretend_previous[pretend_cpu] = old;
	pretend_self()->fiber = new->pcb.fiber;
	host_fiber_switch(old->pcb.fiber, new->pcb.fiber);
	if (old->continuation != NULL) {
		pretend_go_on(old, pretend_previous[pretend_cpu]);
	}
	return pretend_previous[pretend_cpu];
}

struct thread *
pcb_switch_stay(struct thread *old, struct thread *new)
{
	pcb_setup_continue(new);
	return pcb_switch(old, new);
}

uint32_t
pcb_hand_over(struct thread *old, struct thread *new, uint32_t (*fn)(void *arg),
    void *arg, size_t size)
{
	new->pcb.handed_fn = fn;
	/* OLD may leave its frame before NEW comes to read it. */
	assert(size <= sizeof(new->pcb.handed_arg));
	memcpy(new->pcb.handed_arg, arg, size);
	pcb_switch(old, new);
	panic("pretend: a thread went on where it had no stack");
}

kern_return_t
pcb_get_state(struct thread *thread, int flavor, natural_t *state,
    natural_t *count)
{
	unsigned n = sizeof(thread->pcb.registers) / sizeof(natural_t);

	if (*count < n) {
		return KERN_INVALID_ARGUMENT;
	}
	memcpy(state, thread->pcb.registers, sizeof(thread->pcb.registers));
	*count = n;
	return KERN_SUCCESS;
}

kern_return_t
pcb_set_state(struct thread *thread, int flavor, const natural_t *state,
    natural_t count)
{
	if (count > sizeof(thread->pcb.registers) / sizeof(natural_t)) {
		return KERN_INVALID_ARGUMENT;
	}
	memcpy(thread->pcb.registers, state, count * sizeof(natural_t));
	return KERN_SUCCESS;
}

void
pcb_set_entry(struct thread *thread, user_addr_t pc, user_addr_t sp)
{
	thread->pcb.pc = pc;
	thread->pcb.sp = sp;
}

void
pcb_set_return(struct thread *thread, uint32_t value)
{
	thread->pcb.result = value;
}

uint32_t
pcb_get_return(const struct thread *thread)
{
	return thread->pcb.result;
}

user_addr_t
pcb_user_pc(struct thread *thread)
{
	return thread->pcb.pc;
}

user_addr_t
pcb_user_sp(struct thread *thread)
{
	return thread->pcb.sp;
}

void
pretend_trap_enter(void)
{
	current_thread()->pcb.user_mode = false;
	memset(current_thread()->room, 0xee, PCB_ROOM);
	pretend_step();
}

void
pretend_trap_leave(void)
{
	cpu_intr_disable();
	if (ast_pending()) {
		ast_taken();
	}
	current_thread()->pcb.user_mode = true;
	cpu_intr_enable();
}

void
pcb_return_to_user(void)
{
	struct thread *thread = current_thread();
	void (*fn)(void *arg) = (void (*)(void *))thread->pcb.pc;

	if (thread->pcb.in_trap) {
		__builtin_longjmp(thread->pcb.trap, 1);
	}
	pretend_trap_leave();
	fn((void *)thread->pcb.sp);
	/* A user function that returns ends its thread. */
	pretend_trap_enter();
	thread_terminate(thread);
	pretend_trap_leave();
	panic("pretend: a terminated thread went on");
}

/* ---- power --------------------------------------------------------------- */

static void
pretend_configure_one(unsigned *to, unsigned wanted)
{
	if (wanted != 0) {
		*to = wanted;
	}
}

void
pretend_configure(const struct pretend_config *wanted)
{
	pretend_configure_one(&pretend_config.cpus, wanted->cpus);
	pretend_configure_one(&pretend_config.memory_mib, wanted->memory_mib);
	pretend_configure_one(&pretend_config.seed, wanted->seed);
	pretend_configure_one(&pretend_config.switch_chance,
	    wanted->switch_chance);
	pretend_configure_one(&pretend_config.tick_steps,
	    wanted->tick_steps);
}

void
pretend_run(void)
{
	struct pretend_processor *boot = &pretend_processors[0];

	pretend_generator = pretend_config.seed * 2654435761u + 1;
	boot->fiber = host_fiber_main();
	boot->on = true;
	pretend_percpu = percpu_init(0);
	pretend_pmap_setup();
	startup_main();
}
