/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * The first processor that panics owns the machine: it stops the others, has
 * the console to itself and runs the debugger.  One that panics meanwhile,
 * or a panic inside the panic, must not get in its way.
 */

#include <kernel/panic.h>

#include <stdarg.h>
#include <stdint.h>

#include <machine/cpu.h>
#include <machine/trap.h>

#include <kernel/kdb/kdb.h>
#include <kernel/kdb/kdb_error.h>
#include <kernel/kdb/kdb_out.h>
#include <kernel/kdb/kdb_stop.h>
#include <kernel/kdb/kdb_trace.h>
#include <kernel/percpu.h>
#include <kernel/printf.h>
#include <kernel/thread.h>

static uint32_t panic_depth;	/* the owner's */

bool
panic_active(void)
{
	return kdb_stop_mine() && kdb_stop_talking();
}

/* Does this end no more than a command of the debugger's? */
static bool
panic_of_command(void)
{
	if (!kdb_stop_mine() || !kdb_error_caught()) {
		return false;
	}
	kdb_out_pause(false);
	kdb_out_fresh_line();
	kdb_printf("panic in the debugger: ");
	return true;
}

/*
 * Become the owner.  One that panics too never lets go, but somebody who only
 * looks around in the debugger does, and then it is our turn.
 */
static void
panic_enter(uintptr_t frame)
{
	(void)kdb_stop_enter(frame);
	panic_depth++;
	if (panic_depth > 2) {
		printf("\npanic: again; giving up\n");
		machine_reboot();
	}
}

static void
panic_say_locks(void *arg)
{
	lock_rank_dump();
}

static void
panic_trace(void *frame)
{
	kdb_trace_pointer(current_thread(), (uintptr_t)frame, KDB_TRACE_MAX,
	    false);
}

/* Of another processor. */
static void
panic_trace_other(void *percpu)
{
	const struct percpu *its = percpu;

	kdb_trace_stopped(its->thread, its->panic_frame, KDB_TRACE_MAX, false);
}

/* Threads and tasks may be damaged: what faults is no more than not said. */
static _Noreturn void
panic_finish(uintptr_t frame)
{
	(void)kdb_error_catch(panic_say_locks, NULL);
	printf("processor %u:\n", cpu_id());
	if (trap_panic_frame() != NULL) {
		trap_frame_print(trap_panic_frame());
	}
	/* It may be that of a command, and nobody is to end its report. */
	kdb_out_pause(false);
	(void)kdb_error_catch(panic_trace, (void *)frame);
	for (unsigned cpu = 0; cpu < CPU_MAX; cpu++) {
		if (percpu_get(cpu)->panic_frame != 0 && cpu != cpu_id()) {
			printf("processor %u:\n", cpu);
			(void)kdb_error_catch(panic_trace_other,
			    percpu_get(cpu));
		}
	}
	for (;;) {
		kdb_enter(frame, false);
	}
}

void
panic(const char *format, ...)
{
	uintptr_t frame = (uintptr_t)__builtin_frame_address(0);
	va_list args;

	cpu_intr_disable();
	va_start(args, format);
	if (panic_of_command()) {
		kdb_vprintf(format, args);
		kdb_printf("\n");
		kdb_error_quit();
	}
	panic_enter(frame);
	printf("\npanic: ");
	vprintf(format, args);
	va_end(args);
	printf("\n");
	panic_finish(frame);
}

void
panic_assert(const char *expression, const char *file, int line)
{
	uintptr_t frame = (uintptr_t)__builtin_frame_address(0);

	cpu_intr_disable();
	if (panic_of_command()) {
		kdb_printf("%s:%d: assertion failed: %s\n", file, line,
		    expression);
		kdb_error_quit();
	}
	panic_enter(frame);
	printf("\npanic: %s:%d: assertion failed: %s\n", file, line,
	    expression);
	panic_finish(frame);
}
