/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * epoll, eventfd, timerfd, signalfd.  Prints the same here and on Linux; event
 * set_clock sets the clock, and prints whether what it tries holds.
 */
#define _GNU_SOURCE
#include "show.h"

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdint.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
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
	/* Again and again: the first may come before the call. */
	ualarm(100000, 100000);
	SHOW(epoll_wait(ep, &event, 1, 10000));
	ualarm(0, 0);
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

/* Set FD to go off in MS, then each EACH. */
static int
set_ms(int fd, int flags, long ms, long each)
{
	struct itimerspec spec = {
		{ each / 1000, each % 1000 * 1000000 },
		{ ms / 1000, ms % 1000 * 1000000 }
	};

	return timerfd_settime(fd, flags, &spec, NULL);
}

static long long
count(int fd)
{
	uint64_t n = 0;

	return read(fd, &n, sizeof(n)) == sizeof(n) ? (long long)n : -1;
}

static int
left_ms(int fd)
{
	struct itimerspec spec;

	if (timerfd_gettime(fd, &spec) != 0) {
		return -1;
	}
	return spec.it_value.tv_sec * 1000 + spec.it_value.tv_nsec / 1000000;
}

static void
part_timerfd(void)
{
	struct itimerspec spec = { { 0, 0 }, { 100, 0 } };
	struct itimerspec old = { { 9, 9 }, { 9, 9 } };
	int t = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
	int r = timerfd_create(CLOCK_REALTIME, TFD_CLOEXEC);
	int fds[2];
	char c[8];

	SHOW(timerfd_create(77, 0));
	SHOW(timerfd_create(CLOCK_MONOTONIC, 1));
	SHOW(fcntl(r, F_GETFD));
	SHOW(fcntl(t, F_GETFL) & (O_ACCMODE | O_NONBLOCK));
	SHOW(left_ms(t));
	SHOW(count(t));
	SHOW(timerfd_settime(t, 0, &spec, &old));
	SHOW(old.it_value.tv_sec);
	SHOW(timerfd_settime(t, 0, &spec, &old));
	SHOW(old.it_value.tv_sec == 99 || old.it_value.tv_sec == 100);
	SHOW(left_ms(t) > 90000);
	SHOW(timerfd_settime(t, 8, &spec, NULL));
	spec.it_value.tv_nsec = 1000000000;
	SHOW(timerfd_settime(t, 0, &spec, NULL));
	SHOW(syscall(411, t, 0, NULL, NULL));
	pipe(fds);
	SHOW(set_ms(fds[0], 0, 1, 0));
	SHOW(set_ms(99, 0, 1, 0));
	SHOW(timerfd_gettime(fds[0], &spec));
	SHOW(write(t, "12345678", 8));
	SHOW(read(t, c, 7));
	/* Once, waited for by read. */
	SHOW(set_ms(r, 0, 50, 0));
	SHOW(count(r));
	SHOW(left_ms(r));
	/* Again and again; what was not read adds up. */
	SHOW(control(EPOLL_CTL_ADD, t, EPOLLIN));
	SHOW(set_ms(t, 0, 30, 20));
	ready_for(ep, 1000);
	milliseconds(130);
	SHOW(count(t) >= 5);
	ready_for(ep, 1000);
	SHOW(left_ms(t) <= 20);
	SHOW(count(t) >= 1);
	/* Setting it forgets what it counted. */
	milliseconds(50);
	SHOW(set_ms(t, 0, 100000, 0));
	SHOW(count(t));
	ready();
	SHOW(set_ms(t, 0, 0, 0));
	SHOW(left_ms(t));
	/* A time that is over, and one to come. */
	SHOW(set_ms(t, TFD_TIMER_ABSTIME, 1, 0));
	SHOW(count(t));
	clock_gettime(CLOCK_REALTIME, &spec.it_value);
	spec.it_value.tv_sec += 1;
	spec.it_interval.tv_sec = 1000;
	SHOW(timerfd_settime(r, TFD_TIMER_ABSTIME, &spec, NULL));
	SHOW(left_ms(r) <= 1000);
	SHOW(count(r));
	SHOW(left_ms(r) > 900000);
	SHOW(control(EPOLL_CTL_DEL, t, 0));
	/* Edges: one each time that it is due. */
	SHOW(control(EPOLL_CTL_ADD, t, EPOLLIN | EPOLLET));
	SHOW(set_ms(t, 0, 20, 0));
	ready_for(ep, 1000);
	ready_for(ep, 50);
	SHOW(set_ms(t, 0, 20, 0));
	ready_for(ep, 1000);
	close(t);
	ready();
	close(r);
	close(fds[0]);
	close(fds[1]);
}

static void
take(int fd)
{
	struct signalfd_siginfo info[3];
	long n = read(fd, info, sizeof(info));

	if (n < 0) {
		printf("none: %s\n", strerror(errno));
		return;
	}
	for (unsigned i = 0; i < n / sizeof(*info); i++) {
		printf("signal %u code %d, of us %d, status %d, value %d %llx\n",
		    info[i].ssi_signo, info[i].ssi_code,
		    info[i].ssi_pid == (uint32_t)getpid(), info[i].ssi_status,
		    info[i].ssi_int, (unsigned long long)info[i].ssi_ptr);
	}
}

static void *
raise_later(void *argument)
{
	milliseconds(100);
	kill(getpid(), SIGUSR2);
	return NULL;
}

static void
part_signalfd(void)
{
	union sigval value = { .sival_int = 77 };
	struct pollfd p = { .events = POLLIN };
	pthread_t thread;
	sigset_t set;
	sigset_t before;
	int status;
	int s;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigaddset(&set, SIGUSR2);
	sigaddset(&set, SIGCHLD);
	sigaddset(&set, SIGRTMIN);
	sigaddset(&set, SIGKILL);
	sigprocmask(SIG_BLOCK, &set, &before);
	s = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
	SHOW(fcntl(s, F_GETFD));
	SHOW(signalfd(-1, &set, 1));
	SHOW(signalfd(99, &set, 0));
	SHOW(signalfd(ep, &set, 0));
	SHOW(syscall(327, -1, &set, 4, 0));
	SHOW(syscall(327, -1, NULL, 8, 0));
	SHOW(read(s, &status, 4));
	SHOW(write(s, &set, 128));
	take(s);
	SHOW(control(EPOLL_CTL_ADD, s, EPOLLIN));
	ready();
	SHOW(raise(SIGUSR1));
	SHOW(kill(getpid(), SIGUSR1));
	ready();
	take(s);
	ready();
	SHOW(sigqueue(getpid(), SIGRTMIN, value));
	value.sival_int = 78;
	SHOW(sigqueue(getpid(), SIGRTMIN, value));
	SHOW(kill(getpid(), SIGUSR2));
	take(s);
	take(s);
	fflush(stdout);
	if (fork() == 0) {
		/* Its own signals, not its parent's. */
		p.fd = s;
		kill(getppid(), SIGUSR1);
		printf("child: %d\n", poll(&p, 1, 0));
		take(s);
		raise(SIGUSR2);
		printf("child: %d\n", poll(&p, 1, 0));
		take(s);
		fflush(stdout);
		_exit(5);
	}
	wait(&status);
	ready();
	take(s);
	/* Waits. */
	SHOW(fcntl(s, F_SETFL, 0));
	pthread_create(&thread, NULL, raise_later, NULL);
	take(s);
	pthread_join(thread, NULL);
	pthread_create(&thread, NULL, raise_later, NULL);
	ready_for(ep, 1000);
	pthread_join(thread, NULL);
	/* Another set. */
	sigdelset(&set, SIGUSR2);
	SHOW(signalfd(s, &set, 0) == s);
	ready();
	sigaddset(&set, SIGUSR2);
	SHOW(signalfd(s, &set, 0) == s);
	ready();
	take(s);
	close(s);
	sigprocmask(SIG_SETMASK, &before, NULL);
}

static void
hold(const char *what, int holds)
{
	printf("%s: %s\n", what, holds ? "yes" : "NO");
}

/* Reading tells that the time was set, if that was asked for. */
static void
set_clock(void)
{
	struct itimerspec spec = { { 0, 0 }, { 0, 0 } };
	int t = timerfd_create(CLOCK_REALTIME, TFD_NONBLOCK);
	int other = timerfd_create(CLOCK_REALTIME, TFD_NONBLOCK);
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	spec.it_value.tv_sec = now.tv_sec + 1000;
	timerfd_settime(t, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &spec,
	    NULL);
	timerfd_settime(other, TFD_TIMER_ABSTIME, &spec, NULL);
	ep = epoll_create1(0);
	control(EPOLL_CTL_ADD, t, EPOLLIN);
	hold("nothing yet", count(t) == -1 && errno == EAGAIN);
	clock_settime(CLOCK_REALTIME, &now);
	ready();
	hold("cancelled", count(t) == -1 && errno == ECANCELED);
	hold("once", count(t) == -1 && errno == EAGAIN);
	hold("not the other", count(other) == -1 && errno == EAGAIN);
	now.tv_sec += 2000;
	clock_settime(CLOCK_REALTIME, &now);
	hold("overtaken", count(other) == 1);
	now.tv_sec -= 2000;
	clock_settime(CLOCK_REALTIME, &now);
}

int
main(int argc, char **argv)
{
	alarm(900);
	if (argc > 1) {
		set_clock();
		return 0;
	}
	ep = epoll_create1(EPOLL_CLOEXEC);
	SHOW(fcntl(ep, F_GETFD));
	part_level();
	part_edge();
	part_eventfd();
	part_timerfd();
	part_signalfd();
	alarm(0);
	part_wait();
	part_errors();
	return 0;
}
