/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * What main.c and file_rpc.c share.
 *
 * Ports: each handle has one (object class `file', a struct file_port); the
 * control port and the public one, which is a handle of the root directory for
 * nobody in particular, stay for ever; each mapped file's pager has one.
 */
#ifndef SERVERS_FILE_FILE_H
#define SERVERS_FILE_FILE_H

#include <servers/file/file_handle.h>
#include <servers/lib/object.h>

/*
 * Threads that answer requests, at most; and those that are there before memory
 * is short, when there is none for their stacks.
 */
#define FILE_THREADS	46
#define FILE_THREADS_MIN	6
/* Bytes; memory_object_create_proxy has messages of 16 KiB in its frame. */
#define FILE_STACK_SIZE	32768

/* Who nobody in particular is. */
#define FILE_NOBODY	65534

/* Make the control port and the public port for FS; KEPT: file_pager.h. */
kern_return_t file_rpc_setup(struct ext2_fs *fs, unsigned kept,
    size_t unclean);

/* The public port; the control port. */
struct object *file_rpc_public(void);
struct object *file_rpc_control(void);

/* Write everything and mark the disk clean; no more changes. */
void file_rpc_shutdown(void);

#endif /* SERVERS_FILE_FILE_H */
