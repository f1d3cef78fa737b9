/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * User memory.
 *
 * User addresses are those of the current page directory, so the access is a
 * plain instruction; trap.c resolves its page fault, or continues at the
 * address that the recovery table names for the instruction.  copyin() and
 * copyout() are in mem.asm.
 */

#include <machine/copyio.h>

#include <i386/copyio.h>

static inline bool
copyio_range_valid(user_addr_t addr, size_t n)
{
	return n <= MACHINE_USER_MAX && addr <= MACHINE_USER_MAX - n;
}

static inline bool
copyio_word_valid(user_addr_t addr)
{
	return (addr & 3) == 0 && addr <= MACHINE_USER_MAX - 4;
}

kern_return_t
copyout_zero(user_addr_t to, size_t n)
{
	if (!copyio_range_valid(to, n)) {
		return KERN_INVALID_ADDRESS;
	}
	__asm__ volatile(
	    "1:	rep; stosb\n"
	    "2:\n\t"
	    COPYIO_RECOVER("1b", "2b")
	    : "+D" (to), "+c" (n)
	    : "a" (0)
	    : "memory");
	return n == 0 ? KERN_SUCCESS : KERN_INVALID_ADDRESS;
}

static kern_return_t
copyio_load8(user_addr_t from, uint8_t *value)
{
	uint32_t failed = 1;
	uint8_t v = 0;

	__asm__ volatile(
	    "1:	movb	(%2), %1\n\t"
	    "xorl	%0, %0\n"
	    "2:\n\t"
	    COPYIO_RECOVER("1b", "2b")
	    : "+&r" (failed), "+&q" (v)
	    : "r" (from)
	    : "memory", "cc");
	if (failed != 0) {
		return KERN_INVALID_ADDRESS;
	}
	*value = v;
	return KERN_SUCCESS;
}

kern_return_t
copyin_string(user_addr_t from, char *to, size_t max, size_t *lenp)
{
	uint8_t c;

	for (size_t i = 0; i < max; i++) {
		if (from + i < from || !copyio_range_valid(from + i, 1) ||
		    copyio_load8(from + i, &c) != KERN_SUCCESS) {
			return KERN_INVALID_ADDRESS;
		}
		to[i] = (char)c;
		if (c == '\0') {
			if (lenp != NULL) {
				*lenp = i;
			}
			return KERN_SUCCESS;
		}
	}
	return KERN_NO_SPACE;
}

kern_return_t
copyio_load32(user_addr_t from, uint32_t *value)
{
	uint32_t failed = 1;
	uint32_t v = 0;

	if (!copyio_word_valid(from)) {
		return KERN_INVALID_ADDRESS;
	}
	__asm__ volatile(
	    "1:	movl	(%2), %1\n\t"
	    "xorl	%0, %0\n"
	    "2:\n\t"
	    COPYIO_RECOVER("1b", "2b")
	    : "+&r" (failed), "+&r" (v)
	    : "r" (from)
	    : "memory", "cc");
	if (failed != 0) {
		return KERN_INVALID_ADDRESS;
	}
	*value = v;
	return KERN_SUCCESS;
}

kern_return_t
copyio_store32(user_addr_t to, uint32_t value)
{
	uint32_t failed = 1;

	if (!copyio_word_valid(to)) {
		return KERN_INVALID_ADDRESS;
	}
	__asm__ volatile(
	    "1:	movl	%2, (%1)\n\t"
	    "xorl	%0, %0\n"
	    "2:\n\t"
	    COPYIO_RECOVER("1b", "2b")
	    : "+&r" (failed)
	    : "r" (to), "r" (value)
	    : "memory", "cc");
	return failed == 0 ? KERN_SUCCESS : KERN_INVALID_ADDRESS;
}

kern_return_t
copyio_cas32(user_addr_t addr, uint32_t old, uint32_t new, uint32_t *seen)
{
	uint32_t failed = 1;

	if (!copyio_word_valid(addr)) {
		return KERN_INVALID_ADDRESS;
	}
	__asm__ volatile(
	    "1:	lock; cmpxchgl %3, (%2)\n\t"
	    "movl	$0, %0\n"
	    "2:\n\t"
	    COPYIO_RECOVER("1b", "2b")
	    : "+&r" (failed), "+&a" (old)
	    : "r" (addr), "r" (new)
	    : "memory", "cc");
	if (failed != 0) {
		return KERN_INVALID_ADDRESS;
	}
	*seen = old;
	return KERN_SUCCESS;
}
