/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * Clients of the file server that are killed while it and they send each other
 * large regions.  Each has files of its own, which have no name, so all that
 * there was of a client is to go with it: ports and map entries, objects, and
 * pages, those of its files and those that were on their way.  Afterwards as
 * many of each exist as before.
 *
 *	transfers DIRECTORY
 *
 * Servers take more for a crowd, and keep it: a thread with its stack and
 * ports, room in their heaps.  So the killing goes on until nothing has grown
 * by it; of what is lost with clients there is more each time.
 *
 * Prints "good", or what there is more of.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <mach/vm_statistics.h>
#include <servers/lib/mach.h>

#include <mig/mach_debug_user.h>
#include <mig/mach_user.h>

#define SIZE		(256u * 1024)
#define CLIENTS		6u	/* at a time, two of each kind */
#define CLIENTS_FIRST	12u	/* more than servers have to do with later */
#define HANDLES		80u	/* more than the server keeps ports for later */
#define ROUNDS		4u	/* that are measured together */
#define MEASURES	8u	/* until one shows no growth */
#define PATIENCE	120u	/* seconds for what is still under way */
#define LOOKS		4u	/* half a second apart, at what is at rest */
/* The kernel's heap and the servers' are not as full each time. */
#define SLACK_PAGES	32u

enum {
	TASKS, THREADS, PORTS, MAPS, ENTRIES, OBJECTS, CACHES,
	PAGES = CACHES, COUNTED
};

static const char *const names[] = {
	"task", "thread", "ipc_port", "vm_map", "vm_map_entry", "vm_object",
	"pages"
};

struct counts {
	unsigned of[COUNTED];
};

static char data[SIZE];
static unsigned seed = 4711;
static int begun[2];	/* a pipe */
static unsigned tasks;	/* without clients */

/* All of the process group end: clients, and who waits for them. */
static void
fail(const char *what)
{
	perror(what);
	kill(0, SIGKILL);
	exit(1);
}

/* ---- counting ---- */

static void
count_caches(struct counts *counts)
{
	cache_info_array_t info = NULL;
	mach_msg_type_number_t count = 0;
	unsigned found = 0;

	if (host_slab_info(mach_host_self_, &info, &count) != KERN_SUCCESS) {
		fail("host_slab_info");
	}
	for (unsigned i = 0; i < count; i++) {
		for (unsigned n = 0; n < CACHES; n++) {
			if (strcmp(info[i].name, names[n]) == 0) {
				counts->of[n] = info[i].nr_objs;
				found++;
			}
		}
	}
	(void)vm_deallocate(mach_task_self(), (vm_address_t)info,
	    count * sizeof(info[0]));
	if (found != CACHES) {
		fail("names of caches");
	}
}

static void
count(struct counts *counts)
{
	vm_statistics_data_t stats;

	count_caches(counts);
	if (vm_statistics(mach_task_self(), &stats) != KERN_SUCCESS) {
		fail("vm_statistics");
	}
	counts->of[PAGES] = stats.active_count + stats.inactive_count +
	    stats.wire_count;
}

/* Of how many things are there more NOW than BEFORE?  SAY: print them. */
static unsigned
grown(const struct counts *before, const struct counts *now, int say)
{
	unsigned more = 0;
	unsigned slack;

	for (unsigned n = 0; n < COUNTED; n++) {
		slack = n == PAGES ? SLACK_PAGES : 0;
		if (now->of[n] <= before->of[n] + slack) {
			continue;
		}
		more++;
		if (say) {
			printf("more of %s: %u, then %u\n", names[n],
			    before->of[n], now->of[n]);
		}
	}
	return more;
}

/* ---- clients ---- */

/* Says that this one is about to go on for ever. */
static void
begin(void)
{
	if (write(begun[1], "b", 1) != 1) {
		fail("a pipe");
	}
}

/* A file without a name. */
static int
file_make(void)
{
	char name[] = "transfersXXXXXX";
	int fd = mkstemp(name);

	if (fd < 0 || unlink(name) != 0) {
		fail(name);
	}
	return fd;
}

/* The server sends. */
static void
client_read(int fd)
{
	if (pwrite(fd, data, SIZE, 0) != SIZE) {
		fail("a file to read");
	}
	begin();
	for (;;) {
		(void)pread(fd, data, SIZE, 0);
	}
}

/* The client does. */
static void
client_write(int fd)
{
	begin();
	for (;;) {
		(void)pwrite(fd, data, SIZE, 0);
	}
}

/* The same with memory whose pages come from the server, each time. */
static void
client_map(int fd)
{
	int from = file_make();
	char *memory = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED,
	    from, 0);

	if (memory == MAP_FAILED) {
		fail("a file to map");
	}
	begin();
	for (;;) {
		(void)ftruncate(from, 0);
		(void)ftruncate(from, SIZE);
		for (unsigned at = 0; at < SIZE; at += SIZE / 4) {
			memory[at]++;
		}
		(void)pwrite(fd, memory, SIZE, 0);
	}
}

static void (*const kinds[])(int fd) = {
	client_read, client_write, client_map
};
#define KINDS	(sizeof(kinds) / sizeof(kinds[0]))

static void
clients_start(pid_t *children, unsigned clients)
{
	char c;

	if (pipe(begun) != 0) {
		fail("pipe");
	}
	for (unsigned n = 0; n < clients; n++) {
		children[n] = fork();
		if (children[n] == 0) {
			kinds[n % KINDS](file_make());
		}
		if (children[n] < 0) {
			fail("fork");
		}
	}
	close(begun[1]);
	for (unsigned n = 0; n < clients; n++) {
		if (read(begun[0], &c, 1) != 1) {
			fail("clients");
		}
	}
	close(begun[0]);
}

/* Each at another moment. */
static void
clients_kill(const pid_t *children, unsigned clients)
{
	struct timespec moment = { 0, 0 };

	for (unsigned n = 0; n < clients; n++) {
		seed = seed * 1103515245 + 12345;
		moment.tv_nsec = (long)(seed >> 16) % 64 * 500000L;
		nanosleep(&moment, NULL);
		kill(children[n], SIGKILL);
		waitpid(children[n], NULL, 0);
	}
}

static void
kill_some(unsigned clients)
{
	pid_t children[CLIENTS_FIRST];

	clients_start(children, clients);
	clients_kill(children, clients);
}

/* ---- measuring ---- */

/* Have servers take what they keep: threads, ports for handles, memory. */
static void
take_all(void)
{
	int handles[HANDLES];

	for (unsigned n = 0; n < HANDLES; n++) {
		handles[n] = open(".", O_RDONLY);
		if (handles[n] < 0) {
			fail("handles");
		}
	}
	for (unsigned n = 0; n < HANDLES; n++) {
		close(handles[n]);
	}
	kill_some(CLIENTS_FIRST);
}

/* When the clients are gone, and what they left has gone or does not go. */
static void
count_at_rest(struct counts *counts)
{
	struct counts last;
	unsigned same = 0;

	count(counts);
	for (unsigned i = 0; i < PATIENCE * 2 && same < LOOKS; i++) {
		last = *counts;
		usleep(500000);
		count(counts);
		same = counts->of[TASKS] <= tasks &&
		    memcmp(counts, &last, sizeof(last)) == 0 ? same + 1 : 0;
	}
	if (counts->of[TASKS] > tasks) {
		fail("tasks of clients");
	}
}

static void
measure(struct counts *before, struct counts *now)
{
	*before = *now;
	for (unsigned n = 0; n < ROUNDS; n++) {
		kill_some(CLIENTS);
	}
	count_at_rest(now);
}

int
main(int argc, char **argv)
{
	struct counts before;
	struct counts now;
	unsigned n = 1;

	if (argc < 2 || chdir(argv[1]) != 0) {
		return 2;
	}
	memset(data, 't', sizeof(data));
	count(&now);
	tasks = now.of[TASKS];
	take_all();
	count_at_rest(&now);
	do {
		measure(&before, &now);
	} while (grown(&before, &now, 0) != 0 && ++n <= MEASURES);
	if (grown(&before, &now, 1) != 0) {
		return 1;
	}
	puts("good");
	return 0;
}
