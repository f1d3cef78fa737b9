/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

#include <kernel/kdb/kdb_help.h>

#include <stddef.h>
#include <string.h>

#include <kernel/kdb/kdb_error.h>
#include <kernel/kdb/kdb_out.h>
#include <kernel/kdb/kdb_words.h>

#define KDB_HELP_FIELD	28u

struct kdb_help_topic {
	const char	*name;
	const char	*text;
};

static const struct kdb_help_topic kdb_help_topics[] = {
	{ "requests",
"[ADDRESS][,COUNT]COMMAND[; ...]     ADDRESS becomes dot\n"
"  ?FORMAT  /FORMAT    print what is at dot: see formats\n"
"  =FORMAT             print ADDRESS itself\n"
"  /l VALUE MASK       the next 2 bytes that are VALUE under MASK; /L: 4\n"
"  /w VALUE ...        write 2 bytes each; /W: 4\n"
"  /m BEGIN END TO     / finds BEGIN to END at TO; /*m: its other segment\n"
"  >NAME               dot into a register or variable (0-9, a-z)\n"
"  $X  :X  words       `help' lists them\n"
"An empty line repeats the last command where that ended.\n" },
	{ "expressions",
"  .  +  ^  \"          dot, dot plus or minus its increment, last ADDRESS\n"
"  1f 0o17 0t10 0x1f   numbers; without prefix by $d, beginning with a digit\n"
"  2.5 'abcd' <NAME    a float; up to 4 characters; register or variable\n"
"  SYMBOL ROUTINE.VARIABLE ROUTINE.   \\ before odd characters\n"
"  *E @E -E ~E #E (E)  what is at E by / or ?; negation, complement, not\n"
"  + - * % & | #       from left to right; % divides, # rounds up\n" },
	{ "variables",
"  0       the last value that was printed by a format\n"
"  1 2     the last displacement or target in an instruction; that before it\n"
"  b d     where the data of the task that was chosen by `task' begin, and their\n"
"          size; the kernel's at first, or of `task kernel'\n"
"  e m s t likewise where its program is entered, its magic number, the sizes of\n"
"          its stack and its text; 0 if that is not in memory\n"
"All may be set, too: nothing but the above uses them.  $v prints those not 0.\n" },
	{ "formats",
"  o q d u x   2 bytes: octal, signed octal, decimal, unsigned, hexadecimal\n"
"  O Q D U X   4 bytes, likewise          f F  4, 8 bytes: floating point\n"
"  b c C       byte in octal; character   s S  string up to its zero\n"
"  Y           4 bytes as a date          i    instruction\n"
"  a p         dot, 4 bytes as symbols    \"TEXT\"\n"
"  r n 8t      blank, new line, to the next stop of every 8 columns\n"
"  ^ + -       back to the last item; on, back by a byte\n"
"A number before a letter repeats it.  No format: the last one again.\n" },
};

#define KDB_HELP_TOPICS	(sizeof(kdb_help_topics) / sizeof(kdb_help_topics[0]))

static void
kdb_help_entry(const char *name, const char *usage, const char *help)
{
	const char *end = strchr(help, '\n');
	size_t n = end == NULL ? strlen(help) : (size_t)(end - help);

	kdb_printf("  %s%s%s", name, usage[0] != '\0' ? " " : "", usage);
	if (kdb_out_column() >= KDB_HELP_FIELD) {
		kdb_printf("\n");
	}
	kdb_out_tab(KDB_HELP_FIELD);
	kdb_printf("%.*s\n", (int)n, help);
}

/* One line for each letter behind VERB, or behind any if that is 0; are there? */
static bool
kdb_help_letters(char verb)
{
	bool any = false;

	for (const struct kdb_table *table = kdb_command_tables();
	    table != NULL; table = table->next) {
		for (const struct kdb_letter *letter = table->letters;
		    letter != NULL && letter->fn != NULL; letter++) {
			if (verb == 0 || verb == letter->verb) {
				kdb_help_entry(letter->usage, "",
				    letter->help);
				any = true;
			}
		}
	}
	return any;
}

/* Likewise of words: all, or those that begin with FIRST and have more. */
static bool
kdb_help_words_of(const char *first)
{
	size_t n = strlen(first);
	bool any = false;

	for (const struct kdb_table *table = kdb_command_tables();
	    table != NULL; table = table->next) {
		for (const struct kdb_word *word = table->words;
		    word != NULL && word->name != NULL; word++) {
			if (n == 0 || (strncmp(word->name, first, n) == 0 &&
			    word->name[n] == ' ')) {
				kdb_help_entry(word->name, word->usage,
				    word->help);
				any = true;
			}
		}
	}
	return any;
}

static void
kdb_help_all(void)
{
	for (unsigned i = 0; i < KDB_HELP_TOPICS; i++) {
		kdb_help_entry("help", kdb_help_topics[i].name, "");
	}
	(void)kdb_help_letters(0);
	(void)kdb_help_words_of("");
}

/* Of characters that are commands, too. */
static bool
kdb_help_topic(const char *name)
{
	if (name[1] == '\0' && strchr("?/=>", name[0]) != NULL) {
		name = kdb_help_topics[0].name;
	}
	for (unsigned i = 0; i < KDB_HELP_TOPICS; i++) {
		if (strcmp(name, kdb_help_topics[i].name) == 0) {
			kdb_printf("%s", kdb_help_topics[i].text);
			return true;
		}
	}
	return false;
}

/* Of what is said behind the name of a letter, as $w. */
static bool
kdb_help_letter(const char *name)
{
	for (const struct kdb_table *table = kdb_command_tables();
	    table != NULL; table = table->next) {
		for (const struct kdb_letter *letter = table->letters;
		    letter != NULL && letter->fn != NULL; letter++) {
			if (name[0] == letter->verb &&
			    name[1] == letter->letter && name[2] == '\0') {
				kdb_printf("%s\n%s\n", letter->usage,
				    letter->help);
				return true;
			}
		}
	}
	return false;
}

static void
kdb_help(struct kdb_request *request)
{
	const char *rest = request->rest;
	const struct kdb_word *word;

	if (rest[0] == '\0') {
		kdb_help_all();
		return;
	}
	if (kdb_help_topic(rest) || kdb_help_letter(rest)) {
		return;
	}
	if ((rest[1] == '\0' && kdb_help_letters(rest[0])) ||
	    (kdb_words_named(rest) == NULL && kdb_help_words_of(rest))) {
		return;
	}
	word = kdb_words_find(&rest);
	if (word == NULL || rest[0] != '\0') {
		kdb_error("no help for: %s", request->rest);
	}
	kdb_printf("%s %s\n%s\n", word->name, word->usage, word->help);
}

static const struct kdb_word kdb_help_words[] = {
	{ "help", kdb_help, "[COMMAND]",
	    "this list, or what COMMAND does; of $, : or `show' what begins so" },
	{ .name = NULL },
};

struct kdb_table kdb_help_table = { .words = kdb_help_words };
