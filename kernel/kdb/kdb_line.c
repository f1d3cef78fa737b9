/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

#include <kernel/kdb/kdb_line.h>

#include <stdbool.h>
#include <string.h>

#include <kernel/kdb/kdb_command.h>
#include <kernel/kdb/kdb_history.h>
#include <kernel/kdb/kdb_in.h>
#include <kernel/kdb/kdb_out.h>
#include <kernel/kdb/kdb_row.h>

#define KDB_LINE_OFFERS		200u	/* completions that are shown */

#define KDB_LINE_CONTROL(letter)	((letter) & 0x1f)
#define KDB_LINE_ESCAPE		0x1b
#define KDB_LINE_DELETE		0x7f

struct kdb_line {
	char		text[KDB_COMMAND_SIZE];
	size_t		length;
	size_t		cursor;
	unsigned	ago;		/* the line of the history; 0: a new one */
	bool		tabbed;		/* the last key was TAB */
	bool		returned;	/* the last character was \r */
	struct kdb_row	row;
};

static struct kdb_line kdb_line;
static char kdb_line_new[KDB_COMMAND_SIZE];	/* while older ones are seen */
static kdb_line_complete_fn_t kdb_line_complete;

void
kdb_line_completer(kdb_line_complete_fn_t complete)
{
	kdb_line_complete = complete;
}

/* ---- the screen --------------------------------------------------------- */

static void
kdb_line_show(struct kdb_line *line)
{
	kdb_row_show(&line->row, line->text, line->length, line->cursor);
}

/* ---- changes ------------------------------------------------------------ */

static void
kdb_line_insert(struct kdb_line *line, const char *text, size_t n)
{
	if (line->length + n >= sizeof(line->text)) {
		kdb_out_raw("\a");
		return;
	}
	memmove(line->text + line->cursor + n, line->text + line->cursor,
	    line->length - line->cursor);
	memcpy(line->text + line->cursor, text, n);
	line->length += n;
	line->cursor += n;
}

static void
kdb_line_erase(struct kdb_line *line, size_t from, size_t to)
{
	memmove(line->text + from, line->text + to, line->length - to);
	line->length -= to - from;
	line->cursor = from;
}

/* Where the word before the cursor begins. */
static size_t
kdb_line_word(const struct kdb_line *line)
{
	size_t at = line->cursor;

	while (at > 0 && line->text[at - 1] == ' ') {
		at--;
	}
	while (at > 0 && line->text[at - 1] != ' ') {
		at--;
	}
	return at;
}

static void
kdb_line_set(struct kdb_line *line, const char *text)
{
	line->length = 0;
	line->cursor = 0;
	kdb_line_insert(line, text, strlen(text));
}

/* Go STEP lines back in time, or on. */
static void
kdb_line_recall(struct kdb_line *line, int step)
{
	unsigned ago = line->ago + (unsigned)step;
	const char *text = ago == 0 ? kdb_line_new : kdb_history_get(ago);

	if ((step < 0 && line->ago == 0) || text == NULL) {
		return;
	}
	if (line->ago == 0) {
		memcpy(kdb_line_new, line->text, line->length);
		kdb_line_new[line->length] = '\0';
	}
	line->ago = ago;
	kdb_line_set(line, text);
}

/* ---- completion --------------------------------------------------------- */

/* What all completions begin with. */
struct kdb_line_common {
	char		text[KDB_COMMAND_SIZE];
	size_t		length;
	size_t		replaced;
	unsigned	count;
};

/* COMMON and the LENGTH characters at TEXT, too. */
static void
kdb_line_common_add(struct kdb_line_common *common, const char *text,
    size_t length)
{
	size_t n = 0;

	length = length < sizeof(common->text) ? length : sizeof(common->text);
	if (common->count++ == 0) {
		memcpy(common->text, text, length);
		common->length = length;
	}
	while (n < common->length && n < length &&
	    text[n] == common->text[n]) {
		n++;
	}
	common->length = n;
}

static void
kdb_line_common(const struct kdb_line *line, struct kdb_line_common *common)
{
	const char *text;
	size_t length;

	common->count = 0;
	for (;;) {
		text = kdb_line_complete(line->text, line->cursor,
		    common->count, &length, &common->replaced);
		if (text == NULL) {
			break;
		}
		kdb_line_common_add(common, text, length);
	}
}

/* Show what is possible, below the line. */
static void
kdb_line_offer(struct kdb_line *line)
{
	size_t replaced;
	size_t length;

	kdb_row_end(&line->row);
	for (unsigned i = 0;; i++) {
		const char *text = kdb_line_complete(line->text, line->cursor,
		    i, &length, &replaced);

		if (text == NULL) {
			break;
		}
		if (i == KDB_LINE_OFFERS) {
			kdb_printf("...");
			break;
		}
		if (kdb_out_column() + length + 2 > kdb_out_width()) {
			kdb_out_fresh_line();
		}
		kdb_printf("%.*s  ", (int)length, text);
	}
	kdb_out_fresh_line();
	kdb_row_begin(&line->row, line->row.prompt);
}

static void
kdb_line_tab(struct kdb_line *line)
{
	static struct kdb_line_common common;

	if (kdb_line_complete == NULL) {
		return;
	}
	kdb_line_common(line, &common);
	if (common.count == 0) {
		kdb_out_raw("\a");
	} else if (common.length > common.replaced) {
		kdb_line_insert(line, common.text + common.replaced,
		    common.length - common.replaced);
	} else if (common.count == 1) {
		kdb_line_insert(line, " ", 1);
	} else if (line->tabbed) {
		kdb_line_offer(line);
	}
}

/* ---- keys --------------------------------------------------------------- */

/* The control character that the rest of an escape sequence stands for. */
static int
kdb_line_escape(void)
{
	static const struct {
		char end;
		char key;
	} keys[] = {
		{ 'A', KDB_LINE_CONTROL('P') }, { 'B', KDB_LINE_CONTROL('N') },
		{ 'C', KDB_LINE_CONTROL('F') }, { 'D', KDB_LINE_CONTROL('B') },
		{ 'H', KDB_LINE_CONTROL('A') }, { 'F', KDB_LINE_CONTROL('E') },
	};
	int c = kdb_in_get();
	int number = 0;

	if (c != '[' && c != 'O') {
		return 0;
	}
	for (c = kdb_in_get(); (c >= '0' && c <= '9') || c == ';';
	    c = kdb_in_get()) {
		number = c;
	}
	for (unsigned i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		if (c == keys[i].end) {
			return keys[i].key;
		}
	}
	return c == '~' && number == '3' ? KDB_LINE_CONTROL('D') :
	    c == KDB_IN_INTERRUPT ? c : 0;
}

static int
kdb_line_get(struct kdb_line *line)
{
	int c = kdb_in_get();

	/* A program may end its lines with both. */
	if (c == '\n' && line->returned) {
		c = kdb_in_get();
	}
	line->returned = c == '\r';
	return c == KDB_LINE_ESCAPE ? kdb_line_escape() : c;
}

static void
kdb_line_cursor_key(struct kdb_line *line, int c)
{
	switch (c) {
	case KDB_LINE_CONTROL('A'):
		line->cursor = 0;
		break;
	case KDB_LINE_CONTROL('E'):
		line->cursor = line->length;
		break;
	case KDB_LINE_CONTROL('B'):
		line->cursor -= line->cursor > 0 ? 1 : 0;
		break;
	case KDB_LINE_CONTROL('F'):
		line->cursor += line->cursor < line->length ? 1 : 0;
		break;
	case KDB_LINE_CONTROL('P'):
		kdb_line_recall(line, 1);
		break;
	case KDB_LINE_CONTROL('N'):
		kdb_line_recall(line, -1);
		break;
	default:
		break;
	}
}

static void
kdb_line_key(struct kdb_line *line, int c)
{
	char text = (char)c;

	switch (c) {
	case '\b':
	case KDB_LINE_DELETE:
		if (line->cursor > 0) {
			kdb_line_erase(line, line->cursor - 1, line->cursor);
		}
		break;
	case KDB_LINE_CONTROL('D'):
		if (line->cursor < line->length) {
			kdb_line_erase(line, line->cursor, line->cursor + 1);
		}
		break;
	case KDB_LINE_CONTROL('K'):
		kdb_line_erase(line, line->cursor, line->length);
		break;
	case KDB_LINE_CONTROL('U'):
		kdb_line_erase(line, 0, line->cursor);
		break;
	case KDB_LINE_CONTROL('W'):
		kdb_line_erase(line, kdb_line_word(line), line->cursor);
		break;
	case '\t':
		kdb_line_tab(line);
		break;
	default:
		if (c >= ' ' && c < KDB_LINE_DELETE) {
			kdb_line_insert(line, &text, 1);
		} else {
			kdb_line_cursor_key(line, c);
		}
		break;
	}
}

static void
kdb_line_begin(struct kdb_line *line, const char *prompt)
{
	line->length = 0;
	line->cursor = 0;
	line->ago = 0;
	line->tabbed = false;
	kdb_row_begin(&line->row, prompt);
}

const char *
kdb_line_read(const char *prompt)
{
	struct kdb_line *line = &kdb_line;

	kdb_line_begin(line, prompt);
	for (;;) {
		int c = kdb_line_get(line);

		if (c == '\r' || c == '\n') {
			break;
		}
		if (c == KDB_IN_INTERRUPT) {
			kdb_out_raw("^C\n");
			kdb_line_begin(line, prompt);
			continue;
		}
		kdb_line_key(line, c);
		line->tabbed = c == '\t';
		kdb_line_show(line);
	}
	line->cursor = line->length;
	kdb_line_show(line);
	kdb_row_end(&line->row);
	line->text[line->length] = '\0';
	kdb_history_add(line->text);
	return line->text;
}
