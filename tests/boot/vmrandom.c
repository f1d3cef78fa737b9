/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * The random walks of tests/lib/vm_model.h by messages to the kernel: several
 * threads at a time, each with address spaces and memory objects of its own,
 * while a thread with more memory of its own than there is left makes the
 * kernel page out what it can.
 *
 * Memory is touched by threads of the tasks themselves, which end in an
 * exception: the one that says that they are done, or one that says why not.
 *
 * A few pages are common to all tasks of all walkers.  Each walker has a strip of
 * bytes in each page, whose contents it knows; of the others' it knows that they
 * only grow, and that a copy does not change.
 *
 * Memory: 24 4
 *
 * The kernel keeps the default memory manager's port until it gets another.
 * Keeps: ipc_port 1 ipc_port_extra 1
 */

#include "hog.h"
#include "store.h"

#include <mach/exception.h>
#include <mach/task_special_ports.h>
#include <mach/thread_status.h>
#include <mach/vm_sync.h>

#include <tests/lib/vm_model.h>

#include "gnumach_user.h"
#include "mach_host_user.h"
#include "mach_port_user.h"
#include "mach_user.h"

#define P		vm_page_size
#define WALKERS		3u
#define OPERATIONS	1500u
#define RARELY		50u		/* operations between comparisons */
#define BASE		0x40000000u
#define STORE		(6u << 20)
#define TOUCH_MAX	64u
#define STACK		4096u
#define OBJECT_BYTES	(VM_MODEL_OBJECT_PAGES * P)
#define COMMON_PAGES	8u
#define STRIP		(TOUCH_MAX / 4)	/* words */

/* What a thread of another task is to do; alone on its page, which is shared. */
struct job {
	vm_offset_t	addr;
	vm_size_t	size;
	bool		write;
	uint8_t		bytes[TOUCH_MAX];
} RT_WHOLE_PAGES;

struct walker {
	uint32_t	seed;
	mach_port_t	exceptions;
	struct job	*job;
	uint8_t		*stack;		/* its end, in all of its tasks */
	struct object	objects[VM_MODEL_OBJECTS];
	uint8_t		*store[VM_MODEL_OBJECTS];
	mach_port_t	task;		/* one that lives, or null */
	uint32_t	wrote[COMMON_PAGES];	/* to its strips */
	unsigned	at;		/* operation */
	volatile bool	done;
};

/* Of a common page. */
struct common {
	uint32_t	strip[WALKERS][STRIP];
} RT_WHOLE_PAGES;

static struct job jobs[WALKERS];
static uint8_t stacks[WALKERS][STACK] __attribute__((aligned(16)));
static uint8_t store_memory[STORE] __attribute__((aligned(16)));
static struct walker walkers[WALKERS];
static struct common commons[COMMON_PAGES];
static volatile unsigned differences;

/* ---- the model's own ---- */

static uint32_t
world_random(void *arg, uint32_t limit)
{
	struct walker *walker = arg;

	return rt_random(&walker->seed, limit);
}

static void *
world_alloc(void *arg, size_t size)
{
	vm_offset_t addr = 0;

	need("allocate", vm_allocate(rt_task, &addr, size, TRUE));
	return (void *)addr;
}

static void
world_free(void *arg, void *memory, size_t size)
{
	vm_deallocate(rt_task, (vm_offset_t)memory, size);
}

static void
world_differs(void *arg, const char *what, long is, long should_be)
{
	struct walker *walker = arg;

	if (differences++ < 10) {
		rt_printf("FAIL walker %u operation %u, %s: %ld, not %ld",
		    (unsigned)(walker - walkers), walker->at, what, is,
		    should_be);
	}
}

/* ---- tasks and their maps ---- */

static vm_model_task_t
world_fork(void *arg, vm_model_task_t parent)
{
	struct walker *walker = arg;
	mach_port_t child;

	/* The first one has our memory: that is the code of its threads. */
	need("fork", task_create(parent == 0 ? rt_task : (mach_port_t)parent,
	    TRUE, &child));
	need("exceptions", task_set_special_port(child, TASK_EXCEPTION_PORT,
	    walker->exceptions));
	return child;
}

static void
world_kill(void *arg, vm_model_task_t task)
{
	struct walker *walker = arg;

	if (walker->task == (mach_port_t)task) {
		walker->task = MACH_PORT_NULL;
	}
	need("terminate", task_terminate((mach_port_t)task));
	mach_port_deallocate(rt_task, (mach_port_t)task);
}

static kern_return_t
world_allocate(void *arg, vm_model_task_t task, vm_offset_t addr,
    vm_size_t size)
{
	return vm_allocate((mach_port_t)task, &addr, size, FALSE);
}

static kern_return_t
world_deallocate(void *arg, vm_model_task_t task, vm_offset_t addr,
    vm_size_t size)
{
	return vm_deallocate((mach_port_t)task, addr, size);
}

static kern_return_t
world_protect(void *arg, vm_model_task_t task, vm_offset_t addr,
    vm_size_t size, bool maximum, vm_prot_t prot)
{
	return vm_protect((mach_port_t)task, addr, size, maximum, prot);
}

static kern_return_t
world_inherit(void *arg, vm_model_task_t task, vm_offset_t addr,
    vm_size_t size, vm_inherit_t inherit)
{
	return vm_inherit((mach_port_t)task, addr, size, inherit);
}

static kern_return_t
world_wire(void *arg, vm_model_task_t task, vm_offset_t addr, vm_size_t size,
    vm_prot_t prot)
{
	return vm_wire(rt_host_priv, (mach_port_t)task, addr, size, prot);
}

static kern_return_t
world_sync(void *arg, vm_model_task_t task, vm_offset_t addr, vm_size_t size)
{
	return vm_msync((mach_port_t)task, addr, size, VM_SYNC_SYNCHRONOUS);
}

static kern_return_t
world_copy(void *arg, vm_model_task_t task, vm_offset_t from, vm_size_t size,
    vm_offset_t to)
{
	return vm_copy((mach_port_t)task, from, size, to);
}

static bool
world_region(void *arg, vm_model_task_t task, vm_offset_t addr,
    struct vm_model_region *region)
{
	mach_port_t name = MACH_PORT_NULL;
	boolean_t shared;
	vm_offset_t offset;

	region->start = addr;
	if (vm_region((mach_port_t)task, &region->start, &region->size,
	    &region->prot, &region->max, &region->inherit, &shared, &name,
	    &offset) != KERN_SUCCESS) {
		return false;
	}
	if (name != MACH_PORT_NULL) {
		mach_port_deallocate(rt_task, name);
	}
	return true;
}

/* ---- what is in memory ---- */

/* In the other task, without calls: it has no rights. */
static void
do_job(struct job *job)
{
	if (job->write) {
		memcpy((void *)job->addr, job->bytes, job->size);
	} else {
		memcpy(job->bytes, (void *)job->addr, job->size);
	}
	__asm__ volatile("int3" : : : "memory");
}

/* Let a thread of TASK do the job. */
static void
start_job(struct walker *walker, mach_port_t task)
{
	struct i386_thread_state state;
	mach_msg_type_number_t count = i386_THREAD_STATE_COUNT;
	uint32_t *sp = (uint32_t *)walker->stack - 2;
	mach_port_t thread;

	need("thread", thread_create(task, &thread));
	need("state", thread_get_state(thread, i386_THREAD_STATE,
	    (thread_state_t)&state, &count));
	state.eip = (uint32_t)do_job;
	state.uesp = (uint32_t)sp;
	need("set state", thread_set_state(thread, i386_THREAD_STATE,
	    (thread_state_t)&state, count));
	need("resume", thread_resume(thread));
	mach_port_deallocate(rt_task, thread);
}

static bool
world_access(void *arg, vm_model_task_t task, vm_offset_t addr, void *buf,
    vm_size_t size, bool write)
{
	struct walker *walker = arg;
	struct rt_exception msg;
	struct job *job = walker->job;
	bool done;

	walker->task = (mach_port_t)task;
	job->addr = addr;
	job->size = size;
	job->write = write;
	if (write) {
		memcpy(job->bytes, buf, size);
	}
	start_job(walker, (mach_port_t)task);
	need("exception", mach_msg(&msg.head, MACH_RCV_MSG, 0, sizeof(msg),
	    walker->exceptions, 0, MACH_PORT_NULL));
	done = msg.exception == EXC_BREAKPOINT;
	if (!done && msg.code != KERN_PROTECTION_FAILURE &&
	    msg.code != KERN_INVALID_ADDRESS) {
		world_differs(arg, "code of an exception", msg.code,
		    KERN_PROTECTION_FAILURE);
	}
	rt_exception_drop(&msg);
	if (done && !write) {
		memcpy(buf, job->bytes, size);
	}
	return done;
}

static bool
world_peek(void *arg, vm_model_task_t task, vm_offset_t addr, void *buf,
    vm_size_t size)
{
	mach_msg_type_number_t count;
	vm_offset_t data;

	if (vm_read((mach_port_t)task, addr, size, &data, &count) !=
	    KERN_SUCCESS) {
		return false;
	}
	memcpy(buf, (void *)data, size);
	vm_deallocate(rt_task, data, size);
	return true;
}

/* ---- what all have in common ---- */

/* Each strip of COMMON is as WALKER and the others have left it, or newer. */
static void
check_strips(struct walker *walker, const struct common *common,
    unsigned page, const uint32_t *least)
{
	unsigned w = (unsigned)(walker - walkers);

	for (unsigned i = 0; i < STRIP; i++) {
		if (common->strip[w][i] != walker->wrote[page]) {
			world_differs(walker, "strip", common->strip[w][i],
			    walker->wrote[page]);
		}
	}
	for (unsigned other = 0; other < WALKERS; other++) {
		if (common->strip[other][0] < least[other]) {
			world_differs(walker, "strip of another",
			    common->strip[other][0], least[other]);
		}
	}
}

static bool
write_strip(struct walker *walker, unsigned page, uint32_t word)
{
	unsigned w = (unsigned)(walker - walkers);
	uint32_t words[STRIP];

	for (unsigned i = 0; i < STRIP; i++) {
		words[i] = word;
	}
	return world_access(walker, walker->task,
	    (vm_offset_t)commons[page].strip[w], words, sizeof(words), true);
}

static void
grow_strip(struct walker *walker, unsigned page)
{
	if (!write_strip(walker, page, walker->wrote[page] + 1)) {
		world_differs(walker, "strip written", false, true);
	}
	walker->wrote[page]++;
}

/* What was copied stays while everybody writes to where it comes from. */
static void
copy_strips(struct walker *walker, unsigned page)
{
	uint32_t least[WALKERS] = { 0 };
	uint32_t was = walker->wrote[page];
	mach_msg_type_number_t count;
	struct common *copy;
	vm_offset_t data;

	need("read", vm_read(walker->task, (vm_offset_t)&commons[page], P,
	    &data, &count));
	copy = (struct common *)data;
	for (unsigned other = 0; other < WALKERS; other++) {
		least[other] = copy->strip[other][0];
	}
	grow_strip(walker, page);
	check_strips(walker, &commons[page], page, least);
	walker->wrote[page] = was;
	check_strips(walker, copy, page, least);
	walker->wrote[page] = was + 1;
	for (unsigned other = 0; other < WALKERS; other++) {
		if (copy->strip[other][0] != least[other]) {
			world_differs(walker, "strip of a copy",
			    copy->strip[other][0], least[other]);
		}
	}
	vm_deallocate(rt_task, data, count);
}

/* One task of all cannot write there for a while. */
static void
protect_strips(struct walker *walker, unsigned page)
{
	vm_offset_t addr = (vm_offset_t)&commons[page];

	need("protect", vm_protect(walker->task, addr, P, FALSE,
	    VM_PROT_READ));
	if (write_strip(walker, page, 0)) {
		world_differs(walker, "protected strip written", true, false);
	}
	need("unprotect", vm_protect(walker->task, addr, P, FALSE,
	    VM_PROT_DEFAULT));
}

static void
common_operation(struct walker *walker)
{
	static const uint32_t least[WALKERS];
	unsigned page = rt_random(&walker->seed, COMMON_PAGES);

	if (walker->task == MACH_PORT_NULL) {
		return;
	}
	switch (rt_random(&walker->seed, 4)) {
	case 0:
		copy_strips(walker, page);
		break;
	case 1:
		protect_strips(walker, page);
		break;
	case 2:
		need("wire", vm_wire(rt_host_priv, walker->task,
		    (vm_offset_t)&commons[page], P, VM_PROT_DEFAULT));
		grow_strip(walker, page);
		need("unwire", vm_wire(rt_host_priv, walker->task,
		    (vm_offset_t)&commons[page], P, VM_PROT_NONE));
		break;
	default:
		grow_strip(walker, page);
		break;
	}
	check_strips(walker, &commons[page], page, least);
}

/* ---- memory in transit: in our own task ---- */

static kern_return_t
world_copy_in(void *arg, vm_model_task_t task, vm_offset_t addr,
    vm_size_t size, bool destroy, vm_model_copy_t *copyp)
{
	mach_msg_type_number_t count;
	vm_offset_t data;
	kern_return_t kr;

	kr = vm_read((mach_port_t)task, addr, size, &data, &count);
	if (kr == KERN_SUCCESS) {
		*copyp = data;
		if (destroy) {
			kr = vm_deallocate((mach_port_t)task, addr, size);
		}
	}
	return kr;
}

static kern_return_t
world_overwrite(void *arg, vm_model_task_t task, vm_offset_t addr,
    vm_model_copy_t copy, vm_size_t size)
{
	kern_return_t kr = vm_write((mach_port_t)task, addr, copy, size);

	if (kr == KERN_SUCCESS) {
		vm_deallocate(rt_task, copy, size);
	}
	return kr;
}

static void
world_copy_look(void *arg, vm_model_copy_t copy, vm_size_t offset, void *buf,
    vm_size_t size)
{
	memcpy(buf, (void *)(copy + offset), size);
}

static void
world_discard(void *arg, vm_model_copy_t copy, vm_size_t size)
{
	vm_deallocate(rt_task, copy, size);
}

/* ---- memory objects ---- */

static uint8_t *
bytes_of(struct object *object, vm_offset_t offset)
{
	for (unsigned w = 0; w < WALKERS; w++) {
		for (unsigned n = 0; n < VM_MODEL_OBJECTS; n++) {
			if (object == &walkers[w].objects[n]) {
				return walkers[w].store[n] + offset;
			}
		}
	}
	return NULL;
}

static void
walker_request(struct object *object, vm_offset_t offset, vm_size_t size,
    vm_prot_t access)
{
	object_supply(object, offset, bytes_of(object, offset), size,
	    VM_PROT_NONE, object->may_cache);
}

static void
walker_data(struct object *object, vm_offset_t offset, vm_offset_t data,
    vm_size_t size, bool dirty, bool kernel_copy)
{
	memcpy(bytes_of(object, offset), (void *)data, size);
}

static const struct object_ops walker_ops = {
	.request = walker_request,
	.data = walker_data,
};

static kern_return_t
world_map(void *arg, vm_model_task_t task, unsigned n, vm_offset_t offset,
    vm_offset_t addr, vm_size_t size, bool copy, vm_prot_t prot,
    vm_prot_t max, vm_inherit_t inherit)
{
	struct walker *walker = arg;

	return vm_map((mach_port_t)task, &addr, size, 0, FALSE,
	    walker->objects[n].port, offset, copy, prot, max, inherit);
}

static void
world_lock(void *arg, unsigned n, vm_offset_t offset, vm_size_t size, int what,
    bool flush)
{
	struct walker *walker = arg;

	if (walker->objects[n].control != MACH_PORT_NULL) {
		memory_object_lock_request(walker->objects[n].control, offset,
		    size, what, flush, VM_PROT_NO_CHANGE, MACH_PORT_NULL);
	}
}

static const struct vm_world world = {
	.base = BASE,
	.writes_pages = true,
	.random = world_random,
	.alloc = world_alloc,
	.free = world_free,
	.differs = world_differs,
	.fork = world_fork,
	.kill = world_kill,
	.allocate = world_allocate,
	.deallocate = world_deallocate,
	.protect = world_protect,
	.inherit = world_inherit,
	.wire = world_wire,
	.sync = world_sync,
	.copy = world_copy,
	.region = world_region,
	.access = world_access,
	.peek = world_peek,
	.copy_in = world_copy_in,
	.overwrite = world_overwrite,
	.copy_look = world_copy_look,
	.discard = world_discard,
	.map = world_map,
	.lock = world_lock,
};

/* ---- the threads ---- */

static void
walk(void *arg)
{
	struct walker *walker = arg;
	struct vm_model *model = vm_model_begin(&world, walker, P);

	for (walker->at = 0; walker->at < OPERATIONS && differences == 0;
	     walker->at++) {
		vm_model_operation(model);
		common_operation(walker);
		if (walker->at % RARELY == 0) {
			vm_model_check(model);
		}
	}
	vm_model_check(model);
	vm_model_end(model);
	walker->done = true;
	rt_thread_exit();
}

/* What its pager keeps; before the pager's memory is wired. */
static void
walker_stores(struct walker *walker)
{
	for (unsigned n = 0; n < VM_MODEL_OBJECTS; n++) {
		walker->store[n] = world_alloc(walker, OBJECT_BYTES);
	}
}

static void
walker_setup(unsigned w)
{
	struct walker *walker = &walkers[w];

	walker->seed = 77 + w * 1000;
	walker->exceptions = rt_port();
	walker->job = &jobs[w];
	/* The argument, and nowhere to return to. */
	walker->stack = stacks[w] + STACK;
	((struct job **)walker->stack)[-1] = walker->job;
	for (unsigned n = 0; n < VM_MODEL_OBJECTS; n++) {
		walker->objects[n].ops = &walker_ops;
		walker->objects[n].strategy = MEMORY_OBJECT_COPY_DELAY;
		walker->objects[n].may_cache = n == 1;
		object_create(&walker->objects[n]);
	}
}

/* What the kernel has cached would stay there. */
static void
walker_end(struct walker *walker)
{
	for (unsigned n = 0; n < VM_MODEL_OBJECTS; n++) {
		struct object *object = &walker->objects[n];

		if (object->control != MACH_PORT_NULL) {
			memory_object_change_attributes(object->control, FALSE,
			    MEMORY_OBJECT_COPY_DELAY, MACH_PORT_NULL);
		}
		want_number("terminated",
		    rt_until(object->terminates == object->inits), 1);
		object_destroy(object);
	}
}

void
test(void)
{
	rt_printf("own");
	if (rt_on_gnumach) {
		return;
	}
	need("share", vm_inherit(rt_task, (vm_offset_t)jobs, sizeof(jobs),
	    VM_INHERIT_SHARE));
	need("share", vm_inherit(rt_task, (vm_offset_t)commons,
	    sizeof(commons), VM_INHERIT_SHARE));
	for (unsigned w = 0; w < WALKERS; w++) {
		walker_stores(&walkers[w]);
	}
	objects_start(1);
	store_start(store_memory, STORE);
	for (unsigned w = 0; w < WALKERS; w++) {
		walker_setup(w);
	}
	hog_start();
	for (unsigned w = 0; w < WALKERS; w++) {
		rt_thread_create(walk, &walkers[w]);
	}
	for (unsigned w = 0; w < WALKERS; w++) {
		while (!walkers[w].done) {
			rt_sleep(RT_LOOK_MS);
		}
	}
	hog_end();
	for (unsigned w = 0; w < WALKERS; w++) {
		walker_end(&walkers[w]);
	}
	want_number("differences", differences, 0);
	want_number("pages came back", store_pages_out > 0, 1);
	want_number("pages lost", store_pages_lost, 0);
	rt_printf("# %u pages went out, %u came in, %u rounds of the hog",
	    store_pages_in, store_pages_out, hog_rounds);
}
