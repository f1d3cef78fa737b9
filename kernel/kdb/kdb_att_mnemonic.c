/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * What AT&T syntax calls an instruction.  Most names are Zydis's, which are
 * Intel's; the table has the others.
 */

#include <kernel/kdb/kdb_att.h>

#include <string.h>

#include <Zydis/DecoderTypes.h>

/* Which suffix a mnemonic has. */
enum kdb_att_suffix {
	KDB_ATT_DEFAULT,	/* by the instruction's category */
	KDB_ATT_NONE,
	KDB_ATT_SIZE,		/* b, w, l: of memory, when no register tells */
	KDB_ATT_WORD,		/* w: 16 bits, when no register tells */
	KDB_ATT_WIDTH,		/* w, l: of what the instruction works with */
	KDB_ATT_EXTEND,		/* two of b, w, l: from and to */
	KDB_ATT_X87,		/* by what the x87 has in memory */
};

struct kdb_att_name {
	uint16_t	mnemonic;
	uint8_t		suffix;
	char		name[9];
};

/* In no order: it is for one line that somebody reads. */
static const struct kdb_att_name kdb_att_names[] = {
	{ ZYDIS_MNEMONIC_CBW, KDB_ATT_NONE, "cbtw" },
	{ ZYDIS_MNEMONIC_CWDE, KDB_ATT_NONE, "cwtl" },
	{ ZYDIS_MNEMONIC_CWD, KDB_ATT_NONE, "cwtd" },
	{ ZYDIS_MNEMONIC_CDQ, KDB_ATT_NONE, "cltd" },
	{ ZYDIS_MNEMONIC_MOVZX, KDB_ATT_EXTEND, "movz" },
	{ ZYDIS_MNEMONIC_MOVSX, KDB_ATT_EXTEND, "movs" },
	{ ZYDIS_MNEMONIC_IRET, KDB_ATT_NONE, "iretw" },
	{ ZYDIS_MNEMONIC_IRETD, KDB_ATT_NONE, "iret" },
	{ ZYDIS_MNEMONIC_PUSHF, KDB_ATT_NONE, "pushfw" },
	{ ZYDIS_MNEMONIC_PUSHFD, KDB_ATT_NONE, "pushf" },
	{ ZYDIS_MNEMONIC_POPF, KDB_ATT_NONE, "popfw" },
	{ ZYDIS_MNEMONIC_POPFD, KDB_ATT_NONE, "popf" },
	{ ZYDIS_MNEMONIC_PUSHA, KDB_ATT_NONE, "pushaw" },
	{ ZYDIS_MNEMONIC_PUSHAD, KDB_ATT_NONE, "pusha" },
	{ ZYDIS_MNEMONIC_POPA, KDB_ATT_NONE, "popaw" },
	{ ZYDIS_MNEMONIC_POPAD, KDB_ATT_NONE, "popa" },
	{ ZYDIS_MNEMONIC_JZ, KDB_ATT_NONE, "je" },
	{ ZYDIS_MNEMONIC_JNZ, KDB_ATT_NONE, "jne" },
	{ ZYDIS_MNEMONIC_JNB, KDB_ATT_NONE, "jae" },
	{ ZYDIS_MNEMONIC_JNBE, KDB_ATT_NONE, "ja" },
	{ ZYDIS_MNEMONIC_JNL, KDB_ATT_NONE, "jge" },
	{ ZYDIS_MNEMONIC_JNLE, KDB_ATT_NONE, "jg" },
	{ ZYDIS_MNEMONIC_SETZ, KDB_ATT_NONE, "sete" },
	{ ZYDIS_MNEMONIC_SETNZ, KDB_ATT_NONE, "setne" },
	{ ZYDIS_MNEMONIC_SETNB, KDB_ATT_NONE, "setae" },
	{ ZYDIS_MNEMONIC_SETNBE, KDB_ATT_NONE, "seta" },
	{ ZYDIS_MNEMONIC_SETNL, KDB_ATT_NONE, "setge" },
	{ ZYDIS_MNEMONIC_SETNLE, KDB_ATT_NONE, "setg" },
	{ ZYDIS_MNEMONIC_CMOVZ, KDB_ATT_NONE, "cmove" },
	{ ZYDIS_MNEMONIC_CMOVNZ, KDB_ATT_NONE, "cmovne" },
	{ ZYDIS_MNEMONIC_CMOVNB, KDB_ATT_NONE, "cmovae" },
	{ ZYDIS_MNEMONIC_CMOVNBE, KDB_ATT_NONE, "cmova" },
	{ ZYDIS_MNEMONIC_CMOVNL, KDB_ATT_NONE, "cmovge" },
	{ ZYDIS_MNEMONIC_CMOVNLE, KDB_ATT_NONE, "cmovg" },
	{ ZYDIS_MNEMONIC_SGDT, KDB_ATT_WIDTH, "sgdt" },
	{ ZYDIS_MNEMONIC_SIDT, KDB_ATT_WIDTH, "sidt" },
	{ ZYDIS_MNEMONIC_LGDT, KDB_ATT_WIDTH, "lgdt" },
	{ ZYDIS_MNEMONIC_LIDT, KDB_ATT_WIDTH, "lidt" },
	{ ZYDIS_MNEMONIC_ENTER, KDB_ATT_WORD, "enter" },
	{ ZYDIS_MNEMONIC_LEAVE, KDB_ATT_WORD, "leave" },
	{ ZYDIS_MNEMONIC_FBLD, KDB_ATT_NONE, "fbld" },
	{ ZYDIS_MNEMONIC_FBSTP, KDB_ATT_NONE, "fbstp" },
};

static const struct kdb_att_name *
kdb_att_find(unsigned mnemonic)
{
	for (size_t i = 0; i < sizeof(kdb_att_names) / sizeof(kdb_att_names[0]);
	    i++) {
		if (kdb_att_names[i].mnemonic == mnemonic) {
			return &kdb_att_names[i];
		}
	}
	return NULL;
}

/*
 * AT&T's assembler once took fsub for fsubr where the result does not go to the
 * top of the stack, and all have kept it.
 */
static ZydisMnemonic
kdb_att_swapped(const ZydisDecodedInstruction *instruction)
{
	ZydisMnemonic mnemonic = instruction->mnemonic;

	if ((instruction->opcode != 0xdc && instruction->opcode != 0xde) ||
	    instruction->raw.modrm.mod != 3) {
		return mnemonic;
	}
	switch (mnemonic) {
	case ZYDIS_MNEMONIC_FSUB:
		return ZYDIS_MNEMONIC_FSUBR;
	case ZYDIS_MNEMONIC_FSUBR:
		return ZYDIS_MNEMONIC_FSUB;
	case ZYDIS_MNEMONIC_FSUBP:
		return ZYDIS_MNEMONIC_FSUBRP;
	case ZYDIS_MNEMONIC_FSUBRP:
		return ZYDIS_MNEMONIC_FSUBP;
	case ZYDIS_MNEMONIC_FDIV:
		return ZYDIS_MNEMONIC_FDIVR;
	case ZYDIS_MNEMONIC_FDIVR:
		return ZYDIS_MNEMONIC_FDIV;
	case ZYDIS_MNEMONIC_FDIVP:
		return ZYDIS_MNEMONIC_FDIVRP;
	case ZYDIS_MNEMONIC_FDIVRP:
		return ZYDIS_MNEMONIC_FDIVP;
	default:
		return mnemonic;
	}
}

static char
kdb_att_letter(unsigned bits)
{
	return bits == 8 ? 'b' : bits == 16 ? 'w' : bits == 32 ? 'l' : 'q';
}

const ZydisDecodedOperand *
kdb_att_memory(const struct kdb_att *att)
{
	for (unsigned i = 0; i < att->instruction->operand_count_visible; i++) {
		if (att->operands[i].type == ZYDIS_OPERAND_TYPE_MEMORY) {
			return &att->operands[i];
		}
	}
	return NULL;
}

static bool
kdb_att_is_segment(ZydisRegister reg)
{
	return reg >= ZYDIS_REGISTER_ES && reg <= ZYDIS_REGISTER_GS;
}

/*
 * Whether a register among the operands tells their size.  Of what is pushed and
 * popped, a segment's does not.
 */
static bool
kdb_att_register_tells(const struct kdb_att *att)
{
	bool stack = kdb_att_memory(att) == NULL;

	for (unsigned i = 0; i < att->instruction->operand_count_visible; i++) {
		const ZydisDecodedOperand *operand = &att->operands[i];

		/* Implicit is %cl, the count of a shift. */
		if (operand->type == ZYDIS_OPERAND_TYPE_REGISTER &&
		    !kdb_att_omitted(att->instruction, operand) &&
		    (operand->encoding != ZYDIS_OPERAND_ENCODING_NONE ||
		    operand->reg.value != ZYDIS_REGISTER_CL) &&
		    (!stack || !kdb_att_is_segment(operand->reg.value))) {
			return true;
		}
	}
	return false;
}

static enum kdb_att_suffix
kdb_att_default(const ZydisDecodedInstruction *instruction)
{
	switch (instruction->meta.category) {
	case ZYDIS_CATEGORY_BINARY:
	case ZYDIS_CATEGORY_LOGICAL:
	case ZYDIS_CATEGORY_SHIFT:
	case ZYDIS_CATEGORY_ROTATE:
	case ZYDIS_CATEGORY_BITBYTE:
	case ZYDIS_CATEGORY_DATAXFER:
	case ZYDIS_CATEGORY_NOP:
	case ZYDIS_CATEGORY_WIDENOP:
		return KDB_ATT_SIZE;
	case ZYDIS_CATEGORY_PUSH:
	case ZYDIS_CATEGORY_POP:
	case ZYDIS_CATEGORY_CALL:
	case ZYDIS_CATEGORY_RET:
	case ZYDIS_CATEGORY_UNCOND_BR:
		return KDB_ATT_WORD;
	case ZYDIS_CATEGORY_X87_ALU:
		return KDB_ATT_X87;
	default:
		return KDB_ATT_NONE;
	}
}

/* Integers in memory, real numbers, and the x87's state. */
static const char *
kdb_att_x87(const char *name, unsigned bits)
{
	bool integer = name[1] == 'i';

	switch (bits) {
	case 16:
		return integer ? "s" : "";
	case 32:
		return integer ? "l" : "s";
	case 64:
		return integer ? "ll" : "l";
	case 80:
		return "t";
	case 112:
	case 752:
		return "s";
	default:
		return "";
	}
}

static void
kdb_att_put_suffix(struct kdb_att *att, enum kdb_att_suffix suffix,
    const char *name)
{
	const ZydisDecodedOperand *memory = kdb_att_memory(att);
	unsigned width = att->instruction->operand_width;

	switch (suffix) {
	case KDB_ATT_SIZE:
		if (memory != NULL && !kdb_att_register_tells(att)) {
			kdb_att_put(att, "%c", kdb_att_letter(memory->size));
		}
		break;
	case KDB_ATT_WORD:
		if (width == 16 && !kdb_att_register_tells(att)) {
			kdb_att_put(att, "w");
		}
		break;
	case KDB_ATT_WIDTH:
		kdb_att_put(att, "%c", kdb_att_letter(width));
		break;
	case KDB_ATT_EXTEND:
		kdb_att_put(att, "%c%c", kdb_att_letter(att->operands[1].size),
		    kdb_att_letter(att->operands[0].size));
		break;
	case KDB_ATT_X87:
		if (memory != NULL) {
			kdb_att_put(att, "%s", kdb_att_x87(name, memory->size));
		}
		break;
	default:
		break;
	}
}

/* Which of the comparisons of SSE this is; NULL: none, or by its number. */
static const char *
kdb_att_comparison(const ZydisDecodedInstruction *instruction)
{
	static const char *const names[] = {
		"eq", "lt", "le", "unord", "neq", "nlt", "nle", "ord"
	};
	uint64_t number = instruction->raw.imm[0].value.u;

	if (instruction->opcode_map != ZYDIS_OPCODE_MAP_0F ||
	    instruction->opcode != 0xc2 ||
	    number >= sizeof(names) / sizeof(names[0])) {
		return NULL;
	}
	return names[number];
}

bool
kdb_att_omitted(const ZydisDecodedInstruction *instruction,
    const ZydisDecodedOperand *operand)
{
	bool implicit =
	    operand->visibility == ZYDIS_OPERAND_VISIBILITY_IMPLICIT;

	if (operand->type == ZYDIS_OPERAND_TYPE_IMMEDIATE) {
		/* A shift by one. */
		return implicit || kdb_att_comparison(instruction) != NULL;
	}
	/*
	 * The register that a long nop names beside another; the top of the stack,
	 * with which all compare.
	 */
	return (instruction->mnemonic == ZYDIS_MNEMONIC_NOP &&
	    operand->id != 0) ||
	    (instruction->mnemonic == ZYDIS_MNEMONIC_FUCOMP && implicit);
}

/* Zydis: movsb, movsw, movsd; here movsb, movsw, movsl, but stos for all. */
static void
kdb_att_string(struct kdb_att *att)
{
	const char *name = ZydisMnemonicGetString(att->instruction->mnemonic);

	kdb_att_put(att, "%.*s", (int)strlen(name) - 1, name);
	if (att->operands[0].type == att->operands[1].type ||
	    att->instruction->meta.category == ZYDIS_CATEGORY_IOSTRINGOP) {
		kdb_att_put(att, "%c",
		    kdb_att_letter(att->instruction->operand_width));
	}
}

/* What a branch is foretold to do. */
static void
kdb_att_hint(struct kdb_att *att)
{
	uint64_t attributes = att->instruction->attributes;

	if ((attributes & ZYDIS_ATTRIB_HAS_BRANCH_TAKEN) != 0) {
		kdb_att_put(att, ",pt");
	} else if ((attributes & ZYDIS_ATTRIB_HAS_BRANCH_NOT_TAKEN) != 0) {
		kdb_att_put(att, ",pn");
	}
}

/* Those that are not a name and a suffix. */
static bool
kdb_att_special(struct kdb_att *att)
{
	const ZydisDecodedInstruction *instruction = att->instruction;
	const char *comparison = kdb_att_comparison(instruction);

	if (instruction->mnemonic == ZYDIS_MNEMONIC_NOP &&
	    instruction->opcode == 0x90 && instruction->operand_width == 16) {
		kdb_att_put(att, "xchg   %%ax,%%ax");
	} else if (comparison != NULL) {
		/* Between cmp and of what. */
		kdb_att_put(att, "cmp%s%s", comparison,
		    ZydisMnemonicGetString(instruction->mnemonic) + 3);
	} else if (kdb_att_is_string(instruction) &&
	    instruction->mnemonic != ZYDIS_MNEMONIC_XLAT) {
		kdb_att_string(att);
	} else {
		return false;
	}
	return true;
}

void
kdb_att_mnemonic(struct kdb_att *att)
{
	const ZydisDecodedInstruction *instruction = att->instruction;
	const struct kdb_att_name *entry = kdb_att_find(instruction->mnemonic);
	enum kdb_att_suffix suffix = KDB_ATT_DEFAULT;
	const char *name;

	if (kdb_att_special(att)) {
		return;
	}
	if (entry != NULL) {
		name = entry->name;
		suffix = entry->suffix;
	} else {
		name = ZydisMnemonicGetString(kdb_att_swapped(instruction));
	}
	if (suffix == KDB_ATT_DEFAULT) {
		suffix = kdb_att_default(instruction);
	}
	if (instruction->meta.branch_type == ZYDIS_BRANCH_TYPE_FAR) {
		kdb_att_put(att, "l");
	}
	kdb_att_put(att, "%s", name);
	kdb_att_put_suffix(att, suffix, name);
	kdb_att_hint(att);
}
