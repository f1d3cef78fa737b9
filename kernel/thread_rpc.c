/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Calls on threads.
 */

#include <mach/policy.h>
#include <mach/thread_info.h>
#include <mach/thread_special_ports.h>

#include <machine/pcb.h>

#include <kernel/info_time.h>
#include <kernel/mig_types.h>
#include <kernel/sched.h>

#include <mach_host_server.h>
#include <mach_server.h>

kern_return_t
S_thread_create(task_t task, thread_t *threadp)
{
	return task == NULL ? KERN_INVALID_ARGUMENT
			    : thread_create(task, threadp);
}

kern_return_t
S_thread_terminate(thread_t thread)
{
	kern_return_t kr;

	if (thread == NULL) {
		return KERN_INVALID_ARGUMENT;
	}
	kr = thread_terminate(thread);
	if (kr == KERN_SUCCESS && thread != current_thread()) {
		thread_end_wait(thread);
	}
	return kr;
}

kern_return_t
S_thread_suspend(thread_t thread)
{
	return thread == NULL ? KERN_INVALID_ARGUMENT : thread_suspend(thread);
}

kern_return_t
S_thread_resume(thread_t thread)
{
	return thread == NULL ? KERN_INVALID_ARGUMENT : thread_resume(thread);
}

kern_return_t
S_thread_abort(thread_t thread)
{
	if (thread == NULL || thread == current_thread()) {
		return KERN_INVALID_ARGUMENT;
	}
	return thread_abort(thread);
}

kern_return_t
S_thread_get_state(thread_t thread, int flavor, thread_state_t state,
    mach_msg_type_number_t *count)
{
	kern_return_t kr;

	if (thread == NULL || thread == current_thread() ||
	    thread->kernel_only) {
		return KERN_INVALID_ARGUMENT;
	}
	kr = thread_pin(thread);
	if (kr == KERN_SUCCESS) {
		kr = pcb_get_state(thread, flavor, state, count);
		thread_unpin(thread);
	}
	return kr;
}

kern_return_t
S_thread_set_state(thread_t thread, int flavor, const thread_state_t state,
    mach_msg_type_number_t count)
{
	kern_return_t kr;

	if (thread == NULL || thread == current_thread() ||
	    thread->kernel_only) {
		return KERN_INVALID_ARGUMENT;
	}
	kr = thread_pin(thread);
	if (kr == KERN_SUCCESS) {
		kr = pcb_set_state(thread, flavor, state, count);
		thread_unpin(thread);
	}
	return kr;
}

/* TH_STATE_* of THREAD, whose lock is held. */
static int
thread_run_state_locked(struct thread *thread)
{
	switch (thread->sched.state) {
	case THREAD_RUN:
		return TH_STATE_RUNNING;
	case THREAD_BLOCKED:
		if (thread->sched.hold_count > 0) {
			return TH_STATE_STOPPED;
		}
		return thread->wait.interruptible ? TH_STATE_WAITING
						  : TH_STATE_UNINTERRUPTIBLE;
	case THREAD_DEAD:
		return TH_STATE_HALTED;
	default:
		return thread->sched.halted ? TH_STATE_HALTED
					    : TH_STATE_STOPPED;
	}
}

static void
thread_info_basic(struct thread *thread, struct thread_basic_info *info)
{
	uint64_t user;
	uint64_t system;
	bool state;

	thread_times(thread, &user, &system);
	info->user_time = info_time_from_ticks(user);
	info->system_time = info_time_from_ticks(system);
	info->creation_time = info_time_of_tick(thread->created);
	info->cpu_usage = thread_cpu_usage(thread);
	info->suspend_count = thread->user_stop_count;

	state = spinlock_irq_lock(&thread->lock);
	info->base_priority = thread->sched.base_priority;
	info->cur_priority = thread->sched.priority;
	info->run_state = thread_run_state_locked(thread);
	info->sleep_time = (integer_t)sched_sleep_seconds_locked(thread);
	info->flags = thread->sched.idle ? TH_FLAGS_IDLE : 0;
	spinlock_irq_unlock(&thread->lock, state);
}

static void
thread_info_sched(struct thread *thread, struct thread_sched_info *info)
{
	bool state = spinlock_irq_lock(&thread->lock);

	info->policy = thread->sched.policy;
	info->data = info->policy == POLICY_FIXEDPRI
			 ? thread->sched.quantum * (CLOCK_TICK_US / 1000)
			 : 0;
	info->base_priority = thread->sched.base_priority;
	info->max_priority = thread->sched.max_priority;
	info->cur_priority = thread->sched.priority;
	info->depressed = thread->sched.depressed;
	info->depress_priority = thread->sched.depressed
				     ? (int)thread->sched.base_priority
				     : -1;
	info->last_processor = thread->sched.processor != NULL
				   ? (int)thread->sched.processor->id
				   : 0;
	spinlock_irq_unlock(&thread->lock, state);
}

kern_return_t
S_thread_info(thread_t thread, int flavor, thread_info_t info,
    mach_msg_type_number_t *countp)
{
	mach_msg_type_number_t room = *countp;

	if (thread == NULL) {
		return KERN_INVALID_ARGUMENT;
	}
	switch (flavor) {
	case THREAD_BASIC_INFO:
		*countp = THREAD_BASIC_INFO_COUNT;
		if (room < *countp) {
			return KERN_INVALID_ARGUMENT;
		}
		thread_info_basic(thread, (void *)info);
		return KERN_SUCCESS;
	case THREAD_SCHED_INFO:
		*countp = THREAD_SCHED_INFO_COUNT;
		if (room < *countp) {
			return KERN_INVALID_ARGUMENT;
		}
		thread_info_sched(thread, (void *)info);
		return KERN_SUCCESS;
	default:
		return KERN_INVALID_ARGUMENT;
	}
}

/* The kernel's name for WHICH; false if a thread has no such port. */
static bool
thread_special_port(int which, enum ipc_special_port *specialp)
{
	switch (which) {
	case THREAD_KERNEL_PORT:
		*specialp = IPC_SPECIAL_SELF;
		return true;
	case THREAD_EXCEPTION_PORT:
		*specialp = IPC_SPECIAL_EXCEPTION;
		return true;
	default:
		return false;
	}
}

kern_return_t
S_thread_get_special_port(thread_t thread, int which, ipc_port_t *portp)
{
	enum ipc_special_port special;

	if (thread == NULL || !thread_special_port(which, &special)) {
		return KERN_INVALID_ARGUMENT;
	}
	return ipc_thread_get_special_port(thread, special, portp);
}

kern_return_t
S_thread_set_special_port(thread_t thread, int which, ipc_port_t port)
{
	enum ipc_special_port special;

	if (thread == NULL || !thread_special_port(which, &special)) {
		return KERN_INVALID_ARGUMENT;
	}
	return ipc_thread_set_special_port(thread, special, port);
}

kern_return_t
S_thread_priority(thread_t thread, int priority, boolean_t set_max)
{
	if (thread == NULL || priority < 0 || priority >= SCHED_PRIORITIES) {
		return KERN_INVALID_ARGUMENT;
	}
	return sched_set_priority(thread, priority, set_max != FALSE);
}

kern_return_t
S_thread_max_priority(thread_t thread, processor_set_t pset, int max)
{
	if (thread == NULL || pset == NULL || max < 0 ||
	    max >= SCHED_PRIORITIES) {
		return KERN_INVALID_ARGUMENT;
	}
	if (thread->sched.pset != pset) {
		return KERN_FAILURE;
	}
	return sched_set_max_priority(thread, max);
}

kern_return_t
S_thread_policy(thread_t thread, int policy, int data)
{
	unsigned ticks = 0;

	if (thread == NULL || invalid_policy(policy)) {
		return KERN_INVALID_ARGUMENT;
	}
	if (!(thread->sched.pset->policies & 1u << policy)) {
		return KERN_FAILURE;
	}
	/* Without a quantum, the shortest that there is. */
	if (policy == POLICY_FIXEDPRI && data > 0) {
		ticks = (unsigned)data / (CLOCK_TICK_US / 1000);
		if (ticks * (CLOCK_TICK_US / 1000) < (unsigned)data) {
			ticks++;
		}
	}
	return sched_set_policy(thread, policy, ticks);
}

kern_return_t
S_thread_depress_abort(thread_t thread)
{
	if (thread == NULL) {
		return KERN_INVALID_ARGUMENT;
	}
	/* A thread that is not depressed is what the caller wants. */
	sched_depress_abort(thread);
	return KERN_SUCCESS;
}

kern_return_t
S_thread_assign(thread_t thread, processor_set_t pset)
{
	if (thread == NULL || pset == NULL) {
		return KERN_INVALID_ARGUMENT;
	}
	return thread_assign_pset(thread, pset);
}

kern_return_t
S_thread_assign_default(thread_t thread)
{
	return S_thread_assign(thread, &processor_set_default);
}

kern_return_t
S_thread_get_assignment(thread_t thread, processor_set_t *psetp)
{
	struct processor_set *pset;
	bool state;

	if (thread == NULL) {
		return KERN_INVALID_ARGUMENT;
	}
	state = spinlock_irq_lock(&thread->lock);
	pset = thread->sched.pset;
	processor_set_ref(pset);
	spinlock_irq_unlock(&thread->lock, state);
	*psetp = pset;
	return KERN_SUCCESS;
}

/*
 * Privilege to use the last memory is for those that make memory free.  Threads
 * of a task that has all of its memory wired have it anyway, until they give it
 * back here.
 */
kern_return_t
S_thread_wire(host_t host, thread_t thread, boolean_t wired)
{
	if (host == NULL || thread == NULL || thread != current_thread()) {
		return KERN_INVALID_ARGUMENT;
	}
	thread->vm_privilege = wired != FALSE;
	thread->vm_modest = wired == FALSE;
	return KERN_SUCCESS;
}
