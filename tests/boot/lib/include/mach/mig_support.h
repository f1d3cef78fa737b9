/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/* What generated stubs call; gnumach-dev leaves it to the C library. */

#ifndef TESTS_BOOT_LIB_INCLUDE_MACH_MIG_SUPPORT_H
#define TESTS_BOOT_LIB_INCLUDE_MACH_MIG_SUPPORT_H

#include <mach/port.h>

mach_port_t mig_get_reply_port(void);
void mig_dealloc_reply_port(mach_port_t port);
void mig_put_reply_port(mach_port_t port);
void mig_allocate(vm_offset_t *addrp, vm_size_t size);
void mig_deallocate(vm_offset_t addr, vm_size_t size);
vm_size_t mig_strncpy(char *to, const char *from, vm_size_t size);

#endif
