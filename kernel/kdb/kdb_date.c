/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

#include <kernel/kdb/kdb_date.h>

#include <stdbool.h>
#include <stdio.h>

#define KDB_DATE_DAY	86400u

static bool
kdb_date_is_leap(unsigned year)
{
	return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static unsigned
kdb_date_month_length(unsigned month, unsigned year)
{
	static const uint8_t lengths[] = {
		31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31,
	};

	return lengths[month] + (month == 1 && kdb_date_is_leap(year) ? 1 : 0);
}

void
kdb_date_text(uint32_t seconds, char text[static KDB_DATE_TEXT])
{
	static const char names[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	unsigned day = seconds / KDB_DATE_DAY;
	unsigned year = 1970;
	unsigned month = 0;

	for (; day >= (kdb_date_is_leap(year) ? 366u : 365u); year++) {
		day -= kdb_date_is_leap(year) ? 366 : 365;
	}
	for (; day >= kdb_date_month_length(month, year); month++) {
		day -= kdb_date_month_length(month, year);
	}
	seconds %= KDB_DATE_DAY;
	snprintf(text, KDB_DATE_TEXT, "%u %.3s %u %02u:%02u:%02u", year,
	    &names[3 * month], day + 1, seconds / 3600, seconds / 60 % 60,
	    seconds % 60);
}
