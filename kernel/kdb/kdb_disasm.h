/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Instructions as text, and what they do to the flow of control.
 *
 * Zydis decodes them (Debian's sources, see zydis.mk); the text is what
 * `objdump -d' prints.  The bytes are the caller's, who has read as many as
 * there are, up to KDB_DISASM_MAX; nothing else is looked at.  The results of
 * the last decoding are static: one caller at a time.
 */
#ifndef KERNEL_KDB_KDB_DISASM_H
#define KERNEL_KDB_KDB_DISASM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* No instruction is longer, and the text of none. */
#define KDB_DISASM_MAX	15u
#define KDB_DISASM_TEXT	160u

/*
 * Put what ADDRESS is called ("name" or "name+0xoff"), cut and terminated, into
 * the SIZE bytes at NAME; false, with nothing in them, when it has no name.
 */
typedef bool (*kdb_symbolic_fn_t)(uintptr_t address, char *name, size_t size,
    void *arg);

/*
 * Put the text of the instruction at ADDRESS, cut and terminated, into the SIZE
 * bytes at TEXT.  Targets of branches, and addresses of memory that no register
 * is added to, are followed by <their name>; SYMBOLIC may be NULL: no names.
 *
 * Returns: the length of the instruction; 0, and no text, when the COUNT bytes
 *          do not begin with one.
 */
unsigned
kdb_disasm(const uint8_t *bytes, size_t count, uintptr_t address, char *text,
    size_t size, kdb_symbolic_fn_t symbolic, void *arg);

/*
 * The displacement or target in the instruction at ADDRESS, which was decoded last;
 * false: there is none.
 */
bool kdb_disasm_offset(uintptr_t address, uintptr_t *offset);

/* Did the last decoding fail for want of bytes? */
bool kdb_disasm_was_cut(void);

enum kdb_flow {
	KDB_FLOW_NEXT,		/* goes on with the next instruction */
	KDB_FLOW_CALL,		/* call, near or far */
	KDB_FLOW_RETURN,	/* ret, lret, sysexit, sysret */
	KDB_FLOW_JUMP,		/* jumps, also those under a condition */
	KDB_FLOW_TRAP,		/* int, sysenter, syscall, ud2: enters the kernel */
	KDB_FLOW_FLAGS,		/* sees or sets the flags of traps and interrupts:
				   pushf, popf, iret, sti, cli */
};

/*
 * How the instruction at ADDRESS changes the flow of control, and to where: 0 in
 * TARGET when that is not in the instruction itself.
 *
 * Returns: as kdb_disasm(), with FLOW and TARGET untouched at 0.
 */
unsigned
kdb_disasm_flow(const uint8_t *bytes, size_t count, uintptr_t address,
    enum kdb_flow *flow, uintptr_t *target);

#endif /* KERNEL_KDB_KDB_DISASM_H */
