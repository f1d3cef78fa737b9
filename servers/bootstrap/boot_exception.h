/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
#ifndef SERVERS_BOOTSTRAP_BOOT_EXCEPTION_H
#define SERVERS_BOOTSTRAP_BOOT_EXCEPTION_H

#include <servers/lib/mach.h>

/* A send right for the port that servers' exceptions go to. */
mach_port_t boot_exception_setup(void);

#endif /* SERVERS_BOOTSTRAP_BOOT_EXCEPTION_H */
