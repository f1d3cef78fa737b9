/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * A Linux program that looks at locks, timers, signals, priorities and job
 * control.  What it prints is the same on Linux.  control NAME runs one part.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/times.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "show.h"

/* What differs from run to run: only whether it is as it should be. */
#define HOLDS(expression) \
	do { \
		printf("%s: %s\n", #expression, (expression) ? "yes" : "NO"); \
		fflush(stdout); \
	} while (0)

static volatile int caught;

static void
note(int number)
{
	caught++;
	(void)number;
}

/* A child runs FUNCTION; its status, as SHOW would print it. */
static int
in_child(void (*function)(void))
{
	int status = 0;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		function();
		fflush(stdout);
		_exit(0);
	}
	waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) :
	    128 + WTERMSIG(status);
}

/*
 * Locks.
 */

static int lock_fd;
static int lock_pipe[2];
static int lock_shown_pipe[2];

static int
lock(int fd, int command, int type, long start, long length)
{
	struct flock l;

	memset(&l, 0, sizeof(l));
	l.l_type = type;
	l.l_whence = SEEK_SET;
	l.l_start = start;
	l.l_len = length;
	return fcntl(fd, command, &l);
}

/* Who holds what keeps a lock of TYPE away. */
static void
lock_show(int fd, int command, int type, long start, long length)
{
	struct flock l;

	memset(&l, 0, sizeof(l));
	l.l_type = type;
	l.l_whence = SEEK_SET;
	l.l_start = start;
	l.l_len = length;
	if (fcntl(fd, command, &l) != 0) {
		printf("getlk: %s\n", strerror(errno));
		return;
	}
	printf("held: type %d whence %d start %ld length %ld %s\n", l.l_type,
	    l.l_whence, l.l_type == F_UNLCK ? 0 : (long)l.l_start,
	    l.l_type == F_UNLCK ? 0 : (long)l.l_len,
	    l.l_type == F_UNLCK ? "" : l.l_pid == -1 ? "description" :
	    l.l_pid == getppid() ? "parent" : l.l_pid == getpid() ? "self" :
	    "?");
}

static void
lock_child(void)
{
	int fd = open("control.lock", O_RDWR);

	SHOW(lock(fd, F_SETLK, F_RDLCK, 0, 100));
	SHOW(lock(fd, F_SETLK, F_RDLCK, 100, 10));
	SHOW(lock(fd, F_SETLK, F_WRLCK, 100, 10));
	SHOW(lock(fd, F_SETLK, F_RDLCK, 40, 20));
	SHOW(lock(lock_fd, F_SETLK, F_RDLCK, 0, 1));
	lock_show(fd, F_GETLK, F_RDLCK, 0, 0);
	lock_show(fd, F_GETLK, F_RDLCK, 60, 0);
	lock_show(fd, F_GETLK, F_WRLCK, 100, 0);
	lock_show(fd, F_GETLK, F_WRLCK, 40, 20);
	close(fd);
}

static void
lock_try_write(void)
{
	int fd = open("control.lock", O_RDWR);

	SHOW(lock(fd, F_SETLK, F_WRLCK, 0, 0));
}

/* A lock that another let go: RESULT when that one has shown its own. */
static int
lock_shown(int result)
{
	int error = errno;
	char c;

	read(lock_shown_pipe[0], &c, 1);
	errno = error;
	return result;
}

static void
lock_waiter(void)
{
	int fd = open("control.lock", O_RDWR);

	write(lock_pipe[1], "w", 1);
	SHOW(lock_shown(lock(fd, F_SETLKW, F_WRLCK, 0, 0)));
}

static void
lock_interrupted(void)
{
	int fd = open("control.lock", O_RDWR);

	handle(SIGALRM, note, 0);
	alarm(1);
	SHOW(lock(fd, F_SETLKW, F_WRLCK, 0, 0));
	printf("caught %d\n", caught);
}

/* Two processes that want what the other has: one of them is told. */
static void
lock_deadlock(void)
{
	pid_t pid;
	int status;
	int result;
	int fd = open("control.lock", O_RDWR);
	char c;

	lock(fd, F_SETLK, F_UNLCK, 0, 0);
	SHOW(lock(fd, F_SETLK, F_WRLCK, 0, 1));
	pid = fork();
	if (pid == 0) {
		lock(fd, F_SETLK, F_WRLCK, 1, 1);
		write(lock_pipe[1], "x", 1);
		result = lock(fd, F_SETLKW, F_WRLCK, 0, 1);
		_exit(result == 0 ? 0 : errno);
	}
	read(lock_pipe[0], &c, 1);
	milliseconds(300);
	SHOW(lock(fd, F_SETLKW, F_WRLCK, 1, 1));
	SHOW(lock(fd, F_SETLK, F_UNLCK, 0, 0));
	waitpid(pid, &status, 0);
	printf("other ended %d\n", WEXITSTATUS(status));
}

static void
lock_flock_child(void)
{
	int fd = open("control.lock", O_RDWR);

	SHOW(flock(fd, LOCK_SH | LOCK_NB));
	SHOW(flock(fd, LOCK_EX | LOCK_NB));
	SHOW(flock(lock_fd, LOCK_EX | LOCK_NB));
	SHOW(flock(fd, LOCK_SH | LOCK_NB));
	SHOW(flock(fd, 77));
}

static void
lock_flock_waiter(void)
{
	int fd = open("control.lock", O_RDWR);

	write(lock_pipe[1], "w", 1);
	SHOW(lock_shown(flock(fd, LOCK_EX)));
}

static void
lock_flocks(void)
{
	pid_t pid;
	char c;

	SHOW(flock(lock_fd, LOCK_SH));
	in_child(lock_flock_child);
	SHOW(flock(lock_fd, LOCK_EX));
	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		close(lock_fd);
		lock_flock_waiter();
		_exit(0);
	}
	read(lock_pipe[0], &c, 1);
	milliseconds(200);
	printf("parent lets go\n");
	SHOW(flock(lock_fd, LOCK_UN));
	fflush(stdout);
	write(lock_shown_pipe[1], "s", 1);
	waitpid(pid, NULL, 0);
}

static void
lock_descriptions(void)
{
	int a = open("control.lock", O_RDWR);
	int b = open("control.lock", O_RDWR);

	SHOW(lock(a, F_OFD_SETLK, F_WRLCK, 10, 10));
	SHOW(lock(b, F_OFD_SETLK, F_RDLCK, 0, 15));
	SHOW(lock(b, F_SETLK, F_RDLCK, 0, 15));
	lock_show(b, F_OFD_GETLK, F_RDLCK, 0, 0);
	SHOW(lock(b, F_SETLK, F_RDLCK, 0, 10));
	SHOW(lock(a, F_OFD_SETLK, F_WRLCK, 5, 10));
	close(dup(a));
	SHOW(lock(b, F_OFD_SETLK, F_RDLCK, 12, 1));
	close(a);
	SHOW(lock(b, F_OFD_SETLK, F_RDLCK, 12, 1));
	close(b);
}

static void
part_locks(void)
{
	pid_t pid;
	char c;
	int reader;

	pipe(lock_pipe);
	pipe(lock_shown_pipe);
	unlink("control.lock");
	lock_fd = open("control.lock", O_RDWR | O_CREAT, 0600);
	ftruncate(lock_fd, 200);
	SHOW(lock(lock_fd, F_SETLK, F_WRLCK, 0, 50));
	SHOW(lock(lock_fd, F_SETLK, F_WRLCK, 60, 40));
	SHOW(lock(lock_fd, F_SETLK, F_RDLCK, 90, 30));
	SHOW(lock(lock_fd, F_SETLK, F_UNLCK, 40, 20));
	in_child(lock_child);
	/* Errors. */
	SHOW(lock(lock_fd, F_SETLK, 7, 0, 1));
	SHOW(lock(lock_fd, F_SETLK, F_WRLCK, -1, 1));
	SHOW(lock(lock_fd, F_SETLK, F_WRLCK, 5, -6));
	SHOW(lock(lock_fd, F_SETLK, F_UNLCK, 5, -5));
	SHOW(lock(99, F_SETLK, F_WRLCK, 0, 1));
	reader = open("control.lock", O_RDONLY);
	SHOW(lock(reader, F_SETLK, F_WRLCK, 0, 1));
	SHOW(fcntl(lock_fd, F_SETLK, (void *)16));
	/* The close of any descriptor ends all. */
	in_child(lock_try_write);
	close(reader);
	SHOW(in_child(lock_try_write));
	/* Waiting, and what ends it. */
	SHOW(lock(lock_fd, F_SETLK, F_WRLCK, 0, 0));
	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		lock_waiter();
		_exit(0);
	}
	read(lock_pipe[0], &c, 1);
	milliseconds(200);
	printf("parent lets go\n");
	fflush(stdout);
	SHOW(lock(lock_fd, F_SETLK, F_UNLCK, 0, 0));
	fflush(stdout);
	write(lock_shown_pipe[1], "s", 1);
	waitpid(pid, NULL, 0);
	SHOW(lock(lock_fd, F_SETLK, F_WRLCK, 0, 0));
	in_child(lock_interrupted);
	lock_deadlock();
	lock_flocks();
	lock_descriptions();
	unlink("control.lock");
}

/*
 * Signals that queue.
 */

static void
note_value(int number, siginfo_t *info, void *context)
{
	char line[80];

	snprintf(line, sizeof(line), "handler %d code %d value %d%s\n",
	    number - SIGRTMIN, info->si_code, info->si_value.sival_int,
	    info->si_pid == getpid() && info->si_uid == getuid() ? " self" :
	    "");
	write(1, line, strlen(line));
	(void)context;
}

static void
queue_handlers(int flags)
{
	struct sigaction action;

	memset(&action, 0, sizeof(action));
	action.sa_sigaction = note_value;
	action.sa_flags = SA_SIGINFO | flags;
	for (int i = 0; i < 4; i++) {
		sigaction(SIGRTMIN + i, &action, NULL);
	}
	sigaction(SIGUSR1, &action, NULL);
}

static void
queue_value(int number, int value)
{
	union sigval v;

	v.sival_int = value;
	SHOW(sigqueue(getpid(), number, v));
}

static void
queue_mask(sigset_t *set)
{
	sigemptyset(set);
	for (int i = 0; i < 4; i++) {
		sigaddset(set, SIGRTMIN + i);
	}
	sigaddset(set, SIGUSR1);
	sigprocmask(SIG_BLOCK, set, NULL);
}

/* Wait for one of SET and tell about it. */
static void
queue_wait(const sigset_t *set)
{
	struct timespec now = { 0, 0 };
	siginfo_t info;
	int n;

	memset(&info, 0, sizeof(info));
	n = sigtimedwait(set, &info, &now);
	printf("took %d code %d value %d %s\n", n > 31 ? n - SIGRTMIN : n,
	    n > 0 ? info.si_code : 0, n > 0 ? info.si_value.sival_int : 0,
	    n < 0 ? strerror(errno) : "");
	fflush(stdout);
}

static void
queue_bounded(void)
{
	struct rlimit limit = { 5, 5 };
	union sigval v;
	sigset_t set;
	int n = 0;

	queue_mask(&set);
	setrlimit(RLIMIT_SIGPENDING, &limit);
	v.sival_int = 0;
	while (n < 1000 && sigqueue(getpid(), SIGRTMIN, v) == 0) {
		n++;
	}
	/* On the host others of this user may have some queued. */
	HOLDS(n <= 5 && errno == EAGAIN);
	SHOW(kill(getpid(), SIGRTMIN));
	SHOW(syscall(SYS_tkill, getpid(), SIGRTMIN));
}

static void
part_queue(void)
{
	sigset_t set;
	sigset_t pending;

	queue_handlers(0);
	queue_mask(&set);
	queue_value(SIGRTMIN + 1, 11);
	queue_value(SIGRTMIN, 1);
	queue_value(SIGRTMIN + 1, 12);
	queue_value(SIGRTMIN, 2);
	queue_value(SIGUSR1, 7);
	queue_value(SIGUSR1, 8);
	SHOW(kill(getpid(), SIGRTMIN + 1));
	sigpending(&pending);
	printf("pending %d %d %d %d\n", sigismember(&pending, SIGRTMIN),
	    sigismember(&pending, SIGRTMIN + 1),
	    sigismember(&pending, SIGRTMIN + 2),
	    sigismember(&pending, SIGUSR1));
	for (int i = 0; i < 7; i++) {
		queue_wait(&set);
	}
	/* To handlers: those that come last run first, one inside another. */
	queue_value(SIGRTMIN + 2, 22);
	queue_value(SIGRTMIN, 3);
	queue_value(SIGRTMIN, 4);
	queue_value(SIGUSR1, 9);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	SHOW(syscall(SYS_tkill, getpid(), SIGRTMIN));
	SHOW(kill(getpid(), 65));
	SHOW(kill(-2147483647 - 1, 0));
	SHOW(kill(2000000000, 65));
	SHOW(syscall(SYS_tgkill, getpid(), 0, 0));
	SHOW(syscall(SYS_tgkill, -5, getpid(), 0));
	SHOW(syscall(SYS_tgkill, getpid(), getpid(), 65));
	SHOW(syscall(SYS_tkill, -1, 0));
	SHOW(in_child(queue_bounded));
}

/*
 * Time.
 */

static double
clock_seconds(clockid_t clock)
{
	struct timespec ts = { -1, 0 };

	clock_gettime(clock, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

/* Use the processor for that long, on the clock that counts it. */
static void
spin(double seconds)
{
	double end = clock_seconds(CLOCK_PROCESS_CPUTIME_ID) + seconds;

	while (clock_seconds(CLOCK_PROCESS_CPUTIME_ID) < end) {
		for (volatile int i = 0; i < 10000; i++) {
			continue;
		}
	}
}

static void
spin_child(void)
{
	spin(0.2);
}

static int
sleep_to(clockid_t clock, double at)
{
	struct timespec ts = { (time_t)at, (long)((at - (time_t)at) * 1e9) };

	return clock_nanosleep(clock, TIMER_ABSTIME, &ts, NULL);
}

static void
part_clocks(void)
{
	struct timespec ts;
	struct rusage usage;
	struct tms tms;
	clockid_t clock;
	double before;
	double cpu;
	double last;
	int back = 0;

	last = clock_seconds(CLOCK_MONOTONIC);
	for (int i = 0; i < 10000; i++) {
		before = clock_seconds(CLOCK_MONOTONIC);
		back |= before < last;
		last = before;
	}
	HOLDS(!back);
	/* Sleeping uses no processor time; computing does. */
	cpu = clock_seconds(CLOCK_PROCESS_CPUTIME_ID);
	before = clock_seconds(CLOCK_MONOTONIC);
	milliseconds(300);
	HOLDS(clock_seconds(CLOCK_MONOTONIC) - before >= 0.3);
	HOLDS(clock_seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu < 0.15);
	cpu = clock_seconds(CLOCK_THREAD_CPUTIME_ID);
	spin(0.2);
	HOLDS(clock_seconds(CLOCK_THREAD_CPUTIME_ID) - cpu >= 0.15);
	SHOW(clock_getcpuclockid(0, &clock));
	HOLDS(clock_seconds(clock) >= 0.2);
	SHOW(clock_getcpuclockid(getpid(), &clock));
	HOLDS(clock_seconds(clock) >= 0.2);
	SHOW(clock_getcpuclockid(2000000000, &clock));
	getrusage(RUSAGE_SELF, &usage);
	HOLDS(usage.ru_utime.tv_sec * 1000000 + usage.ru_utime.tv_usec +
	    usage.ru_stime.tv_sec * 1000000 + usage.ru_stime.tv_usec >=
	    180000);
	SHOW(in_child(spin_child));
	getrusage(RUSAGE_CHILDREN, &usage);
	HOLDS(usage.ru_utime.tv_sec * 1000000 + usage.ru_utime.tv_usec +
	    usage.ru_stime.tv_sec * 1000000 + usage.ru_stime.tv_usec >=
	    180000);
	HOLDS(times(&tms) != -1 && tms.tms_utime + tms.tms_stime >= 15 &&
	    tms.tms_cutime + tms.tms_cstime >= 15);
	SHOW(getrusage(7, &usage));
	SHOW(getrusage(RUSAGE_THREAD, &usage));
	/* What is a clock, and how fine it is. */
	SHOW(clock_gettime(CLOCK_BOOTTIME, &ts));
	SHOW(clock_gettime(CLOCK_TAI, &ts));
	SHOW(clock_gettime(99, &ts));
	SHOW(clock_getres(99, &ts));
	SHOW(clock_getres(CLOCK_MONOTONIC, &ts));
	HOLDS(ts.tv_sec == 0 && ts.tv_nsec >= 1 && ts.tv_nsec <= 10000000);
	SHOW(clock_getres(CLOCK_THREAD_CPUTIME_ID, &ts));
	SHOW(clock_getres(CLOCK_REALTIME, NULL));
	/* Absolute sleeps. */
	before = clock_seconds(CLOCK_MONOTONIC);
	SHOW(sleep_to(CLOCK_MONOTONIC, before + 0.2));
	HOLDS(clock_seconds(CLOCK_MONOTONIC) >= before + 0.2);
	SHOW(sleep_to(CLOCK_MONOTONIC, before));
	before = clock_seconds(CLOCK_REALTIME);
	SHOW(sleep_to(CLOCK_REALTIME, before + 0.2));
	HOLDS(clock_seconds(CLOCK_REALTIME) >= before + 0.199);
	SHOW(sleep_to(CLOCK_REALTIME, 1));
	SHOW(sleep_to(CLOCK_THREAD_CPUTIME_ID, 1));
	SHOW(sleep_to(CLOCK_MONOTONIC_RAW, 1));
	SHOW(sleep_to(99, 1));
	handle(SIGALRM, note, 0);
	alarm(1);
	SHOW(sleep_to(CLOCK_PROCESS_CPUTIME_ID, 1000));
}

/* Somebody sets the clock: who sleeps for a time is not disturbed. */
static void
set_clock_child(void)
{
	struct timespec ts;

	milliseconds(300);
	clock_gettime(CLOCK_REALTIME, &ts);
	ts.tv_sec += 3600;
	SHOW(clock_settime(CLOCK_REALTIME, &ts));
	milliseconds(700);
	ts.tv_sec -= 3600;
	SHOW(clock_settime(CLOCK_REALTIME, &ts));
}

/* Not on a host that others use. */
static void
part_set_clock(void)
{
	double mono = clock_seconds(CLOCK_MONOTONIC);
	double day = clock_seconds(CLOCK_REALTIME);
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		set_clock_child();
		_exit(0);
	}
	/* This one it wakes: its time has come. */
	SHOW(sleep_to(CLOCK_REALTIME, day + 1800));
	HOLDS(clock_seconds(CLOCK_MONOTONIC) - mono < 2.5);
	HOLDS(clock_seconds(CLOCK_REALTIME) - day > 3599);
	mono = clock_seconds(CLOCK_MONOTONIC);
	milliseconds(1500);
	HOLDS(clock_seconds(CLOCK_MONOTONIC) - mono >= 1.5);
	HOLDS(clock_seconds(CLOCK_MONOTONIC) - mono < 4);
	waitpid(pid, NULL, 0);
}

static void
timer_kind(int kind, int signal)
{
	struct itimerval timer = { { 0, 50000 }, { 0, 50000 } };
	struct itimerval none;
	double cpu;
	int before;

	memset(&none, 0, sizeof(none));
	handle(signal, note, SA_RESTART);
	caught = 0;
	cpu = clock_seconds(CLOCK_PROCESS_CPUTIME_ID);
	SHOW(setitimer(kind, &timer, NULL));
	while (caught < 4) {
		continue;
	}
	HOLDS(clock_seconds(CLOCK_PROCESS_CPUTIME_ID) - cpu >= 0.1);
	before = caught;
	for (int i = 0; i < 6; i++) {
		milliseconds(50);
	}
	HOLDS(caught <= before + 1);
	SHOW(getitimer(kind, &timer));
	HOLDS(timer.it_value.tv_sec == 0 && timer.it_value.tv_usec > 0 &&
	    timer.it_value.tv_usec <= 60000);
	printf("interval %ld\n", (long)timer.it_interval.tv_usec);
	SHOW(setitimer(kind, &none, NULL));
	SHOW(getitimer(kind, &timer));
	printf("left %ld %ld\n", (long)timer.it_value.tv_sec,
	    (long)timer.it_value.tv_usec);
}

static timer_t
timer_make(clockid_t clock, int notify, int number, int value)
{
	struct sigevent event;
	timer_t timer = NULL;

	memset(&event, 0, sizeof(event));
	event.sigev_notify = notify;
	event.sigev_signo = number;
	event.sigev_value.sival_int = value;
	SHOW(timer_create(clock, &event, &timer));
	return timer;
}

static int
timer_arm(timer_t timer, int flags, double value, long interval_ms)
{
	struct itimerspec spec;

	spec.it_value.tv_sec = (time_t)value;
	spec.it_value.tv_nsec = (long)((value - (time_t)value) * 1e9);
	spec.it_interval.tv_sec = 0;
	spec.it_interval.tv_nsec = interval_ms * 1000000;
	return timer_settime(timer, flags, &spec, NULL);
}

static void
timer_wait(const sigset_t *set)
{
	struct timespec limit = { 20, 0 };
	siginfo_t info;
	int n;

	n = sigtimedwait(set, &info, &limit);
	printf("timer: %d code %d value %d\n", n - SIGRTMIN, info.si_code,
	    info.si_value.sival_int);
}

static void
timer_limit(void)
{
	struct rlimit limit = { 1, 5 };

	SHOW(setrlimit(RLIMIT_CPU, &limit));
	spin(4);
}

static void
timer_limit_hard(void)
{
	struct rlimit limit = { 1, 2 };

	handle(SIGXCPU, SIG_IGN, 0);
	SHOW(setrlimit(RLIMIT_CPU, &limit));
	spin(4);
}

static void
timer_posix(void)
{
	struct itimerspec left;
	struct timespec now = { 0, 0 };
	sigset_t set;
	timer_t timer;

	queue_mask(&set);
	timer = timer_make(CLOCK_MONOTONIC, SIGEV_SIGNAL, SIGRTMIN, 41);
	SHOW(timer_arm(timer, 0, 0.05, 0));
	timer_wait(&set);
	SHOW(timer_gettime(timer, &left));
	printf("left %ld %ld\n", (long)left.it_value.tv_sec,
	    (long)left.it_value.tv_nsec);
	SHOW(timer_getoverrun(timer));
	/* One signal for all that passed while nobody took it. */
	SHOW(timer_arm(timer, 0, 0.02, 20));
	for (int i = 0; i < 10; i++) {
		milliseconds(50);
	}
	timer_wait(&set);
	HOLDS(timer_getoverrun(timer) >= 10);
	SHOW(timer_arm(timer, 0, 0, 0));
	while (sigtimedwait(&set, NULL, &now) > 0) {
		continue;
	}
	SHOW(timer_arm(timer, TIMER_ABSTIME, 1, 0));
	timer_wait(&set);
	SHOW(timer_delete(timer));
	SHOW(timer_delete(timer));
	SHOW(timer_gettime(timer, &left));
	/* On the clock of the process: only while it computes. */
	timer = timer_make(CLOCK_PROCESS_CPUTIME_ID, SIGEV_SIGNAL,
	    SIGRTMIN + 1, 42);
	SHOW(timer_arm(timer, 0, 0.1, 0));
	milliseconds(200);
	SHOW(sigtimedwait(&set, NULL, &now));
	spin(0.2);
	timer_wait(&set);
	timer_delete(timer);
	timer = timer_make(CLOCK_REALTIME, SIGEV_NONE, 0, 0);
	SHOW(timer_arm(timer, TIMER_ABSTIME, clock_seconds(CLOCK_REALTIME) +
	    100, 0));
	SHOW(timer_gettime(timer, &left));
	HOLDS(left.it_value.tv_sec >= 90 && left.it_value.tv_sec <= 100);
	timer_delete(timer);
	timer_make(99, SIGEV_SIGNAL, SIGRTMIN, 0);
	timer_make(CLOCK_MONOTONIC, 77, SIGRTMIN, 0);
	timer_make(CLOCK_MONOTONIC, SIGEV_SIGNAL, 65, 0);
	timer_make(CLOCK_MONOTONIC_COARSE, SIGEV_SIGNAL, SIGRTMIN, 0);
}

static void
part_timers(void)
{
	struct itimerval bad = { { 0, 0 }, { 0, 1000000 } };

	timer_kind(ITIMER_VIRTUAL, SIGVTALRM);
	timer_kind(ITIMER_PROF, SIGPROF);
	SHOW(setitimer(ITIMER_REAL, &bad, NULL));
	SHOW(setitimer(3, &bad, NULL));
	SHOW(getitimer(3, &bad));
	timer_posix();
	SHOW(in_child(timer_limit));
	SHOW(in_child(timer_limit_hard));
}

/*
 * Priorities.
 */

static void
priority_child(void)
{
	struct sched_param param;
	cpu_set_t set;

	setpgid(0, 0);
	SHOW(getpriority(PRIO_PROCESS, 0));
	SHOW(setpriority(PRIO_PROCESS, 0, 5));
	SHOW(getpriority(PRIO_PROCESS, getpid()));
	SHOW(getpriority(PRIO_PGRP, 0));
	SHOW(nice(3));
	SHOW(setpriority(PRIO_PGRP, getpid(), 11));
	SHOW(getpriority(PRIO_PROCESS, 0));
	SHOW(getpriority(9, 0));
	SHOW(setpriority(9, 0, 0));
	SHOW(getpriority(PRIO_PROCESS, 2000000000));
	SHOW(setpriority(PRIO_PROCESS, 2000000000, 0));
	SHOW(getpriority(PRIO_PGRP, 2000000000));
	SHOW(nice(100));
	SHOW(getpriority(PRIO_PROCESS, 0));
	/* Policies: musl has no calls for them. */
	SHOW(syscall(SYS_sched_getscheduler, 0));
	param.sched_priority = 0;
	SHOW(syscall(SYS_sched_setscheduler, 0, SCHED_BATCH, &param));
	SHOW(syscall(SYS_sched_getscheduler, 0));
	SHOW(syscall(SYS_sched_getscheduler, 2000000000));
	SHOW(syscall(SYS_sched_getscheduler, -1));
	param.sched_priority = 3;
	SHOW(syscall(SYS_sched_setscheduler, 0, SCHED_OTHER, &param));
	SHOW(syscall(SYS_sched_setscheduler, 0, 77, &param));
	param.sched_priority = 0;
	SHOW(syscall(SYS_sched_setscheduler, 0, SCHED_FIFO, &param));
	SHOW(syscall(SYS_sched_setscheduler, 0, SCHED_OTHER, NULL));
	SHOW(syscall(SYS_sched_setparam, 0, &param));
	SHOW(syscall(SYS_sched_getparam, 0, &param));
	printf("priority %d\n", param.sched_priority);
	SHOW(sched_get_priority_max(SCHED_FIFO));
	SHOW(sched_get_priority_max(SCHED_OTHER));
	SHOW(sched_get_priority_min(SCHED_RR));
	SHOW(sched_get_priority_max(77));
	SHOW(syscall(SYS_sched_setscheduler, 0, SCHED_IDLE, &param));
	SHOW(syscall(SYS_sched_getscheduler, 0));
	/* Processors. */
	CPU_ZERO(&set);
	SHOW(sched_setaffinity(0, sizeof(set), &set));
	SHOW(sched_getaffinity(0, sizeof(set), &set));
	HOLDS(CPU_COUNT(&set) == sysconf(_SC_NPROCESSORS_ONLN) &&
	    CPU_COUNT(&set) > 0);
	SHOW(sched_setaffinity(0, sizeof(set), &set));
	SHOW(syscall(SYS_sched_getaffinity, 0, 3, &set));
	HOLDS(sched_getcpu() >= 0 && CPU_ISSET(sched_getcpu(), &set));
}

static void
part_priority(void)
{
	SHOW(in_child(priority_child));
	SHOW(getpriority(PRIO_PROCESS, 0));
}

/* Processor time, in ms, that a child got. */
static long
spinner_wait(pid_t pid)
{
	struct rusage usage;

	wait4(pid, NULL, 0, &usage);
	return (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000 +
	    (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1000;
}

static pid_t
spinner(int value)
{
	pid_t pid = fork();

	if (pid == 0) {
		setpriority(PRIO_PROCESS, 0, value);
		alarm(5);
		for (;;) {
			continue;
		}
	}
	return pid;
}

/* Two that compete for one processor: not on a host with more. */
static void
part_spinners(void)
{
	long time[2];
	pid_t pid[2];

	fflush(stdout);
	pid[0] = spinner(0);
	pid[1] = spinner(19);
	time[0] = spinner_wait(pid[0]);
	time[1] = spinner_wait(pid[1]);
	printf("# %ld ms, %ld ms\n", time[0], time[1]);
	HOLDS(time[0] > 5 * time[1]);
	HOLDS(time[0] + time[1] > 3000);
	pid[0] = spinner(0);
	pid[1] = spinner(0);
	time[0] = spinner_wait(pid[0]);
	time[1] = spinner_wait(pid[1]);
	printf("# %ld ms, %ld ms\n", time[0], time[1]);
	HOLDS(time[0] < 2 * time[1] && time[1] < 2 * time[0]);
}

/*
 * Terminals: how long a read in raw mode waits.
 */

#define RAW_LATE	60	/* seconds: on a machine that does much else */

static int raw_master;
static int raw_slave;

static void
raw_set(int min, int time)
{
	struct termios termios;

	tcgetattr(raw_slave, &termios);
	termios.c_lflag &= ~(ICANON | ECHO);
	termios.c_cc[VMIN] = min;
	termios.c_cc[VTIME] = time;
	SHOW(tcsetattr(raw_slave, TCSANOW, &termios));
}

/* A child that writes a byte after each of N times MS. */
static pid_t
raw_writer(int n, int ms)
{
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		for (int i = 0; i < n; i++) {
			milliseconds(ms);
			write(raw_master, "x", 1);
		}
		_exit(0);
	}
	return pid;
}

/* Read up to N bytes: how many came, and whether it took LEAST seconds. */
static void
raw_read(const char *what, int n, double least)
{
	char buf[20];
	double start = clock_seconds(CLOCK_MONOTONIC);
	double took;
	struct pollfd p = { raw_slave, POLLIN, 0 };

	n = read(raw_slave, buf, n);
	took = clock_seconds(CLOCK_MONOTONIC) - start;
	printf("%s: %d, %s\n", what, n, took < least ? "TOO SOON" :
	    took > RAW_LATE ? "LATE" : "in time");
	poll(&p, 1, 0);
	printf("poll %d\n", p.revents);
	fflush(stdout);
}

static void
raw_poll(const char *what)
{
	struct pollfd p = { raw_slave, POLLIN, 0 };
	struct timeval now = { 0, 0 };
	fd_set set;

	FD_ZERO(&set);
	FD_SET(raw_slave, &set);
	poll(&p, 1, 0);
	printf("%s: poll %d select %d\n", what, p.revents,
	    select(raw_slave + 1, &set, NULL, NULL, &now));
}

static void
part_raw(void)
{
	static const struct itimerval each_second = { { 1, 0 }, { 1, 0 } };
	pid_t pid;

	raw_master = posix_openpt(O_RDWR | O_NOCTTY);
	grantpt(raw_master);
	unlockpt(raw_master);
	raw_slave = open(ptsname(raw_master), O_RDWR | O_NOCTTY);
	/* VMIN 0: at once, or after a time. */
	raw_set(0, 0);
	raw_read("nothing", 10, 0);
	write(raw_master, "ab", 2);
	raw_poll("two there");
	raw_read("two", 10, 0);
	raw_set(0, 5);
	raw_read("time only", 10, 0.49);
	raw_set(0, 100);
	pid = raw_writer(1, 100);
	raw_read("a byte in time", 10, 0);
	waitpid(pid, NULL, 0);
	/* VMIN: all of them, or a gap. */
	raw_set(3, 0);
	pid = raw_writer(3, 100);
	raw_read("three", 10, 0);
	waitpid(pid, NULL, 0);
	write(raw_master, "ab", 2);
	raw_poll("too few");
	fcntl(raw_slave, F_SETFL, O_RDWR | O_NONBLOCK);
	raw_read("what there is", 10, 0);
	raw_read("no more", 10, 0);
	fcntl(raw_slave, F_SETFL, O_RDWR);
	raw_set(5, 10);
	pid = raw_writer(3, 100);
	raw_read("gap", 10, 0.95);
	waitpid(pid, NULL, 0);
	write(raw_master, "ab", 2);
	raw_poll("enough for poll");
	raw_read("gap after two", 10, 0.95);
	write(raw_master, "abcdefgh", 8);
	raw_read("less room than VMIN", 2, 0);
	raw_read("the rest", 10, 0);
	raw_set(5, 0);
	handle(SIGALRM, note, 0);
	write(raw_master, "ab", 2);
	/* Each second: one may come before the call. */
	setitimer(ITIMER_REAL, &each_second, NULL);
	raw_read("interrupted", 10, 0);
	raw_read("interrupted with nothing", 10, 0);
	alarm(0);
}

/*
 * Families.
 */

static volatile int clone_shared;

static void
clone_show_wait(const char *what, idtype_t type, id_t id, int options)
{
	siginfo_t info;
	int result;

	memset(&info, 0, sizeof(info));
	errno = 0;
	result = waitid(type, id, &info, options);
	printf("%s: %d %s signo %d code %d status %d %s\n", what, result,
	    result != 0 ? strerror(errno) : "", info.si_signo, info.si_code,
	    info.si_status, info.si_pid != 0 ? "child" : "none");
	fflush(stdout);
}

static pid_t
clone_child(int flags, int status)
{
	pid_t pid;

	fflush(stdout);
	pid = syscall(SYS_clone, flags, 0, 0, 0, 0);
	if (pid == 0) {
		syscall(SYS_exit_group, status);
	}
	return pid;
}

static void
clone_waits(void)
{
	pid_t pid;
	int status;

	clone_show_wait("none", P_ALL, 0, WEXITED);
	pid = clone_child(SIGCHLD, 5);
	clone_show_wait("peek", P_PID, pid, WEXITED | WNOWAIT);
	clone_show_wait("peek again", P_ALL, 0, WEXITED | WNOWAIT);
	clone_show_wait("stopped", P_PID, pid, WSTOPPED | WNOHANG);
	clone_show_wait("group", P_PGID, getpgrp(), WEXITED);
	clone_show_wait("gone", P_PID, pid, WEXITED);
	clone_show_wait("no kind", P_ALL, 0, WNOHANG);
	clone_show_wait("bad option", P_ALL, 0, WEXITED | 0x100);
	clone_show_wait("bad type", (idtype_t)9, 0, WEXITED);
	clone_show_wait("no pid", P_PID, 0, WEXITED);
	SHOW(wait4(-1, &status, 0x100, NULL));
	SHOW(wait4(-2147483647 - 1, &status, 0, NULL));
	/* Children that are told otherwise. */
	pid = clone_child(0, 6);
	SHOW(wait4(pid, &status, 0, NULL));
	SHOW(wait4(pid, &status, __WCLONE, NULL) == pid);
	SHOW(WEXITSTATUS(status));
	pid = clone_child(SIGCHLD, 7);
	SHOW(wait4(pid, &status, __WCLONE, NULL));
	SHOW(wait4(pid, &status, __WALL, NULL) == pid);
	/* Stopped and continued, looked at and told. */
	pid = fork();
	if (pid == 0) {
		for (;;) {
			pause();
		}
	}
	kill(pid, SIGSTOP);
	clone_show_wait("stop peek", P_PID, pid, WSTOPPED | WNOWAIT);
	clone_show_wait("stop", P_PID, pid, WSTOPPED);
	clone_show_wait("stop told", P_PID, pid, WSTOPPED | WNOHANG);
	kill(pid, SIGCONT);
	clone_show_wait("cont peek", P_PID, pid, WCONTINUED | WNOWAIT);
	SHOW(wait4(pid, &status, WCONTINUED, NULL) == pid);
	SHOW(status);
	clone_show_wait("cont told", P_PID, pid, WCONTINUED | WNOHANG);
	kill(pid, SIGKILL);
	clone_show_wait("killed", P_PID, pid, WEXITED | WSTOPPED);
}

static void
clone_sibling(void)
{
	pid_t pid = clone_child(CLONE_PARENT | SIGCHLD, 9);

	/* It is not a child of this one. */
	SHOW(pid > 0);
	SHOW(waitpid(pid, NULL, 0));
}

static void
clone_orphan(void)
{
	sigset_t set;
	siginfo_t info;
	pid_t parent = getpid();
	pid_t pid;
	int fds[2];
	char c;

	pipe(fds);
	fflush(stdout);
	pid = fork();
	if (pid != 0) {
		read(fds[0], &c, 1);
		return;
	}
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, NULL);
	SHOW(prctl(PR_SET_PDEATHSIG, 65));
	SHOW(prctl(PR_SET_PDEATHSIG, SIGUSR1));
	write(fds[1], "x", 1);
	/* The others print now: say it by the status. */
	_exit(sigwaitinfo(&set, &info) == SIGUSR1 && info.si_code == SI_USER &&
	    info.si_pid == parent ? 4 : 5);
}

static void
part_families(void)
{
	char name[17] = "";
	int value = -1;
	int status;
	pid_t pid;

	/* The child of vfork runs in its parent's memory. */
	clone_shared = 1;
	pid = vfork();
	if (pid == 0) {
		clone_shared = 7;
		_exit(3);
	}
	SHOW(clone_shared);
	SHOW(waitpid(pid, &status, 0) == pid && WEXITSTATUS(status) == 3);
	pid = vfork();
	if (pid == 0) {
		clone_shared = execl("/nowhere", "x", NULL) + 100;
		_exit(3);
	}
	SHOW(clone_shared);
	waitpid(pid, NULL, 0);
	pid = fork();
	if (pid == 0) {
		clone_shared = 8;
		_exit(3);
	}
	waitpid(pid, NULL, 0);
	SHOW(clone_shared);
	SHOW(syscall(SYS_clone, CLONE_SIGHAND | SIGCHLD, 0, 0, 0, 0));
	SHOW(syscall(SYS_clone, CLONE_THREAD | CLONE_VM, 0, 0, 0, 0));
	clone_waits();
	/* A child of this one's, made by its child. */
	SHOW(in_child(clone_sibling));
	SHOW(wait(&status) > 0);
	SHOW(WEXITSTATUS(status));
	SHOW(wait(&status));
	/* prctl. */
	SHOW(prctl(PR_GET_PDEATHSIG, &value));
	SHOW(value);
	SHOW(prctl(PR_SET_NAME, "a name longer than fifteen"));
	SHOW(prctl(PR_GET_NAME, name));
	printf("%s\n", name);
	SHOW(prctl(PR_GET_NAME, 16));
	SHOW(prctl(PR_SET_DUMPABLE, 2, 0, 0, 0));
	SHOW(prctl(PR_SET_DUMPABLE, 0, 0, 0, 0));
	SHOW(prctl(PR_GET_DUMPABLE, 0, 0, 0, 0));
	SHOW(prctl(PR_SET_NO_NEW_PRIVS, 0, 0, 0, 0));
	SHOW(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
	SHOW(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0));
	SHOW(prctl(123456, 0, 0, 0, 0));
	/* Orphans come to the nearest that wants them. */
	SHOW(prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0));
	SHOW(prctl(PR_GET_CHILD_SUBREAPER, &value));
	SHOW(value);
	SHOW(in_child(clone_orphan));
	SHOW(wait(&status) > 0);
	SHOW(WEXITSTATUS(status));
}

/*
 * Job control, on a pseudo terminal of its own session.
 */

static int job_master;
static int job_slave;
static int job_pipe[2];
static int job_go[2];		/* the other way */

/* A process group of its own runs FUNCTION, stopped at first or not. */
static pid_t
job_start(void (*function)(void))
{
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		setpgid(0, 0);
		function();
		fflush(stdout);
		_exit(0);
	}
	setpgid(pid, pid);
	return pid;
}

static void
job_status(const char *what, pid_t pid)
{
	int status = 0;

	if (waitpid(pid, &status, WUNTRACED) != pid) {
		printf("%s: %s\n", what, strerror(errno));
	} else if (WIFSTOPPED(status)) {
		printf("%s: stopped %d\n", what, WSTOPSIG(status));
	} else if (WIFSIGNALED(status)) {
		printf("%s: signal %d\n", what, WTERMSIG(status));
	} else {
		printf("%s: exit %d\n", what, WEXITSTATUS(status));
	}
	fflush(stdout);
}

static void
job_read(void)
{
	char c;

	SHOW(read(job_slave, &c, 1));
}

static void
job_read_blocked(void)
{
	signal(SIGTTIN, SIG_IGN);
	job_read();
}

static void
job_group(void)
{
	SHOW(tcsetpgrp(job_slave, getpid()));
	SHOW(tcgetpgrp(job_slave) == getpid());
}

static void
job_group_ignored(void)
{
	signal(SIGTTOU, SIG_IGN);
	job_group();
}

static void
job_write(void)
{
	SHOW(write(job_slave, "x", 1));
}

/* The leader of a job whose other member is stopped: its end is their end. */
static void
job_with_member(void)
{
	char c;

	if (fork() == 0) {
		write(job_pipe[1], "r", 1);
		raise(SIGTSTP);
		_exit(0);
	}
	read(job_pipe[0], &c, 1);
	milliseconds(200);
}

static void
job_hup(int number)
{
	write(job_pipe[1], number == SIGHUP ? "h" : "c", 1);
}

/* The shell of a session ends: its stopped job is hung up, then continued. */
static void
job_shell(void)
{
	pid_t pid;
	char c;

	setsid();
	pid = fork();
	if (pid == 0) {
		setpgid(0, 0);
		handle(SIGHUP, job_hup, 0);
		handle(SIGCONT, job_hup, 0);
		write(job_pipe[1], "r", 1);
		raise(SIGSTOP);
		milliseconds(300);
		_exit(0);
	}
	setpgid(pid, pid);
	read(job_pipe[0], &c, 1);
	waitpid(pid, NULL, WUNTRACED);
}

static void
job_orphan_read(void)
{
	/* Once its parent has ended, its group is orphaned. */
	pid_t parent = getpid();
	pid_t pid;
	char c;

	pid = fork();
	if (pid == 0) {
		setpgid(0, 0);
		while (getppid() == parent) {
			milliseconds(10);
		}
		read(job_go[0], &c, 1);
		job_read();
		SHOW(tcsetpgrp(job_slave, getpid()));
		fflush(stdout);
		write(job_pipe[1], "e", 1);
		_exit(0);
	}
	setpgid(pid, pid);
}

static void
job_session(void)
{
	struct termios termios;
	pid_t pid;
	char c;

	SHOW(setsid() == getpid());
	SHOW(setsid());
	SHOW(setpgid(0, 0));
	SHOW(tcgetpgrp(job_slave));
	SHOW(tcsetpgrp(job_slave, getpid()));
	SHOW(ioctl(job_slave, TIOCSCTTY, 0));
	SHOW(tcgetpgrp(job_slave) == getpid());
	SHOW(tcgetsid(job_slave) == getpid());
	SHOW(tcsetpgrp(job_slave, 2000000000));
	SHOW(tcsetpgrp(job_slave, -5));
	SHOW(tcsetpgrp(job_slave, getppid()));
	SHOW(tcsetpgrp(job_pipe[0], getpid()));
	SHOW(setpgid(getppid(), 0));
	SHOW(setpgid(0, -1));
	SHOW(setpgid(2000000000, 0));
	SHOW(getpgid(2000000000));
	SHOW(getsid(0) == getpid());
	pid = job_start(job_read);
	job_status("read", pid);
	SHOW(setpgid(pid, 2000000000));
	kill(pid, SIGKILL);
	job_status("read", pid);
	job_status("read ignored", job_start(job_read_blocked));
	pid = job_start(job_group);
	job_status("group", pid);
	kill(pid, SIGKILL);
	job_status("group", pid);
	handle(SIGTTOU, SIG_IGN, 0);
	job_status("group ignored", job_start(job_group_ignored));
	SHOW(tcsetpgrp(job_slave, getpid()));
	handle(SIGTTOU, SIG_DFL, 0);
	job_status("write", job_start(job_write));
	tcgetattr(job_slave, &termios);
	termios.c_lflag |= TOSTOP;
	tcsetattr(job_slave, TCSANOW, &termios);
	pid = job_start(job_write);
	job_status("write", pid);
	kill(pid, SIGKILL);
	job_status("write", pid);
	job_status("member", job_start(job_with_member));
	job_status("orphan", job_start(job_orphan_read));
	write(job_go[1], "g", 1);
	read(job_pipe[0], &c, 1);
	printf("%c\n", c);
	/* The end of the leader hangs the foreground up. */
	fflush(stdout);
	if (fork() == 0) {
		handle(SIGHUP, job_hup, 0);
		write(job_pipe[1], "r", 1);
		milliseconds(2000);	/* not pause: the signal may be first */
		_exit(0);
	}
	read(job_pipe[0], &c, 1);
}

static void
part_jobs(void)
{
	char c[2] = "";

	pipe(job_pipe);
	pipe(job_go);
	job_master = posix_openpt(O_RDWR | O_NOCTTY);
	grantpt(job_master);
	unlockpt(job_master);
	job_slave = open(ptsname(job_master), O_RDWR | O_NOCTTY);
	SHOW(in_child(job_session));
	while (read(job_pipe[0], c, 1) == 1 && c[0] != 'h') {
		continue;
	}
	printf("hung up\n");
	SHOW(in_child(job_shell));
	read(job_pipe[0], c, 1);
	read(job_pipe[0], c + 1, 1);
	HOLDS((c[0] == 'h' && c[1] == 'c') || (c[0] == 'c' && c[1] == 'h'));
}

/*
 * What used to be granted without being done.
 */

static void
part_honest(void)
{
	int fds[2];
	int fd = open("control.honest", O_RDWR | O_CREAT, 0600);
	int value = 7;

	pipe(fds);
	SHOW(fcntl(fds[0], F_GETPIPE_SZ));
	SHOW(fcntl(fds[1], F_SETPIPE_SZ, 65536));
	SHOW(fcntl(fd, F_GETPIPE_SZ));
	SHOW(fcntl(fd, F_SETPIPE_SZ, 4096));
	SHOW(fcntl(fds[0], F_SETPIPE_SZ, -1));
	SHOW(fcntl(fd, F_SETFL, O_ASYNC | O_APPEND));
	SHOW(fcntl(fd, F_GETFL) & (O_ASYNC | O_APPEND));
	SHOW(fcntl(fd, F_GETOWN));
	job_master = posix_openpt(O_RDWR | O_NOCTTY);
	grantpt(job_master);
	unlockpt(job_master);
	job_slave = open(ptsname(job_master), O_RDWR | O_NOCTTY);
	SHOW(ioctl(job_slave, TIOCEXCL));
	SHOW(ioctl(job_slave, 0x80045440, &value));
	SHOW(value);
	SHOW(ioctl(job_slave, TIOCNXCL));
	SHOW(ioctl(job_slave, 0x80045440, &value));
	SHOW(value);
	SHOW(syscall(SYS_personality, 0xffffffff));
	unlink("control.honest");
}

struct part {
	const char	*name;
	void		(*function)(void);
};

static const struct part parts[] = {
	{ "locks", part_locks },
	{ "queue", part_queue },
	{ "clocks", part_clocks },
	{ "timers", part_timers },
	{ "set_clock", part_set_clock },
	{ "priority", part_priority },
	{ "spinners", part_spinners },
	{ "raw", part_raw },
	{ "families", part_families },
	{ "jobs", part_jobs },
	{ "honest", part_honest },
};

int
main(int argc, char **argv)
{
	for (unsigned i = 0; i < sizeof(parts) / sizeof(*parts); i++) {
		if (argc > 1 && strcmp(argv[1], parts[i].name) != 0) {
			continue;
		}
		printf("== %s\n", parts[i].name);
		parts[i].function();
		fflush(stdout);
	}
	return 0;
}
