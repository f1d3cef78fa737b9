/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * The module that does nothing: what the kernel has after it, it has to have
 * after each.
 */

#include "rt.h"

void
test(void)
{
}
