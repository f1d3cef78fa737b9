/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * Threads as the C library wants them: pthread_create ends in __clone here,
 * which makes a Mach thread with its own TLS segment; pthread_exit ends in
 * __unmapself (detached) or the exit call (joinable).
 *
 * pthread_create and pthread_exit call with the library's thread list locked;
 * thread_record_leave unlocks it as the kernel would: by storing zero in
 * clear_tid and waking who waits there.
 */

#include <servers/lib/musl_i.h>
#include <servers/lib/reply_i.h>
#include <servers/lib/thread_i.h>

#include <errno.h>
#include <mach/machine/thread_status.h>
#include <string.h>

#include <mig/gnumach_user.h>
#include <mig/mach_i386_user.h>
#include <mig/mach_port_user.h>
#include <mig/mach_user.h>

#define THREAD_FIRST_RECORDS	8
#define THREAD_MORE_RECORDS	64
#define THREAD_TERMINATE_ID	2016	/* thread_terminate of mach.defs */

static struct thread_record thread_first[THREAD_FIRST_RECORDS];
static struct thread_record *thread_records;	/* [t] */
static int thread_next_tid;			/* [t] */
static int thread_selector = -1;
static bool thread_tls_ready;

/* The record of this thread, once it has TLS. */
static __thread struct thread_record *thread_record_mine;

struct thread_record *
thread_record_self(void)
{
	if (!thread_tls_ready || thread_record_mine == NULL) {
		return &thread_first[0];
	}
	return thread_record_mine;
}

/* The next thread with this one's record takes the port over. */
mach_port_t *
mig_reply_slot(void)
{
	return &thread_record_self()->reply_port;
}

int
thread_tls_selector(void)
{
	return thread_selector;
}

static void
thread_record_add(struct thread_record *records, unsigned n)
{
	for (unsigned i = n; i-- > 0;) {
		records[i].state = THREAD_RECORD_FREE;
		records[i].next = thread_records;
		thread_records = &records[i];
	}
	/* Numbers go up along the list; each record keeps its own. */
	for (unsigned i = 0; i < n; i++) {
		records[i].tid = ++thread_next_tid;
	}
}

void
thread_record_setup(void)
{
	thread_record_add(thread_first, THREAD_FIRST_RECORDS);
	thread_first[0].state = THREAD_RECORD_LIVE;
	thread_first[0].thread = mach_thread_self();
}

/* Is the thread that had this record gone for good? */
static bool
thread_record_dead(struct thread_record *record)
{
	mach_port_type_t type;
	kern_return_t kr;

	kr = mach_port_type(mach_task_self(), record->thread, &type);
	return kr != KERN_SUCCESS || (type & MACH_PORT_TYPE_DEAD_NAME) != 0;
}

static struct thread_record *
thread_record_find(void)
{
	struct thread_record *r;

	for (r = thread_records; r != NULL; r = r->next) {
		if (r->state == THREAD_RECORD_FREE) {
			return r;
		}
		if (r->state == THREAD_RECORD_DYING && thread_record_dead(r)) {
			(void)mach_port_deallocate(mach_task_self(), r->thread);
			r->state = THREAD_RECORD_FREE;
			return r;
		}
	}
	return NULL;
}

/* A record for a new thread, or NULL without memory. */
static struct thread_record *
thread_record_alloc(void)
{
	struct thread_record *r = thread_record_find();
	vm_address_t memory = 0;
	vm_size_t size = THREAD_MORE_RECORDS * sizeof(*r);

	if (r == NULL) {
		if (vm_allocate(mach_task_self(), &memory, size, TRUE) !=
		    KERN_SUCCESS) {
			return NULL;
		}
		thread_record_add((struct thread_record *)memory,
		    THREAD_MORE_RECORDS);
		r = (struct thread_record *)memory;
	}
	r->state = THREAD_RECORD_LIVE;
	r->thread = MACH_PORT_NULL;
	r->clear_tid = NULL;
	r->unmap_size = 0;
	return r;
}

/* Give THREAD the 4 GiB data segment that starts at BASE. */
static kern_return_t
thread_set_tls(mach_port_t thread, void *base, int *selector)
{
	uint32_t b = (uint32_t)(uintptr_t)base;
	struct descriptor d;

	/* Present, user, data read-write, 32 bit, limit in pages. */
	d.low_word = 0x0000ffff | b << 16;
	d.high_word = (b >> 16 & 0xff) | 0x00cff200 | (b & 0xff000000);
	return i386_set_gdt(thread, selector, d);
}

/* The library's name for giving the first thread its TLS. */
int
__set_thread_area(void *base)
{
	int selector = thread_selector;

	if (thread_set_tls(thread_first[0].thread, base, &selector) !=
	    KERN_SUCCESS) {
		return -ENOSYS;
	}
	thread_selector = selector;
	__asm__ volatile("movw %w0, %%gs" : : "q"(selector));
	thread_tls_ready = true;
	thread_record_mine = &thread_first[0];
	return 0;
}

void thread_main(int (*function)(void *), void *argument,
    struct thread_record *record) __attribute__((noreturn));

/* First C code of a thread, entered from thread_entry. */
void
thread_main(int (*function)(void *), void *argument,
    struct thread_record *record)
{
	thread_record_mine = record;
	(void)function(argument);
	thread_switch_stack(record->stack +
	    sizeof(record->stack) / sizeof(record->stack[0]),
	    thread_record_leave, record);
}

/* Let the new thread start at thread_entry with ARGS on its stack. */
static kern_return_t
thread_begin(mach_port_t thread, void *stack, const uint32_t args[4])
{
	struct i386_thread_state state;
	mach_msg_type_number_t count = i386_THREAD_STATE_COUNT;
	uint32_t *sp = (uint32_t *)((uintptr_t)stack & ~15u);
	kern_return_t kr;

	kr = thread_get_state(thread, i386_THREAD_STATE,
	    (thread_state_t)&state, &count);
	if (kr != KERN_SUCCESS) {
		return kr;
	}
	/* The entry pops one word; then ESP is as after a call's arguments. */
	sp -= 5;
	memcpy(sp, args, 4 * sizeof(*args));
	state.eip = (uintptr_t)thread_entry;
	state.uesp = (uintptr_t)sp;
	kr = thread_set_state(thread, i386_THREAD_STATE,
	    (thread_state_t)&state, i386_THREAD_STATE_COUNT);
	if (kr != KERN_SUCCESS) {
		return kr;
	}
	return thread_resume(thread);
}

int
__clone(int (*function)(void *), void *stack, int flags, void *argument,
    int *parent_tid, void *tls, int *clear_tid)
{
	struct thread_record *record = thread_record_alloc();
	int selector = thread_selector;
	uint32_t args[4];
	kern_return_t kr;

	(void)flags;
	if (record == NULL) {
		return -EAGAIN;
	}
	kr = thread_create(mach_task_self(), &record->thread);
	if (kr != KERN_SUCCESS) {
		record->state = THREAD_RECORD_FREE;
		return -EAGAIN;
	}
	record->clear_tid = clear_tid;
	*parent_tid = record->tid;
	args[0] = (uint32_t)selector;
	args[1] = (uintptr_t)function;
	args[2] = (uintptr_t)argument;
	args[3] = (uintptr_t)record;
	kr = thread_set_tls(record->thread, tls, &selector);
	if (kr == KERN_SUCCESS) {
		kr = thread_begin(record->thread, stack, args);
	}
	if (kr != KERN_SUCCESS) {
		(void)thread_terminate(record->thread);
		(void)mach_port_deallocate(mach_task_self(), record->thread);
		record->state = THREAD_RECORD_FREE;
		return -EAGAIN;
	}
	return record->tid;
}

/* Runs on the record's stack, without TLS: only traps and simple routines. */
void
thread_record_leave(struct thread_record *record)
{
	mach_msg_header_t end;

	if (record->unmap_size != 0) {
		(void)syscall_vm_deallocate(mach_task_self(),
		    record->unmap_base, record->unmap_size);
	}
	end.msgh_bits = MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND, 0);
	end.msgh_size = sizeof(end);
	end.msgh_remote_port = record->thread;
	end.msgh_local_port = MACH_PORT_NULL;
	end.msgh_seqno = 0;
	end.msgh_id = THREAD_TERMINATE_ID;
	record->state = THREAD_RECORD_DYING;
	if (record->clear_tid != NULL) {
		__atomic_store_n(record->clear_tid, 0, __ATOMIC_RELEASE);
		(void)gsync_wake(mach_task_self(),
		    (vm_address_t)record->clear_tid, 0, 0);
	}
	for (;;) {
		(void)mach_msg_trap(&end, MACH_SEND_MSG, sizeof(end), 0,
		    MACH_PORT_NULL, MACH_MSG_TIMEOUT_NONE, MACH_PORT_NULL);
	}
}

void
__unmapself(void *base, size_t size)
{
	struct thread_record *record = thread_record_self();

	record->unmap_base = (vm_address_t)base;
	record->unmap_size = size;
	thread_switch_stack(record->stack +
	    sizeof(record->stack) / sizeof(record->stack[0]),
	    thread_record_leave, record);
}
