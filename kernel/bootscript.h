/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * From boot modules to the first tasks.
 *
 * Each module has a line in GNU Mach's grammar: the file's name and its
 * arguments, among which ${name} stands for a port or a string of the kernel
 * and $(name) or $(name=value) does something with the task.
 */

#ifndef KERNEL_BOOTSCRIPT_H
#define KERNEL_BOOTSCRIPT_H

/*
 * Load and start what the modules' lines say, and release their memory.  A
 * line that cannot be carried out is reported and left out.
 *
 * Blocks: runs in a kernel thread, after everything else was set up.
 */
void bootscript_run(void);

#endif /* KERNEL_BOOTSCRIPT_H */
