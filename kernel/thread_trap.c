/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * The scheduling traps.
 */

#include <kernel/thread_trap.h>

#include <stddef.h>

#include <ipc/ipc_port.h>
#include <ipc/ipc_right.h>
#include <ipc/ipc_special.h>
#include <mach/message.h>
#include <mach/thread_switch.h>

#include <kernel/clock.h>
#include <kernel/sched.h>
#include <kernel/sleepq.h>
#include <kernel/thread.h>

TRAP_FUNCTION int
sys_swtch(void)
{
	sched_yield();
	return sched_others_waiting();
}

TRAP_FUNCTION int
sys_swtch_pri(int priority)
{
	if (!sched_others_waiting()) {
		return FALSE;
	}
	sched_yield_depressed(SCHED_QUANTUM);
	return sched_others_waiting();
}

/* The thread that NAME stands for, with a reference, or NULL. */
static struct thread *
thread_trap_lookup(mach_port_name_t name)
{
	struct ipc_port *port;
	struct thread *thread;

	if (ipc_right_copyin(current_space(), name, MACH_MSG_TYPE_COPY_SEND,
		&port) != KERN_SUCCESS ||
	    !ip_valid(port)) {
		return NULL;
	}
	thread = ipc_port_to_thread(port);
	ipc_port_release_send(port);
	return thread;
}

/* Wait for TIME milliseconds, or until thread_abort. */
static void
thread_trap_wait(uint32_t time)
{
	sleepq_prepare(&current_thread()->wait, true);
	sleepq_wait(clock_deadline_ms(time));
}

TRAP_FUNCTION kern_return_t
sys_thread_switch(mach_port_name_t name, int option, uint32_t time)
{
	struct thread *self = current_thread();
	struct thread *other;

	if (option < SWITCH_OPTION_NONE || option > SWITCH_OPTION_WAIT) {
		return KERN_INVALID_ARGUMENT;
	}
	if (option == SWITCH_OPTION_WAIT) {
		thread_trap_wait(time);
		return KERN_SUCCESS;
	}
	if (option == SWITCH_OPTION_DEPRESS) {
		sched_depress(clock_deadline_ms(time) - clock_ticks());
	}
	other = thread_trap_lookup(name);
	if (other == NULL || !sched_yield_to(other)) {
		sched_yield();
	}
	if (other != NULL) {
		thread_unref(other);
	}
	if (option == SWITCH_OPTION_DEPRESS) {
		sched_depress_abort(self);
	}
	return KERN_SUCCESS;
}

TRAP_FUNCTION kern_return_t
sys_thread_depress_abort(mach_port_name_t name)
{
	struct thread *thread = thread_trap_lookup(name);

	if (thread == NULL) {
		/* What user stubs take for "ask with a message". */
		return MACH_SEND_INTERRUPTED;
	}
	sched_depress_abort(thread);
	thread_unref(thread);
	return KERN_SUCCESS;
}
