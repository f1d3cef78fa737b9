/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * What the compiler and the MIG stubs expect to find.
 */
#include "emul.h"

#include <mach/mig_support.h>

#include "mach_user.h"

void *
memcpy(void *to, const void *from, size_t n)
{
	void *d = to;

	__asm__ volatile ("rep movsb" : "+D" (d), "+S" (from), "+c" (n) : :
	    "memory");
	return to;
}

void *
memset(void *to, int c, size_t n)
{
	void *d = to;

	__asm__ volatile ("rep stosb" : "+D" (d), "+c" (n) : "a" (c) :
	    "memory");
	return to;
}

void *
memmove(void *to, const void *from, size_t n)
{
	char *d = to;
	const char *s = from;

	if (d <= s || d >= s + n) {
		return memcpy(to, from, n);
	}
	while (n-- > 0) {
		d[n] = s[n];
	}
	return to;
}

int
memcmp(const void *one, const void *other, size_t n)
{
	const unsigned char *p = one;
	const unsigned char *q = other;

	for (size_t i = 0; i < n; i++) {
		if (p[i] != q[i]) {
			return p[i] < q[i] ? -1 : 1;
		}
	}
	return 0;
}

size_t
strlen(const char *text)
{
	size_t n = 0;

	while (text[n] != '\0') {
		n++;
	}
	return n;
}

/* The thread's own reply port; the stubs ask for it before each call. */
mach_port_t
mig_get_reply_port(void)
{
	struct emul_thread *thread = emul_self();

	if (thread->reply_port == MACH_PORT_NULL) {
		thread->reply_port = mach_reply_port();
	}
	return thread->reply_port;
}

/*
 * A stub's call failed.  When nothing was sent, the reply port is as good as
 * before; a new one for each call of a process that has lost its server would
 * fill the kernel's memory.
 */
void
mig_dealloc_reply_port(mach_port_t port)
{
	struct emul_thread *thread = emul_self();

	(void)port;
	if (thread->result < MACH_SEND_IN_PROGRESS ||
	    thread->result >= MACH_RCV_IN_PROGRESS ||
	    thread->result == MACH_SEND_INVALID_REPLY) {
		thread->reply_port = MACH_PORT_NULL;
	}
}

void
mig_put_reply_port(mach_port_t port)
{
	(void)port;
}

/* The stubs ask for room for an array that is larger than its caller thought. */
void
mig_allocate(vm_address_t *address, vm_size_t size)
{
	if (vm_allocate(emul_task(emul_self()), address, size, TRUE) !=
	    KERN_SUCCESS) {
		*address = 0;
	}
}

/*
 * Send and receive, going on after an interruption (thread_abort by somebody
 * in the middle; the server itself never does that to a thread that goes on).
 */
mach_msg_return_t
mach_msg(mach_msg_header_t *msg, mach_msg_option_t option,
    mach_msg_size_t send_size, mach_msg_size_t rcv_size, mach_port_t rcv_name,
    mach_msg_timeout_t timeout, mach_port_t notify)
{
	struct emul_thread *thread = emul_self();
	mach_msg_return_t mr;

	mr = (mach_msg_return_t)mach_msg_trap(msg, option, send_size,
	    rcv_size, rcv_name, timeout, notify);
	while (mr == MACH_SEND_INTERRUPTED) {
		mr = (mach_msg_return_t)mach_msg_trap(msg, option, send_size,
		    rcv_size, rcv_name, timeout, notify);
	}
	while (mr == MACH_RCV_INTERRUPTED) {
		mr = (mach_msg_return_t)mach_msg_trap(msg,
		    option & ~MACH_SEND_MSG, 0, rcv_size, rcv_name, timeout,
		    notify);
	}
	thread->result = (uint32_t)mr;
	if (mr == MACH_SEND_INVALID_DEST &&
	    msg->msgh_remote_port == thread->port) {
		/* Nothing that it calls can work any more, not even exit. */
		(void)syscall_task_terminate(mach_task_self());
	}
	return mr;
}
