/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Finding commands that are words.
 */
#ifndef KERNEL_KDB_KDB_WORDS_H
#define KERNEL_KDB_KDB_WORDS_H

#include <stdbool.h>
#include <stddef.h>

struct kdb_word;

/*
 * The word that *TEXTP begins with, which moves behind it and the blanks there;
 * NULL if it begins with none.  Errors: it may mean several, or more words are
 * expected.
 */
const struct kdb_word *kdb_words_find(const char **textp);

/* The one that NAME says in full, or NULL. */
const struct kdb_word *kdb_words_named(const char *name);

/*
 * The I-th of all words that could complete the last of the LENGTH characters
 * at TEXT, the words before it being those of a command; NULL at the end.  Its
 * length goes to *LENGTHP.
 */
const char *kdb_words_completion(const char *text, size_t length, unsigned i,
    size_t *lengthp);

#endif /* KERNEL_KDB_KDB_WORDS_H */
