/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * The host's side of the pretend machine: fibers, memory, output.
 */

#define _GNU_SOURCE
#include "host.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include <sanitizer/common_interface_defs.h>

#define HOST_STACK_SIZE	(256u << 10)

struct host_fiber {
	void *sp;
	void *fake_stack;	/* the address sanitizer's */
	const void *bottom;
	size_t size;
	void *memory;		/* NULL for the main one */
	void (*fn)(void *arg);
	void *arg;
};

static struct host_fiber host_main_fiber;
static struct host_fiber *host_switched_from;
static int host_memory_fd = -1;
static char *host_memory;
static size_t host_memory_size;

/* Leaks are found by the kernel's own counts, not at the exit of a process
 * that leaves everything running. */
const char *__asan_default_options(void);

const char *
__asan_default_options(void)
{
	return "detect_leaks=0:abort_on_error=0:handle_segv=1:exitcode=99";
}

/* void host_switch(void **save, void *load) */
void host_switch(void **save, void *load);
__asm__(
    ".text\n"
    ".globl host_switch\n"
    "host_switch:\n"
    "	movl 4(%esp), %eax\n"
    "	movl 8(%esp), %edx\n"
    "	pushl %ebp\n"
    "	pushl %ebx\n"
    "	pushl %esi\n"
    "	pushl %edi\n"
    "	movl %esp, (%eax)\n"
    "	movl %edx, %esp\n"
    "	popl %edi\n"
    "	popl %esi\n"
    "	popl %ebx\n"
    "	popl %ebp\n"
    "	ret\n");

struct host_fiber *
host_fiber_main(void)
{
	return &host_main_fiber;
}

static void
host_fiber_arrived(struct host_fiber *self)
{
	const void *bottom;
	size_t size;

	__sanitizer_finish_switch_fiber(self->fake_stack, &bottom, &size);
	if (host_switched_from->bottom == NULL) {
		host_switched_from->bottom = bottom;
		host_switched_from->size = size;
	}
}

static struct host_fiber *host_starting;

static void
host_fiber_begin(void)
{
	struct host_fiber *self = host_starting;

	host_fiber_arrived(self);
	self->fn(self->arg);
	abort();
}

struct host_fiber *
host_fiber_create(void (*fn)(void *arg), void *arg)
{
	struct host_fiber *fiber = calloc(1, sizeof(*fiber));
	void **sp;

	fiber->memory = mmap(NULL, HOST_STACK_SIZE + 4096,
	    PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS |
	    MAP_NORESERVE, -1, 0);
	if (fiber->memory == MAP_FAILED) {
		fprintf(stderr, "pretend: no memory for a stack\n");
		exit(2);
	}
	mprotect(fiber->memory, 4096, PROT_NONE);
	fiber->bottom = (char *)fiber->memory + 4096;
	fiber->size = HOST_STACK_SIZE;
	fiber->fn = fn;
	fiber->arg = arg;
	sp = (void **)((char *)fiber->memory + 4096 + HOST_STACK_SIZE - 64);
	*--sp = NULL;				/* return address of begin */
	*--sp = (void *)host_fiber_begin;
	sp -= 4;				/* ebp, ebx, esi, edi */
	memset(sp, 0, 4 * sizeof(*sp));
	fiber->sp = sp;
	return fiber;
}

void
host_fiber_destroy(struct host_fiber *fiber)
{
	munmap(fiber->memory, HOST_STACK_SIZE + 4096);
	free(fiber);
}

void
host_fiber_switch(struct host_fiber *from, struct host_fiber *to)
{
	host_switched_from = from;
	host_starting = to;
	__sanitizer_start_switch_fiber(&from->fake_stack, to->bottom,
	    to->size);
	host_switch(&from->sp, to->sp);
	host_fiber_arrived(from);
}

void *
host_alloc(size_t size)
{
	void *p = calloc(1, size);

	if (p == NULL) {
		fprintf(stderr, "pretend: host memory is exhausted\n");
		exit(2);
	}
	return p;
}

void
host_free(void *p)
{
	free(p);
}

void
host_memory_create(uintptr_t base, size_t size)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	host_memory_fd = memfd_create("pretend", 0);
	if (host_memory_fd < 0 || ftruncate(host_memory_fd, (off_t)size) != 0) {
		perror("pretend: memory");
		exit(2);
	}
	host_memory_size = size;
	host_memory = mmap((void *)base, size, PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_FIXED_NOREPLACE, host_memory_fd, 0);
	if (host_memory != (void *)base) {
		perror("pretend: memory");
		exit(2);
	}
}

/*
 * A child process would share physical memory with its parent: give it a copy,
 * and let the pmap show its pages again.
 */
static void
host_memory_copy(void)
{
	int old = host_memory_fd;
	char *copy;

	host_memory_fd = memfd_create("pretend", 0);
	if (host_memory_fd < 0 ||
	    ftruncate(host_memory_fd, (off_t)host_memory_size) != 0) {
		perror("pretend: memory");
		exit(2);
	}
	copy = mmap(NULL, host_memory_size, PROT_READ | PROT_WRITE,
	    MAP_SHARED, host_memory_fd, 0);
	if (copy == MAP_FAILED) {
		perror("pretend: memory");
		exit(2);
	}
	/* By a system call: the sanitizer hides parts of it from memcpy. */
	if (pread(old, copy, host_memory_size, 0) !=
	    (ssize_t)host_memory_size) {
		perror("pretend: memory");
		exit(2);
	}
	munmap(copy, host_memory_size);
	mmap(host_memory, host_memory_size, PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_FIXED, host_memory_fd, 0);
	close(old);
	pretend_remap();
}

void
host_memory_map(uintptr_t va, size_t offset, size_t n, bool write)
{
	if (mmap((void *)va, n, PROT_READ | (write ? PROT_WRITE : 0),
	    MAP_SHARED | MAP_FIXED, host_memory_fd, (off_t)offset) ==
	    MAP_FAILED) {
		perror("pretend: map");
		exit(2);
	}
}

void
host_memory_unmap(uintptr_t va, size_t n)
{
	munmap((void *)va, n);
}

void *
host_memory_at(size_t offset)
{
	return host_memory + offset;
}

bool
host_peek(uintptr_t address, void *to, size_t n)
{
	struct iovec here = { to, n };
	struct iovec there = { (void *)address, n };

	/* The kernel of the host looks whether it is there. */
	return process_vm_readv(getpid(), &here, 1, &there, 1, 0) ==
	    (ssize_t)n;
}

void
host_write(const char *bytes, size_t n)
{
	fflush(stdout);
	if (write(1, bytes, n) < 0) {
		exit(2);
	}
}

void
host_vprint(const char *format, va_list args)
{
	vprintf(format, args);
	fflush(stdout);
}

void
host_trace(void)
{
	fflush(stdout);
	__sanitizer_print_stack_trace();
}

void
host_exit(int status)
{
	fflush(stdout);
	/* No destructors: fibers are still in the middle of things. */
	_exit(status);
}

const char *
host_option(const char *name)
{
	return getenv(name);
}

static void
host_alarm(int signal)
{
	static const char message[] = "FAIL watchdog: nothing happens any more\n";

	if (write(1, message, sizeof(message) - 1) < 0) {
		_exit(4);
	}
	__sanitizer_print_stack_trace();
	_exit(3);
}

void
host_watchdog(unsigned seconds)
{
	signal(SIGALRM, host_alarm);
	alarm(seconds);
}

int
host_run_child(void (*fn)(void *arg), void *arg, char *output, size_t size)
{
	int fds[2];
	size_t have = 0;
	int status;
	pid_t pid;

	fflush(stdout);
	if (pipe(fds) != 0) {
		perror("pretend: pipe");
		exit(2);
	}
	pid = fork();
	if (pid == 0) {
		dup2(fds[1], 1);
		dup2(fds[1], 2);
		close(fds[0]);
		close(fds[1]);
		/* What it prints is read only as far as it fits. */
		signal(SIGPIPE, SIG_DFL);
		host_memory_copy();
		fn(arg);
		host_exit(0);
	}
	close(fds[1]);
	for (;;) {
		char drop[512];
		ssize_t n = have < size - 1 ?
		    read(fds[0], output + have, size - 1 - have) :
		    read(fds[0], drop, sizeof(drop));

		if (n <= 0) {
			break;
		}
		if (have < size - 1) {
			have += (size_t)n;
		}
	}
	output[have] = '\0';
	close(fds[0]);
	waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}
