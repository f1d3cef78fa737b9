/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/* How the test servers say what failed, and count it: one such file a program. */

#ifndef TESTS_SERVERS_CHECK_H
#define TESTS_SERVERS_CHECK_H

#include <servers/lib/log.h>

static int failures;

#define CHECK(c) do { \
	if (!(c)) { \
		log_error("line %d: %s", __LINE__, #c); \
		failures++; \
	} \
} while (0)

#define CHECK_KR(call, want) do { \
	kern_return_t check_kr = (call); \
	if (check_kr != (want)) { \
		log_error("line %d: %s gave %#x", __LINE__, #call, \
		    (unsigned) check_kr); \
		failures++; \
	} \
} while (0)

#define CHECK_OK(call)	CHECK_KR(call, KERN_SUCCESS)

#endif
