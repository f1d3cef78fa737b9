/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * What names mean.  Each of these moves *ATP behind what it reads.
 */
#ifndef KERNEL_KDB_KDB_NAME_H
#define KERNEL_KDB_KDB_NAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define KDB_NAME_SIZE	80u	/* of the longest, with its zero byte */

/* Copy the letters and digits that come next; false if there are none. */
bool kdb_name_word(const char **atp, char *word, size_t size);

/* The register or variable behind the < at *ATP; an error if there is none. */
uintptr_t kdb_name_register(const char **atp);

/*
 * The symbol at *ATP, or routine.variable; \ is before characters that names
 * have rarely.  An error if there is none.
 */
uintptr_t kdb_name_symbol(const char **atp);

#endif /* KERNEL_KDB_KDB_NAME_H */
