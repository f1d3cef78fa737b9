/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

#include <kernel/kdb/kdb_space.h>

#include <stddef.h>

#include <kernel/kdb/kdb_argument.h>
#include <kernel/kdb/kdb_command.h>
#include <kernel/kdb/kdb_error.h>
#include <kernel/kdb/kdb_in.h>
#include <kernel/kdb/kdb_kmsg.h>
#include <kernel/kdb/kdb_out.h>
#include <kernel/kdb/kdb_port.h>
#include <kernel/kdb/kdb_who.h>
#include <kernel/task.h>

#include <ipc/ipc_port.h>

#define KDB_SPACE_CHUNKS	(1u << (24 - IPC_SPACE_CHUNK_SHIFT))
#define KDB_SPACE_FIELD		31u	/* columns before the port */

static struct ipc_entry kdb_space_chunk[IPC_SPACE_CHUNK_ENTRIES];

/* ---- all names ---------------------------------------------------------- */

bool
kdb_space_begin(struct kdb_space_walk *walk, const struct ipc_space *address)
{
	walk->index = 0;
	walk->tree = false;
	walk->nodes.depth = 0;
	walk->after = 0;
	return address != NULL &&
	    kdb_list_read(address, &walk->space, sizeof(walk->space)) &&
	    walk->space.lock.rank == LOCK_RANK_IPC_SPACE &&
	    walk->space.chunk_count <= KDB_SPACE_CHUNKS;
}

/* The entries from walk->index on are read; false: they are not there. */
static bool
kdb_space_read_chunk(const struct kdb_space_walk *walk)
{
	uintptr_t slot = (uintptr_t)walk->space.chunks +
	    (walk->index >> IPC_SPACE_CHUNK_SHIFT) * sizeof(void *);
	const struct ipc_entry *chunk;

	kdb_in_poll();
	if (kdb_list_read((const void *)slot, &chunk, sizeof(chunk)) &&
	    kdb_list_read(chunk, kdb_space_chunk, sizeof(kdb_space_chunk))) {
		return true;
	}
	kdb_printf("damaged: no entries for names from %x on\n", walk->index);
	return false;
}

static bool
kdb_space_next_of_table(struct kdb_space_walk *walk)
{
	uint32_t end = walk->space.chunk_count << IPC_SPACE_CHUNK_SHIFT;

	while (walk->index < end) {
		uint32_t at = walk->index & (IPC_SPACE_CHUNK_ENTRIES - 1);

		if (at == 0 && !kdb_space_read_chunk(walk)) {
			walk->index += IPC_SPACE_CHUNK_ENTRIES;
			continue;
		}
		walk->entry = kdb_space_chunk[at];
		walk->name = ipc_name_make(walk->index++, &walk->entry);
		if (ipc_entry_type(&walk->entry) != 0) {
			return true;
		}
	}
	return false;
}

static bool
kdb_space_tree_damaged(void)
{
	kdb_printf("damaged: the tree of names\n");
	return false;
}

static bool
kdb_space_next_of_tree(struct kdb_space_walk *walk)
{
	static struct ipc_entry_node node;
	const struct ipc_entry_node *address;

	if (walk->nodes.depth == 0) {
		return false;
	}
	address = rbtree_entry(walk->nodes.path[--walk->nodes.depth],
	    struct ipc_entry_node, node);
	if (!kdb_list_read(address, &node, sizeof(node)) ||
	    node.name < walk->after) {
		return kdb_space_tree_damaged();
	}
	/* So it ends. */
	walk->after = (uint64_t)node.name + 1;
	walk->name = node.name;
	walk->entry = node.entry;
	if (!kdb_list_tree_left(&walk->nodes, node.node.child[RBTREE_RIGHT])) {
		walk->nodes.depth = 0;
		(void)kdb_space_tree_damaged();
	}
	return true;
}

bool
kdb_space_next(struct kdb_space_walk *walk)
{
	if (!walk->tree && kdb_space_next_of_table(walk)) {
		return true;
	}
	if (!walk->tree) {
		walk->tree = true;
		if (!kdb_list_tree_left(&walk->nodes, walk->space.tree.root)) {
			return kdb_space_tree_damaged();
		}
	}
	return kdb_space_next_of_tree(walk);
}

/* ---- the space of a task ------------------------------------------------ */

/* Begin to walk through the space of TASK; false, having said so: there is none. */
static bool
kdb_space_begin_task(struct kdb_space_walk *walk, const struct task *task)
{
	const struct ipc_space *space;

	if (kdb_list_read(&task->space, &space, sizeof(space)) &&
	    kdb_space_begin(walk, space)) {
		return true;
	}
	kdb_printf("damaged: task %p has no space\n", (const void *)task);
	return false;
}

const struct ipc_object *
kdb_space_object(const struct task *task, mach_port_name_t name)
{
	static struct kdb_space_walk walk;

	if (kdb_space_begin_task(&walk, task)) {
		while (kdb_space_next(&walk)) {
			if (walk.name == name && walk.entry.object != NULL) {
				return walk.entry.object;
			}
		}
	}
	kdb_error("no port has the name %x there", name);
}

static void
kdb_space_print_rights(const struct ipc_entry *entry)
{
	static const struct {
		mach_port_type_t type;
		const char *name;
	} types[] = {
		{ MACH_PORT_TYPE_RECEIVE, "receive " },
		{ MACH_PORT_TYPE_SEND, "send " },
		{ MACH_PORT_TYPE_SEND_ONCE, "once " },
		{ MACH_PORT_TYPE_PORT_SET, "set " },
		{ MACH_PORT_TYPE_DEAD_NAME, "dead " },
	};

	for (unsigned i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		if ((ipc_entry_type(entry) & types[i].type) != 0) {
			kdb_printf("%s", types[i].name);
		}
	}
}

static void
kdb_space_print_entry(const struct kdb_space_walk *walk)
{
	kdb_printf("%8x  %5u  ", walk->name, ipc_entry_urefs(&walk->entry));
	kdb_space_print_rights(&walk->entry);
	kdb_out_tab(KDB_SPACE_FIELD);
	if (walk->entry.object != NULL) {
		kdb_port_print_object(walk->entry.object);
	}
	kdb_printf("%s\n", ipc_entry_has_request(&walk->entry) ?
	    ", dead-name notification" : "");
}

void
kdb_space_show(struct kdb_request *request)
{
	static struct kdb_space_walk walk;
	const struct task *task = kdb_who_task(request);
	uintptr_t from = request->rest[0] == '\0' ? 0 : kdb_argument(request);
	uintptr_t owner;

	if (!kdb_space_begin_task(&walk, task)) {
		return;
	}
	owner = walk.space.lock.owner & ~MUTEX_WAITERS;
	kdb_who_print_task(task);
	kdb_printf(": %u names of at most %u", walk.space.used,
	    walk.space.limit);
	if (owner != 0) {
		kdb_printf(", locked by ");
		kdb_who_print_thread((const struct thread *)owner);
	}
	kdb_printf("%s\n    name   refs  rights          port\n",
	    walk.space.active ? "" : ", dead");
	while (kdb_space_next(&walk)) {
		if (walk.name >= from) {
			kdb_space_print_entry(&walk);
		}
	}
}

/* ---- who has a port ----------------------------------------------------- */

/* Is PORT in the header of a message in the queue of AT, which TASK receives? */
static void
kdb_space_search_queue(const struct task *task, const struct ipc_port *at,
    const struct ipc_port *wanted)
{
	const struct ipc_kmsg *address;
	struct kdb_kmsg_walk messages;
	struct ipc_kmsg kmsg;
	struct ipc_port port;

	if (!kdb_port_read(at, &port)) {
		return;
	}
	kdb_kmsg_begin(&messages, &port.mqueue.messages);
	while ((address = kdb_kmsg_next(&messages)) != NULL) {
		if (kdb_kmsg_read(address, &kmsg) && !kmsg.ready &&
		    kmsg.header.local == wanted) {
			kdb_who_print_task(task);
			kdb_printf(": for replies to ");
			kdb_kmsg_print(address);
			kdb_printf(", queued at %x\n", port.name);
		}
	}
}

static void
kdb_space_search(const struct task *task, const struct ipc_port *wanted)
{
	static struct kdb_space_walk walk;

	if (!kdb_space_begin_task(&walk, task)) {
		return;
	}
	while (kdb_space_next(&walk)) {
		if (walk.entry.port == wanted) {
			kdb_who_print_task(task);
			kdb_printf(": name %x, ", walk.name);
			kdb_space_print_rights(&walk.entry);
			kdb_printf("%u references\n",
			    ipc_entry_urefs(&walk.entry));
		}
		if ((ipc_entry_type(&walk.entry) & MACH_PORT_TYPE_RECEIVE) !=
		    0) {
			kdb_space_search_queue(task, walk.entry.port, wanted);
		}
	}
}

void
kdb_space_show_holders(struct kdb_request *request)
{
	const struct ipc_port *wanted =
	    (const struct ipc_port *)kdb_argument(request);
	const struct task *task;
	struct kdb_list tasks;

	struct ipc_port port;

	kdb_printf("tasks, their names for the port and rights; messages that "
	    "wait with it\n");
	kdb_port_print(wanted);
	kdb_printf("\n");
	if (!kdb_port_read(wanted, &port)) {
		return;
	}
	kdb_list_begin(&tasks, task_debug_list());
	while ((task = kdb_who_next_task(&tasks)) != NULL) {
		kdb_space_search(task, wanted);
	}
	kdb_list_end(&tasks);
}

/* ---- all ports ---------------------------------------------------------- */

/* The line of the port that TASK receives from as walk->name. */
static void
kdb_space_print_port(const struct task *task,
    const struct kdb_space_walk *walk, bool busy)
{
	const struct ipc_port *address = walk->entry.port;
	struct ipc_port port;
	unsigned messages;

	if (!kdb_port_read(address, &port)) {
		kdb_who_print_task(task);
		kdb_printf(" %x: damaged: %p is no port\n", walk->name,
		    (const void *)address);
		return;
	}
	messages = kdb_kmsg_count(&port.mqueue.messages);
	if (busy && messages == 0) {
		return;
	}
	kdb_printf("%p %8x %5u %5u %3u/%-3u %c  ", (const void *)address,
	    walk->name, port.srights, port.sorights, messages, port.limit,
	    port.mqueue.waiters.first != NULL ? 'w' :
	    port.extra != NULL ? '+' : ' ');
	kdb_who_print_task(task);
	kdb_printf("\n");
}

void
kdb_space_show_ports(struct kdb_request *request)
{
	static struct kdb_space_walk walk;
	const struct task *task;
	struct kdb_list tasks;
	bool busy = request->rest[0] == 'b';

	kdb_printf("port           name  send  once  messages receiver   "
	    "(w: threads wait, +: set or notifications)\n");
	kdb_list_begin(&tasks, task_debug_list());
	while ((task = kdb_who_next_task(&tasks)) != NULL) {
		if (!kdb_space_begin_task(&walk, task)) {
			continue;
		}
		while (kdb_space_next(&walk)) {
			if ((ipc_entry_type(&walk.entry) &
			    MACH_PORT_TYPE_RECEIVE) != 0) {
				kdb_space_print_port(task, &walk, busy);
			}
		}
	}
	kdb_list_end(&tasks);
}
