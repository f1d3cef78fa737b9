/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * Ports that a server hands to some other servers only: the start list says
 * who may offer which, and who may ask for it.  They never get to the name
 * server.
 */
#ifndef SERVERS_BOOTSTRAP_BOOT_PRIVATE_H
#define SERVERS_BOOTSTRAP_BOOT_PRIVATE_H

#include <servers/lib/mach.h>

/*
 * Keep PORT, a send right that is taken over, as NAME, in place of an older
 * one.  KERN_RESOURCE_SHORTAGE: then it is still the caller's.
 */
kern_return_t boot_private_offer(const char *name, mach_port_t port);

/* One more send right for NAME.  KERN_INVALID_NAME: none, or it is dead. */
kern_return_t boot_private_request(const char *name, mach_port_t *port);

#endif /* SERVERS_BOOTSTRAP_BOOT_PRIVATE_H */
