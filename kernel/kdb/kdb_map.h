/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Where `?' and `/' look.  Each has a map of two segments: an address of the
 * range [begin, end) is found at `to' + (address - begin), in the memory of
 * the chosen task.  At first all of memory is where it is.
 */
#ifndef KERNEL_KDB_KDB_MAP_H
#define KERNEL_KDB_KDB_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The second segment alone is meant by a `*' behind the verb. */
struct kdb_map_use {
	char	verb;		/* '?' or '/' */
	bool	second;
};

/* N bytes of ADDRESS; an error if they are not there. */
void kdb_map_read(const struct kdb_map_use *use, uintptr_t address, void *to,
    size_t n);
void kdb_map_write(const struct kdb_map_use *use, uintptr_t address,
    const void *from, size_t n);

/* The error for ADDRESS, which is not there: why. */
_Noreturn void kdb_map_absent(const struct kdb_map_use *use,
    uintptr_t address);

/* Of the N bytes of ADDRESS as many as are there. */
size_t kdb_map_read_some(const struct kdb_map_use *use, uintptr_t address,
    void *to, size_t n);

/* Change the first N of begin, end and to of a segment. */
void kdb_map_set(const struct kdb_map_use *use, const uintptr_t *values,
    unsigned n);

void kdb_map_print(void);

#endif /* KERNEL_KDB_KDB_MAP_H */
