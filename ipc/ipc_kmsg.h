/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Messages inside the kernel.
 *
 * A message has the user's layout, but every port name is replaced by a port
 * (the message owns the right) and every out-of-line address by
 *   a struct vm_copy *    for data
 *   an array from kmem_alloc() of `struct ipc_port *', exactly `number' of
 *                         them, for ports
 * and a type descriptor says what right it is: MACH_MSG_TYPE_PORT_*.  That is
 * also the form in which MIG's kernel stubs see and make messages.
 */

#ifndef IPC_IPC_KMSG_H
#define IPC_IPC_KMSG_H

#include <ipc/ipc_types.h>
#include <mach/kern_return.h>
#include <mach/message.h>

/* Bits without a meaning go from the sender's header to the receiver's. */
#define IPC_KMSG_BITS_PASSED                                                  \
	(~(MACH_MSGH_BITS_PORTS_MASK | MACH_MSGH_BITS_COMPLEX |               \
	    MACH_MSGH_BITS_CIRCULAR))

/* mach_msg_header_t with ports in the place of names. */
struct ipc_kmsg_header {
	mach_msg_bits_t bits; /* dispositions are MACH_MSG_TYPE_PORT_* */
	mach_msg_size_t size;
	struct ipc_port *remote; /* destination; owns the right */
	struct ipc_port *local;	 /* reply port; owns the right */
	mach_port_seqno_t seqno;
	mach_msg_id_t id;
};

_Static_assert(sizeof(struct ipc_kmsg_header) == sizeof(mach_msg_header_t),
    "a queued header has the size of a user's");
_Static_assert(offsetof(struct ipc_kmsg_header, local) ==
		   offsetof(mach_msg_header_t, msgh_local_port),
    "and its layout");

/*
 * Owned by one holder at a time: a thread, or a queue.  The lock of the port
 * or whatever else the queue is of guards the first two fields.
 */
struct ipc_kmsg {
	struct ipc_kmsg *next;	      /* in a queue; the last's is the first */
	unsigned count;		      /* of messages, in a queue's last */
	struct ipc_request *accepted; /* msg-accepted request or NULL */
	size_t capacity;	      /* bytes from header on */
	bool ready;		      /* was given to the one who waits for it:
				       * the header is in his form already */
	bool fetched;		      /* still its sender's, but the region that
				       * is its body was copied in already */
	union {
		struct ipc_kmsg_header header;
		mach_msg_header_t user; /* before copyin, after copyout */
	};
	/* The body follows. */
};

/* Messages in a row.  It takes a word, as every port has one. */
struct ipc_kmsg_queue {
	struct ipc_kmsg *last; /* NULL: there is none */
};

static inline void
ipc_kmsg_queue_init(struct ipc_kmsg_queue *queue)
{
	queue->last = NULL;
}

static inline bool
ipc_kmsg_queue_empty(const struct ipc_kmsg_queue *queue)
{
	return queue->last == NULL;
}

static inline unsigned
ipc_kmsg_queue_count(const struct ipc_kmsg_queue *queue)
{
	return queue->last == NULL ? 0 : queue->last->count;
}

/* The oldest message of QUEUE, which is not empty. */
static inline struct ipc_kmsg *
ipc_kmsg_queue_first(const struct ipc_kmsg_queue *queue)
{
	return queue->last->next;
}

static inline void
ipc_kmsg_queue_append(struct ipc_kmsg_queue *queue, struct ipc_kmsg *kmsg)
{
	struct ipc_kmsg *last = queue->last;

	if (last == NULL) {
		kmsg->next = kmsg;
		kmsg->count = 1;
	} else {
		kmsg->next = last->next;
		kmsg->count = last->count + 1;
		last->next = kmsg;
	}
	queue->last = kmsg;
}

/* Take the oldest message out of QUEUE, which is not empty. */
static inline struct ipc_kmsg *
ipc_kmsg_queue_take(struct ipc_kmsg_queue *queue)
{
	struct ipc_kmsg *last = queue->last;
	struct ipc_kmsg *first = last->next;

	if (__builtin_expect(first == last, true)) {
		queue->last = NULL;
	} else {
		last->next = first->next;
		last->count--;
	}
	return first;
}

/* Move every message of FROM to the end of TO. */
void ipc_kmsg_queue_move(struct ipc_kmsg_queue *to,
    struct ipc_kmsg_queue *from);

/* Messages longer than this are refused: MACH_SEND_NO_BUFFER. */
#define IPC_KMSG_SIZE_MAX (4u * 1024 * 1024 - 4096)

void ipc_kmsg_setup(void);

/* A buffer for SIZE bytes, header included; NULL when there is no memory. */
struct ipc_kmsg *ipc_kmsg_alloc(mach_msg_size_t size);

/* Free the buffer alone; the message owns nothing any more. */
void ipc_kmsg_free(struct ipc_kmsg *kmsg);

static inline void *
ipc_kmsg_body(struct ipc_kmsg *kmsg)
{
	return &kmsg->header + 1;
}

/*
 * Destroy KMSG and every right and region in it.  Ports that die from it, and
 * messages queued at those, are dealt with in a loop, not by recursion.  Who waits
 * for its answer hears of it, also without memory: see ipc_notify.h.
 *
 * Locks:  none held.
 * Blocks: may.
 */
void ipc_kmsg_destroy(struct ipc_kmsg *kmsg);

/* The same for each message of QUEUE, which is the caller's. */
void ipc_kmsg_destroy_queue(struct ipc_kmsg_queue *queue);

/*
 * Destroy what is in the body (kernel form), leaving the header's rights.
 * Tolerates a body that a generated stub left half filled only up to the
 * header's size.
 */
void ipc_kmsg_clean_body(struct ipc_kmsg *kmsg);

/*
 * Move *CURSOR over items that nobody has to look at: good short ones with
 * plain data in line.
 */
void ipc_kmsg_skip_data(char **cursor, char *end);

/* One data item of a body. */
struct ipc_kmsg_item {
	mach_msg_type_name_t name;
	bool is_inline;
	bool dealloc;
	bool is_long;
	bool is_port;		    /* name is one of the port types */
	mach_msg_type_number_t number;
	mach_msg_type_size_t size;  /* bits each */
	void *type;		    /* descriptor, mach_msg_type_t or long */
	void *data;		    /* in-line data, or the pointer's place */
	size_t length;		    /* bytes of data, not rounded */
};

/* Does the commonest item begin at AT: one word of any kind, in line? */
static inline bool
ipc_kmsg_at_word(const char *at, const char *end)
{
	uint32_t type;

	if ((size_t)(end - at) < 2 * sizeof(type)) {
		return false;
	}
	type = *(const uint32_t *)(const void *)at;
	/* In line, one of 32 bits. */
	return (type & ~0xffu) == 0x10012000;
}

/*
 * Read the item at *CURSOR and move on.  END is the end of the body.
 *
 * Returns: MACH_SEND_INVALID_TYPE, MACH_SEND_MSG_TOO_SMALL.
 */
mach_msg_return_t ipc_kmsg_next_item(
    char **cursor, char *end, struct ipc_kmsg_item *item);

/*
 * Is what is between AT and END one good region of data out of line, and
 * nothing else?  Then ITEM says which.  False where that would take long to
 * find out.
 */
bool ipc_kmsg_only_region(char *at, const char *end, struct ipc_kmsg_item *item);

/*
 * Make a message, in queued form, of one that kernel code built, header and rights
 * in kernel form with the dispositions of a sender (COPY_SEND, MAKE_SEND ...).
 *
 * Refs:    moved rights and out-of-line memory are consumed in any case;
 *          copied ones need the caller's rights to last for the call.
 * Returns: MACH_SEND_INVALID_DEST if the destination is null or dead,
 *          MACH_SEND_NO_BUFFER.
 */
mach_msg_return_t ipc_kmsg_from_kernel(const mach_msg_header_t *msg,
    mach_msg_size_t size, struct ipc_kmsg **kmsgp);

/*
 * Send such a message.  The queue limit does not apply.
 *
 * Blocks:  not on the queue; a kernel destination is served at once.
 */
mach_msg_return_t mach_msg_send_from_kernel(
    mach_msg_header_t *msg, mach_msg_size_t size);

#endif /* IPC_IPC_KMSG_H */
