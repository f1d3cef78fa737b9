/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * What generated stubs call.  A program gets these from the library it links
 * with; the kernel has its own.
 */

#ifndef MACH_MIG_SUPPORT_H
#define MACH_MIG_SUPPORT_H

#include <mach/machine/vm_types.h>
#include <mach/port.h>

/* The reply port of this thread, made when first asked for. */
mach_port_t	mig_get_reply_port(void);

/* That port cannot be used again: the server may still answer to it. */
void		mig_dealloc_reply_port(mach_port_t port);

/* That port was answered, and may be used again. */
void		mig_put_reply_port(mach_port_t port);

/* First use of MIG in this program, or FIRST is null: after a fork. */
void		mig_init(void *first);

/* Memory for results that MIG must copy. */
void		mig_allocate(vm_offset_t *addrp, vm_size_t size);
void		mig_deallocate(vm_offset_t addr, vm_size_t size);

/*
 * Copy the string FROM to the LEN bytes at TO, ending it with a NUL.  Returns
 * the bytes used, the NUL left out.
 */
vm_size_t	mig_strncpy(char *to, const char *from, vm_size_t len);

#endif /* MACH_MIG_SUPPORT_H */
