/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

#include <kernel/kdb/kdb_gdb_text.h>

#include <string.h>

#define KDB_GDB_ESCAPE		'}'
#define KDB_GDB_ESCAPE_XOR	0x20u

const char kdb_gdb_digits[] = "0123456789abcdef";

int
kdb_gdb_digit(char c)
{
	if (c >= '0' && c <= '9') {
		return c - '0';
	}
	if (c >= 'a' && c <= 'f') {
		return c - 'a' + 10;
	}
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

size_t
kdb_gdb_scan_left(const struct kdb_gdb_scan *scan)
{
	return (size_t)(scan->end - scan->at);
}

bool
kdb_gdb_scan_done(const struct kdb_gdb_scan *scan)
{
	return scan->at == scan->end;
}

bool
kdb_gdb_scan_text(struct kdb_gdb_scan *scan, const char *text)
{
	size_t n = strlen(text);

	if (kdb_gdb_scan_left(scan) < n || memcmp(scan->at, text, n) != 0) {
		return false;
	}
	scan->at += n;
	return true;
}

bool
kdb_gdb_scan_number(struct kdb_gdb_scan *scan, uint32_t *value)
{
	const uint8_t *at = scan->at;
	uint32_t n = 0;

	for (; at < scan->end && kdb_gdb_digit((char)*at) >= 0; at++) {
		if (n >> 28 != 0) {
			return false;
		}
		n = n << 4 | (uint32_t)kdb_gdb_digit((char)*at);
	}
	if (at == scan->at) {
		return false;
	}
	scan->at = at;
	*value = n;
	return true;
}

bool
kdb_gdb_scan_bytes(struct kdb_gdb_scan *scan, void *to, size_t n)
{
	uint8_t *bytes = to;

	if (kdb_gdb_scan_left(scan) / 2 < n) {
		return false;
	}
	for (size_t i = 0; i < n; i++) {
		int high = kdb_gdb_digit((char)scan->at[2 * i]);
		int low = kdb_gdb_digit((char)scan->at[2 * i + 1]);

		if (high < 0 || low < 0) {
			return false;
		}
		bytes[i] = (uint8_t)(high << 4 | low);
	}
	scan->at += 2 * n;
	return true;
}

bool
kdb_gdb_scan_binary(struct kdb_gdb_scan *scan, void *to, size_t n)
{
	const uint8_t *at = scan->at;
	uint8_t *bytes = to;

	for (size_t i = 0; i < n; i++) {
		uint8_t quoted = 0;

		if (at < scan->end && *at == KDB_GDB_ESCAPE) {
			quoted = KDB_GDB_ESCAPE_XOR;
			at++;
		}
		if (at == scan->end) {
			return false;
		}
		bytes[i] = *at++ ^ quoted;
	}
	scan->at = at;
	return true;
}

static void
kdb_gdb_reply_char(struct kdb_gdb_reply *reply, char c)
{
	if (reply->used < reply->size) {
		reply->text[reply->used++] = c;
	} else {
		reply->cut = true;
	}
}

void
kdb_gdb_reply_text(struct kdb_gdb_reply *reply, const char *text)
{
	while (*text != '\0') {
		kdb_gdb_reply_char(reply, *text++);
	}
}

void
kdb_gdb_reply_number(struct kdb_gdb_reply *reply, uintptr_t value)
{
	unsigned shift = 28;

	while (shift > 0 && value >> shift == 0) {
		shift -= 4;
	}
	for (;; shift -= 4) {
		kdb_gdb_reply_char(reply, kdb_gdb_digits[value >> shift & 0xf]);
		if (shift == 0) {
			return;
		}
	}
}

void
kdb_gdb_reply_bytes(struct kdb_gdb_reply *reply, const void *bytes, size_t n)
{
	const uint8_t *at = bytes;

	for (size_t i = 0; i < n; i++) {
		kdb_gdb_reply_char(reply, kdb_gdb_digits[at[i] >> 4]);
		kdb_gdb_reply_char(reply, kdb_gdb_digits[at[i] & 0xf]);
	}
}
