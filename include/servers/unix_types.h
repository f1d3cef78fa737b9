/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * What the UNIX server and its emulation library share in messages.
 */
#ifndef SERVERS_UNIX_TYPES_H
#define SERVERS_UNIX_TYPES_H

#include <stdint.h>

/* Bytes of read and write data in one unix_call, and of a message's data. */
#define UNIX_IO_MAX		8192
#define UNIX_DATA_MAX		8448

typedef char unix_data_t[UNIX_DATA_MAX];
typedef const char *unix_data_in_t;

typedef struct unix_args {
	uint32_t	a[6];
} unix_args_t;

/* The general registers of a program; flags and segments as it set them. */
typedef struct unix_frame {
	uint32_t	gs;
	uint32_t	fs;
	uint32_t	es;
	uint32_t	ds;
	uint32_t	edi;
	uint32_t	esi;
	uint32_t	ebp;
	uint32_t	esp;
	uint32_t	ebx;
	uint32_t	edx;
	uint32_t	ecx;
	uint32_t	eax;
	uint32_t	eip;
	uint32_t	efl;
	uint32_t	call;		/* the call's number, ~0: not in a call */
	uint32_t	entry;		/* enum unix_entry */
	uint32_t	tls_low;	/* descriptor behind %gs, 0 0: none */
	uint32_t	tls_high;
	uint32_t	spare[2];
} unix_frame_t;
_Static_assert(sizeof(struct unix_frame) == 20 * 4, "layout of unix_frame");

/* How the thread came into the library: how a call is issued again. */
enum unix_entry {
	UNIX_ENTRY_NONE,	/* it did not: interrupted anywhere */
	UNIX_ENTRY_SYSINFO,	/* call of the entry: go back before it */
	UNIX_ENTRY_TRAP		/* int $0x80: two bytes back */
};

/* A signal for a handler: all that its frame on the stack needs. */
typedef struct unix_signal {
	uint32_t	number;		/* 0: none */
	uint32_t	handler;
	uint32_t	flags;		/* SA_* */
	uint32_t	restorer;
	uint32_t	old_mask[2];	/* to be restored afterwards */
	uint32_t	new_mask[2];
	uint32_t	trap;		/* of a fault: trap number, error, cr2 */
	uint32_t	error;
	uint32_t	fault_address;
	uint32_t	spare;
	uint32_t	info[32];	/* siginfo_t */
} unix_signal_t;
_Static_assert(sizeof(struct unix_signal) == 44 * 4, "layout of unix_signal");

/* In EVENTS: there are signals to take. */
#define UNIX_EVENT_SIGNAL	0x0001

/* Kinds of descriptor: who answers reads and writes. */
#define UNIX_HANDLE_SERVER	0	/* the UNIX server, by unix_call */
#define UNIX_HANDLE_FILE	1	/* PORT, by file.defs */
#define UNIX_HANDLE_NULL	2	/* the library: /dev/null */
#define UNIX_HANDLE_ZERO	3	/* the library: /dev/zero */
#define UNIX_HANDLE_KIND	0xff
/* With the kind: how it was opened. */
#define UNIX_HANDLE_READ	0x100
#define UNIX_HANDLE_WRITE	0x200

#endif /* SERVERS_UNIX_TYPES_H */
