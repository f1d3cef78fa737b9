/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * What is in gdb's packets: hexadecimal numbers, bytes as two digits each, and
 * a few letters.
 */
#ifndef KERNEL_KDB_KDB_GDB_TEXT_H
#define KERNEL_KDB_KDB_GDB_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

extern const char kdb_gdb_digits[];

/* The value of digit C; -1: it is none. */
int kdb_gdb_digit(char c);

/* ---- what is read ------------------------------------------------------- */

struct kdb_gdb_scan {
	const uint8_t	*at;
	const uint8_t	*end;
};

/* Each goes on behind what it found, or returns false and stays. */
bool kdb_gdb_scan_text(struct kdb_gdb_scan *scan, const char *text);
bool kdb_gdb_scan_number(struct kdb_gdb_scan *scan, uint32_t *value);
bool kdb_gdb_scan_bytes(struct kdb_gdb_scan *scan, void *to, size_t n);

/* The same of N bytes as they are, but with some that are quoted. */
bool kdb_gdb_scan_binary(struct kdb_gdb_scan *scan, void *to, size_t n);

bool kdb_gdb_scan_done(const struct kdb_gdb_scan *scan);

/* How many bytes of the packet are left. */
size_t kdb_gdb_scan_left(const struct kdb_gdb_scan *scan);

/* ---- what is said ------------------------------------------------------- */

struct kdb_gdb_reply {
	char	*text;
	size_t	size;
	size_t	used;
	bool	cut;		/* not all of it had room */
};

void kdb_gdb_reply_text(struct kdb_gdb_reply *reply, const char *text);
void kdb_gdb_reply_number(struct kdb_gdb_reply *reply, uintptr_t value);
void kdb_gdb_reply_bytes(struct kdb_gdb_reply *reply, const void *bytes,
    size_t n);

#endif /* KERNEL_KDB_KDB_GDB_TEXT_H */
