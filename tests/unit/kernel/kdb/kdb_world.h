/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * The world of the debugger's language: a console, some memory, symbols,
 * registers and instructions, so that all that it says can be known.
 *
 * Memory: WORLD_DATA and WORLD_TEXT, of WORLD_SIZE bytes each, and the last
 * WORLD_SIZE bytes of all; byte i of each is i * 7 + 3 at first.  Data may be
 * written.
 *
 * Symbols: main (T, WORLD_TEXT, 64 bytes), main.cold (t, +64), start (T, +256),
 * face (T, +512), _end_of (T, +768), table (D, WORLD_DATA, 16 bytes), tab (D,
 * +256), odd$name (D, +512).  main has a frame, and a variable count.
 * The 16 bytes of start at WORLD_LINES are four lines from 10 on of start.c.
 *
 * Registers: eax 11111111, ebx 22222222, eip WORLD_TEXT + 4; cr0 is not known,
 * eip cannot be changed.
 *
 * Instructions: 90 is nop, e8 a call of a relative address; no others.
 */
#ifndef TESTS_UNIT_KERNEL_KDB_WORLD_H
#define TESTS_UNIT_KERNEL_KDB_WORLD_H

#include <stdbool.h>
#include <stdint.h>

#define WORLD_DATA	0x1000u
#define WORLD_TEXT	0xc0100000u
#define WORLD_SIZE	0x1000u
#define WORLD_LINES	(WORLD_TEXT + 256)
#define WORLD_HIGH	(0u - WORLD_SIZE)

/* All as it was at first. */
void world_reset(void);

/* Obey LINE, as the prompt does; what it printed, good up to the next call. */
const char *world_run(const char *line);

/* Did that end in an error? */
bool world_failed(void);

/* What will be typed; a `\377' waits until nothing more is printed for it. */
void world_type(const char *keys);

/* Is there more of it? */
bool world_keys_left(void);

/* From now on a return is typed after so many looks at the keyboard in vain. */
void world_return_after(unsigned polls);

/* Is told what is printed, too, unless it is NULL. */
extern void (*world_console)(char c);

/* What has been printed since it was asked for. */
const char *world_printed(void);

/* ^C is typed after so many looks at the keyboard; 0: it is not. */
void world_interrupt_after(unsigned polls);

/* Memory there, writable by the test; NULL: none is. */
uint8_t *world_memory(uintptr_t address);

uint32_t world_register(unsigned i);

#endif
