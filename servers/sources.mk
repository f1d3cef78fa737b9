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
MUSL := /usr/lib/i386-linux-musl
MUSL_INCLUDE := /usr/include/i386-linux-musl

SERVER_INCLUDE := -nostdinc \
	-isystem $(shell $(CC) -print-file-name=include 2>/dev/null) \
	-isystem $(MUSL_INCLUDE) -I. -I$(SB) \
	-idirafter include

SERVER_CFLAGS := -std=gnu11 -O2 -g -march=i686 -mtune=generic -fno-pic \
	-fno-pie -fno-stack-protector -fno-omit-frame-pointer \
	-fno-strict-aliasing -fno-asynchronous-unwind-tables \
	-fcf-protection=none -ffunction-sections -fdata-sections \
	$(SERVER_INCLUDE) -D_GNU_SOURCE

SERVER_LDFLAGS := -nostdlib -static -no-pie -Wl,--gc-sections \
	-Wl,--build-id=none -Wl,-z,noexecstack -Wl,-z,norelro \
	-Wl,-z,max-page-size=4096 -Wl,-e,_start
