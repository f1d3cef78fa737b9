/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * Start of the first task.  The boot script gives, as decimal numbers, the
 * names of the privileged ports, and then the kernel's command line:
 *
 *	bootstrap HOST-PORT DEVICE-PORT [WORDS...]
 */

#include <servers/bootstrap/boot_archive.h>
#include <servers/bootstrap/boot_exception.h>
#include <servers/bootstrap/boot_rpc.h>
#include <servers/bootstrap/boot_server.h>
#include <servers/bootstrap/boot_task.h>
#include <mach/vm_wire.h>
#include <servers/lib/log.h>
#include <servers/lib/server.h>
#include <stdlib.h>
#include <string.h>

#include <mig/gnumach_user.h>

SERVER_DEMUX(bootstrap);
SERVER_DEMUX(exc);

/* ARGV from index FIRST, with spaces between. */
static char *
main_join(int argc, char **argv, int first)
{
	size_t size = 1;
	char *text;

	for (int i = first; i < argc; i++) {
		size += strlen(argv[i]) + 1;
	}
	text = calloc(1, size);
	if (text == NULL) {
		panic("no memory for the command line");
	}
	for (int i = first; i < argc; i++) {
		strcat(text, i > first ? " " : "");
		strcat(text, argv[i]);
	}
	return text;
}

int
main(int argc, char **argv)
{
	static const server_demux_fn_t demux[] = {
		bootstrap_server, exc_server, NULL
	};
	struct server_options options = { .demux = demux };

	if (argc < 3) {
		panic("usage: bootstrap HOST-PORT DEVICE-PORT [WORDS...]");
	}
	boot_host_priv = (mach_port_t)strtoul(argv[1], NULL, 10);
	boot_device_master = (mach_port_t)strtoul(argv[2], NULL, 10);
	server_setup(&options);
	/* A driver must come back also when pages wait for it. */
	if (vm_wire_all(boot_host_priv, mach_task_self(), VM_WIRE_ALL) !=
	    KERN_SUCCESS) {
		log_error("memory not wired");
	}
	boot_task_own_symbols(boot_host_priv);
	boot_rpc_setup(main_join(argc, argv, 3));
	boot_server_setup(boot_archive_list, boot_exception_setup());
	if (server_start_thread(boot_server_main, NULL, 0) != KERN_SUCCESS) {
		panic("no thread");
	}
	server_loop();
}
