/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * Disks for the tests of the file server: images in files, made by mke2fs and
 * judged by e2fsck, with faults on demand.
 */
#ifndef TESTS_UNIT_SERVERS_FILE_FILE_IMAGE_H
#define TESTS_UNIT_SERVERS_FILE_FILE_IMAGE_H

#include <pthread.h>
#include <servers/file/disk.h>
#include <stdio.h>
#include <stdlib.h>
#include <tests/lib/server_test.h>

/* Checks that end the program: what follows would make no sense. */
#define MUST(c) do { \
	if (!(c)) { \
		test_fail(__FILE__, __LINE__, "%s", #c); \
		exit(1); \
	} \
} while (0)

#define MUST_KR(call, want) do { \
	kern_return_t must_kr = (call); \
	if (must_kr != (want)) { \
		test_fail(__FILE__, __LINE__, "%s gave %#x, not %#x", \
		    #call, (unsigned) must_kr, (unsigned) (want)); \
		exit(1); \
	} \
} while (0)

#define MUST_OK(call)	MUST_KR(call, KERN_SUCCESS)

/* What the file server is told about the memory that is left. */
extern bool file_image_memory_short;

struct image {
	struct disk	disk;
	int		fd;
	pthread_mutex_t	lock;
	uint32_t	reads;
	uint32_t	writes;
	uint32_t	writes_left;	/* then they are lost silently */
	bool		read_fails;
	bool		write_fails;
	bool		write_waits;	/* the next one, until it is false, */
	bool		write_is_there;	/* and it has come */
	pthread_cond_t	write_changed;	/* one of these has */
	char		path[256];
};

/* Make an image of KIB KiB with mke2fs ARGUMENTS. */
void image_make(struct image *image, const char *name, unsigned kib,
    const char *arguments);
/* Open the file once more, as after a boot. */
void image_attach(struct image *image);
void image_detach(struct image *image);
void image_remove(struct image *image);

/* The next write stays on its way to the disk; wait for it; let it go on. */
void image_hold_write(struct image *image);
void image_await_write(struct image *image);
void image_release_write(struct image *image);

/* e2fsck -fn must find nothing. */
void image_check_clean(struct image *image);
/* e2fsck -fy must be able to repair it. */
void image_repair(struct image *image);
/* Run "debugfs -w -R REQUEST". */
void image_debugfs(struct image *image, const char *request);

#endif /* TESTS_UNIT_SERVERS_FILE_FILE_IMAGE_H */
