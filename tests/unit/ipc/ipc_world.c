/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * See ipc_world.h.  The host's C library is declared here as far as it is
 * needed: its headers and the kernel's do not mix.
 */

#include "ipc_world.h"

#include <tests/unit/ipc/ipc_msg.h>
#include <mach/notify.h>
#include <machine/copyio.h>
#include <machine/cpu.h>
#include <machine/pcb.h>

#include <kernel/clock.h>
#include <kernel/exception.h>
#include <kernel/host.h>
#include <kernel/kmem.h>
#include <kernel/mutex.h>
#include <kernel/panic.h>
#include <kernel/percpu.h>
#include <kernel/sched.h>
#include <kernel/sleepq.h>
#include <kernel/stack.h>
#include <kernel/task.h>
#include <kernel/thread.h>
#include <string.h>

#include <ipc/ipc_port.h>
#include <ipc/ipc_right.h>
#include <ipc/ipc_space.h>
#include <ipc/ipc_special.h>
#include <ipc/mach_msg_trap.h>

#include <vm/vm_copy.h>
#include <vm/vm_map.h>
#include <vm/vm_page.h>

void *malloc(size_t size);
void free(void *p);
void abort(void) __attribute__((noreturn));
int vprintf(const char *format, __builtin_va_list args);
int printf(const char *format, ...);
int fflush(void *stream);

/* Processor. */

struct percpu percpu_array[CPU_MAX];
struct percpu *pretend_percpu = &percpu_array[0];
unsigned pretend_cpu;

bool pretend_intr_enabled(void);
void pretend_intr_set(bool enabled);
void pretend_pause(void);
void pretend_idle(void);
void pretend_step(void);

bool
pretend_intr_enabled(void)
{
	return true;
}
void
pretend_intr_set(bool enabled)
{
}
void
pretend_pause(void)
{
	abort();
}
void
pretend_idle(void)
{
	abort();
}
void
pretend_step(void)
{
}
uint64_t
pretend_cycles(void)
{
	return 0;
}
void
sched_preempt(void)
{
}

static const char *world_current = "set-up";

void
panic(const char *format, ...)
{
	__builtin_va_list args;

	__builtin_va_start(args, format);
	printf("FAIL %s: ", world_current);
	vprintf(format, args);
	printf("\n");
	fflush(NULL);
	abort();
}

void
panic_assert(const char *expression, const char *file, int line)
{
	panic("%s:%d: %s", file, line, expression);
}

bool
panic_active(void)
{
	return false;
}

_Noreturn void
world_fail(const char *what, const char *file, int line)
{
	panic("%s:%d: %s", file, line, what);
}

void
world_check_eq(
    uint32_t got, uint32_t want, const char *what, const char *file, int line)
{
	if (got != want) {
		panic("%s:%d: %s: got %#x, want %#x", file, line, what, got,
		    want);
	}
}

static uint32_t world_seed = 12345;

uint32_t
world_random(uint32_t limit)
{
	world_seed ^= world_seed << 13;
	world_seed ^= world_seed >> 17;
	world_seed ^= world_seed << 5;
	return world_seed % limit;
}

/* Memory. */

static int world_fail_in = -1;
static bool world_failed;
static long world_allocated;

void
world_fail_alloc(int n)
{
	world_fail_in = n;
	world_failed = false;
}

bool
world_alloc_failed(void)
{
	return world_failed;
}

void *
kmem_alloc(size_t size)
{
	size_t *block;

	if (world_fail_in == 0 || size > KMEM_ALLOC_MAX) {
		world_failed = true;
		return NULL;
	}
	if (world_fail_in > 0) {
		world_fail_in--;
	}
	block = malloc(size + 16);
	block[0] = size;
	memset(&block[4], 0xa5, size);
	world_allocated++;
	return &block[4];
}

void *
kmem_zalloc(size_t size)
{
	void *p = kmem_alloc(size);

	return p == NULL ? NULL : memset(p, 0, size);
}

void
kmem_free(void *p, size_t size)
{
	size_t *block = p;

	if (p == NULL) {
		return;
	}
	block -= 4;
	CHECK_EQ(block[0], size);
	world_allocated--;
	free(block);
}

void
kmem_cache_init(struct kmem_cache *cache, const char *name, size_t size,
    size_t align)
{
	cache->size = size;
}

void *
kmem_cache_alloc(struct kmem_cache *cache)
{
	return kmem_alloc(cache->size);
}

void
kmem_cache_free(struct kmem_cache *cache, void *object)
{
	kmem_free(object, cache->size);
}

/* Locks and waiting. */

void
mutex_init(struct mutex *mutex, enum lock_rank rank)
{
	mutex->owner = 0;
	mutex->rank = (uint8_t)rank;
}

void
mutex_assert_may_lock(const struct mutex *mutex)
{
	sleepq_assert_may_block();
	CHECK(mutex->owner == 0);
}

/* Nobody else is there who could have it, or wait for it. */
void
mutex_lock_slow(struct mutex *mutex)
{
	CHECK(mutex->owner == 0);
}

void
mutex_unlock_slow(struct mutex *mutex)
{
	CHECK((mutex->owner & MUTEX_WAITERS) == 0);
}

bool
mutex_held(const struct mutex *mutex)
{
	return mutex->owner == (uintptr_t)current_thread();
}

void (*world_on_sleep)(void *arg);
void *world_on_sleep_arg;
unsigned world_sleeps;
static uint64_t world_ticks = 1000;

#define WORLD_WAITERS_MAX 64
static const void *world_waits[WORLD_WAITERS_MAX];

void
sleepq_assert_may_block(void)
{
	lock_rank_assert_no_spin();
}

static const void **
world_wait_slot(const void *event)
{
	for (unsigned i = 0; i < WORLD_WAITERS_MAX; i++) {
		if (world_waits[i] == event) {
			return &world_waits[i];
		}
	}
	return NULL;
}

bool
sleepq_wake_thread(
    struct thread *thread, const void *event, enum wait_result result)
{
	const void **slot = world_wait_slot(event);

	if (slot == NULL) {
		return false;
	}
	*slot = NULL;
	return true;
}

/* From now on THREAD is what acts for TASK, and it is the current one. */
static void world_set_thread(struct task *task, struct thread *thread);

/* Nobody is handed the processor here: messages take the complete path. */
bool
sleepq_claim(struct thread *thread, const void *event)
{
	return false;
}

void
sched_run_next(void)
{
}

bool
task_is_resident(const struct task *task)
{
	return false;
}

/* Therefore these are not called either; the threads are the kernel's. */

void
sleepq_commit_alone_locked(void)
{
	abort();
}

uint32_t
sched_hand_over_unlock(void (*continuation)(void), vm_offset_t spare,
    uint32_t (*fn)(void *arg), void *arg, size_t size)
{
	abort();
}

vm_offset_t
stack_try(void)
{
	abort();
}

void
stack_put(vm_offset_t stack)
{
	abort();
}

bool
timer_cancel(struct timer *timer)
{
	abort();
}

void
pcb_set_return(struct thread *thread, uint32_t value)
{
	abort();
}

void
pcb_return_to_user(void)
{
	abort();
}

void
exception_answered(kern_return_t kr)
{
	abort();
}

enum wait_result
sleepq_sleep_alone_unlock(
    const void *event, struct spinlock *lock, uint64_t deadline)
{
	return sleepq_sleep_alone_continue_unlock(event, lock, deadline, NULL);
}

enum wait_result
sleepq_sleep_alone_continue_unlock(const void *event, struct spinlock *lock,
    uint64_t deadline, void (*continuation)(void))
{
	const void **slot = world_wait_slot(NULL);
	struct thread *self = current_thread();
	/* Who acts meanwhile may wait, too, which one thread cannot twice. */
	struct thread other = *self;
	enum wait_result result = WAIT_OK;

	*slot = event;
	spinlock_unlock(lock);
	sleepq_assert_may_block();
	lock_rank_assert_no_mutex();
	world_sleeps++;
	world_set_thread(self->task, &other);
	if (world_on_sleep != NULL) {
		world_on_sleep(world_on_sleep_arg);
	}
	world_set_thread(self->task, self);
	if (*slot == event) {
		*slot = NULL;
		result = deadline != 0 ? WAIT_TIMED_OUT : WAIT_INTERRUPTED;
		if (deadline > world_ticks) {
			world_ticks = deadline;
		}
	}
	return result;
}

uint64_t
clock_deadline_ms(uint32_t ms)
{
	return world_ticks + (uint64_t)ms * HZ / 1000 + 1;
}

/* User memory. */

#define WORLD_USER_BASE 0x10000u
#define WORLD_USER_SIZE (8u << 20)

static char world_user_memory[WORLD_USER_SIZE];
static user_addr_t world_user_next = WORLD_USER_BASE;
static user_addr_t world_hole_start;
static user_addr_t world_hole_end;

vm_size_t vm_page_size = 4096;
vm_size_t vm_page_mask = 4095;

unsigned world_removed;
user_addr_t world_removed_start;
user_addr_t world_removed_end;
bool world_map_full;

user_addr_t
world_user_alloc(size_t size)
{
	user_addr_t addr = world_user_next;

	world_user_next += (size + 4095) & ~(size_t)4095;
	CHECK(world_user_next <= WORLD_USER_BASE + WORLD_USER_SIZE);
	return addr;
}

void *
world_user(user_addr_t addr)
{
	CHECK(addr >= WORLD_USER_BASE && addr < world_user_next);
	return world_user_memory + (addr - WORLD_USER_BASE);
}

void
world_user_protect(user_addr_t addr, size_t size)
{
	world_hole_start = addr;
	world_hole_end = addr + size;
}

static bool
world_user_ok(user_addr_t addr, size_t n)
{
	if (addr < WORLD_USER_BASE || addr > world_user_next ||
	    n > world_user_next - addr) {
		return false;
	}
	return addr >= world_hole_end || addr + n <= world_hole_start;
}

/* Nothing may be locked when user memory is touched. */
static void
world_assert_unlocked(void)
{
	lock_rank_assert_no_spin();
	lock_rank_assert_no_mutex();
}

kern_return_t
copyin(user_addr_t from, void *to, size_t n)
{
	world_assert_unlocked();
	if (!world_user_ok(from, n)) {
		return KERN_INVALID_ADDRESS;
	}
	memcpy(to, world_user(from), n);
	return KERN_SUCCESS;
}

kern_return_t
copyout(const void *from, user_addr_t to, size_t n)
{
	world_assert_unlocked();
	if (!world_user_ok(to, n)) {
		return KERN_INVALID_ADDRESS;
	}
	memcpy(world_user(to), from, n);
	return KERN_SUCCESS;
}

struct vm_copy {
	size_t size;
	char data[];
};

kern_return_t
vm_copy_from_kernel(const void *data, vm_size_t size, struct vm_copy **copyp)
{
	struct vm_copy *copy = kmem_alloc(sizeof(*copy) + size);

	if (copy == NULL) {
		return KERN_RESOURCE_SHORTAGE;
	}
	copy->size = size;
	memcpy(copy->data, data, size);
	*copyp = copy;
	return KERN_SUCCESS;
}

kern_return_t
vm_copy_in(struct vm_map *map, vm_offset_t addr, vm_size_t size, bool destroy,
    struct vm_copy **copyp)
{
	world_assert_unlocked();
	CHECK(!destroy);
	if (!world_user_ok(addr, size)) {
		return KERN_INVALID_ADDRESS;
	}
	return vm_copy_from_kernel(world_user(addr), size, copyp);
}

void
vm_copy_discard(struct vm_copy *copy)
{
	world_assert_unlocked();
	kmem_free(copy, sizeof(*copy) + copy->size);
}

/* Some memory can be moved, some has to be copied. */
bool
vm_copy_move_begin(struct vm_map *map, vm_offset_t addr, vm_size_t size,
    struct vm_copy **copyp)
{
	world_assert_unlocked();
	return size % 8 == 0 && world_user_ok(addr, size) &&
	       vm_copy_from_kernel(world_user(addr), size, copyp) ==
		   KERN_SUCCESS;
}

void
vm_copy_move_end(struct vm_map *map, vm_offset_t addr, vm_size_t size,
    struct vm_copy *copy, bool move)
{
	world_assert_unlocked();
	if (!move) {
		vm_copy_discard(copy);
		return;
	}
	(void)vm_map_remove(map, addr & ~vm_page_mask,
	    (addr + copy->size + vm_page_mask) & ~vm_page_mask);
}

kern_return_t
vm_copy_out(struct vm_map *map, vm_offset_t *addrp, struct vm_copy *copy)
{
	world_assert_unlocked();
	if (world_map_full) {
		return KERN_NO_SPACE;
	}
	*addrp = world_user_alloc(copy->size);
	memcpy(world_user(*addrp), copy->data, copy->size);
	vm_copy_discard(copy);
	return KERN_SUCCESS;
}

kern_return_t
vm_map_allocate(
    struct vm_map *map, vm_offset_t *addrp, vm_size_t size, bool anywhere)
{
	if (world_map_full) {
		return KERN_NO_SPACE;
	}
	*addrp = world_user_alloc(size);
	return KERN_SUCCESS;
}

kern_return_t
vm_map_write_bytes(
    struct vm_map *map, vm_offset_t addr, const void *from, vm_size_t n)
{
	return copyout(from, addr, n);
}

kern_return_t
vm_map_remove(struct vm_map *map, vm_offset_t start, vm_offset_t end)
{
	world_assert_unlocked();
	world_removed++;
	world_removed_start = start;
	world_removed_end = end;
	return KERN_SUCCESS;
}

void
vm_map_ref(struct vm_map *map)
{
}
void
vm_map_unref(struct vm_map *map)
{
}

/* Tasks. */

/* No test has a privileged host port. */
struct host *
convert_port_to_host_priv(struct ipc_port *port)
{
	return NULL;
}

struct world_task {
	struct task task;
	struct thread thread;
	struct thread *acting;	/* that one, unless it waits */
	struct world_task *next;
};

static struct world_task *world_tasks_list;
static struct thread world_boot_thread;

static void
world_set_thread(struct task *task, struct thread *thread)
{
	((struct world_task *)task)->acting = thread;
	cpu_local_set(thread, thread);
}


struct task *
world_task_create(void)
{
	struct world_task *wt = malloc(sizeof(*wt));
	struct thread *self = current_thread();

	memset(wt, 0, sizeof(*wt));
	refcount_init(&wt->task.refcount, 1);
	refcount_init(&wt->thread.refcount, 1);
	wt->thread.task = &wt->task;
	CHECK_EQ(ipc_task_init(&wt->task, NULL), KERN_SUCCESS);
	CHECK_EQ(ipc_thread_init(&wt->thread), KERN_SUCCESS);
	ipc_task_enable(&wt->task);
	ipc_thread_enable(&wt->thread);
	CHECK(current_thread() == self);
	wt->thread.kernel_only = true;
	wt->next = world_tasks_list;
	world_tasks_list = wt;
	world_set_thread(&wt->task, &wt->thread);
	return &wt->task;
}

void
world_task_destroy(struct task *task)
{
	struct world_task *wt = (struct world_task *)task;
	struct world_task **link = &world_tasks_list;

	while (*link != wt) {
		link = &(*link)->next;
	}
	*link = wt->next;
	cpu_local_set(thread, &world_boot_thread);
	ipc_task_disable(task);
	ipc_thread_disable(&wt->thread);
	ipc_thread_terminate(&wt->thread);
	ipc_task_terminate(task);
	ipc_task_fini(task);
	CHECK_EQ(refcount_read(&wt->task.refcount), 1);
	CHECK_EQ(refcount_read(&wt->thread.refcount), 1);
	free(wt);
}

void
task_unref(struct task *task)
{
	CHECK(!refcount_unref(&task->refcount));
}

void
thread_unref(struct thread *thread)
{
	CHECK(!refcount_unref(&thread->refcount));
}

void
world_become(struct task *task)
{
	cpu_local_set(thread, ((struct world_task *)task)->acting);
}

struct ipc_space *
world_space(void)
{
	return current_space();
}

void
world_check_spaces(void)
{
	for (struct world_task *wt = world_tasks_list; wt != NULL;
	     wt = wt->next) {
		ipc_space_lock(wt->task.space);
		ipc_space_check(wt->task.space);
		ipc_space_unlock(wt->task.space);
	}
}

/* Rights. */

mach_port_name_t
world_port(void)
{
	mach_port_name_t name = MACH_PORT_NULL;

	CHECK_EQ(
	    ipc_right_allocate(world_space(), MACH_PORT_RIGHT_RECEIVE, &name),
	    KERN_SUCCESS);
	return name;
}

mach_port_name_t
world_pset(void)
{
	mach_port_name_t name = MACH_PORT_NULL;

	CHECK_EQ(
	    ipc_right_allocate(world_space(), MACH_PORT_RIGHT_PORT_SET, &name),
	    KERN_SUCCESS);
	return name;
}

mach_port_name_t
world_give(struct task *from, mach_port_name_t name,
    mach_msg_type_name_t disposition, struct task *to)
{
	struct ipc_port *port;
	mach_port_name_t result;
	mach_msg_type_name_t type = MACH_MSG_TYPE_PORT_SEND;

	if (disposition == MACH_MSG_TYPE_MOVE_RECEIVE) {
		type = MACH_MSG_TYPE_PORT_RECEIVE;
	} else if (disposition == MACH_MSG_TYPE_MAKE_SEND_ONCE ||
		   disposition == MACH_MSG_TYPE_MOVE_SEND_ONCE) {
		type = MACH_MSG_TYPE_PORT_SEND_ONCE;
	}
	CHECK_EQ(ipc_right_copyin(from->space, name, disposition, &port),
	    KERN_SUCCESS);
	CHECK_EQ(
	    ipc_right_copyout(to->space, port, type, &result), KERN_SUCCESS);
	return result;
}

mach_port_name_t
world_port_with_send(void)
{
	mach_port_name_t name = world_port();

	CHECK_EQ(world_give(current_task(), name, MACH_MSG_TYPE_MAKE_SEND,
		     current_task()),
	    name);
	return name;
}

kern_return_t
world_try_type(mach_port_name_t name, mach_port_type_t *type)
{
	return ipc_right_type(world_space(), name, type);
}

mach_port_type_t
world_type(mach_port_name_t name)
{
	mach_port_type_t type;

	if (world_try_type(name, &type) != KERN_SUCCESS) {
		return MACH_PORT_TYPE_NONE;
	}
	return type;
}

mach_port_urefs_t
world_refs(mach_port_name_t name, mach_port_right_t right)
{
	mach_port_urefs_t urefs;

	CHECK_EQ(
	    ipc_right_refs(world_space(), name, right, &urefs), KERN_SUCCESS);
	return urefs;
}

/* Messages. */

user_addr_t world_buffer;

mach_msg_header_t *
world_header(void)
{
	return world_user(world_buffer);
}

void *
world_body(void)
{
	return world_header() + 1;
}

mach_msg_return_t
world_send(mach_msg_size_t size, mach_msg_option_t option,
    mach_msg_timeout_t timeout, mach_port_name_t notify)
{
	return world_msg(world_buffer, MACH_SEND_MSG | option, size, 0,
	    MACH_PORT_NULL, timeout, notify);
}

mach_msg_return_t
world_receive(mach_port_name_t name, mach_msg_size_t size,
    mach_msg_option_t option, mach_msg_timeout_t timeout,
    mach_port_name_t notify)
{
	return world_msg(world_buffer, MACH_RCV_MSG | option, 0, size, name,
	    timeout, notify);
}

void
world_compose(mach_port_name_t dest, mach_msg_type_name_t dest_type,
    mach_port_name_t reply, mach_msg_type_name_t reply_type, mach_msg_id_t id)
{
	mach_msg_header_t *header = world_header();

	memset(header, 0, 4096);
	header->msgh_bits = MACH_MSGH_BITS(dest_type, reply_type);
	header->msgh_remote_port = dest;
	header->msgh_local_port = reply;
	header->msgh_id = id;
}

mach_msg_return_t
world_send_simple(
    mach_port_name_t dest, mach_msg_type_name_t type, mach_msg_id_t id)
{
	world_compose(dest, type, MACH_PORT_NULL, 0, id);
	return world_send(
	    sizeof(mach_msg_header_t), MACH_SEND_TIMEOUT, 0, MACH_PORT_NULL);
}

mach_msg_return_t
world_poll(mach_port_name_t name)
{
	return world_receive(name, 4096, MACH_RCV_TIMEOUT, 0, MACH_PORT_NULL);
}

void
world_expect(mach_port_name_t name, mach_msg_id_t id, uint32_t data)
{
	mach_dead_name_notification_t *note = world_user(world_buffer);
	mach_msg_size_t size = id == MACH_NOTIFY_SEND_ONCE ? 24 : 32;

	CHECK_EQ(world_poll(name), MACH_MSG_SUCCESS);
	CHECK_EQ(note->not_header.msgh_id, id);
	CHECK_EQ(note->not_header.msgh_size, size);
	CHECK_EQ(note->not_header.msgh_local_port, name);
	CHECK_EQ(note->not_header.msgh_remote_port, MACH_PORT_NULL);
	CHECK_EQ(MACH_MSGH_BITS_PORTS(note->not_header.msgh_bits),
	    MACH_MSGH_BITS(0, MACH_MSG_TYPE_PORT_SEND_ONCE));
	if (size == 32) {
		CHECK_EQ(note->not_type.msgt_number, 1);
		CHECK_EQ(note->not_type.msgt_size, 32);
		CHECK_EQ(note->not_type.msgt_inline, 1);
		CHECK_EQ(note->not_port, data);
	}
}

mach_msg_type_t
world_type_inline(mach_msg_type_name_t name, unsigned size, unsigned number)
{
	return (mach_msg_type_t){
		.msgt_name = name & 0xff,
		.msgt_size = size & 0xff,
		.msgt_number = number & 0xfff,
		.msgt_inline = 1,
	};
}

mach_msg_type_t
world_type_ool(
    mach_msg_type_name_t name, unsigned size, unsigned number, bool dealloc)
{
	return (mach_msg_type_t){
		.msgt_name = name & 0xff,
		.msgt_size = size & 0xff,
		.msgt_number = number & 0xfff,
		.msgt_deallocate = dealloc,
	};
}

/* Running. */

/* Fill up reserves, so that the books can be compared. */
static void
world_settle(void)
{
	struct task *task = world_task_create();
	mach_port_name_t name = world_port();
	mach_port_name_t sonce = world_give(
	    task, name, MACH_MSG_TYPE_MAKE_SEND_ONCE, task);

	CHECK_EQ(ipc_right_dealloc(task->space, sonce), KERN_SUCCESS);
	world_compose(sys_mach_task_self(), MACH_MSG_TYPE_MOVE_SEND,
	    MACH_PORT_NULL, 0, 4711);
	CHECK_EQ(
	    world_send(sizeof(mach_msg_header_t), 0, 0, 0), MACH_MSG_SUCCESS);
	world_task_destroy(task);
	ipc_kmsg_free(ipc_kmsg_alloc(8000));
}

void
world_mark(struct world_mark *mark)
{
	mark->ports = ipc_port_count();
	mark->allocated = world_allocated;
	mark->user = world_user_next;
	world_on_sleep = NULL;
}

void
world_back(const struct world_mark *mark)
{
	world_fail_alloc(-1);
	world_settle();
	world_user_protect(0, 0);
	world_map_full = false;
	while (world_tasks_list != NULL) {
		world_task_destroy(&world_tasks_list->task);
	}
	world_user_next = mark->user;
	CHECK_EQ(ipc_port_count(), mark->ports);
	if (world_allocated != mark->allocated) {
		panic("%ld blocks of memory lost",
		    world_allocated - mark->allocated);
	}
}

int main(void);

int
main(void)
{
	struct world_mark mark;
	unsigned count = 0;

	pretend_percpu->self = pretend_percpu;
	pretend_percpu->thread = &world_boot_thread;
	ipc_setup();
	world_buffer = world_user_alloc(65536);
	world_settle();
	for (const struct world_test *test = world_tests; test->fn != NULL;
	     test++) {
		world_current = test->name;
		world_mark(&mark);
		test->fn();
		world_back(&mark);
		printf("ok %s\n", test->name);
		count++;
	}
	printf("%u passed, 0 failed\n", count);
	return 0;
}
