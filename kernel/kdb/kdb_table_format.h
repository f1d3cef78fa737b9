/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

#ifndef KERNEL_KDB_KDB_TABLE_FORMAT_H
#define KERNEL_KDB_KDB_TABLE_FORMAT_H

/*
 * The debugger's tables of a program, as kernel/kdb/tables makes them from an
 * ELF file with DWARF and kdb_table.c reads them.
 *
 * A table is a header and sections, all little-endian, and refers to itself by
 * offsets only.  Addresses are those that the program was linked for.  Numbers
 * in byte streams are LEB128, `u' without and `s' with a sign.  Symbols and
 * their names come first and are of use alone: the rest of a table, from
 * `resident' on, may be absent.
 *
 * Names are offsets in KDB_TABLE_STRINGS, but those of symbols, which are in
 * KDB_TABLE_NAMES; at offset 0 of each is the empty name.
 */

#include <stdint.h>

#define KDB_TABLE_MAGIC		0x5442444bu	/* "KDBT" */
#define KDB_TABLE_VERSION	2u

enum kdb_table_part {
	KDB_TABLE_SYMBOLS,	/* kdb_table_symbol[], by value */
	KDB_TABLE_NAMES,
	KDB_TABLE_STRINGS,
	KDB_TABLE_FILES,	/* uint32_t[]: names of source files */
	KDB_TABLE_LINE_INDEX,	/* kdb_table_index[] into ... */
	KDB_TABLE_LINES,
	KDB_TABLE_FUNCTIONS,	/* kdb_table_function[], by address */
	KDB_TABLE_SCOPES,
	KDB_TABLE_EXPR_INDEX,	/* uint32_t[]: expressions, pooled */
	KDB_TABLE_EXPRS,
	KDB_TABLE_NAMED_INDEX,	/* uint32_t[]: name and type, pooled */
	KDB_TABLE_NAMED,
	KDB_TABLE_TYPE_INDEX,	/* uint32_t[]: type to offset in ... */
	KDB_TABLE_TYPES,
	KDB_TABLE_RULES,	/* kdb_table_rule[] */
	KDB_TABLE_FRAME_INDEX,	/* kdb_table_index[] into ... */
	KDB_TABLE_FRAMES,
	KDB_TABLE_PARTS
};

struct kdb_table_header {
	uint32_t	magic;
	uint32_t	version;
	uint32_t	size;		/* of all of it */
	uint32_t	resident;	/* where symbols and names have ended */
	struct {
		uint32_t	offset;
		uint32_t	size;
	}		parts[KDB_TABLE_PARTS];
};

/* A part of another symbol's function that the compiler has moved away. */
#define KDB_TABLE_SYMBOL_PIECE	0x80u

struct kdb_table_symbol {
	uint32_t	value;
	uint32_t	size;
	uint32_t	name;		/* kind, as nm(1) says it, << 24 */
};

/* The rows from ADDRESS on are at OFFSET, up to the next one's. */
struct kdb_table_index {
	uint32_t	address;
	uint32_t	offset;
};

/* A function, or a piece of one: [LOW, LOW + SIZE). */
struct kdb_table_function {
	uint32_t	low;
	uint32_t	size;
	uint32_t	scope;		/* offset in KDB_TABLE_SCOPES */
};

/*
 * Lines: rows of address, file and line.  The reader knows the four files used
 * last, that of the last row first, and the last line in each; what the index
 * refers to begins with its address, and four times file 0 and line 0.  A code
 * below KDB_LINE_FAR is a row: the address grows by its low four bits, the file
 * is one of the four, and the line is its last line plus ...
 */
#define KDB_LINE_RECENT	4u
#define KDB_LINE_BACK	3	/* ... the high four bits, less this, or ... */
#define KDB_LINE_SIGNED	0xb0	/* ... s; the high bits less these: file */
#define KDB_LINE_FAR	0xf0	/* u address, s line */
#define KDB_LINE_FILE	0xf1	/* u file, u address, u line itself; in the */
				/* place of the last of the four */
#define KDB_LINE_NONE	0xf2	/* u address: no line from here on */

/*
 * Pools: what is used often has a small number there.  A record is its length
 * (u) and its bytes; the index says where each KDB_POOL_STEP-th is.
 */
#define KDB_POOL_STEP	16u

/*
 * Scopes: what is in a function.  A range of addresses is its size times two
 * (u), plus one if the distance from the end of the one before, or from the
 * function's beginning, is not 0 but follows (s).  Ranges are a count (u) and
 * so many of them.
 *
 *	function	u low, u named, u file, u line, contents, END
 *	PARAMETER LOCAL	u named, place
 *	BLOCK		ranges, contents, END
 *	INLINE		u named, u file and line of the call, ranges, contents,
 *			END
 *	VARIADIC	nothing: there may be more parameters
 *	SITE		s distance of the return address from the function's
 *			beginning, u named: what is called, and if that has no
 *			name u expression for where that is, plus one, or 0;
 *			u count, that many u register, u expression: what a call
 *			passes
 *
 * `Named' are u name, u type in a pool, as expressions are in another.  A
 * place is u count, and so many ranges, each with u expression; or
 * KDB_PLACE_ALL and the u expression that holds for the whole scope.
 */
enum kdb_table_scope {
	KDB_SCOPE_END,
	KDB_SCOPE_PARAMETER,
	KDB_SCOPE_LOCAL,
	KDB_SCOPE_BLOCK,
	KDB_SCOPE_INLINE,
	KDB_SCOPE_SITE,
	KDB_SCOPE_VARIADIC,
};

#define KDB_PLACE_ALL	0x7fu	/* lists are cut to fewer ranges */

/*
 * Expressions.  The common ones are a code, with a DWARF register in its low
 * four bits, perhaps an offset (s).
 */
#define KDB_EXPR_REGISTER	0x00	/* in the register */
#define KDB_EXPR_ENTRY		0x10	/* value that it had at the entry */
#define KDB_EXPR_SMALL		0x20	/* value: the low four bits */
#define KDB_EXPR_BASED		0x30	/* s: in memory at register + offset */
#define KDB_EXPR_SUM		0x40	/* s: value: register + offset */
#define KDB_EXPR_FRAME		0x50	/* s: in memory at frame + offset */
#define KDB_EXPR_VALUE		0x51	/* s: value */
#define KDB_EXPR_DWARF		0x52	/* u length, operations */

/*
 * Operations are those of DWARF with these operands: registers, sizes, and
 * unsigned constants (DW_OP_constu, plus_uconst, pick, piece, addr) u; signed
 * constants and offsets s; DW_OP_implicit_value u and its bytes;
 * DW_OP_entry_value u, a register.  There are no others, and no jumps.
 */

/* Types: number 0 is void. */
enum kdb_table_type {
	KDB_TYPE_VOID,
	KDB_TYPE_BASE,		/* u name, u size, u DWARF's encoding */
	KDB_TYPE_POINTER,	/* u type */
	KDB_TYPE_STRUCT,	/* u name, u size, u count of members: */
	KDB_TYPE_UNION,		/*   u name, u type, u offset in bits, */
				/*   u size in bits or 0 for all of it */
	KDB_TYPE_ENUM,		/* u name, u size, u count: u name, s value */
	KDB_TYPE_ARRAY,		/* u type, u count */
	KDB_TYPE_NAMED,		/* u name, u type */
	KDB_TYPE_FUNCTION,	/* nothing */
};

/*
 * Frames: rows of u distance from the row before, u rule.  What the index
 * refers to begins with its address.  Rule 0: nothing is known from here on.
 */
#define KDB_RULE_UNKNOWN	0u

/* Where a caller's register is: at the frame's address + 4 * n, or ... */
#define KDB_RULE_SAME		0	/* ... where it was */
#define KDB_RULE_LOST		(-128)	/* ... nowhere */

/* The frame's address, and what is saved relative to it. */
struct kdb_table_rule {
	uint8_t		base;		/* DWARF register: + OFFSET */
	int8_t		pc;
	int16_t		offset;
	int8_t		ebx;
	int8_t		ebp;
	int8_t		esi;
	int8_t		edi;
};

/* DWARF's numbers of registers. */
enum kdb_table_register {
	KDB_REG_EAX, KDB_REG_ECX, KDB_REG_EDX, KDB_REG_EBX,
	KDB_REG_ESP, KDB_REG_EBP, KDB_REG_ESI, KDB_REG_EDI,
	KDB_REG_PC,
	KDB_REG_COUNT
};

#endif
