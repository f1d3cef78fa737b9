/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * Windows: parts of files' memory objects that the server itself has mapped, to
 * copy what clients read and write.  They are pageable, though the server's memory is
 * wired: a fault in one becomes a page-in from this server, by other threads.
 *
 * A window that nobody uses stays mapped until another needs its place, or its
 * file's pages are forgotten.  While it is there the kernel keeps the object.
 */
#ifndef SERVERS_FILE_FILE_WINDOW_H
#define SERVERS_FILE_FILE_WINDOW_H

#include <servers/lib/object.h>
#include <stdbool.h>
#include <stdint.h>

#define FILE_WINDOW_SIZE	(256u * 1024)

struct file_window {
	struct file_window	*next;		/* [w] in its bucket */
	struct object		*object;	/* [w] referenced; NULL: unused */
	uint32_t		index;		/* [w] of FILE_WINDOW_SIZE */
	uint8_t			*memory;	/* [w] fixed while referenced */
	vm_size_t		size;		/* [w] fixed while referenced */
	unsigned		refs;		/* [w] */
	uint32_t		used;		/* [w] when, last */
	bool			writable;	/* [w] */
	bool			hidden;		/* [w] not in its bucket: ends
						   with its last reference */
};

/* Once.  HOST: the privileged host port, or any. */
void file_window_setup(mach_port_t host);

/*
 * The window on part INDEX of the memory object of OBJECT, which is no longer
 * than SIZE there, to read, and with WRITE to write, too.
 *
 * Refs:    the caller gets one, for file_window_put.
 * Returns: UNIX_EAGAIN when there is none to be had.
 */
kern_return_t file_window_get(struct object *object, uint32_t index,
    vm_size_t size, bool write, struct file_window **windowp);

void file_window_put(struct file_window *window);

/* Unmap all windows on OBJECT, those in use when they no longer are. */
void file_window_forget(struct object *object);

#endif /* SERVERS_FILE_FILE_WINDOW_H */
