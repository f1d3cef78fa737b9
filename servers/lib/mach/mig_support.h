/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * What the stubs that MIG generates call in the program that contains them.
 */
#ifndef MACH_MIG_SUPPORT_H
#define MACH_MIG_SUPPORT_H

#include <mach/kern_return.h>
#include <mach/message.h>
#include <mach/port.h>
#include <mach/std_types.h>

/* The reply port of this thread; created at its first call. */
mach_port_t mig_get_reply_port(void);

/* The call is over and its reply port as good as before. */
void mig_put_reply_port(mach_port_t port);

/* The call failed: a late reply may still come, so PORT must go. */
void mig_dealloc_reply_port(mach_port_t port);

void mig_init(void *first);

void mig_allocate(vm_address_t *address, vm_size_t size);
void mig_deallocate(vm_address_t address, vm_size_t size);

/* Copy a string, at most SIZE bytes, always terminated; its length. */
vm_size_t mig_strncpy(char *to, const char *from, vm_size_t size);

#endif /* MACH_MIG_SUPPORT_H */
