/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

#ifndef KERNEL_KDB_KDB_MODIFIER_H
#define KERNEL_KDB_KDB_MODIFIER_H

#include <kernel/kdb/kdb_command.h>

/* $d $e $m $s $v $w */
extern struct kdb_table kdb_modifier_table;

#endif /* KERNEL_KDB_KDB_MODIFIER_H */
