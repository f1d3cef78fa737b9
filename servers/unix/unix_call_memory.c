/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * Calls on mapped memory.
 */
#include <servers/unix/unix_call.h>

#include <servers/unix/unix_memory.h>

/*
 * The library has checked the range.  What is changed is written within seconds
 * anyhow, so that MS_ASYNC has nothing to begin.
 */
int32_t
call_own_msync(struct call *c)
{
	return memory_sync(c->p, c->a[0], c->a[1],
	    (c->a[2] & L_MS_SYNC) != 0);
}
