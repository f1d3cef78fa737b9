/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * Copying to and from memory that may turn out not to be there: pages of files
 * that cannot be read from the disk, or that were cut off meanwhile.
 */
#ifndef SERVERS_FILE_FILE_GUARD_H
#define SERVERS_FILE_FILE_GUARD_H

#include <mach/kern_return.h>
#include <stdbool.h>
#include <stddef.h>

/* Once, before the first copy. */
kern_return_t file_guard_setup(void);

/*
 * Copy SIZE bytes; false when some of them could not be read or written.  Waits
 * for page-ins: no lock may be held that those need.
 */
bool file_guard_copy(void *to, const void *from, size_t size);

#endif /* SERVERS_FILE_FILE_GUARD_H */
