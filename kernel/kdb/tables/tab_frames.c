/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Call-frame rules: where a function's caller has its registers.
 */

#include "tab.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <dwarf.h>

/* So many rows can be passed to find one. */
#define TAB_FRAME_BLOCK	32u

struct tab_frames {
	struct tab	*tab;
	Dwarf_CFI	*cfi[2];	/* .debug_frame, .eh_frame; or NULL */
	struct tab_map	rules;
	uint32_t	rule_count;
	uint32_t	last_address;
	uint32_t	last_rule;
	size_t		rows;
};

/* The distance from the frame's address to where REG is saved. */
static int8_t
tab_frame_saved(Dwarf_Frame *frame, int reg)
{
	Dwarf_Op memory[3];
	Dwarf_Op *ops;
	size_t count;
	int32_t at = 0;

	if (dwarf_frame_register(frame, reg, memory, &ops, &count) != 0) {
		return KDB_RULE_LOST;
	}
	if (count == 0) {
		return ops == NULL ? KDB_RULE_SAME : KDB_RULE_LOST;
	}
	if (ops[0].atom != DW_OP_call_frame_cfa || count > 2) {
		return KDB_RULE_LOST;
	}
	if (count == 2) {
		if (ops[1].atom != DW_OP_plus_uconst) {
			return KDB_RULE_LOST;
		}
		at = (int32_t)ops[1].number;
	}
	if (at % 4 != 0 || at == 0 || at / 4 <= KDB_RULE_LOST || at / 4 > 127) {
		return KDB_RULE_LOST;
	}
	return (int8_t)(at / 4);
}

/* Register and offset that make the frame's address; false: it is not so. */
static bool
tab_frame_base(Dwarf_Frame *frame, struct kdb_table_rule *rule)
{
	Dwarf_Op *ops;
	size_t count;
	int64_t base;
	int64_t offset;

	if (dwarf_frame_cfa(frame, &ops, &count) != 0 || count != 1) {
		return false;
	}
	if (ops[0].atom == DW_OP_bregx) {
		base = (int64_t)ops[0].number;
		offset = (int64_t)ops[0].number2;
	} else {
		base = (int64_t)ops[0].atom - DW_OP_breg0;
		offset = (int64_t)ops[0].number;
	}
	if (base < 0 || base >= KDB_REG_PC || offset < INT16_MIN ||
	    offset > INT16_MAX) {
		return false;
	}
	rule->base = (uint8_t)base;
	rule->offset = (int16_t)offset;
	return true;
}

/* The rule of FRAME; false if it cannot be said in our way. */
static bool
tab_frame_rule(Dwarf_Frame *frame, struct kdb_table_rule *rule)
{
	memset(rule, 0, sizeof(*rule));
	if (!tab_frame_base(frame, rule)) {
		return false;
	}
	rule->pc = tab_frame_saved(frame, KDB_REG_PC);
	rule->ebx = tab_frame_saved(frame, KDB_REG_EBX);
	rule->ebp = tab_frame_saved(frame, KDB_REG_EBP);
	rule->esi = tab_frame_saved(frame, KDB_REG_ESI);
	rule->edi = tab_frame_saved(frame, KDB_REG_EDI);
	return rule->pc != KDB_RULE_LOST && rule->pc != KDB_RULE_SAME;
}

static uint32_t
tab_frame_number(struct tab_frames *frames, const struct kdb_table_rule *rule)
{
	struct tab_buffer *out = &frames->tab->parts[KDB_TABLE_RULES];
	uint32_t number;
	char key[80];

	snprintf(key, sizeof(key), "%d %d %d %d %d %d %d", rule->base,
	    rule->offset, rule->pc, rule->ebx, rule->ebp, rule->esi, rule->edi);
	number = *tab_map_get(&frames->rules, key, frames->rule_count);
	if (number == frames->rule_count) {
		frames->rule_count++;
		tab_put_byte(out, rule->base);
		tab_put_byte(out, (uint8_t)rule->pc);
		tab_put_byte(out, (uint16_t)rule->offset & 0xff);
		tab_put_byte(out, (uint16_t)rule->offset >> 8);
		tab_put_byte(out, (uint8_t)rule->ebx);
		tab_put_byte(out, (uint8_t)rule->ebp);
		tab_put_byte(out, (uint8_t)rule->esi);
		tab_put_byte(out, (uint8_t)rule->edi);
	}
	return number;
}

/* From ADDRESS on, RULE. */
static void
tab_frame_row(struct tab_frames *frames, uint32_t address, uint32_t rule)
{
	struct tab_buffer *index = &frames->tab->parts[KDB_TABLE_FRAME_INDEX];
	struct tab_buffer *out = &frames->tab->parts[KDB_TABLE_FRAMES];

	if (frames->rows > 0 && rule == frames->last_rule) {
		return;
	}
	if (frames->rows % TAB_FRAME_BLOCK == 0) {
		tab_put_word(index, address);
		tab_put_word(index, (uint32_t)out->size);
		frames->last_address = address;
	}
	tab_put_u(out, address - frames->last_address);
	tab_put_u(out, rule);
	frames->last_address = address;
	frames->last_rule = rule;
	frames->rows++;
}

/* What holds at ADDRESS, and until where. */
static uint32_t
tab_frame_at(struct tab_frames *frames, uint32_t address, uint32_t *end)
{
	uint32_t number = KDB_RULE_UNKNOWN;

	for (unsigned i = 0; i < 2; i++) {
		struct kdb_table_rule rule;
		Dwarf_Frame *frame;
		Dwarf_Addr from;
		Dwarf_Addr to;
		bool signal;

		if (frames->cfi[i] == NULL || dwarf_cfi_addrframe(
		    frames->cfi[i], address, &frame) != 0) {
			continue;
		}
		if (dwarf_frame_info(frame, &from, &to, &signal) >= 0 &&
		    to > address) {
			*end = to < *end ? (uint32_t)to : *end;
			if (tab_frame_rule(frame, &rule)) {
				number = tab_frame_number(frames, &rule);
			}
		}
		free(frame);
		break;
	}
	return number;
}

static void
tab_frame_range(struct tab_frames *frames, uint32_t low, uint32_t high)
{
	while (low < high) {
		uint32_t end = high;
		uint32_t rule = tab_frame_at(frames, low, &end);

		tab_frame_row(frames, low, rule);
		low = end;
	}
	tab_frame_row(frames, high, KDB_RULE_UNKNOWN);
}

void
tab_frames(struct tab *tab)
{
	struct tab_frames frames = { .tab = tab, .rule_count = 1 };
	struct kdb_table_rule none;
	uint32_t last = 0;

	memset(&none, 0, sizeof(none));
	tab_put(&tab->parts[KDB_TABLE_RULES], &none, sizeof(none));
	frames.cfi[0] = tab->dwarf != NULL ? dwarf_getcfi(tab->dwarf) : NULL;
	frames.cfi[1] = dwarf_getcfi_elf(tab->elf);
	for (size_t i = 0; i < tab->range_count; i++) {
		uint32_t low = tab->ranges[i].low;

		/* Symbols and functions say the same twice. */
		low = low < last ? last : low;
		if (low < tab->ranges[i].high) {
			tab_frame_range(&frames, low, tab->ranges[i].high);
			last = tab->ranges[i].high;
		}
	}
}
