/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * Memory of the task of the thread that gdb has chosen, and the kernel's.
 */

#include <kernel/kdb/kdb_gdb_i.h>

#include <kernel/kdb/kdb_gdb_thread.h>
#include <kernel/kdb/kdb_mem.h>

#define KDB_GDB_BYTES	(KDB_GDB_PACKET_SIZE / 2)

static uint8_t kdb_gdb_bytes[KDB_GDB_PACKET_SIZE];

/* ADDRESS,LENGTH and END. */
static bool
kdb_gdb_scan_range(struct kdb_gdb_scan *scan, uint32_t *address,
    uint32_t *length, const char *end)
{
	return kdb_gdb_scan_number(scan, address) &&
	    kdb_gdb_scan_text(scan, ",") &&
	    kdb_gdb_scan_number(scan, length) && kdb_gdb_scan_text(scan, end);
}

/* As many as are there, up to N; gdb asks for the rest, if it wants it. */
static size_t
kdb_gdb_fetch(uint32_t address, size_t n)
{
	struct task *task = kdb_gdb_thread_task(kdb_gdb_state.thread);

	return kdb_mem_read_most(task, address, kdb_gdb_bytes,
	    n < KDB_GDB_BYTES ? n : KDB_GDB_BYTES);
}

void
kdb_gdb_read(struct kdb_gdb_call *call)
{
	uint32_t address;
	uint32_t length;
	size_t n;

	if (!kdb_gdb_scan_range(&call->in, &address, &length, "") ||
	    !kdb_gdb_scan_done(&call->in)) {
		kdb_gdb_bad(call);
		return;
	}
	n = kdb_gdb_fetch(address, length);
	if (n == 0 && length > 0) {
		kdb_gdb_bad(call);
		return;
	}
	kdb_gdb_reply_bytes(&call->out, kdb_gdb_bytes, n);
}

typedef bool (*kdb_gdb_scan_fn_t)(struct kdb_gdb_scan *scan, void *to,
    size_t n);

static void
kdb_gdb_store(struct kdb_gdb_call *call, kdb_gdb_scan_fn_t scan)
{
	uint32_t address;
	uint32_t length;

	if (kdb_gdb_scan_range(&call->in, &address, &length, ":") &&
	    length <= sizeof(kdb_gdb_bytes) &&
	    scan(&call->in, kdb_gdb_bytes, length) &&
	    kdb_gdb_scan_done(&call->in) && (length == 0 ||
	    kdb_mem_write(kdb_gdb_thread_task(kdb_gdb_state.thread), address,
	    kdb_gdb_bytes, length))) {
		kdb_gdb_ok(call);
	} else {
		kdb_gdb_bad(call);
	}
}

void
kdb_gdb_write(struct kdb_gdb_call *call)
{
	kdb_gdb_store(call, kdb_gdb_scan_bytes);
}

void
kdb_gdb_write_binary(struct kdb_gdb_call *call)
{
	kdb_gdb_store(call, kdb_gdb_scan_binary);
}
