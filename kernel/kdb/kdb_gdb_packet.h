/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * gdb's packets, $data#checksum, on the console's serial line that is the
 * debugger's: each is acknowledged, or asked for again.
 */
#ifndef KERNEL_KDB_KDB_GDB_PACKET_H
#define KERNEL_KDB_KDB_GDB_PACKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define KDB_GDB_PACKET_SIZE	1024u	/* of the data */

/*
 * Wait for a good packet, which is acknowledged; its data, good up to the next
 * call, with a zero byte behind.  NULL: it is no gdb, but somebody who types
 * return again and again.
 */
const uint8_t *kdb_gdb_packet_get(size_t *sizep);

/*
 * Something is at work for the last one: does somebody want it to end?  By ^C, or by
 * beginning a packet, for which kdb_gdb_packet_get() is the next to be called: gdb
 * does not wait for the answer any more.
 */
bool kdb_gdb_packet_waits(void);

/*
 * Did gdb's interrupt come between packets, and was not taken since?  gdb may be told
 * to stop while it is still about to let the system go on: then it sends the
 * interrupt first, and waits for the stop.  By one processor at a time.
 */
bool kdb_gdb_packet_take_interrupt(void);

/*
 * Send N bytes of DATA until they are acknowledged; not at all when there is a packet
 * instead of that already.
 */
void kdb_gdb_packet_put(const char *data, size_t n);

/* Send them once; somebody else gets the acknowledgement. */
void kdb_gdb_packet_say(const char *data, size_t n);

#endif /* KERNEL_KDB_KDB_GDB_PACKET_H */
