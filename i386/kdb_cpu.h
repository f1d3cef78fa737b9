/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

#ifndef I386_KDB_CPU_H
#define I386_KDB_CPU_H

#include <stdbool.h>
#include <stdint.h>

struct trap_frame;

/* A breakpoint or debug trap; false: it is not the debugger's. */
bool kdb_cpu_trap(unsigned vector, struct trap_frame *frame);

/*
 * Another trap: if it is of an instruction that the debugger wanted executed
 * alone, all go on first, since it may have to wait for others.
 */
void kdb_cpu_other_trap(struct trap_frame *frame);

/* Does the debugger call a function on this processor, and is this trap its? */
bool kdb_cpu_calls(void);
bool kdb_cpu_call_trap(struct trap_frame *frame);

/* Enter the debugger for FRAME; FRAME_POINTER is where traces begin. */
void kdb_cpu_interrupted(struct trap_frame *frame, uintptr_t frame_pointer);

#endif /* I386_KDB_CPU_H */
