/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * The programs that were linked into this image.
 */

#include <servers/bootstrap/boot_archive.h>

#include <stdio.h>
#include <string.h>

const struct boot_image *
boot_archive_lookup(const char *name)
{
	const struct boot_image *i;

	for (i = boot_archive_table; i->name != NULL; i++) {
		if (strcmp(i->name, name) == 0) {
			return i;
		}
	}
	return NULL;
}

const struct boot_image *
boot_archive_tables(const struct boot_image *image)
{
	char name[64];

	if (boot_archive_lookup(image->name) != image) {
		return NULL;
	}
	snprintf(name, sizeof(name), "%s.tables", image->name);
	return boot_archive_lookup(name);
}
