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

int32_t
call_memfd_create(struct call *c)
{
	bool sealing = (c->a[1] & L_MFD_ALLOW_SEALING) != 0;
	struct file *f;
	int32_t error;

	if (c->in[0] == NULL) {
		return -L_EFAULT;
	}
	if ((c->a[1] & ~(uint32_t)(L_MFD_CLOEXEC | L_MFD_ALLOW_SEALING)) !=
	    0 || c->in_size[0] > L_MFD_NAME_MAX + 1) {
		return -L_EINVAL;
	}
	error = node_create_memory(c->in[0], L_O_RDWR | L_O_LARGEFILE,
	    sealing ? 0 : L_F_SEAL_SEAL, &c->p->cred, &f);
	if (error != 0) {
		return error;
	}
	return fd_insert(c->p, f, 0, (c->a[1] & L_MFD_CLOEXEC) != 0);
}
