/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * Symbols of programs for the kernel's debugger, read from their files when
 * they are executed, and of the emulation library; only if the kernel was
 * started with the option `kdb'.  Programs' call-frame rules are read, too, so
 * that they are in memory when it looks.
 */
#ifndef SERVERS_UNIX_UNIX_SYMBOLS_H
#define SERVERS_UNIX_UNIX_SYMBOLS_H

#include <servers/lib/mach.h>
#include <servers/unix/unix.h>

/* Bytes that one task's may be, and those that are being read together. */
#define SYMBOLS_MAX	(3u << 20)
#define SYMBOLS_TOTAL	(6u << 20)

/* [I] after the start: somebody wants them. */
extern bool symbols_wanted;

/* A program that was mapped BASE above where it was linked. */
struct symbols_program {
	struct file	*file;
	uint32_t	base;
};

/*
 * What the debugger knows of TASK, called NAME, shall be the symbols of the
 * COUNT programs: of their .symtab, or else .dynsym; or nothing if they have
 * none, too many, or cannot be read.  Nothing in the files is trusted.
 *
 * Locks:  unix_lock is held, and released meanwhile.  The caller has a right
 *         for TASK and references of the files.
 */
void symbols_tell(mach_port_t task, const char *name,
    const struct symbols_program *programs, unsigned count);

/*
 * The same of FILE, which has lines and values, too: it is what
 * kernel/kdb/tables made of the program, and is given to the kernel as it is.
 * False: that does not take it, or it is too large.
 */
bool symbols_tell_tables(mach_port_t task, const char *name, struct file *file);

#endif /* SERVERS_UNIX_UNIX_SYMBOLS_H */
