/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
/*
 * What mach_msg.c wants from its surroundings.
 */
#ifndef SERVERS_LIB_REPLY_I_H
#define SERVERS_LIB_REPLY_I_H

#include <servers/lib/mach.h>

/* Where the calling thread keeps the name of its reply port; null: none yet. */
mach_port_t *mig_reply_slot(void);

#endif /* SERVERS_LIB_REPLY_I_H */
