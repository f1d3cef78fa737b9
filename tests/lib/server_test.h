/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * The harness for servers' logic, which needs no pretend machine: an ordinary
 * host program with the sanitizers on.  TEST=pattern picks tests, SEED=n changes
 * the random choices.
 */

#ifndef TESTS_LIB_SERVER_TEST_H
#define TESTS_LIB_SERVER_TEST_H

#include <stdbool.h>
#include <stdint.h>

#include <tests/lib/checks.h>

#endif /* TESTS_LIB_SERVER_TEST_H */
