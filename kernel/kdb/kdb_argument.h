/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

#ifndef KERNEL_KDB_KDB_ARGUMENT_H
#define KERNEL_KDB_KDB_ARGUMENT_H

#include <stdbool.h>
#include <stdint.h>

struct kdb_request;

/*
 * The address that a word is to be done to: the expression that comes next in
 * its arguments, which move on, or what was given before the word.  A
 * hexadecimal number may begin with a letter here, as it was printed.  An error
 * if there is none.
 */
uintptr_t kdb_argument(struct kdb_request *request);

/*
 * The hexadecimal number, with or without 0x, that comes next in *TEXTP, which
 * moves behind it; false if there is none.
 */
bool kdb_argument_number(const char **textp, uintptr_t *value);

#endif /* KERNEL_KDB_KDB_ARGUMENT_H */
