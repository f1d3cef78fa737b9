/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * Start and message loop.  The name server gives this service's port to who
 * asks for the name under which bootstrap started us.
 */

#include "hello.h"

#include <servers/lib/boot.h>
#include <servers/lib/log.h>
#include <servers/lib/server.h>

SERVER_DEMUX(hello);

const struct object_class hello_class = { .name = "hello" };

int
main(void)
{
	static const server_demux_fn_t demux[] = { hello_server, NULL };
	static struct object service;
	struct server_options options = { .demux = demux };

	server_setup(&options);
	if (object_create_service(&service, &hello_class) != KERN_SUCCESS ||
	    boot_ready(&service, NULL) != KERN_SUCCESS) {
		panic("cannot start");
	}
	server_loop();
}
