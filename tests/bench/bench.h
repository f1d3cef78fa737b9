/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/* What the parts of the module share; mach.c has it. */

#ifndef TESTS_BENCH_BENCH_H
#define TESTS_BENCH_BENCH_H

#include "rt.h"

#define STACK		65536
#define PAGE		4096

static inline uint64_t
now(void)
{
	uint32_t low, high;

	__asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
	return ((uint64_t)high << 32) | low;
}

/* Instructions between two readings. */
uint32_t insns(uint64_t from, uint64_t to);

void report(const char *name, uint32_t value);

/* What is measured; not 0 when it did not work. */
typedef int (*measured_fn_t)(void *arg);

/* Report the best average of COUNT times FN for ARG. */
void measure(const char *name, unsigned count, measured_fn_t fn, void *arg);

/* A task with our memory; a thread of one at FN(ARG). */
mach_port_t child_task(void);
mach_port_t start_in(mach_port_t task, void (*fn)(void *), void *arg);

/* memory.c: what faults and copies cost. */
void bench_memory(void);

#endif
