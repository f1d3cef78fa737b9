/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Names of messages, from a table that is made of all interfaces' definitions:
 * msgs.awk.
 */
#ifndef KERNEL_KDB_KDB_MSGS_H
#define KERNEL_KDB_KDB_MSGS_H

#include <stddef.h>

#include <mach/message.h>

#define KDB_MSGS_TEXT	80u

struct kdb_msgs_interface {
	const char	*name;
	mach_msg_id_t	base;
	mach_msg_id_t	count;
	const char	*routines;	/* so many strings in a row: "" for
					 * none, "-name" for one that is not
					 * answered */
};

/* Ends with one that has no name. */
extern const struct kdb_msgs_interface kdb_msgs_table[];

/*
 * What messages with ID are: "file.file_read", "file.file_read reply", more than
 * one with "or" between; "" if no interface has them.
 */
void kdb_msgs_text(mach_msg_id_t id, char *text, size_t size);

/* Print "id 71000 file.file_read". */
void kdb_msgs_print(mach_msg_id_t id);

#endif /* KERNEL_KDB_KDB_MSGS_H */
