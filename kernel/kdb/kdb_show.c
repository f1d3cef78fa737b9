/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

#include <kernel/kdb/kdb_show.h>

#include <stddef.h>

#include <kernel/kdb/kdb_kmsg.h>
#include <kernel/kdb/kdb_lock.h>
#include <kernel/kdb/kdb_port.h>
#include <kernel/kdb/kdb_processor.h>
#include <kernel/kdb/kdb_space.h>
#include <kernel/kdb/kdb_task.h>
#include <kernel/kdb/kdb_thread.h>
#include <kernel/kdb/kdb_zone.h>

#define KDB_SHOW_TASK							\
	"TASK is a name, an address (also of its map or space), or a number\n" \
	"of `show all tasks'.  "

static const struct kdb_word kdb_show_words[] = {
	{ "show all ports", kdb_space_show_ports, "[busy]",
	    "all ports that tasks receive from, or those with messages\n"
	    "Example: show all ports busy" },
	{ "show all processors", kdb_processor_show_all, "",
	    "the processors, and what they run" },
	{ "show all tasks", kdb_task_show_all, "",
	    "all tasks: threads, suspensions, names of ports, memory" },
	{ "show all threads", kdb_thread_show_all, "",
	    "all threads: state, priority, holds, processor, what they wait\n"
	    "for and until when, and where in the kernel they go on then" },
	{ "show holders", kdb_space_show_holders, "PORT",
	    "who has rights of a port: tasks, with their names for it, and\n"
	    "queued messages that want their replies there\n"
	    "Example: show holders c1234560" },
	{ "show kmsg", kdb_kmsg_show, "ADDRESS", "the same as show message" },
	{ "show locks", kdb_lock_show, "",
	    "locks that are held, and by whom; who waits for them" },
	{ "show message", kdb_kmsg_show, "ADDRESS",
	    "a queued message: interface and routine, where it goes, who is\n"
	    "to be answered, and each item with its type and values\n"
	    "Example: show message c1234560" },
	{ "show port", kdb_port_show, "PORT | TASK NAME",
	    "a port: its receiver, rights, messages, waiting threads\n"
	    KDB_SHOW_TASK "NAME is the task's own for the port.\n"
	    "Example: show port file 2" },
	{ "show pset", kdb_port_show_set, "SET | TASK NAME",
	    "a port set and its ports; or a processor set\n"
	    "Example: show pset file 5" },
	{ "show runq", kdb_processor_show_queues, "[PROCESSOR]",
	    "threads that wait for a processor" },
	{ "show space", kdb_space_show, "TASK [FROM]",
	    "the rights of a task, by their names, from the name FROM on\n"
	    KDB_SHOW_TASK "\nExample: show space file" },
	{ "show task", kdb_task_show, "TASK",
	    "a task: suspensions, ports, threads\n"
	    KDB_SHOW_TASK "\nExample: show task file" },
	{ "show thread", kdb_thread_show, "THREAD",
	    "a thread: state, what it waits for, its port\n"
	    "THREAD is an address, or TASK.N with its number in the task.\n"
	    "Example: show thread file.0" },
	{ "show zones", kdb_zone_show, "",
	    "the kernel's caches: size and number of their objects, memory,\n"
	    "allocations that failed" },
	{ .name = NULL },
};

struct kdb_table kdb_show_table = { .words = kdb_show_words };
