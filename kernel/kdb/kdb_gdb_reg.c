/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Registers, as gdb numbers those of an i386; more than these, and what is not
 * known of a thread that waits, are said to be so.
 */

#include <kernel/kdb/kdb_gdb_i.h>

#include <string.h>

#include <kernel/kdb/kdb_choose.h>
#include <kernel/kdb/kdb_regs.h>

#define KDB_GDB_REGS	16u
#define KDB_GDB_UNKNOWN	"xxxxxxxx"

static const char kdb_gdb_reg_names[KDB_GDB_REGS][8] = {
	"eax", "ecx", "edx", "ebx", "esp", "ebp", "esi", "edi",
	"eip", "eflags", "cs", "ss", "ds", "es", "fs", "gs",
};

/* Which of the debugger's that is; false: none. */
static bool
kdb_gdb_reg_find(unsigned reg, unsigned *ip)
{
	kdb_thread = kdb_gdb_state.thread;
	for (*ip = 0; reg < KDB_GDB_REGS && *ip < kdb_reg_count; ++*ip) {
		if (strcmp(kdb_reg_names[*ip], kdb_gdb_reg_names[reg]) == 0) {
			return true;
		}
	}
	return false;
}

static bool
kdb_gdb_reg_get(unsigned reg, uint32_t *value)
{
	unsigned i;

	return kdb_gdb_reg_find(reg, &i) && kdb_reg_get(i, value);
}

/* Nothing is done to one that has the value already, and so may be any. */
static bool
kdb_gdb_reg_set(unsigned reg, uint32_t value)
{
	uint32_t was;
	unsigned i;

	return kdb_gdb_reg_find(reg, &i) &&
	    ((kdb_reg_get(i, &was) && was == value) || kdb_reg_set(i, value));
}

static void
kdb_gdb_reg_say(struct kdb_gdb_call *call, unsigned reg)
{
	uint32_t value;

	if (kdb_gdb_reg_get(reg, &value)) {
		kdb_gdb_reply_bytes(&call->out, &value, sizeof(value));
	} else {
		kdb_gdb_reply_text(&call->out, KDB_GDB_UNKNOWN);
	}
}

void
kdb_gdb_get_registers(struct kdb_gdb_call *call)
{
	for (unsigned reg = 0; reg < KDB_GDB_REGS; reg++) {
		kdb_gdb_reg_say(call, reg);
	}
}

void
kdb_gdb_set_registers(struct kdb_gdb_call *call)
{
	uint32_t value;

	for (unsigned reg = 0; reg < KDB_GDB_REGS; reg++) {
		if (kdb_gdb_scan_text(&call->in, KDB_GDB_UNKNOWN)) {
			continue;
		}
		if (!kdb_gdb_scan_bytes(&call->in, &value, sizeof(value)) ||
		    !kdb_gdb_reg_set(reg, value)) {
			kdb_gdb_bad(call);
			return;
		}
	}
	kdb_gdb_ok(call);
}

void
kdb_gdb_get_register(struct kdb_gdb_call *call)
{
	uint32_t reg;

	if (kdb_gdb_scan_number(&call->in, &reg) &&
	    kdb_gdb_scan_done(&call->in)) {
		kdb_gdb_reg_say(call, reg);
	} else {
		kdb_gdb_bad(call);
	}
}

void
kdb_gdb_set_register(struct kdb_gdb_call *call)
{
	uint32_t reg;
	uint32_t value;

	if (kdb_gdb_scan_number(&call->in, &reg) &&
	    kdb_gdb_scan_text(&call->in, "=") &&
	    kdb_gdb_scan_bytes(&call->in, &value, sizeof(value)) &&
	    kdb_gdb_scan_done(&call->in) && kdb_gdb_reg_set(reg, value)) {
		kdb_gdb_ok(call);
	} else {
		kdb_gdb_bad(call);
	}
}
