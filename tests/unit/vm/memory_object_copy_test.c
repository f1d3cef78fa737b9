/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/* Copies that the pager of the original is told of. */

#include "fake_pager.h"

#include <mach_server.h>
#include <tests/lib/test.h>

#include <kernel/mig_types.h>
#include <kernel/task.h>

#include <ipc/ipc_port.h>

#include <vm/memory_object.h>
#include <vm/vm_map.h>
#include <vm/vm_object.h>
#include <vm/vm_page.h>

#define SIZE	(8 * vm_page_size)

/* A client with the whole object at va, and a copy of it at copy. */
struct client {
	struct pager pager;
	struct task *task;
	vm_offset_t va;
	vm_offset_t copy;
};

static void
client_begin(struct client *client)
{
	client->pager.strategy = MEMORY_OBJECT_COPY_CALL;
	client->task = test_new_task(NULL);
	pager_start(&client->pager);
	CHECK_OK(pager_map(&client->pager, client->task, &client->va, SIZE,
	    false, VM_PROT_DEFAULT));
}

static void
client_copy(struct client *client)
{
	CHECK_OK(pager_map(&client->pager, client->task, &client->copy, SIZE,
	    true, VM_PROT_DEFAULT));
	vm_map_check(client->task->map);
}

/* Nothing must be left. */
static void
client_end(struct client *client)
{
	struct pager *pager = &client->pager;

	test_end_task(client->task);
	TEST_WAIT_UNTIL(pager->terminates == pager->inits);
	for (unsigned i = 0; i < pager->copy_count; i++) {
		TEST_WAIT_UNTIL(pager->copies[i].terminates == 1);
	}
	pager_stop(pager);
	CHECK_EQ(vm_object_count(), 0);
}

static uint32_t
read_at(struct client *client, vm_offset_t base, unsigned page)
{
	uint32_t value = 0;

	CHECK_OK(user_read(client->task, base + page * vm_page_size, &value));
	return value;
}

static void
write_at(struct client *client, vm_offset_t base, unsigned page,
    uint32_t value)
{
	CHECK_OK(user_write(client->task, base + page * vm_page_size, value));
}

/* Push all of OBJECT's pages out of memory. */
static void
flush(struct vm_object *object)
{
	memory_object_lock(object, 0, SIZE, MEMORY_OBJECT_RETURN_DIRTY, true,
	    VM_PROT_NO_CHANGE);
	test_sleep(20);
}

TEST(copy_has_what_was_resident)
{
	struct client client = { .va = 0 };
	struct pager_copy *copy = &client.pager.copies[0];

	client_begin(&client);
	write_at(&client, client.va, 0, 50);
	CHECK_EQ(read_at(&client, client.va, 1), 0x1001);
	client_copy(&client);
	for (unsigned i = 0; i < 3; i++) {
		write_at(&client, client.va, i, 60 + i);
	}
	CHECK_EQ(read_at(&client, client.copy, 0), 50);
	CHECK_EQ(read_at(&client, client.copy, 1), 0x1001);
	CHECK_EQ(copy->requests, 0);
	CHECK_EQ(read_at(&client, client.copy, 2), 0x1002);
	CHECK_EQ(copy->requests, 1);
	write_at(&client, client.copy, 3, 70);
	CHECK_EQ(read_at(&client, client.va, 3), 0x1003);
	CHECK_EQ(client.pager.copy_count, 1);

	/* All that the pager has not got goes there; then it comes back. */
	flush(copy->object);
	CHECK_EQ(copy->returns, 3);
	CHECK_EQ(read_at(&client, client.copy, 0), 50);
	CHECK_EQ(read_at(&client, client.copy, 1), 0x1001);
	CHECK_EQ(read_at(&client, client.copy, 3), 70);
	CHECK_EQ(read_at(&client, client.va, 0), 60);
	vm_object_check(copy->object);
	client_end(&client);
	CHECK_EQ(copy->returns, 3);
}

/* Nobody wants the content of a copy that nobody can see any more. */
TEST(copy_returns_only_changes_in_the_end)
{
	struct client client = { .va = 0 };

	client_begin(&client);
	for (unsigned i = 0; i < 8; i++) {
		write_at(&client, client.va, i, i);
	}
	client_copy(&client);
	write_at(&client, client.copy, 5, 99);
	client_end(&client);
	CHECK_EQ(client.pager.copies[0].returns, 1);
	CHECK_EQ(client.pager.copies[0].word[5], 99);
}

TEST(copy_left_to_the_original)
{
	struct client client = { .pager.leaves_copies = true };
	struct pager_copy *copy = &client.pager.copies[0];

	client_begin(&client);
	client_copy(&client);
	CHECK_EQ(read_at(&client, client.copy, 4), 0x1004);
	CHECK_EQ(copy->requests, 1);
	CHECK_EQ(client.pager.requests, 1);
	/* It has the page now, whatever becomes of the original's. */
	write_at(&client, client.va, 4, 5);
	CHECK_EQ(read_at(&client, client.copy, 4), 0x1004);
	write_at(&client, client.copy, 6, 7);
	CHECK_EQ(read_at(&client, client.va, 6), 0x1006);

	/* What it left to us it can say again, or better. */
	client.pager.leaves_copies = false;
	flush(copy->object);
	CHECK_EQ(copy->returns, 1);
	CHECK_EQ(read_at(&client, client.copy, 4), 0x1004);
	CHECK_EQ(copy->requests, 3);
	CHECK_EQ(read_at(&client, client.copy, 6), 7);
	client_end(&client);
}

/* A copy that is dropped while the pager has not said a word of it. */
TEST(copy_dropped_at_once)
{
	struct client client = { .va = 0 };

	client_begin(&client);
	write_at(&client, client.va, 0, 1);
	for (unsigned i = 0; i < PAGER_COPIES; i++) {
		client_copy(&client);
		CHECK_OK(vm_map_remove(client.task->map, client.copy,
		    client.copy + SIZE));
	}
	TEST_WAIT_UNTIL(client.pager.copy_count == PAGER_COPIES);
	client_end(&client);
}

/* The original goes first; the copy keeps it as long as it may need it. */
TEST(copy_survives_the_original)
{
	struct client client = { .va = 0 };

	client_begin(&client);
	write_at(&client, client.va, 0, 1);
	client_copy(&client);
	CHECK_OK(vm_map_remove(client.task->map, client.va,
	    client.va + SIZE));
	test_sleep(20);
	CHECK_EQ(client.pager.terminates, 0);
	CHECK_EQ(read_at(&client, client.copy, 0), 1);
	CHECK_EQ(read_at(&client, client.copy, 1), 0x1001);
	client.pager.leaves_copies = true;
	CHECK_EQ(read_at(&client, client.copy, 2), 0x1002);
	client_end(&client);
}

/* Without a pager for the original there is nobody to tell. */
TEST(copy_of_a_destroyed_object)
{
	struct client client = { .va = 0 };
	vm_offset_t copy;

	client_begin(&client);
	for (unsigned i = 0; i < 8; i++) {
		write_at(&client, client.va, i, i);
	}
	memory_object_destroyed(client.pager.object, KERN_FAILURE);
	TEST_WAIT_UNTIL(client.pager.terminates == 1);
	CHECK_EQ(client.pager.copy_count, 0);
	CHECK_OK(S_vm_allocate(client.task->map, &copy, SIZE, TRUE));
	CHECK_OK(S_vm_copy(client.task->map, client.va, SIZE, copy));
	write_at(&client, client.va, 7, 70);
	CHECK_EQ(read_at(&client, copy, 7), 7);
	client_end(&client);
}

/* The pager may map the copy's port itself, and gets the same memory. */
TEST(copy_mapped_by_its_port)
{
	struct client client = { .va = 0 };
	struct ipc_port *right;
	vm_offset_t va = 0;

	client_begin(&client);
	write_at(&client, client.va, 2, 22);
	client_copy(&client);
	TEST_WAIT_UNTIL(client.pager.copy_count == 1);
	right = ipc_port_make_send(client.pager.copies[0].port);
	/* More than the copy has is nobody's but its pager's. */
	CHECK_OK(S_vm_map(client.task->map, &va, 2 * SIZE, 0, TRUE, right, 0,
	    FALSE, VM_PROT_READ, VM_PROT_READ, VM_INHERIT_COPY));
	CHECK_EQ(read_at(&client, va, 2), 22);
	client.pager.leaves_copies = true;
	CHECK_EQ(read_at(&client, va, 10), 0);
	client_end(&client);
	CHECK_EQ(client.pager.inits, 1);
}
