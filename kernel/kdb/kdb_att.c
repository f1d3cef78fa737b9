/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

#include <kernel/kdb/kdb_att.h>

#include <stdarg.h>
#include <stdio.h>

#include <Zydis/DecoderTypes.h>

/* Operands begin in this column, or behind the mnemonic. */
#define KDB_ATT_COLUMN	7u

void
kdb_att_put(struct kdb_att *att, const char *format, ...)
{
	va_list args;
	int n;

	if (att->length >= att->size) {
		return;
	}
	va_start(args, format);
	n = vsnprintf(att->text + att->length, att->size - att->length, format,
	    args);
	va_end(args);
	att->length += n < 0 ? 0 : (size_t)n;
}

/* %dx holds the number of a port where an instruction reads or writes one. */
static bool
kdb_att_port(const ZydisDecodedInstruction *instruction,
    const ZydisDecodedOperand *operand)
{
	return operand->type == ZYDIS_OPERAND_TYPE_REGISTER &&
	    operand->reg.value == ZYDIS_REGISTER_DX &&
	    (instruction->meta.category == ZYDIS_CATEGORY_IO ||
	    instruction->meta.category == ZYDIS_CATEGORY_IOSTRINGOP);
}

bool
kdb_att_is_string(const ZydisDecodedInstruction *instruction)
{
	return instruction->meta.category == ZYDIS_CATEGORY_STRINGOP ||
	    instruction->meta.category == ZYDIS_CATEGORY_IOSTRINGOP ||
	    instruction->mnemonic == ZYDIS_MNEMONIC_XLAT;
}

/* Their operands are in Intel's order. */
static bool
kdb_att_straight(ZydisMnemonic mnemonic)
{
	return mnemonic == ZYDIS_MNEMONIC_ENTER ||
	    mnemonic == ZYDIS_MNEMONIC_BOUND ||
	    mnemonic == ZYDIS_MNEMONIC_MONITOR ||
	    mnemonic == ZYDIS_MNEMONIC_MWAIT;
}

/* Whether an operand is printed; of strings, those that objdump has. */
static bool
kdb_att_visible(const struct kdb_att *att, unsigned i)
{
	const ZydisDecodedOperand *operand = &att->operands[i];

	if (i < att->instruction->operand_count_visible) {
		return !kdb_att_omitted(att->instruction, operand);
	}
	if (att->instruction->mnemonic == ZYDIS_MNEMONIC_MONITOR ||
	    att->instruction->mnemonic == ZYDIS_MNEMONIC_MWAIT) {
		return true;
	}
	if (!kdb_att_is_string(att->instruction)) {
		return false;
	}
	return operand->type == ZYDIS_OPERAND_TYPE_MEMORY ||
	    (operand->type == ZYDIS_OPERAND_TYPE_REGISTER &&
	    att->instruction->mnemonic != ZYDIS_MNEMONIC_XLAT &&
	    (operand->reg.value == ZYDIS_REGISTER_AL ||
	    operand->reg.value == ZYDIS_REGISTER_AX ||
	    operand->reg.value == ZYDIS_REGISTER_EAX ||
	    operand->reg.value == ZYDIS_REGISTER_DX));
}

static void
kdb_att_put_operands(struct kdb_att *att)
{
	unsigned count = att->instruction->operand_count;
	bool straight = kdb_att_straight(att->instruction->mnemonic);
	const char *between = "";

	for (unsigned n = 0; n < count; n++) {
		unsigned i = straight ? n : count - 1 - n;
		const ZydisDecodedOperand *operand = &att->operands[i];

		if (!kdb_att_visible(att, i)) {
			continue;
		}
		kdb_att_put(att, "%s", between);
		between = ",";
		if (kdb_att_port(att->instruction, operand)) {
			kdb_att_put(att, "(%%dx)");
		} else {
			kdb_att_operand(att, operand);
		}
	}
}

static const char *
kdb_att_prefix_name(const ZydisDecodedInstruction *instruction, uint8_t prefix)
{
	switch (prefix) {
	case 0x26:
		return "es";
	case 0x2e:
		return "cs";
	case 0x36:
		return "ss";
	case 0x3e:
		return "ds";
	case 0x64:
		return "fs";
	case 0x65:
		return "gs";
	case 0x66:
		return "data16";
	case 0x67:
		return "addr16";
	case 0xf0:
		return "lock";
	case 0xf2:
		return (instruction->attributes & ZYDIS_ATTRIB_ACCEPTS_BND) != 0 ?
		    "bnd" : "repnz";
	default:
		return (instruction->attributes & ZYDIS_ATTRIB_HAS_REP) != 0 ?
		    "rep" : "repz";
	}
}

/* Those that are no part of the opcode and do not show in the operands. */
static bool
kdb_att_prefix_shown(const ZydisDecodedInstruction *instruction, uint8_t prefix,
    ZydisPrefixType type)
{
	if (type == ZYDIS_PREFIX_TYPE_IGNORED) {
		return true;
	}
	if (prefix == 0x66) {
		return type == ZYDIS_PREFIX_TYPE_EFFECTIVE &&
		    instruction->operand_width != 16;
	}
	return prefix >= 0xf0 && (type == ZYDIS_PREFIX_TYPE_EFFECTIVE ||
	    kdb_att_is_string(instruction));
}

static void
kdb_att_prefixes(struct kdb_att *att)
{
	const ZydisDecodedInstruction *instruction = att->instruction;

	for (unsigned i = 0; i < instruction->raw.prefix_count; i++) {
		uint8_t value = instruction->raw.prefixes[i].value;
		ZydisPrefixType type = instruction->raw.prefixes[i].type;

		if (kdb_att_prefix_shown(instruction, value, type)) {
			kdb_att_put(att, "%s ",
			    kdb_att_prefix_name(instruction, value));
		}
	}
}

void
kdb_att_print(struct kdb_att *att)
{
	size_t end;
	size_t begin;

	kdb_att_prefixes(att);
	kdb_att_mnemonic(att);
	end = att->length;
	do {
		kdb_att_put(att, " ");
	} while (att->length < KDB_ATT_COLUMN && att->length < att->size);
	begin = att->length;
	kdb_att_put_operands(att);
	if (att->length == begin) {
		att->length = end;
		if (end < att->size) {
			att->text[end] = '\0';
		}
	}
}
