/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * os.h with the C library's threads, the same in the server and on the host.
 * os_log is the server's own.
 */
#include <servers/file/os.h>

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

_Static_assert(sizeof(pthread_mutex_t) <= sizeof(struct os_mutex), "mutex");
_Static_assert(sizeof(pthread_cond_t) <= sizeof(struct os_cond), "condition");

static pthread_mutex_t *
os_mutex_native(struct os_mutex *mutex)
{
	return (pthread_mutex_t *) mutex->opaque;
}

static pthread_cond_t *
os_cond_native(struct os_cond *cond)
{
	return (pthread_cond_t *) cond->opaque;
}

void
os_mutex_init(struct os_mutex *mutex)
{
	(void) pthread_mutex_init(os_mutex_native(mutex), NULL);
}

void
os_mutex_fini(struct os_mutex *mutex)
{
	(void) pthread_mutex_destroy(os_mutex_native(mutex));
}

void
os_mutex_lock(struct os_mutex *mutex)
{
	int error = pthread_mutex_lock(os_mutex_native(mutex));

	assert(error == 0);
}

void
os_mutex_unlock(struct os_mutex *mutex)
{
	int error = pthread_mutex_unlock(os_mutex_native(mutex));

	assert(error == 0);
}

void
os_cond_init(struct os_cond *cond)
{
	(void) pthread_cond_init(os_cond_native(cond), NULL);
}

void
os_cond_fini(struct os_cond *cond)
{
	(void) pthread_cond_destroy(os_cond_native(cond));
}

void
os_cond_wait(struct os_cond *cond, struct os_mutex *mutex)
{
	(void) pthread_cond_wait(os_cond_native(cond),
	    os_mutex_native(mutex));
}

void
os_cond_broadcast(struct os_cond *cond)
{
	(void) pthread_cond_broadcast(os_cond_native(cond));
}

void
os_clock(struct file_time *timep)
{
	struct timespec now = { 0, 0 };

	(void) clock_gettime(CLOCK_REALTIME, &now);
	timep->sec = now.tv_sec;
	timep->nsec = now.tv_nsec;
}

void *
os_pages_alloc(size_t size)
{
	void *pages = mmap(NULL, size, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return pages == MAP_FAILED ? NULL : pages;
}

void
os_pages_free(void *pages, size_t size)
{
	if (pages != NULL) {
		(void) munmap(pages, size);
	}
}
