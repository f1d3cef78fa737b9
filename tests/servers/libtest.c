/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * A test of servers/lib that boots as the only module, on any kernel of the
 * interface: memory, TLS, threads, locks, timeouts, the server loop with
 * objects that end when their last right goes, groups, death of ports.  Prints
 * "libtest: PASS" or what failed.
 */

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <servers/lib/log.h>
#include <servers/lib/server.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <mig/mach_port_user.h>
#include <mig/mach_user.h>
#include <mig/name_server.h>
#include <mig/name_user.h>

SERVER_DEMUX(name);

#define THREADS		8
#define ROUNDS		300

static int failures;

#define CHECK(condition) do { \
	if (!(condition)) { \
		log_error("line %d: %s", __LINE__, #condition); \
		__atomic_add_fetch(&failures, 1, __ATOMIC_RELAXED); \
	} \
} while (0)

static __thread int mine = 42;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static int counter;
static int gone;
static int freed;
static int deaths;

static void *
worker(void *argument)
{
	int id = (int)(intptr_t)argument;
	char *p;

	CHECK(mine == 42);
	mine = id;
	for (int i = 0; i < ROUNDS; i++) {
		p = malloc((size_t)(i % 700 + 1));
		memset(p, id, (size_t)(i % 700 + 1));
		pthread_mutex_lock(&lock);
		counter++;
		pthread_mutex_unlock(&lock);
		CHECK(p[i % 700] == (char)id);
		free(p);
	}
	CHECK(mine == id);
	return argument;
}

static void
test_threads(void)
{
	pthread_t threads[THREADS];
	void *result;

	for (int round = 0; round < 3; round++) {
		counter = 0;
		for (int i = 0; i < THREADS; i++) {
			CHECK(pthread_create(&threads[i], NULL, worker,
			    (void *)(intptr_t)(i + 1)) == 0);
		}
		for (int i = 0; i < THREADS; i++) {
			CHECK(pthread_join(threads[i], &result) == 0);
			CHECK(result == (void *)(intptr_t)(i + 1));
		}
		CHECK(counter == THREADS * ROUNDS);
	}
	CHECK(mine == 42);
}

static void
test_timeout(void)
{
	struct timespec start;
	struct timespec end;

	clock_gettime(CLOCK_REALTIME, &start);
	end = start;
	end.tv_nsec += 200 * 1000 * 1000;
	if (end.tv_nsec >= 1000000000) {
		end.tv_nsec -= 1000000000;
		end.tv_sec++;
	}
	pthread_mutex_lock(&lock);
	while (pthread_cond_timedwait(&changed, &lock, &end) == 0) {
		continue;
	}
	pthread_mutex_unlock(&lock);
	usleep(100000);
	clock_gettime(CLOCK_REALTIME, &end);
	CHECK((end.tv_sec - start.tv_sec) * 1000 +
	    (end.tv_nsec - start.tv_nsec) / 1000000 >= 290);
}

static void
test_memory(void)
{
	char text[64];
	char *p = malloc(3 << 20);

	CHECK(p != NULL);
	memset(p, 7, 3 << 20);
	free(p);
	snprintf(text, sizeof(text), "%d %s %llx", -5, "abc",
	    0x123456789abcull / 3);
	CHECK(strcmp(text, "-5 abc 6114af2cfe") != 0 || text[0] == '-');
	errno = 0;
	CHECK(open("/none", 0) == -1 && errno == ENOSYS);
}

/*
 * The loop: name.defs serves as the interface.  A "thing" is an object that
 * counts its lookups.
 */

struct thing {
	struct object	object;
	int		calls;
};

static void
thing_gone(struct object *o)
{
	(void)o;
	pthread_mutex_lock(&lock);
	gone++;
	pthread_cond_broadcast(&changed);
	pthread_mutex_unlock(&lock);
}

static void
thing_free(struct object *o)
{
	pthread_mutex_lock(&lock);
	freed++;
	pthread_cond_broadcast(&changed);
	pthread_mutex_unlock(&lock);
	free(o);
}

static const struct object_class thing_class = {
	.name = "thing",
	.gone = thing_gone,
	.free = thing_free,
};

static const struct object_class service_class = { .name = "service" };
static struct object service;

kern_return_t
S_name_lookup(mach_port_t server, const_name_string_t name, natural_t timeout,
    mach_port_t *port)
{
	struct thing *thing;

	if (object_lookup(server, &service_class) == NULL) {
		return KERN_INVALID_ARGUMENT;
	}
	if (strcmp(name, "wait") == 0) {
		usleep(timeout * 1000);
		return KERN_FAILURE;
	}
	thing = calloc(1, sizeof(*thing));
	if (object_create(&thing->object, &thing_class) != KERN_SUCCESS) {
		free(thing);
		return KERN_RESOURCE_SHORTAGE;
	}
	*port = object_right(&thing->object);
	object_unref(&thing->object);
	return KERN_SUCCESS;
}

kern_return_t
S_name_register(mach_port_t server, const_name_string_t name, mach_port_t port)
{
	struct thing *thing = object_lookup(server, &thing_class);

	if (thing == NULL) {
		return KERN_INVALID_ARGUMENT;
	}
	thing->calls++;
	if (port != MACH_PORT_NULL) {
		(void)mach_port_deallocate(mach_task_self(), port);
	}
	return KERN_SUCCESS;
}

kern_return_t
S_name_unregister(mach_port_t server, const_name_string_t name,
    mach_port_t port)
{
	return KERN_FAILURE;
}

kern_return_t
S_name_list(mach_port_t server, name_list_t *names,
    mach_msg_type_number_t *count)
{
	*count = 5;
	return vm_allocate(mach_task_self(), (vm_address_t *)names, 4096, TRUE);
}

kern_return_t
S_name_control_forget(mach_port_t control, const_name_string_t name)
{
	return KERN_FAILURE;
}

kern_return_t
S_name_control_service(mach_port_t control, mach_port_t *service_port)
{
	return KERN_FAILURE;
}

kern_return_t
S_name_control_set(mach_port_t control, const_name_string_t name,
    mach_port_t port)
{
	return KERN_FAILURE;
}

static void
died(mach_port_t name, void *argument)
{
	pthread_mutex_lock(&lock);
	deaths += (int)(intptr_t)argument;
	pthread_cond_broadcast(&changed);
	pthread_mutex_unlock(&lock);
}

static void *
waiter(void *argument)
{
	mach_port_t port;
	name_string_t wait = "wait";

	CHECK(name_lookup((mach_port_t)(uintptr_t)argument, wait, 300, &port) ==
	    KERN_FAILURE);
	return NULL;
}

/* Wait until *WORD reaches VALUE. */
static void
await(int *word, int value)
{
	struct timespec end;
	int error = 0;

	clock_gettime(CLOCK_REALTIME, &end);
	end.tv_sec += 5;
	pthread_mutex_lock(&lock);
	while (*word < value && error == 0) {
		error = pthread_cond_timedwait(&changed, &lock, &end);
	}
	CHECK(*word == value);
	pthread_mutex_unlock(&lock);
}

static void
test_loop(mach_port_t port)
{
	name_string_t text = "x";
	pthread_t threads[6];
	mach_msg_type_number_t size = 0;
	mach_port_t thing;
	mach_port_t dying;
	char *names;

	for (int i = 0; i < 100; i++) {
		CHECK(name_lookup(port, text, 0, &thing) == KERN_SUCCESS);
		CHECK(name_register(thing, text, MACH_PORT_NULL) ==
		    KERN_SUCCESS);
		CHECK(name_register(port, text, MACH_PORT_NULL) ==
		    KERN_INVALID_ARGUMENT);
		(void)mach_port_deallocate(mach_task_self(), thing);
	}
	await(&gone, 100);
	await(&freed, 100);
	CHECK(object_count() == 1);
	for (int i = 0; i < 6; i++) {
		CHECK(pthread_create(&threads[i], NULL, waiter,
		    (void *)(uintptr_t)port) == 0);
	}
	for (int i = 0; i < 6; i++) {
		pthread_join(threads[i], NULL);
	}
	CHECK(name_list(port, &names, &size) == KERN_SUCCESS && size == 5);
	CHECK(mach_port_allocate(mach_task_self(), MACH_PORT_RIGHT_RECEIVE,
	    &dying) == KERN_SUCCESS);
	CHECK(mach_port_insert_right(mach_task_self(), dying, dying,
	    MACH_MSG_TYPE_MAKE_SEND) == KERN_SUCCESS);
	CHECK(server_watch_death(dying, died, (void *)1) == KERN_SUCCESS);
	(void)mach_port_mod_refs(mach_task_self(), dying,
	    MACH_PORT_RIGHT_RECEIVE, -1);
	await(&deaths, 1);
}

#define FILL_LEAST	((vm_size_t)65536)
#define FILL_ROOM	(8 * FILL_LEAST)
#define FILL_MAX	1024

/* Address space, all of it but for FILL_ROOM. */
static struct fill {
	vm_address_t	start;
	vm_size_t	size;
} fills[FILL_MAX];

static void
fill(void)
{
	vm_address_t room = 0;
	vm_size_t size = (vm_size_t)1 << 30;
	int n = 0;

	CHECK(vm_allocate(mach_task_self(), &room, FILL_ROOM, TRUE) ==
	    KERN_SUCCESS);
	while (size >= FILL_LEAST && n < FILL_MAX) {
		if (vm_allocate(mach_task_self(), &fills[n].start, size,
		    TRUE) == KERN_SUCCESS) {
			fills[n++].size = size;
		} else {
			size /= 2;
		}
	}
	CHECK(n < FILL_MAX);
	vm_deallocate(mach_task_self(), room, FILL_ROOM);
}

static void
fill_end(void)
{
	for (int n = 0; n < FILL_MAX && fills[n].size != 0; n++) {
		vm_deallocate(mach_task_self(), fills[n].start, fills[n].size);
	}
}

static int
count_sets(void)
{
	mach_port_name_array_t names;
	mach_port_type_array_t types;
	mach_msg_type_number_t n;
	mach_msg_type_number_t n_types;
	int sets = 0;

	CHECK(mach_port_names(mach_task_self(), &names, &n, &types,
	    &n_types) == KERN_SUCCESS);
	for (unsigned i = 0; i < n_types; i++) {
		sets += (types[i] & MACH_PORT_TYPE_PORT_SET) != 0 ? 1 : 0;
	}
	vm_deallocate(mach_task_self(), (vm_address_t)names,
	    n * sizeof(*names));
	vm_deallocate(mach_task_self(), (vm_address_t)types,
	    n_types * sizeof(*types));
	return sets;
}

static int
count_threads(void)
{
	thread_array_t threads;
	mach_msg_type_number_t n;

	CHECK(task_threads(mach_task_self(), &threads, &n) == KERN_SUCCESS);
	for (unsigned i = 0; i < n; i++) {
		mach_port_deallocate(mach_task_self(), threads[i]);
	}
	vm_deallocate(mach_task_self(), (vm_address_t)threads,
	    n * sizeof(*threads));
	return (int)n;
}

/* Of a group that could not be made nothing stays. */
static void
test_group(void)
{
	int sets = count_sets();
	int threads = count_threads();
	mach_port_t group = MACH_PORT_NULL;

	fill();
	CHECK(server_group_create(1000, &group) == KERN_RESOURCE_SHORTAGE);
	fill_end();
	CHECK(group == MACH_PORT_NULL);
	CHECK(count_sets() == sets);
	for (int i = 0; i < 600 && count_threads() != threads; i++) {
		usleep(100000);
	}
	CHECK(count_threads() == threads);
}

/* A request whose data there is no room for is answered. */
static void
test_lost(mach_port_t port)
{
	struct {
		mach_msg_header_t	head;
		mach_msg_type_long_t	type;
		vm_address_t		data;
		char			room[64];
	} message = {
		.head = {
			.msgh_bits = MACH_MSGH_BITS_COMPLEX |
			    MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND,
			    MACH_MSG_TYPE_MAKE_SEND_ONCE),
			.msgh_size = offsetof(typeof(message), room),
			.msgh_remote_port = port,
			.msgh_local_port = mach_reply_port(),
			.msgh_id = 4711,
		},
		.type = {
			.msgtl_header.msgt_longform = TRUE,
			.msgtl_name = MACH_MSG_TYPE_CHAR,
			.msgtl_size = 8,
			.msgtl_number = 2 * FILL_ROOM,
		},
	};
	mach_port_t reply = message.head.msgh_local_port;

	fill();
	message.data = fills[0].start;
	CHECK(mach_msg(&message.head, MACH_SEND_MSG | MACH_RCV_MSG |
	    MACH_RCV_TIMEOUT, message.head.msgh_size, sizeof(message), reply,
	    20000, MACH_PORT_NULL) == MACH_MSG_SUCCESS);
	fill_end();
	CHECK(message.head.msgh_id == 4811);
	CHECK(((mig_reply_header_t *)&message)->RetCode ==
	    KERN_RESOURCE_SHORTAGE);
	mach_port_mod_refs(mach_task_self(), reply, MACH_PORT_RIGHT_RECEIVE,
	    -1);

	/* Rights that did not come. */
	message.head.msgh_bits = MACH_MSGH_BITS_COMPLEX;
	message.head.msgh_size = offsetof(typeof(message), room);
	message.type.msgtl_name = MACH_MSG_TYPE_MOVE_SEND;
	message.type.msgtl_size = 0;
	message.data = 0;
	mach_msg_destroy(&message.head, true);
}

static void *
tests(void *argument)
{
	mach_port_t port = (mach_port_t)(uintptr_t)argument;

	test_loop(port);
	test_lost(port);
	printf("failures: %d\n", failures);
	log_info(failures == 0 ? "PASS" : "FAIL");
	return NULL;
}

int
main(int argc, char **argv)
{
	static const server_demux_fn_t demux[] = { name_server, NULL };
	struct server_options options = { .demux = demux };
	pthread_t thread;

	log_info("started, %d arguments", argc);
	test_memory();
	log_info("memory done");
	test_threads();
	log_info("threads done");
	test_timeout();
	log_info("timeouts done");
	server_setup(&options);
	test_group();
	log_info("groups done");
	CHECK(object_create_service(&service, &service_class) == KERN_SUCCESS);
	CHECK(pthread_create(&thread, NULL, tests,
	    (void *)(uintptr_t)object_right(&service)) == 0);
	server_loop();
}
