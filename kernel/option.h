/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/* Numbers on the kernel's command line: NAME=number. */

#ifndef KERNEL_OPTION_H
#define KERNEL_OPTION_H

#include <stdbool.h>

/*
 * The decimal number of the option NAME, if it is there and from MIN to MAX.
 * The console is told of one that is not.
 */
bool option_number(const char *name, unsigned long min, unsigned long max,
    unsigned long *valuep);

#endif
