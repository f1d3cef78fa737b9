/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * The pretend machine's part of <machine/cpu.h>.
 */

#ifndef PRETEND_CPU_H
#define PRETEND_CPU_H

#include <machine/types.h>

struct percpu;

/* The processor that is being played. */
extern struct percpu *pretend_percpu;
extern unsigned pretend_cpu;

#define cpu_local_get(field)		(pretend_percpu->field)
#define cpu_local_any(field)		(pretend_percpu->field != 0)
#define cpu_local_set(field, value)	(pretend_percpu->field = (value))
#define cpu_local_add(field, n)		(pretend_percpu->field += (uint32_t)(n))

bool pretend_intr_enabled(void);
void pretend_intr_set(bool enabled);
void pretend_pause(void);
void pretend_idle(void);
uint64_t pretend_cycles(void);

static inline unsigned
cpu_id(void)
{
	return pretend_cpu;
}

static inline void
cpu_pause(void)
{
	pretend_pause();
}

static inline bool
cpu_intr_enabled(void)
{
	return pretend_intr_enabled();
}

static inline void
cpu_intr_enable(void)
{
	pretend_intr_set(true);
}

static inline void
cpu_intr_disable(void)
{
	pretend_intr_set(false);
}

static inline bool
cpu_intr_save(void)
{
	bool enabled = pretend_intr_enabled();

	pretend_intr_set(false);
	return enabled;
}

static inline void
cpu_intr_restore(bool enabled)
{
	if (enabled) {
		pretend_intr_set(true);
	}
}

static inline uint64_t
cpu_cycles(void)
{
	return pretend_cycles();
}

static inline void
cpu_idle(void)
{
	pretend_idle();
}

#endif
