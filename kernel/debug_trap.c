/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Printing for programs.  A piece of at most DEBUG_PRINT_PIECE bytes stays
 * together; a longer string may be interrupted by others.
 */

#include <kernel/debug_trap.h>

#include <machine/copyio.h>

#include <kernel/printf.h>

#define DEBUG_PRINT_PIECE	256

TRAP_FUNCTION kern_return_t
sys_mach_print(user_addr_t string)
{
	char piece[DEBUG_PRINT_PIECE];
	kern_return_t kr;
	size_t len;

	do {
		len = sizeof(piece);
		kr = copyin_string(string, piece, sizeof(piece), &len);
		if (kr == KERN_NO_SPACE) {
			len = sizeof(piece);
		}
		if (kr == KERN_SUCCESS || kr == KERN_NO_SPACE) {
			printf_write(piece, len);
		}
		string += len;
	} while (kr == KERN_NO_SPACE);
	return kr;
}
