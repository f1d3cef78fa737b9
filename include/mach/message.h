/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Messages: header, type descriptors, options and answers of mach_msg.
 *
 * A message is a header, followed by items.  Each item starts with a type
 * descriptor (short, or long when its fields do not fit the short one) which
 * says what follows: data or rights, in the message itself or out of line.
 */

#ifndef MACH_MESSAGE_H
#define MACH_MESSAGE_H

#include <stddef.h>

#include <mach/kern_return.h>
#include <mach/port.h>

typedef natural_t		mach_msg_timeout_t;	/* milliseconds */

#define MACH_MSG_TIMEOUT_NONE	((mach_msg_timeout_t)0)

/*
 * msgh_bits: how the two ports of the header travel, and what the body holds.
 */
typedef unsigned int		mach_msg_bits_t;

#define MACH_MSGH_BITS_ZERO		0x00000000
#define MACH_MSGH_BITS_REMOTE_MASK	0x000000ff
#define MACH_MSGH_BITS_LOCAL_MASK	0x0000ff00
#define MACH_MSGH_BITS_PORTS_MASK \
	(MACH_MSGH_BITS_REMOTE_MASK | MACH_MSGH_BITS_LOCAL_MASK)
#define MACH_MSGH_BITS_UNUSED		0x07ff0000
#define MACH_MSGH_BITS_MIGRATED		0x08000000	/* kernel's own use */
#define MACH_MSGH_BITS_COMPLEX_DATA	0x10000000	/* kernel's own use */
#define MACH_MSGH_BITS_COMPLEX_PORTS	0x20000000	/* kernel's own use */
#define MACH_MSGH_BITS_CIRCULAR		0x40000000	/* kernel's own use */
#define MACH_MSGH_BITS_COMPLEX		0x80000000U	/* body needs care */

#define MACH_MSGH_BITS(remote, local)	((remote) | ((local) << 8))
#define MACH_MSGH_BITS_REMOTE(bits)	((bits) & MACH_MSGH_BITS_REMOTE_MASK)
#define MACH_MSGH_BITS_LOCAL(bits) \
	(((bits) & MACH_MSGH_BITS_LOCAL_MASK) >> 8)
#define MACH_MSGH_BITS_PORTS(bits)	((bits) & MACH_MSGH_BITS_PORTS_MASK)
#define MACH_MSGH_BITS_OTHER(bits)	((bits) & ~MACH_MSGH_BITS_PORTS_MASK)

typedef unsigned int		mach_msg_size_t;	/* bytes */
typedef natural_t		mach_msg_seqno_t;
typedef integer_t		mach_msg_id_t;

typedef struct mach_msg_header {
	mach_msg_bits_t		msgh_bits;
	mach_msg_size_t		msgh_size;
	mach_port_t		msgh_remote_port;	/* where it goes */
	union {
		mach_port_t	msgh_local_port;	/* where to answer */
		unsigned long	msgh_protected_payload;	/* instead, received */
	};
	mach_port_seqno_t	msgh_seqno;
	mach_msg_id_t		msgh_id;
} mach_msg_header_t;

_Static_assert(sizeof(mach_msg_header_t) == 24, "mach_msg_header");
_Static_assert(offsetof(mach_msg_header_t, msgh_size) == 4, "msgh_size");
_Static_assert(offsetof(mach_msg_header_t, msgh_remote_port) == 8, "remote");
_Static_assert(offsetof(mach_msg_header_t, msgh_local_port) == 12, "local");
_Static_assert(offsetof(mach_msg_header_t, msgh_seqno) == 16, "msgh_seqno");
_Static_assert(offsetof(mach_msg_header_t, msgh_id) == 20, "msgh_id");

#define MACH_MSG_SIZE_MAX	((mach_msg_size_t)~0)

#define MACH_MSGH_KIND_NORMAL	0x00000000
#define msgh_kind		msgh_seqno
#define mach_msg_kind_t		mach_port_seqno_t

/*
 * Type descriptors.  `number' items of `size' bits each, padded to a whole
 * number of words; out of line, an address stands in the message instead.
 */
typedef unsigned int		mach_msg_type_name_t;
typedef unsigned int		mach_msg_type_size_t;
typedef natural_t		mach_msg_type_number_t;

typedef struct {
	unsigned int	msgt_name : 8;
	unsigned int	msgt_size : 8;		/* bits of one item */
	unsigned int	msgt_number : 12;
	unsigned int	msgt_inline : 1;
	unsigned int	msgt_longform : 1;	/* long descriptor follows */
	unsigned int	msgt_deallocate : 1;	/* sender gives it away */
	unsigned int	msgt_unused : 1;
} mach_msg_type_t;

typedef struct {
	mach_msg_type_t	msgtl_header;
	unsigned short	msgtl_name;
	unsigned short	msgtl_size;		/* bits of one item */
	natural_t	msgtl_number;
} mach_msg_type_long_t;

_Static_assert(sizeof(mach_msg_type_t) == 4, "mach_msg_type");
_Static_assert(sizeof(mach_msg_type_long_t) == 12, "mach_msg_type_long");

/* Data. */
#define MACH_MSG_TYPE_UNSTRUCTURED	0
#define MACH_MSG_TYPE_BIT		0
#define MACH_MSG_TYPE_BOOLEAN		0
#define MACH_MSG_TYPE_INTEGER_16	1
#define MACH_MSG_TYPE_INTEGER_32	2
#define MACH_MSG_TYPE_CHAR		8
#define MACH_MSG_TYPE_BYTE		9
#define MACH_MSG_TYPE_INTEGER_8		9
#define MACH_MSG_TYPE_REAL		10
#define MACH_MSG_TYPE_INTEGER_64	11
#define MACH_MSG_TYPE_STRING		12
#define MACH_MSG_TYPE_STRING_C		12

/* A name as plain number, moving no right. */
#define MACH_MSG_TYPE_PORT_NAME		15

/* What the sender asks to be done with a right. */
#define MACH_MSG_TYPE_MOVE_RECEIVE	16
#define MACH_MSG_TYPE_MOVE_SEND		17
#define MACH_MSG_TYPE_MOVE_SEND_ONCE	18
#define MACH_MSG_TYPE_COPY_SEND		19
#define MACH_MSG_TYPE_MAKE_SEND		20
#define MACH_MSG_TYPE_MAKE_SEND_ONCE	21

/* What the receiver finds that it got. */
#define MACH_MSG_TYPE_PORT_RECEIVE	MACH_MSG_TYPE_MOVE_RECEIVE
#define MACH_MSG_TYPE_PORT_SEND		MACH_MSG_TYPE_MOVE_SEND
#define MACH_MSG_TYPE_PORT_SEND_ONCE	MACH_MSG_TYPE_MOVE_SEND_ONCE
#define MACH_MSG_TYPE_PROTECTED_PAYLOAD	23
#define MACH_MSG_TYPE_LAST		23

/* In .defs files: the type is an argument. */
#define MACH_MSG_TYPE_POLYMORPHIC	((mach_msg_type_name_t)-1)

#define MACH_MSG_TYPE_PORT_ANY(x) \
	((x) >= MACH_MSG_TYPE_MOVE_RECEIVE && \
	 (x) <= MACH_MSG_TYPE_MAKE_SEND_ONCE)
#define MACH_MSG_TYPE_PORT_ANY_SEND(x) \
	((x) >= MACH_MSG_TYPE_MOVE_SEND && \
	 (x) <= MACH_MSG_TYPE_MAKE_SEND_ONCE)
#define MACH_MSG_TYPE_PORT_ANY_RIGHT(x) \
	((x) >= MACH_MSG_TYPE_MOVE_RECEIVE && \
	 (x) <= MACH_MSG_TYPE_MOVE_SEND_ONCE)

/* Options of mach_msg. */
typedef integer_t		mach_msg_option_t;

#define MACH_MSG_OPTION_NONE	0x00000000
#define MACH_SEND_MSG		0x00000001
#define MACH_RCV_MSG		0x00000002
#define MACH_SEND_TIMEOUT	0x00000010	/* wait no longer than that */
#define MACH_SEND_NOTIFY	0x00000020	/* full: accept, tell later */
#define MACH_SEND_INTERRUPT	0x00000040	/* return when broken off */
#define MACH_SEND_CANCEL	0x00000080	/* break off notified sends */
#define MACH_RCV_TIMEOUT	0x00000100
#define MACH_RCV_NOTIFY		0x00000200	/* reply port's death is told */
#define MACH_RCV_INTERRUPT	0x00000400
#define MACH_RCV_LARGE		0x00000800	/* too large: leave it queued */
#define MACH_SEND_ALWAYS	0x00010000	/* kernel only: ignore limit */

/* Answers of mach_msg. */
typedef kern_return_t		mach_msg_return_t;

#define MACH_MSG_SUCCESS		0x00000000

/* With some answers: what was missing. */
#define MACH_MSG_MASK			0x00003c00
#define MACH_MSG_IPC_SPACE		0x00002000
#define MACH_MSG_VM_SPACE		0x00001000
#define MACH_MSG_IPC_KERNEL		0x00000800
#define MACH_MSG_VM_KERNEL		0x00000400

#define MACH_SEND_IN_PROGRESS		0x10000001	/* internal */
#define MACH_SEND_INVALID_DATA		0x10000002
#define MACH_SEND_INVALID_DEST		0x10000003
#define MACH_SEND_TIMED_OUT		0x10000004
#define MACH_SEND_WILL_NOTIFY		0x10000005
#define MACH_SEND_NOTIFY_IN_PROGRESS	0x10000006
#define MACH_SEND_INTERRUPTED		0x10000007
#define MACH_SEND_MSG_TOO_SMALL		0x10000008
#define MACH_SEND_INVALID_REPLY		0x10000009
#define MACH_SEND_INVALID_RIGHT		0x1000000a
#define MACH_SEND_INVALID_NOTIFY	0x1000000b
#define MACH_SEND_INVALID_MEMORY	0x1000000c
#define MACH_SEND_NO_BUFFER		0x1000000d
#define MACH_SEND_NO_NOTIFY		0x1000000e
#define MACH_SEND_INVALID_TYPE		0x1000000f
#define MACH_SEND_INVALID_HEADER	0x10000010

#define MACH_RCV_IN_PROGRESS		0x10004001	/* internal */
#define MACH_RCV_INVALID_NAME		0x10004002
#define MACH_RCV_TIMED_OUT		0x10004003
#define MACH_RCV_TOO_LARGE		0x10004004
#define MACH_RCV_INTERRUPTED		0x10004005
#define MACH_RCV_PORT_CHANGED		0x10004006
#define MACH_RCV_INVALID_NOTIFY		0x10004007
#define MACH_RCV_INVALID_DATA		0x10004008
#define MACH_RCV_PORT_DIED		0x10004009
#define MACH_RCV_IN_SET			0x1000400a
#define MACH_RCV_HEADER_ERROR		0x1000400b
#define MACH_RCV_BODY_ERROR		0x1000400c

/*
 * Send MSG, receive into it, or one after the other, as OPTION says.  The trap
 * returns when it was interrupted; mach_msg starts again.
 */
mach_msg_return_t mach_msg_trap(mach_msg_header_t *msg,
    mach_msg_option_t option, mach_msg_size_t send_size,
    mach_msg_size_t rcv_size, mach_port_name_t rcv_name,
    mach_msg_timeout_t timeout, mach_port_name_t notify);

mach_msg_return_t mach_msg(mach_msg_header_t *msg,
    mach_msg_option_t option, mach_msg_size_t send_size,
    mach_msg_size_t rcv_size, mach_port_name_t rcv_name,
    mach_msg_timeout_t timeout, mach_port_name_t notify);

extern __typeof(mach_msg) __mach_msg;
extern __typeof(mach_msg_trap) __mach_msg_trap;

#endif /* MACH_MESSAGE_H */
