# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The Tartan authors.

servers += name
server-name-src := servers/name/main.c servers/name/name_rpc.c \
	servers/name/name_table.c
server-name-serves := name
server-name-uses :=
