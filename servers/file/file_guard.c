/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * A fault within the copy is an exception of the thread, whose exception port
 * is ours: the thread goes on where the copy fails.  All other faults are
 * refused, so that they come to the task's exception port.
 */
#include <servers/file/file_guard.h>

#include <mach/exception.h>
#include <mach/machine/thread_status.h>
#include <mach/thread_special_ports.h>
#include <servers/lib/mach.h>
#include <servers/lib/object.h>
#include <servers/lib/server.h>
#include <stdint.h>

#include <mig/exc_server.h>
#include <mig/mach_port_user.h>
#include <mig/mach_user.h>

static const struct object_class file_guard_class = {
	.name = "guard"
};
static struct object file_guard;

/* This thread's faults come to us. */
static __thread bool file_guard_ready;

/* Where the copy is, and where it fails; labels in it. */
extern const char file_guard_begin[];
extern const char file_guard_fault[];

kern_return_t
file_guard_setup(void)
{
	kern_return_t kr;

	kr = object_create_service(&file_guard, &file_guard_class);
	if (kr == KERN_SUCCESS) {
		kr = server_serve_apart(file_guard.port);
	}
	return kr;
}

static bool
file_guard_enter(void)
{
	mach_port_t thread = mach_thread_self();
	mach_port_t port = object_right(&file_guard);
	kern_return_t kr;

	kr = thread_set_special_port(thread, THREAD_EXCEPTION_PORT, port);
	(void) mach_port_deallocate(mach_task_self(), port);
	(void) mach_port_deallocate(mach_task_self(), thread);
	return kr == KERN_SUCCESS;
}

static __attribute__((noinline, noclone)) bool
file_guard_move(void *to, const void *from, size_t size)
{
	size_t words = size / 4;
	size_t rest = size % 4;
	bool failed = false;

	__asm__ volatile(
	    "file_guard_begin:\n\t"
	    "rep movsl\n\t"
	    "movl %[rest], %%ecx\n\t"
	    "rep movsb\n\t"
	    "jmp 1f\n"
	    "file_guard_fault:\n\t"
	    "movb $1, %[failed]\n"
	    "1:"
	    : "+D"(to), "+S"(from), "+c"(words), [failed] "+m"(failed)
	    : [rest] "r"(rest)
	    : "memory", "cc");
	return !failed;
}

bool
file_guard_copy(void *to, const void *from, size_t size)
{
	if (!file_guard_ready) {
		file_guard_ready = file_guard_enter();
	}
	return file_guard_ready && file_guard_move(to, from, size);
}

static kern_return_t
file_guard_recover(mach_port_t thread)
{
	struct i386_thread_state state;
	mach_msg_type_number_t count = i386_THREAD_STATE_COUNT;
	kern_return_t kr;

	kr = thread_get_state(thread, i386_REGS_SEGS_STATE,
	    (thread_state_t) &state, &count);
	if (kr != KERN_SUCCESS) {
		return kr;
	}
	if (state.eip < (uintptr_t) file_guard_begin
	    || state.eip >= (uintptr_t) file_guard_fault) {
		return KERN_FAILURE;
	}
	state.eip = (uintptr_t) file_guard_fault;
	return thread_set_state(thread, i386_REGS_SEGS_STATE,
	    (thread_state_t) &state, i386_THREAD_STATE_COUNT);
}

kern_return_t
catch_exception_raise(mach_port_t port, mach_port_t thread, mach_port_t task,
    integer_t exception, integer_t code, integer_t subcode)
{
	kern_return_t kr = KERN_FAILURE;

	(void) code;
	(void) subcode;
	if (object_lookup(port, &file_guard_class) != NULL
	    && exception == EXC_BAD_ACCESS) {
		kr = file_guard_recover(thread);
	}
	if (kr == KERN_SUCCESS) {
		(void) mach_port_deallocate(mach_task_self(), thread);
		(void) mach_port_deallocate(mach_task_self(), task);
	}
	return kr;
}
