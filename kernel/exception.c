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

#include <ipc/ipc_exception.h>
#include <ipc/ipc_mqueue_i.h>
#include <ipc/ipc_special.h>

/* The thread's and the task's. */
#define EXCEPTION_PORTS	2

/* Users must not be able to fill the console: a few reports a second. */
static bool
exception_may_report(void)
{
	static uint32_t reported;
	uint32_t slot = (uint32_t)clock_ticks() / (HZ / 4);

	return __atomic_exchange_n(&reported, slot, __ATOMIC_RELAXED) != slot;
}

static void
exception_unhandled(const struct ipc_exception *e)
{
	struct task *task = current_task();

	if (exception_may_report()) {
		printf("task %s: exception %d, code %d, subcode 0x%x at 0x%x "
		       "not handled, terminated\n",
		    task->name, e->exception, e->code, e->subcode,
		    pcb_user_pc(current_thread()));
	}
	task_terminate(task);
}

/*
 * Can the thread go on, or has it to end or to start again because somebody broke
 * off its wait?  A handler that ends the thread need not answer.
 */
static bool
exception_is_settled(kern_return_t kr)
{
	return kr == KERN_SUCCESS || kr == MACH_RCV_INTERRUPTED ||
	       thread_terminating(current_thread());
}

/* The next port to be asked; KERN_FAILURE if the thread or task has ended. */
static kern_return_t
exception_next_port(struct ipc_exception *e, struct ipc_port **portp)
{
	if (e->asked++ == 0) {
		return ipc_thread_get_special_port(
		    current_thread(), IPC_SPECIAL_EXCEPTION, portp);
	}
	return ipc_task_get_special_port(
	    current_task(), IPC_SPECIAL_EXCEPTION, portp);
}

/* Ask those that were not asked yet. */
static void
exception_ask(struct ipc_exception *e)
{
	struct ipc_port *port;

	while (e->asked < EXCEPTION_PORTS) {
		if (exception_next_port(e, &port) != KERN_SUCCESS ||
		    exception_is_settled(ipc_exception_ask(port, e))) {
			return;
		}
	}
	exception_unhandled(e);
}

void
exception_answered(kern_return_t kr)
{
	if (!exception_is_settled(kr)) {
		exception_ask(&current_thread()->waiting.msg.exception);
	}
}

void
exception_raise(int exception, int code, int subcode)
{
	struct ipc_exception *e = &current_thread()->waiting.msg.exception;

	*e = (struct ipc_exception) {
		.exception = exception,
		.code = code,
		.subcode = subcode,
	};
	exception_ask(e);
}
