# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The Tartan authors.

servers += ahci
server-ahci-src = \
	servers/ahci/main.c \
	servers/ahci/ahci.c \
	$(driver-src) \
	$(disk-src)
server-ahci-serves := device
server-ahci-uses := bus
