/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * A thread with more memory than there is left, which it uses all the time: what
 * others do not use is paged out.
 */

#ifndef TESTS_BOOT_LIB_HOG_H
#define TESTS_BOOT_LIB_HOG_H

#include "rt.h"

/* Take an eighth more memory than is free.  Once. */
void hog_start(void);

/* How often it has been through all of it. */
extern volatile unsigned hog_rounds;

/* Give it back; a FAIL if it was not what it had written. */
void hog_end(void);

#endif
