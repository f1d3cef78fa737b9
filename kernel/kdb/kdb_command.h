/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * The debugger's language: adb's requests
 *
 *	[address][,count]command[; ...]
 *
 * and words.  The commands of one character are here; those that begin with $
 * and `:', and words, are in tables that each part of the debugger adds.
 */
#ifndef KERNEL_KDB_KDB_COMMAND_H
#define KERNEL_KDB_KDB_COMMAND_H

#include <stdbool.h>
#include <stdint.h>

#define KDB_COMMAND_SIZE	160u	/* of a line, with its zero byte */

struct kdb_request {
	bool		has_address;
	bool		has_count;
	uintptr_t	address;	/* dot, if none was given */
	unsigned	count;		/* 1, if none was given */
	char		modifier;	/* behind $ or : */
	const char	*rest;		/* what follows, without blanks before it */
};

/*
 * A command of one or more words, as "show map"; unambiguous beginnings of each
 * will do.
 */
struct kdb_word {
	const char	*name;
	void		(*fn)(struct kdb_request *request);
	const char	*usage;		/* its arguments, or "" */
	const char	*help;		/* may have several lines */
};

/* What a letter behind $ or : does. */
struct kdb_letter {
	char		verb;
	char		letter;
	bool		whole_line;	/* it has arguments, in which `;' may be */
	bool		repeats;	/* an empty line does it again */
	void		(*fn)(struct kdb_request *request);
	const char	*usage;		/* as 'ADDRESS,COUNT:b COMMANDS' */
	const char	*help;
};

/* Some of both; either may be NULL, both end with one that is all zero. */
struct kdb_table {
	const struct kdb_word	*words;
	const struct kdb_letter	*letters;
	struct kdb_table	*next;
};

/* TABLE counts from now on; once more is no harm. */
void kdb_command_add(struct kdb_table *table);
const struct kdb_table *kdb_command_tables(void);

/*
 * Obey LINE; an error ends it.  An empty line repeats the last command that was
 * typed, with dot advanced and a count of 1.
 */
void kdb_command_line(const char *line);

/*
 * Obey LINE, which was not typed now: nothing in it repeats a command, so that an
 * address alone makes dot that, and an empty line repeats what it would have.
 */
void kdb_command_script(const char *line);

#endif /* KERNEL_KDB_KDB_COMMAND_H */
