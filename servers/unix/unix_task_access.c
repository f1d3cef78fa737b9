/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * Memory of tasks: who reads and writes it does not hold the lock, and can be
 * told to give up.
 */
#include <servers/unix/unix_task.h>

#include <mach/vm_prot.h>
#include <servers/lib/boot.h>
#include <servers/lib/server.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <mig/mach_host_user.h>
#include <mig/mach_port_user.h>
#include <mig/mach_user.h>

/*
 * vm_read and vm_write move whole pages.  A page may be one that its pager does
 * not give, such as that of a file that was truncated.  Writing less than a page
 * reads it first, so nobody else may write to it meanwhile: whoever writes to a
 * task has stopped the thread whose page it is.
 */
static kern_return_t
task_read_pages(mach_port_t task, uint32_t start, uint32_t size,
    vm_prot_t access, vm_offset_t *pages)
{
	mach_msg_type_number_t count;
	mach_port_t host;
	mach_port_t master;
	kern_return_t kr;

	kr = vm_read(task, start, size, pages, &count);
	if (kr != KERN_SUCCESS) {
		return kr;
	}
	kr = count < size ? KERN_INVALID_ADDRESS :
	    boot_privileged_ports(&host, &master);
	if (kr == KERN_SUCCESS) {
		/* What cannot be had is an error, and no fault of ours. */
		kr = vm_wire(host, mach_task_self(), *pages, size, access);
	}
	if (kr != KERN_SUCCESS) {
		vm_deallocate(mach_task_self(), *pages, count);
	}
	return kr;
}

kern_return_t
task_write(mach_port_t task, uint32_t address, const void *from, uint32_t n)
{
	uint32_t start = address & ~task_page_mask;
	uint32_t size = ((address + n + task_page_mask) & ~task_page_mask) -
	    start;
	vm_offset_t pages;
	kern_return_t kr;

	if (start == address && size == n &&
	    ((uintptr_t)from & task_page_mask) == 0) {
		return vm_write(task, start, (vm_offset_t)from, size);
	}
	kr = task_read_pages(task, start, size, VM_PROT_READ | VM_PROT_WRITE,
	    &pages);
	if (kr != KERN_SUCCESS) {
		return kr;
	}
	memcpy((char *)pages + (address - start), from, n);
	kr = vm_write(task, start, pages, size);
	vm_deallocate(mach_task_self(), pages, size);
	return kr;
}

kern_return_t
task_read(mach_port_t task, uint32_t address, void *to, uint32_t n)
{
	uint32_t start = address & ~task_page_mask;
	uint32_t size = ((address + n + task_page_mask) & ~task_page_mask) -
	    start;
	vm_offset_t pages;
	kern_return_t kr;

	kr = task_read_pages(task, start, size, VM_PROT_READ, &pages);
	if (kr != KERN_SUCCESS) {
		return kr;
	}
	memcpy(to, (char *)pages + (address - start), n);
	vm_deallocate(mach_task_self(), pages, size);
	return KERN_SUCCESS;
}

/* Who touches memory of tasks; under the lock. */
static struct list task_accesses = LIST_INIT(task_accesses);

/* There is a thread that ends waiting again and again: task_watch. */
static bool task_watched;

static bool task_watch_start(void);

bool
task_access_begin(struct task_access *access, struct process *by,
    mach_port_t task)
{
	if (mach_port_mod_refs(mach_task_self(), task, MACH_PORT_RIGHT_SEND,
	    1) != KERN_SUCCESS) {
		return false;
	}
	access->by = by;
	access->task = task;
	access->thread = mach_thread_self();
	access->aborted = false;
	list_add(&task_accesses, &access->link);
	unix_unlock();
	return true;
}

void
task_access_end(struct task_access *access)
{
	unix_lock();
	list_remove(&access->link);
	mach_port_deallocate(mach_task_self(), access->thread);
	mach_port_deallocate(mach_task_self(), access->task);
}

/*
 * Nothing comes of an abort if the thread does not wait yet, so it is done once
 * more from time to time.
 */
void
task_access_abort(const struct process *p)
{
	struct task_access *access;

	list_for_each(&task_accesses, access, link) {
		if (access->by == p) {
			access->aborted = true;
			thread_abort(access->thread);
			(void)task_watch_start();
		}
	}
}

/* Is there one that was aborted and has not ended?  Again. */
static bool
task_access_abort_again(void)
{
	struct task_access *access;
	bool any = false;

	list_for_each(&task_accesses, access, link) {
		if (access->aborted) {
			thread_abort(access->thread);
			any = true;
		}
	}
	return any;
}

kern_return_t
task_read_for(struct process *by, mach_port_t task, uint32_t address, void *to,
    uint32_t n)
{
	struct task_access access;
	kern_return_t kr = KERN_INVALID_ARGUMENT;

	if (sleep_begin(by) != 0) {
		return KERN_RESOURCE_SHORTAGE;
	}
	if (task_access_begin(&access, by, task)) {
		kr = task_read(task, address, to, n);
		task_access_end(&access);
	}
	sleep_end(by);
	return kr;
}

kern_return_t
task_write_for(struct process *by, mach_port_t task, uint32_t address,
    const void *from, uint32_t n)
{
	struct task_access access;
	kern_return_t kr = KERN_INVALID_ARGUMENT;

	if (task_access_begin(&access, by, task)) {
		kr = task_write(task, address, from, n);
		task_access_end(&access);
	}
	return kr;
}

kern_return_t
task_receive_for(struct process *by, vm_offset_t memory, uint32_t size)
{
	vm_offset_t start = memory & ~(vm_offset_t)task_page_mask;
	vm_offset_t end = (memory + size + task_page_mask) & ~task_page_mask;
	struct task_access access;
	mach_port_t host;
	mach_port_t master;
	kern_return_t kr = KERN_INVALID_ARGUMENT;

	if (sleep_begin(by) != 0) {
		return KERN_RESOURCE_SHORTAGE;
	}
	if (task_access_begin(&access, by, by->task)) {
		kr = boot_privileged_ports(&host, &master);
		if (kr == KERN_SUCCESS) {
			kr = vm_wire(host, mach_task_self(), start, end - start,
			    VM_PROT_READ);
		}
		task_access_end(&access);
	}
	sleep_end(by);
	return kr;
}

/*
 * Processes that have nothing left but their memory, which somebody looks at: a
 * few at a time, and not for long.
 */
#define TASK_MOURNINGS		8u
#define TASK_MOURNING_STACK	(64u * 1024)
#define TASK_WATCH_SECONDS	1u

struct task_mourning {
	struct list	link;
	struct process	*process;	/* referenced */
	mach_port_t	task;
	mach_port_t	thread;		/* null until it runs */
	bool		late;		/* one look ago it was there */
	void		(*function)(mach_port_t task, void *argument);
	void		*argument;
};

static struct list task_mournings = LIST_INIT(task_mournings);
static unsigned task_mourning_count;

/* Who waits for a page shall not for more than a second or two. */
static void
task_mourning_hurry(void)
{
	struct task_mourning *m;

	list_for_each(&task_mournings, m, link) {
		if (m->late && m->thread != MACH_PORT_NULL) {
			thread_abort(m->thread);
		}
		m->late = true;
	}
}

/* While there is somebody whose waiting is to end. */
static void
task_watch(void *argument)
{
	bool needed = true;

	(void)argument;
	while (needed) {
		sleep(TASK_WATCH_SECONDS);
		unix_lock();
		task_mourning_hurry();
		task_watched = task_access_abort_again() ||
		    task_mourning_count != 0;
		needed = task_watched;
		unix_unlock();
	}
}

static bool
task_watch_start(void)
{
	if (!task_watched) {
		task_watched = server_start_thread(task_watch, NULL,
		    TASK_MOURNING_STACK) == KERN_SUCCESS;
	}
	return task_watched;
}

static void
task_mourning_main(void *argument)
{
	struct task_mourning *m = argument;

	server_use_reserve();
	unix_lock();
	m->thread = mach_thread_self();
	unix_unlock();
	m->function(m->task, m->argument);
	task_terminate(m->task);
	unix_lock();
	list_remove(&m->link);
	task_mourning_count--;
	process_gone(m->process);
	process_unref(m->process);
	unix_unlock();
	mach_port_deallocate(mach_task_self(), m->task);
	mach_port_deallocate(mach_task_self(), m->thread);
	free(m->argument);
	free(m);
}

/* A thread for M and, if there is none, one that watches. */
static bool
task_mourning_start(struct task_mourning *m)
{
	return task_watch_start() && server_start_thread(
	    task_mourning_main, m, TASK_MOURNING_STACK) == KERN_SUCCESS;
}

bool
task_mourn(struct process *p, void (*function)(mach_port_t task,
    void *argument), void *argument)
{
	struct task_mourning *m;

	if (task_mourning_count == TASK_MOURNINGS) {
		return false;
	}
	m = calloc(1, sizeof(*m));
	if (m == NULL || mach_port_mod_refs(mach_task_self(), p->task,
	    MACH_PORT_RIGHT_SEND, 1) != KERN_SUCCESS) {
		free(m);
		return false;
	}
	m->process = p;
	m->task = p->task;
	m->function = function;
	m->argument = argument;
	if (!task_mourning_start(m)) {
		mach_port_deallocate(mach_task_self(), m->task);
		free(m);
		return false;
	}
	list_add(&task_mournings, &m->link);
	task_mourning_count++;
	process_ref(p);
	p->mourned = true;
	return true;
}
