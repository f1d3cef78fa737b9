/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

#ifndef KERNEL_KDB_KDB_LOCAL_H
#define KERNEL_KDB_KDB_LOCAL_H

/*
 * Variables by their names.
 */

#include <kernel/kdb/kdb_sym.h>
#include <kernel/kdb/kdb_unwind.h>

/*
 * Where VARIABLE of FUNCTION, which may be inlined, is in memory, in the innermost
 * of its frames from FRAME on; the frame itself if VARIABLE is "".
 */
enum kdb_local kdb_local_search(struct kdb_unwind *unwind,
    const struct kdb_frame *frame, const char *function, const char *variable,
    uintptr_t *address);

#endif
