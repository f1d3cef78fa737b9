/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * The server and a client of it in one program, which a kernel starts as its
 * only module: no bootstrap, no name server, no UNIX.  One thread calls, those
 * of the loop answer, and then the machine stops.
 */

#include "hello.h"

#include <mach/mach_types.h>
#include <servers/hello_types.h>
#include <servers/lib/log.h>
#include <servers/lib/server.h>
#include <stdlib.h>

#include <mig/hello_user.h>
#include <mig/mach_host_user.h>

SERVER_DEMUX(hello);

const struct object_class hello_class = { .name = "hello" };

static struct object service;
static mach_port_t host_priv;

static void
greet(mach_port_t server, const char *name)
{
	hello_text_t greeting;
	kern_return_t kr = hello_greet(server, name, greeting);

	if (kr == KERN_SUCCESS) {
		log_info("%s", greeting);
	} else {
		log_info("no greeting for '%s': error 0x%x", name, kr);
	}
}

static void
client(void *argument)
{
	mach_port_t server = object_right(argument);
	natural_t count = 0;

	greet(server, "Ada");
	greet(server, "");
	greet(server, "Grace");
	if (hello_count(server, &count) == KERN_SUCCESS) {
		log_info("%u greetings", count);
	}
	(void)host_reboot(host_priv, 0);
}

/* The module's line passes ${host-port}. */
int
main(int argc, char **argv)
{
	static const server_demux_fn_t demux[] = { hello_server, NULL };
	struct server_options options = { .demux = demux };

	if (argc > 1) {
		host_priv = (mach_port_t)strtoul(argv[1], NULL, 10);
	}
	server_setup(&options);
	if (object_create_service(&service, &hello_class) != KERN_SUCCESS ||
	    server_start_thread(client, &service, 0) != KERN_SUCCESS) {
		panic("cannot start");
	}
	server_loop();
}
