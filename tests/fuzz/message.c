/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Messages: those of the stubs, changed here and there, and made up ones.
 */

#include "rights.h"

#define ROOM	(FUZZ_MESSAGE - 256)

/*
 * Left out: what reboots; what gives a child all of physical memory, all I/O
 * ports or everybody's task ports, with which it may rightly destroy the
 * kernel or its parent; what takes the processors away from the parent; and what
 * gives everybody's memory to a pager that loses it.
 */
static const mach_msg_id_t forbidden[] = {
	2041,	/* vm_set_default_memory_manager */
	2604,	/* processor_exit */
	2611,	/* processor_assign */
	2626,	/* processor_set_policy_disable */
	2627,	/* processor_set_tasks */
	2628,	/* processor_set_threads */
	2635,	/* host_reboot */
	2809,	/* device_map */
	3806,	/* i386_io_perm_modify */
};

bool
fuzz_forbidden(mach_msg_id_t id)
{
	for (unsigned i = 0; i < sizeof(forbidden) / sizeof(*forbidden); i++) {
		if (id == forbidden[i]) {
			return true;
		}
	}
	return false;
}

/* The first id of an interface, and how many it has. */
static const struct {
	mach_msg_id_t first;
	unsigned count;
} interfaces[] = {
	{ 2000, 100 },
	{ 2600, 50 },
	{ 2800, 16 },
	{ 3000, 26 },
	{ 3200, 24 },
	{ 3800, 10 },
	{ 4000, 12 },
	{ 4200, 18 },
	{ 424242, 6 },
	{ 64, 13 },
	{ 2200, 12 },
	{ 2400, 2 },
	{ 4400, 1 },
	{ 2900, 6 },
};

static mach_msg_id_t
random_id(struct fuzz_thread *t)
{
	unsigned i = fuzz_below(t, sizeof(interfaces) / sizeof(*interfaces));

	if (fuzz_chance(t, 16)) {
		return fuzz_random(t);
	}
	return interfaces[i].first + fuzz_below(t, interfaces[i].count);
}

static uint32_t
random_disposition(struct fuzz_thread *t)
{
	return fuzz_chance(t, 8) ? fuzz_below(t, 32) : 16 + fuzz_below(t, 6);
}

static mach_msg_bits_t
random_bits(struct fuzz_thread *t)
{
	mach_msg_bits_t bits = MACH_MSGH_BITS(random_disposition(t),
	    fuzz_chance(t, 3) ? 0 : random_disposition(t));

	if (!fuzz_chance(t, 4)) {
		bits |= MACH_MSGH_BITS_COMPLEX;
	}
	if (fuzz_chance(t, 32)) {
		bits ^= 1u << fuzz_below(t, 32);
	}
	return bits;
}

/* A descriptor, mostly a good one, and the SIZE of what follows it in line. */
static uint32_t *
random_type(struct fuzz_thread *t, uint32_t *at, uint32_t *end)
{
	bool rights = !fuzz_chance(t, 3);
	bool is_inline = !fuzz_chance(t, 3);
	bool is_long = fuzz_chance(t, 4);
	uint32_t name = rights ? random_disposition(t) : fuzz_below(t, 16);
	uint32_t size = rights || fuzz_chance(t, 2) ? 32 : 8;
	uint32_t number = fuzz_chance(t, 4) ? fuzz_below(t, 40)
					    : fuzz_below(t, 4);
	mach_msg_type_long_t type;
	uint32_t words;

	if (fuzz_chance(t, 40)) {
		number = fuzz_pick_number(t);
	}
	if (fuzz_chance(t, 40)) {
		size = fuzz_pick_number(t);
	}
	memset(&type, 0, sizeof(type));
	type.msgtl_header.msgt_inline = is_inline;
	type.msgtl_header.msgt_longform = is_long;
	type.msgtl_header.msgt_deallocate = !is_inline && fuzz_chance(t, 3);
	if (fuzz_chance(t, 60)) {
		type.msgtl_header.msgt_unused = 1;
	}
	if (fuzz_chance(t, 60)) {
		type.msgtl_header.msgt_deallocate = 1;
	}
	if (is_long) {
		type.msgtl_name = name;
		type.msgtl_size = size;
		type.msgtl_number = number;
	} else {
		type.msgtl_header.msgt_name = name;
		type.msgtl_header.msgt_size = size;
		type.msgtl_header.msgt_number = number;
	}
	words = is_long ? 3 : 1;
	if (at + words + 1 > end) {
		return end;
	}
	memcpy(at, &type, words * 4);
	at += words;
	if (!is_inline) {
		*at++ = fuzz_pick_address(t);
		return at;
	}
	words = (size * number + 31) / 32;
	for (uint32_t i = 0; i < words && at < end; i++) {
		*at++ = rights ? fuzz_pick_port(t) : fuzz_random(t);
	}
	return at;
}

void
fuzz_message(struct fuzz_thread *t)
{
	mach_msg_header_t *head = (mach_msg_header_t *)t->message;
	uint32_t *at = (uint32_t *)(head + 1);
	uint32_t *end = (uint32_t *)(t->message +
				     (fuzz_chance(t, 16) ? ROOM : 256));

	rt_header(head, random_bits(t), 0, fuzz_pick_port(t),
	    fuzz_chance(t, 3) ? MACH_PORT_NULL : fuzz_pick_port(t),
	    random_id(t));
	if (MACH_MSGH_BITS_LOCAL(head->msgh_bits) == 0) {
		head->msgh_local_port = MACH_PORT_NULL;
	}
	for (unsigned i = fuzz_below(t, 5); i > 0 && at < end; i--) {
		at = random_type(t, at, end);
	}
	fuzz_exchange(t, (uint32_t)((char *)at - t->message));
}

/* ---- changes to a message that a stub made ---- */

/* A word of the body, or of the header. */
static uint32_t *
random_word(struct fuzz_thread *t, uint32_t size)
{
	return (uint32_t *)t->message + fuzz_below(t, size / 4);
}

static uint32_t
mutate(struct fuzz_thread *t, uint32_t size)
{
	mach_msg_header_t *head = (mach_msg_header_t *)t->message;

	switch (fuzz_below(t, 10)) {
	case 0:
		*random_word(t, size) ^= 1u << fuzz_below(t, 32);
		break;
	case 1:
		*random_word(t, size) = fuzz_pick_number(t);
		break;
	case 2:
		*random_word(t, size) = fuzz_pick_address(t);
		break;
	case 3:
		*random_word(t, size) = fuzz_pick_port(t);
		break;
	case 4:
		head->msgh_id = fuzz_chance(t, 2)
				    ? random_id(t)
				    : (mach_msg_id_t)(head->msgh_id +
						      fuzz_below(t, 5) - 2);
		break;
	case 5:
		head->msgh_remote_port = fuzz_pick_port(t);
		break;
	case 6:
		head->msgh_bits ^= MACH_MSGH_BITS_COMPLEX;
		break;
	case 7:
		head->msgh_bits = random_bits(t);
		break;
	case 8:
		size = fuzz_chance(t, 2) ? size - 4 * fuzz_below(t, 5)
					 : size + 4 * fuzz_below(t, 8);
		break;
	default:
		head->msgh_local_port = fuzz_pick_port(t);
		break;
	}
	return size > FUZZ_MESSAGE / 2 ? 24 : size;
}

/* In place of mach_msg in the stubs. */
mach_msg_return_t rt_rpc_msg(mach_msg_header_t *msg, mach_msg_option_t option,
    mach_msg_size_t send_size, mach_msg_size_t rcv_size,
    mach_port_name_t rcv_name, mach_msg_timeout_t timeout,
    mach_port_name_t notify);

mach_msg_return_t
rt_rpc_msg(mach_msg_header_t *msg, mach_msg_option_t option,
    mach_msg_size_t send_size, mach_msg_size_t rcv_size,
    mach_port_name_t rcv_name, mach_msg_timeout_t timeout,
    mach_port_name_t notify)
{
	struct fuzz_thread *t = fuzz_self();
	mig_reply_header_t *reply = (mig_reply_header_t *)t->message;
	mach_msg_id_t id;

	if (!fuzz_is_child) {
		return rights_msg(msg, option, send_size, rcv_size, rcv_name,
		    timeout, notify);
	}
	if (send_size > ROOM) {
		return MACH_SEND_NO_BUFFER;
	}
	memcpy(t->message, msg, send_size);
	if ((option & MACH_RCV_MSG) != 0) {
		((mach_msg_header_t *)t->message)->msgh_local_port = t->reply;
	}
	if (!t->quiet) {
		for (unsigned i = fuzz_below(t, 4); i > 0; i--) {
			send_size = mutate(t, send_size);
		}
	}
	id = ((mach_msg_header_t *)t->message)->msgh_id;
	if (fuzz_exchange(t, send_size) == MACH_MSG_SUCCESS &&
	    id == msg->msgh_id && reply->Head.msgh_id == id + 100 &&
	    reply->RetCode == KERN_SUCCESS) {
		fuzz_shared->good[t->call] = 1;
	}
	/* The stub is told nothing: what came back may be anything. */
	return MACH_RCV_TIMED_OUT;
}

/* ---- what came back ---- */

/* Keep the rights of a message and give back its memory. */
static void
unpack(struct fuzz_thread *t)
{
	mach_msg_header_t *head = (mach_msg_header_t *)t->message;
	char *at = (char *)(head + 1);
	char *end = t->message + head->msgh_size;

	fuzz_keep_port(t, head->msgh_remote_port);
	if ((head->msgh_bits & MACH_MSGH_BITS_COMPLEX) == 0 ||
	    head->msgh_size > FUZZ_MESSAGE) {
		return;
	}
	while (at + sizeof(mach_msg_type_t) < end) {
		mach_msg_type_long_t *type = (mach_msg_type_long_t *)at;
		bool is_long = type->msgtl_header.msgt_longform;
		uint32_t name = is_long ? type->msgtl_name
					: type->msgtl_header.msgt_name;
		uint32_t bits = is_long ? type->msgtl_size * type->msgtl_number
					: type->msgtl_header.msgt_size *
					      type->msgtl_header.msgt_number;
		uint32_t length = (bits + 7) / 8;
		bool rights = name >= 16 && name <= 21;
		uint32_t *data;

		at += is_long ? sizeof(*type) : sizeof(mach_msg_type_t);
		data = (uint32_t *)at;
		if (!type->msgtl_header.msgt_inline) {
			at += 4;
			if (rights && length != 0 && length < 1 << 20) {
				fuzz_keep_port(t, *(uint32_t *)*data);
			}
			if (!fuzz_chance(t, 16)) {
				syscall_vm_deallocate(rt_task, *data, length);
			}
			continue;
		}
		for (uint32_t i = 0;
		     rights && i < length / 4 && (char *)&data[i] < end; i++) {
			fuzz_keep_port(t, data[i]);
		}
		at += (length + 3) & ~3u;
	}
}

/* Where a message is sent from: sometimes at the end of what is mapped. */
static mach_msg_header_t *
place(struct fuzz_thread *t, uint32_t size)
{
	if (fuzz_chance(t, 64)) {
		return (mach_msg_header_t *)fuzz_pick_address(t);
	}
	return (mach_msg_header_t *)t->message;
}

mach_msg_return_t
fuzz_exchange(struct fuzz_thread *t, uint32_t size)
{
	mach_msg_header_t *head = (mach_msg_header_t *)t->message;
	mach_msg_option_t option = MACH_SEND_MSG | MACH_SEND_TIMEOUT;
	mach_msg_size_t room = FUZZ_MESSAGE;
	mach_port_t from = t->reply;
	mach_port_t notify = MACH_PORT_NULL;
	mach_msg_return_t mr;

	if (fuzz_forbidden(head->msgh_id)) {
		/* Somebody may yet send what is in this place. */
		head->msgh_id = 0;
		return MACH_SEND_INVALID_DEST;
	}
	if (!fuzz_chance(t, 16)) {
		option |= MACH_RCV_MSG | MACH_RCV_TIMEOUT;
	}
	if (fuzz_chance(t, 16)) {
		option ^= 1u << fuzz_below(t, 12);
		notify = fuzz_pick_port(t);
		from = fuzz_chance(t, 2) ? fuzz_pick_port(t) : from;
	}
	if (fuzz_chance(t, 32)) {
		room = fuzz_below(t, 64);
	}
	head->msgh_size = size;
	mr = mach_msg_trap(place(t, size), option, size, room, from,
	    fuzz_chance(t, 64) ? 2 : 0, notify);
	if ((option & MACH_RCV_MSG) != 0 &&
	    (mr == MACH_MSG_SUCCESS ||
		(mr & MACH_RCV_BODY_ERROR) == MACH_RCV_BODY_ERROR)) {
		unpack(t);
	}
	return mr;
}

void
fuzz_receive(struct fuzz_thread *t)
{
	mach_msg_return_t mr;

	mr = mach_msg_trap((mach_msg_header_t *)t->message,
	    MACH_RCV_MSG | MACH_RCV_TIMEOUT |
		(fuzz_chance(t, 8) ? MACH_RCV_LARGE : 0),
	    0, fuzz_chance(t, 16) ? fuzz_below(t, 128) : FUZZ_MESSAGE,
	    fuzz_pick_port(t), 0, MACH_PORT_NULL);
	if (mr == MACH_MSG_SUCCESS) {
		unpack(t);
	}
}
