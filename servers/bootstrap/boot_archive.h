/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * The programs and the start list that were linked into this image.
 */
#ifndef SERVERS_BOOTSTRAP_BOOT_ARCHIVE_H
#define SERVERS_BOOTSTRAP_BOOT_ARCHIVE_H

#include <stddef.h>

struct boot_image {
	const char		*name;
	const unsigned char	*start;		/* page-aligned */
	const unsigned char	*end;
};

/* Made by make-archive. */
extern const struct boot_image boot_archive_table[];
extern const char boot_archive_list[];

/* The program NAME, or NULL. */
const struct boot_image *boot_archive_lookup(const char *name);

/*
 * The tables of IMAGE for the kernel's debugger, or NULL: this archive has none,
 * or IMAGE is not of it.
 */
const struct boot_image *boot_archive_tables(const struct boot_image *image);

#endif /* SERVERS_BOOTSTRAP_BOOT_ARCHIVE_H */
