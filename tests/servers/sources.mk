# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The Tartan authors.

servers += libtest
server-libtest-src := tests/servers/libtest.c
server-libtest-serves := name
server-libtest-uses := name
