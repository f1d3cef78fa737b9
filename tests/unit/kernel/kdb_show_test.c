/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * The debugger's views of tasks, threads and ports: of a server whose clients
 * fill its queue, of threads that wait for all that threads wait for, and of the
 * same with damage.
 */

#include <tests/lib/test.h>
#include <tests/unit/ipc/ipc_crowd.h>
#include <tests/unit/ipc/ipc_msg.h>
#include <tests/unit/kernel/kdb_shown.h>

#include <mach/message.h>
#include <machine/copyio.h>
#include <string.h>

#include <kernel/gsync.h>
#include <kernel/kdb/kdb_msgs.h>
#include <kernel/kmem.h>
#include <kernel/mutex.h>
#include <kernel/processor.h>
#include <kernel/task.h>
#include <kernel/thread.h>
#include <mach_port_server.h>

#include <ipc/ipc_entry.h>
#include <ipc/ipc_port.h>
#include <ipc/ipc_pset.h>
#include <ipc/ipc_right.h>
#include <ipc/ipc_space.h>

#include <vm/vm_map.h>
#include <vm/vm_page.h>

#define MESSAGE_ID	4711
#define FAR_NAME	0x00777777u	/* a name that no table has */

static mach_port_name_t requests;	/* the server's, and a full queue */
static mach_port_name_t idle;		/* the server's, in a set */
static mach_port_name_t set;
static mach_port_name_t dest;		/* requests, as the client knows it */
static mach_port_name_t reply;		/* the client's */
static struct ipc_port *port;		/* that all this is about */
static struct ipc_port *reply_port;
static vm_offset_t word;
static struct mutex held = MUTEX_INITIALIZER(LOCK_RANK_SLEEP_LEAF);

/* ---- threads that wait -------------------------------------------------- */

static void
receives(void *arg)
{
	for (;;) {
		(void)TEST_TRAP(world_msg(0x1000,
		    MACH_RCV_MSG | MACH_RCV_TIMEOUT, 0, 100, set, 500000, 0));
	}
}

static void
sends(void *arg)
{
	mach_msg_header_t m = {
		.msgh_bits = MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND,
		    MACH_MSG_TYPE_MAKE_SEND_ONCE),
		.msgh_size = sizeof(m),
		.msgh_remote_port = dest,
		.msgh_local_port = reply,
		.msgh_id = MESSAGE_ID,
	};
	vm_offset_t buffer = 0;

	TEST_TRAP(vm_map_allocate(current_map(), &buffer, vm_page_size, true));
	for (;;) {
		TEST_TRAP(copyout(&m, buffer, sizeof(m)));
		(void)TEST_TRAP(world_msg(buffer, MACH_SEND_MSG, sizeof(m), 0,
		    0, 0, 0));
	}
}

static void
waits_for_word(void *arg)
{
	for (;;) {
		(void)TEST_TRAP(gsync_wait(current_task(), word, 0, 0, 0, 0));
	}
}

static void
waits_for_mutex(void *arg)
{
	while (held.owner == 0) {
		test_sleep(1);
	}
	mutex_lock(&held);
	mutex_unlock(&held);
}

static void
waits_for_nothing(void *arg)
{
}

/* ---- the world ---------------------------------------------------------- */

static void
world_ports(void)
{
	requests = idle = set = dest = reply = MACH_PORT_NULL;
	CHECK_OK(ipc_right_allocate(server->space, MACH_PORT_RIGHT_RECEIVE,
	    &requests));
	CHECK_OK(ipc_right_allocate(server->space, MACH_PORT_RIGHT_RECEIVE,
	    &idle));
	CHECK_OK(ipc_right_allocate(server->space, MACH_PORT_RIGHT_PORT_SET,
	    &set));
	CHECK_OK(S_mach_port_move_member(server->space, idle, set));
	reply = FAR_NAME;
	CHECK_OK(ipc_right_allocate(clients->space, MACH_PORT_RIGHT_RECEIVE,
	    &reply));
	CHECK_OK(ipc_right_copyin(clients->space, reply,
	    MACH_MSG_TYPE_MAKE_SEND, &reply_port));
	ipc_port_release_send(reply_port);
	CHECK_OK(ipc_right_copyin(server->space, requests,
	    MACH_MSG_TYPE_MAKE_SEND, &port));
	CHECK_OK(ipc_right_copyout(clients->space, port,
	    MACH_MSG_TYPE_PORT_SEND, &dest));
}

static void
world_make(void)
{
	crowd_begin();
	task_name_set(server, "server");
	task_name_set(clients, "clients");
	world_ports();
	word = 0;
	CHECK_OK(vm_map_allocate(clients->map, &word, vm_page_size, true));
	crowd_add(server, receives, NULL);
	crowd_add(clients, sends, NULL);
	crowd_add(clients, waits_for_word, NULL);
	crowd_go();
	for (unsigned i = 0; i < thread_number; i++) {
		TEST_WAIT_UNTIL(threads[i]->sched.state == THREAD_BLOCKED);
	}
}

static const char *
text(const char *format, ...)
{
	static char line[200];
	va_list args;

	va_start(args, format);
	vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	return line;
}

static void
wants_not(const char *what)
{
	if (strstr(output, what) != NULL) {
		test_fail(__FILE__, __LINE__, "`%s' in\n%s", what, output);
	}
}

/* ---- in order ----------------------------------------------------------- */

TEST(tasks_are_listed_and_shown)
{
	world_make();
	CHECK_OK(task_suspend(clients));
	run("show all tasks", NULL);
	wants("nr  task        name ");
	wants(" 0  ");
	wants(text("%p  clients                2         1      2 ",
	    (void *)clients));
	wants_not("damaged");
	run("show task clients", NULL);
	wants(text("task %p clients: suspended by users 1 times, held 1 times",
	    (void *)clients));
	wants(text("|- its port %p, the kernel's for task clients\n",
	    (void *)clients->ipc.self));
	wants("`- 2 threads: ");
	wants(text("   |- %p  clients.0", (void *)threads[1]));
	wants(text("   `- %p  clients.1", (void *)threads[2]));
	run(show("task", server->map), NULL);
	wants(text("task %p server: ", (void *)server));
	run(show("task", server->space), NULL);
	wants(text("task %p server: ", (void *)server));
	run("show task 0", NULL);
	wants(text("task %p kernel: ", (void *)kernel_task));
	CHECK_OK(task_resume(clients));
	crowd_end();
}

TEST(threads_say_what_they_wait_for)
{
	struct ipc_kmsg *kmsg;

	world_make();
	run("show all threads", NULL);
	wants("thread      task.number     state  prio hold  where, ");
	kmsg = ((const struct ipc_waiter *)threads[1]->wait.event)->kmsg;
	wants(text("clients.0       blocked  25  0  blocked sending message %p, "
	    "id 4711, 24 bytes to port %p of server %x\n", (void *)kmsg,
	    (void *)port, requests));
	wants(text("clients.1       blocked  25  0  waits for its word at %08lx",
	    (unsigned long)word));
	wants("server.0        blocked  25  0  receives at port set ");
	wants(text(", name %x, 1 ports, ", set));
	wants(text(" ms more; then %p\n", (void *)mach_msg_trap_continue));
	wants_not("damaged");
	run("show thread server.0", NULL);
	wants(text("thread %p server.0 of task %p: blocked receives at",
	    (void *)threads[0], (void *)server));
	wants("|- to do before user mode: nothing\n");
	wants(text("|- its port %p, the kernel's for thread server.0\n",
	    (void *)threads[0]->ipc.self));
	CHECK_OK(thread_name_set(threads[0], "main loop"));
	run(show("thread", threads[0]), NULL);
	wants(" server.0 \"main loop\" of task ");
	crowd_end();
}

TEST(locks_and_who_waits_for_them)
{
	world_make();
	test_spawn(waits_for_mutex, NULL);
	mutex_lock(&held);
	TEST_WAIT_UNTIL((held.owner & MUTEX_WAITERS) != 0);
	ipc_port_lock(port);
	run("show locks", NULL);
	wants(text("ipc_port spin lock %p, held by processor 0, of server\n",
	    (void *)port));
	wants(text(" waits for sleep_leaf mutex %p, held by kernel.",
	    (void *)&held));
	wants(", others may wait\n");
	wants(text(" holds sleep_leaf %p\n", (void *)&held));
	wants(text("processor 0 holds ipc_port %p", (void *)port));
	run(show("port", port), NULL);
	wants("|- locked by processor 0\n");
	ipc_port_unlock(port);
	mutex_unlock(&held);
	test_join();
	run("show locks", NULL);
	wants_not("sleep_leaf");
	wants_not("ipc_port");
	crowd_end();
}

TEST(ports_and_their_queues)
{
	world_make();
	run(show("port", port), NULL);
	wants(text("port %p of server %x\n", (void *)port, requests));
	wants("|- rights: 7 send, 0 send-once; made 1; ");
	wants(text("|- clients.0 is blocked sending, thread %p: message ",
	    (void *)threads[1]));
	wants("`- 5 messages of 5, next number 0\n   |- message ");
	wants("   `- message ");
	run(text("show port server %x", idle), NULL);
	wants(" of server ");
	wants(text("|- in port set %p, name %x, 1 ports\n", (void *)
	    port->receiver->chunks[0][set & 0xff].pset, set));
	wants("`- 0 messages of 5");
	run(text("show pset server %x", set), NULL);
	wants(text("|- server.0 waits to receive, thread %p\n",
	    (void *)threads[0]));
	wants(text(" of server %x, 0 messages\n", idle));
	run("show all ports", NULL);
	wants(text("%p %8x     7     0   5/5   w  server\n", (void *)port,
	    requests));
	wants(text(" %8x ", idle));
	run("show all ports busy", NULL);
	wants(text("%p %8x     7     0   5/5   w  server\n", (void *)port,
	    requests));
	wants_not(text(" %8x ", idle));
	run(show("kmsg", port->mqueue.messages.last), NULL);
	wants("id 4711, 24 bytes\n");
	wants(text("|- to, by send right: port %p of server %x\n",
	    (void *)port, requests));
	wants(text("|- reply to, send-once right: port %p of clients %x\n",
	    (void *)reply_port, reply));
	crowd_end();
}

/* ---- messages ----------------------------------------------------------- */

struct body {
	mach_msg_header_t head;
	mach_msg_type_t integers_type;
	uint32_t integers[2];
	mach_msg_type_t chars_type;
	char chars[8];
	mach_msg_type_t port_type;
	mach_port_t right;
	mach_msg_type_long_t far_type;
	mach_port_t *far;
};

static mach_msg_type_t
type_of(unsigned name, unsigned size, unsigned number)
{
	return (mach_msg_type_t){
		.msgt_name = name & 0xff,
		.msgt_size = size & 0xff,
		.msgt_number = number & 0xfff,
		.msgt_inline = true,
	};
}

/* Queue one of a request to read a file, with all kinds of items. */
static void
send_body(void)
{
	struct body m = {
		.head = {
			.msgh_bits = MACH_MSGH_BITS_COMPLEX |
			    MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND, 0),
			.msgh_size = sizeof(m),
			.msgh_remote_port = (mach_port_t)port,
			.msgh_id = 71000,
		},
		.integers_type = type_of(MACH_MSG_TYPE_INTEGER_32, 32, 2),
		.integers = { 0xabc, 5 },
		.chars_type = type_of(MACH_MSG_TYPE_STRING_C, 8, 8),
		.chars = "a name",
		.port_type = type_of(MACH_MSG_TYPE_MAKE_SEND, 32, 1),
		.right = (mach_port_t)reply_port,
		.far_type = {
			.msgtl_header = {
				.msgt_longform = true,
				.msgt_deallocate = true,
			},
			.msgtl_name = MACH_MSG_TYPE_MAKE_SEND_ONCE,
			.msgtl_size = 32,
			.msgtl_number = 1,
		},
		.far = kmem_alloc(sizeof(*m.far)),
	};

	*m.far = (mach_port_t)reply_port;
	CHECK_EQ(mach_msg_send_from_kernel(&m.head, sizeof(m)),
	    MACH_MSG_SUCCESS);
}

static const char *
show_last(void)
{
	return show("message", port->mqueue.messages.last);
}

static struct body *
last_body(void)
{
	return (struct body *)&port->mqueue.messages.last->user;
}

static void
damage_port_item(void)
{
	last_body()->right = 0x55;
}

static void
damage_far_ports(void)
{
	last_body()->far = (mach_port_t *)0x56;
}

static void
damage_number(void)
{
	last_body()->chars_type.msgt_number = 4000;
}

static void
damage_far_number(void)
{
	last_body()->far_type.msgtl_number = 0x10000000;
}

static void
damage_size(void)
{
	port->mqueue.messages.last->header.size = 0x7fffffff;
}

TEST(messages_by_routine_and_item)
{
	world_make();
	send_body();
	run(show("port", port), NULL);
	wants(text("   `- message %p, id 71000 file.file_read, %u bytes, "
	    "complex\n", (void *)port->mqueue.messages.last,
	    (unsigned)sizeof(struct body)));
	run(show_last(), NULL);
	wants("\n|- integer_32[2] abc 5\n|- string[8] \"a name\"\n"
	    "|- send right[1]\n");
	wants(text("|  `- port %p of clients %x\n", (void *)reply_port,
	    reply));
	wants(text("|- send-once right[1] out of line at %p\n"
	    "|  `- port %p of clients %x\n`- number ",
	    (void *)last_body()->far, (void *)reply_port, reply));
	run(show_last(), damage_port_item);
	wants("|  `- damaged: 0x55 is no port\n");
	run(show_last(), damage_far_ports);
	wants("|  `- damaged: no ports at 56\n");
	run(show_last(), damage_number);
	wants("|- integer_32[2] abc 5\n|- no item at byte 36\n");
	run(show_last(), damage_far_number);
	wants("more\n");
	run(show_last(), damage_size);
	wants(" is no message\n");
	crowd_end();
}

static void
is_message(mach_msg_id_t id, const char *name)
{
	char said[KDB_MSGS_TEXT];

	kdb_msgs_text(id, said, sizeof(said));
	if (strcmp(said, name) != 0) {
		test_fail(__FILE__, __LINE__, "%d is `%s', not `%s'", (int)id,
		    said, name);
	}
}

TEST(messages_have_names)
{
	is_message(2007, "mach.task_create");
	is_message(2107, "mach.task_create reply");
	is_message(3204, "mach_port.mach_port_allocate");
	is_message(2200, "memory_object.memory_object_init");
	is_message(2300, "");
	is_message(65, "notify.mach_notify_port_deleted");
	is_message(67, "");
	is_message(2400, "exc.exception_raise");
	is_message(2500, "exc.exception_raise reply");
	is_message(2805, "device.device_read_inband");
	is_message(72000, "unix.unix_call");
	is_message(100, "device interrupt");
	is_message(0, "");
	is_message(-1, "");
	is_message(INT32_MAX, "");
	is_message(INT32_MIN, "");
}

TEST(spaces_and_holders)
{
	world_make();
	run("show space clients", NULL);
	wants("clients: 2 names of at most ");
	wants("    name   refs  rights          port\n");
	wants(text("%8x      1  send          port %p of server %x\n", dest,
	    (void *)port, requests));
	wants(text("%8x      0  receive       port %p of clients %x\n", reply,
	    (void *)reply_port, reply));
	run(text("show space clients %x", reply), NULL);
	wants_not(" of server ");
	run(show("holders", port), NULL);
	wants(text("server: name %x, receive 0 references\n", requests));
	wants(text("clients: name %x, send 1 references\n", dest));
	run(show("holders", reply_port), NULL);
	wants(text("server: for replies to message %p, id 4711, 24 bytes, "
	    "queued at %x\n", (void *)port->mqueue.messages.last, requests));
	crowd_end();
}

TEST(processors_queues_and_zones)
{
	struct kmem_stats stats;

	run("show all processors", NULL);
	wants("nr state ");
	wants(" 0 running ");
	/* They do not run before this thread, which is a better one, waits. */
	test_spawn(waits_for_nothing, NULL);
	run("show runq", NULL);
	wants("processor 0 runs kernel.");
	wants("  waits for a processor\n");
	run("show runq 0", NULL);
	wants("  waits for a processor\n");
	wants_not("damaged");
	test_join();
	run(show("pset", &processor_set_default), NULL);
	wants(", the default one: processors 1\n");
	run("show zones", NULL);
	for (unsigned i = 0; kmem_stats_get(i, &stats); i++) {
		wants(text("  %-18s %6lu %8u %8u ", stats.name,
		    (unsigned long)stats.size, stats.used, stats.total));
	}
	wants(" in large blocks\n");
}

static void
end_wait(void)
{
	threads[1]->sched.state = THREAD_RUN;
	threads[1]->sched.queue = NULL;
	threads[1]->wait.event = NULL;
	threads[1]->continuation = end_wait;
}

TEST(a_thread_between_waiting_and_running)
{
	world_make();
	run("show all threads", end_wait);
	wants("is about to run; then ");
	crowd_end();
}

static void
damage_failed(void)
{
	atomic_fetch_add_relaxed(&list_entry(kmem_debug_caches()->head.next,
	    struct kmem_cache, link)->failed, 4321);
}

TEST(failed_allocations_are_counted)
{
	run("show zones", damage_failed);
	wants("    4321\n");
}

/* ---- damage ------------------------------------------------------------- */

static void
damage_task_ring(void)
{
	server->link.next = &server->link;
}

static void
damage_task_list(void)
{
	server->link.next = (struct list_node *)0x1000;
}

static void
damage_task_end(void)
{
	struct list_node *head = (struct list_node *)(uintptr_t)
	    &task_debug_list()->head;

	head->next = head;
}

static void
damage_threads(void)
{
	threads[1]->task_link.next = NULL;
}

static void
damage_thread_ring(void)
{
	threads[2]->task_link.next = &threads[1]->task_link;
}

static void
damage_space(void)
{
	clients->space = (struct ipc_space *)0x13;
}

static void
damage_chunks(void)
{
	clients->space->chunks = NULL;
}

static void
damage_chunk_count(void)
{
	clients->space->chunk_count = ~0u;
}

static void
damage_names(void)
{
	struct rbtree_node *root = clients->space->tree.root;

	root->child[0] = root;
}

static void
damage_names_right(void)
{
	struct rbtree_node *root = clients->space->tree.root;

	root->child[1] = root;
}

static void
damage_entry(void)
{
	clients->space->chunks[0][dest & 0xff].port =
	    (struct ipc_port *)0x12345;
}

static void
damage_queue(void)
{
	port->mqueue.messages.last->next = port->mqueue.messages.last;
}

static void
damage_queue_count(void)
{
	port->mqueue.messages.last->count = 77;
}

static void
damage_queue_wild(void)
{
	port->mqueue.messages.last = (struct ipc_kmsg *)0x77777777;
}

static void
damage_waiters(void)
{
	port->mqueue.waiters.first->next = (struct ipc_waiter *)0x10;
}

static void
damage_waiters_ring(void)
{
	static struct ipc_waiter other;

	other = *port->mqueue.waiters.first;
	other.next = &other;
	other.prev = port->mqueue.waiters.first;
	port->mqueue.waiters.first->next = &other;
}

static void
damage_receiver(void)
{
	port->receiver = (struct ipc_space *)0x7;
}

static void
damage_extra(void)
{
	port->extra = (struct ipc_port_extra *)port;
}

static void
damage_wait(void)
{
	threads[1]->wait.event = (void *)0xfffffff0;
	threads[2]->wait.event = (void *)0x3;
	threads[0]->waiting.msg.source = (struct ipc_object *)0x33;
	threads[0]->waiting.timer.link.prev = (struct list_node *)0x33;
}

static void
damage_name(void)
{
	threads[0]->name = (const char *)0x33;
	clients->name[0] = '\0';
}

static void
damage_states(void)
{
	threads[0]->sched.state = (enum thread_state)77;
}

static void
damage_caches(void)
{
	struct list_node *head = (struct list_node *)(uintptr_t)
	    &kmem_debug_caches()->head;

	head->next->next = head->next;
}

static void
damage_queues(void)
{
	processor_get(0)->queue.lists[3].head.next = (struct list_node *)0x40;
	processor_get(0)->queue.count = 5;
}

static const struct {
	const char *command;
	void (*damage)(void);
	const char *said;
} damages[] = {
	{ "show all tasks", damage_task_ring, "damaged: the list " },
	{ "show all threads", damage_task_ring, "damaged: the list " },
	{ "show all ports", damage_task_ring, "damaged: the list " },
	{ "show locks", damage_task_list, "damaged: the list " },
	{ "show all tasks", damage_task_end, "damaged: the list " },
	{ "show task nobody", damage_task_list, "no task: nobody" },
	{ "show task nobody", damage_task_list, "damaged: the list " },
	{ "show thread nobody.1", damage_task_end, "damaged: the list " },
	{ "show all threads", damage_threads, "damaged: the list " },
	{ "show all threads", damage_thread_ring, "damaged: the list " },
	{ "show task clients", damage_threads, "damaged: the list " },
	{ "show thread clients.7", damage_threads, "no thread: clients.7" },
	{ "show space clients", damage_space, " has no space\n" },
	{ "show all tasks", damage_space, "clients " },
	{ "show all ports", damage_space, " has no space\n" },
	{ "show locks", damage_space, "locks that are held" },
	{ "show space clients", damage_chunks, "damaged: no entries" },
	{ "show space clients", damage_chunk_count, " has no space\n" },
	{ "show space clients", damage_names, "damaged: the tree" },
	{ "show space clients", damage_names_right, "damaged: the tree" },
	{ "show space clients", damage_entry, "damaged: 0x12345 is no port" },
	{ "show locks", damage_entry, "locks that are held" },
	{ "show all ports busy", damage_queue_wild, "port " },
	{ "show all threads", damage_queue, "of server" },
	{ "show all threads", damage_receiver, "of no task (space 0x7)" },
	{ "show all threads", damage_wait, "waits for event 0xfffffff0" },
	{ "show all threads", damage_wait, "damaged: 0x33 is no port" },
	{ "show thread server.0", damage_name, " server.0 \"?\" of task" },
	{ "show all tasks", damage_name, "  ?  " },
	{ "show zones", damage_caches, "damaged: the list " },
	{ "show locks", damage_caches, "damaged: the list " },
	{ "show runq", damage_queues, "; damaged: 5 should" },
	{ "show runq", damage_queues, "damaged: the list " },
	{ "tasks", damage_task_ring, "damaged: the list " },
	{ "tasks", damage_task_list, "damaged: the list " },
	{ "tasks", damage_name, " ?  " },
	{ "threads", damage_task_ring, "damaged: the list " },
	{ "threads", damage_threads, "damaged: the list " },
	{ "threads", damage_thread_ring, "damaged: the list " },
	{ "threads", damage_name, " ?  " },
	{ "threads", damage_states, " damaged " },
	{ "stacks", damage_thread_ring, "damaged: the list " },
	{ "stacks", damage_task_list, "damaged: the list " },
	{ "task nobody", damage_task_ring, "no task of that name" },
	{ "task nobody", damage_task_list, "no task of that name" },
	{ "show map nobody", damage_task_ring, "no task" },
	{ "show map nobody", damage_task_ring, "damaged: the list " },
	{ "trace 1000", damage_task_ring, "no thread: 00001000" },
	{ "1000$c", damage_thread_ring, "no thread: 00001000" },
};

static const struct {
	void (*damage)(void);
	const char *said;
} port_damages[] = {
	{ damage_queue, "damaged: the messages up to" },
	{ damage_queue_count, "damaged: the messages up to" },
	{ damage_queue_wild, "damaged: the messages up to 0x77777777" },
	{ damage_waiters, "damaged: the waiters of" },
	{ damage_waiters_ring, "damaged: the waiters of" },
	{ damage_receiver, "of no task (space 0x7)" },
	{ damage_extra, "damaged" },
};

TEST(damage_is_reported)
{
	world_make();
	for (unsigned i = 0; i < sizeof(damages) / sizeof(damages[0]); i++) {
		run(damages[i].command, damages[i].damage);
		wants(damages[i].said);
	}
	for (unsigned i = 0; i < sizeof(port_damages) /
	    sizeof(port_damages[0]); i++) {
		run(show("port", port), port_damages[i].damage);
		wants(port_damages[i].said);
	}
	run(show("holders", reply_port), damage_queue);
	wants("damaged: the messages up to");
	crowd_end();
}

static const void *places[] = {
	NULL, (void *)3, (void *)0x1000, (void *)0xfffffffc, (void *)~0ul,
	&places, &processor_set_default, NULL, NULL, NULL, NULL, NULL,
};

/* Each word about each place, and what is behind it. */
static void
ask_for_all(void *arg)
{
	static const char *const words[] = {
		"task", "thread", "space", "port", "pset", "kmsg", "message",
		"holders",
	};

	kdb_out_lines_set(0);
	for (unsigned i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		for (unsigned j = 0; j < sizeof(places) / sizeof(places[0]);
		    j++) {
			(void)kdb_command(show(words[i], places[j]));
			(void)kdb_command(show(words[i], (void *)
			    ((uintptr_t)places[j] + 4)));
		}
	}
	(void)kdb_command("=\"all\"");
}

/* Nothing that is at an address, or not there, ends the debugger. */
TEST(any_address_can_be_asked_for)
{
	world_make();
	places[7] = kernel_task;
	places[8] = server;
	places[9] = port;
	places[10] = threads[0];
	places[11] = port->mqueue.messages.last;
	memset(output, 0, sizeof(output));
	CHECK_EQ(host_run_child(ask_for_all, NULL, output,
	    sizeof(output) - 1), 0);
	wants("\nall");
	run("show port 0", NULL);
	wants("no port\n");
	run("show port ffffffff", NULL);
	wants("a dead port\n");
	run("show port 1000", NULL);
	wants("damaged: 0x1000 is no port\n");
	run("show message 1000", NULL);
	wants("damaged: 0x1000 is no message\n");
	run("show pset 1000", NULL);
	wants("0x1000 is neither a port set nor a processor set\n");
	run("show thread 1000", NULL);
	wants("no thread: 1000\n");
	run("show thread", NULL);
	wants("which thread?\n");
	run("show task", NULL);
	wants("which task?\n");
	run("show task 999", NULL);
	wants("no task: 999\n");
	run("show port server", NULL);
	wants("which name of the task?\n");
	run("show port server 4444", NULL);
	wants("no port has the name 4444 there\n");
	run("show runq 40", NULL);
	wants("no processor: 64\n");
	run("show all", NULL);
	wants("which? ports processors tasks threads\n");
	crowd_end();
}

/* ---- damage of any kind ------------------------------------------------- */

#define ROUNDS		1500u
#define CHANGES		3u		/* words at once, at most */

/* What is damaged, and what wild pointers may lead to. */
static struct {
	uintptr_t	at;
	size_t		size;
} parts[16];
static unsigned part_number;

static void
part(const void *at, size_t size)
{
	parts[part_number].at = (uintptr_t)at;
	parts[part_number].size = size & ~(sizeof(uint32_t) - 1);
	part_number++;
}

static void
part_message(const struct ipc_kmsg *kmsg)
{
	part(kmsg, offsetof(struct ipc_kmsg, header) + kmsg->header.size);
}

static void
parts_find(void)
{
	part_number = 0;
	part(server, sizeof(*server));
	part(clients, sizeof(*clients));
	for (unsigned i = 0; i < thread_number; i++) {
		part(threads[i], offsetof(struct thread, pcb));
	}
	part(server->space, sizeof(*server->space));
	part(clients->space, sizeof(*clients->space));
	part(server->space->chunks[0], 8 * sizeof(struct ipc_entry));
	part(rbtree_entry(clients->space->tree.root, struct ipc_entry_node,
	    node), sizeof(struct ipc_entry_node));
	part(port, sizeof(*port));
	part(reply_port, sizeof(*reply_port));
	part_message(port->mqueue.messages.last);
	part_message(port->mqueue.messages.last->next);
	part(port->mqueue.waiters.first, sizeof(struct ipc_waiter));
}

static uint32_t *
any_word(void)
{
	unsigned i = test_random(part_number);

	return (uint32_t *)(parts[i].at +
	    test_random(parts[i].size / sizeof(uint32_t)) * sizeof(uint32_t));
}

static uint32_t
any_value(uint32_t old)
{
	switch (test_random(6)) {
	case 0:
		return (uint32_t)(uintptr_t)any_word();
	case 1:
		return *any_word();
	case 2:
		return test_random(300);
	case 3:
		return old ^ 1u << test_random(32);
	case 4:
		return old + test_random(9) - 4;
	default:
		return ~test_random(300);
	}
}

static void
obey_any(void)
{
	static const char *const words[] = {
		"show all tasks", "show all threads", "show all ports",
		"show all processors", "show runq", "show locks", "show zones",
		"show task clients", "show task server", "show thread server.0",
		"show thread clients.0", "show space clients",
		"show space server", "show all ports busy", "show trace",
	};
	static const char *const kinds[] = {
		"task", "thread", "space", "port", "pset", "message",
		"holders",
	};
	unsigned i = test_random(30);

	if (i < sizeof(words) / sizeof(words[0])) {
		(void)kdb_command(words[i]);
	} else {
		(void)kdb_command(show(kinds[test_random(7)],
		    (void *)parts[test_random(part_number)].at));
	}
}

/* The debugger only reads: all is as it was when the words are put back. */
static void
damage_all(void *arg)
{
	uint32_t *at[CHANGES];
	uint32_t old[CHANGES];

	kdb_out_lines_set(0);
	cpu_intr_disable();
	preempt_disable();
	for (unsigned round = 0; round < ROUNDS; round++) {
		unsigned n = 1 + test_random(CHANGES);

		for (unsigned i = 0; i < n; i++) {
			at[i] = any_word();
			old[i] = *at[i];
			*at[i] = any_value(old[i]);
		}
		obey_any();
		while (n-- > 0) {
			*at[n] = old[n];
		}
	}
}

TEST(any_damage_leaves_the_debugger)
{
	world_make();
	send_body();
	parts_find();
	CHECK_EQ(host_run_child(damage_all, NULL, output, sizeof(output)), 0);
	if (test_failed()) {
		printf("%s\n", output + (strlen(output) > 2000 ?
		    strlen(output) - 2000 : 0));
	}
	/* It did not come that far by chance alone. */
	wants("damaged: ");
	crowd_end();
}
