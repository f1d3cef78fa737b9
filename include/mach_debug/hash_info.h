/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/* Buckets of a hash table of the kernel. */

#ifndef MACH_DEBUG_HASH_INFO_H
#define MACH_DEBUG_HASH_INFO_H

typedef struct hash_info_bucket {
	unsigned int	hib_count;	/* entries in the chain */
} hash_info_bucket_t;

typedef hash_info_bucket_t	*hash_info_bucket_array_t;

#endif /* MACH_DEBUG_HASH_INFO_H */
