/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

#ifndef MACHINE_COPYIO_H
#define MACHINE_COPYIO_H

/*
 * The only way to user memory: of the task whose map is current.
 *
 * Every function checks that the whole range is below MACHINE_USER_MAX and
 * then copies; a page that is missing is faulted in, a page that cannot be
 * makes the call fail.  What was copied before the failing byte stays copied.
 *
 * Locks:   none held that a page fault takes; interrupts enabled.
 * Blocks:  may.
 * Returns: KERN_SUCCESS or KERN_INVALID_ADDRESS.
 */

#include <mach/kern_return.h>
#include <machine/types.h>

kern_return_t
copyin(user_addr_t from, void *to, size_t n);

kern_return_t
copyout(const void *from, user_addr_t to, size_t n);

/*
 * Copy a string with its zero byte into TO, which has room for MAX bytes.
 * *LENP gets its length without the zero byte; LENP may be NULL.  A string
 * that does not end within MAX bytes is KERN_NO_SPACE, TO being then filled
 * and not terminated.
 */
kern_return_t
copyin_string(user_addr_t from, char *to, size_t max, size_t *lenp);

/* Zero a range of user memory. */
kern_return_t
copyout_zero(user_addr_t to, size_t n);

/* Read an aligned word in one access.  An unaligned one is
 * KERN_INVALID_ADDRESS, here and below. */
kern_return_t
copyio_load32(user_addr_t from, uint32_t *value);

/* Write an aligned word in one access. */
kern_return_t
copyio_store32(user_addr_t to, uint32_t value);

/*
 * Compare the aligned word at ADDR with OLD and, when equal, make it NEW, in
 * one step with respect to every CPU.  *SEEN gets the value found: the
 * exchange happened when it equals OLD.
 */
kern_return_t
copyio_cas32(user_addr_t addr, uint32_t old, uint32_t new, uint32_t *seen);

#endif
