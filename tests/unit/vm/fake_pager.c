/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

#include "fake_pager.h"

#include <host.h>
#include <mach_server.h>
#include <string.h>
#include <tests/lib/test.h>

#include <machine/copyio.h>
#include <machine/pmap.h>

#include <kernel/kmem.h>
#include <kernel/mig_types.h>
#include <kernel/panic.h>

#include <ipc/ipc_kmsg.h>
#include <ipc/ipc_mqueue.h>
#include <ipc/ipc_port.h>

#include <vm/memory_object.h>
#include <vm/vm_copy.h>
#include <vm/vm_fault.h>
#include <vm/vm_map.h>
#include <vm/vm_page.h>

enum {
	ID_INIT = 2200,
	ID_TERMINATE = 2201,
	ID_COPY = 2202,
	ID_DATA_REQUEST = 2203,
	ID_DATA_UNLOCK = 2204,
	ID_DATA_RETURN = 2208,
	ID_CREATE = 2250,
};

/* The words of a body: descriptors skipped. */
struct body {
	uint32_t *at;
};

static uint32_t
body_word(struct body *body)
{
	uint32_t value = body->at[1];

	body->at += 2;
	return value;
}

/* Out-of-line data, with its long descriptor. */
static struct vm_copy *
body_data(struct body *body)
{
	uint32_t value = body->at[3];

	body->at += 4;
	return (struct vm_copy *)(uintptr_t)value;
}

/* The next message of PORT, or NULL. */
static struct ipc_kmsg *
receive(struct ipc_port *port)
{
	struct ipc_receive result;

	ipc_port_lock(port);
	if (ipc_mqueue_poll_unlock(port, 0, 65536, &result) !=
	    MACH_MSG_SUCCESS) {
		ipc_port_unlock(port);
		return NULL;
	}
	return result.kmsg;
}

/* DATA, a page, to be sent as soon as there is memory for that. */
static struct vm_copy *
copy_page(const void *data)
{
	struct vm_copy *copy;

	while (vm_copy_from_kernel(data, vm_page_size, &copy) !=
	    KERN_SUCCESS) {
		test_sleep(1);
	}
	return copy;
}

/* Supply PAGE at OFFSET. */
static void
supply_page(struct pager *pager, struct vm_object *object, vm_offset_t offset,
    const void *page)
{
	struct vm_copy *copy = copy_page(page);

	/* A liar may come too late. */
	if (S_memory_object_data_supply(object, offset, (vm_offset_t)copy,
	    vm_page_size, pager->lock, pager->precious, IP_NULL, 0) !=
	    KERN_SUCCESS) {
		CHECK_EQ(pager->mood, PAGER_LYING);
		vm_copy_discard(copy);
	}
}

/* Supply a page that begins with WORD at OFFSET. */
static void
supply_word(struct pager *pager, struct vm_object *object, vm_offset_t offset,
    uint32_t word)
{
	uint32_t *page = kmem_zalloc(vm_page_size);

	page[0] = word;
	page[1] = offset;
	supply_page(pager, object, offset, page);
	kmem_free(page, vm_page_size);
}

/* Supply one page of PAGER's at OFFSET. */
static void
supply(struct pager *pager, struct vm_object *object, vm_offset_t offset)
{
	if (pager->bytes != NULL) {
		supply_page(pager, object, offset, pager->bytes + offset);
		return;
	}
	supply_word(pager, object, offset,
	    pager->word[offset / vm_page_size % PAGER_PAGES]);
}

static void
on_request(struct pager *pager, struct vm_object *object, vm_offset_t offset,
    vm_size_t size)
{
	pager->requests++;
	switch (pager->mood) {
	case PAGER_SILENT:
		break;
	case PAGER_ERROR:
		S_memory_object_data_error(object, offset, size,
		    KERN_FAILURE);
		break;
	case PAGER_UNAVAILABLE:
		S_memory_object_data_unavailable(object, offset, size);
		break;
	case PAGER_DESTROYS:
		S_memory_object_destroy(object, KERN_FAILURE);
		break;
	case PAGER_LYING:
		supply(pager, object, offset + 7 * vm_page_size);
		supply(pager, object, offset + 7 * vm_page_size);
		S_memory_object_data_unavailable(object, 0, 0xffffffff);
		S_memory_object_data_error(object, offset + vm_page_size,
		    0xfffff000, KERN_FAILURE);
		S_memory_object_lock_request(object, 0x80000000, 0x7fffffff,
		    MEMORY_OBJECT_RETURN_ALL, TRUE, VM_PROT_ALL, IP_NULL, 0);
		supply(pager, object, offset);
		break;
	default:
		supply(pager, object, offset);
		break;
	}
}

static void
on_return(struct pager *pager, struct body *body)
{
	vm_offset_t offset = body_word(body);
	struct vm_copy *data = body_data(body);
	bool dirty = body_word(body) != 0;
	uint32_t word;

	for (vm_size_t at = 0; at < vm_copy_size(data); at += vm_page_size) {
		CHECK_OK(vm_copy_read(data, at, &word, sizeof(word)));
		pager->word[(offset + at) / vm_page_size % PAGER_PAGES] =
		    word;
		if (pager->bytes != NULL) {
			CHECK_OK(vm_copy_read(data, at,
			    pager->bytes + offset + at, vm_page_size));
		}
		pager->returns++;
		pager->clean_returns += !dirty;
	}
}

static void
on_unlock(struct pager *pager, struct vm_object *object, struct body *body)
{
	vm_offset_t offset = body_word(body);
	vm_size_t size = body_word(body);

	pager->unlocks++;
	S_memory_object_lock_request(object, offset, size,
	    MEMORY_OBJECT_RETURN_NONE, FALSE, VM_PROT_NONE, IP_NULL, 0);
}

static void
on_copy(struct pager *pager, struct body *body)
{
	struct pager_copy *copy = &pager->copies[pager->copy_count];

	assert(pager->copy_count < PAGER_COPIES);
	copy->offset = body_word(body);
	(void)body_word(body);
	copy->port = (struct ipc_port *)body_word(body);
	/* Ours now, not the message's. */
	body->at[-1] = 0;
	ipc_port_clear_transit(copy->port);
	for (unsigned i = 0; i < PAGER_PAGES; i++) {
		copy->word[i] = pager->word[i];
	}
	pager->copy_count++;
}

/* The page at OFFSET of COPY is wanted. */
static void
copy_request(struct pager *pager, struct pager_copy *copy,
    struct vm_object *object, vm_offset_t offset)
{
	copy->requests++;
	if (pager->leaves_copies) {
		S_memory_object_data_unavailable(object, offset,
		    vm_page_size);
		return;
	}
	supply_word(pager, object, offset,
	    copy->word[(copy->offset + offset) / vm_page_size]);
}

static void
copy_return(struct pager_copy *copy, struct body *body)
{
	vm_offset_t offset = body_word(body);
	struct vm_copy *data = body_data(body);

	for (vm_size_t at = 0; at < vm_copy_size(data); at += vm_page_size) {
		CHECK_OK(vm_copy_read(data, at,
		    &copy->word[(copy->offset + offset + at) / vm_page_size],
		    sizeof(uint32_t)));
		copy->returns++;
	}
}

static void
copy_handle(struct pager *pager, struct pager_copy *copy,
    struct ipc_kmsg *kmsg)
{
	struct body body = { ipc_kmsg_body(kmsg) };
	struct ipc_port *control = (struct ipc_port *)body_word(&body);
	struct vm_object *object = memory_object_from_control(control);

	switch (kmsg->header.id) {
	case ID_INIT:
		copy->object = object;
		S_memory_object_ready(object, FALSE,
		    MEMORY_OBJECT_COPY_DELAY);
		break;
	case ID_TERMINATE:
		copy->terminates++;
		CHECK(object == NULL);
		break;
	case ID_DATA_REQUEST:
		copy_request(pager, copy, object, body_word(&body));
		break;
	case ID_DATA_RETURN:
		copy_return(copy, &body);
		break;
	default:
		test_fail(__FILE__, __LINE__, "message %d", kmsg->header.id);
		break;
	}
	ipc_kmsg_destroy(kmsg);
	if (object != NULL) {
		vm_object_unref(object);
	}
}

static void
handle(struct pager *pager, struct ipc_kmsg *kmsg)
{
	struct body body = { ipc_kmsg_body(kmsg) };
	struct ipc_port *control = (struct ipc_port *)body_word(&body);
	struct vm_object *object = memory_object_from_control(control);
	vm_offset_t offset;

	switch (kmsg->header.id) {
	case ID_INIT:
		pager->inits++;
		pager->object = object;
		if (!pager->not_ready) {
			S_memory_object_ready(object, pager->may_cache,
			    pager->strategy);
		}
		break;
	case ID_COPY:
		on_copy(pager, &body);
		break;
	case ID_TERMINATE:
		pager->terminates++;
		CHECK(object == NULL);
		break;
	case ID_DATA_REQUEST:
		offset = body_word(&body);
		on_request(pager, object, offset, body_word(&body));
		break;
	case ID_DATA_UNLOCK:
		on_unlock(pager, object, &body);
		break;
	case ID_DATA_RETURN:
		on_return(pager, &body);
		break;
	default:
		test_fail(__FILE__, __LINE__, "message %d", kmsg->header.id);
		break;
	}
	ipc_kmsg_destroy(kmsg);
	if (object != NULL) {
		vm_object_unref(object);
	}
}

/* Serve the copies; true if there was anything to do. */
static bool
pager_serve_copies(struct pager *pager)
{
	struct ipc_kmsg *kmsg;
	bool busy = false;

	for (unsigned i = 0; i < pager->copy_count; i++) {
		while ((kmsg = receive(pager->copies[i].port)) != NULL) {
			copy_handle(pager, &pager->copies[i], kmsg);
			busy = true;
		}
	}
	return busy;
}

static void
pager_thread(void *arg)
{
	struct pager *pager = arg;
	struct ipc_kmsg *kmsg;

	while (!pager->stop) {
		bool busy = pager_serve_copies(pager);

		if (pager->hold) {
			test_sleep(1);
			continue;
		}
		kmsg = receive(pager->port);
		if (kmsg != NULL) {
			handle(pager, kmsg);
		} else if (!busy) {
			test_sleep(1);
		}
	}
	for (unsigned i = 0; i < pager->copy_count; i++) {
		ipc_port_release_receive(pager->copies[i].port);
	}
	ipc_port_release_receive(pager->port);
	pager->stopped = true;
}

void
pager_start(struct pager *pager)
{
	pager->port = ipc_port_create();
	pager->right = ipc_port_make_send(pager->port);
	for (unsigned i = 0; i < PAGER_PAGES; i++) {
		pager->word[i] = 0x1000 + i;
	}
	test_spawn(pager_thread, pager);
}

void
pager_stop(struct pager *pager)
{
	/* What is on its way still arrives. */
	test_sleep(10);
	pager->stop = true;
	TEST_WAIT_UNTIL(pager->stopped);
	ipc_port_release_send(pager->right);
}

kern_return_t
pager_map(struct pager *pager, struct task *task, vm_offset_t *addrp,
    vm_size_t size, bool copy, vm_prot_t prot)
{
	struct ipc_port *right = ipc_port_copy_send(pager->right);
	kern_return_t kr;

	*addrp = 0;
	kr = S_vm_map(task->map, addrp, size, 0, TRUE, right, 0, copy, prot,
	    VM_PROT_ALL, VM_INHERIT_COPY);
	if (kr != KERN_SUCCESS) {
		ipc_port_release_send(right);
	}
	return kr;
}

/* The accesses fault first, so that the result can be seen. */
kern_return_t
user_read(struct task *task, vm_offset_t va, uint32_t *value)
{
	struct thread *self = current_thread();
	struct task *saved = self->task;
	kern_return_t kr;

	kr = vm_fault(task->map, vm_page_trunc(va), VM_PROT_READ, false);
	if (kr == KERN_SUCCESS) {
		test_enter(task);
		kr = copyin(va, value, sizeof(*value));
		self->task = saved;
	}
	return kr;
}

kern_return_t
user_write(struct task *task, vm_offset_t va, uint32_t value)
{
	struct thread *self = current_thread();
	struct task *saved = self->task;
	kern_return_t kr;

	kr = vm_fault(task->map, vm_page_trunc(va), VM_PROT_DEFAULT, false);
	if (kr == KERN_SUCCESS) {
		test_enter(task);
		kr = copyout(&value, va, sizeof(value));
		self->task = saved;
	}
	return kr;
}

/* The default pager. */

/* One object of the default pager's, and what it keeps of it. */
struct kept {
	struct kept *next;
	struct ipc_port *port;
	uint32_t pages;
	void **page;
};

/* Give back page INDEX of KEPT. */
static void
kept_supply(struct kept *kept, struct vm_object *object, uint32_t index)
{
	vm_offset_t offset = index * vm_page_size;

	if (index >= kept->pages || kept->page[index] == NULL) {
		test_fail(__FILE__, __LINE__, "page %u was never sent",
		    index);
		S_memory_object_data_unavailable(object, offset,
		    vm_page_size);
		return;
	}
	if (object == NULL) {
		/* It has ended since it asked. */
		return;
	}
	CHECK_OK(S_memory_object_data_supply(object, offset,
	    (vm_offset_t)copy_page(kept->page[index]), vm_page_size,
	    VM_PROT_NONE, FALSE, IP_NULL, 0));
}

/* An object may have grown since it was made. */
static void
kept_grow(struct kept *kept, uint32_t pages)
{
	void **page;

	if (pages <= kept->pages) {
		return;
	}
	page = host_alloc(pages * sizeof(*page));
	memcpy(page, kept->page, kept->pages * sizeof(*page));
	host_free(kept->page);
	kept->page = page;
	kept->pages = pages;
}

static void
kept_request(struct default_pager *pager, struct kept *kept,
    struct vm_object *object, struct body *body)
{
	uint32_t index = body_word(body) / vm_page_size;
	uint32_t count = body_word(body) / vm_page_size;

	pager->requests++;
	if (pager->forgets) {
		S_memory_object_data_unavailable(object, index * vm_page_size,
		    count * vm_page_size);
		return;
	}
	while (pager->silent) {
		test_sleep(1);
	}
	for (uint32_t i = 0; i < count; i++) {
		kept_supply(kept, object, index + i);
	}
}

/* There is no room for what is in BODY: OBJECT, if it lives, gets it back. */
static void
kept_refuse(struct default_pager *pager, struct vm_object *object,
    struct body *body)
{
	vm_offset_t offset = body_word(body);
	struct vm_copy *data = body_data(body);

	if (object != NULL) {
		/* Ours now, not the message's. */
		body->at[-1] = 0;
		CHECK_OK(S_memory_object_data_supply(object, offset,
		    (vm_offset_t)data, vm_copy_size(data), VM_PROT_NONE, TRUE,
		    IP_NULL, 0));
	}
	pager->refusals++;
}

static void
kept_return(struct default_pager *pager, struct kept *kept, struct body *body)
{
	vm_offset_t offset = body_word(body);
	struct vm_copy *data = body_data(body);
	uint32_t index;

	for (vm_size_t at = 0; at < vm_copy_size(data); at += vm_page_size) {
		index = (offset + at) / vm_page_size;
		kept_grow(kept, index + 1);
		if (kept->page[index] == NULL) {
			kept->page[index] = host_alloc(vm_page_size);
			pager->pages++;
		}
		CHECK_OK(vm_copy_read(data, at, kept->page[index],
		    vm_page_size));
		pager->returns++;
	}
}

static void
kept_free(struct default_pager *pager, struct kept *kept)
{
	for (uint32_t i = 0; i < kept->pages; i++) {
		if (kept->page[i] != NULL) {
			host_free(kept->page[i]);
			pager->pages--;
		}
	}
	host_free(kept->page);
	ipc_port_release_receive(kept->port);
	host_free(kept);
	pager->objects--;
}

/* Deal with one message for KEPT; true if it is gone. */
static bool
kept_handle(struct default_pager *pager, struct kept *kept,
    struct ipc_kmsg *kmsg)
{
	struct body body = { ipc_kmsg_body(kmsg) };
	struct ipc_port *control = (struct ipc_port *)body_word(&body);
	struct vm_object *object = memory_object_from_control(control);
	bool gone = false;

	switch (kmsg->header.id) {
	case ID_DATA_REQUEST:
		kept_request(pager, kept, object, &body);
		break;
	case ID_DATA_RETURN:
		if (pager->room != 0 && pager->pages >= pager->room) {
			kept_refuse(pager, object, &body);
		} else {
			kept_return(pager, kept, &body);
		}
		break;
	case ID_TERMINATE:
		gone = true;
		break;
	default:
		test_fail(__FILE__, __LINE__, "message %d", kmsg->header.id);
		break;
	}
	ipc_kmsg_destroy(kmsg);
	if (object != NULL) {
		vm_object_unref(object);
	}
	if (gone) {
		kept_free(pager, kept);
	}
	return gone;
}

static struct kept *
kept_create(struct default_pager *pager, struct ipc_kmsg *kmsg)
{
	struct body body = { ipc_kmsg_body(kmsg) };
	struct kept *kept = host_alloc(sizeof(*kept));

	CHECK_EQ(kmsg->header.id, ID_CREATE);
	kept->port = (struct ipc_port *)body_word(&body);
	/* Ours now, not the message's. */
	body.at[-1] = 0;
	kept->pages = body_word(&body) / vm_page_size + 1;
	kept->page = host_alloc(kept->pages * sizeof(void *));
	kept->next = NULL;
	pager->objects++;
	return kept;
}

/* Serve every object once, old ones first; true if there was anything to do. */
static bool
default_pager_round(struct default_pager *pager, struct kept **list)
{
	struct kept **last = list;
	struct ipc_kmsg *kmsg;
	struct kept *kept;
	bool busy = false;

	while (*last != NULL) {
		last = &(*last)->next;
	}
	while ((kmsg = receive(pager->port)) != NULL) {
		*last = kept_create(pager, kmsg);
		ipc_port_clear_transit((*last)->port);
		last = &(*last)->next;
		ipc_kmsg_destroy(kmsg);
		busy = true;
	}
	while ((kept = *list) != NULL) {
		struct kept *next = kept->next;

		kmsg = receive(kept->port);
		if (kmsg == NULL) {
			list = &kept->next;
			continue;
		}
		busy = true;
		if (kept_handle(pager, kept, kmsg)) {
			*list = next;
		}
	}
	return busy;
}

static void
default_pager_thread(void *arg)
{
	struct default_pager *pager = arg;
	struct kept *list = NULL;

	current_thread()->vm_privilege = true;
	while (!pager->stop) {
		if (!default_pager_round(pager, &list)) {
			test_sleep(1);
		}
	}
	while (list != NULL) {
		struct kept *next = list->next;

		kept_free(pager, list);
		list = next;
	}
	ipc_port_release_receive(pager->port);
	pager->stopped = true;
}

void
default_pager_start(struct default_pager *pager)
{
	pager->port = ipc_port_create();
	ipc_port_release_send(memory_object_set_default(
	    ipc_port_make_send(pager->port)));
	memory_object_set_cluster(64 * vm_page_size);
	test_spawn(default_pager_thread, pager);
}

void
default_pager_stop(struct default_pager *pager)
{
	ipc_port_release_send(memory_object_set_default(IP_NULL));
	test_sleep(20);
	pager->stop = true;
	TEST_WAIT_UNTIL(pager->stopped);
}
