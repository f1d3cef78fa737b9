/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

#include <kernel/kdb/kdb_source.h>

#include <stddef.h>

#include <kernel/kdb/kdb_argument.h>
#include <kernel/kdb/kdb_command.h>
#include <kernel/kdb/kdb_error.h>
#include <kernel/kdb/kdb_instruction.h>
#include <kernel/kdb/kdb_mem.h>
#include <kernel/kdb/kdb_out.h>
#include <kernel/kdb/kdb_sym.h>
#include <kernel/kdb/kdb_symbolic.h>
#include <kernel/kdb/kdb_vars.h>

/* What was listed last; the name is compared, not looked at. */
static struct {
	const char	*file;		/* NULL: not known */
	unsigned	line;
	uintptr_t	address;
} kdb_source_last;

void
kdb_source_print(struct task *space, uintptr_t address)
{
	const char *file;
	unsigned line;

	if (kdb_line_at(space, address, &file, &line)) {
		kdb_printf(" (%s:%u)", file, line);
	}
}

void
kdb_source_print_new(uintptr_t address)
{
	uintptr_t ahead = address - kdb_source_last.address;
	const char *file = NULL;
	unsigned line = 0;

	if (kdb_line_at(kdb_task, address, &file, &line) &&
	    (file != kdb_source_last.file || line != kdb_source_last.line ||
	    ahead == 0 || ahead > KDB_INSTRUCTION_MAX)) {
		kdb_printf(" (%s:%u)", file, line);
	}
	kdb_source_last.file = file;
	kdb_source_last.line = line;
	kdb_source_last.address = address;
}

static void
kdb_source_line(struct kdb_request *request)
{
	uintptr_t address = request->rest[0] != '\0' ? kdb_argument(request) :
	    request->address;
	char text[KDB_SYMBOLIC_TEXT];
	const char *file;
	unsigned line;

	kdb_symbolic_text(address, text, sizeof(text));
	if (!kdb_line_at(kdb_task, address, &file, &line)) {
		kdb_error("no line is known of: %s", text);
	}
	kdb_vars.dot = address;
	kdb_printf("%s (%s:%u)\n", text, file, line);
}

static const struct kdb_word kdb_source_words[] = {
	{ "line", kdb_source_line, "[ADDRESS]",
	    "file and line of the instruction there, which becomes dot; or at dot" },
	{ .name = NULL },
};

struct kdb_table kdb_source_table = { .words = kdb_source_words };
