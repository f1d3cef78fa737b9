/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * The log of a task's traps and messages, through the trap table.
 */

#include <tests/lib/test.h>
#include <tests/unit/kernel/kdb_shown.h>

#include <mach/message.h>
#include <machine/copyio.h>

#include <kernel/syscall.h>
#include <kernel/task.h>
#include <kernel/thread.h>
#include <kernel/thread_trap.h>

#include <ipc/ipc_special.h>
#include <ipc/mach_msg_trap.h>

#include <vm/vm_map.h>
#include <vm/vm_page.h>

TEST_MACHINE(.cpus = 2);

#define MESSAGE_ID	71000
#define NOBODY		0x7777		/* a name that is none */

static mach_port_name_t port;
static mach_port_name_t self_port;
static unsigned calls;			/* of task_self */
static bool ended;

/* ---- traps, as the machine makes them ----------------------------------- */

static mach_msg_return_t
trap_message(struct mach_msg_args args)
{
	return ((mach_msg_return_t (*)(struct mach_msg_args))
	    syscall_table[25].fn)(args);
}

static mach_port_name_t
trap_port(unsigned number)
{
	return ((mach_port_name_t (*)(void))syscall_table[number].fn)();
}

static kern_return_t
trap_deallocate(mach_port_name_t task, vm_offset_t address, vm_size_t size)
{
	return ((kern_return_t (*)(mach_port_name_t, vm_offset_t, vm_size_t))
	    syscall_table[66].fn)(task, address, size);
}

static mach_msg_return_t
send_to(mach_port_name_t name, vm_offset_t buffer, mach_msg_option_t option)
{
	mach_msg_header_t m = {
		.msgh_bits = MACH_MSGH_BITS(MACH_MSG_TYPE_MAKE_SEND, 0),
		.msgh_size = sizeof(m),
		.msgh_remote_port = name,
		.msgh_id = MESSAGE_ID,
	};

	TEST_TRAP(copyout(&m, buffer, sizeof(m)));
	return TEST_TRAP(trap_message((struct mach_msg_args) {
		buffer, option, sizeof(m), 100, port, 0, 0 }));
}

static void
works(void *arg)
{
	vm_offset_t buffer = 0;

	TEST_TRAP(vm_map_allocate(current_map(), &buffer, vm_page_size, true));
	port = TEST_TRAP(trap_port(26));
	for (unsigned i = 0; i < calls; i++) {
		(void)TEST_TRAP(trap_port(28));
	}
	CHECK_EQ(send_to(port, buffer, MACH_SEND_MSG | MACH_RCV_MSG), 0);
	CHECK_EQ(send_to(NOBODY, buffer, MACH_SEND_MSG | MACH_RCV_MSG),
	    MACH_SEND_INVALID_DEST);
	self_port = TEST_TRAP(trap_port(28));
	CHECK_EQ(TEST_TRAP(trap_deallocate(self_port, buffer, vm_page_size)), 0);
	ended = true;
	for (;;) {
		(void)TEST_TRAP(trap_message((struct mach_msg_args) {
			0x1000, MACH_RCV_MSG, 0, 100, port, 0, 0 }));
	}
}

/* A task of that name, at work until it waits for ever. */
static struct task *
work(const char *name, const char *trace)
{
	struct thread *thread;
	struct task *task = test_task_create(works, NULL, &thread);

	task_name_set(task, name);
	ended = false;
	if (trace != NULL) {
		CHECK(kdb_command(trace));
	}
	CHECK_OK(thread_resume(thread));
	TEST_WAIT_UNTIL(ended && thread->sched.state == THREAD_BLOCKED);
	thread_unref(thread);
	return task;
}

static const char *
line(const char *format, ...)
{
	static char text[160];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	return text;
}

TEST(traps_and_messages_are_logged)
{
	struct task *task = work("traced", "trace on traced");
	struct task *other;

	run("show trace", NULL);
	wants("seconds       thread       trap or messages, ");
	wants(line("traced.0      mach_reply_port() = %x, ", port));
	wants(line("mach_msg send file.file_read to %x receive at %x: "
	    "file.file_read by %x = 0, ", port, port, port));
	wants(line("mach_msg send file.file_read to %x receive at %x = %x, ",
	    NOBODY, port, MACH_SEND_INVALID_DEST));
	wants(line("vm_deallocate(%x, ", self_port));
	wants(line(", %x) = 0, ", (unsigned)vm_page_size));
	wants(line("mach_msg receive at %x has not returned\n", port));
	/* The newest is the last. */
	run(",1 show trace", NULL);
	wants("has not returned\n");
	CHECK(strstr(output, "= 0") == NULL);
	other = work("other", NULL);
	run("show trace", NULL);
	CHECK(strstr(output, "other.") == NULL);
	test_end_task(other);
	test_end_task(task);
	/* It is no more, and what is there now is another. */
	run("show trace", NULL);
	wants("mach_reply_port() = ");
	CHECK(kdb_command("trace off"));
	CHECK(syscall_table[25].fn == (void (*)(void))sys_mach_msg);
	CHECK(syscall_table[28].fn == (void (*)(void))sys_mach_task_self);
}

TEST(the_oldest_are_forgotten)
{
	struct task *task;
	unsigned n = 0;

	calls = 1000;
	task = work("often", "trace on often");
	run("show trace", NULL);
	for (const char *at = output; (at = strstr(at, "often.0")) != NULL;
	    at++) {
		n++;
	}
	CHECK_EQ(n, 256);
	CHECK(strstr(output, "mach_reply_port") == NULL);
	wants(line("mach_task_self() = %x, ", self_port));
	wants("has not returned\n");
	CHECK(kdb_command("trace off"));
	test_end_task(task);
	calls = 0;
}

TEST(who_cannot_be_traced)
{
	run("trace on", NULL);
	wants("which task?");
	run("trace on nobody", NULL);
	wants("no task: nobody");
	run("show trace", NULL);
}
