/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * Faults of programs.  Four kinds: of the library while it touches the
 * program's memory (it goes on at its fault exit), int $0x80 where the kernel
 * does not redirect it, the program's own (a signal), and the library's own,
 * which is a bug of ours.
 */
#include <servers/unix/unix_task.h>

#include <mach/exception.h>
#include <mach/machine/exception.h>
#include <servers/lib/log.h>
#include <servers/unix/unix_call.h>
#include <string.h>

#include <mig/exc_server.h>
#include <mig/mach_port_user.h>
#include <mig/mach_user.h>

/* The names are the same as those that we hold already. */
static struct uthread *
exc_find(mach_port_t task, mach_port_t thread)
{
	struct process *p;
	struct uthread *t;

	list_for_each(&process_table, p, table) {
		if (p->task != task) {
			continue;
		}
		list_for_each(&p->threads, t, link) {
			if (t->thread == thread) {
				return t;
			}
		}
	}
	return NULL;
}

static int
exc_arithmetic(int code, struct siginfo *info)
{
	info->trap = code == EXC_I386_DIV ? 0 : code == EXC_I386_INTO ? 4 :
	    16;
	info->code = code == EXC_I386_DIV ? L_FPE_INTDIV :
	    code == EXC_I386_INTO ? L_FPE_INTOVF : L_FPE_FLTINV;
	return L_SIGFPE;
}

/* The signal for an exception, and what is known about it. */
static int
exc_signal(int exception, int code, int subcode, uint32_t eip,
    struct siginfo *info)
{
	memset(info, 0, sizeof(*info));
	info->value = eip;
	switch (exception) {
	case EXC_BAD_ACCESS:
		info->trap = 14;
		info->value = (uint32_t)subcode;
		info->error = 4;
		if (code == KERN_MEMORY_ERROR || code == KERN_MEMORY_FAILURE) {
			info->code = L_BUS_ADRERR;
			return L_SIGBUS;
		}
		info->code = code == KERN_PROTECTION_FAILURE ?
		    L_SEGV_ACCERR : L_SEGV_MAPERR;
		if (code == KERN_PROTECTION_FAILURE) {
			info->error |= 1;
		}
		return L_SIGSEGV;
	case EXC_BAD_INSTRUCTION:
		if (code == EXC_I386_INVOP) {
			info->trap = 6;
			info->code = L_ILL_ILLOPN;
			return L_SIGILL;
		}
		info->trap = 13;
		info->error = (uint32_t)subcode;
		info->value = 0;
		info->code = L_SI_KERNEL;
		return L_SIGSEGV;
	case EXC_ARITHMETIC:
		return exc_arithmetic(code, info);
	case EXC_BREAKPOINT:
		info->trap = code == EXC_I386_SGL ? 1 : 3;
		info->code = code == EXC_I386_SGL ? L_TRAP_TRACE : L_SI_KERNEL;
		return L_SIGTRAP;
	case EXC_SOFTWARE:
		info->trap = 5;
		info->code = L_SI_KERNEL;
		return L_SIGSEGV;
	default:
		info->code = L_SI_KERNEL;
		return L_SIGILL;
	}
}

/* What the processor says of an int $0x80 that users may not execute. */
#define EXC_INT_LENGTH	2u
#define EXC_INT_ERROR	(0x80 << 3 | 2)

/* The program is at an int $0x80 that nobody redirected. */
static bool
exc_is_call(int exception, int code, int subcode)
{
	return exception == EXC_BAD_INSTRUCTION && code == EXC_I386_GPFLT &&
	    subcode == EXC_INT_ERROR;
}

static bool
exc_library(struct uthread *t, struct i386_thread_state *state)
{
	if (state->eip < task_emul.copy_begin ||
	    state->eip >= task_emul.copy_end) {
		return false;
	}
	state->eip = task_emul.copy_fault;
	return uthread_set_registers(t->thread, state) == KERN_SUCCESS;
}

static kern_return_t
exc_handle(struct uthread *t, int exception, int code, int subcode)
{
	struct i386_thread_state state;
	struct siginfo info;
	int signal;

	/* Interrupted while it waited for a page (exec): try again. */
	if (exception == EXC_BAD_ACCESS && code == KERN_ABORTED) {
		return KERN_SUCCESS;
	}
	/* Memory is exhausted, and this process has most of it. */
	if (exception == EXC_BAD_ACCESS && code == KERN_RESOURCE_SHORTAGE) {
		log_info("memory exhausted: killed %s (%d)", t->process->name,
		    t->process->pid);
		process_exit(t->process, L_SIGKILL);
		return KERN_SUCCESS;
	}
	if (uthread_registers(t->thread, &state) != KERN_SUCCESS) {
		return KERN_FAILURE;
	}
	if (state.eip >= EMUL_BASE && state.eip < EMUL_END) {
		if (exc_library(t, &state)) {
			return KERN_SUCCESS;
		}
		/* A restorer runs in there as the program does. */
		if (!exc_is_call(exception, code, subcode)) {
			log_error("%s (%d): fault in the library at %x: "
			    "%d %d %x, esp %x", t->process->name,
			    t->process->pid, state.eip, exception, code,
			    (unsigned)subcode, state.uesp);
			process_exit(t->process, code == KERN_MEMORY_ERROR ?
			    L_SIGBUS : L_SIGSEGV);
			return KERN_SUCCESS;
		}
	}
	if (exc_is_call(exception, code, subcode)) {
		state.eip += EXC_INT_LENGTH;
		return uthread_redirect(t, &state, task_emul.entry_redirected,
		    state.eax);
	}
	signal = exc_signal(exception, code, subcode, state.eip, &info);
	if (call_trace) {
		log_info("%d fault: signal %d at eip %x, address %x, esp %x",
		    t->process->pid, signal, state.eip, (unsigned)subcode,
		    state.uesp);
	}
	if (!signal_fault(t, signal, &info)) {
		return KERN_SUCCESS;
	}
	return uthread_redirect(t, &state, task_emul.entry_signal, ~0u);
}

kern_return_t
catch_exception_raise(mach_port_t port, mach_port_t thread, mach_port_t task,
    integer_t exception, integer_t code, integer_t subcode)
{
	struct uthread *t;
	kern_return_t kr = KERN_FAILURE;

	unix_lock();
	t = port == task_exception_port ? exc_find(task, thread) : NULL;
	if (t != NULL) {
		uthread_ref(t);
		kr = exc_handle(t, exception, code, subcode);
		uthread_unref(t);
	}
	unix_unlock();
	if (kr != KERN_SUCCESS) {
		return kr;
	}
	mach_port_deallocate(mach_task_self(), thread);
	mach_port_deallocate(mach_task_self(), task);
	return KERN_SUCCESS;
}
