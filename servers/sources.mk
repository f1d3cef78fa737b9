# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The Tartan authors.
#
# How a server is built.  servers/NAME/sources.mk says:
#
#	servers += NAME
#	server-NAME-src := servers/NAME/main.c ...	(.c and .asm)
#	server-NAME-serves := file dir		(.defs that it answers)
#	server-NAME-uses := device name		(.defs that it calls)
#
# and gets build/servers/NAME, a static ELF.  Server stubs of X.defs are
# declared in <mig/X_server.h> (functions S_...), user stubs in <mig/X_user.h>.

servers :=
unix-programs :=

SB := $(B)/servers

include servers/lib/flags.mk

SERVER_INCLUDE := $(SERVER_LIBC) -I. -I$(SB) -idirafter include

SERVER_CFLAGS := $(SERVER_CODE) $(SERVER_INCLUDE)
