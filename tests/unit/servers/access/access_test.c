/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * unix_task_access.c: waiting for memory that is told to end, and what is read
 * before it is written.  Here is what it asks of Mach: thread_abort counts, and
 * memory can be written but not read.
 */
#include <servers/unix/unix_task.h>

#include <pthread.h>
#include <servers/lib/boot.h>
#include <servers/lib/server.h>
#include <tests/lib/server_test.h>
#include <unistd.h>

#include <mig/mach_host_user.h>
#include <mig/mach_port_user.h>
#include <mig/mach_user.h>

#define PATIENCE	6000		/* hundredths of a second */

static int aborts;
static unsigned written;		/* bytes of tasks' memory */
static int threads;			/* that were started and have not ended */

mach_port_t mach_task_self_;
uint32_t task_page_mask = 4095;
struct list process_table = { &process_table, &process_table };

mach_port_t
mach_thread_self(void)
{
	return 1;
}

kern_return_t
thread_abort(mach_port_t thread)
{
	__atomic_add_fetch(&aborts, 1, __ATOMIC_SEQ_CST);
	return KERN_SUCCESS;
}

kern_return_t
mach_port_mod_refs(mach_port_t task, mach_port_t name,
    mach_port_right_t right, mach_port_delta_t delta)
{
	return KERN_SUCCESS;
}

kern_return_t
mach_port_deallocate(mach_port_t task, mach_port_t name)
{
	return KERN_SUCCESS;
}

kern_return_t
task_terminate(mach_port_t task)
{
	return KERN_SUCCESS;
}

kern_return_t
vm_read(mach_port_t task, vm_address_t address, vm_size_t size,
    vm_offset_t *data, mach_msg_type_number_t *count)
{
	return KERN_INVALID_ADDRESS;
}

kern_return_t
vm_write(mach_port_t task, vm_address_t address, vm_offset_t data,
    mach_msg_type_number_t count)
{
	written += count;
	return KERN_SUCCESS;
}

kern_return_t
vm_wire(mach_port_t host, mach_port_t task, vm_address_t address,
    vm_size_t size, vm_prot_t access)
{
	return KERN_INVALID_ADDRESS;
}

kern_return_t
vm_deallocate(mach_port_t task, vm_address_t address, vm_size_t size)
{
	return KERN_SUCCESS;
}

kern_return_t
boot_privileged_ports(mach_port_t *host, mach_port_t *device)
{
	return KERN_FAILURE;
}

void
server_use_reserve(void)
{
}

bool
server_wait_begin(void)
{
	return true;
}

void
server_wait_end(void)
{
}

bool
signal_deliverable(const struct uthread *t)
{
	return false;
}

void
process_ref(struct process *p)
{
}

void
process_unref(struct process *p)
{
}

void
process_gone(struct process *p)
{
}

struct start {
	void	(*function)(void *argument);
	void	*argument;
};

static void *
start_main(void *argument)
{
	struct start *start = argument;

	start->function(start->argument);
	__atomic_sub_fetch(&threads, 1, __ATOMIC_SEQ_CST);
	return NULL;
}

kern_return_t
server_start_thread(void (*function)(void *), void *argument, size_t stack)
{
	static struct start start;
	pthread_t thread;

	start = (struct start){ function, argument };
	__atomic_add_fetch(&threads, 1, __ATOMIC_SEQ_CST);
	CHECK(pthread_create(&thread, NULL, start_main, &start) == 0);
	pthread_detach(thread);
	return KERN_SUCCESS;
}

static bool
becomes(const int *counter, int least, int most)
{
	int n = 0;

	for (int i = 0; i < PATIENCE; i++) {
		n = __atomic_load_n(counter, __ATOMIC_SEQ_CST);
		if (n >= least && n <= most) {
			return true;
		}
		usleep(10000);
	}
	return false;
}

/* The first abort comes too early, for somebody who does not wait yet. */
TEST(abort_is_repeated_until_the_end)
{
	struct process by = { .pid = 2 };
	struct process other = { .pid = 3 };
	struct task_access access;
	int seen;

	unix_lock();
	CHECK(task_access_begin(&access, &by, 7));
	unix_lock();
	task_access_abort(&other);
	CHECK_EQ(aborts, 0);
	CHECK_EQ(threads, 0);
	task_access_abort(&by);
	CHECK_EQ(aborts, 1);
	unix_unlock();
	CHECK(becomes(&aborts, 3, 1000));
	task_access_end(&access);
	unix_unlock();
	/* Then nobody is aborted any more. */
	CHECK(becomes(&threads, 0, 0));
	seen = aborts;
	unix_lock();
	CHECK(task_access_begin(&access, &by, 7));
	unix_lock();
	task_access_abort(&other);
	CHECK_EQ(aborts, seen);
	unix_unlock();
	task_access_end(&access);
	unix_unlock();
	CHECK_EQ(threads, 0);
}

/* Memory that cannot be read can be written, if whole pages are. */
TEST(whole_pages_are_not_read)
{
	static char pages[3 * 4096];
	const char *page = (const char *)(((uintptr_t)pages + 4095) &
	    ~(uintptr_t)4095);

	CHECK_EQ(task_write(7, 0x5000, page, 8192), KERN_SUCCESS);
	CHECK_EQ(written, 8192);
	CHECK(task_write(7, 0x5000, page, 4000) != KERN_SUCCESS);
	CHECK(task_write(7, 0x5010, page, 4096) != KERN_SUCCESS);
	CHECK(task_write(7, 0x5000, page + 4, 4096) != KERN_SUCCESS);
	CHECK_EQ(written, 8192);
}
