/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * What the musl C library of Debian 12 (1.2.3, i386) expects from the program
 * start that it comes with, and which this directory supplies in its place:
 * the layout of its thread structure and of its global state.  Facts of the
 * binary; musl_start_check() compares them with the library at start.
 */
#ifndef SERVERS_LIB_MUSL_I_H
#define SERVERS_LIB_MUSL_I_H

#include <stddef.h>
#include <stdint.h>

#include <servers/lib/mach.h>

struct musl_thread {
	struct musl_thread	*self;		/* at %gs:0 */
	uintptr_t		*dtv;
	struct musl_thread	*prev;
	struct musl_thread	*next;
	void			*sysinfo;	/* %gs:16, the call entry */
	uintptr_t		canary;		/* %gs:20, stack protector */
	int			tid;
	int			errno_value;
	int			detach_state;
	int			not_ours[7];
	void			*result;
	void			*cancel_buffer;
	void			**tsd;
	void			*robust_head;
	long			robust_offset;
	void			*robust_pending;
	int			h_errno_value;
	int			timer_id;
	void			*locale;
	int			kill_lock;
	char			*dlerror_buffer;
	void			*stdio_locks;
};

_Static_assert(sizeof(struct musl_thread) == 112, "musl 1.2.3");
_Static_assert(offsetof(struct musl_thread, sysinfo) == 16, "musl 1.2.3");
_Static_assert(offsetof(struct musl_thread, tid) == 24, "musl 1.2.3");
_Static_assert(offsetof(struct musl_thread, robust_head) == 76, "musl 1.2.3");
_Static_assert(offsetof(struct musl_thread, locale) == 96, "musl 1.2.3");

#define MUSL_DETACH_JOINABLE	2

struct musl_tls_module {
	struct musl_tls_module	*next;
	void			*image;
	size_t			length;
	size_t			size;
	size_t			align;
	size_t			offset;
};

struct musl_global {
	char			can_do_threads;
	char			threaded;
	char			secure;
	signed char		need_locks;
	int			threads_minus_1;
	size_t			*auxv;
	struct musl_tls_module	*tls_head;
	size_t			tls_size;
	size_t			tls_align;
	size_t			tls_count;
	size_t			page_size;
	char			global_locale[24];
};

/* The library's own. */
extern struct musl_global __libc;
extern char **__environ;
extern char *__progname;
extern char *__progname_full;
extern size_t __default_stacksize;

/* Ours, by the names that the library's objects refer to. */
extern void *__sysinfo;
extern int __thread_list_lock;
void *__copy_tls(unsigned char *memory);
int __set_thread_area(void *base);
int __clone(int (*function)(void *), void *stack, int flags, void *argument,
    int *parent_tid, void *tls, int *clear_tid);
void __unmapself(void *base, size_t size) __attribute__((noreturn));

/* musl_syscall.asm: what `call *%gs:16` reaches. */
extern void musl_syscall_entry(void);
long musl_syscall(long number, long a, long b, long c, long d, long e, long f);

#endif /* SERVERS_LIB_MUSL_I_H */
