/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * For tests/system/kdb_key_test.py: the only module of a kernel, which asks for the
 * debugger, with the host port and with the privileged one, and says what it was
 * told when it goes on.
 */

#include <stdlib.h>

#include <servers/lib/log.h>
#include <servers/lib/mach.h>
#include <servers/lib/server.h>

#include <mig/mach_host_user.h>

#define ASKER_DEBUGGER	0x1000	/* options of host_reboot() */
#define ASKER_HALT	0x08

/* The module's line passes ${host-port}. */
int
main(int argc, char **argv)
{
	struct server_options options = { .demux = NULL };
	mach_port_t host_priv = MACH_PORT_NULL;

	if (argc > 1) {
		host_priv = (mach_port_t)strtoul(argv[1], NULL, 10);
	}
	server_setup(&options);
	log_info("without privilege: %d",
	    host_reboot(mach_host_self_, ASKER_DEBUGGER));
	for (int i = 1; i <= 2; i++) {
		log_info("asked %d: %d", i,
		    host_reboot(host_priv, ASKER_DEBUGGER));
	}
	(void)host_reboot(host_priv, ASKER_HALT);
	return 1;
}
