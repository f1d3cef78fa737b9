/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * COUNT threads, as many to a process as there can be, sleep in calls of all
 * kinds that wait in the UNIX server; meanwhile others' calls are answered.
 *
 *	sleepers COUNT		all of them sleep
 *	sleepers COUNT some	some are told EAGAIN; the others sleep until a file
 *				/tmp/wake is there
 */

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define THREADS	50

/* Of all processes. */
struct shared {
	volatile int	asleep;		/* about to be, or refused */
	volatile int	refused;
	volatile int	wrong;		/* came back otherwise */
};

static struct shared *shared;
static int empty[2];			/* a pipe that nobody writes to */

static int
in_read(void)
{
	char c;

	return (int)read(empty[0], &c, 1);
}

static int
in_sleep(void)
{
	struct timespec ts = { 100000, 0 };

	return nanosleep(&ts, NULL);
}

static int
in_poll(void)
{
	struct pollfd fd = { empty[0], POLLIN, 0 };

	return poll(&fd, 1, -1);
}

static int
in_futex(void)
{
	static int word;

	return (int)syscall(SYS_futex, &word, 0 /* FUTEX_WAIT */, 0, NULL);
}

static int
in_epoll(void)
{
	struct epoll_event event = { 0 };
	int fd = epoll_create1(0);

	return epoll_wait(fd, &event, 1, -1);
}

static int (*const kinds[])(void) = {
	in_read, in_sleep, in_poll, in_futex, in_epoll, pause,
};

#define KINDS	((int)(sizeof(kinds) / sizeof(*kinds)))

static void *
sleeper(void *argument)
{
	int kind = (int)(long)argument % KINDS;

	__sync_fetch_and_add(&shared->asleep, 1);
	if (kinds[kind]() != -1 || errno != EAGAIN) {
		__sync_fetch_and_add(&shared->wrong, 1);
	}
	__sync_fetch_and_add(&shared->refused, 1);
	return NULL;
}

static void
sleep_all(long count)
{
	pthread_attr_t attributes;
	pthread_t thread;

	pthread_attr_init(&attributes);
	pthread_attr_setstacksize(&attributes, 16384);
	for (long i = 1; i < count; i++) {
		if (pthread_create(&thread, &attributes, sleeper,
		    (void *)i) != 0) {
			__sync_fetch_and_add(&shared->wrong, 1);
		}
	}
	sleeper(NULL);
	/* The others sleep on. */
	pthread_exit(NULL);
}

static void
die(const char *what)
{
	printf("%s: %s\n", what, strerror(errno));
	fflush(stdout);
	kill(0, SIGKILL);
}

static void
others(void)
{
	int status = -1;
	int ends[2];
	pid_t pid;
	char c = 0;

	/* Those that were killed may still hold what we need. */
	do {
		pid = fork();
	} while (pid < 0 && errno == EAGAIN);
	if (pid == 0) {
		_exit(7);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid ||
	    WEXITSTATUS(status) != 7) {
		die("others' children");
	}
	if (pipe(ends) != 0 || write(ends[1], "x", 1) != 1 ||
	    read(ends[0], &c, 1) != 1) {
		die("others' pipes");
	}
}

int
main(int argc, char **argv)
{
	int count = atoi(argv[1]);
	int some = argc > 2;
	int n = (count + THREADS - 1) / THREADS;
	pid_t pids[n];

	shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared == MAP_FAILED || pipe(empty) != 0) {
		die("the beginning");
	}
	for (int i = 0; i < n; i++) {
		pids[i] = fork();
		if (pids[i] == 0) {
			sleep_all(THREADS);
			_exit(1);
		}
		if (pids[i] < 0) {
			die("fork");
		}
	}
	while (shared->asleep < n * THREADS || (some && shared->refused == 0)) {
		sched_yield();
	}
	if (!some) {
		others();
	}
	printf("asleep\n");
	fflush(stdout);
	while (some && access("/tmp/wake", F_OK) != 0) {
		sched_yield();
	}
	for (int i = 0; i < n; i++) {
		if (kill(pids[i], SIGKILL) != 0) {
			die("kill");
		}
		/* There may be no room for our own sleep yet. */
		while (waitpid(pids[i], NULL, 0) < 0) {
			if (errno != EAGAIN) {
				die("wait");
			}
		}
	}
	others();
	printf("%s refused, %d otherwise\n", shared->refused == 0 ? "none" :
	    "some", shared->wrong);
	return 0;
}
