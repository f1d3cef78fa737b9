/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * The table of names: a hash of short chains.
 */

#include <servers/name/name_table.h>

#include <stdlib.h>
#include <string.h>

bool
name_valid(const char *name)
{
	size_t n = strnlen(name, sizeof(((struct name_entry *)0)->name));

	if (n == 0 || n >= sizeof(((struct name_entry *)0)->name)) {
		return false;
	}
	for (size_t i = 0; i < n; i++) {
		if ((unsigned char)name[i] < ' ' || name[i] == 0x7f) {
			return false;
		}
	}
	return true;
}

static struct name_entry **
name_bucket(struct name_table *table, const char *name)
{
	uint32_t hash = 5381;

	for (; *name != '\0'; name++) {
		hash = hash * 33 ^ (unsigned char)*name;
	}
	return &table->buckets[hash % NAME_TABLE_BUCKETS];
}

struct name_entry *
name_table_lookup(struct name_table *table, const char *name)
{
	struct name_entry *e = *name_bucket(table, name);

	while (e != NULL && strcmp(e->name, name) != 0) {
		e = e->next;
	}
	return e;
}

static kern_return_t
name_table_insert(struct name_table *table, const char *name, uint32_t port,
    bool system)
{
	struct name_entry **bucket = name_bucket(table, name);
	struct name_entry *e;

	if (!system && table->clients >= NAME_CLIENT_MAX) {
		return KERN_RESOURCE_SHORTAGE;
	}
	e = calloc(1, sizeof(*e));
	if (e == NULL) {
		return KERN_RESOURCE_SHORTAGE;
	}
	strcpy(e->name, name);
	e->port = port;
	e->system = system;
	e->next = *bucket;
	*bucket = e;
	table->clients += system ? 0 : 1;
	return KERN_SUCCESS;
}

kern_return_t
name_table_set(struct name_table *table, const char *name, uint32_t port,
    bool system, uint32_t *old)
{
	struct name_entry *e;

	if (!name_valid(name)) {
		return KERN_INVALID_ARGUMENT;
	}
	*old = 0;
	e = name_table_lookup(table, name);
	if (e == NULL) {
		return name_table_insert(table, name, port, system);
	}
	if (!system) {
		return KERN_NAME_EXISTS;
	}
	if (!e->system) {
		e->system = true;
		table->clients--;
	}
	*old = e->port;
	e->port = port;
	return KERN_SUCCESS;
}

/* Unlink and free the entry that *LINK leads to. */
static void
name_table_delete(struct name_table *table, struct name_entry **link)
{
	struct name_entry *e = *link;

	*link = e->next;
	if (!e->system) {
		table->clients--;
	}
	free(e);
}

/* What leads to the entry of NAME; it leads to NULL when there is none. */
static struct name_entry **
name_table_link(struct name_table *table, const char *name)
{
	struct name_entry **link = name_bucket(table, name);

	while (*link != NULL && strcmp((*link)->name, name) != 0) {
		link = &(*link)->next;
	}
	return link;
}

kern_return_t
name_table_remove(struct name_table *table, const char *name, uint32_t port)
{
	struct name_entry **link;

	if (!name_valid(name)) {
		return KERN_INVALID_ARGUMENT;
	}
	link = name_table_link(table, name);
	if (*link == NULL) {
		return KERN_INVALID_NAME;
	}
	if ((*link)->system || (*link)->port != port) {
		return KERN_NO_ACCESS;
	}
	name_table_delete(table, link);
	return KERN_SUCCESS;
}

kern_return_t
name_table_release(struct name_table *table, const char *name, uint32_t *old)
{
	struct name_entry **link = name_table_link(table, name);

	if (*link == NULL || !(*link)->system) {
		return KERN_INVALID_NAME;
	}
	*old = (*link)->port;
	name_table_delete(table, link);
	return KERN_SUCCESS;
}

bool
name_table_forget(struct name_table *table, uint32_t port)
{
	struct name_entry **link;

	for (unsigned i = 0; i < NAME_TABLE_BUCKETS; i++) {
		link = &table->buckets[i];
		while (*link != NULL && (*link)->port != port) {
			link = &(*link)->next;
		}
		if (*link == NULL) {
			continue;
		}
		if ((*link)->system) {
			(*link)->port = 0;
		} else {
			name_table_delete(table, link);
		}
		return true;
	}
	return false;
}

unsigned
name_table_count(const struct name_table *table, uint32_t port)
{
	const struct name_entry *e;
	unsigned n = 0;

	for (unsigned i = 0; i < NAME_TABLE_BUCKETS; i++) {
		for (e = table->buckets[i]; e != NULL; e = e->next) {
			n += e->port == port;
		}
	}
	return n;
}

size_t
name_table_list(const struct name_table *table, char *to, size_t room)
{
	const struct name_entry *e;
	size_t used = 0;
	size_t n;

	for (unsigned i = 0; i < NAME_TABLE_BUCKETS; i++) {
		for (e = table->buckets[i]; e != NULL; e = e->next) {
			if (e->port == 0) {
				continue;
			}
			n = strlen(e->name) + 1;
			if (used + n <= room) {
				memcpy(to + used, e->name, n);
			}
			used += n;
		}
	}
	return used;
}
