/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * What the loader told, the console, and the end: panic() of the pretend
 * machine ends the process.
 */

#include <machine/boot.h>
#include <machine/console.h>
#include <machine/cpu.h>
#include <machine/kdb_cpu.h>
#include <machine/trap.h>
#include <machine/unwind.h>

#include <stdarg.h>
#include <string.h>

#include <kernel/kdb/kdb_regs.h>
#include <kernel/lock_rank.h>
#include <kernel/panic.h>
#include <kernel/printf.h>

#include "host.h"
#include "pretend.h"

static bool pretend_panicking;
static char pretend_console[PRETEND_CONSOLE_SIZE];
static size_t pretend_console_used;

const char *
boot_cmdline(void)
{
	const char *line = host_option("TEST_CMDLINE");

	return line != NULL ? line : "";
}

bool
boot_option(const char *name, char *buf, size_t size)
{
	const char *at = boot_cmdline();
	size_t len = strlen(name);
	bool found = false;

	while (*at != '\0') {
		size_t word = 0;

		while (at[word] != '\0' && at[word] != ' ') {
			word++;
		}
		if (strncmp(at, name, len) == 0 &&
		    (at[len] == '=' || len == word)) {
			size_t start = len == word ? len : len + 1;
			size_t n = word - start;

			found = true;
			if (size != 0) {
				n = n < size ? n : size - 1;
				memcpy(buf, at + start, n);
				buf[n] = '\0';
			}
		}
		at += word;
		while (*at == ' ') {
			at++;
		}
	}
	return found;
}

unsigned
boot_module_count(void)
{
	return 0;
}

const struct boot_module *
boot_module(unsigned i)
{
	return NULL;
}

bool
boot_module_keep(const struct boot_module *module)
{
	return true;
}

void
boot_memory_each(boot_range_fn_t fn)
{
	phys_addr_t end = boot_memory_end();

	/* Low memory, a hole for the kernel, the rest. */
	fn(0x10000, 0x90000);
	fn(0x200000, end);
}

phys_addr_t
boot_memory_end(void)
{
	return (phys_addr_t)pretend_config.memory_mib << 20;
}

void
boot_modules_release(boot_range_fn_t fn)
{
}

bool
boot_symbol_lookup(uintptr_t addr, const char **name, size_t *offset)
{
	return false;
}

bool
boot_symbol_find(const char *name, uintptr_t *addr)
{
	return false;
}

void
boot_image(struct boot_image *image)
{
	*image = (struct boot_image){ .entry = 0 };
}

const void *
boot_tables(size_t *size)
{
	*size = 0;
	return NULL;
}

bool
boot_tables_kept(void)
{
	return true;
}

/* Stacks of the pretend machine are the host's. */
bool
unwind_pointer(struct kdb_unwind *unwind, uintptr_t pointer,
    struct kdb_frame *frame)
{
	return false;
}

bool
unwind_waiting(const struct thread *thread, struct kdb_frame *frame)
{
	return false;
}

bool
unwind_user(const struct thread *thread, struct kdb_frame *frame)
{
	return false;
}

enum kdb_unwind_step
unwind_boundary(struct kdb_unwind *unwind, const struct thread *thread,
    const struct kdb_frame *frame, struct kdb_frame *next)
{
	return KDB_UNWIND_END;
}

bool
unwind_is_code(uintptr_t pc)
{
	return false;
}

/* So are its registers. */
const char *const kdb_reg_names[] = { NULL };
const unsigned kdb_reg_count = 0;

bool
kdb_reg_get(unsigned i, uint32_t *value)
{
	return false;
}

bool
kdb_reg_set(unsigned i, uint32_t value)
{
	return false;
}

bool
kdb_reg_pc(uintptr_t *pc)
{
	return false;
}

/* Nothing enters the debugger. */
bool
kdb_cpu_may_break(uintptr_t address)
{
	return false;
}

void
console_setup(const char *cmdline)
{
}

void
console_putc(char c)
{
	pretend_console[pretend_console_used++] = c;
	if (c == '\n' || pretend_console_used == sizeof(pretend_console)) {
		host_write(pretend_console, pretend_console_used);
		pretend_console_used = 0;
	}
}

void
console_take(void)
{
}

void
console_give_back(void)
{
}

int
console_getc_poll(void)
{
	return -1;
}

/* Here nothing is kept. */
uint32_t
printf_log_total_get(uint32_t *keptp)
{
	*keptp = 0;
	return 0;
}

size_t
printf_log_read_from(uint32_t from, char *buf, size_t size)
{
	return 0;
}

void
printf_write(const char *bytes, size_t len)
{
	host_write(bytes, len);
}

void
printf_force(bool on)
{
}

bool
panic_active(void)
{
	return pretend_panicking;
}

static _Noreturn void
pretend_die(void)
{
	lock_rank_dump();
	host_trace();
	host_exit(70);
}

static void
pretend_enter_panic(void)
{
	if (pretend_panicking) {
		host_exit(71);
	}
	pretend_panicking = true;
	pretend_freeze(true);
}

void
panic(const char *format, ...)
{
	va_list args;

	pretend_enter_panic();
	printf("panic: ");
	va_start(args, format);
	host_vprint(format, args);
	va_end(args);
	printf("\n");
	pretend_die();
}

void
panic_assert(const char *expression, const char *file, int line)
{
	pretend_enter_panic();
	printf("panic: %s:%d: assertion failed: %s\n", file, line,
	    expression);
	pretend_die();
}
