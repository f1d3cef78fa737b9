/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

#include <kernel/kdb/kdb_complete.h>

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <kernel/kdb/kdb_mem.h>
#include <kernel/kdb/kdb_name.h>
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

const char *
kdb_complete(const char *text, size_t length, unsigned i, size_t *lengthp,
    size_t *replacedp)
{
	size_t part = kdb_complete_part(text, length);
	size_t request = kdb_complete_request(text, length);
	const char *found = NULL;
	bool only_words;

	if (i == 0) {
		kdb_complete_words = 0;
		kdb_complete_cookie = 0;
	}
	if (i == kdb_complete_words) {
		found = kdb_words_completion(text + request, length - request,
		    i, lengthp);
		kdb_complete_words += found != NULL ? 1 : 0;
	}
	only_words = kdb_complete_words > 0 &&
	    !kdb_complete_is_first(text + request, length - request - part);
	if (found == NULL && !only_words) {
		found = kdb_complete_symbol(text + length - part, part);
		*lengthp = found != NULL ? strlen(found) : 0;
	}
	*replacedp = part;
	return found;
}
