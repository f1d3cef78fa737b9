/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/* gnumach-dev includes this and needs nothing of it. */

#ifndef TESTS_BOOT_LIB_INCLUDE_SYS_TYPES_H
#define TESTS_BOOT_LIB_INCLUDE_SYS_TYPES_H

#endif
