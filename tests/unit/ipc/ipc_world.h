/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Everything that ipc/ stands on, as small as it can be, for tests that decide
 * themselves what happens when: memory that fails on demand, one flat user
 * memory, threads that "wait" by calling back into the test.  Locks are the
 * kernel's with all their checks.
 *
 * A test file defines world_tests[], ended by an empty element.  After each
 * test, ports, spaces, copies and memory must be back at what they were.
 */

#ifndef TESTS_UNIT_IPC_IPC_WORLD_H
#define TESTS_UNIT_IPC_IPC_WORLD_H

#include <ipc/ipc_types.h>
#include <machine/types.h>
#include <mach/kern_return.h>
#include <mach/message.h>
#include <mach/port.h>

struct task;

struct world_test {
	const char *name;
	void (*fn)(void);
};

extern const struct world_test world_tests[];

#define CHECK(cond) \
	((cond) ? (void)0 : world_fail(#cond, __FILE__, __LINE__))
#define CHECK_EQ(got, want) \
	world_check_eq((uint32_t)(got), (uint32_t)(want), #got " == " #want, \
	    __FILE__, __LINE__)

_Noreturn void world_fail(const char *what, const char *file, int line);
void world_check_eq(uint32_t got, uint32_t want, const char *what,
    const char *file, int line);

/*
 * What there was before a test, or before an input of a fuzzer; _back destroys
 * all tasks and sees that there is as much again.
 */
struct world_mark {
	unsigned ports;
	long allocated;
	user_addr_t user;
};

void world_mark(struct world_mark *mark);
void world_back(const struct world_mark *mark);

/* A task with one thread; the new one becomes current. */
struct task *world_task_create(void);
void world_task_destroy(struct task *task);
void world_become(struct task *task);
struct ipc_space *world_space(void);

/* User memory, the same for all tasks. */
user_addr_t world_user_alloc(size_t size);
void *world_user(user_addr_t addr);
/* No access to [ADDR, ADDR + SIZE) any more; size 0: access to all. */
void world_user_protect(user_addr_t addr, size_t size);
/* How often, and where last, memory was deallocated from a map. */
extern unsigned world_removed;
extern user_addr_t world_removed_start;
extern user_addr_t world_removed_end;
/* No room in the receiver's map. */
extern bool world_map_full;

/*
 * Called when the current thread waits; what it does may wake it.  If it does
 * not, the wait times out or is interrupted.
 */
extern void (*world_on_sleep)(void *arg);
extern void *world_on_sleep_arg;
extern unsigned world_sleeps;

/* After N more, all allocations fail; negative: never. */
void world_fail_alloc(int n);
bool world_alloc_failed(void);

uint32_t world_random(uint32_t limit);

/* Check the spaces of all tasks. */
void world_check_spaces(void);

/* Rights the easy way: in the current task. */
mach_port_name_t world_port(void);
mach_port_name_t world_port_with_send(void);
mach_port_name_t world_pset(void);
mach_port_type_t world_type(mach_port_name_t name);
mach_port_urefs_t world_refs(mach_port_name_t name, mach_port_right_t right);
/* Type without request bits, or 0 for an invalid name. */
kern_return_t world_try_type(mach_port_name_t name, mach_port_type_t *type);

/* A copy of the right in FROM's space, given to TO; the name there. */
mach_port_name_t world_give(struct task *from, mach_port_name_t name,
    mach_msg_type_name_t disposition, struct task *to);

/* mach_msg on a buffer in user memory that all share. */
extern user_addr_t world_buffer;
mach_msg_header_t *world_header(void);
void *world_body(void);
mach_msg_return_t world_send(mach_msg_size_t size, mach_msg_option_t option,
    mach_msg_timeout_t timeout, mach_port_name_t notify);
mach_msg_return_t world_receive(mach_port_name_t name, mach_msg_size_t size,
    mach_msg_option_t option, mach_msg_timeout_t timeout,
    mach_port_name_t notify);
/* A header only. */
void world_compose(mach_port_name_t dest, mach_msg_type_name_t dest_type,
    mach_port_name_t reply, mach_msg_type_name_t reply_type,
    mach_msg_id_t id);
mach_msg_return_t world_send_simple(mach_port_name_t dest,
    mach_msg_type_name_t type, mach_msg_id_t id);
/* Receive at once what is there; MACH_RCV_TIMED_OUT if nothing is. */
mach_msg_return_t world_poll(mach_port_name_t name);
/* The next message of NAME is the notification ID with this data word. */
void world_expect(mach_port_name_t name, mach_msg_id_t id, uint32_t data);

/* Descriptors. */
mach_msg_type_t world_type_inline(mach_msg_type_name_t name, unsigned size,
    unsigned number);
mach_msg_type_t world_type_ool(mach_msg_type_name_t name, unsigned size,
    unsigned number, bool dealloc);

#endif
