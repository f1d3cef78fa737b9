/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * The emulation library.  It shares a task with a program that may do anything
 * to it: nothing here protects the system from the program, only the program
 * from surprises.  It has no C library, no thread-local storage, and touches
 * the program's memory by emul_copy only.
 *
 * A call's result is a value or a negative errno, as in Linux; the restart
 * codes of linux.h on top.
 */
#ifndef SERVERS_UNIX_EMUL_EMUL_H
#define SERVERS_UNIX_EMUL_EMUL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <mach/kern_return.h>
#include <mach/message.h>
#include <mach/port.h>
#include <mach/vm_prot.h>

#include <servers/unix/calls.h>
#include <servers/unix/emul_layout.h>
#include <servers/unix/linux.h>

#define EMUL_PAGE_SIZE	4096u
#define EMUL_PAGE_MASK	(EMUL_PAGE_SIZE - 1)
#define EMUL_FD_MAX	1024

typedef uint32_t user_addr_t;

/* A call that the library answers or prepares: arguments as in calls.h. */
typedef int32_t (*emul_call_fn_t)(struct emul_thread *thread, uint32_t *a);

struct emul_handle {
	uint32_t	known;
	uint32_t	kind;		/* UNIX_HANDLE_KIND of it */
	uint32_t	access;		/* UNIX_HANDLE_READ, _WRITE */
	mach_port_t	port;
};

extern struct emul_shared emul_shared;
extern const struct emul_header emul_header;	/* entry.asm */

/* entry.asm */
int emul_copy(void *to, const void *from, uint32_t n);
/* Put NEW in place of OLD: 1 done, 0 it was something else, -1 a fault. */
int emul_swap(void *word, uint32_t old, uint32_t new);
int emul_copy_string(char *to, const char *from, uint32_t room);
mach_port_t mach_reply_port(void);
mach_port_t mach_task_self(void);
mach_port_t mach_thread_self(void);
mach_port_t mach_host_self(void);
kern_return_t syscall_task_terminate(mach_port_t task);
void mach_print(const char *text);
int swtch_pri(int priority);

/* emul_call.c: the ways in. */
void emul_call(struct emul_thread *thread);
void emul_signals(struct emul_thread *thread);
void emul_child(struct emul_thread *thread, int forked, uint32_t number);

static inline struct emul_thread *
emul_self(void)
{
	struct emul_thread *thread;

	__asm__ volatile("movl %%fs:0, %0" : "=r"(thread));
	return thread;
}

static inline mach_port_t
emul_task(struct emul_thread *thread)
{
	if (thread->task_port == MACH_PORT_NULL)
		thread->task_port = mach_task_self();
	return thread->task_port;
}

/* emul_rpc.c */
int32_t emul_rpc(
    struct emul_thread *thread, uint32_t number, const uint32_t *a);
int32_t emul_error(kern_return_t kr);

/* emul_file.c */
struct emul_handle *emul_handle_lookup(struct emul_thread *thread, uint32_t fd);
void emul_handle_forget(struct emul_thread *thread, uint32_t fd);
void emul_handle_forget_all(struct emul_thread *thread, bool ports);
int32_t emul_read(struct emul_thread *thread, uint32_t *a);
int32_t emul_write(struct emul_thread *thread, uint32_t *a);
int32_t emul_pread(struct emul_thread *thread, uint32_t *a);
int32_t emul_pwrite(struct emul_thread *thread, uint32_t *a);
int32_t emul_readv(struct emul_thread *thread, uint32_t *a);
int32_t emul_writev(struct emul_thread *thread, uint32_t *a);
int32_t emul_close(struct emul_thread *thread, uint32_t *a);
int32_t emul_close_range(struct emul_thread *thread, uint32_t *a);
int32_t emul_dup2(struct emul_thread *thread, uint32_t *a);
int32_t emul_dup3(struct emul_thread *thread, uint32_t *a);
int32_t emul_lseek(struct emul_thread *thread, uint32_t *a);
int32_t emul_llseek(struct emul_thread *thread, uint32_t *a);
int32_t emul_getdents64(struct emul_thread *thread, uint32_t *a);
int32_t emul_fcntl(struct emul_thread *thread, uint32_t *a);
int32_t emul_ioctl(struct emul_thread *thread, uint32_t *a);
int32_t emul_copy_file_range(struct emul_thread *thread, uint32_t *a);
int32_t emul_syslog(struct emul_thread *thread, uint32_t *a);
int32_t emul_sendfile(struct emul_thread *thread, uint32_t *a);
int32_t emul_sendfile64(struct emul_thread *thread, uint32_t *a);
int32_t emul_select(struct emul_thread *thread, uint32_t *a);
int32_t emul_pselect6(struct emul_thread *thread, uint32_t *a);
int32_t emul_epoll_wait(struct emul_thread *thread, uint32_t *a);
int32_t emul_epoll_pwait(struct emul_thread *thread, uint32_t *a);
int32_t emul_epoll_pwait2(struct emul_thread *thread, uint32_t *a);
int32_t emul_old_select(struct emul_thread *thread, uint32_t *a);
int32_t emul_pselect6_time64(struct emul_thread *thread, uint32_t *a);

static inline uint32_t
emul_page_up(uint32_t n)
{
	return (n + EMUL_PAGE_MASK) & ~EMUL_PAGE_MASK;
}

/* Does N end in the middle of a page of the kernel's? */
static inline bool
emul_page_partial(uint32_t n)
{
	return (n & emul_shared.page_mask) != 0;
}

/* To the next page of the kernel's. */
static inline uint32_t
emul_page_whole(uint32_t n)
{
	return (n + emul_shared.page_mask) & ~emul_shared.page_mask;
}

/*
 * emul_page.c: SIZE bytes, parts of the kernel's pages included, are unmapped,
 * protected, or become private zeros.
 */
kern_return_t emul_page_unmap(
    mach_port_t task, uint32_t address, uint32_t size);
kern_return_t emul_page_protect(
    mach_port_t task, uint32_t address, uint32_t size, vm_prot_t prot);
kern_return_t emul_page_zero(
    mach_port_t task, uint32_t address, uint32_t size, vm_prot_t prot);

/* SIZE bytes were mapped, and all of the last page with them. */
void emul_page_mapped(uint32_t address, uint32_t size);

/* Of the page that a mapping ends in at ADDRESS: is the rest another's? */
bool emul_page_rest_used(uint32_t address);

/* The rest of the page that a mapping ends in at ADDRESS becomes zeros. */
void emul_page_clear_rest(uint32_t address);

/* This is the only thread of a new process. */
void emul_page_forked(void);

/* ADDRESS up to SIZE more is of the program's part. */
static inline bool
emul_range_ok(user_addr_t address, uint32_t size)
{
	return address < UNIX_USER_END && size <= UNIX_USER_END - address;
}

/* emul_memory.c */
int32_t emul_brk(struct emul_thread *thread, uint32_t *a);
int32_t emul_mmap(struct emul_thread *thread, uint32_t *a);
int32_t emul_mmap2(struct emul_thread *thread, uint32_t *a);
int32_t emul_munmap(struct emul_thread *thread, uint32_t *a);
int32_t emul_mprotect(struct emul_thread *thread, uint32_t *a);
int32_t emul_mremap(struct emul_thread *thread, uint32_t *a);

/* emul_advice.c */
int32_t emul_msync(struct emul_thread *thread, uint32_t *a);
int32_t emul_madvise(struct emul_thread *thread, uint32_t *a);
int32_t emul_mincore(struct emul_thread *thread, uint32_t *a);

/* emul_process.c */
int32_t emul_fork(struct emul_thread *thread, uint32_t *a);
int32_t emul_vfork(struct emul_thread *thread, uint32_t *a);
int32_t emul_clone(struct emul_thread *thread, uint32_t *a);
int32_t emul_execve(struct emul_thread *thread, uint32_t *a);
int32_t emul_execveat(struct emul_thread *thread, uint32_t *a);
int32_t emul_exit(struct emul_thread *thread, uint32_t *a);
int32_t emul_exit_group(struct emul_thread *thread, uint32_t *a);
int32_t emul_set_robust_list(struct emul_thread *thread, uint32_t *a);
int32_t emul_get_robust_list(struct emul_thread *thread, uint32_t *a);
int32_t emul_set_tid_address(struct emul_thread *thread, uint32_t *a);
int32_t emul_getpid(struct emul_thread *thread, uint32_t *a);
int32_t emul_gettid(struct emul_thread *thread, uint32_t *a);
int32_t emul_set_thread_area(struct emul_thread *thread, uint32_t *a);
int32_t emul_get_thread_area(struct emul_thread *thread, uint32_t *a);
int32_t emul_futex(struct emul_thread *thread, uint32_t *a);
int32_t emul_futex_time64(struct emul_thread *thread, uint32_t *a);
int32_t emul_prctl(struct emul_thread *thread, uint32_t *a);
int32_t emul_personality(struct emul_thread *thread, uint32_t *a);
int32_t emul_sched_yield(struct emul_thread *thread, uint32_t *a);
int32_t emul_zero(struct emul_thread *thread, uint32_t *a);
int32_t emul_no_call(struct emul_thread *thread, uint32_t *a);
int32_t emul_getcpu(struct emul_thread *thread, uint32_t *a);
int32_t emul_socketcall(struct emul_thread *thread, uint32_t *a);
int32_t emul_oldolduname(struct emul_thread *thread, uint32_t *a);

/* emul_time.c */
int32_t emul_time(struct emul_thread *thread, uint32_t *a);
int32_t emul_gettimeofday(struct emul_thread *thread, uint32_t *a);
int32_t emul_clock_gettime(struct emul_thread *thread, uint32_t *a);
int32_t emul_clock_gettime64(struct emul_thread *thread, uint32_t *a);
int32_t emul_clock_getres(struct emul_thread *thread, uint32_t *a);
int32_t emul_clock_getres64(struct emul_thread *thread, uint32_t *a);

/* emul_signal.c */
int32_t emul_sigaltstack(struct emul_thread *thread, uint32_t *a);
int32_t emul_sigreturn(struct emul_thread *thread, uint32_t *a);
int32_t emul_rt_sigreturn(struct emul_thread *thread, uint32_t *a);
/* Take all pending signals.  RESULT is that of the call it was in. */
bool emul_signal_deliver(struct emul_thread *thread, int32_t result);

/* emul_fpu.c: AREA is at a multiple of 64 and has EMUL_FPU_MAX bytes. */
uint32_t emul_fpu_size(void);		/* of them used: 512 or more */
uint32_t emul_fpu_features(void);	/* what XSAVE saves; 0 without it */
void emul_fpu_save(void *area);
void emul_fpu_restore(const void *area);
/* The registers at the start of a program, or of a handler. */
void emul_fpu_reset(void);
/* Whether emul_fpu_restore() would work, on an area that anybody wrote. */
bool emul_fpu_loads(const void *area);
bool emul_fpu_has_fx(void);

static inline void *
emul_thread_fpu(struct emul_thread *thread)
{
	return (char *)thread + EMUL_T_FPU;
}

/* emul_lib.c */
void *memcpy(void *to, const void *from, size_t n);
void *memset(void *to, int c, size_t n);
void *memmove(void *to, const void *from, size_t n);
int memcmp(const void *one, const void *other, size_t n);
size_t strlen(const char *text);

#endif /* SERVERS_UNIX_EMUL_EMUL_H */
