/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Memory objects whose pager wants to know when they are copied
 * (MEMORY_OBJECT_COPY_CALL): the copy has a memory object of its own, which
 * the pager of the original serves.
 *
 * This pager is told of a copy, calls in what was written to the original, and
 * saves what the original then holds, before it says that the copy is ready.
 */

#include "pagers.h"

#include "mach_port_user.h"
#include "mach_user.h"
#include "memory_object_server.h"

boolean_t memory_object_server(mach_msg_header_t *request,
    mach_msg_header_t *reply);

#define P	vm_page_size
#define PAGES	16
#define COPIES	32

/* What the pager says when it is asked for a page of a copy. */
enum answer {
	SAVED,			/* here it is */
	UNAVAILABLE,		/* it is that of the original */
	ERROR,
	NOTHING,
};

/* A copy, and what it shows. */
struct copy {
	mach_port_t		port;
	mach_port_t		control;
	vm_offset_t		offset;		/* in the original */
	vm_size_t		length;
	bool			called;		/* a lock request for it has
						   not ended */
	volatile bool		initialized;
	volatile bool		terminated;
	uint32_t		saved[PAGES];
	volatile unsigned	requests;
	volatile unsigned	returns;
	vm_offset_t		returned_at;
	uint32_t		returned;
};

static mach_port_t object;
static mach_port_t control;
static mach_port_t set;
static uint32_t page[RT_PAGE_MAX / 4]
    __attribute__((aligned(RT_PAGE_MAX)));
static uint32_t store[PAGES];	/* the first word of each page */
static struct copy copies[COPIES];
static struct copy *cleaning[COPIES];	/* oldest first */
static unsigned cleaning_count;
static volatile unsigned copies_ended;
static bool forget;		/* a copy's end is all there is to know */
static volatile unsigned copy_count;
static volatile unsigned terminated;
static volatile unsigned changed;
static volatile unsigned requests;
static volatile unsigned returned;
static volatile enum answer answer;
static vm_prot_t lock_value;
static memory_object_copy_strategy_t strategy;

static struct copy *
copy_of(mach_port_t port)
{
	for (unsigned i = 0; i < COPIES; i++) {
		if (copies[i].port == port) {
			return &copies[i];
		}
	}
	return NULL;
}

/* The pager. */

/* Both its end and that of the request may come first. */
static void
copy_forget(struct copy *copy)
{
	if (forget && copy->terminated && !copy->called) {
		mach_port_destroy(rt_task, copy->port);
		copy->port = MACH_PORT_NULL;
		copies_ended++;
	}
}

static void
copy_get_ready(struct copy *copy)
{
	copy->called = false;
	if (copy->terminated) {
		copy_forget(copy);
		return;
	}
	for (unsigned i = 0; i < copy->length / P; i++) {
		copy->saved[i] = store[copy->offset / P + i];
	}
	memory_object_ready(copy->control, FALSE, MEMORY_OBJECT_COPY_DELAY);
	copy->initialized = true;
}

kern_return_t
memory_object_init(mach_port_t memory_object, mach_port_t memory_control,
    mach_port_t name, vm_size_t page_size)
{
	struct copy *copy = copy_of(memory_object);

	mach_port_deallocate(rt_task, name);
	if (copy == NULL) {
		control = memory_control;
		memory_object_ready(control, FALSE, strategy);
		return KERN_SUCCESS;
	}
	copy->control = memory_control;
	copy->called = true;
	cleaning[cleaning_count++] = copy;
	/* What was written before the copy was made is in it. */
	memory_object_lock_request(control, copy->offset, copy->length,
	    MEMORY_OBJECT_RETURN_DIRTY, FALSE, VM_PROT_NO_CHANGE, object);
	return KERN_SUCCESS;
}

kern_return_t
memory_object_lock_completed(mach_port_t memory_object,
    mach_port_t memory_control, vm_offset_t offset, vm_size_t length)
{
	copy_get_ready(cleaning[0]);
	cleaning_count--;
	for (unsigned i = 0; i < cleaning_count; i++) {
		cleaning[i] = cleaning[i + 1];
	}
	return KERN_SUCCESS;
}

kern_return_t
memory_object_terminate(mach_port_t memory_object, mach_port_t memory_control,
    mach_port_t name)
{
	struct copy *copy = copy_of(memory_object);

	if (copy != NULL) {
		copy->terminated = true;
		copy_forget(copy);
	} else {
		terminated++;
	}
	mach_port_destroy(rt_task, memory_control);
	mach_port_destroy(rt_task, name);
	return KERN_SUCCESS;
}

static void
supply(mach_port_t memory_control, vm_offset_t offset, uint32_t word)
{
	page[0] = word;
	memory_object_data_supply(memory_control, offset, (vm_offset_t)page,
	    P, FALSE, lock_value, FALSE, MACH_PORT_NULL);
}

kern_return_t
memory_object_data_request(mach_port_t memory_object,
    mach_port_t memory_control, vm_offset_t offset, vm_size_t length,
    vm_prot_t access)
{
	struct copy *copy = copy_of(memory_object);

	mach_port_deallocate(rt_task, memory_control);
	if (copy == NULL) {
		requests++;
		supply(control, offset, store[offset / P % PAGES]);
		return KERN_SUCCESS;
	}
	copy->requests++;
	if (answer == SAVED) {
		supply(copy->control, offset, copy->saved[offset / P % PAGES]);
	} else if (answer == UNAVAILABLE) {
		memory_object_data_unavailable(copy->control, offset, length);
	} else if (answer == ERROR) {
		memory_object_data_error(copy->control, offset, length,
		    KERN_MEMORY_ERROR);
	}
	return KERN_SUCCESS;
}

kern_return_t
memory_object_data_unlock(mach_port_t memory_object,
    mach_port_t memory_control, vm_offset_t offset, vm_size_t length,
    vm_prot_t access)
{
	mach_port_deallocate(rt_task, memory_control);
	memory_object_lock_request(copy_of(memory_object) == NULL ? control :
	    copy_of(memory_object)->control, offset, length,
	    MEMORY_OBJECT_RETURN_NONE, FALSE, VM_PROT_NONE, MACH_PORT_NULL);
	return KERN_SUCCESS;
}

kern_return_t
memory_object_data_return(mach_port_t memory_object,
    mach_port_t memory_control, vm_offset_t offset, vm_offset_t data,
    mach_msg_type_number_t count, boolean_t dirty, boolean_t kernel_copy)
{
	struct copy *copy = copy_of(memory_object);

	mach_port_deallocate(rt_task, memory_control);
	for (unsigned done = 0; done < count; done += P) {
		if (copy != NULL) {
			copy->returns++;
			copy->returned_at = offset + done;
			copy->returned = *(uint32_t *)(data + done);
		} else {
			returned++;
			store[(offset + done) / P % PAGES] =
			    *(uint32_t *)(data + done);
		}
	}
	vm_deallocate(rt_task, data, count);
	return KERN_SUCCESS;
}

kern_return_t
memory_object_supply_completed(mach_port_t memory_object,
    mach_port_t memory_control, vm_offset_t offset, vm_size_t length,
    kern_return_t result, vm_offset_t error_offset)
{
	return KERN_SUCCESS;
}

kern_return_t
memory_object_change_completed(mach_port_t memory_object,
    boolean_t may_cache, memory_object_copy_strategy_t new_strategy)
{
	changed++;
	return KERN_SUCCESS;
}

kern_return_t
memory_object_copy(mach_port_t old, mach_port_t memory_control,
    vm_offset_t offset, vm_size_t length, mach_port_t new)
{
	struct copy *copy = copy_of(MACH_PORT_NULL);

	mach_port_deallocate(rt_task, memory_control);
	*copy = (struct copy) {
		.port = new,
		.offset = offset,
		.length = length,
	};
	copy_count++;
	mach_port_move_member(rt_task, new, set);
	if (old != object) {
		rt_printf("FAIL copy of something else");
	}
	return KERN_SUCCESS;
}

static void
pager(void *arg)
{
	pagers_serve_all(set, memory_object_server);
}

/* The clients. */

static bool
wait_for(volatile bool *flag)
{
	return rt_until(*flag);
}

static void
wait_until(volatile unsigned *counter, unsigned n)
{
	rt_until(*counter >= n);
}

/* Until the pager has saved what copy N, from 0 on, shows. */
static void
wait_for_copy(unsigned n)
{
	wait_until(&copy_count, n + 1);
	wait_for(&copies[n].initialized);
}

static volatile char *
map(boolean_t copy, vm_offset_t offset, vm_size_t size)
{
	vm_offset_t addr = 0;

	need("vm_map", vm_map(rt_task, &addr, size, 0, TRUE, object, offset,
	    copy, VM_PROT_DEFAULT, VM_PROT_ALL, VM_INHERIT_COPY));
	return (volatile char *)addr;
}

static volatile char *
read_copy(volatile char *from, vm_size_t size)
{
	vm_offset_t data = 0;
	mach_msg_type_number_t n = 0;

	need("vm_read", vm_read(rt_task, (vm_offset_t)from, size, &data, &n));
	return (volatile char *)data;
}

/* Unmap a copy; its pager hears of that, and has the port for itself. */
static void
drop(struct copy *copy, volatile char *bytes)
{
	mach_port_status_t status;

	vm_deallocate(rt_task, (vm_offset_t)bytes, copy->length);
	rt_printf("terminated %d", wait_for(&copy->terminated));
	rt_show_right("port", copy->port);
	if (mach_port_get_receive_status(rt_task, copy->port, &status) ==
	    KERN_SUCCESS) {
		rt_printf("send rights %d", status.mps_srights);
	}
	mach_port_destroy(rt_task, copy->port);
	copy->port = MACH_PORT_DEAD;
}

static volatile char *
begin(memory_object_copy_strategy_t wanted)
{
	object = rt_port();
	mach_port_move_member(rt_task, object, set);
	memset(copies, 0, sizeof(copies));
	copies_ended = copy_count = terminated = changed = requests = returned = 0;
	for (unsigned i = 0; i < PAGES; i++) {
		store[i] = 'a' + i;
	}
	answer = SAVED;
	lock_value = VM_PROT_NONE;
	strategy = wanted;
	return map(FALSE, 0, PAGES * P);
}

static void
end(volatile char *bytes)
{
	vm_deallocate(rt_task, (vm_offset_t)bytes, PAGES * P);
	wait_until(&terminated, 1);
	want_number(forget ? "# terminated" : "terminated", terminated, 1);
	mach_port_destroy(rt_task, object);
}

/* Pages that are dirty, clean and absent when they are copied. */
static void
test_read(void)
{
	volatile char *bytes = begin(MEMORY_OBJECT_COPY_CALL);
	volatile char *data;

	rt_printf("clean %c", bytes[2 * P]);
	bytes[3 * P] = 'D';
	data = read_copy(bytes + P, 8 * P);
	wait_until(&copy_count, 1);
	rt_printf("copy at page %u for %u pages",
	    (unsigned)(copies[0].offset / P), (unsigned)(copies[0].length / P));
	rt_printf("initialized %d", wait_for(&copies[0].initialized));
	bytes[2 * P] = '2';
	bytes[3 * P] = '3';
	bytes[4 * P] = '4';
	rt_printf("clean %c dirty %c absent %c", data[P], data[2 * P],
	    data[3 * P]);
	rt_printf("original %c %c %c", bytes[2 * P], bytes[3 * P],
	    bytes[4 * P]);

	data[5 * P] = 'C';
	rt_printf("written %c original %c", data[5 * P], bytes[6 * P]);
	drop(&copies[0], data);
	want_number("returned", copies[0].returns, 1);
	rt_printf("what was written: page %u, %c",
	    (unsigned)(copies[0].returned_at / P), copies[0].returned);
	want_number("copies", copy_count, 1);
	end(bytes);
}

/* The original's page will do: as it is when it is asked for. */
static void
test_unavailable(void)
{
	volatile char *bytes = begin(MEMORY_OBJECT_COPY_CALL);
	volatile char *data = map(TRUE, 4 * P, 8 * P);
	unsigned before;

	answer = UNAVAILABLE;
	rt_printf("of the original %c", data[P]);
	want_number("asked for it", copies[0].requests, 1);
	want_number("asked for the original's", requests, 1);
	data[P] = 'C';
	rt_printf("copy %c original %c", data[P], bytes[5 * P]);
	data[2 * P] = 'W';
	rt_printf("copy %c original %c", data[2 * P], bytes[6 * P]);
	before = copies[0].requests;
	bytes[5 * P] = 'O';
	rt_printf("copy %c original %c", data[P], bytes[5 * P]);
	want_number("asked again", copies[0].requests - before, 0);
	drop(&copies[0], data);
	end(bytes);
}

/*
 * Only read, then changed: GNU Mach shows the original's page and leaves it to
 * the pager, which has to supply the copy's before it lets anybody write.
 */
static void
test_unavailable_changes(void)
{
	volatile char *bytes = begin(MEMORY_OBJECT_COPY_CALL);
	volatile char *data = map(TRUE, 0, 8 * P);

	answer = UNAVAILABLE;
	rt_printf("# of the original %c", data[P]);
	bytes[P] = 'O';
	if (!rt_on_gnumach) {
		want_number("# copy", data[P], 'b');
	}
	drop(&copies[0], data);
	end(bytes);
}

/* A copy of a copy, as the pager said; a task's copy; two copies at once. */
static void
test_more(void)
{
	volatile char *bytes = begin(MEMORY_OBJECT_COPY_CALL);
	volatile char *first;
	volatile char *second;
	volatile char *third;
	mach_port_t child;
	vm_offset_t data;
	mach_msg_type_number_t n;

	first = read_copy(bytes, 4 * P);
	wait_for_copy(0);
	bytes[0] = '1';
	second = read_copy(bytes, 4 * P);
	wait_for_copy(1);
	bytes[0] = '2';
	rt_printf("first %c second %c now %c", first[0], second[0], bytes[0]);
	third = read_copy(second, 2 * P);
	second[0] = 'S';
	second[P] = 'T';
	rt_printf("copy of it %c %c", third[0], third[P]);
	vm_deallocate(rt_task, (vm_offset_t)third, 2 * P);
	drop(&copies[0], first);
	drop(&copies[1], second);
	want_number("copies", copy_count, 2);

	need("child", task_create(rt_task, TRUE, &child));
	wait_for_copy(2);
	bytes[0] = '3';
	need("its memory", vm_read(child, (vm_offset_t)bytes, P, &data, &n));
	rt_printf("child %c parent %c", *(char *)data, bytes[0]);
	vm_deallocate(rt_task, data, n);
	want("end it", task_terminate(child), KERN_SUCCESS);
	mach_port_deallocate(rt_task, child);
	rt_printf("terminated %d", wait_for(&copies[2].terminated));
	mach_port_destroy(rt_task, copies[2].port);
	end(bytes);
}

/* How the pager wants it changes while the object is mapped and copied. */
static void
test_changes(void)
{
	volatile char *bytes = begin(MEMORY_OBJECT_COPY_NONE);
	static const memory_object_copy_strategy_t order[] = {
		MEMORY_OBJECT_COPY_NONE, MEMORY_OBJECT_COPY_CALL,
		MEMORY_OBJECT_COPY_DELAY, MEMORY_OBJECT_COPY_CALL,
		MEMORY_OBJECT_COPY_NONE, MEMORY_OBJECT_COPY_DELAY,
	};
	volatile char *data[6];
	memory_object_copy_strategy_t now;
	boolean_t ready;
	boolean_t may_cache;
	unsigned called = 0;

	bytes[0] = 'A';
	for (unsigned i = 0; i < 6; i++) {
		want("change", memory_object_change_attributes(control, FALSE,
		    order[i], object), KERN_SUCCESS);
		wait_until(&changed, i + 1);
		want_number("changed", changed, i + 1);
		need("attributes", memory_object_get_attributes(control,
		    &ready, &may_cache, &now));
		rt_printf("set %d is %d", order[i], now);
		data[i] = read_copy(bytes, 2 * P);
		if (order[i] == MEMORY_OBJECT_COPY_CALL) {
			wait_for_copy(called++);
		}
		bytes[0] = 'B' + i;
		bytes[P] = 'n' + i;
		rt_printf("copies %u: %c", copy_count, data[i][0]);
		if (rt_on_gnumach) {
			/* It panics if there are both kinds at a time. */
			vm_deallocate(rt_task, (vm_offset_t)data[i], 2 * P);
		}
	}
	for (unsigned i = 0; i < 6 && !rt_on_gnumach; i++) {
		want_number("# copy", data[i][0], 'A' + i);
		vm_deallocate(rt_task, (vm_offset_t)data[i], 2 * P);
	}
	for (unsigned i = 0; i < copy_count; i++) {
		rt_printf("terminated %d", wait_for(&copies[i].terminated));
		mach_port_destroy(rt_task, copies[i].port);
	}
	end(bytes);
}

/*
 * Temporary: copied lazily, called MEMORY_OBJECT_COPY_DELAY from then on, and
 * not given back in the end.
 */
static void
test_temporary(void)
{
	volatile char *bytes = begin(MEMORY_OBJECT_COPY_TEMPORARY);
	memory_object_copy_strategy_t now;
	boolean_t ready;
	boolean_t may_cache;
	volatile char *data;

	bytes[0] = 'T';
	need("attributes", memory_object_get_attributes(control, &ready,
	    &may_cache, &now));
	if (!rt_on_gnumach) {
		/* There, the strategy stays what it was. */
		want_number("# temporary is", now, MEMORY_OBJECT_COPY_DELAY);
		/* There, the kernel panics. */
		data = read_copy(bytes, 2 * P);
		bytes[0] = 'U';
		want_number("# copy", data[0], 'T');
		vm_deallocate(rt_task, (vm_offset_t)data, 2 * P);
	}
	end(bytes);
	want_number("returned", returned, 0);
}

/* A supply ends at the first page that is there already. */
static void
test_supply(void)
{
	static uint8_t two[2 * RT_PAGE_MAX]
	    __attribute__((aligned(RT_PAGE_MAX)));
	volatile char *bytes = begin(MEMORY_OBJECT_COPY_CALL);

	two[0] = 'x';
	two[P] = 'y';
	rt_printf("there %c", bytes[0]);
	want("supply", memory_object_data_supply(control, 0, (vm_offset_t)two,
	    2 * P, FALSE, VM_PROT_NONE, FALSE, MACH_PORT_NULL), KERN_SUCCESS);
	rt_printf("now %c %c", bytes[0], bytes[P]);
	want_number("asked", requests, 2);
	end(bytes);
}

/* Errors, which others may answer with a wait for ever. */

/* Does reading at ADDR end with an error? */
static bool
fails(volatile char *addr)
{
	pagers_begin_read((vm_offset_t)addr);
	return pagers_end_read() == MACH_SEND_INVALID_DATA;
}

/* The pager of the copy, or of the original, goes away. */
static void
test_death(void)
{
	volatile char *bytes = begin(MEMORY_OBJECT_COPY_CALL);
	volatile char *data;

	bytes[0] = 'A';
	data = read_copy(bytes, 8 * P);
	wait_for_copy(0);
	answer = ERROR;
	want_number("# an error", fails(data + P), 1);
	answer = NOTHING;
	rt_until_waits(pagers_begin_read((vm_offset_t)(data + 2 * P)));
	want_number("# waits", pagers_read_result(), PAGERS_READING);
	mach_port_destroy(rt_task, copies[0].port);
	want_number("# has waited", pagers_end_read(), MACH_SEND_INVALID_DATA);
	want_number("# another", fails(data + 3 * P), 1);
	want_number("# was there", data[0], 'A');
	want_number("# original", bytes[P], 'b');
	vm_deallocate(rt_task, (vm_offset_t)data, 8 * P);

	answer = UNAVAILABLE;
	data = read_copy(bytes, 8 * P);
	wait_for_copy(1);
	want("# take back", memory_object_destroy(control, KERN_FAILURE),
	    KERN_SUCCESS);
	wait_until(&terminated, 1);
	want_number("# was there", data[0], 'A');
	want_number("# left to nobody", fails(data + 4 * P), 1);
	answer = SAVED;
	want_number("# saved", data[5 * P], 'f');
	want("# take it back", memory_object_destroy(copies[1].control,
	    KERN_FAILURE), KERN_SUCCESS);
	want_number("# terminated", wait_for(&copies[1].terminated), 1);
	want_number("# gone", fails(data + 6 * P), 1);
	mach_port_destroy(rt_task, copies[1].port);
	vm_deallocate(rt_task, (vm_offset_t)data, 8 * P);
	vm_deallocate(rt_task, (vm_offset_t)bytes, PAGES * P);
	mach_port_destroy(rt_task, object);
}

/*
 * Copies are made while somebody writes and the pager takes pages away: what
 * a copy shows lies between what was there before and after, and stays.
 */

static volatile bool stop;
static volatile unsigned stopped;

static void
writer(void *arg)
{
	for (unsigned n = 0; !stop; n++) {
		++*(volatile uint32_t *)((char *)arg + n % 4 * P);
		if (n % 16 == 0) {
			rt_sleep(1);
		}
	}
	__atomic_add_fetch(&stopped, 1, __ATOMIC_SEQ_CST);
	rt_thread_exit();
}

static void
flusher(void *arg)
{
	for (unsigned n = 0; !stop; n++) {
		memory_object_lock_request(control, n % 4 * P, P,
		    MEMORY_OBJECT_RETURN_DIRTY, n % 3 != 0, VM_PROT_NO_CHANGE,
		    MACH_PORT_NULL);
		if (n % 4 == 0) {
			rt_sleep(1);
		}
	}
	__atomic_add_fetch(&stopped, 1, __ATOMIC_SEQ_CST);
	rt_thread_exit();
}

static uint32_t
word(volatile char *bytes, unsigned n)
{
	return *(volatile uint32_t *)(bytes + n * P);
}

/* How many of the four pages of a copy of BYTES are not as they should. */
static unsigned
race_once(volatile char *bytes)
{
	volatile char *data;
	uint32_t before[4];
	uint32_t seen[4];
	unsigned bad = 0;

	for (unsigned i = 0; i < 4; i++) {
		before[i] = word(bytes, i);
	}
	data = read_copy(bytes, 4 * P);
	for (unsigned i = 0; i < 4; i++) {
		seen[i] = word(data, i);
		bad += seen[i] - before[i] > word(bytes, i) - before[i];
	}
	for (unsigned n = 0; n < 4; n++) {
		swtch_pri(0);
		for (unsigned i = 0; i < 4; i++) {
			bad += word(data, i) != seen[i];
		}
	}
	vm_deallocate(rt_task, (vm_offset_t)data, 4 * P);
	return bad;
}

static void
test_race(void)
{
	volatile char *bytes = begin(MEMORY_OBJECT_COPY_CALL);
	unsigned bad = 0;

	forget = true;
	rt_thread_create(writer, (void *)bytes);
	rt_thread_create(flusher, NULL);
	for (unsigned n = 0; n < 100; n++) {
		while (n - copies_ended >= COPIES - 1) {
			rt_sleep(10);
		}
		bad += race_once(bytes);
	}
	stop = true;
	wait_until(&stopped, 2);
	want_number("# bad pages", bad, 0);
	want_number("# copies", copy_count >= 100, 1);
	rt_until(copies_ended >= copy_count);
	want_number("# alive", copy_count - copies_ended, 0);
	end(bytes);
}

void
test(void)
{
	need("set", mach_port_allocate(rt_task, MACH_PORT_RIGHT_PORT_SET,
	    &set));
	rt_thread_create(pager, NULL);
	test_read();
	test_unavailable();
	test_unavailable_changes();
	test_more();
	test_changes();
	test_temporary();
	test_supply();
	if (!rt_on_gnumach) {
		test_death();
		test_race();
	}
}
