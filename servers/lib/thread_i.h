/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * One record per thread of this task: what must outlive the thread's own stack
 * and TLS.  A thread ends on the small stack in its record, because its real
 * stack belongs to whoever joins it as soon as the thread list is unlocked.
 *
 * States: FREE -> LIVE (thread_record_alloc) -> DYING (thread_record_leave, on
 * the record's stack) -> LIVE again, once the kernel says that the thread's
 * port is dead.  All moves are made with musl's thread list locked.
 */
#ifndef SERVERS_LIB_THREAD_I_H
#define SERVERS_LIB_THREAD_I_H

#include <servers/lib/mach.h>

enum thread_record_state {
	THREAD_RECORD_FREE,
	THREAD_RECORD_LIVE,
	THREAD_RECORD_DYING,
};

/* [t] thread list lock  [o] only the thread itself */
struct thread_record {
	struct thread_record		*next;		/* [t] all records */
	enum thread_record_state	state;		/* [t] */
	int				tid;		/* fixed; 1 is main */
	mach_port_t			thread;		/* [t] a send right */
	mach_port_t			reply_port;	/* [o] or null */
	int				*clear_tid;	/* [o] zero at exit */
	vm_address_t			unmap_base;	/* [o] stack to free */
	vm_size_t			unmap_size;	/* [o] */
	uint32_t			stack[440];	/* [o] the last steps */
};

/* The record of the calling thread. */
struct thread_record *thread_record_self(void);

/* Made ready before the first thread has TLS. */
void thread_record_setup(void);

/* Every thread has its TLS segment in this selector of its own GDT part. */
int thread_tls_selector(void);

/* End the calling thread; frees its stack first when unmap_size is set. */
void thread_record_leave(struct thread_record *record)
    __attribute__((noreturn));

/* thread_entry.asm */
extern void thread_entry(void);
void thread_switch_stack(void *top, void (*function)(struct thread_record *),
    struct thread_record *record) __attribute__((noreturn));

#endif /* SERVERS_LIB_THREAD_I_H */
