/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * A request is read from left to right: a word, or an address, a count and a
 * word or what the character there means.
 */

#include <kernel/kdb/kdb_command.h>

#include <stddef.h>
#include <string.h>

#include <kernel/kdb/kdb_error.h>
#include <kernel/kdb/kdb_expr.h>
#include <kernel/kdb/kdb_format.h>
#include <kernel/kdb/kdb_memory.h>
#include <kernel/kdb/kdb_name.h>
#include <kernel/kdb/kdb_out.h>
#include <kernel/kdb/kdb_vars.h>
#include <kernel/kdb/kdb_words.h>

static struct kdb_table *kdb_command_first;

/* What an empty line repeats: a command without address and count. */
static char kdb_command_last[KDB_COMMAND_SIZE];
static bool kdb_command_typed;	/* is this line, which may repeat it? */

/* The formats used last. */
static char kdb_command_of_memory[KDB_COMMAND_SIZE] = "X";
static char kdb_command_of_value[KDB_COMMAND_SIZE] = "X";

void
kdb_command_add(struct kdb_table *table)
{
	struct kdb_table **at = &kdb_command_first;

	for (; *at != NULL; at = &(*at)->next) {
		if (*at == table) {
			return;
		}
	}
	table->next = NULL;
	*at = table;
}

const struct kdb_table *
kdb_command_tables(void)
{
	return kdb_command_first;
}

/* ---- text --------------------------------------------------------------- */

static const char *
kdb_command_blanks(const char *at)
{
	while (*at == ' ' || *at == '\t') {
		at++;
	}
	return at;
}

static bool
kdb_command_at_end(const char *at)
{
	return *at == '\0' || *at == ';';
}

/*
 * Copy the rest of a request, or of the WHOLE_LINE, without blanks around it;
 * a `;' between "" does not end it.  Returns what comes behind it.
 */
static const char *
kdb_command_rest(const char *at, bool whole_line,
    char rest[static KDB_COMMAND_SIZE])
{
	bool quoted = false;
	size_t n = 0;

	at = kdb_command_blanks(at);
	while (*at != '\0' && (*at != ';' || quoted || whole_line)) {
		quoted ^= *at == '"';
		rest[n++] = *at++;
	}
	while (n > 0 && (rest[n - 1] == ' ' || rest[n - 1] == '\t')) {
		n--;
	}
	rest[n] = '\0';
	return at;
}

static void
kdb_command_copy(char to[static KDB_COMMAND_SIZE], const char *from)
{
	memcpy(to, from, strlen(from) + 1);
}

static void
kdb_command_remember(const char *from, const char *end)
{
	size_t n = (size_t)(end - from);

	if (!kdb_command_typed) {
		return;
	}
	memmove(kdb_command_last, from, n);
	kdb_command_last[n] = '\0';
}

/* ---- commands of one character ------------------------------------------ */

static const char *
kdb_command_format(const struct kdb_map_use *use,
    const struct kdb_request *request, const char *at)
{
	char *format = use->verb == '=' ? kdb_command_of_value :
	    kdb_command_of_memory;
	char given[KDB_COMMAND_SIZE];

	at = kdb_command_rest(at, false, given);
	kdb_format_check(use, given[0] != '\0' ? given : format);
	if (given[0] != '\0') {
		kdb_command_copy(format, given);
	}
	if (use->verb == '=') {
		kdb_format_value(request->address, format,
		    (int32_t)request->count);
	} else {
		kdb_format_memory(use, format, (int32_t)request->count);
	}
	return at;
}

/* Behind `?' or `/', which is at START. */
static const char *
kdb_command_memory(const struct kdb_request *request, const char *start)
{
	struct kdb_map_use use = { *start, start[1] == '*' };
	const char *at = start + (use.second ? 2 : 1);
	char letter = *at;

	/* But for a search, to repeat it is to look at what is there. */
	kdb_command_remember(start, at);
	switch (letter) {
	case 'l':
	case 'L':
		at++;
		kdb_memory_search(&use, letter == 'l' ? 2 : 4, &at);
		kdb_command_remember(start, at);
		return at;
	case 'w':
	case 'W':
		at++;
		kdb_memory_write(&use, letter == 'w' ? 2 : 4, &at);
		return at;
	case 'm':
		at++;
		kdb_memory_map(&use, &at);
		return at;
	default:
		return kdb_command_format(&use, request, at);
	}
}

static const char *
kdb_command_value(const struct kdb_request *request, const char *start)
{
	static const struct kdb_map_use use = { '=', false };

	kdb_command_remember(start, start + 1);
	return kdb_command_format(&use, request, start + 1);
}

static const char *
kdb_command_assign(const char *at)
{
	char name[KDB_NAME_SIZE];

	if (!kdb_name_word(&at, name, sizeof(name))) {
		kdb_error("name of a register or variable expected: >%s", at);
	}
	kdb_vars_set(name, (uint32_t)kdb_vars.dot);
	return at;
}

static const struct kdb_letter *
kdb_command_letter(char verb, char letter)
{
	for (const struct kdb_table *table = kdb_command_first; table != NULL;
	    table = table->next) {
		for (const struct kdb_letter *l = table->letters;
		    l != NULL && l->fn != NULL; l++) {
			if (l->verb == verb && l->letter == letter) {
				return l;
			}
		}
	}
	kdb_error("bad modifier: %c%c", verb, letter);
}

/* Behind $ or `:', which is at START. */
static const char *
kdb_command_modifier(struct kdb_request *request, const char *start)
{
	const struct kdb_letter *letter;
	char rest[KDB_COMMAND_SIZE];
	const char *at;

	at = start + 1;
	if (!kdb_command_at_end(at)) {
		letter = kdb_command_letter(*start, *at++);
	} else if (*start == '$') {
		letter = kdb_command_letter('$', '?');
	} else {
		kdb_error("modifier expected behind %c", *start);
	}
	at = kdb_command_rest(at, letter->whole_line, rest);
	if (rest[0] != '\0' && !letter->whole_line) {
		kdb_error("end of the command expected: %s", rest);
	}
	if (letter->repeats) {
		kdb_command_remember(start, at);
	} else {
		kdb_command_remember(start, start);
	}
	request->modifier = letter->letter;
	request->rest = rest;
	letter->fn(request);
	return at;
}

/* ---- requests ----------------------------------------------------------- */

/* What the character AT means, but for the end. */
static const char *
kdb_command_verb(struct kdb_request *request, const char *at)
{
	switch (*at) {
	case '?':
	case '/':
		return kdb_command_memory(request, at);
	case '=':
		return kdb_command_value(request, at);
	case '>':
		return kdb_command_assign(at + 1);
	case '$':
	case ':':
		return kdb_command_modifier(request, at);
	default:
		kdb_error("no command: %s (try help)", at);
	}
}

static const char *
kdb_command_word(struct kdb_request *request, const struct kdb_word *word,
    const char *at)
{
	char rest[KDB_COMMAND_SIZE];

	at = kdb_command_rest(at, false, rest);
	kdb_command_remember(at, at);
	request->rest = rest;
	word->fn(request);
	return at;
}

/* Nothing but an address or a count: the last command again. */
static void
kdb_command_again(struct kdb_request *request)
{
	char last[KDB_COMMAND_SIZE];

	kdb_command_copy(last, kdb_command_last);
	if (last[0] != '\0' && kdb_command_typed) {
		(void)kdb_command_verb(request, last);
	}
}

/* The address and count that *ATP begins with. */
static void
kdb_command_place(struct kdb_request *request, const char **atp)
{
	request->has_address = kdb_expr(atp, &request->address);
	if (request->has_address) {
		kdb_vars.dot = request->address;
	}
	request->address = kdb_vars.dot;
	kdb_vars.typed = kdb_vars.dot;
	*atp = kdb_command_blanks(*atp);
	request->has_count = **atp == ',';
	request->count = 1;
	if (request->has_count) {
		++*atp;
		request->count = kdb_expr_need(atp, "count");
		*atp = kdb_command_blanks(*atp);
	}
}

static const char *
kdb_command_request(const char *at)
{
	const struct kdb_word *word = kdb_words_find(&at);
	struct kdb_request request = { .count = 1, .address = kdb_vars.dot };

	if (word == NULL) {
		kdb_command_place(&request, &at);
		word = kdb_words_find(&at);
	}
	if (word != NULL) {
		at = kdb_command_word(&request, word, at);
	} else if (!kdb_command_at_end(at)) {
		at = kdb_command_verb(&request, at);
	} else if (request.has_address || request.has_count) {
		kdb_command_again(&request);
	}
	kdb_out_fresh_line();
	return kdb_command_blanks(at);
}

static void
kdb_command_repeat(void)
{
	struct kdb_request request = { .count = 1 };

	kdb_vars.dot += kdb_vars.increment;
	kdb_vars.typed = kdb_vars.dot;
	request.address = kdb_vars.dot;
	kdb_command_again(&request);
	kdb_out_fresh_line();
}

static void
kdb_command_requests(const char *at)
{
	for (;;) {
		at = kdb_command_request(kdb_command_blanks(at));
		if (*at == '\0') {
			break;
		}
		if (*at != ';') {
			kdb_error("end of the command expected: %s", at);
		}
		at++;
	}
}

void
kdb_command_line(const char *line)
{
	kdb_command_typed = true;
	if (strlen(line) >= KDB_COMMAND_SIZE) {
		kdb_error("line too long");
	}
	if (*kdb_command_blanks(line) == '\0') {
		kdb_command_repeat();
	} else {
		kdb_command_requests(line);
	}
}

void
kdb_command_script(const char *line)
{
	kdb_command_typed = false;
	kdb_command_requests(line);
}
