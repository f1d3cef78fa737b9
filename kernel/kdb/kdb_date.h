/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

#ifndef KERNEL_KDB_KDB_DATE_H
#define KERNEL_KDB_KDB_DATE_H

#include <stdint.h>

#define KDB_DATE_TEXT	32u

/* SECONDS since 1970 in Greenwich: 1986 Jun 9 14:00:00. */
void kdb_date_text(uint32_t seconds, char text[static KDB_DATE_TEXT]);

#endif /* KERNEL_KDB_KDB_DATE_H */
