# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The Tartan authors.

servers += ide
server-ide-src = \
	servers/ide/main.c \
	servers/ide/ide.c \
	$(driver-src) \
	$(disk-src)
server-ide-serves := device
server-ide-uses := bus
