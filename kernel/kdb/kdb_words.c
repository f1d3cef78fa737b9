/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * A command of several words is found word by word, so that "sh ma" means "show
 * map" where that is the only one.
 */

#include <kernel/kdb/kdb_words.h>

#include <stdio.h>
#include <string.h>

#include <kernel/kdb/kdb_command.h>
#include <kernel/kdb/kdb_error.h>
#include <kernel/kdb/kdb_mem.h>
#include <kernel/kdb/kdb_out.h>
#include <kernel/kdb/kdb_sym.h>

#define KDB_WORDS_NAME	64u	/* of the longest command, with its zero byte */

/* A part of some text. */
struct kdb_words_token {
	const char	*text;
	size_t		length;
};

enum kdb_words_match {
	KDB_WORDS_NONE,
	KDB_WORDS_SEVERAL,
	KDB_WORDS_BEGINNING,
	KDB_WORDS_EXACT,
};

/* Each word of each table. */
#define KDB_WORDS_EACH(table_, word_)					\
	for (const struct kdb_table *table_ = kdb_command_tables();	\
	    table_ != NULL; table_ = table_->next)			\
		for (const struct kdb_word *word_ = table_->words;	\
		    word_ != NULL && word_->name != NULL; word_++)

static bool
kdb_words_is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' ||
	    c == '-';
}

static const char *
kdb_words_blanks(const char *at)
{
	while (*at == ' ' || *at == '\t') {
		at++;
	}
	return at;
}

/* The word at AT; false if what is there is none. */
static bool
kdb_words_token(const char *at, struct kdb_words_token *token)
{
	token->text = at;
	token->length = 0;
	while (kdb_words_is_letter(at[token->length])) {
		token->length++;
	}
	return *at >= 'a' && *at <= 'z' &&
	    strchr(" \t;", at[token->length]) != NULL;
}

static bool
kdb_words_same(const struct kdb_words_token *a,
    const struct kdb_words_token *b)
{
	return a->length == b->length &&
	    strncmp(a->text, b->text, a->length) == 0;
}

/* The word of NAME that comes after the words PATH, if it begins with those. */
static bool
kdb_words_after(const char *name, const char *path,
    struct kdb_words_token *token)
{
	size_t n = strlen(path);

	if (strncmp(name, path, n) != 0 ||
	    (n > 0 && name[n] != ' ')) {
		return false;
	}
	return kdb_words_token(name + n + (n > 0 ? 1 : 0), token);
}

/* What TOKEN means as the next word after PATH; *WORDP is that in full. */
static enum kdb_words_match
kdb_words_match(const char *path, const struct kdb_words_token *token,
    struct kdb_words_token *wordp)
{
	enum kdb_words_match match = KDB_WORDS_NONE;
	struct kdb_words_token next;

	KDB_WORDS_EACH(table, word) {
		if (!kdb_words_after(word->name, path, &next) ||
		    next.length < token->length ||
		    strncmp(next.text, token->text, token->length) != 0) {
			continue;
		}
		if (next.length == token->length) {
			*wordp = next;
			return KDB_WORDS_EXACT;
		}
		if (match == KDB_WORDS_NONE) {
			*wordp = next;
			match = KDB_WORDS_BEGINNING;
		} else if (!kdb_words_same(wordp, &next)) {
			match = KDB_WORDS_SEVERAL;
		}
	}
	return match;
}

static void
kdb_words_append(char path[static KDB_WORDS_NAME],
    const struct kdb_words_token *word)
{
	size_t n = strlen(path);

	snprintf(path + n, KDB_WORDS_NAME - n, "%s%.*s", n > 0 ? " " : "",
	    (int)word->length, word->text);
}

const struct kdb_word *
kdb_words_named(const char *path)
{
	KDB_WORDS_EACH(table, word) {
		if (strcmp(word->name, path) == 0) {
			return word;
		}
	}
	return NULL;
}

static bool
kdb_words_is_symbol(const struct kdb_words_token *token)
{
	struct kdb_symbol symbol;
	char name[KDB_WORDS_NAME];

	snprintf(name, sizeof(name), "%.*s", (int)token->length, token->text);
	return token->length < sizeof(name) &&
	    kdb_sym_find(kdb_task, name, &symbol);
}

/* Say which words may come after PATH that begin with TOKEN, or any if none does. */
static _Noreturn void
kdb_words_choose(const char *path, const struct kdb_words_token *token)
{
	static const struct kdb_words_token any = { "", 0 };
	struct kdb_words_token last = any;
	struct kdb_words_token next;

	if (kdb_words_match(path, token, &next) == KDB_WORDS_NONE) {
		kdb_printf("no command: %s %.*s\n", path, (int)token->length,
		    token->text);
		token = &any;
	}
	kdb_printf("%s%swhich?", path, path[0] != '\0' ? " " : "");
	KDB_WORDS_EACH(table, word) {
		if (kdb_words_after(word->name, path, &next) &&
		    strncmp(next.text, token->text, token->length) == 0 &&
		    !kdb_words_same(&next, &last)) {
			kdb_printf(" %.*s", (int)next.length, next.text);
			last = next;
		}
	}
	kdb_printf("\n");
	kdb_error_quit();
}

const struct kdb_word *
kdb_words_find(const char **textp)
{
	char path[KDB_WORDS_NAME] = "";
	const struct kdb_word *found = NULL;
	const char *at = *textp;
	struct kdb_words_token token;
	struct kdb_words_token word;

	while (kdb_words_token(at, &token)) {
		enum kdb_words_match match =
		    kdb_words_match(path, &token, &word);

		/* A symbol is meant rather than the beginning of a word. */
		if (match == KDB_WORDS_NONE || (match != KDB_WORDS_EXACT &&
		    path[0] == '\0' && kdb_words_is_symbol(&token))) {
			break;
		}
		if (match == KDB_WORDS_SEVERAL) {
			if (found != NULL) {
				break;
			}
			kdb_words_choose(path, &token);
		}
		kdb_words_append(path, &word);
		at = kdb_words_blanks(at + token.length);
		found = kdb_words_named(path);
	}
	if (found != NULL) {
		*textp = at;
	} else if (path[0] != '\0') {
		kdb_words_choose(path, &token);
	}
	return found;
}

/* ---- completion --------------------------------------------------------- */

/* Is NEXT the word after PATH of a command before WORD, too? */
static bool
kdb_words_seen(const struct kdb_word *until, const char *path,
    const struct kdb_words_token *next)
{
	struct kdb_words_token other;

	KDB_WORDS_EACH(table, word) {
		if (word == until) {
			return false;
		}
		if (kdb_words_after(word->name, path, &other) &&
		    kdb_words_same(&other, next)) {
			return true;
		}
	}
	return false;
}

/* The words of the LENGTH characters at TEXT but for the last, in full. */
static bool
kdb_words_path(const char *text, size_t length,
    char path[static KDB_WORDS_NAME], struct kdb_words_token *last)
{
	const char *end = text + length;
	struct kdb_words_token word;

	path[0] = '\0';
	for (text = kdb_words_blanks(text);; text = kdb_words_blanks(text)) {
		last->text = text;
		while (text < end && kdb_words_is_letter(*text)) {
			text++;
		}
		last->length = (size_t)(text - last->text);
		if (text >= end) {
			return true;
		}
		if ((*text != ' ' && *text != '\t') ||
		    kdb_words_match(path, last, &word) < KDB_WORDS_BEGINNING) {
			return false;
		}
		kdb_words_append(path, &word);
	}
}

const char *
kdb_words_completion(const char *text, size_t length, unsigned i,
    size_t *lengthp)
{
	char path[KDB_WORDS_NAME];
	struct kdb_words_token last;
	struct kdb_words_token next;

	if (!kdb_words_path(text, length, path, &last)) {
		return NULL;
	}
	KDB_WORDS_EACH(table, word) {
		if (kdb_words_after(word->name, path, &next) &&
		    next.length >= last.length &&
		    strncmp(next.text, last.text, last.length) == 0 &&
		    !kdb_words_seen(word, path, &next) && i-- == 0) {
			*lengthp = next.length;
			return next.text;
		}
	}
	return NULL;
}
