/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * The terminal driver.
 */
#include <servers/term/term.h>

#include <servers/lib/boot.h>
#include <servers/lib/log.h>

int
main(void)
{
	static const server_demux_fn_t demux[] = { device_server, NULL };
	static const struct server_options options = { .demux = demux };
	unsigned lines;
	bool console;

	server_setup(&options);
	lines = serial_start();
	console = console_start();
	log_info("%u serial lines, %s", lines,
	    console ? "keyboard and screen" : "no screen");
	boot_ready(NULL, NULL);
	server_loop();
}
