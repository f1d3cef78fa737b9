/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * Reading and writing bytes that may not be there.  on_fault handles the
 * signals that are expected, with SA_NODEFER.
 */
#ifndef TESTS_SYSTEM_TOUCH_H
#define TESTS_SYSTEM_TOUCH_H

#include <setjmp.h>

static sigjmp_buf escape;

static void
on_fault(int number)
{
	siglongjmp(escape, number);
}

/* What reading a byte gives, or minus the signal. */
static int
byte_at(const volatile char *address)
{
	int number = sigsetjmp(escape, 1);

	return number != 0 ? -number : *address;
}

static int
store_at(volatile char *address, char value)
{
	int number = sigsetjmp(escape, 1);

	if (number != 0) {
		return -number;
	}
	*address = value;
	return 0;
}

#endif /* TESTS_SYSTEM_TOUCH_H */
