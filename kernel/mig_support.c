/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/*
 * What generated user stubs call besides mach_msg_*_from_kernel.
 */

#include <mach/mig_support.h>

/*
 * A stub got an answer to something else.  Reply ports of kernel calls are kept
 * by ipc/, which takes care of late answers itself.
 */
void
mig_dealloc_reply_port(mach_port_t port)
{
}
