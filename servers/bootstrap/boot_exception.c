/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * A server that faults.  Its task's exception port is ours; we say what
 * happened and where, so that addr2line can find the lines, and end the task.
 */

#include <servers/bootstrap/boot_exception.h>
#include <servers/bootstrap/boot_server.h>

#include <mach/exception.h>
#include <mach/machine/thread_status.h>
#include <servers/lib/log.h>
#include <servers/lib/server.h>
#include <stdio.h>
#include <string.h>

#include <mig/exc_server.h>
#include <mig/mach_port_user.h>
#include <mig/mach_user.h>

#define BOOT_FRAMES_MAX	16

static const struct object_class boot_exception_class = {
	.name = "exception",
};
static struct object boot_exception;

mach_port_t
boot_exception_setup(void)
{
	if (object_create_service(&boot_exception, &boot_exception_class) !=
	    KERN_SUCCESS) {
		panic("no exception port");
	}
	return object_right(&boot_exception);
}

static const char *
boot_exception_text(int exception)
{
	switch (exception) {
	case EXC_BAD_ACCESS:
		return "bad access";
	case EXC_BAD_INSTRUCTION:
		return "bad instruction";
	case EXC_ARITHMETIC:
		return "arithmetic error";
	case EXC_SOFTWARE:
		return "software exception";
	case EXC_BREAKPOINT:
		return "breakpoint";
	default:
		return "exception";
	}
}

/* Two words, saved frame pointer and return address, of TASK. */
static bool
boot_exception_frame(mach_port_t task, uint32_t frame, uint32_t words[2])
{
	vm_offset_t data = 0;
	mach_msg_type_number_t size = 0;
	vm_address_t first = frame & ~(vm_page_size - 1);

	if ((frame & 3) != 0 || frame - first > vm_page_size - 8 ||
	    vm_read(task, first, vm_page_size, &data, &size) != KERN_SUCCESS) {
		return false;
	}
	memcpy(words, (char *)data + (frame - first), 8);
	(void)vm_deallocate(mach_task_self(), data, size);
	return true;
}

static void
boot_exception_trace(const char *name, mach_port_t task, mach_port_t thread)
{
	struct i386_thread_state state;
	mach_msg_type_number_t count = i386_THREAD_STATE_COUNT;
	char line[12 * (BOOT_FRAMES_MAX + 1)];
	uint32_t words[2];
	uint32_t frame;
	size_t used;

	if (thread_get_state(thread, i386_THREAD_STATE,
	    (thread_state_t)&state, &count) != KERN_SUCCESS) {
		return;
	}
	frame = state.ebp;
	used = (size_t)snprintf(line, sizeof(line), "%08x", state.eip);
	for (int i = 0; i < BOOT_FRAMES_MAX; i++) {
		if (!boot_exception_frame(task, frame, words) ||
		    words[1] == 0) {
			break;
		}
		used += (size_t)snprintf(line + used, sizeof(line) - used,
		    " %08x", words[1]);
		if (words[0] <= frame) {
			break;
		}
		frame = words[0];
	}
	log_info("%s: at %s", name, line);
}

kern_return_t
catch_exception_raise(mach_port_t port, mach_port_t thread, mach_port_t task,
    int exception, int code, int subcode)
{
	char name[BOOT_LIST_NAME_MAX + 1] = "?";

	if (object_lookup(port, &boot_exception_class) == NULL) {
		return KERN_INVALID_ARGUMENT;
	}
	(void)boot_server_of_task(task, name);
	log_error("%s: %s, code %d, address 0x%x", name,
	    boot_exception_text(exception), code, (unsigned)subcode);
	boot_exception_trace(name, task, thread);
	(void)task_terminate(task);
	(void)mach_port_deallocate(mach_task_self(), thread);
	(void)mach_port_deallocate(mach_task_self(), task);
	return KERN_SUCCESS;
}
