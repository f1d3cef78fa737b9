/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * The little that the logic of the file server needs from the world around it:
 * mutual exclusion, waiting, the time, memory in pages (os.c) and a log, which
 * is the server's or the test's.
 */
#ifndef SERVERS_FILE_OS_H
#define SERVERS_FILE_OS_H

#include <servers/file_types.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct os_mutex {
	uint32_t opaque[8];
};

struct os_cond {
	uint32_t opaque[14];
};

void os_mutex_init(struct os_mutex *mutex);
void os_mutex_fini(struct os_mutex *mutex);
void os_mutex_lock(struct os_mutex *mutex);
void os_mutex_unlock(struct os_mutex *mutex);

void os_cond_init(struct os_cond *cond);
void os_cond_fini(struct os_cond *cond);
/* Releases MUTEX, waits, takes it again; may return without a wakeup. */
void os_cond_wait(struct os_cond *cond, struct os_mutex *mutex);
void os_cond_broadcast(struct os_cond *cond);

/* Time of day. */
void os_clock(struct file_time *timep);

/* Zero-filled whole pages; NULL when there are none. */
void *os_pages_alloc(size_t size);
void os_pages_free(void *pages, size_t size);	/* NULL: nothing */

/* Is so little memory free that others wait for it?  Server's or test's. */
bool os_memory_short(void);

/* One line for the log; bounded in rate by the callers. */
void os_log(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif /* SERVERS_FILE_OS_H */
