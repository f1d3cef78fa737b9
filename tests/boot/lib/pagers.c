/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Serving and reading memory objects in a test.
 */

#include "pagers.h"

#include "mach_host_user.h"
#include "mach_port_user.h"
#include "mach_user.h"

union pagers_message {
	mig_reply_header_t reply;
	mach_msg_header_t header;
	uint32_t words[2048];
};

static volatile int pagers_result;

static bool
pagers_serve_one(mach_port_t port, pagers_server_fn_t *server,
    mach_msg_option_t option)
{
	union pagers_message in;
	union pagers_message out;

	if (mach_msg(&in.header, MACH_RCV_MSG | option, 0, sizeof(in), port,
		RT_PATIENCE_MS, MACH_PORT_NULL) != MACH_MSG_SUCCESS) {
		return false;
	}
	if (!server(&in.header, &out.header)) {
		rt_printf("FAIL pager got id %u", in.header.msgh_id);
	}
	return true;
}

bool
pagers_serve(mach_port_t port, pagers_server_fn_t *server)
{
	return pagers_serve_one(port, server, MACH_RCV_TIMEOUT);
}

void
pagers_serve_all(mach_port_t port, pagers_server_fn_t *server)
{
	while (pagers_serve_one(port, server, MACH_MSG_OPTION_NONE)) {
		continue;
	}
	rt_thread_exit();
}

static void
pagers_reader(void *message)
{
	/* The message may be gone, but the result is this thread's. */
	int mr = mach_msg(message, MACH_SEND_MSG, 32, 0, MACH_PORT_NULL, 0,
	    MACH_PORT_NULL);

	pagers_result = mr;
	rt_thread_exit();
}

mach_port_t
pagers_begin_read(vm_offset_t addr)
{
	pagers_result = PAGERS_READING;
	return rt_thread_create(pagers_reader, (void *)addr);
}

int
pagers_read_result(void)
{
	return pagers_result;
}

int
pagers_end_read(void)
{
	rt_until(pagers_result != PAGERS_READING);
	return pagers_result;
}

void
pagers_wire_all(void)
{
	vm_offset_t at = 0;

	for (;;) {
		vm_size_t size;
		vm_prot_t prot;
		vm_prot_t max;
		vm_inherit_t inherit;
		boolean_t shared;
		mach_port_t name;
		vm_offset_t offset;

		if (vm_region(rt_task, &at, &size, &prot, &max, &inherit,
		    &shared, &name, &offset) != KERN_SUCCESS) {
			break;
		}
		if (name != 0) {
			mach_port_deallocate(rt_task, name);
		}
		vm_wire(rt_host_priv, rt_task, at, size, prot);
		at += size;
	}
}
