/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Calls on what only a real machine has, for the linker: nothing calls them.
 */

#include <stddef.h>
#include <string.h>

#include <kernel/panic.h>

#define ABSENT(name)							\
	void name(void);						\
	void								\
	name(void)							\
	{								\
		panic("pretend: %s is not there", #name);		\
	}

ABSENT(kdb_cpu_pc)
ABSENT(kdb_cpu_set_pc)
ABSENT(kdb_cpu_sp)
ABSENT(kdb_cpu_user)
ABSENT(kdb_cpu_leaves)
ABSENT(kdb_cpu_step)
ABSENT(kdb_cpu_stepped)
ABSENT(kdb_cpu_repeats)
ABSENT(kdb_cpu_watch_set)
ABSENT(kdb_cpu_watch_take)
ABSENT(console_add_screen)
ABSENT(kdb_cpu_call)
ABSENT(kdb_cpu_enter)
ABSENT(console_line_heard)
ABSENT(console_line_take)
ABSENT(console_line_release)
ABSENT(console_line_putc)
ABSENT(console_line_getc_poll)
ABSENT(clock_machine_pause)
ABSENT(cpu_stand_answer)
ABSENT(cpu_stand_begin)
ABSENT(cpu_stand_end)
ABSENT(clock_machine_resume)
ABSENT(S_i386_get_gdt)
ABSENT(S_i386_set_gdt)
ABSENT(S_i386_get_ldt)
ABSENT(S_i386_set_ldt)
ABSENT(S_i386_get_xstate_size)
ABSENT(S_i386_io_perm_create)
ABSENT(S_i386_io_perm_modify)
ABSENT(convert_io_perm_to_port)
ABSENT(convert_port_to_io_perm)
ABSENT(io_perm_deallocate)

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
