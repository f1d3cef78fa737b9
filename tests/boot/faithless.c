/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Pagers that lie, do not answer, or die: who uses their memory gets an error,
 * and nobody else notices.  The exception is EXC_BAD_ACCESS with the code that
 * vm_read would return: KERN_MEMORY_ERROR where a pager said so or is gone.
 *
 * A pager that says nothing is waited for as long as it lives: by a page fault
 * until its thread is terminated, by a call until it is aborted.
 *
 * GNU Mach waits also for pagers that are gone, so most is ours alone.
 */

#include "objects.h"

#include <mach/exception.h>
#include <mach/task_special_ports.h>

#include "mach_host_user.h"
#include "mach_port_user.h"
#include "mach_user.h"

#define P	vm_page_size
#define PAGES	16u

static uint8_t data[PAGES * RT_PAGE_MAX]
    __attribute__((aligned(RT_PAGE_MAX)));

/* ---- pagers ---- */

static void
good_request(struct object *object, vm_offset_t offset, vm_size_t size,
    vm_prot_t access)
{
	object_supply(object, offset, data + offset % sizeof(data), size,
	    VM_PROT_NONE, false);
}

static void
silent_request(struct object *object, vm_offset_t offset, vm_size_t size,
    vm_prot_t access)
{
}

static void
silent_init(struct object *object)
{
}

static const struct object_ops good_ops = { .request = good_request };
static const struct object_ops silent_ops = { .request = silent_request };
static const struct object_ops unready_ops = {
	.init = silent_init,
	.request = silent_request,
};

static struct object good = {
	.ops = &good_ops,
	.strategy = MEMORY_OBJECT_COPY_DELAY,
};
static struct object bad = { .strategy = MEMORY_OBJECT_COPY_DELAY };
static volatile char *good_bytes;

/* The memory of BAD, which does as OPS says. */
static volatile char *
begin(const char *what, const struct object_ops *ops)
{
	rt_printf("# %s", what);
	bad.ops = ops;
	object_create(&bad);
	return (volatile char *)object_map(&bad, PAGES * P);
}

/* The other pager's client has noticed nothing. */
static void
still_good(void)
{
	static unsigned page;

	page = (page + 1) % PAGES;
	want_number("# the other", good_bytes[page * P], 'a' + (int)page);
	object_lock(&good, 0, PAGES * P, MEMORY_OBJECT_RETURN_NONE, true,
	    VM_PROT_NO_CHANGE);
}

static void
end(volatile char *bytes)
{
	object_end(&bad, (vm_offset_t)bytes, PAGES * P);
	still_good();
}

/* The same when the pager is gone already. */
static void
end_dead(volatile char *bytes)
{
	want("# unmap", vm_deallocate(rt_task, (vm_offset_t)bytes, PAGES * P),
	    KERN_SUCCESS);
	still_good();
}

/* ---- clients ---- */

static mach_port_t exception_port;
static volatile char *touched;
static volatile char seen;

static void
toucher(void *arg)
{
	if (arg != NULL) {
		*touched = 't';
	}
	seen = *touched;
	rt_thread_exit();
}

/* Touch AT, to write it if WRITE, and see the exception's code. */
static void
touch_fails(const char *what, volatile char *at, bool write, int code)
{
	struct rt_exception msg;
	mach_msg_return_t mr;
	mach_port_t thread;

	touched = at;
	thread = rt_thread_create(toucher, write ? (void *)touched : NULL);
	mr = rt_receive(&msg.head, sizeof(msg), exception_port, RT_PATIENCE_MS);
	want(what, mr, MACH_MSG_SUCCESS);
	if (mr == MACH_MSG_SUCCESS) {
		want_number("# exception", msg.exception, EXC_BAD_ACCESS);
		want("# code", msg.code, code);
		want_number("# where", msg.subcode == (uint32_t)at, 1);
		rt_exception_drop(&msg);
	}
	mach_port_deallocate(rt_task, thread);
}

/* A thread that touches AT, and waits in that. */
static mach_port_t
touch_waits(volatile char *at, bool write)
{
	mach_port_t thread;

	touched = at;
	seen = 0;
	thread = rt_thread_create(toucher, write ? (void *)touched : NULL);
	want_number("# waits", rt_until_waits(thread), 1);
	return thread;
}

/* It gets an exception because its pager is gone. */
static void
touch_ends(mach_port_t thread, int code)
{
	struct rt_exception msg;
	mach_msg_return_t mr;

	mr = rt_receive(&msg.head, sizeof(msg), exception_port, RT_PATIENCE_MS);
	want("# exception", mr, MACH_MSG_SUCCESS);
	if (mr == MACH_MSG_SUCCESS) {
		want("# code", msg.code, code);
		rt_exception_drop(&msg);
	}
	mach_port_deallocate(rt_task, thread);
}

/* Calls on the memory at AT. */
static void
calls_fail(volatile char *at)
{
	vm_offset_t copy = 0;
	mach_msg_type_number_t n = 0;

	pagers_begin_read((vm_offset_t)at);
	want("# send it", pagers_end_read(), MACH_SEND_INVALID_DATA);
	want("# wire", vm_wire(rt_host_priv, rt_task, (vm_offset_t)at, P,
	    VM_PROT_READ), KERN_MEMORY_ERROR);
	/* A copy is made without looking; whoever looks at it hears of it. */
	if (vm_read(rt_task, (vm_offset_t)at, P, &copy, &n) == KERN_SUCCESS) {
		touch_fails("# copy", (volatile char *)copy, false,
		    KERN_MEMORY_ERROR);
		vm_deallocate(rt_task, copy, n);
	}
}

/* ---- lies ---- */

static void
error_request(struct object *object, vm_offset_t offset, vm_size_t size,
    vm_prot_t access)
{
	object_error(object, offset, size);
}

static const struct object_ops error_ops = { .request = error_request };

static void
test_error(void)
{
	volatile char *bytes = begin("errors", &error_ops);

	touch_fails("# read", bytes + 3 * P, false, KERN_MEMORY_ERROR);
	touch_fails("# write", bytes + 4 * P, true, KERN_MEMORY_ERROR);
	calls_fail(bytes + 5 * P);
	end(bytes);
}

/* Everything but what is asked for, and that in the end. */
static void
lying_request(struct object *object, vm_offset_t offset, vm_size_t size,
    vm_prot_t access)
{
	mach_port_t control = object->control;
	vm_offset_t at = (vm_offset_t)data;

	memory_object_data_supply(control, offset + 1, at, P, FALSE,
	    VM_PROT_NONE, FALSE, MACH_PORT_NULL);
	memory_object_data_supply(control, offset, at, 100, FALSE,
	    VM_PROT_NONE, FALSE, MACH_PORT_NULL);
	memory_object_data_supply(control, offset, at, 0, FALSE, VM_PROT_NONE,
	    FALSE, MACH_PORT_NULL);
	memory_object_data_supply(control, offset, at, P, FALSE, 0x40, FALSE,
	    MACH_PORT_NULL);
	memory_object_data_supply(control, 0x80000000 - P, at, 2 * P, FALSE,
	    VM_PROT_NONE, FALSE, MACH_PORT_NULL);
	memory_object_data_supply(control, -P, at, 2 * P, FALSE,
	    VM_PROT_NONE, FALSE, MACH_PORT_NULL);
	memory_object_data_supply(control, 8 * P, at + 8 * P, P, FALSE,
	    VM_PROT_NONE, TRUE, MACH_PORT_NULL);
	/* What the other object has, or did not ask for. */
	memory_object_data_supply(good.control, 0, at + P, 2 * P, FALSE,
	    VM_PROT_NONE, FALSE, object->port);
	memory_object_data_error(good.control, 0, PAGES * P,
	    KERN_MEMORY_ERROR);
	memory_object_data_unavailable(good.control, 0, PAGES * P);
	memory_object_data_unavailable(control, 9 * P, 0xffffffff);
	memory_object_data_error(control, 9 * P, 0xfffffff0, -1);
	memory_object_lock_request(control, 0x80000000, 0x80000000,
	    MEMORY_OBJECT_RETURN_ALL, TRUE, VM_PROT_ALL, MACH_PORT_NULL);
	memory_object_lock_request(control, 0, PAGES * P, 77, TRUE,
	    VM_PROT_ALL, MACH_PORT_NULL);
	memory_object_lock_request(control, 0, PAGES * P,
	    MEMORY_OBJECT_RETURN_ALL, TRUE, 0x50, MACH_PORT_NULL);
	memory_object_change_attributes(control, 17, 99, MACH_PORT_NULL);
	memory_object_ready(control, FALSE, -1);
	memory_object_ready(control, FALSE, MEMORY_OBJECT_COPY_DELAY);
	good_request(object, offset, size, access);
}

static const struct object_ops lying_ops = { .request = lying_request };

/* What only kernels say, said to a kernel. */
static void
forge(mach_port_t control)
{
	static struct {
		mach_msg_header_t	header;
		uint32_t		words[16];
	} msg;

	for (int id = 2200; id <= 2210; id++) {
		memset(&msg, 0, sizeof(msg));
		rt_header(&msg.header,
		    MACH_MSGH_BITS(MACH_MSG_TYPE_COPY_SEND, 0), sizeof(msg),
		    control, MACH_PORT_NULL, id);
		want("# forge", mach_msg(&msg.header, MACH_SEND_MSG,
		    sizeof(msg), 0, MACH_PORT_NULL, 0, MACH_PORT_NULL),
		    MACH_MSG_SUCCESS);
	}
}

static void
test_lies(void)
{
	volatile char *bytes = begin("lies", &lying_ops);
	unsigned receipts;

	still_good();
	receipts = bad.supplies;
	want_number("# asked for", bytes[2 * P], 'a' + 2);
	forge(bad.control);
	want_number("# not asked for", bytes[8 * P], 'a' + 8);
	want_number("# asked for", bytes[3 * P], 'a' + 3);
	bytes[3 * P] = 'w';
	want_number("# written", bytes[3 * P], 'w');
	want_number("# receipts", rt_until(bad.supplies == receipts + 2), 1);
	want_number("# came back", object_lock(&bad, 0, PAGES * P,
	    MEMORY_OBJECT_RETURN_DIRTY, false, VM_PROT_NO_CHANGE), 1);
	want_number("# pages", bad.dirty >= 1, 1);
	end(bytes);
}

/* A part of a page, or none: the rest is still waited for. */
static void
part_request(struct object *object, vm_offset_t offset, vm_size_t size,
    vm_prot_t access)
{
	memory_object_data_supply(object->control, offset, (vm_offset_t)data,
	    100, FALSE, VM_PROT_NONE, FALSE, object->port);
	memory_object_data_supply(object->control, offset,
	    (vm_offset_t)data + 12, P + 12, FALSE, VM_PROT_NONE, FALSE,
	    object->port);
}

static const struct object_ops part_ops = { .request = part_request };

/* Data that are not aligned in the pager's memory: a page is a page. */
static void
test_parts(void)
{
	volatile char *bytes = begin("parts", &part_ops);

	data[12] = 'p';
	want_number("# unaligned", bytes[0], 'p');
	data[12] = 'a';
	want_number("# receipts", rt_until(bad.supplies >= 2), 1);
	end(bytes);
}

/* ---- no answer ---- */

static void
test_silence(void)
{
	volatile char *bytes = begin("silence", &silent_ops);
	mach_port_t thread;

	thread = touch_waits(bytes, false);
	still_good();
	want("# terminate", thread_terminate(thread), KERN_SUCCESS);
	want_number("# dead", rt_until_dead(thread), 1);
	mach_port_deallocate(rt_task, thread);

	thread = pagers_begin_read((vm_offset_t)bytes + P);
	want_number("# waits", rt_until_waits(thread), 1);
	want("# abort", thread_abort(thread), KERN_SUCCESS);
	rt_printf("# ends with %x", (unsigned)pagers_end_read());
	mach_port_deallocate(rt_task, thread);

	thread = touch_waits(bytes + 2 * P, true);
	/* Late, but an answer. */
	good_request(&bad, 2 * P, P, VM_PROT_WRITE);
	want_number("# late", rt_until(seen == 't'), 1);
	mach_port_deallocate(rt_task, thread);
	end(bytes);
}

static void
child_toucher(void *arg)
{
	seen = *touched;
}

/* A task that waits can be ended, and what it waited for is no obstacle. */
static void
test_silence_task(void)
{
	volatile char *bytes = begin("silence for a task", &silent_ops);
	mach_port_t child;

	touched = bytes;
	child = rt_child_create(child_toucher, NULL);
	want("# resume", task_resume(child), KERN_SUCCESS);
	want_number("# asked", rt_until(bad.requests >= 1), 1);
	want("# terminate", task_terminate(child), KERN_SUCCESS);
	want_number("# dead", rt_until_dead(child), 1);
	mach_port_deallocate(rt_task, child);
	end(bytes);
}

static void
test_unready(void)
{
	volatile char *bytes = begin("never ready", &unready_ops);
	mach_port_t thread = touch_waits(bytes, false);

	still_good();
	want("# terminate", thread_terminate(thread), KERN_SUCCESS);
	want_number("# dead", rt_until_dead(thread), 1);
	mach_port_deallocate(rt_task, thread);
	thread = pagers_begin_read((vm_offset_t)bytes + P);
	want_number("# waits", rt_until_waits(thread), 1);
	object_destroy(&bad);
	want("# gone", pagers_end_read(), MACH_SEND_INVALID_DATA);
	mach_port_deallocate(rt_task, thread);
	touch_fails("# read", bytes, false, KERN_MEMORY_ERROR);
	end_dead(bytes);
}

/* ---- deaths ---- */

static void
locked_request(struct object *object, vm_offset_t offset, vm_size_t size,
    vm_prot_t access)
{
	object_supply(object, offset, data + offset, size, VM_PROT_WRITE,
	    false);
}

static void
silent_unlock(struct object *object, vm_offset_t offset, vm_size_t size,
    vm_prot_t access)
{
}

static const struct object_ops locked_ops = {
	.request = locked_request,
	.unlock = silent_unlock,
};

/* Before init was looked at: the pager's threads have other things to do. */
static void
test_death_before_init(void)
{
	mach_port_t port = rt_port();
	vm_offset_t addr = 0;
	mach_port_t thread;

	rt_printf("# death before init");
	need("# map", vm_map(rt_task, &addr, PAGES * P, 0, TRUE, port, 0,
	    FALSE, VM_PROT_DEFAULT, VM_PROT_ALL, VM_INHERIT_SHARE));
	thread = touch_waits((volatile char *)addr, true);
	mach_port_destroy(rt_task, port);
	touch_ends(thread, KERN_MEMORY_ERROR);
	end_dead((volatile char *)addr);
}

/* With a request that nobody answers; what was there stays there. */
static void
test_death_request(void)
{
	volatile char *bytes = begin("death with a request", &silent_ops);
	mach_port_t thread = touch_waits(bytes + P, true);

	good_request(&bad, 0, P, VM_PROT_READ);
	bytes[0] = 'k';
	object_destroy(&bad);
	touch_ends(thread, KERN_MEMORY_ERROR);
	want_number("# was there", bytes[0], 'k');
	bytes[0] = 'l';
	want_number("# written", bytes[0], 'l');
	calls_fail(bytes + 2 * P);
	end_dead(bytes);
}

/* While it has to say that a page may be written. */
static void
test_death_unlock(void)
{
	volatile char *bytes = begin("death with a lock", &locked_ops);
	mach_port_t thread;

	want_number("# read", bytes[P], 'b');
	thread = touch_waits(bytes + P, true);
	object_destroy(&bad);
	touch_ends(thread, KERN_MEMORY_ERROR);
	want_number("# read", bytes[P], 'b');
	end_dead(bytes);
}

/* While what was written is in a message to it, and a receipt is due. */
static void
test_death_return(void)
{
	volatile char *bytes;
	mach_port_t port;

	bytes = begin("death with data", &good_ops);
	for (unsigned i = 0; i < PAGES; i++) {
		bytes[i * P] = 'd';
	}
	/* Nobody listens any more. */
	need("# deaf", mach_port_move_member(rt_task, bad.port,
	    MACH_PORT_NULL));
	want("# flush half", memory_object_lock_request(bad.control, 0,
	    PAGES / 2 * P, MEMORY_OBJECT_RETURN_DIRTY, TRUE,
	    VM_PROT_NO_CHANGE, bad.port), KERN_SUCCESS);
	want("# clean half", memory_object_lock_request(bad.control,
	    PAGES / 2 * P, PAGES / 2 * P, MEMORY_OBJECT_RETURN_DIRTY, FALSE,
	    VM_PROT_NO_CHANGE, bad.port), KERN_SUCCESS);
	port = touch_waits(bytes + P, false);
	object_destroy(&bad);
	touch_ends(port, KERN_MEMORY_ERROR);
	want_number("# kept", bytes[(PAGES - 1) * P], 'd');
	touch_fails("# flushed", bytes + 2 * P, false, KERN_MEMORY_ERROR);
	end_dead(bytes);
}

/* With copies of its pages, made before and after. */
static void
test_death_copies(void)
{
	volatile char *bytes = begin("death with copies", &good_ops);
	vm_offset_t copy[2];
	mach_msg_type_number_t n;

	want_number("# read", bytes[0], 'a');
	need("# copy", vm_read(rt_task, (vm_offset_t)bytes, 4 * P, &copy[0],
	    &n));
	bytes[0] = 'x';
	object_destroy(&bad);
	want_number("# kept", *(volatile char *)copy[0], 'a');
	touch_fails("# not there", (volatile char *)copy[0] + P, false,
	    KERN_MEMORY_ERROR);
	if (vm_read(rt_task, (vm_offset_t)bytes, P, &copy[1], &n) ==
	    KERN_SUCCESS) {
		want_number("# another", *(volatile char *)copy[1], 'x');
		vm_deallocate(rt_task, copy[1], n);
	}
	vm_deallocate(rt_task, copy[0], 4 * P);
	end_dead(bytes);
}

void
test(void)
{
	exception_port = rt_port();
	need("exceptions", task_set_special_port(rt_task, TASK_EXCEPTION_PORT,
	    exception_port));
	for (unsigned i = 0; i < PAGES * P; i += P) {
		memset(data + i, 'a' + (int)(i / P), P);
	}
	objects_start(1);
	object_create(&good);
	good_bytes = (volatile char *)object_map(&good, PAGES * P);
	want_number("good", good_bytes[5 * P], 'a' + 5);
	if (!rt_on_gnumach) {
		test_error();
		test_lies();
		test_parts();
		test_silence();
		test_silence_task();
		test_unready();
		test_death_before_init();
		test_death_request();
		test_death_unlock();
		test_death_return();
		test_death_copies();
	}
	object_end(&good, (vm_offset_t)good_bytes, PAGES * P);
}
