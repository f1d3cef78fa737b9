/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * Mach tasks and threads of processes.
 */
#ifndef SERVERS_UNIX_UNIX_TASK_H
#define SERVERS_UNIX_UNIX_TASK_H

#include <servers/lib/mach.h>
#include <servers/lib/object.h>
#include <servers/unix/emul_layout.h>
#include <servers/unix/unix.h>

#include <mach/machine/thread_status.h>
#include <mach_debug/vm_info.h>

/* Tell the kernel the name of P's program, for its messages and debugger. */
void task_tell_name(const struct process *p);

/*
 * Its debugger's symbols of TASK, called NAME, are those of the SIZE bytes at
 * DATA, an ELF file; with SIZE 0 it has none.  The lock is released meanwhile.
 */
kern_return_t task_tell_symbols(mach_port_t task, const char *name,
    const char *data, uint32_t size);

/* Give P's task and threads the priority of its nice value and policy. */
void task_set_nice(struct process *p);

/* The emulation library's image, which can be read and nothing else. */
extern struct file task_library;

/* The emulation library's own description of itself. */
extern struct emul_header task_emul;

/* The object behind a thread's port to us. */
struct thread_port {
	struct object	object;
	struct uthread	*thread;	/* referenced; NULL: it ended */
};

extern const struct object_class thread_port_class;

/* Once, before the first process. */
void task_setup(void);

/* What tasks without a parent get their memory and ports from. */
extern mach_port_t task_template;

/*
 * Keep the name server among the registered ports of all tasks, now and when
 * it is started again.  For a thread of its own.
 */
void names_main(void *argument);

/* Its port for exceptions; messages on it go to unix_exc.c. */
extern mach_port_t task_exception_port;

/*
 * A task for P: with a copy of the memory of task FROM, or with nothing but the
 * library.  Its death is watched.  With FROM the lock is released meanwhile, on
 * behalf of BY.
 */
kern_return_t task_make(struct process *p, struct process *by,
    mach_port_t from);

/*
 * The same, sharing the program's memory with FROM, which is BY's, instead of
 * copying it.  FROM stands still meanwhile.
 */
kern_return_t task_make_sharing(struct process *p, struct process *by,
    mach_port_t from);

/*
 * A Mach thread for T in its process' task, suspended, with its thread block,
 * selectors and port.
 */
kern_return_t uthread_make(struct uthread *t, uint32_t tls_low,
    uint32_t tls_high);

/* The same in a fork's child: the block is a copy of FROM's, the parent's. */
kern_return_t uthread_make_forked(struct uthread *t,
    const struct uthread *from, uint32_t tls_low, uint32_t tls_high);

/* Let T start at EIP with stack ESP, %eax and %gs as given. */
kern_return_t uthread_start(struct uthread *t, uint32_t eip, uint32_t esp,
    uint32_t eax, uint32_t gs);

/*
 * Let T, which waits for an answer of ours that it will not get, go on at EIP
 * in a new program.
 */
kern_return_t uthread_restart(struct uthread *t, uint32_t eip, uint32_t esp);

kern_return_t uthread_registers(mach_port_t thread,
    struct i386_thread_state *state);
kern_return_t uthread_set_registers(mach_port_t thread,
    struct i386_thread_state *state);

/* Store the program's registers in T's block and send it to ENTRY. */
kern_return_t uthread_redirect(struct uthread *t,
    struct i386_thread_state *state, uint32_t entry, uint32_t call);

/* The registers that T, which is new, starts with. */
void uthread_set_frame(struct uthread *t, const unix_frame_t *frame);

/* The head of T's robust list, 0: none. */
uint32_t uthread_robust(const struct uthread *t);

/* The size of the kernel's pages - 1. */
extern uint32_t task_page_mask;

/*
 * A program may have memory whose pager takes its time, or never answers.  So
 * nobody who holds the lock touches memory of a task, or has the kernel copy
 * it: that is for between task_access_begin, which takes a reference of TASK
 * and releases the lock, and task_access_end.  BY is the process on whose
 * behalf: its end ends the waiting.  Its caller has called sleep_begin.
 * False: there is no such task, and the lock is still held.
 */
struct task_access {
	struct list	link;
	struct process	*by;
	mach_port_t	task;
	mach_port_t	thread;		/* that waits */
	bool		aborted;	/* it shall not */
};

bool task_access_begin(struct task_access *access, struct process *by,
    mach_port_t task);
void task_access_end(struct task_access *access);

/* What waits on behalf of P shall not. */
void task_access_abort(const struct process *p);

/*
 * P is about to end, by task_kill.  Let a thread of its own call
 * FUNCTION(TASK, ARGUMENT), where ARGUMENT was malloc'd, without the lock, and
 * then end P's task and call process_gone.  What it waits for does not come for
 * more than a second or two: then that is an error.
 * False: there are too many already; then nothing is done.
 */
bool task_mourn(struct process *p, void (*function)(mach_port_t task,
    void *argument), void *argument);

/* Copies to and from the memory of a task; the lock is not held. */
kern_return_t task_write(mach_port_t task, uint32_t address, const void *from,
    uint32_t n);
kern_return_t task_read(mach_port_t task, uint32_t address, void *to,
    uint32_t n);

/*
 * The same for who holds the lock, which is released meanwhile.  To read calls
 * sleep_begin for BY: KERN_RESOURCE_SHORTAGE.
 */
kern_return_t task_read_for(struct process *by, mach_port_t task,
    uint32_t address, void *to, uint32_t n);
kern_return_t task_write_for(struct process *by, mach_port_t task,
    uint32_t address, const void *from, uint32_t n);

/*
 * Have all of MEMORY, of this server, which a message of BY's brought: it may
 * be a pager's.  The lock is held, and released meanwhile; see task_read_for.
 */
kern_return_t task_receive_for(struct process *by, vm_offset_t memory,
    uint32_t size);

/*
 * Is P's memory at ADDRESS its own though it can be seen to be shared?  It is
 * while a child is made that shares it for a time.  The lock is held.
 */
bool task_is_lent(const struct process *p, uint32_t address);

/* What is known of TASK's memory at ADDRESS; false: there is none. */
bool task_region(mach_port_t task, uint32_t address, vm_region_info_t *region);

/*
 * If the word at ADDRESS of TASK is in shared memory, put object and offset
 * into KEY.  False: there is no memory.
 */
bool task_shared_word(mach_port_t task, uint32_t address,
    struct futex_key *key);

/* Tell the library of P about its new program. */
void task_set_shared(struct process *p, uint32_t brk);

static inline uint32_t
uthread_block(const struct uthread *t)
{
	return EMUL_THREAD_BASE + t->slot * EMUL_THREAD_SIZE;
}

#endif /* SERVERS_UNIX_UNIX_TASK_H */
