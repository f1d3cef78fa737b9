/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

#include <kernel/kdb/kdb_disasm.h>

#include <Zydis/Decoder.h>

#include <kernel/kdb/kdb_att.h>

/* Too big for a kernel stack; the debugger runs on one processor. */
static ZydisDecodedInstruction kdb_disasm_instruction;
static ZydisDecodedOperand kdb_disasm_operands[ZYDIS_MAX_OPERAND_COUNT];

static ZyanStatus kdb_disasm_status;

static bool
kdb_disasm_decode(const uint8_t *bytes, size_t count)
{
	ZydisDecoder decoder;

	kdb_disasm_status = ZydisDecoderInit(&decoder,
	    ZYDIS_MACHINE_MODE_LEGACY_32, ZYDIS_STACK_WIDTH_32);
	if (ZYAN_SUCCESS(kdb_disasm_status)) {
		kdb_disasm_status = ZydisDecoderDecodeFull(&decoder, bytes,
		    count, &kdb_disasm_instruction, kdb_disasm_operands);
	}
	return ZYAN_SUCCESS(kdb_disasm_status);
}

bool
kdb_disasm_was_cut(void)
{
	return kdb_disasm_status == ZYDIS_STATUS_NO_MORE_DATA;
}

unsigned
kdb_disasm(const uint8_t *bytes, size_t count, uintptr_t address, char *text,
    size_t size, kdb_symbolic_fn_t symbolic, void *arg)
{
	struct kdb_att att = {
		.instruction = &kdb_disasm_instruction,
		.operands = kdb_disasm_operands,
		.address = address,
		.symbolic = symbolic,
		.arg = arg,
		.text = text,
		.size = size,
	};

	if (size != 0) {
		text[0] = '\0';
	}
	if (!kdb_disasm_decode(bytes, count)) {
		return 0;
	}
	kdb_att_print(&att);
	return kdb_disasm_instruction.length;
}

/* The one operand that a direct branch has. */
static uintptr_t
kdb_disasm_target(uintptr_t address)
{
	const ZydisDecodedOperand *operand = &kdb_disasm_operands[0];

	if (kdb_disasm_instruction.operand_count_visible == 0) {
		return 0;
	}
	if (operand->type == ZYDIS_OPERAND_TYPE_POINTER) {
		return operand->ptr.offset;
	}
	if (operand->type != ZYDIS_OPERAND_TYPE_IMMEDIATE ||
	    !operand->imm.is_relative) {
		return 0;
	}
	return kdb_att_target(&kdb_disasm_instruction, operand, address);
}

bool
kdb_disasm_offset(uintptr_t address, uintptr_t *offset)
{
	for (unsigned i = 0;
	    i < kdb_disasm_instruction.operand_count_visible; i++) {
		const ZydisDecodedOperand *operand = &kdb_disasm_operands[i];

		if (operand->type == ZYDIS_OPERAND_TYPE_MEMORY &&
		    kdb_disasm_instruction.raw.disp.size != 0) {
			*offset = (uint32_t)operand->mem.disp.value;
			return true;
		}
	}
	*offset = kdb_disasm_target(address);
	return *offset != 0;
}

static enum kdb_flow
kdb_disasm_mnemonic_flow(ZydisMnemonic mnemonic)
{
	switch (mnemonic) {
	case ZYDIS_MNEMONIC_IRET:
	case ZYDIS_MNEMONIC_IRETD:
	case ZYDIS_MNEMONIC_PUSHF:
	case ZYDIS_MNEMONIC_PUSHFD:
	case ZYDIS_MNEMONIC_POPF:
	case ZYDIS_MNEMONIC_POPFD:
	case ZYDIS_MNEMONIC_STI:
	case ZYDIS_MNEMONIC_CLI:
		return KDB_FLOW_FLAGS;
	case ZYDIS_MNEMONIC_UD0:
	case ZYDIS_MNEMONIC_UD1:
	case ZYDIS_MNEMONIC_UD2:
		return KDB_FLOW_TRAP;
	default:
		return KDB_FLOW_NEXT;
	}
}

static enum kdb_flow
kdb_disasm_instruction_flow(const ZydisDecodedInstruction *instruction)
{
	switch (instruction->meta.category) {
	case ZYDIS_CATEGORY_CALL:
		return KDB_FLOW_CALL;
	case ZYDIS_CATEGORY_UNCOND_BR:
	case ZYDIS_CATEGORY_COND_BR:
		return KDB_FLOW_JUMP;
	case ZYDIS_CATEGORY_SYSCALL:
	case ZYDIS_CATEGORY_INTERRUPT:
		return KDB_FLOW_TRAP;
	case ZYDIS_CATEGORY_SYSRET:
		return KDB_FLOW_RETURN;
	case ZYDIS_CATEGORY_RET:
		if (instruction->mnemonic == ZYDIS_MNEMONIC_RET) {
			return KDB_FLOW_RETURN;
		}
		break;
	default:
		break;
	}
	return kdb_disasm_mnemonic_flow(instruction->mnemonic);
}

unsigned
kdb_disasm_flow(const uint8_t *bytes, size_t count, uintptr_t address,
    enum kdb_flow *flow, uintptr_t *target)
{
	if (!kdb_disasm_decode(bytes, count)) {
		return 0;
	}
	*flow = kdb_disasm_instruction_flow(&kdb_disasm_instruction);
	*target = kdb_disasm_target(address);
	return kdb_disasm_instruction.length;
}
