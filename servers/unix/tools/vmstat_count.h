/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * What was counted between two looks at a counter.
 */
#ifndef SERVERS_UNIX_TOOLS_VMSTAT_COUNT_H
#define SERVERS_UNIX_TOOLS_VMSTAT_COUNT_H

/*
 * The kernel's counters have 32 bits, and some are shown in KiB, of pages of
 * any size.  One that is less than BEFORE was near its end, which is a power of
 * two, and began anew.
 */
static inline unsigned long long
vmstat_counted(unsigned long long now, unsigned long long before)
{
	unsigned long long end = 1;

	if (now >= before) {
		return now - before;
	}
	while (end != 0 && end <= before) {
		end *= 2;
	}
	return end - before + now;
}

#endif /* SERVERS_UNIX_TOOLS_VMSTAT_COUNT_H */
