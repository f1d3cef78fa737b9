/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * What only a real machine has, or what is not there yet.  Weak: the kernel's
 * own definition wins.
 */

#include <machine/cpu.h>

#include <string.h>

#include <kernel/panic.h>

#include <vm/memory_object.h>
#include <vm/vm_copy.h>
#include <vm/vm_pageout.h>

__attribute__((weak)) void
memory_object_setup(void)
{
}

__attribute__((weak)) void
vm_copy_setup(void)
{
}

__attribute__((weak)) void
vm_pageout_setup(void)
{
}

__attribute__((weak)) void
vm_pageout_wakeup(void)
{
}

/* The host's library has it only since glibc 2.38. */
__attribute__((weak)) size_t
strlcpy(char *to, const char *from, size_t size)
{
	size_t n = strlen(from);

	if (size != 0) {
		size_t copied = n < size ? n : size - 1;

		memcpy(to, from, copied);
		to[copied] = '\0';
	}
	return n;
}
