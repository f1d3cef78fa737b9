/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Ports as tasks see them: names, kinds of right, counts, status.
 */

#ifndef MACH_PORT_H
#define MACH_PORT_H

#include <mach/boolean.h>
#include <mach/machine/vm_types.h>

/* A name means something only inside the space of one task. */
typedef unsigned int		mach_port_name_t;
typedef mach_port_name_t	*mach_port_name_array_t;
typedef const mach_port_name_t	*const_mach_port_name_array_t;

/* A right: to a task, nothing but its name. */
typedef mach_port_name_t	mach_port_t;
typedef mach_port_t		*mach_port_array_t;
typedef const mach_port_t	*const_mach_port_array_t;
typedef int			*rpc_signature_info_t;

#define MACH_PORT_NULL		0
#define MACH_PORT_DEAD		((mach_port_t)~0)
#define MACH_PORT_VALID(name) \
	((name) != MACH_PORT_NULL && (name) != MACH_PORT_DEAD)

/* Kinds of right a name can stand for. */
typedef natural_t		mach_port_right_t;

#define MACH_PORT_RIGHT_SEND		((mach_port_right_t)0)
#define MACH_PORT_RIGHT_RECEIVE		((mach_port_right_t)1)
#define MACH_PORT_RIGHT_SEND_ONCE	((mach_port_right_t)2)
#define MACH_PORT_RIGHT_PORT_SET	((mach_port_right_t)3)
#define MACH_PORT_RIGHT_DEAD_NAME	((mach_port_right_t)4)
#define MACH_PORT_RIGHT_NUMBER		((mach_port_right_t)5)

/* The same as a set of bits, with what is pending on the name. */
typedef natural_t		mach_port_type_t;
typedef mach_port_type_t	*mach_port_type_array_t;

#define MACH_PORT_TYPE(right)		((mach_port_type_t)(1 << ((right) + 16)))
#define MACH_PORT_TYPE_NONE		((mach_port_type_t)0)
#define MACH_PORT_TYPE_SEND		MACH_PORT_TYPE(MACH_PORT_RIGHT_SEND)
#define MACH_PORT_TYPE_RECEIVE		MACH_PORT_TYPE(MACH_PORT_RIGHT_RECEIVE)
#define MACH_PORT_TYPE_SEND_ONCE	MACH_PORT_TYPE(MACH_PORT_RIGHT_SEND_ONCE)
#define MACH_PORT_TYPE_PORT_SET		MACH_PORT_TYPE(MACH_PORT_RIGHT_PORT_SET)
#define MACH_PORT_TYPE_DEAD_NAME	MACH_PORT_TYPE(MACH_PORT_RIGHT_DEAD_NAME)

#define MACH_PORT_TYPE_SEND_RECEIVE \
	(MACH_PORT_TYPE_SEND | MACH_PORT_TYPE_RECEIVE)
#define MACH_PORT_TYPE_SEND_RIGHTS \
	(MACH_PORT_TYPE_SEND | MACH_PORT_TYPE_SEND_ONCE)
#define MACH_PORT_TYPE_PORT_RIGHTS \
	(MACH_PORT_TYPE_SEND_RIGHTS | MACH_PORT_TYPE_RECEIVE)
#define MACH_PORT_TYPE_PORT_OR_DEAD \
	(MACH_PORT_TYPE_PORT_RIGHTS | MACH_PORT_TYPE_DEAD_NAME)
#define MACH_PORT_TYPE_ALL_RIGHTS \
	(MACH_PORT_TYPE_PORT_OR_DEAD | MACH_PORT_TYPE_PORT_SET)

#define MACH_PORT_TYPE_DNREQUEST	0x80000000U	/* dead-name request */
#define MACH_PORT_TYPE_MAREQUEST	0x40000000	/* msg-accepted request */
#define MACH_PORT_TYPE_COMPAT		0x20000000	/* old-style right */

typedef natural_t		mach_port_urefs_t;	/* user references */
typedef integer_t		mach_port_delta_t;	/* change of them */
typedef natural_t		mach_port_seqno_t;	/* order of messages */
typedef unsigned int		mach_port_mscount_t;	/* make-send count */
typedef unsigned int		mach_port_msgcount_t;	/* messages in a queue */
typedef unsigned int		mach_port_rights_t;	/* rights outstanding */

/* What mach_port_get_receive_status tells about a receive right. */
typedef struct mach_port_status {
	mach_port_name_t	mps_pset;	/* port set it is in, or null */
	mach_port_seqno_t	mps_seqno;	/* next sequence number */
	mach_port_mscount_t	mps_mscount;	/* send rights made */
	mach_port_msgcount_t	mps_qlimit;	/* room in the queue */
	mach_port_msgcount_t	mps_msgcount;	/* messages queued */
	mach_port_rights_t	mps_sorights;	/* send-once rights */
	boolean_t		mps_srights;	/* send rights exist */
	boolean_t		mps_pdrequest;	/* port-destroyed asked for */
	boolean_t		mps_nsrequest;	/* no-senders asked for */
} mach_port_status_t;

_Static_assert(sizeof(mach_port_status_t) == 36, "mach_port_status");

#define MACH_PORT_QLIMIT_DEFAULT	((mach_port_msgcount_t)5)
#define MACH_PORT_QLIMIT_MAX		((mach_port_msgcount_t)16)

#endif /* MACH_PORT_H */
