/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Random operations on several address spaces, beside a model that is too
 * simple to be wrong.  Tasks touch memory as programs do, through the pmap and
 * by faults.  What is done comes from test_random(); a difference fails the
 * running test.
 */

#ifndef TESTS_UNIT_VM_VM_MODEL_H
#define TESTS_UNIT_VM_VM_MODEL_H

/* One task with nothing mapped. */
void vm_model_begin(void);

void vm_model_operation(void);

/* Compare all memory with the model.  What is resident changes by that. */
void vm_model_check(void);

/* Destroy all tasks and all memory in transit. */
void vm_model_end(void);

#endif
