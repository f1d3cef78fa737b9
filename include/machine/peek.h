/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

#ifndef MACHINE_PEEK_H
#define MACHINE_PEEK_H

/*
 * Reading and writing kernel memory that may not be there, for the debugger:
 * takes no lock, causes no fault, may be called anywhere.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Copy N bytes from the kernel's ADDRESS to TO; false if one is not mapped. */
bool peek_read(uintptr_t address, void *to, size_t n);

/*
 * The other way, the kernel's text and constants too; false, with nothing
 * changed, if one is not mapped.
 */
bool peek_write(uintptr_t address, const void *from, size_t n);

#endif /* MACHINE_PEEK_H */
