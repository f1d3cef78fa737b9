/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Operands in AT&T syntax: %registers, $immediates, addresses of memory, and
 * targets of branches.
 */

#include <kernel/kdb/kdb_att.h>

#include <Zydis/DecoderTypes.h>

/* Of a symbol with its offset. */
#define KDB_ATT_NAME	96u

uintptr_t
kdb_att_target(const ZydisDecodedInstruction *instruction,
    const ZydisDecodedOperand *operand, uintptr_t address)
{
	uint32_t target = (uint32_t)address + instruction->length +
	    (uint32_t)operand->imm.value.u;

	return instruction->operand_width == 16 ? (uint16_t)target : target;
}

/* Of a move to a segment register the whole register is printed. */
static ZydisRegister
kdb_att_register_used(const struct kdb_att *att, ZydisRegister reg)
{
	if (att->instruction->mnemonic == ZYDIS_MNEMONIC_MOV &&
	    att->instruction->opcode == 0x8e &&
	    att->instruction->operand_width == 32 &&
	    reg >= ZYDIS_REGISTER_AX && reg <= ZYDIS_REGISTER_DI) {
		return reg - ZYDIS_REGISTER_AX + ZYDIS_REGISTER_EAX;
	}
	return reg;
}

static void
kdb_att_register(struct kdb_att *att, const ZydisDecodedOperand *operand)
{
	ZydisRegister reg = kdb_att_register_used(att, operand->reg.value);

	if (reg == ZYDIS_REGISTER_ST0 &&
	    operand->visibility != ZYDIS_OPERAND_VISIBILITY_EXPLICIT) {
		kdb_att_put(att, "%%st");
	} else if (reg >= ZYDIS_REGISTER_ST0 && reg <= ZYDIS_REGISTER_ST7) {
		kdb_att_put(att, "%%st(%u)",
		    (unsigned)(reg - ZYDIS_REGISTER_ST0));
	} else if (reg >= ZYDIS_REGISTER_DR0 && reg <= ZYDIS_REGISTER_DR15) {
		kdb_att_put(att, "%%db%u",
		    (unsigned)(reg - ZYDIS_REGISTER_DR0));
	} else {
		kdb_att_put(att, "%%%s", ZydisRegisterGetString(reg));
	}
}

/* A signed OPERAND has as many bits as what it is combined with. */
static uint32_t
kdb_att_immediate_value(const ZydisDecodedInstruction *instruction,
    const ZydisDecodedOperand *operand)
{
	uint32_t value = (uint32_t)operand->imm.value.u;
	unsigned width = instruction->operand_width;

	if (operand->imm.is_signed && width < 32) {
		value &= (1u << width) - 1;
	}
	return value;
}

static void
kdb_att_symbol(struct kdb_att *att, uintptr_t address)
{
	static char name[KDB_ATT_NAME];

	if (att->symbolic != NULL &&
	    att->symbolic(address, name, sizeof(name), att->arg)) {
		kdb_att_put(att, " <%s>", name);
	}
}

static void
kdb_att_immediate(struct kdb_att *att, const ZydisDecodedOperand *operand)
{
	uintptr_t target;

	if (!operand->imm.is_relative) {
		kdb_att_put(att, "$0x%x", (unsigned)kdb_att_immediate_value(
		    att->instruction, operand));
		return;
	}
	target = kdb_att_target(att->instruction, operand, att->address);
	kdb_att_put(att, "0x%lx", (unsigned long)target);
	kdb_att_symbol(att, target);
}

/* Which the instruction asks for; NULL: the usual one. */
static const char *
kdb_att_segment(const struct kdb_att *att)
{
	static const char *const names[] = {
		"cs", "ss", "ds", "es", "fs", "gs",
	};
	uint64_t attributes = att->instruction->attributes;

	for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if ((attributes & (ZYDIS_ATTRIB_HAS_SEGMENT_CS << i)) != 0) {
			return names[i];
		}
	}
	return NULL;
}

/* The index that a SIB byte has even when it has none. */
static bool
kdb_att_pseudo_index(const ZydisDecodedInstruction *instruction,
    const ZydisDecodedOperandMem *mem)
{
	return (instruction->attributes & ZYDIS_ATTRIB_HAS_SIB) != 0 &&
	    mem->index == ZYDIS_REGISTER_NONE &&
	    (mem->base != ZYDIS_REGISTER_ESP || instruction->raw.sib.scale != 0);
}

static void
kdb_att_displacement(struct kdb_att *att, const ZydisDecodedOperandMem *mem,
    bool indexed)
{
	int32_t value = (int32_t)mem->disp.value;

	if (mem->base == ZYDIS_REGISTER_NONE && !indexed) {
		uint32_t address = att->instruction->address_width == 16 ?
		    (uint16_t)value : (uint32_t)value;

		kdb_att_put(att, "0x%x", (unsigned)address);
		/* Only those segments begin elsewhere than all memory. */
		if (mem->segment != ZYDIS_REGISTER_FS &&
		    mem->segment != ZYDIS_REGISTER_GS) {
			kdb_att_symbol(att, address);
		}
	} else if (att->instruction->raw.disp.size != 0) {
		kdb_att_put(att, "%s0x%x", value < 0 ? "-" : "",
		    value < 0 ? 0u - (unsigned)value : (unsigned)value);
	}
}

static void
kdb_att_base_index(struct kdb_att *att, const ZydisDecodedOperandMem *mem,
    bool pseudo)
{
	kdb_att_put(att, "(");
	if (mem->base != ZYDIS_REGISTER_NONE) {
		kdb_att_put(att, "%%%s", ZydisRegisterGetString(mem->base));
	}
	if (pseudo) {
		kdb_att_put(att, ",%%eiz,%u",
		    1u << att->instruction->raw.sib.scale);
	} else if (mem->index != ZYDIS_REGISTER_NONE) {
		kdb_att_put(att, ",%%%s", ZydisRegisterGetString(mem->index));
		if (att->instruction->address_width != 16) {
			kdb_att_put(att, ",%u", mem->scale);
		}
	}
	kdb_att_put(att, ")");
}

static void
kdb_att_mem(struct kdb_att *att, const ZydisDecodedOperandMem *mem)
{
	bool pseudo = kdb_att_pseudo_index(att->instruction, mem);
	bool indexed = pseudo || mem->index != ZYDIS_REGISTER_NONE;
	const char *segment = kdb_att_segment(att);

	if (kdb_att_is_string(att->instruction)) {
		segment = ZydisRegisterGetString(mem->segment);
	}
	if (segment != NULL) {
		kdb_att_put(att, "%%%s:", segment);
	}
	kdb_att_displacement(att, mem, indexed);
	if (mem->base != ZYDIS_REGISTER_NONE || indexed) {
		kdb_att_base_index(att, mem, pseudo);
	}
}

/* Branches to what a register or memory says are marked. */
static bool
kdb_att_indirect(const ZydisDecodedInstruction *instruction)
{
	return instruction->meta.category == ZYDIS_CATEGORY_CALL ||
	    instruction->meta.category == ZYDIS_CATEGORY_UNCOND_BR;
}

void
kdb_att_operand(struct kdb_att *att, const ZydisDecodedOperand *operand)
{
	switch (operand->type) {
	case ZYDIS_OPERAND_TYPE_REGISTER:
		if (kdb_att_indirect(att->instruction)) {
			kdb_att_put(att, "*");
		}
		kdb_att_register(att, operand);
		break;
	case ZYDIS_OPERAND_TYPE_MEMORY:
		if (kdb_att_indirect(att->instruction)) {
			kdb_att_put(att, "*");
		}
		kdb_att_mem(att, &operand->mem);
		break;
	case ZYDIS_OPERAND_TYPE_POINTER:
		kdb_att_put(att, "$0x%x,$0x%x", operand->ptr.segment,
		    (unsigned)operand->ptr.offset);
		kdb_att_symbol(att, operand->ptr.offset);
		break;
	case ZYDIS_OPERAND_TYPE_IMMEDIATE:
		kdb_att_immediate(att, operand);
		break;
	default:
		break;
	}
}
