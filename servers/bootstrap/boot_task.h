/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * A task made from a program of the archive.
 */
#ifndef SERVERS_BOOTSTRAP_BOOT_TASK_H
#define SERVERS_BOOTSTRAP_BOOT_TASK_H

#include <servers/bootstrap/boot_archive.h>
#include <servers/lib/mach.h>

/* Ports that the new task finds; all copied. */
struct boot_task_ports {
	mach_port_t	bootstrap;
	mach_port_t	exception;
	mach_port_t	name_server;	/* may be null */
	mach_port_t	wire_host;	/* null: its memory is pageable */
	mach_port_t	symbols_host;	/* takes symbols for its debugger */
	bool		essential;	/* never ended to free memory */
};

/* NULL when the SIZE bytes at IMAGE can be loaded, else what is wrong. */
const char *boot_task_check(const void *image, size_t size);

/*
 * Load IMAGE into a new task, with ARGV (ends with NULL) on its stack, and
 * start it.  The caller owns the right *TASK.  *WHY says what was wrong with
 * the image, if that was the matter.
 */
kern_return_t boot_task_create(const struct boot_image *image,
    const char *const *argv, const struct boot_task_ports *ports,
    mach_port_t *task, const char **why);

/*
 * Tell HOST's debugger the tables of this task, if the archive has them: its
 * symbols it has from the boot module.
 */
void boot_task_own_symbols(mach_port_t host);

/* (Re)place what TASK finds as the name server. */
kern_return_t boot_task_set_name_server(mach_port_t task, mach_port_t port);

#endif /* SERVERS_BOOTSTRAP_BOOT_TASK_H */
