/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

#ifndef KERNEL_KDB_KDB_COMPLETE_H
#define KERNEL_KDB_KDB_COMPLETE_H

#include <stddef.h>

/* Words and symbols, for kdb_line_completer(). */
const char *kdb_complete(const char *text, size_t length, unsigned i,
    size_t *lengthp, size_t *replacedp);

#endif /* KERNEL_KDB_KDB_COMPLETE_H */
