# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The Tartan authors.
#
# What every server links with, in reading order.

server-lib-src := \
	servers/lib/start.c \
	servers/lib/mach_msg.c \
	servers/lib/musl_thread.c \
	servers/lib/musl_syscall.c \
	servers/lib/log.c \
	servers/lib/object.c \
	servers/lib/server.c \
	servers/lib/boot.c \
	servers/lib/lookup.c \
	servers/lib/device.c

server-lib-asm := \
	servers/lib/thread_entry.asm \
	servers/lib/trap.asm

# Interfaces whose user stubs the library itself calls or passes on.
server-lib-uses := mach mach_port mach_host mach4 gnumach mach_i386 device \
	bootstrap name
server-lib-serves := notify server

# What drivers link with besides: their side of bus.defs and device.defs, and
# what disks have in common.
driver-src := \
	servers/lib/bus.c \
	servers/lib/device_serve.c
disk-src := \
	servers/lib/block.c \
	servers/lib/ata.c

# What a UNIX program links with that talks to servers; reading order again.
client-lib-src := \
	servers/lib/client.c \
	servers/lib/mach_msg.c \
	servers/lib/lookup.c
client-lib-asm := servers/lib/trap.asm
