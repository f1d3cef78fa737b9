/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * The start list, parsed word by word.
 */

#include <servers/bootstrap/boot_list.h>

#include <stdlib.h>
#include <string.h>

#define BOOT_LIST_LINE_MAX	255

/* Copy the line at *TEXT, without its comment, and move on behind it. */
static bool
boot_list_line(const char **text, char line[BOOT_LIST_LINE_MAX + 1])
{
	size_t n = strcspn(*text, "\n");
	size_t used = n;
	bool fits;
	char *comment;

	fits = n <= BOOT_LIST_LINE_MAX;
	if (!fits) {
		used = BOOT_LIST_LINE_MAX;
	}
	memcpy(line, *text, used);
	line[used] = '\0';
	comment = strchr(line, '#');
	if (comment != NULL) {
		*comment = '\0';
	}
	*text += n;
	if (**text == '\n') {
		(*text)++;
	}
	return fits;
}

static bool
boot_list_name(char to[BOOT_LIST_NAME_MAX + 1], const char *from)
{
	size_t n = strlen(from);

	if (n == 0 || n > BOOT_LIST_NAME_MAX) {
		return false;
	}
	memcpy(to, from, n + 1);
	return true;
}

static bool
boot_list_add_use(struct boot_entry *entry, const char *name)
{
	for (unsigned i = 0; i < BOOT_LIST_USES_MAX; i++) {
		if (entry->uses[i][0] == '\0') {
			return boot_list_name(entry->uses[i], name);
		}
	}
	return false;
}

bool
boot_list_uses(const struct boot_entry *entry, const char *name)
{
	for (unsigned i = 0; i < BOOT_LIST_USES_MAX; i++) {
		if (entry->uses[i][0] != '\0' &&
		    strcmp(entry->uses[i], name) == 0) {
			return true;
		}
	}
	return false;
}

static bool
boot_list_option(struct boot_entry *entry, const char *option)
{
	char *end;

	if (strcmp(option, "privileged") == 0) {
		entry->privileged = true;
		return true;
	}
	if (strcmp(option, "wired") == 0) {
		entry->wired = true;
		return true;
	}
	if (strncmp(option, "wired=", 6) == 0) {
		entry->wired = true;
		entry->wired_min = (unsigned)strtoul(option + 6, &end, 10);
		return *end == '\0' && end != option + 6 &&
		    entry->wired_min <= 4096;
	}
	if (strcmp(option, "shutdown") == 0) {
		entry->shutdown = true;
		return true;
	}
	if (strcmp(option, "essential") == 0) {
		entry->essential = true;
		return true;
	}
	if (strncmp(option, "timeout=", 8) == 0) {
		entry->timeout = (unsigned)strtoul(option + 8, &end, 10);
		return *end == '\0' && end != option + 8 &&
		    entry->timeout <= 3600;
	}
	if (strncmp(option, "image=", 6) == 0) {
		return boot_list_name(entry->image, option + 6);
	}
	if (strncmp(option, "offers=", 7) == 0) {
		return boot_list_name(entry->offers, option + 7);
	}
	if (strncmp(option, "uses=", 5) == 0) {
		return boot_list_add_use(entry, option + 5);
	}
	return strcmp(option, "-") == 0;
}

/* NULL, or why LINE, which has at least one word, is wrong. */
static const char *
boot_list_parse(char *line, struct boot_entry *entry)
{
	char *words;
	char *options;
	char *word;
	char *rest;

	memset(entry, 0, sizeof(*entry));
	entry->timeout = BOOT_LIST_TIMEOUT;
	word = strtok_r(line, " \t\r", &words);
	if (!boot_list_name(entry->name, word)) {
		return "name too long";
	}
	strcpy(entry->image, entry->name);
	options = strtok_r(NULL, " \t\r", &words);
	if (options == NULL) {
		return "no options; - for none";
	}
	word = strtok_r(options, ",", &rest);
	while (word != NULL) {
		if (!boot_list_option(entry, word)) {
			return "unknown option";
		}
		word = strtok_r(NULL, ",", &rest);
	}
	word = strtok_r(NULL, " \t\r", &words);
	while (word != NULL) {
		if (entry->argc == BOOT_LIST_ARGS_MAX) {
			return "too many arguments";
		}
		entry->argv[entry->argc] = strdup(word);
		if (entry->argv[entry->argc] == NULL) {
			return "no memory";
		}
		entry->argc++;
		word = strtok_r(NULL, " \t\r", &words);
	}
	return NULL;
}

bool
boot_list_next(const char **text, unsigned *line, struct boot_entry *entry,
    void (*report)(unsigned line, const char *why))
{
	char buffer[BOOT_LIST_LINE_MAX + 1];
	const char *why;

	while (**text != '\0') {
		(*line)++;
		if (!boot_list_line(text, buffer)) {
			report(*line, "line too long");
			continue;
		}
		if (buffer[strspn(buffer, " \t\r")] == '\0') {
			continue;
		}
		why = boot_list_parse(buffer, entry);
		if (why == NULL) {
			return true;
		}
		for (unsigned i = 0; i < entry->argc; i++) {
			free(entry->argv[i]);
		}
		report(*line, why);
	}
	return false;
}
