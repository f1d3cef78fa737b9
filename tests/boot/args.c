/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * How a boot module gets its arguments: the words of its line, ports as names
 * in decimal, no functions, then no environment.  Some programs know the first
 * names by heart.
 *
 * Boot: one two=2 pre${host-port}post ${kernel-command-line} --
 */

#include "rt.h"

#include "mach_port_user.h"

void
test(void)
{
	rt_printf("argc %d", rt_argc);
	for (int i = 3; i < rt_argc; i++) {
		rt_printf("argument %d: %s", i, i == 5 || i == 7 ?
		    "(see below)" : rt_argv[i]);
	}
	rt_printf("begins with pre %d", strncmp(rt_argv[5], "pre", 3) == 0);
	rt_printf("command line ends as given %d",
	    strlen(rt_argv[7]) > 12 && strcmp(rt_argv[7] +
	    strlen(rt_argv[7]) - 12, "console=com0") == 0);
	rt_printf("argv ends with null %d", rt_argv[rt_argc] == NULL);
	rt_printf("no environment %d", rt_argv[rt_argc + 1] == NULL);
	rt_printf("stack aligned %d", ((unsigned)rt_argv & 3) == 0);
	rt_printf("host %s device %s", rt_argv[1], rt_argv[2]);
	rt_printf("then %u %u", rt_task, mach_reply_port());
	rt_show_right("host", rt_host_priv);
	rt_show_right("device", rt_device_master);
	rt_printf("the name has a path %d", rt_argv[0][0] == '/');
}
