/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * What adb does with memory besides printing it: /l /L, /w /W, /m.
 */
#ifndef KERNEL_KDB_KDB_MEMORY_H
#define KERNEL_KDB_KDB_MEMORY_H

#include <stddef.h>

#include <kernel/kdb/kdb_map.h>

/*
 * Of the words of SIZE bytes from dot on, the first that is VALUE under MASK
 * becomes dot.  *ATP is VALUE [MASK], and moves behind it.
 */
void kdb_memory_search(const struct kdb_map_use *use, size_t size,
    const char **atp);

/* Write the values at *ATP, each of SIZE bytes, from dot on. */
void kdb_memory_write(const struct kdb_map_use *use, size_t size,
    const char **atp);

/*
 * Change a map to the up to three values at *ATP.  A ? or / behind them, which
 * says what file to use, is accepted: both are memory.
 */
void kdb_memory_map(const struct kdb_map_use *use, const char **atp);

#endif /* KERNEL_KDB_KDB_MEMORY_H */
