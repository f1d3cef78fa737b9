/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

#ifndef KERNEL_KDB_KDB_HELP_H
#define KERNEL_KDB_KDB_HELP_H

#include <kernel/kdb/kdb_command.h>

/* `help': what all tables have, and the language. */
extern struct kdb_table kdb_help_table;

#endif /* KERNEL_KDB_KDB_HELP_H */
