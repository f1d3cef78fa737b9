/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Exceptions: the current thread asks its own exception port, then its
 * task's, to put right what went wrong.
 *
 * The kernel's message goes to whatever port was set, with a reply port of
 * the kernel's own; there is one wait at a time and no recursion: a port of
 * the kernel answers at once with an error, and that counts as "not handled".
 */

#include <kernel/exception.h>

#include <mach/message.h>

#include <machine/pcb.h>
#include <stdio.h>

#include <kernel/clock.h>
#include <kernel/task.h>
#include <kernel/thread.h>

#include <ipc/ipc_port.h>
#include <ipc/ipc_special.h>

#include <exc_user.h>

/*
 * Ask PORT, a send right that is consumed.  True if the thread can go on, or
 * has to end or start again because somebody broke off its wait.
 */
static bool
exception_ask(struct ipc_port *port, int exception, int code, int subcode)
{
	kern_return_t kr;

	if (!ip_valid(port)) {
		return false;
	}
	/* All three rights are consumed. */
	kr = r_exception_raise(port, ipc_thread_make_send(current_thread()),
	    ipc_task_make_send(current_task()), exception, code, subcode);

	/* A handler that ends the thread need not answer. */
	return kr == KERN_SUCCESS || kr == MACH_RCV_INTERRUPTED ||
	       thread_terminating(current_thread());
}

/* Users must not be able to fill the console: a few reports a second. */
static bool
exception_may_report(void)
{
	static uint32_t reported;
	uint32_t slot = (uint32_t)clock_ticks() / (HZ / 4);

	return __atomic_exchange_n(&reported, slot, __ATOMIC_RELAXED) != slot;
}

void
exception_raise(int exception, int code, int subcode)
{
	struct thread *thread = current_thread();
	struct task *task = current_task();
	struct ipc_port *port;

	if (ipc_thread_get_special_port(thread, IPC_SPECIAL_EXCEPTION, &port) !=
	    KERN_SUCCESS) {
		return;
	}
	if (exception_ask(port, exception, code, subcode)) {
		return;
	}
	if (ipc_task_get_special_port(task, IPC_SPECIAL_EXCEPTION, &port) !=
	    KERN_SUCCESS) {
		return;
	}
	if (exception_ask(port, exception, code, subcode)) {
		return;
	}

	if (exception_may_report()) {
		printf("task %s: exception %d, code %d, subcode 0x%x at 0x%x "
		       "not handled, terminated\n",
		    task->name, exception, code, subcode, pcb_user_pc(thread));
	}
	task_terminate(task);
}
