/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Message buffers, destruction of messages, and messages that the kernel
 * itself sends.
 */

#include <ipc/ipc_kmsg.h>

#include <machine/atomic.h>
#include <machine/cpu.h>

#include <kernel/kmem.h>
#include <kernel/panic.h>
#include <kernel/sched.h>
#include <kernel/thread.h>
#include <string.h>

#include <ipc/ipc_copyin.h>
#include <ipc/ipc_mqueue.h>
#include <ipc/ipc_notify.h>
#include <ipc/ipc_port.h>
#include <ipc/ipc_request.h>
#include <ipc/ipc_space.h>

void
ipc_kmsg_setup(void)
{
	_Static_assert(sizeof(struct ipc_port *) == sizeof(mach_port_name_t),
	    "a port takes the place of a name");
}

/*
 * Messages of about a page are common, and blocks of their size come from the
 * allocator of pages: each processor keeps one.
 */
#define IPC_KMSG_SPARE                                                         \
	((mach_msg_size_t)(8192 - offsetof(struct ipc_kmsg, header)))
static struct ipc_kmsg *ipc_kmsg_spare[CPU_MAX]; /* [a] */

struct ipc_kmsg *
ipc_kmsg_alloc(mach_msg_size_t size)
{
	struct ipc_kmsg *kmsg = NULL;

	if (size > IPC_KMSG_SIZE_MAX) {
		return NULL;
	}
	if (size > IPC_KMSG_SPARE / 2 && size <= IPC_KMSG_SPARE) {
		size = IPC_KMSG_SPARE;
		kmsg = atomic_exchange_acq_rel(&ipc_kmsg_spare[cpu_id()], NULL);
	}
	if (kmsg == NULL) {
		kmsg = kmem_alloc(offsetof(struct ipc_kmsg, header) + size);
	}
	if (kmsg == NULL) {
		return NULL;
	}
	kmsg->accepted = NULL;
	kmsg->ready = false;
	kmsg->fetched = false;
	kmsg->capacity = size;
	return kmsg;
}

void
ipc_kmsg_free(struct ipc_kmsg *kmsg)
{
	assert(kmsg->accepted == NULL);
	if (kmsg->capacity == IPC_KMSG_SPARE) {
		kmsg = atomic_exchange_acq_rel(&ipc_kmsg_spare[cpu_id()], kmsg);
		if (kmsg == NULL) {
			return;
		}
	}
	kmem_free(kmsg, offsetof(struct ipc_kmsg, header) + kmsg->capacity);
}

void
ipc_kmsg_queue_move(struct ipc_kmsg_queue *to, struct ipc_kmsg_queue *from)
{
	struct ipc_kmsg *last = from->last;
	struct ipc_kmsg *first;

	if (last == NULL) {
		return;
	}
	if (to->last != NULL) {
		first = last->next;
		last->next = to->last->next;
		last->count += to->last->count;
		to->last->next = first;
	}
	to->last = last;
	from->last = NULL;
}

/* A descriptor's first word: see mach_msg_type_t. */
#define IPC_KMSG_TYPE_NAME(word) ((word)&0xff)
#define IPC_KMSG_TYPE_SIZE(word)   ((word) >> 8 & 0xff)
#define IPC_KMSG_TYPE_NUMBER(word) ((word) >> 16 & 0xfff)
#define IPC_KMSG_TYPE_FORM(word)   ((word) >> 28)
#define IPC_KMSG_FORM_INLINE	   1u
#define IPC_KMSG_FORM_LONG	   2u
#define IPC_KMSG_FORM_DEALLOCATE   4u
#define IPC_KMSG_FORM_UNUSED	   8u

void
ipc_kmsg_skip_data(char **cursor, char *end)
{
	char *at = *cursor;
	size_t amount;
	uint32_t word;

	while ((size_t)(end - at) >= sizeof(word)) {
		word = *(const uint32_t *)(const void *)at;
		if (IPC_KMSG_TYPE_FORM(word) != IPC_KMSG_FORM_INLINE ||
		    MACH_MSG_TYPE_PORT_ANY(IPC_KMSG_TYPE_NAME(word))) {
			break;
		}
		if (ipc_kmsg_at_word(at, end)) {
			at += 2 * sizeof(word);
			continue;
		}
		amount = sizeof(word) + (IPC_KMSG_TYPE_SIZE(word) *
						IPC_KMSG_TYPE_NUMBER(word) +
					    31) /
					    32 * 4;
		if (amount > (size_t)(end - at)) {
			break;
		}
		at += amount;
	}
	*cursor = at;
}

/* Read what a long descriptor says beyond its first word. */
static mach_msg_return_t
ipc_kmsg_read_long(
    const mach_msg_type_long_t *type, size_t left, struct ipc_kmsg_item *item)
{
	if (left < sizeof(*type)) {
		return MACH_SEND_MSG_TOO_SMALL;
	}
	if (item->name != 0 || item->size != 0 || item->number != 0) {
		return MACH_SEND_INVALID_TYPE;
	}
	item->name = type->msgtl_name;
	item->size = type->msgtl_size;
	item->number = type->msgtl_number;
	return MACH_MSG_SUCCESS;
}

/*
 * How many bytes ITEM's data, or its address, take of the LEFT ones; sets its
 * length.
 */
static mach_msg_return_t
ipc_kmsg_measure(struct ipc_kmsg_item *item, size_t left, size_t *amount)
{
	uint64_t bits;

	if (!item->is_long) {
		/* 12 bits of number and 8 of size: no overflow to fear. */
		item->length = (item->number * item->size + 7) / 8;
		*amount = item->is_inline ? (item->length + 3) & ~(size_t)3
					  : sizeof(vm_offset_t);
		return *amount > left ? MACH_SEND_MSG_TOO_SMALL
				      : MACH_MSG_SUCCESS;
	}
	bits = (uint64_t)item->number * item->size;
	if (!item->is_inline) {
		/* A region beyond any address space cannot be sent. */
		if (bits / 8 >= UINT32_MAX - 8) {
			return MACH_SEND_INVALID_TYPE;
		}
		*amount = sizeof(vm_offset_t);
	} else {
		if (bits / 8 >= left + 1) {
			return MACH_SEND_MSG_TOO_SMALL;
		}
		*amount = ((size_t)(bits + 7) / 8 + 3) & ~(size_t)3;
	}
	item->length = (size_t)((bits + 7) / 8);
	return *amount > left ? MACH_SEND_MSG_TOO_SMALL : MACH_MSG_SUCCESS;
}

mach_msg_return_t
ipc_kmsg_next_item(char **cursor, char *end, struct ipc_kmsg_item *item)
{
	char *at = *cursor;
	size_t left = (size_t)(end - at);
	mach_msg_return_t mr;
	size_t amount;
	uint32_t word;
	unsigned form;

	if (left < sizeof(word)) {
		return MACH_SEND_MSG_TOO_SMALL;
	}
	word = *(const uint32_t *)(const void *)at;
	item->type = at;
	if (ipc_kmsg_at_word(at, end)) {
		item->is_inline = true;
		item->is_long = false;
		item->dealloc = false;
		item->name = IPC_KMSG_TYPE_NAME(word);
		item->size = 32;
		item->number = 1;
		item->length = sizeof(word);
		item->is_port = MACH_MSG_TYPE_PORT_ANY(item->name);
		item->data = at + sizeof(word);
		*cursor = at + 2 * sizeof(word);
		return MACH_MSG_SUCCESS;
	}
	form = IPC_KMSG_TYPE_FORM(word);
	item->is_inline = (form & IPC_KMSG_FORM_INLINE) != 0;
	item->is_long = (form & IPC_KMSG_FORM_LONG) != 0;
	item->dealloc = (form & IPC_KMSG_FORM_DEALLOCATE) != 0;
	item->name = IPC_KMSG_TYPE_NAME(word);
	item->size = IPC_KMSG_TYPE_SIZE(word);
	item->number = IPC_KMSG_TYPE_NUMBER(word);
	amount = sizeof(word);
	if (item->is_long) {
		mr = ipc_kmsg_read_long(item->type, left, item);
		if (mr != MACH_MSG_SUCCESS) {
			return mr;
		}
		amount = sizeof(mach_msg_type_long_t);
	}
	item->is_port = MACH_MSG_TYPE_PORT_ANY(item->name);
	if ((item->is_port && item->size != 8 * sizeof(mach_port_t)) ||
	    (form & IPC_KMSG_FORM_UNUSED) != 0 ||
	    (item->is_inline && item->dealloc)) {
		return MACH_SEND_INVALID_TYPE;
	}
	at += amount;
	left -= amount;
	item->data = at;
	mr = ipc_kmsg_measure(item, left, &amount);
	if (mr == MACH_MSG_SUCCESS) {
		*cursor = at + amount;
	}
	return mr;
}

bool
ipc_kmsg_only_region(char *at, const char *end, struct ipc_kmsg_item *item)
{
	size_t left = (size_t)(end - at);
	const mach_msg_type_long_t *type = (const void *)at;
	uint32_t word;
	unsigned form;

	if (left < sizeof(word) + sizeof(vm_offset_t)) {
		return false;
	}
	word = *(const uint32_t *)(const void *)at;
	form = IPC_KMSG_TYPE_FORM(word);
	item->is_long = (form & IPC_KMSG_FORM_LONG) != 0;
	if ((form & (IPC_KMSG_FORM_INLINE | IPC_KMSG_FORM_UNUSED)) != 0) {
		return false;
	}
	if (!item->is_long) {
		item->name = IPC_KMSG_TYPE_NAME(word);
		item->size = IPC_KMSG_TYPE_SIZE(word);
		item->number = IPC_KMSG_TYPE_NUMBER(word);
		item->length = (item->number * item->size + 7) / 8;
		item->data = at + sizeof(word);
	} else if (left == sizeof(*type) + sizeof(vm_offset_t) &&
		   word << 4 == 0 && type->msgtl_size == 8 &&
		   type->msgtl_number < UINT32_MAX - 8) {
		item->name = type->msgtl_name;
		item->size = 8;
		item->number = type->msgtl_number;
		item->length = item->number;
		item->data = at + sizeof(*type);
	} else {
		return false;
	}
	item->type = at;
	item->is_inline = false;
	item->is_port = false;
	item->dealloc = (form & IPC_KMSG_FORM_DEALLOCATE) != 0;
	return item->length != 0 && !MACH_MSG_TYPE_PORT_ANY(item->name) &&
	       (const char *)item->data + sizeof(vm_offset_t) == end;
}

/* Destroy the rights or the region of one item in kernel form. */
static void
ipc_kmsg_clean_item(struct ipc_kmsg_item *item)
{
	struct ipc_port **ports;

	if (!item->is_port) {
		if (!item->is_inline) {
			ipc_copyin_discard_memory(item->data);
		}
		return;
	}
	ports = item->is_inline ? item->data : *(struct ipc_port ***)item->data;
	for (mach_msg_type_number_t i = 0; i < item->number; i++) {
		ipc_port_release(ports[i], item->name);
	}
	if (!item->is_inline) {
		kmem_free(ports, item->length);
	}
}

void
ipc_kmsg_clean_body(struct ipc_kmsg *kmsg)
{
	char *cursor = ipc_kmsg_body(kmsg);
	char *end = (char *)&kmsg->header + kmsg->header.size;
	struct ipc_kmsg_item item;

	if ((kmsg->header.bits & MACH_MSGH_BITS_COMPLEX) == 0) {
		return;
	}
	ipc_kmsg_skip_data(&cursor, end);
	while (cursor < end &&
	       ipc_kmsg_next_item(&cursor, end, &item) == MACH_MSG_SUCCESS) {
		ipc_kmsg_clean_item(&item);
		ipc_kmsg_skip_data(&cursor, end);
	}
}

/* Destroy all that KMSG owns, and KMSG, unless it is to say so. */
static void
ipc_kmsg_clean(struct ipc_kmsg *kmsg)
{
	struct ipc_request *request = kmsg->accepted;
	mach_msg_bits_t bits = kmsg->header.bits;
	struct ipc_port *reply = kmsg->header.local;

	if (request != NULL) {
		kmsg->accepted = NULL;
		ipc_request_finish(request, false);
	}
	if (ip_valid(kmsg->header.remote)) {
		ipc_port_release(
		    kmsg->header.remote, MACH_MSGH_BITS_REMOTE(bits));
	}
	ipc_kmsg_clean_body(kmsg);
	if (ip_valid(reply) &&
	    MACH_MSGH_BITS_LOCAL(bits) == MACH_MSG_TYPE_PORT_SEND_ONCE) {
		ipc_notify_send_once(reply, kmsg);
		return;
	}
	if (ip_valid(reply)) {
		ipc_port_release(reply, MACH_MSGH_BITS_LOCAL(bits));
	}
	ipc_kmsg_free(kmsg);
}

/*
 * A receive right in a message may be for a port whose queue has a message
 * with a receive right, and so on without bound: whoever is called while the
 * same thread already destroys messages only adds to its list.
 */
void
ipc_kmsg_destroy_queue(struct ipc_kmsg_queue *queue)
{
	struct thread *self = current_thread();

	ipc_kmsg_queue_move(&self->ipc.dead_kmsgs, queue);
	if (self->destroying) {
		return;
	}
	self->destroying = true;
	while (!ipc_kmsg_queue_empty(&self->ipc.dead_kmsgs)) {
		ipc_kmsg_clean(ipc_kmsg_queue_take(&self->ipc.dead_kmsgs));
	}
	self->destroying = false;
}

void
ipc_kmsg_destroy(struct ipc_kmsg *kmsg)
{
	struct ipc_kmsg_queue one = { NULL };

	ipc_kmsg_queue_append(&one, kmsg);
	ipc_kmsg_destroy_queue(&one);
}

mach_msg_return_t
ipc_kmsg_from_kernel(
    const mach_msg_header_t *msg, mach_msg_size_t size, struct ipc_kmsg **kmsgp)
{
	struct ipc_kmsg *kmsg;

	assert(size >= sizeof(*msg) && size % 4 == 0);
	kmsg = ipc_kmsg_alloc(size);
	if (kmsg == NULL) {
		ipc_copyin_discard_kernel(msg, size);
		return MACH_SEND_NO_BUFFER;
	}
	memcpy(&kmsg->header, msg, size);
	kmsg->header.size = size;
	ipc_copyin_from_kernel(kmsg);
	if (!ip_valid(kmsg->header.remote)) {
		ipc_kmsg_destroy(kmsg);
		return MACH_SEND_INVALID_DEST;
	}
	*kmsgp = kmsg;
	return MACH_MSG_SUCCESS;
}

mach_msg_return_t
mach_msg_send_from_kernel(mach_msg_header_t *msg, mach_msg_size_t size)
{
	struct ipc_kmsg *kmsg;
	mach_msg_return_t mr;

	mr = ipc_kmsg_from_kernel(msg, size, &kmsg);
	if (mr != MACH_MSG_SUCCESS) {
		return mr;
	}
	return ipc_mqueue_send(kmsg, MACH_SEND_ALWAYS, 0);
}
