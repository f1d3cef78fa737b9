/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * futex between processes, and what stands on it.  Prints the same here and on
 * Linux.
 */
#include "show.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <semaphore.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define FUTEX_WAIT		0
#define FUTEX_WAKE		1
#define FUTEX_CMP_REQUEUE	4
#define FUTEX_WAKE_OP		5
#define FUTEX_WAIT_BITSET	9
#define FUTEX_WAKE_BITSET	10
#define FUTEX_WAKE_PRIVATE	(128 | FUTEX_WAKE)
#define FUTEX_CLOCK_REALTIME	256
#define FUTEX_OP_ADD		1
#define FUTEX_OP_OR		2
#define FUTEX_OP_CMP_EQ		0
#define FUTEX_OP_CMP_GT		4
#define FUTEX_OP(op, operand, compare, value) \
	((op) << 28 | (compare) << 24 | (operand) << 12 | (value))

static volatile uint32_t *words;	/* anonymous, shared */
static volatile uint32_t *again;	/* the same file twice */
static volatile uint32_t *other;

static long
futex(volatile uint32_t *word, int op, uint32_t value, void *time,
    volatile uint32_t *second, uint32_t third)
{
	return syscall(SYS_futex_time64, word, op, value, time, second, third);
}

/* The letter of process PID in /proc. */
static char
state_of(pid_t pid)
{
	char name[40];
	char state = '?';
	FILE *f;

	snprintf(name, sizeof(name), "/proc/%d/stat", pid);
	f = fopen(name, "r");
	if (f != NULL) {
		fscanf(f, "%*d (%*[^)]) %c", &state);
		fclose(f);
	}
	return state;
}

/* A child that waits for WORD, surely by now. */
static pid_t
waiter(volatile uint32_t *word, int op, uint32_t bits)
{
	pid_t pid = fork();

	if (pid == 0) {
		alarm(900);
		_exit(futex(word, op, 0, NULL, NULL, bits) == 0 ? 5 : 6);
	}
	do {
		milliseconds(100);
	} while (state_of(pid) != 'S');
	milliseconds(100);
	return pid;
}

static int
end_of(pid_t pid)
{
	int status = 0;

	waitpid(pid, &status, 0);
	return status;
}

static void
part_words(void)
{
	pid_t one = waiter(words, FUTEX_WAIT, 0);

	SHOW(futex(words + 1, FUTEX_WAKE, 9, NULL, NULL, 0));
	SHOW(futex(words, FUTEX_WAKE_PRIVATE, 9, NULL, NULL, 0));
	SHOW(futex(words, FUTEX_WAKE, 9, NULL, NULL, 0));
	SHOW(end_of(one));
	one = waiter(again, FUTEX_WAIT, 0);
	SHOW(futex(other + 1, FUTEX_WAKE, 9, NULL, NULL, 0));
	SHOW(futex(other, FUTEX_WAKE, 9, NULL, NULL, 0));
	SHOW(end_of(one));
	one = waiter(words, FUTEX_WAIT_BITSET, 6);
	SHOW(futex(words, FUTEX_WAKE_BITSET, 9, NULL, NULL, 1));
	SHOW(futex(words, FUTEX_WAKE_BITSET, 9, NULL, NULL, 0));
	SHOW(futex(words, FUTEX_WAKE_BITSET, 9, NULL, NULL, 4));
	SHOW(end_of(one));
	SHOW(futex(words, FUTEX_WAIT, 1, NULL, NULL, 0));
	SHOW(futex(words, FUTEX_WAIT_BITSET, 0, NULL, NULL, 0));
	SHOW(futex((void *)((char *)words + 1), FUTEX_WAKE, 1, NULL, NULL, 0));
	SHOW(futex((void *)16, FUTEX_WAIT, 1, NULL, NULL, 0));
}

static void
part_requeue(void)
{
	pid_t one = waiter(words, FUTEX_WAIT, 0);
	pid_t two = waiter(words, FUTEX_WAIT, 0);

	SHOW(futex(words, FUTEX_CMP_REQUEUE, 0, (void *)9, words + 2, 7));
	SHOW(futex(words, FUTEX_CMP_REQUEUE, 0, (void *)9, words + 2, 0));
	SHOW(futex(words, FUTEX_WAKE, 9, NULL, NULL, 0));
	SHOW(futex(words + 2, FUTEX_WAKE, 9, NULL, NULL, 0));
	SHOW(end_of(one));
	SHOW(end_of(two));
	one = waiter(words, FUTEX_WAIT, 0);
	two = waiter(words + 2, FUTEX_WAIT, 0);
	/* words[2] += 3, and its waiters too if it was 1. */
	SHOW(futex(words, FUTEX_WAKE_OP, 9, (void *)9, words + 2,
	    FUTEX_OP(FUTEX_OP_ADD, 3, FUTEX_OP_CMP_EQ, 1)));
	SHOW(words[2]);
	/* words[2] |= 8, and they too if it was above 1. */
	SHOW(futex(words, FUTEX_WAKE_OP, 9, (void *)9, words + 2,
	    FUTEX_OP(FUTEX_OP_OR, 8, FUTEX_OP_CMP_GT, 1)));
	SHOW(words[2]);
	SHOW(end_of(one));
	SHOW(end_of(two));
	SHOW(futex(words, FUTEX_WAKE_OP, 1, (void *)1, (void *)16,
	    FUTEX_OP(FUTEX_OP_ADD, 3, FUTEX_OP_CMP_EQ, 1)));
	words[2] = 0;
}

static void
part_time(void)
{
	struct timespec time = { 0, 50000000 };

	SHOW(futex(words, FUTEX_WAIT, 0, &time, NULL, 0));
	clock_gettime(CLOCK_MONOTONIC, &time);
	SHOW(futex(words, FUTEX_WAIT_BITSET, 0, &time, NULL, ~0u));
	clock_gettime(CLOCK_REALTIME, &time);
	time.tv_sec -= 1;
	SHOW(futex(words, FUTEX_WAIT_BITSET | FUTEX_CLOCK_REALTIME, 0, &time,
	    NULL, ~0u));
	time.tv_nsec = 1000000000;
	SHOW(futex(words, FUTEX_WAIT, 0, &time, NULL, 0));
}

struct shared {
	pthread_mutex_t	mutex;
	pthread_cond_t	cond;
	sem_t		sem;
	int		state;
};

static void *
lock_and_end(void *argument)
{
	struct shared *s = argument;

	pthread_mutex_lock(&s->mutex);
	return NULL;
}

static void
part_robust(void)
{
	struct shared *s = (void *)(words + 64);
	pthread_mutexattr_t attr;
	pthread_t thread;
	pid_t one;

	pthread_mutexattr_init(&attr);
	pthread_mutexattr_setpshared(&attr, PTHREAD_PROCESS_SHARED);
	pthread_mutexattr_setrobust(&attr, PTHREAD_MUTEX_ROBUST);
	SHOW(pthread_mutex_init(&s->mutex, &attr));
	one = fork();
	if (one == 0) {
		pthread_mutex_lock(&s->mutex);
		s->state = 1;
		milliseconds(500);
		_exit(0);
	}
	while (*(volatile int *)&s->state == 0) {
		milliseconds(10);
	}
	/* Waits for the child, and hears of its end. */
	SHOW(pthread_mutex_lock(&s->mutex) == EOWNERDEAD);
	SHOW(pthread_mutex_consistent(&s->mutex));
	SHOW(pthread_mutex_unlock(&s->mutex));
	SHOW(end_of(one));
	pthread_create(&thread, NULL, lock_and_end, s);
	pthread_join(thread, NULL);
	SHOW(pthread_mutex_lock(&s->mutex) == EOWNERDEAD);
	SHOW(pthread_mutex_unlock(&s->mutex));
	SHOW(pthread_mutex_lock(&s->mutex) == ENOTRECOVERABLE);
}

static void *
lock_two_and_stay(void *argument)
{
	struct shared *s = argument;

	pthread_mutex_lock(&s[0].mutex);
	pthread_mutex_lock(&s[1].mutex);
	s->state++;
	for (;;) {
		pause();
	}
	return NULL;
}

/* A child whose thread, or itself, has two locks; it ends as HOW says. */
static pid_t
locker(struct shared *s, int threads, int how)
{
	pthread_t thread;
	pid_t pid = fork();

	if (pid != 0) {
		while (*(volatile int *)&s->state != 2) {
			milliseconds(10);
		}
		return pid;
	}
	if (threads) {
		pthread_create(&thread, NULL, lock_two_and_stay, s);
	} else {
		pthread_mutex_lock(&s[0].mutex);
		pthread_mutex_lock(&s[1].mutex);
		s->state++;
	}
	while (*(volatile int *)&s->state != 1) {
		milliseconds(10);
	}
	s->state = 2;
	milliseconds(300);
	if (how == 0) {
		*(volatile int *)16 = 1;
	} else if (how == 1) {
		_exit(3);
	} else if (how == 2) {
		execl("/bin/true", "true", (char *)NULL);
	}
	for (;;) {
		pause();
	}
}

static void
died(struct shared *s, int threads, int how)
{
	pthread_mutexattr_t attr;
	pid_t pid;

	memset(s, 0, 2 * sizeof(*s));
	pthread_mutexattr_init(&attr);
	pthread_mutexattr_setpshared(&attr, PTHREAD_PROCESS_SHARED);
	pthread_mutexattr_setrobust(&attr, PTHREAD_MUTEX_ROBUST);
	pthread_mutex_init(&s[0].mutex, &attr);
	pthread_mutex_init(&s[1].mutex, &attr);
	printf("%s, %d:\n", threads ? "thread" : "process", how);
	fflush(stdout);
	pid = locker(s, threads, how);
	SHOW(pthread_mutex_trylock(&s[1].mutex) == EBUSY);
	if (how == 3) {
		SHOW(kill(pid, SIGKILL));
	}
	/* One is waited for, the other found. */
	SHOW(pthread_mutex_lock(&s[0].mutex) == EOWNERDEAD);
	SHOW(pthread_mutex_consistent(&s[0].mutex));
	SHOW(pthread_mutex_unlock(&s[0].mutex));
	SHOW(end_of(pid));
	SHOW(pthread_mutex_trylock(&s[1].mutex) == EOWNERDEAD);
	SHOW(pthread_mutex_consistent(&s[1].mutex));
	SHOW(pthread_mutex_unlock(&s[1].mutex));
	SHOW(pthread_mutex_lock(&s[1].mutex));
	SHOW(pthread_mutex_unlock(&s[1].mutex));
}

/* In memory without a name, and in a file. */
static void
part_killed(void)
{
	for (int threads = 0; threads < 2; threads++) {
		for (int how = 0; how < 4; how++) {
			died((void *)(words + 64), threads, how);
		}
	}
	died((void *)(other + 64), 1, 3);
}

/* A list that leads to what may not be written, and in a circle. */
static void
part_bad_list(void)
{
	static struct {
		void	*next;
		long	offset;
		void	*pending;
	} head;
	uint32_t *readonly = mmap(NULL, 4096, PROT_READ, MAP_SHARED |
	    MAP_ANONYMOUS, -1, 0);
	void *circle[2] = { circle + 1, circle };
	pid_t one = fork();

	if (one == 0) {
		words[9] = getpid();
		words[10] = getpid();
		head.next = (void *)words;
		words[0] = (uint32_t)(words + 1);
		words[1] = (uint32_t)circle;
		head.offset = 9 * 4;
		head.pending = readonly;
		syscall(SYS_set_robust_list, &head, sizeof(head));
		raise(SIGKILL);
	}
	SHOW(end_of(one));
	SHOW(words[9] == 0x40000000);
	SHOW(words[10] == 0x40000000);
	SHOW(words[9]);
	SHOW(readonly[9]);
	memset((void *)words, 0, 64);
}

static void
part_threads(void)
{
	struct shared *s = (void *)(words + 64);
	pthread_mutexattr_t attr;
	pthread_condattr_t cond;
	pid_t one;

	memset(s, 0, sizeof(*s));
	pthread_mutexattr_init(&attr);
	pthread_mutexattr_setpshared(&attr, PTHREAD_PROCESS_SHARED);
	pthread_mutex_init(&s->mutex, &attr);
	pthread_condattr_init(&cond);
	pthread_condattr_setpshared(&cond, PTHREAD_PROCESS_SHARED);
	pthread_cond_init(&s->cond, &cond);
	SHOW(sem_init(&s->sem, 1, 0));
	one = fork();
	if (one == 0) {
		for (int i = 0; i < 50; i++) {
			pthread_mutex_lock(&s->mutex);
			while (s->state % 2 == 0) {
				pthread_cond_wait(&s->cond, &s->mutex);
			}
			s->state++;
			pthread_cond_broadcast(&s->cond);
			pthread_mutex_unlock(&s->mutex);
		}
		sem_post(&s->sem);
		_exit(0);
	}
	for (int i = 0; i < 50; i++) {
		pthread_mutex_lock(&s->mutex);
		while (s->state % 2 != 0) {
			pthread_cond_wait(&s->cond, &s->mutex);
		}
		s->state++;
		pthread_cond_broadcast(&s->cond);
		pthread_mutex_unlock(&s->mutex);
	}
	SHOW(sem_wait(&s->sem));
	SHOW(s->state);
	SHOW(end_of(one));
}

int
main(void)
{
	int fd = open("futex.words", O_RDWR | O_CREAT | O_TRUNC, 0600);

	alarm(900);
	ftruncate(fd, 4096);
	words = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED |
	    MAP_ANONYMOUS, -1, 0);
	again = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	other = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	unlink("futex.words");
	part_words();
	part_requeue();
	part_time();
	part_robust();
	part_killed();
	part_bad_list();
	part_threads();
	return 0;
}
