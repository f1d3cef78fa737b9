/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * A format is a row of letters, and what each prints is an item.
 */

#include <kernel/kdb/kdb_format.h>

#include <stdbool.h>
#include <string.h>

#include <kernel/kdb/kdb_error.h>
#include <kernel/kdb/kdb_in.h>
#include <kernel/kdb/kdb_item.h>
#include <kernel/kdb/kdb_out.h>
#include <kernel/kdb/kdb_symbolic.h>
#include <kernel/kdb/kdb_vars.h>

#define KDB_FORMAT_LABEL	16u	/* the width of a symbol's field */

struct kdb_format_passes {
	struct kdb_item	item;
	const char	*format;
	int32_t		count;		/* passes to come */
};

/* A letter, or a text. */
struct kdb_format_part {
	char		letter;
	unsigned	count;
	const char	*text;		/* of "..." */
	int		length;
};

/* ---- the items of a format ---------------------------------------------- */

static const char *
kdb_format_count(const char *format, unsigned *count)
{
	if (*format < '0' || *format > '9') {
		*count = 1;
		return format;
	}
	for (*count = 0; *format >= '0' && *format <= '9'; format++) {
		*count = *count * 10 + (unsigned)(*format - '0');
	}
	return format;
}

/* The next part of *FORMATP, which moves behind it; false at the end. */
static bool
kdb_format_next(const char **formatp, struct kdb_format_part *part)
{
	const char *at = *formatp;

	while (*at == ' ' || *at == '\t') {
		at++;
	}
	at = kdb_format_count(at, &part->count);
	part->letter = *at;
	if (*at == '\0') {
		return false;
	}
	at++;
	if (part->letter == '"') {
		part->text = at;
		while (*at != '"' && *at != '\0') {
			at++;
		}
		part->length = (int)(at - part->text);
		at += *at == '"' ? 1 : 0;
	}
	*formatp = at;
	return true;
}

void
kdb_format_check(const struct kdb_map_use *use, const char *format)
{
	const char *letters = use->verb == '=' ?
	    "oOqQdDuUxXfbcCsSYiaprnt\"^+-" :
	    "oOqQdDuUxXfFbcCsSYiaprnt\"^+-";
	struct kdb_format_part part;

	while (kdb_format_next(&format, &part)) {
		if (strchr(letters, part.letter) == NULL) {
			kdb_error("bad modifier: %c%c", use->verb,
			    part.letter);
		}
	}
	if (*format != '\0') {
		kdb_error("letter expected behind a count: %s", format);
	}
}

/* ---- a pass ------------------------------------------------------------- */

/* What is done as often as its count says. */
static void
kdb_format_once(struct kdb_item *item, const struct kdb_format_part *part)
{
	kdb_in_poll();
	switch (part->letter) {
	case 'r':
		kdb_printf(" ");
		break;
	case 'n':
		kdb_printf("\n");
		break;
	case '"':
		kdb_printf("%.*s", part->length, part->text);
		break;
	default:
		kdb_item_print(item, part->letter);
		break;
	}
	kdb_out_wrap();
}

/* The letters whose count is how far they go; false: another. */
static bool
kdb_format_moves(struct kdb_item *item, const struct kdb_format_part *part)
{
	uintptr_t move;

	switch (part->letter) {
	case 't':
		kdb_item_tab(part->count);
		return true;
	case '^':
		move = 0 - item->step * part->count;
		break;
	case '+':
		move = part->count;
		break;
	case '-':
		move = 0 - (uintptr_t)part->count;
		break;
	default:
		return false;
	}
	if (item->use != NULL) {
		item->at += move;
	}
	return true;
}

static void
kdb_format_pass(struct kdb_item *item, const char *format)
{
	struct kdb_format_part part;

	kdb_in_poll();
	item->step = kdb_vars.increment;
	while (kdb_format_next(&format, &part)) {
		if (kdb_format_moves(item, &part)) {
			continue;
		}
		for (unsigned i = 0; i < part.count; i++) {
			kdb_format_once(item, &part);
		}
	}
}

/* ---- all of them -------------------------------------------------------- */

/* The symbol that is just at ADDRESS, before what is there. */
static void
kdb_format_label(uintptr_t address, const char *format)
{
	const char *name = kdb_symbolic_name(address);

	if (name != NULL && format[0] != 'a') {
		kdb_out_fresh_line();
		kdb_printf("%s:", name);
		kdb_item_tab(KDB_FORMAT_LABEL);
	}
}

static void
kdb_format_passes(void *arg)
{
	struct kdb_format_passes *passes = arg;
	struct kdb_item *item = &passes->item;

	/* A negative count comes to 0 after all memory was seen. */
	while (passes->count != 0) {
		item->at = kdb_vars.dot;
		kdb_format_label(item->at, passes->format);
		kdb_format_pass(item, passes->format);
		kdb_vars.increment = item->at - kdb_vars.dot;
		if (--passes->count != 0) {
			kdb_vars.dot = item->at;
		}
	}
}

void
kdb_format_memory(const struct kdb_map_use *use, const char *format,
    int32_t count)
{
	struct kdb_format_passes passes = {
		.item = { .use = use, .to_the_end = count < 0 },
		.format = format,
		.count = count,
	};

	if (count >= 0) {
		kdb_format_passes(&passes);
	} else if (!kdb_error_catch(kdb_format_passes, &passes) &&
	    !passes.item.ended) {
		kdb_error_quit();
	}
}

void
kdb_format_value(uintptr_t value, const char *format, int32_t count)
{
	struct kdb_item item = { .value = value, .at = value };

	for (; count > 0; count--) {
		kdb_format_pass(&item, format);
	}
}
