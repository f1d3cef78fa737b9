# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The Tartan authors.

# The server.  It is not in bootstrap's archive: see README.
servers += hello
server-hello-src := servers/hello/main.c servers/hello/hello_rpc.c
server-hello-serves := hello
server-hello-uses :=

# Its client, an ordinary UNIX program.
unix-programs += hello-client
unix-hello-client-src := servers/hello/client.c
unix-hello-client-uses := hello
