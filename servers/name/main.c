/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * Start and message loop of the name server.
 */

#include <servers/lib/boot.h>
#include <servers/lib/log.h>
#include <servers/lib/server.h>
#include <servers/name/name.h>

#define NAME_THREADS_MAX	48

SERVER_DEMUX(name);

struct object name_service;
struct object name_control;

const struct object_class name_service_class = { .name = "name" };
const struct object_class name_control_class = { .name = "name control" };

int
main(void)
{
	static const server_demux_fn_t demux[] = { name_server, NULL };
	struct server_options options = {
		.demux = demux,
		.threads_max = NAME_THREADS_MAX,
		.message_max = 4096,
		.stack_size = 32768,
	};

	server_setup(&options);
	if (object_create_service(&name_service, &name_service_class) !=
	    KERN_SUCCESS ||
	    object_create_service(&name_control, &name_control_class) !=
	    KERN_SUCCESS) {
		panic("no ports");
	}
	/* Bootstrap asks the control for the service. */
	(void)boot_ready(&name_control, NULL);
	server_loop();
}
