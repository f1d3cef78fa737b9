/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * A Linux program that looks at the UNIX emulator from a program's side.  What
 * it prints is the same on Linux: the test runs it on the host, and there, and
 * compares.  abi NAME runs one part, abi all of them.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>

#include "show.h"

static volatile int caught;
static volatile int caught_code;
static void *volatile caught_address;
static sigjmp_buf back;

static void
note(int number)
{
	caught = number;
}

static void
note_info(int number, siginfo_t *info, void *context)
{
	ucontext_t *uc = context;

	caught = number;
	caught_code = info->si_code;
	caught_address = info->si_addr;
	(void)uc;
}

static void
jump_info(int number, siginfo_t *info, void *context)
{
	note_info(number, info, context);
	siglongjmp(back, 1);
}

static void
handle_info(int number, void (*function)(int, siginfo_t *, void *), int flags)
{
	struct sigaction action;

	memset(&action, 0, sizeof(action));
	action.sa_sigaction = function;
	action.sa_flags = flags | SA_SIGINFO;
	sigaction(number, &action, NULL);
}

/* How a child that runs FUNCTION ended. */
static void
child_ends(const char *name, void (*function)(void))
{
	int status = 0;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		function();
		_exit(0);
	}
	waitpid(pid, &status, 0);
	if (WIFEXITED(status)) {
		printf("%s: exit %d\n", name, WEXITSTATUS(status));
	} else {
		printf("%s: signal %d\n", name, WTERMSIG(status));
	}
}

/*
 * Faults.
 */

static volatile int zero;
static volatile int sink;

static void
null_read(void)
{
	sink = *(volatile int *)8;
}

static void
null_write(void)
{
	*(volatile int *)8 = 1;
}

static void
divide(void)
{
	__asm__ volatile("xorl %%edx, %%edx\n\tmovl $1, %%eax\n\tidivl %0"
			 :
			 : "r"(zero)
			 : "eax", "edx");
}

static void
illegal(void)
{
	__asm__ volatile("ud2");
}

static void
breakpoint(void)
{
	__asm__ volatile("int3");
}

static void
privileged(void)
{
	__asm__ volatile("hlt");
}

static void
write_text(void)
{
	*(volatile char *)(void *)write_text = 1;
}

static int
deeper(int n)
{
	volatile char frame[4096];

	frame[0] = (char)n;
	return deeper(n + 1) + frame[0];
}

static void
overflow(void)
{
	sink = deeper(1);
}

static void
fault_info(const char *name, void (*function)(void))
{
	static const int signals[] = { SIGSEGV, SIGFPE, SIGILL, SIGTRAP,
		SIGBUS };

	for (unsigned i = 0; i < 5; i++) {
		handle_info(signals[i], jump_info, SA_ONSTACK);
	}
	caught = 0;
	if (sigsetjmp(back, 1) == 0) {
		function();
	}
	printf("%s: caught %d code %d", name, caught, caught_code);
	if (caught == SIGSEGV && caught_code == SEGV_MAPERR &&
	    function != overflow) {
		printf(" at %p", caught_address);
	}
	printf("\n");
	for (unsigned i = 0; i < 5; i++) {
		signal(signals[i], SIG_DFL);
	}
}

static void
part_faults(void)
{
	static char stack[65536];
	stack_t alternate = { .ss_sp = stack, .ss_size = sizeof(stack) };

	child_ends("null read", null_read);
	child_ends("null write", null_write);
	child_ends("divide", divide);
	child_ends("illegal", illegal);
	child_ends("breakpoint", breakpoint);
	child_ends("privileged", privileged);
	child_ends("write text", write_text);
	child_ends("overflow", overflow);
	child_ends("abort", abort);
	SHOW(sigaltstack(&alternate, NULL));
	fault_info("null read", null_read);
	fault_info("null write", null_write);
	fault_info("divide", divide);
	fault_info("illegal", illegal);
	fault_info("privileged", privileged);
	fault_info("write text", write_text);
	fault_info("overflow", overflow);
}

/* A handler may repair the registers and go on. */
static void
skip_ud2(int number, siginfo_t *info, void *context)
{
	ucontext_t *uc = context;

	caught = number;
	uc->uc_mcontext.gregs[REG_EIP] += 2;
	uc->uc_mcontext.gregs[REG_EAX] = 4711;
}

static void
part_context(void)
{
	int eax = 1;
	double before = 1.5;
	double after;

	handle_info(SIGILL, skip_ud2, 0);
	__asm__ volatile("fldl %2\n\tud2\n\tfstpl %1"
			 : "+a"(eax), "=m"(after)
			 : "m"(before));
	printf("after ud2: eax %d, fpu %g\n", eax, after);
	signal(SIGILL, SIG_DFL);
}

/*
 * Signals.
 */

static int order[16];
static volatile int order_n;

static void
note_order(int number)
{
	if (order_n < 16) {
		order[order_n++] = number;
	}
}

static void
show_order(const char *name)
{
	printf("%s:", name);
	for (int i = 0; i < order_n; i++) {
		printf(" %d", order[i]);
	}
	printf("\n");
	order_n = 0;
}

static void
nested(int number)
{
	note_order(number);
	if (number == SIGUSR1) {
		raise(SIGUSR2);
	}
	note_order(-number);
}

static void
part_signals(void)
{
	sigset_t set;
	sigset_t old;
	siginfo_t info;
	union sigval value = { .sival_int = 42 };
	struct timespec none = { 0, 0 };

	handle(SIGUSR1, note, 0);
	caught = 0;
	SHOW(raise(SIGUSR1));
	printf("caught %d\n", caught);
	handle(SIGUSR1, nested, 0);
	handle(SIGUSR2, nested, 0);
	raise(SIGUSR1);
	show_order("nested");
	handle(SIGUSR1, note_order, 0);
	handle(SIGUSR2, note_order, 0);
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigaddset(&set, SIGUSR2);
	sigprocmask(SIG_BLOCK, &set, &old);
	raise(SIGUSR2);
	raise(SIGUSR1);
	raise(SIGUSR1);
	show_order("blocked");
	sigpending(&set);
	printf("pending %d %d %d\n", sigismember(&set, SIGUSR1),
	    sigismember(&set, SIGUSR2), sigismember(&set, SIGTERM));
	sigprocmask(SIG_SETMASK, &old, NULL);
	show_order("unblocked count");
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, NULL);
	SHOW(sigtimedwait(&set, &info, &none));
	SHOW(sigqueue(getpid(), SIGUSR1, value));
	SHOW(sigtimedwait(&set, &info, &none));
	printf("value %d code %d mine %d\n", info.si_value.sival_int,
	    info.si_code, info.si_pid == getpid());
	raise(SIGUSR1);
	sigfillset(&set);
	sigdelset(&set, SIGUSR1);
	SHOW(sigsuspend(&set));
	show_order("suspended");
	sigprocmask(SIG_SETMASK, &old, NULL);
	handle(SIGUSR1, note, SA_RESETHAND);
	raise(SIGUSR1);
	child_ends("reset handler", abort);
	SHOW(kill(getpid(), 0));
	SHOW(kill(getpid(), 65));
	SHOW(signal(SIGKILL, note) == SIG_ERR);
	SHOW(sigaction(
	    SIGSTOP, &(struct sigaction){ .sa_handler = note }, NULL));
	SHOW(kill(99999999, 0));
}

static void
kill_parent_later(int ms, int number, int times)
{
	pid_t parent = getpid();

	fflush(stdout);
	if (fork() != 0) {
		return;
	}
	for (int i = 0; i < times; i++) {
		milliseconds(ms);
		kill(parent, number);
	}
	_exit(0);
}

/* Interrupted calls: those that begin again and those that do not. */
static void
part_restart(void)
{
	int fds[2];
	char c = 0;
	struct timespec left = { 0, 0 };
	struct timespec want = { 5, 0 };
	struct pollfd p;
	int status;

	pipe(fds);
	handle(SIGUSR1, note, 0);
	kill_parent_later(400, SIGUSR1, 1);
	SHOW(read(fds[0], &c, 1));
	wait(NULL);
	handle(SIGUSR1, note, SA_RESTART);
	caught = 0;
	fflush(stdout);
	if (fork() == 0) {
		milliseconds(100);
		kill(getppid(), SIGUSR1);
		milliseconds(100);
		write(fds[1], "x", 1);
		_exit(0);
	}
	SHOW(read(fds[0], &c, 1));
	printf("restarted after %d: %c\n", caught, c);
	wait(NULL);
	kill_parent_later(400, SIGUSR1, 1);
	SHOW(nanosleep(&want, &left));
	printf("left %d\n", left.tv_nsec > 0 || left.tv_sec > 0);
	while (wait(NULL) < 0) {
		continue;
	}
	kill_parent_later(400, SIGUSR1, 1);
	p.fd = fds[0];
	p.events = POLLIN;
	SHOW(poll(&p, 1, 10000));
	wait(NULL);
	kill_parent_later(400, SIGUSR1, 1);
	SHOW(pause());
	wait(NULL);
	/* wait itself, restarted while the child goes on. */
	fflush(stdout);
	if (fork() == 0) {
		milliseconds(100);
		kill(getppid(), SIGUSR1);
		milliseconds(100);
		_exit(3);
	}
	status = 0;
	SHOW(wait(&status) > 0);
	printf("status %d\n", WEXITSTATUS(status));
	/* Stop and continue does not end a sleep. */
	fflush(stdout);
	if (fork() == 0) {
		SHOW(usleep(300000));
		fflush(stdout);
		_exit(0);
	}
	close(fds[0]);
	close(fds[1]);
	wait(NULL);
}

static void
part_stop(void)
{
	int status = 0;
	pid_t pid;
	siginfo_t info;

	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		signal(SIGTERM, SIG_DFL);
		for (;;) {
			pause();
		}
	}
	kill(pid, SIGSTOP);
	SHOW(waitpid(pid, &status, WUNTRACED) == pid);
	printf("stopped %d by %d\n", WIFSTOPPED(status), WSTOPSIG(status));
	SHOW(waitpid(pid, &status, WUNTRACED | WNOHANG));
	kill(pid, SIGCONT);
	SHOW(waitpid(pid, &status, WCONTINUED) == pid);
	printf("continued %d\n", WIFCONTINUED(status));
	kill(pid, SIGSTOP);
	memset(&info, 0, sizeof(info));
	SHOW(waitid(P_PID, (id_t)pid, &info, WSTOPPED));
	printf("code %d status %d\n", info.si_code, info.si_status);
	kill(pid, SIGTERM);
	kill(pid, SIGCONT);
	SHOW(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT));
	printf("code %d status %d\n", info.si_code, info.si_status);
	SHOW(waitpid(pid, &status, 0) == pid);
	printf("signal %d\n", WTERMSIG(status));
	SHOW(waitpid(pid, &status, 0));
}

static void
part_timer(void)
{
	struct itimerval timer = { { 0, 50000 }, { 0, 50000 } };
	struct itimerval none;
	volatile unsigned spins = 0;

	handle(SIGALRM, note_order, 0);
	order_n = 0;
	setitimer(ITIMER_REAL, &timer, NULL);
	/* Some while computing, some while asleep. */
	while (order_n < 2) {
		spins++;
	}
	while (order_n < 4) {
		pause();
	}
	memset(&none, 0, sizeof(none));
	setitimer(ITIMER_REAL, &none, NULL);
	order_n = 4;
	show_order("alarms");
	alarm(100);
	SHOW(alarm(0));
	SHOW(alarm(0));
	handle(SIGALRM, SIG_DFL, 0);
}

/*
 * Memory.
 */

static void
part_memory(void)
{
	char *p;
	char *q;
	char *start = (char *)syscall(SYS_brk, 0);
	int fd;

	SHOW(syscall(SYS_brk, start + 100000) == (long)start + 100000);
	memset(start, 1, 100000);
	SHOW(syscall(SYS_brk, start) == (long)start);
	p = mmap(NULL, 65536, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	SHOW(p != MAP_FAILED);
	memset(p, 7, 65536);
	SHOW(p[65535]);
	SHOW(mprotect(p, 4096, PROT_READ));
	handle_info(SIGSEGV, jump_info, 0);
	caught = 0;
	if (sigsetjmp(back, 1) == 0) {
		p[0] = 1;
	}
	printf("caught %d code %d at start %d\n", caught, caught_code,
	    caught_address == p);
	SHOW(mprotect(p, 4096, PROT_READ | PROT_WRITE));
	p[0] = 9;
	SHOW(munmap(p + 4096, 4096));
	caught = 0;
	if (sigsetjmp(back, 1) == 0) {
		sink = p[4096];
	}
	printf("caught %d code %d\n", caught, caught_code);
	signal(SIGSEGV, SIG_DFL);
	q = mmap(p + 4096, 4096, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	SHOW(q == p + 4096);
	SHOW(q[0]);
	q = mremap(p, 65536, 1 << 20, MREMAP_MAYMOVE);
	SHOW(q != MAP_FAILED && q[0] == 9 && q[65535] == 7);
	q[(1 << 20) - 1] = 5;
	q = mremap(q, 1 << 20, 8192, 0);
	SHOW(q[0]);
	SHOW(munmap(q, 8192));
	SHOW(munmap(q + 1, 4096));
	SHOW(mmap(NULL, 0, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) ==
	     MAP_FAILED);
	SHOW(mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, 99, 0) == MAP_FAILED);
	/* Shared with a child, and not. */
	p = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
	    -1, 0);
	q = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (fork() == 0) {
		p[0] = 1;
		q[0] = 1;
		_exit(0);
	}
	wait(NULL);
	printf("shared %d private %d\n", p[0], q[0]);
	/* Of a file. */
	fd = open("abi.map", O_RDWR | O_CREAT | O_TRUNC, 0600);
	write(fd, "hello file", 10);
	p = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
	SHOW(p != MAP_FAILED);
	if (p != MAP_FAILED) {
		printf("%.10s %d\n", p, p[10]);
		p[0] = 'j';
		lseek(fd, 0, SEEK_SET);
		read(fd, q, 10);
		printf("file has %.10s\n", q);
	}
	p = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	SHOW(p != MAP_FAILED);
	if (p != MAP_FAILED) {
		p[0] = 'J';
		SHOW(msync(p, 4096, MS_SYNC));
		munmap(p, 4096);
		lseek(fd, 0, SEEK_SET);
		read(fd, q, 10);
		printf("file has %.10s\n", q);
	}
	close(fd);
	unlink("abi.map");
}

/* Bad pointers are errors, not deaths. */
static void
part_pointers(void)
{
	void *bad = (void *)16;
	char *page = mmap(NULL, 8192, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int fds[2];
	int fd;

	munmap(page + 4096, 4096);
	pipe(fds);
	fd = open("abi.bad", O_RDWR | O_CREAT | O_TRUNC, 0600);
	SHOW(write(fds[1], bad, 10));
	SHOW(write(fd, bad, 10));
	SHOW(write(fd, bad, 100000));
	SHOW(write(fd, page + 4000, 96));
	SHOW(write(fds[1], "abc", 3));
	SHOW(read(fds[0], bad, 3));
	lseek(fd, 0, SEEK_SET);
	SHOW(read(fd, bad, 10));
	SHOW(open(bad, O_RDONLY));
	SHOW(syscall(SYS_stat64, "/", bad));
	SHOW(syscall(SYS_stat64, bad, page));
	SHOW(pipe(bad));
	SHOW(syscall(SYS_waitpid, -1, bad, WNOHANG));
	SHOW(syscall(78, bad, NULL));
	SHOW(syscall(SYS_nanosleep, bad, NULL));
	SHOW(syscall(SYS_uname, bad));
	SHOW(syscall(SYS_poll, bad, 1, 0));
	SHOW(syscall(SYS__newselect, 1, bad, NULL, NULL, NULL));
	SHOW(syscall(SYS_rt_sigaction, SIGUSR1, bad, NULL, 8));
	SHOW(execve(bad, NULL, NULL));
	SHOW(execve("/bin/sh", bad, NULL));
	SHOW(getcwd(bad, 100) == NULL);
	SHOW(readv(fds[0], bad, 1));
	memset(page, 'x', 4096);
	SHOW(open(page, O_RDONLY));
	page[4095] = '\0';
	SHOW(open(page, O_RDONLY));
	close(fds[0]);
	close(fds[1]);
	close(fd);
	unlink("abi.bad");
}

/*
 * Files and descriptors.
 */

/* A fifo that is open has nothing to do with a new one of its name. */
static void
fifo_made_again(void)
{
	struct stat st;
	struct stat named;
	int old;
	int new;
	char c;

	SHOW(mkfifo("again", 0640));
	old = open("again", O_RDWR | O_NONBLOCK);
	SHOW(fstat(old, &st));
	SHOW(stat("again", &named));
	printf("same %d mode %o\n", st.st_ino == named.st_ino &&
	    st.st_dev == named.st_dev, st.st_mode);
	SHOW(unlink("again"));
	SHOW(mkfifo("again", 0600));
	new = open("again", O_RDWR | O_NONBLOCK);
	SHOW(write(new, "x", 1));
	SHOW(read(old, &c, 1));
	SHOW(read(new, &c, 1));
	close(old);
	close(new);
	SHOW(unlink("again"));
}

static void
part_files(void)
{
	char buf[256];
	struct stat st;
	int fd;
	int copy;
	struct iovec vector[2] = { { "one ", 4 }, { "two", 3 } };
	struct flock lock = { .l_type = F_WRLCK };

	SHOW(mkdir("abi.dir", 0700));
	SHOW(chdir("abi.dir"));
	umask(027);
	fd = open("file", O_RDWR | O_CREAT | O_EXCL, 0666);
	SHOW(fd >= 0);
	SHOW(open("file", O_RDWR | O_CREAT | O_EXCL, 0666));
	SHOW(writev(fd, vector, 2));
	SHOW(lseek(fd, 0, SEEK_CUR));
	SHOW(pwrite(fd, "XX", 2, 1));
	SHOW(lseek(fd, 0, SEEK_SET));
	memset(buf, 0, sizeof(buf));
	SHOW(read(fd, buf, 100));
	printf("%s\n", buf);
	copy = dup(fd);
	SHOW(lseek(copy, 2, SEEK_SET));
	SHOW(lseek(fd, 0, SEEK_CUR));
	SHOW(fstat(fd, &st));
	printf("mode %o size %ld links %ld\n", st.st_mode, (long)st.st_size,
	    (long)st.st_nlink);
	SHOW(ftruncate(fd, 3));
	SHOW(lseek(fd, 0, SEEK_END));
	SHOW(lseek(fd, -10, SEEK_SET));
	SHOW(lseek(fd, 5000, SEEK_SET));
	SHOW(write(fd, "end", 3));
	SHOW(fstat(fd, &st));
	printf("size %ld\n", (long)st.st_size);
	SHOW(fcntl(fd, F_GETFL) & (O_ACCMODE | O_APPEND));
	SHOW(fcntl(fd, F_SETFL, O_APPEND));
	lseek(fd, 0, SEEK_SET);
	SHOW(write(fd, "!", 1));
	SHOW(lseek(fd, 0, SEEK_CUR));
	SHOW(fcntl(fd, F_SETLK, &lock));
	SHOW(fcntl(fd, F_GETFD));
	SHOW(fcntl(fd, F_SETFD, FD_CLOEXEC));
	SHOW(fcntl(fd, F_GETFD));
	SHOW(link("file", "other"));
	SHOW(symlink("other", "soft"));
	SHOW(lstat("soft", &st));
	printf("link %d\n", S_ISLNK(st.st_mode));
	SHOW(readlink("soft", buf, sizeof(buf)));
	SHOW(rename("other", "moved"));
	SHOW(stat("soft", &st));
	SHOW(access("moved", R_OK | W_OK));
	SHOW(access("nothing", F_OK));
	SHOW(chmod("moved", 0400));
	SHOW(stat("moved", &st));
	printf("mode %o links %ld\n", st.st_mode, (long)st.st_nlink);
	SHOW(mkdir("sub", 0777));
	SHOW(stat("sub", &st));
	printf("mode %o\n", st.st_mode);
	SHOW(rmdir("."));
	SHOW(rmdir("moved"));
	SHOW(unlink("sub"));
	SHOW(open("moved/x", O_RDONLY));
	SHOW(open("sub", O_WRONLY));
	SHOW(open("", O_RDONLY));
	SHOW(mkfifo("fifo", 0600));
	SHOW(open("fifo", O_WRONLY | O_NONBLOCK));
	fifo_made_again();
	SHOW(utimensat(AT_FDCWD, "moved",
	    (struct timespec[2]){ { 1000, 0 }, { 2000, 0 } }, 0));
	SHOW(stat("moved", &st));
	printf("times %ld %ld\n", (long)st.st_atime, (long)st.st_mtime);
	SHOW(close(fd));
	SHOW(close(fd));
	SHOW(write(fd, "x", 1));
	close(copy);
	SHOW(unlink("file"));
	SHOW(unlink("moved"));
	SHOW(unlink("soft"));
	SHOW(unlink("fifo"));
	SHOW(rmdir("sub"));
	SHOW(chdir(".."));
	SHOW(rmdir("abi.dir"));
	SHOW(open("/dev/null/x", O_RDONLY));
	fd = open("/dev/null", O_RDWR);
	SHOW(ioctl(fd, TCGETS, buf));
	SHOW(write(fd, buf, 100));
	SHOW(read(fd, buf, 100));
	close(fd);
	umask(022);
}

static void
part_pipes(void)
{
	int fds[2];
	char buf[4096];
	fd_set set;
	struct timeval none = { 0, 0 };
	struct timeval some = { 0, 100000 };
	struct pollfd p[2];
	long total = 0;
	long n;

	SHOW(pipe2(fds, O_NONBLOCK | O_CLOEXEC));
	SHOW(read(fds[0], buf, 1));
	memset(buf, 'x', sizeof(buf));
	while ((n = write(fds[1], buf, sizeof(buf))) > 0) {
		total += n;
	}
	printf("capacity %ld, then %s\n", total, strerror(errno));
	FD_ZERO(&set);
	FD_SET(fds[1], &set);
	SHOW(select(fds[1] + 1, NULL, &set, NULL, &none));
	FD_ZERO(&set);
	FD_SET(fds[0], &set);
	SHOW(select(fds[1] + 1, &set, NULL, NULL, &none));
	SHOW(FD_ISSET(fds[0], &set) != 0);
	while (read(fds[0], buf, sizeof(buf)) > 0) {
		continue;
	}
	FD_ZERO(&set);
	FD_SET(fds[0], &set);
	SHOW(select(fds[1] + 1, &set, NULL, NULL, &some));
	p[0].fd = fds[0];
	p[0].events = POLLIN;
	p[1].fd = fds[1];
	p[1].events = POLLOUT;
	SHOW(poll(p, 2, 0));
	printf("revents %d %d\n", p[0].revents, p[1].revents);
	close(fds[1]);
	SHOW(poll(p, 1, 0));
	printf("revents %d\n", p[0].revents);
	SHOW(read(fds[0], buf, 1));
	close(fds[0]);
	SHOW(poll(p, 1, 0));
	printf("revents %d\n", p[0].revents);
	pipe(fds);
	close(fds[0]);
	signal(SIGPIPE, SIG_IGN);
	SHOW(write(fds[1], "x", 1));
	signal(SIGPIPE, SIG_DFL);
	close(fds[1]);
	/* A large amount through a small pipe, both sides at work. */
	pipe(fds);
	fflush(stdout);
	if (fork() == 0) {
		static char big[300000];

		close(fds[0]);
		memset(big, 'y', sizeof(big));
		n = write(fds[1], big, sizeof(big));
		_exit(n == sizeof(big) ? 0 : 1);
	}
	close(fds[1]);
	total = 0;
	while ((n = read(fds[0], buf, sizeof(buf))) > 0) {
		total += n;
	}
	printf("through %ld\n", total);
	wait(NULL);
	close(fds[0]);
}

/*
 * Processes.
 */

static void
part_process(void)
{
	int status = 0;
	pid_t pid;
	char *argv[] = { "abi", "arguments", "two words", "", NULL };
	char *envp[] = { "A=1", "EMPTY=", NULL };
	struct rlimit limit;
	struct utsname name;

	SHOW(getpid() == (pid_t)syscall(SYS_getpid));
	SHOW(getppid() > 0);
	fflush(stdout);
	pid = vfork();
	if (pid == 0) {
		_exit(5);
	}
	SHOW(waitpid(pid, &status, 0) == pid);
	printf("exit %d\n", WEXITSTATUS(status));
	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		execve("/proc/self/exe", argv, envp);
		_exit(99);
	}
	waitpid(pid, &status, 0);
	printf("exec'd exit %d\n", WEXITSTATUS(status));
	SHOW(execve("/nonexistent", argv, envp));
	SHOW(execve("/", argv, envp));
	SHOW(execve("/etc/passwd", argv, envp));
	SHOW(wait(NULL));
	SHOW(setpgid(0, 0) == 0 || errno == EPERM);
	SHOW(getsid(0) > 0);
	SHOW(setuid(getuid()));
	SHOW(getrlimit(RLIMIT_STACK, &limit));
	SHOW(nice(0) >= 0);
	SHOW(sched_yield());
	SHOW(uname(&name));
	printf("%s\n", name.sysname);
	SHOW(syscall(100000));
	SHOW(kill(1, 99));
}

/* A new program sees exactly what it was given. */
static void
arguments(int argc, char **argv)
{
	extern char **environ;

	printf("argc %d", argc);
	for (int i = 0; i < argc; i++) {
		printf(" [%s]", argv[i]);
	}
	for (char **e = environ; *e != NULL; e++) {
		printf(" {%s}", *e);
	}
	printf("\n");
	exit(42);
}

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t condition = PTHREAD_COND_INITIALIZER;
static long counter;
static __thread int mine;

static void *
thread(void *argument)
{
	mine = (int)(long)argument;
	for (int i = 0; i < 20000; i++) {
		pthread_mutex_lock(&mutex);
		counter++;
		pthread_mutex_unlock(&mutex);
	}
	pthread_mutex_lock(&mutex);
	pthread_cond_signal(&condition);
	pthread_mutex_unlock(&mutex);
	return (void *)(long)(mine * 10);
}

static void
part_threads(void)
{
	pthread_t threads[4];
	void *result;
	long sum = 0;

	for (long i = 0; i < 4; i++) {
		SHOW(
		    pthread_create(&threads[i], NULL, thread, (void *)(i + 1)));
	}
	pthread_mutex_lock(&mutex);
	while (counter < 20000) {
		pthread_cond_wait(&condition, &mutex);
	}
	pthread_mutex_unlock(&mutex);
	for (int i = 0; i < 4; i++) {
		pthread_join(threads[i], &result);
		sum += (long)result;
	}
	printf("counter %ld, results %ld, mine %d\n", counter, sum, mine);
}

static void
part_time(void)
{
	struct timespec a;
	struct timespec b;
	struct timeval tv;
	time_t now = time(NULL);

	gettimeofday(&tv, NULL);
	SHOW(tv.tv_sec - now <= 1 && tv.tv_sec >= now);
	SHOW(clock_gettime(CLOCK_REALTIME, &a));
	SHOW(clock_gettime(CLOCK_MONOTONIC, &a));
	milliseconds(150);
	clock_gettime(CLOCK_MONOTONIC, &b);
	SHOW((b.tv_sec - a.tv_sec) * 1000 + (b.tv_nsec - a.tv_nsec) / 1000000 >=
	     140);
	SHOW(clock_gettime(99, &a));
	SHOW(now > 1600000000);
	SHOW(syscall(SYS_nanosleep, &(struct timespec){ 0, 1000000000 }, NULL));
}

static void
part_terminal(void)
{
	int master = posix_openpt(O_RDWR | O_NOCTTY);
	int slave;
	struct termios termios;
	struct winsize size = { 10, 20, 0, 0 };
	char buf[100];
	int status;
	pid_t pid;
	long got;
	long n;

	SHOW(master >= 0);
	SHOW(grantpt(master));
	SHOW(unlockpt(master));
	slave = open(ptsname(master), O_RDWR | O_NOCTTY);
	SHOW(slave >= 0);
	SHOW(isatty(slave));
	SHOW(tcgetattr(slave, &termios));
	printf("flags %o %o %o\n", termios.c_iflag & ICRNL,
	    termios.c_oflag & ONLCR, termios.c_lflag & (ICANON | ECHO));
	SHOW(write(master, "line\r", 5));
	memset(buf, 0, sizeof(buf));
	SHOW(read(slave, buf, 100));
	printf("%s", buf);
	/* It may come in pieces. */
	for (n = 0; n == 0 || buf[n - 1] != '\n'; n += got) {
		got = read(master, buf + n, 100 - n);
		if (got <= 0) {
			break;
		}
	}
	printf("echoed %ld\n", n);
	SHOW(ioctl(master, TIOCSWINSZ, &size));
	memset(&size, 0, sizeof(size));
	SHOW(ioctl(slave, TIOCGWINSZ, &size));
	printf("%d %d\n", size.ws_row, size.ws_col);
	cfmakeraw(&termios);
	SHOW(tcsetattr(slave, TCSANOW, &termios));
	SHOW(write(master, "\003", 1));
	SHOW(read(slave, buf, 100));
	termios.c_lflag |= ISIG;
	SHOW(tcsetattr(slave, TCSANOW, &termios));
	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		/* Whoever ran this in the background had it ignored. */
		signal(SIGINT, SIG_DFL);
		if (setsid() < 0 || ioctl(slave, TIOCSCTTY, 0) != 0 ||
		    write(slave, "r", 1) != 1) {
			_exit(1);
		}
		for (;;) {
			pause();
		}
	}
	/* Without the slave there is an end to wait for if the child fails. */
	close(slave);
	SHOW(read(master, buf, 1));
	write(master, "\003", 1);
	waitpid(pid, &status, 0);
	printf("interrupt ended it: %d\n",
	    WIFSIGNALED(status) ? WTERMSIG(status) : -1);
	close(master);
}

struct part {
	const char	*name;
	void		(*function)(void);
};

static const struct part parts[] = {
	{ "faults", part_faults },
	{ "context", part_context },
	{ "signals", part_signals },
	{ "restart", part_restart },
	{ "stop", part_stop },
	{ "timer", part_timer },
	{ "memory", part_memory },
	{ "pointers", part_pointers },
	{ "files", part_files },
	{ "pipes", part_pipes },
	{ "process", part_process },
	{ "threads", part_threads },
	{ "time", part_time },
	{ "terminal", part_terminal },
};

int
main(int argc, char **argv)
{
	if (argc > 1 && strcmp(argv[1], "arguments") == 0) {
		arguments(argc, argv);
	}
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
