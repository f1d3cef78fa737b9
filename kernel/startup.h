/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * The boot sequence, the only one.
 */
#ifndef KERNEL_STARTUP_H
#define KERNEL_STARTUP_H

/*
 * Called by the machine's boot code on the boot processor, on a stack that
 * becomes its idle thread's, with interrupts off, segments and traps set up,
 * the boot data parsed and percpu_init(0) done.
 */
_Noreturn void startup_main(void);

#endif /* KERNEL_STARTUP_H */
