# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The Tartan authors.
#
# How servers are compiled and linked, in the tree and outside of it (`make
# install-dev' installs this file beside tartan.mk).

MUSL := /usr/lib/i386-linux-musl
MUSL_INCLUDE := /usr/include/i386-linux-musl

SERVER_CODE := -std=gnu11 -O2 -g -march=i686 -mtune=generic -fno-pic \
	-fno-pie -fno-stack-protector -fno-omit-frame-pointer \
	-fno-strict-aliasing -fno-asynchronous-unwind-tables \
	-fcf-protection=none -ffunction-sections -fdata-sections -D_GNU_SOURCE

SERVER_LIBC := -nostdinc \
	-isystem $(shell $(CC) -print-file-name=include 2>/dev/null) \
	-isystem $(MUSL_INCLUDE)

SERVER_LDFLAGS := -nostdlib -static -no-pie -Wl,--gc-sections \
	-Wl,--build-id=none -Wl,-z,noexecstack -Wl,-z,norelro \
	-Wl,-z,max-page-size=4096 -Wl,-e,_start
