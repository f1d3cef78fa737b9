/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

#include <kernel/kdb/kdb_complete.h>

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <kernel/kdb/kdb_error.h>
#include <kernel/kdb/kdb_mem.h>
#include <kernel/kdb/kdb_name.h>
#include <kernel/kdb/kdb_out.h>
#include <kernel/kdb/kdb_sym.h>
#include <kernel/kdb/kdb_words.h>

/* How far we are: words come first, then symbols. */
static unsigned kdb_complete_words;
static unsigned kdb_complete_cookie;

static bool
kdb_complete_is_part(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (c >= '0' && c <= '9') || c == '_' || c == '.';
}

/* How long the name is that TEXT ends with. */
static size_t
kdb_complete_part(const char *text, size_t length)
{
	size_t n = 0;

	while (n < length && kdb_complete_is_part(text[length - n - 1])) {
		n++;
	}
	return n;
}

/* Where the last request of TEXT begins. */
static size_t
kdb_complete_request(const char *text, size_t length)
{
	while (length > 0 && text[length - 1] != ';') {
		length--;
	}
	return length;
}

/* Are there but blanks before what is to be completed? */
static bool
kdb_complete_is_first(const char *text, size_t length)
{
	while (length > 0 && text[length - 1] == ' ') {
		length--;
	}
	return length == 0;
}

static const char *
kdb_complete_symbol(const char *text, size_t part)
{
	static struct kdb_symbol symbol;
	char prefix[KDB_NAME_SIZE];

	if (part == 0 || part >= sizeof(prefix)) {
		return NULL;
	}
	snprintf(prefix, sizeof(prefix), "%.*s", (int)part, text);
	return kdb_sym_next(kdb_task, prefix, &kdb_complete_cookie, &symbol) ?
	    symbol.name : NULL;
}

struct kdb_complete_asked {
	const char	*text;
	size_t		length;
	unsigned	i;
	const char	*found;
	size_t		found_length;
	size_t		replaced;
};

static void
kdb_complete_find(void *arg)
{
	struct kdb_complete_asked *asked = arg;
	const char *text = asked->text;
	size_t length = asked->length;
	size_t part = kdb_complete_part(text, length);
	size_t request = kdb_complete_request(text, length);
	bool only_words;

	asked->replaced = part;
	if (asked->i == 0) {
		kdb_complete_words = 0;
		kdb_complete_cookie = 0;
	}
	if (asked->i == kdb_complete_words) {
		asked->found = kdb_words_completion(text + request,
		    length - request, asked->i, &asked->found_length);
		kdb_complete_words += asked->found != NULL ? 1 : 0;
	}
	only_words = kdb_complete_words > 0 &&
	    !kdb_complete_is_first(text + request, length - request - part);
	if (asked->found == NULL && !only_words) {
		asked->found = kdb_complete_symbol(text + length - part, part);
		asked->found_length = asked->found != NULL ?
		    strlen(asked->found) : 0;
	}
}

const char *
kdb_complete(const char *text, size_t length, unsigned i, size_t *lengthp,
    size_t *replacedp)
{
	struct kdb_complete_asked asked = { text, length, i, NULL, 0, 0 };

	/* In tables that may be damaged, while somebody types. */
	kdb_out_mute(true);
	if (!kdb_error_catch(kdb_complete_find, &asked)) {
		asked.found = NULL;
	}
	kdb_out_mute(false);
	*lengthp = asked.found_length;
	*replacedp = asked.replaced;
	return asked.found;
}
