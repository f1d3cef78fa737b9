# SPDX-License-Identifier: GPL-2.0-or-later
# Copyright (C) 2026 The Tartan authors.

servers += device
server-device-src = \
	servers/device/main.c \
	servers/device/bus_rpc.c \
	servers/device/hardware.c \
	servers/device/pci.c \
	servers/device/names.c \
	$(driver-src)
server-device-serves := device bus
server-device-uses := device bus gnumach mach_i386 mach mach_port
