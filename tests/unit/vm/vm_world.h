/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * The kernel on the pretend machine as the world of tests/lib/vm_model.h.
 * Tasks touch memory as programs do, through the pmap and by faults.  What is
 * done comes from test_random(); a difference fails the running test.
 */

#ifndef TESTS_UNIT_VM_VM_WORLD_H
#define TESTS_UNIT_VM_VM_WORLD_H

#include <stdbool.h>

#include <tests/lib/vm_model.h>

/* A model; with PAGERS memory objects are mapped, and pages are paged out. */
struct vm_model *vm_world_begin(bool pagers);

/* End MODEL and what it was given. */
void vm_world_end(struct vm_model *model);

#endif
