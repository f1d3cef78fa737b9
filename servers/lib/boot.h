/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * This server and bootstrap: who we are, what we may use, and when we are
 * ready.  Every server calls boot_ready exactly once.
 */
#ifndef SERVERS_LIB_BOOT_H
#define SERVERS_LIB_BOOT_H

#include <servers/lib/object.h>

/*
 * Tell bootstrap that this server works, and let its name in the start list
 * stand for SERVICE (may be NULL).  STOP is called, on a thread of the loop,
 * before the system ends (may be NULL): write back what must last.  Call it
 * when the first request can be queued, before server_loop.
 */
kern_return_t boot_ready(struct object *service, void (*stop)(void));

/*
 * In place of boot_ready: there is nothing to do for this server here (a
 * driver without its device), for REASON, at most 63 bytes.  Ends the task.
 */
void boot_done(const char *reason) __attribute__((noreturn));

/*
 * The kernel's privileged ports, asked for once and kept.  They are null, and
 * the result KERN_NO_ACCESS, when the start list does not grant them.
 */
kern_return_t boot_privileged_ports(mach_port_t *host_priv,
    mach_port_t *device_master);

/*
 * Offer PORT, a send right that stays the caller's, as NAME to the servers
 * that the start list allows.  KERN_NO_ACCESS: the list lacks offers=NAME.
 */
kern_return_t boot_offer(const char *name, mach_port_t port);

/*
 * A send right for what another server offers as NAME.  KERN_NO_ACCESS: the
 * list lacks uses=NAME.  KERN_INVALID_NAME: nobody offers it now.
 */
kern_return_t boot_request(const char *name, mach_port_t *port);

/* This task's bootstrap port. */
mach_port_t boot_port(void);

/*
 * The value of NAME=value in the kernel's command line, empty for NAME alone; or
 * NULL.  malloc'd.
 */
char *boot_option(const char *name);

#endif /* SERVERS_LIB_BOOT_H */
