/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * The runtime of a test module: a program that a kernel starts at boot, with
 * nothing below it.  The test is the function test().
 *
 * What a test prints is compared with what the same module prints on GNU Mach,
 * so it prints no addresses, names of rights, or times.  want() also says what
 * we think should come, so that a test can fail without the other kernel.
 */

#ifndef TESTS_BOOT_LIB_RT_H
#define TESTS_BOOT_LIB_RT_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <mach/boolean.h>
#include <mach/kern_return.h>
#include <mach/mach_types.h>
#include <mach/message.h>
#include <mach/mig_errors.h>
#include <mach/mig_support.h>
#include <mach/port.h>
#include <mach/std_types.h>

/* The test; in the module's own file. */
void test(void);

/* From the module's arguments. */
extern mach_port_t rt_host_priv;
extern mach_port_t rt_device_master;
extern int rt_argc;
extern char **rt_argv;

/* An argument that is a number. */
unsigned rt_number(const char *s);

/* What each line begins with. */
extern const char rt_prefix[];

/* mach_task_self(), once. */
extern mach_port_t rt_task;

/*
 * Bytes of the kernel's page: 4096, or what its option page-size= says, up to
 * RT_PAGE_MAX, for which a module lays out what is to be whole pages.
 */
#define RT_PAGE_MAX	65536u
extern vm_size_t vm_page_size;

/* After the } of a struct: nothing else is on the pages where it is. */
#define RT_WHOLE_PAGES	__attribute__((aligned(RT_PAGE_MAX)))

/* This is GNU Mach; for the few lines where it is known to be wrong. */
extern bool rt_on_gnumach;

/* Traps. */
mach_port_t mach_reply_port(void);
mach_port_t mach_thread_self(void);
mach_port_t mach_task_self(void);
mach_port_t mach_host_self(void);
void mach_print(const char *string);
boolean_t swtch(void);
boolean_t swtch_pri(int priority);
kern_return_t thread_switch(mach_port_t thread, int option, int ms);
kern_return_t syscall_vm_map(mach_port_t, vm_offset_t *, vm_size_t,
    vm_offset_t, boolean_t, mach_port_t, vm_offset_t, boolean_t, vm_prot_t,
    vm_prot_t, vm_inherit_t);
kern_return_t syscall_vm_allocate(mach_port_t, vm_offset_t *, vm_size_t,
    boolean_t);
kern_return_t syscall_vm_deallocate(mach_port_t, vm_offset_t, vm_size_t);
kern_return_t syscall_task_create(mach_port_t, boolean_t, mach_port_t *);
kern_return_t syscall_task_terminate(mach_port_t);
kern_return_t syscall_task_suspend(mach_port_t);
kern_return_t syscall_task_set_special_port(mach_port_t, int, mach_port_t);
kern_return_t syscall_mach_port_allocate(mach_port_t, mach_port_right_t,
    mach_port_t *);
kern_return_t syscall_mach_port_deallocate(mach_port_t, mach_port_t);
kern_return_t syscall_mach_port_insert_right(mach_port_t, mach_port_t,
    mach_port_t, mach_msg_type_name_t);
kern_return_t syscall_mach_port_allocate_name(mach_port_t, mach_port_right_t,
    mach_port_t);
kern_return_t syscall_thread_depress_abort(mach_port_t);

/* The trap NUMBER (negative) with up to 4 arguments. */
int rt_trap(int number, int a, int b, int c, int d);

/* Print a line that is compared; one that is not starts with "# ". */
void rt_printf(const char *format, ...)
    __attribute__((format(printf, 1, 2)));

/* Print "WHAT: KERN_..." */
void show(const char *what, int code);

/* The same, and complain unless CODE is WANTED. */
void want(const char *what, int code, int wanted);
void want_number(const char *what, long number, long wanted);

/*
 * The same where GNU Mach is known to answer something else; the call says
 * why.  There the line says what we want, and a comment what came.
 */
void want_ours(const char *what, int code, int wanted, const char *why);

/* End the test at once if CODE is not success: nothing below would work. */
void need(const char *what, int code);

/* Stop the machine. */
void rt_end(void) __attribute__((noreturn));

/* The request of exc.defs. */
struct rt_exception {
	mach_msg_header_t	head;
	mach_msg_type_t		thread_type;
	mach_port_t		thread;
	mach_msg_type_t		task_type;
	mach_port_t		task;
	mach_msg_type_t		exception_type;
	int			exception;
	mach_msg_type_t		code_type;
	int			code;
	mach_msg_type_t		subcode_type;
	unsigned		subcode;
};

/* Answer MSG: it is handled.  Its rights are given back. */
void rt_exception_answer(const struct rt_exception *msg);

/* Its thread is to go on no more, and is ended.  The rights are given back. */
void rt_exception_drop(const struct rt_exception *msg);

/* A thread of this task that runs fn(arg) on a stack of its own. */
mach_port_t rt_thread_create(void (*fn)(void *), void *arg);
void rt_thread_exit(void) __attribute__((noreturn));

/*
 * A task that has inherited our memory, for fn(arg), at whose return it ends.
 * It is suspended: give it rights, then task_resume().  It has none of ours; in
 * it rt_task is itself.
 */
mach_port_t rt_child_create(void (*fn)(void *), void *arg);

/* A random number below N; SEED is never 0. */
unsigned rt_random(uint32_t *seed, unsigned n);

/* Let others run for about MS milliseconds. */
void rt_sleep(int ms);

/*
 * Wait until CONDITION holds, and say whether it does: no test asks how soon,
 * and the machine may be so busy that a processor stands still for a second.
 */
#define RT_PATIENCE_MS	60000
#define RT_LOOK_MS	10
#define rt_until(condition)						\
	({								\
		bool rt_holds = (condition);				\
		unsigned rt_left = RT_PATIENCE_MS / RT_LOOK_MS;		\
									\
		for (; !rt_holds && rt_left > 0; rt_left--) {		\
			rt_sleep(RT_LOOK_MS);				\
			rt_holds = (condition);				\
		}							\
		rt_holds;						\
	})

/* Wait until THREAD waits in the kernel, as for a message. */
bool rt_until_waits(mach_port_t thread);

/* Wait until the task, thread or port that NAME means is dead. */
bool rt_until_dead(mach_port_t name);

/* A port with a send right of the same name. */
mach_port_t rt_port(void);

/* How many names our task has. */
unsigned rt_rights(void);

/* The kinds and references of NAME as a line: "WHAT: send 2 receive ..." */
void rt_show_right(const char *what, mach_port_t name);

/* The same where GNU Mach is known to leave something else than WANTED. */
void rt_show_right_ours(const char *what, mach_port_t name,
    const char *wanted, const char *why);

/* A plain header for a message of SIZE bytes. */
void rt_header(mach_msg_header_t *header, mach_msg_bits_t bits,
    mach_msg_size_t size, mach_port_t remote, mach_port_t local,
    mach_msg_id_t id);

/* A type descriptor; and the same as a word of a body. */
mach_msg_type_t rt_type(unsigned name, unsigned size, unsigned number,
    bool is_inline, bool dealloc);
uint32_t rt_type_word(unsigned name, unsigned size, unsigned number,
    bool is_inline, bool dealloc);

/* How many processors there are. */
unsigned rt_processors(void);

/* Receive one message within MS milliseconds. */
mach_msg_return_t rt_receive(mach_msg_header_t *msg, mach_msg_size_t size,
    mach_port_t port, unsigned ms);

#endif
