/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

#include <kernel/kdb/kdb_thread.h>

#include <stddef.h>
#include <stdint.h>

#include <kernel/ast.h>
#include <kernel/kdb/kdb_command.h>
#include <kernel/kdb/kdb_out.h>
#include <kernel/kdb/kdb_port.h>
#include <kernel/kdb/kdb_symbolic.h>
#include <kernel/kdb/kdb_tree.h>
#include <kernel/kdb/kdb_wait.h>
#include <kernel/kdb/kdb_who.h>
#include <kernel/processor.h>
#include <kernel/task.h>
#include <kernel/thread.h>

#define KDB_THREAD_NAME		12u	/* column behind the address */
#define KDB_THREAD_STATE	28u

static const char *
kdb_thread_state(const struct thread *thread)
{
	static const char *const names[] = {
		[THREAD_NEW] = "new",
		[THREAD_RUN] = "run",
		[THREAD_BLOCKED] = "blocked",
		[THREAD_STOPPED] = "stopped",
		[THREAD_DEAD] = "dead",
	};
	unsigned state = thread->sched.state;

	return state < sizeof(names) / sizeof(names[0]) ? names[state] :
	    "damaged";
}

/* Which processor runs the thread at ADDRESS; false: none does. */
static bool
kdb_thread_runs(const struct thread *address, unsigned *cpup)
{
	for (unsigned cpu = 0; cpu < processor_count(); cpu++) {
		if (percpu_get(cpu)->thread == address) {
			*cpup = cpu;
			return true;
		}
	}
	return false;
}

static void
kdb_thread_print_place(const struct thread *address,
    const struct thread *thread)
{
	bool waits = thread->wait.event != NULL;
	bool said = true;
	unsigned cpu;

	if (kdb_thread_runs(address, &cpu)) {
		kdb_printf("on processor %u", cpu);
	} else if (thread->sched.state == THREAD_RUN) {
		kdb_printf(thread->sched.queue != NULL ?
		    "waits for a processor" : "is about to run");
	} else if (thread->sched.state == THREAD_STOPPED &&
	    thread->sched.at_clean_point) {
		kdb_printf("in user mode");
	} else {
		said = false;
	}
	kdb_printf(said && waits ? "; " : "");
	kdb_wait_print(address, thread);
	if (thread->continuation != NULL) {
		kdb_printf("%sthen ", said || waits ? "; " : "");
		kdb_symbolic_print((uintptr_t)thread->continuation);
	}
}

static bool
kdb_thread_read(const struct thread *address, struct thread *thread)
{
	if (!kdb_list_read(address, thread, sizeof(*thread))) {
		kdb_printf("damaged: no thread at %p\n", (const void *)address);
		return false;
	}
	return true;
}

void
kdb_thread_print(const struct thread *address)
{
	static struct thread thread;

	if (!kdb_thread_read(address, &thread)) {
		return;
	}
	kdb_printf("%p  ", (const void *)address);
	kdb_who_print_thread(address);
	kdb_printf(" ");
	kdb_out_tab(KDB_THREAD_STATE);
	kdb_printf("%-8s %2u %2u  ", kdb_thread_state(&thread),
	    thread.sched.priority, thread.sched.hold_count);
	kdb_thread_print_place(address, &thread);
	kdb_printf("\n");
}

void
kdb_thread_show_all(struct kdb_request *request)
{
	const struct thread *thread;
	const struct task *task;
	struct kdb_list threads;
	struct kdb_list tasks;

	kdb_printf("thread      task.number     state  prio hold  where, what "
	    "it waits for, how it goes on\n");
	kdb_list_begin(&tasks, task_debug_list());
	while ((task = kdb_who_next_task(&tasks)) != NULL) {
		kdb_who_threads(&threads, task);
		while ((thread = kdb_who_next_thread(&threads)) != NULL) {
			kdb_thread_print(thread);
		}
		kdb_list_end(&threads);
	}
	kdb_list_end(&tasks);
}

/* ---- one thread --------------------------------------------------------- */

static void
kdb_thread_draw_asts(struct kdb_tree *tree, uint32_t ast)
{
	kdb_tree_branch(tree, false);
	kdb_printf("to do before user mode:%s%s%s%s%s\n",
	    (ast & AST_HALT) != 0 ? " stop" : "",
	    (ast & AST_TERMINATE) != 0 ? " end" : "",
	    (ast & AST_ABORT) != 0 ? " abort" : "",
	    (ast & AST_TRACE) != 0 ? " log its result" : "",
	    ast == 0 ? " nothing" : "");
}

static void
kdb_thread_draw_sched(struct kdb_tree *tree, const struct thread *thread)
{
	const struct thread_sched *sched = &thread->sched;

	kdb_tree_branch(tree, false);
	kdb_printf("priority %u, base %u, best %u%s; policy %u\n",
	    sched->priority, sched->base_priority, sched->max_priority,
	    sched->depressed ? ", depressed" : "", sched->policy);
	kdb_tree_branch(tree, false);
	kdb_printf("held %u times, suspended by users %u times%s%s\n",
	    sched->hold_count, thread->user_stop_count,
	    sched->at_clean_point ? ", stopped in user mode" : "",
	    sched->starved ? ", its set has no processor" : "");
	kdb_tree_branch(tree, false);
	kdb_printf("ticks: user %lu, system %lu; processors %x\n",
	    (unsigned long)sched->ticks_user,
	    (unsigned long)sched->ticks_system, sched->cpu_mask);
}

static void
kdb_thread_draw_ports(struct kdb_tree *tree, const struct thread *thread)
{
	kdb_tree_branch(tree, false);
	kdb_printf("its ");
	kdb_port_print(thread->ipc.self);
	kdb_printf("\n");
	if (thread->ipc.exception != NULL) {
		kdb_tree_branch(tree, false);
		kdb_printf("exceptions go to ");
		kdb_port_print(thread->ipc.exception);
		kdb_printf("\n");
	}
	kdb_tree_branch(tree, true);
	kdb_printf("references %u, stack %lx%s%s%s\n",
	    refcount_read(&thread->refcount), (unsigned long)thread->stack,
	    thread->active ? "" : ", terminated",
	    thread->kernel_only ? ", the kernel's own" : "",
	    thread->vm_privilege ? ", may use the last memory" : "");
}

void
kdb_thread_show(struct kdb_request *request)
{
	const struct thread *address = kdb_who_thread(request);
	static struct thread thread;
	struct kdb_tree tree = { .depth = 0 };
	char name[THREAD_NAME_SIZE];

	if (!kdb_thread_read(address, &thread)) {
		return;
	}
	kdb_printf("thread, its name, state, where it is and what it waits "
	    "for\nthread %p ", (const void *)address);
	kdb_who_print_thread(address);
	if (thread.name != NULL) {
		kdb_who_string(thread.name, name, sizeof(name));
		kdb_printf(" \"%s\"", name);
	}
	kdb_printf(" of task %p: %s ", (void *)thread.task,
	    kdb_thread_state(&thread));
	kdb_thread_print_place(address, &thread);
	kdb_printf("\n");
	kdb_thread_draw_asts(&tree, thread.ast);
	kdb_thread_draw_sched(&tree, &thread);
	kdb_thread_draw_ports(&tree, &thread);
}
