/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Messages beside a model: good and broken ones are sent and received, and
 * what the calls answer, what arrives and what is left in both spaces is
 * compared.  In between, operations on the spaces.
 */

#include <tests/unit/ipc/ipc_msg.h>
#include <tests/unit/ipc/ipc_world.h>

#include <mach/notify.h>
#include <machine/copyio.h>
#include <string.h>

#include <kernel/kmem.h>

#include <ipc/mach_msg_trap.h>

#include "fuzz_host.h"
#include "ipc_model.h"
#include "ipc_ops.h"

#define HEADER		((mach_msg_size_t)sizeof(mach_msg_header_t))
#define SOURCE		16384u	/* memory to send */
#define REGION_MAX	16384u	/* bytes of a region that the model follows */
#define FIRST_ID	1000

/* An item of a body, as a plain reading of the manual has it. */
struct item {
	uint32_t name;
	uint64_t number;
	uint64_t bits;
	uint64_t length;
	bool is_inline;
	bool is_long;
	bool is_port;
	bool dealloc;
	size_t type;		/* offsets in the body */
	size_t data;
	size_t next;
};

/* What sending would do that the model cannot follow. */
#define TOO_MUCH	0x7fffffff

static user_addr_t message_source;
static user_addr_t message_names;
static unsigned message_names_used;
static struct ipc_model message_saved;

/* ---- reading ------------------------------------------------------------- */

static uint32_t
message_word(const char *body, size_t at)
{
	uint32_t word;

	memcpy(&word, body + at, sizeof(word));
	return word;
}

static mach_msg_return_t
message_read_type(const char *body, size_t size, struct item *item)
{
	uint32_t word;

	if (size - item->type < 4) {
		return MACH_SEND_MSG_TOO_SMALL;
	}
	word = message_word(body, item->type);
	item->name = word & 0xff;
	item->bits = word >> 8 & 0xff;
	item->number = word >> 16 & 0xfff;
	item->is_inline = (word >> 28 & 1) != 0;
	item->is_long = (word >> 29 & 1) != 0;
	item->dealloc = (word >> 30 & 1) != 0;
	item->data = item->type + 4;
	if (item->is_long) {
		if (size - item->type < 12) {
			return MACH_SEND_MSG_TOO_SMALL;
		}
		if (item->name != 0 || item->bits != 0 || item->number != 0) {
			return MACH_SEND_INVALID_TYPE;
		}
		item->name = message_word(body, item->type + 4) & 0xffff;
		item->bits = message_word(body, item->type + 4) >> 16;
		item->number = message_word(body, item->type + 8);
		item->data = item->type + 12;
	}
	item->is_port = item->name >= MACH_MSG_TYPE_MOVE_RECEIVE &&
	    item->name <= MACH_MSG_TYPE_MAKE_SEND_ONCE;
	if ((item->is_port && item->bits != 32) || word >> 31 != 0 ||
	    (item->is_inline && item->dealloc)) {
		return MACH_SEND_INVALID_TYPE;
	}
	return MACH_MSG_SUCCESS;
}

/* The item at AT of a body of SIZE bytes. */
static mach_msg_return_t
message_read(const char *body, size_t size, size_t at, struct item *item)
{
	mach_msg_return_t mr;
	uint64_t room = 4;

	item->type = at;
	mr = message_read_type(body, size, item);
	if (mr != MACH_MSG_SUCCESS) {
		return mr;
	}
	item->length = (item->number * item->bits + 7) / 8;
	if (item->is_inline) {
		room = (item->length + 3) / 4 * 4;
	} else if (item->number * item->bits / 8 >= 0xfffffff7) {
		return MACH_SEND_INVALID_TYPE;
	}
	if (room > size - item->data) {
		return MACH_SEND_MSG_TOO_SMALL;
	}
	item->next = item->data + (size_t)room;
	return MACH_MSG_SUCCESS;
}

static uint32_t
message_sum(const char *bytes, size_t size)
{
	uint32_t sum = (uint32_t)size;

	for (size_t i = 0; i < size; i++) {
		sum = (sum ^ (unsigned char)bytes[i]) * 16777619u;
	}
	return sum;
}

/* ---- sending, in the model ----------------------------------------------- */

static mach_msg_return_t
message_take_one(unsigned t, mach_port_name_t name,
    mach_msg_type_name_t disposition, struct ipc_model_right *right,
    mach_msg_return_t error)
{
	if (ipc_model_take(t, name, disposition, right) != KERN_SUCCESS) {
		return error;
	}
	right->type = ipc_ops_type(right->type);
	return MACH_MSG_SUCCESS;
}

static mach_msg_return_t
message_take_dest(unsigned t, const mach_msg_header_t *header,
    struct ipc_model_message *m)
{
	if (!MACH_PORT_VALID(header->msgh_remote_port) ||
	    message_take_one(t, header->msgh_remote_port,
	    MACH_MSGH_BITS_REMOTE(header->msgh_bits), &m->dest, 1) != 0 ||
	    m->dest.port < 0) {
		return MACH_SEND_INVALID_DEST;
	}
	return MACH_MSG_SUCCESS;
}

static mach_msg_return_t
message_take_reply(unsigned t, const mach_msg_header_t *header,
    struct ipc_model_message *m)
{
	m->reply = (struct ipc_model_right){ .port = IPC_MODEL_NULL };
	if (MACH_MSGH_BITS_LOCAL(header->msgh_bits) == 0) {
		return MACH_MSG_SUCCESS;
	}
	return message_take_one(t, header->msgh_local_port,
	    MACH_MSGH_BITS_LOCAL(header->msgh_bits), &m->reply,
	    MACH_SEND_INVALID_REPLY);
}

/* One name for both: either order will do. */
static mach_msg_return_t
message_take_same(unsigned t, const mach_msg_header_t *header,
    struct ipc_model_message *m)
{
	static struct ipc_model before;

	before = ipc_model;
	if (message_take_reply(t, header, m) != MACH_MSG_SUCCESS) {
		return ipc_model_find(t, header->msgh_remote_port) == NULL ?
		    MACH_SEND_INVALID_DEST : MACH_SEND_INVALID_REPLY;
	}
	if (message_take_dest(t, header, m) == MACH_MSG_SUCCESS) {
		return MACH_MSG_SUCCESS;
	}
	ipc_model = before;
	if (message_take_dest(t, header, m) != MACH_MSG_SUCCESS ||
	    message_take_reply(t, header, m) != MACH_MSG_SUCCESS) {
		return MACH_SEND_INVALID_DEST;
	}
	return MACH_MSG_SUCCESS;
}

static mach_msg_return_t
message_take_header(unsigned t, const mach_msg_header_t *header,
    struct ipc_model_message *m)
{
	mach_msg_return_t mr;

	if (header->msgh_remote_port == header->msgh_local_port) {
		return message_take_same(t, header, m);
	}
	mr = message_take_dest(t, header, m);
	return mr != MACH_MSG_SUCCESS ? mr :
	    message_take_reply(t, header, m);
}

/* Is every descriptor good? */
static mach_msg_return_t
message_check_types(const char *body, size_t size)
{
	const uint64_t most = KMEM_ALLOC_MAX / sizeof(mach_port_name_t);
	uint64_t rights = 0;
	struct item item;
	mach_msg_return_t mr;

	for (size_t at = 0; at < size; at = item.next) {
		mr = message_read(body, size, at, &item);
		if (mr != MACH_MSG_SUCCESS) {
			return mr;
		}
		if (item.is_port) {
			if (item.number > most - rights) {
				return MACH_SEND_NO_BUFFER;
			}
			rights += item.number;
		}
	}
	return MACH_MSG_SUCCESS;
}

/* Is the memory that ITEM sends there?  Remember what is in it. */
static mach_msg_return_t
message_read_region(const char *body, const struct item *item,
    struct ipc_model_message *m)
{
	static char bytes[REGION_MAX];
	user_addr_t addr = message_word(body, item->data);

	if (item->is_inline || item->length == 0) {
		return MACH_MSG_SUCCESS;
	}
	if (item->length > REGION_MAX) {
		return TOO_MUCH;
	}
	if (copyin(addr, bytes, (size_t)item->length) != KERN_SUCCESS) {
		return MACH_SEND_INVALID_MEMORY;
	}
	if (m->region_count == IPC_MODEL_REGIONS) {
		return TOO_MUCH;
	}
	m->regions[m->region_count++] = message_sum(bytes,
	    (size_t)item->length);
	return MACH_MSG_SUCCESS;
}

static mach_msg_return_t
message_check_memory(const char *body, size_t size,
    struct ipc_model_message *m)
{
	mach_msg_return_t mr = MACH_MSG_SUCCESS;
	uint64_t rights = 0;
	struct item item;

	for (size_t at = 0; at < size && mr == MACH_MSG_SUCCESS;
	    at = item.next) {
		message_read(body, size, at, &item);
		m->complex |= item.is_port || !item.is_inline;
		rights += item.is_port ? item.number : 0;
		mr = message_read_region(body, &item, m);
		if (rights > IPC_MODEL_RIGHTS) {
			return TOO_MUCH;
		}
	}
	return mr;
}

/* The Ith name of ITEM. */
static mach_port_name_t
message_name(const char *body, const struct item *item, unsigned i)
{
	mach_port_name_t name;

	if (item->is_inline) {
		return message_word(body, item->data + 4 * i);
	}
	CHECK_EQ(copyin(message_word(body, item->data) + 4 * i, &name,
	    sizeof(name)), KERN_SUCCESS);
	return name;
}

static mach_msg_return_t
message_take_body(unsigned t, const char *body, size_t size,
    struct ipc_model_message *m)
{
	struct item item;

	for (size_t at = 0; at < size; at = item.next) {
		message_read(body, size, at, &item);
		for (unsigned i = 0; item.is_port && i < item.number; i++) {
			if (message_take_one(t, message_name(body, &item, i),
			    item.name, &m->rights[m->right_count], 1) != 0) {
				return MACH_SEND_INVALID_RIGHT;
			}
			m->right_count++;
		}
	}
	return MACH_MSG_SUCCESS;
}

static bool
message_good_header(const mach_msg_header_t *header)
{
	mach_msg_type_name_t dest = MACH_MSGH_BITS_REMOTE(header->msgh_bits);
	mach_msg_type_name_t reply = MACH_MSGH_BITS_LOCAL(header->msgh_bits);

	if (dest < MACH_MSG_TYPE_MOVE_SEND ||
	    dest > MACH_MSG_TYPE_MAKE_SEND_ONCE) {
		return false;
	}
	return reply == 0 ? header->msgh_local_port == MACH_PORT_NULL :
	    reply >= MACH_MSG_TYPE_MOVE_SEND &&
	    reply <= MACH_MSG_TYPE_MAKE_SEND_ONCE;
}

/*
 * What sending the SIZE bytes at HEADER answers; on success M has all of its
 * rights.  The model is to be restored otherwise.
 */
static mach_msg_return_t
message_want(unsigned t, const mach_msg_header_t *header, mach_msg_size_t size,
    struct ipc_model_message *m)
{
	const char *body = (const char *)(header + 1);
	mach_msg_return_t bad = MACH_MSG_SUCCESS;
	mach_msg_return_t mr;

	if (size < HEADER || size % 4 != 0) {
		return MACH_SEND_MSG_TOO_SMALL;
	}
	if (!message_good_header(header)) {
		return MACH_SEND_INVALID_HEADER;
	}
	m->id = header->msgh_id;
	m->passed = MACH_MSGH_BITS_OTHER(header->msgh_bits) &
	    ~(MACH_MSGH_BITS_COMPLEX | MACH_MSGH_BITS_CIRCULAR);
	m->size = size - HEADER;
	memcpy(ipc_model_bodies[m - ipc_model.messages], body, m->size);
	m->items = (header->msgh_bits & MACH_MSGH_BITS_COMPLEX) != 0;
	if (m->items) {
		bad = message_check_types(body, m->size);
		if (bad == MACH_MSG_SUCCESS) {
			bad = message_check_memory(body, m->size, m);
		}
	}
	if (bad == TOO_MUCH) {
		return bad;
	}
	mr = message_take_header(t, header, m);
	if (mr != MACH_MSG_SUCCESS || bad != MACH_MSG_SUCCESS) {
		return mr != MACH_MSG_SUCCESS ? mr : bad;
	}
	return m->items ? message_take_body(t, body, m->size, m) : mr;
}

/* ---- what arrives -------------------------------------------------------- */

/* A message that is compared, and how far that came. */
struct arrival {
	unsigned t;
	const struct ipc_model_message *m;
	const char *sent;
	const char *got;
	unsigned rights;
	unsigned regions;
	bool lost;		/* the map is full */
};

/* Does the descriptor say what the receiver is to know? */
static void
message_check_type(const struct arrival *a, const struct item *item)
{
	bool lost = a->lost && !item->is_inline && item->length != 0;
	uint32_t word = message_word(a->sent, item->type);
	uint32_t name = ipc_ops_type(item->name);
	uint32_t bits = lost ? 0 : (uint32_t)item->bits;

	if (!item->is_inline) {
		word |= 1u << 30;
	}
	if (!item->is_long) {
		word = (word & 0xffff0000) | bits << 8 | name;
	}
	CHECK_EQ(message_word(a->got, item->type), word);
	if (item->is_long) {
		CHECK_EQ(message_word(a->got, item->type + 4),
		    bits << 16 | name);
		CHECK_EQ(message_word(a->got, item->type + 8), item->number);
	}
}

static void
message_check_rights(struct arrival *a, const struct item *item,
    const char *names)
{
	for (unsigned i = 0; i < item->number; i++) {
		ipc_model_give(a->t, a->m->rights[a->rights++],
		    message_word(names, 4 * i));
	}
}

static void
message_check_region(struct arrival *a, const struct item *item)
{
	user_addr_t addr = message_word(a->got, item->data);
	uint32_t sum;

	if (item->length == 0) {
		CHECK_EQ(addr, 0);
		return;
	}
	sum = a->m->regions[a->regions++];
	if (a->lost) {
		CHECK_EQ(addr, 0);
		for (unsigned i = 0; item->is_port && i < item->number; i++) {
			ipc_model_release(a->m->rights[a->rights++]);
		}
	} else if (item->is_port) {
		message_check_rights(a, item, world_user(addr));
	} else {
		CHECK_EQ(message_sum(world_user(addr), (size_t)item->length),
		    sum);
	}
}

static void
message_check_item(struct arrival *a, const struct item *item)
{
	message_check_type(a, item);
	if (!item->is_inline) {
		message_check_region(a, item);
	} else if (item->is_port) {
		message_check_rights(a, item, a->got + item->data);
	} else {
		CHECK(memcmp(a->sent + item->data, a->got + item->data,
		    item->next - item->data) == 0);
	}
}

/* The body of M arrived at T, in world_buffer.  Was something lost? */
static bool
message_check_body(unsigned t, const struct ipc_model_message *m)
{
	struct arrival a = {
		.t = t,
		.m = m,
		.sent = ipc_model_bodies[m - ipc_model.messages],
		.got = world_body(),
		.lost = world_map_full,
	};
	struct item item;

	CHECK_EQ(world_header()->msgh_size, HEADER + m->size);
	CHECK_EQ(world_header()->msgh_id, m->id);
	if (!m->items) {
		CHECK(memcmp(a.sent, a.got, m->size) == 0);
		return false;
	}
	for (size_t at = 0; at < m->size; at = item.next) {
		message_read(a.sent, m->size, at, &item);
		message_check_item(&a, &item);
	}
	return a.lost && a.regions != 0;
}

static mach_msg_bits_t
message_bits(const struct ipc_model_message *m, mach_msg_type_name_t remote,
    mach_msg_type_name_t local)
{
	return MACH_MSGH_BITS(remote, local) | m->passed |
	    (m->complex ? MACH_MSGH_BITS_COMPLEX : 0);
}

/* The right that the message was sent with is used up. */
static void
message_use_dest(const struct ipc_model_message *m)
{
	if (m->dest.type == MACH_MSG_TYPE_PORT_SEND) {
		ipc_model_release(m->dest);
	} else {
		ipc_model.ports[m->dest.port].sorights--;
	}
}

/* ---- composing ----------------------------------------------------------- */

/* COUNT names in user memory. */
static user_addr_t
message_put_names(unsigned t, unsigned count)
{
	user_addr_t addr = message_names + 4 * message_names_used;
	mach_port_name_t *names;

	if (message_names_used + count > 1024) {
		return 4;
	}
	message_names_used += count;
	names = world_user(addr);
	for (unsigned i = 0; i < count; i++) {
		names[i] = ipc_ops_name(t);
	}
	return addr;
}

/* Write a descriptor at AT; how many bytes it has. */
static size_t
message_put_type(char *at, unsigned name, unsigned bits, unsigned number,
    unsigned form)
{
	uint32_t words[3];

	if (fuzz_host_choose(4) != 0) {
		words[0] = form << 28 | number << 16 | bits << 8 | name;
		memcpy(at, words, 4);
		return 4;
	}
	words[0] = (form | 2) << 28;
	words[1] = bits << 16 | name;
	words[2] = number;
	memcpy(at, words, 12);
	return 12;
}

static size_t
message_put_inline(unsigned t, char *at)
{
	unsigned number = fuzz_host_choose(10);
	size_t size;
	uint32_t name;

	if (fuzz_host_choose(2) != 0) {
		size = message_put_type(at, MACH_MSG_TYPE_CHAR, 8, number, 1);
		memset(at + size, (int)(0x40 + number), (number + 3) / 4 * 4);
		return size + (number + 3) / 4 * 4;
	}
	size = message_put_type(at, ipc_ops_disposition(), 32, number, 1);
	for (unsigned i = 0; i < number; i++) {
		name = ipc_ops_name(t);
		memcpy(at + size, &name, sizeof(name));
		size += sizeof(name);
	}
	return size;
}

static size_t
message_put_region(unsigned t, char *at)
{
	unsigned form = fuzz_host_choose(4) == 0 ? 4 : 0;
	user_addr_t addr = message_source + fuzz_host_choose(SOURCE / 2);
	unsigned number;
	size_t size;

	if (fuzz_host_choose(2) != 0) {
		number = fuzz_host_choose(0x1000);
		size = message_put_type(at, MACH_MSG_TYPE_BYTE, 8, number,
		    form);
	} else {
		number = fuzz_host_choose(6);
		size = message_put_type(at, ipc_ops_disposition(), 32, number,
		    form);
		addr = message_put_names(t, number);
	}
	memcpy(at + size, &addr, sizeof(addr));
	return size + sizeof(addr);
}

/* Change some of the SIZE bytes at AT. */
static void
message_damage(char *at, size_t size)
{
	unsigned count = fuzz_host_choose(8);
	uint32_t word;

	for (unsigned i = 0; count >= 6 && i < count - 5 && size >= 4; i++) {
		size_t where = fuzz_host_choose((uint32_t)size / 4) * 4;

		word = message_word(at, where);
		word ^= fuzz_host_choose(2) != 0 ?
		    1u << fuzz_host_choose(32) : fuzz_host_choose(0xffffffff);
		memcpy(at + where, &word, sizeof(word));
	}
}

/* Write a message into world_buffer and return its size. */
static mach_msg_size_t
message_compose(unsigned t)
{
	unsigned items = fuzz_host_choose(6);
	char *at = world_body();
	mach_msg_type_name_t dest = ipc_ops_disposition();
	mach_msg_type_name_t reply = fuzz_host_choose(2) != 0 ?
	    ipc_ops_disposition() : 0;

	world_compose(ipc_ops_name(t), dest,
	    reply != 0 ? ipc_ops_name(t) : MACH_PORT_NULL, reply,
	    FIRST_ID + (mach_msg_id_t)fuzz_host_choose(256));
	if (fuzz_host_choose(8) != 0) {
		world_header()->msgh_bits |= MACH_MSGH_BITS_COMPLEX;
	}
	for (unsigned i = 0; i < items; i++) {
		at += fuzz_host_choose(3) != 0 ? message_put_inline(t, at) :
		    message_put_region(t, at);
	}
	message_damage((char *)world_header(),
	    (size_t)(at - (char *)world_header()));
	/* Ids of notifications are the kernel's here. */
	if (world_header()->msgh_id < FIRST_ID) {
		world_header()->msgh_id = FIRST_ID;
	}
	return (mach_msg_size_t)(at - (char *)world_header());
}

/* ---- operations ---------------------------------------------------------- */

/* Regions that the sender wanted to be deallocated are, and no others. */
static void
message_check_removed(const struct ipc_model_message *m, unsigned before)
{
	const char *body = ipc_model_bodies[m - ipc_model.messages];
	unsigned want = 0;
	user_addr_t start = 0;
	user_addr_t end = 0;
	struct item item;

	for (size_t at = 0; m->items && at < m->size; at = item.next) {
		message_read(body, m->size, at, &item);
		if (item.dealloc && item.length != 0) {
			want++;
			start = message_word(body, item.data) & ~4095u;
			end = (message_word(body, item.data) +
			    (uint32_t)item.length + 4095) & ~4095u;
		}
	}
	CHECK_EQ(world_removed - before, want);
	if (want != 0) {
		CHECK_EQ(world_removed_start, start);
		CHECK_EQ(world_removed_end, end);
	}
}

/* The queue was full: T has the message back. */
static void
message_check_back(unsigned t, struct ipc_model_message *m)
{
	const mach_msg_header_t *header = world_header();

	CHECK_EQ(header->msgh_bits, message_bits(m, m->dest.type,
	    m->reply.type));
	ipc_model_give(t, m->dest, header->msgh_remote_port);
	m->dest.port = IPC_MODEL_NULL;
	ipc_model_give(t, m->reply, header->msgh_local_port);
	message_check_body(t, m);
	m->used = false;
}

static void
message_say(unsigned t, mach_msg_size_t size)
{
	const mach_msg_header_t *header = world_header();

	fuzz_host_say("%u: send %u bytes, bits %#x, remote %#x, local %#x", t,
	    size, header->msgh_bits, header->msgh_remote_port,
	    header->msgh_local_port);
	for (unsigned at = HEADER; at < size; at += 4) {
		fuzz_host_say("\t%#x", message_word((const char *)header, at));
	}
}

static void
message_send(unsigned t)
{
	struct ipc_model_message *m = ipc_model_new_message();
	mach_msg_size_t size = message_compose(t);
	unsigned removed = world_removed;
	mach_msg_return_t want;
	mach_msg_return_t mr;
	bool full;

	message_say(t, size);
	message_saved = ipc_model;
	/* Not for others while it is made. */
	m->used = true;
	m->notification = true;
	m->dest.port = IPC_MODEL_NULL;
	want = message_want(t, world_header(), size, m);
	if (want == TOO_MUCH) {
		ipc_model = message_saved;
		return;
	}
	world_become(ipc_model_tasks[t]);
	world_fail_alloc(fuzz_host_choose(16) == 0 ?
	    (int)fuzz_host_choose(6) : -1);
	mr = world_msg(world_buffer, MACH_SEND_MSG | MACH_SEND_TIMEOUT,
	    size, 0, MACH_PORT_NULL, 0, MACH_PORT_NULL);
	if (world_alloc_failed() && (mr == MACH_SEND_NO_BUFFER ||
	    mr == MACH_SEND_INVALID_MEMORY)) {
		want = mr;
	}
	world_fail_alloc(-1);
	fuzz_host_say("\tanswer %#x, expected %#x", mr, want);
	if (want != MACH_MSG_SUCCESS) {
		CHECK_EQ(mr, want);
		ipc_model = message_saved;
		CHECK_EQ(world_removed, removed);
		return;
	}
	m->notification = false;
	full = m->dest.type == MACH_MSG_TYPE_PORT_SEND &&
	    ipc_model_queued(m->dest.port) > MACH_PORT_QLIMIT_DEFAULT;
	message_check_removed(m, removed);
	if (ipc_model_send(m) && full) {
		CHECK_EQ(mr, MACH_SEND_TIMED_OUT);
		message_check_back(t, m);
	} else {
		CHECK_EQ(mr, MACH_MSG_SUCCESS);
	}
}

/* The first message of PORT, called NAME, arrived whole at T. */
static void
message_check_received(unsigned t, int port, mach_port_name_t name,
    mach_msg_return_t mr, mach_msg_size_t room)
{
	struct ipc_model_message *m = ipc_model_first(port);
	const mach_msg_header_t *header = world_header();

	CHECK(m != NULL && HEADER + m->size <= room);
	CHECK_EQ(header->msgh_bits, message_bits(m, m->reply.type,
	    m->dest.type));
	CHECK_EQ(header->msgh_local_port, name);
	ipc_model_give(t, m->reply, header->msgh_remote_port);
	message_use_dest(m);
	m->dest.port = IPC_MODEL_NULL;
	CHECK_EQ(mr, message_check_body(t, m) ?
	    MACH_RCV_BODY_ERROR | MACH_MSG_VM_SPACE : MACH_MSG_SUCCESS);
	m->used = false;
}

/* It was too long for ROOM, and destroyed but for its header. */
static void
message_check_cut(int port, mach_port_name_t name, mach_msg_size_t room)
{
	struct ipc_model_message *m = ipc_model_first(port);
	const mach_msg_header_t *header = world_header();

	CHECK(m != NULL && HEADER + m->size > room);
	CHECK_EQ(header->msgh_id, m->id);
	CHECK_EQ(header->msgh_local_port, name);
	CHECK_EQ(header->msgh_remote_port, m->reply.port == IPC_MODEL_DEAD ?
	    MACH_PORT_DEAD : MACH_PORT_NULL);
	message_use_dest(m);
	m->dest.port = IPC_MODEL_NULL;
	ipc_model_destroy_message(m);
}

static void
message_receive_from(unsigned t, struct ipc_model_name *found)
{
	mach_msg_size_t room = fuzz_host_choose(8) == 0 ?
	    32 + 4 * fuzz_host_choose(32) : 4096;
	bool large = fuzz_host_choose(2) != 0;
	mach_port_name_t name = found->name;
	mach_msg_return_t mr;

	world_map_full = fuzz_host_choose(16) == 0;
	world_become(ipc_model_tasks[t]);
	mr = world_receive(name, room, MACH_RCV_TIMEOUT |
	    (large ? MACH_RCV_LARGE : 0), 0, MACH_PORT_NULL);
	fuzz_host_say("%u: receive %u bytes from %#x: %#x", t, room, name, mr);
	if (ipc_model_queued(found->port) == 0) {
		CHECK_EQ(mr, MACH_RCV_TIMED_OUT);
	} else if (mr == MACH_RCV_TOO_LARGE && large) {
		CHECK(ipc_model_first(found->port) != NULL);
		CHECK_EQ(world_header()->msgh_size, HEADER +
		    ipc_model_first(found->port)->size);
		CHECK(world_header()->msgh_size > room);
	} else if (mr == MACH_RCV_TOO_LARGE) {
		message_check_cut(found->port, name, room);
	} else if (world_header()->msgh_id < FIRST_ID) {
		CHECK_EQ(mr, MACH_MSG_SUCCESS);
		ipc_ops_notified(t, found->port, name);
	} else {
		message_check_received(t, found->port, name, mr, room);
	}
	world_map_full = false;
}

static void
message_receive(unsigned t)
{
	struct ipc_model_name *found;
	unsigned used = ipc_model_used(t);
	unsigned first = fuzz_host_choose(IPC_MODEL_NAMES);

	/* One that has something, if there is one. */
	for (unsigned i = 0; i < used; i++) {
		found = ipc_model_nth(t, (first + i) % used);
		if ((found->type & MACH_PORT_TYPE_RECEIVE) != 0 &&
		    ipc_model.ports[found->port].pset == IPC_MODEL_NULL &&
		    (i == used - 1 || ipc_model_queued(found->port) != 0)) {
			message_receive_from(t, found);
			return;
		}
	}
}

static void
message_one(void)
{
	struct world_mark mark;
	char *source;

	world_mark(&mark);
	ipc_model_begin();
	message_source = world_user_alloc(SOURCE);
	message_names = world_user_alloc(4096);
	message_names_used = 0;
	source = world_user(message_source);
	for (unsigned i = 0; i < SOURCE; i++) {
		source[i] = (char)(i * 7 + i / 256);
	}
	while (fuzz_host_more() && !ipc_model_full()) {
		switch (fuzz_host_choose(8)) {
		case 0:
		case 1:
		case 2:
			message_send(ipc_ops_task());
			break;
		case 3:
		case 4:
		case 5:
			message_receive(ipc_ops_task());
			break;
		default:
			ipc_ops_one();
			break;
		}
	}
	ipc_model_check();
	world_back(&mark);
}

static void
message(void)
{
	fuzz_host_run(message_one);
}

const struct world_test world_tests[] = {
	{ "message", message },
	{ NULL, NULL },
};
