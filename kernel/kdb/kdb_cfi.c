/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/* See kdb_cfi.h. */

#include <kernel/kdb/kdb_cfi.h>

#include <string.h>

#include <kernel/kdb/kdb_unwind.h>
#include <kernel/kdb/kdb_value.h>

#define KDB_CFI_PAGE	4096u		/* looked at in one piece */
#define KDB_CFI_MOST	(1u << 16)	/* bytes that an entry may have */
#define KDB_CFI_STATES	8u		/* remembered within each other */
#define KDB_CFI_EXPR	64u		/* bytes of an expression */
#define KDB_CFI_FOUND	32u		/* places that are tried first */
#define KDB_CFI_PCREL4	0x1bu		/* how addresses are written */

/* Instructions; those of the first three have an operand in the low bits. */
enum kdb_cfi_op {
	KDB_CFA_ADVANCE = 0x40, KDB_CFA_OFFSET = 0x80, KDB_CFA_RESTORE = 0xc0,
	KDB_CFA_NOP = 0x00, KDB_CFA_ADVANCE1 = 0x02, KDB_CFA_ADVANCE2 = 0x03,
	KDB_CFA_ADVANCE4 = 0x04, KDB_CFA_OFFSET_EXTENDED = 0x05,
	KDB_CFA_RESTORE_EXTENDED = 0x06, KDB_CFA_UNDEFINED = 0x07,
	KDB_CFA_SAME = 0x08, KDB_CFA_REGISTER = 0x09, KDB_CFA_REMEMBER = 0x0a,
	KDB_CFA_RECALL = 0x0b, KDB_CFA_DEF = 0x0c, KDB_CFA_DEF_REGISTER = 0x0d,
	KDB_CFA_DEF_OFFSET = 0x0e, KDB_CFA_DEF_EXPR = 0x0f,
	KDB_CFA_EXPR = 0x10, KDB_CFA_OFFSET_SIGNED = 0x11,
	KDB_CFA_DEF_SIGNED = 0x12, KDB_CFA_DEF_OFFSET_SIGNED = 0x13,
	KDB_CFA_VAL_OFFSET = 0x14, KDB_CFA_VAL_OFFSET_SIGNED = 0x15,
	KDB_CFA_VAL_EXPR = 0x16, KDB_CFA_ARGS_SIZE = 0x2e,
};

/* Where a register of the caller's is. */
enum kdb_cfi_kind {
	KDB_CFI_DEFAULT,	/* nothing was said */
	KDB_CFI_UNDEFINED,
	KDB_CFI_SAME,
	KDB_CFI_SAVED,		/* in memory, `at' from the frame's address */
	KDB_CFI_IS,		/* it is that address */
	KDB_CFI_OTHER,		/* in the register numbered `at' */
	KDB_CFI_EXPR_SAVED,	/* in memory where the expression at `at' says */
	KDB_CFI_EXPR_IS,	/* it is what that gives */
};

struct kdb_cfi_rule {
	enum kdb_cfi_kind	kind;
	uint32_t		at;
};

struct kdb_cfi_state {
	struct kdb_cfi_rule	reg[KDB_REG_COUNT];
	unsigned		base;	/* register of the frame's address ... */
	uint32_t		offset;
	uint32_t		expr;	/* ... or where its expression is, or 0 */
};

/* Bytes of a program's memory, as they are there. */
struct kdb_cfi_cursor {
	struct kdb_unwind	*unwind;
	uint32_t		at;
	uint32_t		end;
	bool			absent;
	bool			bad;
};

/* An entry, and the common one that it refers to. */
struct kdb_cfi_entry {
	uint32_t		low;
	uint32_t		size;
	uint32_t		code_unit;
	int32_t			data_unit;
	bool			interrupted;
	bool			augmented;
	struct kdb_cfi_cursor	common;		/* their instructions */
	struct kdb_cfi_cursor	own;
};

/* One search at a time: kernel stacks are small. */
static uint8_t kdb_cfi_page[KDB_CFI_PAGE];

/* Where entries were found last, of whatever program: only where to look. */
static uint32_t kdb_cfi_found[KDB_CFI_FOUND];
static unsigned kdb_cfi_found_next;

static struct kdb_cfi_state kdb_cfi_now;
static struct kdb_cfi_state kdb_cfi_first;	/* after the common ones */
static struct kdb_cfi_state kdb_cfi_states[KDB_CFI_STATES];

static void
kdb_cfi_bytes(struct kdb_cfi_cursor *cursor, void *to, uint32_t n)
{
	memset(to, 0, n);
	if (cursor->bad || n > cursor->end - cursor->at) {
		cursor->bad = true;
		return;
	}
	if (!cursor->unwind->read(cursor->unwind, cursor->at, to, n)) {
		cursor->absent = true;
		cursor->bad = true;
		return;
	}
	cursor->at += n;
}

/* A number of N bytes, without a sign. */
static uint32_t
kdb_cfi_number(struct kdb_cfi_cursor *cursor, uint32_t n)
{
	uint32_t value = 0;

	kdb_cfi_bytes(cursor, &value, n);
	return value;
}

/* One of seven bits a byte: kdb_table.c's way, in another memory. */
static uint32_t
kdb_cfi_leb(struct kdb_cfi_cursor *cursor, bool is_signed)
{
	uint8_t bytes[8];
	struct kdb_cursor copy = { .at = bytes };
	unsigned n = 0;

	do {
		bytes[n] = (uint8_t)kdb_cfi_number(cursor, 1);
	} while (bytes[n++] >= 0x80 && n < sizeof(bytes));
	copy.end = bytes + n;
	return is_signed ? (uint32_t)kdb_cursor_s(&copy)
			 : kdb_cursor_u(&copy);
}

static uint32_t
kdb_cfi_u(struct kdb_cfi_cursor *cursor)
{
	return kdb_cfi_leb(cursor, false);
}

/* An expression's place; it is passed. */
static uint32_t
kdb_cfi_block(struct kdb_cfi_cursor *cursor)
{
	uint32_t at = cursor->at;
	uint32_t length = kdb_cfi_u(cursor);

	if (length > cursor->end - cursor->at) {
		cursor->bad = true;
		return at;
	}
	cursor->at += length;
	return at;
}

/* ---- entries ------------------------------------------------------------ */

/* Begin with the entry at AT: its length; false: none can be there. */
static bool
kdb_cfi_begin(struct kdb_unwind *unwind, uint32_t at,
    struct kdb_cfi_cursor *cursor)
{
	uint32_t length;

	*cursor = (struct kdb_cfi_cursor){
		.unwind = unwind, .at = at, .end = at + 4,
	};
	length = kdb_cfi_number(cursor, 4);
	if (cursor->bad || length < 8 || length > KDB_CFI_MOST ||
	    cursor->at > UINT32_MAX - length) {
		return false;
	}
	cursor->end = cursor->at + length;
	return true;
}

/* What the letters of TEXT say, of which the first is z. */
static bool
kdb_cfi_augmentation(struct kdb_cfi_cursor *cursor, const char *text,
    struct kdb_cfi_entry *entry)
{
	uint32_t size = kdb_cfi_u(cursor);
	bool relative = false;
	uint32_t end;

	if (size > cursor->end - cursor->at) {
		return false;
	}
	end = cursor->at + size;
	entry->augmented = true;
	for (unsigned i = 1; text[i] != '\0'; i++) {
		if (text[i] == 'R') {
			relative = kdb_cfi_number(cursor, 1) == KDB_CFI_PCREL4;
		} else if (text[i] == 'S') {
			entry->interrupted = true;
		} else if (text[i] == 'P') {
			/* A function of the language's; four bytes here. */
			kdb_cfi_number(cursor, 1);
			kdb_cfi_number(cursor, 4);
		} else if (text[i] == 'L') {
			kdb_cfi_number(cursor, 1);
		} else {
			return false;
		}
	}
	cursor->at = end;
	return relative;
}

/* The common entry at AT. */
static bool
kdb_cfi_common(struct kdb_unwind *unwind, uint32_t at,
    struct kdb_cfi_entry *entry)
{
	struct kdb_cfi_cursor *cursor = &entry->common;
	char text[8];
	unsigned n = 0;

	if (!kdb_cfi_begin(unwind, at, cursor) ||
	    kdb_cfi_number(cursor, 4) != 0 || kdb_cfi_number(cursor, 1) != 1) {
		return false;
	}
	do {
		text[n] = (char)kdb_cfi_number(cursor, 1);
	} while (text[n++] != '\0' && n < sizeof(text));
	if (text[0] != 'z' || text[n - 1] != '\0') {
		return false;
	}
	entry->code_unit = kdb_cfi_u(cursor);
	entry->data_unit = (int32_t)kdb_cfi_leb(cursor, true);
	return kdb_cfi_number(cursor, 1) == KDB_REG_PC &&
	    kdb_cfi_augmentation(cursor, text, entry) && !cursor->bad;
}

/* The entry whose first address, LOW, is written at AT. */
static bool
kdb_cfi_entry(struct kdb_unwind *unwind, uint32_t at, uint32_t low,
    struct kdb_cfi_entry *entry)
{
	struct kdb_cfi_cursor *own = &entry->own;
	uint32_t common;
	uint32_t skip;

	memset(entry, 0, sizeof(*entry));
	if (!kdb_cfi_begin(unwind, at - 8, own)) {
		return false;
	}
	common = own->at - kdb_cfi_number(own, 4);
	if (!kdb_cfi_common(unwind, common, entry)) {
		return false;
	}
	entry->low = low;
	kdb_cfi_number(own, 4);
	entry->size = kdb_cfi_number(own, 4);
	skip = kdb_cfi_u(own);
	if (own->bad || skip > own->end - own->at) {
		return false;
	}
	own->at += skip;
	return true;
}

/* Is PLACE's entry one that has been found before, and in RANGE? */
static bool
kdb_cfi_again(struct kdb_unwind *unwind, uint32_t place,
    const struct kdb_cfi_range *range, struct kdb_cfi_entry *entry)
{
	for (unsigned i = 0; i < KDB_CFI_FOUND; i++) {
		uint32_t at = kdb_cfi_found[i];
		uint32_t low;

		if (at >= range->start && at < range->end &&
		    unwind->read(unwind, at, &low, sizeof(low)) &&
		    kdb_cfi_entry(unwind, at, at + low, entry) &&
		    place - entry->low < entry->size) {
			return true;
		}
	}
	return false;
}

/* Look for PLACE's entry in the N bytes of kdb_cfi_page, which are at AT. */
static bool
kdb_cfi_search_page(struct kdb_unwind *unwind, uint32_t place, uint32_t at,
    uint32_t n, struct kdb_cfi_entry *entry)
{
	for (uint32_t i = 0; i + 4 <= n; i += 4) {
		uint32_t size = UINT32_MAX;
		uint32_t low;

		memcpy(&low, kdb_cfi_page + i, sizeof(low));
		low += at + i;
		/* The size is the next word, on the next page perhaps. */
		if (i + 8 <= n) {
			memcpy(&size, kdb_cfi_page + i + 4, sizeof(size));
		}
		if (place - low < size &&
		    kdb_cfi_entry(unwind, at + i, low, entry) &&
		    place - low < entry->size) {
			kdb_cfi_found[kdb_cfi_found_next++ % KDB_CFI_FOUND] =
			    at + i;
			return true;
		}
	}
	return false;
}

/* Look for it in RANGE; *ABSENT: some of that is not there. */
static bool
kdb_cfi_search(struct kdb_unwind *unwind, uint32_t place,
    const struct kdb_cfi_range *range, bool *absent,
    struct kdb_cfi_entry *entry)
{
	uint32_t at = ((uint32_t)range->start + 3) & ~3u;
	uint32_t end = (uint32_t)range->end;

	while (at < end) {
		uint32_t n = KDB_CFI_PAGE - at % KDB_CFI_PAGE;

		n = n < end - at ? n : end - at;
		if (!unwind->read(unwind, at, kdb_cfi_page, n)) {
			*absent = true;
		} else if (kdb_cfi_search_page(unwind, place, at, n, entry)) {
			return true;
		}
		at += n;
	}
	return false;
}

/* ---- rules -------------------------------------------------------------- */

static void
kdb_cfi_set(unsigned reg, enum kdb_cfi_kind kind, uint32_t at)
{
	if (reg < KDB_REG_COUNT) {
		kdb_cfi_now.reg[reg] = (struct kdb_cfi_rule){ kind, at };
	}
}

static void
kdb_cfi_restore(unsigned reg)
{
	if (reg < KDB_REG_COUNT) {
		kdb_cfi_now.reg[reg] = kdb_cfi_first.reg[reg];
	}
}

/* Instructions about the frame's address; false: it is no such one. */
static bool
kdb_cfi_define(struct kdb_cfi_cursor *cursor, unsigned op, int32_t unit)
{
	struct kdb_cfi_state *now = &kdb_cfi_now;

	switch (op) {
	case KDB_CFA_DEF:
		now->base = kdb_cfi_u(cursor);
		now->offset = kdb_cfi_u(cursor);
		break;
	case KDB_CFA_DEF_SIGNED:
		now->base = kdb_cfi_u(cursor);
		now->offset = kdb_cfi_leb(cursor, true) * (uint32_t)unit;
		break;
	case KDB_CFA_DEF_REGISTER:
		now->base = kdb_cfi_u(cursor);
		break;
	case KDB_CFA_DEF_OFFSET:
		now->offset = kdb_cfi_u(cursor);
		break;
	case KDB_CFA_DEF_OFFSET_SIGNED:
		now->offset = kdb_cfi_leb(cursor, true) * (uint32_t)unit;
		break;
	case KDB_CFA_DEF_EXPR:
		now->expr = kdb_cfi_block(cursor);
		return true;
	default:
		return false;
	}
	now->expr = 0;
	return true;
}

/* Instructions about a register; false: it is no such one. */
static bool
kdb_cfi_save(struct kdb_cfi_cursor *cursor, unsigned op, int32_t unit)
{
	static const struct {
		uint8_t	op;
		uint8_t	kind;
		bool	is_signed;
		bool	block;
	} saves[] = {
		{ KDB_CFA_OFFSET_EXTENDED, KDB_CFI_SAVED, false, false },
		{ KDB_CFA_OFFSET_SIGNED, KDB_CFI_SAVED, true, false },
		{ KDB_CFA_VAL_OFFSET, KDB_CFI_IS, false, false },
		{ KDB_CFA_VAL_OFFSET_SIGNED, KDB_CFI_IS, true, false },
		{ KDB_CFA_EXPR, KDB_CFI_EXPR_SAVED, false, true },
		{ KDB_CFA_VAL_EXPR, KDB_CFI_EXPR_IS, false, true },
	};

	for (unsigned i = 0; i < sizeof(saves) / sizeof(saves[0]); i++) {
		unsigned reg;

		if (saves[i].op != op) {
			continue;
		}
		reg = kdb_cfi_u(cursor);
		kdb_cfi_set(reg, saves[i].kind, saves[i].block
			? kdb_cfi_block(cursor)
			: kdb_cfi_leb(cursor, saves[i].is_signed) *
			    (uint32_t)unit);
		return true;
	}
	return false;
}

/* The other ones that change rules; DEPTH states are remembered. */
static void
kdb_cfi_change(struct kdb_cfi_cursor *cursor, unsigned op, unsigned *depth)
{
	unsigned reg;

	switch (op) {
	case KDB_CFA_NOP:
		break;
	case KDB_CFA_ARGS_SIZE:
		kdb_cfi_u(cursor);
		break;
	case KDB_CFA_RESTORE_EXTENDED:
		kdb_cfi_restore(kdb_cfi_u(cursor));
		break;
	case KDB_CFA_UNDEFINED:
		kdb_cfi_set(kdb_cfi_u(cursor), KDB_CFI_UNDEFINED, 0);
		break;
	case KDB_CFA_SAME:
		kdb_cfi_set(kdb_cfi_u(cursor), KDB_CFI_SAME, 0);
		break;
	case KDB_CFA_REGISTER:
		reg = kdb_cfi_u(cursor);
		kdb_cfi_set(reg, KDB_CFI_OTHER, kdb_cfi_u(cursor));
		break;
	case KDB_CFA_REMEMBER:
		if (*depth == KDB_CFI_STATES) {
			cursor->bad = true;
			break;
		}
		kdb_cfi_states[(*depth)++] = kdb_cfi_now;
		break;
	case KDB_CFA_RECALL:
		if (*depth == 0) {
			cursor->bad = true;
			break;
		}
		kdb_cfi_now = kdb_cfi_states[--*depth];
		break;
	default:
		cursor->bad = true;
		break;
	}
}

/* How far OP goes on; 0: it does not. */
static uint32_t
kdb_cfi_advance(struct kdb_cfi_cursor *cursor, unsigned op)
{
	switch (op) {
	case KDB_CFA_ADVANCE1: return kdb_cfi_number(cursor, 1);
	case KDB_CFA_ADVANCE2: return kdb_cfi_number(cursor, 2);
	case KDB_CFA_ADVANCE4: return kdb_cfi_number(cursor, 4);
	default: return (op & 0xc0) == KDB_CFA_ADVANCE ? op & 0x3f : 0;
	}
}

/* Obey CURSOR's instructions up to those for what is behind DISTANCE. */
static void
kdb_cfi_obey(const struct kdb_cfi_entry *entry, struct kdb_cfi_cursor *cursor,
    uint32_t distance)
{
	uint32_t at = 0;
	unsigned depth = 0;

	while (!cursor->bad && cursor->at < cursor->end) {
		unsigned op = kdb_cfi_number(cursor, 1);
		uint32_t step = kdb_cfi_advance(cursor, op);

		if (step != 0) {
			step *= entry->code_unit;
			if (step > distance - at) {
				return;
			}
			at += step;
		} else if ((op & 0xc0) == KDB_CFA_OFFSET) {
			kdb_cfi_set(op & 0x3f, KDB_CFI_SAVED,
			    kdb_cfi_u(cursor) * (uint32_t)entry->data_unit);
		} else if ((op & 0xc0) == KDB_CFA_RESTORE) {
			kdb_cfi_restore(op & 0x3f);
		} else if (!kdb_cfi_define(cursor, op, entry->data_unit) &&
		    !kdb_cfi_save(cursor, op, entry->data_unit)) {
			kdb_cfi_change(cursor, op, &depth);
		}
	}
}

/* ---- frames ------------------------------------------------------------- */

/* What the expression at AT gives, in FRAME, from PUSHED. */
static bool
kdb_cfi_evaluate(struct kdb_unwind *unwind, struct kdb_frame *frame,
    uint32_t at, const uint32_t *pushed, uint32_t *value)
{
	struct kdb_cfi_cursor cursor = {
		.unwind = unwind, .at = at, .end = UINT32_MAX,
	};
	struct kdb_view view = { .unwind = unwind, .frame = frame };
	uint8_t ops[KDB_CFI_EXPR];
	uint32_t length = kdb_cfi_u(&cursor);

	if (length > sizeof(ops)) {
		return false;
	}
	kdb_cfi_bytes(&cursor, ops, length);
	return !cursor.bad && kdb_value_operations(&view, ops, length, pushed,
	    value);
}

static bool
kdb_cfi_address(struct kdb_unwind *unwind, struct kdb_frame *frame)
{
	const struct kdb_cfi_state *now = &kdb_cfi_now;

	if (now->expr != 0) {
		frame->addressed = kdb_cfi_evaluate(unwind, frame, now->expr,
		    NULL, &frame->address);
	} else if (now->base < KDB_REG_COUNT &&
	    kdb_frame_known(frame, now->base)) {
		frame->address = frame->reg[now->base] + now->offset;
		frame->addressed = true;
	}
	return frame->addressed;
}

static bool
kdb_cfi_copy(const struct kdb_frame *frame, unsigned reg, uint32_t *value)
{
	if (reg >= KDB_REG_COUNT || !kdb_frame_known(frame, reg)) {
		return false;
	}
	*value = frame->reg[reg];
	return true;
}

/* What the caller's REG is; false: that is not known any more. */
static bool
kdb_cfi_register(struct kdb_unwind *unwind, struct kdb_frame *frame,
    unsigned reg, uint32_t *value)
{
	struct kdb_cfi_rule rule = kdb_cfi_now.reg[reg];
	uint32_t at = frame->address + rule.at;

	switch (rule.kind) {
	case KDB_CFI_DEFAULT:
		if (reg == KDB_REG_ESP) {
			*value = frame->address;
			return true;
		}
		/* Every function keeps these. */
		return reg >= KDB_REG_EBX && reg != KDB_REG_PC &&
		    kdb_cfi_copy(frame, reg, value);
	case KDB_CFI_SAME:
		return kdb_cfi_copy(frame, reg, value);
	case KDB_CFI_OTHER:
		return kdb_cfi_copy(frame, rule.at, value);
	case KDB_CFI_IS:
		*value = at;
		return true;
	case KDB_CFI_EXPR_IS:
		return kdb_cfi_evaluate(unwind, frame, rule.at,
		    &frame->address, value);
	case KDB_CFI_EXPR_SAVED:
		return kdb_cfi_evaluate(unwind, frame, rule.at,
		    &frame->address, &at) &&
		    unwind->read(unwind, at, value, sizeof(*value));
	case KDB_CFI_SAVED:
		return unwind->read(unwind, at, value, sizeof(*value));
	default:
		return false;
	}
}

/* Make kdb_cfi_now what holds at PLACE. */
static bool
kdb_cfi_rules(struct kdb_cfi_entry *entry, uint32_t place)
{
	memset(&kdb_cfi_now, 0, sizeof(kdb_cfi_now));
	kdb_cfi_now.base = KDB_REG_COUNT;
	kdb_cfi_obey(entry, &entry->common, 0);
	kdb_cfi_first = kdb_cfi_now;
	kdb_cfi_obey(entry, &entry->own, place - entry->low);
	return !entry->common.bad && !entry->own.bad;
}

/* ENTRY is FRAME's. */
static enum kdb_cfi
kdb_cfi_follow(struct kdb_unwind *unwind, struct kdb_cfi_entry *entry,
    struct kdb_frame *frame, struct kdb_frame *next)
{
	if (!kdb_cfi_rules(entry, (uint32_t)kdb_frame_place(frame))) {
		return entry->common.absent || entry->own.absent
			   ? KDB_CFI_ABSENT : KDB_CFI_NONE;
	}
	if (kdb_cfi_now.reg[KDB_REG_PC].kind == KDB_CFI_UNDEFINED) {
		return KDB_CFI_OUTERMOST;
	}
	if (!kdb_cfi_address(unwind, frame)) {
		return KDB_CFI_NONE;
	}
	for (unsigned reg = 0; reg < KDB_REG_COUNT; reg++) {
		uint32_t value;

		if (kdb_cfi_register(unwind, frame, reg, &value)) {
			kdb_frame_set(next, reg, value);
		}
	}
	return entry->interrupted ? KDB_CFI_INTERRUPTED : KDB_CFI_CALLER;
}

enum kdb_cfi
kdb_cfi_caller(struct kdb_unwind *unwind, struct kdb_frame *frame,
    struct kdb_frame *next)
{
	uint32_t place = (uint32_t)kdb_frame_place(frame);
	struct kdb_cfi_range ranges[KDB_CFI_RANGES];
	struct kdb_cfi_entry entry;
	bool absent = false;
	unsigned count;

	if (unwind->constants == NULL) {
		return KDB_CFI_NONE;
	}
	count = unwind->constants(unwind, frame, ranges);
	for (unsigned i = 0; i < count; i++) {
		if (kdb_cfi_again(unwind, place, &ranges[i], &entry) ||
		    kdb_cfi_search(unwind, place, &ranges[i], &absent,
		    &entry)) {
			return kdb_cfi_follow(unwind, &entry, frame, next);
		}
	}
	return absent ? KDB_CFI_ABSENT : KDB_CFI_NONE;
}
