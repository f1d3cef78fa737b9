/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * What the compiler calls where the processor has no instruction.  The names
 * are the compiler's; its own library is no help, as it takes its arguments on
 * the stack (see KERNEL_CFLAGS).
 */

#ifndef I386_ARITH_H
#define I386_ARITH_H

#include <stdint.h>

/* A / B, and A % B at *REM unless that is NULL.  B = 0 is a divide error. */
uint64_t __udivmoddi4(uint64_t a, uint64_t b, uint64_t *rem);
uint64_t __udivdi3(uint64_t a, uint64_t b);
uint64_t __umoddi3(uint64_t a, uint64_t b);

/* The same towards 0; the remainder has the sign of A. */
int64_t __divmoddi4(int64_t a, int64_t b, int64_t *rem);
int64_t __divdi3(int64_t a, int64_t b);
int64_t __moddi3(int64_t a, int64_t b);

/* How many bits of X are set. */
int __popcountsi2(unsigned x);

#endif /* I386_ARITH_H */
