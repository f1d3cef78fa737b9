/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * A decoded instruction in AT&T syntax, as objdump prints it: prefixes, the
 * mnemonic with the suffix that tells the size when no register does, and the
 * operands, the destination last.  For kdb_disasm.c.
 */
#ifndef KERNEL_KDB_KDB_ATT_H
#define KERNEL_KDB_KDB_ATT_H

#include <kernel/kdb/kdb_disasm.h>

struct ZydisDecodedInstruction_;
struct ZydisDecodedOperand_;

/* What is printed, and how far that has come. */
struct kdb_att {
	const struct ZydisDecodedInstruction_ *instruction;
	const struct ZydisDecodedOperand_ *operands;
	uintptr_t		address;	/* of the instruction */
	kdb_symbolic_fn_t	symbolic;	/* NULL: no names */
	void			*arg;
	char			*text;
	size_t			size;
	size_t			length;		/* of the text, without its end */
};

void kdb_att_print(struct kdb_att *att);

/* What the relative OPERAND of INSTRUCTION at ADDRESS means. */
uintptr_t
kdb_att_target(const struct ZydisDecodedInstruction_ *instruction,
    const struct ZydisDecodedOperand_ *operand, uintptr_t address);

/* Append to the text as much as there is room for. */
void kdb_att_put(struct kdb_att *att, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* The operand in memory, NULL: none. */
const struct ZydisDecodedOperand_ *kdb_att_memory(const struct kdb_att *att);

/* Operands that the mnemonic says, or nothing does. */
bool kdb_att_omitted(const struct ZydisDecodedInstruction_ *instruction,
    const struct ZydisDecodedOperand_ *operand);

/* movs, stos, ins and their like, whose operands are no part of their code. */
bool kdb_att_is_string(const struct ZydisDecodedInstruction_ *instruction);

/* Print the mnemonic, the suffix included. */
void kdb_att_mnemonic(struct kdb_att *att);

/* Print an operand, and the name of the address that it is. */
void kdb_att_operand(struct kdb_att *att,
    const struct ZydisDecodedOperand_ *operand);

#endif /* KERNEL_KDB_KDB_ATT_H */
