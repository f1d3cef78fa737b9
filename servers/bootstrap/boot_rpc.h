/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copyright (C) 2026 The Tartan authors. */
#ifndef SERVERS_BOOTSTRAP_BOOT_RPC_H
#define SERVERS_BOOTSTRAP_BOOT_RPC_H

/* The kernel's command line, for bootstrap_arguments; kept. */
void boot_rpc_setup(const char *arguments);

#endif /* SERVERS_BOOTSTRAP_BOOT_RPC_H */
