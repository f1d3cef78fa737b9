/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * A UNIX program that uses Mach's messages beside its system calls: threads,
 * children and signals get along with them.  Talks to the name server; prints
 * what differs from what should be, and "good".
 */

#include <mach/mig_support.h>
#include <pthread.h>
#include <servers/bootstrap_types.h>
#include <servers/lib/lookup.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <mig/mach_port_user.h>
#include <mig/mach_user.h>
#include <mig/name_user.h>

#define THREADS	8
#define ROUNDS	200

static struct lookup file = LOOKUP_INIT("file");
static volatile int handled;
static int bad;

static void
check(int good, const char *what)
{
	if (!good) {
		printf("not so: %s\n", what);
		bad = 1;
	}
}

static double
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Calls to the kernel and to a server. */
static void
talk(void)
{
	natural_t address = 0;
	mach_port_t port;

	check(vm_allocate(mach_task_self(), &address, 4096, TRUE) ==
	    KERN_SUCCESS, "allocate");
	check(vm_deallocate(mach_task_self(), address, 4096) == KERN_SUCCESS,
	    "deallocate");
	check(lookup_port("file", 0, &port) == KERN_SUCCESS, "look up");
	check(mach_port_deallocate(mach_task_self(), port) == KERN_SUCCESS,
	    "deallocate the port");
}

static void *
thread_main(void *reply_port)
{
	for (int i = 0; i < ROUNDS; i++) {
		talk();
	}
	*(mach_port_t *)reply_port = mig_get_reply_port();
	return NULL;
}

static unsigned
ports(void)
{
	mach_port_array_t names = NULL;
	mach_port_type_array_t types = NULL;
	mach_msg_type_number_t n = 0;
	mach_msg_type_number_t m = 0;

	check(mach_port_names(mach_task_self(), &names, &n, &types, &m) ==
	    KERN_SUCCESS, "names");
	vm_deallocate(mach_task_self(), (vm_address_t)names,
	    n * sizeof(names[0]));
	vm_deallocate(mach_task_self(), (vm_address_t)types,
	    n * sizeof(types[0]));
	return n;
}

static void
round_of_threads(void)
{
	pthread_t thread[THREADS];
	mach_port_t reply[THREADS];

	for (int i = 0; i < THREADS; i++) {
		check(pthread_create(&thread[i], NULL, thread_main,
		    &reply[i]) == 0, "thread");
	}
	for (int i = 0; i < THREADS; i++) {
		pthread_join(thread[i], NULL);
	}
}

static void
test_threads(void)
{
	unsigned before;

	talk();
	round_of_threads();
	before = ports();
	for (int i = 0; i < 4; i++) {
		round_of_threads();
	}
	/* A thread port that is being collected, at most, for each thread. */
	check(ports() <= before + THREADS, "ports of ended threads are reused");
}

static void
child_main(void)
{
	mach_port_t name = mach_task_self();

	talk();
	check(lookup_get(&file) != MACH_PORT_NULL, "look up in the child");
	check(name == mach_task_self_trap(), "the child's own task");
	mach_port_deallocate(mach_task_self(), name);
	fflush(stdout);
	_exit(bad);
}

static void
test_fork(void)
{
	int status = -1;
	pid_t pid;

	talk();
	check(lookup_get(&file) != MACH_PORT_NULL, "look up");
	for (int i = 0; i < 10; i++) {
		fflush(stdout);
		pid = fork();
		if (pid == 0) {
			child_main();
		}
		talk();
		check(waitpid(pid, &status, 0) == pid && status == 0, "child");
	}
	check(lookup_get(&file) != MACH_PORT_NULL, "look up afterwards");
}

static void
handler(int number)
{
	handled += number == SIGALRM;
}

/* Signals with handlers come while the program waits for an answer. */
static void
test_signal(void)
{
	struct itimerval each = { { 0, 100000 }, { 0, 100000 } };
	struct itimerval none = { { 0, 0 }, { 0, 0 } };
	double start = now();
	mach_port_t port;
	double taken;

	signal(SIGALRM, handler);
	setitimer(ITIMER_REAL, &each, NULL);
	check(lookup_port("nobody at all", 2000, &port) == KERN_INVALID_NAME,
	    "the answer after the signals");
	taken = now() - start;
	setitimer(ITIMER_REAL, &none, NULL);
	check(taken > 1.9, "waited to the end");
	check(handled >= 5, "handlers ran meanwhile");
	for (int i = 0; i < 50; i++) {
		talk();
	}
}

int
main(int argc, char **argv)
{
	const char *part = argc > 1 ? argv[1] : "";

	if (strcmp(part, "threads") == 0) {
		test_threads();
	} else if (strcmp(part, "fork") == 0) {
		test_fork();
	} else if (strcmp(part, "signal") == 0) {
		test_signal();
	} else {
		check(0, "a part");
	}
	if (!bad) {
		printf("good\n");
	}
	return bad;
}
