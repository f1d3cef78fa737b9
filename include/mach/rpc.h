/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */

/* A right and how it travels. */

#ifndef MACH_RPC_H
#define MACH_RPC_H

#include <mach/kern_return.h>
#include <mach/message.h>

struct rpc_port_desc {
	mach_port_t		name;
	mach_msg_type_name_t	msgt_name;
};

#endif /* MACH_RPC_H */
