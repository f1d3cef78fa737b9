# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The Tartan authors.

servers += pager
server-pager-src := \
	servers/pager/main.c \
	servers/pager/pager_rpc.c \
	servers/pager/default_pager_rpc.c \
	servers/pager/paged.c \
	servers/pager/change.c \
	servers/pager/space.c \
	servers/pager/store.c \
	servers/pager/file.c
server-pager-serves := memory_object memory_object_default default_pager pager
server-pager-uses := file dir file_control mach mach4 mach_port mach_host gnumach tartan
