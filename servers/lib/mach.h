/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * Traps of the kernel and the message call, as a server may see them.  Only
 * servers/lib calls mach_msg; everybody else goes through MIG stubs.
 */
#ifndef SERVERS_LIB_MACH_H
#define SERVERS_LIB_MACH_H

#include <mach/boolean.h>
#include <mach/kern_return.h>
#include <mach/message.h>
#include <mach/port.h>
#include <mach/std_types.h>
#include <stdbool.h>
#include <stdint.h>

/* The names of this task's own port and of the host, fetched once at start. */
extern mach_port_t mach_task_self_;
extern mach_port_t mach_host_self_;

/* The kernel's page size: a multiple of 4096. */
extern vm_size_t vm_page_size;

#define mach_task_self()	(mach_task_self_)

/* Traps: implemented in trap.asm. */
mach_msg_return_t mach_msg_trap(mach_msg_header_t *message, int option,
    mach_msg_size_t send_size, mach_msg_size_t receive_size,
    mach_port_t receive_name, mach_msg_timeout_t timeout, mach_port_t notify);
mach_port_t mach_reply_port(void);
mach_port_t mach_thread_self(void);
mach_port_t mach_task_self_trap(void);
mach_port_t mach_host_self_trap(void);
void mach_print(const char *string);
boolean_t swtch(void);
boolean_t swtch_pri(int priority);
kern_return_t thread_switch(mach_port_t thread, int option,
    mach_msg_timeout_t milliseconds);
kern_return_t syscall_vm_deallocate(mach_port_t task, vm_address_t address,
    vm_size_t size);

/*
 * Send, receive, or both.  Goes on after an interruption unless OPTION says
 * that the caller wants to know (MACH_SEND_INTERRUPT, MACH_RCV_INTERRUPT).
 */
mach_msg_return_t mach_msg(mach_msg_header_t *message,
    mach_msg_option_t option, mach_msg_size_t send_size,
    mach_msg_size_t receive_size, mach_port_t receive_name,
    mach_msg_timeout_t timeout, mach_port_t notify);

/*
 * Give back every right and every out-of-line region that MESSAGE holds, and
 * its remote port right.  RECEIVED: it came in and will not be handled, so all
 * of its memory is ours; otherwise it is one of ours that could not be sent,
 * and memory goes only where the send would have taken it.
 */
void mach_msg_destroy(mach_msg_header_t *message, bool received);

#endif /* SERVERS_LIB_MACH_H */
