/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Random bytes as instructions: nothing is read behind them, nothing written
 * behind the text, and what is said of one does not depend on what follows it.
 */

#include <stdio.h>
#include <string.h>

#include <kernel/kdb/kdb_disasm.h>

#include "fuzz_host.h"

#define MARK	'!'

/* Bytes end where this ends, for the sanitizer to see who goes on. */
static uint8_t window[KDB_DISASM_MAX];
static char text[KDB_DISASM_TEXT + 1];

static void
want(bool is, const char *what)
{
	if (!is) {
		printf("FAIL disasm: %s\n", what);
		fuzz_host_fail();
	}
}

static bool
name_of(uintptr_t address, char *name, size_t size, void *arg)
{
	snprintf(name, size, "somewhere+%#lx", (unsigned long)address);
	return address % 2 == 0;
}

static unsigned
disassemble(const uint8_t *bytes, size_t count, size_t size)
{
	unsigned length;

	memcpy(window + sizeof(window) - count, bytes, count);
	memset(text, MARK, sizeof(text));
	length = kdb_disasm(window + sizeof(window) - count, count, 0xc0100000,
	    text, size, name_of, NULL);
	want(length <= count, "longer than its bytes");
	want(text[size] == MARK && text[sizeof(text) - 1] == MARK,
	    "text behind its end");
	if (size == 0) {
		return length;
	}
	want(memchr(text, '\0', size) != NULL, "text without end");
	want(length != 0 || text[0] == '\0', "text of nothing");
	for (const char *at = text; *at != '\0'; at++) {
		want(*at >= ' ' && *at < 0x7f, "no printing character");
	}
	return length;
}

static void
check_flow(const uint8_t *bytes, unsigned length)
{
	enum kdb_flow flow = KDB_FLOW_NEXT;
	uintptr_t target = 0;

	want(kdb_disasm_flow(bytes, KDB_DISASM_MAX, 0xc0100000, &flow,
	    &target) == length, "another length for the flow");
	want(target == 0 || flow == KDB_FLOW_CALL || flow == KDB_FLOW_JUMP,
	    "a target without a branch");
}

/* Of fewer bytes. */
static void
check_cut(const uint8_t *bytes, size_t count, unsigned length)
{
	want(disassemble(bytes, count, KDB_DISASM_TEXT) ==
	    (count < length ? 0 : length),
	    "another length with other bytes behind");
}

static void
disasm_one(void)
{
	uint8_t bytes[KDB_DISASM_MAX];

	while (fuzz_host_more()) {
		size_t size = fuzz_host_choose(sizeof(text));
		unsigned length;

		for (size_t i = 0; i < sizeof(bytes); i++) {
			bytes[i] = (uint8_t)fuzz_host_choose(256);
		}
		length = disassemble(bytes, sizeof(bytes), size);
		fuzz_host_say("%u %s", length, size != 0 ? text : "");
		check_flow(bytes, length);
		check_cut(bytes, length, length);
		check_cut(bytes, fuzz_host_choose(sizeof(bytes)), length);
	}
}

int
main(void)
{
	fuzz_host_run(disasm_one);
}
