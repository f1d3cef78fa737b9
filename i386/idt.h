/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

#ifndef I386_IDT_H
#define I386_IDT_H

/*
 * The interrupt descriptor table, one for all CPUs.
 */

/* Fill the table; once, on the first CPU. */
void
idt_setup(void);

/* Load it on the CPU that executes. */
void
idt_load(void);

#endif
