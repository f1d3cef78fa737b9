/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * What the pretend machine needs of the host.  The one file behind it is the
 * only one that sees the host's C library; this header uses only types that
 * both sides agree on.
 */

#ifndef PRETEND_HOST_H
#define PRETEND_HOST_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct host_fiber;

/* The fiber that main() runs on. */
struct host_fiber *host_fiber_main(void);
struct host_fiber *host_fiber_create(void (*fn)(void *arg), void *arg);
/* Not the one that runs. */
void host_fiber_destroy(struct host_fiber *fiber);
void host_fiber_switch(struct host_fiber *from, struct host_fiber *to);

void *host_alloc(size_t size);		/* zeroed; never NULL */
void host_free(void *p);

/* Physical memory of SIZE bytes at the fixed address BASE. */
void host_memory_create(uintptr_t base, size_t size);
/* Show the page at OFFSET of it at VA too, or nothing. */
void host_memory_map(uintptr_t va, size_t offset, size_t n, bool write);
void host_memory_unmap(uintptr_t va, size_t n);
void *host_memory_at(size_t offset);
/* Called in a child process with a copy of memory; in pmap.c. */
void pretend_remap(void);

/* Copy N bytes of this process from ADDRESS, if they are there. */
bool host_peek(uintptr_t address, void *to, size_t n);

void host_write(const char *bytes, size_t n);
void host_vprint(const char *format, va_list args);
void host_trace(void);
_Noreturn void host_exit(int status);
const char *host_option(const char *name);
/* Die with a message unless called again within so many seconds. */
void host_watchdog(unsigned seconds);
/* Run FN in a child process; returns its exit status and what it printed. */
int host_run_child(void (*fn)(void *arg), void *arg, char *output,
    size_t size);

#endif
