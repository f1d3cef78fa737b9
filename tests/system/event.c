/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * epoll and eventfd.  Prints the same here and on Linux.
 */
#define _GNU_SOURCE
#include "show.h"

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

static int ep;

static int
control(int operation, int fd, uint32_t events)
{
	struct epoll_event event = { .events = events, .data.u64 =
	    0x100000000ull * events + fd };

	return epoll_ctl(ep, operation, fd, &event);
}

/* What is ready, without and with a wait. */
static void
ready_for(int fd, int ms)
{
	struct epoll_event events[8];
	int n = epoll_wait(fd, events, 8, ms);

	printf("%d ready:", n);
	for (int i = 0; i < n; i++) {
		printf(" %x of %llx", (unsigned)events[i].events,
		    (unsigned long long)events[i].data.u64);
	}
	printf("\n");
}

static void
ready(void)
{
	ready_for(ep, 0);
}

static void
part_level(void)
{
	int p[2];
	char c;

	SHOW(pipe(p));
	SHOW(control(EPOLL_CTL_ADD, p[0], EPOLLIN));
	SHOW(control(EPOLL_CTL_ADD, p[0], EPOLLIN));
	SHOW(control(EPOLL_CTL_ADD, p[1], EPOLLOUT));
	ready();
	SHOW(write(p[1], "ab", 2));
	ready();
	ready();
	SHOW(read(p[0], &c, 1));
	SHOW(control(EPOLL_CTL_MOD, p[1], EPOLLIN));
	ready();
	SHOW(read(p[0], &c, 1));
	ready_for(ep, 20);
	SHOW(control(EPOLL_CTL_DEL, p[1], 0));
	SHOW(control(EPOLL_CTL_DEL, p[1], 0));
	SHOW(control(EPOLL_CTL_MOD, p[1], EPOLLIN));
	close(p[1]);
	ready();
	close(p[0]);
	ready();
	SHOW(control(EPOLL_CTL_DEL, p[0], 0));
	/* The reader goes while the writer is watched. */
	SHOW(pipe(p));
	SHOW(control(EPOLL_CTL_ADD, p[1], EPOLLIN));
	close(p[0]);
	ready();
	/* A second descriptor keeps what the first was watched by. */
	SHOW(dup2(p[1], 60));
	close(p[1]);
	ready();
	close(60);
	ready();
}

static void
part_edge(void)
{
	int p[2];
	char c;

	SHOW(pipe(p));
	SHOW(write(p[1], "abc", 3));
	SHOW(control(EPOLL_CTL_ADD, p[0], EPOLLIN | EPOLLET));
	ready();
	ready();
	SHOW(read(p[0], &c, 1));
	ready();
	SHOW(write(p[1], "d", 1));
	ready();
	ready();
	SHOW(control(EPOLL_CTL_MOD, p[0], EPOLLIN | EPOLLET));
	ready();
	SHOW(control(EPOLL_CTL_MOD, p[0], EPOLLIN | EPOLLONESHOT));
	ready();
	ready();
	SHOW(write(p[1], "e", 1));
	ready();
	close(p[1]);
	ready();
	SHOW(control(EPOLL_CTL_MOD, p[0], EPOLLIN | EPOLLONESHOT));
	ready();
	close(p[0]);
}

static void
part_eventfd(void)
{
	int e = eventfd(3, EFD_NONBLOCK);
	int s = eventfd(2, EFD_NONBLOCK | EFD_SEMAPHORE | EFD_CLOEXEC);
	uint64_t value = 0;
	uint32_t half;

	SHOW(control(EPOLL_CTL_ADD, e, EPOLLIN | EPOLLOUT));
	ready();
	SHOW(read(e, &half, sizeof(half)));
	SHOW(read(e, &value, sizeof(value)));
	SHOW(value);
	SHOW(read(e, &value, sizeof(value)));
	value = ~0ull - 1;
	SHOW(write(e, &value, sizeof(value)));
	ready();
	value = 1;
	SHOW(write(e, &value, sizeof(value)));
	value = ~0ull;
	SHOW(write(e, &value, sizeof(value)));
	SHOW(write(e, &value, 4));
	close(e);
	for (int i = 0; i < 3; i++) {
		SHOW(read(s, &value, sizeof(value)));
		SHOW(value);
	}
	SHOW(fcntl(s, F_GETFD));
	SHOW(eventfd(0, 0x10));
	close(s);
}

static void *
write_later(void *argument)
{
	uint64_t one = 1;

	milliseconds(200);
	write(*(int *)argument, &one, sizeof(one));
	return NULL;
}

static void
on_alarm(int number)
{
}

static void
part_wait(void)
{
	int e = eventfd(0, 0);
	int outer = epoll_create(1);
	struct epoll_event event = { .events = EPOLLIN, .data.u64 = 5 };
	struct pollfd poller = { .fd = outer, .events = POLLIN };
	sigset_t set;
	uint64_t value;
	pthread_t thread;

	/* One that watches one that watches. */
	SHOW(control(EPOLL_CTL_ADD, e, EPOLLIN));
	SHOW(epoll_ctl(outer, EPOLL_CTL_ADD, ep, &event));
	SHOW(epoll_ctl(ep, EPOLL_CTL_ADD, outer, &event));
	SHOW(epoll_ctl(ep, EPOLL_CTL_ADD, ep, &event));
	SHOW(poll(&poller, 1, 0));
	pthread_create(&thread, NULL, write_later, &e);
	ready_for(outer, 10000);
	SHOW(poll(&poller, 1, 0));
	ready();
	pthread_join(thread, NULL);
	SHOW(read(e, &value, sizeof(value)));
	SHOW(poll(&poller, 1, 0));
	ready_for(outer, 0);
	pthread_create(&thread, NULL, write_later, &e);
	SHOW(poll(&poller, 1, 10000));
	pthread_join(thread, NULL);
	SHOW(read(e, &value, sizeof(value)));
	/* Interrupted, and never restarted; with a mask, only by others. */
	handle(SIGALRM, on_alarm, SA_RESTART);
	ualarm(100000, 0);
	SHOW(epoll_wait(ep, &event, 1, 10000));
	sigemptyset(&set);
	sigaddset(&set, SIGALRM);
	ualarm(50000, 0);
	SHOW(epoll_pwait(ep, &event, 1, 300, &set));
	close(e);
	close(outer);
}

static void
part_errors(void)
{
	struct epoll_event event = { .events = EPOLLIN };
	int file = open("/tmp/event.file", O_RDWR | O_CREAT, 0600);

	SHOW(epoll_create(0));
	SHOW(epoll_create1(1));
	SHOW(epoll_ctl(ep, EPOLL_CTL_ADD, 77, &event));
	SHOW(epoll_ctl(77, EPOLL_CTL_ADD, 0, &event));
	SHOW(epoll_ctl(ep, EPOLL_CTL_ADD, file, &event));
	SHOW(epoll_ctl(ep, 9, ep, &event));
	SHOW(epoll_wait(ep, &event, 0, 0));
	SHOW(epoll_wait(file, &event, 1, 0));
	SHOW(epoll_wait(77, &event, 1, 0));
	SHOW(read(ep, &event, 1));
	unlink("/tmp/event.file");
}

int
main(void)
{
	alarm(60);
	ep = epoll_create1(EPOLL_CLOEXEC);
	SHOW(fcntl(ep, F_GETFD));
	part_level();
	part_edge();
	part_eventfd();
	alarm(0);
	part_wait();
	part_errors();
	return 0;
}
