/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * Servers that are not in the list: started while the system runs, from an
 * image that somebody gives.
 */
#ifndef SERVERS_BOOTSTRAP_BOOT_EXTRA_H
#define SERVERS_BOOTSTRAP_BOOT_EXTRA_H

#include <servers/lib/mach.h>
#include <stddef.h>

/*
 * Start the SIZE bytes at IMAGE, which are copied, as the server NAME.
 * Returns as bootstrap_start of mig/bootstrap.defs.
 */
kern_return_t boot_extra_start(const char *name, const char *image,
    size_t size);

#endif /* SERVERS_BOOTSTRAP_BOOT_EXTRA_H */
