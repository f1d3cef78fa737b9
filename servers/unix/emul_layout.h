/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * Where things are in the upper part of a UNIX task, and the structures there
 * that the server reads and writes.  entry.asm has the offsets of struct
 * emul_thread once more; the assertions here keep the two together.
 *
 *   0xBF000000  the library: code (shared, read only), data (of each task)
 *   0xBF100000  thread blocks of 64 KiB: struct emul_thread at the start, in
 *               the rest of its page, which the server has mapped too, the FPU's
 *               registers during a fork; the thread's library stack above it,
 *               growing down from the end
 *   0xBFF00000  mapped clock, one page, read only
 */
#ifndef SERVERS_UNIX_EMUL_LAYOUT_H
#define SERVERS_UNIX_EMUL_LAYOUT_H

#include <stdint.h>

#include <servers/unix_types.h>

#define EMUL_BASE		0xbf000000u
#define EMUL_THREAD_BASE	0xbf100000u
#define EMUL_THREAD_SIZE	0x00010000u
#define EMUL_THREAD_MAX		64
#define EMUL_CLOCK		0xbff00000u
#define EMUL_END		0xc0000000u

/* Of the program. */
#define UNIX_USER_MIN		0x00010000u	/* least address of a mapping */
#define UNIX_USER_END		EMUL_BASE
#define UNIX_STACK_TOP		0xbeff0000u
#define UNIX_STACK_MAX		0x00800000u
#define UNIX_MMAP_BASE		0x40000000u
#define UNIX_PIE_BASE		0x56555000u

/*
 * Names for a thread's port to the server in its task: the first that is free.
 * (An index that our kernel's table of names holds, and its first generation.)
 */
#define EMUL_PORT_NAME(slot, try) (((64 + (slot) + 64 * (try)) << 8) | 1)
#define EMUL_PORT_TRIES		16

#define EMUL_MAGIC		0x54524e31u

/* At the image's entry point: what the server must know of it. */
struct emul_header {
	uint32_t	magic;
	uint32_t	entry_sysinfo;	/* AT_SYSINFO */
	uint32_t	entry_trap;	/* int $0x80: old flags, eip on stack */
	uint32_t	entry_redirected; /* call with the frame stored already */
	uint32_t	entry_signal;	/* frame stored, signals to take */
	uint32_t	entry_child;	/* first instruction of a fork's child */
	uint32_t	entry_thread;	/* ... of a new thread */
	uint32_t	exit_begin;	/* the restartable way out: frame is */
	uint32_t	exit_end;	/* complete while in here */
	uint32_t	copy_begin;	/* touches user memory ... */
	uint32_t	copy_end;
	uint32_t	copy_fault;	/* ... and goes on here after a fault */
	uint32_t	shared;		/* struct emul_shared */
	uint32_t	sigreturn;	/* restorers for programs without one */
	uint32_t	rt_sigreturn;
	uint32_t	spare;
};

/* Of each process, in the library's data; the server writes it at exec. */
struct emul_shared {
	uint32_t	brk_start;
	uint32_t	brk_now;
	uint32_t	brk_mapped;	/* end of what is allocated */
	uint32_t	pid;
	uint32_t	clock;		/* 1: the clock page is there */
	uint32_t	map_hint;	/* where to look for room first */
	uint32_t	page_mask;	/* size of the kernel's pages - 1 */
	uint32_t	parts;		/* of emul_page.c: how many are known */
	uint32_t	parts_lock;
};

struct emul_thread {
	uint32_t	self;		/* own address */
	uint32_t	stack;		/* top of the library stack */
	uint32_t	port;		/* to the server */
	uint32_t	slot;
	uint32_t	pending;	/* by the server: look for signals */
	uint32_t	reply_port;
	uint32_t	events;		/* of the last reply */
	uint32_t	tid;		/* 0: not known yet */
	unix_frame_t	frame;		/* the program's registers */
	uint32_t	task_port;
	uint32_t	thread_port;
	uint32_t	stack_sp;	/* sigaltstack */
	uint32_t	stack_size;
	uint32_t	stack_flags;
	uint32_t	tls_selector;
	uint32_t	mask[2];	/* the server's, as last heard */
	uint32_t	clear_tid;	/* address of a word to clear at exit */
	uint32_t	host_port;
	uint32_t	robust;		/* head of the robust list, or 0 */
	uint32_t	result;		/* of the last message */
};

#define EMUL_T_SELF	0
#define EMUL_T_STACK	4
#define EMUL_T_PENDING	16
#define EMUL_T_FRAME	32
#define EMUL_T_FPU	192	/* as XSAVE wants it: at a multiple of 64 */
_Static_assert(__builtin_offsetof(struct emul_thread, pending) ==
    EMUL_T_PENDING, "pending");
_Static_assert(__builtin_offsetof(struct emul_thread, frame) == EMUL_T_FRAME,
    "frame");
_Static_assert(sizeof(struct emul_thread) <= EMUL_T_FPU, "fpu");

/* All registers of FPU, SSE and AVX, as the processor saves them. */
#define EMUL_FPU_MAX	(4096 - EMUL_T_FPU)

#endif /* SERVERS_UNIX_EMUL_LAYOUT_H */
