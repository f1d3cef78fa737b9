/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * There is no disassembler yet.
 */

#include <kernel/kdb/kdb_instruction.h>

#include <kernel/kdb/kdb_error.h>

unsigned
kdb_instruction(const uint8_t *bytes, size_t count, uintptr_t address,
    char *text, size_t size)
{
	kdb_error("no disassembler");
}
