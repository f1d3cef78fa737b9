/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * The counting of vmstat.
 */
#include <servers/unix/tools/vmstat_count.h>

#include <stdint.h>
#include <tests/lib/server_test.h>

TEST(difference)
{
	CHECK_EQ(vmstat_counted(0, 0), 0);
	CHECK_EQ(vmstat_counted(1234, 1200), 34);
	CHECK_EQ(vmstat_counted(UINT32_MAX, 0), UINT32_MAX);
	CHECK_EQ(vmstat_counted((uint64_t)1 << 33, 1), ((uint64_t)1 << 33) - 1);
}

TEST(counter_began_anew)
{
	uint64_t end = (uint64_t)1 << 32;

	CHECK_EQ(vmstat_counted(0, UINT32_MAX), 1);
	CHECK_EQ(vmstat_counted(5, UINT32_MAX - 9), 15);
	/* In KiB, of pages of 4 and of 64. */
	CHECK_EQ(vmstat_counted(8, (end - 1) * 4), 12);
	CHECK_EQ(vmstat_counted(64, (end - 3) * 64), 256);
	CHECK_EQ(vmstat_counted(2, UINT64_MAX), 3);
}
