/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * For kdb_trace_test.py: says that it is ready, and is where a stack trace is to
 * find it until it is ended.  It has no frame pointers.
 *
 *	traces WAY
 */

#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/syscall.h>
#include <unistd.h>

#define NOINLINE __attribute__((noinline, noipa))

/* Mach's traps, through the kernel's page: arguments as for a C call. */
#define TRAP(name, number) \
	__asm__(#name ": movl $" #number ", %eax\n" \
		"	movl $0xfffff000, %ecx\n" \
		"	jmp *%ecx\n")
TRAP(trap_reply_port, -26);
TRAP(trap_task_self, -28);
TRAP(trap_vm_map, -64);
TRAP(trap_insert_right, -74);
TRAP(trap_msg, -25);

uint32_t trap_reply_port(void);
uint32_t trap_task_self(void);
int trap_vm_map(uint32_t task, uint32_t *address, uint32_t size, uint32_t mask,
    int anywhere, uint32_t object, uint32_t offset, int copy, int protection,
    int most, int inheritance);
int trap_insert_right(uint32_t task, uint32_t name, uint32_t right, int how);
int trap_msg(void *message, int option, uint32_t send, uint32_t receive,
    uint32_t port, uint32_t timeout, uint32_t notify);

static volatile unsigned traces_count;
static char traces_stack[65536];

static void
ready(void)
{
	printf("ready\n");
	fflush(stdout);
}

/* Way: in a system call through the kernel's page, as the C library makes it. */
NOINLINE static void
way_call(void)
{
	pause();
	traces_count++;
}

/* Way: in one by int $0x80; its arguments are nothing to it. */
NOINLINE static void
way_int(void)
{
	int result;

	__asm__ volatile("int $0x80" : "=a"(result)
	    : "0"(SYS_pause), "b"(0x1111), "c"(0x2222), "d"(0x3333),
	    "S"(0x4444), "D"(0x5555) : "memory");
	traces_count += result;
}

/* Way: busy on a processor. */
NOINLINE static void
way_run(void)
{
	for (;;) {
		traces_count++;
	}
}

/* Way: in a page fault that nobody answers. */
NOINLINE static void
way_fault(void)
{
	uint32_t port = trap_reply_port();
	uint32_t self = trap_task_self();
	uint32_t address = 0;

	/* A send right made from the receive right. */
	if (trap_insert_right(self, port, port, 20) != 0 ||
	    trap_vm_map(self, &address, 4096, 0, 1, port, 0, 0, 3, 7, 1) !=
	    0) {
		abort();
	}
	traces_count += *(volatile unsigned *)address;
}

/* Way: in one of Mach's traps, waiting for a message. */
NOINLINE static void
way_mach(void)
{
	static uint32_t message[64];

	traces_count += trap_msg(message, 2, 0, sizeof(message),
	    trap_reply_port(), 0, 0);
}

NOINLINE static void
traces_handler(int number)
{
	pause();
	traces_count += number;
}

NOINLINE static void
traces_handler_all(int number, siginfo_t *info, void *context)
{
	traces_handler(number);
	traces_count += info != NULL && context != NULL;
}

/* Wait in a handler; the signal came here. */
NOINLINE static void
traces_signal(int flags)
{
	struct sigaction action = {
		.sa_sigaction = traces_handler_all, .sa_flags = flags,
	};

	sigaction(SIGILL, &action, NULL);
	__asm__ volatile("traces_illegal: ud2");
	traces_count++;
}

NOINLINE static void
way_signal(void)
{
	traces_signal(SA_SIGINFO);
	traces_count++;
}

/* Way: the same with the context of old. */
NOINLINE static void
way_old(void)
{
	traces_signal(0);
	traces_count++;
}

/* Way: the same, the handler on another stack. */
NOINLINE static void
way_stack(void)
{
	stack_t stack = {
		.ss_sp = traces_stack, .ss_size = sizeof(traces_stack),
	};

	sigaltstack(&stack, NULL);
	traces_signal(SA_SIGINFO | SA_ONSTACK);
	traces_count++;
}

static void *
traces_thread(void *arg)
{
	way_call();
	return arg;
}

/* Way: in a second thread. */
NOINLINE static void
way_thread(void)
{
	pthread_t thread;

	pthread_create(&thread, NULL, traces_thread, NULL);
	pthread_join(thread, NULL);
	traces_count++;
}

/* Way: in the library that serves system calls and out of it. */
NOINLINE static void
way_steps(void)
{
	unsigned long entry = getauxval(AT_SYSINFO);
	static int time[2];
	int result;

	for (;;) {
		__asm__ volatile("traces_calls: call *%4" : "=a"(result)
		    : "0"(SYS_clock_gettime), "b"(1), "c"(time), "S"(entry)
		    : "memory");
		traces_count += result;
	}
}

/* Way: with nonsense in place of all that is on its stack. */
NOINLINE static void
way_smash(void)
{
	volatile uintptr_t *stack = __builtin_frame_address(0);

	for (unsigned i = 0; i < 24; i++) {
		stack[i] = 0xdead0000 + i;
	}
	for (;;) {
		traces_count++;
	}
}

/* Way: on a stack of which each word leads to the next, and to this code. */
NOINLINE static void
way_round(void)
{
	static uintptr_t stack[1024];

	for (unsigned i = 0; i < 1024; i += 2) {
		stack[i] = (uintptr_t)&stack[i];
		stack[i + 1] = (uintptr_t)way_run + 2;
	}
	__asm__ volatile("movl %0, %%esp\n"
			 "	movl %%esp, %%ebp\n"
			 "	jmp *%1"
	    :
	    : "r"(&stack[1]), "r"(way_run));
}

int
main(int argc, char **argv)
{
	static const struct {
		const char	*name;
		void		(*way)(void);
	} ways[] = {
		{ "call", way_call }, { "int", way_int },
		{ "run", way_run }, { "fault", way_fault },
		{ "mach", way_mach }, { "signal", way_signal },
		{ "old", way_old }, { "stack", way_stack },
		{ "thread", way_thread }, { "smash", way_smash },
		{ "round", way_round },
		{ "steps", way_steps },
	};

	ready();
	for (unsigned i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		if (argc > 1 && strcmp(argv[1], ways[i].name) == 0) {
			ways[i].way();
		}
	}
	return 1;
}
