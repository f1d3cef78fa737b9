/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * What the system calls ask of the rest of the system, in main.c.
 */
#ifndef SERVERS_UNIX_UNIX_SYSTEM_H
#define SERVERS_UNIX_UNIX_SYSTEM_H

#include <stdint.h>

/* Results are 0 or a negative errno; the lock is released meanwhile. */
int32_t system_set_time(int64_t sec, uint32_t nsec);
/* L_REBOOT_*; does not return when it succeeds. */
int32_t system_end(uint32_t how);

struct tty;

/* unix_console.c: the terminal of the machine, or NULL without one. */
struct tty *console_setup(void);

#endif /* SERVERS_UNIX_UNIX_SYSTEM_H */
