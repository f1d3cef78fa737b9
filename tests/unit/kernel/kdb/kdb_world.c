/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

#include "kdb_world.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <machine/console.h>

#include <kernel/kdb/kdb_in.h>
#include <kernel/kdb/kdb_instruction.h>
#include <kernel/kdb/kdb_map.h>
#include <kernel/kdb/kdb_mem.h>
#include <kernel/kdb/kdb_out.h>
#include <kernel/kdb/kdb_regs.h>
#include <kernel/kdb/kdb_sym.h>
#include <kernel/kdb/kdb_vars.h>
#include <kernel/panic.h>

#define WORLD_OUTPUT	200000u
#define WORLD_PATIENCE	10000000u	/* looks at a keyboard that is silent */

static uint8_t world_data[WORLD_SIZE];
static uint8_t world_text[WORLD_SIZE];
static uint8_t world_high[WORLD_SIZE];

static char world_output[WORLD_OUTPUT];
static size_t world_output_used;
static const char *world_keys = "";
static unsigned world_silent;
static unsigned world_interrupt;
static unsigned world_return;

/* ---- the end ------------------------------------------------------------ */

void
panic_assert(const char *expression, const char *file, int line)
{
	printf("FAIL %s:%d: %s\n", file, line, expression);
	fflush(stdout);
	abort();
}

/* ---- console ------------------------------------------------------------ */

void (*world_console)(char c);

void
console_putc(char c)
{
	if (world_console != NULL) {
		world_console(c);
	}
	if (world_output_used < sizeof(world_output) - 1) {
		world_output[world_output_used++] = c;
		world_output[world_output_used] = '\0';
	}
}

int
console_getc_poll(void)
{
	if (world_interrupt > 0 && --world_interrupt == 0) {
		return 3;
	}
	if (*world_keys == '\0' || *world_keys == '\377') {
		/* Whoever waits here would do so for ever. */
		if (++world_silent > WORLD_PATIENCE) {
			panic_assert("something is typed", __FILE__, __LINE__);
		}
		if (world_silent == world_return) {
			world_silent = 0;
			return '\r';
		}
		/* It has been seen that nothing was there. */
		world_keys += *world_keys == '\377' ? 1 : 0;
		return -1;
	}
	world_silent = 0;
	return (unsigned char)*world_keys++;
}

void
world_type(const char *keys)
{
	world_keys = keys;
	world_silent = 0;
}

bool
world_keys_left(void)
{
	return *world_keys != '\0';
}

void
world_return_after(unsigned polls)
{
	world_return = polls;
}

void
world_interrupt_after(unsigned polls)
{
	world_interrupt = polls;
}

const char *
world_printed(void)
{
	static char printed[WORLD_OUTPUT];

	memcpy(printed, world_output, world_output_used);
	printed[world_output_used] = '\0';
	world_output_used = 0;
	world_output[0] = '\0';
	return printed;
}

/* ---- memory ------------------------------------------------------------- */

struct task *kdb_task;

uint8_t *
world_memory(uintptr_t address)
{
	static const struct {
		uintptr_t start;
		uint8_t *bytes;
	} parts[] = {
		{ WORLD_DATA, world_data }, { WORLD_TEXT, world_text },
		{ WORLD_HIGH, world_high },
	};

	for (unsigned i = 0; i < 3; i++) {
		if (address - parts[i].start < WORLD_SIZE) {
			return &parts[i].bytes[address - parts[i].start];
		}
	}
	return NULL;
}

bool
kdb_mem_read(struct task *space, uintptr_t address, void *to, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (world_memory(address + i) == NULL) {
			return false;
		}
	}
	for (size_t i = 0; i < n; i++) {
		((uint8_t *)to)[i] = *world_memory(address + i);
	}
	return true;
}

size_t
kdb_mem_read_most(struct task *space, uintptr_t address, void *to, size_t n)
{
	while (n > 0 && !kdb_mem_read(space, address, to, n)) {
		n--;
	}
	return n;
}

bool
kdb_mem_write(struct task *space, uintptr_t address, const void *from,
    size_t n)
{
	if (address - WORLD_DATA >= WORLD_SIZE ||
	    address - WORLD_DATA + n > WORLD_SIZE) {
		return false;
	}
	memcpy(world_memory(address), from, n);
	return true;
}

const char *
kdb_mem_why(void)
{
	return "";
}

/* ---- symbols ------------------------------------------------------------ */

static const struct kdb_symbol world_symbols[] = {
	{ "table", WORLD_DATA, 16, 'D' },
	{ "tab", WORLD_DATA + 256, 0, 'D' },
	{ "odd$name", WORLD_DATA + 512, 0, 'D' },
	{ "main", WORLD_TEXT, 64, 'T' },
	{ "main.cold", WORLD_TEXT + 64, 0, 't' },
	{ "start", WORLD_TEXT + 256, 0, 'T' },
	{ "face", WORLD_TEXT + 512, 0, 'T' },
	{ "_end_of", WORLD_TEXT + 768, 0, 'T' },
};

#define WORLD_SYMBOLS	(sizeof(world_symbols) / sizeof(world_symbols[0]))

bool
kdb_sym_find(struct task *space, const char *name, struct kdb_symbol *symbol)
{
	for (unsigned i = 0; i < WORLD_SYMBOLS; i++) {
		if (strcmp(name, world_symbols[i].name) == 0) {
			*symbol = world_symbols[i];
			return true;
		}
	}
	return false;
}

bool
kdb_sym_at(struct task *space, uintptr_t address, struct kdb_symbol *symbol)
{
	bool found = false;

	for (unsigned i = 0; i < WORLD_SYMBOLS; i++) {
		if (world_symbols[i].value <= address) {
			*symbol = world_symbols[i];
			found = true;
		}
	}
	return found;
}

bool
kdb_sym_next(struct task *space, const char *prefix, unsigned *cookie,
    struct kdb_symbol *symbol)
{
	while (*cookie < WORLD_SYMBOLS) {
		*symbol = world_symbols[(*cookie)++];
		if (strncmp(symbol->name, prefix, strlen(prefix)) == 0) {
			return true;
		}
	}
	return false;
}

bool
kdb_line_at(struct task *space, uintptr_t pc, const char **file,
    unsigned *line)
{
	*file = "start.c";
	*line = 10 + (unsigned)(pc - WORLD_LINES) / 4;
	return pc - WORLD_LINES < 16;
}

enum kdb_local
kdb_local_find(struct task *space, const char *function, const char *variable,
    uintptr_t *address)
{
	if (strcmp(function, "main") != 0 && strcmp(function, "inlined") != 0) {
		return KDB_LOCAL_NO_FRAME;
	}
	if (strcmp(variable, "fast") == 0) {
		return KDB_LOCAL_NO_ADDRESS;
	}
	*address = variable[0] == '\0' ? 0xf00 : 0xf08;
	return variable[0] == '\0' || strcmp(variable, "count") == 0 ?
	    KDB_LOCAL_FOUND : KDB_LOCAL_NO_VARIABLE;
}

/* ---- registers ---------------------------------------------------------- */

const char *const kdb_reg_names[] = { "eax", "ebx", "eip", "cr0" };
const unsigned kdb_reg_count = 4;

static uint32_t world_registers[3];

uint32_t
world_register(unsigned i)
{
	return world_registers[i];
}

bool
kdb_reg_get(unsigned i, uint32_t *value)
{
	if (i < 3) {
		*value = world_registers[i];
	}
	return i < 3;
}

bool
kdb_reg_set(unsigned i, uint32_t value)
{
	if (i < 2) {
		world_registers[i] = value;
	}
	return i < 2;
}

/* ---- instructions ------------------------------------------------------- */

unsigned
kdb_instruction(const uint8_t *bytes, size_t count, uintptr_t address,
    char *text, size_t size)
{
	int32_t to;

	if (bytes[0] == 0x90) {
		snprintf(text, size, "nop");
		return 1;
	}
	if (bytes[0] != 0xe8) {
		snprintf(text, size, "(bad)");
		return 1;
	}
	if (count < 5) {
		snprintf(text, size, "(its end is not there)");
		return (unsigned)count;
	}
	memcpy(&to, bytes + 1, sizeof(to));
	snprintf(text, size, "call   %#lx",
	    (unsigned long)(address + 5 + (uint32_t)to));
	return 5;
}

/* ---- all of it ---------------------------------------------------------- */

void
world_reset(void)
{
	static const uintptr_t whole[3] = { 0, UINTPTR_MAX, 0 };
	static const uintptr_t none[3] = { 0, 0, 0 };

	for (unsigned i = 0; i < WORLD_SIZE; i++) {
		world_data[i] = (uint8_t)(i * 7 + 3);
	}
	memcpy(world_text, world_data, WORLD_SIZE);
	memcpy(world_high, world_data, WORLD_SIZE);
	world_registers[0] = 0x11111111;
	world_registers[1] = 0x22222222;
	world_registers[2] = WORLD_TEXT + 4;
	kdb_vars = (struct kdb_vars){ .radix = 16, .reach = 255 };
	for (unsigned i = 0; i < 2; i++) {
		char verb = i == 0 ? '?' : '/';

		kdb_map_set(&(struct kdb_map_use){ verb, false }, whole, 3);
		kdb_map_set(&(struct kdb_map_use){ verb, true }, none, 3);
	}
	kdb_out_width_set(80);
	kdb_out_lines_set(24);
	kdb_out_fresh_line();
	world_type("");
	world_interrupt = 0;
	world_return = 0;
	while (kdb_in_waiting()) {
		(void)kdb_in_get();
	}
	(void)world_printed();
}
