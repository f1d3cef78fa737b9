/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * A child with memory whose pager never answers has the UNIX server look there,
 * in each way that there is: only who asks for that memory waits, all others'
 * calls are answered, and the child can be ended.
 *
 *	stalls WAY
 */

#include <fcntl.h>
#include <linux/futex.h>
#include <mach/mig_support.h>
#include <mach/vm_inherit.h>
#include <mach/vm_prot.h>
#include <pthread.h>
#include <servers/lib/mach.h>
#include <servers/unix/emul_layout.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <mig/mach_port_user.h>
#include <mig/mach_user.h>
#include <mig/unix_user.h>

#define PAGE	((vm_size_t)4096)

/* Of parent and child: what the child is about to do, and has done. */
struct shared {
	volatile int	ready;
	volatile int	done;
};

static struct shared *shared;
static char *self;

static void
fail(const char *what)
{
	printf("not so: %s\n", what);
	fflush(stdout);
	_exit(1);
}

static void
check(int good, const char *what)
{
	if (!good) {
		fail(what);
	}
}

/* Memory at ADDRESS, 0: anywhere, in place of what is there. */
static char *
silent(vm_address_t address)
{
	static mach_port_t pager;
	int anywhere = address == 0;

	if (pager == MACH_PORT_NULL) {
		check(mach_port_allocate(mach_task_self(),
		    MACH_PORT_RIGHT_RECEIVE, &pager) == KERN_SUCCESS &&
		    mach_port_insert_right(mach_task_self(), pager, pager,
		    MACH_MSG_TYPE_MAKE_SEND) == KERN_SUCCESS, "a pager");
	}
	if (!anywhere) {
		vm_deallocate(mach_task_self(), address, PAGE);
	}
	check(vm_map(mach_task_self(), &address, PAGE, 0, anywhere, pager, 0,
	    FALSE, VM_PROT_DEFAULT, VM_PROT_ALL, VM_INHERIT_COPY) ==
	    KERN_SUCCESS, "its memory");
	return (char *)address;
}

static void
handler(int number)
{
	(void)number;
}

/* ---- what the child does ---- */

/* A signal finds it waiting in a page fault. */
static void
do_fault(void)
{
	volatile char *at = silent(0);

	signal(SIGUSR1, handler);
	shared->ready = 1;
	*at = 1;
}

static void
do_futex(void)
{
	char *at = silent(0);

	signal(SIGUSR1, handler);
	shared->ready = 1;
	syscall(SYS_futex, at, FUTEX_WAIT_PRIVATE, 0, NULL);
}

static void
do_requeue(void)
{
	char *at = silent(0);
	uint32_t word = 0;

	shared->ready = 1;
	syscall(SYS_futex, at, FUTEX_CMP_REQUEUE_PRIVATE, 1, 1, &word, 0);
}

static struct emul_thread *
own_block(void)
{
	struct emul_thread *block;

	__asm__("movl %%fs:0, %0" : "=r" (block));
	return block;
}

/* A signal for a thread whose block is not to be had. */
static void
do_block(void)
{
	signal(SIGUSR1, handler);
	(void)silent((vm_address_t)own_block());
	shared->ready = 1;
	for (;;) {
	}
}

/* The same for a signal that it makes itself. */
static void
do_trap(void)
{
	signal(SIGTRAP, handler);
	(void)silent((vm_address_t)own_block());
	shared->ready = 1;
	__asm__ volatile("int3");
	for (;;) {
	}
}

static void *
thread_main(void *argument)
{
	shared->done = 1;
	return argument;
}

/* Where the block of its next thread goes. */
static void
do_thread(void)
{
	pthread_t thread;

	(void)silent((vm_address_t)own_block() + EMUL_THREAD_SIZE);
	shared->ready = 1;
	pthread_create(&thread, NULL, thread_main, NULL);
	pause();
}

static void
do_fork(void)
{
	(void)silent(0);
	shared->ready = 1;
	fork();
	pause();
}

static void
do_robust(void)
{
	syscall(SYS_set_robust_list, silent(0), 12);
	shared->ready = 1;
	pause();
}

/* The same list, at an exec. */
static void
do_exec(void)
{
	syscall(SYS_set_robust_list, silent(0), 12);
	shared->ready = 1;
	execl("/bin/true", "true", NULL);
}

/* What it would run; the library has that in memory of its own. */
static kern_return_t
run_strings(char *strings)
{
	int result;
	int events;

	kern_return_t kr = unix_exec(own_block()->port, AT_FDCWD, 0, 1, 0,
	    (vm_offset_t)strings, (mach_msg_type_number_t)PAGE, &result,
	    &events);

	return kr == KERN_SUCCESS && result != 0 ? KERN_FAILURE : kr;
}

static void
do_strings(void)
{
	char *at = silent(0);

	shared->ready = 1;
	(void)run_strings(at);
}

/* The same in a file that ends before it. */
static void
do_lost(void)
{
	int fd = open("/root/lost", O_RDWR | O_CREAT | O_TRUNC, 0600);
	char *at;

	check(fd >= 0 && ftruncate(fd, PAGE) == 0, "a file");
	at = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd, 0);
	check(at != MAP_FAILED && at[0] == 0, "its memory");
	check(ftruncate(fd, 0) == 0 && unlink("/root/lost") == 0, "its end");
	check(run_strings(at) != KERN_SUCCESS, "strings that are lost");
	shared->ready = 1;
	pause();
}

/* It is /proc/PID/cmdline that is not to be had. */
static void __attribute__((noinline))
hide_arguments(volatile char *stack)
{
	stack[0] = 0;
	(void)silent((vm_address_t)self & ~(PAGE - 1));
	shared->ready = 1;
	pause();
}

static void
do_arguments(void)
{
	/* The stack begins where they are. */
	volatile char stack[8 * 4096];

	hide_arguments(stack);
}

/* ---- what the parent does ---- */

/* Until PID does not run, or for a while. */
static void
until_waits(pid_t pid)
{
	char name[32];
	char state = 'R';
	FILE *f;

	snprintf(name, sizeof(name), "/proc/%d/stat", (int)pid);
	for (int i = 0; i < 100 && state == 'R'; i++) {
		usleep(10000);
		f = fopen(name, "r");
		check(f != NULL && fscanf(f, "%*d %*s %c", &state) == 1, name);
		fclose(f);
	}
}

/* All that others do goes on. */
static void
others(void)
{
	pid_t pid = fork();
	int status = -1;
	int ends[2];
	char c = 0;

	if (pid == 0) {
		_exit(7);
	}
	check(waitpid(pid, &status, 0) == pid && WEXITSTATUS(status) == 7,
	    "others' children");
	check(pipe(ends) == 0 && write(ends[1], "x", 1) == 1 &&
	    read(ends[0], &c, 1) == 1 && c == 'x', "others' pipes");
	close(ends[0]);
	close(ends[1]);
}

static void
finish(pid_t pid)
{
	int status = -1;

	check(kill(pid, SIGKILL) == 0, "kill");
	check(waitpid(pid, &status, 0) == pid && WIFSIGNALED(status) &&
	    WTERMSIG(status) == SIGKILL, "the end");
	others();
}

static void
signalled(pid_t pid)
{
	for (int i = 0; i < 3; i++) {
		check(kill(pid, SIGUSR1) == 0, "signal");
		others();
	}
}

/* Somebody reads its arguments, and can be ended too. */
static void
arguments_read(pid_t pid)
{
	char name[32];
	char text[16];
	pid_t reader = fork();

	snprintf(name, sizeof(name), "/proc/%d/cmdline", (int)pid);
	if (reader == 0) {
		(void)read(open(name, O_RDONLY), text, sizeof(text));
		_exit(1);
	}
	until_waits(reader);
	others();
	finish(reader);
}

static void
thread_runs(pid_t pid)
{
	(void)pid;
	while (!shared->done) {
		usleep(10000);
	}
}

/* ---- who waits for nobody ---- */

#define FORKS	300

static volatile int changed;

static void *
vforks(void *argument)
{
	pid_t pid;

	for (int i = 0; i < FORKS; i++) {
		pid = vfork();
		if (pid == 0) {
			_exit(0);
		}
		waitpid(pid, NULL, 0);
	}
	return argument;
}

/* Children have copies, whatever other threads make theirs of. */
static void
forks(void)
{
	pthread_t thread;
	pid_t pid;

	check(pthread_create(&thread, NULL, vforks, NULL) == 0, "a thread");
	for (int i = 0; i < FORKS; i++) {
		pid = fork();
		if (pid == 0) {
			changed = 1;
			_exit(0);
		}
		waitpid(pid, NULL, 0);
		check(changed == 0, "a copy");
	}
	pthread_join(thread, NULL);
}

static uint32_t turn;
static volatile int forked_enough;

/* A futex that may be shared, as that of pthread_join is, but is not. */
static void *
turns(void *argument)
{
	uint32_t mine = argument != NULL;

	while (!forked_enough) {
		while (__atomic_load_n(&turn, __ATOMIC_SEQ_CST) != mine) {
			syscall(SYS_futex, &turn, FUTEX_WAIT, !mine, NULL);
		}
		__atomic_store_n(&turn, !mine, __ATOMIC_SEQ_CST);
		syscall(SYS_futex, &turn, FUTEX_WAKE, 1);
	}
	/* The other may wait for its last one. */
	__atomic_store_n(&turn, !mine, __ATOMIC_SEQ_CST);
	syscall(SYS_futex, &turn, FUTEX_WAKE, 1);
	return NULL;
}

/* Who waits is woken, whether memory is lent to a child meanwhile or not. */
static void
lends(void)
{
	pthread_t threads[2];

	check(pthread_create(&threads[0], NULL, turns, NULL) == 0 &&
	    pthread_create(&threads[1], NULL, turns, &turn) == 0, "threads");
	vforks(NULL);
	forked_enough = 1;
	pthread_join(threads[0], NULL);
	pthread_join(threads[1], NULL);
}

static const struct way {
	const char	*name;
	void		(*child)(void);
	void		(*parent)(pid_t pid);
} ways[] = {
	{ "fault", do_fault, signalled },
	{ "futex", do_futex, signalled },
	{ "requeue", do_requeue, NULL },
	{ "block", do_block, signalled },
	{ "trap", do_trap, NULL },
	{ "thread", do_thread, thread_runs },
	{ "fork", do_fork, NULL },
	{ "robust", do_robust, NULL },
	{ "exec", do_exec, NULL },
	{ "strings", do_strings, NULL },
	{ "lost", do_lost, NULL },
	{ "arguments", do_arguments, arguments_read },
};

static void
go(const struct way *way)
{
	pid_t pid;

	shared = mmap(NULL, PAGE, PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	check(shared != MAP_FAILED, "shared memory");
	pid = fork();
	if (pid == 0) {
		way->child();
		_exit(1);
	}
	while (!shared->ready) {
		usleep(10000);
	}
	until_waits(pid);
	others();
	if (way->parent != NULL) {
		way->parent(pid);
	}
	finish(pid);
}

int
main(int argc, char **argv)
{
	self = argv[0];
	if (argc > 1 && strcmp(argv[1], "forks") == 0) {
		forks();
		printf("good\n");
		return 0;
	}
	if (argc > 1 && strcmp(argv[1], "lends") == 0) {
		lends();
		printf("good\n");
		return 0;
	}
	for (unsigned i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		if (argc > 1 && strcmp(argv[1], ways[i].name) == 0) {
			go(&ways[i]);
			printf("good\n");
			return 0;
		}
	}
	fail("a way");
}
