/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Rights, counted: for modules that have the stubs of our own interfaces.
 */

#ifndef TESTS_BOOT_LIB_EXACT_H
#define TESTS_BOOT_LIB_EXACT_H

#include "rt.h"

#include "mach_port_user.h"
#include "new_mach_debug_user.h"
#include "new_tartan_user.h"

/* What there is for PORT, whose receive right is ours. */
struct exact {
	mach_port_type_t type;
	mach_port_urefs_t refs;		/* send rights of our own */
	mach_port_rights_t senders;	/* names and messages with one */
	mach_port_rights_t once;
	natural_t rights;		/* of all kinds that we have */
};

/* How many rights TASK has. */
static inline natural_t
exact_rights(mach_port_t task)
{
	natural_t no;
	natural_t used = 0;

	new_task_get_limits(task, &no, &no, &no, &no, &no, &used);
	return used;
}

/* Destroy what waits at PORT, with the rights that are in it. */
static inline void
exact_drain(mach_port_t port)
{
	static union {
		mach_msg_header_t head;
		char room[8192];
	} msg;
	/* Who takes a message in too small a buffer leaves it to the kernel. */
	while (mach_msg_trap(&msg.head, MACH_RCV_MSG | MACH_RCV_TIMEOUT, 0,
		   sizeof(msg.head) - 4, port, 0, 0) == MACH_RCV_TOO_LARGE) {
	}
}

static inline struct exact
exact_count(mach_port_t port)
{
	struct exact e = { 0 };
	mach_port_status_t status = { 0 };

	exact_drain(port);
	mach_port_type(rt_task, port, &e.type);
	mach_port_get_refs(rt_task, port, MACH_PORT_RIGHT_SEND, &e.refs);
	mach_port_get_receive_status(rt_task, port, &status);
	e.once = status.mps_sorights;
	new_mach_port_get_srights(rt_task, port, &e.senders);
	e.rights = exact_rights(rt_task);
	return e;
}

/* Is it as it was in the end?  What others hold may go a little later. */
static inline bool
exact_same(const char *what, mach_port_t port, const struct exact *before)
{
	struct exact now = { 0 };

	for (unsigned i = 0; i < 200; i++) {
		now = exact_count(port);
		if (memcmp(&now, before, sizeof(now)) == 0) {
			return true;
		}
		rt_sleep(i / 8);
	}
	rt_printf("FAIL %s: type %x was %x, own %u was %u, senders %u was %u, "
	    "send-once %u was %u, all rights %u was %u", what, now.type,
	    before->type, now.refs, before->refs, now.senders, before->senders,
	    now.once, before->once, now.rights, before->rights);
	return false;
}

#endif
