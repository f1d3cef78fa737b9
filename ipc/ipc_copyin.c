/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * From a user's message, or one that kernel code built, to kernel form.
 *
 * A message with rights or regions is walked several times; the descriptors
 * are in kernel memory and keep the sender's dispositions until the last walk
 * (what the first ones say is remembered):
 *
 *   check    all descriptors are good; count rights
 *   memory   copy regions and arrays of names
 *   take     each right, its name remembered in a list
 *   commit   or untake
 *   finish   descriptors get the form of a queued message
 */

#include <ipc/ipc_copyin.h>

#include <machine/copyio.h>

#include <kernel/kmem.h>
#include <kernel/panic.h>
#include <string.h>

#include <ipc/ipc_kmsg.h>
#include <ipc/ipc_port.h>
#include <ipc/ipc_request.h>
#include <ipc/ipc_right.h>
#include <ipc/ipc_space.h>

#include <vm/vm_copy.h>
#include <vm/vm_map.h>
#include <vm/vm_page.h>

#define IPC_COPYIN_FEW 16
#define IPC_COPYIN_ITEMS 4

/*
 * A message on its way in.  What is known of the first rights and regions of
 * the body is kept; those from REST on are read anew in each walk.
 */
struct ipc_copyin {
	const struct ipc_sender *sender;
	struct ipc_kmsg *kmsg;
	mach_msg_bits_t bits;	     /* the sender's */
	mach_port_name_t dest_name;
	mach_port_name_t reply_name;
	struct ipc_port *dest;	     /* taken */
	struct ipc_port *reply;	     /* taken */
	unsigned right_count;	     /* rights in the body */
	bool moves;		     /* some of them are moved */
	unsigned memory_count;	     /* items out of line */
	unsigned dealloc_count;	     /* of them to be deallocated */
	bool moving;		     /* the only one is being moved */
	mach_port_name_t *names;     /* of these rights */
	mach_port_name_t few[IPC_COPYIN_FEW];
	struct ipc_kmsg_item items[IPC_COPYIN_ITEMS];
	unsigned item_count;
	char *rest;
	char *end;		     /* of the body */
	struct ipc_remains remains;
};

/* A walk over the rights and regions of the body. */
struct ipc_copyin_walk {
	unsigned index;
	char *at;		     /* NULL: none was read anew */
	struct ipc_kmsg_item item;
};

mach_msg_type_name_t
ipc_copyin_type(mach_msg_type_name_t disposition)
{
	switch (disposition) {
	case MACH_MSG_TYPE_MOVE_RECEIVE:
		return MACH_MSG_TYPE_PORT_RECEIVE;
	case MACH_MSG_TYPE_MAKE_SEND_ONCE:
	case MACH_MSG_TYPE_MOVE_SEND_ONCE:
		return MACH_MSG_TYPE_PORT_SEND_ONCE;
	case MACH_MSG_TYPE_MAKE_SEND:
	case MACH_MSG_TYPE_COPY_SEND:
	case MACH_MSG_TYPE_MOVE_SEND:
		return MACH_MSG_TYPE_PORT_SEND;
	default:
		return disposition;
	}
}

/* The item's descriptor says NAME. */
static void
ipc_copyin_set_name(struct ipc_kmsg_item *item, mach_msg_type_name_t name)
{
	if (item->is_long) {
		((mach_msg_type_long_t *)item->type)
		    ->msgtl_name = (unsigned short)name;
	} else {
		((mach_msg_type_t *)item->type)->msgt_name = name & 0xff;
	}
}

/* What follows the descriptor of an item that is not in line. */
static inline user_addr_t *
ipc_copyin_address(struct ipc_kmsg_item *item)
{
	return item->data;
}

static inline struct vm_copy **
ipc_copyin_region(struct ipc_kmsg_item *item)
{
	return item->data;
}

static inline void **
ipc_copyin_array(struct ipc_kmsg_item *item)
{
	return item->data;
}

/* Where the rights of an item are that has some. */
static inline struct ipc_port **
ipc_copyin_places(struct ipc_kmsg_item *item)
{
	return item->is_inline ? item->data : *ipc_copyin_array(item);
}

void
ipc_copyin_discard_memory(void *place)
{
	struct vm_copy *copy = *(struct vm_copy **)place;

	if (copy != NULL) {
		vm_copy_discard(copy);
	}
}

static inline struct ipc_copyin_walk
ipc_copyin_begin(void)
{
	return (struct ipc_copyin_walk){ .index = 0, .at = NULL };
}

/* The next right or region at *CURSOR, of a good body; false at its END. */
static bool
ipc_copyin_read(char **cursor, char *end, struct ipc_kmsg_item *item)
{
	mach_msg_return_t mr;

	do {
		ipc_kmsg_skip_data(cursor, end);
		if (*cursor >= end) {
			return false;
		}
		mr = ipc_kmsg_next_item(cursor, end, item);
		assert(mr == MACH_MSG_SUCCESS);
	} while (item->is_inline && !item->is_port);
	return true;
}

/* The next right or region of a body that was checked; NULL at its end. */
static struct ipc_kmsg_item *
ipc_copyin_next(struct ipc_copyin *in, struct ipc_copyin_walk *walk)
{
	if (walk->index < in->item_count) {
		return &in->items[walk->index++];
	}
	if (walk->at == NULL) {
		walk->at = in->rest;
	}
	if (walk->at >= in->end ||
	    !ipc_copyin_read(&walk->at, in->end, &walk->item)) {
		return NULL;
	}
	return &walk->item;
}

/* Copy the message into a buffer. */
static mach_msg_return_t
ipc_copyin_fetch(user_addr_t msg, mach_msg_size_t size, struct ipc_kmsg **kmsgp)
{
	struct ipc_kmsg *kmsg;

	if (size < sizeof(mach_msg_header_t) || size % 4 != 0) {
		return MACH_SEND_MSG_TOO_SMALL;
	}
	kmsg = ipc_kmsg_alloc(size);
	if (kmsg == NULL) {
		return MACH_SEND_NO_BUFFER;
	}
	if (copyin(msg, &kmsg->user, size) != KERN_SUCCESS) {
		ipc_kmsg_free(kmsg);
		return MACH_SEND_INVALID_DATA;
	}
	kmsg->user.msgh_size = size;
	*kmsgp = kmsg;
	return MACH_MSG_SUCCESS;
}

static mach_msg_return_t
ipc_copyin_check_header(struct ipc_copyin *in)
{
	mach_msg_type_name_t dest = MACH_MSGH_BITS_REMOTE(in->bits);
	mach_msg_type_name_t reply = MACH_MSGH_BITS_LOCAL(in->bits);

	if (!MACH_MSG_TYPE_PORT_ANY_SEND(dest)) {
		return MACH_SEND_INVALID_HEADER;
	}
	if (reply == 0 ? in->reply_name != MACH_PORT_NULL
		       : !MACH_MSG_TYPE_PORT_ANY_SEND(reply)) {
		return MACH_SEND_INVALID_HEADER;
	}
	return MACH_MSG_SUCCESS;
}

static void
ipc_copyin_untake_dest(struct ipc_copyin *in)
{
	ipc_right_untake_locked(in->sender->space, in->dest_name,
	    MACH_MSGH_BITS_REMOTE(in->bits), in->dest);
}

static void
ipc_copyin_untake_reply(struct ipc_copyin *in)
{
	if (MACH_MSGH_BITS_LOCAL(in->bits) != 0) {
		ipc_right_untake_locked(in->sender->space, in->reply_name,
		    MACH_MSGH_BITS_LOCAL(in->bits), in->reply);
	}
}

static mach_msg_return_t
ipc_copyin_take_dest(struct ipc_copyin *in)
{
	struct ipc_space *space = in->sender->space;
	mach_msg_type_name_t disposition = MACH_MSGH_BITS_REMOTE(in->bits);

	if (!MACH_PORT_VALID(in->dest_name) ||
	    ipc_right_take_locked(
		space, in->dest_name, disposition, &in->dest) != KERN_SUCCESS) {
		return MACH_SEND_INVALID_DEST;
	}
	if (!ip_valid(in->dest)) {
		ipc_copyin_untake_dest(in);
		return MACH_SEND_INVALID_DEST;
	}
	return MACH_MSG_SUCCESS;
}

static mach_msg_return_t
ipc_copyin_take_reply(struct ipc_copyin *in)
{
	mach_msg_type_name_t disposition = MACH_MSGH_BITS_LOCAL(in->bits);

	in->reply = IP_NULL;
	if (disposition != 0 &&
	    ipc_right_take_locked(in->sender->space, in->reply_name,
		disposition, &in->reply) != KERN_SUCCESS) {
		return MACH_SEND_INVALID_REPLY;
	}
	return MACH_MSG_SUCCESS;
}

/*
 * Both rights of the header come from one name.  The order matters: what is
 * copied must go before the last reference is moved.  Who asks for something
 * impossible is told of the reply port first, of an impossible combination as
 * a bad destination.
 */
static mach_msg_return_t
ipc_copyin_take_same(struct ipc_copyin *in)
{
	if (ipc_copyin_take_reply(in) != MACH_MSG_SUCCESS) {
		return ipc_space_lookup(in->sender->space, in->dest_name) ==
			       NULL
			   ? MACH_SEND_INVALID_DEST
			   : MACH_SEND_INVALID_REPLY;
	}
	if (ipc_copyin_take_dest(in) == MACH_MSG_SUCCESS) {
		return MACH_MSG_SUCCESS;
	}
	ipc_copyin_untake_reply(in);
	if (ipc_copyin_take_dest(in) != MACH_MSG_SUCCESS) {
		return MACH_SEND_INVALID_DEST;
	}
	if (ipc_copyin_take_reply(in) != MACH_MSG_SUCCESS) {
		ipc_copyin_untake_dest(in);
		return MACH_SEND_INVALID_DEST;
	}
	return MACH_MSG_SUCCESS;
}

/* Take both rights of the header, or none. */
static mach_msg_return_t
ipc_copyin_take_header(struct ipc_copyin *in)
{
	mach_msg_return_t mr;

	if (!in->sender->space->active) {
		return MACH_SEND_INVALID_DEST;
	}
	if (in->dest_name == in->reply_name) {
		return ipc_copyin_take_same(in);
	}
	mr = ipc_copyin_take_dest(in);
	if (mr != MACH_MSG_SUCCESS) {
		return mr;
	}
	mr = ipc_copyin_take_reply(in);
	if (mr != MACH_MSG_SUCCESS) {
		ipc_copyin_untake_dest(in);
	}
	return mr;
}

/* Would the header do, as things are now? */
static mach_msg_return_t
ipc_copyin_probe_header(struct ipc_copyin *in)
{
	mach_msg_return_t mr;

	ipc_space_lock(in->sender->space);
	mr = ipc_copyin_take_header(in);
	if (mr == MACH_MSG_SUCCESS) {
		ipc_copyin_untake_reply(in);
		ipc_copyin_untake_dest(in);
	}
	ipc_space_unlock(in->sender->space);
	return mr;
}

/*
 * With MACH_SEND_CANCEL, a destination name that goes away silently takes a
 * dead-name request along that leads to the notify port.
 */
static mach_msg_return_t
ipc_copyin_cancel_named(struct ipc_copyin *in)
{
	struct ipc_space *space = in->sender->space;
	struct ipc_entry *entry;
	struct ipc_port *notify;
	mach_port_type_t type;

	if (ipc_right_receive_lock_locked(space, in->sender->cancel, &notify) !=
	    KERN_SUCCESS) {
		return MACH_SEND_INVALID_NOTIFY;
	}
	ipc_port_unlock(notify);
	entry = ipc_space_lookup(space, in->dest_name);
	type = ipc_entry_type(entry);
	if (ipc_entry_urefs(entry) == 0 &&
	    (type & MACH_PORT_TYPE_RECEIVE) == 0) {
		ipc_request_cancel_entry(entry, notify);
	}
	return MACH_MSG_SUCCESS;
}

static inline mach_msg_return_t
ipc_copyin_cancel_request(struct ipc_copyin *in)
{
	return in->sender->cancel == MACH_PORT_NULL
		   ? MACH_MSG_SUCCESS
		   : ipc_copyin_cancel_named(in);
}

static void
ipc_copyin_commit_header(struct ipc_copyin *in)
{
	struct ipc_space *space = in->sender->space;

	mach_msg_type_name_t dest = MACH_MSGH_BITS_REMOTE(in->bits);
	mach_msg_type_name_t reply = MACH_MSGH_BITS_LOCAL(in->bits);

	if (ipc_right_moves(dest)) {
		ipc_right_commit_locked(
		    space, in->dest_name, dest, in->dest, &in->remains);
	}
	if (ipc_right_moves(reply)) {
		ipc_right_commit_locked(
		    space, in->reply_name, reply, in->reply, &in->remains);
	}
}

/* Write the header of the queued message. */
static void
ipc_copyin_set_header(struct ipc_copyin *in, mach_msg_bits_t other)
{
	struct ipc_kmsg_header *header = &in->kmsg->header;

	header->bits = other | (in->bits & IPC_KMSG_BITS_PASSED) |
		       MACH_MSGH_BITS(
			   ipc_copyin_type(MACH_MSGH_BITS_REMOTE(in->bits)),
			   ipc_copyin_type(MACH_MSGH_BITS_LOCAL(in->bits)));
	header->remote = in->dest;
	header->local = in->reply;
}

/* The rights of the header, when there are no others. */
static inline mach_msg_return_t
ipc_copyin_header(struct ipc_copyin *in)
{
	mach_msg_return_t mr;

	ipc_space_lock(in->sender->space);
	mr = ipc_copyin_take_header(in);
	if (mr == MACH_MSG_SUCCESS) {
		mr = ipc_copyin_cancel_request(in);
		if (mr == MACH_MSG_SUCCESS) {
			ipc_copyin_commit_header(in);
		} else {
			ipc_copyin_untake_reply(in);
			ipc_copyin_untake_dest(in);
		}
	}
	ipc_space_unlock(in->sender->space);
	return mr;
}

/* A message with nothing but data. */
static mach_msg_return_t
ipc_copyin_simple(struct ipc_copyin *in)
{
	mach_msg_return_t mr = ipc_copyin_header(in);

	if (mr == MACH_MSG_SUCCESS) {
		ipc_copyin_set_header(in, 0);
		ipc_remains_release(&in->remains);
	}
	return mr;
}

/* Count what is in ITEM. */
static mach_msg_return_t
ipc_copyin_count_item(struct ipc_copyin *in, const struct ipc_kmsg_item *item)
{
	if (!item->is_inline) {
		in->memory_count++;
		in->dealloc_count += item->dealloc;
	}
	if (item->is_port) {
		if (item->number > KMEM_ALLOC_MAX / sizeof(mach_port_name_t) -
				       in->right_count) {
			return MACH_SEND_NO_BUFFER;
		}
		in->right_count += item->number;
		in->moves |= ipc_right_moves(item->name);
	}
	return MACH_MSG_SUCCESS;
}

/* Check every descriptor; keep the first ones, count the rights. */
static mach_msg_return_t
ipc_copyin_check_body(struct ipc_copyin *in)
{
	char *cursor = ipc_kmsg_body(in->kmsg);
	struct ipc_kmsg_item more;
	struct ipc_kmsg_item *item;
	mach_msg_return_t mr;

	in->right_count = 0;
	in->moves = false;
	in->memory_count = 0;
	in->moving = false;
	in->dealloc_count = 0;
	in->item_count = 0;
	in->end = (char *)&in->kmsg->header + in->kmsg->header.size;
	in->rest = in->end;
	for (;;) {
		ipc_kmsg_skip_data(&cursor, in->end);
		if (cursor >= in->end) {
			return MACH_MSG_SUCCESS;
		}
		item = in->item_count < IPC_COPYIN_ITEMS
			   ? &in->items[in->item_count]
			   : &more;
		mr = ipc_kmsg_next_item(&cursor, in->end, item);
		if (mr != MACH_MSG_SUCCESS) {
			return mr;
		}
		if (item->is_inline && !item->is_port) {
			continue;
		}
		mr = ipc_copyin_count_item(in, item);
		if (mr != MACH_MSG_SUCCESS) {
			return mr;
		}
		if (item != &more && ++in->item_count == IPC_COPYIN_ITEMS) {
			in->rest = cursor;
		}
	}
}

/* Fetch the out-of-line part of one item. */
static mach_msg_return_t
ipc_copyin_fetch_item(struct ipc_copyin *in, struct ipc_kmsg_item *item)
{
	user_addr_t address = *ipc_copyin_address(item);
	struct vm_copy *copy = NULL;
	void *array;

	if (item->length == 0) {
		*ipc_copyin_array(item) = NULL;
		return MACH_MSG_SUCCESS;
	}
	if (!item->is_port) {
		/* Of several regions, one might wait for another. */
		in->moving = item->dealloc && in->memory_count == 1 &&
			     vm_copy_move_begin(in->sender->map, address,
				 item->length, &copy);
		if (!in->moving &&
		    vm_copy_in(in->sender->map, address, item->length, false,
			&copy) != KERN_SUCCESS) {
			return MACH_SEND_INVALID_MEMORY;
		}
		*ipc_copyin_region(item) = copy;
		return MACH_MSG_SUCCESS;
	}
	array = kmem_alloc(item->length);
	if (array == NULL) {
		return MACH_SEND_NO_BUFFER;
	}
	if (copyin(address, array, item->length) != KERN_SUCCESS) {
		kmem_free(array, item->length);
		return MACH_SEND_INVALID_MEMORY;
	}
	*ipc_copyin_array(item) = array;
	return MACH_MSG_SUCCESS;
}

/*
 * Regions that are to be deallocated are remembered by address in a list made
 * by ipc_copyin_fetch_memory, because the copy takes the address's place.
 */
struct ipc_copyin_dealloc {
	user_addr_t address;
	size_t length;
	struct vm_copy *moving;	     /* or NULL */
};

/* Give back what ipc_copyin_fetch_item made, for all items before STOP. */
static void
ipc_copyin_drop_memory(struct ipc_copyin *in, void *stop)
{
	struct ipc_copyin_walk walk = ipc_copyin_begin();
	struct ipc_kmsg_item *item;

	while (
	    (item = ipc_copyin_next(in, &walk)) != NULL && item->type != stop) {
		if (item->is_inline) {
			continue;
		}
		if (item->is_port) {
			kmem_free(*ipc_copyin_array(item), item->length);
		} else {
			ipc_copyin_discard_memory(item->data);
		}
	}
}

static mach_msg_return_t
ipc_copyin_fetch_memory(
    struct ipc_copyin *in, struct ipc_copyin_dealloc *deallocs)
{
	struct ipc_copyin_walk walk = ipc_copyin_begin();
	struct ipc_kmsg_item *item;
	mach_msg_return_t mr;
	user_addr_t address;
	unsigned count = 0;

	while ((item = ipc_copyin_next(in, &walk)) != NULL) {
		if (item->is_inline) {
			continue;
		}
		address = *ipc_copyin_address(item);
		mr = ipc_copyin_fetch_item(in, item);
		if (mr != MACH_MSG_SUCCESS) {
			ipc_copyin_drop_memory(in, item->type);
			return mr;
		}
		if (item->dealloc) {
			deallocs[count].address = address;
			deallocs[count].length = item->length;
			deallocs[count].moving = in->moving
						     ? *ipc_copyin_region(item)
						     : NULL;
			count++;
		}
	}
	return MACH_MSG_SUCCESS;
}

/* Visit each right of the body: its place, disposition and number. */
typedef bool (*ipc_copyin_right_fn_t)(struct ipc_copyin *in,
    mach_msg_type_name_t disposition, struct ipc_port **place, unsigned number);

/* Visit the rights until FN returns false; how many that accepted. */
static unsigned
ipc_copyin_each_right(
    struct ipc_copyin *in, ipc_copyin_right_fn_t fn, unsigned max)
{
	struct ipc_copyin_walk walk = ipc_copyin_begin();
	struct ipc_kmsg_item *item;
	struct ipc_port **places;
	unsigned number = 0;

	if (max == 0) {
		return 0;
	}
	while ((item = ipc_copyin_next(in, &walk)) != NULL) {
		if (!item->is_port) {
			continue;
		}
		places = ipc_copyin_places(item);
		for (unsigned i = 0; i < item->number; i++) {
			if (number == max ||
			    !fn(in, item->name, &places[i], number)) {
				return number;
			}
			number++;
		}
	}
	return number;
}

static bool
ipc_copyin_take_right(struct ipc_copyin *in, mach_msg_type_name_t disposition,
    struct ipc_port **place, unsigned number)
{
	mach_port_name_t name = *(mach_port_name_t *)place;
	struct ipc_port *port;

	if (ipc_right_take_locked(
		in->sender->space, name, disposition, &port) != KERN_SUCCESS) {
		return false;
	}
	in->names[number] = name;
	*place = port;
	return true;
}

static bool
ipc_copyin_untake_right(struct ipc_copyin *in, mach_msg_type_name_t disposition,
    struct ipc_port **place, unsigned number)
{
	ipc_right_untake_locked(
	    in->sender->space, in->names[number], disposition, *place);
	*(mach_port_name_t *)place = in->names[number];
	return true;
}

static bool
ipc_copyin_commit_right(struct ipc_copyin *in, mach_msg_type_name_t disposition,
    struct ipc_port **place, unsigned number)
{
	ipc_right_commit_locked(in->sender->space, in->names[number],
	    disposition, *place, &in->remains);
	return true;
}

/* Take all rights of the message, or none. */
static mach_msg_return_t
ipc_copyin_rights_locked(struct ipc_copyin *in)
{
	mach_msg_return_t mr;
	unsigned taken;

	mr = ipc_copyin_take_header(in);
	if (mr != MACH_MSG_SUCCESS) {
		return mr;
	}
	taken = ipc_copyin_each_right(
	    in, ipc_copyin_take_right, in->right_count);
	if (taken == in->right_count) {
		mr = ipc_copyin_cancel_request(in);
	} else {
		mr = MACH_SEND_INVALID_RIGHT;
	}
	if (mr != MACH_MSG_SUCCESS) {
		ipc_copyin_each_right(in, ipc_copyin_untake_right, taken);
		ipc_copyin_untake_reply(in);
		ipc_copyin_untake_dest(in);
		return mr;
	}
	ipc_copyin_commit_header(in);
	if (in->moves) {
		ipc_copyin_each_right(in, ipc_copyin_commit_right, taken);
	}
	return MACH_MSG_SUCCESS;
}

static mach_msg_return_t
ipc_copyin_rights(struct ipc_copyin *in)
{
	size_t size = in->right_count * sizeof(*in->names);
	mach_msg_return_t mr;

	in->names = in->few;
	if (in->right_count > IPC_COPYIN_FEW) {
		in->names = kmem_alloc(size);
		if (in->names == NULL) {
			return MACH_SEND_NO_BUFFER;
		}
	}
	ipc_space_lock(in->sender->space);
	mr = ipc_copyin_rights_locked(in);
	ipc_space_unlock(in->sender->space);
	if (in->names != in->few) {
		kmem_free(in->names, size);
	}
	return mr;
}

/* A receive right in a body is on its way to DEST. */
static bool
ipc_copyin_circular(struct ipc_kmsg_item *item, struct ipc_port *dest)
{
	struct ipc_port **ports = ipc_copyin_places(item);
	bool circular = false;

	for (unsigned i = 0; i < item->number; i++) {
		if (ipc_port_check_circularity(ports[i], dest)) {
			circular = true;
		}
	}
	return circular;
}

/*
 * What is in ITEM was taken for DEST: make the descriptor that of a queued
 * message, and return the bits for its header.
 */
static mach_msg_bits_t
ipc_copyin_finish_item(struct ipc_kmsg_item *item, struct ipc_port *dest)
{
	if (item->is_port) {
		ipc_copyin_set_name(item, ipc_copyin_type(item->name));
		if (item->name == MACH_MSG_TYPE_MOVE_RECEIVE &&
		    ipc_copyin_circular(item, dest)) {
			return MACH_MSGH_BITS_COMPLEX | MACH_MSGH_BITS_CIRCULAR;
		}
	}
	return MACH_MSGH_BITS_COMPLEX;
}

static mach_msg_bits_t
ipc_copyin_finish_body(struct ipc_copyin *in)
{
	struct ipc_copyin_walk walk = ipc_copyin_begin();
	struct ipc_kmsg_item *item;
	mach_msg_bits_t bits = 0;

	while ((item = ipc_copyin_next(in, &walk)) != NULL) {
		bits |= ipc_copyin_finish_item(item, in->dest);
	}
	return bits;
}

/* Deallocate what the sender wanted to move instead of to copy. */
static void
ipc_copyin_dealloc(struct ipc_copyin *in, const struct ipc_copyin_dealloc *d)
{
	if (d->length == 0) {
		return;
	}
	if (d->moving != NULL) {
		vm_copy_move_end(in->sender->map, d->address, d->length,
		    d->moving, true);
		return;
	}
	/* It was there and readable; should it have gone, or should there be
	 * no memory to split an entry, it stays. */
	vm_map_remove(in->sender->map, vm_page_trunc(d->address),
	    vm_page_round(d->address + d->length));
}

/*
 * The body is bad: MR says how.  A bad header is told first; nothing of the
 * message was taken yet, so the header is looked at only now.
 */
static mach_msg_return_t
ipc_copyin_bad_body(struct ipc_copyin *in, mach_msg_return_t mr)
{
	mach_msg_return_t header = ipc_copyin_probe_header(in);

	return header != MACH_MSG_SUCCESS ? header : mr;
}

static mach_msg_return_t
ipc_copyin_complex_with(
    struct ipc_copyin *in, struct ipc_copyin_dealloc *deallocs)
{
	mach_msg_return_t mr;

	if (in->memory_count != 0) {
		mr = ipc_copyin_fetch_memory(in, deallocs);
		if (mr != MACH_MSG_SUCCESS) {
			return ipc_copyin_bad_body(in, mr);
		}
	}
	mr = ipc_copyin_rights(in);
	if (mr != MACH_MSG_SUCCESS) {
		if (in->moving) {
			vm_copy_move_end(in->sender->map, deallocs[0].address,
			    deallocs[0].length, deallocs[0].moving, false);
		} else if (in->memory_count != 0) {
			ipc_copyin_drop_memory(in, NULL);
		}
		return mr;
	}
	ipc_copyin_set_header(in, ipc_copyin_finish_body(in));
	for (unsigned i = 0; i < in->dealloc_count; i++) {
		ipc_copyin_dealloc(in, &deallocs[i]);
	}
	ipc_remains_release(&in->remains);
	return MACH_MSG_SUCCESS;
}

static bool
ipc_copyin_is_region(struct ipc_kmsg *kmsg, struct ipc_kmsg_item *item)
{
	return ipc_kmsg_only_region(ipc_kmsg_body(kmsg),
	    (char *)&kmsg->header + kmsg->header.size, item);
}

bool
ipc_copyin_region_first(struct ipc_kmsg *kmsg, struct vm_map *map)
{
	struct ipc_kmsg_item item;
	struct vm_copy *copy;

	if (!ipc_copyin_is_region(kmsg, &item) || item.dealloc ||
	    vm_copy_in(map, *ipc_copyin_address(&item), item.length, false,
		&copy) != KERN_SUCCESS) {
		return false;
	}
	*ipc_copyin_region(&item) = copy;
	kmsg->fetched = true;
	return true;
}

/* A message whose body is the region ITEM. */
static mach_msg_return_t
ipc_copyin_only_region(struct ipc_copyin *in, struct ipc_kmsg_item *item)
{
	struct ipc_copyin_dealloc dealloc = {
		.address = *ipc_copyin_address(item),
		.length = item->length,
	};
	struct vm_copy *copy;
	mach_msg_return_t mr;

	in->memory_count = 1;
	in->moving = false;
	if (!in->kmsg->fetched) {
		mr = ipc_copyin_fetch_item(in, item);
		if (mr != MACH_MSG_SUCCESS) {
			return ipc_copyin_bad_body(in, mr);
		}
	}
	copy = *ipc_copyin_region(item);
	dealloc.moving = in->moving ? copy : NULL;
	mr = ipc_copyin_header(in);
	if (mr == MACH_MSG_SUCCESS) {
		ipc_copyin_set_header(in, MACH_MSGH_BITS_COMPLEX);
		if (item->dealloc) {
			ipc_copyin_dealloc(in, &dealloc);
		}
		ipc_remains_release(&in->remains);
	} else if (in->moving) {
		vm_copy_move_end(in->sender->map, dealloc.address,
		    dealloc.length, copy, false);
	} else {
		vm_copy_discard(copy);
	}
	return mr;
}

static mach_msg_return_t
ipc_copyin_complex(struct ipc_copyin *in)
{
	struct ipc_copyin_dealloc *deallocs = NULL;
	struct ipc_kmsg_item item;
	size_t size;
	mach_msg_return_t mr;

	if (ipc_copyin_is_region(in->kmsg, &item)) {
		return ipc_copyin_only_region(in, &item);
	}
	mr = ipc_copyin_check_body(in);
	if (mr != MACH_MSG_SUCCESS) {
		return ipc_copyin_bad_body(in, mr);
	}
	size = in->dealloc_count * sizeof(*deallocs);
	if (size != 0) {
		deallocs = kmem_alloc(size);
		if (deallocs == NULL) {
			return ipc_copyin_bad_body(in, MACH_SEND_NO_BUFFER);
		}
	}
	mr = ipc_copyin_complex_with(in, deallocs);
	kmem_free(deallocs, size);
	return mr;
}

mach_msg_return_t
ipc_copyin_fetched(const struct ipc_sender *sender, struct ipc_kmsg *kmsg)
{
	struct ipc_copyin in;
	mach_msg_return_t mr;

	in.sender = sender;
	in.kmsg = kmsg;
	in.bits = in.kmsg->user.msgh_bits;
	in.dest_name = in.kmsg->user.msgh_remote_port;
	in.reply_name = in.kmsg->user.msgh_local_port;
	ipc_remains_init(&in.remains);
	mr = ipc_copyin_check_header(&in);
	if (mr != MACH_MSG_SUCCESS) {
		assert(!kmsg->fetched);
	} else {
		mr = (in.bits & MACH_MSGH_BITS_COMPLEX) != 0
			 ? ipc_copyin_complex(&in)
			 : ipc_copyin_simple(&in);
	}
	if (mr != MACH_MSG_SUCCESS) {
		ipc_kmsg_free(in.kmsg);
	}
	return mr;
}

mach_msg_return_t
ipc_copyin(const struct ipc_sender *sender, user_addr_t msg,
    mach_msg_size_t size, struct ipc_kmsg **kmsgp)
{
	mach_msg_return_t mr;

	mr = ipc_copyin_fetch(msg, size, kmsgp);
	return mr == MACH_MSG_SUCCESS ? ipc_copyin_fetched(sender, *kmsgp) : mr;
}

/* Could NAME be copied or made, just so? */
static bool
ipc_copyin_is_plain(struct ipc_space *space, mach_port_name_t name,
    mach_msg_type_name_t disposition)
{
	const struct ipc_entry *entry = ipc_space_lookup(space, name);
	mach_port_type_t type;

	if (entry == NULL) {
		return false;
	}
	type = ipc_entry_type(entry);
	switch (disposition) {
	case MACH_MSG_TYPE_COPY_SEND:
		return (type & MACH_PORT_TYPE_SEND) != 0 &&
		       ipc_entry_urefs(entry) != 0;
	case MACH_MSG_TYPE_MAKE_SEND:
	case MACH_MSG_TYPE_MAKE_SEND_ONCE:
		return (type & MACH_PORT_TYPE_RECEIVE) != 0;
	default:
		return false;
	}
}

bool
ipc_copyin_plain_locked(struct ipc_space *space, struct ipc_kmsg *kmsg)
{
	char *cursor = ipc_kmsg_body(kmsg);
	char *end = (char *)&kmsg->user + kmsg->user.msgh_size;
	const mach_port_name_t *names;
	struct ipc_kmsg_item item;
	unsigned rights = 0;

	if (kmsg->fetched) {
		return true;
	}
	for (;;) {
		ipc_kmsg_skip_data(&cursor, end);
		if (cursor >= end) {
			return rights > 0;
		}
		if (ipc_kmsg_next_item(&cursor, end, &item) !=
			MACH_MSG_SUCCESS ||
		    !item.is_inline) {
			return false;
		}
		if (!item.is_port) {
			continue;
		}
		if (item.number > IPC_COPYIN_FEW - rights) {
			return false;
		}
		rights += item.number;
		names = item.data;
		for (unsigned i = 0; i < item.number; i++) {
			if (!ipc_copyin_is_plain(space, names[i], item.name)) {
				return false;
			}
		}
	}
}

void
ipc_copyin_take_plain_locked(struct ipc_space *space, struct ipc_kmsg *kmsg)
{
	char *cursor = ipc_kmsg_body(kmsg);
	char *end = (char *)&kmsg->user + kmsg->user.msgh_size;
	struct ipc_kmsg_item item;
	struct ipc_port **places;
	struct ipc_port *port;

	if (kmsg->fetched) {
		return;
	}
	while (ipc_copyin_read(&cursor, end, &item)) {
		places = item.data;
		for (unsigned i = 0; i < item.number; i++) {
			port = ipc_space_lookup(
			    space, *(mach_port_name_t *)&places[i])
				   ->port;
			if (item.name == MACH_MSG_TYPE_COPY_SEND) {
				port = ipc_port_copy_send(port);
			} else if (item.name == MACH_MSG_TYPE_MAKE_SEND) {
				port = ipc_port_make_send(port);
			} else {
				port = ipc_port_make_sonce(port);
			}
			places[i] = port;
		}
		ipc_copyin_set_name(&item, ipc_copyin_type(item.name));
	}
}

/* What a right of the kernel's becomes in a message. */
static struct ipc_port *
ipc_copyin_kernel_right(struct ipc_port *port, mach_msg_type_name_t disposition)
{
	switch (disposition) {
	case MACH_MSG_TYPE_MAKE_SEND:
		return ipc_port_make_send(port);
	case MACH_MSG_TYPE_MAKE_SEND_ONCE:
		return ipc_port_make_sonce(port);
	case MACH_MSG_TYPE_COPY_SEND:
		return ipc_port_copy_send(port);
	case MACH_MSG_TYPE_MOVE_RECEIVE:
		if (ip_valid(port)) {
			ipc_port_lock(port);
			ipc_port_detach(port);
			ipc_port_unlock(port);
		}
		return port;
	default:
		return port;
	}
}

/* The same for an item of one word at AT. */
static mach_msg_bits_t
ipc_copyin_kernel_word(char *at, struct ipc_kmsg *kmsg)
{
	mach_msg_type_t *type = (void *)at;
	struct ipc_port **place = (void *)(type + 1);
	mach_msg_type_name_t name = type->msgt_name;

	if (!MACH_MSG_TYPE_PORT_ANY(name)) {
		return 0;
	}
	*place = ipc_copyin_kernel_right(*place, name);
	type->msgt_name = ipc_copyin_type(name) & 0xff;
	if (name == MACH_MSG_TYPE_MOVE_RECEIVE &&
	    ipc_port_check_circularity(*place, kmsg->header.remote)) {
		return MACH_MSGH_BITS_COMPLEX | MACH_MSGH_BITS_CIRCULAR;
	}
	return MACH_MSGH_BITS_COMPLEX;
}

/* Make the rights of the body the message's; returns bits for the header. */
static mach_msg_bits_t
ipc_copyin_kernel_body(struct ipc_kmsg *kmsg)
{
	char *cursor = ipc_kmsg_body(kmsg);
	char *end = (char *)&kmsg->header + kmsg->header.size;
	struct ipc_kmsg_item item;
	struct ipc_port **ports;
	mach_msg_bits_t bits = 0;

	for (;;) {
		if (ipc_kmsg_at_word(cursor, end)) {
			bits |= ipc_copyin_kernel_word(cursor, kmsg);
			cursor += sizeof(mach_msg_type_t) +
				  sizeof(mach_port_name_t);
			continue;
		}
		if (!ipc_copyin_read(&cursor, end, &item)) {
			return bits;
		}
		if (item.is_port) {
			ports = ipc_copyin_places(&item);
			for (unsigned i = 0; i < item.number; i++) {
				ports[i] = ipc_copyin_kernel_right(
				    ports[i], item.name);
			}
		}
		bits |= ipc_copyin_finish_item(&item, kmsg->header.remote);
	}
}

void
ipc_copyin_from_kernel(struct ipc_kmsg *kmsg)
{
	struct ipc_kmsg_header *header = &kmsg->header;
	mach_msg_bits_t bits = header->bits;
	mach_msg_bits_t other = 0;

	header->remote = ipc_copyin_kernel_right(
	    header->remote, MACH_MSGH_BITS_REMOTE(bits));
	header->local = ipc_copyin_kernel_right(
	    header->local, MACH_MSGH_BITS_LOCAL(bits));
	if ((bits & MACH_MSGH_BITS_COMPLEX) != 0) {
		other = ipc_copyin_kernel_body(kmsg);
	}
	header->bits = other | MACH_MSGH_BITS(
				   ipc_copyin_type(MACH_MSGH_BITS_REMOTE(bits)),
				   ipc_copyin_type(MACH_MSGH_BITS_LOCAL(bits)));
	kmsg->accepted = NULL;
}

/* Destroy a right if DISPOSITION would have moved it. */
static void
ipc_copyin_discard_right(
    struct ipc_port *port, mach_msg_type_name_t disposition)
{
	if (MACH_MSG_TYPE_PORT_ANY_RIGHT(disposition) && ip_valid(port)) {
		ipc_port_release(
		    ipc_copyin_kernel_right(port, disposition), disposition);
	}
}

void
ipc_copyin_discard_kernel(const mach_msg_header_t *msg, mach_msg_size_t size)
{
	const struct ipc_kmsg_header *header = (const struct ipc_kmsg_header *)
	    msg;
	char *cursor = (char *)(header + 1);
	char *end = (char *)header + size;
	struct ipc_kmsg_item item;
	struct ipc_port **ports;

	ipc_copyin_discard_right(
	    header->remote, MACH_MSGH_BITS_REMOTE(header->bits));
	ipc_copyin_discard_right(
	    header->local, MACH_MSGH_BITS_LOCAL(header->bits));
	if ((header->bits & MACH_MSGH_BITS_COMPLEX) == 0) {
		return;
	}
	while (cursor < end &&
	       ipc_kmsg_next_item(&cursor, end, &item) == MACH_MSG_SUCCESS) {
		if (!item.is_port) {
			if (!item.is_inline) {
				ipc_copyin_discard_memory(item.data);
			}
			continue;
		}
		ports = ipc_copyin_places(&item);
		for (unsigned i = 0; i < item.number; i++) {
			ipc_copyin_discard_right(ports[i], item.name);
		}
		if (!item.is_inline) {
			kmem_free(ports, item.length);
		}
	}
}
