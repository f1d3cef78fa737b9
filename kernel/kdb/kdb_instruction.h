/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

#ifndef KERNEL_KDB_KDB_INSTRUCTION_H
#define KERNEL_KDB_KDB_INSTRUCTION_H

#include <stddef.h>
#include <stdint.h>

#define KDB_INSTRUCTION_MAX	15u
#define KDB_INSTRUCTION_TEXT	160u

/*
 * Put the text of the instruction at ADDRESS, which the COUNT bytes, at least one,
 * begin with, into the SIZE bytes at TEXT, and return its length.  Text says also
 * if they begin with none, whose length is 1, or with a part of one.  If it has a
 * displacement or target that is variable 1, and what was there is variable 2.
 */
unsigned kdb_instruction(const uint8_t *bytes, size_t count, uintptr_t address,
    char *text, size_t size);

#endif /* KERNEL_KDB_KDB_INSTRUCTION_H */
